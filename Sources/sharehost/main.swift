import HostPeer

SharehostCommand.main()
