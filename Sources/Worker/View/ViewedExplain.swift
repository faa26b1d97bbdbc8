import ShareKinds
import ShareModel

/// Explains a share, and what becomes of its names: the mount where it really is, and the view over it.
struct ViewedExplain {
    let share: Share
    let mountID: Int64?
    let attachedTargets: [ShareName: Target]
    let policy: Policy

    func run() throws(Cause) -> WorkerOutcome {
        guard share.namesMeans == .view else {
            let outcome = try ExplainTask(share: share, mountID: mountID, attachedTargets: attachedTargets, policy: policy).run()
            guard case .explained(var told) = outcome, let fact = share.namesFact else { return outcome }
            told.negotiated.append(fact)
            return .explained(told)
        }
        let outcome = try ExplainTask(
            share: share.placed(at: share.rawPlace), mountID: mountID, attachedTargets: attachedTargets, policy: policy.admittingRawPlaces
        ).run()
        guard case .explained(var told) = outcome else { return outcome }
        let target = policy.target(of: share)
        told.target = target.description
        told.cause = policy.refusal(of: share) ?? told.cause
        if let fact = share.namesFact { told.negotiated.append(fact) }
        told.commands += ["mkdir -p \(target.text.quotedForShell)"]
        told.commands.append(
            "shareagent names view \(share.rawPlace) \(target.text.quotedForShell)\(Self.flags(share.viewRules ?? [:]))")
        return .explained(told)
    }

    /// As `names view` takes them; what it has no word for is what it does anyway.
    private static func flags(_ rules: [String: String]) -> String {
        let words = [
            ("encoding", "encoding"), ("form", "form"), ("newNames", "new-names"), ("reserved", "reserved"), ("invalid", "invalid"),
            ("case", "case"),
        ]
        return words.map { key, word in rules[key].map { " --\(word) \($0)" } ?? "" }.joined()
    }
}
