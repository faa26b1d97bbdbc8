import ShareModel

/// A plan while its kind fills it in.
struct PlanDraft {
    let share: Share
    let policy: Policy
    let facts: MountPlan.Facts
    let target: Target

    var fstype = ""
    var mountedTypes: [String]?
    var source: [UInt8] = []
    var options: OptionList
    /// Versions to walk, as the options that tell them apart; empty: one attempt.
    var walk: [(label: String, options: [TunedOption])] = []
    var addresses: [MountPlan.AddressNeed] = []
    var addressedSource: MountPlan.AddressedSource?
    var helper: MountPlan.HelperProgram?
    var credential = MountPlan.CredentialNeed.none
    var readAhead: TunedOption?
    var log = LogEvidence(words: [])
    var warnings: [String] = []
    var flags: MountFlags = []
    var flagOptions: [TunedOption] = []
    var leftOut: [LeftOutOption] = []

    init(share: Share, policy: Policy, facts: MountPlan.Facts, natives: [NativeOption]) {
        self.share = share
        self.policy = policy
        self.facts = facts
        target = policy.target(of: share)
        options = OptionList(natives: natives)
        applyFlags()
    }

    mutating func flag(_ word: String, _ origin: TunedOption.Origin, why: String) {
        guard let flag = MountFlags.words.first(where: { $0.word == word })?.flag else { return }
        let times: MountFlags = [.noAccessTime, .relativeAccessTime, .strictAccessTime]
        if !times.isDisjoint(with: flag) {
            flags.subtract(times)
            flagOptions.removeAll { ["noatime", "relatime", "strictatime"].contains($0.name) }
        }
        flags.insert(flag)
        flagOptions.removeAll { $0.name == word }
        flagOptions.append(TunedOption(word, nil, origin, why: why))
    }

    private mutating func applyFlags() {
        if share.access == .ro { flag("ro", .share, why: "the share is offered for reading only") }
        if !(share.mount.suid && policy.allowSuid) {
            flag("nosuid", .standard, why: "set-user-id bits on a share are not this guest's choice; only its policy can honour them")
        }
        if !(share.mount.dev && policy.allowDev) {
            flag("nodev", .standard, why: "device nodes on a share would open this guest's devices; only its policy can honour them")
        }
        if !share.mount.exec {
            flag("noexec", .share, why: "the share wishes that no program is run from it")
        } else if !policy.allowExec {
            flag("noexec", .policy, why: "the policy lets no program be run from shares")
        }
        let chosen: TunedOption.Origin = share.mount.atime == .noatime ? .standard : .share
        flag(share.mount.atime.rawValue, chosen, why: "no write for each read; where a server keeps access times, it decides")
    }

    /// Native options: the share's win over the tuned ones, the policy's over the share's.
    mutating func applyNames(of kind: any ShareKind) throws(Cause) {
        for (name, text) in share.options.sorted(by: { $0.key < $1.key }) {
            try apply(name, text, .share, kind, why: "the share says so")
        }
        for (name, text) in policy.forcedOptions.sorted(by: { $0.key < $1.key }) {
            // A policy speaks to all types at once; what this type does not know is meant for another one.
            let known = kind.natives.contains { $0.name == name } || MountFlags.words.contains { $0.word == name }
            if known { try apply(name, text, .policy, kind, why: "the policy says so") }
        }
    }

    private mutating func apply(
        _ name: String, _ text: String, _ origin: TunedOption.Origin, _ kind: any ShareKind, why: String
    ) throws(Cause) {
        let place = origin == .policy ? "policy.forcedOptions" : "the share's options"
        guard isOptionName(name) else {
            throw refusal(.optionRefused, "'\(name)' is no option name", remedy: "write one option a key, and its value behind the colon")
        }
        if MountFlags.words.contains(where: { $0.word == name }) {
            guard ["", "true", "yes", "on"].contains(text) else {
                throw refusal(.optionRefused, "option '\(name)' is a flag that can only be set", remedy: "leave it out of \(place)")
            }
            return flag(name, origin, why: why)
        }
        if let instead = kind.refusals[name] ?? MountFlags.refusedWords[name] {
            throw refusal(
                .optionRefused, "option '\(name)' is not taken as a native option", remedy: "leave it out of \(place): \(instead)")
        }
        if name.lowercased().hasPrefix("x-") {
            throw refusal(.optionRefused, "option '\(name)' is a comment of mount(8)", remedy: "leave it out of \(place): say labels")
        }
        guard let native = kind.natives.first(where: { $0.name == name }) else {
            let known = kind.natives.map(\.name).sorted().joined(separator: " ")
            throw refusal(
                .optionUnknown, "option '\(name)' is not known for type \(share.source.type.rawValue)",
                remedy: known.isEmpty ? "leave it out: this type has no native options" : "leave it out, or use one of: \(known)")
        }
        do {
            switch try native.read(text) {
            case .flag: options.put(TunedOption(name, nil, origin, why: why))
            case .value(let value): options.put(TunedOption(name, value, origin, why: why))
            case .off: options.remove(name)
            }
        } catch {
            throw refusal(.optionRefused, "option '\(name)' \(error.message)", remedy: "mend it in \(place)")
        }
    }

    func refusal(_ code: CauseCode, _ what: String, remedy: String) -> Cause {
        Cause(code, "share '\(share.name)': \(what)", remedy: [remedy])
    }

    mutating func applySELinux() {
        guard let context = policy.selinuxContext ?? share.selinuxContext else { return }
        guard facts.hasSELinux else {
            warnings.append("the SELinux context is left out: SELinux is not enabled in this guest")
            return
        }
        let origin: TunedOption.Origin = policy.selinuxContext == nil ? .share : .policy
        options.put(TunedOption("context", context, origin, why: "the SELinux label of all files"))
    }

    /// - Throws: the cause, when the running kernel does not take what must be taken.
    mutating func finished(by kind: any ShareKind) throws(Cause) -> MountPlan {
        let ways = walk.isEmpty ? [(label: fstype, options: [])] : walk
        var attempts: [MountPlan.Attempt] = []
        for way in ways {
            var all = options
            for option in way.options { all.put(option) }
            if let kept = try gated(all.options, isOnly: ways.count == 1) {
                attempts.append(MountPlan.Attempt(label: way.label, options: kept))
            }
        }
        guard !attempts.isEmpty else {
            throw Cause(
                .versionUnsupported, "share '\(share.name)': this guest's kernel has none of \(ways.map(\.label).joined(separator: ", "))",
                remedy: ["install the kernel's full modules: apt install linux-image-amd64"])
        }
        return MountPlan(
            share: share.name, type: share.source.type, sourceSpelling: share.source.spelling, target: target, fstype: fstype,
            mountedTypes: mountedTypes ?? [fstype], source: source, flags: flags, flagOptions: flagOptions, attempts: attempts,
            addresses: addresses, addressedSource: addressedSource, helper: helper, credential: credential, readAhead: readAhead,
            log: log, warnings: warnings, leftOut: leftOut, isOfKernel: kind.isOfKernel)
    }
}
