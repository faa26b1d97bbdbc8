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
                unsafe shareagent_signal_descriptor(-1, &set)
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
        try systemCall("signalfd") { unsafe shareagent_signal_descriptor(descriptor, &wider) }
        unsafe pthread_sigmask(SIG_BLOCK, &wider, nil)
        set = wider
        actions[signal] = action
    }

    /// Reads what has arrived, each signal once, and runs the actions.
    func deliver() {
        var (number, sender, user) = (CInt(0), Int32(0), UInt32(0))
        while unsafe shareagent_signal_take(owned.rawValue, &number, &sender, &user) == 1 {
            actions[number]?(SignalEvent(number: number, sender: sender, user: user))
        }
    }

    private static func insert(_ signal: CInt, into set: inout sigset_t) throws(SystemCallError) {
        try systemCall("sigaddset") { unsafe sigaddset(&set, signal) }
    }
}
