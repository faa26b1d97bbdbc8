"""A view beside the share that it lies over, in guests of two kernels: in the older the view's process carries the data, in the newer it is
passed by."""

import json
import os
import statistics
import subprocess

from Lab import image, programs
from Lab.progress import Progress
from Lab.world import World

SUITES = ("bookworm", "trixie")
SHARES = {"files": "virtiofs", "projects": "nfs"}
MEBIBYTES = 128
# For each round that is asked for: one takes a second or two, and a virtual CPU is now fast and now slow.
TURNS = 3
LEAST = 0.9  # of the share's speed
VIEW, UNIT = "/mnt/viewed", "viewed"

# Run in the guest for one of the two. Prints seconds: reading after the caches are dropped; writing, fsync included.
LOAD = """
import json, os, sys, time
top, count, block = sys.argv[1], int(sys.argv[2]), os.urandom(1 << 20)
def timed(name, flags, work):
    os.sync()
    with open("/proc/sys/vm/drop_caches", "w") as caches: caches.write("3")
    begun = time.monotonic()
    file = os.open(top + "/" + name, flags)
    work(file)
    os.close(file)
    return time.monotonic() - begun
def read(file):
    while os.read(file, 128 << 10): pass
def write(file):
    for _ in range(count): os.write(file, block)
    os.fsync(file)
took = {"read": timed("big", os.O_RDONLY, read), "write": timed("written", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, write)}
os.unlink(top + "/written")
print(json.dumps(took))
"""


def measured(world: World, name: str, turns: int) -> dict:
    """Seconds of each turn, the share and the view one after the other."""
    big = world.folders[name] / "big"
    big.write_bytes(os.urandom(MEBIBYTES << 20))
    guest = world.guest
    guest.ssh(f"mkdir -p {VIEW}; systemd-run --quiet --unit={UNIT} shareagent names view /mnt/{name} {VIEW} --form nfc; "
              f"for turn in $(seq 100); do mountpoint -q {VIEW} && exit 0; sleep 0.2; done; exit 1", timeout=60)
    try:
        rows: dict[str, dict[str, list[float]]] = {what: {"share": [], "view": []} for what in ("read", "write")}
        for turn in range(turns):
            for side, top in list({"share": f"/mnt/{name}", "view": VIEW}.items())[:: 1 if turn % 2 == 0 else -1]:
                took = json.loads(guest.ssh(f"python3 - {top} {MEBIBYTES}", timeout=300, stdin=LOAD).stdout)
                for what, seconds in took.items():
                    rows[what][side].append(round(seconds, 2))
        return rows
    finally:
        guest.ssh(f"systemctl stop {UNIT}; while mountpoint -q {VIEW}; do sleep 0.2; done", timeout=60)
        big.unlink()


def measure(rounds: int, progress: Progress) -> dict:
    """One entry a guest and share, and what they say of the goal."""
    results: list[dict] = []
    result: dict = {"shares": results}
    try:
        for suite in SUITES:
            measure_in(suite, rounds, progress, results)
    except KeyboardInterrupt:
        result["interrupted"] = True
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        # What was measured before it is not lost.
        result["failed"] = str(error)
    return result | {"goals": judged(results)}


def measure_in(suite: str, rounds: int, progress: Progress, results: list[dict]) -> None:
    """A guest of its own, gone afterwards."""
    with progress.step(f"{suite}: a guest with the usual shares"):
        world = World.ready(image.with_packages(suite, [programs.package("shareagent")], progress.say))
    try:
        kernel = world.guest.ssh("uname -r").stdout.strip()
        for name, kind in SHARES.items():
            with progress.step(f"{suite}, {kind}: {MEBIBYTES} MiB read and written, through a view and without"):
                rows = measured(world, name, rounds * TURNS)
            results.append({"suite": suite, "kernel": kernel, "kind": kind, "seconds": rows, "speed": {
                what: round(statistics.median(row["share"]) / statistics.median(row["view"]), 2) for what, row in rows.items()}})
    finally:
        world.close()


def judged(results: list[dict]) -> list[dict]:
    """UNDECIDED where only the best turns reach the goal: the machine may have been busy."""
    verdicts = []
    for result in results:
        for what, speed in result["speed"].items():
            rows = result["seconds"][what]
            best = min(rows["share"]) / min(rows["view"])
            goal = f"view over {result['kind']}, {result['suite']}: {what} at least {LEAST} of the share's speed"
            verdicts.append({"goal": goal, "seen": speed,
                             "verdict": "PASS" if speed >= LEAST else "UNDECIDED" if best >= LEAST else "FAIL"})
    return verdicts
