"""`doctor` in a guest: what is well, what is wrong and where, shares that hang, names, and a guest in which no agent runs."""

import json
import time

import pytest

from Lab.network import HOST
from Lab.world import GREETINGS

CHECKS = ["catalog", "policy", "options", "kernel", "target", "source", "mount", "answer", "names", "read"]


def diagnose(world, *words: str, timeout: float = 60) -> tuple[int, list[dict]]:
    """The exit status, and the findings."""
    ended = world.guest.ssh(f"shareagent doctor --json {' '.join(words)}", check=False, timeout=timeout)
    assert ended.returncode in (0, 1), ended.stdout + ended.stderr
    return ended.returncode, json.loads(ended.stdout)["findings"]


def of(findings: list[dict], share: str | None) -> dict[str, dict]:
    return {found["check"]: found for found in findings if found.get("share") == share}


def wrong(findings: list[dict]) -> dict[tuple, str]:
    return {(found.get("share"), found["check"]): found["cause"]["code"] for found in findings if found["status"] in ("failed", "warning")}


def test_a_well_guest_is_looked_into_to_a_files_bytes(world):
    before = world.mountinfo()
    status, findings = diagnose(world, *GREETINGS)
    assert status == 0, wrong(findings)
    assert {check: found["status"] for check, found in of(findings, None).items()} == {"agent": "ok", "channel": "ok"}
    for name, text in GREETINGS.items():
        checks = of(findings, name)
        # Linux 6.1 shows no virtiofs tags.
        assert list(checks) == [check for check in CHECKS if (name, check) != ("files", "source")]
        assert {found["status"] for found in checks.values()} == {"ok"}
        assert checks["read"]["note"].startswith(f"{len(text) + 1} bytes of hello.txt in ")
    assert world.mountinfo() == before
    # Without names a share that is well has one line; a scenario before may have left one that is not.
    told = world.guest.ssh("shareagent doctor", check=False).stdout
    assert [line.split()[:3] for line in told.splitlines() if line.startswith("files ")] == [["files", "read", "ok"]], told


def test_what_is_wrong_is_told_where_it_is_wrong_and_the_host_can_ask_for_it(world):
    world.host.add_password("not-the-password", "nobody", "wrong")
    world.host.shares.extend([
        {"name": "no-export", "source": {"type": "nfs", "server": HOST, "export": "/nothing"}},
        {"name": "no-server", "source": {"type": "smb", "server": HOST, "share": "team", "port": 4450}, "credential": "team-user"},
        {"name": "no-name", "source": {"type": "nfs", "server": "nowhere.invalid", "export": "/projects"}},
        {"name": "no-logon", "source": {"type": "smb", "server": HOST, "share": "team"}, "credential": "not-the-password"},
        {"name": "no-right", "source": {"type": "tmpfs", "sizeBytes": 1048576}, "target": "/etc/share"},
    ])
    world.host.apply()
    world.await_share("no-export", timeout=60, state="failed")
    world.await_share("no-logon", timeout=60, state="failed")
    status, findings = diagnose(world, "no-export", "no-server", "no-name", "no-logon", "no-right", "nobody")
    assert status == 1
    found = wrong(findings)
    assert found[("no-export", "mount")] == "export-not-found" and of(findings, "no-export")["source"]["status"] == "ok"
    assert found[("no-server", "source")] == "connection-refused"
    assert found[("no-name", "source")] == "name-resolution-failed"
    assert found[("no-logon", "mount")] == "credential-rejected" and of(findings, "no-logon")["source"]["status"] == "ok"
    assert found[("no-right", "policy")] == "target-outside-roots"
    assert found[("nobody", "catalog")] == "share-unknown"
    assert all(entry["cause"]["remedy"] for entry in findings if entry["status"] == "failed")
    assert "ls: cannot access" in world.guest.ssh("ls /mnt/no-name 2>&1", check=False).stdout, "no directory is left behind"


@pytest.mark.full
def test_shares_that_hang_are_told_and_hold_up_neither_doctor_nor_others(world):
    """The first is known to hang, the second hangs under doctor's own hands."""
    world.lab.servers["files"].freeze()
    world.await_share("files", timeout=120, health="stalled")
    began = time.monotonic()
    status, findings = diagnose(world, *GREETINGS)
    assert status == 1 and time.monotonic() - began < 15, "a share that is known to hang is not asked again"
    assert wrong(findings) == {("files", "answer"): "transport-stalled"}
    assert {name for name in GREETINGS if "read" in of(findings, name)} == set(GREETINGS) - {"files"}
    world.lab.servers["files"].thaw()
    world.await_share("files", timeout=60, health="ok")
    # Probes are rare now, so that doctor comes first.
    world.guest.ssh("echo 'probe: {interval: 10m}' >/etc/shareagent/agent.d/rare.yaml && systemctl reload shareagent")
    try:
        time.sleep(1)
        world.lab.servers["files"].freeze()
        status, findings = diagnose(world, *GREETINGS)
        assert status == 1
        assert wrong(findings) == {("files", "answer"): "transport-stalled"}
        assert of(findings, "files")["mount"]["status"] == "ok"
        assert of(findings, "projects")["read"]["status"] == "ok"
    finally:
        world.lab.servers["files"].thaw()
        world.guest.ssh("rm -f /etc/shareagent/agent.d/rare.yaml; systemctl restart shareagent")


@pytest.mark.full
def test_names_that_are_no_utf8_are_told_and_what_a_view_does_with_them(world):
    # Made in the guest, as its NFS client looks for what others make only after a while.
    world.guest.ssh("touch \"$(printf '/mnt/projects/caf\\351.txt')\"")
    try:
        status, findings = diagnose(world, "projects")
        assert status == 1 and wrong(findings) == {("projects", "names"): "names-unconvertible"}
        assert of(findings, "projects")["names"]["cause"]["evidence"] == ["one of them: caf\\xe9.txt"]
        share = next(share for share in world.host.shares if share["name"] == "projects")
        share["names"] = {"encoding": "cp1252"}
        world.host.apply()
        # A share in use under another mount is mounted anew once nobody uses it.
        world.guest.ssh("shareagent detach projects; shareagent attach projects")
        assert "café.txt" in world.guest.ssh("ls /mnt/projects").stdout
        status, findings = diagnose(world, "projects")
        assert status == 0, wrong(findings)
        names = of(findings, "projects")["names"]["note"]
        assert names.startswith("encoding cp1252: by a view")
    finally:
        world.guest.ssh("rm -f /mnt/projects/café.txt \"$(printf '/mnt/projects/caf\\351.txt')\"")


@pytest.mark.full
def test_where_no_agent_runs_looking_attaches_nothing_and_attach_touches_what_it_was_told(world):
    world.host.shares.append({"name": "asked", "source": {"type": "tmpfs", "sizeBytes": 1048576}, "attach": "manual"})
    world.host.apply()
    world.guest.ssh("systemctl stop shareagent && umount /mnt/files /mnt/projects /mnt/team && rm /run/shareagent/mounts.json")
    world.guest.ssh("shareagent list && shareagent status && shareagent explain files")
    status, findings = diagnose(world)
    assert status == 1 and wrong(findings) == {(None, "agent"): "agent-not-running"}
    assert {of(findings, name)["mount"]["status"] for name in GREETINGS} == {"skipped"}
    assert of(findings, "team")["source"]["status"] == "ok"
    time.sleep(3)
    assert world.mount_ids() == {}, "looking attaches nothing"
    world.guest.ssh("shareagent attach asked --wait 30s")
    assert set(world.mount_ids()) == {"/mnt/asked"}
    assert wrong(diagnose(world, "asked")[1]) == {(None, "agent"): "agent-not-running"}
    world.guest.ssh("shareagent detach asked")
    assert world.mount_ids() == {}


@pytest.mark.full
def test_a_host_that_is_not_there_is_told_and_the_shares_are_looked_into_all_the_same(world):
    world.host.stop()
    world.guest.ssh("until shareagent status --json | grep -q '\"state\":\"waiting\"'; do sleep 0.5; done")
    status, findings = diagnose(world, *GREETINGS)
    assert status == 1 and wrong(findings) == {(None, "channel"): "channel-silent"}
    assert of(findings, "projects")["read"]["status"] == "ok"


@pytest.mark.full
def test_who_is_nobody_may_not_have_files_read_as_root(world):
    told = world.guest.ssh("setpriv --reuid 65534 --regid 65534 --clear-groups shareagent doctor", check=False)
    assert told.returncode != 0 and "only root and members of the group shareagent" in told.stderr
