/// A mount of ours that stands.
public struct StandingMount: Sendable {
    /// The share as it was when it was mounted.
    public let share: Share
    /// Where.
    public let target: Target
    /// Under which id.
    public let mountID: Int64
    /// The view over it.
    public let view: StandingView?

    /// A mount.
    public init(_ share: Share, at target: Target, mountID: Int64, view: StandingView? = nil) {
        self.share = share
        self.target = target
        self.mountID = mountID
        self.view = view
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
    /// Lay the share's view over it, in the place of what there is of the old one; `force`: also of one that is in use, since it does not
    /// answer.
    case lay(as: Share, at: Target, force: Bool)
}

extension WorkerRequest {
    /// A change as one JSON object.
    static func value(of change: MountChange, _ mount: StandingMount) -> Value {
        var (place, isForced): (Target?, Bool?)
        let (verb, share): (ChangeVerb, Share?)
        switch change {
        case .remount(let wanted): (verb, share) = (.remount, wanted)
        case .retire: (verb, share) = (.retire, nil)
        case .endWaiting: (verb, share) = (.endWaiting, nil)
        case .replace(let wanted): (verb, share) = (.replace, wanted)
        case .lay(let wanted, let target, let force):
            (verb, share) = (.lay, wanted)
            (place, isForced) = (target, force)
        }
        return .object([
            "do": "change", "change": .string(verb.rawValue), "mounted": mount.share.value, "target": .string(mount.target.text),
            "mountId": .integer(mount.mountID), "share": share?.value, "view": mount.view?.value, "at": .text(place?.text),
            "force": isForced.map(Value.bool),
        ])
    }

    private enum ChangeVerb: String, CaseIterable { case remount, retire, endWaiting, replace, lay }

    /// Reads a change back, after its `do`.
    static func change(_ fields: inout Fields) throws(FieldProblem) -> WorkerRequest {
        guard let verb = try fields.word("change", of: ChangeVerb.self) else { throw FieldProblem(path: "change", message: "is missing") }
        guard let mounted = fields.take("mounted") else { throw FieldProblem(path: "mounted", message: "is missing") }
        let mount = StandingMount(
            try Share(mounted, at: "mounted"), at: try Target(validating: try fields.requiredText("target")),
            mountID: try fields.count("mountId"), view: try fields.view())
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
        case .lay:
            return .change(
                mount,
                .lay(
                    as: try share(), at: try Target(validating: try fields.requiredText("at")), force: try fields.truth("force") ?? false))
        }
    }
}
