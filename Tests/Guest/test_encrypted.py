"""NFS over TLS between the guest's own client and server, each with tlshd and certificates of an authority made for it."""

import subprocess

import pytest

from Lab.network import HOST
from Lab.processes import wait_until

# xprtsec is in the kernel from 6.5 on, and tlshd in Debian from trixie on.
pytestmark = [pytest.mark.full, pytest.mark.parametrize("clusters", ["trixie"], indirect=True)]

ATTACHED = {"state": "attached", "health": "ok"}
EXPORTS = {"plain": "", "tls": ",xprtsec=tls:mtls", "mtls": ",xprtsec=mtls", "any": ""}
CONFIGURATION = """[debug]
loglevel=0
tls=0
nl=0
[authenticate.client]
x509.truststore= /etc/tlshd/authority.pem
x509.certificate= /etc/tlshd/{client}.pem
x509.private_key= /etc/tlshd/{client}.key
[authenticate.server]
x509.truststore= /etc/tlshd/authority.pem
x509.certificate= /etc/tlshd/{server}.pem
x509.private_key= /etc/tlshd/{server}.key
"""


def nfs(name: str, export: str, transport: str = "tls", **fields) -> dict:
    return {"name": name, "source": {"type": "nfs", "server": "127.0.0.1", "export": f"/srv/{export}", "transport": transport, **fields}}


def make_papers(folder) -> None:
    """Two authorities; of the first a server's and a client's certificate, of the other one a stranger's."""

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    for authority in ("authority", "other-authority"):
        openssl("req", "-x509", *key, "-keyout", f"{authority}.key", "-out", f"{authority}.pem", "-days", "30", "-subj", f"/CN={authority}")
    for name, authority in (("server", "authority"), ("client", "authority"), ("stranger", "other-authority")):
        openssl("req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        (folder / f"{name}.names").write_text("subjectAltName=DNS:guest,IP:127.0.0.1\n")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey", f"{authority}.key", "-CAcreateserial",
                "-days", "30", "-out", f"{name}.pem", "-extfile", f"{name}.names")


@pytest.fixture(scope="module")
def encrypted(clusters):
    before = clusters.host.snapshot()
    papers = clusters.lab.folder / "papers"
    papers.mkdir()
    make_papers(papers)
    for path in (*papers.glob("*.pem"), *papers.glob("*.key")):
        clusters.guest.ssh(f"mkdir -p /etc/tlshd; umask 077; cat >/etc/tlshd/{path.name}", stdin=path.read_text())
    exports = "".join(f"/srv/{name} 127.0.0.1(rw,no_root_squash,insecure,no_subtree_check,fsid={40 + number}{rules})\n"
                      for number, (name, rules) in enumerate(EXPORTS.items()))
    clusters.guest.ssh("cat >/etc/exports", stdin=exports)
    clusters.guest.ssh(f"for name in {' '.join(EXPORTS)}; do mkdir -p /srv/$name; echo from $name >/srv/$name/hello.txt; done;"
                       " mkdir -p /etc/nfs.conf.d; printf '[nfsd]\\ngrace-time=10\\nlease-time=10\\n' >/etc/nfs.conf.d/lab.conf;"
                       " systemctl start rpcbind.socket nfs-server && exportfs -ra", timeout=120)
    use(clusters)
    clusters.lab.serve_nfs({"/projects": clusters.folders["open"]})
    yield clusters
    clusters.host.configuration = before
    clusters.host.apply()
    clusters.guest.ssh("systemctl stop nfs-server tlshd", timeout=60)


@pytest.fixture
def world(encrypted):
    """With no NFS share attached before and after: of one server's shares, the first decides for all."""
    before = encrypted.host.snapshot()
    yield encrypted
    names = [share["name"] for share in encrypted.host.shares if share not in before["shares"]]
    encrypted.host.configuration = before
    encrypted.host.apply()
    for name in names:
        encrypted.await_gone(name, timeout=60)


def use(world, server: str = "server", client: str = "client") -> None:
    """Gives both ends their certificates; tlshd reads them at its start."""
    world.guest.ssh("cat >/etc/tlshd.conf && systemctl restart tlshd", stdin=CONFIGURATION.format(server=server, client=client))


def offer(world, *shares: dict) -> None:
    world.change(lambda host: host.shares.extend(shares))


@pytest.mark.parametrize("version", ["4.2", "4.1", "4.0", "3"])
def test_a_share_goes_over_tls_by_each_version(world, version):
    offer(world, nfs("sealed", "tls", version=version))
    world.await_share("sealed", timeout=60, **ATTACHED)
    assert {"xprtsec=tls", f"vers={version}"} <= set(world.mount_options("sealed"))
    assert world.guest.ssh("echo ours >/mnt/sealed/ours && cat /srv/tls/ours /mnt/sealed/hello.txt").stdout == "ours\nfrom tls\n"


def test_with_a_certificate_of_the_guest_where_the_export_wants_one(world):
    offer(world, nfs("both", "mtls", "mtls"))
    world.await_share("both", timeout=60, **ATTACHED)
    assert "xprtsec=mtls" in world.mount_options("both")
    assert world.guest.ssh("cat /mnt/both/hello.txt").stdout == "from mtls\n"


@pytest.mark.parametrize("export, transport", [("tls", "tcp"), ("mtls", "tls")])
def test_less_than_the_export_wants_is_told_with_what_to_say(world, export, transport):
    offer(world, nfs("less", export, transport, version="4.2"))
    share = world.await_share("less", timeout=60, state="failed", cause="access-denied")
    assert any(f"source.transport: {export}" in line for line in share["cause"]["remedy"])


def test_a_server_without_tls_is_told_before_anything_is_mounted(world):
    offer(world, {"name": "open", "source": {"type": "nfs", "server": HOST, "export": "/projects", "version": "4.1", "transport": "tls"}})
    share = world.await_share("open", timeout=60, state="failed", cause="encryption-required")
    assert f"{HOST} has none" in share["cause"]["message"]


def test_a_certificate_for_another_name_is_told(world):
    offer(world, nfs("misnamed", "tls", server="localhost"))
    share = world.await_share("misnamed", timeout=60, state="failed", cause="security-unsupported")
    assert "another name than localhost" in share["cause"]["message"]


@pytest.mark.parametrize("side", ["server", "client"])
def test_a_certificate_that_the_other_side_does_not_trust_is_told_and_a_right_one_helps(world, side):
    use(world, **{side: "stranger"})
    try:
        offer(world, nfs("doubted", "mtls", "mtls"))
        share = world.await_share("doubted", timeout=60, state="failed", cause="security-unsupported")
        assert any("journalctl -u tlshd" in line for line in share["cause"]["remedy"])
    finally:
        use(world)
    world.guest.ssh("shareagent attach doubted --wait 30s")
    world.await_share("doubted", timeout=30, **ATTACHED)


def test_a_guest_without_tlshd_is_told_what_to_start(world):
    world.guest.ssh("systemctl stop tlshd")
    try:
        offer(world, nfs("unhandled", "tls"))
        share = world.await_share("unhandled", timeout=60, state="failed", cause="helper-missing")
        assert any("tlshd" in line for line in share["cause"]["remedy"])
    finally:
        use(world)
    world.guest.ssh("shareagent attach unhandled --wait 30s")


@pytest.mark.parametrize("server", ["127.0.0.1", "guest"])
def test_a_share_that_wishes_tls_is_not_put_on_the_open_connection_of_another_one(world, server):
    """What the kernel does unasked: by version 4 it knows the server again, under any name, and has one connection for all."""
    offer(world, nfs("plain", "plain", "tcp", version="4.2"))
    world.await_share("plain", timeout=60, **ATTACHED)
    offer(world, nfs("secret", "any", version="4.2", server=server))
    share = world.await_share("secret", timeout=60, state="failed", cause="encryption-required")
    assert any("same transport" in line for line in share["cause"]["remedy"])
    assert not world.mount_options("secret")
    world.guest.ssh("shareagent detach plain && shareagent attach secret --wait 30s")
    world.await_share("secret", timeout=30, **ATTACHED)
    assert "xprtsec=tls" in world.mount_options("secret")


def test_a_broken_connection_comes_back_encrypted(world):
    offer(world, nfs("lasting", "tls", version="4.2"))
    world.await_share("lasting", timeout=60, **ATTACHED)
    world.guest.ssh("ss -K dst 127.0.0.1 dport = 2049")
    wait_until(lambda: world.guest.ssh("timeout 20 cat /mnt/lasting/hello.txt", check=False).stdout == "from tls\n", 60, "no way back")
    assert "xprtsec=tls" in world.mount_options("lasting")
