import Foundation
import Glibc
import LinuxSystem
import ShareModel
import ShareWire
import Testing

/// What a test could not do on its stage.
struct StageFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// A mount namespace of a test's own, with empty /mnt and /run, in which real workers mount for real. It ends with the test, and
/// everything that was mounted in it with it.
final class Stage {
    private let holder: ChildProcess
    private let alive: OwnedDescriptor
    /// A directory of the test's own, with the worker's configuration in it.
    let folder: String

    /// - Parameter policy: the lines below `policy:` of the agent's configuration.
    init(policy: String = "") throws {
        guard getuid() == 0 else { throw StageFailure("the namespace tier mounts for real and wants root: run the tests with sudo") }
        var template = Array("/tmp/shareagent-stage-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw StageFailure("no directory in /tmp") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let ready = try LinuxSystem.Pipe()
        let script = """
            mount -t tmpfs -o mode=755 tmpfs /mnt && mount -t tmpfs -o mode=755 tmpfs /run && mkdir /run/mount && echo ready >&3
            exec 3>&-; exec sleep infinity
            """
        holder = try ChildProcess.spawn(
            Array("/usr/bin/unshare".utf8),
            arguments: ["unshare", "--mount", "--propagation", "private", "sh", "-c", script].map { Array($0.utf8) },
            descriptors: [ready.writeEnd.rawValue])
        alive = try ready.readEnd.duplicate()
        guard
            String(decoding: try Self.read(alive.rawValue, until: { $0.contains(UInt8(ascii: "\n")) }, within: 20), as: UTF8.self)
                == "ready\n"
        else {
            throw StageFailure("no mount namespace: unshare failed")
        }
        if !policy.isEmpty {
            try "policy:\n\(policy)\n".write(toFile: "\(folder)/agent.yaml", atomically: true, encoding: .utf8)
        }
    }

    deinit {
        try? holder.killGroup()
        try? FileManager.default.removeItem(atPath: folder)
        // Reaped here, so that no test leaves a zombie; a killed sleep ends at once.
        _ = Self.wait(holder, within: 10)
    }

    fileprivate var enter: [String] {
        ["nsenter", "--mount=/proc/\(holder.processID)/ns/mnt", "--"]
    }

    /// Runs a shell script on the stage; what it prints.
    @discardableResult
    func run(_ script: String, within seconds: Double = 60) throws -> String {
        let output = try LinuxSystem.Pipe()
        let child = try ChildProcess.spawn(
            Array("/usr/bin/nsenter".utf8), arguments: (enter + ["sh", "-euc", script]).map { Array($0.utf8) },
            standardOutput: output.writeEnd.rawValue)
        let text = String(decoding: try Self.drain(consume output, within: seconds), as: UTF8.self)
        guard let exit = Self.wait(child, within: seconds), exit.isSuccess else {
            throw StageFailure("'\(script)' failed: \(text)")
        }
        return text
    }

    /// A worker that was asked and has not answered yet.
    final class Running {
        let child: ChildProcess
        private var outcome: OwnedDescriptor?

        init(child: ChildProcess, outcome: consuming OwnedDescriptor) {
            self.child = child
            self.outcome = consume outcome
        }

        /// The outcome; nil when there is none by the deadline, as the daemon sees it.
        func outcome(within seconds: Double) throws -> WorkerOutcome? {
            let bytes = try Stage.read(descriptor, until: { Self.answer($0) != nil }, within: seconds)
            return try Self.answer(bytes).map { line in try WorkerOutcome(line) }
        }

        /// The last line once it is whole, and is not one of those that only say what is being done.
        private static func answer(_ bytes: [UInt8]) -> Value? {
            guard bytes.last == UInt8(ascii: "\n"), let line = bytes.split(separator: UInt8(ascii: "\n")).last else { return nil }
            guard let value = try? StrictJSON.parse(Array(line)), value["doing"] == nil, value["finding"] == nil else { return nil }
            return value
        }

        /// What its checks have found, once it is through.
        func findings(within seconds: Double) throws -> [Finding] {
            let bytes = try Stage.read(descriptor, until: { Self.answer($0) != nil }, within: seconds)
            return try bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
                try StrictJSON.parse(Array(line))["finding"].map { try Finding($0, at: "") }
            }
        }

        /// Returns once the worker has said this much of what it is doing.
        func isDoing(_ words: String, within seconds: Double) throws -> Bool {
            let bytes = try Stage.read(
                descriptor, until: { String(decoding: $0, as: UTF8.self).contains(words) }, within: seconds)
            return String(decoding: bytes, as: UTF8.self).contains(words)
        }

        private var descriptor: CInt { outcome?.rawValue ?? -1 }

        /// Nobody waits for the outcome any more.
        func leave() { outcome = nil }

        /// How it ended.
        func exit(within seconds: Double) -> ChildExit? { Stage.wait(child, within: seconds) }
    }

    /// Starts a worker with a request.
    func start(_ request: WorkerRequest) throws -> Running {
        try start(line: StrictJSON.bytes(of: request.value) + [UInt8(ascii: "\n")])
    }

    func start(line: [UInt8], arguments: [String]? = nil) throws -> Running {
        let question = try LinuxSystem.Pipe(capacity: 1 << 20)
        let answer = try LinuxSystem.Pipe()
        try writeWhole(question.writeEnd.rawValue, line)
        let words = enter + [try Self.worker()] + (arguments ?? ["--configuration", folder])
        let child = try ChildProcess.spawn(
            Array("/usr/bin/nsenter".utf8), arguments: words.map { Array($0.utf8) },
            descriptors: [question.readEnd.rawValue, answer.writeEnd.rawValue])
        return Running(child: child, outcome: try answer.readEnd.duplicate())
    }

    /// Asks a worker and waits for its outcome.
    func ask(_ request: WorkerRequest) throws -> WorkerOutcome {
        let running = try start(request)
        guard let outcome = try running.outcome(within: 60) else { throw StageFailure("the worker did not answer") }
        guard running.exit(within: 20) == .exited(0) else { throw StageFailure("the worker did not end with 0") }
        return outcome
    }

    /// Runs the agent once with a catalog file, as `shareagent attach --from` without a daemon does; what it answers.
    func attach(catalogFile: String, within seconds: Double = 300) throws -> Value {
        let agent = try Self.program("shareagentd")
        let state = "--configuration \(folder) --state \(folder)/state --runtime \(folder)/runtime --channel unix:\(folder)/absent"
        // Into a file: the ends of a stage's pipe do not block, and an agent's output does.
        try run(
            "mkdir -p \(folder)/state \(folder)/runtime; \(agent) --once attach --from \(catalogFile) --worker \(try Self.worker()) "
                + "--control-socket \(folder)/control --wait-ms \(Int(seconds * 1000)) \(state) >\(folder)/answer.json 2>\(folder)/agent.log",
            within: seconds)
        let answer = try String(contentsOfFile: "\(folder)/answer.json", encoding: .utf8)
        return try StrictJSON.parse(Array(answer.trimmingCharacters(in: .newlines).utf8))
    }

    /// Sends the same request to one worker after the other, with Fixtures/race.py's eye on the mount table; how often each outcome came.
    func race(_ request: WorkerRequest, tries: Int) throws -> [String: Int] {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/race.py").path
        let line = String(decoding: StrictJSON.bytes(of: request.value), as: UTF8.self)
        let told = try run(
            "python3 \(script) \(try Self.worker()) \(folder) '\(line)' \(tries)", within: 60 + Double(tries) * 0.5)
        let value = try StrictJSON.parse(Array(told.trimmingCharacters(in: .newlines).utf8))
        guard case .object(let members) = value else { throw StageFailure(told) }
        return Dictionary(members.map { ($0.key, Int($0.value.number ?? 0)) }, uniquingKeysWith: +)
    }

    fileprivate static func worker() throws -> String { try program("share-worker") }

    /// A built program: beside the test bundle.
    static func program(_ name: String) throws -> String {
        let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        var candidates = [folder]
        for argument in CommandLine.arguments {
            candidates.append(URL(fileURLWithPath: argument).deletingLastPathComponent())
        }
        for candidate in candidates {
            let path = candidate.appendingPathComponent(name).path
            if FileManager.default.isExecutableFile(atPath: path) { return path }
        }
        throw StageFailure("\(name) is not beside the tests: swift build")
    }

    fileprivate static func read(_ descriptor: CInt, until isEnough: ([UInt8]) -> Bool, within seconds: Double) throws -> [UInt8] {
        var bytes: [UInt8] = []
        let deadline = MonotonicTime.now() + .milliseconds(Int64(seconds * 1000))
        while !isEnough(bytes) {
            var question = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let left = (deadline - .now()).wholeNanoseconds / 1_000_000
            if left <= 0 || poll(&question, 1, CInt(clamping: left)) <= 0 { break }
            let (more, isAtEnd) = try readAvailable(descriptor, limit: 1 << 20)
            bytes += more
            if isAtEnd { break }
        }
        return bytes
    }

    private static func drain(_ pipe: consuming LinuxSystem.Pipe, within seconds: Double) throws -> [UInt8] {
        let end = try pipe.readEnd.duplicate()
        _ = consume pipe
        return try read(end.rawValue, until: { _ in false }, within: seconds)
    }

    static func wait(_ child: ChildProcess, within seconds: Double) -> ChildExit? {
        var question = pollfd(fd: child.pidfd, events: Int16(POLLIN), revents: 0)
        guard poll(&question, 1, CInt(seconds * 1000)) > 0 else { return nil }
        return try? child.reap()
    }
}

extension WorkerOutcome {
    /// The mount id of an attach that went well.
    var mountID: Int64? {
        if case .attached(let id, _, _, _) = self { id } else { nil }
    }

    /// The cause of what went wrong.
    var cause: Cause? {
        if case .failed(let cause) = self { cause } else { nil }
    }
}

/// A share from the JSON that a host would send.
func share(_ json: String) throws -> Share {
    try Share(try StrictJSON.parse(Array(json.utf8)), at: "")
}

func target(_ path: String) throws -> Target {
    try Target(validating: path)
}

extension Stage {
    /// Starts a program that stays and holds something: one that is named as the first word after `exec`.
    func start(user script: String, after preparation: String = "true") throws -> ChildProcess {
        try run(preparation)
        let child = try start(ready: "echo ready >&3; exec 3>&-; \(script)")
        // It says that it is ready before it opens what it is to hold; that it has become the other program comes after.
        let wanted = script.split(separator: " ").drop { $0 == "exec" }.first.map(String.init) ?? ""
        let deadline = MonotonicTime.now() + .seconds(20)
        while (try? String(contentsOfFile: "/proc/\(child.processID)/comm", encoding: .utf8)) != "\(wanted)\n" {
            guard MonotonicTime.now() < deadline else { throw StageFailure("\(wanted) did not start") }
            sched_yield()
        }
        return child
    }

    /// Starts a script that stays and writes a line to descriptor 3 when it is ready.
    func start(ready script: String) throws -> ChildProcess {
        let ready = try LinuxSystem.Pipe()
        let child = try ChildProcess.spawn(
            Array("/usr/bin/nsenter".utf8), arguments: (enter + ["sh", "-euc", script]).map { Array($0.utf8) },
            descriptors: [ready.writeEnd.rawValue])
        let end = try ready.readEnd.duplicate()
        _ = consume ready
        guard try Self.read(end.rawValue, until: { $0.contains(UInt8(ascii: "\n")) }, within: 20).last == UInt8(ascii: "\n") else {
            throw StageFailure("'\(script)' did not become ready")
        }
        return child
    }

    /// Starts a worker that inherits descriptors which are not its own and gets no request: the pipes' other ends are its own, too.
    func startWaiting() throws -> ChildProcess {
        let question = try LinuxSystem.Pipe()
        let script = "exec 5</dev/null 9</dev/null; exec \(try Self.worker()) --configuration \(folder)"
        return try ChildProcess.spawn(
            Array("/bin/sh".utf8), arguments: ["sh", "-euc", script].map { Array($0.utf8) },
            descriptors: [question.readEnd.rawValue, question.writeEnd.rawValue])
    }
}
