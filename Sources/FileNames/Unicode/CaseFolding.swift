internal import CNameTables

/// Makes keys that are the same for names that differ in case only, in whatever spelling: full folding of the pinned Unicode version,
/// without the Turkish rules. Kept for many names, as `Normalizer` is.
public struct CaseFolder {
    private var normalizer = Normalizer()
    private var decomposed: [UInt8] = []
    private var folded: [UInt8] = []

    /// Ready for any name.
    public init() {}

    /// Writes the key of a name: NFC of the folded NFD. What is not UTF-8 folds in its ASCII letters only.
    public mutating func key(of name: Span<UInt8>, into key: inout [UInt8]) {
        if UTF8Bytes.asciiRun(name, from: 0) == name.count {
            key.removeAll(keepingCapacity: true)
            Self.fold(name, into: &key)
            return
        }
        // Their memory is lent for this call: a span of a property would hold all of this value.
        var (decomposed, folded) = (self.decomposed, self.folded)
        (self.decomposed, self.folded) = ([], [])
        defer { (self.decomposed, self.folded) = (decomposed, folded) }
        folded.removeAll(keepingCapacity: true)
        if normalizer.normalize(name, to: .nfd, into: &decomposed) == .changed {
            Self.fold(decomposed.span, into: &folded)
        } else {
            Self.fold(name, into: &folded)
        }
        if normalizer.normalize(folded.span, to: .nfc, into: &key) != .changed {
            key.removeAll(keepingCapacity: true)
            key += folded
        }
    }

    /// The key of a name.
    public mutating func key(of name: [UInt8]) -> [UInt8] {
        var key: [UInt8] = []
        self.key(of: name.span, into: &key)
        return key
    }

    private static func fold(_ name: Span<UInt8>, into output: inout [UInt8]) {
        var index = 0
        while index < name.count {
            let byte = name[index]
            if byte < 0x80 {
                output.append((0x41...0x5A).contains(byte) ? byte | 0x20 : byte)
                index += 1
                continue
            }
            let (scalar, length) = UTF8Bytes.scalar(in: name, at: index)
            if length == 0 {
                output.append(byte)
                index += 1
                continue
            }
            index += length
            let record = UnicodeTable.record(scalar)
            if record.folding_count == 0 { UTF8Bytes.append(scalar, to: &output) }
            for place in 0..<Int(record.folding_count) {
                UTF8Bytes.append(UnicodeTable.pooled(Int(record.folding) + place), to: &output)
            }
        }
    }
}
