import LinuxSystem

/// The host's end of one VM's channel, as a stream that comes and goes: connected to again and again, or listened for.
final class ChannelLink {
    /// Where the stream comes from.
    enum Place: Equatable {
        case connect(path: String)
        case listen(path: String)

        /// The socket's path.
        var path: String {
            switch self {
            case .connect(let path), .listen(let path): path
            }
        }

        /// As configuration and status write it.
        var spelling: String {
            switch self {
            case .connect(let path): "unix:\(path)"
            case .listen(let path): "listen:\(path)"
            }
        }
    }

    /// What the owner is told.
    struct Callbacks {
        let opened: () -> Void
        let received: ([UInt8]) -> Void
        /// With one sentence why; also when a stream could not be had at all.
        let closed: (String) -> Void
    }

    let place: Place
    private let surroundings: Surroundings
    private let callbacks: Callbacks
    private var listener: Listener?
    private var stream: PacedStream?
    private var retry: TimerToken?
    private var pause: Duration

    init(_ place: Place, in surroundings: Surroundings, _ callbacks: Callbacks) {
        self.place = place
        self.surroundings = surroundings
        self.callbacks = callbacks
        pause = surroundings.tuning.firstPause
    }

    /// Begins. Whatever fails is tried again.
    func start() {
        switch place {
        case .connect(let path): connect(path)
        case .listen(let path): listen(path)
        }
    }

    /// Ends for good; no callback runs any more.
    func stop() {
        if let retry { surroundings.loop.cancel(retry) }
        retry = nil
        stream?.close()
        stream = nil
        listener?.close()
        listener = nil
    }

    /// Sends bytes; without a stream they are lost.
    func write(_ bytes: [UInt8]) { stream?.write(bytes) }

    /// Throws away what has not gone out yet.
    func discardQueue() { stream?.discardQueue() }

    /// Takes bytes, or leaves them where they are.
    func read(_ reading: Bool) { stream?.read(reading) }

    /// The peer has proved useful: the next pause is the shortest again.
    func proved() { pause = surroundings.tuning.firstPause }

    private func connect(_ path: String) {
        do throws(SystemCallError) {
            try open(try UnixStream.connect(path: Array(path.utf8)))
        } catch {
            failed("cannot connect to \(path): \(error.text) (\(error.name))")
        }
    }

    private func listen(_ path: String) {
        do throws(SystemCallError) {
            listener = try Listener(path: path, mode: 0o600, on: surroundings.loop) { [weak self] in self?.accepted($0) }
        } catch {
            failed("cannot listen at \(path): \(error.text) (\(error.name))")
        }
    }

    /// The newest connection is the VM's: one that QEMU left behind when it was killed must not lock it out.
    private func accepted(_ connection: consuming OwnedDescriptor) {
        if let stream {
            stream.close()
            self.stream = nil
            callbacks.closed("another connection took its place")
        }
        do throws(SystemCallError) {
            try open(connection)
        } catch {
            callbacks.closed("cannot use the connection: \(error.text) (\(error.name))")
        }
    }

    private func open(_ socket: consuming OwnedDescriptor) throws(SystemCallError) {
        stream = try PacedStream(
            socket, on: surroundings.loop, queueLimit: surroundings.tuning.channelQueueBytes,
            onBytes: { [weak self] in self?.callbacks.received($0) }, onEnd: { [weak self] in self?.ended($0) })
        callbacks.opened()
    }

    private func ended(_ end: PacedStream.End) {
        stream = nil
        switch end {
        case .peerClosed: failed("the other end closed the channel")
        case .failed(let error): failed("the channel broke: \(error.text) (\(error.name))")
        case .queueFull: failed("the guest does not read: more than \(surroundings.tuning.channelQueueBytes) bytes wait for it")
        }
    }

    private func failed(_ sentence: String) {
        callbacks.closed(sentence)
        guard listener == nil, retry == nil else { return }
        retry = surroundings.loop.after(pause) { [weak self] in
            guard let self else { return }
            retry = nil
            start()
        }
        pause = min(pause * 2, surroundings.tuning.longestPause)
    }
}
