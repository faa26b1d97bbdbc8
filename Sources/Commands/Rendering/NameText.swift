import ShareModel

/// What a name is made of, for people.
enum NameText {
    static func lines(_ answer: Value, on screen: Screen) -> [String] {
        var lines = [Style.strong.applied(to: "\(path(answer["name"])): \(title(answer))", on: screen)]
        lines += [""] + characters(answer["characters"]?.elements ?? []).lines(on: screen)
        let findings = answer["findings"]?.elements ?? []
        if !findings.isEmpty { lines += [""] + findings.map { "\(text($0["code"])): \(text($0["finding"]))" } }
        lines += (answer["windows"]?.elements ?? []).map { "on Windows: \(text($0))" }
        let readings = answer["readings"]?.elements ?? []
        if !readings.isEmpty { lines += ["", "each charset that can read it:"] + table(readings).lines(on: screen) }
        lines += (answer["otherwise"]?.elements ?? []).map { "if \(text($0["if"])), it is '\(path($0["name"]))'" }
        let forms = answer["forms"]?.elements ?? []
        if forms.contains(where: { $0["isSame"]?.truth == false }) { lines += [""] + table(forms: forms).lines(on: screen) }
        lines += [""] + table(shown: answer["shown"]?.elements ?? []).lines(on: screen)
        return lines
    }

    private static func text(_ value: Value?) -> String { value?.text?.printable ?? "" }
    private static func path(_ value: Value?) -> String { text(value?["path"]) }

    private static func title(_ answer: Value) -> String {
        let count = answer["bytes"]?.number ?? 0
        let kind =
            switch answer["class"]?.text {
            case "ascii": "ASCII, the same on every system"
            case "utf-8-nfc": "UTF-8, composed (NFC)"
            case "utf-8-other": "UTF-8, not composed"
            default: "not UTF-8"
            }
        return "\(kind), " + (count == 1 ? "1 byte" : "\(count) bytes")
    }

    private static func characters(_ characters: [Value]) -> Table {
        Table(
            columns: [
                Column(title: "AT", isNumber: true), Column(title: "BYTES"), Column(title: "CHARACTER"), Column(title: "TEXT"),
                Column(title: "WHAT", isFlexible: true), Column(title: "PARTS", isFlexible: true, dropRank: 0),
            ],
            rows: characters.map {
                [
                    Cell($0["at"]?.number.map(String.init)), Cell(text($0["bytes"])), Cell(text($0["scalar"])), Cell(text($0["text"])),
                    Cell($0["name"].map { text($0).lowercased() } ?? text($0["kind"])), Cell(text($0["parts"])),
                ]
            })
    }

    private static func table(_ readings: [Value]) -> Table {
        Table(
            columns: [
                Column(title: "READS", isFlexible: true), Column(title: "SURE", isNumber: true),
                Column(title: "CHARSETS", isFlexible: true),
            ],
            rows: readings.map {
                [
                    Cell(path($0["name"])), Cell($0["confidencePermille"]?.number.map { "\($0 / 10)%" }),
                    Cell(($0["charsets"]?.elements ?? []).map { text($0) }.joined(separator: " ")),
                ]
            })
    }

    private static func table(forms: [Value]) -> Table {
        Table(
            columns: [Column(title: "FORM"), Column(title: "NAME", isFlexible: true), Column(title: "BYTES", isFlexible: true)],
            rows: forms.map {
                [
                    Cell(text($0["form"])), Cell(path($0["name"])),
                    Cell($0["isSame"]?.truth == true ? "the same" : text($0["name"]?["bytes"])),
                ]
            })
    }

    private static func table(shown: [Value]) -> Table {
        Table(
            columns: [Column(title: "POLICY"), Column(title: "SHOWN AS", isFlexible: true), Column(title: "NOTE", isFlexible: true)],
            rows: shown.map {
                let note =
                    $0["isSame"]?.truth == true
                    ? "itself" : $0["comesBack"]?.truth == true ? nil : "a new file of that name gets other bytes"
                return [Cell(text($0["policy"])), Cell(path($0["name"])), Cell(note)]
            })
    }
}
