import Foundation
import LinuxSystem
import ShareModel
import Testing

@Suite("A share that hangs hangs its worker, and nothing else")
struct HangTests {
    /// A file system in user space that says hello to the kernel and then answers nothing, as a stopped virtiofsd does.
    static let silentFilesystem = """
        import ctypes, os, struct, sys
        libc = ctypes.CDLL(None, use_errno=True)
        device = os.open("/dev/fuse", os.O_RDWR)
        options = f"fd={device},rootmode=40000,user_id=0,group_id=0".encode()
        if libc.mount(b"silent", sys.argv[1].encode(), b"fuse.silent", 6, options) != 0:
            raise OSError(ctypes.get_errno(), "mount")
        request = os.read(device, 1 << 17)
        unique = struct.unpack_from("<IIQ", request)[2]
        body = struct.pack("<IIIIHHIIHHI7I", 7, 26, 65536, 0, 16, 12, 65536, 1, 16, 0, 0, *[0] * 7)
        os.write(device, struct.pack("<IiQ", 16 + len(body), 0, unique) + body)
        os.write(3, b"ready\\n")
        while True:
            os.read(device, 1 << 17)
        """

    let stage: Stage
    let name: ShareName
    let place: Target

    init() throws {
        stage = try Stage()
        name = try ShareName(validating: "hung")
        place = try target("/mnt/hung")
        try Self.silentFilesystem.write(toFile: "\(stage.folder)/silent.py", atomically: true, encoding: .utf8)
        try stage.run("mkdir /mnt/hung")
    }

    @Test("a probe is told from an answer by the parent's deadline, and ends when the server does")
    func probe() throws {
        let server = try stage.start(ready: "exec python3 \(stage.folder)/silent.py /mnt/hung")
        defer { try? server.killGroup() }
        let line = try stage.run("grep ' /mnt/hung ' /proc/self/mountinfo")
        let id = try #require(line.split(separator: " ").first.flatMap { Int64($0) })
        let probe = try stage.start(.probe(name, place, mountID: id))
        #expect(try probe.outcome(within: 1) == nil)
        // The mount table and the way to another target are as quick as ever.
        let scratch = try share(#"{"name":"scratch","source":{"type":"tmpfs","sizeBytes":65536}}"#)
        #expect(try stage.ask(.attach(scratch, nil, attachedTargets: [:])).mountID != nil)
        // SIGKILL does not end it: the kernel waits for the answer. That is why a worker is given up and not waited for.
        try probe.child.signal(SIGKILL)
        #expect(probe.exit(within: 1) == nil)
        try server.killGroup()
        #expect(probe.exit(within: 20) != nil)
    }

    @Test("the answer of a server that has ended names it")
    func deadServer() throws {
        let server = try stage.start(ready: "exec python3 \(stage.folder)/silent.py /mnt/hung")
        let line = try stage.run("grep ' /mnt/hung ' /proc/self/mountinfo")
        let id = try #require(line.split(separator: " ").first.flatMap { Int64($0) })
        try server.killGroup()
        let cause = try #require(try stage.ask(.probe(name, place, mountID: id)).cause)
        #expect(cause.code == .hostServiceDead)
        #expect(cause.errno == "ENOTCONN")
    }

    @Test("a hung share is lazily detached at once, with its user told")
    func lazyDetach() throws {
        let server = try stage.start(ready: "exec python3 \(stage.folder)/silent.py /mnt/hung")
        defer { try? server.killGroup() }
        let line = try stage.run("grep ' /mnt/hung ' /proc/self/mountinfo")
        let id = try #require(line.split(separator: " ").first.flatMap { Int64($0) })
        let probe = try stage.start(.probe(name, place, mountID: id))
        #expect(try probe.outcome(within: 1) == nil)
        let detach = try stage.start(.detach(name, place, mountID: id, lazy: true))
        #expect(try detach.outcome(within: 20) == .detached(stillInUse: true))
        #expect(!(try stage.run("cat /proc/self/mountinfo")).contains("/mnt/hung"))
    }
}
