import LinuxSystem
import ShareModel
import ShareWire

/// The file in which a view says what it is, for an agent that comes later and for probes: a view's process can be stuck, and a file of
/// /run is read without asking it.
struct ViewStateFile {
    let path: String
    let view: StandingView
    let rules: String

    /// Names are counted no more often than this.
    static let pause = Duration.seconds(5)

    /// Whether it is still about this view: one that was detached while it was in use has no say any more.
    var isOurs: Bool {
        guard let bytes = try? readFile(Array(path.utf8), limit: 64 << 10), let value = try? StrictJSON.parse(bytes) else { return false }
        return (try? StandingView(value, at: "")) == view
    }

    /// Writes it as a whole. Where that fails nobody learns how many names there were, and the view goes on.
    func write(names: Int) throws(SystemCallError) {
        guard case .object(let members) = view.value else { return }
        let value = Value.object(members + [.init("rules", .string(rules)), .init("names", .integer(Int64(names)))])
        try writeFileAtomically(Array(path.utf8), StrictJSON.bytes(of: value) + [UInt8(ascii: "\n")], mode: 0o644)
    }
}
