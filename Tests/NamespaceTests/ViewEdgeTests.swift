import Foundation
import Glibc
import LinuxSystem
import ShareModel
import Testing

/// What a view meets seldom: odd errors, odd times, deep trees, small buffers, a user with fewer rights than root or a group more.
@Suite("a live view of names and what is rare")
struct ViewEdgeTests {
    let stage: Stage

    init() throws {
        stage = try Stage()
        try stage.run("mkdir /mnt/source /mnt/view && chmod 755 /mnt /mnt/source")
    }

    /// - Parameter prefix: what runs the view.
    private func mount(_ more: String = "", policy: String = #"{"form":"nfc"}"#, by prefix: String = "") throws -> ChildProcess {
        let program = try Stage.program("share-names-view")
        return try stage.start(ready: "exec \(prefix) \(program) /mnt/source /mnt/view --policy '\(policy)' \(more) >&3")
    }

    /// Runs a Python script; what it fails with is the reason.
    private func python(_ script: String, by prefix: String = "", _ arguments: String = "") throws {
        try script.write(toFile: "\(stage.folder)/script.py", atomically: true, encoding: .utf8)
        let out = try stage.run(
            "chmod 755 \(stage.folder); \(prefix) python3 \(stage.folder)/script.py \(arguments) 2>&1 && echo passed || true", within: 60)
        #expect(out.hasSuffix("passed\n"), "\(out)")
    }

    /// Runs a program whose calls of some kinds fail by numbers of their own, as a source's might.
    private func failing(_ errors: String) throws -> String {
        let script = """
            import ctypes, os, platform, struct, sys
            NUMBERS = {"x86_64": {"getxattr": 191, "listxattr": 194}, "aarch64": {"getxattr": 8, "listxattr": 11}}[platform.machine()]
            code = [(0x20, 0, 0, 0)]
            for wish in sys.argv[1].split(","):
                call, error = wish.split("=")
                code += [(0x15, 0, 1, NUMBERS[call]), (0x06, 0, 0, 0x50000 | int(error))]
            code.append((0x06, 0, 0, 0x7FFF0000))
            room = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *one) for one in code))
            program = ctypes.create_string_buffer(struct.pack("HP", len(code), ctypes.addressof(room)))
            libc = ctypes.CDLL(None, use_errno=True)
            if libc.prctl(22, 2, program, 0, 0) != 0:
                raise OSError(ctypes.get_errno(), "seccomp")
            os.execvp(sys.argv[2], sys.argv[2:])
            """
        try script.write(toFile: "\(stage.folder)/failing.py", atomically: true, encoding: .utf8)
        return "python3 \(stage.folder)/failing.py \(errors)"
    }

    @Test("an error that only the kernel's parts know ends the call that it is the answer to: it hung for ever")
    func oddErrors() throws {
        try stage.run("echo text >/mnt/source/é")
        let view = try mount(by: try failing("getxattr=524,listxattr=600"))
        defer { try? view.killGroup() }
        try python(
            """
            import errno, os
            for call, wanted in ((lambda: os.getxattr("/mnt/view/é", "user.a"), errno.EOPNOTSUPP), (lambda: os.listxattr("/mnt/view/é"), errno.EIO)):
                try:
                    call()
                except OSError as error:
                    assert error.errno == wanted, error
                else:
                    raise AssertionError("no error")
            """)
        #expect(try stage.run("cat /mnt/view/é") == "text\n")
    }

    @Test("directories of any date are read, 1677 and 2262 are no limits: the view ended")
    func oddDates() throws {
        try stage.run(
            """
            cd /mnt/source
            for at in -9300000000 9300000000; do mkdir ./$at; touch ./$at/$(printf 'e\\314\\201'); touch -d @$at ./$at; done
            """)
        let view = try mount()
        defer { try? view.killGroup() }
        for at in ["-9300000000", "9300000000"] {
            #expect(try stage.run("cd /mnt/view; stat -c %Y ./\(at); ls ./\(at); stat -c %n ./\(at)/é") == "\(at)\né\n./\(at)/é\n")
        }
    }

    @Test("a thousand directories below each other are reached when all of them are parked: the view ended at five hundred")
    func deep() throws {
        let view = try mount("--descriptors 16")
        defer { try? view.killGroup() }
        try python(
            """
            import os
            place = os.getcwd()
            os.chdir("/mnt/view")
            for name in range(100):
                open(f"é{name}", "w").close()
            for level in range(1000):
                os.mkdir("ö")
                os.chdir("ö")
            for name in range(100):
                os.chmod(f"/mnt/view/é{name}", 0o600)
            os.mkdir("ü")
            assert os.listdir(".") == ["ü"]
            os.chdir(place)
            """)
        #expect(try stage.run("find /mnt/view -mindepth 1001 | grep -c /ü; rm -r /mnt/view/ö; ls /mnt/source | wc -l") == "1\n100\n")
    }

    @Test("two directories that others have moved about, so that each was last seen below the other one, are told as moved")
    func movedRound() throws {
        let view = try mount("--descriptors 8")
        defer { try? view.killGroup() }
        try python(
            """
            import errno, os, time
            os.makedirs("/mnt/view/a/b")
            lower = os.open("/mnt/view/a/b", os.O_RDONLY)
            os.rename("/mnt/source/a/b", "/mnt/source/b")
            os.rename("/mnt/source/a", "/mnt/source/b/a")
            try:
                os.stat("a", dir_fd=lower)
            except OSError as error:
                # To the kernel it is still above, but the view has seen it below.
                assert error.errno == errno.ELOOP, error
            for name in range(200):
                os.mkdir(f"/mnt/view/{name}")
                os.listdir(f"/mnt/view/{name}")
            time.sleep(1.1)
            try:
                os.stat(lower)
            except OSError as error:
                assert error.errno == errno.ESTALE, error
            else:
                raise AssertionError("no error")
            assert os.listdir("/mnt/view/b") == ["a"] and os.stat(lower).st_ino == os.stat("/mnt/source/b").st_ino
            """)
    }

    @Test(
        "what is removed while it is listed hides no other name, whatever buffer it is listed with: musl's saw every second one",
        arguments: [#"{"form":"nfc"}"#, #"{"form":"nfc","case":"insensitive"}"#])
    func removedWhileListed(policy: String) throws {
        let view = try mount(policy: policy)
        defer { try? view.killGroup() }
        // glibc for 32 bits goes back to the last entry that it has room for, as "half" does.
        let script = """
            import ctypes, os, platform, struct, sys
            libc = ctypes.CDLL(None, use_errno=True)
            room = ctypes.create_string_buffer(1 << 16)
            number = {"x86_64": 217, "aarch64": 61}[platform.machine()]

            def entries(directory, size):
                count = libc.syscall(number, directory, room, size)
                assert count >= 0, ctypes.get_errno()
                at = 0
                while at < count:
                    offset, length = struct.unpack_from("<qH", room.raw, at + 8)
                    yield os.fsdecode(room.raw[at + 19 : at + length].split(b"\\0")[0]), offset
                    at += length

            for size in (600, 2048, 5000, 32768):
                for goes_back in (False, True):
                    names = {f"{n}-" + "x" * 170 for n in range(300)} | {f"é{n}-" + "x" * 170 for n in range(60)}
                    for name in names:
                        open("/mnt/source/" + name.replace("é", "e\\u0301"), "w").close()
                    directory = os.open("/mnt/view", os.O_RDONLY)
                    other = os.dup(directory)
                    seen = []
                    while some := [(name, offset) for name, offset in entries(directory, size)]:
                        if goes_back and len(some) > 1:
                            some = some[: len(some) // 2]
                            os.lseek(other, some[-1][1], os.SEEK_SET)
                        for name, _ in some:
                            if name not in (".", ".."):
                                os.unlink("/mnt/view/" + name)
                                seen.append(name)
                        directory, other = other, directory
                    assert len(seen) == len(set(seen)) and set(seen) == names, (size, goes_back, len(seen), len(set(seen)))
                    assert os.listdir("/mnt/source") == []
                    # From the beginning there is what there is now, also where the last answer was the first one.
                    open("/mnt/source/new", "w").close()
                    os.lseek(directory, 0, os.SEEK_SET)
                    assert sorted(name for name, _ in entries(directory, 600)) == [".", "..", "new"]
                    os.unlink("/mnt/view/new")
                    os.lseek(directory, 0, os.SEEK_SET)
                    assert sorted(name for name, _ in entries(directory, 600)) == [".", ".."]
                    os.close(directory)
                    os.close(other)

            # A place that was told leads there again, from wherever.
            for n in range(500):
                open(f"/mnt/source/{n:03}" if n % 5 else f"/mnt/source/e\\u0301{n}", "w").close()
            directory = os.open("/mnt/view", os.O_RDONLY)
            told = []
            while some := list(entries(directory, 700)):
                told += some
            assert len({name for name, _ in told}) == 502
            for at in (3, 5, 4, 17, 250, 240, 499, 420, 100, 101):
                os.lseek(directory, told[at][1], os.SEEK_SET)
                assert next(entries(directory, 700)) == told[at + 1], at
            os.lseek(directory, told[-1][1], os.SEEK_SET)
            assert list(entries(directory, 700)) == []
            """
        try python(script)
    }

    @Test("whoever belongs to a team sets an ACL on its directory, and it stays the team's: the set-group-ID bit went")
    func teamsACL() throws {
        try stage.run("cd /mnt/source; mkdir é other; chown 4000:4711 é other; chmod 2770 é other")
        let view = try mount()
        defer { try? view.killGroup() }
        let script = """
            import os, struct, sys
            entries = ((1, 7, -1), (2, 5, 4005), (4, 7, -1), (16, 7, -1), (32, 0, -1))
            os.setxattr(sys.argv[1], "system.posix_acl_access", struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *one) for one in entries))
            """
        try python(script, by: "setpriv --reuid 4000 --regid 4001 --groups 4711", "/mnt/view/é")
        try python(script, by: "setpriv --reuid 4000 --regid 4001 --clear-groups", "/mnt/view/other")
        #expect(try stage.run("stat -c %a /mnt/source/é /mnt/source/other") == "2770\n770\n")
    }

    @Test("a view of somebody else than root passes on what the source answers, and lets its user set the set-group-ID bit: all was EPERM")
    func withoutRoot() throws {
        try stage.run(
            """
            mknod /mnt/fuse c 10 229; chmod 666 /mnt/fuse; mount --bind /mnt/fuse /dev/fuse
            chown -R nobody /mnt/source /mnt/view; mkdir /mnt/source/é; chown nobody:4711 /mnt/source/é
            """)
        let user = "setpriv --reuid nobody --regid nogroup --groups 4711"
        let view = try mount(by: "\(try failing("getxattr=13")) \(user)")
        defer { try? view.killGroup() }
        try stage.run("\(user) chmod 2750 /mnt/view/é")
        #expect(try stage.run("stat -c %a /mnt/source/é") == "2750\n")
        try python(
            """
            import errno, os
            try:
                os.getxattr("/mnt/view/é", "user.a")
            except OSError as error:
                assert error.errno == errno.EACCES, error
            else:
                raise AssertionError("no error")
            """, by: user)
        #expect(try stage.run("grep -o 'max_read=[0-9]*' /proc/self/mountinfo") == "max_read=1048576\n")
        try stage.run("\(user) fusermount3 -u /mnt/view")
    }

    @Test("root without CAP_FSETID cuts its own files, and their set-user-ID bits go: it was denied")
    func rootWithFewerRights() throws {
        let view = try mount()
        defer { try? view.killGroup() }
        let root = "setpriv --bounding-set=-fsetid --inh-caps=-fsetid"
        for cut in [": >", "python3 -c 'import os, sys; os.truncate(sys.argv[1], 0)'", "truncate -s 0", "dd status=none if=/dev/null of="] {
            let command = "\(cut.hasSuffix("=") ? cut : cut + " ")/mnt/view/é"
            try stage.run("cp /bin/true /mnt/source/é; chmod 4700 /mnt/source/é; \(root) sh -c \"\(command)\"")
            #expect(try stage.run("stat -c '%s %a' /mnt/source/é") == "0 700\n", "\(cut)")
        }
        // Where it is only to be read, too.
        try stage.run("cp /bin/true /mnt/source/é; chmod 4400 /mnt/source/é")
        try python("import os; os.read(os.open('/mnt/view/é', os.O_RDONLY | os.O_TRUNC), 1)", by: root)
        #expect(try stage.run("stat -c '%s %a' /mnt/source/é") == "0 400\n")
        // Whoever has it keeps them.
        try stage.run("cp /bin/true /mnt/source/é; chmod 4700 /mnt/source/é; : >/mnt/view/é")
        #expect(try stage.run("stat -c '%s %a' /mnt/source/é") == "0 4700\n")
    }

    @Test("no request can be larger than what is answered at once")
    func largestRequest() throws {
        let view = try mount()
        defer { try? view.killGroup() }
        #expect(try stage.run("grep -o 'max_read=[0-9]*' /proc/self/mountinfo") == "max_read=1048576\n")
    }
}
