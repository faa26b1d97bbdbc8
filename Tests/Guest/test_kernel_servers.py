"""ksmbd, the kernel's own SMB server, in the guest itself.

In Debian 12 (6.1) it stops with an oops at the first mount by 2.1, so it is tried in Debian 13 (6.12) alone."""

import pytest

from Lab.network import GUEST6_LINK

pytestmark = [pytest.mark.full, pytest.mark.parametrize("clusters", ["trixie"], indirect=True)]

ATTACHED = {"state": "attached", "health": "ok"}
PORT = 4455
DIALECTS = {"2.1": "2.1", "3.0": "3.0", "3.0.2": "3.02", "3.1.1": "3.1.1"}
CONFIGURATION = f"""[global]
    tcp port = {PORT}
    server min protocol = SMB2_10
    server max protocol = SMB3_11
    smb3 encryption = auto
[team]
    path = /srv/ksmbd
    read only = no
    valid users = alice
"""


def smb(**fields) -> dict:
    return {"credential": "ksmbd-user", "source": {"type": "smb", "server": "127.0.0.1", "port": PORT, "share": "team", **fields}}


SHARES = [
    *({"name": f"k-{dialect}", **smb(version=dialect)} for dialect in DIALECTS),
    {"name": "k-auto", **smb()},
    {"name": "k-sealed", **smb(encryption="required")},
    {"name": "k-nothing", **smb(share="nothing")},
    {"name": "k-wrong", **smb(), "credential": "ksmbd-wrong"},
]


@pytest.fixture(scope="module")
def ksmbd(clusters):
    before = clusters.host.snapshot()
    guest = clusters.guest
    guest.ssh("mkdir -p /srv/ksmbd && chmod 777 /srv/ksmbd && echo 'from ksmbd' >/srv/ksmbd/hello.txt && cat >/etc/ksmbd/ksmbd.conf",
              stdin=CONFIGURATION)
    guest.ssh("ksmbd.adduser -a -p 'the, password' alice && systemctl restart ksmbd", timeout=60)
    zone = f"{GUEST6_LINK}%{guest.add_ipv6()}"
    SHARES.append({"name": "k-link", **smb(server=zone)})
    clusters.host.add_password("ksmbd-user", "alice", "the, password")
    clusters.host.add_password("ksmbd-wrong", "alice", "another password")
    clusters.change(lambda host: host.shares.extend(SHARES))
    yield clusters
    clusters.host.configuration = before
    clusters.host.apply()
    for share in SHARES:
        clusters.await_gone(share["name"], timeout=60)
    guest.ssh("systemctl stop ksmbd", timeout=60)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_dialect(ksmbd, dialect):
    name = f"k-{dialect}"
    ksmbd.await_share(name, timeout=90, **ATTACHED)
    assert f"vers={DIALECTS[dialect]}" in ksmbd.mount_options(name)
    file = f"/mnt/{name}/{dialect}"
    ksmbd.guest.ssh(f"head -c 3000000 /dev/urandom >/root/random && cp /root/random {file} && sync {file}"
                    f" && echo 3 >/proc/sys/vm/drop_caches && cmp /root/random {file} && cmp /root/random /srv/ksmbd/{dialect}")


@pytest.mark.parametrize("name, word", [("k-auto", "vers=3.1.1"), ("k-sealed", "seal"), ("k-link", "addr=fe80:")])
def test_left_to_itself_encrypted_and_by_a_link_local_address(ksmbd, name, word):
    ksmbd.await_share(name, timeout=90, **ATTACHED)
    assert any(option.startswith(word) for option in ksmbd.mount_options(name))
    assert ksmbd.guest.ssh(f"cat /mnt/{name}/hello.txt").stdout == "from ksmbd\n"


@pytest.mark.parametrize("name, cause", [("k-nothing", "export-not-found"), ("k-wrong", "credential-rejected")])
def test_what_is_wrong_is_told(ksmbd, name, cause):
    assert ksmbd.await_share(name, timeout=90, state="failed", cause=cause)["cause"]["remedy"]


def test_the_kernel_is_still_well(ksmbd):
    assert "Oops" not in ksmbd.guest.ssh("dmesg").stdout
