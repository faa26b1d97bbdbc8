"""A virtiofs server that is frozen: nothing can be done for its share, and nothing else may suffer."""

import time

from Lab.world import GREETINGS

AT_ONCE = 0.05  # seconds, contract: status answers within 50 ms however many shares hang


def answer_seconds(world) -> float:
    """How long `status` takes in the guest, without the way there; the best of three, since the guest's CPU is emulated."""
    script = """for i in 1 2 3; do
    read before _ </proc/uptime; shareagent status >/dev/null; read after _ </proc/uptime; echo "$before $after"
done"""
    rows = [line.split() for line in world.guest.ssh(script).stdout.splitlines()]
    return min(float(after) - float(before) for before, after in rows)


def test_a_frozen_virtiofs_server_is_called_stalled_and_everything_else_goes_on(world):
    well = answer_seconds(world)
    world.lab.servers["files"].freeze()
    try:
        world.await_share("files", timeout=120, health="stalled")
        stuck = answer_seconds(world)
        assert stuck < well + max(AT_ONCE, well), f"status took {stuck} s with a stalled share, {well} s without"
        for name in set(GREETINGS) - {"files"}:
            assert world.guest.ssh(f"cat /mnt/{name}/hello.txt", timeout=20).stdout == GREETINGS[name] + "\n"
            assert world.share(name)["health"] == "ok"
        assert world.status()["agent"]["stuckWorkers"] <= 1
        began = time.monotonic()
        while not (told := world.on_host("files")) or told["health"] != "stalled":
            assert time.monotonic() - began < 5, f"the host was not told: {told}"
    finally:
        world.lab.servers["files"].thaw()
    world.await_share("files", timeout=60, state="attached", health="ok")
    assert world.guest.ssh("cat /mnt/files/hello.txt").stdout == GREETINGS["files"] + "\n"
    assert world.status()["agent"]["stuckWorkers"] == 0
