"""Asks workers to attach below a directory that somebody keeps swapping for a symbolic link, and looks where the mounts went.

usage: race.py WORKER CONFIGURATION REQUEST TRIES   (in a mount namespace of its own; prints how often each outcome came, as JSON)
"""

import collections
import json
import os
import subprocess
import sys

VICTIM = b" /run/victim"


def attach(worker: str, configuration: str, request: bytes) -> str:
    """One worker, with the request on descriptor 3 and its answer on 4; the outcome's cause, or `attached`."""
    question, answer = os.pipe(), os.pipe()
    os.write(question[1], request)
    child = os.posix_spawn(worker, [worker, "--configuration", configuration], {}, file_actions=[
        (os.POSIX_SPAWN_DUP2, question[0], 103), (os.POSIX_SPAWN_DUP2, answer[1], 104),
        (os.POSIX_SPAWN_DUP2, 103, 3), (os.POSIX_SPAWN_DUP2, 104, 4)])
    for end in (question[0], question[1], answer[1]):
        os.close(end)
    with open(answer[0], "rb") as stream:
        outcome = json.loads(stream.read())
    os.waitpid(child, 0)
    return outcome["cause"]["code"] if "cause" in outcome else "attached"


def mount_points() -> list[bytes]:
    with open("/proc/self/mountinfo", "rb") as table:
        return [line.split(b" ")[4] for line in table]


def main() -> None:
    worker, configuration, request, tries = sys.argv[1:]
    counted: collections.Counter = collections.Counter()
    for _ in range(int(tries)):
        counted[attach(worker, configuration, request.encode() + b"\n")] += 1
        points = mount_points()
        if any(point.startswith(VICTIM.strip()) for point in points):
            sys.exit(f"a mount escaped: {points}")
        # By its path in the table, whatever it is called by now, so that the next try begins as this one did.
        for point in points:
            if point.startswith(b"/mnt/"):
                subprocess.run(["umount", "-l", point], check=False, stderr=subprocess.DEVNULL)
    print(json.dumps(counted))


main()
