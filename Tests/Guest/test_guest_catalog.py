"""Shares without a host peer: a catalog in the VM's firmware tables, which systemd hands over as a credential."""

import base64
import json

import pytest

from Lab import image, programs
from Lab.world import GREETINGS, World

pytestmark = pytest.mark.full

CATALOG = """
shares:
  - name: scratch
    source: {type: tmpfs, sizeBytes: 1048576}
  - name: same-files
    source: {type: virtiofs, tag: files}
    access: ro
  - name: outside
    source: {type: tmpfs}
    target: /etc
"""


def firmware_string(text: str) -> str:
    return "io.systemd.credential.binary:shareagent.catalog=" + base64.b64encode(text.encode()).decode()


@pytest.fixture(scope="module", params=["bookworm", "trixie"])
def alone(request):
    """A guest whose host peer never runs."""
    world = World(image.with_packages(request.param, [programs.package("shareagent")], print))
    try:
        world.start_servers()
        world.start_host()
        world.host.stop()
        world.guest.firmware_strings.append(firmware_string(CATALOG))
        world.boot()
        yield world
    finally:
        world.close()


def test_a_catalog_in_the_firmware_is_attached_without_a_host(alone):
    guest = alone.guest
    alone.await_share("scratch", timeout=120, state="attached", health="ok")
    alone.await_share("same-files", timeout=60, state="attached", health="ok")
    alone.await_share("outside", state="refused", cause="target-outside-roots")
    assert guest.ssh("cat /mnt/same-files/hello.txt").stdout == GREETINGS["files"] + "\n"
    offered = {entry["share"]["name"]: entry["offeredBy"]
               for entry in json.loads(guest.ssh("shareagent list --json").stdout)["shares"]}
    assert offered["scratch"] == offered["same-files"] == "credential"
    # What the unit is given makes no mount namespace of its own.
    assert guest.ssh("readlink /proc/1/ns/mnt").stdout == guest.ssh("readlink /proc/$(pidof shareagentd)/ns/mnt").stdout
    if guest.ssh("uname -r").stdout.startswith("6.12."):
        # The host's word for a tag hides the device; virtiofs shows tags from Linux 6.9 on.
        assert "files" not in offered


def test_without_a_daemon_the_command_takes_it_too(alone):
    guest = alone.guest
    guest.ssh("systemctl stop shareagent; umount /mnt/scratch /mnt/same-files; rm -rf /run/shareagent/mounts.json")
    try:
        guest.ssh("shareagent attach scratch same-files --wait 30s", timeout=90)
        assert guest.ssh("cat /mnt/same-files/hello.txt").stdout == GREETINGS["files"] + "\n"
    finally:
        guest.ssh("systemctl start shareagent")


def test_a_broken_one_is_told_and_does_no_harm(alone):
    guest = alone.guest
    guest.ssh("mkdir -p /run/systemd/system/shareagent.service.d; printf 'shares:\\n  - name: [' >/root/broken; printf "
              "'[Service]\\nLoadCredential=shareagent.catalog:/root/broken\\n' >/run/systemd/system/shareagent.service.d/broken.conf;"
              " systemctl daemon-reload; systemctl restart shareagent")
    try:
        assert guest.ssh("systemctl is-active shareagent").stdout.strip() == "active"
        assert "is passed over" in guest.ssh("journalctl -u shareagent -n 20 -o cat --no-pager").stdout
    finally:
        guest.ssh("rm /run/systemd/system/shareagent.service.d/broken.conf; systemctl daemon-reload; systemctl restart shareagent")
    alone.await_share("scratch", timeout=60, state="attached", health="ok")
