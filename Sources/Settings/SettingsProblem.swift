internal import ShareModel

/// What is wrong with a file of root's: which file, where in it, and why.
public struct SettingsProblem: Error, Equatable, Sendable {
    /// The file's path.
    public let file: String
    /// The line, counted from 1, where one can be named.
    public let line: Int?
    /// The key, as `policy.roots[1]`; empty where the file as a whole is meant.
    public let key: String
    /// One clause, without a full stop.
    public let message: String

    /// `FILE:LINE: KEY: message`.
    public var sentence: String {
        let place = line.map { "\(file):\($0)" } ?? file
        return (key.isEmpty ? "\(place): \(message)" : "\(place): \(key): \(message)").printable
    }
}
