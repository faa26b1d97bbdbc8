import ShareKinds
import ShareModel
import Testing

@Suite("An attached SMB share's server that refuses the password is told from a host that is down")
struct SMBRefusalTests {
    private let share: ShareName

    init() throws {
        share = try ShareName(validating: "team")
    }

    private func read(_ lines: String...) -> CauseCode? {
        SMBRefusal.read(lines, source: Array("//NAS/team".utf8), share: share)?.code
    }

    @Test(
        "what the server said is told",
        arguments: [
            ("0xc000006d STATUS_LOGON_FAILURE", CauseCode.credentialRejected), ("0xc0000234 STATUS_ACCOUNT_LOCKED_OUT", .accountLocked),
            ("0xc0000071 STATUS_PASSWORD_EXPIRED", .credentialRejected), ("0xc0000072 STATUS_ACCOUNT_DISABLED", .authenticationFailed),
        ])
    func told(status: String, code: CauseCode) {
        #expect(read("CIFS: Status code returned \(status)", #"CIFS: VFS: \\nas Send error in SessSetup = -13"#) == code)
    }

    @Test("the newest counts")
    func newest() {
        let who = #"CIFS: VFS: \\nas Send error in SessSetup = -13"#
        #expect(
            read(
                "CIFS: Status code returned 0xc000006d STATUS_LOGON_FAILURE", who,
                "CIFS: Status code returned 0xc0000234 STATUS_ACCOUNT_LOCKED_OUT", who)
                == .accountLocked)
    }

    @Test("another server's lines, a server that is down and an empty log say nothing")
    func silent() {
        let status = "CIFS: Status code returned 0xc000006d STATUS_LOGON_FAILURE"
        #expect(read(status, #"CIFS: VFS: \\nas2 Send error in SessSetup = -13"#) == nil)
        #expect(read(status, "virtiofs: something else", #"CIFS: VFS: \\nas Send error in SessSetup = -13"#) == nil)
        #expect(read(#"CIFS: VFS: \\nas has not responded in 180 seconds. Reconnecting..."#) == nil)
        #expect(read() == nil)
        #expect(SMBRefusal.read([status], source: [], share: share) == nil)
    }

    @Test("the remedy names the share, for the shell")
    func remedy() throws {
        let told = try #require(
            SMBRefusal.read(
                ["CIFS: Status code returned 0xc000006d STATUS_LOGON_FAILURE", #"CIFS: VFS: \\nas Send error in SessSetup = -13"#],
                source: Array("//nas/team".utf8), share: share))
        #expect(told.remedy.last?.hasPrefix("shareagent detach --lazy team && shareagent attach team") == true)
    }
}
