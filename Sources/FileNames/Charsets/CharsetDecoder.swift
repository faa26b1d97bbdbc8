internal import CNameTables

/// From bytes of a charset to characters. Only codes that are encoded as the same bytes again are known; others decode to nothing.
public struct CharsetDecoder: Sendable {
    /// Which one.
    public let charset: Charset
    private let kind: Charset.Kind
    /// What 0x80 to 0xFF are alone; 0 for nothing.
    private(set) var lone: [UInt16]
    /// By `(lead & 0x7F) << 8 | trail`; empty for a single-byte charset.
    private(set) var cells: [UInt16]
    /// EUC-JP's third bytes, behind 0x8F.
    private(set) var third: [UInt16]
    /// Characters above U+FFFF that have two bytes, so that their four-byte codes are not taken for them.
    private var pairedAstral: [UInt32] = []

    /// Spreads the charset's table out: 64 KiB for one of two bytes.
    public init(_ charset: Charset) {
        self.charset = charset
        kind = charset.kind
        third = []
        switch kind {
        case .utf8:
            (lone, cells) = ([], [])
        case .single(let number):
            lone = (0..<128).map { unsafe shareagent_single_cell_table()[number * 128 + $0] }
            cells = []
        case .double(let number):
            (lone, cells) = (Self.lone(number), Self.spread(number))
        case .gb18030:
            (lone, cells) = (Self.lone(0), Self.spread(0))
            pairedAstral = cells.filter { $0 & 0xF800 == 0xD800 }.map(Self.scalar(ofCell:))
        case .eucJP:
            (lone, cells, third) = (Self.lone(7), Self.spread(7), Self.spread(8))
        }
    }

    /// The character that begins at `index`; length 0 where none does.
    @inline(__always)
    public func scalar(in bytes: Span<UInt8>, at index: Int) -> (value: UInt32, length: Int) {
        let first = bytes[index]
        if first < 0x80 { return (UInt32(first), 1) }
        switch kind {
        case .utf8: return UTF8Bytes.scalar(in: bytes, at: index)
        case .single: return answer(lone[Int(first & 0x7F)], 1)
        case .double: return pair(first, bytes, index)
        case .gb18030:
            if index + 3 < bytes.count, (0x30...0x39).contains(bytes[index + 1]) { return four(bytes, index) }
            return pair(first, bytes, index)
        case .eucJP:
            if first == 0x8E, index + 1 < bytes.count, (0xA1...0xDF).contains(bytes[index + 1]) {
                return (0xFF61 + UInt32(bytes[index + 1] - 0xA1), 2)
            }
            if first == 0x8F {
                guard index + 2 < bytes.count, bytes[index + 1] >= 0x80 else { return (0, 0) }
                return answer(third[Int(bytes[index + 1] & 0x7F) << 8 | Int(bytes[index + 2])], 3)
            }
            return pair(first, bytes, index)
        }
    }

    @inline(__always)
    private func pair(_ first: UInt8, _ bytes: Span<UInt8>, _ index: Int) -> (value: UInt32, length: Int) {
        let alone = lone[Int(first & 0x7F)]
        if alone != 0 { return (UInt32(alone), 1) }
        guard index + 1 < bytes.count else { return (0, 0) }
        return answer(cells[Int(first & 0x7F) << 8 | Int(bytes[index + 1])], 2)
    }

    @inline(__always)
    private func answer(_ cell: UInt16, _ length: Int) -> (value: UInt32, length: Int) {
        cell == 0 ? (0, 0) : (Self.scalar(ofCell: cell), length)
    }

    /// Surrogates in a cell number the characters above U+FFFF.
    @inline(__always)
    static func scalar(ofCell cell: UInt16) -> UInt32 {
        cell & 0xF800 == 0xD800 ? unsafe shareagent_astral_scalar_table()[Int(cell & 0x7FF)] : UInt32(cell)
    }

    private func four(_ bytes: Span<UInt8>, _ index: Int) -> (value: UInt32, length: Int) {
        let (a, b, c, d) = (UInt32(bytes[index]), UInt32(bytes[index + 1]), UInt32(bytes[index + 2]), UInt32(bytes[index + 3]))
        guard (0x81...0xFE).contains(a), (0x81...0xFE).contains(c), (0x30...0x39).contains(d) else { return (0, 0) }
        let scalar = GB18030.scalar(ofLinear: ((a - 0x81) * 10 + b - 0x30) * 1260 + (c - 0x81) * 10 + d - 0x30)
        return scalar == 0 || (scalar > 0xFFFF && pairedAstral.contains(scalar)) ? (0, 0) : (scalar, 4)
    }

    private static func lone(_ number: Int) -> [UInt16] {
        let table = unsafe shareagent_double_table_list()[number]
        return (0..<128).map { unsafe table.lone[$0] }
    }

    private static func spread(_ number: Int) -> [UInt16] {
        let own = unsafe shareagent_double_table_list()[number]
        var cells = [UInt16](repeating: 0, count: 1 << 15)
        let base = unsafe own.base
        let inherited = base < 0 ? [] : spread(Int(base))
        let width = unsafe Int(own.last_trail - own.first_trail) + 1
        for lead in unsafe Int(own.first_lead)...Int(own.last_lead) {
            let row = unsafe Int(own.rows[lead])
            for trail in unsafe Int(own.first_trail)...Int(own.last_trail) {
                let at = (lead & 0x7F) << 8 | trail
                if base >= 0 {
                    cells[at] = inherited[at]
                } else if row != 0xFF {
                    cells[at] = unsafe own.cells[row * width + trail - Int(own.first_trail)]
                }
            }
        }
        for patch in 0..<(unsafe Int(own.patch_count)) {
            cells[Int(unsafe own.cells[patch * 2] & 0x7FFF)] = unsafe own.cells[patch * 2 + 1]
        }
        return cells
    }
}

/// The four-byte codes of GB 18030: runs of characters, and all above U+FFFF.
enum GB18030 {
    private static let firstAstral: UInt32 = 189_000
    private static let runs: [(linear: UInt32, scalar: UInt32, count: UInt32)] = (0..<Int(shareagent_gb18030_range_count)).map {
        let table = unsafe shareagent_gb18030_range_table()
        return unsafe (table[$0 * 3], table[$0 * 3 + 1], table[$0 * 3 + 2])
    }
    private static let byScalar = runs.sorted { $0.scalar < $1.scalar }

    /// The character of a linear code; 0 for none.
    static func scalar(ofLinear linear: UInt32) -> UInt32 {
        if linear >= firstAstral { return linear - firstAstral <= 0xF_FFFF ? linear - firstAstral + 0x1_0000 : 0 }
        guard let run = last(of: runs, where: { $0.linear <= linear }), linear - run.linear < run.count else { return 0 }
        return run.scalar + linear - run.linear
    }

    /// The linear code of a character; nil for those that have two bytes.
    static func linear(of scalar: UInt32) -> UInt32? {
        if scalar >= 0x1_0000 { return scalar - 0x1_0000 + firstAstral }
        guard let run = last(of: byScalar, where: { $0.scalar <= scalar }), scalar - run.scalar < run.count else { return nil }
        return run.linear + scalar - run.scalar
    }

    /// The last element of a sorted list for which the condition still holds.
    private static func last<Element>(of list: [Element], where holds: (Element) -> Bool) -> Element? {
        var (low, high) = (0, list.count)
        while low < high {
            let middle = (low + high) / 2
            if holds(list[middle]) { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : list[low - 1]
    }
}
