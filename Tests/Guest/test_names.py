"""File names of other platforms on real shares: scanned, and shown readable by a view over the share."""

import json
import os

import pytest

from Lab.processes import wait_until

# Composed, decomposed, Latin-1 and GBK: what every tool that was looked at loses one of.
NAMES = {b"caf\xc3\xa9.txt": "composed", b"cafe\xcc\x81.txt": "decomposed", b"caf\xe9.txt": "latin", b"\xc4\xe3\xba\xc3.doc": "gbk"}
VIEW = "/mnt/readable"


@pytest.fixture(params=["projects", "files"])
def tree(world, request):
    """A directory of a share (NFS, virtiofs) with the four names in it, as its server has it."""
    folder = world.folders[request.param] / "names"
    folder.mkdir()
    for name, text in NAMES.items():
        with open(os.path.join(os.fsencode(folder), name), "w", encoding="utf-8") as file:
            file.write(text)
    yield request.param, folder
    world.guest.ssh("systemctl stop names-view 2>/dev/null; true")
    for name in os.listdir(os.fsencode(folder)):
        os.unlink(os.path.join(os.fsencode(folder), name))
    folder.rmdir()


def test_names_of_other_platforms_are_found_and_all_of_them_are_readable_in_a_view(world, tree):
    share, folder = tree
    guest, before = world.guest, os.listdir(os.fsencode(folder))
    found = json.loads(guest.ssh(f"shareagent names scan /mnt/{share}/names --json").stdout)
    counts = {finding["code"]: finding["count"] for finding in found["findings"]}
    assert found["names"] == 4 and counts["N1"] == 1 and counts["N2"] == 2 and counts["N4"] == 2, found
    guest.ssh(f"mkdir -p {VIEW}; systemd-run --unit=names-view --collect shareagent names view /mnt/{share}/names {VIEW} --form nfc")
    wait_until(lambda: f" {VIEW} " in world.mountinfo(), 20, "the view is not mounted")
    shown = guest.ssh(f"ls -1 {VIEW}").stdout.splitlines()
    assert len(set(shown)) == 4 and "café.txt" in shown, shown
    contents = guest.ssh(f"cd {VIEW}; for name in *; do cat \"$name\"; echo; done").stdout.split()
    assert sorted(contents) == sorted(NAMES.values())
    assert guest.ssh(f"cat {VIEW}/café.txt").stdout == "composed"
    # Typed decomposed it is the same name, and a new one is written as it is shown.
    assert guest.ssh(f"cat {VIEW}/$(printf 'cafe\\314\\201.txt')").stdout == "composed"
    guest.ssh(f"echo through the view >{VIEW}/$(printf 'u\\314\\210ber.txt') && sync {VIEW}/über.txt")
    wait_until(lambda: b"\xc3\xbcber.txt" in os.listdir(os.fsencode(folder)), 10, "the server has no new file")
    assert (folder / "über.txt").read_text() == "through the view\n"
    guest.ssh(f"mv {VIEW}/über.txt {VIEW}/weg.txt && rm {VIEW}/weg.txt")
    # NFS keeps a removed file as .nfs… while the view holds it; the directory could not be removed then.
    assert sorted(os.listdir(os.fsencode(folder))) == sorted(before)
    guest.ssh(f"cd {VIEW}; mkdir tree; for n in $(seq 20); do echo $n >tree/ü$n; done; ls -l tree >/dev/null; rm -r tree")
    guest.ssh("systemctl stop names-view")
    wait_until(lambda: f" {VIEW} " not in world.mountinfo(), 15, "the view is still there")
