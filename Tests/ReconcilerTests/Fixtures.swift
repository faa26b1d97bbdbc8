import Reconciler
import ShareModel

/// Short ways to write down shares, moments and mount tables.
func clock(_ seconds: Double) -> Clock {
    Clock(moment: Moment(milliseconds: Int64(seconds * 1000)), wall: Timestamp(milliseconds: 1_795_000_000_000 + Int64(seconds * 1000)))
}

func share(_ name: String, _ more: KeyValuePairs<String, Value?> = [:], source: Value? = nil) throws -> Share {
    var members: [Value.Member] = [
        .init("name", .string(name)), .init("source", source ?? .object(["type": "virtiofs", "tag": .string(name)])),
    ]
    for (key, value) in more { if let value { members.append(.init(key, value)) } }
    return try Share(.object(members), at: "share")
}

func nfs(_ server: String) -> Value {
    .object(["type": "nfs", "server": .string(server), "export": "/x"])
}

func mount(_ id: Int64, _ target: String, source: String = "x", fstype: String = "virtiofs") -> ObservedMount {
    ObservedMount(
        mountID: id, target: Array(target.utf8), fstype: fstype, source: Array(source.utf8),
        options: ObservedOptions(fileSystem: [], mount: Array("rw".utf8)))
}

let limits = HealthRecord.Limits(interval: 15_000, deadline: 5_000, slow: 1_000)
let capacity = ShareStatus.Capacity(sizeBytes: 100, usedBytes: 40, availableBytes: 60, inodes: 10, inodesUsed: 4)
let planLimits = Reconciler.Limits(attachedShares: 256)

func life(_ share: Share, at seconds: Double = 0) -> ShareLife {
    ShareLife(share, origin: .host, revision: 1, policy: .standard, now: clock(seconds))
}

/// A share that is attached under a mount id, its first probe answered.
func attached(_ share: Share, mountID: Int64 = 7, at seconds: Double = 0) -> ShareLife {
    var life = life(share, at: seconds)
    let table = ObservedState([mount(mountID, life.target.text)])
    life.attachBegan(1, now: clock(seconds))
    life.attachEnded(.attached(mountID: mountID, requestedOptions: [:], warnings: []), observed: table, now: clock(seconds), jitter: 0)
    life.probeBegan(2)
    life.probeEnded(2, .probed(latencyMicroseconds: 200, capacity), wasOverdue: false, limits: limits, now: clock(seconds))
    return life
}

func steps(_ lives: [ShareLife], at seconds: Double, stuck: Int = 0, limits: Reconciler.Limits = planLimits) -> [Step] {
    Reconciler.plan(lives, stuckWorkers: stuck, limits: limits, now: clock(seconds).moment)
}

func name(_ text: String) throws -> ShareName { try ShareName(validating: text) }
