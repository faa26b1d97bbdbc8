public import ShareModel

/// Why the server does not let the user of an attached SMB share log on again, read from the kernel's log: programs are told only that the
/// host is down. A password that was changed on the server is the usual reason.
///
/// The lines name the server and no share. They count only where the share's own connection stands and has no session (`SMBConnection`).
public enum SMBRefusal {
    /// - Parameters:
    ///   - lines: what the kernel said lately.
    ///   - source: as the mount table has it: `//nas/team`.
    /// - Returns: the code, a clause that says why, and what to do; nil where the log says nothing of it.
    public static func read(_ lines: [String], source: [UInt8], share: ShareName) -> (code: CauseCode, why: String, remedy: [String])? {
        guard let server = source.split(separator: UInt8(ascii: "/")).first else { return nil }
        let unc = "\\\\" + String(decoding: server, as: UTF8.self).lowercased()
        // The status comes first, then who was told it: `\\nas Send error in SessSetup = -13`.
        var refusal: String?
        for (status, who) in zip(lines, lines.dropFirst())
        where who.mentions("Send error in SessSetup") && LogEvidence.uncs(in: who).contains(where: { $0.hasSameBytes(as: unc) })
            && LogEvidence.status(status) != nil
        {
            refusal = status
        }
        guard let refusal else { return nil }
        let failure = MountFailure(errno: Errno.eacces.rawValue, errnoName: "EACCES", errnoText: "", attempt: "", kernelLog: [refusal])
        guard let reading = SMBKind.reading(ofLogon: failure) else { return nil }
        let again =
            "shareagent detach --lazy \(share) && shareagent attach \(share)   # at once: each try of the kernel is a wrong password"
        return (reading.code, reading.why, reading.remedy + [again])
    }
}
