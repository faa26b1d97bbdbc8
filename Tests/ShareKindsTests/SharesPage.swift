import ShareModel

@testable import ShareKinds

/// docs/shares.md, printed from the tables that the code uses; only what a field means is written here.
enum SharesPage {
    /// One type's part: a share with every field, and what the fields mean.
    struct Chapter {
        let type: SourceType
        let title: String
        let intro: String
        let source: [Value.Member]
        let fields: [(name: String, meaning: String)]
        /// What stays as the kernel has it, though advice to the contrary is common, and why.
        var leftAlone: [(option: String, why: String)] = []
    }

    static func text() throws -> String {
        var lines = [
            "# Shares, type by type",
            "",
            "What a share of each type may say, what it is mounted with, and why. **Printed from the tables of `Sources/ShareKinds`:** change those and",
            "type `make docs`; a test holds this page to them.",
            "",
            "An option is set only where neither the share nor the guest's policy sets it; later rows win over earlier ones, the share's `options` over all rows, the",
            "policy's over the share's. Before anything is mounted the running kernel is asked about each option: a tuned one that it does not know is left out (what",
            "protects the guest is not: then the share is not attached), a written one is refused by name. `since` is for people only. `shareagent explain NAME` shows",
            "all of this for one share, and what became of it.",
            "",
            "`measured` means: in a Debian 12 guest (Linux 6.1) under QEMU against the servers of `Tests/Lab`; figures are times in parts of the kernel's default.",
            "",
            "## All types",
            "",
            "| flag | when | why |",
            "|---|---|---|",
        ]
        for row in flags { lines.append("| `\(row.flag)` | \(row.when) | \(row.why) |") }
        for chapter in chapters { lines += try self.lines(chapter) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static let flags: [(flag: String, when: String, why: String)] = [
        ("ro", "`access: ro`", "the share is offered for reading only"),
        ("nosuid", "unless `mount.suid` and `policy.allowSuid`", "set-user-id bits on a share are not this guest's choice"),
        ("nodev", "unless `mount.dev` and `policy.allowDev`", "device nodes on a share would open this guest's devices"),
        ("noexec", "`mount.exec: false`, or `policy.allowExec: false`", "programs of a share are run only where both agree"),
        ("noatime", "unless `mount.atime` says otherwise", "no write for each read; where a server keeps access times, it decides"),
    ]

    private static func lines(_ chapter: Chapter) throws -> [String] {
        var lines = ["", "## \(chapter.type.rawValue): \(chapter.title)", "", chapter.intro, "", "| field | what it says |", "|---|---|"]
        for field in chapter.fields { lines.append("| `\(field.name)` | \(field.meaning) |") }
        let kind = shareKind(of: try sample(chapter).source)
        lines += ["", "**Tuned.**", ""]
        if chapter.type.tunings.isEmpty {
            lines.append("Nothing.")
        } else {
            lines += ["| option | value | profiles | when | why | since | fact |", "|---|---|---|---|---|---|---|"]
            lines += chapter.type.tunings.map(row)
        }
        if !chapter.leftAlone.isEmpty {
            lines += ["", "**Left alone.**", "", "| option | why |", "|---|---|"]
            lines += chapter.leftAlone.map { "| `\($0.option)` | \($0.why) |" }
        }
        lines += ["", "**Native options** (`options:` of a share, `policy.forcedOptions`).", ""]
        if kind.natives.isEmpty {
            lines.append("None.")
        } else {
            lines += ["| option | value |", "|---|---|"]
            lines += grouped(kind.natives).map { "| \($0.names) | \($0.value) |" }
        }
        if !kind.refusals.isEmpty {
            lines += ["", "**Not taken as native options.**", "", "| option | instead, or why not |", "|---|---|"]
            var byReason: [String: [String]] = [:]
            for (name, reason) in kind.refusals { byReason[reason, default: []].append(name) }
            let rows = byReason.map { (names: $0.value.sorted(), reason: $0.key) }.sorted { $0.names[0] < $1.names[0] }
            lines += rows.map { "| \($0.names.map { "`\($0)`" }.joined(separator: " ")) | \($0.reason) |" }
        }
        return lines
    }

    private static func row(_ tuning: Tuning) -> String {
        let all = tuning.profiles.count == Share.Profile.allCases.count
        let profiles = all ? "all" : tuning.profiles.map(\.rawValue).joined(separator: ", ")
        let cells = [
            "`\(tuning.option)`", tuning.shownValue, profiles, tuning.condition?.words ?? "",
            tuning.why + (tuning.basis.isProtection ? " **(protects)**" : ""), tuning.basis.since ?? "", tuning.basis.fact,
        ]
        return "| " + cells.joined(separator: " | ") + " |"
    }

    /// Options with the same form stand in one row, members of a group together.
    private static func grouped(_ natives: [NativeOption]) -> [(names: String, value: String)] {
        var rows: [(names: [String], value: String)] = []
        for native in natives {
            let isAlone = natives.count { $0.group == native.group } == 1
            let value = isAlone ? self.value(native.form) : "one of these flags"
            let joins = rows.firstIndex { row in
                row.value == value && (isAlone || natives.contains { row.names.contains($0.name) && $0.group == native.group })
            }
            if let joins { rows[joins].names.append(native.name) } else { rows.append(([native.name], value)) }
        }
        return rows.map { (names: $0.names.map { "`\($0)`" }.joined(separator: " "), value: $0.value) }
    }

    private static func value(_ form: NativeOption.Form) -> String {
        switch form {
        case .flag: "flag"
        case .number(let range): "\(range.lowerBound) to \(range.upperBound)"
        case .octal: "octal mode"
        case .word(let words): words.joined(separator: ", ")
        case .text: "text"
        }
    }

    /// A share of the chapter's type.
    static func sample(_ chapter: Chapter) throws -> Share {
        let source = [Value.Member("type", .string(chapter.type.rawValue))] + chapter.source
        return try Share(.object([Value.Member("name", "sample"), Value.Member("source", .object(source))]), at: "")
    }
}
