import Foundation
import Glibc
import LinuxSystem
import ShareModel
import Testing

/// What is wrong from outside: users, sources that hang, a view that is killed, wrong use.
@Suite("a live view of names and what can go wrong")
struct ViewFaultTests {
    let stage: Stage
    let programs: String

    init() throws {
        stage = try Stage()
        programs = URL(fileURLWithPath: try Stage.program("shareagent")).deletingLastPathComponent().path
        try stage.run("mkdir /mnt/source /mnt/view && chmod 755 /mnt/source")
    }

    private func mount(_ options: String = "--form nfc", from source: String = "/mnt/source", to target: String = "/mnt/view") throws
        -> ChildProcess
    {
        try stage.start(
            ready: "export SHAREAGENT_LIBEXEC=\(programs); exec \(programs)/shareagent names view \(source) \(target) \(options) >&3")
    }

    private func refused(_ arguments: String) throws -> String {
        try stage.run(
            "SHAREAGENT_LIBEXEC=\(programs) \(programs)/shareagent names view \(arguments) 2>&1 && s=0 || s=$?; echo status $s", within: 20)
    }

    @Test("by hand: the four names, over the source itself, until SIGINT")
    func byHand() throws {
        let make = "python3 -c \"import os; [os.mknod(b'/mnt/source/' + n) for n in "
        try stage.run(make + "(b'caf\\xc3\\xa9.txt', b'cafe\\xcc\\x81.txt', b'caf\\xe9.txt', b'\\xc4\\xe3\\xba\\xc3.doc')]\"")
        let view = try mount("--encoding gb18030 --form nfc", to: "/mnt/source")
        #expect(try stage.run("ls /mnt/source | wc -l") == "4\n")
        #expect(try stage.run("ls /mnt/source").contains("你好.doc\n"))
        try stage.run("mv /mnt/source/你好.doc /mnt/source/再见.doc")
        try view.signal(SIGINT)
        #expect(Stage.wait(view, within: 15) == .exited(0))
        #expect(try stage.run("LC_ALL=C ls -b /mnt/source").contains("\\324\\331\\274\\373.doc"))
    }

    @Test("users are let in over a source that knows no ACLs: was EOPNOTSUPP for all but the owner")
    func noACLs() throws {
        try stage.run(
            """
            mount -t ramfs ramfs /mnt/source; cd /mnt/source; chmod 755 .; mkdir -m 750 é; chgrp 4001 é; echo text >é/ü; chmod 640 é/ü
            chgrp 4001 é/ü
            """)
        let view = try mount()
        defer { try? view.killGroup() }
        #expect(try stage.run("setpriv --reuid 4000 --regid 4001 --clear-groups cat /mnt/view/é/ü") == "text\n")
        #expect(try stage.run("setpriv --reuid 4000 --regid 4002 --clear-groups cat /mnt/view/é/ü 2>&1 || true").contains("denied"))
    }

    @Test("a file belongs to whoever made it; what the source forbids stays forbidden; groups count")
    func users() throws {
        try stage.run(
            """
            cd /mnt/source; mkdir open team closed; chmod 777 open; chgrp 4711 team; chmod 770 team; chmod 700 closed; echo secret >closed/x
            echo team >team/é; chgrp 4711 team/é; chmod 640 team/é
            """)
        let view = try mount()
        defer { try? view.killGroup() }
        let user = "setpriv --reuid 4000 --regid 4001"
        try stage.run("\(user) --clear-groups sh -c 'umask 027; echo x >/mnt/view/open/ü; mkdir /mnt/view/open/d'")
        #expect(try stage.run("stat -c '%u %g %a' /mnt/source/open/ü /mnt/source/open/d") == "4000 4001 640\n4000 4001 750\n")
        #expect(try stage.run("\(user) --clear-groups cat /mnt/view/closed/x 2>&1 || true").contains("Permission denied"))
        #expect(try stage.run("\(user) --clear-groups cat /mnt/view/team/é 2>&1 || true").contains("Permission denied"))
        #expect(try stage.run("\(user) --groups 4711 cat /mnt/view/team/é") == "team\n")
        try stage.run("\(user) --groups 4711 touch /mnt/view/team/new")
        #expect(try stage.run("\(user) --clear-groups chown 0 /mnt/view/open/ü 2>&1 || true").contains("not permitted"))
        // A set-user-ID bit goes with a write by somebody else.
        try stage.run("cp /bin/true /mnt/source/open/s && chmod 6777 /mnt/source/open/s")
        try stage.run("\(user) --clear-groups sh -c 'echo x >>/mnt/view/open/s'")
        #expect(try stage.run("stat -c %a /mnt/source/open/s") == "777\n")
    }

    @Test("a name that the source cannot hold is refused, and nothing is written")
    func unencodable() throws {
        let view = try mount("--encoding cp1252")
        defer { try? view.killGroup() }
        #expect(try stage.run("touch /mnt/view/日本 2>&1 || true").contains("Invalid or incomplete multibyte"))
        #expect(try stage.run("touch $(printf '/mnt/view/\\377') 2>&1 || true").contains("Invalid or incomplete multibyte"))
        try stage.run("touch /mnt/view/café")
        #expect(try stage.run("LC_ALL=C ls -b /mnt/source") == "caf\\351\n")
    }

    @Test("changes made on the source are seen after a second, and locks hold")
    func freshness() throws {
        let view = try mount()
        defer { try? view.killGroup() }
        try stage.run("echo one >/mnt/source/é; cat /mnt/view/é; mv /mnt/source/é /mnt/source/ö; echo longer >/mnt/source/ö; sleep 1.1")
        #expect(try stage.run("cat /mnt/view/ö; ls /mnt/view; test ! -e /mnt/view/é") == "longer\nö\n")
        #expect(try stage.run("flock -n /mnt/view/ö flock -n /mnt/view/ö true || echo held") == "held\n")
    }

    @Test("a part of the source that never answers holds up nobody else, and the view can be taken away")
    func hanging() throws {
        try HangTests.silentFilesystem.write(toFile: "\(stage.folder)/silent.py", atomically: true, encoding: .utf8)
        try stage.run("mkdir -p /mnt/source/deep/hung; echo fine >/mnt/source/é")
        let view = try mount()
        let server = try stage.start(ready: "exec python3 \(stage.folder)/silent.py /mnt/source/deep/hung")
        defer { try? server.killGroup() }
        let waiting = try (0..<20).map { number in
            try stage.start(ready: "echo ready >&3; exec 3>&-; exec stat /mnt/view/deep/hung/\(number) >/dev/null 2>&1")
        }
        // In flight by now, all of them; each holds a thread.
        try stage.run("sleep 0.5")
        #expect(try stage.run("cat /mnt/view/é; ls /mnt/view >/dev/null; touch /mnt/view/new", within: 5) == "fine\n")
        try view.signal(SIGTERM)
        // It is off its target at once, and the process ends when its patience does.
        try stage.run("sleep 0.5; ! grep -q ' /mnt/view ' /proc/self/mountinfo", within: 5)
        try server.killGroup()
        for one in waiting { #expect(Stage.wait(one, within: 20) != nil) }
        #expect(Stage.wait(view, within: 20) != nil)
    }

    @Test("a program that waits for a silent source can be killed, whatever it waits for, and the view goes on")
    func killedWhileWaiting() throws {
        try HangTests.silentFilesystem.write(toFile: "\(stage.folder)/silent.py", atomically: true, encoding: .utf8)
        try stage.run("mkdir -p /mnt/source/deep/hung; echo fine >/mnt/source/é")
        let view = try mount()
        defer { try? view.killGroup() }
        let server = try stage.start(ready: "exec python3 \(stage.folder)/silent.py /mnt/source/deep/hung")
        defer { try? server.killGroup() }
        let uses = [
            "stat /mnt/view/deep/hung/a", "mkdir /mnt/view/deep/hung/b", "sh -c 'echo >/mnt/view/deep/hung/c'", "rm /mnt/view/deep/hung/d",
        ]
        let waiting = try uses.map { try stage.start(ready: "echo ready >&3; exec 3>&-; exec \($0) >/dev/null 2>&1") }
        try stage.run("sleep 0.5")
        for one in waiting { try one.signal(SIGKILL) }
        for one in waiting { #expect(Stage.wait(one, within: 10) != nil, "a killed program still waits") }
        // A signal that it lives on with comes first: the kernel tells of one signal only.
        let patient = try stage.start(
            ready: """
                exec python3 -c "import os, signal; signal.signal(signal.SIGUSR1, print); os.write(3, b'ready'+bytes([10])); os.close(3)
                os.stat('/mnt/view/deep/hung/e')"
                """)
        try stage.run("sleep 0.5")
        try patient.signal(SIGUSR1)
        try stage.run("sleep 0.5")
        try patient.signal(SIGKILL)
        #expect(Stage.wait(patient, within: 10) != nil)
        #expect(try stage.run("cat /mnt/view/é; ls /mnt/view | wc -l", within: 5) == "fine\n2\n")
    }

    @Test("root has its own files whichever thread answers: a new one was whoever the one acted as that had started it")
    func newThread() throws {
        try HangTests.silentFilesystem.write(toFile: "\(stage.folder)/silent.py", atomically: true, encoding: .utf8)
        try stage.run(
            """
            mkdir -p /mnt/source/deep/hung; mkdir -m 700 /mnt/source/closed; chmod 755 /mnt
            for number in $(seq 0 9); do echo fine >/mnt/source/closed/$number; done
            """)
        let view = try mount()
        defer { try? view.killGroup() }
        let server = try stage.start(ready: "exec python3 \(stage.folder)/silent.py /mnt/source/deep/hung")
        defer { try? server.killGroup() }
        // Each holds a thread that acts as 4000, and the last one that was free has started another.
        for number in 0..<10 {
            let user = "setpriv --reuid 4000 --regid 4000 --clear-groups"
            _ = try stage.start(ready: "echo ready >&3; exec 3>&-; exec \(user) stat /mnt/view/deep/hung/\(number) >/dev/null 2>&1")
            try stage.run("sleep 0.1")
            #expect(try stage.run("cat /mnt/view/closed/\(number) 2>&1 || true", within: 5) == "fine\n")
        }
    }

    @Test("a view that is killed says so to its users, and its target can be unmounted")
    func killed() throws {
        let view = try mount()
        try stage.run("touch /mnt/view/a")
        try view.signal(SIGKILL)
        _ = Stage.wait(view, within: 10)
        #expect(try stage.run("stat /mnt/view/a 2>&1 || true").contains("Transport endpoint is not connected"))
        #expect(try refused("/mnt/view /mnt/source").contains("  remedy: umount /mnt/view\nstatus 1"))
        try stage.run("umount /mnt/view && ls /mnt/view")
    }

    @Test("whoever is not root has a view of their own by libfuse's helper, and is told what it refuses")
    func withoutRoot() throws {
        // As udev makes it; on this machine it may be root's.
        try stage.run("mknod /mnt/fuse c 10 229; chmod 666 /mnt/fuse; mount --bind /mnt/fuse /dev/fuse")
        try stage.run("mkdir -p /mnt/home/source /mnt/home/view /mnt/home/a,b; chown -R nobody /mnt/home")
        let user = "setpriv --reuid nobody --regid nogroup --clear-groups env SHAREAGENT_LIBEXEC=\(programs)"
        let command = "\(user) \(programs)/shareagent names view"
        try stage.run("\(user) touch $(printf '/mnt/home/source/cafe\\314\\201')")
        let view = try stage.start(ready: "exec \(command) /mnt/home/source /mnt/home/view --form nfc >&3")
        #expect(
            try stage.run("\(user) sh -c 'cd /mnt/home/view && ls && echo text >ü && ln ü x && mv x y && cat y && rm y ü && ls'")
                == "café\ntext\ncafé\n")
        // Nobody else is served, root neither.
        #expect(try stage.run("ls /mnt/home/view 2>&1 || true").contains("Permission denied"))
        try view.signal(SIGINT)
        #expect(Stage.wait(view, within: 15) == .exited(0))
        #expect(try stage.run("grep -c fuse.shareagent-names /proc/self/mountinfo || true") == "0\n")
        let comma = try stage.start(ready: "exec \(command) /mnt/home/a,b /mnt/home/view >&3")
        #expect(try stage.run("findmnt -rno SOURCE /mnt/home/view") == "/mnt/home/a,b\n")
        try comma.signal(SIGTERM)
        #expect(Stage.wait(comma, within: 15) == .exited(0))
        let refusal = try stage.run("mkdir /mnt/closed; \(command) /mnt/home/source /mnt/closed 2>&1 || echo $?")
        #expect(refusal.contains("no write access") && refusal.hasSuffix("  remedy: take a directory of your own, or run it as root\n1\n"))
    }

    @Test("wrong use is told in three lines, with the status of the contract")
    func wrongUse() throws {
        #expect(try refused("/mnt/nowhere /mnt/view").contains("there is no /mnt/nowhere\n  why:    no such file"))
        #expect(try refused("/mnt/source /mnt/nowhere --json").contains(#""code":"target-missing""#))
        #expect(try refused("/mnt/source /mnt/view --encoding klingon").hasSuffix("status 64\n"))
        #expect(try refused("/mnt/source /mnt/view --form nfkc").contains("it is asis, nfc, nfc-hfs, nfd\nstatus 64"))
        #expect(try refused("/mnt /mnt/view").contains("lies inside /mnt"))
        try stage.run("touch /mnt/file")
        #expect(try refused("/mnt/source /mnt/file").contains("not a directory"))
    }
}
