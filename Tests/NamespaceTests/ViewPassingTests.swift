import Glibc
import LinuxSystem
import Testing

/// Files whose data the kernel reads and writes itself, as one user for all that have them open (Linux 6.9 and newer).
///
/// What is mounted inside a tmpfs is passed through as whoever opens it first, as NFS is.
@Suite("a live view of names and as whom data goes past it")
struct ViewPassingTests {
    let stage: Stage
    /// Whether this kernel passes anything.
    private let passes: Bool

    init() throws {
        stage = try Stage()
        let version = Machine.kernelRelease.split(separator: ".").compactMap { Int($0) }
        passes = version[0] > 6 || version[0] == 6 && version[1] >= 9
        try stage.run(
            """
            mkdir /mnt/source /mnt/view; mount -t tmpfs -o mode=755 tmpfs /mnt/source; chmod 755 /mnt
            mkdir /mnt/source/in; mount -t tmpfs -o mode=1777 tmpfs /mnt/source/in
            """)
    }

    /// Runs a script beside a view. `taken()` is how many bytes its process has read and written so far, `a(user)` acts as them.
    private func check(_ script: String) throws {
        let view = try stage.start(
            ready: #"exec \#(try Stage.program("share-names-view")) /mnt/source /mnt/view --policy '{"form":"nfc"}' >&3"#)
        defer { try? view.killGroup() }
        let out = try stage.run(
            """
            python3 - \(view.processID) \(passes ? "passes" : "carries") 2>&1 <<'END' && echo passed || true
            import contextlib, fcntl, mmap, os, sys, time
            passes, MIB = sys.argv[2] == "passes", 1 << 20
            def taken():
                return sum(int(row.split()[1]) for row in open(f"/proc/{sys.argv[1]}/io").readlines()[:2])
            @contextlib.contextmanager
            def a(user, groups=()):
                os.setgroups(groups); os.setegid(user); os.seteuid(user)
                try: yield
                finally: os.seteuid(0); os.setegid(0); os.setgroups([])
            def made(name, mode, owner=0, group=0, content=b"x" * MIB):
                with open(f"/mnt/source/in/{name}", "wb") as file: file.write(content)
                os.chown(f"/mnt/source/in/{name}", owner, group); os.chmod(f"/mnt/source/in/{name}", mode)
                return f"/mnt/view/in/{name}"
            def whole(file): return os.pread(file, 4 * MIB, 0)
            \(script)
            END
            """, within: 60)
        #expect(out.hasSuffix("passed\n"), "\(out)")
    }

    @Test("whoever may do no more than the first is served by its rights, and the data goes past the view's process")
    func served() throws {
        try check(
            """
            name, before = made("é", 0o640, 4000, 4711), taken()
            with a(4000): first = os.open(name, os.O_RDWR)
            with a(4001, [4711]): second = os.open(name, os.O_RDONLY)
            root = os.open(name, os.O_RDWR | os.O_APPEND)
            os.pwrite(first, b"first", 0)
            assert whole(second)[:6] == b"firstx" and len(whole(second)) == MIB
            os.write(root, b"end")
            assert whole(first)[-4:] == b"xend" and os.fstat(second).st_size == MIB + 3
            with mmap.mmap(first, MIB) as mapping: mapping[1:3] = b"IR"; mapping.flush()
            assert whole(root)[:6] == b"fIRstx" == open("/mnt/source/in/é", "rb").read()[:6]
            for file in (first, second, root): os.close(file)
            moved = taken() - before
            assert moved < MIB if passes else moved > 4 * MIB, moved
            # By a group that is not the user's first one.
            name = made("ü", 0o660, 4001, 4711)
            with a(4001, [4711]): first = os.open(name, os.O_RDWR)
            with a(4002, [4711]): second = os.open(name, os.O_RDWR)
            os.pwrite(second, b"second", 0)
            assert whole(first)[:7] == b"secondx"
            """)
    }

    @Test(
        "what is not whoever's came first is not passed through, as others may do more, and locks are everybody's; what is root's to use is"
    )
    func whoseItIs() throws {
        try check(
            """
            name, before = made("é", 0o644), taken()
            with a(4000): reader = os.open(name, os.O_RDONLY)
            assert len(whole(reader)) == MIB and taken() - before > MIB
            fcntl.flock(reader, fcntl.LOCK_SH)
            writer = os.open(name, os.O_RDWR)
            try:
                fcntl.flock(writer, fcntl.LOCK_EX | fcntl.LOCK_NB)
                raise AssertionError("two nodes")
            except BlockingIOError: pass
            os.pwrite(writer, b"new", 0)
            assert whole(reader)[:4] == b"newx"
            name, before = made("ü", 0o600, 4000), taken()
            root = os.open(name, os.O_RDONLY)
            assert len(whole(root)) == MIB
            moved = taken() - before
            assert moved < MIB if passes else moved > MIB, moved
            # Opened once more by the kernel it would be refused.
            with a(4000): new = os.open("/mnt/view/in/ö", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
            before = taken()
            os.write(new, b"x" * MIB)
            assert taken() - before > MIB and os.path.getsize("/mnt/source/in/ö") == MIB
            """)
    }

    @Test("whoever may do more than the first by now is served all the same, each sees what the other writes, and it is one file")
    func parted() throws {
        try check(
            """
            name = made("é", 0o644, 4000)
            with a(4000): reader = os.open(name, os.O_RDONLY)
            os.chown("/mnt/source/in/é", 0, 0)
            writer, before = os.open(name, os.O_RDWR), taken()
            assert len(whole(reader)) == MIB
            moved = taken() - before
            assert moved < MIB if passes else moved > MIB, moved
            before = taken()
            assert len(whole(writer)) == MIB and (taken() - before > MIB or not passes)
            assert os.fstat(writer).st_ino == os.fstat(reader).st_ino == os.stat(name).st_ino
            for count in range(20):
                os.pwrite(writer, b"%05d" % count, count)
                assert whole(reader)[count:count + 5] == b"%05d" % count == whole(writer)[count:count + 5]
                with open("/mnt/source/in/é", "r+b") as raw: raw.seek(100); raw.write(b"%05d" % count)
                assert whole(reader)[100:105] == b"%05d" % count == whole(writer)[100:105]
            with mmap.mmap(writer, MIB) as mapping: mapping[0:6] = b"mapped"; mapping.flush()
            assert whole(reader)[:6] == b"mapped" == whole(writer)[:6]
            # It goes on under another name, and without any.
            os.rename(name, "/mnt/view/in/ö")
            os.pwrite(writer, b"moved", 0)
            assert whole(reader)[:5] == b"moved" == open("/mnt/view/in/ö", "rb").read(5)
            assert os.fstat(reader).st_nlink == 1 and not os.path.exists(name)
            os.ftruncate(writer, 3)
            assert whole(reader) == b"mov"
            os.unlink("/mnt/view/in/ö")
            os.pwrite(writer, b"gone", 0)
            assert whole(reader) == b"gone" == whole(writer) and os.listdir("/mnt/source/in") == []
            os.close(reader); os.close(writer)
            """)
    }

    @Test("a right that is taken away from the first holds up nobody else; with the last of them gone the data goes past again")
    func revoked() throws {
        try check(
            """
            name = made("é", 0o600, 4000)
            with a(4000): first = os.open(name, os.O_RDWR)
            os.pwrite(first, b"first", 0)
            os.chown("/mnt/source/in/é", 4001, 4001); time.sleep(1.2)
            with a(4001): second = os.open(name, os.O_RDWR)
            try:
                with a(4000): os.open(name, os.O_RDONLY)
                raise AssertionError("opened by whoever may not any more")
            except PermissionError: pass
            with a(4001): third = os.open(name, os.O_WRONLY | os.O_APPEND)
            os.pwrite(second, b"SE", 0); os.write(third, b"end")
            assert whole(first)[:6] == b"SErstx" and whole(first)[-4:] == b"xend" and whole(second) == whole(first)
            os.pwrite(first, b"again", 0)
            assert whole(second)[:5] == b"again"
            os.close(first)
            os.pwrite(second, b"still", 0)
            os.close(second); os.close(third); time.sleep(0.2)
            before = taken()
            with a(4001): last = os.open(name, os.O_RDWR)
            assert whole(last)[:6] == b"stillx" and whole(last)[-3:] == b"end"
            moved = taken() - before
            assert moved < MIB if passes else moved > MIB, moved
            """)
    }
}
