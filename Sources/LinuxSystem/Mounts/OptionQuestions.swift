import CLinux
import Glibc

/// What the running kernel says about options of a file system.
///
/// Asked in throw-away contexts (fsopen(2), fsconfig(2)) that no file system is ever made of: no server hears of it, no device is opened,
/// nothing is mounted. Opening the first one loads the type's module, as mounting would.
public struct OptionQuestions: Sendable {
    /// What it says about one option.
    public enum Answer: Hashable, Sendable {
        /// It knows the option and takes the value.
        case taken
        /// It knows no option of this name.
        case unknown
        /// It knows the name and refuses the value; in its own words.
        case refused(String)
    }

    private let fstype: [UInt8]
    /// Whether this type reads each option when it is set. Those of the old kind (9p up to 6.12 is one) read all of them when they
    /// mount, so here they take whatever they are given, and their answers are worth nothing.
    public let canTell: Bool

    /// The longest value that fsconfig takes, its NUL left out (fs/fsopen.c: strndup_user of 256).
    private static let longestValue = 255
    /// A name that no file system has.
    private static let nonsense: [UInt8] = Array("shareagent.asks".utf8)

    /// Opens a first context.
    /// - Throws: ENODEV where the kernel has no such type; EPERM without CAP_SYS_ADMIN; ENOSYS before Linux 5.2 and where a filter
    ///   forbids the call.
    public init(fstype: [UInt8]) throws(SystemCallError) {
        self.fstype = fstype
        canTell = try Self.ask(fstype, Self.nonsense, nil) != .taken
    }

    /// Asks about one option in a context of its own, so that no answer depends on the one before.
    /// - Parameter value: nil for a flag.
    /// - Returns: nil where nothing can be told: the type is of the old kind, or the value too long for the question.
    /// - Throws: the call that failed for another reason than the option.
    public func answer(name: [UInt8], value: [UInt8]?) throws(SystemCallError) -> Answer? {
        guard canTell, value?.count ?? 0 <= Self.longestValue else { return nil }
        return try Self.ask(fstype, name, value)
    }

    private static func ask(_ fstype: [UInt8], _ name: [UInt8], _ value: [UInt8]?) throws(SystemCallError) -> Answer {
        let context = OwnedDescriptor(adopting: unsafe try withPath("fsopen", fstype) { unsafe shareagent_fsopen($0) })
        let number = context.rawValue
        do throws(SystemCallError) {
            unsafe try withPath("fsconfig", name) { key in
                guard let value else { return unsafe shareagent_fsconfig(number, key, nil) }
                return unsafe (value + [0]).withUnsafeBytes { bytes in
                    unsafe shareagent_fsconfig(number, key, bytes.assumingMemoryBound(to: CChar.self).baseAddress.unsafelyUnwrapped)
                }
            }
            return .taken
        } catch {
            switch error.errno {
            case EINVAL, ERANGE, EOPNOTSUPP, EDOM:
                let words = log(of: number)
                return words.contains { Self.isUnknown($0) } ? .unknown : .refused(words.last ?? error.text)
            default: throw error
            }
        }
    }

    /// `e nfs: Unknown parameter 'x'`: one message a read, its kind and a blank before it (fs/fsopen.c).
    private static func log(of context: CInt) -> [String] {
        var lines: [String] = []
        var room = [UInt8](repeating: 0, count: 1024)
        while lines.count < 8 {
            let count = unsafe room.withUnsafeMutableBytes { unsafe read(context, $0.baseAddress, $0.count) }
            guard count > 2 else { return lines }
            lines.append(String(decoding: room[2..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
        }
        return lines
    }

    private static func isUnknown(_ line: String) -> Bool {
        let words = Array("Unknown parameter".utf8)
        let line = Array(line.utf8)
        return line.indices.contains { line[$0...].starts(with: words) }
    }
}
