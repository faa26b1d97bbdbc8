/// Bytes that wait to be written, up to a limit, in one buffer from whose front the kernel takes.
struct OutQueue {
    let limit: Int
    private var bytes: [UInt8] = []
    private var written = 0

    init(limit: Int) {
        self.limit = limit
    }

    var count: Int { bytes.count - written }

    /// Adds all of `new`, or nothing where it would not fit: half a frame is worse than none.
    mutating func append(_ new: [UInt8]) -> Bool {
        guard count + new.count <= limit else { return false }
        bytes += new
        return true
    }

    /// Hands the first bytes, at most `most`, to `write`, which says how many it took.
    mutating func take(_ most: Int, _ write: (UnsafeRawBufferPointer) -> Int) {
        let end = min(bytes.count, written + most)
        let range = written..<end
        written += unsafe bytes.withUnsafeBytes { unsafe write(UnsafeRawBufferPointer(rebasing: $0[range])) }
        if written == bytes.count {
            removeAll()
        } else if written > limit / 2 {
            bytes.removeSubrange(..<written)
            written = 0
        }
    }

    /// Forgets everything, and gives back a buffer that had grown large.
    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: bytes.capacity <= 64 << 10)
        written = 0
    }
}
