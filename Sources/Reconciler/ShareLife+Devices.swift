public import ShareModel

// What the coming and going of devices does to a share that lives on one.
extension ShareLife {
    /// Whether the share is mounted from a device of this kind, not from a server.
    public func isOnDevice(of type: SourceType) -> Bool {
        switch share.source {
        case .virtiofs: type == .virtiofs
        case .ninep(let ninep): if case .virtio = ninep.transport { type == .ninep } else { false }
        case .image(let image): if case .file = image.location { false } else { type == .image }
        case .nfs, .smb, .cephfs, .glusterfs, .tmpfs: false
        }
    }

    /// Devices of these kinds came: what waits for one is tried at once, and what lost one is mounted anew once that is certain.
    public mutating func devicesArrived(_ types: Set<SourceType>, now: Clock) {
        guard types.contains(where: isOnDevice) else { return }
        encouraged(when: { $0 == .tagNotFound || $0 == .imageNotFound || $0 == .hostServiceDead }, now: now)
        changeAttachment { attachment in
            attachment.deviceReturned = true
            attachment.nextDetach = nil
            attachment.record.probeSoon(now: now.moment)
        }
        // One that was attached by hand and is dead is to come back, too.
        if case .attached = phase, case .unchanged = wish { wish = .attached }
        settle(now)
    }

    /// Devices of these kinds went: whether it was this one's, asking shows.
    public mutating func devicesLeft(_ types: Set<SourceType>, now: Clock) {
        guard types.contains(where: isOnDevice) else { return }
        changeAttachment { $0.record.probeSoon(now: now.moment) }
    }

    /// A disk was taken away. A file system answers on from memory without it, so asking would show nothing.
    /// - Parameter node: as in the mount table: `/dev/vdb`.
    public mutating func diskRemoved(_ node: [UInt8], observed: ObservedState, now: Clock) {
        changeAttachment { [name = share.name] attachment in
            guard let mount = observed[attachment.mountID], mount.source == node else { return }
            attachment.deviceReturned = false
            attachment.lostDevice = Cause(
                .connectionLost, "share '\(name)': its disk \(String(printing: node)) was taken away; what was not yet written is lost",
                evidence: ["the kernel removed \(String(printing: node))"],
                remedy: ["give the VM the disk again; the share is then mounted anew"])
        }
        settle(now)
    }
}

extension Attachment {
    /// Nothing will come of this mount any more: its device is gone, and another one, even of the same name, is another file system.
    var isDead: Bool {
        if lostDevice != nil { return true }
        switch share.source {
        case .virtiofs, .ninep: return record.health == .unreachable && record.cause?.code == .hostServiceDead
        case .nfs, .smb, .cephfs, .glusterfs, .tmpfs, .image: return false
        }
    }
}
