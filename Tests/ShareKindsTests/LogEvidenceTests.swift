import ShareKinds
import ShareModel
import Testing

/// The kernel's log is everybody's; these lines are as Linux 6.1 and 6.12 write them.
@Suite("Whose a line of the kernel's log is")
struct LogEvidenceTests {
    static let loginFailed = "CIFS: Status code returned 0xc000006d STATUS_LOGON_FAILURE"
    static let noSuchShare = "CIFS: Status code returned 0xc00000cc STATUS_BAD_NETWORK_NAME"
    static let otherShare = #"CIFS: VFS:  BAD_NETWORK_NAME: \\nas\other"#
    static let ownShare = #"CIFS: VFS:  BAD_NETWORK_NAME: \\nas\team"#
    static let server = #"CIFS: VFS: \\nas Send error in SessSetup = -13"#
    static let otherServer = #"CIFS: VFS: \\nas2 Send error in SessSetup = -13"#
    static let ownBegin = #"CIFS: Attempting to mount \\nas\team"#
    static let strangeBegin = #"CIFS: Attempting to mount \\nas\other"#
    static let ended13 = "CIFS: VFS: cifs_mount failed w/return code = -13"
    static let ended2 = "CIFS: VFS: cifs_mount failed w/return code = -2"

    private func own(_ lines: [String], errno: Int32, isAlone: Bool = true) throws -> [String] {
        let plan = try MountPlan.make(try smb([], [.init("credential", "c")]), policy: .standard)
        return plan.log.own(lines, errno: errno, options: ["actimeo"], isAlone: isAlone)
    }

    @Test("alone, all that fits the error is its own")
    func alone() throws {
        let lines = [Self.ownBegin, Self.loginFailed, Self.server, Self.ended13]
        #expect(try own(lines + ["usb 1-1: new device"], errno: 13) == lines)
    }

    @Test("a line that names another share or server is not its own, whatever else holds")
    func named() throws {
        #expect(try own([Self.otherShare, Self.otherServer, Self.ownShare], errno: 2) == [Self.ownShare])
    }

    @Test("beside another worker, only what names the share counts")
    func notAlone() throws {
        let lines = [Self.ownBegin, Self.noSuchShare, Self.ownShare, Self.loginFailed, Self.server, Self.ended2]
        #expect(try own(lines, errno: 2, isAlone: false) == [Self.ownBegin, Self.ownShare])
    }

    @Test("beside a mount that no worker made, likewise")
    func stranger() throws {
        #expect(try own([Self.ownBegin, Self.strangeBegin, Self.loginFailed, Self.ended13], errno: 13) == [Self.ownBegin])
    }

    @Test("an answer or an end that does not lead to this error is another's: a reconnect's, say")
    func errors() throws {
        #expect(try own([Self.loginFailed, Self.noSuchShare, Self.ended2, Self.ended13], errno: 2) == [Self.noSuchShare, Self.ended2])
        #expect(try own([Self.loginFailed, Self.noSuchShare], errno: 13) == [Self.loginFailed])
    }

    @Test("a line about an option is its own when it was given the option")
    func options() throws {
        let lines = ["CIFS: Unknown parameter 'actimeo'", "CIFS: Unknown parameter 'retrans'"]
        #expect(try own(lines, errno: 22, isAlone: false) == [lines[0]])
    }

    @Test("an image's line names its device")
    func devices() throws {
        let image = try share([.init("type", "image"), .init("label", "data"), .init("filesystem", "ext4")])
        var facts = MountPlan.Facts()
        facts.image = (Array("/dev/loop1".utf8), "ext4")
        let plan = try MountPlan.make(image, policy: .standard, facts: facts)
        let lines = [
            "EXT4-fs (loop1): bad geometry", "EXT4-fs (loop2): no journal", "EXT4-fs: Unknown parameter 'x'", "squashfs: Unknown (really)",
        ]
        #expect(plan.log.own(lines, errno: 22, options: [], isAlone: true) == [lines[0], lines[3]])
    }
}
