public import ShareModel

/// A mount helper that failed, with everything that was seen around it.
public struct HelperFailure: Sendable {
    /// How it ended, in words: `exit status 1`.
    public let end: String
    /// Whether it was ended because it took too long.
    public let tookTooLong: Bool
    /// What it wrote to its standard error, and the lines of its log since the start, for which there is room.
    public let words: [String]

    /// A failure.
    public init(end: String, tookTooLong: Bool, words: [String]) {
        self.end = end
        self.tookTooLong = tookTooLong
        self.words = words
    }

    func says(_ texts: String...) -> Bool {
        words.contains { line in
            let line = line.lowercased()
            return texts.contains { line.mentions($0.lowercased()) }
        }
    }
}

extension MountPlan {
    /// The cause when the mount helper did not mount.
    public func cause(of failure: HelperFailure) -> Cause {
        let reading = Self.reading(of: failure, self)
        let program = helper?.path ?? "the mount helper"
        return Cause(
            reading.code, "share '\(share)': cannot mount \(type.rawValue) \(sourceSpelling) on \(target): \(reading.why)",
            evidence: ["\(program): \(failure.end)"] + failure.words.suffix(Self.evidenceLines), remedy: reading.remedy)
    }

    /// The cause when the mount helper is not there.
    public func helperMissing(_ helper: HelperProgram) -> Cause {
        Cause(
            .helperMissing,
            "share '\(share)': cannot mount \(type.rawValue) \(sourceSpelling) on \(target): \(helper.path) is not installed",
            remedy: ["apt install \(helper.package)"])
    }

    private static func reading(of failure: HelperFailure, _ plan: MountPlan) -> FailureReading {
        if failure.says("failed to fetch volume file", "failed to get the volume file", "Volume file does not exist", "does not exist") {
            return FailureReading(
                .exportNotFound, "the servers have no such volume, or it is not started",
                remedy: ["on a server: gluster volume list, and gluster volume status"])
        }
        if failure.says("subdirectory mount failed", "failed to resolve subdir", "subdir", "No such file or directory") {
            return FailureReading(
                .exportNotFound, "the volume has no such directory",
                remedy: ["mount the volume without source.path and make the directory", "gluster volume get VOLUME auth.allow"])
        }
        if failure.says("authentication failed", "AUTH_FAILED", "Permission denied", "client is not allowed") {
            return FailureReading(
                .accessDenied, "the servers do not let this guest in",
                remedy: ["on a server: gluster volume get VOLUME auth.allow, and auth.ssl-allow"])
        }
        if failure.says("Invalid option", "unrecognized option") {
            return FailureReading(
                .optionUnknown, "the mount helper does not know an option", remedy: ["leave the option out of the share's options"])
        }
        if failure.says("fuse device", "/dev/fuse", "cannot open fuse") {
            return FailureReading(
                .filesystemUnsupported, "this kernel gives out no FUSE device", remedy: ["modprobe fuse", "ls -l /dev/fuse"])
        }
        if failure.says("All subvolumes are down", "Transport endpoint is not connected", "not enough bricks", "disconnected") {
            return FailureReading(
                .serverUnreachable, "the servers answer, and too few of the volume's bricks do",
                remedy: ["on a server: gluster volume status", "gluster volume start VOLUME force"])
        }
        if failure.tookTooLong {
            return FailureReading(
                .mountTimeout, "the mount helper took too long and was ended",
                remedy: ["on a server: gluster volume status", "check that the guest reaches every brick's server"])
        }
        return FailureReading(
            .ioError, "the mount helper failed", remedy: ["see the log: \(plan.helper?.logDirectory ?? "/var/log")", "journalctl -b"])
    }
}
