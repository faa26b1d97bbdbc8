internal import Reconciler
internal import ShareModel

/// Which workers are under way, for which share, and what they were sent for.
struct WorkerLedger {
    enum Errand: Equatable {
        case attach, detach, probe, explain, examine, remount(Share), endWaiting, replace(Share), lay(Share), bench, sweep, renew
    }

    struct Entry {
        let share: ShareName
        let errand: Errand
        let deadlineMs: Int64
        var isOverdue = false
        var isStuck = false
    }

    private(set) var entries: [WorkerID: Entry] = [:]
    private var last: WorkerID = 0

    var stuckCount: Int { entries.values.count { $0.isStuck } }

    subscript(id: WorkerID) -> Entry? { entries[id] }

    mutating func add(_ share: ShareName, _ errand: Errand, deadlineMs: Int64) -> WorkerID {
        last += 1
        entries[last] = Entry(share: share, errand: errand, deadlineMs: deadlineMs)
        return last
    }

    mutating func isOverdue(_ id: WorkerID) {
        entries[id]?.isOverdue = true
    }

    mutating func isStuck(_ id: WorkerID) {
        entries[id]?.isStuck = true
    }

    mutating func remove(_ id: WorkerID) -> Entry? {
        entries.removeValue(forKey: id)
    }
}
