"""From power-on: cloud-init attaches virtiofs, NFS 4.2 and SMB 3.1.1, and both ends agree on it."""

import pytest

from Lab.world import AGENT_LOG, GREETINGS, World, matches

ATTACHED = {"state": "attached", "health": "ok"}


def expect_all_attached(world: World) -> None:
    for name, greeting in GREETINGS.items():
        share = world.await_share(name, timeout=60, **ATTACHED)
        assert share["target"] == f"/mnt/{name}"
        assert world.guest.ssh(f"cat /mnt/{name}/hello.txt").stdout == greeting + "\n"


def test_cloud_init_attaches_everything_and_the_command_ends_with_zero(booted):
    said = booted.guest.ssh(f"cat {AGENT_LOG}.out; cat {AGENT_LOG}.exit").stdout
    assert said.endswith("\n0\n") or said == "0\n", said
    expect_all_attached(booted)


def test_the_kernel_confirms_types_versions_and_safe_options(booted):
    mounts = {line.split()[1]: line.split() for line in booted.guest.ssh("cat /proc/mounts").stdout.splitlines()}
    assert mounts["/mnt/files"][2] == "virtiofs"
    assert mounts["/mnt/projects"][2] == "nfs4" and "vers=4.2" in mounts["/mnt/projects"][3].split(",")
    assert mounts["/mnt/team"][2] == "cifs" and "vers=3.1.1" in mounts["/mnt/team"][3].split(",")
    for target in ("/mnt/files", "/mnt/projects", "/mnt/team"):
        assert {"rw", "nosuid", "nodev"} <= set(mounts[target][3].split(",")), mounts[target]


@pytest.mark.parametrize("name", GREETINGS)
def test_what_the_guest_writes_the_host_reads(booted, name):
    booted.guest.ssh(f"echo 'written in the guest' >/mnt/{name}/from-guest.txt && sync /mnt/{name}/from-guest.txt")
    assert (booted.folders[name] / "from-guest.txt").read_text() == "written in the guest\n"


def test_guest_and_host_say_the_same_of_each_share(booted):
    compared = ("name", "type", "source", "target", "state", "health", "access", "mountId", "revision")
    for name in GREETINGS:
        in_guest = booted.await_share(name, **ATTACHED)
        on_host = booted.on_host(name)
        assert on_host, f"sharehost does not know '{name}': {booted.host.status()}"
        assert {key: in_guest.get(key) for key in compared} == {key: on_host.get(key) for key in compared}
    mounted = booted.mount_ids()
    for name in GREETINGS:
        assert str(booted.share(name)["mountId"]) == mounted[f"/mnt/{name}"]


def test_the_table_for_people_names_each_share_and_how_it_is(booted):
    table = booted.guest.ssh("shareagent status").stdout
    for name in GREETINGS:
        row = next(line for line in table.splitlines() if name in line.split())
        assert "attached" in row and f"/mnt/{name}" in row


def test_attach_again_changes_nothing_and_says_so_with_zero(booted):
    before = booted.mount_ids()
    ended = booted.guest.ssh("shareagent attach --wait 20s --json", check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert booted.mount_ids() == before


def test_list_shows_what_the_host_offers(booted):
    offered = booted.guest.ssh("shareagent list --json").stdout
    assert all(f'"{name}"' in offered for name in GREETINGS)


@pytest.mark.full
def test_the_same_after_a_reboot(world):
    world.guest.reboot()
    expect_all_attached(world)
    assert all(matches(world.on_host(name), ATTACHED) for name in GREETINGS)
