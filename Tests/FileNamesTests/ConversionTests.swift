import Testing

@testable import FileNames

@Suite("what names become when a tree is converted")
struct ConversionTests {
    private static func answer(
        _ name: [UInt8], from charset: Charset? = .gb18030, _ rule: NameConversion.Rule = .init()
    ) -> NameConversion.Answer {
        var conversion = NameConversion(rule)
        return conversion.convert(name.span, from: charset)
    }

    @Test("what is ASCII or as wished stays; everything else becomes UTF-8 in the form, or says why not")
    func names() {
        func answer(_ name: [UInt8], _ charset: Charset?) -> NameConversion.Answer { Self.answer(name, from: charset) }
        #expect(answer(Array("plain.txt".utf8), .gb18030) == .keep)
        #expect(answer(Array("é".utf8), .gb18030) == .keep)
        #expect(answer(Array("e\u{301}".utf8), .gb18030) == .rename(Array("é".utf8), .form))
        #expect(answer([0xC4, 0xE3, 0xBA, 0xC3], .gb18030) == .rename(Array("你好".utf8), .charset))
        #expect(answer([0x78, 0xE9], .gb18030) == .refuse(.byte(0xE9, at: 1)))
        #expect(answer([0x78, 0xE9], .cp1252) == .rename(Array("xé".utf8), .charset))
        #expect(answer([0x78, 0xE9], nil) == .refuse(.unknownCharset))
        #expect(answer([0x78, 0xE9], .utf8) == .refuse(.unknownCharset))
        #expect(answer([0x78, 0x80], .iso8859p1) == .refuse(.control(0x80, at: 1)))
        #expect(answer([0x78, 0x80], .cp1252) == .rename(Array("x€".utf8), .charset))
        // One of 398 codes of Shift_JIS that would be written back differently.
        #expect(answer([0x87, 0x90], .cp932) == .refuse(.byte(0x87, at: 0)))
    }

    @Test("form, private characters and double encoding only where they are asked for")
    func rules() {
        let hanja = Array("\u{F900}".utf8)
        #expect(Self.answer(hanja, .init(form: .nfcHFS)) == .keep)
        #expect(Self.answer(hanja) == .rename(Array("\u{8C48}".utf8), .form))
        #expect(Self.answer(Array("é".utf8), .init(form: .nfd)) == .rename(Array("e\u{301}".utf8), .form))
        #expect(Self.answer(Array("e\u{301}".utf8), .init(form: nil)) == .keep)
        let colon = Array("a\u{F022}b".utf8)
        #expect(Self.answer(colon) == .keep)
        #expect(Self.answer(colon, .init(reserved: .sfm)) == .rename(Array("a:b".utf8), .reserved))
        let twice = Array("Ã©tÃ©".utf8)
        #expect(Self.answer(twice) == .keep)
        #expect(Self.answer(twice, .init(mendsDouble: true)) == .rename(Array("été".utf8), .double))
        #expect(Self.answer(Array("Ärger".utf8), .init(mendsDouble: true)) == .keep)
    }

    private static func answer(_ name: [UInt8], _ rule: NameConversion.Rule) -> NameConversion.Answer { answer(name, from: .gb18030, rule) }

    @Test("255 bytes are a name, 256 are not")
    func tooLong() {
        let room = [UInt8](repeating: 0xE9, count: 127)
        #expect(Self.answer(room + [0x61], from: .cp1252) == .rename(Array(String(repeating: "é", count: 127).utf8) + [0x61], .charset))
        #expect(Self.answer(room + [0xE9], from: .cp1252) == .refuse(.tooLong(256)))
    }

    @Test("converting what was converted changes nothing, in each charset and form")
    func idempotent() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for charset in Charset.allCases {
            for form in [nil] + NormalForm.allCases.map(Optional.some) {
                var conversion = NameConversion(.init(form: form))
                for _ in 0..<200 {
                    let name = (0..<Int.random(in: 1...12, using: &random)).map { _ in UInt8.random(in: 0x30...0xFF, using: &random) }
                    guard case .rename(let new, _) = conversion.convert(name.span, from: charset) else { continue }
                    #expect(isUTF8(new.span) && conversion.convert(new.span, from: charset) == .keep, "seed \(seed) \(charset) \(name)")
                }
            }
        }
    }
}

@Suite("which names of a directory can be given")
struct DirectoryRenamesTests {
    private static func plan(_ wishes: [(String, String)], taken: Set<String> = [], suffixes: Bool = false) -> DirectoryRenames {
        DirectoryRenames(
            wishes.map { .init(from: Array($0.0.utf8), to: Array($0.1.utf8), reason: .charset) }, taken: Set(taken.map { Array($0.utf8) }),
            suffixes: suffixes)
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test("two that would be alike stay, and so does one whose name is there; a name that goes away is free")
    func collisions() {
        let cases: [(wishes: [(String, String)], taken: Set<String>, renamed: [String], stay: [String])] = [
            ([("a", "x")], [], ["a"], []),
            ([("a", "x"), ("b", "x"), ("c", "y")], [], ["c"], ["a", "b"]),
            ([("a", "x")], ["x"], [], ["a"]),
            // A chain: b goes away, so a can come.
            ([("a", "b"), ("b", "c")], ["b"], ["a", "b"], []),
            // c stays, so b does, so a does.
            ([("a", "b"), ("b", "c")], ["b", "c"], [], ["a", "b"]),
            // A circle.
            ([("a", "b"), ("b", "a")], ["a", "b"], ["a", "b"], []),
            ([("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")], ["a", "b", "c"], [], ["a", "b", "c", "d"]),
        ]
        for (wishes, taken, renamed, stay) in cases {
            let plan = Self.plan(wishes, taken: taken)
            #expect(plan.renames.map { Self.text($0.from) } == renamed, "\(wishes)")
            #expect(plan.collisions.map { Self.text($0.from) } == stay, "\(wishes)")
        }
    }

    @Test("with suffixes nobody stays, one keeps the name, and no two are alike")
    func suffixes() {
        let plan = Self.plan([("a.txt", "x.txt"), ("b.txt", "x.txt"), ("c", "d")], taken: ["d"], suffixes: true)
        #expect(plan.collisions.isEmpty)
        let names = plan.renames.map { Self.text($0.to) }
        #expect(names[0] == "x.txt")
        #expect(names[1].hasPrefix("x~") && names[1].hasSuffix(".txt") && names[1].count == 12)
        #expect(names[2].hasPrefix("d~"))
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            let letters = (0..<12).map { "\($0)" }
            let from = letters.shuffled(using: &random).prefix(Int.random(in: 1...12, using: &random))
            let wishes = from.map { ($0, letters[Int.random(in: 0..<12, using: &random)]) }.filter { $0.0 != $0.1 }
            let there = Set(letters.filter { _ in Bool.random(using: &random) }).union(from)
            let taken = there.intersection(wishes.map(\.1))
            for suffixes in [false, true] {
                let plan = Self.plan(wishes, taken: taken, suffixes: suffixes)
                let gone = Set(plan.renames.map { Self.text($0.from) })
                let after = Array(there.subtracting(gone)) + plan.renames.map { Self.text($0.to) }
                #expect(Set(after).count == after.count && after.count == there.count, "seed \(seed): \(wishes) \(taken)")
                #expect(plan.renames.count + plan.collisions.count == wishes.count)
                if suffixes { #expect(plan.collisions.isEmpty) }
            }
        }
    }

    @Test("chains are renamed from their end and circles by way of another name; whoever waits for a name that stays, stays")
    func order() {
        func order(_ places: [String], _ goals: [String], taken: [String] = []) -> RenameOrder {
            RenameOrder(
                places: places.map { Array($0.utf8) }, goals: goals.map { Array($0.utf8) }, taken: Set(taken.map { Array($0.utf8) }))
        }
        #expect(order(["a", "b"], ["b", "c"]).steps == [.settle(1), .settle(0)])
        #expect(order(["a", "b"], ["b", "a"]).steps == [.park(0), .settle(1), .settle(0)])
        #expect(order(["a", "b", "c"], ["b", "c", "a"]).steps.count == 4)
        #expect(order(["a"], ["a"]).steps.isEmpty)
        let blocked = order(["a", "b", "d"], ["b", "c", "e"], taken: ["c"])
        #expect(blocked.blocked == [0, 1] && blocked.steps == [.settle(2)])
    }

    @Test("any order of any renames never meets a name that is taken, and ends where it should")
    func orders() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<5000 {
            let count = Int.random(in: 1...8, using: &random)
            let letters = (0..<UInt8(12)).map { [$0 + 0x61] }
            let places = Array(letters.shuffled(using: &random).prefix(count))
            let goals = Array(letters.shuffled(using: &random).prefix(count))
            let taken = Set(letters.filter { !places.contains($0) && Int.random(in: 0..<4, using: &random) == 0 })
            let order = RenameOrder(places: places, goals: goals, taken: taken)
            var (now, there) = (places, taken.union(places))
            var settled = Set<Int>()
            for step in order.steps {
                switch step {
                case .park(let index):
                    there.remove(now[index])
                    now[index] = [0x30 + UInt8(index)]
                    there.insert(now[index])
                case .settle(let index):
                    #expect(!there.contains(goals[index]), "seed \(seed): \(places) \(goals) \(taken)")
                    there.remove(now[index])
                    now[index] = goals[index]
                    there.insert(now[index])
                    settled.insert(index)
                }
            }
            for index in places.indices where !order.blocked.contains(index) {
                #expect(now[index] == goals[index], "seed \(seed): \(places) \(goals) \(taken)")
            }
            #expect(settled.isDisjoint(with: order.blocked))
        }
    }
}
