"""Passwords that are wrong, and passwords that change: no account is locked, and nothing attached is lost."""

import re
import time

import pytest

from Lab import network
from Lab.lab import PASSWORD, USER
from Lab.processes import wait_until

SHARES = [f"team-{letter}" for letter in "abcd"]


@pytest.fixture
def password(world):
    """Sets Samba's password; the usual one comes back."""
    server = world.lab.servers["smb"]
    yield server.set_password
    server.set_password(PASSWORD)
    world.host.add_password("team-user", USER, PASSWORD)
    world.guest.ssh("shareagent detach team --lazy; shareagent attach team --wait 60s", timeout=120)


def logons(world, found: str) -> int:
    """How often Samba has looked at a password, and found it so."""
    folder = world.lab.servers["smb"].folder
    text = "".join(path.read_text(errors="replace") for path in folder.glob("log/**/*") if path.is_file())
    text += (folder / "smbd.log").read_text(errors="replace")
    return len(re.findall(rf"Auth: \[SMB2?[^\n]*{found}", text))


def test_many_shares_of_one_server_with_one_wrong_password_make_one_attempt_and_the_right_one_is_tried_at_once(world):
    before = logons(world, "NT_STATUS_WRONG_PASSWORD")
    world.host.add_password("wrong", USER, "not the password")
    world.change(lambda host: host.shares.extend({
        "name": name, "credential": "wrong", "source": {"type": "smb", "server": network.HOST, "share": "team"}} for name in SHARES))
    for name in SHARES:
        world.await_share(name, timeout=60, state="failed", cause="credential-rejected")
    # Asked for all over again, by the command and by a new session: the server hears nothing of it.
    world.guest.ssh("shareagent attach --wait 5s", check=False)
    world.host.stop()
    world.host.start()
    world.await_share("files", state="attached")
    time.sleep(8)
    for name in SHARES:
        world.await_share(name, timeout=30, state="failed", cause="credential-rejected")
    assert logons(world, "NT_STATUS_WRONG_PASSWORD") - before == 1
    # The host's file gets the right one; nobody asks for anything.
    world.host.add_password("wrong", USER, PASSWORD)
    began = time.monotonic()
    for name in SHARES:
        world.await_share(name, timeout=60, state="attached", health="ok")
    print(f"all attached {time.monotonic() - began:.1f} s after the file was right")
    assert logons(world, "NT_STATUS_WRONG_PASSWORD") - before == 1
    world.change(lambda host: host.shares.__delitem__(slice(-len(SHARES), None)))
    for name in SHARES:
        world.await_gone(name)


@pytest.mark.full
def test_an_attached_share_keeps_running_when_its_password_changes(world, password):
    guest = world.guest
    mount = world.mount_ids()["/mnt/team"]
    guest.ssh("exec 7</mnt/team/hello.txt; sleep 600 <&7 >/dev/null 2>&1 & echo $! >/root/holder")
    password("the next one")
    world.host.add_password("team-user", USER, "the next one")
    told = wait_until(lambda: [line for line in guest.ssh("journalctl -u shareagent -o cat --no-pager").stdout.splitlines()
                               if "new password" in line][-1:], 30, "nothing is told of the new password")[0]
    print(told)
    world.await_share("team", state="attached", health="ok")
    # The server forgets all sessions: the kernel has to log on anew, with whichever password it has.
    server = world.lab.servers["smb"]
    server.stop()
    server.start()
    share = wait_until(lambda: settled(world), 120, "the share does not settle", every=1)
    print(share["health"], share.get("cause", {}).get("code"))
    if "kernel has the new password" in guest.ssh("journalctl -u shareagent -o cat --no-pager").stdout:
        assert share["health"] == "ok" and world.mount_ids()["/mnt/team"] == mount
        assert guest.ssh("cat /mnt/team/hello.txt").stdout.startswith("SMB says hello")
    assert world.share("team")["state"] == "attached", "no share is taken away for its password"
    guest.ssh("kill $(cat /root/holder)")
    # What the cause's remedy says has to work, though the server answers the kernel nothing but a refusal.
    guest.ssh("shareagent detach team --lazy && shareagent attach team --wait 60s", timeout=120)
    assert guest.ssh("cat /mnt/team/hello.txt").stdout.startswith("SMB says hello")


@pytest.mark.full
def test_a_password_changed_at_the_server_alone_is_told_from_a_server_that_is_down(world, password):
    """The host still gives the old one: programs see EHOSTDOWN, and the kernel's log alone has the reason."""
    password("told to nobody")
    server = world.lab.servers["smb"]
    server.stop()
    server.start()
    world.guest.ssh("timeout 10 ls /mnt/team/ >/dev/null 2>&1 &")
    share = world.await_share("team", timeout=60, state="attached", cause="credential-rejected")
    assert share["health"] != "ok" and any("shareagent detach --lazy team" in line for line in share["cause"]["remedy"])
    world.host.add_password("team-user", USER, "told to nobody")
    world.guest.ssh("shareagent detach team --lazy && shareagent attach team --wait 60s", timeout=120)
    assert world.guest.ssh("cat /mnt/team/hello.txt").stdout.startswith("SMB says hello")


def settled(world) -> dict | None:
    """Asks the share for something and looks whether it says the same twice."""
    world.guest.ssh("timeout 10 ls /mnt/team/ >/dev/null 2>&1 &")
    time.sleep(8)
    first = world.share("team")
    time.sleep(8)
    second = world.share("team")
    return second if first["health"] == second["health"] and second["health"] in {"ok", "unreachable"} else None
