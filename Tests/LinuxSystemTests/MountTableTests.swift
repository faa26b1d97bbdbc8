import LinuxSystem
import Testing

@Suite struct MountTableTests {
    private func parse(_ text: String) throws -> MountTable {
        try MountTable(parsing: Array(text.utf8))
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test("every field of a line lands where it belongs")
    func fields() throws {
        let table = try parse(
            "78 29 0:61 / /mnt/projects rw,nosuid,nodev,relatime shared:39 - nfs4 10.77.0.1:/projects rw,vers=4.2,rsize=131072\n")
        #expect(
            table.entries == [
                MountEntry(
                    mountID: 78, parentID: 29, device: DeviceNumber(major: 0, minor: 61), root: bytes("/"),
                    target: bytes("/mnt/projects"), options: bytes("rw,nosuid,nodev,relatime"),
                    propagation: MountPropagation(sharedGroup: 39), fstype: bytes("nfs4"), source: bytes("10.77.0.1:/projects"),
                    superOptions: bytes("rw,vers=4.2,rsize=131072"))
            ])
        #expect(table.entries[0].hasOption("nosuid"))
        #expect(!table.entries[0].hasOption("nosui"))
        #expect(table.entries[0].hasSuperOption("vers=4.2"))
        #expect("\(table.entries[0].device)" == "0:61")
    }

    @Test(
        "propagation in all its forms, and a form of a newer kernel",
        arguments: [
            ("", MountPropagation()),
            ("shared:1 ", MountPropagation(sharedGroup: 1)),
            ("master:2 propagate_from:3 ", MountPropagation(masterGroup: 2, propagatesFrom: 3)),
            ("shared:4 master:5 ", MountPropagation(sharedGroup: 4, masterGroup: 5)),
            ("unbindable ", MountPropagation(isUnbindable: true)),
            ("idmapped:6 shared:7 ", MountPropagation(sharedGroup: 7)),
        ])
    func propagation(field: String, expected: MountPropagation) throws {
        #expect(try parse("1 1 0:1 / / rw \(field)- tmpfs t rw\n").entries[0].propagation == expected)
    }

    @Test(
        "what the kernel escapes comes out as it is on disk",
        arguments: [
            (#"/mnt/a\040b"#, "/mnt/a b"), (#"/mnt/a\011b"#, "/mnt/a\tb"), (#"/mnt/a\012b"#, "/mnt/a\nb"),
            (#"/mnt/a\134b"#, #"/mnt/a\b"#), (#"/mnt/a\134040b"#, #"/mnt/a\040b"#), (#"/mnt/\043a"#, "/mnt/#a"), ("/mnt/#a", "/mnt/#a"),
            (#"/mnt/a\8"#, #"/mnt/a\8"#), (#"/mnt/a\04"#, #"/mnt/a\04"#), (#"/mnt/a\"#, #"/mnt/a\"#), (#"/mnt/a\777"#, #"/mnt/a\777"#),
        ])
    func escapes(written: String, meant: String) throws {
        let entry = try parse("1 1 0:1 / \(written) rw - tmpfs \(written) rw\n").entries[0]
        #expect(entry.target == bytes(meant))
        #expect(entry.source == bytes(meant))
    }

    @Test("a target that contains a newline and a whole line does not forge a second mount")
    func forgery() throws {
        let table = try parse(#"1 1 0:1 / /mnt/a\0122\0401\0400:2\040/\040/etc rw - tmpfs t rw"# + "\n")
        #expect(table.entries.map(\.target) == [bytes("/mnt/a\n2 1 0:2 / /etc")])
    }

    @Test("names that are not UTF-8 keep their bytes")
    func notText() throws {
        let line = bytes("1 1 0:1 / /mnt/") + [0xFF, 0xC3] + bytes(" rw - tmpfs t rw\n")
        #expect(try MountTable(parsing: line).entries[0].target == bytes("/mnt/") + [0xFF, 0xC3])
    }

    @Test("a mount without a source, as the kernel writes one that was given an empty string")
    func emptySource() throws {
        let entry = try parse("1 1 0:1 / /a rw - tmpfs  rw,size=4k\n").entries[0]
        #expect(entry.source.isEmpty)
        #expect(entry.superOptions == bytes("rw,size=4k"))
    }

    @Test("an empty table is a table")
    func empty() throws {
        #expect(try parse("").entries.isEmpty)
    }

    @Test(
        "a table that is not whole is refused with line and reason",
        arguments: [
            ("1 1 0:1 / / rw - tmpfs t rw", 1, "the line is cut off"),
            ("1 1 0:1 / / rw - tmpfs t rw\n2 1 0:", 2, "the line is cut off"),
            ("\n", 1, "the mount id is not a number"),
            ("x 1 0:1 / / rw - tmpfs t rw\n", 1, "the mount id is not a number"),
            ("+1 1 0:1 / / rw - tmpfs t rw\n", 1, "the mount id is not a number"),
            ("99999999999999999999 1 0:1 / / rw - tmpfs t rw\n", 1, "the mount id is not a number"),
            ("1  1 0:1 / / rw - tmpfs t rw\n", 1, "the parent id is not a number"),
            ("1 1 0-1 / / rw - tmpfs t rw\n", 1, "the device is not major:minor"),
            ("1 1 0:4294967296 / / rw - tmpfs t rw\n", 1, "the device is not major:minor"),
            ("1 1 0: / / rw - tmpfs t rw\n", 1, "the device is not major:minor"),
            ("1 1 0:1  / rw - tmpfs t rw\n", 1, "the root is empty"),
            ("1 1 0:1 / mnt rw - tmpfs t rw\n", 1, "the target is not an absolute path"),
            ("1 1 0:1 / /\n", 1, "the options is missing"),
            ("1 1 0:1 / / rw shared:1 tmpfs t rw\n", 1, "the separator is missing"),
            ("1 1 0:1 / / rw -\n", 1, "the fstype is missing"),
            ("1 1 0:1 / / rw - tmpfs\n", 1, "the source is missing"),
            ("1 1 0:1 / / rw - tmpfs t\n", 1, "the super options is missing"),
            ("1 1 0:1 / / rw - tmpfs t rw more\n", 1, "there is more after the super options"),
        ])
    func refusals(text: String, line: Int, reason: String) {
        let error = #expect(throws: MountTableError.self) { try MountTable(parsing: Array(text.utf8)) }
        #expect(error?.line == line)
        #expect(error?.reason == reason)
    }

    @Test("mounts stacked on one target: all of them, and the one on top even when it is listed first")
    func stacked() throws {
        let table = try parse(
            """
            20 1 8:1 / / rw - ext4 /dev/sda1 rw
            33 31 0:33 / /mnt/a rw - tmpfs top rw
            31 30 0:31 / /mnt/a rw - tmpfs middle rw
            30 20 0:30 / /mnt/a rw - tmpfs bottom rw
            34 20 0:34 / /mnt/ab rw - tmpfs other rw

            """)
        #expect(table.entries(at: bytes("/mnt/a")).map(\.mountID) == [33, 31, 30])
        #expect(table.topmost(at: bytes("/mnt/a"))?.mountID == 33)
        #expect(table.topmost(at: bytes("/mnt"))?.mountID == nil)
        #expect(table.topmost(at: bytes("/"))?.mountID == 20)
        #expect(table.entry(id: 31)?.source == bytes("middle"))
        #expect(table.entry(id: 99) == nil)
        #expect(table.children(of: 20).map(\.mountID) == [30, 34])
    }

    @Test("the root of the tree is its own parent and still the topmost at /")
    func ownParent() throws {
        #expect(try parse("1 1 0:1 / / rw - rootfs rootfs rw\n").topmost(at: bytes("/"))?.mountID == 1)
    }

    /// The kernel's own escaping of a name, fs/proc_namespace.c.
    private func mangled(_ name: [UInt8]) -> [UInt8] {
        name.flatMap { byte -> [UInt8] in
            guard " \t\n\\#".utf8.contains(byte) else { return [byte] }
            return [UInt8(ascii: "\\")] + [6, 3, 0].map { UInt8(ascii: "0") + (byte >> UInt8($0)) & 7 }
        }
    }

    @Test("any bytes in source and target survive the way through the kernel's escaping")
    func property() throws {
        for round in UInt64(0)..<200 {
            let seed = 0x4D54_0000 + round
            var random = SeededGenerator(seed: seed)
            func name() -> [UInt8] {
                (0..<Int.random(in: 1...60, using: &random)).map { _ in
                    random.next() % 2 == 0
                        ? Array(" \t\n\\#01".utf8).randomElement(using: &random) ?? 1 : UInt8.random(in: 1...255, using: &random)
                }
            }
            var text: [UInt8] = []
            var expected: [[[UInt8]]] = []
            for id in 1...Int.random(in: 1...8, using: &random) {
                let (target, source, option) = (bytes("/") + name(), name(), name())
                expected.append([target, source, option])
                text +=
                    bytes("\(id) 1 0:\(id) / ") + mangled(target) + bytes(" rw - tmpfs ") + mangled(source) + bytes(" ") + mangled(option)
                text.append(UInt8(ascii: "\n"))
            }
            let table = try MountTable(parsing: text)
            #expect(table.entries.map { [$0.target, $0.source, $0.superOptions] } == expected, "seed \(seed)")
        }
    }

    @Test("whatever is cut off or flipped, parsing answers with a table or an error and never traps")
    func garbage() {
        for round in UInt64(0)..<200 {
            let seed = 0x4741_0000 + round
            var random = SeededGenerator(seed: seed)
            var text = bytes("78 29 0:61 / /mnt/p\\040q rw,nosuid shared:39 master:1 - nfs4 a:/b rw,vers=4.2\n")
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                text[Int.random(in: 0..<text.count, using: &random)] = Array(" \n\\-:0/x".utf8).randomElement(using: &random) ?? 0
            }
            text.removeLast(Int.random(in: 0..<text.count, using: &random))
            let lines = text.count { $0 == UInt8(ascii: "\n") }
            do throws(MountTableError) {
                #expect(try MountTable(parsing: text).entries.count == lines, "seed \(seed)")
            } catch {
                #expect((1...lines + 1).contains(error.line), "seed \(seed)")
            }
        }
    }

    @Test("this machine's own table can be read, and the root is in it")
    func own() throws {
        let table = try MountTable.read()
        #expect(table.topmost(at: bytes("/")) != nil)
        #expect(try MountTable.read(ofProcess: 1).entries.isEmpty == false)
    }

    @Test("the table of a process that does not exist is an error that names the file")
    func noProcess() {
        let error = #expect(throws: MountTableFailure.self) { try MountTable.read(ofProcess: -1) }
        #expect(error == .unreadable(SystemCallError(call: "open", errno: 2, path: bytes("/proc/-1/mountinfo"))))
    }
}
