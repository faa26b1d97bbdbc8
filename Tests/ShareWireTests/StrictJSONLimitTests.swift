import ShareModel
import ShareWire
import Testing

@Suite("strict JSON holds its limits, at the limit and one past it")
struct StrictJSONLimits {
    @Test("nesting")
    func depth() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let inner = open == "[" ? "" : "1"
            let text = { (depth: Int) in String(repeating: open, count: depth) + inner + String(repeating: close, count: depth) }
            #expect(problem(of: Array(text(Limits.depth).utf8)) == nil)
            #expect(problem(of: Array(text(Limits.depth + 1).utf8))?.reason == .tooDeep)
        }
    }

    @Test("number of values")
    func values() {
        // The list itself is a value as well.
        let text = { (count: Int) in "[" + Array(repeating: "1", count: count - 1).joined(separator: ",") + "]" }
        #expect(problem(of: Array(text(Limits.values).utf8)) == nil)
        #expect(problem(of: Array(text(Limits.values + 1).utf8))?.reason == .tooManyValues)
    }

    @Test("length of a text, a key, an escaped text", arguments: ["", "\\n", "é"])
    func strings(beginning: String) {
        let used = beginning == "\\n" ? 1 : beginning.utf8.count
        for key in [false, true] {
            let text = { (count: Int) in
                let string = "\"" + beginning + String(repeating: "x", count: count - used) + "\""
                return Array((key ? "{\(string):1}" : string).utf8)
            }
            #expect(problem(of: text(Limits.stringBytes)) == nil)
            #expect(problem(of: text(Limits.stringBytes + 1))?.reason == .stringTooLong)
        }
    }

    @Test("length of the whole")
    func length() {
        let text = { (count: Int) in [UInt8(ascii: "1")] + [UInt8](repeating: 0x20, count: count - 1) }
        #expect(problem(of: text(Limits.frameBytes)) == nil)
        #expect(problem(of: text(Limits.frameBytes + 1)) == JSONProblem(offset: Limits.frameBytes, reason: .tooLong))
    }

    @Test("three megabytes of empty lists are refused before they are built")
    func bomb() {
        let bomb = [UInt8(ascii: "[")] + Array(repeating: Array("[],".utf8), count: 1 << 20).joined()
        #expect(problem(of: bomb)?.reason == .tooLong)
        #expect(problem(of: Array(bomb.prefix(Limits.frameBytes)))?.reason == .tooManyValues)
    }

    @Test("a duplicate among many keys is found, and many keys that differ are taken")
    func manyKeys() {
        let keys = (0..<30_000).map { "\"k\($0)\":0" }
        #expect(problem(of: Array("{\(keys.joined(separator: ","))}".utf8)) == nil)
        let twice = keys + ["\"k17\":1"]
        #expect(problem(of: Array("{\(twice.joined(separator: ","))}".utf8))?.reason == .duplicateKey)
        for count in 1...20 {
            let few = keys.prefix(count) + ["\"k0\":1"]
            #expect(problem(of: Array("{\(few.joined(separator: ","))}".utf8))?.reason == .duplicateKey)
        }
    }
}
