"""9p by a device and by TCP, CephFS, GlusterFS: each against a real server, with what goes wrong with it."""

import json
import os
import signal

import pytest

from Lab import odd_names
from Lab.clusters import TAG
from Lab.network import HOST
from Lab.processes import wait_until
from Lab.world import matches

pytestmark = pytest.mark.full

ATTACHED = {"state": "attached", "health": "ok"}
KINDS = {"device9p": ("9p", "9p"), "server9p": ("9p", "9p"), "ceph": ("cephfs", "ceph"), "gluster": ("glusterfs", "fuse.glusterfs")}


def cephfs(**fields) -> dict:
    return {"type": "cephfs", "monitors": [HOST], **fields}


def glusterfs(**fields) -> dict:
    return {"type": "glusterfs", "servers": [HOST], "volume": "team", **fields}


# name, the share as written on the host, the cause it names
WRONG = [
    ("9p-tag", {"source": {"type": "9p", "tag": "never-plugged-in"}}, "tag-not-found"),
    ("9p-again", {"source": {"type": "9p", "tag": TAG}}, "tag-busy"),
    ("9p-tree", {"source": {"type": "9p", "server": HOST}, "options": {"aname": "/no/such/tree"}}, "access-denied"),
    ("9p-nobody", {"source": {"type": "9p", "server": HOST, "port": 5640}}, "connection-refused"),
    ("ceph-no-key", {"source": cephfs()}, "credential-missing"),
    ("ceph-wrong-key", {"source": cephfs(), "credential": "wrong-key"}, "credential-rejected"),
    ("ceph-no-user", {"source": cephfs(user="nobody-at-all"), "credential": "ceph-user"}, "credential-rejected"),
    ("ceph-not-base64", {"source": cephfs(), "credential": "not-base64"}, "credential-rejected"),
    ("ceph-password", {"source": cephfs(), "credential": "alice"}, "credential-missing"),
    ("ceph-nobody", {"source": cephfs(monitors=[f"{HOST}:6790"]), "credential": "ceph-user"}, "connection-refused"),
    ("ceph-no-path", {"source": cephfs(path="/no/such"), "credential": "ceph-user"}, "export-not-found"),
    ("ceph-no-fs", {"source": cephfs(filesystem="other"), "credential": "ceph-user"}, "server-unreachable"),
    ("ceph-fsid", {"source": cephfs(fsid="00000000-1111-2222-3333-444444444444"), "credential": "ceph-user"}, "export-not-found"),
    ("gluster-volume", {"source": glusterfs(volume="nothing")}, "export-not-found"),
    ("gluster-path", {"source": glusterfs(path="no/such")}, "export-not-found"),
    ("gluster-nobody", {"source": glusterfs(servers=["10.77.0.98", "10.77.0.99"])}, "server-unreachable"),
]


@pytest.mark.parametrize("name", KINDS)
def test_each_is_attached_and_what_is_written_comes_back(clusters, name):
    share = clusters.await_share(name, timeout=90, **ATTACHED)
    assert share["type"] == KINDS[name][0]
    fields = clusters.mounted(name)
    assert fields[2] == KINDS[name][1]
    assert {"rw", "nosuid", "nodev"} <= set(fields[3].split(",")), fields
    clusters.guest.ssh(f"head -c 3000000 /dev/urandom >/root/random && cp /root/random /mnt/{name}/random && sync /mnt/{name}/random"
                       f" && echo 3 >/proc/sys/vm/drop_caches && cmp /root/random /mnt/{name}/random")


def test_9p_shows_what_lies_on_the_host(clusters):
    assert clusters.guest.ssh("cat /mnt/device9p/hello.txt /mnt/server9p/hello.txt").stdout == "hello from qemu9p\nhello from diod\n"
    # The most that a virtio queue carries, and no less.
    assert "msize=512000" in clusters.mount_options("device9p")


MAKE_FOUR = f"""import os
os.mkdir(TREE)
for name, text in {odd_names.FOUR!r}.items():
    with open(os.path.join(TREE, name), "w") as file:
        file.write(text)
"""
LIST = "import os; print(sorted(os.listdir(TREE)))"


@pytest.mark.parametrize("name", KINDS)
def test_names_of_other_platforms_are_found_and_readable_in_a_view_of_each(clusters, name):
    clusters.await_share(name, timeout=90, **ATTACHED)
    guest, view = clusters.guest, "/mnt/readable"

    def python(program: str, tree: str) -> str:
        return guest.ssh("python3 -", stdin=f"TREE = {os.fsencode(tree)!r}\n{program}").stdout

    tree = f"/mnt/{name}/names"
    python(MAKE_FOUR, tree)
    before = python(LIST, tree)
    try:
        assert before == f"{sorted(odd_names.FOUR)}\n"
        found = json.loads(guest.ssh(f"shareagent names scan {tree} --json").stdout)
        counts = {finding["code"]: finding["count"] for finding in found["findings"]}
        assert found["names"] == 4 and counts["N1"] == 1 and counts["N2"] == 2 and counts["N4"] == 2, found
        guest.ssh(f"mkdir -p {view}; systemd-run --quiet --unit=names-view --collect shareagent names view {tree} {view} --form nfc")
        wait_until(lambda: f" {view} " in clusters.mountinfo(), 20, "the view is not mounted")
        assert python(LIST, view) == f"{sorted(name.encode() for name in odd_names.shown(odd_names.FOUR))}\n"
        contents = guest.ssh(f"cd {view}; for name in *; do cat \"$name\"; echo; done").stdout.split()
        assert sorted(contents) == sorted(odd_names.FOUR.values())
        decomposed = "$(printf 'cafe\\314\\201.txt')"
        assert guest.ssh(f"cat {view}/{decomposed}").stdout == "composed"
        guest.ssh(f"set -e; cd {view}; mv café.txt weg; cat café.txt; mv café.txt auch-weg; mv weg café.txt; mv auch-weg {decomposed}x")
        left = {*odd_names.FOUR, "café.txtx".encode()} - {"cafe\u0301.txt".encode()}
        assert python(LIST, tree) == f"{sorted(left)}\n"
        guest.ssh(f"cd {view} && rm *.txtx caf*.txt *.doc && mkdir -p ü/ö && rm -r ü")
        assert python(LIST, tree) == "[]\n"
    finally:
        guest.ssh(f"systemctl stop names-view; rm -rf {tree}", check=False)


def test_a_restarted_daemon_adopts_all_of_them(clusters):
    for name in KINDS:
        clusters.await_share(name, timeout=90, **ATTACHED)
    before = clusters.mount_ids()
    clusters.guest.ssh("systemctl restart shareagent")
    for name in KINDS:
        clusters.await_share(name, timeout=90, **ATTACHED)
    assert {target: clusters.mount_ids().get(target) for target in before} == before
    # The program that is the file system was not ended with the service.
    assert clusters.guest.ssh("cmp /root/random /mnt/gluster/random", check=False).returncode == 0
    assert "shareagent-gluster-" in clusters.guest.ssh("systemctl list-units --plain --no-legend 'shareagent-*'").stdout


def test_detaching_glusterfs_ends_its_program(clusters):
    clusters.guest.ssh("shareagent detach gluster")
    units = "systemctl list-units --plain --no-legend 'shareagent-*'"
    wait_until(lambda: "shareagent-gluster-" not in clusters.guest.ssh(units).stdout, 20, "the unit of GlusterFS is still there")
    assert "glusterfs" not in clusters.guest.ssh("ps -e -o comm").stdout
    clusters.guest.ssh("shareagent attach gluster --wait 60s", timeout=90)
    assert not clusters.guest.ssh("ls -A /run/shareagent/attaching").stdout


@pytest.fixture(scope="module")
def with_wrong_shares(clusters):
    before = clusters.host.snapshot()
    clusters.host.add_key("wrong-key", clusters.ceph.USER, "AQBfGwVpAAAAABAAKtqLx0DBGfTbG6GmW9oDVA==")
    clusters.host.add_key("not-base64", clusters.ceph.USER, "this is no key")
    for name in ("device9p", "ceph"):
        clusters.await_share(name, timeout=90, **ATTACHED)
    clusters.host.shares.extend({"name": name, **share} for name, share, _ in WRONG)
    clusters.host.apply()
    yield clusters
    clusters.host.configuration = before
    clusters.host.apply()


@pytest.mark.parametrize("name, share, cause", WRONG, ids=[row[0] for row in WRONG])
def test_a_wrong_share_gets_its_cause_and_a_remedy(with_wrong_shares, name, share, cause):
    status = with_wrong_shares.await_share(name, timeout=150, state="failed", cause=cause)
    assert status["cause"]["message"].strip() and status["cause"]["remedy"]
    assert not with_wrong_shares.mounted(name)


def test_the_key_of_ceph_is_in_no_place_that_others_read(clusters):
    watch = "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ /proc/keys >>/root/seen 2>/dev/null"
    clusters.guest.ssh("rm -f /root/seen /root/enough; shareagent detach ceph; ( while [ ! -e /root/enough ]; do " + watch + "; done ) & "
                       "shareagent attach ceph --wait 60s; touch /root/enough; wait", timeout=120)
    clusters.await_share("ceph", timeout=60, **ATTACHED)
    places = clusters.guest.ssh(
        "tr '\\0' ' ' </root/seen; cat /proc/mounts /proc/self/mountinfo /run/mount/utab; journalctl --no-pager -o export; dmesg;"
        " grep -r '' /var/lib/shareagent /run/shareagent 2>/dev/null; shareagent status --json; shareagent list --json", check=False,
        timeout=120).stdout
    assert "shareagent" in places
    for canary in (clusters.ceph.key, clusters.ceph.key[:20], clusters.ceph.key[-20:]):
        assert canary not in places
        assert canary not in clusters.host.log.read_text(errors="replace")
        assert canary not in clusters.host.run("status", "--json").stdout
    # Out of the keyring again, too.
    assert "shareagent:ceph" not in clusters.guest.ssh("cat /proc/keys").stdout


def test_a_ceph_cluster_without_its_metadata_server_says_so(clusters):
    clusters.guest.ssh("shareagent detach ceph")
    clusters.ceph.stop_daemon("mds")
    try:
        wait_until(clusters.ceph.misses_mds, 150, "the monitor still counts on its metadata server", every=1)
        clusters.guest.ssh("shareagent attach ceph --wait 30s", check=False, timeout=60)
        status = clusters.await_share("ceph", timeout=60, state="failed", cause="server-unreachable")
        assert "metadata server" in status["cause"]["message"]
    finally:
        clusters.ceph.start_mds()
    clusters.guest.ssh("shareagent attach ceph --wait 90s", timeout=120)
    clusters.await_share("ceph", timeout=90, **ATTACHED)


def test_glusterfs_in_a_subdirectory_and_with_a_dead_first_server(clusters):
    clusters.await_share("gluster", timeout=90, **ATTACHED)
    clusters.guest.ssh("mkdir -p /mnt/gluster/sub/dir && echo deep >/mnt/gluster/sub/dir/file")
    clusters.change(lambda host: host.shares.append(
        {"name": "deep", "source": glusterfs(servers=["10.77.0.98", HOST], path="sub/dir"), "access": "ro"}))
    clusters.await_share("deep", timeout=120, **ATTACHED)
    assert clusters.guest.ssh("cat /mnt/deep/file").stdout == "deep\n"
    assert clusters.guest.ssh("touch /mnt/deep/file", check=False).returncode != 0
    clusters.change(lambda host: host.shares.pop())
    clusters.await_gone("deep", timeout=60)


def test_glusterfs_with_one_brick_of_three_dead_is_attached_all_the_same(clusters):
    clusters.await_share("gluster", timeout=90, **ATTACHED)
    clusters.guest.ssh("shareagent detach gluster")
    os.kill(clusters.gluster.brick_pids()[0], signal.SIGKILL)
    try:
        clusters.guest.ssh("shareagent attach gluster --wait 60s", timeout=90)
        clusters.await_share("gluster", timeout=60, **ATTACHED)
        clusters.guest.ssh("echo two >/mnt/gluster/two && cat /mnt/gluster/two")
    finally:
        clusters.gluster.gluster("volume", "start", "team", "force")


def test_a_guest_without_the_helper_says_what_to_install(clusters):
    clusters.await_share("gluster", timeout=90, **ATTACHED)
    clusters.guest.ssh("shareagent detach gluster && mv /sbin/mount.glusterfs /root/")
    try:
        clusters.guest.ssh("shareagent attach gluster --wait 20s", check=False)
        status = clusters.await_share("gluster", timeout=30, cause="helper-missing")
        assert status["cause"]["remedy"] == ["apt install glusterfs-client"]
    finally:
        clusters.guest.ssh("mv /root/mount.glusterfs /sbin/")
    clusters.guest.ssh("shareagent attach gluster --wait 60s", timeout=90)
    assert matches(clusters.await_share("gluster", timeout=60, **ATTACHED), ATTACHED)
