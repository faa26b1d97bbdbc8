import Glibc
import LinuxSystem
import ShareModel
import ShareWire
import Synchronization

/// A daemon of the test's making: listens on a Unix socket in a thread of its own and answers by a script.
final class FakeDaemon: Sendable {
    /// What it does with a request.
    enum Answer: Sendable {
        case result(Value)
        case failure(RPCError)
        /// Bytes as they are, and the connection is closed after them.
        case raw([UInt8])
        /// Nothing, for ever.
        case silence
    }

    /// A request as it came.
    struct Heard: Sendable {
        let method: String
        let params: Value
    }

    let path: String
    private let heardRequests = Mutex<[Heard]>([])
    private let stopper: CInt
    private let finished = Mutex(false)

    /// What was asked so far.
    var heard: [Heard] { heardRequests.withLock { $0 } }

    /// Listens until it goes. `answer` runs on the daemon's thread.
    init(at path: String, answer: @escaping @Sendable (Heard) -> Answer) throws {
        self.path = path
        let ends = try UnixStream.pair()
        let far = ends.far.release()
        stopper = ends.near.release()
        let ready = try UnixStream.pair()
        let readyFar = ready.far.release()
        inThread { [self] in serve(stop: far, ready: readyFar, answer) }
        // The thread closes its end when it listens; until then this read waits.
        let near = ready.near.rawValue
        _ = fcntl(near, F_SETFL, 0)
        var byte: UInt8 = 0
        _ = read(near, &byte, 1)
    }

    /// Ends it and waits until its socket is gone.
    func stop() {
        guard
            !finished.withLock({
                let was = $0; $0 = true; return was
            })
        else { return }
        shutdown(stopper, CInt(SHUT_WR))
        _ = fcntl(stopper, F_SETFL, 0)
        var byte: UInt8 = 0
        _ = read(stopper, &byte, 1)
        close(stopper)
    }

    private func serve(stop: CInt, ready: CInt, _ answer: @escaping @Sendable (Heard) -> Answer) {
        do {
            let loop = try EventLoop()
            var connections: [ObjectIdentifier: ByteStream] = [:]
            do {
                let listener = try UnixListener(path: Array(path.utf8), mode: 0o600)
                let accepting = try loop.watch(listener.descriptor, events: .readable, edge: false) { _ in
                    guard let descriptor = try? listener.accept() else { return }
                    let talk = Talk()
                    talk.stream = try? ByteStream(loop, adopting: descriptor, kind: .connection, queueLimit: 4 << 20) { event in
                        guard case .received(let bytes) = event else { return }
                        for case .frame(let frame) in talk.splitter.push(bytes) { self.take(frame, talk.stream, answer) }
                    }
                    if let stream = talk.stream { connections[ObjectIdentifier(stream)] = stream }
                }
                let stopping = try loop.watch(stop, events: [.readable, .peerClosed]) { _ in loop.stop() }
                close(ready)
                try loop.run()
                loop.unwatch(accepting)
                loop.unwatch(stopping)
            }
            for stream in connections.values { stream.close() }
        } catch {
            print("fake daemon: \(error)")
        }
        close(stop)
    }

    private final class Talk {
        var splitter = FrameSplitter()
        var stream: ByteStream?
    }

    private func take(_ frame: [UInt8], _ stream: ByteStream?, _ answer: (Heard) -> Answer) {
        guard case .request(let id, let method, let params, _)? = try? Message(frame: frame) else { return }
        let heard = Heard(method: method, params: params)
        heardRequests.withLock { $0.append(heard) }
        switch answer(heard) {
        case .result(let value): _ = stream?.send(Message.response(id: id, result: value).frame)
        case .failure(let error): _ = stream?.send(Message.failure(id: id, error: error).frame)
        case .raw(let bytes): _ = stream?.send(bytes)
        case .silence: break
        }
    }
}

/// Runs `body` on a thread of its own, so that a blocked test takes no thread from the others.
func inThread(_ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(body)).toOpaque()
    pthread_create(
        &thread, nil,
        { pointer in
            if let pointer { Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue().body() }
            return nil
        }, box)
    pthread_detach(thread)
}
