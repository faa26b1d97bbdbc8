import ShareModel

/// A bench's report for people. What it does not know of a newer agent's report it leaves out.
enum BenchText {
    private static let words: [(key: String, words: String)] = [
        ("sequentialRead", "sequential read"), ("sequentialWrite", "sequential write"), ("randomRead", "random read, 4 KiB"),
        ("randomWrite", "random write, 4 KiB, each synced"), ("create", "small files: create"), ("stat", "small files: stat"),
        ("openRead", "small files: open and read"), ("unlink", "small files: unlink"), ("list", "list with attributes"),
        ("latency", "one operation"),
    ]

    static func lines(_ report: Value, on screen: Screen) -> [String] {
        var lines = [Style.strong.applied(to: title(report), on: screen)]
        lines += measures(report["results"]).lines(on: screen)
        if let compare = report["compare"], let table = comparison(compare, own: report["profile"]?.text ?? "") {
            lines += [
                "", "times as fast as \(report["profile"]?.text?.printable ?? "") (above 1 is faster), medians of \(rounds(compare))",
            ]
            lines += table.lines(on: screen)
            for profile in compare["profiles"]?.elements ?? [] { lines.append(difference(profile)) }
        }
        for skipped in report["compare"]?["skipped"]?.elements ?? [] {
            lines.append("\(skipped["profile"]?.text?.printable ?? ""): not compared: \(skipped["why"]?.text?.printable ?? "")")
        }
        let notes = (report["notes"]?.elements ?? []).compactMap(\.text)
        if !notes.isEmpty { lines += [""] + notes.map { Style.quiet.applied(to: "note: " + $0.printable, on: screen) } }
        if let advice = report["recommendation"], let sentence = advice["sentence"]?.text {
            lines += ["", Style.strong.applied(to: "recommended: ", on: screen) + sentence.printable]
            if let cost = advice["cost"]?.text { lines.append("  costs: " + cost.printable) }
            if let profile = advice["profile"]?.text, !profile.hasSameBytes(as: report["profile"]?.text ?? "") {
                lines.append("  to have it: profile: \(profile.printable) in the share's entry on the host")
            }
        }
        return lines
    }

    private static func title(_ report: Value) -> String {
        let name = report["share"]?.text?.printable ?? ""
        let kind = [report["type"]?.text, report["profile"]?.text].compactMap { $0?.printable }.joined(separator: ", ")
        let how = report["written"]?.truth == true ? "read and written" : "only read"
        let took = Amounts.span(milliseconds: report["tookMs"]?.number ?? 0)
        return "\(name) (\(kind)) at \(report["target"]?.text?.printable ?? ""): \(how), in \(took)"
    }

    private static func measures(_ results: Value?) -> Table {
        let columns = [
            Column(title: "MEASURE"), Column(title: "RATE", isNumber: true), Column(title: "MEDIAN", isNumber: true),
            Column(title: "P99", isNumber: true), Column(title: "OF", isNumber: true),
        ]
        let rows = words.compactMap { row -> [Cell]? in
            guard let reading = results?[row.key] else { return nil }
            return [
                Cell(row.words), Cell(rate(reading)), Cell(time(reading["medianMicroseconds"])), Cell(time(reading["p99Microseconds"])),
                Cell(reading["bytes"]?.number.map(Amounts.bytes) ?? reading["operations"]?.number.map(String.init)),
            ]
        }
        return Table(columns: columns, rows: rows)
    }

    private static func comparison(_ compare: Value, own: String) -> Table? {
        let profiles = compare["profiles"]?.elements ?? []
        guard !profiles.isEmpty else { return nil }
        let columns =
            [Column(title: "MEASURE"), Column(title: own.printable, isNumber: true)]
            + profiles.map { Column(title: $0["profile"]?.text?.printable ?? "", isNumber: true) }
        let rows = words.compactMap { row -> [Cell]? in
            guard let mine = compare["own"]?[row.key] else { return nil }
            return [Cell(row.words), Cell(rate(mine))] + profiles.map { ratio($0["ratioPercent"]?[row.key]?.number) }
        }
        return Table(columns: columns, rows: rows)
    }

    private static func rounds(_ compare: Value) -> String {
        Amounts.count(Int(clamping: compare["rounds"]?.number ?? 0), "round")
    }

    private static func difference(_ profile: Value) -> String {
        let options = (profile["differences"]?.elements ?? []).compactMap { $0.text?.printable }.joined(separator: ", ")
        return "\(profile["profile"]?.text?.printable ?? ""): \(options); costs: \(profile["cost"]?.text?.printable ?? "")"
    }

    private static func rate(_ reading: Value) -> String? {
        if let bytes = reading["bytesPerSecond"]?.number { return Amounts.bytes(bytes) + "/s" }
        return reading["perSecond"]?.number.map { "\($0)/s" }
    }

    private static func time(_ value: Value?) -> String? {
        value?.number.map { Amounts.latency(microseconds: $0) }
    }

    /// `1.32`, green where it is clearly faster, red where slower.
    private static func ratio(_ percent: Int64?) -> Cell {
        guard let percent else { return Cell(nil) }
        let rest = percent % 100
        let style: Style? = percent > 110 ? .good : percent < 91 ? .bad : nil
        return Cell("\(percent / 100).\(rest < 10 ? "0" : "")\(rest)", style)
    }
}
