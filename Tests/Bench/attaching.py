"""How long attaching takes, beside the mount(8) commands that an administrator would type, in the same guest."""

import shlex
import statistics

from Lab.network import GUEST, HOST
from Lab.world import World

ROUNDS = 3


def names(count: int) -> list[str]:
    return [f"many{number:02}" for number in range(1, count + 1)]


def seconds(world: World, command: str) -> float:
    """What the guest's own clock says that `command` took; ssh is not in it."""
    timed = f"a=$(date +%s%N); ( {command} ) >/dev/null 2>/root/bench-errors; s=$?; b=$(date +%s%N)"
    script = f"{timed}; echo $((b-a)) $s; cat /root/bench-errors"
    words = world.guest.ssh(script, timeout=400).stdout.split(maxsplit=2)
    if words[1] != "0":
        raise RuntimeError(f"'{command}' ended with {words[1]}: {words[2:]}")
    return int(words[0]) / 1e9


def with_mount(count: int) -> str:
    options = f"vers=4.2,addr={HOST},clientaddr={GUEST},nosuid,nodev,noatime"
    return " && ".join(f"mkdir -p /mnt/by-hand/{name} && mount -i -t nfs4 -o {options} {HOST}:/{name} /mnt/by-hand/{name}"
                       for name in names(count))


def without_mount(count: int) -> str:
    return " && ".join(f"umount /mnt/by-hand/{name}" for name in names(count))


def measure(world: World, count: int) -> dict:
    """Rounds interleaved, so that a slow minute of the machine is in both columns. Shares are attached anew each time."""
    chosen = " ".join(map(shlex.quote, names(count)))
    rows: dict[str, list[float]] = {"mount": [], "shareagent": []}
    for _ in range(ROUNDS):
        rows["mount"].append(seconds(world, with_mount(count)))
        seconds(world, without_mount(count))
        rows["shareagent"].append(seconds(world, f"shareagent attach {chosen} --wait 5m"))
        seconds(world, f"shareagent detach {chosen}")
    medians = {name: statistics.median(values) for name, values in rows.items()}
    return {"shares": count, "seconds": rows, "median": medians, "ratio": round(medians["shareagent"] / medians["mount"], 3)}
