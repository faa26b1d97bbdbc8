/// Where a share is attached: an absolute path in the guest, as bytes, in normal form (no empty component, no `.`,
/// no `..`, no slash at the end), without control characters. Whether it may be used is the policy's question.
public struct Target: Hashable, Sendable, CustomStringConvertible {
    /// PATH_MAX less the terminating NUL.
    public static let maximumLength = 4095
    /// NAME_MAX.
    public static let maximumComponentLength = 255

    /// The path's bytes.
    public let bytes: [UInt8]

    /// - Throws: `FieldProblem` (with an empty path) that says what is wrong with it.
    public init(validating text: String) throws(FieldProblem) {
        try self.init(validating: Array(text.utf8))
    }

    /// - Throws: `FieldProblem` (with an empty path) that says what is wrong with it.
    public init(validating bytes: [UInt8]) throws(FieldProblem) {
        let shown = "'\(String(printing: bytes.prefix(200)))'"
        guard bytes.first == UInt8(ascii: "/") else { throw FieldProblem(path: "", message: "\(shown) is not an absolute path") }
        guard bytes.count <= Self.maximumLength else {
            throw FieldProblem(path: "", message: "a path has at most \(Self.maximumLength) bytes")
        }
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw FieldProblem(path: "", message: "\(shown) has a control character")
        }
        let components = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst()
        guard bytes.count > 1 else { throw FieldProblem(path: "", message: "the root directory cannot be a target") }
        for component in components {
            guard !component.isEmpty, !component.elementsEqual(".".utf8), !component.elementsEqual("..".utf8) else {
                throw FieldProblem(path: "", message: "\(shown) is not in normal form: no '//', '.', '..' or '/' at the end")
            }
            guard component.count <= Self.maximumComponentLength else {
                throw FieldProblem(path: "", message: "a part of a path has at most \(Self.maximumComponentLength) bytes")
            }
        }
        self.bytes = bytes
    }

    /// For paths put together from sound parts.
    init(unchecked bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The path's parts, from the root.
    public var components: [ArraySlice<UInt8>] {
        bytes.split(separator: UInt8(ascii: "/"))
    }

    /// Whether this path is truly below another one.
    public func isBelow(_ root: Target) -> Bool {
        bytes.count > root.bytes.count + 1 && bytes.starts(with: root.bytes) && bytes[root.bytes.count] == UInt8(ascii: "/")
    }

    /// For people: escaped where a terminal or log line could be misled.
    public var description: String { String(printing: bytes) }

    /// The path as text for JSON. Targets come in as UTF-8, so nothing is lost.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}
