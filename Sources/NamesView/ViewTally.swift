import FuseKernel
import LinuxSystem

/// How many names a view shows otherwise than they are: those of all directories it knows the names of, the most at a time so far.
// Safety: what changes does so under its lock; never on the way of data.
final class ViewTally: @unchecked Sendable {
    static let shared = ViewTally()

    private let lock = Lock()
    private var now = 0
    private var most = 0
    private var isTold = true
    /// Told a byte when there is more to tell than before; nobody may be there to read it.
    private let bell: LinuxSystem.Pipe?

    private init() {
        bell = try? LinuxSystem.Pipe()
    }

    /// Readable when `most` has grown since it was taken; -1 where there is no pipe.
    var changed: CInt {
        switch bell {
        case .some(let pipe): pipe.readEnd.rawValue
        case .none: -1
        }
    }

    /// A directory's names are known, or no longer: this many more of them are shown otherwise.
    func add(_ count: Int) {
        guard count != 0 else { return }
        let rings = lock.withLock {
            now += count
            guard now > most else { return false }
            most = now
            defer { isTold = false }
            return isTold
        }
        if rings, let number = bellEnd { _ = try? writeAvailable(number, [0]) }
    }

    /// The number, from now on told.
    func take() -> Int {
        if changed >= 0 { _ = try? readAvailable(changed, limit: 64) }
        return lock.withLock {
            isTold = true
            return most
        }
    }

    private var bellEnd: CInt? {
        switch bell {
        case .some(let pipe): pipe.writeEnd.rawValue
        case .none: nil
        }
    }
}
