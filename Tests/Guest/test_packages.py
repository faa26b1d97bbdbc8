"""The packages as administrators handle them: installed, upgraded, removed, purged."""

import pytest

from Lab import programs

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


def test_the_host_package_installs_upgrades_and_goes(world):
    package = copy_package(world, "shareagent-host")
    world.guest.ssh(f"dpkg --install {package}", timeout=180)
    assert world.guest.ssh("sharehost --version").stdout.strip()
    world.guest.ssh(f"dpkg --install {package}", timeout=180)
    world.guest.ssh("dpkg --purge shareagent-host", timeout=180)
    assert world.guest.ssh("ls -d /etc/sharehost /usr/bin/sharehost 2>/dev/null", check=False).stdout == ""
