import LinuxSystem
import ShareModel
import ShareWire

/// What a view has written about itself. It may be of a view that is gone; who it was, its process tells.
struct ViewState {
    let view: StandingView
    /// As the view was told them.
    let rules: String
    let names: Int64?

    private static let limit = 64 << 10

    /// nil where there is none.
    static func read(_ share: ShareName) -> ViewState? {
        guard let bytes = try? readFile(path(share), limit: limit), let value = try? StrictJSON.parse(bytes),
            let view = try? StandingView(value, at: "")
        else { return nil }
        return ViewState(view: view, rules: value["rules"]?.text ?? "", names: value["names"]?.number)
    }

    static func path(_ share: ShareName) -> [UInt8] { Array("/run/shareagent/views/\(share).json".utf8) }
}
