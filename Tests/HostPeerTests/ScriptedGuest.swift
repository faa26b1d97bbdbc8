import LinuxSystem
import ShareModel
import ShareWire
import Testing

@testable import HostPeer

/// A guest's agent as far as the channel goes: it keeps a session, and does what the test says.
final class ScriptedGuest {
    private let surroundings: Surroundings
    private var session: GuestSession
    private var stream: PacedStream?
    private var listener: Listener?
    private var answers: [RequestToken: Result<Value, RPCError>] = [:]
    /// Every `shares.changed` that came.
    private(set) var changes: [Int64] = []
    /// The credentials that those named, where they named any.
    private(set) var changedCredentials: [[String]] = []
    /// What the host asked.
    private(set) var asked: [HostMethod] = []
    /// The host's word of itself.
    private(set) var host: HostGreeting?
    /// Every nonce of a session.
    private(set) var sessions: [String] = []
    /// Answers what the host asks; nil leaves it without an answer.
    var respond: (HostMethod, Value) -> Result<Value, RPCError>? = { _, _ in .success(.object([])) }

    init(_ fixture: ServerFixture, hostname: String = "debian") {
        surroundings = fixture.surroundings
        session = GuestSession(
            greeting: GuestGreeting(
                hostname: hostname, machineID: "m", bootID: "b", kernel: "6.1.0", os: "Debian GNU/Linux 12 (bookworm)",
                architecture: "x86_64"))
    }

    var isConnected: Bool { stream != nil && session.session != nil }

    /// Connects to where sharehost listens.
    func connect(to path: String) throws {
        try adopt(try UnixStream.connect(path: Array(path.utf8)))
    }

    /// Listens as QEMU does.
    func listen(at path: String) throws {
        listener = try Listener(path: path, mode: 0o600, on: surroundings.loop) { [weak self] in try? self?.adopt($0) }
    }

    /// Ends the connection.
    func disconnect() {
        stream?.close()
        stream = nil
        perform(session.closed())
    }

    /// Ends listening too.
    func stop() {
        disconnect()
        listener?.close()
        listener = nil
    }

    /// Sends a request and lets the loop work until its answer is there.
    func ask(_ method: GuestMethod, _ params: Value, _ fixture: ServerFixture) throws -> Result<Value, RPCError> {
        let (token, actions) = session.send(method, params: params, now: surroundings.now)
        perform(actions)
        try fixture.wait("the answer to \(method.rawValue)") { answers[token] != nil }
        return try #require(answers[token])
    }

    /// Bytes that no agent would send.
    func write(raw bytes: [UInt8]) {
        stream?.write(bytes)
    }

    /// Does not read any more, or does again.
    func read(_ reading: Bool) {
        stream?.read(reading)
    }

    private func adopt(_ socket: consuming OwnedDescriptor) throws(SystemCallError) {
        stream?.close()
        stream = try PacedStream(
            socket, on: surroundings.loop, queueLimit: 64 << 20,
            onBytes: { [weak self] in
                guard let self else { return }
                perform(session.received($0, now: surroundings.now))
            },
            onEnd: { [weak self] _ in self?.disconnect() })
        perform(session.opened(now: surroundings.now))
    }

    private func perform(_ actions: [GuestSession.Action]) {
        for action in actions {
            switch action {
            case .discardUnwritten: stream?.discardQueue()
            case .write(let bytes): stream?.write(bytes)
            case .established(let greeting, let nonce):
                host = greeting
                sessions.append(nonce.text)
            case .refused, .lost: continue
            case .request(let address, let method, let params):
                asked.append(method)
                if let answer = respond(method, params) { perform(session.respond(to: address, answer)) }
            case .notification(.sharesChanged, let params):
                changes.append(params["revision"]?.number ?? 0)
                if let names = params["credentials"]?.elements { changedCredentials.append(names.compactMap(\.text)) }
            case .notification: continue
            case .answer(let token, _, let result): answers[token] = result
            }
        }
    }
}
