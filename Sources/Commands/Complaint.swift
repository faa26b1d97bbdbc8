import ShareModel

/// Why a command ends without doing what it was asked: three lines for people, a cause for programs, an exit status for scripts.
struct Complaint: Error, Equatable {
    /// What could not be done, without a full stop.
    let what: String
    /// What was seen.
    let why: String
    /// What to do.
    let remedy: String
    /// How the program ends.
    let exit: ExitStatus
    /// The same for programs.
    let cause: Cause
    /// All that the agent said, where it said more.
    let document: Value?

    init(_ what: String, why: String, remedy: String, exit: ExitStatus, code: CauseCode) {
        self.what = what.printable
        self.why = why.printable
        self.remedy = remedy.printable
        self.exit = exit
        cause = Cause(code, what, evidence: [why], remedy: [remedy])
        document = nil
    }

    /// What the agent answered, as it is.
    init(_ cause: Cause, exit: ExitStatus? = nil, document: Value? = nil) {
        what = cause.message
        let seen = cause.evidence + (cause.errno.map { [$0] } ?? [])
        why = seen.isEmpty ? cause.code.rawValue : seen.joined(separator: "; ")
        remedy =
            cause.remedy.isEmpty ? "shareagent status tells how agent, channel and shares are" : cause.remedy.joined(separator: "; or ")
        self.exit = exit ?? ExitStatus.of(cause)
        self.cause = cause
        self.document = document
    }

    /// The three lines for stderr.
    func lines(on screen: Screen) -> [String] {
        [Style.bad.applied(to: "shareagent: ", on: screen) + what, "  why:    " + why, "  remedy: " + remedy]
    }

    /// As `--json` prints it.
    var value: Value { document ?? .object(["cause": cause.value]) }
}

/// How a command ends early.
enum CommandEnd: Error {
    /// With something to say.
    case complaint(Complaint)
    /// By a signal from the keyboard or the service manager: quietly.
    case interrupted
}
