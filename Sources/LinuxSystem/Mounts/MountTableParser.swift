/// Why bytes are no mountinfo: the line, counted from 1, and what is wrong with it.
public struct MountTableError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The line, from 1.
    public let line: Int
    /// What is wrong, as a clause such as `the target is empty`.
    public let reason: String

    /// One line for people.
    public var description: String { "mountinfo line \(line): \(reason)" }
}

extension MountTable {
    /// The longest mountinfo that is read: more than 100,000 mounts.
    public static let byteLimit = 32 << 20

    /// Parses the bytes of a whole /proc/PID/mountinfo.
    ///
    /// Strict: a table of which a line was lost would look like an unmount, so a table that is not understood in full is not used at all.
    public init(parsing bytes: [UInt8]) throws(MountTableError) {
        try self.init(parsing: bytes.span)
    }

    /// Parses the bytes of a whole /proc/PID/mountinfo.
    public init(parsing bytes: Span<UInt8>) throws(MountTableError) {
        var entries: [MountEntry] = []
        var line = 0
        var start = 0
        while start < bytes.count {
            line += 1
            var end = start
            while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
            guard end < bytes.count else { throw MountTableError(line: line, reason: "the line is cut off") }
            var fields = LineFields(position: start, end: end)
            do {
                entries.append(try fields.entry(bytes))
            } catch {
                throw MountTableError(line: line, reason: error.reason)
            }
            start = end + 1
        }
        self.init(entries: entries)
    }
}

private struct FieldError: Error {
    let reason: String
}

/// The fields of one line, taken from left to right. Fields are separated by exactly one space.
///
/// The bytes are handed to each function: a type that keeps a `Span` needs a language feature that is still experimental.
private struct LineFields {
    var position: Int
    let end: Int

    mutating func entry(_ bytes: Span<UInt8>) throws(FieldError) -> MountEntry {
        let mountID = try number(bytes, "mount id")
        let parentID = try number(bytes, "parent id")
        let device = try device(bytes)
        let root = try name(bytes, "root")
        let target = try name(bytes, "target")
        guard target.first == UInt8(ascii: "/") else { throw FieldError(reason: "the target is not an absolute path") }
        let options = try name(bytes, "options")
        let propagation = try propagation(bytes)
        let fstype = try name(bytes, "fstype")
        let source = unescaped(bytes, try field(bytes, "source"))
        let superOptions = try field(bytes, "super options")
        guard position > end else { throw FieldError(reason: "there is more after the super options") }
        return MountEntry(
            mountID: mountID, parentID: parentID, device: device, root: root, target: target, options: options,
            propagation: propagation, fstype: fstype, source: source, superOptions: unescaped(bytes, superOptions))
    }

    /// The range of the next field. One past the end means that the last field has been taken.
    private mutating func field(_ bytes: Span<UInt8>, _ what: StaticString) throws(FieldError) -> Range<Int> {
        guard position <= end else { throw FieldError(reason: "the \(what) is missing") }
        let start = position
        while position < end, bytes[position] != UInt8(ascii: " ") { position += 1 }
        let range = start..<position
        position += 1
        return range
    }

    private mutating func name(_ bytes: Span<UInt8>, _ what: StaticString) throws(FieldError) -> [UInt8] {
        let range = try field(bytes, what)
        guard !range.isEmpty else { throw FieldError(reason: "the \(what) is empty") }
        return unescaped(bytes, range)
    }

    private mutating func number(_ bytes: Span<UInt8>, _ what: StaticString) throws(FieldError) -> UInt64 {
        let range = try field(bytes, what)
        guard let number = decimal(bytes, range) else { throw FieldError(reason: "the \(what) is not a number") }
        return number
    }

    private mutating func device(_ bytes: Span<UInt8>) throws(FieldError) -> DeviceNumber {
        let range = try field(bytes, "device")
        var colon = range.lowerBound
        while colon < range.upperBound, bytes[colon] != UInt8(ascii: ":") { colon += 1 }
        guard colon < range.upperBound,
            let major = decimal(bytes, range.lowerBound..<colon).flatMap({ UInt32(exactly: $0) }),
            let minor = decimal(bytes, colon + 1..<range.upperBound).flatMap({ UInt32(exactly: $0) })
        else { throw FieldError(reason: "the device is not major:minor") }
        return DeviceNumber(major: major, minor: minor)
    }

    /// Zero or more fields up to the lone hyphen. One that this program does not know is a newer kernel's and passed over.
    private mutating func propagation(_ bytes: Span<UInt8>) throws(FieldError) -> MountPropagation {
        var propagation = MountPropagation()
        while true {
            let range = try field(bytes, "separator")
            if range.count == 1, bytes[range.lowerBound] == UInt8(ascii: "-") { return propagation }
            if let group = group(bytes, range, "shared:") { propagation.sharedGroup = group }
            if let group = group(bytes, range, "master:") { propagation.masterGroup = group }
            if let group = group(bytes, range, "propagate_from:") { propagation.propagatesFrom = group }
            if starts(bytes, range, "unbindable"), range.count == 10 { propagation.isUnbindable = true }
        }
    }

    private func group(_ bytes: Span<UInt8>, _ range: Range<Int>, _ prefix: StaticString) -> UInt64? {
        guard starts(bytes, range, prefix) else { return nil }
        return decimal(bytes, range.lowerBound + prefix.utf8CodeUnitCount..<range.upperBound)
    }

    private func starts(_ bytes: Span<UInt8>, _ range: Range<Int>, _ prefix: StaticString) -> Bool {
        guard range.count >= prefix.utf8CodeUnitCount else { return false }
        return prefix.withUTF8Buffer { letters in
            for index in 0..<letters.count where unsafe bytes[range.lowerBound + index] != letters[index] { return false }
            return true
        }
    }

    /// Digits only, at least one, no sign.
    private func decimal(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt64? {
        guard !range.isEmpty else { return nil }
        var value: UInt64 = 0
        for index in range {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            let (scaled, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = scaled.addingReportingOverflow(UInt64(digit))
            guard !tooLarge, !overflow else { return nil }
            value = sum
        }
        return value
    }

    /// Undoes `\ooo`. A backslash that begins no escape stays: some file systems print their options without escaping.
    private func unescaped(_ bytes: Span<UInt8>, _ range: Range<Int>) -> [UInt8] {
        var plain: [UInt8] = []
        plain.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\\"), let escaped = octal(bytes, at: index + 1, before: range.upperBound) {
                plain.append(escaped)
                index += 4
            } else {
                plain.append(byte)
                index += 1
            }
        }
        return plain
    }

    private func octal(_ bytes: Span<UInt8>, at start: Int, before end: Int) -> UInt8? {
        guard start + 3 <= end else { return nil }
        var value: UInt = 0
        for index in start..<start + 3 {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit <= 7 else { return nil }
            value = value * 8 + UInt(digit)
        }
        return UInt8(exactly: value)
    }
}
