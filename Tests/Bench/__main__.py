"""`make bench`: prints one JSON object; progress goes to stderr."""

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

from . import attaching, footprint

MANY = 20
UNIT, OTHER = "shareagent.service", "qemu-guest-agent.service"
OTHER_PORT = "org.qemu.guest_agent.0"


def offer_many(world: World) -> None:
    """Exports that are attached only when they are asked for."""
    for name in attaching.names(MANY):
        world.host.shares.append({"name": name, "source": {"type": "nfs", "server": HOST, "export": f"/{name}", "version": "4.2"},
                                  "attach": "manual"})


def main() -> int:
    progress, result = Progress(), {"machine": {"cpus": os.cpu_count(), "kernel": platform.release(), "guest": "bookworm, QEMU TCG, 1 CPU"}}
    with tempfile.TemporaryDirectory(prefix="shareagent-bench-") as folder:
        tree = pathlib.Path(folder)
        for name in ("shareagent", "shareagent-host"):
            programs.unpacked(name, tree)
        result["bytes"] = footprint.sizes(tree)
        result["startMilliseconds"] = footprint.start_milliseconds(tree)
    with progress.step("guest with servers, attached"):
        world = World(image.with_packages("bookworm", [programs.package("shareagent")], progress.say))
        world.extra_exports = attaching.names(MANY)
        world.extra_ports = [OTHER_PORT]
    try:
        world.start_servers()
        world.start_host()
        offer_many(world)
        world.host.shares.append({"name": "scratch", "source": {"type": "tmpfs", "sizeBytes": 1 << 20}})
        world.host.apply()
        with progress.step("the guest boots"):
            world.boot()
            world.guest.await_cloud_init()
            world.await_well()
            world.await_share("scratch", state="attached", health="ok")
        result["attach"] = []
        for count in (1, MANY):
            with progress.step(f"attaching {count} NFS shares, with mount(8) and with the agent"):
                result["attach"].append(attaching.measure(world, count))
        with progress.step("memory with 4 shares, and wakeups of a minute with a host"):
            result["memoryKiB"] = {unit: footprint.memory(world, unit) for unit in (UNIT, OTHER)}
            result["wakeupsWithHost"] = footprint.wakeups(world, [UNIT, OTHER])
        with progress.step("wakeups of a minute without a host and without shares"):
            # Without its catalog too: with it the agent would attach again what it remembers.
            world.host.stop()
            world.guest.ssh("systemctl stop shareagent; rm /var/lib/shareagent/catalog.json; umount --all --types virtiofs,nfs4,cifs; "
                            "umount /mnt/scratch; systemctl start shareagent; sleep 10", timeout=120)
            result["wakeupsWithoutHost"] = footprint.wakeups(world, [UNIT, OTHER])
    finally:
        world.close()
    print(json.dumps(result, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
