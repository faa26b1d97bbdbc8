import ArgumentParser

/// What each command has that lets `share-names` work on a tree.
struct NamesRunOptions: ParsableArguments {
    @Option(
        name: .customLong("give-up"), help: WaitArgument.help("End when the file system gives no answer for so long."))
    var giveUp = WaitArgument(milliseconds: 30_000)

    @Flag(name: .long, help: "Print one JSON document instead of a table.")
    var json = false

    func validate() throws {
        guard giveUp.milliseconds >= 1000 else { throw ValidationError("--give-up is at least 1s.") }
    }

    /// Swift's arguments are text: bytes that are not UTF-8 were replaced before anybody could see them.
    /// - Parameter way: what to do instead, after `cd there and`.
    static func requireText(_ paths: [String?], orElse way: String) throws {
        guard !paths.contains("") else { throw ValidationError("A path is empty.") }
        for text in paths where text?.unicodeScalars.contains("\u{FFFD}") ?? false {
            throw ValidationError("A path that is not UTF-8 cannot be given as an argument; cd there and \(way) '.'.")
        }
    }
}
