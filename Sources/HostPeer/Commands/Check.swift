import ArgumentParser
import ShareModel

/// `sharehost check`: every mistake of a configuration, with its line.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks a configuration file and the credential files it names.",
        discussion: "Prints each mistake as FILE:LINE: KEY: what is wrong, and exits with 1 when there is one.")

    @OptionGroup var file: ConfigurationOption

    func run() throws {
        do throws(ConfigurationMistakes) {
            let configuration = try ConfigurationFile.load(file.path, credentialOwner: 0)
            write(Self.praise(configuration), to: 1)
        } catch {
            for mistake in error.mistakes { write(mistake.line(in: file.path) + "\n", to: 1) }
            throw ExitStatus.nothingDone
        }
    }

    /// The line for a sound configuration. A pattern is counted as such: how many VMs match it changes all the time.
    static func praise(_ configuration: HostConfiguration) -> String {
        let patterns = configuration.machines.count { if case .pattern = $0.place { true } else { false } }
        let words = [
            "\(configuration.machines.count - patterns) VMs", patterns == 0 ? nil : "\(patterns) patterns of VMs",
            "\(configuration.shares.count) shares",
        ]
        return words.compactMap(\.self).joined(separator: ", ") + ": no mistakes\n"
    }
}
