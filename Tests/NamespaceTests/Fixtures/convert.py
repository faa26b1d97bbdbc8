"""Conversions of names by the real program on a real file system: killed with SIGKILL at each of its changing system calls, on file systems
that take two spellings for one name, and what else only a kernel can answer.

    convert.py CHECK SHARE_NAMES DIRECTORY"""

import json
import os
import shutil
import signal
import subprocess
import sys

PROGRAM, PLACE = sys.argv[2], os.fsencode(sys.argv[3])
TREE = os.path.join(PLACE, b"tree")
JOURNAL = os.fsdecode(os.path.join(os.path.dirname(PLACE), b"journal-" + os.path.basename(PLACE)))
CHANGING = ("renameat2", "unlinkat", "symlinkat", "utimensat", "write", "fsync", "fdatasync", "syncfs")


def gbk(text):
    return text.encode("gb18030")


def make():
    """Directories in directories, links in each direction, hard links, and names that stay."""
    shutil.rmtree(TREE, ignore_errors=True)
    if os.path.exists(JOURNAL):
        os.unlink(JOURNAL)
    outer, inner = gbk("文件夹"), gbk("子文件夹")
    for way in (b"", outer, os.path.join(outer, inner), b"plain"):
        os.makedirs(os.path.join(TREE, way), exist_ok=True)
        for name in (gbk("文件.txt"), "e\u0301.txt".encode(), b"plain.txt"):
            with open(os.path.join(TREE, way, name), "wb") as file:
                file.write(os.path.join(way, name))
    os.symlink(os.path.join(outer, inner, gbk("文件.txt")), os.path.join(TREE, b"down"))
    os.symlink(b"../../" + gbk("文件.txt"), os.path.join(TREE, outer, inner, gbk("上")))
    os.link(os.path.join(TREE, gbk("文件.txt")), os.path.join(TREE, outer, gbk("另一个")))


def snapshot():
    """Each name by its bytes: the number of its file, the time of a directory, where a link leads to."""
    found = {}
    for directory, folders, files in os.walk(TREE):
        found[directory] = (os.stat(directory).st_ino, os.stat(directory).st_mtime_ns)
        for name in folders + files:
            path = os.path.join(directory, name)
            found.setdefault(path, os.readlink(path) if os.path.islink(path) else os.lstat(path).st_ino)
    return found


def run(task, order, *before):
    """The program's answer and how it ended."""
    done = subprocess.run(
        [*before, PROGRAM, task, json.dumps(order)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return (lines[-1] if lines else {}), done.returncode


def order(**more):
    return {"path": os.fsdecode(TREE), "from": "gb18030", "to": "nfc", "apply": True, "journal": JOURNAL, "collisions": "leave", **more}


def undo():
    answer, _ = run("undo", {"journal": JOURNAL})
    assert answer["outcome"]["problems"]["count"] == 0, answer
    return answer["outcome"]["done"]


def check_killed():
    """SIGKILL at each changing system call; then undo, or going on."""
    make()
    answer, _ = run("convert", order())
    assert answer["outcome"]["problems"]["count"] == 0, answer
    whole = set(snapshot())
    kills = 0
    for call in CHANGING:
        number = 0
        while True:
            number += 1
            make()
            before = snapshot()
            kill = ("strace", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={number}")
            _, status = run("convert", order(), *kill)
            if status != -signal.SIGKILL:
                break
            kills += 1
            if number % 2 == 0:
                answer, _ = run("convert", order())
                assert answer["outcome"]["problems"]["count"] == 0, (call, number, answer)
                assert set(snapshot()) == whole, (call, number)
            if os.path.exists(JOURNAL) and run("undo", {"journal": JOURNAL})[0].get("cause", {}).get("code") != "io-error":
                undo()
            assert snapshot() == before, (call, number, set(snapshot().items()) ^ set(before.items()))
        assert number > 1 or call not in ("renameat2", "write", "fsync", "fdatasync"), f"{call} is never called"
    print(f"{kills} kills")
    assert kills > 30


def check_insensitive():
    """PLACE takes two spellings for one name and keeps the one that it is given, as APFS does."""
    os.makedirs(TREE)
    for name in ("e\u0301.txt", "u\u0308/a\u0308"):
        path = os.path.join(TREE, name.encode())
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(name.encode())
    assert os.path.exists(os.path.join(TREE, "é.txt".encode())), "it does not take them for one"
    before = snapshot()
    answer, _ = run("convert", order())
    assert answer["outcome"]["problems"]["count"] == 0 and answer["outcome"]["done"] == 3, answer
    assert sorted(os.listdir(TREE)) == sorted(["é.txt".encode(), "ü".encode()]), os.listdir(TREE)
    assert os.listdir(os.path.join(TREE, "ü".encode())) == ["ä".encode()]
    assert undo() == 3
    assert {path: entry for path, entry in snapshot().items() if path not in (TREE,)}.keys() == before.keys() - {TREE}


def check_own_form():
    """PLACE lists names decomposed whatever it is given, as HFS+ does."""
    os.makedirs(TREE)
    for name in ("e\u0301.txt", "plain"):
        with open(os.path.join(TREE, name.encode()), "wb") as file:
            file.write(name.encode())
    before = sorted(os.listdir(TREE))
    answer, _ = run("convert", order())
    assert answer["cause"]["code"] == "names-unconvertible", answer
    undo()
    assert sorted(os.listdir(TREE)) == before


{"killed": check_killed, "insensitive": check_insensitive, "own-form": check_own_form}[sys.argv[1]]()
