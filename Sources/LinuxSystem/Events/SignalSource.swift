import CLinux
import Glibc

/// Signals as something to read: blocked for the thread, taken from one signalfd, and unblocked again when the source goes.
final class SignalSource {
    private let owned: OwnedDescriptor
    private var set: sigset_t
    private var before = sigset_t()
    private var actions: [CInt: (SignalEvent) -> Void]

    var descriptor: CInt { owned.rawValue }

    init(_ signal: CInt, _ action: @escaping (SignalEvent) -> Void) throws(SystemCallError) {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        try Self.insert(signal, into: &set)
        self.set = set
        actions = [signal: action]
        owned = OwnedDescriptor(
            adopting: try systemCall("signalfd") {
                unsafe signalfd(-1, &set, CInt(SFD_CLOEXEC | SFD_NONBLOCK))
            })
        unsafe pthread_sigmask(SIG_BLOCK, &set, &before)
    }

    deinit {
        unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
    }

    func add(_ signal: CInt, _ action: @escaping (SignalEvent) -> Void) throws(SystemCallError) {
        var wider = set
        try Self.insert(signal, into: &wider)
        let descriptor = owned.rawValue
        try systemCall("signalfd") { unsafe signalfd(descriptor, &wider, 0) }
        unsafe pthread_sigmask(SIG_BLOCK, &wider, nil)
        set = wider
        actions[signal] = action
    }

    /// Reads what has arrived, each signal once, and runs the actions.
    func deliver() {
        let size = MemoryLayout<signalfd_siginfo>.size
        while true {
            var record = signalfd_siginfo()
            let count = unsafe read(owned.rawValue, &record, size)
            guard count == size else { return }
            let event = SignalEvent(
                number: CInt(bitPattern: record.ssi_signo), sender: Int32(bitPattern: record.ssi_pid), user: record.ssi_uid)
            actions[event.number]?(event)
        }
    }

    private static func insert(_ signal: CInt, into set: inout sigset_t) throws(SystemCallError) {
        try systemCall("sigaddset") { unsafe sigaddset(&set, signal) }
    }
}
