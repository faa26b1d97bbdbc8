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

    @Flag(help: "Rename.")
    var apply = false

    @Flag(name: .customLong("accept-guess"), help: "Rename by what --from auto guesses.")
    var acceptGuess = false

    @Option(
        help: ArgumentHelp("Where the journal is; without --apply the plan is put there, for later.", valueName: "file"),
        completion: .file())
    var journal: String?

    @Option(
        name: .customLong("give-up"), help: ArgumentHelp("End when the file system gives no answer for so long.", valueName: "duration"))
    var giveUp = WaitArgument(milliseconds: 30_000)

    @Flag(name: .long, help: "Print one JSON document instead of a table.")
    var json = false

    var wantsJSON: Bool { json }

    func validate() throws {
        guard giveUp.milliseconds >= 1000 else { throw ValidationError("--give-up is at least 1s.") }
        for text in [path, journal ?? ""] where text.unicodeScalars.contains("\u{FFFD}") {
            throw ValidationError("A path that is not UTF-8 cannot be given as an argument; cd there and convert '.'.")
        }
    }

    func perform(with program: Program) throws(CommandEnd) -> ExitStatus {
        let journal = journal ?? (apply ? Self.standardJournal(program) : nil)
        let order = Value.object([
            "path": .string(path), "from": .string(from), "to": .string(to.rawValue), "reserved": .string(reserved.rawValue),
            "mendDouble": .bool(mendDouble), "links": .bool(!keepTargets), "collisions": .string(collisions.rawValue),
            "apply": .bool(apply),
            "acceptGuess": .bool(acceptGuess), "journal": .text(journal),
        ])
        let run = try NamesRun.start("convert", order, program: program, giveUp: giveUp)
        let goOn =
            apply ? journal.map { "the same command with --journal \($0) goes on, shareagent names undo \($0) puts everything back" } : nil
        let report: Value
        do throws(CommandEnd) {
            report = try run.outcome(of: "cannot convert the names of '\(path)'") { "once the share answers, " + (goOn ?? "plan again") }
        } catch {
            if case .interrupted = error, let goOn { program.console.complain(["shareagent: interrupted: \(goOn)"]) }
            throw error
        }
        if json {
            program.console.print(report)
        } else {
            program.console.print(ConversionText.lines(report, on: program.console.out))
        }
        let isPart = (report["problems"]?["count"]?.number ?? 0) > 0
        return isPart ? (apply && report["done"]?.number == 0 ? .none : .part) : .done
    }

    /// A file that is there for nothing else: root's beside the agent's state, everybody else's where programs keep theirs.
    private static func standardJournal(_ program: Program) -> String {
        let environment = program.environment
        let state =
            environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? environment["HOME"].map { $0 + "/.local/state" }
        let folder = geteuid() == 0 ? "/var/lib/shareagent" : (state ?? "/tmp") + "/shareagent"
        let now = String(program.now().description.filter { $0.isNumber || $0 == "T" }.prefix(15))
        return "\(folder)/names/\(now)-\(getpid()).journal"
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

    @Option(
        name: .customLong("give-up"), help: ArgumentHelp("End when the file system gives no answer for so long.", valueName: "duration"))
    var giveUp = WaitArgument(milliseconds: 30_000)

    @Flag(name: .long, help: "Print one JSON document instead of a table.")
    var json = false

    var wantsJSON: Bool { json }

    func validate() throws {
        guard giveUp.milliseconds >= 1000 else { throw ValidationError("--give-up is at least 1s.") }
        for text in [path ?? "", journal] where text.unicodeScalars.contains("\u{FFFD}") {
            throw ValidationError("A path that is not UTF-8 cannot be given as an argument; cd there and name '.'.")
        }
    }

    func perform(with program: Program) throws(CommandEnd) -> ExitStatus {
        let order = Value.object(["journal": .string(journal), "path": .text(path)])
        let run = try NamesRun.start("undo", order, program: program, giveUp: giveUp)
        let report = try run.outcome(of: "cannot undo '\(journal)'") { "once the share answers, the same command goes on" }
        if json {
            program.console.print(report)
        } else {
            program.console.print(ConversionText.undone(report, on: program.console.out))
        }
        let isPart = (report["problems"]?["count"]?.number ?? 0) > 0
        return isPart ? (report["done"]?.number == 0 ? .none : .part) : .done
    }
}
