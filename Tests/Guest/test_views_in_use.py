"""Views of shares as they are used: by users with different rights, for reading only, while a server is silent, and eight at a time."""

import json
import os
import shutil

import pytest

from Lab import odd_names
from Lab.network import HOST
from Lab.processes import wait_until
from Lab.world import GREETINGS

pytestmark = pytest.mark.full

ATTACHED = {"state": "attached", "health": "ok"}
USUAL = {"files": 0, "projects": 1, "team": 2}
ALICE = "setpriv --reuid 2001 --regid 2001 --groups 3000"
BOB = "setpriv --reuid 2002 --regid 2002 --clear-groups"


def view_of(world, name: str) -> dict:
    return ((world.share(name) or {}).get("names") or {}).get("view") or {}


def viewed(world, name: str, **more: object) -> None:
    """Offers a usual share with a view, and whatever else; returns when it stands."""
    world.change(lambda host: host.shares[USUAL[name]].update(names={"form": "nfc"}, **more))
    wait_until(lambda: view_of(world, name).get("state") == "standing", 60, f"no view stands over {name}")
    world.await_share(name, **ATTACHED)


@pytest.fixture(params=["projects", "files"])
def people(world, request):
    """A share with a view, and a tree in it whose parts are this one's and that one's."""
    folder = world.folders[request.param] / "people"
    for name, owner, group, mode in (("", 0, 0, 0o755), ("offen", 0, 0, 0o1777), ("fu\u0308r alice", 2001, 2001, 0o700),
                                     ("gruppe\u0301", 0, 3000, 0o2770)):
        (folder / name).mkdir()
        os.chown(folder / name, owner, group)
        (folder / name).chmod(mode)
    (folder / "fu\u0308r alice" / "brief").write_text("for her alone")
    os.chown(folder / "fu\u0308r alice" / "brief", 2001, 2001)
    # QEMU's virtiofsd knows nobody's other groups, so what it lets do is asked without a view.
    bare = world.guest.ssh(f"cd /mnt/{request.param}/people/gruppe$(printf '\\314\\201') && {ALICE} touch ü; echo $?; rm -f ü").stdout
    assert bare == "0\n" or request.param == "files"
    viewed(world, request.param)
    yield request.param, folder, bare == "0\n"
    shutil.rmtree(folder)


def test_two_users_of_one_view_have_each_their_own_rights(world, people):
    share, folder, group_counts = people
    top = f"/mnt/{share}/people"

    def run(user: str, command: str) -> str:
        return world.guest.ssh(f"cd {top} && {user} sh -c '{command}' 2>&1; echo $?").stdout

    assert run(ALICE, 'cat "für alice/brief"') == "for her alone0\n"
    assert "Permission denied" in run(BOB, 'cat "für alice/brief"') and "Permission denied" in run(BOB, 'ls "für alice"')
    assert run(ALICE, "umask 077; echo hers >offen/ä; echo more >>offen/ä; cat offen/ä") == "hers\nmore\n0\n"
    assert "Permission denied" in run(BOB, "cat offen/ä") and "not permitted" in run(BOB, "rm -f offen/ä")
    assert "not permitted" in run(BOB, "mv offen/ä offen/ö") and "not permitted" in run(BOB, "chmod 777 offen/ä")
    assert run(BOB, "echo his >offen/ö && chmod 640 offen/ö") == "0\n"
    # By a group that is not her first one, which the kernel does not tell a view.
    assert run(ALICE, "ls gruppé") == "0\n"
    assert group_counts == (run(ALICE, "echo ours >gruppé/ü && cat gruppé/ü") == "ours\n0\n")
    if not group_counts:
        world.guest.ssh(f"cd {top}/gruppé && touch ü && chown 2001 ü")
    assert "Permission denied" in run(BOB, "ls gruppé") and "Permission denied" in run(BOB, "echo x >gruppé/x")
    # As whoever they are, and not as the view's own user.
    owners = {path.name: (os.lstat(path).st_uid, os.lstat(path).st_gid, os.lstat(path).st_mode & 0o7777)
              for path in (folder / "offen" / "ä", folder / "offen" / "ö", folder / "gruppe\u0301" / "ü")}
    assert owners == {"ä": (2001, 2001, 0o600), "ö": (2002, 2002, 0o640), "ü": (2001, 3000, 0o644)}
    assert run(ALICE, f"ls /run/shareagent/raw/{share}").endswith("Permission denied\n2\n")
    assert run("", 'cat "für alice/brief" offen/ä') == "for her alonehers\nmore\n0\n"


@pytest.mark.parametrize("name", USUAL)
def test_a_share_for_reading_only_and_without_programs_is_so_through_its_view(world, name):
    folder = world.folders[name] / "programs"
    folder.mkdir()
    (folder / "u\u0308ber.sh").write_text("#!/bin/sh\necho it runs\n")
    (folder / "u\u0308ber.sh").chmod(0o755)
    # On SMB all is root's and nothing a program, as long as the share says nothing else.
    script = f"/mnt/{name}/programs/über.sh"
    user, run = ("", "sh ") if name == "team" else (ALICE, "")
    try:
        viewed(world, name)
        assert world.guest.ssh(f"{user} {run}{script}").stdout == "it runs\n"
        viewed(world, name, access="ro", mount={"exec": False})
        wait_until(lambda: {"ro", "noexec"} <= set(world.mount_options(name)), 60, "the view may still be written to")
        assert {"ro", "noexec", "nosuid", "nodev"} <= set(world.mount_options(name))
        for command in (f"touch {script}", f"echo x >>{script}", f"mv {script} {script}2", f"rm -f {script}", f"mkdir {script}3",
                        f"chmod 600 {script}"):
            refused = world.guest.ssh(command, check=False)
            assert refused.returncode != 0 and "Read-only file system" in refused.stderr, (command, refused)
        assert "Permission denied" in world.guest.ssh(f"{user} {script}", check=False).stderr
        assert "it runs" in world.guest.ssh(f"{user} cat {script}").stdout
        assert os.listdir(folder) == ["u\u0308ber.sh"]
    finally:
        shutil.rmtree(folder)


SILENT = {"files": "transport-stalled", "team": "server-stopped-answering"}


@pytest.mark.parametrize("name", SILENT)
def test_a_view_whose_server_is_silent_says_so_and_goes_on_after_it(world, name):
    guest, server = world.guest, world.lab.servers["smb" if name == "team" else name]
    (world.folders[name] / "u\u0308ber.txt").write_text("said after the silence\n")
    viewed(world, name)
    process = view_of(world, name)["process"]
    read = f"exec cat /mnt/{name}/über.txt"
    server.freeze()
    try:
        # One that waits until the server is back, and one that is ended meanwhile.
        start = "systemd-run --quiet --collect --unit"
        guest.ssh(f"{start}=waiting sh -c '{read} >/root/said'; {start}=ended sh -c '{read}'")
        share = world.await_share(name, timeout=150, state="attached", health="stalled")
        assert share["cause"]["code"] == SILENT[name] and share["cause"]["remedy"], share
        assert view_of(world, name)["state"] == "standing" and view_of(world, name)["process"] == process
        for other in set(GREETINGS) - {name}:
            assert guest.ssh(f"cat /mnt/{other}/hello.txt", timeout=20).stdout == GREETINGS[other] + "\n"
        guest.ssh("systemctl kill -s KILL ended")
        wait_until(lambda: guest.ssh("systemctl is-active ended", check=False).stdout != "active\n", 20, "a killed reader is still there")
        assert guest.ssh("systemctl is-active waiting").stdout == "active\n"
    finally:
        server.thaw()
    world.await_share(name, timeout=150, **ATTACHED)
    wait_until(lambda: guest.ssh("cat /root/said").stdout == "said after the silence\n", 60, "the one that waited was told nothing")
    assert view_of(world, name)["process"] == process
    (world.folders[name] / "u\u0308ber.txt").unlink()


def test_a_view_of_smb_goes_on_when_its_server_was_stopped_and_started(world):
    guest, server = world.guest, world.lab.servers["smb"]
    (world.folders["team"] / "u\u0308ber.txt").write_text("before and after\n")
    viewed(world, "team")
    process, mounts = view_of(world, "team")["process"], world.mount_ids()
    held = "/proc/$(systemctl show -p MainPID --value holder)/fd/0"
    guest.ssh("systemd-run --quiet --unit=holder --collect sh -c 'exec sleep 900 </mnt/team/über.txt'")
    try:
        wait_until(lambda: "über" in guest.ssh(f"readlink {held}", check=False).stdout, 30, "the file is not held")
        server.stop()
        share = world.await_share("team", timeout=150, state="attached", health="stalled")
        assert share["cause"]["code"] == "server-stopped-answering" and view_of(world, "team")["state"] == "standing", share
        server.start()
        world.await_share("team", timeout=150, **ATTACHED)
        both = guest.ssh(f"cat /mnt/team/über.txt; echo more >>/mnt/team/über.txt; cat {held}", timeout=90).stdout
        assert both == "before and after\nbefore and after\nmore\n"
        assert view_of(world, "team")["process"] == process and world.mount_ids() == mounts
    finally:
        guest.ssh("systemctl stop holder", check=False)
        (world.folders["team"] / "u\u0308ber.txt").unlink()


# What is in a directory, of each file what a view and its kernel know of it; then whether all of it is text.
LIST = """import os, sys
names = os.listdir(os.fsencode(sys.argv[1]))
for name in names:
    os.stat(os.fsencode(sys.argv[1]) + b"/" + name)
print(len({name.decode() for name in names}))
"""


def memory(world, names: list[str]) -> dict[str, list[int]]:
    """KiB of the views of these shares: resident, and with what is shared counted in parts."""
    pids = {name: view_of(world, name)["process"] for name in names}
    table: dict[str, list[int]] = {"VmRSS": [], "Pss": []}
    for pid in pids.values():
        told = world.guest.ssh(f"awk '/^VmRSS:/ || /^Pss:/ {{print $2}}' /proc/{pid}/status /proc/{pid}/smaps_rollup").stdout.split()
        table["VmRSS"].append(int(told[0]))
        table["Pss"].append(int(told[1]))
    return table


def test_eight_views_stand_at_a_time_and_are_small(world):
    names = odd_names.odd_names()
    folders = [world.folders["projects"] / f"v{number}" for number in range(8)]
    for folder in folders:
        folder.mkdir()
        for name in names:
            with open(os.path.join(os.fsencode(folder), name), "w", encoding="ascii") as file:
                file.write("x")
    shares = [{"name": folder.name, "source": {"type": "nfs", "server": HOST, "export": f"/projects/{folder.name}",
                                               "version": world.nfs_version}, "names": {"form": "nfc"}} for folder in folders]
    try:
        world.change(lambda host: host.shares.extend(shares))
        for share in shares:
            world.await_share(share["name"], timeout=120, **ATTACHED)
            assert view_of(world, share["name"])["state"] == "standing"
        fresh = memory(world, [share["name"] for share in shares])
        for share in shares:
            assert world.guest.ssh(f"python3 - /mnt/{share['name']}", stdin=LIST).stdout == f"{len(names)}\n"
        listed = memory(world, [share["name"] for share in shares])
        print(json.dumps({"fresh": fresh, "listed": listed}))
        assert max(listed["VmRSS"]) < 24 << 10 and max(listed["Pss"]) < 12 << 10, listed
    finally:
        world.change(lambda host: [host.shares.remove(share) for share in shares])
        for share in shares:
            world.await_gone(share["name"], timeout=60)
        for folder in folders:
            shutil.rmtree(folder)
    gone = "pidof share-names-view"
    wait_until(lambda: not world.guest.ssh(gone, check=False).stdout, 30, "a view's process is still there")
