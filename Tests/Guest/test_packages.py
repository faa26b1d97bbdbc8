"""The packages as administrators handle them: installed, upgraded, removed, purged."""

import pytest

from Lab import programs
from Lab.processes import wait_until

pytestmark = pytest.mark.full


def copy_package(world, name: str) -> str:
    """Into the guest, through the share that is there anyway."""
    deb = programs.package(name)
    (world.folders["projects"] / deb.name).write_bytes(deb.read_bytes())
    world.guest.ssh(f"cp /mnt/projects/{deb.name} /root/")
    return f"/root/{deb.name}"


def test_installing_the_same_version_again_keeps_mounts_and_configuration(world):
    package, before = copy_package(world, "shareagent"), world.mount_ids()
    world.guest.ssh("echo '# mine' >>/etc/shareagent/agent.yaml")
    world.guest.ssh(f"DEBIAN_FRONTEND=noninteractive dpkg --force-confold --install {package}", timeout=180)
    assert world.guest.ssh("tail -n 1 /etc/shareagent/agent.yaml").stdout == "# mine\n"
    world.await_well()
    assert world.mount_ids() == before


def test_removed_and_purged_it_leaves_nothing_behind_and_installed_anew_it_works(world):
    package = copy_package(world, "shareagent")
    world.guest.ssh("dpkg --remove shareagent", timeout=180)
    assert world.guest.ssh("test -e /usr/bin/shareagent", check=False).returncode != 0
    assert world.guest.ssh("test -e /etc/shareagent/agent.yaml").returncode == 0
    world.guest.ssh("dpkg --purge shareagent", timeout=180)
    places = "/etc/shareagent /var/lib/shareagent /run/shareagent /usr/libexec/shareagent"
    assert world.guest.ssh(f"ls -d {places} 2>/dev/null", check=False).stdout == ""
    assert world.guest.ssh("systemctl --failed --no-legend --plain").stdout.strip() == ""
    world.guest.ssh(f"dpkg --install {package}", timeout=180)
    world.await_well()


def test_purging_takes_nothing_of_a_share_away_over_which_a_view_stands(world):
    """Such a share is mounted below /run/shareagent, which the package removes: its files are the server's."""
    world.change(lambda host: host.shares[1].update(names={"form": "nfc"}))
    wait_until(lambda: (world.share("projects") or {}).get("names", {}).get("view", {}).get("state") == "standing", 60, "no view stands")
    package = copy_package(world, "shareagent")
    before = sorted(path.name for path in world.folders["projects"].iterdir())
    mounted = world.guest.ssh("findmnt -nr -o TARGET /run/shareagent/raw/projects").stdout
    world.guest.ssh("mkdir -p /var/lib/shareagent/names && touch /var/lib/shareagent/names/mine.journal")
    purged = world.guest.ssh("dpkg --purge shareagent", timeout=180)
    assert sorted(path.name for path in world.folders["projects"].iterdir()) == before
    assert world.guest.ssh("findmnt -nr -o TARGET /run/shareagent/raw/projects").stdout == mounted
    assert world.guest.ssh("ls /var/lib/shareagent/names").stdout == "mine.journal\n", "what puts converted names back stays"
    assert "journals of 'names convert' stay" in purged.stderr
    assert world.guest.ssh("ls -A /run/shareagent").stdout == "raw\n"
    assert world.guest.ssh("systemctl --failed --no-legend --plain").stdout.strip() == ""
    world.guest.ssh("rm -r /var/lib/shareagent; umount /mnt/projects && umount /run/shareagent/raw/projects")
    world.host.shares[1].pop("names")
    world.host.apply()
    world.guest.ssh(f"dpkg --install {package}", timeout=180)
    world.await_well()


def test_the_host_package_installs_upgrades_and_goes(world):
    package = copy_package(world, "shareagent-host")
    world.guest.ssh(f"dpkg --install {package}", timeout=180)
    assert world.guest.ssh("sharehost --version").stdout.strip()
    world.guest.ssh(f"dpkg --install {package}", timeout=180)
    world.guest.ssh("dpkg --purge shareagent-host", timeout=180)
    assert world.guest.ssh("ls -d /etc/sharehost /usr/bin/sharehost 2>/dev/null", check=False).stdout == ""
