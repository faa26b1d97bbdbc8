"""Several SMB shares of one server and of two, attached at a time, most of which cannot work: each is told its own cause. The kernel tells
most of it in log lines that name nobody."""

import pytest

from Lab import lab, network
from Lab.servers import SMBServer

SECOND = "10.77.0.3"
PAIRS = 3  # of each kind on each server

# share, credential, cause
KINDS = [
    ("team", "team-user", None),
    ("team", "mistyped", "credential-rejected"),
    ("nothing", "team-user", "export-not-found"),
    ("closed", "team-user", "access-denied"),
]
SHARES = {
    f"t{number}-{kind}-{server.rpartition('.')[2]}": (server, share, credential, cause)
    for number in range(PAIRS) for kind, (share, credential, cause) in enumerate(KINDS) for server in (network.HOST, SECOND)
}


@pytest.fixture(scope="module")
def together(booted):
    booted.lab.wire.run("ip", "address", "add", f"{SECOND}/24", "dev", network.TAP)
    second = SMBServer({"team": booted.folders["team"]}, lab.USER, lab.PASSWORD, booted.lab.folder / "smb-2", booted.lab.wire, SECOND)
    second.start()
    before = booted.host.snapshot()
    booted.host.add_password("mistyped", lab.USER, "not her password")
    booted.host.shares.extend({"name": name, "source": {"type": "smb", "server": server, "share": share}, "credential": credential}
                              for name, (server, share, credential, _) in SHARES.items())
    booted.host.apply()
    yield booted
    booted.host.configuration = before
    booted.host.apply()
    for name in SHARES:
        booted.await_gone(name, timeout=60)
    second.stop()


def test_each_is_told_its_own_cause(together):
    wrong = {}
    for name, (_, _, _, cause) in SHARES.items():
        state = "failed" if cause else "attached"
        told = together.await_share(name, timeout=180, state=state)
        if (told.get("cause") or {}).get("code") != cause:
            wrong[name] = (cause, told.get("cause"))
    assert not wrong, wrong
