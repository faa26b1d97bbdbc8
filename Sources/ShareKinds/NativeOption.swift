import ShareModel

/// An option of a file system that a share or the policy may set by its own name, and what its value may be. What is not
/// listed is refused: the kernel's words change, and some of them open doors.
struct NativeOption {
    /// What stands behind the `=`.
    enum Form {
        /// Nothing; in YAML `true` or an empty text. `false` takes the tuned one of the same group away.
        case flag
        case number(ClosedRange<Int64>)
        /// Permission bits, in octal.
        case octal
        case word([String])
        /// Any text that cannot be read as more than one option.
        case text
    }

    let name: String
    let form: Form
    /// Options that say the same thing share a group; only the last one of a group is passed to the kernel.
    let group: String

    init(_ name: String, _ form: Form, group: String? = nil) {
        self.name = name
        self.form = form
        self.group = group ?? name
    }

    /// Flags that each stand for themselves.
    static func flags(_ names: String...) -> [NativeOption] {
        names.map { NativeOption($0, .flag) }
    }

    /// Flags of which only one can hold.
    static func either(_ names: String...) -> [NativeOption] {
        names.map { NativeOption($0, .flag, group: names[0]) }
    }

    /// What a value given as text means.
    enum Reading: Equatable {
        case flag
        case value(String)
        /// A flag that is not wished.
        case off
    }

    /// Reads a value as a share or the policy wrote it.
    /// - Throws: what is wrong with it, as a clause that follows the option's name.
    func read(_ text: String) throws(FieldProblem) -> Reading {
        switch form {
        case .flag:
            switch text {
            case "", "true", "yes", "on": return .flag
            case "false", "no", "off": return .off
            default: throw FieldProblem(path: name, message: "is a flag: true or false, not '\(text.printable)'")
            }
        case .number(let range):
            guard let number = Int64(text), text.utf8.first != UInt8(ascii: "+"), range.contains(number) else {
                throw FieldProblem(
                    path: name, message: "must be a number from \(range.lowerBound) to \(range.upperBound), not '\(text.printable)'")
            }
            return .value(String(number))
        case .octal:
            guard let mode = Int(text, radix: 8), (0...0o7777).contains(mode) else {
                throw FieldProblem(path: name, message: "must be an octal mode such as 0755, not '\(text.printable)'")
            }
            return .value(octal(mode))
        case .word(let words):
            guard words.contains(text) else {
                throw FieldProblem(path: name, message: "must be one of \(words.joined(separator: ", ")), not '\(text.printable)'")
            }
            return .value(text)
        case .text:
            guard isOneOptionText(text) else {
                throw FieldProblem(path: name, message: "'\(text.printable)' has a character that would end or split the option")
            }
            return .value(text)
        }
    }
}

/// Whether a text can stand as an option's value without being read as more: printable ASCII without comma, quotes, backslash or blank.
func isOneOptionText(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && !",\"'\\".utf8.contains($0) }
}

/// Whether a text can be an option's name: a letter, then letters, digits and `_ . -`.
func isOptionName(_ text: String) -> Bool {
    guard let first = text.utf8.first, first.isASCIILetterOrDigit, text.utf8.count <= 64 else { return false }
    return text.utf8.allSatisfy { $0.isASCIILetterOrDigit || "_.-".utf8.contains($0) }
}

/// Permission bits as the kernel reads them: `0755`.
func octal(_ mode: Int) -> String {
    "0" + String(mode, radix: 8)
}
