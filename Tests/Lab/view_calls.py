"""A view by hand over a directory of a share, and the namespace tests' own script through it: any order of calls, and any data."""

import contextlib
import pathlib
from collections.abc import Iterator

from .processes import wait_until
from .world import World

SCRIPT = pathlib.Path(__file__).parents[1] / "NamespaceTests" / "Fixtures" / "view.py"


@contextlib.contextmanager
def viewed(world: World, share: str) -> Iterator[str]:
    """What is shown at /mnt/calls meanwhile."""
    source = f"/mnt/{share}/calls"
    # Made and removed in the guest: what a server does by itself its NFS client learns late.
    world.guest.ssh(f"mkdir -p {source} /mnt/calls && "
                    f"systemd-run --unit=calls --collect shareagent names view {source} /mnt/calls --form nfc")
    try:
        wait_until(lambda: world.guest.ssh("mountpoint -q /mnt/calls", check=False).returncode == 0, 30, "no view stands")
        yield source
    finally:
        world.guest.ssh(f"systemctl stop calls; rmdir /mnt/calls; rm -rf {source}", check=False)


def told(world: World, share: str, check: str) -> str:
    """What the script says: "passed" at the end, or the reason with its seed in it."""
    with viewed(world, share) as source:
        return world.guest.ssh(f"STEPS=400 python3 - {check} {source} /mnt/calls 2>&1 && echo passed", check=False, timeout=300,
                               stdin=SCRIPT.read_text(encoding="utf-8")).stdout
