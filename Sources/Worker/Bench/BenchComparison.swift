import LibMount
import LinuxSystem
import ShareKinds
import ShareModel

/// The share's own profile and others, each mounted for itself where nobody else sees it, measured in interleaved rounds.
struct BenchComparison {
    static let rounds = 3
    /// A directory that every system has and that nothing here needs: in this process's own mount namespace it becomes a tmpfs to mount in.
    private static let place = "/tmp"

    let task: BenchTask
    /// Of the attached mount.
    let device: DeviceNumber?
    /// The attached mount's root.
    let root: CInt

    /// One of those that are compared.
    private struct Candidate {
        let share: Share
        let plan: MountPlan
        var rounds: [Readings] = []
        /// Why it cannot be measured.
        var failure: Cause?
    }

    private var order: BenchOrder { task.order }

    func run(_ report: inout BenchReport) throws(Cause) {
        let way = PrivateMount.way(to: order.share.source.type)
        if case .none(let why) = way { return skip(why, &report) }
        var candidates: [Candidate]
        do throws(Cause) {
            candidates = try chosen(&report, onlyReadAhead: way == .sameMount)
        } catch {
            // The share itself is measured; what the policy or the kernel does not let a second mount have is no fault of it.
            return skip(error.message, &report)
        }
        guard candidates.count > 1 else {
            report.recommendation = Recommendation.make(own: order.share.profile, compared: [])
            return
        }
        if way != .sameMount {
            do throws(Cause) {
                try prepare()
            } catch {
                return skip(([error.message] + error.evidence).joined(separator: ": "), &report)
            }
        }
        for round in 0..<Self.rounds {
            // Turned around every other time, so that what fades or warms up meets each of them.
            for index in round % 2 == 0 ? Array(candidates.indices) : candidates.indices.reversed() {
                let heading = "round \(round + 1) of \(Self.rounds), \(candidates[index].share.profile.rawValue): "
                if candidates[index].failure != nil { continue }
                do throws(Cause) {
                    candidates[index].rounds.append(try measure(candidates[index], way, heading, &report))
                } catch {
                    // Another profile may be what the server does not take; a share that went away is seen with the own one, too.
                    if index == 0 || error.code == .internalError { throw error }
                    candidates[index].failure = error
                }
            }
        }
        for candidate in candidates {
            if let failure = candidate.failure { report.skipped.append((candidate.share.profile, failure.message)) }
        }
        candidates.removeAll { $0.failure != nil }
        report.rounds = Self.rounds
        conclude(candidates, &report)
    }

    private func skip(_ why: String, _ report: inout BenchReport) {
        report.skipped = order.profiles.map { ($0, why) }
        report.note("profiles cannot be compared: \(why)")
    }

    /// The own profile first, then those whose options differ from it.
    private func chosen(_ report: inout BenchReport, onlyReadAhead: Bool) throws(Cause) -> [Candidate] {
        var isolating: String?
        if case .ownMount(let option) = PrivateMount.way(to: order.share.source.type) { isolating = option }
        let mine = order.share.with(order.share.profile, option: isolating)
        let own = Candidate(share: mine, plan: try plan(mine))
        var candidates = [own]
        for profile in order.profiles where profile != order.share.profile {
            let share = order.share.with(profile, option: isolating)
            let candidate = Candidate(share: share, plan: try plan(share))
            if onlyReadAhead, candidate.plan.readAhead?.value == own.plan.readAhead?.value {
                report.skipped.append((profile, "only read-ahead can differ on a tag, which mounts once, and it is the same"))
            } else if differences(own.plan, candidate.plan).isEmpty {
                report.skipped.append((profile, "its options are those of \(order.share.profile.rawValue)"))
            } else {
                candidates.append(candidate)
            }
        }
        if candidates.contains(where: { candidate in differences(own.plan, candidate.plan).contains { $0.hasPrefix("nconnect") } }) {
            report.note("nconnect cannot be compared while the share is attached: the first mount from a server decides for all of them")
        }
        if onlyReadAhead { report.note("a tag mounts once: of a profile only its read-ahead can be compared") }
        return candidates
    }

    private func plan(_ share: Share) throws(Cause) -> MountPlan {
        if let refusal = task.policy.refusal(of: share) { throw refusal }
        var facts = MountPlan.Facts()
        facts.hasSELinux = fileExists("/sys/fs/selinux/enforce")
        let plan = try MountPlan.make(share, policy: task.policy, facts: facts)
        facts.objections = try plan.objections()
        return facts.objections.isEmpty ? plan : try MountPlan.make(share, policy: task.policy, facts: facts)
    }

    private func differences(_ own: MountPlan, _ other: MountPlan) -> [String] {
        let (mine, theirs) = (own.requestedOptions(of: own.attempts[0]), other.requestedOptions(of: other.attempts[0]))
        let set = theirs.filter { mine[$0.key] != $0.value }.map { $0.value.isEmpty ? $0.key : "\($0.key)=\($0.value)" }
        return set.sorted() + mine.keys.filter { theirs[$0] == nil }.sorted().map { "no \($0)" }
    }

    /// A mount namespace of this process's own, and a place in it.
    private func prepare() throws(Cause) {
        do {
            try makeMountsPrivate()
            let target = try TargetWalk.open(Array(Self.place.utf8), below: [UInt8(ascii: "/")], creating: nil)
            let context = try MountContext()
            try unsafe Secret(copying: "size=1m,mode=0700".utf8).withBytes { bytes throws(LibMountError) in
                try unsafe context.mount(
                    fstype: "tmpfs", source: Array("tmpfs".utf8), target: target.rawValue,
                    flags: MountFlags.noSetUserID.union(.noDevices).rawValue, data: bytes)
            }
        } catch {
            throw Cause(
                .internalError, "share '\(order.share.name)': no private place to mount it a second time", evidence: ["\(error)"],
                remedy: ["leave --compare out"])
        }
    }

    private func measure(
        _ candidate: Candidate, _ way: PrivateMount.Way, _ heading: String, _ report: inout BenchReport
    ) throws(Cause) -> Readings {
        let milliseconds = order.timeMs / Int64(Self.rounds)
        guard case .ownMount = way else {
            let setting = device.map { device in
                ReadAheadSetting(of: device, kibibytes: candidate.plan.readAhead?.number ?? 128, isBorrowed: true)
            }
            return try task.measure(
                root, mayWrite: report.isWritten, milliseconds: milliseconds, heading: heading, readAhead: setting, &report)
        }
        let mount = try PrivateMount(
            candidate.share, plan: candidate.plan, credential: task.credential, policy: task.policy, in: Self.place)
        let readings: Readings
        do throws(Cause) {
            let setting = candidate.plan.readAhead?.number.map { ReadAheadSetting(of: mount.device, kibibytes: $0, isBorrowed: false) }
            readings = try task.measure(
                mount.root.rawValue, mayWrite: report.isWritten, milliseconds: milliseconds, heading: heading, readAhead: setting, &report)
        } catch {
            mount.end()
            throw error
        }
        mount.end()
        return readings
    }

    private func conclude(_ candidates: [Candidate], _ report: inout BenchReport) {
        guard let own = candidates.first else { return }
        func rates(_ candidate: Candidate, _ measure: Measure) -> [Double] { candidate.rounds.compactMap { $0[measure]?.perSecond } }
        func medians(_ candidate: Candidate) -> [(measure: Measure, perSecond: Double)] {
            Measure.allCases.compactMap { measure in
                let all = rates(candidate, measure)
                return all.isEmpty ? nil : (measure, Statistics.median(all))
            }
        }
        report.own = medians(own)
        for candidate in candidates.dropFirst() {
            let ratios = Measure.allCases.compactMap { Ratio($0, own: rates(own, $0), other: rates(candidate, $0)) }
            report.compared.append(
                BenchReport.Compared(
                    profile: candidate.share.profile, differences: differences(own.plan, candidate.plan),
                    cost: candidate.share.profile.cost(on: order.share.source.type, access: order.share.access),
                    medians: medians(candidate), ratios: ratios))
        }
        report.recommendation = Recommendation.make(
            own: own.share.profile, compared: report.compared.map { ($0.profile, $0.ratios, $0.cost) })
    }
}

extension Share {
    /// The same share with another profile, and with one more option of its file system.
    fileprivate func with(_ profile: Profile, option: String?) -> Share {
        guard case .object(let members) = value else { return self }
        var rest = members.filter { !$0.key.hasSameBytes(as: "profile") && !$0.key.hasSameBytes(as: "options") }
        rest.append(Value.Member("profile", .string(profile.rawValue)))
        var all = options
        if let option { all[option] = "true" }
        if let all = Value(texts: all) { rest.append(Value.Member("options", all)) }
        // What was a share stays one: the profile is any of them, and there is room for one more option.
        return (try? Share(.object(rest), at: "share")) ?? self
    }
}
