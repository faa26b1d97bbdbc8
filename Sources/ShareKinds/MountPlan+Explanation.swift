public import ShareModel

extension MountPlan {
    /// Explains the plan of a share, and what became of it where the share is attached.
    ///
    /// - Parameters:
    ///   - readBack: what the kernel says about the mount; nil while there is none.
    ///   - place: where the share is attached that an image file is in.
    public func explanation(of share: Share, readBack: ReadBack?, place: Target? = nil) -> Explanation {
        let kind = shareKind(of: share.source)
        var told = Explanation(
            name: share.name.text, type: type.rawValue, source: sourceSpelling, target: target.description, profile: share.profile.rawValue)
        told.fstype = fstype
        told.warnings = warnings
        let attempt = readBack.flatMap { back in attempts.first { $0.fits(back) } } ?? attempts[0]
        let asked = flagOptions + attempt.options + [readAhead].compactMap(\.self)
        told.options = asked.map { explained($0, kind, readBack, share) }
        told.options += leftOut.map { entry in
            var option = explained(entry.option, kind, nil, share)
            option.difference = "left out: it \(entry.objection.words)"
            return option
        }
        if let readBack {
            told.options += unasked(asked, kind, readBack)
            told.negotiated = kind.negotiated(readBack, for: share)
        } else if attempts.count > 1 {
            told.negotiated = [
                Explanation.Fact(
                    "versions", attempts.map(\.label).joined(separator: ", "), note: "tried in this order, until the server has one")
            ]
        }
        (told.commands, told.needs) = byHand(attempt, address: readBack?.options[address?.option ?? ""], share: share, place: place)
        return told
    }

    private func explained(_ option: TunedOption, _ kind: any ShareKind, _ readBack: ReadBack?, _ share: Share) -> Explanation.Option {
        let origin = Explanation.Origin(rawValue: option.origin.rawValue) ?? .standard
        var told = Explanation.Option(
            option.name, requested: option.value ?? "", origin: origin, why: option.why, since: option.basis?.since,
            fact: option.basis?.fact)
        guard let readBack else { return told }
        told.effective = kind.effective(option, in: readBack) ?? readBack.effective(option, kind.natives)
        if let effective = told.effective, !meansTheSame(effective, option.value ?? "") {
            told.difference =
                kind.difference(of: option, effective: effective, in: readBack)
                ?? "the kernel or the server chose so; where the same source was mounted before, the first mount decided"
        }
        return told
    }

    /// What is in force and nobody asked for.
    private func unasked(_ asked: [TunedOption], _ kind: any ShareKind, _ readBack: ReadBack) -> [Explanation.Option] {
        let natives = kind.natives
        var known = Set(asked.map(\.name) + ["rw", "relatime"] + kind.shownBesides)
        for option in asked {
            guard let group = natives.first(where: { $0.name == option.name })?.group else { continue }
            known.formUnion(natives.filter { $0.group == group }.map(\.name))
        }
        return readBack.options.keys.filter { !known.contains($0) }.sorted().map { name in
            Explanation.Option(
                name, effective: readBack.options[name], origin: .kernel, why: kind.kernelReason(for: name) ?? "the kernel's own")
        }
    }
}

extension MountPlan.Attempt {
    /// Whether it can be the one that succeeded: of several, the version in force tells.
    func fits(_ readBack: ReadBack) -> Bool {
        guard let version = options.first(where: { $0.name == "vers" })?.value else { return true }
        return readBack.options["vers"] == version
    }
}

extension ShareKind {
    func effective(_ option: TunedOption, in readBack: ReadBack) -> String? { nil }
    func difference(of option: TunedOption, effective: String, in readBack: ReadBack) -> String? { nil }
    func negotiated(_ readBack: ReadBack, for share: Share) -> [Explanation.Fact] { [] }
    func kernelReason(for name: String) -> String? { nil }
    var shownBesides: [String] { [] }
}
