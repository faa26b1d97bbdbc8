import ShareModel

/// A share after `attach` or `detach`: the row of its status, and where it is not as asked, why.
struct Outcome: ListDisplayable {
    let status: ShareStatus
    let isDone: Bool
    /// `attached` or `detached`.
    let verb: String
    /// How long was waited for it.
    let waitMs: Int64

    static var columns: [Column] { ShareStatus.columns }

    func cells(at now: Timestamp) -> [Cell] { status.cells(at: now) }

    func problem(at now: Timestamp) -> Problem? {
        if let problem = status.problem(at: now) { return problem }
        guard !isDone else { return nil }
        return Problem(
            title: "\(status.name.printable): \(status.state.rawValue)",
            what: "share '\(status.name.printable)' was not \(verb) within \(Amounts.wait(milliseconds: waitMs))", why: [],
            remedy: ["shareagent status \(status.name.printable) tells how it goes on; --wait gives it longer"])
    }
}
