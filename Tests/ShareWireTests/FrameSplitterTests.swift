import ShareWire
import Testing

@Suite("the frame splitter cuts lines, forgets at 0xFF and stays within its bound")
struct FrameSplitting {
    typealias Piece = FrameSplitter.Piece

    static let streams: [(bytes: [UInt8], pieces: [Piece])] = [
        ([], []), (Array("ab".utf8), []), (Array("ab\n".utf8), [.frame(Array("ab".utf8))]),
        (Array("\n\na\n\n".utf8), [.frame(Array("a".utf8))]),
        ([0xFF], [.reset]), ([0xFF, 0xFF, 0xFF], [.reset]),
        ([0x61, 0xFF, 0x62, 0x0A], [.reset, .frame([0x62])]),
        ([0x61, 0x0A, 0xFF, 0x62, 0x0A], [.frame([0x61]), .reset, .frame([0x62])]),
        ([0xFF, 0x61, 0xFF, 0x0A, 0xFF], [.reset, .reset, .reset]),
        (Array("123456789\na\n".utf8), [.oversized, .frame([0x61])]),
        (Array("12345678\n".utf8), [.frame(Array("12345678".utf8))]),
        (Array("123456789".utf8) + [0xFF, 0x61, 0x0A], [.oversized, .reset, .frame([0x61])]),
    ]

    @Test("a stream is these pieces, whole or byte by byte", arguments: streams)
    func pieces(bytes: [UInt8], pieces: [Piece]) {
        var whole = FrameSplitter(limit: 8)
        #expect(whole.push(bytes) == pieces)
        var slow = FrameSplitter(limit: 8)
        var found: [Piece] = []
        for byte in bytes {
            found += slow.push([byte])
            #expect(slow.pendingCount <= 8)
        }
        #expect(found == pieces)
    }

    @Test("a frame of exactly 1 MiB passes, one byte more does not")
    func limit() {
        var splitter = FrameSplitter()
        let longest = [UInt8](repeating: 0x61, count: Limits.frameBytes)
        #expect(splitter.push(longest + [0x0A]) == [.frame(longest)])
        #expect(splitter.push(longest + [0x61]) == [.oversized])
        #expect(splitter.pendingCount == 0)
        #expect(splitter.push([0x61, 0x0A, 0x62, 0x0A]) == [.frame([0x62])])
    }

    @Test("a flood without an end is told once and held nowhere")
    func flood() {
        var splitter = FrameSplitter()
        let chunk = [UInt8](repeating: 0x61, count: 64 << 10)
        var pieces: [Piece] = []
        for _ in 0..<100 {
            pieces += splitter.push(chunk)
            #expect(splitter.pendingCount <= Limits.frameBytes)
        }
        #expect(pieces == [.oversized])
        #expect(splitter.isInsideFrame)
        splitter.forget()
        #expect(!splitter.isInsideFrame)
        #expect(splitter.push([0x62, 0x0A]) == [.frame([0x62])])
    }
}
