"""Killing either end loses no state: the daemon adopts what is mounted, the host peer learns anew."""

from Lab.processes import wait_until
from Lab.world import GREETINGS, matches

ATTACHED = {"state": "attached", "health": "ok"}


def daemon_pid(world) -> str:
    return world.guest.ssh("systemctl show --property=MainPID --value shareagent").stdout.strip()


def expect_adopted(world, mount_ids: dict[str, str]) -> None:
    world.await_well()
    assert world.mount_ids() == mount_ids


def test_an_orderly_restart_of_the_daemon_remounts_nothing(world):
    before, pid = world.mount_ids(), daemon_pid(world)
    world.guest.ssh("systemctl restart shareagent")
    assert daemon_pid(world) != pid
    expect_adopted(world, before)


def test_a_killed_daemon_comes_back_and_remounts_nothing(world):
    before, pid = world.mount_ids(), daemon_pid(world)
    world.guest.ssh(f"kill -KILL {pid}")
    wait_until(lambda: daemon_pid(world) not in ("0", "", pid), 30, "systemd has not started the daemon again")
    expect_adopted(world, before)


def test_a_killed_host_peer_learns_every_share_anew(world):
    before = world.mount_ids()
    world.host.crash()
    assert world.guest.ssh("shareagent status --json").returncode == 0
    world.host.start()
    wait_until(lambda: all(world.on_host(name) and matches(world.on_host(name), ATTACHED) for name in GREETINGS), 60,
               "the host peer does not know the shares again")
    assert world.mount_ids() == before


def test_the_host_peer_may_stay_away_while_shares_stay_attached(world):
    before = world.mount_ids()
    world.host.stop()
    world.guest.ssh("systemctl restart shareagent")
    wait_until(lambda: world.status()["shares"], 30, "the daemon forgot its catalog")
    expect_adopted(world, before)
