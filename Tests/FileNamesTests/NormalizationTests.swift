import FileNames
import Foundation
import Testing

@Suite("normal forms of the pinned Unicode version")
struct NormalizationTests {
    private static func bytes(_ field: Substring) -> [UInt8] {
        Array(
            String(String.UnicodeScalarView(field.split(separator: " ").compactMap { UInt32($0, radix: 16).flatMap(Unicode.Scalar.init) }))
                .utf8)
    }

    /// The columns of NormalizationTest.txt, from Debian's unicode-data.
    private static func conformanceLines() throws -> [[[UInt8]]] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/bzcat")
        process.arguments = ["/usr/share/unicode/NormalizationTest.txt.bz2"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(text.hasPrefix("# NormalizationTest-\(NormalForm.unicodeVersion).txt"), "unicode-data is not of the pinned version")
        return text.split(separator: "\n").filter { !$0.hasPrefix("#") && !$0.hasPrefix("@") }.map {
            $0.split(separator: ";").prefix(5).map(bytes)
        }
    }

    @Test("NormalizationTest.txt, all of it")
    func conformance() throws {
        var normalizer = Normalizer()
        let lines = try Self.conformanceLines()
        #expect(lines.count == 19_074)
        var mentioned: Set<[UInt8]> = []
        for columns in lines {
            mentioned.insert(columns[0])
            for (column, text) in columns.enumerated() {
                #expect(normalizer.normalized(text, to: .nfc) == columns[column < 3 ? 1 : 3])
                #expect(normalizer.normalized(text, to: .nfd) == columns[column < 3 ? 2 : 4])
            }
        }
        // Each character that stands alone in no line is the same in each form.
        var failures: [UInt32] = []
        for value in UInt32(1)...0x10_FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let text = Array(String(Character(scalar)).utf8)
            guard !mentioned.contains(text) else { continue }
            if normalizer.normalized(text, to: .nfc) != text || normalizer.normalized(text, to: .nfd) != text { failures.append(value) }
        }
        #expect(failures.isEmpty)
    }

    @Test(
        "forms of real names",
        arguments: [
            ("é", NormalForm.nfd, "e\u{301}"), ("e\u{301}", .nfc, "é"), ("한", .nfd, "\u{1112}\u{1161}\u{11AB}"),
            ("\u{1112}\u{1161}\u{11AB}", .nfcHFS, "한"),
            // A legacy character of Korean keyboards: NFC would make it another one.
            ("\u{F900}", .nfc, "\u{8C48}"), ("\u{F900}", .nfcHFS, "\u{F900}"), ("\u{F900}", .nfdHFS, "\u{F900}"),
            // Two names on HFS+, and two they stay.
            ("\u{2260}", .nfdHFS, "\u{2260}"), ("=\u{338}", .nfcHFS, "=\u{338}"), ("=\u{338}", .nfc, "\u{2260}"),
            ("\u{212A}", .nfc, "K"), ("\u{212A}", .nfcHFS, "\u{212A}"),
            // Balinese, which came with Unicode 5.0.
            ("\u{1B06}", .nfdHFS, "\u{1B06}"), ("\u{1B06}", .nfd, "\u{1B05}\u{1B35}"),
        ])
    func forms(name: String, form: NormalForm, expected: String) {
        var normalizer = Normalizer()
        #expect(normalizer.normalized(Array(name.utf8), to: form) == Array(expected.utf8))
    }

    @Test("a form of a form is that form, and what is not UTF-8 has none")
    func idempotent() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        var normalizer = Normalizer()
        let interesting: [ClosedRange<UInt32>] = [
            0x20...0x7E, 0xC0...0x17F, 0x300...0x345, 0x1100...0x11FF, 0xAC00...0xD7A3, 0x1E00...0x1FFF, 0x2000...0x2FFF, 0xF900...0xFAFF,
            0x5D0...0x5EA, 0x591...0x5BD, 0x1B00...0x1B7F, 0x1D100...0x1D200, 0x1_0000...0x2_FAFF,
        ]
        for _ in 0..<cases(20_000) {
            var scalars = String.UnicodeScalarView()
            for _ in 0...random.below(8) {
                let range = interesting[random.below(interesting.count)]
                if let scalar = Unicode.Scalar(range.lowerBound + UInt32(random.below(range.count))) { scalars.append(scalar) }
            }
            let name = Array(String(scalars).utf8)
            for form in NormalForm.allCases {
                let once = normalizer.normalized(name, to: form)
                #expect(normalizer.normalized(once, to: form) == once, "seed \(seed), \(form), \(name)")
                #expect(check(once, for: form) != .notUTF8 && isStrict(once), "seed \(seed)")
            }
            #expect(
                normalizer.normalized(normalizer.normalized(name, to: .nfd), to: .nfc) == normalizer.normalized(name, to: .nfc),
                "seed \(seed), \(name)")
        }
        var output: [UInt8] = []
        let damaged: [UInt8] = [0x61, 0xCC, 0x81, 0xE9]
        let answer = normalizer.normalize(damaged.span, to: .nfc, into: &output)
        #expect(answer == .notUTF8)
    }

    @Test(
        "strict UTF-8 only",
        arguments: [[0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0x80], [0xF0, 0x80, 0x80, 0x80]] as [[UInt8]]
    )
    func strict(bytes: [UInt8]) {
        #expect(!isStrict(bytes))
        #expect(check(bytes, for: .nfc) == .notUTF8)
    }

    @Test(
        "names that differ in case only have one key",
        arguments: [
            ("README", "readme"), ("Straße", "STRASSE"), ("É", "e\u{301}"), ("\u{212A}", "k"), ("ΌΣΟΣ", "όσος"), ("İ", "i\u{307}"),
            ("\u{1E9E}", "ss"), ("ﬃ", "FFI"),
        ])
    func folding(first: String, second: String) {
        var folder = CaseFolder()
        #expect(folder.key(of: Array(first.utf8)) == folder.key(of: Array(second.utf8)))
    }

    @Test("names that are not the same but for case have two keys, UTF-8 or not")
    func distinctKeys() {
        var folder = CaseFolder()
        #expect(folder.key(of: Array("ı".utf8)) != folder.key(of: Array("i".utf8)))
        #expect(folder.key(of: [0x41, 0xE9]) == [0x61, 0xE9])
        #expect(folder.key(of: [0x41, 0xE9]) != folder.key(of: [0x41, 0xC9]))
    }
}
