import Foundation
import LinuxSystem
import ShareModel
import Testing

@Suite("An attached share is measured within its bounds, and nothing stays behind")
struct BenchTests {
    private static let mark = "0123456789abcdef"
    private static let own = "/mnt/place/.shareagent-bench-\(mark)"
    let stage: Stage
    let scratch: Share
    let place: Target

    init() throws {
        stage = try Stage()
        scratch = try share(#"{"name":"scratch","source":{"type":"tmpfs"}}"#)
        place = try target("/mnt/place")
    }

    /// Mounts at the place; the mount's id.
    private func mount(_ command: String) throws -> Int64 {
        let line = try stage.run("mkdir -p /mnt/place; \(command); grep ' /mnt/place ' /proc/self/mountinfo | tail -1")
        return try #require(line.split(separator: " ").first.flatMap { Int64($0) })
    }

    private func order(_ id: Int64, seconds: Int64 = 1, mebibytes: Int64 = 8, profiles: [Share.Profile] = []) -> WorkerRequest {
        .bench(
            BenchOrder(
                share: scratch, target: place, mountID: id, mark: Self.mark, timeMs: seconds * 1000, spaceBytes: mebibytes << 20,
                profiles: profiles), nil)
    }

    private func report(_ request: WorkerRequest) throws -> Value {
        let outcome = try stage.ask(request)
        guard case .benched(let report) = outcome else { throw StageFailure("\(outcome)") }
        return report
    }

    private func isClean() throws -> Bool { try stage.run("ls -A /mnt/place").isEmpty }

    @Test("all of it is measured, and the directory is gone")
    func everything() throws {
        let report = try report(order(try mount("mount -t tmpfs -o size=200m t /mnt/place")))
        guard case .object(let results)? = report["results"] else { throw StageFailure("\(report)") }
        #expect(
            results.map(\.key) == [
                "sequentialRead", "sequentialWrite", "randomRead", "randomWrite", "create", "stat", "openRead", "unlink", "list", "latency",
            ])
        #expect(results.allSatisfy { ($0.value["bytesPerSecond"] ?? $0.value["perSecond"])?.number ?? 0 > 0 })
        #expect(report["results"]?["sequentialRead"]?["bytes"]?.number == 8 << 20)
        #expect(report["written"]?.truth == true)
        #expect(try isClean())
    }

    @Test("it never takes more than a tenth of what is free")
    func tenth() throws {
        let report = try report(order(try mount("mount -t tmpfs -o size=25m t /mnt/place"), mebibytes: 64))
        #expect(report["results"]?["sequentialRead"]?["bytes"]?.number == 2 << 20)
        let full = try mount("umount /mnt/place; mount -t tmpfs -o size=5m t /mnt/place")
        let cause = try #require(try stage.ask(order(full)).cause)
        #expect(cause.code == .outOfSpace)
        #expect(try isClean())
    }

    @Test("out of inodes in the middle, it clears up and says so")
    func outOfInodes() throws {
        let id = try mount("mount -t tmpfs -o size=200m,nr_inodes=40 t /mnt/place")
        #expect(try stage.ask(order(id)).cause?.code == .outOfSpace)
        #expect(try isClean())
    }

    @Test("on a disk, reads are cold")
    func cold() throws {
        let image = "\(stage.folder)/disk"
        let id = try mount("truncate -s 200M \(image); mke2fs -q -t ext4 \(image); mount -o loop \(image) /mnt/place; rm -d /mnt/place/*")
        let report = try report(order(id))
        #expect(report["results"]?["sequentialRead"]?["cachedPercent"]?.number ?? 100 <= 2)
        #expect(try isClean())
        try stage.run("umount /mnt/place")
    }

    @Test("a share for reading only is measured by what lies on it, and not written to")
    func readOnly() throws {
        let id = try mount(
            """
            mount -t tmpfs t /mnt/place; mkdir -p /mnt/place/a/b; head -c 3000000 /dev/urandom >/mnt/place/a/large
            for n in 1 2 3 4 5; do echo $n >/mnt/place/a/b/$n; done; ln -s /etc/passwd /mnt/place/link; mount -o remount,ro /mnt/place
            """)
        let report = try report(order(id, mebibytes: 2))
        #expect(report["written"]?.truth == false)
        #expect(report["results"]?["sequentialRead"]?["bytes"]?.number == 2 << 20)
        #expect(report["results"]?["openRead"]?["operations"]?.number == 5)
        #expect(report["results"]?["list"]?["operations"]?.number == 9)
        #expect(report["results"]?["create"] == nil)
        #expect(report["notes"]?.elements?.first?.text?.contains("reading only") == true)
    }

    @Test("an empty share for reading only has no figure for reading, and says why")
    func nothingToRead() throws {
        let report = try report(order(try mount("mount -t tmpfs -o ro t /mnt/place")))
        #expect(report["results"]?["sequentialRead"] == nil)
        #expect(report["results"]?["latency"] != nil)
        #expect(report["notes"]?.elements?.contains { $0.text?.contains("no file was found") == true } == true)
    }

    @Test("killed in the middle, it leaves a directory that a second worker removes")
    func killed() throws {
        let id = try mount("mount -t tmpfs -o size=900m t /mnt/place")
        let running = try stage.start(order(id, seconds: 60, mebibytes: 64))
        #expect(try running.isDoing("creating", within: 60))
        try running.child.killGroup()
        _ = running.exit(within: 10)
        #expect(try stage.run("ls -d \(Self.own)") == "\(Self.own)\n")
        #expect(try stage.ask(.sweep(scratch.name, place, mountID: id, mark: Self.mark)) == .swept)
        #expect(try isClean())
        #expect(try stage.ask(.sweep(scratch.name, place, mountID: id, mark: Self.mark)) == .swept)
    }

    @Test("when nobody waits for it any more, it clears up by itself")
    func abandoned() throws {
        let id = try mount("mount -t tmpfs -o size=900m t /mnt/place")
        let running = try stage.start(order(id, seconds: 60, mebibytes: 64))
        #expect(try running.isDoing("random writing", within: 60))
        running.leave()
        #expect(running.exit(within: 20) != nil)
        #expect(try isClean())
    }

    @Test("what other benches left long ago goes; what may be in use, and what only looks like it, stays")
    func leftovers() throws {
        let id = try mount("mount -t tmpfs -o size=200m t /mnt/place")
        try stage.run(
            """
            cd /mnt/place; mkdir outside; touch outside/data
            for d in .shareagent-bench-00000000000000aa .shareagent-bench-00000000000000bb .shareagent-bench-notes; do
                mkdir $d; touch $d/data $d/file-1; done
            touch -d '2 hours ago' .shareagent-bench-00000000000000aa .shareagent-bench-notes
            ln -s outside .shareagent-bench-00000000000000cc
            """)
        let report = try report(order(id))
        #expect(report["notes"]?.elements?.contains { $0.text?.hasPrefix("1 directories") == true } == true)
        #expect(
            try stage.run("ls -A /mnt/place | LC_ALL=C sort")
                == ".shareagent-bench-00000000000000bb\n.shareagent-bench-00000000000000cc\n.shareagent-bench-notes\noutside\n")
        #expect(try stage.run("ls /mnt/place/outside") == "data\n")
    }

    @Test("what cannot be compared is told, and nothing is mounted")
    func comparison() throws {
        let id = try mount("mount -t tmpfs -o size=200m t /mnt/place")
        let before = try stage.run("cat /proc/self/mountinfo")
        let report = try report(order(id, profiles: [.throughput, .metadata]))
        #expect(report["compare"]?["skipped"]?.elements?.count == 2)
        #expect(report["recommendation"] == nil)
        #expect(try stage.run("cat /proc/self/mountinfo") == before)
    }

    @Test("another mount at the target is not measured in its place")
    func foreign() throws {
        let id = try mount("mount -t tmpfs -o size=200m t /mnt/place")
        _ = try mount("mount -t tmpfs over /mnt/place")
        #expect(try stage.ask(order(id)).cause?.code == .foreignMount)
    }
}
