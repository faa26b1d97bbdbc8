"""What a view of names costs, against the directory itself and, where they are given, other file systems of the kind: libfuse's example
passthrough_ll, which translates nothing, and fuse-convmvfs (Debian's package of that name).

    unshare -m --propagation private python3 Tests/Bench/view.py VIEW_PROGRAM [passthrough_ll=PROGRAM] [convmvfs=PROGRAM]

15,000 files on a tmpfs, every tenth name not ASCII; the least of five rounds, the file systems in turn; microseconds an operation.
`make bench ARGS="--only names"` does the same with fuse-convmvfs out of its package.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

FILES = 15_000
ROUNDS = 5
MORE_IS_BETTER = ("write, GB/s", "read, GB/s")
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


def started(program: list[str], *words: str) -> subprocess.Popen:
    # In a group of its own: a Ctrl-C is for whoever measures, who ends it.
    return subprocess.Popen([*program, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, process_group=0)


def await_mount(top: str) -> None:
    for _ in range(100):
        if os.path.ismount(top):
            return
        time.sleep(0.1)
    raise RuntimeError(f"nothing was mounted on {top} within ten seconds")


def measure(program: list[str], others: dict[str, list[str]], rounds: int = ROUNDS) -> dict:
    """By what was done and by whom the figures of each round, in microseconds an operation or GB/s, and the most memory of each program.

    Mounts on /mnt, so it wants a mount namespace of its own."""
    subprocess.run(["mount", "-t", "tmpfs", "none", "/mnt"], check=True)
    for place in ("source/d", "view", *others):
        os.makedirs(f"/mnt/{place}")
    for name in names():
        with open(b"/mnt/source/d/" + name, "wb") as file:
            file.write(b"x" * 100)
    sides = {"itself": b"/mnt/source/d"} | {name: f"/mnt/{name}/d".encode() for name in ("view", *others)}
    running = {"view": started(program, "/mnt/source", "/mnt/view", "--policy", '{"form":"nfc"}')}
    try:
        for name, other in others.items():
            running[name] = started(other, f"/mnt/{name}", *OTHERS[name].split())
        for name in running:
            await_mount(f"/mnt/{name}")
        rows: dict[str, dict[str, list[float]]] = {}
        for _ in range(rounds):
            for side, top in sides.items():
                for what, value in one_round(top):
                    rows.setdefault(what, {}).setdefault(side, []).append(round(value, 3))
        return {"files": FILES, "rounds": rows, "mostMemory": {name: peak(process) for name, process in running.items()}}
    finally:
        for name in running:
            subprocess.run(["umount", f"/mnt/{name}"], check=False, stderr=subprocess.DEVNULL)
        for process in running.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        subprocess.run(["umount", "/mnt"], check=False)


def peak(process: subprocess.Popen) -> str:
    with open(f"/proc/{process.pid}/status") as status:
        return next((line.split(":")[1].strip() for line in status if line.startswith("VmHWM")), "")


def one_round(top: bytes) -> Iterator[tuple[str, float]]:
    some = names()[::5]
    cold = [
        ("list, an entry", lambda: listing(top)),
        ("list with attributes (ls -l), an entry", lambda: long_listing(top)),
        ("stat, not cached", lambda: look(top, some)),
        ("open, read 100 bytes, close", lambda: read_small(top, some)),
    ]
    for what, work in cold:
        forget()
        yield what, timed(work)
    look(top, some)
    for what, work in [("stat again", lambda: look(top, some)), ("create", lambda: make(top)), ("unlink", lambda: remove(top))]:
        yield what, timed(work)
    yield from zip(MORE_IS_BETTER, throughput(top), strict=True)


def main() -> None:
    others = dict(argument.split("=", 1) for argument in sys.argv[2:])
    result = measure([sys.argv[1]], {name: [program] for name, program in others.items()})
    print("| | " + " | ".join(next(iter(result["rounds"].values()))) + " |")
    for what, row in result["rounds"].items():
        best = max if what in MORE_IS_BETTER else min
        print(f"| {what} | " + " | ".join(f"{best(values):.2f}" for values in row.values()) + " |")
    for name, memory in result["mostMemory"].items():
        print(name, memory, file=sys.stderr)


if __name__ == "__main__":
    main()
