import ArgumentParser
import LinuxSystem
import ShareModel

/// What a shell offers where a share's name is typed: the names that the running agent knows.
enum NameCompletion {
    /// A person is waiting between two key strokes.
    private static let patience = Duration.milliseconds(500)

    /// For the arguments that take names.
    static let kind = CompletionKind.custom { _, _, prefix in names(at: AgentConfiguration.standardControlSocket, beginning: prefix) }

    /// The names that begin with a text; none where nobody answers.
    static func names(at socket: String, beginning prefix: String) -> [String] {
        guard let waiting = try? Waiting() else { return [] }
        let call = ControlCall(.status(names: []), waitMs: 0, to: socket, on: waiting.loop)
        guard (try? waiting.until(.now() + patience) { call.outcome != nil }) == true, case .result(let value)? = call.outcome,
            let answer = try? AgentAnswer(value)
        else { return [] }
        // What is no share name cannot be typed as one either.
        return answer.shares.map(\.name).filter { $0.hasPrefix(prefix) && (try? ShareName(validating: $0)) != nil }
    }
}
