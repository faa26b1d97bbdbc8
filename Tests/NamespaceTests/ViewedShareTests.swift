import Foundation
import Glibc
import LinuxSystem
import ShareModel
import ShareWire
import Testing

/// Real workers lay real views over real mounts, and somebody does to them what must not matter.
@Suite("a share with a view of its names")
struct ViewedShareTests {
    let stage: Stage
    let wish: Share
    let place: Target

    init() throws {
        stage = try Stage()
        wish = try Self.scratch(#"{"form":"nfc","view":"always"}"#)
        place = try target("/mnt/scratch")
    }

    private static func scratch(_ names: String, _ more: String = "") throws -> Share {
        try share(
            #"{"name":"scratch","source":{"type":"tmpfs","sizeBytes":1048576,"mode":"0755"},"names":\#(names)\#(more)}"#)
    }

    private func attach(_ share: Share? = nil) throws -> (mountID: Int64, view: StandingView) {
        let outcome = try stage.ask(.attach(share ?? wish, nil, attachedTargets: [:]))
        guard case .attached(let mountID, _, _, let view?) = outcome else { throw StageFailure("\(outcome)") }
        return (mountID, view)
    }

    private func lay(_ share: Share, over mountID: Int64, force: Bool = false) throws -> WorkerOutcome {
        try stage.ask(
            .change(StandingMount(wish, at: wish.rawPlace, mountID: mountID), .lay(as: share, at: place, force: force)))
    }

    private func detach(_ mountID: Int64, _ view: StandingView, lazy: Bool = false) throws -> WorkerOutcome {
        try stage.ask(.detach(wish.name, wish.rawPlace, mountID: mountID, lazy: lazy, view: view))
    }

    private func mounts(_ path: String) throws -> [String] {
        try stage.run("awk '$5 == \"\(path)\"' /proc/self/mountinfo").split(separator: "\n").map(String.init)
    }

    private func reading(_ mountID: Int64, _ view: StandingView) throws -> ViewReading? {
        guard case .probed(_, _, _, let reading) = try stage.ask(.probe(wish.name, wish.rawPlace, mountID: mountID, view: view)) else {
            return nil
        }
        return reading
    }

    @Test("the view is at the target, the share where only root may go; detaching takes both away")
    func life() throws {
        let (mountID, view) = try attach()
        #expect(view.target == place)
        #expect(try stage.run("findmnt -no FSTYPE,SOURCE /mnt/scratch").contains("fuse.shareagent-names /run/shareagent/raw/scratch"))
        #expect(try stage.run("stat -c %a:%u /run/shareagent/raw") == "700:0\n")
        #expect(try stage.run("setpriv --reuid 4000 --clear-groups ls /run/shareagent/raw/scratch 2>&1 || true").contains("denied"))
        try stage.run("cd /run/shareagent/raw/scratch; printf x >\"$(printf 'cafe\\314\\201')\"")
        #expect(try stage.run("ls /mnt/scratch") == "caf\u{E9}\n")
        #expect(try stage.run("ls /run/shareagent/raw/scratch | wc -c") == "7\n")
        let options = try mounts("/mnt/scratch")[0]
        #expect(options.contains("nosuid") && options.contains("nodev"))
        #expect(try reading(mountID, view)?.cause == nil)
        #expect(try detach(mountID, view) == .detached(stillInUse: false))
        #expect(try mounts("/mnt/scratch").isEmpty && mounts("/run/shareagent/raw/scratch").isEmpty)
        #expect(try stage.run("ls -A /run/shareagent/raw /run/shareagent/views").contains("scratch") == false)
        let isServed = OtherProcess(view.process.id, started: view.process.started) != nil
        #expect(!isServed, "its process has not ended")
    }

    @Test("read-only and noexec hold in the view, too")
    func restrictions() throws {
        let (mountID, view) = try attach(try Self.scratch(#"{"view":"always"}"#, #","access":"ro","mount":{"exec":false}"#))
        let options = try mounts("/mnt/scratch")[0]
        #expect(options.contains(" ro,") && options.contains("noexec"), "\(options)")
        #expect(try detach(mountID, view) == .detached(stillInUse: false))
    }

    @Test("a view that was killed is told as dead and laid again, with no moment without a mount")
    func killed() throws {
        let (mountID, view) = try attach()
        try stage.run("touch /mnt/scratch/é; kill -9 \(view.process.id)")
        #expect(try reading(mountID, view)?.cause?.code == .viewFailed)
        #expect(try stage.run("ls /mnt/scratch 2>&1 || true").contains("not connected"))
        guard case .laid(let again) = try lay(wish, over: mountID) else { throw StageFailure("not laid") }
        #expect(again.process != view.process)
        #expect(try mounts("/mnt/scratch").count == 1)
        #expect(try stage.run("ls /mnt/scratch") == "é\n")
        #expect(try detach(mountID, again) == .detached(stillInUse: false))
    }

    @Test("a dead view does not keep a share from being detached")
    func detachDead() throws {
        let (mountID, view) = try attach()
        try stage.run("kill -9 \(view.process.id)")
        #expect(try detach(mountID, view) == .detached(stillInUse: false))
        #expect(try mounts("/mnt/scratch").isEmpty && mounts("/run/shareagent/raw/scratch").isEmpty)
    }

    @Test("a stopped view hangs the probe after the share has answered, is ended by force, and hinders no detach")
    func stopped() throws {
        let (mountID, view) = try attach()
        try stage.run("kill -STOP \(view.process.id)")
        let probe = try stage.start(.probe(wish.name, wish.rawPlace, mountID: mountID, view: view))
        #expect(try probe.isDoing("view", within: 10))
        #expect(try probe.outcome(within: 1) == nil)
        try probe.child.killGroup()
        #expect(probe.exit(within: 10) != nil)
        guard case .laid(let again) = try lay(wish, over: mountID, force: true) else { throw StageFailure("not laid") }
        #expect(try stage.run("ls -A /mnt/scratch") == "")
        #expect(try reading(mountID, again)?.cause == nil)
        try stage.run("kill -STOP \(again.process.id)")
        #expect(try detach(mountID, again) == .detached(stillInUse: false))
        #expect(try mounts("/run/shareagent/raw/scratch").isEmpty)
    }

    @Test("users of the view keep the share, and are named; other rules wait for them; lazily they go on")
    func busy() throws {
        let (mountID, view) = try attach()
        let user = try stage.start(user: "exec sleep 600 </mnt/scratch/held", after: "touch /mnt/scratch/held")
        defer { try? user.killGroup() }
        let other = try Self.scratch(#"{"form":"nfd","view":"always"}"#)
        #expect(try lay(other, over: mountID).cause?.code == .targetBusy)
        // So it is for an agent that does not know it, and the share stays for those who use it.
        #expect(try stage.ask(.attach(other, nil, attachedTargets: [:])).cause?.code == .targetBusy)
        #expect(try mounts("/mnt/scratch").count == 1 && mounts("/run/shareagent/raw/scratch").count == 1)
        let cause = try #require(try detach(mountID, view).cause)
        #expect(cause.code == .targetBusy && cause.message.contains("sleep"), "\(cause)")
        #expect(try reading(mountID, view)?.cause == nil)
        #expect(try detach(mountID, view, lazy: true) == .detached(stillInUse: true))
        #expect(try mounts("/mnt/scratch").isEmpty && mounts("/run/shareagent/raw/scratch").isEmpty)
    }

    @Test("who only has a file of the view mapped goes on after a lazy detach: the view is not ended under it")
    func mapped() throws {
        // A place of its own: who has what mapped is the whole machine's.
        let (mountID, view) = try attach(try Self.scratch(#"{"form":"nfc","view":"always"}"#, #","target":"/mnt/mapped-view""#))
        try TmpfsTests.mapper.write(toFile: "\(stage.folder)/map.py", atomically: true, encoding: .utf8)
        try stage.run(
            """
            mountpoint -q /sys/fs/fuse/connections || mount -t fusectl fusectl /sys/fs/fuse/connections
            cd /mnt/mapped-view; head -c 4096 /dev/zero >held; echo known >>held; truncate -s 8192 held
            """)
        let mapper = try stage.start(ready: "exec python3 \(stage.folder)/map.py /mnt/mapped-view/held \(stage.folder)/seen")
        #expect(try detach(mountID, view, lazy: true) == .detached(stillInUse: true))
        #expect(try mounts("/mnt/mapped-view").isEmpty && mounts("/run/shareagent/raw/scratch").isEmpty)
        try mapper.signal(SIGUSR1)
        #expect(Stage.wait(mapper, within: 20) == .exited(0))
        #expect(try String(contentsOfFile: "\(stage.folder)/seen", encoding: .utf8) == "known")
    }

    @Test("an id of a view that the kernel has given to another mount takes nothing away")
    func reused() throws {
        let (mountID, view) = try attach()
        try stage.run("umount -l /mnt/scratch; mount -t tmpfs theirs /mnt/scratch")
        let id = try #require(try mounts("/mnt/scratch").first?.split(separator: " ").first.flatMap { Int64($0) })
        let reused = StandingView(at: place, mountID: id, process: view.process)
        for lazy in [false, true] { #expect(try detach(mountID, reused, lazy: lazy).cause?.code == .foreignMount) }
        #expect(try mounts("/mnt/scratch").count == 1)
    }

    @Test("other rules are laid in the place of the old ones, and the share stays")
    func otherRules() throws {
        let (mountID, _) = try attach()
        try stage.run("touch /mnt/scratch/é")
        let other = try Self.scratch(#"{"form":"nfd","view":"always"}"#)
        guard case .laid(let again) = try lay(other, over: mountID) else { throw StageFailure("not laid") }
        #expect(try stage.run("ls /mnt/scratch | wc -c") == "4\n")
        // An agent that has forgotten everything finds the same.
        guard case .attached(mountID, _, _, let found?) = try stage.ask(.attach(other, nil, attachedTargets: [:])) else {
            throw StageFailure("not adopted")
        }
        #expect(found == again)
        #expect(try detach(mountID, again) == .detached(stillInUse: false))
    }

    @Test("how many names needed it is told")
    func counts() throws {
        let (mountID, view) = try attach()
        try stage.run(
            "cd /run/shareagent/raw/scratch; for n in 1 2 3; do touch \"$(printf \"e\\314\\201$n\")\"; done; touch plain; ls /mnt/scratch >/dev/null"
        )
        let deadline = MonotonicTime.now() + .seconds(20)
        var names: Int64?
        while names != 3, MonotonicTime.now() < deadline {
            names = try reading(mountID, view)?.names
            usleep(200_000)
        }
        #expect(names == 3)
        #expect(try detach(mountID, view) == .detached(stillInUse: false))
    }

    @Test("what cannot be: a target with entries, somebody's mount, a charset that a view does not know; nothing is left of it")
    func refused() throws {
        try stage.run("mkdir /mnt/scratch; touch /mnt/scratch/x")
        #expect(try stage.ask(.attach(wish, nil, attachedTargets: [:])).cause?.code == .targetNotEmpty)
        try stage.run("rm /mnt/scratch/x; mount -t tmpfs foreign /mnt/scratch")
        #expect(try stage.ask(.attach(wish, nil, attachedTargets: [:])).cause?.code == .foreignMount)
        try stage.run("umount /mnt/scratch; ln -s /tmp /mnt/link")
        let linked = try Self.scratch(#"{"view":"always"}"#, #","target":"/mnt/link/x""#)
        #expect(try stage.ask(.attach(linked, nil, attachedTargets: [:])).cause?.code == .targetSymlink)
        let outside = try Self.scratch(#"{"view":"always"}"#, #","target":"/run/shareagent/raw/y""#)
        #expect(try stage.ask(.attach(outside, nil, attachedTargets: [:])).cause?.code == .targetOutsideRoots)
        #expect(try stage.run("grep -c scratch /proc/self/mountinfo || true") == "0\n")
    }
}
