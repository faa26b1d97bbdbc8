import ShareModel

/// What the running kernel has against an option, when asked. What it has nothing against, and what it could not be asked about, has none.
public enum KernelObjection: Hashable, Sendable {
    /// It knows no such option.
    case unknown
    /// It knows the option and refuses the value; in its own words.
    case refused(String)

    /// A clause that follows the option's name.
    var words: String {
        switch self {
        case .unknown: "is not known to this guest's kernel"
        case .refused(let words): "is refused by this guest's kernel (\(words))"
        }
    }
}

/// An option that a plan would have and the running kernel does not take.
public struct LeftOutOption: Equatable, Sendable {
    /// The option.
    public let option: TunedOption
    /// Why it is left out.
    public let objection: KernelObjection
}

extension MountPlan {
    /// The options to ask the running kernel about before anything is mounted, each spelling once.
    public var questions: [TunedOption] {
        var asked: Set<String> = []
        return attempts.flatMap(\.options).filter { asked.insert($0.spelling).inserted }
    }
}

extension PlanDraft {
    /// Takes out of an attempt what the kernel does not take and nobody asked for; nil where the attempt is not to be made at all: another
    /// version of the protocol is another attempt, and without the option that names it the kernel would choose one.
    /// - Throws: `option-unknown` or `option-refused` for what share or policy asked for, and for a tuned option that protects.
    mutating func gated(_ options: [TunedOption], isOnly: Bool) throws(Cause) -> [TunedOption]? {
        var kept: [TunedOption] = []
        for option in options {
            guard let objection = facts.objections[option.spelling] else {
                kept.append(option)
                continue
            }
            if option.name == "vers", !isOnly {
                warnings.append("\(option.spelling) is not tried: it \(objection.words)")
                return nil
            }
            guard option.isTuned, option.basis?.isProtection != true, option.name != "vers" else { throw objected(option, objection) }
            guard !leftOut.contains(where: { $0.option == option }) else { continue }
            leftOut.append(LeftOutOption(option: option, objection: objection))
            warnings.append("option '\(option.spelling)' is left out: it \(objection.words)")
        }
        return kept
    }

    private func objected(_ option: TunedOption, _ objection: KernelObjection) -> Cause {
        let code: CauseCode =
            switch objection {
            case .unknown: option.name == "xprtsec" ? .securityUnsupported : .optionUnknown
            case .refused: .optionRefused
            }
        let place =
            switch option.origin {
            case .policy: "policy.forcedOptions or policy.selinuxContext"
            case .share: "the share's options or the field that stands for it"
            case .standard, .profile: "the profile"
            }
        return Cause(
            code, "share '\(share.name)': option '\(option.spelling)' \(objection.words)",
            evidence: ["asked with fsconfig(2) on a context of \(fstype) that is never mounted", "wanted because: \(option.why)"],
            remedy: [
                option.isTuned
                    ? "use a newer kernel; shareagent does not attach without it, for it protects this guest"
                    : "leave it out of \(place), or use a newer kernel (uname -r)"
            ])
    }
}

extension TunedOption {
    /// Whether nobody but this project asked for it.
    fileprivate var isTuned: Bool { origin == .standard || origin == .profile }
}
