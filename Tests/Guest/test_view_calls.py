"""Any order of calls, and any data, through a view of a real share: the namespace tests' own script, in the guest. On Linux 6.1 nothing
passes the view by, so its reads and writes past the source's pages are what is tried."""

import contextlib
import pathlib
import shutil
from collections.abc import Iterator

import pytest

from Lab.processes import wait_until

pytestmark = pytest.mark.full

SCRIPT = pathlib.Path(__file__).parents[1] / "NamespaceTests" / "Fixtures" / "view.py"


@contextlib.contextmanager
def viewed(world, share: str) -> Iterator[str]:
    source = f"/mnt/{share}/calls"
    (world.folders[share] / "calls").mkdir()
    world.guest.ssh(f"mkdir -p /mnt/calls; systemd-run --unit=calls --collect shareagent names view {source} /mnt/calls --form nfc")
    try:
        wait_until(lambda: world.guest.ssh("mountpoint -q /mnt/calls", check=False).returncode == 0, 30, "no view stands")
        yield source
    finally:
        world.guest.ssh("systemctl stop calls; rmdir /mnt/calls", check=False)
        shutil.rmtree(world.folders[share] / "calls")


# NFS keeps a name of its own for what is removed while it is open, so there the oracle's plain directory is none.
@pytest.mark.parametrize(("share", "check"), [("files", "data"), ("files", "oracle"), ("projects", "data")])
def test_calls_through_a_view_do_what_they_do_in_a_plain_directory(world, share, check):
    with viewed(world, share) as source:
        ran = world.guest.ssh(f"STEPS=400 python3 - {check} {source} /mnt/calls 2>&1 && echo passed", check=False, timeout=300,
                              stdin=SCRIPT.read_text(encoding="utf-8"))
    # What it says is the reason where it fails, with its seed in it.
    assert ran.stdout.endswith("passed\n"), ran.stdout
