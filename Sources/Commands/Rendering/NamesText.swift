import ShareModel

/// What a scan of names found, for people.
enum NamesText {
    static func lines(_ report: Value, on screen: Screen) -> [String] {
        var lines = [Style.strong.applied(to: title(report), on: screen)]
        lines.append(classes(report["classes"]))
        let findings = report["findings"]?.elements ?? []
        if findings.isEmpty {
            lines += ["", "nothing found: each name is the same on every system"]
        } else {
            lines += [""] + table(findings).lines(on: screen)
        }
        let listed = report["listed"]?.elements ?? []
        if !listed.isEmpty { lines += ["", "names that are not UTF-8 are most likely:"] + charsets(listed).lines(on: screen) }
        lines += proposal(report["proposal"], on: screen)
        let unread = report["unread"]?["count"]?.number ?? 0
        if unread > 0 {
            let first = report["unread"]?["examples"]?.elements?.first
            lines.append(
                Style.doubtful.applied(to: "left out: ", on: screen)
                    + "\(directories(unread)), the first '\(path(first?["directory"]))': \(text(first?["reason"]))")
        }
        if let others = report["otherFilesystems"]?.number, others > 0 {
            lines.append("not entered: \(directories(others)) on which something else is mounted")
        }
        return lines
    }

    private static func directories(_ count: Int64) -> String { count == 1 ? "1 directory" : "\(count) directories" }
    private static func text(_ value: Value?) -> String { value?.text?.printable ?? "" }
    private static func path(_ value: Value?) -> String { text(value?["path"]) }

    private static func title(_ report: Value) -> String {
        let filesystem = report["filesystem"]?.text.map { " (\($0.printable))" } ?? ""
        let names = report["names"]?.number ?? 0
        return
            "\(text(report["path"]))\(filesystem): \(names == 1 ? "1 name" : "\(names) names") in \(directories(report["directories"]?.number ?? 0)), in "
            + Amounts.span(milliseconds: report["tookMs"]?.number ?? 0)
    }

    private static func classes(_ classes: Value?) -> String {
        [("ascii", "ASCII"), ("utf-8-nfc", "UTF-8, composed"), ("utf-8-other", "UTF-8 in another form"), ("not-utf-8", "not UTF-8")].map {
            "\(classes?[$0.0]?.number ?? 0) \($0.1)"
        }.joined(separator: ", ")
    }

    private static func table(_ findings: [Value]) -> Table {
        Table(
            columns: [
                Column(title: "CODE"), Column(title: "NAMES", isNumber: true), Column(title: "FINDING", isFlexible: true),
                Column(title: "EXAMPLE", isFlexible: true, dropRank: 0),
            ],
            rows: findings.map {
                [
                    Cell(text($0["code"])), Cell($0["count"]?.number.map(String.init)), Cell(text($0["finding"])),
                    Cell(path($0["examples"]?.elements?.first)),
                ]
            })
    }

    private static func charsets(_ listed: [Value]) -> Table {
        Table(
            columns: [
                Column(title: "CHARSET"), Column(title: "SURE", isNumber: true), Column(title: "NAMES", isNumber: true),
                Column(title: "DIRECTORY", isFlexible: true),
            ],
            rows: listed.map {
                let confidence = $0["confidencePermille"]?.number ?? 0
                return [
                    Cell(text($0["charset"]), confidence < 900 ? .doubtful : nil), Cell("\(confidence / 10)%"),
                    Cell($0["names"]?.number.map(String.init)), Cell(path($0["directory"])),
                ]
            })
    }

    private static func proposal(_ proposal: Value?, on screen: Screen) -> [String] {
        var lines: [String] = []
        for (key, heading) in [("names", "proposed for the share's entry, below names:"), ("options", "proposed mount options:")] {
            let settings = proposal?[key]?.elements ?? []
            guard !settings.isEmpty else { continue }
            lines += ["", Style.strong.applied(to: heading, on: screen)]
            lines += settings.map { setting in
                let value = text(setting["value"])
                let written =
                    key == "names" ? "\(text(setting["key"])): \(value)" : text(setting["key"]) + (value.isEmpty ? "" : "=\(value)")
                return "  \(written)" + Style.quiet.applied(to: "  # \(text(setting["why"]))", on: screen)
            }
        }
        let notes = (proposal?["notes"]?.elements ?? []).compactMap(\.text)
        if !notes.isEmpty { lines += [""] + notes.map { "note: " + $0.printable } }
        return lines
    }
}
