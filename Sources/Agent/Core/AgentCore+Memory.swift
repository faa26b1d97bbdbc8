package import Reconciler
package import ShareModel
internal import ShareWire

// What one agent leaves to the next: the catalog it accepted last, and which mounts are its own.
extension AgentCore {
    private static let format: Int64 = 1

    /// Notes which mounts are ours.
    func keepMounts() {
        let mounts = offers.lives.compactMap { life -> Value? in
            guard let attachment = life.attachment, let mount = observed[attachment.mountID] else { return nil }
            return .object([
                "share": attachment.share.value, "offeredBy": .string(life.origin.rawValue),
                "target": .string(attachment.target.text),
                "mountId": .integer(attachment.mountID), "fstype": .string(mount.fstype),
                "source": .string(String(decoding: mount.source, as: UTF8.self)),
                "requested": Value(texts: attachment.requestedOptions) ?? .object([]), "view": attachment.view?.view.value,
                "withdrawn": life.isWithdrawn ? true : nil,
            ])
        }
        let detached = offers.lives.filter { $0.isToBeDetached && !$0.isWithdrawn }.map(\.share.name) + offers.detachedBefore.sorted()
        actions.append(
            .keepMounts(
                .object([
                    "version": .integer(Self.format), "mounts": .array(mounts), "detached": .array(detached.map { .string($0.text) }),
                ])))
    }

    /// Takes up what the agent before left: the catalog, so that shares are attached also while the host is not there yet, and the
    /// mounts, so that none is made a second time. Both may be missing, or be what another version wrote: then nothing is taken up.
    package func remember(catalog: Value?, mounts: Value?, observed state: ObservedState, now: Clock) {
        observed = state
        let isKnown = mounts?["version"]?.number == Self.format
        if isKnown, let names = mounts?["detached"]?.elements {
            offers.detachedBefore = Set(names.compactMap { $0.text.flatMap { try? ShareName(validating: $0) } })
        }
        if let catalog, let revision = catalog["revision"]?.number, let shares = catalog["shares"]?.elements,
            let known = try? Catalog(revision: revision, shares: shares, at: "shares")
        {
            heldEntries = known.entries
            offers.accept(known, from: .host, policy: configuration.policy, now: now)
        }
        guard let mounts, isKnown else { return }
        for entry in mounts["mounts"]?.elements ?? [] { adopt(entry, now) }
    }

    private func adopt(_ entry: Value, _ now: Clock) {
        guard let value = entry["share"], let share = try? Share(value, at: "share"), let text = entry["target"]?.text,
            let target = try? Target(validating: text), let mountID = entry["mountId"]?.number, let mount = observed[mountID],
            let fstype = entry["fstype"]?.text, fstype.hasSameBytes(as: mount.fstype),
            let source = entry["source"]?.text, source.utf8.elementsEqual(String(decoding: mount.source, as: UTF8.self).utf8)
        else { return }
        let view = entry["view"].flatMap { try? StandingView($0, at: "view") }
        guard mount.target == (view == nil ? target : share.rawPlace).bytes else { return }
        let origin = entry["offeredBy"]?.text.flatMap(ShareLife.Origin.init) ?? .host
        let isOffered = offers[share.name] != nil
        offers.restore(share, origin: origin, policy: configuration.policy, now: now)
        var requested: [String: String] = [:]
        if case .object(let members)? = entry["requested"] {
            for member in members { requested[member.key] = member.value.text }
        }
        offers.with(share.name) { $0.adopted(mount, of: share, at: target, requestedOptions: requested, view: view, now: now) }
        // What became of it meanwhile, and of its view, the table tells.
        offers.with(share.name) {
            $0.observe(observed, now: now)
            if !isOffered, entry["withdrawn"]?.truth == true { $0.withdrawn(now: now) }
        }
        log("share '\(share.name)': taken over as it is mounted on \(target)")
    }
}
