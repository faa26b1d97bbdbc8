/// A mount of ours that stands.
public struct StandingMount: Sendable {
    /// The share as it was when it was mounted.
    public let share: Share
    /// Where.
    public let target: Target
    /// Under which id.
    public let mountID: Int64

    /// A mount.
    public init(_ share: Share, at target: Target, mountID: Int64) {
        self.share = share
        self.target = target
        self.mountID = mountID
    }
}

/// Something to do about a mount that stands, other than taking it away.
public enum MountChange: Sendable {
    /// Give it the options of a changed share, where the kernel can do that without unmounting.
    case remount(as: Share)
    /// Unmount it so that it can be mounted anew: only where nothing is lost by that.
    case retire
    /// End the waits of programs on a server that does not answer: they get an error.
    case endWaiting
    /// Put a new mount in its place, once its server answers.
    case replace(as: Share)
}

extension WorkerRequest {
    /// A change as one JSON object.
    static func value(of change: MountChange, _ mount: StandingMount) -> Value {
        let (verb, share): (ChangeVerb, Share?) =
            switch change {
            case .remount(let share): (.remount, share)
            case .retire: (.retire, nil)
            case .endWaiting: (.endWaiting, nil)
            case .replace(let share): (.replace, share)
            }
        return .object([
            "do": "change", "change": .string(verb.rawValue), "mounted": mount.share.value, "target": .string(mount.target.text),
            "mountId": .integer(mount.mountID), "share": share?.value,
        ])
    }

    private enum ChangeVerb: String, CaseIterable { case remount, retire, endWaiting, replace }

    /// Reads a change back, after its `do`.
    static func change(_ fields: inout Fields) throws(FieldProblem) -> WorkerRequest {
        guard let verb = try fields.word("change", of: ChangeVerb.self) else { throw FieldProblem(path: "change", message: "is missing") }
        guard let mounted = fields.take("mounted") else { throw FieldProblem(path: "mounted", message: "is missing") }
        let mount = StandingMount(
            try Share(mounted, at: "mounted"), at: try Target(validating: try fields.requiredText("target")),
            mountID: try fields.count("mountId"))
        let wanted = fields.take("share")
        func share() throws(FieldProblem) -> Share {
            guard let wanted else { throw FieldProblem(path: "share", message: "is missing") }
            return try Share(wanted, at: "share")
        }
        switch verb {
        case .remount: return .change(mount, .remount(as: try share()))
        case .retire: return .change(mount, .retire)
        case .endWaiting: return .change(mount, .endWaiting)
        case .replace: return .change(mount, .replace(as: try share()))
        }
    }
}
