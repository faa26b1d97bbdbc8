/// How a word stands out on a coloured terminal. The word itself always says the same without it.
enum Style: String {
    case good = "32"
    case doubtful = "33"
    case bad = "31"
    case quiet = "2"
    case strong = "1"

    /// The text in this style where the screen shows colour, else as it is.
    func applied(to text: String, on screen: Screen) -> String {
        screen.isColoured && !text.isEmpty ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
    }
}

extension Style? {
    /// As `Style.applied`; no style leaves the text alone.
    func applied(to text: String, on screen: Screen) -> String {
        self?.applied(to: text, on: screen) ?? text
    }
}
