import CFuse
import Glibc

/// What answers requests: one for each thread, so that it may keep room of its own.
public protocol FuseAnswering: AnyObject {
    /// Answers one request by exactly one reply; FORGET has none.
    func answer(_ exchange: Exchange)
}

/// Threads that take requests from one device.
///
/// Whenever the last idle one takes a request another is started, up to `mostThreads`: a request that its source does not answer holds
/// one thread, and the others go on.
/// Safety: what changes does so under its lock; the answerers are made on the threads that use them.
public final class FuseSession: @unchecked Sendable {
    /// How many requests may wait for a source at a time before the file system stands still.
    public static let mostThreads = 512
    private static let mostIdle = 6

    private let device: CInt
    private let makeAnswerer: () -> any FuseAnswering
    private let requests: RequestsUnderWay
    private let lock = Lock()
    // Under the lock.
    private var threads = 0
    private var idle = 0
    private var isOver = false
    /// Set before there is any thread.
    private var passesThrough = false
    /// Its other end is closed when the session is over.
    private let overEnds: (read: CInt, write: CInt)

    /// - Parameters:
    ///   - isKilled: whether a process has been killed and only waits for its answer.
    ///   - answerer: makes one for each thread, on that thread.
    public init(
        _ device: borrowing FuseDevice, isKilled: @escaping @Sendable (UInt32) -> Bool, answerer: @escaping () -> any FuseAnswering
    ) throws(FuseError) {
        self.device = device.descriptor
        makeAnswerer = answerer
        var ends: [CInt] = [-1, -1]
        try FuseError.check { unsafe pipe(&ends) }
        overEnds = (ends[0], ends[1])
        requests = RequestsUnderWay(device: device.descriptor, over: ends[0], isKilled: isKilled)
    }

    /// Becomes readable when the file system is unmounted and nobody uses it any more.
    public var over: CInt { overEnds.read }

    /// Answers the kernel's first question; then requests may come.
    public func begin() throws(FuseError) {
        let exchange = Exchange(device: device)
        guard try exchange.take(), exchange.header.opcode == FUSE_INIT.rawValue else { throw FuseError(EPROTO) }
        let asked = try exchange.initIn
        // 7.31 is Linux 5.4; all that is used here is there or is asked for by a flag.
        guard asked.major == FUSE_KERNEL_VERSION, asked.minor >= 31 else {
            exchange.reply(FuseError(EPROTO))
            throw FuseError(EPROTO)
        }
        let wanted =
            UInt32(FUSE_ASYNC_READ | FUSE_ATOMIC_O_TRUNC | FUSE_BIG_WRITES | FUSE_DONT_MASK | FUSE_AUTO_INVAL_DATA)
            | UInt32(FUSE_DO_READDIRPLUS | FUSE_READDIRPLUS_AUTO | FUSE_ASYNC_DIO | FUSE_PARALLEL_DIROPS | FUSE_POSIX_ACL)
            | UInt32(FUSE_MAX_PAGES | FUSE_HANDLE_KILLPRIV_V2)
        var answer = fuse_init_out()
        answer.major = UInt32(FUSE_KERNEL_VERSION)
        answer.minor = min(asked.minor, UInt32(FUSE_KERNEL_MINOR_VERSION))
        answer.max_readahead = UInt32(Exchange.largestData)
        answer.flags = asked.flags & wanted
        answer.max_background = 64
        answer.congestion_threshold = 48
        answer.max_write = UInt32(Exchange.largestData)
        answer.max_pages = Exchange.mostPages(of: sysconf(CInt(_SC_PAGESIZE)))
        answer.time_gran = 1
        // Linux 6.9.
        passesThrough = asked.moreFlags & SHAREAGENT_FUSE_PASSTHROUGH != 0
        if passesThrough { unsafe shareagent_fuse_pass(&answer) }
        exchange.reply(answer)
        for _ in 0..<2 { start() }
    }

    private func start() {
        lock.withLock {
            threads += 1
            idle += 1
        }
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        let problem = unsafe shareagent_thread_start(
            { context in
                guard let context = unsafe context else { return }
                unsafe Unmanaged<FuseSession>.fromOpaque(context).takeRetainedValue().serve()
            }, context)
        if problem != 0 {
            unsafe Unmanaged<FuseSession>.fromOpaque(context).release()
            lock.withLock {
                threads -= 1
                idle -= 1
            }
        }
    }

    private func serve() {
        // A umask of its own: each request brings one.
        _ = shareagent_thread_umask()
        let exchange = Exchange(device: device, passesThrough: passesThrough)
        let answerer = makeAnswerer()
        let place = requests.join()
        defer { requests.leave(place) }
        while (try? exchange.take()) == true {
            if let interrupted = exchange.interrupted {
                if !requests.interrupt(interrupted) { exchange.reply(FuseError(EAGAIN)) }
                continue
            }
            requests.begin(place, exchange.header)
            let isLast = lock.withLock {
                idle -= 1
                return idle == 0 && threads < Self.mostThreads
            }
            if isLast { start() }
            answerer.answer(exchange)
            requests.end(place)
            let isTooMany = lock.withLock {
                guard idle >= Self.mostIdle else {
                    idle += 1
                    return false
                }
                threads -= 1
                return true
            }
            if isTooMany { return }
        }
        let isFirst = lock.withLock {
            threads -= 1
            idle -= 1
            defer { isOver = true }
            return !isOver
        }
        if isFirst { _ = close(overEnds.write) }
    }
}
