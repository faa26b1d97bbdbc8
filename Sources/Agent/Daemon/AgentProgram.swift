internal import Glibc
internal import LinuxSystem
internal import Settings
internal import ShareModel
internal import ShareWire

/// The daemon's beginning and end: arguments, configuration, one run, an exit status.
public enum AgentProgram {
    /// Where the worker is installed, and the variable that names another directory, for trying things out of a build.
    private static let libexec = "/usr/libexec/shareagent"
    private static let libexecVariable = "SHAREAGENT_LIBEXEC"

    /// Runs until it is told to end.
    /// - Parameter arguments: without the program's name.
    /// - Returns: the exit status: 64 wrong use, 70 could not run, 128 + the signal that ended it otherwise turned into 0 for SIGTERM.
    public static func run(_ words: [String]) -> CInt {
        let directory = environmentValue(libexecVariable).map { String(decoding: $0, as: UTF8.self) } ?? libexec
        do throws(FieldProblem) {
            return run(try Arguments(words, worker: directory + "/share-worker"))
        } catch {
            say("shareagentd: \(error.path): \(error.message)\n\(Arguments.usage)")
            return EX_USAGE
        }
    }

    private static func run(_ arguments: Arguments) -> CInt {
        do {
            let configuration = try arguments.readConfiguration()
            let daemon = try Daemon(arguments, configuration: configuration, mode: arguments.job == nil ? .daemon : .once, log: say)
            guard let job = arguments.job else {
                try daemon.run()
                return daemon.exitStatus == 128 + SIGTERM ? 0 : daemon.exitStatus
            }
            var catalog: Value?
            switch job {
            case .attach(_, let file?), .explain(_, let file?): catalog = try CatalogFile.read(file).document
            case .attach, .detach, .list, .status, .explain, .diagnose, .bench: break
            }
            let once = OnceJob(daemon, job, waitMs: arguments.waitMs, print: tell)
            try daemon.run { _ in once.begin(catalog: catalog) }
            return daemon.exitStatus
        } catch let problem as SettingsProblem {
            let cause = Cause(.shareInvalid, problem.sentence, remedy: ["correct the file; shareagent.yaml(5) has every key"])
            return fail(arguments, cause, EX_CONFIG)
        } catch let error as SystemCallError {
            return fail(arguments, Cause(.internalError, "cannot run: \(error)", errno: error.name), EX_SOFTWARE)
        } catch {
            return fail(arguments, Cause(.internalError, "cannot run: \(error)"), EX_SOFTWARE)
        }
    }

    /// Tells why nothing was done: people on standard error, the command that waits for a document on standard output.
    private static func fail(_ arguments: Arguments, _ cause: Cause, _ status: CInt) -> CInt {
        say(cause.message)
        for remedy in cause.remedy { say("remedy: \(remedy)") }
        if arguments.job != nil { tell(.object(["shares": .array([]), "complete": false, "cause": cause.value])) }
        return status
    }

    private static func say(_ line: String) {
        try? writeAll(STDERR_FILENO, Array((line + "\n").utf8))
    }

    private static func tell(_ document: Value) {
        try? writeAll(STDOUT_FILENO, StrictJSON.bytes(of: document) + [UInt8(ascii: "\n")])
    }
}
