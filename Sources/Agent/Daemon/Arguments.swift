internal import LinuxSystem
internal import Settings
internal import ShareModel
internal import ShareWire

/// The daemon's command line. People use `shareagent`; this one is read by it, by the unit and by tests.
struct Arguments {
    /// What to do for one job, without staying.
    enum Job: Equatable {
        case attach(names: [String], catalog: String?)
        case detach(names: [String], all: Bool, lazy: Bool)
        case list
        case status(names: [String])
        case explain(name: String, catalog: String?)
        case diagnose(names: [String])
        /// With the parameters of `share.bench`.
        case bench(name: String, order: Value)

        var isBench: Bool { if case .bench = self { true } else { false } }
    }

    var job: Job?
    var waitMs: Int64 = 60_000
    var channel: String?
    var controlSocket: String? = AgentConfiguration.standardControlSocket
    var configurationDirectory = "/etc/shareagent"
    var stateDirectory = "/var/lib/shareagent"
    var runtimeDirectory = "/run/shareagent"
    var worker: String

    static let usage = """
        usage: shareagentd [--once attach|detach|list|status|explain|doctor|bench] [--channel PATH|unix:PATH] [--control-socket PATH]
                           [--configuration DIR] [--state DIR] [--runtime DIR] [--worker PROGRAM]
                           [--wait-ms N] [--from FILE] [--all] [--lazy] [--bench JSON] [NAME…]
        """

    /// - Throws: `FieldProblem` whose path is the option.
    init(_ words: [String], worker: String) throws(FieldProblem) {
        self.worker = worker
        var names: [String] = []
        var verb: String?
        var from: String?
        var all = false
        var lazy = false
        var order = Value.object([])
        var rest = words[...]
        while let word = rest.popFirst() {
            switch word {
            case "--once": verb = try Self.value(of: word, &rest)
            case "--channel": channel = try Self.value(of: word, &rest)
            case "--control-socket": controlSocket = try Self.value(of: word, &rest)
            case "--configuration": configurationDirectory = try Self.value(of: word, &rest)
            case "--state": stateDirectory = try Self.value(of: word, &rest)
            case "--runtime": runtimeDirectory = try Self.value(of: word, &rest)
            case "--worker": self.worker = try Self.value(of: word, &rest)
            case "--from": from = try Self.value(of: word, &rest)
            case "--wait-ms":
                let text = try Self.value(of: word, &rest)
                guard let number = Int64(text), (0...86_400_000).contains(number) else {
                    throw FieldProblem(path: word, message: "'\(text.printable)' is no number of milliseconds")
                }
                waitMs = number
            case "--bench": order = try Self.json(of: word, &rest)
            case "--all": all = true
            case "--lazy": lazy = true
            case "--":
                names += rest
                rest = []
            default:
                guard !word.hasPrefix("-") else { throw FieldProblem(path: word.printable, message: "is not a known option") }
                names.append(word)
            }
        }
        switch verb {
        case nil:
            guard names.isEmpty else { throw FieldProblem(path: names[0].printable, message: "is not expected without --once") }
        case "attach": job = .attach(names: names, catalog: from)
        case "detach": job = .detach(names: names, all: all, lazy: lazy)
        case "list": job = .list
        case "status": job = .status(names: names)
        case "explain":
            guard names.count == 1 else { throw FieldProblem(path: "--once", message: "explain wants one name") }
            job = .explain(name: names[0], catalog: from)
        case "doctor": job = .diagnose(names: names)
        case "bench":
            guard names.count == 1 else { throw FieldProblem(path: "--once", message: "bench wants one name") }
            job = .bench(name: names[0], order: order)
        case let other?:
            throw FieldProblem(
                path: "--once", message: "'\(other.printable)' is none of: attach, detach, list, status, explain, doctor, bench")
        }
    }

    private static func value(of option: String, _ rest: inout ArraySlice<String>) throws(FieldProblem) -> String {
        guard let value = rest.popFirst() else { throw FieldProblem(path: option, message: "wants a value") }
        return value
    }

    private static func json(of option: String, _ rest: inout ArraySlice<String>) throws(FieldProblem) -> Value {
        let text = try value(of: option, &rest)
        guard let value = try? StrictJSON.parse(Array(text.utf8)) else { throw FieldProblem(path: option, message: "is not JSON") }
        return value
    }

    /// Root's files, with what the command line says on top.
    /// - Throws: `SettingsProblem` that names file, line and key.
    func readConfiguration() throws(SettingsProblem) -> AgentConfiguration {
        var configuration = try GuestSettings.read(directory: configurationDirectory)
        if let channel { configuration.channel = channel }
        return configuration
    }
}
