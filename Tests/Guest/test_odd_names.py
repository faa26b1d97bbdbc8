"""Hundreds of names that programs stumble over, on a share of each kind, used through a view: what it shows is held against a model of
its rules, and the server's own directory against what was asked for."""

import errno
import json
import os
import pathlib
import random
import shutil
import unicodedata

import pytest

from Lab import odd_names
from Lab.processes import wait_until

SCRIPT = pathlib.Path(odd_names.__file__).with_name("through_view.py")
VIEW = "/mnt/readable"
KINDS = {"nfs": "projects", "virtiofs": "files", "smb": "team", "9p": "papers"}
SEED = 20261128


class Tree:
    """A directory of a server, filled with odd names, and what should be in it by now."""

    def __init__(self, folder: pathlib.Path, names: list[bytes], hasLinks: bool):
        self.folder = os.fsencode(folder)
        self.sources: dict[bytes, str] = {}
        folder.mkdir()
        folder.chmod(0o777)
        for number, name in enumerate(names):
            path = os.path.join(self.folder, name)
            if number % 7 == 3:
                os.mkdir(path)
                self._write(path + b"/inside", number)
                self.sources[name] = f"directory {number}"
            elif number % 11 == 5 and hasLinks:
                target = b"../" + names[number * 7 % len(names)]
                os.symlink(target, path)
                self.sources[name] = "link " + target.hex()
            else:
                self._write(path, number)
                self.sources[name] = f"file {number}"
        self.inodes = {self.sources[name]: os.lstat(os.path.join(self.folder, name)).st_ino for name in names}

    @staticmethod
    def _write(path: bytes, number: int) -> None:
        with open(path, "w", encoding="ascii") as file:
            file.write(str(number))

    def told(self, name: bytes) -> str:
        """What is behind a name, on the server itself."""
        path = os.path.join(self.folder, name)
        if os.path.islink(path):
            return "link " + os.readlink(path).hex()
        if os.path.isdir(path):
            with open(path + b"/inside", encoding="ascii") as file:
                return "directory " + file.read()
        with open(path, encoding="ascii") as file:
            return "file " + file.read()

    def check(self) -> None:
        """By its bytes, by what is in it, and by its number: the server has what it should, and nothing else."""
        names = [name for name in os.listdir(self.folder) if not name.startswith(b".nfs")]
        assert sorted(names) == sorted(self.sources)
        assert {name: self.told(name) for name in names} == self.sources
        for name, told in self.sources.items():
            assert os.lstat(os.path.join(self.folder, name)).st_ino == self.inodes[told], name


class Plan:
    """Steps through a view, each with what must come of it by the model."""

    def __init__(self, tree: Tree, typed: list[str]):
        self.tree, self.typed, self.rng = tree, typed, random.Random(SEED)
        self.phases: list[tuple[str, object]] = []

    def _behind(self, source: bytes) -> str:
        """As a program sees it: a link's target is translated, too."""
        told = self.tree.sources[source]
        if not told.startswith("link "):
            return told
        parts = bytes.fromhex(told.partition(" ")[2]).split(b"/")
        return "link " + "/".join(odd_names.shown_alone(part) for part in parts).encode().hex()

    def look(self, what: str) -> None:
        self.phases.append((what, {name.encode().hex(): self._behind(source) for name, source in self._shown().items()}))

    def _shown(self) -> dict[str, bytes]:
        return odd_names.shown(self.tree.sources)

    def read_in_the_other_form(self) -> None:
        steps = []
        for name, source in self._shown().items():
            spelled = unicodedata.normalize("NFD", name).encode()
            if spelled != name.encode() and len(spelled) <= odd_names.LONGEST:
                steps.append(["read", spelled.hex(), self._behind(source)])
        self.phases.append(("read", steps))

    def move_each_and_back(self) -> None:
        """To a new name, and back to what it was called. That is another name on the source where the first one was not what its view's
        name is written as; and what took its place meanwhile stays."""
        steps: list[list[str]] = []
        behind = {told: name for name, told in self.tree.sources.items()}
        for number, told in enumerate(self.rng.sample(sorted(behind), len(behind))):
            before = self._named(told)
            away = self.typed[number % len(self.typed)].format(number)
            self._move(steps, before, away)
            shown = self._shown()
            if before in shown:
                steps.append(["read", before.encode().hex(), self._behind(shown[before])])
            elif odd_names.stored(before) is None:
                steps.append(["refused", away.encode().hex(), before.encode().hex(), str(errno.EILSEQ)])
            else:
                self._move(steps, away, before)
        self.phases.append(("move", steps))

    def _named(self, told: str) -> str:
        return next(name for name, source in self._shown().items() if self.tree.sources[source] == told)

    def _move(self, steps: list[list[str]], old: str, new: str) -> None:
        sources = self.tree.sources
        told = sources.pop(self._shown()[odd_names.composed(old)])
        sources[odd_names.stored(new)] = told
        steps.append(["move", old.encode().hex(), new.encode().hex(), self._behind(odd_names.stored(new))])

    def remove_half(self) -> None:
        steps = []
        for told in self.rng.sample(sorted(self.tree.sources.values()), len(self.tree.sources) // 2):
            name = self._named(told)
            del self.tree.sources[self._shown()[name]]
            steps.append(["remove", name.encode().hex()])
        self.phases.append(("remove", steps))


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
    tree = Tree(folder, names, hasLinks=kind != "smb")
    # The third writes a byte that is no UTF-8, which SMB has no way to say.
    typed = ["moved {}", "u\u0308mbenannt {}.txt", "\u1112\u1161\u11ab{}" if kind == "smb" else "caf\uefe9 {}.txt"]
    plan = Plan(tree, typed)
    plan.look("list")
    plan.read_in_the_other_form()
    plan.move_each_and_back()
    plan.look("list again")
    plan.remove_half()
    plan.look("list the rest")
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
