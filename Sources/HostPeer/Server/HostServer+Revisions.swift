import ShareModel

// A guest obeys only a list of a higher revision than it knows. Where it knows a higher one than it is offered, because the wall
// clock went back or another host served it before, its offer is raised.
extension HostServer {
    /// The next revision for a VM's offer.
    /// - Parameters:
    ///   - machine: the VM as it is served now; nil for a new one.
    ///   - told: what its guest knows.
    func nextRevision(for machine: VirtualMachine?, above told: Int64 = 0) -> Int64 {
        revisions.next(now: surroundings.wallTime, above: max(machine?.offer.revision ?? 0, told))
    }

    /// Raises a VM's offer where its newest report shows that its guest does not obey the present one.
    func raiseOffer(of machine: VirtualMachine) {
        let now = surroundings.wallTime
        let told = machine.health.shares.map(\.status.revision)
        let beyond = told.first { !Revisions.isBelievable($0, now: now) }
        if let beyond {
            machine.tellDeafness(
                "says that it knows revision \(beyond), more than 100 years ahead of this host's clock, and may pass over every list; "
                    + "if it does, remove /var/lib/shareagent/catalog.json in the guest and restart its shareagent")
        }
        if let known = told.filter({ Revisions.isBelievable($0, now: now) }).max(), known > machine.offer.revision {
            machine.offer.revision = nextRevision(for: machine, above: known)
            machine.note("knows revision \(known) already; the offer is revision \(machine.offer.revision) now")
            machine.tellChange()
        } else if beyond == nil {
            leap(machine, now)
        }
    }

    /// A guest whose catalog is empty tells no revision. That it knows a higher one shows only in that it was given a list and has
    /// none of it; so its offer is put further and further ahead until it has.
    private func leap(_ machine: VirtualMachine, _ now: Timestamp) {
        guard !machine.offer.shares.isEmpty, !machine.health.hasAny(of: machine.offer.shares) else { return machine.hears() }
        guard let since = machine.offerGivenAt, surroundings.now - since >= surroundings.tuning.obeyMs else { return }
        guard let revision = Revisions.leap(from: machine.offer.revision, now: now) else {
            return machine.tellDeafness("still has none of the shares that it is offered: its shareagent's log says why")
        }
        machine.offer.revision = nextRevision(for: machine, above: revision)
        machine.note(
            "has none of the shares of the list that it was given, and may know a higher revision; "
                + "the offer is revision \(machine.offer.revision) now")
        machine.tellChange()
    }
}
