internal import LibYaml
internal import LinuxSystem
public import ShareModel

/// Root's configuration of the guest: `agent.yaml`, then `agent.d/*.yaml` in the order of their names. A later file wins key by key; a
/// list is replaced whole. No file means the defaults.
public enum GuestSettings {
    /// Where the files usually are.
    public static let directory = "/etc/shareagent"
    private static let suffix = ".yaml"

    /// Reads the files of a directory.
    /// - Throws: `SettingsProblem` that names file, line and key.
    public static func read(directory: String = Self.directory) throws(SettingsProblem) -> AgentConfiguration {
        var merged = Value.object([])
        var files: [YamlFile] = []
        for path in [directory + "/agent" + suffix] + (try dropIns(directory + "/agent.d")) {
            guard let file = try YamlFile.read(path), file.document.value != .null else { continue }
            guard case .object = file.document.value else {
                throw SettingsProblem(file: path, line: 1, key: "", message: "must be a mapping, not \(file.document.value.kind)")
            }
            // Each file is held against the rules by itself, so that a mistake is told with the file and line it stands on.
            do throws(FieldProblem) {
                _ = try AgentConfiguration(file.document.value)
            } catch {
                throw file.problem(error)
            }
            files.append(file)
            merged = merged.overlaid(with: file.document.value)
        }
        do throws(FieldProblem) {
            return try AgentConfiguration(merged)
        } catch {
            throw files.last?.problem(error) ?? SettingsProblem(file: directory, line: nil, key: error.path, message: error.message)
        }
    }

    /// The drop-ins in the order of their names; none where there is no such directory.
    /// - Throws: where there is one that cannot be looked into: a policy that is passed over would let through what root has forbidden.
    private static func dropIns(_ directory: String) throws(SettingsProblem) -> [String] {
        func problem(_ message: String) -> SettingsProblem { SettingsProblem(file: directory, line: nil, key: "", message: message) }
        let names: [[UInt8]]
        do throws(SystemCallError) {
            names = try directoryNames(Array(directory.utf8))
        } catch {
            throw problem("cannot be read: \(error.text)")
        }
        var paths: [String] = []
        for name in names where name.first != UInt8(ascii: ".") && name.reversed().starts(with: suffix.utf8.reversed()) {
            guard let text = String(validating: name, as: UTF8.self) else {
                throw problem("the name of the file '\(escapedForPeople(name))' is not UTF-8")
            }
            paths.append("\(directory)/\(text)")
        }
        return paths
    }
}

extension Value {
    /// This mapping with another's keys on top. A key with nothing behind it, as when all below it is a comment, changes nothing: it must
    /// not take a policy away.
    func overlaid(with other: Value) -> Value {
        if case .null = other { return self }
        guard case .object(var members) = self, case .object(let others) = other else { return other }
        for member in others {
            if let index = members.firstIndex(where: { $0.key.hasSameBytes(as: member.key) }) {
                members[index] = Member(member.key, members[index].value.overlaid(with: member.value))
            } else {
                members.append(member)
            }
        }
        return .object(members)
    }
}
