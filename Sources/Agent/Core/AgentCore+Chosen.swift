internal import Reconciler
internal import ShareModel

// Which shares anything is done about. A daemon looks after all of them; an agent for one job touches what it was asked about, and a
// look at what is offered attaches nothing.
extension AgentCore {
    /// nil: all.
    var chosenNames: Set<ShareName>? {
        guard identity.mode == .once else { return nil }
        var chosen: Set<ShareName> = []
        for request in waiting {
            // All that attach by themselves, and away with what is no longer offered.
            guard let names = request.names else { return nil }
            chosen.formUnion(names.compactMap { try? ShareName(validating: $0) })
        }
        // An image needs the share that its file is in.
        return chosen.union(chosen.compactMap { offers[$0]?.foundation })
    }

    /// See `chosenNames`.
    var chosenLives: [ShareLife] {
        guard let chosen = chosenNames else { return offers.lives }
        return offers.lives.filter { chosen.contains($0.share.name) }
    }

    /// Those that stand in each other's way, or will: what nobody will attach keeps no place.
    var plannedLives: [ShareLife] {
        guard let chosen = chosenNames else { return offers.lives }
        return offers.lives.filter { chosen.contains($0.share.name) || $0.attachment != nil }
    }

    /// A share that was asked for by its name before anybody had offered it.
    func demandAsked(_ now: Clock) {
        for request in waiting where request.goal == .attached {
            for name in (request.names ?? []).compactMap({ try? ShareName(validating: $0) }) {
                guard let life = offers[name], case .offered = life.phase, case .unchanged = life.wish else { continue }
                offers.with(name) { $0.demandAttached(policy: configuration.policy, now: now) }
            }
        }
    }
}
