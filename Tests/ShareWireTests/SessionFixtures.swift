import ShareModel
import ShareWire
import Synchronization
import Testing

/// Nonces that are the same in every run: 0…01, 0…02, ….
final class CountedNonces: Sendable {
    private let count = Mutex<UInt64>(0)
    private let salt: UInt64

    init(salt: UInt64 = 0) {
        self.salt = salt
    }

    func next() -> Nonce {
        struct Fixed: RandomNumberGenerator {
            var numbers: [UInt64]
            mutating func next() -> UInt64 { numbers.removeFirst() }
        }
        var fixed = Fixed(numbers: [
            salt,
            count.withLock {
                $0 += 1; return $0
            },
        ])
        return Nonce(from: &fixed)
    }
}

func nonce(_ number: UInt64) throws -> Nonce {
    let digits = String(number, radix: 16)
    return try #require(Nonce(String(repeating: "0", count: 32 - digits.utf8.count) + digits))
}

extension GuestGreeting {
    static let fixture = GuestGreeting(
        agentVersion: "0.1.0", hostname: "build-7", machineID: "0123456789abcdef0123456789abcdef",
        bootID: "11111111-2222-3333-4444-555555555555",
        kernel: "6.1.0-28-amd64", os: "Debian GNU/Linux 12 (bookworm)", architecture: "x86_64", filesystems: ["virtiofs", "nfs4"],
        features: [])
}

extension HostGreeting {
    static let fixture = HostGreeting(name: "hypervisor-3", id: "a1b2", version: "0.1.0", reportIntervalMs: 30_000)
}

extension GuestSession {
    static func fixture(salt: UInt64 = 0) -> GuestSession {
        let nonces = CountedNonces(salt: salt)
        return GuestSession(greeting: .fixture, freshNonce: { nonces.next() })
    }

    /// A session that has been established at moment 0 with nonce 1.
    static func established() throws -> GuestSession {
        var guest = fixture()
        _ = guest.opened(now: 0)
        let answer = Message.response(id: .text(try nonce(1).text), result: HostGreeting.fixture.result(nonce: try nonce(1)))
        try #require(guest.received(answer.frame, now: 0) == [.established(.fixture, nonce: try nonce(1))])
        return guest
    }

    /// Receives messages of the session with nonce 1.
    mutating func receives(_ message: Message, now: Int64 = 0) -> [Action] {
        received(message.frame, now: now)
    }
}

extension HostSession {
    /// A session that has been established at moment 0 with nonce 1.
    static func established() throws -> HostSession {
        var host = HostSession(greeting: .fixture)
        _ = host.opened(now: 0)
        let actions = host.received(try hello(1), now: 0)
        try #require(actions.last == .hello(.fixture, nonce: try nonce(1)))
        return host
    }

    static func hello(_ number: UInt64, version: ProtocolVersion = .current) throws -> [UInt8] {
        let nonce = try nonce(number)
        let params = GuestGreeting.fixture.params(version: version, nonce: nonce)
        return [0xFF] + Message.request(id: .text(nonce.text), method: "agent.hello", params: params).frame
    }
}

/// The messages in the bytes an end wrote, 0xFF passed over.
func messages(in bytes: [UInt8]) throws -> [Message] {
    var splitter = FrameSplitter()
    return try splitter.push(bytes).compactMap { piece in
        if case .frame(let frame) = piece { try Message(frame: frame) } else { nil }
    }
}

extension [GuestSession.Action] {
    var written: [UInt8] { flatMap { if case .write(let bytes) = $0 { bytes } else { [UInt8]() } } }
}

extension [HostSession.Action] {
    var written: [UInt8] { flatMap { if case .write(let bytes) = $0 { bytes } else { [UInt8]() } } }
}
