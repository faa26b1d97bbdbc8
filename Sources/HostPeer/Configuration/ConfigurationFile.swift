import LibYaml
import LinuxSystem
import ShareModel
import ShareWire

/// One mistake of a configuration file.
struct ConfigurationMistake: Error, Equatable, Sendable {
    /// Counted from 1; nil where the mistake is about the file as a whole.
    let line: Int?
    /// The key's path; empty where it is about the file as a whole.
    let key: String
    /// What is wrong, without line and key.
    let sentence: String

    /// `FILE:LINE: KEY: sentence`.
    func line(in path: String) -> String {
        [line.map { "\(path):\($0)" } ?? path, key.isEmpty ? nil : key, sentence].compactMap(\.self).joined(separator: ": ").printable
    }
}

/// Everything that is wrong with a configuration file, in the order of lines.
struct ConfigurationMistakes: Error, Equatable {
    let mistakes: [ConfigurationMistake]

    /// The first one, and how many more there are.
    func summary(of path: String) -> String {
        let first = mistakes.first?.line(in: path) ?? path
        return mistakes.count > 1 ? "\(first) (and \(mistakes.count - 1) more)" : first
    }
}

/// sharehost.yaml: read, checked, and every mistake told with its line.
enum ConfigurationFile {
    /// The largest file.
    static let limit = YamlDocument.Limits.bytes

    /// Reads a configuration and looks at its credential files.
    /// - Throws: `ConfigurationMistakes`, never none.
    static func load(_ path: String, credentialOwner: UInt32) throws(ConfigurationMistakes) -> HostConfiguration {
        let bytes: [UInt8]
        do throws(SystemCallError) {
            bytes = try readFile(Array(path.utf8), limit: limit)
        } catch {
            throw ConfigurationMistakes(
                mistakes: [ConfigurationMistake(line: nil, key: "", sentence: "cannot be read: \(error.text) (\(error.name))")])
        }
        return try parse(bytes, credentialOwner: credentialOwner)
    }

    /// As `load`, from a text.
    static func parse(_ bytes: [UInt8], credentialOwner: UInt32) throws(ConfigurationMistakes) -> HostConfiguration {
        let document: YamlDocument
        do throws(YamlError) {
            document = try YamlDocument.parse(bytes)
        } catch {
            throw ConfigurationMistakes(mistakes: [ConfigurationMistake(line: error.line, key: "", sentence: error.message)])
        }
        var (configuration, problems) = ConfigurationReader.read(document.value, hostName: Machine.hostname)
        problems += credentialProblems(configuration, owner: credentialOwner)
        if problems.isEmpty { problems += offerProblems(configuration) }
        guard !problems.isEmpty else { return configuration }
        let mistakes = problems.map { ConfigurationMistake(line: document.line(of: $0.path), key: $0.path, sentence: $0.message) }
        throw ConfigurationMistakes(mistakes: mistakes.sorted { ($0.line ?? 0) < ($1.line ?? 0) })
    }

    private static func credentialProblems(_ configuration: HostConfiguration, owner: UInt32) -> [FieldProblem] {
        configuration.credentials.compactMap { entry in
            do throws(CredentialFile.Problem) {
                try CredentialFile.check(entry.file, owner: owner)
                return nil
            } catch {
                let key = if case .password = entry.kind { "passwordFile" } else { "keyFile" }
                return FieldProblem(path: "credentials.\(entry.name).\(key)", message: "\(entry.file) \(error.sentence)")
            }
        }
    }

    /// What a VM is offered has to fit into one frame.
    private static func offerProblems(_ configuration: HostConfiguration) -> [FieldProblem] {
        configuration.machines.enumerated().compactMap { index, machine in
            let offer = Offer(revision: Limits.number, shares: configuration.shares(for: machine.selection))
            return offer.fitsFrame
                ? nil : FieldProblem(path: "vms[\(index)].shares", message: "are more than the protocol can tell a VM in one list")
        }
    }
}
