import ArgumentParser
import Glibc
import ShareModel

/// A form that names can get.
enum FormWord: String, ExpressibleByArgument, CaseIterable {
    case asis, nfc
    case nfcHFS = "nfc-hfs"
    case nfd
    case nfdHFS = "nfd-hfs"
}

/// A dialect of private characters.
enum DialectWord: String, ExpressibleByArgument, CaseIterable {
    case none, sfm, sfu
}

/// What is done about names that would be alike.
enum CollisionWord: String, ExpressibleByArgument, CaseIterable {
    case report, leave, suffix
}

/// `shareagent names convert`: gives names of a tree their UTF-8, for good.
struct NamesConvert: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Say what the names of a tree become in UTF-8, and rename where told to.",
        discussion: """
            Without --apply nothing is changed. With it a journal is written first, by which names undo puts everything back, wherever it was \
            interrupted; the same command with the same --journal goes on. Nothing is ever replaced. Runs with the rights of whoever asks, and \
            needs no agent.
            """)

    @Argument(help: ArgumentHelp("The directory; its own name stays.", valueName: "path"), completion: .directory)
    var path: String

    @Option(help: ArgumentHelp("What names that are not UTF-8 are; auto guesses a directory at a time.", valueName: "charset"))
    var from: String

    @Option(help: ArgumentHelp("The form that names get: asis, nfc, nfc-hfs, nfd, nfd-hfs.", valueName: "form"))
    var to = FormWord.nfc

    @Option(help: ArgumentHelp("Replace private characters by the reserved ones they stand for: none, sfm, sfu.", valueName: "dialect"))
    var reserved = DialectWord.none

    @Option(
        help: ArgumentHelp("Names that would be alike: report and rename nothing, leave them, or suffix all but one.", valueName: "way"))
    var collisions = CollisionWord.report

    @Flag(name: .customLong("mend-double"), help: "Mend names whose UTF-8 was encoded twice, too.")
    var mendDouble = false

    @Flag(name: .customLong("keep-targets"), help: "Leave the targets of symbolic links alone.")
    var keepTargets = false

    @Flag(
        name: .customLong("keep-old-links"),
        help: "Keep each symbolic link that is made anew, under a temporary name, so that undo brings back the very same.")
    var keepOldLinks = false

    @Flag(help: "Rename.")
    var apply = false

    @Flag(name: .customLong("accept-guess"), help: "Rename by what --from auto guesses.")
    var acceptGuess = false

    @Option(
        help: ArgumentHelp("Where the journal is; without --apply the plan is put there, for later.", valueName: "file"),
        completion: .file())
    var journal: String?

    @OptionGroup
    var run: NamesRunOptions

    var wantsJSON: Bool { run.json }

    func validate() throws {
        try NamesRunOptions.requireText([path, journal], orElse: "convert")
    }

    func perform(with program: Program) throws(CommandEnd) -> ExitStatus {
        var journal = journal
        if apply, journal == nil { journal = try Self.standardJournal(program) }
        let order = Value.object([
            "path": .string(path), "from": .string(from), "to": .string(to.rawValue), "reserved": .string(reserved.rawValue),
            "mendDouble": .bool(mendDouble), "links": .bool(!keepTargets), "keepOldLinks": .bool(keepOldLinks),
            "collisions": .string(collisions.rawValue),
            "apply": .bool(apply),
            "acceptGuess": .bool(acceptGuess), "journal": .text(journal),
        ])
        let names = try NamesRun.start("convert", order, program: program, giveUp: run.giveUp)
        let goOn =
            apply ? journal.map { "the same command with --journal \($0) goes on, shareagent names undo \($0) puts everything back" } : nil
        let report: Value
        do throws(CommandEnd) {
            report = try names.outcome(of: "cannot convert the names of '\(path)'") { "once the share answers, " + (goOn ?? "plan again") }
        } catch {
            if case .interrupted = error, let goOn { program.console.complain(["shareagent: interrupted: \(goOn)"]) }
            throw error
        }
        if run.json {
            program.console.print(report)
        } else {
            program.console.print(ConversionText.lines(report, on: program.console.out))
        }
        let isPart = (report["problems"]?["count"]?.number ?? 0) > 0
        return isPart ? (apply && report["done"]?.number == 0 ? .none : .part) : .done
    }

    /// A file that is there for nothing else.
    private static func standardJournal(_ program: Program) throws(CommandEnd) -> String {
        guard let folder = journalFolder(program.environment, isRoot: geteuid() == 0) else {
            throw .complaint(
                Complaint(
                    "nothing was renamed: there is no place for the journal", why: "neither HOME nor XDG_STATE_HOME is set",
                    remedy: "say where it is to be: --journal FILE", exit: .usage, code: .targetMissing))
        }
        let now = String(program.now().description.filter { $0.isNumber || $0 == "T" }.prefix(15))
        return "\(folder)/names/\(now)-\(getpid()).journal"
    }

    /// Root's is beside the agent's state, everybody else's where programs keep theirs; nil: nowhere. Not below /tmp: what is there today may be
    /// somebody else's, or gone tomorrow and with it the way back.
    static func journalFolder(_ environment: [String: String], isRoot: Bool) -> String? {
        if isRoot { return "/var/lib/shareagent" }
        func place(_ name: String) -> String? { environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }
        return (place("XDG_STATE_HOME") ?? place("HOME").map { $0 + "/.local/state" }).map { $0 + "/shareagent" }
    }
}

/// `shareagent names undo`: puts back what a conversion renamed.
struct NamesUndo: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo",
        abstract: "Give files the names back that they had before names convert.",
        discussion: """
            Works wherever the conversion was interrupted, and can itself be repeated. A file that is not there any more, or whose old name \
            somebody else has now, is left as it is and told.
            """)

    @Argument(help: ArgumentHelp("The journal that names convert told.", valueName: "journal"), completion: .file())
    var journal: String

    @Option(
        name: .customLong("path"), help: ArgumentHelp("Where the tree is now, if not where it was.", valueName: "path"),
        completion: .directory)
    var path: String?

    @OptionGroup
    var run: NamesRunOptions

    var wantsJSON: Bool { run.json }

    func validate() throws {
        try NamesRunOptions.requireText([path, journal], orElse: "name")
    }

    func perform(with program: Program) throws(CommandEnd) -> ExitStatus {
        let order = Value.object(["journal": .string(journal), "path": .text(path)])
        let names = try NamesRun.start("undo", order, program: program, giveUp: run.giveUp)
        let report = try names.outcome(of: "cannot undo '\(journal)'") { "once the share answers, the same command goes on" }
        if run.json {
            program.console.print(report)
        } else {
            program.console.print(ConversionText.undone(report, on: program.console.out))
        }
        let isPart = (report["problems"]?["count"]?.number ?? 0) > 0
        return isPart ? (report["done"]?.number == 0 ? .none : .part) : .done
    }
}
