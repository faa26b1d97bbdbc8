internal import LinuxSystem
internal import ShareModel

/// The descriptor end of the channel: opens the port or socket, again whenever it comes back, and carries bytes. What they mean
/// is the core's business.
final class HostChannel {
    /// Where the host is to be found.
    enum Place {
        /// A virtio-serial port's device node, by its name under /dev/virtio-ports.
        case port([UInt8])
        /// A Unix socket on which the host side listens.
        case socket([UInt8])

        /// Reads the configuration's `channel`.
        init(_ text: String) {
            let scheme = "unix:"
            self = text.hasPrefix(scheme) ? .socket(Array(text.dropFirst(scheme.count).utf8)) : .port(Array(text.utf8))
        }

        var path: [UInt8] {
            switch self {
            case .port(let path), .socket(let path): path
            }
        }
    }

    /// Pauses between tries to connect to a socket that refuses, and to open a port that somebody else holds.
    private static let pauses: (first: Duration, longest: Duration) = (.milliseconds(250), .seconds(5))

    private let loop: EventLoop
    private let place: Place
    private let tell: (AgentEvent) -> Void
    private var stream: ByteStream?
    private var appearance: DirectoryWatch?
    private var retry: TimerToken?
    private var pause = HostChannel.pauses.first

    init(loop: EventLoop, place: Place, tell: @escaping (AgentEvent) -> Void) {
        self.loop = loop
        self.place = place
        self.tell = tell
    }

    /// Opens the channel now, or as soon as it is there.
    func open() {
        retry = nil
        guard stream == nil else { return }
        switch place {
        case .port(let path): openPort(path)
        case .socket(let path): connect(path)
        }
    }

    /// Queues bytes; what does not fit is given up, and the session notices by the missing answer.
    func write(_ bytes: [UInt8]) {
        _ = stream?.send(bytes)
    }

    func discardUnwritten() {
        stream?.forgetQueued()
    }

    func close() {
        stream?.close()
        stream = nil
        appearance = nil
        if let retry { loop.cancel(retry) }
    }

    private func openPort(_ path: [UInt8]) {
        do throws(VirtioPortFailure) {
            begin(try VirtioPort.open(path), .virtioPort)
        } catch {
            let shown = String(printing: path)
            switch error {
            case .absent:
                tell(.channelClosed(.absent, Self.absent(shown)))
                awaitAppearance(path)
            case .busy:
                let cause = Cause(
                    .channelBusy, "another program holds \(shown), and only one can",
                    remedy: ["fuser -v \(shown)   # names it; stop that program"], errno: "EBUSY")
                tell(.channelClosed(.absent, cause))
                tryAgain()
            case .failed(let error):
                tell(.channelClosed(.absent, Cause(.channelAbsent, "cannot open \(shown): \(error.text)", remedy: [], errno: error.name)))
                tryAgain()
            }
        }
    }

    private func connect(_ path: [UInt8]) {
        do throws(SystemCallError) {
            begin(try UnixStream.connect(path: path), .connection)
        } catch {
            let cause = Cause(
                .channelAbsent, "nobody listens on the socket \(String(printing: path)): \(error.text)",
                remedy: ["start sharehost, or correct `channel` in /etc/shareagent/agent.yaml"], errno: error.name)
            tell(.channelClosed(.absent, cause))
            tryAgain()
        }
    }

    private func begin(_ descriptor: consuming OwnedDescriptor, _ kind: ByteStream.Kind) {
        do throws(SystemCallError) {
            stream = try ByteStream(loop, adopting: descriptor, kind: kind) { [weak self] in self?.react($0) }
        } catch {
            tell(.channelClosed(.absent, Cause(.channelAbsent, "cannot watch the channel: \(error.text)", errno: error.name)))
            return tryAgain()
        }
        pause = Self.pauses.first
        switch kind {
        case .connection: tell(.channelOpened)
        case .virtioPort:
            // Until the port says that a host is there, none is.
            tell(.channelClosed(.waiting, Self.silent))
        }
    }

    private func react(_ event: ByteStreamEvent) {
        switch event {
        case .received(let bytes): tell(.channelReceived(Array(bytes)))
        case .peerArrived: tell(.channelOpened)
        case .peerLeft: tell(.channelClosed(.waiting, Self.silent))
        case .drained: break
        case .ended, .failed:
            // A port that is unplugged comes back as another device node under the same name.
            stream = nil
            tell(.channelClosed(.absent, Self.absent(String(printing: place.path))))
            tryAgain()
        }
    }

    private func tryAgain() {
        guard retry == nil else { return }
        retry = loop.after(pause) { [weak self] in self?.open() }
        pause = min(pause * 2, Self.pauses.longest)
    }

    private func awaitAppearance(_ path: [UInt8]) {
        guard appearance == nil else {
            // udev makes the link before it sets owner and mode; a link that leads nowhere is looked at again.
            if appearance?.exists == true { tryAgain() }
            return
        }
        do throws(SystemCallError) {
            let watch = try DirectoryWatch(loop, path: path) { [weak self] exists in
                if exists { self?.open() }
            }
            appearance = watch
            // It may have come between the try to open it and the watch.
            if watch.exists { tryAgain() }
        } catch {
            tryAgain()
        }
    }

    private static func absent(_ path: String) -> Cause {
        Cause(
            .channelAbsent, "there is no channel to the host at \(path)",
            remedy: ["give the VM a virtio-serial port named org.shareagent.0; sharehost(1) has the QEMU and libvirt lines"],
            errno: "ENOENT")
    }

    private static let silent = Cause(
        .channelSilent, "no host has its end of the channel open",
        remedy: ["on the host: start sharehost, and see that it serves this VM (sharehost status)"])
}
