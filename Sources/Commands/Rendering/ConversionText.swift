import ShareModel

/// What a conversion of names came to, for people.
enum ConversionText {
    static func lines(_ report: Value, on screen: Screen) -> [String] {
        let isApplied = report["applied"]?.truth == true
        var lines = [Style.strong.applied(to: title(report, isApplied), on: screen)]
        let listed = report["listed"]?.elements ?? []
        if !listed.isEmpty { lines += [""] + table(listed).lines(on: screen) }
        let (renames, shown) = ((report["renames"]?.number ?? 0), Int64(listed.count))
        if report["isComplete"]?.truth == false, shown > 0 {
            lines.append("and more: \(max(0, renames - shown)) names are not listed here")
        }
        lines += problems(report, on: screen)
        lines += closing(report, isApplied)
        return lines
    }

    static func undone(_ report: Value, on screen: Screen) -> [String] {
        let done = report["done"]?.number ?? 0
        let title = "\(text(report["path"])): \(entries(done)) as before, in " + Amounts.span(milliseconds: report["tookMs"]?.number ?? 0)
        return [Style.strong.applied(to: title, on: screen)] + problems(report, on: screen)
    }

    private static func text(_ value: Value?) -> String { value?.text?.printable ?? "" }
    private static func path(_ value: Value?) -> String { text(value?["path"]) }
    private static func entries(_ count: Int64) -> String { count == 1 ? "1 name" : "\(count) names" }

    private static func title(_ report: Value, _ isApplied: Bool) -> String {
        let filesystem = report["filesystem"]?.text.map { " (\($0.printable))" } ?? ""
        let place = text(report["path"]) + filesystem
        let (renames, links) = (report["renames"]?.number ?? 0, report["links"]?.number ?? 0)
        let span = ", in " + Amounts.span(milliseconds: report["tookMs"]?.number ?? 0)
        if isApplied { return "\(place): \(entries(report["done"]?.number ?? 0)) converted" + span }
        let targets = links == 0 ? "" : links == 1 ? " and 1 link's target" : " and \(links) links' targets"
        return "\(place): \(renames) of \(entries(report["names"]?.number ?? 0)) would be converted\(targets)" + span
    }

    private static func table(_ listed: [Value]) -> Table {
        let isGuessed = listed.contains { $0["charset"] != nil }
        var columns = [
            Column(title: "NAME", isFlexible: true), Column(title: "BECOMES", isFlexible: true), Column(title: "WHY"),
            Column(title: "DIRECTORY", isFlexible: true, dropRank: 0),
        ]
        if isGuessed { columns.insert(Column(title: "SURE", isNumber: true), at: 3) }
        var rows: [[Cell]] = []
        for entry in listed {
            let because = text(entry["because"])
            if !because.isEmpty {
                var row = [
                    Cell(path(entry["from"])), Cell(path(entry["to"])), Cell(entry["charset"].map { text($0) } ?? because),
                    Cell(path(entry["directory"])),
                ]
                if isGuessed { row.insert(Cell(entry["confidencePermille"]?.number.map { "\($0 / 10)%" }), at: 3) }
                rows.append(row)
            }
            if entry["newTarget"] != nil {
                var row = [
                    Cell("\(path(because.isEmpty ? entry["from"] : entry["to"])) -> \(path(entry["target"]))"),
                    Cell("-> \(path(entry["newTarget"]))"), Cell("target"), Cell(path(entry["directory"])),
                ]
                if isGuessed { row.insert(Cell(nil), at: 3) }
                rows.append(row)
            }
        }
        return Table(columns: columns, rows: rows)
    }

    private static func problems(_ report: Value, on screen: Screen) -> [String] {
        let count = report["problems"]?["count"]?.number ?? 0
        let listed = report["problems"]?["listed"]?.elements ?? []
        guard count > 0 else { return [] }
        let heading = Style.doubtful.applied(to: count == 1 ? "1 name stays as it is:" : "\(count) names stay as they are:", on: screen)
        let table = Table(
            columns: [
                Column(title: "CAUSE"), Column(title: "NAME", isFlexible: true), Column(title: "WHY", isFlexible: true),
            ],
            rows: listed.map { [Cell(text($0["code"])), Cell(path($0["name"])), Cell(text($0["why"]))] })
        return ["", heading] + table.lines(on: screen) + (count > Int64(listed.count) ? ["and more"] : [])
    }

    private static func closing(_ report: Value, _ isApplied: Bool) -> [String] {
        let journal = report["journal"]?.text?.printable
        if isApplied {
            return journal.map { ["", "journal: \($0)", "shareagent names undo \($0) puts everything back"] } ?? ["", "nothing to rename"]
        }
        if report["readOnly"]?.truth == true { return ["", "read-only: nothing can be renamed here; names view shows it converted"] }
        guard (report["renames"]?.number ?? 0) + (report["links"]?.number ?? 0) > 0 else { return ["", "nothing to rename"] }
        var lines = [""]
        if (report["problems"]?["byCode"]?["names-collide"]?.number ?? 0) > 0 {
            lines.append("--apply renames nothing while names would be alike, unless --collisions says leave or suffix")
        }
        return lines + [
            journal.map { "nothing was changed; --apply --journal \($0) renames as planned" } ?? "nothing was changed; --apply renames"
        ]
    }
}
