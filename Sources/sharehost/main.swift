import HostPeer

Sharehost.main()
