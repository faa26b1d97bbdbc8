"""A tree of odd names and what is to be done to it through a view: steps, each with what must come of it by the model of a view's rules."""

import errno
import os
import pathlib
import random
import unicodedata

from . import odd_names


class Tree:
    """A directory of a server, filled with odd names, and what should be in it by now."""

    def __init__(self, folder: pathlib.Path, names: list[bytes], has_links: bool):
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
            elif number % 11 == 5 and has_links:
                # Of each link another one: what is behind a name tells it from all others.
                target = b"../" + names[(number + 1) % len(names)]
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

    def __init__(self, tree: Tree, typed: list[str], seed: int):
        self.tree, self.typed, self.rng = tree, typed, random.Random(seed)
        self.phases: list[tuple[str, object]] = []

    def _behind(self, source: bytes) -> str:
        """As a program sees it: a link's target is translated, too."""
        told = self.tree.sources[source]
        if not told.startswith("link "):
            return told
        parts = bytes.fromhex(told.partition(" ")[2]).split(b"/")
        return "link " + "/".join(odd_names.shown_alone(part) for part in parts).encode().hex()

    def use_all(self) -> None:
        """Listed, opened, moved and removed."""
        self.look("list")
        self.read_in_the_other_form()
        self.move_each_and_back()
        self.look("list again")
        self.remove_half()
        self.look("list the rest")

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
