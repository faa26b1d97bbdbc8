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
            // All that attach by themselves, and away with what is no longer offered: of the file's, where there is one.
            guard let names = request.names ?? request.fileNames else { return nil }
            chosen.formUnion(withFoundations(of: names))
            guard request.names == nil else { continue }
            chosen.formUnion(offers.lives.filter { $0.origin == .file && $0.isWithdrawn }.map(\.share.name))
        }
        return chosen
    }

    /// Those of the names, as somebody typed them, that a share can have.
    static func valid(_ names: [String]) -> [ShareName] { names.compactMap { try? ShareName(validating: $0) } }

    /// These, and for an image the share that its file is in.
    func withFoundations(of names: [String]) -> Set<ShareName> {
        let named = Set(Self.valid(names))
        return named.union(named.compactMap { offers[$0]?.foundation })
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
            for name in Self.valid(request.names ?? []) {
                guard let life = offers[name], case .offered = life.phase, case .unchanged = life.wish else { continue }
                offers.with(name) { $0.demandAttached(policy: configuration.policy, now: now) }
            }
        }
    }
}
