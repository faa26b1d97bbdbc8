import ShareModel
import Testing

@Suite("bytes as hexadecimal text")
struct HexadecimalTests {
    @Test("what was written is read; capitals are taken, and nothing else")
    func both() {
        let all = (UInt8.min...UInt8.max).map { $0 }
        #expect(bytes(hexadecimal: hexadecimal(all)) == all)
        #expect(hexadecimal([0x00, 0xC3, 0xFF]) == "00c3ff")
        #expect(bytes(hexadecimal: "C3fF") == [0xC3, 0xFF])
        #expect(bytes(hexadecimal: "") == [])
        for wrong in ["c", "c3f", "+1", "-1", "g0", " 0", "0x", "é"] { #expect(bytes(hexadecimal: wrong) == nil, "\(wrong)") }
    }
}
