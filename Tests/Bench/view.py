"""What a view of names costs, against the directory itself and, where they are given, other file systems of the kind: libfuse's example
passthrough_ll, which translates nothing, and fuse-convmvfs (Debian's package of that name).

    unshare -m --propagation private python3 Tests/Bench/view.py VIEW_PROGRAM [passthrough_ll=PROGRAM] [convmvfs=PROGRAM]

15,000 files on a tmpfs, every tenth name not ASCII; the least of five rounds, the file systems in turn; microseconds an operation. What is
done to one file at a time is done to each file through all of them in turn, on one processor: which processor a program wakes up on costs
up to three times what it does there, and one that is lucky in a whole round says nothing.
`make bench ARGS="--only names"` does the same with fuse-convmvfs out of its package.
"""

import contextlib
import itertools
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator

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


def look(path: bytes) -> None:
    os.stat(path)


def read_small(path: bytes) -> None:
    with open(path, "rb", buffering=0) as file:
        file.read()


def make(path: bytes) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY))


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
                for what, value in whole_directories(top):
                    rows.setdefault(what, {}).setdefault(side, []).append(round(value, 3))
            with on_one_processor(process.pid for process in running.values()):
                for what, side, value in single_files(sides):
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


def whole_directories(top: bytes) -> Iterator[tuple[str, float]]:
    for what, work in [("list, an entry", listing), ("list with attributes (ls -l), an entry", long_listing)]:
        forget()
        yield what, timed(lambda work=work: work(top))
    yield from zip(MORE_IS_BETTER, throughput(top), strict=True)


@contextlib.contextmanager
def on_one_processor(processes: Iterable[int]) -> Iterator[None]:
    """This process and all threads of those."""
    allowed = os.sched_getaffinity(0)
    threads = [0] + [int(thread) for process in processes for thread in os.listdir(f"/proc/{process}/task")]

    def allow(processors: set[int]) -> None:
        for thread in threads:
            with contextlib.suppress(ProcessLookupError):
                os.sched_setaffinity(thread, processors)

    allow({min(allowed)})
    try:
        yield
    finally:
        allow(allowed)


def single_files(sides: dict[str, bytes]) -> Iterator[tuple[str, str, float]]:
    """Each file through each file system before the next one, in every order; the median of all files."""
    some = names()[::5]

    def in_turns(what: str, work: Callable[[bytes], None], wanted: Callable[[str], list[bytes]]) -> Iterator[tuple[str, str, float]]:
        orders = itertools.cycle(itertools.permutations(sides))
        took: dict[str, list[float]] = {side: [] for side in sides}
        for place, order in zip(range(len(wanted("itself"))), orders):
            for side in order:
                path = os.path.join(sides[side], wanted(side)[place])
                began = time.perf_counter_ns()
                work(path)
                took[side].append((time.perf_counter_ns() - began) / 1000)
        for side, values in took.items():
            yield what, side, statistics.median(values)

    made = {side: [b"new-%s-%d" % (side.encode(), number) for number in range(2000)] for side in sides}
    forget()
    yield from in_turns("stat, not cached", look, lambda _: some)
    forget()
    yield from in_turns("open, read 100 bytes, close", read_small, lambda _: some)
    for top in sides.values():
        for name in some[:1000]:
            look(os.path.join(top, name))
    yield from in_turns("stat again", look, lambda _: some[:1000])
    yield from in_turns("create", make, made.__getitem__)
    yield from in_turns("unlink", os.unlink, made.__getitem__)


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
