"""File names of other platforms on real shares: scanned, and shown readable by a view over the share."""

import json
import os
import shutil

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


def entries(folder):
    """Each name on the server, by its bytes, with the number of its file."""
    return {name: os.lstat(os.path.join(os.fsencode(folder), name)).st_ino for name in os.listdir(os.fsencode(folder))}


def test_names_are_converted_for_good_and_all_of_them_come_back(world, tree):
    share, folder = tree
    guest, before = world.guest, entries(folder)
    place, journal = f"/mnt/{share}/names", f"/var/tmp/{share}.journal"
    convert = f"shareagent names convert {place} --from gb18030 --collisions suffix --json"
    inner = f"{place}/$(printf '\\304\\343')"
    guest.ssh(
        f"rm -f {journal}; ln -s $(printf '\\304\\343\\272\\303.doc') {place}/link;"
        f" mkdir {inner} && echo in it >{inner}/$(printf '\\272\\303')"
    )
    before = entries(folder)
    try:
        # The Latin name is none of GB 18030: it stays, and status 2 says so. The decomposed one would be the composed one.
        planned = guest.ssh(convert, check=False)
        plan = json.loads(planned.stdout)
        assert planned.returncode == 2 and plan["renames"] == 4 and plan["links"] == 1 and plan["problems"]["count"] == 1, planned
        assert entries(folder) == before
        applied = guest.ssh(f"{convert} --apply --journal {journal}", check=False)
        done = json.loads(applied.stdout)
        assert applied.returncode == 2 and done["done"] == 5, applied
        after = entries(folder)
        assert after["你好.doc".encode()] == before[b"\xc4\xe3\xba\xc3.doc"]
        assert (folder / "你" / "好").read_text() == "in it\n"
        assert len(after) == 6 and "café.txt".encode() in after and b"caf\xe9.txt" in after, after
        assert sum(name.startswith("café~".encode()) for name in after) == 1
        assert os.readlink(os.path.join(os.fsencode(folder), b"link")) == "你好.doc".encode()
        undone = json.loads(guest.ssh(f"shareagent names undo {journal} --json").stdout)
        assert undone["done"] == 5 and undone["problems"]["count"] == 0, undone
        assert os.readlink(os.path.join(os.fsencode(folder), b"link")) == b"\xc4\xe3\xba\xc3.doc"
        assert {name: number for name, number in entries(folder).items() if name != b"link"} == {
            name: number for name, number in before.items() if name != b"link"
        }
    finally:
        guest.ssh(f"rm -rf {place}/link {place}/你 {inner} {journal}")


def test_a_conversion_that_is_killed_is_undone_and_gone_on_with(world, tree):
    share, folder = tree
    guest, before = world.guest, entries(folder)
    place, journal = f"/mnt/{share}/names", f"/var/tmp/{share}.journal"
    order = json.dumps({"path": place, "from": "gb18030", "to": "nfc", "collisions": "suffix", "apply": True, "journal": journal})
    # Killed a moment later each time, until it is faster than the kill.
    script = (
        f"rm -f {journal}; for wait in 0.02 0.05 0.08 0.12 0.2 0.4; do"
        f" timeout -s KILL $wait /usr/libexec/shareagent/share-names convert '{order}' >/dev/null; test -s {journal} || continue;"
        f" shareagent names undo {journal} >/dev/null || true; ls {place} >/dev/null; done;"
        f" shareagent names convert {place} --from gb18030 --collisions suffix --apply --journal {journal} >/dev/null; echo $?"
    )
    try:
        # 2 where it was planned anew, since the Latin name stays; 0 where a plan was gone on with.
        assert guest.ssh(script, timeout=120).stdout.split()[-1] in ("0", "2")
        assert "你好.doc".encode() in entries(folder)
        guest.ssh(f"shareagent names undo {journal}")
        assert entries(folder) == before
    finally:
        guest.ssh(f"rm -f {journal}")


def test_a_directory_that_takes_two_spellings_for_one_name_is_converted(world):
    """Case folding of ext4 does as APFS does: it keeps the name that it is given and finds it by the other spelling."""
    guest, mount = world.guest, "/var/tmp/folding"
    guest.ssh(
        f"set -e; truncate -s 32M {mount}.img; mkfs.ext4 -q -O casefold -E encoding=utf8 {mount}.img; mkdir -p {mount};"
        f" mount -o loop {mount}.img {mount}; mkdir {mount}/tree; chattr +F {mount}/tree"
    )
    try:
        name = "$(printf 'cafe\\314\\201')"
        guest.ssh(f"set -e; mkdir {mount}/tree/{name}; echo text >{mount}/tree/{name}/{name}.txt; test -e {mount}/tree/café/CAFÉ.txt")
        before = guest.ssh(f"cd {mount}; find tree -printf '%i %p\\n' | sort | od -c").stdout
        convert = f"shareagent names convert {mount}/tree --from utf-8 --apply --journal {mount}.journal --json"
        done = json.loads(guest.ssh(convert).stdout)
        assert done["done"] == 2, done
        assert guest.ssh(f"ls {mount}/tree {mount}/tree/* | od -c | grep -c 314", check=False).stdout.strip() == "0"
        guest.ssh(f"shareagent names undo {mount}.journal")
        assert guest.ssh(f"cd {mount}; find tree -printf '%i %p\\n' | sort | od -c").stdout == before
    finally:
        guest.ssh(f"umount {mount}; rm -rf {mount} {mount}.img {mount}.journal")


@pytest.mark.full
def test_decomposed_names_on_smb_are_converted_and_come_back(world):
    guest, folder = world.guest, world.folders["team"] / "names"
    (folder / "u\u0308ber").mkdir(parents=True)
    (folder / "u\u0308ber" / "cafe\u0301.txt").write_text("text")
    folder.chmod(0o777)
    (folder / "u\u0308ber").chmod(0o777)
    journal = "/var/tmp/team.journal"
    try:
        guest.ssh(f"rm -f {journal}")
        done = json.loads(guest.ssh(f"shareagent names convert /mnt/team/names --from utf-8 --apply --journal {journal} --json").stdout)
        assert done["done"] == 2 and done["problems"]["count"] == 0, done
        assert (folder / "über" / "café.txt").read_text() == "text"
        guest.ssh(f"shareagent names undo {journal}")
        assert (folder / "u\u0308ber" / "cafe\u0301.txt").read_text() == "text"
    finally:
        guest.ssh(f"rm -f {journal}")
        shutil.rmtree(folder)


# FAT12 in the bytes that the kernel looks at: 512-byte sectors, 4 to a cluster, 1 reserved, two tables of 8, 512 names at the top, 4 MiB.
FAT = r"""
import struct
boot = b"\xeb\x3c\x90shareagt" + struct.pack("<HBHBHHBHHHII", 512, 4, 1, 2, 512, 8192, 0xF8, 8, 32, 2, 0, 0)
boot += b"\x80\0\x29\1\2\3\4NAMES      FAT12   "
table = b"\xf8\xff\xff".ljust(8 * 512, b"\0")
with open("/root/fat.img", "wb") as file:
    file.write(boot.ljust(510, b"\0") + b"\x55\xaa" + table * 2)
    file.truncate(8192 * 512)
"""


@pytest.mark.full
def test_names_on_fat_are_planned_and_not_renamed_as_nothing_could_be_put_back(world):
    guest = world.guest
    guest.ssh("python3 -", stdin=FAT)
    guest.ssh("mkdir -p /root/fat && mount -o loop,iocharset=utf8 /root/fat.img /root/fat")
    try:
        guest.ssh("touch \"$(printf '/root/fat/cafe\\314\\201.txt')\"")
        before = guest.ssh("ls /root/fat | od -c").stdout
        convert = "shareagent names convert /root/fat --from utf-8 --to nfc --json"
        planned = guest.ssh(convert)
        assert "café.txt" in planned.stdout, planned.stdout
        refused = guest.ssh(f"{convert} --apply --journal /root/fat.journal", check=False)
        cause = json.loads(refused.stdout)["cause"]
        assert refused.returncode != 0 and cause["code"] == "filesystem-unsupported" and "vfat" in cause["evidence"][0]
        assert guest.ssh("ls /root/fat | od -c").stdout == before
        guest.ssh("test ! -e /root/fat.journal")
    finally:
        guest.ssh("umount /root/fat; rm -rf /root/fat /root/fat.img /root/fat.journal", check=False)
