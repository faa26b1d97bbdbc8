import Glibc
import Testing

@testable import LinuxSystem

@Suite struct ChildProcessTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// A pipe whose two ends close with it.
    private final class Pipe {
        let reading: OwnedDescriptor
        let writingNumber: CInt
        var writing: OwnedDescriptor?

        init() throws {
            var ends: [CInt] = [-1, -1]
            try #require(pipe(&ends) == 0)
            for end in ends { try #require(fcntl(end, F_SETFD, FD_CLOEXEC) == 0) }
            reading = OwnedDescriptor(adopting: ends[0])
            writingNumber = ends[1]
            writing = OwnedDescriptor(adopting: ends[1])
        }

        /// Everything that was written until the last writer went.
        func drain() -> String {
            writing = nil
            var text: [UInt8] = []
            var room = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = read(reading.rawValue, &room, room.count)
                guard count > 0 else { return String(decoding: text, as: UTF8.self) }
                text += room[..<count]
            }
        }
    }

    private func wait(_ child: ChildProcess) throws -> ChildExit {
        let loop = try EventLoop()
        let token = try loop.watch(child.pidfd, events: .readable) { _ in loop.stop() }
        defer { loop.unwatch(token) }
        // Both actions hold the loop, so both are taken back: else the loop would keep itself alive.
        let deadline = loop.after(.seconds(30)) { loop.stop() }
        defer { loop.cancel(deadline) }
        try loop.run()
        return try #require(try child.reap(), "the child did not end within 30 s")
    }

    private func shell(_ script: String) -> [[UInt8]] { ["sh", "-c", script].map(bytes) }

    @Test("a child finds its arguments, a clean environment, and nothing else")
    func environment() throws {
        let output = try Pipe()
        let child = try ChildProcess.spawn(
            bytes("/usr/bin/env"), arguments: [bytes("env")], environment: ChildEnvironment.clean.adding("X", [0xFF]),
            standardOutput: output.writingNumber)
        let text = output.drain()
        #expect(try wait(child) == .exited(0))
        #expect(
            text.split(separator: "\n").map(String.init) == [
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "SWIFT_BACKTRACE=enable=no",
                "X=\u{FFFD}",
            ])
    }

    @Test("given descriptors arrive as 3, 4, … in their order, even when their own numbers clash, and nothing else is open")
    func descriptors() throws {
        let output = try Pipe()
        let first = try Pipe()
        let second = try Pipe()
        // Not close-on-exec, as a careless library leaves them: it must be closed all the same.
        let stray = dup(output.writingNumber)
        let child = try ChildProcess.spawn(
            bytes("/bin/sh"), arguments: shell("printf one >&3; printf two >&4; readlink /proc/self/fd/0; ls /proc/self/fd | tr '\\n' ' '"),
            descriptors: [second.writingNumber, first.writingNumber], standardOutput: output.writingNumber)
        #expect(try wait(child) == .exited(0))
        close(stray)
        #expect(first.drain() == "two")
        #expect(second.drain() == "one")
        // ls itself opens the directory, as the first free number.
        #expect(output.drain() == "/dev/null\n0 1 2 3 4 5 ")
    }

    @Test("one descriptor can be given twice")
    func twice() throws {
        let output = try Pipe()
        let child = try ChildProcess.spawn(
            bytes("/bin/sh"), arguments: shell("printf a >&3; printf b >&4"), descriptors: [output.writingNumber, output.writingNumber])
        #expect(try wait(child) == .exited(0))
        #expect(output.drain() == "ab")
    }

    @Test(
        "the exit status and the signal are told apart",
        arguments: [("exit 7", ChildExit.exited(7), "exit status 7"), ("kill -KILL $$", .signaled(9), "signal 9 (SIGKILL)")])
    func statuses(script: String, expected: ChildExit, text: String) throws {
        let child = try ChildProcess.spawn(bytes("/bin/sh"), arguments: shell(script))
        #expect(try wait(child) == expected)
        #expect(try child.reap() == expected)
        #expect("\(expected)" == text)
        #expect(child.activity() == nil)
        try child.signal(SIGKILL)  // harmless now
    }

    @Test("a child runs until it is signalled, in a group of its own with the helpers it starts")
    func signals() throws {
        let output = try Pipe()
        let child = try ChildProcess.spawn(
            bytes("/bin/sh"), arguments: shell("sleep 100 & echo ready; wait"), standardOutput: output.writingNumber)
        output.writing = nil
        var byte: UInt8 = 0
        #expect(read(output.reading.rawValue, &byte, 1) == 1)
        #expect(try child.reap() == nil)
        #expect(getpgid(child.processID) == child.processID)
        let activity = try #require(child.activity())
        #expect("SR".contains(activity.state))
        #expect(!activity.isUninterruptible)
        try child.signalGroup(SIGTERM)
        #expect(try wait(child) == .signaled(SIGTERM))
        // The helper held the pipe too, so its end comes only when both are gone.
        #expect(output.drain() == "eady\n")
    }

    @Test("a child starts with no signal blocked and none ignored, whatever this process does")
    func signalMask() throws {
        let output = try Pipe()
        let loop = try EventLoop()
        try loop.onSignal(SIGUSR1) { _ in }
        let child = try ChildProcess.spawn(
            bytes("/bin/sh"), arguments: shell("sed -nE 's/^Sig(Blk|Ign):.//p' /proc/self/status"), standardOutput: output.writingNumber)
        let masks = output.drain().split(separator: "\n").compactMap { UInt64($0, radix: 16) }
        #expect(try wait(child) == .exited(0))
        // Above 31 are signals that glibc keeps for itself and always leaves ignored in a spawned child.
        #expect(masks.map { $0 & 0x7FFF_FFFF } == [0, 0])
    }

    @Test("a program that is not there, or is no program, is an error that names it")
    func missing() {
        for (path, number) in [("/nonexistent/worker", ENOENT), ("/etc/passwd", EACCES), ("/bin/sh\0", EINVAL)] {
            let error = #expect(throws: SystemCallError.self) { try ChildProcess.spawn(bytes(path), arguments: []) }
            #expect(error == SystemCallError(call: "posix_spawn", errno: number, path: bytes(path)))
        }
    }

    @Test("spawning leaves no descriptor behind")
    func leaks() throws {
        func open() -> Int { (0..<256).count { fcntl(CInt($0), F_GETFD) >= 0 } }
        func once() throws {
            let child = try ChildProcess.spawn(bytes("/bin/true"), arguments: [bytes("true")], descriptors: [0, 0])
            #expect(try wait(child).isSuccess)
        }
        // Other tests open and close descriptors meanwhile, so a leak is what still shows after many rounds.
        let before = open()
        for _ in 0..<50 { try once() }
        #expect(open() < before + 50)
    }
}

@Suite struct ProcessActivityTests {
    @Test(
        "the state is found behind a program name that looks like more fields",
        arguments: [("1 (a) S 0", "S"), ("1 (a) D (b) Z 0", "Z"), ("7 (x y)) D 1", "D")])
    func states(stat: String, expected: Character) {
        #expect(ProcessActivityTests.parse(stat) == expected)
    }

    @Test("what is no stat line has no state", arguments: ["", "1 (a", "1 (a)", "1 (a) ", "1 (a)S"])
    func malformed(stat: String) {
        #expect(ProcessActivityTests.parse(stat) == nil)
    }

    @Test("this very process is running, and one that does not exist has no activity")
    func own() {
        #expect(ProcessActivity.read(getpid())?.state != nil)
        #expect(ProcessActivity.read(-1) == nil)
    }

    private static func parse(_ stat: String) -> Character? { ProcessActivity.state(inStat: Array(stat.utf8)) }
}
