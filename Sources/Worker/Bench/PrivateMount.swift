import LinuxSystem
import ShareKinds
import ShareModel

/// A second mount of a share in this process's own mount namespace, with a superblock of its own. It ends with the process at the latest.
struct PrivateMount: ~Copyable {
    /// How profiles of a type can be compared.
    enum Way: Equatable {
        /// A mount of its own; the option keeps the kernel from using the attached one's superblock.
        case ownMount(isolating: String)
        /// The kernel gives the same superblock to each mount; files get another read-ahead when they are opened.
        case sameMount
        /// Not at all, and why.
        case none(String)
    }

    static func way(to type: SourceType) -> Way {
        switch type {
        case .nfs: .ownMount(isolating: "nosharecache")
        case .smb: .ownMount(isolating: "nosharesock")
        case .cephfs: .ownMount(isolating: "noshare")
        case .virtiofs: .sameMount
        case .ninep: .none("a 9p device carries one mount, and its read-ahead cannot be set from outside")
        case .glusterfs: .none("its options are those of a process of its own, not of a mount")
        case .tmpfs: .none("a tmpfs has no options that change its speed, and a second one is another one")
        case .image: .none("a disk is mounted once")
        }
    }

    let root: OwnedDescriptor
    let device: DeviceNumber
    private let directory: TargetDirectory

    /// Mounts it.
    init(
        _ share: Share, plan: MountPlan, credential: Credential?, policy: Policy, in place: String
    ) throws(Cause) {
        let task = AttachTask(share: share, credential: credential, attachedTargets: [:], policy: policy)
        let target: Target
        do throws(FieldProblem) {
            target = try Target(validating: "\(place)/\(share.name)")
        } catch {
            throw Cause(.internalError, "share '\(share.name)': \(error.sentence)")
        }
        let servers = try ServerAddress.reached(by: plan, policy: policy)
        let directory = try TargetDirectory(walkingTo: target, making: true, for: share.name)
        _ = try task.mount(plan, on: directory, servers: servers)
        let opened = try directory.open(for: share.name)
        let table = try AttachTask.table(for: share.name)
        guard let entry = table.topmost(at: target.bytes) else {
            throw Cause(.internalError, "share '\(share.name)': its private mount is not to be seen")
        }
        device = entry.device
        root = opened
        self.directory = directory
    }

    /// Unmounts it, lazily: nobody else holds anything of it.
    consuming func end() {
        _ = try? directory.unmount(lazily: true)
    }
}
