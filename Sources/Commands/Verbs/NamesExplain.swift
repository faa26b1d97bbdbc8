import ArgumentParser
import ShareModel

/// How bytes are shown that mean nothing.
enum InvalidWord: String, ExpressibleByArgument, CaseIterable {
    case escape, percent, refuse
}

/// `shareagent names explain`: what a name is made of.
struct NamesExplain: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say what a name is made of, and what others make of it.",
        discussion: """
            Looks at no file. A name that is hard to type is given as @ and its bytes in hexadecimal, as --json and journals have them: @636166e9. \
            The options are keys of names: in a share's entry, and show the name by them as well.
            """)

    @Argument(help: ArgumentHelp("A file name, or @ and its bytes in hexadecimal.", valueName: "name"))
    var name: String

    @Option(help: ArgumentHelp("What the bytes of the name mean (default: utf-8).", valueName: "charset"))
    var encoding: String?

    @Option(help: ArgumentHelp("The form in which it is shown: asis, nfc, nfc-hfs, nfd, nfd-hfs (default: asis).", valueName: "form"))
    var form: FormWord?

    @Option(help: ArgumentHelp("Private characters in it for reserved ones: none, sfm, sfu (default: none).", valueName: "dialect"))
    var reserved: DialectWord?

    @Option(help: ArgumentHelp("How bytes are shown that mean nothing: escape, percent, refuse (default: escape).", valueName: "way"))
    var invalid: InvalidWord?

    @Flag(name: .long, help: "Print one JSON document instead of a table.")
    var json = false

    var wantsJSON: Bool { json }

    /// The bytes that are meant; nil where they are no name.
    static func bytes(of name: String) -> [UInt8]? {
        var bytes = TypedBytes.of(name)
        if bytes.first == UInt8(ascii: "@"), let given = hexadecimal(bytes.dropFirst()) { bytes = given }
        let isName = !bytes.isEmpty && bytes.count <= 1024 && !bytes.contains(0) && !bytes.contains(UInt8(ascii: "/"))
        return isName && bytes != Array(".".utf8) && bytes != Array("..".utf8) ? bytes : nil
    }

    private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> [UInt8]? {
        guard !digits.isEmpty, digits.count % 2 == 0 else { return nil }
        let text = Array(digits)
        var bytes: [UInt8] = []
        for place in stride(from: 0, to: text.count, by: 2) {
            guard text[place] != UInt8(ascii: "+"), text[place] != UInt8(ascii: "-"),
                let byte = UInt8(String(decoding: text[place...(place + 1)], as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    func validate() throws {
        guard Self.bytes(of: name) != nil else {
            throw ValidationError("This is no file name: one is not empty, not . or .., without / and NUL, and at most 1024 bytes long.")
        }
    }

    func perform(with program: Program) throws(CommandEnd) -> ExitStatus {
        let bytes = Self.bytes(of: name) ?? []
        let digits = Array("0123456789abcdef".utf8)
        let hex = String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
        let order = Value.object([
            "name": .string(hex), "encoding": .text(encoding), "form": .text(form?.rawValue), "reserved": .text(reserved?.rawValue),
            "invalid": .text(invalid?.rawValue),
        ])
        let run = try NamesRun.start("explain", order, program: program, giveUp: WaitArgument(milliseconds: 30_000))
        let answer = CharacterNames.added(to: try run.outcome(of: "cannot explain the name") { "try again" })
        program.console.print(json ? [JSONText.of(answer, on: program.console.out)] : NameText.lines(answer, on: program.console.out))
        return .done
    }
}
