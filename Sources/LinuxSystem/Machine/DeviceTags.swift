/// The names under which devices of this guest can be mounted, as far as the kernel shows them.
public struct DeviceTags: Equatable, Sendable {
    /// Of virtiofs devices (/sys/fs/virtiofs, Linux 6.9; older kernels show none), in the kernel's order.
    public let virtiofs: [[UInt8]]
    /// Of 9p devices (mount_tag, Linux 2.6.37), in the kernel's order.
    public let ninep: [[UInt8]]

    /// The kernel's ABI allows 65,535 bytes for a 9p tag; whoever wants to mount more than this cannot say so.
    private static let limit = 4096

    /// What is there now.
    /// - Parameter system: /sys, or a tree like it.
    public static func read(system: String = "/sys") -> DeviceTags {
        DeviceTags(
            virtiofs: tags(below: "\(system)/fs/virtiofs", file: "tag") { _ in true },
            ninep: tags(below: "\(system)/bus/virtio/drivers/9pnet_virtio", file: "mount_tag") { $0.starts(with: "virtio".utf8) })
    }

    private static func tags(below directory: String, file: String, where isDevice: ([UInt8]) -> Bool) -> [[UInt8]] {
        let names = (try? directoryNames(Array(directory.utf8))) ?? []
        return names.filter(isDevice).compactMap { name in
            let path = Array(directory.utf8) + [UInt8(ascii: "/")] + name + Array("/\(file)".utf8)
            guard let bytes = try? readFile(path, limit: limit) else { return nil }
            // 9p ends it with a NUL (Linux 5.11 shows it), virtiofs with a newline.
            let tag = bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...]
            let trimmed = Array(tag.prefix { $0 != 0 })
            return trimmed.isEmpty ? nil : trimmed
        }
    }
}
