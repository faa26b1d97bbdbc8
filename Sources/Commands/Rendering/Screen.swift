/// What is known about the place a text goes to: a terminal of some width, or a pipe or file.
struct Screen: Equatable, Sendable {
    /// Whether a person looks at it while it is written.
    let isTerminal: Bool
    /// Columns; nil where lines may be as long as they like.
    let width: Int?
    /// Rows; nil where nobody knows.
    let height: Int?
    /// Whether colour is wanted: a terminal that knows it, and no NO_COLOR.
    let isColoured: Bool

    /// The narrowest terminal that is believed; less is a terminal that does not know its size.
    static let narrowest = 20

    /// A terminal, or with `isTerminal` false a pipe or file, which has neither width nor colour.
    /// - Parameters:
    ///   - environment: as in `environ(7)`; TERM and NO_COLOR count (https://no-color.org: set and not empty).
    init(isTerminal: Bool, width: Int? = nil, height: Int? = nil, environment: [String: String] = [:]) {
        self.isTerminal = isTerminal
        self.width = isTerminal ? width.flatMap { $0 >= Self.narrowest ? $0 : nil } : nil
        self.height = isTerminal ? height.flatMap { $0 > 1 ? $0 : nil } : nil
        let refusesColour = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        isColoured = isTerminal && !refusesColour && environment["TERM"] != "dumb"
    }

    /// A pipe or file.
    static let plain = Screen(isTerminal: false)
}
