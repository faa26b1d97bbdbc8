import Testing

@testable import LinuxSystem

/// Texts of a Debian 12 guest (6.1.0-50), shortened.
@Suite struct MountFactsTests {
    private let statistics = """
        device proc mounted on /proc with fstype proc
        device 10.77.0.1:/projects mounted on /mnt/a\\040b with fstype nfs4 statvers=1.1
        \topts:\trw,vers=4.2,rsize=1048576,acregmin=60,acregmax=60,acdirmin=60,acdirmax=60,softerr,nconnect=4
        \tage:\t12
        \tcaps:\tcaps=0xeffbc0b7,wtmult=512,dtsize=1048576,bsize=0,namlen=255
        \tnfsv4:\tbm0=0xfdffafff,bm1=0x40f9be3e,bm2=0x40802,acl=0x1,sessions,pnfs=not configured,lease_time=60,lease_expired=0
        \txprt:\ttcp 0 0 2 0 12 11 11 0 11 0 2 0 0
        \txprt:\ttcp 0 0 2 0 12 4 4 0 4 0 2 0 0
        \tper-op statistics
        \t        NULL: 1 1 0 44 24 0 1 1 0

        device files mounted on /mnt/d with fstype virtiofs
        device 10.77.0.1:/old mounted on /mnt/c with fstype nfs statvers=1.1
        \topts:\trw,vers=3,mountaddr=10.77.0.1
        \txprt:\ttcp 0 0 2 0 12 11 11 0 11 0 2 0 0

        """

    @Test("an NFS mount's lease, connections and options are read from mountstats, and from its own part alone")
    func nfs() throws {
        let text = Array(statistics.utf8)
        let found = try #require(NFSMountFacts.find(target: Array("/mnt/a b".utf8), in: text))
        #expect(found.leaseSeconds == 60 && !found.isLeaseExpired && found.connections == 2)
        #expect(found.options.starts(with: "rw,vers=4.2,".utf8))
        let third = try #require(NFSMountFacts.find(target: Array("/mnt/c".utf8), in: text))
        #expect(third.leaseSeconds == nil && third.connections == 1)
        #expect(NFSMountFacts.find(target: Array("/mnt/d".utf8), in: text) == nil, "no NFS")
        #expect(NFSMountFacts.find(target: Array("/mnt/a".utf8), in: text) == nil, "a prefix is another target")
    }

    private let debugData = #"""
        Display Internal CIFS Data Structures for Debugging
        ---------------------------------------------------
        CIFS Version 2.40
        Servers: 
        1) ConnectionId: 0x6 Hostname: 10.77.0.1 
        Number of credits: 362 Dialect 0x311 nosharesock
        TCP status: 1 Instance: 1

        	Sessions: 
        	1) Address: 10.77.0.1 Uses: 1 Capability: 0x30004f	Session Status: 1 
        	Security type: RawNTLMSSP  SessionId: 0x26eaf37a
        	User: 0 Cred User: 0

        	Extra Channels: 1 

        		Channel: 2 ConnectionId: 0x7
        		Number of credits: 155 Dialect 0x302

        	Shares: 
        	0) IPC: \\10.77.0.1\IPC$ Mounts: 1 DevInfo: 0x0 Attributes: 0x0
        	PathComponentMax: 0 Status: 1 type: 0 Serial Number: 0x0 Encrypted

        	1) \\10.77.0.1\my docs Mounts: 1 DevInfo: 0x20 Attributes: 0x1006f
        	PathComponentMax: 255 Status: 1 type: DISK Serial Number: 0x88c2b815 Encrypted

        2) ConnectionId: 0x5 Hostname: 10.77.0.1 
        Number of credits: 380 Dialect 0x302 signed

        	Sessions: 
        	1) Address: 10.77.0.1 Uses: 1 Capability: 0x300047	Session Status: 1 
        	Security type: RawNTLMSSP  SessionId: 0x2d96f749 signed

        	Shares: 
        	0) IPC: \\10.77.0.1\IPC$ Mounts: 1 DevInfo: 0x0 Attributes: 0x0
        	PathComponentMax: 0 Status: 1 type: 0 Serial Number: 0x0

        	1) \\10.77.0.1\Team Mounts: 1 DevInfo: 0x20 Attributes: 0x1006f
        	PathComponentMax: 255 Status: 1 type: DISK Serial Number: 0x4b9b89ba
        """#

    @Test("an SMB share's connection is read from DebugData: dialect, encryption, signing, channels, own socket")
    func smb() throws {
        let text = Array(debugData.utf8)
        func find(_ share: String) -> SMBConnection? { SMBConnection.find(share: Array(share.utf8), in: text) }
        let docs = try #require(find("//10.77.0.1/my docs/below"))
        #expect(docs.dialect == "3.1.1" && docs.isEncrypted && !docs.isSigned && docs.channels == 2 && docs.isOwnSocket)
        let team = try #require(find("//10.77.0.1/team"), "names of shares have no case")
        #expect(team.dialect == "3.0.2" && !team.isEncrypted && team.isSigned && team.channels == 1 && !team.isOwnSocket)
        #expect(find("//10.77.0.1/te") == nil && find("//nas/team") == nil && find("") == nil)
    }

    @Test("a number of channels that cannot be ends no process")
    func channels() throws {
        let text = """
            1) ConnectionId: 0x1 Hostname: 10.77.0.1
            \tExtra Channels: 9223372036854775807
            \tShares:
            \t1) \\\\10.77.0.1\\team Mounts: 1 DevInfo: 0x20 Attributes: 0x1006f
            """
        #expect(SMBConnection.find(share: Array("//10.77.0.1/team".utf8), in: Array(text.utf8))?.channels == 1)
    }

    @Test("a connection that stands without a session is told from one that is down (6.1's DebugData after a password changed)")
    func session() throws {
        func connection(tcp: Int, session: Int) throws -> SMBConnection {
            let text = """
                Servers:
                1) ConnectionId: 0x1 Hostname: 10.77.0.1
                Number of credits: 1 Dialect 0x311 signed nosharesock
                TCP status: \(tcp) Instance: 9
                Local Users To Server: 1 SecMode: 0x1 Req On Wire: 0

                \tSessions:
                \t1) Address: 10.77.0.1 Uses: 1 Capability: 0x300047\tSession Status: \(session)
                \tSecurity type: RawNTLMSSP  SessionId: 0xda2ab4ed signed

                \tShares:
                \t1) \\\\10.77.0.1\\team Mounts: 1 DevInfo: 0x20 Attributes: 0x1006f
                \tPathComponentMax: 255 Status: 3 type: DISK Serial Number: 0x4b9b89ba
                """
            return try #require(SMBConnection.find(share: Array("//10.77.0.1/team".utf8), in: Array(text.utf8)))
        }
        #expect(try connection(tcp: 1, session: 3).isWithoutSession)
        #expect(try !connection(tcp: 1, session: 1).isWithoutSession)
        #expect(try !connection(tcp: 3, session: 3).isWithoutSession, "nobody was asked")
    }
}
