import CLinux

/// What the kernel says about one device (Documentation/admin-guide/… kobject uevents): `ACTION@DEVPATH`, then `KEY=value`, each ended by NUL.
public struct DeviceEvent: Equatable, Sendable {
    /// `add`, `remove`, `change`, `bind` (its driver has taken it), `unbind`, …
    public let action: String
    /// `virtio`, `virtiofs`, `block`, …
    public let subsystem: String
    /// The device's path below /sys.
    public let path: String
    /// The node's name below /dev, where it has one: `vdb`.
    public let nodeName: String?
    /// What kind of device it is: `virtio:d0000001Av00001AF4`.
    public let modalias: String?

    /// An event.
    public init(action: String, subsystem: String, path: String, nodeName: String? = nil, modalias: String? = nil) {
        self.action = action
        self.subsystem = subsystem
        self.path = path
        self.nodeName = nodeName
        self.modalias = modalias
    }

    /// Reads the kernel's message; nil for one of udev's, or one without action and subsystem.
    init?(parsing message: ArraySlice<UInt8>) {
        var found: [String: String] = [:]
        for field in message.split(separator: 0).dropFirst() {
            let parts = field.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            found[String(decoding: parts[0], as: UTF8.self)] = String(decoding: parts[1], as: UTF8.self)
        }
        guard let action = found["ACTION"], let subsystem = found["SUBSYSTEM"], let path = found["DEVPATH"] else { return nil }
        self.init(action: action, subsystem: subsystem, path: path, nodeName: found["DEVNAME"], modalias: found["MODALIAS"])
    }
}

/// Tells when devices come, go or change, as the kernel tells udev. Sleeps until one does.
public final class DeviceWatch {
    private let watch: NetlinkWatch

    /// - Parameter onEvents: runs with what came in one turn; nil in the place of events that were lost.
    /// - Throws: EAFNOSUPPORT where a sandbox forbids netlink.
    public init(_ loop: EventLoop, onEvents: @escaping ([DeviceEvent?]) -> Void) throws(SystemCallError) {
        let socket = OwnedDescriptor(adopting: try systemCall("socket") { shareagent_device_events() })
        watch = try NetlinkWatch(loop, adopting: socket) { pieces in
            var events: [DeviceEvent?] = []
            for piece in pieces {
                switch piece {
                case .datagram(let bytes): if let event = DeviceEvent(parsing: bytes) { events.append(event) }
                case .lost: events.append(nil)
                }
            }
            if !events.isEmpty { onEvents(events) }
        }
    }
}
