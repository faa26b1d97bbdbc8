import Glibc
import LinuxSystem
import ShareModel
import ShareWire

/// Starts the process of a view and waits until the view stands. It outlives this worker and the daemon: where systemd runs the machine it
/// gets a unit of its own, as a mount helper's file system does (docs/decisions/0011-mount-helpers.md), else a session of its own.
struct ViewStart {
    let share: ShareName
    let place: Target
    let target: Target
    let rules: String
    let patience: Duration

    /// - Parameter replacing: how a view is dealt with that is there already: `gently` or `now`.
    /// - Throws: what the view says, or that it says nothing.
    func run(replacing: String) throws(Cause) {
        guard let program = Self.program, isExecutable(program) else {
            throw Cause(
                .helperMissing, "share '\(share)': the program that shows its names translated is missing",
                evidence: ["looked for share-names-view beside share-worker"], remedy: ["apt install --reinstall shareagent"])
        }
        let words: [[UInt8]] = [
            program, place.bytes, target.bytes, Array("--policy".utf8), Array(rules.utf8), Array("--state".utf8), ViewState.path(share),
            Array("--replace".utf8), Array(replacing.utf8), Array("--json".utf8),
        ]
        let said: [UInt8]
        do throws(SystemCallError) {
            guard let failure = HelperRun.hasUnits ? try underSystemd(words) : try directly(words) else { return }
            said = failure
        } catch {
            throw Cause(
                .internalError, "share '\(share)': \(String(printing: program)) cannot be started: \(error)",
                remedy: ["ls -l \(String(printing: program))"], errno: error.name)
        }
        throw Self.cause(said, share, target, patience)
    }

    /// Beside this program, wherever that is.
    private static var program: [UInt8]? {
        guard let own = readLink(Array("/proc/self/exe".utf8)), let slash = own.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        return own[...slash] + Array("share-names-view".utf8)
    }

    /// What a view may be: it mounts itself, and acts on the source as whoever asks it. Its address space has no use for the network.
    private var properties: [String] {
        [
            "Type=notify", "StandardOutput=append:\(words)", "NoNewPrivileges=yes", "RestrictAddressFamilies=AF_UNIX",
            "SystemCallArchitectures=native", "LockPersonality=yes", "MemoryDenyWriteExecute=yes", "RestrictRealtime=yes",
            "OOMScoreAdjust=-500", "Environment=SWIFT_BACKTRACE=enable=no",
            "CapabilityBoundingSet=CAP_SYS_ADMIN CAP_DAC_READ_SEARCH CAP_DAC_OVERRIDE CAP_CHOWN CAP_FOWNER CAP_FSETID CAP_SETUID CAP_SETGID"
                + " CAP_MKNOD CAP_SETFCAP CAP_MAC_ADMIN CAP_LINUX_IMMUTABLE CAP_SYS_RESOURCE CAP_LEASE",
            // At shutdown it is stopped, which unmounts it, before what it shows is unmounted.
            "RequiresMountsFor=\(place.text)",
        ]
    }

    private var words: String { "/run/shareagent/views/.\(share).words" }

    private func underSystemd(_ command: [[UInt8]]) throws(SystemCallError) -> [UInt8]? {
        let file = Array(words.utf8)
        removeFile(file)
        defer { removeFile(file) }
        let run = HelperRun(
            unit: "shareagent-view-\(share)-\(getpid()).service", description: "names of share \(share)", command: command, words: file,
            patience: patience, properties: properties)
        if try run.run().isSuccess { return nil }
        return (try? readFile(file, limit: 64 << 10)) ?? []
    }

    private func directly(_ command: [[UInt8]]) throws(SystemCallError) -> [UInt8]? {
        let output = try LinuxSystem.Pipe()
        let child = try ChildProcess.spawn(command[0], arguments: command, standardOutput: output.writeEnd.rawValue)
        let answers = try output.readEnd.duplicate()
        _ = consume output
        let deadline = MonotonicTime.now() + patience
        var said: [UInt8] = []
        while !said.contains(UInt8(ascii: "\n")) {
            var question = pollfd(fd: answers.rawValue, events: Int16(POLLIN), revents: 0)
            let left = (deadline - .now()).wholeNanoseconds / 1_000_000
            guard left > 0, unsafe poll(&question, 1, CInt(clamping: left)) > 0 else {
                try? child.killGroup()
                return said
            }
            let (more, isAtEnd) = try readAvailable(answers.rawValue, limit: 64 << 10)
            said += more
            if isAtEnd { return said }
        }
        // A failure is an object; that it stands, a sentence.
        return said.first == UInt8(ascii: "{") ? said : nil
    }

    private static func cause(_ said: [UInt8], _ share: ShareName, _ target: Target, _ patience: Duration) -> Cause {
        for line in said.split(separator: UInt8(ascii: "\n")) where line.first == UInt8(ascii: "{") {
            guard let value = (try? StrictJSON.parse(Array(line)))?["cause"], let cause = try? Cause(value, at: "cause") else { continue }
            return Cause(
                cause.code, "share '\(share)': the view of its names cannot be laid at \(target): \(cause.message)",
                evidence: cause.evidence,
                remedy: cause.remedy, errno: cause.errno)
        }
        return Cause(
            .viewFailed, "share '\(share)': the view of its names at \(target) did not stand within \(patience.components.seconds) s",
            evidence: said.split(separator: UInt8(ascii: "\n")).suffix(4).map { String(printing: $0) },
            remedy: ["journalctl -u 'shareagent-view-\(share)-*'"])
    }
}
