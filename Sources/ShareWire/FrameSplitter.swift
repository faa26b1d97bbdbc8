/// Cuts the byte stream of a channel or control socket into frames: one a line, forgotten at 0xFF, bounded.
///
/// Never holds more than `Limits.frameBytes` between two calls, whatever the peer sends and however slowly.
/// It knows no time: who owns it forgets a frame that does not grow (`Limits.partialFrameMs`).
public struct FrameSplitter: Sendable {
    /// What was found in the stream.
    public enum Piece: Equatable, Sendable {
        /// A whole line, without its LF. Lines that hold nothing are left out.
        case frame([UInt8])
        /// One or more 0xFF: whatever was pending is forgotten, the sender begins anew.
        case reset
        /// A line passed the limit; the rest of it, up to its LF or a 0xFF, is dropped. Told once a line.
        case oversized
    }

    private var pending: [UInt8] = []
    private var skipping = false
    private var justReset = false
    private let limit: Int

    /// A splitter at the beginning of a frame.
    /// - Parameter limit: the longest frame in bytes, LF not counted.
    public init(limit: Int = Limits.frameBytes) {
        self.limit = limit
    }

    /// How many bytes of an unfinished frame are held.
    public var pendingCount: Int { pending.count }

    /// Whether a frame has been begun and not ended, be it held or skipped.
    public var isInsideFrame: Bool { skipping || !pending.isEmpty }

    /// Forgets the unfinished frame; the next byte begins a new one.
    public mutating func forget() {
        if !pending.isEmpty { pending = [] }
        skipping = false
    }

    /// Drops the unfinished frame and the rest of its line.
    public mutating func skipLine() {
        pending = []
        skipping = true
    }

    /// Takes the next bytes and hands out each piece they complete, in their order.
    public mutating func push(_ bytes: ArraySlice<UInt8>, piece: (Piece) -> Void) {
        var start = bytes.startIndex
        while start < bytes.endIndex {
            if justReset, bytes[start] == 0xFF {
                start += 1
                continue
            }
            var end = start
            while end < bytes.endIndex, bytes[end] != 0x0A, bytes[end] != 0xFF { end += 1 }
            if end > start { take(bytes[start..<end], piece) }
            guard end < bytes.endIndex else { return }
            if bytes[end] == 0xFF {
                if !justReset { piece(.reset) }
                justReset = true
                forget()
            } else {
                justReset = false
                endLine(piece)
            }
            start = end + 1
        }
    }

    /// Takes the next bytes; the pieces they complete.
    public mutating func push(_ bytes: ArraySlice<UInt8>) -> [Piece] {
        var pieces: [Piece] = []
        push(bytes) { pieces.append($0) }
        return pieces
    }

    /// Takes the next bytes; the pieces they complete.
    public mutating func push(_ bytes: [UInt8]) -> [Piece] {
        push(bytes[...])
    }

    private mutating func take(_ bytes: ArraySlice<UInt8>, _ piece: (Piece) -> Void) {
        justReset = false
        guard !skipping else { return }
        guard bytes.count <= limit - pending.count else {
            pending = []
            skipping = true
            piece(.oversized)
            return
        }
        pending.append(contentsOf: bytes)
    }

    private mutating func endLine(_ piece: (Piece) -> Void) {
        if !skipping, !pending.isEmpty { piece(.frame(pending)) }
        forget()
    }
}
