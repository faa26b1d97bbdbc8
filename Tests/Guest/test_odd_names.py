"""Hundreds of names that programs stumble over, on a share of each kind, used through a view: what it shows is held against a model of
its rules, and the server's own directory against what was asked for."""

import json
import os
import pathlib
import shutil

import pytest

from Lab import odd_names
from Lab.processes import wait_until
from Lab.view_plan import Plan, Tree

SCRIPT = pathlib.Path(odd_names.__file__).with_name("through_view.py")
VIEW = "/mnt/readable"
KINDS = {"nfs": "projects", "virtiofs": "files", "smb": "team", "9p": "papers"}
SEED = 20261128


@pytest.fixture(params=KINDS)
def place(world, request):
    """A share of each kind: its name in the guest, its directory here, and the names that its server takes."""
    kind, share = request.param, KINDS[request.param]
    folder = world.folders.get(share, world.guest.papers)
    names = odd_names.odd_names()
    if kind == "9p":
        world.guest.plug_ninep("papers")
        world.change(lambda host: host.shares.append({"name": share, "source": {"type": "9p", "tag": "papers"}}))
        world.await_share(share, timeout=60, state="attached", health="ok")
    if kind == "smb":
        others: dict[str, str] = {}
        names = [name for name in names if odd_names.smb_can_carry(name, others)]
    yield kind, f"/mnt/{share}", folder / "odd", names
    world.guest.ssh("systemctl stop names-view 2>/dev/null; true")
    if kind == "9p":
        world.guest.ssh(f"shareagent detach {share}", check=False)
        world.change(lambda host: host.shares.pop())
        world.await_gone(share)
        world.guest.unplug("ninep")
    shutil.rmtree(folder / "odd", ignore_errors=True)


def lay_view(world, source: str, options: str = "--form nfc") -> None:
    world.guest.ssh(f"mkdir -p {VIEW}; systemd-run --quiet --unit=names-view --collect shareagent names view {source} {VIEW} {options}")
    wait_until(lambda: f" {VIEW} " in world.mountinfo(), 20, "the view is not mounted")


def carry_out(world, plan: Plan) -> dict:
    text = json.dumps({"place": VIEW, "phases": plan.phases})
    world.guest.ssh("cat >/root/plan.json", stdin=text)
    return json.loads(world.guest.ssh("python3 -", timeout=600, stdin=SCRIPT.read_text(encoding="utf-8")).stdout)


@pytest.mark.full
def test_hundreds_of_odd_names_are_listed_opened_moved_and_removed_through_a_view(world, place):
    kind, share, folder, names = place
    tree = Tree(folder, names, has_links=kind != "smb")
    # The third writes a byte that is no UTF-8, which SMB has no way to say.
    typed = ["moved {}", "u\u0308mbenannt {}.txt", "\u1112\u1161\u11ab{}" if kind == "smb" else "caf\uefe9 {}.txt"]
    plan = Plan(tree, typed, SEED)
    plan.use_all()
    lay_view(world, f"{share}/odd")
    answer = carry_out(world, plan)
    print(kind, len(names), answer["seconds"], *answer["problems"][:3])
    assert answer["count"] == 0, "\n".join(answer["problems"])
    tree.check()
    assert world.guest.ssh("systemctl is-active names-view").stdout == "active\n"


LOOK = """import json, os, sys
found = {}
for name in sorted(os.listdir(os.fsencode(sys.argv[1]))):
    with open(os.fsencode(sys.argv[1]) + b"/" + name) as file:
        found[name.decode()] = file.read()
print(json.dumps(found))
"""


@pytest.mark.full
def test_of_odd_names_smb_shows_what_it_can_say_and_leaves_the_rest_alone(world):
    """Samba shows names that are no UTF-8 to nobody, and those that Windows cannot have under short ones of its own."""
    guest, folder = world.guest, world.folders["team"] / "odd"
    short = ["a:b", "dot.", "trailing ", "con", "c\x01c"]
    folder.mkdir()
    folder.chmod(0o777)
    server = os.fsencode(folder)
    for name, text in {**odd_names.FOUR, **{name.encode(): name for name in [*short, "private\uf022"]}}.items():
        with open(os.path.join(server, name), "w", encoding="utf-8") as file:
            file.write(text)
    before = sorted(os.listdir(server))
    try:
        lay_view(world, "/mnt/team/odd")
        shown = {place: json.loads(guest.ssh(f"python3 - {place}", stdin=LOOK).stdout) for place in ("/mnt/team/odd", VIEW)}
        for found in shown.values():
            assert sorted(found.values()) == sorted(["composed", "decomposed", *short, "private\uf022"]), found
            assert found["private:"] == "private\uf022"
            assert all("~" in name and name.isascii() for name, text in found.items() if text in short), found
        assert shown[VIEW]["café.txt"] == "composed" and shown[VIEW]["café~glk2ni.txt"] == "decomposed"
        assert sorted(os.listdir(server)) == before
        name = next(name for name, text in shown[VIEW].items() if text == "a:b")
        guest.ssh(f"cd {VIEW} && mv '{name}' weg && mv weg $(printf 'e\\314\\201') && echo new >'wie: so?' && rm café~glk2ni.txt")
        # What a byte outside UTF-8 stands for cannot be said to a Samba server.
        assert guest.ssh(f"echo x >{VIEW}/$(printf 'caf\\356\\277\\251')", check=False).returncode != 0
        new = {"é".encode(), "wie\uf022 so\uf025".encode()}
        assert set(os.listdir(server)) == set(before) - {b"a:b", b"cafe\xcc\x81.txt"} | new
        assert (folder / "é").read_text() == "a:b"
        # A directory that only looks empty is not removed.
        guest.ssh(f"rm -r {VIEW}/*", check=False)
        guest.ssh("systemctl stop names-view; rmdir /mnt/team/odd", check=False)
        assert {b"caf\xe9.txt", b"\xc4\xe3\xba\xc3.doc"} <= set(os.listdir(server))
    finally:
        guest.ssh("systemctl stop names-view 2>/dev/null; true")
        shutil.rmtree(folder, ignore_errors=True)
