"""What a view of names costs, against the directory itself and, where they are given, other file systems of the kind: libfuse's example
passthrough_ll, which translates nothing, and fuse-convmvfs (Debian's package of that name).

    unshare -m --propagation private python3 Tests/Bench/view.py VIEW_PROGRAM [passthrough_ll=PROGRAM] [convmvfs=PROGRAM]

15,000 files on a tmpfs, every tenth name not ASCII; the least of five rounds, the file systems in turn; microseconds an operation.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable

FILES = 15_000
ROUNDS = 5
OTHERS = {
    "passthrough_ll": "-f -o source=/mnt/source,cache=auto,default_permissions",
    "convmvfs": "-f -o srcdir=/mnt/source,icharset=UTF-8,ocharset=UTF-8,allow_other,default_permissions",
}


def names() -> list[bytes]:
    return [(f"né{number}.txt" if number % 10 == 0 else f"name{number}.txt").encode() for number in range(FILES)]


def forget() -> None:
    with open("/proc/sys/vm/drop_caches", "w") as file:
        file.write("2")


def timed(work: Callable[[], int]) -> float:
    started = time.perf_counter()
    count = work()
    return (time.perf_counter() - started) * 1e6 / count


def listing(top: bytes) -> int:
    return len(os.listdir(top))


def long_listing(top: bytes) -> int:
    return sum(1 for entry in os.scandir(top) if entry.stat(follow_symlinks=False).st_size >= 0)


def look(top: bytes, wanted: list[bytes]) -> int:
    for name in wanted:
        os.stat(os.path.join(top, name))
    return len(wanted)


def read_small(top: bytes, wanted: list[bytes]) -> int:
    for name in wanted:
        with open(os.path.join(top, name), "rb", buffering=0) as file:
            file.read()
    return len(wanted)


def make(top: bytes) -> int:
    for number in range(2000):
        os.close(os.open(os.path.join(top, b"new%d" % number), os.O_CREAT | os.O_WRONLY))
    return 2000


def remove(top: bytes) -> int:
    for number in range(2000):
        os.unlink(os.path.join(top, b"new%d" % number))
    return 2000


def throughput(top: bytes) -> tuple[float, float]:
    """GB/s, written and read anew."""
    path, piece, size = os.path.join(top, b"../big"), bytes(1 << 20), 512
    started = time.perf_counter()
    file = os.open(path, os.O_CREAT | os.O_RDWR)
    for _ in range(size):
        os.write(file, piece)
    written = time.perf_counter() - started
    os.fsync(file)
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    os.lseek(file, 0, 0)
    started = time.perf_counter()
    while os.read(file, 1 << 20):
        pass
    read = time.perf_counter() - started
    os.close(file)
    os.unlink(path)
    return size / 1024 / written * 1.073741824, size / 1024 / read * 1.073741824


def main() -> None:
    subprocess.run(["mount", "-t", "tmpfs", "none", "/mnt"], check=True)
    others = dict(argument.split("=", 1) for argument in sys.argv[2:])
    for place in ("source/d", "view", *others):
        os.makedirs(f"/mnt/{place}")
    for name in names():
        with open(b"/mnt/source/d/" + name, "wb") as file:
            file.write(b"x" * 100)
    sides = {"itself": b"/mnt/source/d", "view": b"/mnt/view/d"}
    view = [sys.argv[1], "/mnt/source", "/mnt/view", "--policy", '{"form":"nfc"}']
    running = [subprocess.Popen(view, stdout=subprocess.DEVNULL)]
    for name, program in others.items():
        running.append(subprocess.Popen([program, f"/mnt/{name}", *OTHERS[name].split()]))
        sides[name] = f"/mnt/{name}/d".encode()
    time.sleep(1)
    some = names()[::5]
    rows: dict[str, dict[str, float]] = {}
    for _ in range(ROUNDS):
        for side, top in sides.items():
            cold = [
                ("list, an entry", lambda top=top: listing(top)),
                ("list with attributes (ls -l), an entry", lambda top=top: long_listing(top)),
                ("stat, not cached", lambda top=top: look(top, some)),
                ("open, read 100 bytes, close", lambda top=top: read_small(top, some)),
            ]
            for what, work in cold:
                forget()
                row = rows.setdefault(what, {})
                row[side] = min(timed(work), row.get(side, 1e9))
            look(top, some)
            warm = [
                ("stat again", lambda top=top: look(top, some)),
                ("create", lambda top=top: make(top)),
                ("unlink", lambda top=top: remove(top)),
            ]
            for what, work in warm:
                row = rows.setdefault(what, {})
                row[side] = min(timed(work), row.get(side, 1e9))
            for what, value in zip(("write, GB/s", "read, GB/s"), throughput(top), strict=True):
                row = rows.setdefault(what, {})
                row[side] = max(value, row.get(side, 0))
    print("| | " + " | ".join(sides) + " |")
    for what, row in rows.items():
        print(f"| {what} | " + " | ".join(f"{row[side]:.2f}" for side in sides) + " |")
    for process in running:
        status = [line for line in open(f"/proc/{process.pid}/status") if line.startswith("VmHWM")]
        print(process.args[0].rsplit("/", 1)[-1], status[0].strip() if status else "", file=sys.stderr)
    for top in ("view", *others):
        subprocess.run(["umount", f"/mnt/{top}"], check=True)
    for process in running:
        process.wait(20)


if __name__ == "__main__":
    main()
