import CFuse
import FileNames
import FuseKernel
import Glibc
import LinuxSystem
import ShareModel

/// A view that is mounted, until it is unmounted and nobody uses it any more.
final class ViewMount {
    private let target: [UInt8]
    private let device: FuseDevice
    private let session: FuseSession
    /// Whether libfuse's helper mounts and unmounts: whoever runs this is not root.
    private let isHelped = geteuid() != 0
    /// Of the mount, so that nobody else's is ever unmounted.
    let mountID: UInt64

    /// What is to become of a view of the same source that stands at the target already.
    enum Replacement: String {
        /// It is unmounted, unless somebody uses it.
        case gently
        /// It is unmounted whoever uses it: it answers nobody.
        case now
    }

    /// Opens the source, mounts the view over the target and begins to answer.
    init(source: [UInt8], target: [UInt8], policy: NamesPolicy, mostDescriptors: Int, replacing: Replacement? = nil) throws(Cause) {
        self.target = target
        let top = try Self.open(source, isTarget: false)
        // What nobody serves any more cannot be asked what it is.
        let old = replacing == nil ? nil : Self.view(of: source, at: target)
        if old == nil {
            let place = try Self.open(target, isTarget: true)
            defer { _ = close(place) }
            try Self.checkNotInside(place, top, source: source, target: target)
        }
        let (view, isReadOnly, isExecutable) = try Self.view(over: top, source, policy, mostDescriptors, isRoots: !isHelped)
        device = isHelped ? try Self.helped(source, target, isReadOnly, isExecutable) : try Self.opened()
        do throws(FuseError) {
            session = try FuseSession(device, isKilled: ProcessWords.isKilled) { Answerer(view) }
            if !isHelped {
                // As late as can be, so that programs see the bare directory for no longer than two system calls take.
                if old != nil, let replacing { try Self.takeAway(target, replacing) }
                try device.mount(source, on: target, isReadOnly: isReadOnly, isExecutable: isExecutable)
            }
        } catch {
            if isHelped { try? UserMount.unmount(target, isLazy: true) }
            throw Self.cause(
                error,
                error.errno == EPERM || error.errno == EACCES ? .permissionDenied : error.errno == EBUSY ? .targetBusy : .ioError,
                "cannot mount a view on \(String(printing: target))", "dmesg may say more")
        }
        do throws(FuseError) {
            try session.begin()
            // Asked for without asking the view.
            let root = try FuseError.check { openPath(target) }
            defer { _ = close(root) }
            mountID = (try? LinuxSystem.mountID(of: root)) ?? 0
            raiseReadAhead()
        } catch {
            try? Self.unmounted(target, isHelped, isLazy: true)
            throw Self.cause(error, .ioError, "the kernel's FUSE does not speak to this program", "Linux 5.11 or newer is needed")
        }
    }

    /// The kernel offers 128 KiB as the most, which cuts reads far below what the source takes; more is given only by the device's own
    /// setting. Nothing of it is needed where the kernel reads by itself.
    private static let readAheadKiB: Int64 = 4096

    private func raiseReadAhead() {
        guard let entry = (try? MountTable.read())?.entry(id: mountID) else { return }
        // Whoever is not root has the kernel's.
        try? BackingDevice(entry.device).setReadAhead(kibibytes: Self.readAheadKiB)
    }

    /// Readable when it is over.
    var over: CInt { session.over }

    /// Takes the view away from its target.
    /// - Returns: whether nobody uses it any more; otherwise those who do go on until they close their files.
    func takeAway() -> Bool {
        guard isThere else { return false }
        do throws(SystemCallError) {
            try Self.unmounted(target, isHelped, isLazy: false)
            return true
        } catch {
            try? Self.unmounted(target, isHelped, isLazy: true)
            return false
        }
    }

    private static func unmounted(_ target: [UInt8], _ isHelped: Bool, isLazy: Bool) throws(SystemCallError) {
        if isHelped { return try UserMount.unmount(target, isLazy: isLazy) }
        try unmount(target, isLazy ? [.detach, .noFollow] : .noFollow)
    }

    /// ST_NOEXEC, which Glibc has for others only.
    private static let noExecution: UInt = 8

    /// The mount id of the view of this source that is on top at a target.
    private static func view(of source: [UInt8], at target: [UInt8]) -> UInt64? {
        guard let top = try? MountTable.read().topmost(at: target), top.fstype.elementsEqual(StandingView.fstype.utf8),
            top.source == source
        else { return nil }
        return top.mountID
    }

    private static func takeAway(_ target: [UInt8], _ replacement: Replacement) throws(FuseError) {
        do throws(SystemCallError) {
            try unmount(target, replacement == .now ? [.noFollow, .detach] : .noFollow)
        } catch {
            throw FuseError(error.errno)
        }
    }

    /// Whether this mount is what stands at the target.
    private var isThere: Bool {
        let root = openPath(target)
        guard root >= 0 else { return false }
        defer { _ = close(root) }
        return (try? LinuxSystem.mountID(of: root)) == mountID
    }

    private static func open(_ path: [UInt8], isTarget: Bool) throws(Cause) -> CInt {
        let place = openPath(path)
        var number = errno
        if place >= 0 {
            // A file system whose server has gone opens and says nothing else.
            do throws(FuseError) {
                _ = try SourceCalls.status(of: place)
                return place
            } catch {
                number = error.errno
                _ = close(place)
            }
        }
        let shown = String(printing: path)
        let error = FuseError(number)
        switch number {
        case ENOENT:
            throw cause(
                error, isTarget ? .targetMissing : .shareInvalid, "there is no \(shown)",
                isTarget ? "mkdir \(shown)" : "name a directory that is there")
        case ENOTDIR:
            throw cause(
                error, isTarget ? .targetNotDirectory : .shareInvalid, "\(shown) is not a directory", "name a directory")
        case ENOTCONN: throw cause(error, .hostServiceDead, "nobody serves \(shown) any more", "umount \(shown)")
        case ESTALE: throw cause(error, .staleHandle, "\(shown) is not the directory any more that it was", "attach the share anew")
        case EACCES, EPERM: throw cause(error, .permissionDenied, "cannot open \(shown)", "run it as root")
        default: throw cause(error, .ioError, "cannot open \(shown)", "shareagent doctor, if it is a share")
        }
    }

    /// A view below its own source would show itself. Over the source itself it is: what it shows was opened before.
    private static func checkNotInside(_ place: CInt, _ top: CInt, source: [UInt8], target: [UInt8]) throws(Cause) {
        guard let wanted = try? SourceCalls.status(of: top), var here = try? SourceCalls.status(of: place) else { return }
        if Identity(wanted) == Identity(here) { return }
        var current = dup(place)
        defer { _ = close(current) }
        while true {
            guard let above = try? SourceCalls.open(in: current, [0x2E, 0x2E], shareagent_open_path | shareagent_open_directory) else {
                return
            }
            _ = close(current)
            current = above
            guard let next = try? SourceCalls.status(of: above), Identity(next) != Identity(here) else { return }
            here = next
            if Identity(here) == Identity(wanted) {
                throw Cause(
                    .shareInvalid, "\(String(printing: target)) lies inside \(String(printing: source))",
                    evidence: ["the view would show itself without end"], remedy: ["choose a target outside, or the source itself"])
            }
        }
    }

    private static func view(
        over top: CInt, _ source: [UInt8], _ policy: NamesPolicy, _ mostDescriptors: Int, isRoots: Bool
    ) throws(Cause) -> (view: View, isReadOnly: Bool, isExecutable: Bool) {
        do throws(FuseError) {
            var usage = statvfs()
            try FuseError.check { unsafe fstatvfs(top, &usage) }
            var nature = SourceNature(of: top)
            // Only root may have the kernel read and write in its stead.
            if !isRoots { nature.passing = .never }
            let view = try View(source: top, policy: policy, mostDescriptors: mostDescriptors, nature: nature)
            return (view, usage.f_flag & UInt(ST_RDONLY) != 0, usage.f_flag & noExecution == 0)
        } catch {
            throw cause(error, .ioError, "cannot look at \(String(printing: source))", "dmesg may say more")
        }
    }

    private static func opened() throws(Cause) -> FuseDevice {
        do throws(FuseError) {
            return try FuseDevice()
        } catch {
            throw cause(
                error, error.errno == ENOENT || error.errno == ENODEV ? .filesystemUnsupported : .permissionDenied,
                "cannot open /dev/fuse", "modprobe fuse, as root")
        }
    }

    private static func helped(
        _ source: [UInt8], _ target: [UInt8], _ isReadOnly: Bool, _ isExecutable: Bool
    ) throws(Cause) -> FuseDevice {
        do throws(FuseError) {
            return try UserMount.mount(source, on: target, isReadOnly: isReadOnly, isExecutable: isExecutable)
        } catch {
            let shown = String(printing: target)
            throw error.errno == ENOENT
                ? cause(
                    error, .helperMissing, "whoever is not root needs fusermount3 to mount a view on \(shown)",
                    "apt install fuse3, or run it as root")
                : cause(
                    error, .permissionDenied, "fusermount3 mounts no view on \(shown)", "take a directory of your own, or run it as root")
        }
    }

    private static func cause(_ error: FuseError, _ code: CauseCode, _ message: String, _ remedy: String) -> Cause {
        Cause(
            code, message, evidence: ["\(SystemCallError.text(of: error.errno)) (\(SystemCallError.name(of: error.errno)))"],
            remedy: [remedy], errno: SystemCallError.name(of: error.errno))
    }
}

/// open(2) with O_PATH of a directory; -1 with errno. The kernel asks no server and no view for it where the path ends at a mount.
private func openPath(_ path: [UInt8]) -> CInt {
    unsafe (path + [0]).withUnsafeBytes {
        unsafe shareagent_file_open(
            AT_FDCWD, $0.assumingMemoryBound(to: CChar.self).baseAddress, shareagent_open_path | shareagent_open_directory, 0)
    }
}
