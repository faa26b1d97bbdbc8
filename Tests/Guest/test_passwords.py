"""Whatever a password is made of, the server gets exactly that: each is set in Samba and given on the host, and the share attached anew."""

import pytest

PASSWORDS = {
    "comma": "a,b,,c,",
    "an option": "x,ro,uid=0,username=root",
    "quotes": "\"double\" and 'single'",
    "backslashes": "\\back\\\\slash\\n\\",
    "spaces": "  in front, behind  ",
    "a shell's": "$(reboot) `id` %u %% ${HOME} ! # ; & | > <",
    "equals and percent": "=%=password=%00",
    "not ASCII": "пароль ñandú 密碼 \U0001f511",
    "decomposed": "e\u0301 is not \u00e9",
    "control characters": "tab\tand\x7fdelete",
    "one character": "x",
    # The kernel's client makes its key from 128 bytes; longer ones are refused before a server is asked (PasswordTests).
    "64 characters of two bytes": "\u00fc" * 64,
    "128 characters": "0123456789abcdef" * 8,
}


@pytest.fixture(scope="module")
def with_own_password(booted):
    """The usual SMB share with another password for a while."""
    server, before = booted.lab.servers["smb"], booted.lab.servers["smb"].password
    yield booted
    server.set_password(before)
    booted.host.add_password("team-user", "alice", before)
    booted.guest.ssh("shareagent detach team --lazy; shareagent attach team --wait 60s", timeout=120)
    booted.await_well()


@pytest.mark.parametrize("password", PASSWORDS.values(), ids=PASSWORDS.keys())
def test_any_password_works_against_samba(with_own_password, password):
    world = with_own_password
    world.guest.ssh("shareagent detach team")
    world.lab.servers["smb"].set_password(password)
    world.host.add_password("team-user", "alice", password)
    world.guest.ssh("shareagent attach team --wait 60s", timeout=120)
    world.await_share("team", state="attached", health="ok")
    assert world.guest.ssh("cat /mnt/team/hello.txt").stdout.startswith("SMB says hello")
    seen = world.guest.ssh("cat /proc/mounts; journalctl -u shareagent -o cat --no-pager; dmesg; shareagent status --json").stdout
    if len(password) > 1:
        assert password not in seen
