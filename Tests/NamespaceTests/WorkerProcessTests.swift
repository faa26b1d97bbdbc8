import Foundation
import Glibc
import LinuxSystem
import ShareModel
import Testing

@Suite("The worker as a process: what it takes, what it keeps, what it never shows")
struct WorkerProcessTests {
    @Test(
        "a request that is none has an outcome all the same",
        arguments: [
            "", "\n", "{}\n", "null\n", "{\"do\":\"run\"}\n", "{\"do\":\"probe\"}\n", "not json\n",
            "{\"do\":\"attach\",\"share\":{\"name\":\"..\"}}\n", "\u{FEFF}{}\n",
        ])
    func nonsense(_ line: String) throws {
        let stage = try Stage()
        let running = try stage.start(line: Array(line.utf8))
        let outcome = try #require(try running.outcome(within: 20))
        #expect(outcome.cause?.code == .internalError)
        #expect(running.exit(within: 20) == .exited(0))
    }

    @Test("a request of more than a frame is refused")
    func tooLong() throws {
        let stage = try Stage()
        let running = try stage.start(line: Array(repeating: UInt8(ascii: " "), count: 1 << 20))
        #expect(try running.outcome(within: 20)?.cause?.code == .internalError)
    }

    @Test("wrong use ends with 64", arguments: [["--configuration"], ["--help"], ["--configuration", "/etc", "x"], ["password"]])
    func wrongUse(_ arguments: [String]) throws {
        let stage = try Stage()
        #expect(try stage.start(line: [], arguments: arguments).exit(within: 20) == .exited(64))
    }

    @Test("it keeps no descriptor that is not its own, no core, and lets nobody look into it")
    func hardened() throws {
        let stage = try Stage()
        let waiting = try stage.startWaiting()
        defer { try? waiting.killGroup() }
        let base = "/proc/\(waiting.processID)"
        // The last thing it does before it waits for the request is to close what is not its own.
        let deadline = MonotonicTime.now() + .seconds(20)
        var status = ""
        var open: [String] = []
        while !status.contains("Name:\tshare-worker") || open != ["0", "1", "2", "3", "4"] {
            try #require(MonotonicTime.now() < deadline, "\(open) stay open")
            sched_yield()
            status = try String(contentsOfFile: "\(base)/status", encoding: .utf8)
            open = try FileManager.default.contentsOfDirectory(atPath: "\(base)/fd").sorted()
        }
        // Bug: with the unit's 077, libmount's /run/mount was closed to everybody but root.
        #expect(status.contains("Umask:\t0022"))
        let limits = try String(contentsOfFile: "\(base)/limits", encoding: .utf8)
        #expect(
            limits.split(separator: "\n").contains {
                $0.hasPrefix("Max core file size") && $0.split(separator: " ").dropFirst(4).first == "0"
            })
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(base)/cwd") == "/")
    }

    @Test("a server that accepts and is silent is told from one that refuses")
    func silentServer() throws {
        let stage = try Stage()
        let listener = try Listener()
        for (type, fields) in [("nfs", #""export":"/x""#), ("smb", #""share":"x""#)] {
            let wish = try share(#"{"name":"s","source":{"type":"\#(type)","server":"127.0.0.1",\#(fields),"port":\#(listener.port)}}"#)
            let cause = try #require(try stage.ask(.attach(wish, nil, attachedTargets: [:])).cause)
            #expect(cause.code == .serverSilent, "\(cause)")
        }
        let closed = try Listener().port
        let wish = try share(#"{"name":"s","source":{"type":"nfs","server":"127.0.0.1","export":"/x","port":\#(closed)}}"#)
        #expect(try stage.ask(.attach(wish, nil, attachedTargets: [:])).cause?.code == .connectionRefused)
    }

    @Test("a password is in no argument, environment or outcome")
    func canary() throws {
        let canary = "c4nary,\"'\\ ü"
        let stage = try Stage()
        let listener = try Listener()
        let wish = try share(
            #"{"name":"s","source":{"type":"smb","server":"127.0.0.1","share":"x","port":\#(listener.port)},"credential":"c"}"#)
        let credential = Credential.password(username: "alice", domain: nil, password: Secret(copying: canary.utf8))
        let running = try stage.start(.attach(wish, credential, attachedTargets: [:]))
        try listener.awaitConnection()
        for file in ["cmdline", "environ", "comm", "status"] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "/proc/\(running.child.processID)/\(file)"))
            #expect(!String(decoding: bytes, as: UTF8.self).contains("c4nary"))
        }
        let outcome = try #require(try running.outcome(within: 30))
        #expect(outcome.cause?.code == .serverSilent)
        #expect(!"\(outcome)".contains("c4nary"))
    }

    @Test("a share that names a credential is not tried without one")
    func missingCredential() throws {
        let stage = try Stage()
        let wish = try share(#"{"name":"s","source":{"type":"smb","server":"127.0.0.1","share":"x"},"credential":"c"}"#)
        #expect(try stage.ask(.attach(wish, nil, attachedTargets: [:])).cause?.code == .credentialMissing)
    }
}

/// A loopback port that accepts connections, as the kernel does for a service that hangs, and answers nothing.
final class Listener {
    let port: UInt16
    private let socket: OwnedDescriptor

    /// - Parameters:
    ///   - place: one of this machine's own, 127.0.0.0/8.
    ///   - wished: the port; 0: any that is free.
    init(at place: UInt32 = 0x7F00_0001, port wished: UInt16 = 0) throws {
        let number = Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        guard number >= 0 else { throw StageFailure("no socket") }
        socket = OwnedDescriptor(adopting: number)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = place.bigEndian
        address.sin_port = wished.bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(number, $0, size) == 0 && listen(number, 8) == 0 && getsockname(number, $0, &size) == 0
            }
        }
        guard bound else { throw StageFailure("no port") }
        port = UInt16(bigEndian: address.sin_port)
    }

    /// Returns when somebody has connected.
    func awaitConnection() throws {
        var question = pollfd(fd: socket.rawValue, events: Int16(POLLIN), revents: 0)
        guard poll(&question, 1, 20_000) > 0 else { throw StageFailure("nobody connected") }
    }

    /// Says something to whoever has connected, as a service that lives, and hangs up.
    func answer() throws {
        let peer = OwnedDescriptor(adopting: accept(socket.rawValue, nil, nil))
        guard write(peer.rawValue, "x", 1) == 1 else { throw StageFailure("nobody to answer to") }
    }
}
