"""NFS by each version from the guest's own kernel server, SMB by each dialect from Samba, and what a server can refuse."""

import pytest

from Lab.clusters import OLD_SMB_PORT
from Lab.network import HOST
from Lab.processes import wait_until

pytestmark = pytest.mark.full

ATTACHED = {"state": "attached", "health": "ok"}
NFS_VERSIONS = ("3", "4.0", "4.1", "4.2")
DIALECTS = {"2.1": "2.1", "3.0": "3.0", "3.0.2": "3.02", "3.1.1": "3.1.1"}  # as a share says it, and as /proc/mounts does
EXPORT = "/srv/export 127.0.0.1(rw,no_root_squash,insecure,no_subtree_check,fsid=7)"


def nfs(**fields) -> dict:
    return {"type": "nfs", "server": "127.0.0.1", "export": "/srv/export", **fields}


def smb(**fields) -> dict:
    return {"source": {"type": "smb", "server": HOST, "share": "open", **fields}, "credential": "alice"}


SHARES = (
    [{"name": f"nfs-{version}", "source": nfs(version=version)} for version in NFS_VERSIONS]
    + [{"name": f"smb-{dialect}", **smb(version=dialect)} for dialect in DIALECTS]
    + [
        {"name": "nfs-auto", "source": nfs(), "access": "ro"},
        {"name": "smb-auto", **smb()},
        {"name": "sealed-by-share", **smb(encryption="required"), "options": {"nosharesock": "true"}},
        {"name": "sealed-by-server", **smb(share="sealed")},
        {"name": "of-a-domain", **smb(domain="CORP"), "options": {"nosharesock": "true"}},
        {"name": "no-tls", "source": nfs(transport="tls")},
        {"name": "channels", **smb(channels=4), "options": {"nosharesock": "true"}},
    ]
)
# name, share, state, cause
WRONG = [
    ("old-server", smb(port=OLD_SMB_PORT), "failed", "version-unsupported"),
    ("sealed-2.1", smb(share="sealed", version="2.1"), "failed", "access-denied"),
    ("no-kerberos", {"source": nfs(security="krb5")}, "failed", "security-unsupported"),
    ("no-kerberos-5p", {"source": nfs(security="krb5p", version="4.2")}, "failed", "security-unsupported"),
]


@pytest.fixture(scope="module")
def versions(clusters):
    before = clusters.host.snapshot()
    # Nobody opens anything by version 4 in a server's first 90 seconds, unless it is told otherwise.
    clusters.guest.ssh("mkdir -p /etc/nfs.conf.d && printf '[nfsd]\\ngrace-time=10\\nlease-time=10\\n' >/etc/nfs.conf.d/lab.conf")
    clusters.guest.ssh(f"mkdir -p /srv/export && echo 'from knfsd' >/srv/export/hello.txt && echo '{EXPORT}' >/etc/exports"
                       " && systemctl start rpcbind.socket nfs-server && exportfs -ra", timeout=120)
    # Of what TLS needs, the guest has nothing here.
    clusters.guest.ssh("systemctl stop tlshd", check=False)
    clusters.host.configuration["shares"] = [*SHARES, *({"name": name, **share} for name, share, _, _ in WRONG)]
    # What is attached is more than half of what goes, so the guest asks twice.
    clusters.host.apply()
    yield clusters
    clusters.host.configuration = before
    clusters.host.apply()
    clusters.guest.ssh("systemctl stop nfs-server", timeout=60)


@pytest.mark.parametrize("version", NFS_VERSIONS)
def test_nfs_by_each_version_and_what_the_server_makes_of_the_sizes(versions, version):
    name = f"nfs-{version}"
    share = versions.await_share(name, timeout=150, **ATTACHED)
    options = versions.mount_options(name)
    assert f"vers={version}" in options
    assert versions.guest.ssh(f"echo {version} >/mnt/{name}/{version} && cat /srv/export/{version} /mnt/{name}/hello.txt").stdout == \
        f"{version}\nfrom knfsd\n"
    # A server with little memory lowers what is asked for; status tells both.
    assert share["options"]["requested"]["rsize"] == "1048576"
    most = int(versions.guest.ssh("cat /proc/fs/nfsd/max_block_size").stdout)
    assert f"rsize={min(most, 1 << 20)}" in options
    assert share["options"]["effective"]["rsize"] == str(min(most, 1 << 20))


def test_nfs_left_to_itself_takes_the_newest(versions):
    versions.await_share("nfs-auto", timeout=150, **ATTACHED)
    assert {"vers=4.2", "ro"} <= set(versions.mount_options("nfs-auto"))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_smb_by_each_dialect(versions, dialect):
    name = f"smb-{dialect}"
    versions.await_share(name, timeout=150, **ATTACHED)
    assert f"vers={DIALECTS[dialect]}" in versions.mount_options(name)
    assert versions.guest.ssh(f"echo {dialect} >/mnt/{name}/{dialect} && cat /mnt/{name}/hello.txt").stdout == "hello from open\n"
    assert (versions.folders["open"] / dialect).read_text() == f"{dialect}\n"


def test_smb_left_to_itself_is_3_1_1_and_signed(versions):
    versions.await_share("smb-auto", timeout=150, **ATTACHED)
    assert "vers=3.1.1" in versions.mount_options("smb-auto")
    assert "Dialect 0x311 signed" in versions.guest.ssh("cat /proc/fs/cifs/DebugData").stdout


@pytest.mark.parametrize("name", ["sealed-by-share", "sealed-by-server"])
def test_smb_is_encrypted_where_the_share_or_the_server_wants_it(versions, name):
    versions.await_share(name, timeout=150, **ATTACHED)
    assert ("seal" in versions.mount_options(name)) == (name == "sealed-by-share")
    assert "ncrypted" in versions.guest.ssh("cat /proc/fs/cifs/DebugData").stdout
    versions.guest.ssh(f"cat /mnt/{name}/hello.txt")


def test_the_user_of_a_domain_comes_with_the_domain(versions):
    versions.await_share("of-a-domain", timeout=150, **ATTACHED)
    assert "domain=CORP" in versions.mount_options("of-a-domain")
    logged = "".join(path.read_text(errors="replace") for path in (versions.samba.folder / "log").iterdir() if path.is_file())
    assert "[CORP]\\[alice]" in logged


def test_wished_channels_are_opened(versions):
    versions.await_share("channels", timeout=150, **ATTACHED)
    assert "max_channels=4" in versions.mount_options("channels")

    def extra_channels() -> int:
        told = versions.guest.ssh("cat /proc/fs/cifs/DebugData").stdout
        return max((int(line.split()[2]) for line in told.splitlines() if line.strip().startswith("Extra Channels:")), default=0)

    assert wait_until(extra_channels, 60, "no second channel is opened", every=1) == 3
    assert versions.guest.ssh("echo wide >/mnt/channels/wide && cat /mnt/channels/wide").stdout == "wide\n"


@pytest.mark.parametrize("name, share, state, cause", WRONG, ids=[row[0] for row in WRONG])
def test_what_cannot_be_had_is_told(versions, name, share, state, cause):
    status = versions.await_share(name, timeout=150, state=state, cause=cause)
    assert status["cause"]["message"].strip() and status["cause"]["remedy"]


def test_what_a_guest_lacks_for_tls_is_told(versions):
    """Linux 6.1 has no TLS for NFS; 6.12 has it, and nobody runs tlshd here."""
    cause = {"bookworm": "security-unsupported", "trixie": "helper-missing"}[versions.image.suite]
    versions.await_share("no-tls", timeout=150, state="failed", cause=cause)


def test_several_shares_of_one_server_go_over_one_connection(versions):
    for name in ("smb-auto", "smb-3.1.1", "sealed-by-server"):
        versions.await_share(name, timeout=150, **ATTACHED)
    data = versions.guest.ssh("cat /proc/fs/cifs/DebugData").stdout
    assert "\\\\10.77.0.1\\open" in data and "\\\\10.77.0.1\\sealed" in data
