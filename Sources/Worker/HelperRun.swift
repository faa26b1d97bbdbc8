import Glibc
import LinuxSystem

/// One run of a mount helper. Where systemd runs the machine, the helper and the file system's program get a unit of their own: they
/// must outlive this worker and a restart of shareagent.service, whose other processes systemd ends, and they get none of its limits.
struct HelperRun {
    /// The unit's name.
    let unit: String
    /// What `systemctl status` calls it.
    let description: String
    /// The helper's path and arguments.
    let command: [[UInt8]]
    /// The file its standard error goes to.
    let words: [UInt8]
    /// After this it is ended.
    let patience: Duration
    /// What systemd is told of it, beside its output and its time.
    var properties = helperProperties

    /// A helper ends once the file system's program is there. At shutdown the mount goes first, then this.
    static let helperProperties = ["Type=forking", "StandardOutput=null", "Before=remote-fs-pre.target"]

    /// Whether systemd runs this machine, and can be asked for a unit.
    static var hasUnits: Bool { directoryExists("/run/systemd/system") && isExecutable(systemdRun) }

    /// How it ended.
    struct End {
        let isSuccess: Bool
        let tookTooLong: Bool
        let words: String
    }

    /// Runs it to its end; the file system's program goes on without it.
    /// - Parameter waiting: called from time to time meanwhile.
    /// - Throws: where it cannot be started.
    func run(waiting: () -> Void = {}) throws(SystemCallError) -> End {
        let output = try openForAppending(words, mode: 0o600)
        let hasUnits = Self.hasUnits
        let full = hasUnits ? underSystemd : command
        let start = MonotonicTime.now()
        let child = try ChildProcess.spawn(full[0], arguments: full, standardError: output.rawValue)
        // systemd ends the helper itself; the rest is for asking it.
        let deadline = start + patience + (hasUnits ? .seconds(1) : .zero)
        let ended = try wait(for: child, until: deadline, waiting)
        if !ended { try? child.killGroup() }
        let exit = try child.reap()
        let tookTooLong = !ended || MonotonicTime.now() - start >= patience
        return End(
            isSuccess: exit?.isSuccess == true, tookTooLong: tookTooLong,
            words: exit.map { "\($0)" } ?? "no end within \(patience.components.seconds) s")
    }

    private static let systemdRun = Array("/usr/bin/systemd-run".utf8)

    private var underSystemd: [[UInt8]] {
        let file = String(decoding: words, as: UTF8.self)
        let properties =
            self.properties + [
                "TimeoutStartSec=\(patience.components.seconds)s", "StandardError=append:\(file)", "LimitCORE=0", "TimeoutStopSec=3s",
            ]
        var all = ["--quiet", "--collect", "--unit=\(unit)", "--description=\(description)"].map { Array($0.utf8) }
        all += properties.map { Array("--property=\($0)".utf8) }
        return [Self.systemdRun] + all + [Array("--".utf8)] + command.prefix(1) + command.dropFirst().map(Self.unexpanded)
    }

    /// A word that systemd leaves as it is: it puts its environment in the place of `$NAME`, and a target may be called so.
    static func unexpanded(_ word: [UInt8]) -> [UInt8] {
        let dollar = UInt8(ascii: "$")
        return word.contains(dollar) ? word.flatMap { $0 == dollar ? [dollar, dollar] : [$0] } : word
    }

    private func wait(for child: ChildProcess, until deadline: MonotonicTime, _ waiting: () -> Void) throws(SystemCallError) -> Bool {
        var question = pollfd(fd: child.pidfd, events: Int16(POLLIN), revents: 0)
        while true {
            waiting()
            let left = (deadline - .now()).wholeNanoseconds
            if left <= 0 { return false }
            let milliseconds = min(Self.pauseMs, CInt(clamping: (left - 1) / 1_000_000 + 1))
            if try systemCall("poll", { unsafe poll(&question, 1, milliseconds) }) > 0 { return true }
        }
    }

    private static let pauseMs: CInt = 5_000
}
