import CLinux
import Glibc
import Testing

@testable import LinuxSystem

@Suite struct FileTests {
    @Test("a file is read up to its limit, and one byte more is an error")
    func limit() throws {
        let directory = try TemporaryDirectory()
        try directory.write("f", String(repeating: "x", count: 40_000))
        #expect(try readFile(directory.bytes("f"), limit: 40_000).count == 40_000)
        let error = #expect(throws: SystemCallError.self) { try readFile(directory.bytes("f"), limit: 39_999) }
        #expect(error == SystemCallError(call: "read", errno: EFBIG, path: directory.bytes("f")))
    }

    @Test("a FIFO, a missing file and a directory do not hold up the reader")
    func special() throws {
        let directory = try TemporaryDirectory()
        try #require(mkfifo(directory.text("p"), 0o600) == 0)
        #expect(try readFile(directory.bytes("p"), limit: 10).isEmpty)
        let missing = #expect(throws: SystemCallError.self) { try readFile(directory.bytes("none"), limit: 10) }
        #expect(missing == SystemCallError(call: "open", errno: ENOENT, path: directory.bytes("none")))
        let folder = #expect(throws: SystemCallError.self) { try readFile(Array(directory.path.utf8), limit: 10) }
        #expect(folder?.errno == EISDIR)
        let nul = #expect(throws: SystemCallError.self) { try readFile([47, 0, 47], limit: 10) }
        #expect(nul?.errno == EINVAL)
    }

    @Test("a file is replaced as a whole, with exactly the mode that was asked for, and nothing stays beside it")
    func replaces() throws {
        let directory = try TemporaryDirectory()
        let path = directory.bytes("state.json")
        try writeFileAtomically(path, Array("old".utf8), mode: 0o666)
        let big = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
        try writeFileAtomically(path, big, mode: 0o640)
        #expect(try readFile(path, limit: 1 << 20) == big)
        var answer = stat()
        #expect(stat(directory.text("state.json"), &answer) == 0)
        #expect(answer.st_mode & 0o7777 == 0o640)
        let names = OwnedDescriptor(adopting: open(directory.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        unlink(directory.text("state.json"))
        #expect(try isEmptyDirectory(names.rawValue))
    }

    @Test("a failed replacement leaves what was there and names the file")
    func failedReplacement() throws {
        let directory = try TemporaryDirectory()
        try #require(mkdir(directory.text("d"), 0o755) == 0)
        try directory.write("d/inside", "")
        let error = #expect(throws: SystemCallError.self) { try writeFileAtomically(directory.bytes("d"), [1], mode: 0o600) }
        #expect(error == SystemCallError(call: "renameat", errno: EISDIR, path: directory.bytes("d")))
        unlink(directory.text("d/inside"))
        rmdir(directory.text("d"))
        let left = OwnedDescriptor(adopting: open(directory.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        #expect(try isEmptyDirectory(left.rawValue))
        let missing = #expect(throws: SystemCallError.self) { try writeFileAtomically(directory.bytes("no/f"), [], mode: 0o600) }
        #expect(missing?.errno == ENOENT)
    }

    @Test("the names in a directory come in the order of their bytes; no directory has none, a file is an error")
    func names() throws {
        let directory = try TemporaryDirectory()
        for name in ["b", "a", ".x", "..."] { try directory.write(name, "") }
        #expect(try directoryNames(Array(directory.path.utf8)) == ["...", ".x", "a", "b"].map { Array($0.utf8) })
        #expect(try directoryNames(directory.bytes("none")).isEmpty)
        let error = #expect(throws: SystemCallError.self) { try directoryNames(directory.bytes("a")) }
        #expect(error == SystemCallError(call: "open", errno: ENOTDIR, path: directory.bytes("a")))
    }

    @Test("an empty directory is told from one that holds a file with a name of dots")
    func emptiness() throws {
        let directory = try TemporaryDirectory()
        let folder = try TargetWalk.open(Array(directory.path.utf8), below: Array(directory.path.utf8), creating: nil)
        #expect(try isEmptyDirectory(folder.rawValue))
        #expect(try isEmptyDirectory(folder.rawValue), "asking once more gives the same answer")
        for name in ["...", "..x", ".x"] {
            try directory.write(name, "")
            #expect(try !isEmptyDirectory(folder.rawValue))
            unlink(directory.text(name))
        }
    }
}

@Suite struct TargetWalkTests {
    private func errno(_ directory: TemporaryDirectory, _ target: String, creating: UInt32? = 0o755, below: String = "") -> CInt? {
        #expect(throws: SystemCallError.self) {
            _ = try TargetWalk.open(directory.bytes(target), below: Array((directory.path + below).utf8), creating: creating)
        }?.errno
    }

    @Test("missing directories are made on the way, and what comes back is the target itself")
    func creates() throws {
        let directory = try TemporaryDirectory()
        let root = Array(directory.path.utf8)
        let target = try TargetWalk.open(directory.bytes("a/b/c"), below: root, creating: 0o750)
        var opened = stat()
        var found = stat()
        #expect(fstat(target.rawValue, &opened) == 0 && stat(directory.text("a/b/c"), &found) == 0)
        #expect(opened.st_ino == found.st_ino && opened.st_dev == found.st_dev)
        #expect(found.st_mode & 0o777 == 0o750)
        #expect(fcntl(target.rawValue, F_GETFD) & FD_CLOEXEC != 0)
        // Again, with everything there, and without permission to create.
        _ = try TargetWalk.open(directory.bytes("a/b/c"), below: root, creating: nil)
        let top = OwnedDescriptor(adopting: open(directory.path, O_RDONLY | O_CLOEXEC))
        #expect(try mountID(of: target.rawValue) == mountID(of: top.rawValue))
        #expect(try MountTable.read().entry(id: mountID(of: top.rawValue)) != nil)
    }

    @Test("a symbolic link is refused wherever it stands, and nothing is made behind it")
    func links() throws {
        let directory = try TemporaryDirectory()
        let elsewhere = try TemporaryDirectory()
        try #require(symlink(elsewhere.path, directory.text("link")) == 0)
        try #require(mkdir(directory.text("real"), 0o755) == 0)
        try #require(symlink("real", directory.text("inside")) == 0)
        for target in ["link", "link/new", "inside", "inside/new"] { #expect(errno(directory, target) == ELOOP) }
        #expect(errno(directory, "link/new", below: "/link") == ELOOP)
        let left = OwnedDescriptor(adopting: open(elsewhere.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        #expect(try isEmptyDirectory(left.rawValue))
    }

    @Test("a target outside its root, and one with components that are no names, are refused without a look at the disk")
    func outside() throws {
        let directory = try TemporaryDirectory()
        for target in ["../x", "a/../../x", "a//b", "a/./b", "a/"] { #expect(errno(directory, target) == EXDEV) }
        #expect(errno(directory, "ab", below: "/a") == EXDEV)
        #expect(TargetWalk.components(of: Array("/mntx".utf8), below: Array("/mnt".utf8)) == nil)
        #expect(TargetWalk.components(of: Array("mnt".utf8), below: Array("/".utf8)) == nil)
        #expect(TargetWalk.components(of: Array("/mnt".utf8), below: Array("/".utf8)) == [Array("mnt".utf8)])
        #expect(TargetWalk.components(of: Array("/mnt".utf8), below: Array("/mnt".utf8)) == [])
    }

    @Test("a file in the way, and a missing target that must not be made, are told apart")
    func blocked() throws {
        let directory = try TemporaryDirectory()
        try directory.write("f", "")
        #expect(errno(directory, "f") == ENOTDIR)
        #expect(errno(directory, "f/x") == ENOTDIR)
        #expect(errno(directory, "none", creating: nil) == ENOENT)
        #expect(errno(directory, "none/x", below: "/none") == ENOENT)
    }
}

@Suite struct FileSystemUsageTests {
    @Test("the numbers of the root file system fit together, by path and by descriptor")
    func own() throws {
        let usage = try FileSystemUsage.read(Array("/".utf8))
        #expect(usage.sizeBytes > 0)
        #expect(usage.usedBytes <= usage.sizeBytes)
        #expect(usage.availableBytes <= usage.sizeBytes)
        let root = OwnedDescriptor(adopting: open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        #expect(try FileSystemUsage.read(root.rawValue).magic == usage.magic)
    }

    @Test("numbers that a server made up saturate instead of trapping")
    func nonsense() {
        let answer = shareagent_usage(
            magic: .max, unit: 4096, blocks: .max, free_blocks: .max, available_blocks: .max, inodes: 1, free_inodes: .max)
        let usage = FileSystemUsage(answer)
        #expect(usage.sizeBytes == .max && usage.availableBytes == .max)
        #expect(usage.usedBytes == 0 && usage.inodesUsed == 0)
        #expect(usage.magic == .max)
    }
}
