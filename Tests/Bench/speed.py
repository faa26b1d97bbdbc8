"""How fast attached shares are beside what mount(8) gives without options, kind by kind, in the same guest."""

import contextlib
import dataclasses
import json
import pathlib
import shlex
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator

from Lab import lab
from Lab.cluster_servers import CephCluster, GlusterCluster
from Lab.network import GUEST, HOST
from Lab.world import World

MEBIBYTES = 128
FILES = 300
LISTED = 2000
ROUNDS = 3
DELAY = "5ms"
LOAD = pathlib.Path(__file__).with_name("load.py")
# For mount(8)'s own parser the password must hold no comma; the agent's way with awkward ones is tested elsewhere.
PASSWORD = "lab"
ALONE = ("read", "write")
MEASURES = (*ALONE, "create", "stat", "openRead", "unlink", "list")


@dataclasses.dataclass(frozen=True)
class Kind:
    """One kind of share: what the host offers, and the plain command for the same. A new server needs one more line in KINDS.

    `folder` is where its files lie on this machine; a cluster keeps them where nobody but its clients may write. `beside` is whether the
    guest's kernel lets the plain mount stand beside the tuned one with options of its own."""

    name: str
    share: str
    folder: str | None
    plain: str
    crosses_network: bool
    beside: bool = True


SMB = f"mount -i -t cifs -o ip={HOST},username={lab.USER},password={PASSWORD}"
KINDS = (
    Kind("nfs", "projects", "projects", f"mount -i -t nfs -o vers=4.2,addr={HOST},clientaddr={GUEST},nosharecache {HOST}:/projects", True),
    # Like with like: mount.cifs signs nothing unless it is told to, the agent does unless it is told not to.
    Kind("smb", "team-unsigned", "team", f"{SMB} //{HOST}/team", True),
    Kind("smb-signed", "team", "team", f"{SMB},sign //{HOST}/team", True),
    Kind("virtiofs", "files", "files", "mount -i -t virtiofs files", False, beside=False),
    Kind("9p", "ninep", "ninep", "mount -i -t 9p -o trans=virtio ninep", False, beside=False),
    Kind("cephfs", "ceph", None, f"mount -i -t ceph -o name={CephCluster.USER},secret={{ceph_key}},noshare {HOST}:/", True),
    # By its helper: the kernel knows no GlusterFS.
    Kind("glusterfs", "gluster", None, f"mount -t glusterfs {HOST}:/{GlusterCluster.VOLUME}", True),
)


@dataclasses.dataclass(frozen=True)
class Goal:
    """What issue 3 asks of one measure: default time over tuned time, at least."""

    kind: str
    delay: bool
    measure: str
    least: float


GOALS = (Goal("nfs", True, "read", 3.5), Goal("9p", False, "read", 1.7), Goal("9p", False, "write", 1.7),
         Goal("virtiofs", False, "read", 1.25))
LEAST_EVERYWHERE = 0.95
MOST_READ_CALLS = 140


FILL = f"""
import os, sys
with open(sys.argv[1] + "/big", "wb") as file:
    for _ in range({MEBIBYTES}):
        file.write(os.urandom(1 << 20))
os.mkdir(sys.argv[1] + "/many")
for number in range({LISTED}):
    with open(sys.argv[1] + f"/many/file-{{number:05}}", "wb") as file:
        file.write(b"x" * (number % 512))
"""


def fill(folder: pathlib.Path) -> None:
    """What is read and listed lies on the server before the guest looks."""
    subprocess.run([sys.executable, "-c", FILL, folder], check=True)


def fill_clusters(world: World, parts: set[str]) -> None:
    """The same from the guest, where the server is a cluster."""
    for kind in KINDS:
        if kind.name in parts and kind.folder is None:
            with mounted_plainly(world, kind) as target:
                world.guest.ssh(f"python3 - {target}", timeout=600, stdin=FILL)


def offer(world: World, parts: set[str]) -> None:
    """Before the guest is made: its 9p device, the clusters, the password."""
    world.folders["ninep"] = world.lab.shared_folder("ninep", {})
    world.lab.serve_ninep("ninep", world.folders["ninep"])
    world.lab.servers["smb"].set_password(PASSWORD)
    if "cephfs" in parts:
        world.lab.serve_as("ceph", CephCluster(world.lab.folder / "ceph", world.lab.wire))
    if "glusterfs" in parts:
        world.lab.serve_as("gluster", GlusterCluster(world.lab.folder / "gluster", world.lab.wire))


def offer_manually(world: World, parts: set[str]) -> None:
    """Everything is attached only when it is asked for."""
    world.host.add_password("team-user", lab.USER, PASSWORD)
    world.host.shares.append({"name": "team-unsigned", "source": {"type": "smb", "server": HOST, "share": "team", "encryption": "off"},
                              "credential": "team-user"})
    world.host.shares.append({"name": "ninep", "source": {"type": "9p", "tag": "ninep"}})
    if "cephfs" in parts:
        world.host.add_key("ceph-user", CephCluster.USER, world.lab.servers["ceph"].key)
        world.host.shares.append({"name": "ceph", "source": {"type": "cephfs", "monitors": [HOST]}, "credential": "ceph-user"})
    if "glusterfs" in parts:
        world.host.shares.append({"name": "gluster", "source": {"type": "glusterfs", "servers": [HOST], "volume": GlusterCluster.VOLUME}})
    for share in world.host.shares:
        share["attach"] = "manual"


def delay(world: World, wanted: bool) -> None:
    device = f"$(ip -o route get {HOST} | sed 's/.* dev \\([^ ]*\\).*/\\1/')"
    command = f"tc qdisc replace dev {device} root netem delay {DELAY}" if wanted else f"tc qdisc del dev {device} root 2>/dev/null; true"
    world.guest.ssh(command)


def one_run(world: World, targets: list[str], measures: Iterable[str]) -> list[dict]:
    # The second in which udev may undo what was set at the mount (nfs-common's rule) is over before anything is measured.
    time.sleep(1)
    command = f"python3 - {','.join(targets)} {MEBIBYTES} {FILES} {' '.join(measures)}"
    ran = world.guest.ssh(command, timeout=600, stdin=LOAD.read_text(encoding="utf-8"))
    return json.loads(ran.stdout)


@contextlib.contextmanager
def mounted_plainly(world: World, kind: Kind) -> Iterator[str]:
    target = f"/mnt/plain/{kind.share}"
    key = world.lab.servers["ceph"].key if kind.name == "cephfs" else ""
    # One mount of hundreds that fails, as GlusterFS' helper does now and then, must not cost an hour's measuring.
    plain = f"{kind.plain.format(ceph_key=key)} {target}"
    world.guest.ssh(f"mkdir -p {target} && {{ {plain} || {{ sleep 5; {plain}; }}; }}", timeout=240)
    try:
        yield target
    finally:
        world.guest.ssh(f"umount {target}", timeout=120)


@contextlib.contextmanager
def attached(world: World, kind: Kind) -> Iterator[str]:
    name = shlex.quote(kind.share)
    world.guest.ssh(f"shareagent attach {name} --wait 2m", timeout=150)
    try:
        yield f"/mnt/{kind.share}"
    finally:
        world.guest.ssh(f"shareagent detach {name}", timeout=120)


MOUNTED = {"default": mounted_plainly, "tuned": attached}


def one_round(world: World, kind: Kind, measures: list[str], order: list[str]) -> dict[str, dict]:
    """One after the other; what takes turns file by file, beside each other where that can be."""
    together = [measure for measure in measures if kind.beside and measure not in ALONE]
    alone = [measure for measure in measures if measure not in together]
    found: dict[str, dict] = {side: {} for side in order}
    if alone:
        for side in order:
            with MOUNTED[side](world, kind) as target:
                found[side].update(one_run(world, [target], alone)[0])
    if together:
        with MOUNTED[order[0]](world, kind) as first, MOUNTED[order[1]](world, kind) as second:
            for side, result in zip(order, one_run(world, [first, second], together), strict=True):
                found[side].update(result)
    return found


def measure(world: World, kind: Kind, delayed: bool, rounds: int = ROUNDS) -> dict:
    """Rounds interleaved, so that a slow minute of the machine is in both columns; a fresh mount for each. What falls short after them is
    measured in three times as many more, all of which count."""
    rows: dict[str, list[dict]] = {"default": [], "tuned": []}
    measures: list[str] = list(MEASURES)
    for number in range(rounds * 4):
        if number == rounds:
            measures = [key for key in measures if verdict(rows, key, most_asked(kind.name, delayed, key)) != "PASS"]
        if not measures:
            break
        found = one_round(world, kind, measures, sorted(rows, reverse=number % 2 == 1))
        for side, runs in rows.items():
            runs.append(found[side])
    medians = {name: {key: statistics.median(values(runs, key)) for key in MEASURES} for name, runs in rows.items()}
    return {"kind": kind.name, "delay": DELAY if delayed else None, "rounds": {key: len(values(rows["tuned"], key)) for key in MEASURES},
            "medianSeconds": medians, "timesAsFast": {key: ratio(rows, key) for key in MEASURES},
            "readAheadKiB": {name: values(runs, "readAheadKiB") for name, runs in rows.items()},
            "readCalls": {name: values(runs, "readCalls") for name, runs in rows.items()},
            "all": rows}


def values(runs: list[dict], key: str) -> list:
    """Of the rounds in which it was measured."""
    return [run[key] for run in runs if key in run]


def ratio(rows: dict[str, list[dict]], measure: str) -> float:
    return round(statistics.median(values(rows["default"], measure)) / statistics.median(values(rows["tuned"], measure)), 2)


def most_asked(kind: str, delayed: bool, measure: str) -> float:
    """The highest of the goals that a measure has."""
    return max([LEAST_EVERYWHERE, *(goal.least for goal in GOALS if (goal.kind, goal.delay, goal.measure) == (kind, delayed, measure))])


def verdict(rows: dict[str, list[dict]], measure: str, least: float = LEAST_EVERYWHERE) -> str:
    """Whether the tuned mount is `least` times as fast as the default one. On a machine that others use, a slow round says little: it may
    be chance when the best rounds reach it."""
    if ratio(rows, measure) >= least:
        return "PASS"
    reached = min(values(rows["tuned"], measure)) * least <= min(values(rows["default"], measure))
    return "UNDECIDED" if reached else "FAIL"


def judged(results: list[dict]) -> list[dict]:
    """Each goal with what was seen and PASS, FAIL, or UNDECIDED where only the best rounds reach it."""
    verdicts = []

    def tell(goal: str, seen: object, reached: bool | str) -> None:
        verdicts.append({"goal": goal, "seen": seen, "verdict": reached if isinstance(reached, str) else "PASS" if reached else "FAIL"})

    for result in results:
        kind, delayed = result["kind"], result["delay"] is not None
        where = f"{kind}, {DELAY} away" if delayed else kind
        for measure, seen in result["timesAsFast"].items():
            tell(f"{where}: {measure} at least {LEAST_EVERYWHERE} of the default's speed", seen, verdict(result["all"], measure))
        for goal in GOALS:
            if (goal.kind, goal.delay) == (kind, delayed):
                seen = result["timesAsFast"][goal.measure]
                tell(f"{where}: {goal.measure} at least {goal.least} times the default's speed", seen,
                     verdict(result["all"], goal.measure, goal.least))
        if kind == "nfs":
            calls = max(result["readCalls"]["tuned"])
            tell(f"{where}: at most {MOST_READ_CALLS} READ calls for {MEBIBYTES} MiB", calls, calls <= MOST_READ_CALLS)
            ahead = min(result["readAheadKiB"]["tuned"])
            tell(f"{where}: read-ahead of at least 1024 KiB a second after the mount", ahead, ahead >= 1024)
    return verdicts
