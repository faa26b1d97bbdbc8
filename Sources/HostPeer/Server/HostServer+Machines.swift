import ShareModel
import ShareWire

extension HostServer {
    /// What sharehost says of itself to agents.
    var greeting: HostGreeting {
        HostGreeting(name: configuration.name, id: configuration.id ?? configuration.name, reportIntervalMs: configuration.reportIntervalMs)
    }

    /// Takes over a new configuration: tells each VM whose offer changed, opens and closes channels.
    func takeOver(_ new: HostConfiguration) {
        let before = greeting
        let changed = new.credentials.filter { entry in configuration.credential(entry.name).map { $0 != entry } ?? true }.map(\.name)
        configuration = new
        configurationRevision = revisions.next(now: surroundings.wallTime)
        arrangeMachines()
        watchCredentials()
        tellCredentials(changed)
        guard greeting != before else { return }
        for machine in sortedMachines { machine.greetAnew(greeting) }
    }

    /// Brings the VMs in line with the configuration and with the sockets that match its patterns.
    func arrangeMachines() {
        let wanted = wantedMachines()
        for (name, machine) in machines where wanted[name] == nil {
            surroundings.log.info("\(name): no longer served")
            machine.stop()
            machines[name] = nil
        }
        for (name, want) in wanted.sorted(by: { $0.key < $1.key }) {
            if let machine = machines[name], machine.place == want.place {
                offer(want.shares, to: machine)
                continue
            }
            let old = machines[name]
            old?.stop()
            let unchanged = old.map { $0.offer.shares == want.shares } ?? false
            let revision = unchanged ? old?.offer.revision : nil
            let machine = VirtualMachine(
                name, at: want.place, offer: Offer(revision: revision ?? nextRevision(for: old), shares: want.shares),
                greeting: greeting, health: old?.health ?? MachineHealth(), desk: self, in: surroundings)
            machines[name] = machine
            surroundings.log.info("\(name): served at \(want.place.spelling), \(want.shares.count) shares")
            machine.start()
        }
    }

    private func offer(_ shares: [Share], to machine: VirtualMachine) {
        guard machine.offer.shares != shares else { return }
        machine.offer = Offer(revision: nextRevision(for: machine), shares: shares)
        surroundings.log.info("\(machine.name): \(shares.count) shares are offered now, revision \(machine.offer.revision)")
        machine.tellChange()
    }

    private struct Want {
        let place: ChannelLink.Place
        let shares: [Share]
    }

    /// Entries with a name of their own come first; a pattern's match that bears one of their names is no VM of its own.
    private func wantedMachines() -> [String: Want] {
        var wanted: [String: Want] = [:]
        for entry in configuration.machines {
            let shares = configuration.shares(for: entry.selection)
            switch entry.place {
            case .connect(let path): wanted[entry.name] = Want(place: .connect(path: path), shares: shares)
            case .listen(let path): wanted[entry.name] = Want(place: .listen(path: path), shares: shares)
            case .pattern: continue
            }
        }
        for entry in configuration.machines {
            guard case .pattern(let pattern) = entry.place else { continue }
            let shares = configuration.shares(for: entry.selection)
            for match in pattern.matches(entries: DirectoryListing.entries(of: pattern.directory)) where wanted[match.name] == nil {
                guard wanted.count < HostConfiguration.Limits.machines, DirectoryListing.isSocket(match.path) else { continue }
                wanted[match.name] = Want(place: .connect(path: match.path), shares: shares)
            }
        }
        return wanted
    }
}
