"""Shares that cannot work: each gets its cause and a remedy, while the other shares are attached all the same."""

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
     "credential-rejected"),
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
    assert "/etc" in refused.stdout + refused.stderr
