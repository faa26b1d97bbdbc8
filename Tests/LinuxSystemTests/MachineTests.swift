import Glibc
import Testing

@testable import LinuxSystem

@Suite struct MachineTests {
    @Test("what uname says")
    func names() {
        #expect(!Machine.hostname.isEmpty)
        #expect(Machine.kernelRelease.first?.isNumber == true)
        #expect(["x86_64", "aarch64", "riscv64", "ppc64le", "s390x", "loongarch64"].contains(Machine.architecture))
    }

    @Test(
        "the pretty name, quoted in each of the ways a shell allows",
        arguments: [
            ("NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n", "Debian GNU/Linux 12 (bookworm)"),
            ("PRETTY_NAME='Arch'\n", "Arch"), ("PRETTY_NAME=Void", "Void"), ("PRETTY_NAME=\"a \\\"b\\\" \\$c\"\n", "a \"b\" $c"),
            ("PRETTY_NAME=old\nPRETTY_NAME=new\n", "new"),
        ])
    func prettyName(text: String, expected: String) {
        #expect(Machine.prettyName(inRelease: text) == expected)
    }

    @Test("an os-release without a name has none", arguments: ["", "PRETTY_NAME=\n", "PRETTY_NAME=\"\"\n", "XPRETTY_NAME=a\n"])
    func noPrettyName(text: String) {
        #expect(Machine.prettyName(inRelease: text) == nil)
    }

    @Test("the kernel's file systems, with and without a device")
    func fileSystems() {
        #expect(Machine.fileSystems(inList: "nodev\tsysfs\nnodev\ttmpfs\n\text4\n") == ["sysfs", "tmpfs", "ext4"])
        #expect(Machine.fileSystems(inList: "").isEmpty)
        #expect(Machine.fileSystems().contains("proc"))
    }

    @Test("the ids are in their forms, where there are any")
    func ids() {
        #expect(Machine.bootID()?.utf8.count == 36)
        if let id = Machine.machineID() { #expect(id.utf8.count == 32) }
        #expect(!Machine.operatingSystem().isEmpty)
    }

    @Test("this process has some memory resident")
    func resident() {
        #expect((1 << 20..<8 << 30).contains(Machine.residentBytes()))
    }
}

@Suite struct ServiceNotifierTests {
    /// A manager's socket, and what has arrived there.
    private func manager(_ path: String?, abstract: String? = nil) throws -> OwnedDescriptor {
        let number = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        try #require(number >= 0)
        let owned = OwnedDescriptor(adopting: number)
        let address =
            try path.map { try UnixAddress(path: Array($0.utf8), call: "bind") }
            ?? UnixAddress(abstract: Array((abstract ?? "").utf8), call: "bind")
        try #require(address.lend { bind(number, $0, $1) } == 0)
        return owned
    }

    private func receive(_ number: CInt) -> String? {
        var room = [UInt8](repeating: 0, count: 4096)
        let count = recv(number, &room, room.count, 0)
        return count < 0 ? nil : String(decoding: room[..<count], as: UTF8.self)
    }

    @Test("each message arrives as one datagram, at a path and at an abstract name")
    func notifies() throws {
        let directory = try TemporaryDirectory()
        let name = "shareagent-test-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        let cases = [(directory.text("n"), nil), ("@" + name, name)] as [(String, String?)]
        for (address, abstract) in cases {
            let manager = try manager(abstract == nil ? address : nil, abstract: abstract)
            let notifier = ServiceNotifier(address: Array(address.utf8), watchdogMicroseconds: nil, watchdogProcess: nil)
            let isConnected = notifier.isConnected
            #expect(isConnected)
            notifier.notify("READY=1\nSTATUS=2 shares attached")
            notifier.notify("WATCHDOG=1")
            #expect(receive(manager.rawValue) == "READY=1\nSTATUS=2 shares attached")
            #expect(receive(manager.rawValue) == "WATCHDOG=1")
            #expect(receive(manager.rawValue) == nil)
        }
    }

    @Test("without a manager, or with one that is gone, nothing happens")
    func absent() {
        for address in [nil, Array("/nonexistent/notify".utf8), []] as [[UInt8]?] {
            let notifier = ServiceNotifier(address: address, watchdogMicroseconds: nil, watchdogProcess: nil)
            notifier.notify("READY=1")
            let isConnected = notifier.isConnected
            #expect(!isConnected)
        }
    }

    @Test("the watchdog's interval is taken only by the process it is meant for")
    func watchdog() {
        func interval(_ microseconds: String?, _ process: String?) -> Duration? {
            ServiceNotifier(
                address: nil, watchdogMicroseconds: microseconds.map { Array($0.utf8) }, watchdogProcess: process.map { Array($0.utf8) }
            ).watchdogInterval
        }
        #expect(interval("30000000", nil) == .seconds(30))
        #expect(interval("30000000", "\(getpid())") == .seconds(30))
        #expect(interval("30000000", "1") == nil)
        for nonsense in [nil, "", "0", "-5", "x"] { #expect(interval(nonsense, nil) == nil) }
    }
}

@Suite struct KernelLogTests {
    @Test("a record is taken apart, without the lines of context after it")
    func parses() throws {
        let record = try #require(
            KernelLogRecord(parsing: Array("4,1729,5061023941,-;CIFS: VFS: x;y\\x0az\n SUBSYSTEM=fs\n DEVICE=c1:2\n".utf8)))
        #expect(record.severity == 4)
        #expect(record.sequence == 1729)
        #expect(record.microseconds == 5_061_023_941)
        #expect(record.message == Array("CIFS: VFS: x;y\\x0az".utf8))
        #expect(KernelLogRecord(parsing: Array("30,1,2,c,caller=T1;x".utf8))?.severity == 6)
    }

    @Test("what is no record is none", arguments: ["", "4,1,2,-", "4,1;x", "a,1,2,-;x", "4,,2,-;x"])
    func malformed(text: String) {
        #expect(KernelLogRecord(parsing: Array(text.utf8)) == nil)
    }

    private func say(_ text: String) throws {
        let log = OwnedDescriptor(adopting: open("/dev/kmsg", O_WRONLY | O_CLOEXEC))
        // Without the newline the kernel keeps the record open for more, unseen.
        let line = "<7>\(text)\n"
        try #require(write(log.rawValue, line, line.utf8.count) == line.utf8.count)
    }

    @Test("what is written after opening is found, what was there before is not")
    func takes() throws {
        let mark = "shareagent test \(getpid()) \(UInt64.random(in: 0 ... .max))"
        try say(mark + " before")
        let log = try KernelLog()
        try say(mark + " after")
        let taken = log.takeNew()
        let said = taken.records.map { String(decoding: $0.message, as: UTF8.self) }.filter { $0.hasPrefix(mark) }
        #expect(said == [mark + " after"] && taken.areAll)
        #expect(!log.takeNew().records.contains { $0.message == Array((mark + " after").utf8) })
    }

    @Test("where records may be left, those that were taken are not all of them: what is not there was not \"never said\"")
    func incomplete() throws {
        let log = try KernelLog()
        try say("shareagent test one")
        try say("shareagent test two")
        let first = log.takeNew(upTo: 1)
        #expect(first.records.count == 1 && !first.areAll)
        #expect(log.takeNew().areAll)
    }
}

@Suite struct MemoryTests {
    @Test("random bytes come in the number asked for, and differ")
    func random() throws {
        #expect(try randomBytes(0).isEmpty)
        #expect(try randomBytes(1000).count == 1000)
        #expect(try randomBytes(16) != randomBytes(16))
    }

    @Test("a pipe is no terminal and has no width")
    func terminal() throws {
        let pair = try UnixStream.pair()
        #expect(!Terminal.isTerminal(pair.near.rawValue))
        #expect(Terminal.size(pair.near.rawValue) == nil)
    }
}
