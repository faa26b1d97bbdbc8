"""Shares with `names:`: an NFS share that holds GBK names, shown in UTF-8 by a view that the agent keeps alive; SMB by mount options."""

import os

import pytest

from Lab.processes import wait_until

ATTACHED = {"state": "attached", "health": "ok"}
RAW = "/run/shareagent/raw/projects"
GBK = b"\xc4\xe3\xba\xc3.doc"


@pytest.fixture
def gbk(world):
    """The NFS share with a file of a GBK name, offered with that encoding."""
    folder = os.fsencode(world.folders["projects"])
    before = set(os.listdir(folder))
    with open(os.path.join(folder, GBK), "w", encoding="utf-8") as file:
        file.write("gbk")
    world.change(lambda host: host.shares[1].update(names={"encoding": "gb18030"}))
    wait_until(lambda: (world.share("projects") or {}).get("names", {}).get("view", {}).get("state") == "standing", 60, "no view stands")
    world.await_share("projects", **ATTACHED)
    yield folder
    world.guest.ssh("test -e /usr/libexec/shareagent/hidden && mv /usr/libexec/shareagent/hidden /usr/libexec/shareagent/share-names-view",
                    check=False)
    world.change(lambda host: host.shares[1].pop("names"))
    wait_until(lambda: "names" not in (world.share("projects") or {"names": 1}), 60, "the view is still there")
    world.await_well()
    for name in set(os.listdir(folder)) - before:
        os.unlink(os.path.join(folder, name))


def view_of(world) -> dict:
    return world.share("projects")["names"]["view"]


def test_an_nfs_share_of_old_names_is_shown_in_utf8_and_its_view_is_kept_alive(world, gbk):
    guest = world.guest
    # Other scenarios leave files of their own.
    before = sorted(name for name in os.listdir(gbk) if not name.startswith(b".nfs"))
    assert {"hello.txt", "你好.doc"} <= set(guest.ssh("ls /mnt/projects").stdout.split())
    assert guest.ssh("cat /mnt/projects/你好.doc").stdout == "gbk"
    guest.ssh("cd /mnt/projects && echo new >再见.txt && sync 再见.txt && mv 再见.txt 后会有期.txt")
    assert "后会有期.txt".encode("gb18030") in os.listdir(gbk)
    guest.ssh("rm /mnt/projects/后会有期.txt")
    assert sorted(name for name in os.listdir(gbk) if not name.startswith(b".nfs")) == before
    # What lies under the view is root's alone.
    assert guest.ssh(f"setpriv --reuid 1 --clear-groups ls {RAW}", check=False).returncode != 0
    told = guest.ssh("shareagent explain projects; shareagent status projects").stdout
    assert "encoding gb18030" in told and "stands" in told and "names of projects" in told

    # kill -9: it is laid again by itself, and nobody writes into the bare directory meanwhile.
    first = view_of(world)["process"]
    guest.ssh(f"kill -9 {first}")
    wait_until(lambda: view_of(world)["process"] != first and view_of(world)["state"] == "standing", 30, "the view was not laid again")
    world.await_share("projects", **ATTACHED)
    assert "你好.doc" in guest.ssh("ls /mnt/projects").stdout
    # Each of the two ends knows what it does and for how many names.
    wait_until(lambda: view_of(world).get("names") == 1, 60, "the names were not counted")
    wait_until(lambda: (world.on_host("projects") or {}).get("names", {}).get("view", {}).get("names") == 1, 60, "the host does not know")

    # Unmounted by somebody else, it is there again when an attach returns.
    assert "你好.doc" in guest.ssh("umount /mnt/projects && shareagent attach projects >/dev/null && ls /mnt/projects").stdout

    # The daemon ends and comes back; the view stays what it is.
    before, mounts = view_of(world)["process"], world.mount_ids()
    guest.ssh("systemctl restart shareagent")
    world.await_share("projects", **ATTACHED)
    assert view_of(world)["process"] == before and world.mount_ids() == mounts
    # At shutdown it goes before the share that it shows.
    assert "run-shareagent-raw-projects.mount" in guest.ssh("systemctl show -p After 'shareagent-view-projects-*'").stdout
    assert guest.ssh("systemctl show -p ActiveState --value 'shareagent-view-projects-*'").stdout.split() == ["active"]


@pytest.mark.full
def test_a_view_that_is_stopped_is_told_apart_from_its_share_and_replaced(world, gbk):
    guest = world.guest
    stopped = view_of(world)["process"]
    guest.ssh(f"kill -STOP {stopped}")
    share = world.await_share("projects", timeout=60, state="attached", health="stalled")
    assert share["cause"]["code"] == "view-failed" and view_of(world)["state"] == "stuck"
    wait_until(lambda: view_of(world)["process"] != stopped, 90, "the view was not replaced")
    world.await_share("projects", **ATTACHED)
    assert "你好.doc" in guest.ssh("ls /mnt/projects").stdout
    # The share's own silence is told as such, and the same view goes on after it.
    before = view_of(world)["process"]
    server = world.lab.servers["nfs"]
    server.freeze()
    share = world.await_share("projects", timeout=60, state="attached", health="stalled")
    assert share["cause"]["code"] == "server-stopped-answering"
    server.thaw()
    world.await_share("projects", timeout=90, **ATTACHED)
    assert view_of(world)["process"] == before


@pytest.mark.full
def test_other_rules_a_program_that_is_missing_and_a_detach_under_users(world, gbk):
    guest = world.guest
    raw = guest.ssh(f"findmnt -no ID {RAW}").stdout
    world.change(lambda host: host.shares[1].update(names={"encoding": "big5-hkscs"}))
    wait_until(lambda: "你好.doc" not in guest.ssh("ls /mnt/projects").stdout, 30, "the rules are the old ones")
    assert guest.ssh(f"findmnt -no ID {RAW}").stdout == raw
    guest.ssh("systemd-run --quiet --collect --unit=holder sh -c 'exec sleep 300 </mnt/projects/hello.txt'")
    try:
        answer = guest.ssh("shareagent detach projects", check=False)
        assert answer.returncode != 0 and "sleep" in answer.stdout + answer.stderr
        assert guest.ssh("cat /mnt/projects/hello.txt").returncode == 0
    finally:
        guest.ssh("systemctl stop holder")
    guest.ssh("shareagent detach projects")
    assert "projects" not in world.mountinfo()
    guest.ssh("cd /usr/libexec/shareagent && mv share-names-view hidden")
    guest.ssh("shareagent attach projects", check=False)
    world.await_share("projects", state="failed", cause="helper-missing")
    assert "projects" not in world.mountinfo()
    guest.ssh("cd /usr/libexec/shareagent && mv hidden share-names-view && shareagent attach projects")
    world.await_share("projects", **ATTACHED)


def test_smb_does_it_by_mount_options(world):
    world.change(lambda host: host.shares[2].update(names={"reserved": "sfu", "encoding": "cp936"}))
    wait_until(lambda: "mapchars" in world.mount_options("team"), 60, "the mapping is not in force")
    share = world.await_share("team", **ATTACHED)
    assert share["names"]["by"] == "options" and "iocharset=utf8" in world.mount_options("team")
    world.guest.ssh("cd /mnt/team && echo x >'wie: geht es?' && rm 'wie: geht es?'")


@pytest.mark.full
def test_a_charset_that_the_kernel_has_no_module_for_is_told_before_the_mount(world):
    module = "$(ls /lib/modules/$(uname -r)/kernel/fs/nls/nls_koi8-u.ko*)"
    world.guest.ssh(f"mv {module} /root/ && depmod", timeout=180)
    try:
        world.change(lambda host: host.shares[2].update(options={"iocharset": "koi8-u"}))
        share = world.await_share("team", timeout=60, state="failed", cause="charset-unavailable")
        assert "nls_koi8-u" in share["cause"]["message"] and "linux-image" in " ".join(share["cause"]["remedy"])
    finally:
        world.guest.ssh("mv /root/nls_koi8-u.ko* /lib/modules/$(uname -r)/kernel/fs/nls/ && depmod", timeout=180)
    world.guest.ssh("shareagent attach team")
    world.await_share("team", **ATTACHED)
    assert "iocharset=koi8-u" in world.mount_options("team")
