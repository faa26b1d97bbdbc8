"""What the guest scenarios share: one booted guest for many of them, put right again after each."""

import copy
import sys

import pytest

from Lab import image, programs
from Lab.clusters import Clusters
from Lab.clusters import guest_image as clusters_image
from Lab.world import World


def say(text: str) -> None:
    print(f"\nlab: {text}", file=sys.stderr, flush=True)


@pytest.fixture(scope="session")
def bookworm() -> image.Image:
    return image.with_packages("bookworm", [programs.package("shareagent")], say)


@pytest.fixture(scope="session")
def booted(bookworm):
    """The guest of Debian 12 after cloud-init's first attach. Scenarios that change things use `world`."""
    with_servers = World.ready(bookworm)
    try:
        yield with_servers
    finally:
        with_servers.close()


@pytest.fixture
def world(booted):
    """The shared guest with its three shares attached and well, whatever the scenario before did."""
    before = copy.deepcopy(booted.host.configuration)
    yield booted
    booted.host.configuration = before
    for server in booted.lab.servers.values():
        server.thaw()
    if not booted.host.process.running:
        booted.host.start()
    else:
        booted.host.apply()
    booted.guest.ssh("systemctl is-active --quiet shareagent || systemctl start shareagent")
    booted.await_well()


@pytest.fixture(scope="session", params=["bookworm", "trixie"])
def clusters(request):
    """The guest with the helper and the kernel's own servers, among 9p, Ceph, GlusterFS and Samba servers; a guest of its own, of each
    Debian release in turn."""
    ready = Clusters.ready(clusters_image(request.param, say))
    try:
        yield ready
    finally:
        ready.close()


def pytest_collection_modifyitems(items):
    """What holds from power-on is looked at first, what takes the packages away last."""
    ranks = {"test_power_on": 0, "test_packages": 2, "test_trixie": 3, "test_clusters": 4, "test_versions": 5, "test_kernel_servers": 6,
             "test_encrypted": 7}
    items.sort(key=lambda item: ranks.get(item.module.__name__, 1))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed scenario shows the agent's and the host's last words."""
    report = (yield).get_result()
    lab = item.funcargs.get("booted") or item.funcargs.get("world") or item.funcargs.get("clusters") if hasattr(item, "funcargs") else None
    if report.failed and lab is not None:
        try:
            journal = lab.guest.ssh("journalctl -u shareagent -n 40 --no-pager -o cat", check=False, timeout=30).stdout
            report.sections.append(("guest: journal of shareagent", journal))
        except Exception as error:  # the guest may be what failed
            report.sections.append(("guest", f"no journal: {error}\n{lab.guest.console_tail()}"))
        # Where the lab could not be closed its folder is gone already.
        told = lab.host.log.read_text(errors="replace") if lab.host.log.exists() else "it is gone"
        report.sections.append(("host: log of sharehost", "\n".join(told.splitlines()[-20:])))
