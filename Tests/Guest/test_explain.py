"""`explain` in a guest with nfs-common (whose udev rule sets the read-ahead of NFS back) and cifs-utils: read-ahead that holds, what was
agreed upon, and commands that do by hand what the agent does."""

import json
import re

import pytest

from Lab import image, lab, programs
from Lab.processes import wait_until
from Lab.world import World

pytestmark = pytest.mark.full

READ_AHEAD = "cat /sys/class/bdi/$(mountpoint -d /mnt/projects)/read_ahead_kb"
MIB_128 = 128 << 20


@pytest.fixture(scope="module")
def servers():
    """A guest of its own, of the flavor with mount helpers."""
    world = World.ready(image.with_packages("bookworm", [programs.package("shareagent")], print, flavor="servers"))
    try:
        world.guest.ssh("mkdir -p /etc/shareagent/agent.d && cat >/etc/shareagent/agent.d/probe.yaml && systemctl reload shareagent",
                        stdin="probe: {interval: 2s}\n")
        world.await_well()
        yield world
    finally:
        world.close()


def explain(world: World, *words: str) -> dict:
    """What is refused is explained too, with an exit status that says so."""
    return json.loads(world.guest.ssh(f"shareagent explain --json {' '.join(words)}", check=False).stdout)["explanation"]


def option(told: dict, name: str) -> dict:
    return next(entry for entry in told["options"] if entry["name"] == name)


def agreed(told: dict) -> dict[str, str]:
    return {fact["name"]: fact["value"] for fact in told["negotiated"]}


def options_in_force(world: World, name: str) -> set[str]:
    """What the mount table says of a share's mount, without what differs from mount to mount."""
    row = next(row for row in map(str.split, world.mountinfo().splitlines()) if row[4] == f"/mnt/{name}")
    return set(",".join([row[5], row[-1]]).split(","))


def test_the_read_ahead_of_nfs_holds_against_the_udev_rule(servers):
    guest = servers.guest
    assert "nfsrahead" in guest.ssh("cat /lib/udev/rules.d/99-nfs.rules /usr/lib/udev/rules.d/99-nfs.rules 2>/dev/null").stdout
    said = "journalctl -u shareagent -o cat --no-pager | grep -c 'something had set its read-ahead to 128 KiB' || true"
    guest.ssh("shareagent detach projects && shareagent attach projects && sleep 1")
    before = int(guest.ssh(said).stdout)
    assert guest.ssh(READ_AHEAD).stdout == "4096\n", "a second after the mount"
    guest.ssh("udevadm trigger --action=add --subsystem-match=bdi && udevadm settle")
    wait_until(lambda: guest.ssh(READ_AHEAD).stdout == "4096\n", 30, "the next probe does not put the read-ahead right", every=0.5)
    wait_until(lambda: int(guest.ssh(said).stdout) == before + 1, 10, "nobody says that it was changed")
    guest.ssh("udevadm trigger --action=add --subsystem-match=bdi && udevadm settle")
    wait_until(lambda: guest.ssh(READ_AHEAD).stdout == "4096\n", 30, "only the first change is put right", every=0.5)
    assert int(guest.ssh(said).stdout) == before + 1, "it is told once for each mount"


def test_a_sequential_reader_of_nfs_needs_few_calls(servers):
    with open(servers.folders["projects"] / "large", "wb") as file:
        file.truncate(MIB_128)
    reads = r"awk '/ mounted on \/mnt\/projects /{here=1} /^device/&&!/projects/{here=0} here&&/ READ:/{print $2}' /proc/self/mountstats"
    servers.guest.ssh("echo 3 >/proc/sys/vm/drop_caches")
    before = int(servers.guest.ssh(reads).stdout)
    servers.guest.ssh("dd if=/mnt/projects/large of=/dev/null bs=128k status=none", timeout=300)
    calls = int(servers.guest.ssh(reads).stdout) - before
    assert 128 <= calls <= 140, f"{calls} READ calls for 128 MiB"


def test_what_was_agreed_upon_is_told(servers):
    projects = explain(servers, "projects")
    assert projects["state"] == "attached" and projects["mountId"] > 0
    assert option(projects, "rsize")["effective"] == "1048576"
    assert option(projects, "read_ahead_kb")["effective"] == "4096"
    assert option(projects, "addr")["origin"] == "kernel"
    assert agreed(projects)["version"] == "4.2" and agreed(projects)["lease"].endswith(" s")
    team = explain(servers, "team")
    assert agreed(team)["dialect"] == "3.1.1" and agreed(team)["signing"] == "yes" and agreed(team)["encryption"] == "no"
    assert option(team, "echo_interval")["effective"] == "10"
    assert all("difference" not in entry for told in (projects, team, explain(servers, "files")) for entry in told["options"])
    assert "shareagent: " not in servers.guest.ssh("shareagent explain team 2>&1").stdout


def test_the_commands_that_are_told_mount_the_same(servers):
    guest = servers.guest
    # The password file that the command names; here the lab knows what an administrator would write into it.
    guest.ssh("umask 077; cat >/root/team.credentials", stdin=f"username={lab.USER}\npassword={lab.PASSWORD}\n")
    guest.ssh("cat >/root/more.yaml", stdin="shares: [{name: scratch, source: {type: tmpfs, sizeBytes: 1048576}}]\n")
    guest.ssh("shareagent attach --from /root/more.yaml scratch")
    for name in ("projects", "team", "files", "scratch"):
        agents = options_in_force(servers, name)
        told = explain(servers, name)
        guest.ssh(f"shareagent detach {name}")
        try:
            for command in told["commands"]:
                guest.ssh(command)
            by_hand = options_in_force(servers, name)
            # mount.cifs leaves access times to the server and says nothing of them; only the agent marks its mounts.
            assert agents - {"noatime"} == by_hand - {"noatime", "relatime"}, name
            guest.ssh(f"ls /mnt/{name}")
            if name == "projects":
                assert guest.ssh(READ_AHEAD).stdout == "4096\n"
        finally:
            guest.ssh(f"umount /mnt/{name}", check=False)
        guest.ssh(f"shareagent attach {'--from /root/more.yaml ' if name == 'scratch' else ''}{name}")
    assert lab.PASSWORD not in json.dumps(explain(servers, "team"))


def test_the_kernel_is_asked_and_a_wrong_option_is_named_before_any_server(servers):
    """Linux 6.1 knows neither alignwrite nor encrypted RPCs."""
    guest = servers.guest
    guest.ssh("cat >/root/new.yaml", stdin="""shares:
  - {name: aligned, source: {type: nfs, server: 10.77.0.99, export: /x}, options: {noalignwrite: ""}}
  - {name: sealed, source: {type: nfs, server: 10.77.0.99, export: /x, transport: tls}}
""")
    for name, code, words in (("aligned", "option-unknown", "noalignwrite"), ("sealed", "security-unsupported", "xprtsec=tls")):
        told = json.loads(guest.ssh(f"shareagent attach --json --from /root/new.yaml {name}", check=False).stdout)
        cause = told["shares"][0]["cause"]
        assert cause["code"] == code and words in cause["message"], cause
        assert explain(servers, name, "--from", "/root/new.yaml")["cause"]["code"] == code
    guest.ssh("shareagent detach aligned sealed", check=False)


def test_explain_answers_while_the_server_hangs(servers):
    servers.lab.servers["nfs"].freeze()
    try:
        began = float(servers.guest.ssh("cut -d' ' -f1 /proc/uptime").stdout)
        told = explain(servers, "projects")
        took = float(servers.guest.ssh("cut -d' ' -f1 /proc/uptime").stdout) - began
        assert told["mountId"] > 0 and re.fullmatch(r"after \d+ s of silence.*", agreed(told)["keepalive"])
        assert took < 10, f"{took} s"
    finally:
        servers.lab.servers["nfs"].thaw()
    servers.await_well(timeout=120)
