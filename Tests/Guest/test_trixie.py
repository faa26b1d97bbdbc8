"""The same packages in Debian 13, kernel 6.12."""

import contextlib
import json
import os
import pathlib
import shutil
from collections.abc import Iterator

import pytest

from Lab import image, network, odd_names, programs, view_calls
from Lab.lab import PASSWORD, USER
from Lab.processes import wait_until
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


def taken(world, process: int, command: str) -> dict[str, int]:
    """What a view's process read and wrote while a command ran: of the source, and of the kernel's requests and answers."""
    def counters() -> dict[str, int]:
        rows = world.guest.ssh(f"cat /proc/{process}/io").stdout.splitlines()
        return {key: int(number) for key, number in (row.split(": ") for row in rows)}

    before = counters()
    world.guest.ssh(command, timeout=120)
    return {key: number - before[key] for key, number in counters().items()}


@contextlib.contextmanager
def viewed(world, name: str, below: str) -> Iterator[tuple[pathlib.Path, int]]:
    """A usual share with a view: a folder of it that NFS has not seen before, and the view's process."""
    folder = world.folders[name] / below
    folder.mkdir()
    share = next(share for share in world.host.shares if share["name"] == name)
    world.change(lambda host: share.update(names={"form": "nfc"}))

    def view() -> dict:
        return (world.share(name) or {}).get("names", {}).get("view", {})

    try:
        wait_until(lambda: view().get("state") == "standing", 60, "no view stands")
        yield folder, view()["process"]
    finally:
        world.change(lambda host: share.pop("names"))
        wait_until(lambda: "names" not in (world.share(name) or {"names": 1}), 60, "the view is still there")
        world.await_well()
        shutil.rmtree(folder)


@pytest.mark.parametrize("name", ["files", "projects"])
def test_data_goes_past_a_view(trixie, name):
    """Linux 6.9 and newer; also under what the view's unit takes from it."""
    with viewed(trixie, name, "names") as (folder, process):
        for source, text in odd_names.FOUR.items():
            with open(os.path.join(os.fsencode(folder), source), "w", encoding="ascii") as file:
                file.write(text)
        place, mebibytes = f"/mnt/{name}/names", 16
        assert trixie.guest.ssh(f"systemctl show -p ActiveState --value 'shareagent-view-{name}-*'").stdout.split() == ["active"]
        shown = trixie.guest.ssh(f"ls {place}").stdout.splitlines()
        assert sorted(shown) == sorted(odd_names.shown(odd_names.FOUR))
        content = trixie.guest.ssh(f"cd {place}; for name in *; do cat $name; echo; done").stdout.split()
        assert sorted(content) == sorted(odd_names.FOUR.values())
        trixie.guest.ssh(f"head -c {mebibytes}M /dev/urandom >/root/data")
        written = taken(trixie, process, f"cat /root/data >{place}/größe; sync {place}/größe")
        read = taken(trixie, process, f"echo 3 >/proc/sys/vm/drop_caches; cmp /root/data {place}/größe")
        print(name, "written", written, "read", read)
        assert (folder / "größe").stat().st_size == mebibytes << 20
        assert written["rchar"] < 1 << 20 and read["syscr"] < 100


# Run in the guest: two users, and a file is given from one to the other while the first has it open.
TWO_USERS = """
import contextlib, os, sys, time
top, raw, process, MIB = sys.argv[1], sys.argv[2], sys.argv[3], 1 << 20
def taken():
    return sum(int(row.split()[1]) for row in open(f"/proc/{process}/io").readlines()[:2])
@contextlib.contextmanager
def a(user):
    os.setgroups([]); os.setegid(user); os.seteuid(user)
    try: yield
    finally: os.seteuid(0); os.setegid(0)
def whole(file): return os.pread(file, 4 * MIB, 0)
before = taken()
with a(2001):
    hers = os.open(top + "/größe", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
    os.write(hers, b"x" * MIB); os.fsync(hers)
open("/proc/sys/vm/drop_caches", "w").write("3")
assert len(whole(hers)) == MIB and os.fstat(hers).st_uid == 2001
with a(2002):
    his = os.open(top + "/größe", os.O_RDONLY)
    try:
        os.open(top + "/größe", os.O_RDWR)
        raise AssertionError("he may write it")
    except PermissionError: pass
os.pwrite(hers, b"hers", 0)
assert whole(his)[:5] == b"hersx"
print("passed as her", taken() - before)
assert taken() - before < MIB
os.close(his); os.close(hers); time.sleep(0.5)
before = taken()
with a(2002): his = os.open(top + "/größe", os.O_RDONLY)
assert whole(his)[:5] == b"hersx" and len(whole(his)) == MIB
print("carried for him", taken() - before)
assert taken() - before > MIB
os.close(his); time.sleep(0.5)
with a(2001): hers = os.open(top + "/größe", os.O_RDWR)
os.chown(raw + "/größe", 2002, 2002)
os.chmod(raw + "/größe", 0o600)
time.sleep(1.5)
with a(2002): his = os.open(top + "/größe", os.O_RDWR)
os.pwrite(his, b"HIS", 0); os.fsync(his)
assert whole(his)[:5] == b"HISsx" and len(whole(his)) == MIB
assert whole(hers)[:5] == b"HISsx", whole(hers)[:5]
os.close(hers); os.close(his)
# The server lets nobody but whoever makes it write such a file, and once only.
with a(2001): hers = os.open(top + "/fest", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
os.write(hers, b"y" * MIB)
os.close(hers)
assert os.path.getsize(raw + "/fest") == MIB
# Root is not squashed here.
before = taken()
mine = os.open(top + "/größe", os.O_RDONLY)
assert len(whole(mine)) == MIB and taken() - before < MIB
os.close(mine)
print("passed")
"""


def test_nfs_data_goes_past_a_view_as_whoever_opened_it(trixie):
    """The server goes by users, and what it refuses one it may not refuse another because of that."""
    with viewed(trixie, "projects", "people") as (folder, process):
        folder.chmod(0o1777)
        place = "projects/people"
        told = trixie.guest.ssh(f"python3 - /mnt/{place} /run/shareagent/raw/{place} {process}", stdin=TWO_USERS, timeout=120).stdout
        print(told)
        assert told.endswith("passed\n")


@pytest.mark.parametrize("share, check", [("projects", "data"), ("team", "data"), ("files", "oracle")])
def test_calls_that_are_passed_by_a_view_do_what_they_do_in_a_plain_directory(trixie, share, check):
    said = view_calls.told(trixie, share, check)
    assert said.endswith("passed\n"), said


def offered_by_device(world) -> dict | None:
    shares = json.loads(world.guest.ssh("shareagent list --json").stdout)["shares"]
    return next((entry for entry in shares if entry["offeredBy"] == "device"), None)


def test_a_virtiofs_device_that_shows_its_tag_is_offered_and_attached_by_name(trixie):
    """From Linux 6.9 on, in /sys/fs/virtiofs."""
    server = trixie.lab.serve_virtiofs("shown", trixie.lab.shared_folder("shown", {"hello.txt": "nobody named me\n"}))
    # What the host offers itself is not offered a second time.
    assert offered_by_device(trixie) is None
    trixie.guest.plug_virtiofs("shown", server.socket)
    try:
        entry = wait_until(lambda: offered_by_device(trixie), 30, "the device is not offered", every=0.5)
        assert entry["share"]["name"] == "shown" and entry["share"]["source"] == {"type": "virtiofs", "tag": "shown"}
        assert entry["state"] == "offered" and entry["share"]["attach"] == "manual"
        trixie.guest.ssh("shareagent attach shown --wait 30s")
        assert trixie.guest.ssh("cat /mnt/shown/hello.txt").stdout == "nobody named me\n"
        trixie.guest.ssh("shareagent detach shown")
    finally:
        trixie.guest.unplug("shown")
    wait_until(lambda: offered_by_device(trixie) is None, 30, "the device that is gone is still offered", every=0.5)


def test_a_new_password_reaches_an_attached_share(trixie):
    """`password2`: the next logon uses it, nothing is unmounted, and a program that had a file open goes on."""
    server, guest = trixie.lab.servers["smb"], trixie.guest
    mount = trixie.mount_ids()["/mnt/team"]
    guest.ssh("exec 7</mnt/team/hello.txt; sleep 600 <&7 >/dev/null 2>&1 & echo $! >/root/holder")
    try:
        server.set_password("the next one")
        trixie.host.add_password("team-user", USER, "the next one")
        wait_until(lambda: "new password" in guest.ssh("journalctl -u shareagent -o cat --no-pager").stdout, 30, "nothing is told of it")
        told = [line for line in guest.ssh("journalctl -u shareagent -o cat --no-pager").stdout.splitlines() if "new password" in line]
        print(told)
        # The server forgets all sessions, so that the kernel has to log on anew.
        server.stop()
        server.start()
        read = "timeout 20 cat /mnt/team/hello.txt"
        wait_until(lambda: guest.ssh(read, check=False, timeout=40).stdout == GREETINGS["team"] + "\n", 90, "the share cannot be read",
                   every=1)
        trixie.await_share("team", timeout=60, state="attached", health="ok")
        assert trixie.mount_ids()["/mnt/team"] == mount, told
    finally:
        guest.ssh("kill $(cat /root/holder)", check=False)
        server.set_password(PASSWORD)
        trixie.host.add_password("team-user", USER, PASSWORD)
