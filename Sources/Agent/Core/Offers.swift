package import Reconciler
package import ShareModel

/// Every share that is offered, with its life: the host's catalog, catalogs of this guest, which win over the host where both use one
/// name, and what devices show, which yields to all. Entries that are no valid shares are kept beside, to be shown.
package struct Offers {
    /// An entry that is no valid share.
    package struct Invalid: Equatable {
        package let name: String
        package let cause: Cause
        package let since: Timestamp
        package let origin: ShareLife.Origin
    }

    /// The lives, in the order in which they were first offered.
    package private(set) var lives: [ShareLife] = []
    private var places: [ShareName: Int] = [:]
    /// See `Invalid`.
    package private(set) var invalid: [Invalid] = []
    /// The revision of the host's catalog; 0 where none was ever accepted.
    package private(set) var revision: Int64 = 0

    /// Shares that somebody had detached before this agent started: they stay so when they are offered.
    package var detachedBefore: Set<ShareName> = []

    package init() {}

    /// Their shares' names.
    package var names: [ShareName] { lives.map(\.share.name) }

    package subscript(name: ShareName) -> ShareLife? { places[name].map { lives[$0] } }

    /// Lets an event happen to one share; nil where there is no such share.
    @discardableResult
    package mutating func with<Result>(_ name: ShareName, _ event: (inout ShareLife) -> Result) -> Result? {
        guard let place = places[name] else { return nil }
        return event(&lives[place])
    }

    /// Lets an event happen to every share.
    package mutating func forEach(_ event: (inout ShareLife) -> Void) {
        for place in lives.indices { event(&lives[place]) }
    }

    /// Takes a complete catalog of one origin: what it lacks is withdrawn. An entry that cannot be read lacks nothing: a share that is attached
    /// stays as it is, and says so.
    /// - Parameter withdraws: false where what it lacks is to stay, since it is no newer than what is known.
    package mutating func accept(
        _ catalog: Catalog, from origin: ShareLife.Origin, withdraws: Bool = true, policy: Policy, now: Clock
    ) {
        if origin == .host { revision = catalog.revision }
        var offered = Set(catalog.shares.map(\.name))
        invalid.removeAll { $0.origin == origin }
        for entry in catalog.entries {
            switch entry {
            case .share(let share): offer(share, origin: origin, revision: catalog.revision, policy: policy, now: now)
            case .invalid(let text, let cause):
                if let name = try? ShareName(validating: text), !offered.contains(name), let held = self[name], held.origin == origin,
                    held.isInUse
                {
                    offered.insert(name)
                    with(name) { $0.offeredUnreadably(cause, now: now) }
                } else {
                    invalid.append(Invalid(name: text, cause: cause, since: now.wall, origin: origin))
                }
            }
        }
        guard withdraws else { return }
        forEach { life in
            if !offered.contains(life.share.name), life.origin == origin, !life.isWithdrawn { life.withdrawn(now: now) }
        }
    }

    /// Brings back a share that was attached before the agent started, where no catalog names it.
    package mutating func restore(_ share: Share, origin: ShareLife.Origin, policy: Policy, now: Clock) {
        guard places[share.name] == nil else { return }
        begin(ShareLife(share, origin: origin, revision: revision, policy: policy, now: now), now: now)
        // Its newest entry could not be read.
        guard let index = invalid.firstIndex(where: { $0.origin == origin && $0.name.hasSameBytes(as: share.name.text) }) else { return }
        let entry = invalid.remove(at: index)
        with(share.name) { $0.offeredUnreadably(entry.cause, now: now) }
    }

    private mutating func offer(_ share: Share, origin: ShareLife.Origin, revision: Int64, policy: Policy, now: Clock) {
        if let held = self[share.name] {
            if held.origin.rank > origin.rank, !held.isWithdrawn { return }
            with(share.name) { $0.offered(share, origin: origin, revision: revision, policy: policy, now: now) }
        } else {
            begin(ShareLife(share, origin: origin, revision: revision, policy: policy, now: now), now: now)
        }
    }

    private mutating func begin(_ life: ShareLife, now: Clock) {
        places[life.share.name] = lives.count
        lives.append(life)
        if detachedBefore.remove(life.share.name) != nil { with(life.share.name) { $0.demandDetached(lazy: false, now: now) } }
    }

    /// Forgets withdrawn shares of which nothing is left.
    package mutating func forgetWithdrawn() -> [ShareName] {
        // Nearly always there is none: nothing is copied then.
        guard lives.contains(where: \.isForgettable) else { return [] }
        let forgotten = lives.filter(\.isForgettable).map(\.share.name)
        lives.removeAll(where: \.isForgettable)
        places = [:]
        for place in lives.indices { places[lives[place].share.name] = place }
        return forgotten
    }
}
