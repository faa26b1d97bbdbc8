"""The same packages in Debian 13, kernel 6.12."""

import pytest

from Lab import image, network, programs
from Lab.world import GREETINGS, World

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def trixie():
    """A guest of its own; the shared one has the same addresses in a network of its own."""
    booted = image.with_packages("trixie", [programs.package("shareagent")], print)
    world = World.ready(booted)
    try:
        yield world
    finally:
        world.close()


def test_from_power_on_and_after_a_reboot_everything_is_attached(trixie):
    assert trixie.guest.ssh("uname -r").stdout.startswith("6.12.")
    for name, greeting in GREETINGS.items():
        trixie.await_share(name, timeout=60, state="attached", health="ok")
        assert trixie.guest.ssh(f"cat /mnt/{name}/hello.txt").stdout == greeting + "\n"
    trixie.guest.reboot()
    trixie.await_well()


def test_nfs_4_2_is_attached_too(trixie):
    """Attached and looked at, not read: see the note on READ_PLUS in Lab/world.py."""
    trixie.change(lambda host: host.shares.append(
        {"name": "newest", "source": {"type": "nfs", "server": network.HOST, "export": "/projects", "version": "4.2"}}))
    trixie.await_share("newest", timeout=60, state="attached", health="ok")
    assert "vers=4.2" in trixie.guest.ssh("grep ' /mnt/newest ' /proc/mounts").stdout
    assert trixie.guest.ssh("ls /mnt/newest").stdout.splitlines() == ["hello.txt"]
