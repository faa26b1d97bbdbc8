import ShareModel

/// Amounts in the few characters that a column has.
enum Amounts {
    /// Bytes as df -h writes them: `512`, `1.5K`, `20G`; powers of 1024, rounded up, so that a full disk never looks less full.
    static func bytes(_ bytes: Int64) -> String {
        guard bytes >= 1024 else { return String(max(0, bytes)) }
        var unit: Int64 = 1024
        for letter in ["K", "M", "G", "T", "P"] {
            let tenths = (bytes / unit) * 10 + (bytes % unit * 10 + unit - 1) / unit
            if tenths < 100 { return "\(tenths / 10).\(tenths % 10)\(letter)" }
            let whole = bytes / unit + (bytes % unit > 0 ? 1 : 0)
            if whole < 1024 { return "\(whole)\(letter)" }
            unit *= 1024
        }
        return "\(bytes / unit + (bytes % unit > 0 ? 1 : 0))E"
    }

    /// Microseconds as a latency: `85us`, `3.2ms`, `480ms`, `1.5s`.
    static func latency(microseconds: Int64) -> String {
        switch microseconds {
        case ..<1000: "\(max(0, microseconds))us"
        case ..<100_000: tenths(microseconds / 100, "ms")
        case ..<1_000_000: "\(microseconds / 1000)ms"
        default: tenths(microseconds / 100_000, "s")
        }
    }

    /// A span of time in its one or two largest units: `8s`, `4m`, `2h05m`, `3d04h`. A clock that was set back counts as 0.
    static func span(milliseconds: Int64) -> String {
        let seconds = max(0, milliseconds) / 1000
        let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400)
        return switch seconds {
        case ..<60: "\(seconds)s"
        case ..<3600: "\(minutes)m"
        case ..<86_400: "\(hours)h\(twoDigits(minutes % 60))m"
        default: "\(days)d\(twoDigits(hours % 24))h"
        }
    }

    /// How long was waited, as it is written after `--wait`.
    static func wait(milliseconds: Int64) -> String {
        milliseconds % 1000 == 0 ? span(milliseconds: milliseconds) : "\(milliseconds)ms"
    }

    /// How long ago a moment was.
    static func age(of moment: Timestamp, at now: Timestamp) -> String {
        span(milliseconds: now.milliseconds - moment.milliseconds) + " ago"
    }

    /// A count with its noun: `1 share`, `3 shares`.
    static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    private static func tenths(_ tenths: Int64, _ unit: String) -> String {
        "\(tenths / 10).\(tenths % 10)\(unit)"
    }

    private static func twoDigits(_ number: Int64) -> String {
        number < 10 ? "0\(number)" : String(number)
    }
}
