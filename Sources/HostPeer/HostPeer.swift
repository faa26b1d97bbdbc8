// HostPeer
