"""Trees of names: scanned beside find, converted beside convmv. Each is made, measured and removed."""

import json
import os
import pathlib
import random
import shutil
import subprocess
import time

from . import names_corpus
from .names_peers import Peers, run

IN_A_DIRECTORY = 100
CONVERTED = 100_000
CONVERTED_IN_A_DIRECTORY = 1_000
# Both know it; convmv has no GB 18030 without a module from elsewhere.
CHARSET = {"ours": "cp936", "convmv": "gbk"}
DEADLINE = 600


class Agent:
    """The packaged command, unpacked, with the programs that belong to it."""

    def __init__(self, tree: pathlib.Path):
        self.command = os.fspath(tree / "usr/bin/shareagent")
        self.libexec = os.fspath(tree / "usr/libexec/shareagent")

    def names(self, *words: object) -> dict:
        environment = os.environ | {"SHAREAGENT_LIBEXEC": self.libexec}
        return json.loads(run(self.command, "names", *words, "--json", env=environment, timeout=DEADLINE))


def touch(folder: pathlib.Path, names: list[bytes]) -> None:
    os.makedirs(folder)
    directory = os.open(folder, os.O_RDONLY)
    for name in names:
        os.close(os.open(name, os.O_CREAT | os.O_WRONLY, dir_fd=directory))
    os.close(directory)


def timed(work) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def scans(agent: Agent, top: pathlib.Path, count: int, rounds: int) -> list[dict]:
    """Seconds of `find` and of a scan, in turns; what the kernel knows of the tree is warm."""
    names = [name.encode() for name in names_corpus.made(count, names_corpus.SEED)]
    results = []
    for what, size in ((f"directories of {IN_A_DIRECTORY}", IN_A_DIRECTORY), ("one directory", count)):
        for number in range(0, count, size):
            touch(top / f"{number // size:05}", names[number:number + size])
        rows: dict[str, list[float]] = {"find": [], "scan": []}
        found = {}
        for _ in range(rounds + 1):
            rows["find"].append(timed(lambda: subprocess.run(["find", top], stdout=subprocess.DEVNULL, check=True, timeout=DEADLINE)))
            rows["scan"].append(timed(lambda: found.update(agent.names("scan", top))))
        expected = count + count // size
        if found["names"] != expected:
            raise RuntimeError(f"the scan saw {found['names']} of {expected} names")
        # The first round warms up.
        results.append({"tree": what, "files": count, "seconds": {name: row[1:] for name, row in rows.items()}})
        shutil.rmtree(top)
    return results


def legacy_names(count: int) -> list[bytes]:
    """Chinese names as an old server has them."""
    draw, names = random.Random(names_corpus.SEED), []
    while len(names) < count:
        # The first level of GB 2312: what people write.
        word = bytes(byte for _ in range(draw.randint(3, 8)) for byte in (draw.randint(0xB0, 0xD6), draw.randint(0xA1, 0xFE)))
        name = word + f" {len(names)}.txt".encode()
        try:
            name.decode()
        except UnicodeDecodeError:
            names.append(name)
    return names


def listed(top: pathlib.Path) -> set[bytes]:
    return {os.path.join(folder, name) for folder, _, files in os.walk(os.fsencode(top)) for name in files}


def conversions(agent: Agent, peers: Peers, top: pathlib.Path, journals: pathlib.Path, rounds: int) -> dict:
    """Seconds of planning, renaming and putting back, in turns, on a file system with a disk under it."""
    names = legacy_names(CONVERTED)
    for number in range(0, CONVERTED, CONVERTED_IN_A_DIRECTORY):
        touch(top / f"{number // CONVERTED_IN_A_DIRECTORY:05}", names[number:number + CONVERTED_IN_A_DIRECTORY])
    before = listed(top)
    wanted = {path.decode("gbk").encode() for path in before}
    rows: dict[str, dict[str, list[float]]] = {}

    def step(side: str, what: str, work, leaves: set[bytes]) -> None:
        os.sync()
        rows.setdefault(what, {}).setdefault(side, []).append(timed(work))
        if listed(top) != leaves:
            raise RuntimeError(f"{side}: other names than expected after: {what}")

    def convmv(source: str, target: str, *more: str) -> None:
        # It says a line about each name; that is its way of showing a plan.
        subprocess.run([*peers.commands["convmv"], "-f", source, "-t", target, "-r", *more, os.fspath(top)], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=True, timeout=DEADLINE)

    def ours(number: int) -> None:
        journal = journals / f"{number}.journal"
        convert = ("convert", top, "--from", CHARSET["ours"])
        step("ours", "plan", lambda: agent.names(*convert), before)
        step("ours", "convert", lambda: agent.names(*convert, "--journal", journal, "--apply"), wanted)
        step("ours", "undo", lambda: agent.names("undo", journal), before)

    def theirs() -> None:
        step("convmv", "plan", lambda: convmv(CHARSET["convmv"], "utf-8"), before)
        step("convmv", "convert", lambda: convmv(CHARSET["convmv"], "utf-8", "--notest"), wanted)
        # It has no journal: it is told the way back, and knows no name that was UTF-8 before.
        step("convmv", "undo", lambda: convmv("utf-8", CHARSET["convmv"], "--notest"), before)

    for number in range(rounds):
        ours(number)
        if "convmv" in peers.commands:
            theirs()
    return {"names": CONVERTED, "directories": CONVERTED // CONVERTED_IN_A_DIRECTORY, "fileSystem": "ext4", "seconds": rows}
