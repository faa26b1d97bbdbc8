"""`make bench`: prints one JSON object; progress goes to stderr. `ARGS="--only nfs --away only --rounds 1"` measures a part."""

import argparse
import json
import os
import pathlib
import platform
import sys
import tempfile

from Lab import image, programs
from Lab.network import HOST
from Lab.progress import Progress
from Lab.world import World

from . import attaching, footprint, hundred, names, speed, views

MANY = 20
UNIT, OTHER = "shareagent.service", "qemu-guest-agent.service"
OTHER_PORT = "org.qemu.guest_agent.0"
KINDS = [kind.name for kind in speed.KINDS]
# These need none of the guest with servers: nothing is run in a guest, or in guests of their own.
APART = ["footprint", "names", "views"]
PARTS = [*APART, "attach", "idle", "hundred", *KINDS]


def offer_many(world: World) -> None:
    """Exports that are attached only when they are asked for."""
    for name in attaching.names(MANY):
        world.host.shares.append({"name": name, "source": {"type": "nfs", "server": HOST, "export": f"/{name}", "version": "4.2"},
                                  "attach": "manual"})


def sizes() -> dict:
    with tempfile.TemporaryDirectory(prefix="shareagent-bench-") as folder:
        tree = pathlib.Path(folder)
        for name in ("shareagent", "shareagent-host"):
            programs.unpacked(name, tree)
        return {"bytes": footprint.sizes(tree), "startMilliseconds": footprint.start_milliseconds(tree)}


def prepared(parts: set[str], progress: Progress) -> World:
    """A guest with nfs-common in it: its udev rule is what a read-ahead has to hold out against."""
    world = World(image.with_packages("bookworm", [programs.package("shareagent")], progress.say, flavor="servers"))
    try:
        world.extra_exports = attaching.names(MANY) + (hundred.exports() if "hundred" in parts else [])
        world.extra_smb = hundred.smb_shares() if "hundred" in parts else []
        world.extra_ports = [OTHER_PORT]
        world.start_servers()
        speed.offer(world, parts)
        for folder in {kind.folder for kind in speed.KINDS if kind.name in parts and kind.folder}:
            speed.fill(world.folders[folder])
        world.start_host()
        speed.offer_manually(world, parts)
        offer_many(world)
        if "hundred" in parts:
            hundred.offer(world)
        world.host.shares.append({"name": "scratch", "source": {"type": "tmpfs", "sizeBytes": 1 << 20}})
        world.host.apply()
        return world
    except BaseException:
        world.close()
        raise


AWAY = {"no": [False], "only": [True], "both": [False, True]}


def speeds(world: World, parts: set[str], chosen: argparse.Namespace, progress: Progress, result: dict) -> None:
    results = result["speed"] = []
    speed.fill_clusters(world, parts)
    for delayed in AWAY[chosen.away]:
        speed.delay(world, delayed)
        for kind in speed.KINDS:
            if kind.name in parts and (kind.crosses_network or not delayed):
                with progress.step(f"{kind.name}{', ' + speed.DELAY + ' away' if delayed else ''}: mount(8)'s default and tuned"):
                    results.append(speed.measure(world, kind, delayed, chosen.rounds))
    speed.delay(world, False)


def idle(world: World) -> dict:
    result = {"memoryKiB": {unit: footprint.memory(world, unit) for unit in (UNIT, OTHER)},
              "wakeupsWithHost": footprint.wakeups(world, [UNIT, OTHER])}
    # Without its catalog too: with it the agent would attach again what it remembers.
    world.host.stop()
    world.guest.ssh("systemctl stop shareagent; rm /var/lib/shareagent/catalog.json; umount --all --types virtiofs,nfs4,cifs; "
                    "umount /mnt/scratch; systemctl start shareagent; sleep 10", timeout=120)
    return result | {"wakeupsWithoutHost": footprint.wakeups(world, [UNIT, OTHER])}


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description=__doc__)
    parser.add_argument("--only", action="append", choices=PARTS, help="measure this part (may be repeated); else all of them")
    parser.add_argument("--rounds", type=int, default=speed.ROUNDS, help="rounds of each speed measurement (default %(default)s)")
    parser.add_argument("--away", choices=AWAY, default="both", help=f"servers beside the guest, {speed.DELAY} away, or both (default)")
    chosen = parser.parse_args(words)
    parts, progress = set(chosen.only or PARTS), Progress()
    result: dict = {"machine": {"cpus": os.cpu_count(), "kernel": platform.release(), "guest": "bookworm, QEMU TCG, 1 CPU"}}
    if "footprint" in parts:
        result |= sizes()
    if "names" in parts:
        result["names"] = names.measure(chosen.rounds, progress)
    if "views" in parts:
        result["views"] = views.measure(chosen.rounds, progress)
    if parts <= set(APART):
        print(json.dumps(result, indent=1))
        ended = {end for part in ("names", "views") for end in result.get(part, {})}
        return 130 if "interrupted" in ended else 1 if "failed" in ended else 0
    with progress.step("guest with servers"):
        world = prepared(parts, progress)
    try:
        with progress.step("the guest boots"):
            world.boot()
            world.guest.await_cloud_init()
            world.await_share("scratch", timeout=120, state="attached", health="ok")
        if parts & set(KINDS):
            speeds(world, parts, chosen, progress, result)
        if "attach" in parts:
            result["attach"] = []
            for count in (1, MANY):
                with progress.step(f"attaching {count} NFS shares, with mount(8) and with the agent"):
                    result["attach"].append(attaching.measure(world, count))
        if "hundred" in parts:
            with progress.step("attaching 100 shares of three kinds, with mount(8) and with the agent"):
                result["hundred"] = hundred.measure(world, UNIT)
        if "idle" in parts:
            with progress.step("memory with the usual shares, and wakeups of two idle minutes"):
                world.guest.ssh("shareagent attach files projects team --wait 2m", timeout=150)
                result |= idle(world)
        return 0
    except KeyboardInterrupt:
        result["interrupted"] = True
        return 130
    finally:
        world.close()
        # What was measured before an error or a Ctrl-C is not lost.
        if "speed" in result:
            result["goals"] = speed.judged(result["speed"])
        print(json.dumps(result, indent=1))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
