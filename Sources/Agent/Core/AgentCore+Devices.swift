internal import Reconciler
internal import ShareModel

// What the guest itself notices: devices that come, go and can be mounted, and a network that leads further than before.
extension AgentCore {
    func devicesChanged(_ news: DeviceNews, _ now: Clock) {
        shownDevices = news.shown
        offers.forEach { life in
            for node in news.removedDisks { life.diskRemoved(node, observed: observed, now: now) }
            life.devicesLeft(news.left, now: now)
            life.devicesArrived(news.arrived, now: now)
        }
    }

    /// Offers what devices show and nobody else offers. A share that is attached stays offered without its device, since what is
    /// mounted tells programs of errors, where an empty directory would take what they write.
    func offerDevices(_ now: Clock) {
        guard !shownDevices.isEmpty || !deviceCatalog.isEmpty else { return }
        var entries: [Catalog.Entry] = []
        var names: Set<String> = []
        var hidden: Set<DeviceNews.Device> = []
        for life in offers.lives {
            if life.origin == .device {
                guard life.attachment != nil else { continue }
                entries.append(.share(life.share))
                names.insert(life.share.name.text)
            } else if !life.isForgettable {
                names.insert(life.share.name.text)
            }
            if let device = life.share.source.device { hidden.insert(device) }
        }
        for device in shownDevices where hidden.insert(device).inserted {
            let name = device.name { names.contains($0) }
            if names.insert(name).inserted { entries.append(device.entry(named: name)) }
        }
        guard entries != deviceCatalog else { return }
        deviceCatalog = entries
        offers.accept(Catalog(revision: 0, entries: entries), from: .device, policy: configuration.policy, now: now)
        reportSoon(now)
    }

    /// Causes that a better network may end.
    private static let networkCauses: Set<CauseCode> = [
        .nameResolutionFailed, .serverUnreachable, .connectionRefused, .serverSilent, .serverStoppedAnswering, .connectionLost,
        .mountTimeout,
    ]

    func networkChanged(_ now: Clock) {
        offers.forEach { life in
            if !life.share.source.servers.isEmpty { life.encouraged(when: Self.networkCauses.contains, now: now) }
        }
    }

    /// The network is listened to only while a share waits for it: an idle agent is not woken by every route that is refreshed.
    /// What changes between a failure and the listening is found by the next try, which after a first failure is a second away.
    func watchNetworkIfAwaited() {
        let isAwaited = offers.names.contains { name in
            guard let life = offers[name], case .failed(let cause, _?) = life.phase, life.wish == .attached else { return false }
            return !life.share.source.servers.isEmpty && Self.networkCauses.contains(cause.code)
        }
        guard isAwaited != isNetworkWatched else { return }
        isNetworkWatched = isAwaited
        actions.append(.watchNetwork(isAwaited))
    }
}
