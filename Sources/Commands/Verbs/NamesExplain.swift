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
        if bytes.first == UInt8(ascii: "@"), let given = ShareModel.bytes(hexadecimal: String(decoding: bytes.dropFirst(), as: UTF8.self)),
            !given.isEmpty
        {
            bytes = given
        }
        let isName = !bytes.isEmpty && bytes.count <= 1024 && !bytes.contains(0) && !bytes.contains(UInt8(ascii: "/"))
        return isName && bytes != Array(".".utf8) && bytes != Array("..".utf8) ? bytes : nil
    }

    func validate() throws {
        guard Self.bytes(of: name) != nil else {
            throw ValidationError("This is no file name: one is not empty, not . or .., without / and NUL, and at most 1024 bytes long.")
        }
    }

    func perform(with program: Program) throws(CommandEnd) -> ExitStatus {
        let bytes = Self.bytes(of: name) ?? []
        let order = Value.object([
            "name": .string(hexadecimal(bytes)), "encoding": .text(encoding), "form": .text(form?.rawValue),
            "reserved": .text(reserved?.rawValue),
            "invalid": .text(invalid?.rawValue),
        ])
        let run = try NamesRun.start("explain", order, program: program, giveUp: WaitArgument(milliseconds: 30_000))
        let answer = CharacterNames.added(to: try run.outcome(of: "cannot explain the name") { "try again" })
        program.console.print(json ? [JSONText.of(answer, on: program.console.out)] : NameText.lines(answer, on: program.console.out))
        return .done
    }
}
