import Glibc
import LinuxSystem
import Testing

@Suite struct SystemCallErrorTests {
    @Test(
        "an errno has its symbol and its words",
        arguments: [
            (ECONNREFUSED, "ECONNREFUSED", "connection refused"), (ENOENT, "ENOENT", "no such file or directory"),
            (ESTALE, "ESTALE", "stale file handle"), (EIO, "EIO", "input/output error"),
            (EKEYEXPIRED, "EKEYEXPIRED", "key has expired"), (524, "ENOTSUPP", "operation is not supported"),
            (4711, "errno 4711", "unknown error"),
        ])
    func names(number: CInt, name: String, text: String) {
        let error = SystemCallError(call: "mount", errno: number)
        #expect(error.name == name)
        #expect(error.text == text)
    }

    @Test("the description names call, path and reason, and nothing in the path can steer a terminal")
    func description() {
        let path = Array("/mnt/a b".utf8) + [0x1B, 0xFF, UInt8(ascii: "\\")]
        #expect(
            "\(SystemCallError(call: "open", errno: EACCES, path: path))"
                == #"open /mnt/a b\x1b\xff\\: permission denied (EACCES)"#)
        #expect("\(SystemCallError(call: "read", errno: EIO))" == "read: input/output error (EIO)")
    }

    @Test("an interrupted call is repeated, another failure is not")
    func repeats() {
        var calls = 0
        let error = #expect(throws: SystemCallError.self) {
            try systemCall("read", path: [1]) { () -> Int in
                calls += 1
                errno = calls < 3 ? EINTR : EIO
                return -1
            }
        }
        #expect(error == SystemCallError(call: "read", errno: EIO, path: [1]))
        #expect(calls == 3)
    }

    @Test("a call that succeeds hands its answer through, whatever errno holds")
    func succeeds() throws {
        errno = EIO
        #expect(try systemCall("read") { CInt(7) } == 7)
    }
}
