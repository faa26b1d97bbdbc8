import ShareModel

/// `sharehost status` for people: one table of VMs, one of shares.
enum StatusTable {
    /// - Parameters:
    ///   - status: a result of `host.status`.
    ///   - now: what ages are counted from.
    static func render(_ status: Value, now: Timestamp) -> String {
        let vms = status["vms"]?.elements ?? []
        var text = ""
        if let error = status["configuration"]?["error"]?.text {
            text += "The configuration file is not in force: \(error.printable)\n\n"
        }
        guard !vms.isEmpty else { return text + "No VM is served.\n" }
        text += TextTable.render(
            ["VM", "CHANNEL", "STATE", "SINCE", "LAST REPORT", "AGENT", "GUEST", "REASON"], vms.map { row(of: $0, now: now) })
        let shares = vms.flatMap { vm in (vm["shares"]?.elements ?? []).map { (vm["vm"]?.text ?? "", $0) } }
        if !shares.isEmpty {
            text += "\n"
            text += TextTable.render(
                ["VM", "SHARE", "TYPE", "STATE", "HEALTH", "USED", "SIZE", "LATENCY", "SINCE", "CAUSE"],
                shares.map { row(of: $1, vm: $0, now: now) })
            let named = shares.compactMap { vm, share in
                share["names"].map {
                    "\(vm): names of \(share["name"]?.text ?? ""): \(ShareStatus.sentence(ofNames: $0))".printable + "\n"
                }
            }
            if !named.isEmpty { text += "\n" + named.joined() }
        }
        return text
    }

    private static func row(of vm: Value, now: Timestamp) -> [String] {
        [
            vm["vm"]?.text ?? "", vm["channel"]?.text ?? "", vm["state"]?.text ?? "", age(vm["since"], now),
            vm["lastReportAt"] == nil ? "never" : age(vm["lastReportAt"], now) + " ago", vm["agent"]?["version"]?.text ?? "-",
            vm["guest"]?["hostname"]?.text ?? "-", vm["reason"]?.text ?? "",
        ]
    }

    private static func row(of share: Value, vm: String, now: Timestamp) -> [String] {
        let capacity = share["capacity"]
        let cause = share["cause"].map { "\($0["code"]?.text ?? "?"): \($0["message"]?.text ?? "")" }
        return [
            vm, share["name"]?.text ?? "", share["type"]?.text ?? "", share["state"]?.text ?? "", share["health"]?.text ?? "",
            bytes(capacity?["usedBytes"]?.number), bytes(capacity?["sizeBytes"]?.number),
            latency(share["probe"]?["latencyMicroseconds"]?.number),
            age(share["since"], now), cause ?? "",
        ]
    }

    /// `3d 4h`, `4h 5m`, `5m 6s`, `6s`; a moment that lies ahead, by a clock that is not ours, is `0s`.
    static func age(_ since: Value?, _ now: Timestamp) -> String {
        guard let since = since?.text.flatMap(Timestamp.init) else { return "-" }
        let seconds = max(0, now.milliseconds - since.milliseconds) / 1000
        switch seconds {
        case ..<60: return "\(seconds)s"
        case ..<3600: return "\(seconds / 60)m \(seconds % 60)s"
        case ..<86_400: return "\(seconds / 3600)h \(seconds / 60 % 60)m"
        default: return "\(seconds / 86_400)d \(seconds / 3600 % 24)h"
        }
    }

    /// `512 B`, `1.5 GiB`; rounded down, so that a full disk never looks larger than it is.
    static func bytes(_ count: Int64?) -> String {
        guard let count, count >= 0 else { return "-" }
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        var whole = count
        var tenths: Int64 = 0
        var unit = 0
        while whole >= 1024, unit < units.count - 1 {
            tenths = whole % 1024 * 10 / 1024
            whole /= 1024
            unit += 1
        }
        return unit == 0 || whole >= 100 ? "\(whole) \(units[unit])" : "\(whole).\(tenths) \(units[unit])"
    }

    /// `850 us`, `12.3 ms`, `1.2 s`.
    static func latency(_ microseconds: Int64?) -> String {
        guard let microseconds, microseconds >= 0 else { return "-" }
        switch microseconds {
        case ..<1000: return "\(microseconds) us"
        case ..<1_000_000: return "\(microseconds / 1000).\(microseconds / 100 % 10) ms"
        default: return "\(microseconds / 1_000_000).\(microseconds / 100_000 % 10) s"
        }
    }
}
