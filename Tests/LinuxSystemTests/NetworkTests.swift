import Foundation
import Glibc
import Testing

@testable import LinuxSystem

@Suite struct NetworkTests {
    @Test(
        "an address is taken as it is, without asking anybody",
        arguments: [("10.77.0.1", "10.77.0.1", false), ("::1", "::1", true), ("2001:DB8::0:1", "2001:db8::1", true)])
    func numeric(host: String, text: String, isVersion6: Bool) throws {
        let addresses = try resolve(host)
        #expect(addresses.map(\.description) == [text])
        #expect(addresses.allSatisfy { $0.isVersion6 == isVersion6 })
    }

    @Test("this machine's own name for itself leads to itself, each address once")
    func localhost() throws {
        let addresses = try resolve("localhost")
        #expect(addresses.contains { $0.description == "127.0.0.1" || $0.description == "::1" })
        #expect(Set(addresses).count == addresses.count)
    }

    @Test("what can be no name is not found", arguments: ["", "a\0b", "host name with spaces"])
    func notFound(host: String) {
        let error = #expect(throws: ResolutionError.self) { try resolve(host) }
        #expect(error == .notFound(host: host))
    }

    @Test("the error's words cannot steer a terminal")
    func words() {
        #expect("\(ResolutionError.notFound(host: "a\u{1B}[2J"))" == #"the name 'a\x1b[2J' is not known"#)
    }

    @Test("an address of neither length is none, and a scope is shown")
    func construction() {
        #expect(IPAddress(bytes: [1, 2, 3]) == nil)
        #expect(IPAddress(bytes: [0xFE, 0x80] + [UInt8](repeating: 0, count: 13) + [1], scope: 2)?.description == "fe80::1%2")
    }

    /// A socket that listens on loopback, with its port.
    private func listener(listening: Bool) throws -> (number: CInt, port: UInt16) {
        let number = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        try #require(number >= 0)
        let address = try #require(IPAddress(bytes: [127, 0, 0, 1]))
        try #require(address.lend(port: 0) { bind(number, $0, $1) } == 0)
        if listening { try #require(listen(number, 1) == 0) }
        var bound = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let answer = withUnsafeMutablePointer(to: &bound) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(number, $0, &size) }
        }
        try #require(answer == 0)
        return (number, UInt16(bigEndian: bound.sin_port))
    }

    @Test("a port on which somebody listens, one on which nobody does, and one that does not answer are told apart")
    func probe() throws {
        let address = try #require(IPAddress(bytes: [127, 0, 0, 1]))
        let open = try listener(listening: true)
        let closed = try listener(listening: false)
        defer {
            close(open.number)
            close(closed.number)
        }
        guard case .connected = probeConnect(address, port: open.port, deadline: .now() + .seconds(20)) else {
            Issue.record("the listener was not reached")
            return
        }
        // Bound, so that nobody else can get the port, and not listening.
        #expect(probeConnect(address, port: closed.port, deadline: .now() + .seconds(20)) == .refused)
        // Two connections fill a queue of one; the next SYN gets no answer.
        var fillers: [CInt] = []
        defer { for filler in fillers { close(filler) } }
        for _ in 0..<4 {
            let filler = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
            fillers.append(filler)
            _ = address.lend(port: open.port) { connect(filler, $0, $1) }
        }
        let start = MonotonicTime.now()
        #expect(probeConnect(address, port: open.port, deadline: start + .milliseconds(50)) == .timedOut)
        #expect(MonotonicTime.now() - start >= .milliseconds(50))
    }

    @Test("an answer that has not what is asked for is told from one that has")
    func declined() throws {
        let address = try #require(IPAddress(bytes: [127, 0, 0, 1]))
        let open = try listener(listening: true)
        let server = Thread {
            for _ in 0..<2 {
                let peer = accept(open.number, nil, nil)
                var bytes = [UInt8](repeating: 0, count: 16)
                _ = recv(peer, &bytes, bytes.count, 0)
                _ = send(peer, "....STARTTLS", 12, CInt(MSG_NOSIGNAL))
                close(peer)
            }
        }
        server.start()
        defer { close(open.number) }
        func ask(_ expected: String) -> ConnectOutcome {
            probeConnect(address, port: open.port, greeting: [1], expected: Array(expected.utf8), deadline: .now() + .seconds(20))
        }
        #expect(ask("STOPTLS") == .declined)
        guard case .connected = ask("STARTTLS") else {
            Issue.record("the answer has it")
            return
        }
    }

    @Test("a network there is no way to is unreachable, with the reason")
    func unreachable() throws {
        // An address of the class that is kept for ever (240.0.0.0/4) has no route by definition; 255.255.255.255 no TCP.
        let address = try #require(IPAddress(bytes: [255, 255, 255, 255]))
        guard case .unreachable(let error) = probeConnect(address, port: 9, deadline: .now() + .seconds(20)) else {
            Issue.record("the broadcast address cannot be connected to")
            return
        }
        #expect(error.call == "connect")
    }
}
