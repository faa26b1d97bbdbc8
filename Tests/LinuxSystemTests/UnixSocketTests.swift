import Glibc
import LinuxSystem
import Testing

@Suite struct UnixSocketTests {
    private func mode(_ path: String) -> mode_t {
        var answer = stat()
        return lstat(path, &answer) == 0 ? answer.st_mode & 0o7777 : 0
    }

    @Test("a connection is accepted with the peer that the kernel vouches for")
    func accepts() throws {
        let directory = try TemporaryDirectory()
        let listener = try UnixListener(path: directory.bytes("s"), mode: 0o666)
        #expect(mode(directory.text("s")) == 0o666)
        if try listener.accept() != nil { Issue.record("nobody has connected yet") }
        let client = try UnixStream.connect(path: directory.bytes("s"))
        guard let server = try listener.accept() else {
            Issue.record("nothing was accepted")
            return
        }
        for number in [client.rawValue, server.rawValue, listener.descriptor] {
            #expect(fcntl(number, F_GETFD) & FD_CLOEXEC != 0)
            #expect(fcntl(number, F_GETFL) & O_NONBLOCK != 0)
        }
        let peer = try PeerCredentials(of: server.rawValue)
        #expect(peer.processID == getpid())
        #expect(peer.userID == geteuid())
        #expect(peer.groupID == getegid())
        var groups = [gid_t](repeating: 0, count: Int(max(getgroups(0, nil), 1)))
        let count = getgroups(CInt(groups.count), &groups)
        #expect(peer.groups.sorted() == groups.prefix(Int(count)).sorted())
        #expect(peer.isMember(of: getegid()))
        #expect(!peer.isMember(of: 4_000_000_000))
    }

    @Test("what a gone process left behind is replaced, and the socket goes with its listener")
    func stale() throws {
        let directory = try TemporaryDirectory()
        do {
            let listener = try UnixListener(path: directory.bytes("s"), mode: 0o600)
            // A copy under another name stays behind as after a crash: a socket on which nobody listens.
            try #require(Glibc.link(directory.text("s"), directory.text("left")) == 0)
            #expect(listener.path == directory.bytes("s"))
        }
        #expect(access(directory.text("s"), F_OK) != 0)
        let second = try UnixListener(path: directory.bytes("left"), mode: 0o600)
        _ = try UnixStream.connect(path: second.path)
    }

    @Test("a socket on which somebody answers, and a file that is no socket, are left alone")
    func taken() throws {
        let directory = try TemporaryDirectory()
        let first = try UnixListener(path: directory.bytes("s"), mode: 0o600)
        try directory.write("f", "precious")
        for name in ["s", "f"] {
            let error = #expect(throws: SystemCallError.self) { _ = try UnixListener(path: directory.bytes(name), mode: 0o600) }
            #expect(error == SystemCallError(call: "bind", errno: EADDRINUSE, path: directory.bytes(name)))
        }
        #expect(try readFile(directory.bytes("f"), limit: 100) == Array("precious".utf8))
        _ = try UnixStream.connect(path: first.path)
    }

    @Test("a listener does not remove a socket that another process put in its place")
    func replaced() throws {
        let directory = try TemporaryDirectory()
        do {
            let first = try UnixListener(path: directory.bytes("s"), mode: 0o600)
            unlink(directory.text("s"))
            try directory.write("s", "another's")
            #expect(first.descriptor >= 0)
        }
        #expect(access(directory.text("s"), F_OK) == 0)
    }

    @Test("a path of 107 bytes is the longest, and where nobody listens connect says so")
    func limits() throws {
        let directory = try TemporaryDirectory()
        let longest = directory.bytes(String(repeating: "x", count: 107 - directory.path.utf8.count - 1))
        #expect(longest.count == 107)
        _ = try UnixListener(path: longest, mode: 0o600)
        let cases: [([UInt8], CInt)] = [
            (longest + [120], ENAMETOOLONG), ([], EINVAL), ([47, 0], EINVAL), (directory.bytes("none"), ENOENT),
        ]
        for (path, number) in cases {
            let error = #expect(throws: SystemCallError.self) { _ = try UnixStream.connect(path: path) }
            #expect(error == SystemCallError(call: "connect", errno: number, path: path))
        }
    }
}

@Suite struct VirtioPortTests {
    @Test("a port that is absent is told apart from one that cannot be opened")
    func failures() throws {
        let directory = try TemporaryDirectory()
        let absent = #expect(throws: VirtioPortFailure.self) { _ = try VirtioPort.open(directory.bytes("none")) }
        #expect(absent == .absent)
        let failed = #expect(throws: VirtioPortFailure.self) { _ = try VirtioPort.open(Array(directory.path.utf8)) }
        #expect(failed == .failed(SystemCallError(call: "open", errno: EISDIR, path: Array(directory.path.utf8))))
    }

    @Test("a port is opened nonblocking and close-on-exec")
    func opens() throws {
        let directory = try TemporaryDirectory()
        try #require(mkfifo(directory.text("port"), 0o600) == 0)
        let port = try VirtioPort.open(directory.bytes("port"))
        #expect(fcntl(port.rawValue, F_GETFL) & (O_NONBLOCK | O_ACCMODE) == O_NONBLOCK | O_RDWR)
        #expect(fcntl(port.rawValue, F_GETFD) & FD_CLOEXEC != 0)
    }
}
