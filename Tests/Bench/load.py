"""Runs in the guest: what programs do to a mounted directory, timed by the guest's own clock. Prints a JSON object of seconds for
each mount.

Sent there as text, so it uses nothing but the standard library of the guest's Python.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator

MIB = 1 << 20
READS = 3


def drop_caches() -> None:
    os.sync()
    with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as file:
        file.write("3\n")


def timed(work, *words) -> float:
    began = time.monotonic()
    work(*words)
    return round(time.monotonic() - began, 4)


def read(path: str) -> None:
    """As cp and cat read: 128 KiB at a time."""
    with open(path, "rb", buffering=0) as file:
        while file.read(128 << 10):
            pass


def write(path: str, mebibytes: int) -> None:
    block = os.urandom(MIB)
    with open(path, "wb", buffering=0) as file:
        for _ in range(mebibytes):
            file.write(block)
        os.fsync(file.fileno())


def in_turn(works: list, rounds: Iterable) -> list[float]:
    """Seconds that each of the works took for all rounds. They take turns at going first, and a slow moment of the machine is in each."""
    seconds = [0.0] * len(works)
    for number, item in enumerate(rounds):
        for index in sorted(range(len(works)), reverse=number % 2 == 1):
            began = time.monotonic()
            works[index](item)
            seconds[index] += time.monotonic() - began
    return [round(sum_, 4) for sum_ in seconds]


def small(targets: list[str], count: int) -> list[dict[str, float]]:
    """Small files, one after the other, on each of the mounts."""
    folders = [f"{target}/small-{index}" for index, target in enumerate(targets)]
    block = os.urandom(4096)

    def create(name: str) -> None:
        with open(name, "wb", buffering=0) as file:
            file.write(block)

    def open_and_read(name: str) -> None:
        with open(name, "rb", buffering=0) as file:
            file.read()

    def each(work) -> list[float]:
        return in_turn([lambda number, folder=folder: work(f"{folder}/{number:05}") for folder in folders], range(count))

    for folder in folders:
        os.mkdir(folder)
    created = each(create)
    drop_caches()
    columns = {"create": created, "stat": each(os.stat), "openRead": each(open_and_read), "unlink": each(os.unlink)}
    for folder in folders:
        os.rmdir(folder)
    return [{key: column[index] for key, column in columns.items()} for index in range(len(targets))]


def list_long(targets: list[str]) -> list[float]:
    """`ls -l`, six times where there are two to compare."""

    def listed(target: str) -> None:
        subprocess.run(["ls", "-l", f"{target}/many"], stdout=subprocess.DEVNULL, check=True)

    def dropping() -> Iterator[int]:
        for number in range(1 if len(targets) == 1 else 6):
            drop_caches()
            yield number

    return in_turn([lambda _, target=target: listed(target) for target in targets], dropping())


def mount_entry(target: str) -> list[str]:
    with open("/proc/self/mountinfo", encoding="utf-8") as table:
        return [line.split() for line in table if line.split()[4] == target][-1]


def read_ahead(target: str) -> int | None:
    """In KiB; None where the backing device does not bear the mount's number (SMB, 9p)."""
    try:
        with open(f"/sys/class/bdi/{mount_entry(target)[2]}/read_ahead_kb", encoding="ascii") as file:
            return int(file.read())
    except FileNotFoundError:
        return None


def read_calls(target: str) -> int | None:
    """READ calls of an NFS mount so far; None for other file systems."""
    with open("/proc/self/mountstats", encoding="utf-8") as file:
        mounts = file.read().split("device ")
    for mount in mounts:
        if f" mounted on {target} with " in mount:
            for line in mount.splitlines():
                if line.strip().startswith("READ:"):
                    return int(line.split()[1])
    return None


def main(targets: list[str], mebibytes: int, files: int, wanted: set[str]) -> None:
    """One mount, or two beside each other for all but reading and writing, which are no turns of one moment each."""
    results: list[dict] = [{} for _ in targets]
    for target, result in zip(targets, results, strict=True):
        if "read" in wanted:
            result["readAheadKiB"], before = read_ahead(target), read_calls(target)
            seconds = []
            # The first read of a fresh mount is another thing than reading, in which a guest on an emulated CPU loses half a second.
            for _ in range(READS):
                drop_caches()
                seconds.append(timed(read, f"{target}/big"))
            after = read_calls(target)
            result["read"] = statistics.median(seconds)
            result["readCalls"] = None if before is None or after is None else (after - before) // READS
        if "write" in wanted:
            result["write"] = timed(write, f"{target}/written", mebibytes)
            os.unlink(f"{target}/written")
    if wanted & {"create", "stat", "openRead", "unlink"}:
        for result, seconds in zip(results, small(targets, files), strict=True):
            result.update(seconds)
    if "list" in wanted:
        for result, seconds in zip(results, list_long(targets), strict=True):
            result["list"] = seconds
    print(json.dumps(results))


if __name__ == "__main__":
    main(sys.argv[1].split(","), int(sys.argv[2]), int(sys.argv[3]), set(sys.argv[4:]))
