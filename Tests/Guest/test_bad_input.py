"""What administrators type or write wrong: a sentence that helps, the right exit code, and nothing else disturbed."""

import json

import pytest

from Lab.processes import wait_until


def test_an_unknown_name_is_a_sentence_and_not_a_crash(booted):
    ended = booted.guest.ssh("shareagent attach nobody-offers-this --wait 10s --json", check=False)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "share-unknown" in ended.stdout + ended.stderr


def test_wrong_use_of_the_command_ends_with_64(booted):
    assert booted.guest.ssh("shareagent attach --no-such-flag", check=False).returncode == 64


@pytest.mark.parametrize("text, said", [
    ("shares: [\n", "catalog.yaml:2"),
    ("shares:\n  - {name: a, source: {type: tmpfs, sizeBytes: 4096}, tagret: /mnt/a}\n", "tagret"),
    ("shares:\n  - {name: 'a b', source: {type: tmpfs, sizeBytes: 4096}}\n", "name"),
    ("shares:\n  - {name: a, source: {type: teleport}}\n", "teleport"),
], ids=["not-yaml", "unknown-key", "bad-name", "unknown-type"])
def test_a_bad_catalog_file_is_refused_with_line_or_key(booted, text, said):
    booted.guest.ssh("cat >/root/catalog.yaml", stdin=text)
    ended = booted.guest.ssh("shareagent attach --from /root/catalog.yaml --wait 10s", check=False)
    assert ended.returncode not in (0, 70), ended.stdout + ended.stderr
    assert said in ended.stdout + ended.stderr


def test_a_file_system_the_kernel_lacks_is_named(world):
    """A kernel built without tmpfs is hard to find; one whose 9p module cannot be loaded is the same to the agent."""
    world.guest.ssh("echo 'install 9p /bin/false' >/etc/modprobe.d/no-9p.conf")
    world.change(lambda host: host.shares.append({"name": "plan", "source": {"type": "9p", "tag": "plan"}}))
    world.await_share("plan", timeout=60, state="failed", cause="filesystem-unsupported")
    world.await_well()


def test_a_wrong_configuration_on_the_host_is_named_and_the_guest_keeps_its_shares(world):
    before = world.mount_ids()
    world.host.path.write_text(
        "shares:\n  - {name: files, source: {type: virtiofs, tag: files}, sauce: hot}\nvms: []\n")
    checked = world.host.check()
    assert checked.returncode != 0
    assert ":2: shares[0].sauce" in checked.stderr + checked.stdout
    wait_until(lambda: "sauce" in world.host.status()["configuration"].get("error", ""), 20, "the host's status does not tell the mistake")
    assert world.mount_ids() == before
    assert json.loads(world.guest.ssh("shareagent status --json").stdout)["channel"]["state"] == "connected"
