import ShareWire

/// Cut into any chunks, a stream has the same pieces, and they are those that a simple-minded cutting of the whole gives.
@c(LLVMFuzzerTestOneInput)
public func fuzzFrames(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let first = bytes.first else { return 0 }
    let limit = Int(first) + 1
    let stream = bytes.dropFirst()
    var whole = FrameSplitter(limit: limit)
    let pieces = whole.push(stream)
    precondition(pieces == simplePieces(stream, limit: limit), "cut otherwise")
    for step in [1, 2, 7, limit] {
        var splitter = FrameSplitter(limit: limit)
        var found: [FrameSplitter.Piece] = []
        var position = stream.startIndex
        while position < stream.endIndex {
            let end = min(position + step, stream.endIndex)
            found += splitter.push(stream[position..<end])
            precondition(splitter.pendingCount <= limit, "more held than allowed")
            position = end
        }
        precondition(found == pieces, "the chunks matter")
        precondition(splitter.isInsideFrame == whole.isInsideFrame)
    }
    return 0
}

private func simplePieces(_ stream: ArraySlice<UInt8>, limit: Int) -> [FrameSplitter.Piece] {
    var pieces: [FrameSplitter.Piece] = []
    var line: [UInt8] = []
    // Whether nothing at all stands between here and the 0xFF before.
    var justReset = false
    for byte in stream {
        switch byte {
        case 0xFF:
            if !justReset { pieces.append(.reset) }
            justReset = true
            line = []
        case 0x0A:
            if !line.isEmpty, line.count <= limit { pieces.append(.frame(line)) }
            justReset = false
            line = []
        default:
            line.append(byte)
            justReset = false
            if line.count == limit + 1 { pieces.append(.oversized) }
        }
    }
    return pieces
}
