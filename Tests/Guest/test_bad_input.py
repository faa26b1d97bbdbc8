"""What administrators get wrong: each with its cause and a sentence that helps, while the other shares are attached all the same."""

import json

import pytest

from Lab import network

# name, the share as written on the host, the state it gets, the cause it names
WRONG = [
    ("target-in-etc", {"source": {"type": "tmpfs", "sizeBytes": 1 << 20}, "target": "/etc"}, "refused", "target-outside-roots"),
    ("no-such-server", {"source": {"type": "nfs", "server": "10.77.0.99", "export": "/x"}}, "failed", "server-unreachable"),
    ("nobody-listens", {"source": {"type": "nfs", "server": network.HOST, "export": "/x", "port": 2050}}, "failed", "connection-refused"),
    ("no-such-export", {"source": {"type": "nfs", "server": network.HOST, "export": "/nothing", "version": "4.2"}}, "failed",
     "export-not-found"),
    ("missing-tag", {"source": {"type": "virtiofs", "tag": "never-plugged-in"}}, "failed", "tag-not-found"),
    ("wrong-password", {"source": {"type": "smb", "server": network.HOST, "share": "team"}, "credential": "wrong"}, "failed",
     "authentication-failed"),
    ("no-such-share", {"source": {"type": "smb", "server": network.HOST, "share": "nothing"}, "credential": "team-user"}, "failed",
     "export-not-found"),
    ("no-credential", {"source": {"type": "smb", "server": network.HOST, "share": "team"}}, "failed", "credential-missing"),
]


@pytest.fixture(scope="module")
def with_wrong_shares(booted):
    """All of them offered at once, beside the three good ones."""
    before = booted.host.snapshot()
    booted.host.add_password("wrong", "alice", "not her password")
    booted.host.shares.extend({"name": name, **share} for name, share, _, _ in WRONG)
    booted.host.apply()
    yield booted
    booted.host.configuration = before
    booted.host.apply()
    for name, _, _, _ in WRONG:
        booted.await_gone(name, timeout=60)


@pytest.mark.parametrize("name, share, state, cause", WRONG, ids=[row[0] for row in WRONG])
def test_a_wrong_share_gets_its_cause_and_a_remedy(with_wrong_shares, name, share, state, cause):
    status = with_wrong_shares.await_share(name, timeout=90, state=state, cause=cause)
    assert status["cause"]["message"].strip()
    assert status["cause"]["remedy"], "a cause without a remedy helps nobody"
    assert f" {share.get('target', '/mnt/' + name)} " not in with_wrong_shares.mountinfo()


def test_the_good_shares_are_attached_all_the_same(with_wrong_shares):
    with_wrong_shares.await_well()


def test_attach_of_good_and_bad_ends_with_two_and_of_bad_alone_with_one(with_wrong_shares):
    guest = with_wrong_shares.guest
    assert guest.ssh("shareagent attach files missing-tag --wait 20s", check=False).returncode == 2
    assert guest.ssh("shareagent attach missing-tag --wait 20s", check=False).returncode == 1
    refused = guest.ssh("shareagent attach target-in-etc --wait 20s", check=False)
    assert refused.returncode == 4, refused.stderr
    assert "/etc" in refused.stderr


def test_an_unknown_name_is_a_sentence_and_not_a_crash(booted):
    ended = booted.guest.ssh("shareagent attach nobody-offers-this --wait 10s --json", check=False)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "share-unknown" in ended.stdout + ended.stderr


def test_wrong_use_of_the_command_ends_with_64(booted):
    assert booted.guest.ssh("shareagent attach --no-such-flag", check=False).returncode == 64


@pytest.mark.parametrize("text, said", [
    ("shares: [\n", "line"),
    ("shares:\n  - {name: a, source: {type: tmpfs}, tagret: /mnt/a}\n", "tagret"),
    ("shares:\n  - {name: 'a b', source: {type: tmpfs}}\n", "name"),
    ("shares:\n  - {name: a, source: {type: teleport}}\n", "teleport"),
], ids=["not-yaml", "unknown-key", "bad-name", "unknown-type"])
def test_a_bad_catalog_file_is_refused_with_line_or_key(booted, text, said):
    booted.guest.ssh("cat >/root/catalog.yaml", stdin=text)
    ended = booted.guest.ssh("shareagent attach --from /root/catalog.yaml --wait 10s", check=False)
    assert ended.returncode not in (0, 70), ended.stdout + ended.stderr
    assert said in ended.stderr, ended.stderr


def test_a_file_system_the_kernel_lacks_is_named(world):
    """A kernel built without tmpfs is hard to find; one whose 9p module cannot be loaded is the same to the agent."""
    world.guest.ssh("echo 'install 9p /bin/false' >/etc/modprobe.d/no-9p.conf")
    world.change(lambda host: host.shares.append({"name": "plan", "source": {"type": "9p", "tag": "plan"}}))
    world.await_share("plan", timeout=60, state="failed", cause="filesystem-unsupported")
    world.await_well()


def test_a_wrong_configuration_on_the_host_is_named_and_the_guest_keeps_its_shares(world):
    before = world.mount_ids()
    world.host.path.write_text("shares:\n  - {name: files, sauce: {type: virtiofs, tag: files}}\nvms: []\n")
    checked = world.host.run("check", "--configuration", str(world.host.path), check=False)
    assert checked.returncode != 0
    assert "sauce" in checked.stderr + checked.stdout
    assert world.mount_ids() == before
    assert json.loads(world.guest.ssh("shareagent status --json").stdout)["channel"]["state"] == "connected"
