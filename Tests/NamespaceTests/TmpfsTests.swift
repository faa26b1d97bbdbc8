import Foundation
import LinuxSystem
import ShareModel
import Testing

@Suite("A tmpfs share is attached, probed and detached for real")
struct TmpfsTests {
    let stage: Stage
    let scratch: Share
    let place: Target

    init() throws {
        stage = try Stage()
        scratch = try share(#"{"name":"scratch","source":{"type":"tmpfs","sizeBytes":1048576}}"#)
        place = try target("/mnt/scratch")
    }

    private func attach() throws -> Int64 {
        let outcome = try stage.ask(.attach(scratch, nil, attachedTargets: [:]))
        return try #require(outcome.mountID, "\(outcome)")
    }

    @Test("attach, probe, detach; the mark comes and goes")
    func wholeLife() throws {
        let id = try attach()
        let table = try stage.run("cat /proc/self/mountinfo")
        #expect(table.contains("\n\(id) "))
        #expect(table.contains(" / /mnt/scratch rw,nosuid,nodev,noatime "))
        #expect(table.contains("tmpfs tmpfs rw,size=1024k,nr_inodes=1024,mode=700"))
        #expect(try stage.run("cat /run/mount/utab").contains("TARGET=/mnt/scratch ROOT=/ OPTS=x-shareagent.name=scratch"))
        guard case .probed(let latency, let capacity, _, _) = try stage.ask(.probe(scratch.name, place, mountID: id)) else {
            Issue.record("the probe failed")
            return
        }
        #expect(latency > 0)
        #expect(capacity.sizeBytes == 1_048_576)
        #expect(capacity.inodes == 1024)
        #expect(try stage.ask(.detach(scratch.name, place, mountID: id, lazy: false)) == .detached(stillInUse: false))
        #expect(!(try stage.run("cat /proc/self/mountinfo")).contains("/mnt/scratch"))
        #expect(!(try stage.run("cat /run/mount/utab")).contains("scratch"))
    }

    @Test("what is asked for is told with its options")
    func requestedOptions() throws {
        guard case .attached(_, let options, let warnings, _) = try stage.ask(.attach(scratch, nil, attachedTargets: [:])) else {
            Issue.record("the attach failed")
            return
        }
        #expect(options == ["nosuid": "", "nodev": "", "noatime": "", "size": "1048576", "nr_inodes": "1024", "mode": "0700"])
        #expect(warnings.isEmpty)
    }

    @Test("attached twice, it stays the same mount")
    func adoption() throws {
        let id = try attach()
        #expect(try attach() == id)
        #expect(try stage.run("grep -c /mnt/scratch /proc/self/mountinfo") == "1\n")
    }

    @Test("detached twice, it is gone and nothing is wrong")
    func detachedTwice() throws {
        let id = try attach()
        #expect(try stage.ask(.detach(scratch.name, place, mountID: id, lazy: false)) == .detached(stillInUse: false))
        #expect(try stage.ask(.detach(scratch.name, place, mountID: id, lazy: false)) == .detached(stillInUse: false))
    }

    @Test("a mount in use stays, and who uses it is named; lazily it goes at once")
    func inUse() throws {
        let id = try attach()
        let user = try stage.start(user: "exec sleep 1000 </mnt/scratch/held", after: "touch /mnt/scratch/held")
        defer { try? user.killGroup() }
        let cause = try #require(try stage.ask(.detach(scratch.name, place, mountID: id, lazy: false)).cause)
        #expect(cause.code == .targetBusy)
        #expect(cause.errno == "EBUSY")
        #expect(cause.message.contains("sleep (pid \(user.processID))"))
        #expect(cause.evidence.contains("sleep (pid \(user.processID)): fd 0 /mnt/scratch/held"))
        #expect(try stage.run("grep -c /mnt/scratch /proc/self/mountinfo") == "1\n")
        #expect(try stage.ask(.detach(scratch.name, place, mountID: id, lazy: true)) == .detached(stillInUse: true))
        #expect(!(try stage.run("cat /proc/self/mountinfo")).contains("/mnt/scratch"))
    }

    /// Maps a file and closes it; when told, reads what it has not read yet and writes it down.
    static let mapper = """
        import ctypes, os, signal, sys
        libc = ctypes.CDLL(None)
        libc.mmap.restype = ctypes.c_void_p
        libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
        file = os.open(sys.argv[1], os.O_RDONLY)
        place = libc.mmap(None, 8192, 1, 1, file, 0)
        os.close(file)
        os.write(3, b"ready\\n")
        signal.sigwait([signal.SIGUSR1])
        with open(sys.argv[2], "wb") as seen: seen.write(ctypes.string_at(place + 4096, 5))
        """

    @Test("who only has a file mapped is named where nobody else is, and not looked for before a lazy detach: that can hang")
    func onlyMapped() throws {
        // A name of its own: who has what mapped is the whole machine's.
        let wish = try share(#"{"name":"mapped-only","source":{"type":"tmpfs","sizeBytes":1048576}}"#)
        let place = try target("/mnt/mapped-only")
        let id = try #require(try stage.ask(.attach(wish, nil, attachedTargets: [:])).mountID)
        try Self.mapper.write(toFile: "\(stage.folder)/map.py", atomically: true, encoding: .utf8)
        try stage.run("head -c 8192 /dev/zero >/mnt/mapped-only/held")
        let mapper = try stage.start(ready: "exec python3 \(stage.folder)/map.py /mnt/mapped-only/held /dev/null")
        defer { try? mapper.killGroup() }
        func detach(lazy: Bool) throws -> WorkerOutcome { try stage.ask(.detach(wish.name, place, mountID: id, lazy: lazy)) }
        #expect(try detach(lazy: false).cause?.evidence == ["python3 (pid \(mapper.processID)): mapped file /mnt/mapped-only/held"])
        let user = try stage.start(user: "exec sleep 1000 </mnt/mapped-only/held")
        #expect(try detach(lazy: false).cause?.evidence == ["sleep (pid \(user.processID)): fd 0 /mnt/mapped-only/held"])
        try user.killGroup()
        _ = Stage.wait(user, within: 20)
        #expect(try detach(lazy: true) == .detached(stillInUse: false))
    }

    @Test("an id that the kernel has given to another share's mount takes nothing away")
    func reusedByShare() throws {
        let id = try attach()
        let other = try ShareName(validating: "other")
        for lazy in [false, true] {
            #expect(try stage.ask(.detach(other, place, mountID: id, lazy: lazy)).cause?.code == .foreignMount)
        }
        #expect(try stage.run("grep -c /mnt/scratch /proc/self/mountinfo") == "1\n")
        // A mark that is lost is no other share's.
        try stage.run("rm /run/mount/utab")
        #expect(try stage.ask(.detach(other, place, mountID: id, lazy: false)) == .detached(stillInUse: false))
    }

    @Test("a mount inside is named as what keeps it")
    func mountInside() throws {
        let id = try attach()
        try stage.run("mkdir /mnt/scratch/inner; mount -t tmpfs inner /mnt/scratch/inner")
        let cause = try #require(try stage.ask(.detach(scratch.name, place, mountID: id, lazy: false)).cause)
        #expect(cause.code == .targetBusy)
        #expect(cause.evidence.contains("mounted inside: /mnt/scratch/inner"))
    }

    @Test("another mount over it is never unmounted in its place")
    func mountedOver() throws {
        let id = try attach()
        try stage.run("mount -t tmpfs over /mnt/scratch")
        #expect(try stage.ask(.detach(scratch.name, place, mountID: id, lazy: false)).cause?.code == .foreignMount)
        #expect(try stage.ask(.detach(scratch.name, place, mountID: id, lazy: true)).cause?.code == .foreignMount)
        #expect(try stage.ask(.probe(scratch.name, place, mountID: id)).cause?.code == .foreignMount)
        #expect(try stage.run("grep -c /mnt/scratch /proc/self/mountinfo") == "2\n")
    }

    @Test("a probe of what is gone says so")
    func probeOfNothing() throws {
        let id = try attach()
        try stage.run("umount /mnt/scratch")
        #expect(try stage.ask(.probe(scratch.name, place, mountID: id)).cause?.code == .targetMissing)
    }

    @Test("a share whose source changed is not taken for the one that is attached")
    func changedShare() throws {
        _ = try attach()
        let readOnly = try share(#"{"name":"scratch","access":"ro","source":{"type":"tmpfs","sizeBytes":1048576}}"#)
        #expect(try stage.ask(.attach(readOnly, nil, attachedTargets: [:])).cause?.code == .alreadyAttached)
    }
}
