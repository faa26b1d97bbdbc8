import ShareModel
import ShareWire

/// The one place where `--json` becomes text. Members keep the order of the contract; what a terminal may act on is escaped.
enum JSONText {
    /// Indented on a terminal, one line elsewhere.
    static func of(_ value: Value, on screen: Screen) -> String {
        screen.isTerminal ? StrictJSON.prettyText(of: value) : String(decoding: StrictJSON.bytes(of: value), as: UTF8.self)
    }
}
