"""Runs in the guest: what programs do to a mounted directory, timed by the guest's own clock. Prints one JSON object of seconds.

Sent there as text, so it uses nothing but the standard library of the guest's Python.
"""

import json
import os
import subprocess
import sys
import time

MIB = 1 << 20


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


def small(folder: str, count: int) -> dict[str, float]:
    names = [f"{folder}/{number:05}" for number in range(count)]
    block = os.urandom(4096)

    def create() -> None:
        for name in names:
            with open(name, "wb", buffering=0) as file:
                file.write(block)

    def stat() -> None:
        for name in names:
            os.stat(name)

    def open_and_read() -> None:
        for name in names:
            with open(name, "rb", buffering=0) as file:
                file.read()

    def unlink() -> None:
        for name in names:
            os.unlink(name)

    os.mkdir(folder)
    seconds = {"create": timed(create)}
    drop_caches()
    seconds["stat"] = timed(stat)
    seconds["openRead"] = timed(open_and_read)
    seconds["unlink"] = timed(unlink)
    os.rmdir(folder)
    return seconds


def list_long(folder: str) -> None:
    subprocess.run(["ls", "-l", folder], stdout=subprocess.DEVNULL, check=True)


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


def main(target: str, mebibytes: int, files: int, wanted: set[str]) -> None:
    result: dict = {}
    if "read" in wanted:
        result["readAheadKiB"], before = read_ahead(target), read_calls(target)
        drop_caches()
        result["read"] = timed(read, f"{target}/big")
        after = read_calls(target)
        result["readCalls"] = None if before is None or after is None else after - before
    if "write" in wanted:
        result["write"] = timed(write, f"{target}/written", mebibytes)
        os.unlink(f"{target}/written")
    if wanted & {"create", "stat", "openRead", "unlink"}:
        result.update(small(f"{target}/small", files))
    if "list" in wanted:
        drop_caches()
        result["list"] = timed(list_long, f"{target}/many")
    print(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), set(sys.argv[4:]))
