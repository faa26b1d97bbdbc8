"""A guest whose host says nothing: it starts as usual, says so, and works as soon as the host comes."""

import time

import pytest

from Lab.processes import wait_until
from Lab.world import GREETINGS

pytestmark = pytest.mark.full


def test_attach_without_an_answering_host_ends_in_time_with_three(world):
    """A guest that remembers neither a catalog nor mounts; one that does attaches, or takes over, what it remembers."""
    world.guest.ssh("systemctl stop shareagent; umount /mnt/files /mnt/projects /mnt/team; "
                    "rm /var/lib/shareagent/catalog.json /run/shareagent/mounts.json")
    world.host.stop()
    began = time.monotonic()
    ended = world.guest.ssh("shareagent attach --wait 5s --json", check=False)
    took = time.monotonic() - began
    assert ended.returncode == 3, ended.stdout + ended.stderr
    assert "channel-" in ended.stdout + ended.stderr
    assert took < 20


def test_without_a_daemon_attach_does_the_whole_job_and_ends(world):
    world.guest.ssh("systemctl stop shareagent")
    world.guest.ssh("umount /mnt/files /mnt/projects /mnt/team")
    ended = world.guest.ssh("shareagent attach --wait 60s", check=False, timeout=90)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert set(world.mount_ids()) >= {f"/mnt/{name}" for name in GREETINGS}
    assert world.guest.ssh("systemctl is-active shareagent", check=False).stdout.strip() == "inactive"


def test_a_late_host_finds_a_guest_that_waits(world):
    world.host.stop()
    world.guest.ssh("systemctl restart shareagent")
    wait_until(lambda: world.status()["channel"]["state"] in ("waiting", "absent"), 30, "the channel is not said to be waiting")
    world.host.start()
    wait_until(lambda: world.status()["channel"]["state"] == "connected", 30, "the guest does not notice its host")


def test_a_port_that_is_unplugged_and_plugged_in_again_is_used_again(world):
    world.host.stop()
    world.guest.unplug_port()
    wait_until(lambda: world.status()["channel"]["state"] == "absent", 30, "the channel is not said to be absent")
    world.guest.plug_port()
    world.host.start()
    wait_until(lambda: world.status()["channel"]["state"] == "connected", 60, "the guest does not use the new port")


def test_a_daemon_without_a_port_at_all_is_harmless(world):
    failed = world.guest.ssh("systemctl --failed --no-legend --plain").stdout
    assert "shareagent" not in failed
