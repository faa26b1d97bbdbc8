"""The SMB password is nowhere but in the kernel and in root's file on the host, whichever way an attach ends."""

import pytest

from Lab import network
from Lab.lab import PASSWORD, USER

# A piece that survives every way of quoting and escaping; and the whole of it.
CANARIES = (PASSWORD, PASSWORD.split(",", 1)[0] + ",", PASSWORD.rsplit(" ", 1)[1])
# A wrong one, which ends up in words about what went wrong if anything does.
WRONG = "canary-Zx9,wr\"on'g pass"
WRONG_CANARIES = (WRONG, "canary-Zx9", "on'g pass")

# Texts of six characters or more in what a process has written to, in the order of its memory.
MEMORY = """python3 - <<'END'
import re, subprocess
pid = subprocess.run(["systemctl", "show", "-P", "MainPID", "shareagent"], capture_output=True, text=True).stdout.strip()
with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb") as memory:
    for line in maps:
        place, rights = line.split()[:2]
        if not rights.startswith("rw"):
            continue
        start, end = (int(number, 16) for number in place.split("-"))
        memory.seek(start)
        for text in re.findall(rb"[ -~]{6,}", memory.read(end - start)):
            print(text.decode())
END"""

PLACES = {
    "the daemon's memory": MEMORY,
    "command lines": "cat /proc/[0-9]*/cmdline | tr '\\0' ' '",
    "environments": "cat /proc/[0-9]*/environ | tr '\\0' ' '",
    "the mount table": "cat /proc/self/mountinfo /proc/mounts; cat /run/mount/utab 2>/dev/null",
    "the journal": "journalctl --no-pager -o export",
    "the kernel's log": "dmesg",
    "files of the agent": "grep -r '' /var/lib/shareagent /run/shareagent /etc/shareagent 2>/dev/null",
    "status": "shareagent status --json; shareagent list --json; shareagent status; shareagent list",
    "explanations": "for share in $(shareagent list --json | grep -o '\"name\": *\"[^\"]*\"' | cut -d'\"' -f4);"
                    " do shareagent explain $share --json; done; true",
    "cloud-init's logs": "cat /var/log/cloud-init*.log",
    "core dumps": "find / -xdev \\( -name 'core' -o -name 'core.*' -o -path '/var/lib/systemd/coredump/*' \\) -type f -print"
                  " -exec grep -a '' {} + 2>/dev/null; echo looked",
}

# name, the share as written on the host, the cause that its attach ends with
FAILURES = [
    ("wrong-password", {"source": {"type": "smb", "server": network.HOST, "share": "team"}}, "credential-rejected"),
    ("no-such-share", {"source": {"type": "smb", "server": network.HOST, "share": "nothing"}}, "credential-rejected"),
    ("nobody-there", {"source": {"type": "smb", "server": "10.77.0.99", "share": "team"}}, "server-unreachable"),
    ("not-smb", {"source": {"type": "smb", "server": network.HOST, "share": "team", "port": 2049}}, None),
    ("no-such-name", {"source": {"type": "smb", "server": "no-such-host.invalid", "share": "team"}}, "name-resolution-failed"),
    ("refused-target", {"source": {"type": "smb", "server": network.HOST, "share": "team"}, "target": "/etc"}, "target-outside-roots"),
    ("target-full", {"source": {"type": "smb", "server": network.HOST, "share": "team"}, "target": "/mnt/full",
                     "credential": "second"}, "target-not-empty"),
    ("unknown-option", {"source": {"type": "smb", "server": network.HOST, "share": "team"}, "options": {"nonsense": "1"},
                        "credential": "second"}, "option-unknown"),
]


def look(world, canaries, more: dict[str, str] | None = None) -> None:
    for place, command in {**PLACES, **(more or {})}.items():
        found = world.guest.ssh(command, check=False, timeout=180).stdout
        assert found, f"nothing was read from {place}"
        for canary in canaries:
            assert canary not in found, f"the password is in {place}"
    for canary in canaries:
        assert canary not in world.host.log.read_text(errors="replace")
        assert canary not in world.host.run("status", "--json").stdout


@pytest.fixture
def watched(world):
    """While the scenario runs, command lines and environments are read over and over: what shows up for a moment shows up too."""
    watch = "; ".join(f"( {command} ) >>/root/seen 2>/dev/null" for command in (PLACES["command lines"], PLACES["environments"]))
    world.guest.ssh(f"rm -f /root/seen /root/enough; ( while [ ! -e /root/enough ]; do {watch}; sleep 0.2; done ) >/dev/null 2>&1 &")
    yield world
    world.guest.ssh("touch /root/enough; sleep 1; rm -f /root/seen /root/enough")


SEEN = {"what was seen meanwhile": "cat /root/seen"}


def test_the_password_is_in_no_place_that_others_read(watched):
    watched.guest.ssh("shareagent detach team; shareagent attach team --wait 60s", timeout=120)
    watched.await_share("team", state="attached", health="ok")
    look(watched, CANARIES, SEEN)


def test_nor_is_it_when_an_attach_fails_in_whatever_way(watched):
    world = watched
    world.guest.ssh("mkdir -p /mnt/full; touch /mnt/full/mine")
    world.host.add_password("canary", USER, WRONG)
    # What a server refused once is not even tried again: those that are to fail for something else have another user.
    world.host.add_password("second", "bob", WRONG)
    world.change(lambda host: host.shares.extend({"name": name, "credential": "canary", **share} for name, share, _ in FAILURES))
    for name, _, cause in FAILURES:
        share = world.await_share(name, timeout=120, state="refused" if cause in {"target-outside-roots", "option-unknown"} else "failed")
        assert cause in (None, share["cause"]["code"]), share
    # Workers are killed in the middle of it.
    world.guest.ssh("for i in $(seq 6); do pkill -KILL share-worker; sleep 0.1; done >/dev/null 2>&1 &"
                    " shareagent attach wrong-password nobody-there --wait 4s >/dev/null 2>&1; wait; true", check=False, timeout=180)
    # And so is the daemon, with everything it holds.
    world.guest.ssh("systemctl kill -s ABRT shareagent; sleep 3; systemctl start shareagent")
    world.await_share("team", timeout=60, state="attached")
    look(world, WRONG_CANARIES + CANARIES, SEEN)
    world.change(lambda host: host.shares.__delitem__(slice(-len(FAILURES), None)))
    for name, _, _ in FAILURES:
        world.await_gone(name, timeout=60)
    world.guest.ssh("rm -r /mnt/full")
