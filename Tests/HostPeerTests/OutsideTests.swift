import Glibc
import LinuxSystem
import ShareModel
import ShareWire
import Testing

@testable import HostPeer

@Suite("What others see of a running sharehost")
struct OutsideTests {
    private static let text = """
        host: {name: node7}
        metrics: {listen: "127.0.0.1:0"}
        shares: [{name: a, source: {type: tmpfs, sizeBytes: 1048576}}]
        vms:
          - {name: vm1, channel: "unix:/nowhere/vm1.sock", shares: all}
          - {name: vm2, channel: "unix:/nowhere/vm2.sock", shares: []}

        """

    @Test("the control socket is for its owner and group, and status is put together VM by VM")
    func status() throws {
        let folder = try Folder()
        let server = try OwnThread(Self.text, in: folder)
        var found = stat()
        #expect(stat(folder.path + "/control.sock", &found) == 0)
        #expect(found.st_mode & 0o777 == 0o660)
        var client = try ControlClient(path: folder.path + "/control.sock")
        let all = try Status.status(of: nil, &client)
        #expect(all["host"]?["name"] == "node7")
        #expect(all["vms"]?.elements?.compactMap { $0["vm"]?.text } == ["vm1", "vm2"])
        #expect(all["vms"]?.elements?.first?["offered"] == .array(["a"]))
        let one = try Status.status(of: "vm2", &client)
        #expect(one["vms"]?.elements?.count == 1)
        #expect(one["vms"]?.elements?.first?["state"] == "absent")
        #expect(throws: ControlClient.Failure.self) { try Status.status(of: "vm3", &client) }
        #expect(StatusTable.render(all, now: Timestamp(milliseconds: 0)).contains("cannot connect to /nowhere/vm1.sock"))
        #expect(server.port != nil)
    }

    @Test("without a sharehost its clients say so, and exit with 3")
    func unreachable() throws {
        let folder = try Folder()
        do {
            let client = try ControlClient(path: folder.path + "/control.sock")
            Issue.record("there is nobody to talk to")
            _ = consume client
        } catch {
            #expect(error == .unreachable("sharehost cannot be reached at \(folder.path)/control.sock: no such file or directory (ENOENT)"))
            #expect(error.told() == ExitStatus.unreachable)
        }
    }

    @Test("a second sharehost does not take the socket away from the first")
    func second() throws {
        let folder = try Folder()
        let first = try OwnThread(Self.text, in: folder)
        #expect(throws: Folder.Problem.self) { try OwnThread(Self.text, in: folder) }
        var client = try ControlClient(path: folder.path + "/control.sock")
        #expect(try Status.status(of: nil, &client)["vms"]?.elements?.count == 2)
        #expect(first.port != nil)
    }

    @Test(
        "metrics and health are answered over HTTP, and nothing else is",
        arguments: [
            ("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK", "sharehost_vm_connected{vm=\"vm1\"} 0"),
            ("GET /healthz HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK", "ok"),
            ("HEAD /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK", "Content-Length: "),
            ("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found", "/metrics"),
            ("POST /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 405 Method Not Allowed", "Allow: GET, HEAD"),
            ("nonsense\r\n\r\n", "HTTP/1.1 400 Bad Request", "no HTTP request"),
        ])
    func http(request: String, status: String, content: String) throws {
        let folder = try Folder()
        let server = try OwnThread(Self.text, in: folder)
        let answer = try Self.exchange(request, port: try #require(server.port))
        #expect(answer.hasPrefix(status + "\r\n"))
        #expect(answer.contains(content))
        #expect(answer.contains("Connection: close\r\n"))
        if request.hasPrefix("HEAD") { #expect(answer.hasSuffix("\r\n\r\n")) }
    }

    /// Sends a request over TCP and reads until the other end closes.
    private static func exchange(_ request: String, port: UInt16) throws -> String {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = port.bigEndian
        inet_pton(AF_INET, "127.0.0.1", &place.sin_addr)
        let connected = withUnsafePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        try #require(connected == 0)
        let bytes = Array(request.utf8)
        try #require(write(descriptor, bytes, bytes.count) == bytes.count)
        var answer: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = read(descriptor, &room, room.count)
            try #require(count >= 0)
            if count == 0 { return String(decoding: answer, as: UTF8.self) }
            answer += room[..<count]
        }
    }
}
