"""Servers reached by IPv6: NFS in the guest's own kernel, Samba on the host."""

import pytest

from Lab.network import GUEST6, GUEST6_LINK, HOST6

pytestmark = pytest.mark.full

ATTACHED = {"state": "attached", "health": "ok"}
# Each by a version of its own: by one version of 4 the kernel knows a server again, whatever its address, and keeps to the first one.
NFS = {"literal": (GUEST6, "4.2"), "name": ("nas6", "4.1"), "link": (f"{GUEST6_LINK}%CARD", "4.0"), "third": (GUEST6, "3")}
SMB = {"smb-literal": HOST6, "smb-name": "smb6"}


@pytest.fixture(scope="module")
def by_ipv6(clusters):
    before = clusters.host.snapshot()
    guest = clusters.guest
    card = guest.add_ipv6()
    guest.ssh(f"printf '{GUEST6} nas6\\n{HOST6} smb6\\n' >>/etc/hosts; mkdir -p /etc/nfs.conf.d /srv/six;"
              " echo 'from knfsd' >/srv/six/hello.txt;"
              " printf '[nfsd]\\ngrace-time=10\\nlease-time=10\\n' >/etc/nfs.conf.d/lab.conf;"
              " echo '/srv/six *(rw,no_root_squash,insecure,no_subtree_check,fsid=6)' >/etc/exports;"
              " systemctl start rpcbind.socket nfs-server && exportfs -ra", timeout=120)
    shares = [{"name": name, "source": {"type": "nfs", "server": server.replace("CARD", card), "export": "/srv/six", "version": version}}
              for name, (server, version) in NFS.items()]
    shares += [{"name": name, "source": {"type": "smb", "server": server, "share": "open"}, "credential": "alice"}
               for name, server in SMB.items()]
    shares.append({"name": "zoneless", "source": {"type": "nfs", "server": GUEST6_LINK, "export": "/srv/six"}})
    shares.append({"name": "other-name", "attach": "manual",
                   "source": {"type": "nfs", "server": "nas6", "export": "/srv/six", "version": NFS["literal"][1]}})
    clusters.change(lambda host: host.shares.extend(shares))
    yield clusters
    clusters.host.configuration = before
    clusters.host.apply()
    for share in shares:
        clusters.await_gone(share["name"], timeout=60)
    guest.ssh("systemctl stop nfs-server", timeout=60)


@pytest.mark.parametrize("name", NFS)
def test_nfs(by_ipv6, name):
    share = by_ipv6.await_share(name, timeout=90, **ATTACHED)
    options = by_ipv6.mount_options(name)
    assert {"proto=tcp6", f"vers={NFS[name][1]}"} <= set(options)
    assert any(option.startswith("addr=fe80:" if name == "link" else f"addr={GUEST6}") for option in options)
    seen = by_ipv6.guest.ssh(f"echo {name} >/mnt/{name}/{name} && cat /srv/six/{name} /mnt/{name}/hello.txt").stdout
    assert seen == f"{name}\nfrom knfsd\n"
    assert share["options"]["effective"]["proto"] == "tcp6"


@pytest.mark.parametrize("name", SMB)
def test_smb(by_ipv6, name):
    by_ipv6.await_share(name, timeout=90, **ATTACHED)
    # With all its zeros.
    assert any(option.startswith("addr=fd77:") for option in by_ipv6.mount_options(name))
    assert by_ipv6.guest.ssh(f"cat /mnt/{name}/hello.txt").stdout == "hello from open\n"


def test_a_link_local_server_without_its_zone_is_told_what_is_missing(by_ipv6):
    share = by_ipv6.await_share("zoneless", timeout=90, state="failed", cause="server-unreachable")
    assert any(f"{GUEST6_LINK}%" in line for line in share["cause"]["remedy"])


def test_one_export_under_two_names_of_its_server_is_told_and_leaves_no_mount_behind(by_ipv6):
    """The kernel has one file system for both and shows the first name alone."""
    by_ipv6.await_share("literal", timeout=90, **ATTACHED)
    by_ipv6.guest.ssh("shareagent attach other-name --wait 30s", check=False, timeout=60)
    share = by_ipv6.await_share("other-name", timeout=30, state="failed", cause="already-attached")
    assert "/mnt/literal" in share["cause"]["message"]
    assert "/mnt/other-name " not in by_ipv6.mountinfo()
    assert by_ipv6.guest.ssh("cat /mnt/literal/hello.txt").stdout == "from knfsd\n"
