"""`failure: soft` on NFSv4: a server that is stuck behind a live connection would make programs wait for ever; the agent ends that."""

import json
import time

import pytest

from Lab import network
from Lab.processes import wait_until
from Lab.world import GREETINGS, matches

pytestmark = pytest.mark.full

GIVE_UP = 20  # seconds
ALLOWANCE = 20  # until a probe has noticed the silence (they are 15 s apart), and for the end of the waits itself


@pytest.fixture
def promised(world):
    """A share with the promise, and a file that is not cached in the guest."""
    size = 8 << 20
    (world.folders["projects"] / "big").write_bytes(b"x" * size)
    world.change(lambda host: host.shares.append({
        "name": "promised", "giveUpSeconds": GIVE_UP,
        "source": {"type": "nfs", "server": network.HOST, "export": "/projects", "version": world.nfs_version},
    }))
    world.await_share("promised", timeout=60, state="attached", health="ok")
    return world


def test_a_blocked_read_gets_an_error_and_the_share_recovers(promised):
    guest, server = promised.guest, promised.lab.servers["nfs"]
    server.freeze()
    try:
        began = time.monotonic()
        read = "dd if=/mnt/promised/big of=/dev/null bs=64k 2>/run/dd.err"
        script = f"read a _ </proc/uptime; {read}; s=$?; read b _ </proc/uptime; echo $a $b $s"
        ended = guest.ssh(f"timeout 150 sh -c '{script}'; cat /run/dd.err", timeout=200, check=False)
        first, _, errors = ended.stdout.partition("\n")
        start, end, status = map(float, first.split())
        waited = end - start
        print(f"read(2) ended after {waited:.1f} s with status {status:.0f}: {errors.strip()}")
        assert status != 0 and "error" in errors.lower(), ended
        assert waited < GIVE_UP + ALLOWANCE
        # The program hears of it first: the worker that ends the waits looks whether they have ended, and then tells.
        wait_until(lambda: "may be lost" in (promised.share("promised").get("cause") or {}).get("message", ""), 30,
                   f"it is not told what may be lost: {json.dumps(promised.share('promised'), indent=1)}", every=0.5)
        assert matches(promised.share("promised"), {"state": "attached", "cause": "server-stopped-answering"})
        assert "may be lost" in guest.ssh("journalctl -u shareagent -o cat --no-pager -n 200").stdout
        # A program that comes now waits no longer than that either.
        again = guest.ssh("read a _ </proc/uptime; cat /mnt/promised/big >/dev/null 2>&1; read b _ </proc/uptime; echo $a $b", timeout=200)
        start, end = map(float, again.stdout.split())
        assert end - start < GIVE_UP + ALLOWANCE
        # Whoever does not use the share notices nothing.
        assert guest.ssh("cat /mnt/files/hello.txt", timeout=20).stdout == GREETINGS["files"] + "\n"
    finally:
        server.thaw()
    promised.await_share("promised", timeout=120, state="attached", health="ok")
    assert guest.ssh("head -c 5 /mnt/promised/hello.txt", timeout=30).stdout == GREETINGS["projects"][:5]
    assert promised.status()["agent"]["stuckWorkers"] == 0
    print(f"recovered {time.monotonic() - began:.0f} s after the server froze")
