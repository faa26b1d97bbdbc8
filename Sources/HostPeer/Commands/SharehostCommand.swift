import ArgumentParser
import ShareModel

/// The program `sharehost`.
public enum Sharehost {
    /// Reads the command line, does what it says, and exits.
    public static func main() {
        SharehostCommand.main()
    }
}

/// The command line of `sharehost`.
struct SharehostCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sharehost", abstract: "Offers shares to virtual machines and keeps their health.",
        version: "sharehost \(Version.program)",
        subcommands: [Serve.self, Status.self, Check.self, Attach.self, Detach.self])
}

/// The usual places.
enum StandardPath {
    static let configuration = "/etc/sharehost/sharehost.yaml"
    static let controlSocket = "/run/sharehost/control.sock"
}

/// Where the control socket is.
struct ControlSocketOption: ParsableArguments {
    @Option(
        name: .customLong("control-socket"), help: ArgumentHelp("The socket of sharehost serve.", valueName: "path"), completion: .file())
    var path = StandardPath.controlSocket
}

/// Where the configuration is.
struct ConfigurationOption: ParsableArguments {
    @Option(name: .customLong("configuration"), help: ArgumentHelp("The configuration file.", valueName: "file"), completion: .file())
    var path = StandardPath.configuration
}
