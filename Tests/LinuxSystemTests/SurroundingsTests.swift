import Glibc
import Testing

@testable import LinuxSystem

@Suite struct SurroundingsTests {
    private func message(_ fields: String...) -> ArraySlice<UInt8> {
        Array(fields.joined(separator: "\0").utf8)[...]
    }

    @Test("the kernel's device events are read; udev's, which look otherwise, and pieces of none are passed over")
    func deviceEvents() {
        let path = "/devices/pci0000:00/0000:00:05.0/virtio3"
        let event = DeviceEvent(
            parsing: message(
                "bind@\(path)", "ACTION=bind", "DEVPATH=\(path)", "SUBSYSTEM=virtio", "DRIVER=virtiofs",
                "MODALIAS=virtio:d0000001Av00001AF4",
                "SEQNUM=1700", ""))
        #expect(event == DeviceEvent(action: "bind", subsystem: "virtio", path: path, modalias: "virtio:d0000001Av00001AF4"))
        let disk = DeviceEvent(
            parsing: message("remove@/x", "ACTION=remove", "DEVPATH=/x", "SUBSYSTEM=block", "MAJOR=254", "DEVNAME=vdb", "DEVTYPE=disk"))
        #expect(disk?.nodeName == "vdb")
        #expect(DeviceEvent(parsing: message("libudev", "\u{1}\u{2}")) == nil)
        #expect(DeviceEvent(parsing: []) == nil)
        #expect(DeviceEvent(parsing: message("add@/x", "ACTION=add", "DEVPATH=/x")) == nil)
    }

    /// A `nlmsghdr` with its body.
    private func datagram(_ type: UInt16, _ body: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        func put(_ value: some FixedWidthInteger) { withUnsafeBytes(of: value) { bytes += $0 } }
        put(UInt32(16 + body.count))
        put(type)
        put(UInt16(0))
        put(UInt32(0))
        put(UInt32(0))
        return bytes + body
    }

    private func link(_ flags: UInt32) -> [UInt8] {
        var body: [UInt8] = [0, 0, 1, 0, 2, 0, 0, 0]
        withUnsafeBytes(of: flags) { body += $0 }
        return body + [0, 0, 0, 0]
    }

    @Test("only a link that is up, a new address and a new route are good news")
    func network() {
        let (up, down) = (UInt32(1 << 16 | 1), UInt32(1))
        #expect(NetworkWatch.opensWays(datagram(16, link(up))[...]))
        #expect(!NetworkWatch.opensWays(datagram(16, link(down))[...]))
        #expect(NetworkWatch.opensWays(datagram(20, [2, 24, 0, 0, 2, 0, 0, 0])[...]))
        #expect(NetworkWatch.opensWays(datagram(24, [UInt8](repeating: 0, count: 12))[...]))
        #expect(!NetworkWatch.opensWays(datagram(25, [UInt8](repeating: 0, count: 12))[...]), "a route that went")
        #expect(NetworkWatch.opensWays((datagram(16, link(down)) + datagram(24, [0, 0, 0, 0]))[...]), "two messages in one datagram")
    }

    @Test("no datagram, however broken, does harm")
    func brokenDatagrams() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            var bytes = datagram(UInt16.random(in: 15...26, using: &random), link(UInt32.random(in: 0...UInt32.max, using: &random)))
            bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            _ = NetworkWatch.opensWays(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
            _ = DeviceEvent(parsing: bytes[...])
        }
    }

    @Test("an address that is added is told; the kernel's sockets can be had without being root")
    func live() throws {
        let loop = try EventLoop()
        _ = try DeviceWatch(loop) { _ in }
        let watch = try NetworkWatch(loop) {}
        #expect(loop.watchCount == 1)
        withExtendedLifetime(watch) {}
    }

    @Test("tags are read as the kernel shows them: 9p with a NUL at its end, virtiofs with a newline; files that are none are passed over")
    func tags() throws {
        let directory = try TemporaryDirectory()
        for path in ["fs", "fs/virtiofs", "fs/virtiofs/1", "fs/virtiofs/2", "bus", "bus/virtio", "bus/virtio/drivers"] {
            try #require(mkdir(directory.text(path), 0o755) == 0)
        }
        let driver = "bus/virtio/drivers/9pnet_virtio"
        for path in [driver, "\(driver)/virtio4", "\(driver)/module"] { try #require(mkdir(directory.text(path), 0o755) == 0) }
        try directory.write("fs/virtiofs/1/tag", "my files\n")
        try directory.write("\(driver)/virtio4/mount_tag", "old papers\0")
        try directory.write("\(driver)/module/mount_tag", "none")
        let found = DeviceTags.read(system: directory.text(""))
        #expect(found.virtiofs == [Array("my files".utf8)])
        #expect(found.ninep == [Array("old papers".utf8)])
        #expect(DeviceTags.read(system: directory.text("nowhere")) == DeviceTags(virtiofs: [], ninep: []))
    }

    @Test("a file that is written, replaced or made is told, also where a link leads to it; its neighbours are not")
    func files() throws {
        let directory = try TemporaryDirectory()
        try #require(mkdir(directory.text("run"), 0o755) == 0)
        try directory.write("run/stub", "nameserver 1")
        try #require(symlink("run/stub", directory.text("resolv.conf")) == 0)
        let loop = try EventLoop()
        var told = 0
        let watch = try FileChangeWatch(loop, paths: [directory.bytes("resolv.conf"), directory.bytes("hosts")]) { told += 1 }
        try directory.write("other", "x")
        try directory.write("run/other", "x")
        try loop.turn()
        #expect(told == 0)
        try directory.write("run/stub", "nameserver 2")
        #expect(try loop.turn { told > 0 })
        told = 0
        try directory.write("hosts", "127.0.0.1 localhost")
        #expect(try loop.turn { told > 0 })
        told = 0
        try directory.write("new", "x")
        try #require(rename(directory.text("new"), directory.text("hosts")) == 0)
        #expect(try loop.turn { told > 0 })
        withExtendedLifetime(watch) {}
    }
}
