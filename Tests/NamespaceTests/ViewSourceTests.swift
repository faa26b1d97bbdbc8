import Foundation
import Glibc
import LinuxSystem
import Testing

/// What a program gets through a view beside what it would get from the source itself: data, numbers, rights.
@Suite("a live view of names and its source")
struct ViewSourceTests {
    let stage: Stage

    init() throws {
        stage = try Stage()
        // Nothing is passed through to a ramfs: each piece is asked of the view.
        try stage.run("mkdir /mnt/source /mnt/view && mount -t ramfs -o mode=755 ramfs /mnt/source && chmod 755 /mnt")
    }

    private func mount(_ policy: String = #"{"form":"nfc"}"#) throws -> ChildProcess {
        try stage.start(ready: "exec \(try Stage.program("share-names-view")) /mnt/source /mnt/view --policy '\(policy)' >&3")
    }

    private func python(_ script: String, as user: String = "") throws {
        let out = try stage.run("\(user) python3 - 2>&1 <<'END' && echo passed || true\n\(script)\nEND\n", within: 60)
        #expect(out.hasSuffix("passed\n"), "\(out)")
    }

    private static let user = "setpriv --reuid 4000 --regid 4001 --clear-groups"

    @Test(
        "what is written at a place of a file that is open for appending stands there: was put at its end",
        arguments: ["", "setpriv --reuid 4000 --regid 4001 --clear-groups"])
    func writtenWhileAppending(user: String) throws {
        try stage.run("mkdir -m 777 /mnt/source/open")
        let view = try mount()
        defer { try? view.killGroup() }
        try python(
            """
            import fcntl, mmap, os
            shown, raw = "/mnt/view/open/é", "/mnt/source/open/é"
            def content(): return open(raw, "rb").read()
            # Nobody may open it for writing any more.
            file = os.open(shown, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o444)
            os.write(file, b"0123456789")
            with mmap.mmap(file, 10) as mapping:
                mapping[0:4] = b"ABCD"
                mapping.flush()
            assert content() == b"ABCD456789", content()
            def flags(of, change): fcntl.fcntl(of, fcntl.F_SETFL, change(fcntl.fcntl(of, fcntl.F_GETFL)))
            flags(file, lambda now: now & ~os.O_APPEND)
            assert os.pwrite(file, b"xy", 2) == 2 and content() == b"ABxy456789", content()
            flags(file, lambda now: now | os.O_APPEND)
            os.write(file, b"end")
            assert content() == b"ABxy456789end", content()
            os.chmod(shown, 0o644)
            other = os.open(shown, os.O_RDWR)
            flags(other, lambda now: now | os.O_APPEND)
            # Somebody else's, of which the kernel knows nothing yet.
            with open(raw, "ab") as end: end.write(b"more")
            os.write(other, b"last")
            assert content() == b"ABxy456789endmorelast", content()
            """, as: user)
    }

    @Test("several that append to one file, on the source, too, lose nothing of each other's")
    func appended() throws {
        let view = try mount()
        defer { try? view.killGroup() }
        try python(
            """
            import os
            workers = []
            for number in range(5):
                pid = os.fork()
                if pid == 0:
                    file = os.open(("/mnt/source/é", "/mnt/view/é")[number % 2], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
                    for line in range(300): os.write(file, b"%d %04d\\n" % (number, line))
                    os._exit(0)
                workers.append(pid)
            assert all(os.waitpid(pid, 0)[1] == 0 for pid in workers)
            wanted = sorted(b"%d %04d" % (number, line) for number in range(5) for line in range(300))
            assert sorted(open("/mnt/source/é", "rb").read().splitlines()) == wanted
            """)
    }

    @Test("no number stands for two files where something is mounted inside the source: tar, cp and find took one for another")
    func numbers() throws {
        try stage.run(
            """
            mount -t tmpfs none /mnt/source; mkdir /mnt/source/inner; mount -t tmpfs none /mnt/source/inner
            echo outer >/mnt/source/é; echo inner >/mnt/source/inner/é
            [ $(stat -c %i /mnt/source /mnt/source/é /mnt/source/inner /mnt/source/inner/é | sort -u | wc -l) -lt 4 ]
            """)
        let view = try mount()
        defer { try? view.killGroup() }
        try python(
            """
            import os
            places = ["/mnt/view" + name for name in ("", "/é", "/inner", "/inner/é")]
            numbers = [os.stat(place).st_ino for place in places]
            assert len(set(numbers)) == 4, numbers
            assert numbers[:2] == [os.stat(place).st_ino for place in ("/mnt/source", "/mnt/source/é")]
            for place in ("/mnt/view", "/mnt/view/inner"):
                for entry in os.scandir(place):
                    assert entry.inode() == os.stat(entry.path).st_ino, entry.path
            assert [os.stat(place).st_ino for place in places] == numbers
            """)
        #expect(try stage.run("find /mnt/view 2>&1 | sort") == "/mnt/view\n/mnt/view/inner\n/mnt/view/inner/é\n/mnt/view/é\n")
        #expect(try stage.run("cp -r /mnt/view /mnt/copy && cat /mnt/copy/é /mnt/copy/inner/é") == "outer\ninner\n")
    }

    @Test("in a directory that one may search and not list, names are found and made: was EACCES until somebody else had listed it")
    func unlistable() throws {
        try stage.run(
            """
            cd /mnt/source; mkdir -m 711 passage; mkdir -m 1733 box; mkdir -m 700 closed; echo text >passage/$(printf '\\304\\343.doc')
            cp passage/* closed
            """)
        let view = try mount(#"{"encoding":"gb18030","form":"nfc"}"#)
        defer { try? view.killGroup() }
        func tried(_ command: String) throws -> String { try stage.run("\(Self.user) sh -c '\(command)' 2>&1 || true") }
        for _ in 0..<2 {
            #expect(try tried("cat /mnt/view/passage/你.doc") == "text\n")
            #expect(try tried("stat /mnt/view/passage/好.doc").contains("No such file"))
            #expect(try tried("ls /mnt/view/passage").contains("Permission denied"))
            #expect(try tried("stat /mnt/view/closed/你.doc").contains("Permission denied"))
            #expect(try tried("stat /mnt/view/closed/好.doc").contains("Permission denied"))
            // What is known by now changes nothing.
            try stage.run("ls /mnt/view/passage /mnt/view/closed && sleep 1.1")
        }
        #expect(try tried("echo mine >/mnt/view/box/é && cat /mnt/view/box/é") == "mine\n")
        #expect(try tried("ls /mnt/view/box").contains("Permission denied"))
    }

    @Test("a directory that not even the view may list: a name is found and made as it would be written")
    func unreadable() throws {
        // As udev makes it; on this machine it may be root's.
        try stage.run("mknod /mnt/fuse c 10 229; chmod 666 /mnt/fuse; mount --bind /mnt/fuse /dev/fuse")
        try stage.run("mkdir -p /mnt/home/source /mnt/home/view; mkdir -m 311 /mnt/home/source/box; chown -R nobody /mnt/home")
        let user = "setpriv --reuid nobody --regid nogroup --clear-groups"
        let view = try stage.start(
            ready: """
                exec \(user) \(try Stage.program("share-names-view")) /mnt/home/source /mnt/home/view \
                    --policy '{"form":"nfc","newNames":"nfd"}' >&3
                """)
        defer { try? view.killGroup() }
        #expect(try stage.run("\(user) sh -c 'cd /mnt/home/view/box; echo text >é; cat é; ls . 2>&1 || true'").hasPrefix("text\nls: "))
        #expect(try stage.run("ls /mnt/home/source/box") == "e\u{301}\n")
        try stage.run("\(user) sh -c 'cd /mnt/home/view/box; test ! -e ü && mv é ü && rm ü'; rmdir /mnt/home/source/box")
    }

    @Test("a file whose content changes and whose size and time do not is read anew when it is opened: the old content was shown for ever")
    func sameTime() throws {
        try stage.run(
            "cd /mnt/source; head -c 100000 /dev/zero >é; head -c 100000 /dev/urandom >new; touch -d @1000000000 é new; sleep 3.1")
        let view = try mount()
        defer { try? view.killGroup() }
        func bytesRead() throws -> Int {
            let line = try stage.run("head -1 /proc/\(view.processID)/io")
            return Int(line.split(whereSeparator: { $0.isWhitespace }).last ?? "") ?? 0
        }
        try stage.run("cat /mnt/view/é >/dev/null")
        let before = try bytesRead()
        try stage.run("cat /mnt/view/é >/dev/null")
        #expect(try bytesRead() - before < 50_000, "what has not changed is asked for again")
        try stage.run("cp -p /mnt/source/new /mnt/source/é; sleep 1.1; cmp /mnt/source/new /mnt/view/é")
    }

    @Test("where case does not count, a name's case is changed by way of a third name, as the kernel takes the two for one")
    func caseOnly() throws {
        try stage.run("echo text >/mnt/source/Foo")
        let view = try mount(#"{"case":"insensitive"}"#)
        defer { try? view.killGroup() }
        try python(
            """
            import os
            os.rename("/mnt/view/Foo", "/mnt/view/foo")
            assert os.listdir("/mnt/view") == os.listdir("/mnt/source") == ["Foo"]
            os.rename("/mnt/view/Foo", "/mnt/view/third")
            os.rename("/mnt/view/third", "/mnt/view/foo")
            assert os.listdir("/mnt/view") == os.listdir("/mnt/source") == ["foo"]
            """)
    }
}
