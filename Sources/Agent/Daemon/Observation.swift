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
                    source: entry.source, options: Self.options(entry.superOptions, entry.options))
            })
    }

    /// Both option fields of a line as one mapping; what the mount itself says wins over what its file system says.
    private static func options(_ fields: [UInt8]...) -> [String: String] {
        var options: [String: String] = [:]
        for field in fields {
            for option in field.split(separator: UInt8(ascii: ",")) {
                let parts = option.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
                options[String(printing: parts[0])] = parts.count > 1 ? String(printing: parts[1]) : ""
            }
        }
        // A read-only mount of a writable file system says rw in one field and ro in the other.
        if options["ro"] != nil { options["rw"] = nil }
        return options
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
