import LinuxSystem
import ShareModel

/// Where a command's words go: results to one place, everything else to the other. Tests put sinks of their own here.
final class Console {
    /// Results: tables and JSON.
    let out: Screen
    /// Complaints and progress.
    let errors: Screen
    private let writeOut: (String) throws(SystemCallError) -> Void
    private let writeError: (String) -> Void
    private var progressShown = false
    /// Why results did not get where they were to go: the first such failure. Nothing more is written after it.
    private(set) var lostResults: SystemCallError?

    /// A console of two places.
    init(out: Screen, errors: Screen, writeOut: @escaping (String) throws(SystemCallError) -> Void, writeError: @escaping (String) -> Void)
    {
        self.out = out
        self.errors = errors
        self.writeOut = writeOut
        self.writeError = writeError
    }

    /// Prints lines to the results.
    func print(_ lines: [String]) {
        clearProgress()
        guard !lines.isEmpty else { return }
        printRaw(lines.joined(separator: "\n") + "\n")
    }

    /// Prints one JSON document: for people on a terminal, in one line elsewhere.
    func print(_ value: Value) {
        print([JSONText.of(value, on: out)])
    }

    /// Prints text that is terminal control or ends its own lines.
    func printRaw(_ text: String) {
        guard lostResults == nil else { return }
        do throws(SystemCallError) {
            try writeOut(text)
        } catch {
            lostResults = error
        }
    }

    /// Says why something was not done.
    func complain(_ lines: [String]) {
        clearProgress()
        guard !lines.isEmpty else { return }
        writeError(lines.joined(separator: "\n") + "\n")
    }

    /// Shows what is under way in one line that the next one replaces; only where a person watches.
    func progress(_ text: String) {
        guard errors.isTerminal else { return }
        let line = errors.width.map { text.shortened(to: $0 - 1) } ?? text
        writeError("\r\u{1B}[K" + line)
        progressShown = true
    }

    /// Takes the progress line away.
    func clearProgress() {
        guard progressShown else { return }
        writeError("\r\u{1B}[K")
        progressShown = false
    }
}
