/// UTF-8 that was taken for Western text and encoded once more: `Ã©` for `é`.
public struct DoubleEncoding: Sendable {
    private let western = CharsetEncoder(.cp1252)

    /// Turns the table round once.
    public init() {}

    /// Writes the name as it was before; what was written is only good where the answer is true.
    /// - Parameter output: emptied first; keeps its memory.
    /// - Returns: whether the bytes of the name's Western encoding are UTF-8 again, and not ASCII.
    public func mend(_ name: Span<UInt8>, into output: inout [UInt8]) -> Bool {
        output.removeAll(keepingCapacity: true)
        var index = 0
        var isASCII = true
        while index < name.count {
            let (scalar, length) = UTF8Bytes.scalar(in: name, at: index)
            guard length > 0, scalar <= 0x2122 else { return false }
            index += length
            if scalar >= 0x80 { isASCII = false }
            // What Windows' code page lacks was written as the byte itself.
            if !western.append(scalar, to: &output) {
                guard scalar < 0x100 else { return false }
                output.append(UInt8(scalar))
            }
        }
        return !isASCII && isUTF8(output.span)
    }
}
