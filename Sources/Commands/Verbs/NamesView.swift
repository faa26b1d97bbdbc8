import ArgumentParser
import ShareModel
import ShareWire

/// `shareagent names view`: becomes a view by hand.
struct NamesView: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "view",
        abstract: "Show a directory with its names translated, until interrupted.",
        discussion: """
            Everything but names is the source's own, for reading and writing. The target may be the source itself. SIGINT (Ctrl-C) and SIGTERM \
            unmount it. Whoever is not root needs fusermount3 (package fuse3) and is the only one whom the view serves. The options are the \
            keys of names: in a share's entry.
            """)

    @Argument(help: ArgumentHelp("The directory to show.", valueName: "source"), completion: .directory)
    var source: String

    @Argument(help: ArgumentHelp("The directory to show it at.", valueName: "target"), completion: .directory)
    var target: String

    @Option(help: ArgumentHelp("What the bytes of names on the source mean (default: utf-8).", valueName: "charset"))
    var encoding: String?

    @Option(help: ArgumentHelp("The form in which names are shown: asis, nfc, nfc-hfs, nfd (default: asis).", valueName: "form"))
    var form: String?

    @Option(help: ArgumentHelp("The form in which new names are written: asis, nfc, nfd, nfd-hfs (default: as shown).", valueName: "form"))
    var newNames: String?

    @Option(help: ArgumentHelp("Private characters on the source for reserved ones: none, sfm, sfu (default: none).", valueName: "dialect"))
    var reserved: String?

    @Option(help: ArgumentHelp("How bytes are shown that mean nothing: escape, percent, refuse (default: escape).", valueName: "way"))
    var invalid: String?

    @Option(
        name: .customLong("case"),
        help: ArgumentHelp("Whether case tells names apart: sensitive, insensitive (default: sensitive).", valueName: "word"))
    var sensitivity: String?

    @Flag(name: .long, help: "Print a failure as JSON, too.")
    var json = false

    var wantsJSON: Bool { json }

    func validate() throws {
        try NamesRunOptions.requireText([source, target], orElse: "name")
    }

    /// The `names:` that the options say.
    var policy: Value {
        .object([
            "encoding": .text(encoding), "form": .text(form), "newNames": .text(newNames), "reserved": .text(reserved),
            "invalid": .text(invalid), "case": .text(sensitivity),
        ])
    }

    func perform(with program: Program) throws(CommandEnd) -> ExitStatus {
        // A path is never taken for an option.
        let places = [source, target].map { $0.hasPrefix("-") ? "./" + $0 : $0 }
        let policy = String(decoding: StrictJSON.bytes(of: policy), as: UTF8.self)
        throw program.become("share-names-view", places + ["--policy", policy] + (json ? ["--json"] : []), doing: "run the view")
    }
}
