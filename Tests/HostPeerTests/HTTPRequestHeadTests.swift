import Testing

@testable import HostPeer

@Suite("HTTP requests")
struct HTTPRequestHeadTests {
    @Test(
        "the first line is read, the rest passed over",
        arguments: [
            ("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "GET", "/metrics"),
            ("GET /metrics?a=b HTTP/1.0\n\n", "GET", "/metrics"),
            ("HEAD / HTTP/1.1\r\n\r\nbody", "HEAD", "/"),
        ])
    func requests(text: String, method: String, path: String) {
        var head = HTTPRequestHead()
        #expect(head.take(Array(text.utf8)) == .request(method: method, path: path))
    }

    @Test("a head may come byte by byte")
    func pieces() {
        var head = HTTPRequestHead()
        var outcomes: [HTTPRequestHead.Outcome] = []
        for byte in "GET /healthz HTTP/1.1\r\nA: b\r\n\r\n".utf8 {
            if let outcome = head.take([byte]) { outcomes.append(outcome) }
        }
        #expect(outcomes == [.request(method: "GET", path: "/healthz")])
    }

    @Test(
        "anything else is malformed",
        arguments: [
            "\r\n\r\n", "GET\r\n\r\n", "GET /a b HTTP/1.1\n\n", "GET a HTTP/1.1\n\n", "GET / SPDY/1\n\n", " / HTTP/1.1\n\n", "{}\n\n",
        ])
    func malformed(text: String) {
        var head = HTTPRequestHead()
        #expect(head.take(Array(text.utf8)) == .malformed)
    }

    @Test("a head may be as long as the limit, and not a byte longer")
    func limit() {
        let start = Array("GET / HTTP/1.1\r\nX: ".utf8)
        let end = Array("\r\n\r\n".utf8)
        let room = HTTPRequestHead.limit - start.count - end.count
        var fitting = HTTPRequestHead()
        #expect(fitting.take(start + [UInt8](repeating: 0x61, count: room) + end) == .request(method: "GET", path: "/"))
        var longer = HTTPRequestHead()
        #expect(longer.take(start + [UInt8](repeating: 0x61, count: room + 1) + end) == .malformed)
        var endless = HTTPRequestHead()
        #expect(endless.take(start) == nil)
        #expect(endless.take([UInt8](repeating: 0x61, count: HTTPRequestHead.limit)) == .malformed)
    }
}
