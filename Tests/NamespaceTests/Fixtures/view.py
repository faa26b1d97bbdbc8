"""What a view of names must do, tried on a mounted one: view.py CHECK SOURCE VIEW [SEED]. Says what differs and exits with 1."""

import ctypes
import errno
import mmap
import os
import random
import stat
import sys
import threading
import time
import unicodedata

LIBC = ctypes.CDLL(None, use_errno=True)
PIECES = [
    "é".encode(), "e\u0301".encode(), b"\xe9", b"\xc4\xe3", b"~glk2ni", b"~abcdef", "\uefe9".encode(), "\u212a".encode(), b"K", b";", "\u037e".encode(),
    b"`", b"%E9", b"%25", "한".encode(), "\u1112\u1161\u11ab".encode(), b"\xff", b".txt", b" ", b".", b"A", b"a", "\uf022".encode(), b":", b"\\", "ﬁ".encode(),
    "豈".encode(), b"\x81\x30\x81\x30", b"\x01", "ß".encode(), b"SS", b"ss",
]  # fmt: skip


def fail(seed: int, *what: object) -> None:
    sys.exit(f"seed {seed}: " + " ".join(str(word) for word in what))


def hostile(rng: random.Random) -> bytes:
    name = b"".join(rng.choice(PIECES) for _ in range(rng.randint(1, 5)))
    if rng.random() < 0.05:
        name = (rng.choice(PIECES) * 255)[: rng.randint(240, 255)]
    if rng.random() < 0.2:
        name += bytes(rng.choice([b for b in range(1, 256) if b != 0x2F]) for _ in range(rng.randint(1, 4)))
    return name[:255]


def invariants(source: bytes, view: bytes, seed: int) -> None:
    """Everything is shown once, reachable, and the same each time; nothing on the source is changed by looking."""
    rng = random.Random(seed)
    for round_number in range(int(os.environ.get("ROUNDS", "30"))):
        place = b"i%d" % round_number
        os.mkdir(os.path.join(source, place))
        names: dict[bytes, int] = {}
        for number in range(rng.randint(1, 60)):
            name = hostile(rng)
            for other in (name, unicodedata.normalize("NFD", name.decode("utf8", "ignore")).encode()[:255]):
                if other in (b"", b".", b"..") or other in names:
                    continue
                with open(os.path.join(source, place, other), "wb") as file:
                    file.write(b"%d" % number)
                names[other] = os.stat(os.path.join(source, place, other)).st_ino
        before = sorted((n, os.stat(os.path.join(source, place, n)).st_mtime_ns) for n in os.listdir(os.path.join(source, place)))
        shown = os.listdir(os.path.join(view, place))
        if len(shown) != len(names) or len(set(shown)) != len(shown):
            fail(seed, "round", round_number, len(names), "names, shown", len(shown), sorted(shown))
        inodes = {}
        for name in shown:
            try:
                name.decode()
            except UnicodeDecodeError:
                fail(seed, "not UTF-8", name)
            if len(name) > 255 or b"/" in name:
                fail(seed, "no name", name)
            inodes[os.stat(os.path.join(view, place, name)).st_ino] = name
        if set(inodes) != set(names.values()):
            fail(seed, "files that cannot be reached", set(names.values()) ^ set(inodes))
        for name, inode in names.items():
            if name.isascii() and "SENSITIVE" in os.environ and inodes[inode] != name:
                fail(seed, "ASCII name changed", name, inodes[inode])
            with open(os.path.join(source, place, name), "rb") as raw, open(os.path.join(view, place, inodes[inode]), "rb") as seen:
                if raw.read() != seen.read():
                    fail(seed, "other content", name)
        entries = {entry.name: entry.inode() for entry in os.scandir(os.path.join(view, place))}
        if entries != {name: inode for inode, name in inodes.items()}:
            fail(seed, "two listings differ")
        if before != sorted((n, os.stat(os.path.join(source, place, n)).st_mtime_ns) for n in os.listdir(os.path.join(source, place))):
            fail(seed, "the source was changed")
        # Removed one after the other through the view: each name is the same file until it is gone, but for suffixes that are not needed any more.
        for inode in list(inodes):
            now = {entry.inode(): entry.name for entry in os.scandir(os.path.join(view, place))}
            os.unlink(os.path.join(view, place, now[inode]))
            if os.path.lexists(os.path.join(view, place, now[inode])) and os.lstat(os.path.join(view, place, now[inode])).st_ino == inode:
                fail(seed, "still there", now[inode])
        os.rmdir(os.path.join(view, place))
        if os.path.exists(os.path.join(source, place)):
            fail(seed, "left behind on the source")


def composed(name: bytes) -> bytes:
    return unicodedata.normalize("NFC", name.decode()).encode()


def spelled(name: bytes, rng: random.Random) -> bytes:
    return unicodedata.normalize(rng.choice(["NFC", "NFD"]), name.decode()).encode()


class Oracle:
    """The same calls on the view and on a plain directory, which gets names composed; answers and trees must be the same."""

    NAMES = ["a", "b", "é", "ü.txt", "한글", "K", "x" * 250, "z~abcdef.txt", "日本"]
    PLACES = ["", "d1", "d2", "d1/é"]

    def __init__(self, view: bytes, plain: bytes, seed: int) -> None:
        self.rng, self.view, self.plain, self.seed = random.Random(seed), view, plain, seed
        self.log: list[object] = []

    def path(self) -> tuple[bytes, bytes]:
        name = "/".join(part for part in (self.rng.choice(self.PLACES), self.rng.choice(self.NAMES)) if part).encode()
        return os.path.join(self.view, spelled(name, self.rng)), os.path.join(self.plain, composed(name))

    def both(self, what: str, call: object, *pairs: tuple[bytes, bytes]) -> None:
        answers = []
        for side in (0, 1):
            try:
                answers.append(call(*(pair[side] for pair in pairs)))  # type: ignore[operator]
            except OSError as problem:
                answers.append(errno.errorcode[problem.errno])
        self.log.append((what, [pair[0] for pair in pairs], [repr(answer)[:40] for answer in answers]))
        # What is changed by another spelling the kernel is told right after the answer.
        if any(composed(pair[0]) != pair[0] for pair in pairs):
            time.sleep(0.002)
        if answers[0] != answers[1]:
            fail(self.seed, what, pairs, "view:", repr(answers[0])[:200], "plain:", repr(answers[1])[:200], "after", self.log[-12:])

    @staticmethod
    def facts(path: bytes) -> tuple[object, ...]:
        status = os.lstat(path)
        size = status.st_size if not stat.S_ISDIR(status.st_mode) else 0
        return status.st_mode, size, status.st_nlink, status.st_uid, status.st_gid

    def step(self) -> None:
        rng, one, two = self.rng, self.path(), self.path()
        mode, data, length = rng.choice([0o644, 0o600, 0o755]), rng.randbytes(rng.randint(0, 9000)), rng.randint(0, 9000)

        def create(flags: int) -> object:
            def call(path: bytes) -> object:
                file = os.open(path, os.O_RDWR | os.O_CREAT | flags, mode)
                try:
                    os.write(file, data)
                    return os.fstat(file).st_size
                finally:
                    os.close(file)

            return call

        def read(path: bytes) -> bytes:
            with open(path, "rb") as file:
                return file.read()

        def unlink_open(path: bytes) -> object:
            file = os.open(path, os.O_RDWR)
            try:
                os.unlink(path)
                os.pwrite(file, data, 100)
                os.fchmod(file, mode)
                status = os.fstat(file)
                return status.st_nlink, status.st_mode, status.st_size, os.pread(file, 20000, 0)
            finally:
                os.close(file)

        def rename(flags: int) -> object:
            def call(old: bytes, new: bytes) -> object:
                if LIBC.renameat2(-100, old, -100, new, flags) != 0:
                    raise OSError(ctypes.get_errno(), "renameat2")
                return 0

            return call

        target = rng.choice(["é", "../a", "d1/é", "/nowhere/x", "日本"]).encode()
        operations = [
            ("create", create(0), one), ("exclusive", create(os.O_EXCL), one), ("append", create(os.O_APPEND), one), ("cut", create(os.O_TRUNC), one),
            ("mkdir", lambda p: os.mkdir(p, mode), one), ("rmdir", os.rmdir, one), ("unlink", os.unlink, one), ("read", read, one),
            ("rename", rename(0), one, two), ("rename new", rename(1), one, two), ("exchange", rename(2), one, two),
            ("link", lambda a, b: os.link(a, b, follow_symlinks=False), one, two), ("symlink", lambda p: os.symlink(target, p), one),
            ("readlink", os.readlink, one), ("chmod", lambda p: os.chmod(p, mode), one), ("chown", lambda p: os.lchown(p, 1, 2), one),
            ("truncate", lambda p: os.truncate(p, length), one), ("stat", self.facts, one), ("utime", lambda p: os.utime(p, (5, 6)), one),
            ("mkfifo", lambda p: os.mkfifo(p, mode), one), ("setxattr", lambda p: os.setxattr(p, "user.k", data[:100]), one),
            ("getxattr", lambda p: os.getxattr(p, "user.k"), one), ("listxattr", lambda p: sorted(os.listxattr(p)), one),
            ("removexattr", lambda p: os.removexattr(p, "user.k"), one), ("unlink open", unlink_open, one),
        ]  # fmt: skip
        # A FIFO would wait for its other end.
        what, call, *pairs = rng.choice(operations)
        if any(os.path.lexists(pair[1]) and stat.S_ISFIFO(os.stat(pair[1], follow_symlinks=True).st_mode if os.path.exists(pair[1]) else 0) for pair in pairs):
            if what in ("create", "append", "cut", "read", "truncate", "unlink open"):
                return
        self.both(what, call, *pairs)

    def tree(self, top: bytes) -> list[object]:
        found: list[object] = []
        for folder, folders, files in os.walk(top):
            for name in folders + files:
                path = os.path.join(folder, name)
                found.append((os.path.relpath(path, top), self.facts(path), os.readlink(path) if os.path.islink(path) else b""))
        return sorted(found, key=repr)

    def run(self, steps: int) -> None:
        for place in self.PLACES[1:]:
            self.both("mkdir", os.mkdir, (os.path.join(self.view, place.encode()), os.path.join(self.plain, place.encode())))
        for number in range(steps):
            self.step()
            if number % 97 == 0 and (seen := self.tree(self.view)) != (wanted := self.tree(self.plain)):
                fail(self.seed, "step", number, "the trees differ", set(map(repr, seen)) ^ set(map(repr, wanted)), self.log[-30:])
            if number % 501 == 0:
                drop_caches()


def oracle(source: bytes, view: bytes, seed: int) -> None:
    # A floor above each, for links that lead up.
    for place in (b"o/top", b"plain/top"):
        os.makedirs(os.path.join(source, place))
    Oracle(os.path.join(view, b"o/top"), os.path.join(source, b"plain/top"), seed).run(int(os.environ.get("STEPS", "3000")))


def drop_caches() -> None:
    with open("/proc/sys/vm/drop_caches", "w") as file:
        file.write("2")


def data(source: bytes, view: bytes, seed: int) -> None:
    """Like fsx: reads, writes, mappings, holes and copies in any order, against bytes in memory."""
    rng, most = random.Random(seed), 400_000
    path, model = os.path.join(view, "dateń".encode()), bytearray()
    file = os.open(path, os.O_RDWR | os.O_CREAT)
    if os.environ.get("ANSWERED"):
        # A short file that somebody reads is not passed through, and then for nobody.
        os.close(file)
        os.open(path, os.O_RDONLY)
        file = os.open(path, os.O_RDWR)
    for step in range(int(os.environ.get("STEPS", "1500"))):
        at, length = rng.randint(0, most), rng.randint(1, 60_000)
        match rng.randint(0, 9):
            case 0 | 1:
                piece = rng.randbytes(length)
                os.pwrite(file, piece, at)
                model.extend(bytes(max(0, at + length - len(model))))
                model[at : at + length] = piece
            case 2 | 3:
                if os.pread(file, length, at) != bytes(model[at : at + length]):
                    fail(seed, "step", step, "read differs at", at)
            case 4:
                os.ftruncate(file, at)
                model = model[:at] + bytearray(max(0, at - len(model)))
            case 5 if model:
                at = rng.randint(0, len(model) - 1)
                length = min(length, len(model) - at)
                with mmap.mmap(file, len(model)) as mapping:
                    if mapping[at : at + length] != bytes(model[at : at + length]):
                        fail(seed, "step", step, "mapping differs at", at)
                    piece = rng.randbytes(length)
                    mapping[at : at + length] = piece
                    model[at : at + length] = piece
            case 6 if model:
                # NFS before 4.2 makes no holes.
                made = LIBC.fallocate(file, 3, ctypes.c_long(at), ctypes.c_long(length)) == 0
                end = min(at + length, len(model))
                if made and at < end:
                    model[at:end] = bytes(end - at)
            case 7 if model:
                start, to = rng.randint(0, len(model) - 1), rng.randint(0, most)
                count = min(length, len(model) - start, abs(to - start))
                if count > 0:
                    done = os.copy_file_range(file, file, count, start, to)
                    piece = bytes(model[start : start + done])
                    model.extend(bytes(max(0, to + done - len(model))))
                    model[to : to + done] = piece
            case 8:
                os.fsync(file)
                os.close(file)
                file = os.open(path, os.O_RDWR)
            case 9:
                drop_caches()
                os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        if os.fstat(file).st_size != len(model):
            fail(seed, "step", step, "size", os.fstat(file).st_size, "not", len(model))
    os.close(file)
    # Whichever way the policy spells it.
    (stored,) = [name for name in os.listdir(source) if b"date" in name]
    with open(path, "rb") as seen, open(os.path.join(source, stored), "rb") as raw:
        if not seen.read() == raw.read() == bytes(model):
            fail(seed, "the file differs at the end")
    os.unlink(path)


def stress(source: bytes, view: bytes, seed: int) -> None:
    """Threads that make, find, move and remove names of one directory while the kernel forgets what it knows; then nothing is left and nothing hangs."""
    place = os.path.join(view, b"s")
    os.mkdir(place)
    end = time.monotonic() + float(os.environ.get("DURATION", "6"))
    problems: list[str] = []

    def work(number: int) -> None:
        rng = random.Random(seed + number)
        mine = [os.path.join(place, f"{name}{number}".encode()) for name in ("é", "plain", "한", "~abcdef", "K")]
        try:
            while time.monotonic() < end:
                path, other = rng.sample(mine, 2)
                with open(path, "wb") as file:
                    file.write(path)
                os.rename(path, other)
                with open(other, "rb") as file:
                    if file.read() != path:
                        problems.append(f"other content in {other!r}")
                if os.path.lexists(path) or not os.path.exists(os.path.join(place, spelled(os.path.basename(other), rng))):
                    problems.append(f"{path!r} or {other!r} is not where it should be")
                os.listdir(place)
                os.unlink(other)
        except OSError as problem:
            problems.append(repr(problem))

    def forget() -> None:
        while time.monotonic() < end:
            drop_caches()
            time.sleep(0.01)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)] + [threading.Thread(target=forget)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        fail(seed, *problems[:3])
    if os.listdir(place) or os.listdir(os.path.join(source, b"s")):
        fail(seed, "left over", os.listdir(place))
    os.rmdir(place)


def large(source: bytes, view: bytes, seed: int) -> None:
    """20,000 names in one directory, every tenth not ASCII: listed whole, also from the middle; made, found and removed through the view."""
    place, raw = os.path.join(view, b"l"), os.path.join(source, b"l")
    os.mkdir(place)
    started = time.monotonic()
    for number in range(20_000):
        name = f"né{number}" if number % 10 == 0 else f"name{number}"
        os.close(os.open(os.path.join(place, spelled(name.encode(), random.Random(number))), os.O_CREAT | os.O_WRONLY))
    if len(os.listdir(raw)) != 20_000 or set(os.listdir(place)) != set(os.listdir(raw)):
        fail(seed, "listed", len(os.listdir(place)), "of", len(os.listdir(raw)))
    for name in os.listdir(raw)[::3]:
        if name.startswith("né".encode()):
            os.rename(os.path.join(raw, name), os.path.join(raw, unicodedata.normalize("NFD", name.decode()).encode()))
    names = os.listdir(place)
    if len(names) != 20_000 or len(set(names)) != 20_000 or any(composed(name) != name for name in names):
        fail(seed, "after renaming on the source", len(names), len(set(names)))
    LIBC.opendir.restype = LIBC.readdir64.restype = ctypes.c_void_p
    LIBC.telldir.restype = ctypes.c_long
    directory = ctypes.c_void_p(LIBC.opendir(place))

    def following() -> bytes:
        entry = LIBC.readdir64(directory)
        return ctypes.string_at(entry + 19) if entry else b""

    for position in (5, 15_000, 19_500):
        LIBC.rewinddir(directory)
        for _ in range(position):
            following()
        here = LIBC.telldir(directory)
        first = [following() for _ in range(30)]
        LIBC.seekdir(directory, ctypes.c_long(here))
        if [following() for _ in range(30)] != first:
            fail(seed, "going back to entry", position, "lists other names")
    LIBC.closedir(directory)
    for name in names:
        os.unlink(os.path.join(place, name))
    os.rmdir(place)
    print(f"large: {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    check, where, shown_at = sys.argv[1], os.fsencode(sys.argv[2]), os.fsencode(sys.argv[3])
    start = int(sys.argv[4]) if len(sys.argv) > 4 else random.SystemRandom().randrange(1 << 32)
    print(f"{check}: seed {start}", flush=True)
    os.umask(0o022)
    {"invariants": invariants, "oracle": oracle, "data": data, "stress": stress, "large": large}[check](where, shown_at, start)
