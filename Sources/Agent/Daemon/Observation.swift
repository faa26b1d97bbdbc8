internal import LinuxSystem
internal import Reconciler
internal import ShareModel

extension ObservedState {
    /// The kernel's table as the reconciler sees it.
    init(_ table: MountTable) {
        self.init(
            table.entries.map { entry in
                ObservedMount(
                    mountID: Int64(clamping: entry.mountID), target: entry.target, fstype: String(decoding: entry.fstype, as: UTF8.self),
                    source: entry.source, options: ObservedOptions(fileSystem: entry.superOptions, mount: entry.options))
            })
    }
}

extension Clock {
    /// Both clocks, now.
    static func now() -> Clock {
        Clock(
            moment: Moment(milliseconds: MonotonicTime.now().nanoseconds / 1_000_000),
            wall: Timestamp(milliseconds: WallTime.now().milliseconds))
    }
}
