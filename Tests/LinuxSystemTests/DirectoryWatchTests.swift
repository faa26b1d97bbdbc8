import Glibc
import LinuxSystem
import Testing

@Suite struct DirectoryWatchTests {
    @Test("a file is told when it appears, goes and comes back, below directories that did not exist")
    func appears() throws {
        let directory = try TemporaryDirectory()
        let loop = try EventLoop()
        var told: [Bool] = []
        let watch = try DirectoryWatch(loop, path: directory.bytes("a/b/port")) { told.append($0) }
        #expect(!watch.exists)
        try #require(mkdir(directory.text("a"), 0o755) == 0)
        try #require(mkdir(directory.text("a/b"), 0o755) == 0)
        try directory.write("a/b/port", "")
        #expect(try loop.turn { told == [true] })
        unlink(directory.text("a/b/port"))
        #expect(try loop.turn { told == [true, false] })
        rmdir(directory.text("a/b"))
        rmdir(directory.text("a"))
        try loop.turn()
        try #require(mkdir(directory.text("a"), 0o755) == 0)
        try loop.turn()
        try #require(mkdir(directory.text("a/b"), 0o755) == 0)
        try loop.turn()
        try directory.write("a/b/port", "")
        #expect(try loop.turn { told == [true, false, true] })
        #expect(watch.exists)
    }

    @Test("what is there already is known and not told")
    func present() throws {
        let directory = try TemporaryDirectory()
        try directory.write("port", "")
        let loop = try EventLoop()
        var told: [Bool] = []
        let watch = try DirectoryWatch(loop, path: directory.bytes("port")) { told.append($0) }
        #expect(watch.exists)
        try directory.write("another", "")
        try loop.turn()
        #expect(told.isEmpty)
    }

    @Test("a file that was replaced by another of the same name is told, though it exists before and after")
    func replaced() throws {
        let directory = try TemporaryDirectory()
        try directory.write("port", "")
        let loop = try EventLoop()
        var told: [Bool] = []
        let watch = try DirectoryWatch(loop, path: directory.bytes("port")) { told.append($0) }
        try directory.write("new", "")
        try #require(rename(directory.text("new"), directory.text("port")) == 0)
        #expect(try loop.turn { told == [true] })
        #expect(watch.exists)
    }

    @Test("a symbolic link counts when what it leads to is there")
    func link() throws {
        let directory = try TemporaryDirectory()
        let loop = try EventLoop()
        var told: [Bool] = []
        let watch = try DirectoryWatch(loop, path: directory.bytes("port")) { told.append($0) }
        try #require(symlink("vport1p1", directory.text("port")) == 0)
        try loop.turn()
        #expect(told.isEmpty && !watch.exists)
        try directory.write("vport1p1", "")
        #expect(try loop.turn { told == [true] })
    }

    @Test("a watch that is gone tells nothing and leaves nothing in the loop")
    func gone() throws {
        let directory = try TemporaryDirectory()
        let loop = try EventLoop()
        do {
            let watch = try DirectoryWatch(loop, path: directory.bytes("port")) { _ in Issue.record("told") }
            #expect(!watch.exists)
            #expect(loop.watchCount == 1)
        }
        try directory.write("port", "")
        #expect(loop.watchCount == 0)
    }

    @Test("a path that is not absolute is refused")
    func relative() throws {
        let loop = try EventLoop()
        let error = #expect(throws: SystemCallError.self) { _ = try DirectoryWatch(loop, path: Array("port".utf8)) { _ in } }
        #expect(error?.errno == EINVAL)
    }

    @Test("a mount table watch is there as long as it is held")
    func mountTable() throws {
        let loop = try EventLoop()
        do {
            let watch = try MountTableWatch(loop) {}
            withExtendedLifetime(watch) { #expect(loop.watchCount == 1) }
        }
        #expect(loop.watchCount == 0)
    }
}
