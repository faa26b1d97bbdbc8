import Glibc
import LinuxSystem
import Testing

/// `shareagent` as it was built beside these tests, run as a process.
final class BuiltProgram {
    private let child: ChildProcess
    private let out: Capture
    private let errors: Capture

    /// The directory of the programs that were built with these tests.
    static var directory: String {
        let bundle = CommandLine.arguments[0]
        return String(bundle[..<(bundle.lastIndex(of: "/") ?? bundle.startIndex)])
    }

    /// Starts it with its stdout and stderr on pipes.
    /// - Parameters:
    ///   - input: what a pipe on its stdin holds; nil: stdin is /dev/null.
    ///   - output: a file to be its stdout.
    init(_ arguments: [String], environment: [(String, String)] = [], input: String? = nil, output: String? = nil) throws {
        let program = Self.directory + "/shareagent"
        out = try Capture()
        errors = try Capture()
        var variables = ChildEnvironment.clean
        for (name, value) in environment { variables = variables.adding(name, Array(value.utf8)) }
        var pipe: [CInt] = [-1, -1]
        if let input {
            try #require(Glibc.pipe(&pipe) == 0)
            _ = fcntl(pipe[1], F_SETFD, FD_CLOEXEC)
            try #require(write(pipe[1], input, input.utf8.count) == input.utf8.count)
            close(pipe[1])
        }
        let file = try output.map { try #require(open($0, O_WRONLY | O_CLOEXEC) as CInt?) }
        defer { for descriptor in [pipe[0], file ?? -1] where descriptor >= 0 { close(descriptor) } }
        child = try ChildProcess.spawn(
            Array(program.utf8), arguments: ([program] + arguments).map { Array($0.utf8) }, environment: variables,
            standardInput: input == nil ? nil : pipe[0], standardOutput: file ?? out.writing, standardError: errors.writing)
        out.closeWriting()
        errors.closeWriting()
    }

    deinit {
        try? child.signal(SIGKILL)
    }

    func signal(_ number: CInt) throws { try child.signal(number) }

    /// Waits until stdout holds a text; false when it did not within the time, or the program ended before.
    func waits(for text: String, seconds: Int = 30) -> Bool { out.read(until: { $0.contains(text) }, seconds: seconds) }

    /// Waits for its end, and tells what it said and how it ended.
    func finish(seconds: Int = 30) throws -> (out: String, errors: String, exit: ChildExit?) {
        _ = out.read(until: { _ in false }, seconds: seconds)
        _ = errors.read(until: { _ in false }, seconds: seconds)
        var ended = pollfd(fd: child.pidfd, events: Int16(POLLIN), revents: 0)
        poll(&ended, 1, CInt(seconds * 1000))
        return (out.text, errors.text, try child.reap())
    }

    private final class Capture {
        private var ends: [CInt] = [-1, -1]
        private var bytes: [UInt8] = []
        var writing: CInt { ends[1] }
        var text: String { String(decoding: bytes, as: UTF8.self) }

        init() throws {
            let made = ends.withUnsafeMutableBufferPointer { socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, $0.baseAddress) }
            try #require(made == 0)
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        }

        deinit { close(ends[0]) }

        func closeWriting() { close(ends[1]) }

        /// Reads until the text fits or the stream ends (only then false is a fit's absence, else time ran out).
        func read(until fits: (String) -> Bool, seconds: Int) -> Bool {
            let end = MonotonicTime.now() + .seconds(seconds)
            var room = [UInt8](repeating: 0, count: 4096)
            while !fits(text) {
                let left = (end - .now()).wholeNanoseconds / 1_000_000
                var waiting = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
                guard left > 0, poll(&waiting, 1, CInt(left)) == 1 else { return false }
                let count = Glibc.read(ends[0], &room, room.count)
                if count <= 0 { return false }
                bytes += room[..<count]
            }
            return true
        }
    }
}
