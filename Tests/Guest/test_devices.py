"""Devices that come and go while the guest runs, and a network that does: what waited for them is tried at once."""

import json
import subprocess
import time

import pytest

from Lab import network

# A share that waits has to be seen waiting for longer than an event takes to be acted upon.
PATIENCE = 25


def await_long_pause(world, name: str, cause: str, pause: float = PATIENCE) -> None:
    """Returns once the share's next try by itself is this many seconds away."""
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        share = world.share(name)
        if share and share["state"] == "failed" and share["cause"]["code"] == cause and share.get("nextAttemptAt"):
            if seconds_until(world, share["nextAttemptAt"]) > pause:
                return
        time.sleep(1)
    raise TimeoutError(f"share '{name}' never paused for long: {json.dumps(world.share(name))}")


def seconds_until(world, moment: str) -> float:
    return float(world.guest.ssh(f"echo $(( $(date -d {moment} +%s) - $(date +%s) ))").stdout)


def offered(world, name: str) -> dict | None:
    shares = json.loads(world.guest.ssh("shareagent list --json").stdout)["shares"]
    return next((entry for entry in shares if entry["share"]["name"] == name), None)


@pytest.fixture
def late(world):
    """A virtiofs server whose device the guest does not have yet."""
    server = world.lab.serve_virtiofs("late", world.lab.shared_folder("late", {"hello.txt": "came late\n"}))
    yield server
    server.stop()
    del world.lab.servers["late"]
    subprocess.run(["rm", "-rf", world.lab.folder / "shared/late", world.lab.folder / "virtiofs-late"], check=True)


def test_a_share_is_attached_when_its_device_comes_told_when_it_goes_and_attached_again(world, late):
    world.change(lambda host: host.shares.append({"name": "late", "source": {"type": "virtiofs", "tag": "late"}}))
    await_long_pause(world, "late", "tag-not-found")
    world.guest.plug_virtiofs("late", late.socket)
    began = time.monotonic()
    world.await_share("late", timeout=PATIENCE - 5, state="attached", health="ok")
    print(f"attached {time.monotonic() - began:.1f} s after the device was plugged in")
    assert world.guest.ssh("cat /mnt/late/hello.txt").stdout == "came late\n"

    world.guest.unplug("late")
    share = world.await_share("late", timeout=30, state="attached", health="unreachable")
    assert share["cause"]["code"] == "host-service-dead" and share["cause"]["remedy"]
    world.await_share("files", state="attached", health="ok")

    late.stop()
    late.start()
    world.guest.plug_virtiofs("late", late.socket)
    world.await_share("late", timeout=30, state="attached", health="ok")
    assert world.guest.ssh("cat /mnt/late/hello.txt").stdout == "came late\n"
    world.change(lambda host: host.shares.pop())
    world.await_gone("late")
    world.guest.unplug("late")


def test_a_disk_that_is_taken_away_is_told_and_comes_back(world):
    image = world.lab.folder / "disk.img"
    subprocess.run(["truncate", "-s", "64M", image], check=True)
    subprocess.run(["mkfs.ext4", "-q", "-L", "hotdisk", image], check=True)
    world.change(lambda host: host.shares.append({"name": "disk", "source": {"type": "image", "serial": "HOT1"}, "access": "ro"}))
    world.await_share("disk", timeout=60, state="failed", cause="image-not-found")
    world.guest.plug_disk("HOT1", image)
    world.await_share("disk", timeout=30, state="attached", health="ok")
    world.guest.unplug("HOT1")
    share = world.await_share("disk", timeout=30, state="attached", health="unreachable")
    assert share["cause"]["code"] == "connection-lost" and "/dev/vd" in share["cause"]["message"]
    world.guest.plug_disk("HOT1", image)
    world.await_share("disk", timeout=30, state="attached", health="ok")
    assert world.guest.ssh("ls /mnt/disk").stdout.split() == ["lost+found"]
    world.change(lambda host: host.shares.pop())
    world.await_gone("disk")
    world.guest.unplug("HOT1")


def test_a_share_is_attached_when_the_network_comes_back(world):
    # The channel is no network: the host still offers, and the guest still reports.
    guest = world.guest
    card = guest.ssh("ip -o route get 10.77.0.1 | sed 's/.* dev \\([^ ]*\\).*/\\1/'").stdout.strip()
    # ssh goes over the same network, so the guest does it by itself and keeps notes.
    guest.ssh(f"""cat >/root/flap <<'END'
ip link set {card} down
shareagent detach again >/dev/null; shareagent attach again --wait 1s >/dev/null 2>&1
for i in $(seq 90); do
    next=$(shareagent status again --json | sed -n 's/.*"nextAttemptAt": *"\\([^"]*\\)".*/\\1/p' | head -n 1)
    [ -n "$next" ] && pause=$(( $(date -d "$next" +%s) - $(date +%s) )) && [ "$pause" -ge 12 ] && break
    sleep 1
done
shareagent status again --json >/root/while-down.json
echo "$pause" >/root/pause
ip link set {card} up; ip address add {network.GUEST}/24 dev {card} 2>/dev/null
date +%s.%N >/root/up
END""")
    world.change(lambda host: host.shares.append({
        "name": "again", "source": {"type": "nfs", "server": network.HOST, "export": "/projects", "version": world.nfs_version}}))
    world.await_share("again", timeout=60, state="attached", health="ok")
    guest.ssh("systemd-run --quiet --unit=flap --setenv=PATH=$PATH sh /root/flap")
    time.sleep(5)
    guest.await_ssh(timeout=240)
    share = world.await_share("again", timeout=60, state="attached", health="ok")
    pause = int(guest.ssh("cat /root/pause").stdout)
    took = float(guest.ssh(f"echo $(date -d {share['since']} +%s.%N) $(cat /root/up) | awk '{{print $1 - $2}}'").stdout)
    print(f"attached {took:.1f} s after the link came up, the next try was {pause} s away")
    assert pause >= 12 and took < pause - 3
    down = json.loads(guest.ssh("cat /root/while-down.json").stdout)["shares"][0]
    assert down["cause"]["code"] in {"server-unreachable", "server-silent", "mount-timeout"}
    world.change(lambda host: host.shares.pop())
    world.await_gone("again")


@pytest.mark.full
def test_what_a_device_shows_is_offered_and_attached_by_name(world):
    """9p: virtiofs shows its tags from Linux 6.9 on (test_trixie)."""
    (world.guest.papers / "hello.txt").write_text("from a 9p device\n")
    world.guest.plug_ninep("old papers!")
    try:
        found = next(entry for entry in wait_offered(world) if entry["offeredBy"] == "device")
        name = found["share"]["name"]
        assert name.startswith("old-papers--") and found["state"] == "offered" and found["share"]["attach"] == "manual"
        table = world.guest.ssh("shareagent list").stdout
        assert "device" in next(line for line in table.splitlines() if name in line)
        world.guest.ssh(f"shareagent attach {name} --wait 30s")
        assert world.guest.ssh(f"cat /mnt/{name}/hello.txt").stdout == "from a 9p device\n"
        world.guest.ssh(f"shareagent detach {name}")
        # The host's word hides it.
        world.change(lambda host: host.shares.append({
            "name": "papers", "source": {"type": "9p", "tag": "old papers!"}, "attach": "manual"}))
        world.await_share("papers", state="offered")
        assert offered(world, name) is None
        world.change(lambda host: host.shares.pop())
        world.await_gone("papers")
        assert offered(world, name)["offeredBy"] == "device"
    finally:
        world.guest.unplug("ninep")
    assert offered(world, name) is None


def wait_offered(world) -> list[dict]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        shares = json.loads(world.guest.ssh("shareagent list --json").stdout)["shares"]
        if any(entry["offeredBy"] == "device" for entry in shares):
            return shares
        time.sleep(0.5)
    raise TimeoutError("no device is offered")
