import ArgumentParser
import Glibc
import LinuxSystem
import ShareModel

/// `sharehost serve`: the daemon.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves the VMs of the configuration until it is told to end.",
        discussion: "Reads the configuration again on SIGHUP and when the file changes.")

    @OptionGroup var file: ConfigurationOption
    @OptionGroup var socket: ControlSocketOption

    func run() throws {
        let log = Log.standardError(journal: unsafe getenv("JOURNAL_STREAM") != nil)
        let configuration: HostConfiguration
        do throws(ConfigurationMistakes) {
            configuration = try ConfigurationFile.load(file.path, credentialOwner: 0)
        } catch {
            for mistake in error.mistakes { log.error(mistake.line(in: file.path)) }
            throw ExitStatus.nothingDone
        }
        do {
            let daemon = try Daemon(configuration, from: file.path, log: log)
            try daemon.run(controlSocket: socket.path)
        } catch let problem as StartProblem {
            log.error(problem.sentence)
            log.error("remedy: \(problem.remedy)")
            throw ExitStatus.nothingDone
        } catch let error as SystemCallError {
            log.error(error.description)
            throw ExitStatus.internalError
        }
    }
}
