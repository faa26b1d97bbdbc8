"""What names cost: the library beside ICU, utf8proc and Perl, scans beside find, conversions beside convmv, the view beside fuse-convmvfs.

Needs root and no guest. Everything lies in namespaces of its own, so that nothing of it is left, however it ends.
"""

import contextlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

from Lab import programs
from Lab.progress import Progress

from . import names_corpus, names_peers, names_trees, view

NAMES = 1_000_000
# Fewer files where a million, twice, would not fit in memory.
FEWER, ROOM_KIB = 200_000, 3 << 20
MOST_NANOSECONDS = 60
MOST_OF_FIND = 1.5
# Two programs within a twentieth of each other are level: no machine here tells more.
LEVEL = 1.05
IMAGE_BYTES = 1 << 30
# A directory that each Debian has, covered in a mount namespace of our own: not even an empty one of ours is left.
TOP = pathlib.Path("/media")


def measure(rounds: int, progress: Progress) -> dict:
    """All of it, or what was measured before an interruption."""
    if os.geteuid() != 0:
        return {"skipped": "mounts need root"}
    # Who dies takes the next one along, the last one its namespaces, and they what was mounted.
    alone = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child",
             "--mount-proc"]
    with progress.step("FileNames is built under a stopwatch"):
        ours = names_peers.ours()
    child = subprocess.Popen([*alone, sys.executable, "-m", "Bench.names", str(rounds), *ours], stdout=subprocess.PIPE, text=True,
                             env=os.environ | {"PYTHONPATH": os.fspath(pathlib.Path(__file__).parents[1])})
    output = ""
    while not output:
        # The terminal tells the child of a Ctrl-C, too; it prints what it has.
        with contextlib.suppress(KeyboardInterrupt):
            output = child.communicate()[0]
            break
    if not output:
        raise RuntimeError(f"measuring names ended with status {child.returncode}")
    measured = json.loads(output)
    return measured | {"goals": judged(measured)}


def library(ours: list[str], peers: names_peers.Peers, top: pathlib.Path, rounds: int) -> dict:
    names = names_corpus.made(NAMES, names_corpus.SEED)
    corpora = {"mixed": names, "notASCII": [name for name in names if not name.isascii()]}
    sides = {"ours": ours} | {name: peers.commands[name] for name in ("icu", "utf8proc", "perl") if name in peers.commands}
    result: dict = {"seed": names_corpus.SEED}
    for corpus, chosen in corpora.items():
        file = top / corpus
        file.write_bytes(b"".join(name.encode() + b"\0" for name in chosen))
        rows: dict[str, list[float]] = {side: [] for side in sides}
        said: dict[str, dict] = {}
        for _ in range(rounds):
            for side, command in sides.items():
                said[side] = json.loads(names_peers.run(*command, file))
                rows[side].append(round(said[side]["nanoseconds"] / len(chosen), 1))
        right = names_corpus.digest(chosen)
        wrong = [side for side, answer in said.items() if answer["digest"] != right]
        if "ours" in wrong:
            raise RuntimeError("FileNames has other names in NFC than Python")
        result[corpus] = {
            "names": len(chosen), "classes": {key: said["ours"][key] for key in ("ascii", "composed", "changed")},
            "nanosecondsAName": rows, "allocations": {side: answer.get("allocations") for side, answer in said.items()},
            "timesAsLong": against(rows, "ours"), "othersNFC": wrong,
        }
    return result


def against(rows: dict[str, list[float]], side: str) -> dict[str, float]:
    """Medians: how many times as long as the others."""
    own = statistics.median(rows[side])
    return {other: round(own / statistics.median(row), 2) for other, row in rows.items() if other != side}


def judged(result: dict) -> list[dict]:
    """Each goal with what was seen. UNDECIDED where the median misses it and the best rounds do not: the machine may have been busy."""
    verdicts = []

    def tell(goal: str, seen: object, reached: bool, may_be_chance: bool = False) -> None:
        verdicts.append({"goal": goal, "seen": seen, "verdict": "PASS" if reached else "UNDECIDED" if may_be_chance else "FAIL"})

    def tell_ratio(goal: str, ours: list[float], theirs: list[float], most: float) -> None:
        ratio = round(statistics.median(ours) / statistics.median(theirs), 2)
        tell(goal, ratio, ratio <= most, min(ours) <= most * min(theirs))

    if "library" in result:
        mixed = result["library"]["mixed"]
        own = mixed["nanosecondsAName"]["ours"]
        tell(f"classify and NFC: at most {MOST_NANOSECONDS} ns a name", statistics.median(own), statistics.median(own) <= MOST_NANOSECONDS,
             min(own) <= MOST_NANOSECONDS)
        for corpus in ("mixed", "notASCII"):
            allocated = result["library"][corpus]["allocations"]["ours"]
            tell(f"classify and NFC, {corpus}: no allocation for a name", allocated, allocated == 0)
    for scan in result.get("scan", []):
        seconds = scan["seconds"]
        tell_ratio(f"scan, {scan['tree']}: at most {MOST_OF_FIND} times find", seconds["scan"], seconds["find"], MOST_OF_FIND)
    for what, rows in result.get("convert", {}).get("seconds", {}).items():
        if "convmv" in rows:
            tell_ratio(f"{what}: at most as long as convmv", rows["ours"], rows["convmv"], LEVEL)
    for what, rows in result.get("view", {}).get("rounds", {}).items():
        if "convmvfs" in rows:
            # Throughput is better where it is more.
            first, second = ("convmvfs", "view") if what in view.MORE_IS_BETTER else ("view", "convmvfs")
            tell_ratio(f"view, {what}: at most as long as fuse-convmvfs", rows[first], rows[second], LEVEL)
    return verdicts


@contextlib.contextmanager
def ext4(top: pathlib.Path):
    """A file system of its own on this machine's disk, whose file has no name any more."""
    top.mkdir()
    with tempfile.NamedTemporaryFile(prefix="shareagent-names-", suffix=".img", dir=os.environ.get("TMPDIR", "/var/tmp")) as image:
        image.truncate(IMAGE_BYTES)
        names_peers.run("mkfs.ext4", "-q", "-F", "-N", str(names_trees.CONVERTED * 2), image.name)
        names_peers.run("mount", "-o", "loop", image.name, top)
    try:
        yield top
    finally:
        names_peers.run("umount", top)


def main(rounds: int, ours: list[str]) -> int:
    progress, top = Progress(), TOP
    names_peers.run("mount", "-t", "tmpfs", "-o", "nr_inodes=0", "none", top)
    available = next(int(line.split()[1]) for line in open("/proc/meminfo") if line.startswith("MemAvailable"))
    count = NAMES if available >= ROOM_KIB else FEWER
    result: dict = {}
    peers = names_peers.Peers(top)
    try:
        with progress.step("the peers are fetched and built"):
            peers.prepare()
        result |= {"missing": peers.missing, "versions": peers.versions}
        agent = names_trees.Agent(programs.unpacked("shareagent", top / "agent"))
        with progress.step(f"classify and NFC, {NAMES} names, {rounds} rounds"):
            result["library"] = library(ours, peers, top, rounds)
        with progress.step(f"scan and find, {count} files twice"):
            result["scan"] = names_trees.scans(agent, top / "tree", count, rounds)
        with progress.step(f"convert, undo and convmv, {names_trees.CONVERTED} names"), ext4(top / "disk") as disk:
            (disk / "journals").mkdir()
            # convmv takes a minute for each round, and the two are far apart.
            result["convert"] = names_trees.conversions(agent, peers, disk / "tree", disk / "journals", max(1, rounds // 3))
        with progress.step("the view, the tmpfs under it and fuse-convmvfs"):
            others = {"convmvfs": peers.commands["fuse-convmvfs"]} if "fuse-convmvfs" in peers.commands else {}
            result["view"] = view.measure([f"{agent.libexec}/share-names-view"], others, rounds)
        return 0
    except KeyboardInterrupt:
        result["interrupted"] = True
        return 130
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        # What was measured before it is not lost.
        result["failed"] = str(error)
        return 1
    finally:
        print(json.dumps(result))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
