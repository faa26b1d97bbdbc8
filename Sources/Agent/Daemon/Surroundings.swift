internal import LinuxSystem
internal import ShareModel

/// What the daemon notices of the guest around it: devices always, the network while a share waits for it. Both come in bunches
/// and are told gathered.
final class Surroundings {
    /// A device's events come within milliseconds of each other, a network's within its configuration's second.
    private static let deviceGathering = (delay: Duration.milliseconds(100), pause: Duration.milliseconds(500))
    private static let networkGathering = (delay: Duration.milliseconds(300), pause: Duration.seconds(3))
    /// Where names are looked up changes when these do.
    private static let resolverFiles = ["/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/run/systemd/resolve/resolv.conf"]

    private let loop: EventLoop
    private let tell: (AgentEvent) -> Void
    private let log: (String) -> Void
    private var devices: DeviceWatch?
    private var network: NetworkWatch?
    private var resolver: FileChangeWatch?
    private var pending = DeviceNews(shown: [])
    private var deviceTimer: Gathering?
    private var networkTimer: Gathering?

    init(loop: EventLoop, log: @escaping (String) -> Void, tell: @escaping (AgentEvent) -> Void) {
        self.loop = loop
        self.log = log
        self.tell = tell
        deviceTimer = Gathering(loop, delay: Self.deviceGathering.delay, pause: Self.deviceGathering.pause) { [weak self] in self?.look() }
        networkTimer = Gathering(loop, delay: Self.networkGathering.delay, pause: Self.networkGathering.pause) { [weak self] in
            if self?.network != nil { self?.tell(.networkChanged) }
        }
    }

    /// Begins to listen for devices and tells which there are.
    func start() {
        do throws(SystemCallError) {
            devices = try DeviceWatch(loop) { [weak self] in self?.noticed($0) }
        } catch {
            log("devices that come and go are not noticed: \(error)")
        }
        look()
    }

    /// Listens for a network that leads further, or no longer.
    func watchNetwork(_ isAwaited: Bool) {
        network = nil
        resolver = nil
        guard isAwaited else { return }
        do throws(SystemCallError) {
            network = try NetworkWatch(loop) { [weak self] in self?.networkTimer?.happened() }
            resolver = try FileChangeWatch(loop, paths: Self.resolverFiles.map { Array($0.utf8) }) { [weak self] in
                self?.networkTimer?.happened()
            }
        } catch {
            log("a network that comes back is not noticed, shares are tried after pauses: \(error)")
        }
    }

    private func noticed(_ events: [DeviceEvent?]) {
        for event in events {
            // Where some were lost, anything may have come.
            if let event { pending.take(event) } else { pending.arrived = [.virtiofs, .ninep, .image] }
        }
        if pending != DeviceNews(shown: []) { deviceTimer?.happened() }
    }

    private func look() {
        var news = pending
        pending = DeviceNews(shown: [])
        let tags = DeviceTags.read()
        news.shown = tags.virtiofs.map { .init(.virtiofs, tag: $0) } + tags.ninep.map { .init(.ninep, tag: $0) }
        tell(.devicesChanged(news))
    }
}

extension DeviceNews {
    /// Notes one event of the kernel, where it is about something that could be mounted.
    mutating func take(_ event: DeviceEvent) {
        let type: SourceType? =
            switch event.subsystem {
            case "virtiofs": .virtiofs
            // Loop devices come and go with the agent's own work.
            case "block": event.nodeName?.hasPrefix("loop") == true ? nil : .image
            case "virtio":
                switch event.modalias {
                case let name? where name.hasPrefix("virtio:d0000001A"): .virtiofs
                case let name? where name.hasPrefix("virtio:d00000009"): .ninep
                default: nil
                }
            default: nil
            }
        guard let type else { return }
        switch event.action {
        // A virtio device can be used once its driver has taken it; a disk as soon as it is there, or has got a medium.
        case "bind" where event.subsystem == "virtio", "add" where event.subsystem != "virtio", "change": arrived.insert(type)
        case "remove", "unbind":
            left.insert(type)
            if event.subsystem == "block", let node = event.nodeName { removedDisks.append(Array("/dev/\(node)".utf8)) }
        default: break
        }
    }
}
