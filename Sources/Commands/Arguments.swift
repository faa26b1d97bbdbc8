import ArgumentParser
import ShareModel

/// A share's name as typed.
struct NameArgument: ExpressibleByArgument, Equatable {
    let name: ShareName

    init?(argument: String) {
        guard let name = try? ShareName(validating: argument) else { return nil }
        self.name = name
    }
}

/// A duration as typed: `500ms`, `5s`, `2m`, `1h`.
struct WaitArgument: ExpressibleByArgument, Equatable {
    /// Milliseconds.
    let milliseconds: Int64

    /// The longest wait that can be asked for: an hour, as the agent takes it.
    static let longestMs: Int64 = 3_600_000

    /// The help of an option that takes one; it is shown with a wrong value, too.
    static func help(_ text: String) -> ArgumentHelp { ArgumentHelp("\(text) Such as 500ms, 5s or 2m; at most 1h.", valueName: "duration") }

    init?(argument: String) {
        guard let milliseconds = ShareModel.milliseconds(ofDuration: argument), milliseconds <= Self.longestMs else { return nil }
        self.milliseconds = milliseconds
    }

    init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    var defaultValueDescription: String { "\(milliseconds / 1000)s" }
}

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Option(name: .customLong("control-socket"), help: ArgumentHelp("The agent's control socket.", valueName: "path"), completion: .file())
    var controlSocket = AgentConfiguration.standardControlSocket

    @Flag(name: .long, help: "Print one JSON document instead of a table.")
    var json = false
}

/// What the commands take that may have to reach the host without a daemon.
struct ChannelOption: ParsableArguments {
    @Option(help: ArgumentHelp("The port to the host where no agent runs (PATH or unix:PATH).", valueName: "path"), completion: .file())
    var channel: String?
}
