internal import FileNames
internal import ShareModel

/// A report as JSON and back: for whoever asked, and for the file that a scan goes on from.
extension ScanReport {
    /// All of it but the proposal.
    var value: Value {
        .object([
            "names": .number(names), "directories": .number(directories),
            "classes": .object(NameClass.allCases.map { .init($0.rawValue, .integer(Int64(classes[$0] ?? 0))) }),
            "findings": .array(
                NameFinding.allCases.filter { (counts[$0] ?? 0) > 0 }.map { finding in
                    .object([
                        "code": .string(finding.code), "finding": .string(finding.sentence), "count": .number(counts[finding] ?? 0),
                        "examples": .array((examples[finding] ?? []).map(Self.path)),
                    ])
                }),
            "charsets": .array(
                charsets.sorted { ($0.value.names, $1.key.rawValue) > ($1.value.names, $0.key.rawValue) }.map {
                    .object([
                        "charset": .string($0.key.rawValue), "directories": .number($0.value.directories), "names": .number($0.value.names),
                    ])
                }),
            "open": .object(["directories": .number(open.directories), "names": .number(open.names)]),
            "listed": .array(
                listed.map {
                    .object([
                        "directory": Self.path($0.path), "names": .number($0.names), "charset": .string($0.guess.charset.rawValue),
                        "confidencePermille": .number($0.guess.confidence), "readNames": .number($0.guess.names),
                        "unreadableNames": .number($0.guess.unreadable),
                        "alike": .array($0.guess.alike.map { .string($0.rawValue) }),
                    ])
                }),
            "unread": .object([
                "count": .number(unreadCount),
                "examples": .array(unread.map { .object(["directory": Self.path($0.path), "reason": .string($0.reason)]) }),
            ]),
            "otherFilesystems": .number(otherFilesystems), "privateSFM": .number(sfm), "privateSFU": .number(sfu),
        ])
    }

    /// A path for people, and its bytes for programs.
    static func path(_ bytes: [UInt8]) -> Value {
        .object([
            "path": .string(FileName.display(bytes.isEmpty ? [UInt8(ascii: ".")] : bytes)),
            "bytes": .string(hexadecimal(bytes)),
        ])
    }

    /// What `path` said.
    static func bytes(_ value: Value?) -> [UInt8]? {
        value?["bytes"]?.text.flatMap(ShareModel.bytes(hexadecimal:))
    }

    /// Reads what `value` wrote; nil where it is something else.
    init?(_ value: Value) {
        func number(_ value: Value?) -> Int? { value?.number.map { Int($0) } }
        guard let names = number(value["names"]), let directories = number(value["directories"]) else { return nil }
        self.init()
        (self.names, self.directories) = (names, directories)
        for nameClass in NameClass.allCases { classes[nameClass] = number(value["classes"]?[nameClass.rawValue]) }
        for entry in value["findings"]?.elements ?? [] {
            guard let code = entry["code"]?.text, let finding = NameFinding.allCases.first(where: { $0.code == code }) else { return nil }
            counts[finding] = number(entry["count"])
            examples[finding] = (entry["examples"]?.elements ?? []).compactMap(Self.bytes)
        }
        for entry in value["charsets"]?.elements ?? [] {
            guard let charset = Charset(named: entry["charset"]?.text ?? "") else { return nil }
            charsets[charset] = Share(directories: number(entry["directories"]) ?? 0, names: number(entry["names"]) ?? 0)
        }
        open = Share(directories: number(value["open"]?["directories"]) ?? 0, names: number(value["open"]?["names"]) ?? 0)
        for entry in value["listed"]?.elements ?? [] {
            guard let charset = Charset(named: entry["charset"]?.text ?? ""), let path = Self.bytes(entry["directory"]) else { return nil }
            listed.append(
                GuessedDirectory(
                    path: path, names: number(entry["names"]) ?? 0,
                    guess: CharsetGuess(
                        charset: charset, confidence: number(entry["confidencePermille"]) ?? 0, names: number(entry["readNames"]) ?? 0,
                        unreadable: number(entry["unreadableNames"]) ?? 0,
                        alike: (entry["alike"]?.elements ?? []).compactMap { $0.text.flatMap(Charset.init(named:)) })))
        }
        unreadCount = number(value["unread"]?["count"]) ?? 0
        unread = (value["unread"]?["examples"]?.elements ?? []).compactMap { entry in
            Self.bytes(entry["directory"]).map { UnreadDirectory(path: $0, reason: entry["reason"]?.text ?? "") }
        }
        otherFilesystems = number(value["otherFilesystems"]) ?? 0
        (sfm, sfu) = (number(value["privateSFM"]) ?? 0, number(value["privateSFU"]) ?? 0)
    }
}

extension NamesProposal {
    /// As JSON.
    var value: Value {
        func lines(_ lines: [Line]) -> Value {
            .array(lines.map { .object(["key": .string($0.key), "value": .string($0.value), "why": .string($0.why)]) })
        }
        return .object(["names": lines(policy), "options": lines(options), "notes": .array(notes.map(Value.string))])
    }
}
