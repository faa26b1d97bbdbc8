"""`shareagent bench` on real servers: bounded, clean afterwards, and never stuck with a share that hangs."""

import json
import time

import pytest

from Lab.processes import wait_until

MEASURES = {"sequentialRead", "sequentialWrite", "randomRead", "randomWrite", "create", "stat", "openRead", "unlink", "list", "latency"}
OPERATION_LIMIT = 45  # seconds: the agent gives one thing a quarter of the time and 15 s, an emulated CPU some more


def left_behind(world) -> list[str]:
    return [str(path) for folder in world.folders.values() for path in folder.glob(".shareagent-bench-*")]


def bench(world, *words: str, timeout: float = 120) -> dict:
    return json.loads(world.guest.ssh(f"shareagent bench --json {' '.join(words)}", timeout=timeout).stdout)


def test_a_share_is_measured_and_nothing_stays_behind(world):
    report = bench(world, "projects", "--time", "4s", "--space", "4M")
    assert set(report["results"]) == MEASURES
    assert report["results"]["sequentialRead"]["bytes"] <= 4 << 20
    assert report["results"]["sequentialRead"]["cachedPercent"] <= 2, "not cold"
    assert report["health"] in ("ok", "slow")
    assert not left_behind(world)
    # Interrupted in the middle: the command ends at once, the directory goes soon after.
    ended = world.guest.ssh("timeout --preserve-status --signal INT 3 shareagent bench projects --time 60s", check=False, timeout=60)
    assert ended.returncode == 130, ended
    wait_until(lambda: not left_behind(world), 30, "a directory stays behind")
    assert world.share("projects")["health"] in ("ok", "slow")


@pytest.mark.full
def test_a_share_that_hangs_ends_the_bench_with_its_cause(world):
    world.lab.servers["files"].freeze()
    try:
        began = time.monotonic()
        ended = world.guest.ssh("shareagent bench files --time 4s", check=False, timeout=120)
        assert time.monotonic() - began < OPERATION_LIMIT
        assert ended.returncode == 1
        assert "did not" in ended.stderr and "virtiofsd" in ended.stderr, ended.stderr
        assert world.guest.ssh("cat /mnt/projects/hello.txt", timeout=20).returncode == 0
    finally:
        world.lab.servers["files"].thaw()
    world.await_share("files", timeout=60, state="attached", health="ok")
    wait_until(lambda: not left_behind(world), 60, "a directory stays behind")
    assert set(bench(world, "files", "--time", "4s")["results"]) == MEASURES


@pytest.mark.full
@pytest.mark.parametrize("share, tried", [("projects", {"metadata", "throughput"}), ("team", {"metadata"}), ("files", {"constrained"})])
def test_profiles_are_compared_where_nobody_sees_it(world, share, tried):
    before = world.mountinfo()
    report = bench(world, share, f"--compare={','.join(sorted(tried))}", "--time", "3s", "--space", "4M", timeout=400)
    compare = report["compare"]
    assert {profile["profile"] for profile in compare["profiles"]} == tried, compare
    assert compare["rounds"] == 3
    for profile in compare["profiles"]:
        assert profile["differences"] and profile["cost"]
        assert profile["ratioPercent"]["sequentialRead"] > 0
    assert report["recommendation"]["sentence"]
    assert world.mountinfo() == before, "a second mount is to be seen"
    assert not left_behind(world)


@pytest.mark.full
def test_a_share_for_reading_only_is_measured_by_what_lies_on_it(world):
    world.change(lambda host: host.shares.append(
        {"name": "library", "source": {"type": "virtiofs", "tag": "files"}, "access": "ro", "target": "/mnt/library"}))
    world.await_share("library", state="attached", health="ok")
    report = bench(world, "library", "--time", "3s")
    assert not report["written"] and "reading only" in " ".join(report["notes"])
    assert {"sequentialRead", "list", "latency"} <= set(report["results"])
    assert not left_behind(world)
