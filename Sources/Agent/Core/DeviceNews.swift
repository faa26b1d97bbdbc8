package import ShareModel

/// What has happened to devices, and which of those that can be mounted show their tags now.
package struct DeviceNews: Equatable {
    /// A device by its tag, of type virtiofs or 9p.
    package struct Device: Hashable {
        package let type: SourceType
        /// As the kernel shows it; any bytes.
        package let tag: [UInt8]

        package init(_ type: SourceType, tag: [UInt8]) {
            self.type = type
            self.tag = tag
        }
    }

    /// All devices whose tag can be read, in the kernel's order.
    package var shown: [Device]
    /// Kinds of which one came; `image` stands for disks.
    package var arrived: Set<SourceType> = []
    /// Kinds of which one went.
    package var left: Set<SourceType> = []
    /// The nodes of disks that went: `/dev/vdb`.
    package var removedDisks: [[UInt8]] = []

    package init(shown: [Device]) {
        self.shown = shown
    }
}

extension DeviceNews.Device {
    /// The device as an entry of a catalog: to be attached by name, never by itself.
    func entry(named name: String) -> Catalog.Entry {
        guard let text = String(validating: tag, as: UTF8.self) else {
            return .invalid(
                name: name,
                Cause(
                    .shareInvalid,
                    "the tag '\(String(printing: tag))' of a \(type.rawValue) device is not UTF-8 and cannot be written in a catalog",
                    remedy: ["give the device another tag on the host"]))
        }
        do {
            let source = Value.object(["type": .string(type.rawValue), "tag": .string(text)])
            return .share(try Share(.object(["name": .string(name), "source": source, "attach": "manual"]), at: name))
        } catch {
            return .invalid(
                name: name,
                Cause(
                    .shareInvalid, "a \(type.rawValue) device's tag '\(text)' cannot be used: \(error.sentence)",
                    remedy: ["give the device another tag on the host"]))
        }
    }

    /// The tag where it is a share's name, else one made of it that no other tag is likely to give.
    /// - Parameter isTaken: whether another device has this name already.
    func name(isTaken: (String) -> Bool) -> String {
        let plain = String(decoding: tag, as: UTF8.self)
        if (try? ShareName(validating: plain)) != nil, !isTaken(plain) { return plain }
        let kept = tag.map { $0.isASCIILetterOrDigit || "._-".utf8.contains($0) ? $0 : UInt8(ascii: "-") }.drop { !$0.isASCIILetterOrDigit }
        let stem = kept.isEmpty ? type.rawValue : String(decoding: kept.prefix(Self.longestStem), as: UTF8.self)
        return stem + "-" + hash
    }

    private static let longestStem = ShareName.maximumLength - 9

    /// FNV-1a over type and tag, as eight hexadecimal digits.
    private var hash: String {
        var hash: UInt32 = 2_166_136_261
        for byte in Array(type.rawValue.utf8) + [0] + tag { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }
}

extension Source {
    /// The device it is mounted from, by its tag; nil where it is none or has none.
    var device: DeviceNews.Device? {
        switch self {
        case .virtiofs(let virtiofs): DeviceNews.Device(.virtiofs, tag: Array(virtiofs.tag.utf8))
        case .ninep(let ninep): if case .virtio(let tag) = ninep.transport { .init(.ninep, tag: Array(tag.utf8)) } else { nil }
        case .nfs, .smb, .cephfs, .glusterfs, .tmpfs, .image: nil
        }
    }
}
