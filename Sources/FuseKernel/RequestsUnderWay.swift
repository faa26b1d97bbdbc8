import CFuse
import Glibc

/// Requests that are being answered, each by one thread.
///
/// A program waits for its answer even after SIGKILL, for as long as the source of the file system is silent. The kernel tells of the signal
/// (FUSE_INTERRUPT), once and for any signal; where it was one that ends the program, its request is answered by EINTR, and the thread's own
/// answer, if there ever is one, reaches nobody.
// Safety: what changes does so under its lock.
final class RequestsUnderWay: @unchecked Sendable {
    private struct Request {
        let unique: UInt64
        let process: UInt32
        var isInterrupted = false
        /// Interrupted for a while. Once it is answered the kernel may give back what the thread has only just looked for, or is about to.
        var isOld = false
    }

    private let device: CInt
    /// Becomes readable when nobody waits any more.
    private let over: CInt
    /// Whether a process has been killed and only waits for its answer.
    private let isKilled: @Sendable (UInt32) -> Bool
    private let lock = Lock()
    /// One place for each thread.
    private var requests: [Request?] = []
    private var free: [Int] = []
    private var isWatching = false

    init(device: CInt, over: CInt, isKilled: @escaping @Sendable (UInt32) -> Bool) {
        self.device = device
        self.over = over
        self.isKilled = isKilled
    }

    /// A thread's place.
    func join() -> Int {
        lock.withLock {
            if let place = free.popLast() { return place }
            requests.append(nil)
            return requests.count - 1
        }
    }

    /// The thread ends.
    func leave(_ place: Int) { lock.withLock { free.append(place) } }

    /// The thread answers this request from now on.
    func begin(_ place: Int, _ header: fuse_in_header) {
        lock.withLock { requests[place] = Request(unique: header.unique, process: header.pid) }
    }

    /// It has answered.
    func end(_ place: Int) { lock.withLock { requests[place] = nil } }

    /// A signal has come for whoever waits for a request.
    /// - Returns: false where no thread has it: it is answered already, or was taken a moment ago and is to be told of again.
    func interrupt(_ unique: UInt64) -> Bool {
        let (isHere, isFirst) = lock.withLock {
            guard let place = requests.firstIndex(where: { $0?.unique == unique }) else { return (false, false) }
            requests[place]?.isInterrupted = true
            defer { isWatching = true }
            return (true, !isWatching)
        }
        if isFirst { watch() }
        return isHere
    }

    /// Looks again and again at the processes of interrupted requests, until none is left: the signal that ends one may be the second.
    private func watch() {
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        let problem = unsafe shareagent_thread_start(
            { context in
                guard let context = unsafe context else { return }
                let requests = unsafe Unmanaged<RequestsUnderWay>.fromOpaque(context).takeRetainedValue()
                while requests.endTheKilled() { requests.pause() }
            }, context)
        if problem != 0 {
            unsafe Unmanaged<RequestsUnderWay>.fromOpaque(context).release()
            lock.withLock { isWatching = false }
        }
    }

    /// Until the processes are looked at again; at the end of the session no longer.
    private func pause() {
        var end = pollfd(fd: over, events: Int16(POLLIN), revents: 0)
        _ = unsafe poll(&end, 1, Self.pauseMs)
    }

    private static let pauseMs: CInt = 200

    /// - Returns: whether any interrupted request is left.
    private func endTheKilled() -> Bool {
        let waiting = lock.withLock {
            defer { for place in requests.indices where requests[place]?.isInterrupted == true { requests[place]?.isOld = true } }
            return requests.compactMap { $0 }.filter { $0.isInterrupted && $0.isOld }
        }
        let killed = Set(waiting.filter { isKilled($0.process) }.map(\.unique))
        for unique in killed {
            var answer = fuse_out_header(len: UInt32(MemoryLayout<fuse_out_header>.size), error: -EINTR, unique: unique)
            _ = unsafe shareagent_fuse_write(device, &answer, UInt(MemoryLayout<fuse_out_header>.size), nil, 0)
        }
        return lock.withLock {
            for place in requests.indices where requests[place].map({ killed.contains($0.unique) }) ?? false {
                requests[place]?.isInterrupted = false
            }
            isWatching = requests.contains { $0?.isInterrupted ?? false }
            return isWatching
        }
    }
}
