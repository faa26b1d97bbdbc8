"""Runs in the guest: does to a directory what a plan says, and prints a JSON object: what differed from the plan, and seconds.

Sent there as text, with the plan in /root/plan.json, so it uses nothing but the standard library of the guest's Python.
Names are hexadecimal. What a file is is told by what is in it: a directory has a file `inside`, a link its target.
"""

import json
import os
import stat
import time
import unicodedata

MOST_TOLD = 20


def told(path: bytes) -> str:
    """What is behind a name, in one text."""
    mode = os.lstat(path).st_mode
    if stat.S_ISLNK(mode):
        return "link " + os.readlink(path).hex()
    if stat.S_ISDIR(mode):
        with open(path + b"/inside", "rb") as file:
            return "directory " + file.read().decode()
    with open(path, "rb") as file:
        return "file " + file.read().decode()


class Exercise:
    """One plan at work."""

    def __init__(self, plan: dict):
        self.plan, self.place = plan, os.fsencode(plan["place"])
        self.problems: list[str] = []
        self.seconds: dict[str, float] = {}

    def path(self, name: str) -> bytes:
        return self.place + b"/" + bytes.fromhex(name)

    def problem(self, *what: object) -> None:
        self.problems.append(" ".join(map(str, what)))

    def listing(self, what: str, wanted: dict[str, str]) -> None:
        """Exactly these names, valid and composed, each of its type, and behind each what should be."""
        entries = {entry.name: entry for entry in os.scandir(self.place)}
        for name in entries:
            try:
                if unicodedata.normalize("NFC", name.decode()) != name.decode():
                    self.problem(what, name, "is not composed")
            except UnicodeDecodeError:
                self.problem(what, name, "is not UTF-8")
        names = [name.hex() for name in os.listdir(self.place)]
        if len(set(names)) != len(names) or len(entries) != len(names):
            self.problem(what, "listed twice", sorted(name for name in names if names.count(name) > 1))
        for name in set(wanted) - set(names):
            self.problem(what, bytes.fromhex(name), "is not listed")
        for name in set(names) - set(wanted):
            self.problem(what, bytes.fromhex(name), "is listed")
        for name in set(names) & set(wanted):
            self.expect(what, name, wanted[name])
            entry = entries[bytes.fromhex(name)]
            kind = "link" if entry.is_symlink() else "directory" if entry.is_dir(follow_symlinks=False) else "file"
            if not wanted[name].startswith(kind):
                self.problem(what, entry.name, "is listed as", kind)

    def expect(self, what: str, name: str, wanted: str) -> None:
        try:
            found = told(self.path(name))
        except OSError as error:
            found = repr(error)
        if found != wanted:
            self.problem(what, bytes.fromhex(name), "is", found, "and not", wanted)

    def step(self, verb: str, *words: str) -> None:
        try:
            if verb == "read":
                self.expect(verb, *words)
            elif verb == "move":
                old, new, wanted = words
                if os.path.lexists(self.path(new)):
                    self.problem("move to", bytes.fromhex(new), "which is there already:", told(self.path(new)))
                else:
                    os.rename(self.path(old), self.path(new))
                    self.expect("moved", new, wanted)
            elif verb == "refused":
                old, new, error = words
                try:
                    os.rename(self.path(old), self.path(new))
                    self.problem("a move to", bytes.fromhex(new), "was not refused")
                except OSError as found:
                    if found.errno != int(error):
                        self.problem("a move to", bytes.fromhex(new), "was refused otherwise:", found)
            elif verb == "remove":
                path = self.path(words[0])
                if stat.S_ISDIR(os.lstat(path).st_mode):
                    os.unlink(path + b"/inside")
                    os.rmdir(path)
                else:
                    os.unlink(path)
                if os.path.lexists(path):
                    self.problem(verb, bytes.fromhex(words[0]), "is still there:", told(path))
        except OSError as error:
            self.problem(verb, [bytes.fromhex(word) for word in words[:2]], error)

    def run(self) -> None:
        for name, work in self.plan["phases"]:
            began = time.monotonic()
            if isinstance(work, dict):
                self.listing(name, work)
            else:
                for step in work:
                    self.step(*step)
            self.seconds[name] = round(time.monotonic() - began, 2)


def main() -> None:
    with open("/root/plan.json", encoding="ascii") as file:
        exercise = Exercise(json.load(file))
    exercise.run()
    print(json.dumps({"count": len(exercise.problems), "problems": exercise.problems[:MOST_TOLD], "seconds": exercise.seconds}))


if __name__ == "__main__":
    main()
