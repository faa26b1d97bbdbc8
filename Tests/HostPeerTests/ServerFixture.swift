import Glibc
import LinuxSystem
import ShareModel
import ShareWire
import Testing

@testable import HostPeer

/// A whole host peer on the test's own thread, with paths in a folder of its own and pauses that are short.
final class ServerFixture {
    let folder: Folder
    let loop: EventLoop
    let surroundings: Surroundings
    let server: HostServer
    private let lines: Lines

    private final class Lines {
        var all: [String] = []
    }

    /// How long anything may take that a test waits for: never reached unless something is broken.
    static let patience = Duration.seconds(60)

    /// - Parameter text: the configuration; `$DIR` is the folder.
    init(_ text: String, folder: Folder? = nil, tuning: (inout Surroundings.Tuning) -> Void = { _ in }) throws {
        let folder = try folder ?? Folder()
        self.folder = folder
        loop = try EventLoop()
        var usual = Surroundings.Tuning()
        usual.configurationPoll = .milliseconds(20)
        usual.patternScan = .milliseconds(20)
        usual.firstPause = .milliseconds(5)
        usual.longestPause = .milliseconds(40)
        usual.credentialOwner = geteuid()
        tuning(&usual)
        let lines = Lines()
        self.lines = lines
        surroundings = Surroundings(loop: loop, log: Log { _, line in lines.all.append(line) }, tuning: usual)
        let path = try folder.write(text.placed(in: folder), to: "sharehost.yaml")
        server = HostServer(try ConfigurationFile.load(path, credentialOwner: geteuid()), from: path, in: surroundings)
        try server.start(controlSocket: folder.path + "/control.sock")
    }

    deinit {
        server.stop()
    }

    /// What was logged.
    var log: [String] { lines.all }

    /// Replaces the configuration file.
    func configure(_ text: String) throws {
        try folder.write(text.placed(in: folder), to: "sharehost.yaml")
    }

    /// Lets the loop work until something is so.
    func wait(
        _ what: String, at location: SourceLocation = #_sourceLocation, until condition: () throws -> Bool
    ) throws {
        var late = false
        let timer = loop.after(Self.patience) { late = true }
        defer { loop.cancel(timer) }
        while try !condition() {
            try #require(!late, "\(what); log:\n\(log.joined(separator: "\n"))", sourceLocation: location)
            try loop.turn()
        }
    }

    /// Lets the loop work for a while in which nothing is to happen.
    func idle(_ duration: Duration) throws {
        var over = false
        loop.after(duration) { over = true }
        while !over { try loop.turn() }
    }

    /// Asks over the control socket's table, as `sharehost` does.
    func control(_ method: HostControlMethod, _ params: Value) throws -> Result<Value, RPCError> {
        var answer: Result<Value, RPCError>?
        server.control(method, params) { answer = $0 }
        try wait("an answer to \(method.rawValue)") { answer != nil }
        return try #require(answer)
    }

    /// A VM's entry in `host.status`.
    func status(of vm: String) throws -> Value {
        let status = try server.status(of: vm, withShares: true).get()
        return try #require(status["vms"]?.elements?.first)
    }
}

extension String {
    fileprivate func placed(in folder: Folder) -> String {
        split(separator: "$DIR", omittingEmptySubsequences: false).joined(separator: folder.path)
    }
}
