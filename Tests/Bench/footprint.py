"""What the agent costs while it is there: memory, wakeups, bytes on disk, and the start of its command."""

import os
import pathlib
import statistics
import subprocess
import time

from Lab import programs
from Lab.world import World

IDLE_SECONDS = 60
STARTS = 60


def process_id(world: World, unit: str) -> str:
    pid = world.guest.ssh(f"systemctl show --property=MainPID --value {unit}").stdout.strip()
    if pid in ("", "0"):
        raise RuntimeError(f"{unit} does not run in the guest")
    return pid


def memory(world: World, unit: str) -> dict:
    """Of the unit's main process, in KiB."""
    pid = process_id(world, unit)
    lines = world.guest.ssh(f"cat /proc/{pid}/status /proc/{pid}/smaps_rollup").stdout.splitlines()
    fields = {line.split(":")[0]: line.split()[1] for line in lines if ":" in line and len(line.split()) > 1}
    return {key: int(fields[key]) for key in ("VmRSS", "VmHWM", "Pss", "Private_Dirty", "Threads")}


def wakeups(world: World, units: list[str]) -> dict:
    """How often each got the CPU in an idle minute, all threads together: the kernel's count of switches."""
    switches = "awk '/ctxt_switches/ { n += $2 } END { print n }'"
    counted = {unit: f"cat /proc/{process_id(world, unit)}/task/*/status | {switches}" for unit in units}
    before = {unit: int(world.guest.ssh(command).stdout) for unit, command in counted.items()}
    world.guest.ssh(f"sleep {IDLE_SECONDS}", timeout=IDLE_SECONDS + 60)
    after = {unit: int(world.guest.ssh(command).stdout) for unit, command in counted.items()}
    return {"seconds": IDLE_SECONDS, **{unit: after[unit] - before[unit] for unit in units}}


def sizes(tree: pathlib.Path) -> dict:
    """In bytes: the programs as they are installed, the packages as they are shipped."""
    files = ["usr/bin/shareagent", "usr/libexec/shareagent/shareagentd", "usr/libexec/shareagent/share-worker", "usr/bin/sharehost"]
    packages = [programs.package(name) for name in ("shareagent", "shareagent-host")]
    return {**{"/" + file: (tree / file).stat().st_size for file in files}, **{deb.name: deb.stat().st_size for deb in packages}}


def start_milliseconds(tree: pathlib.Path) -> dict:
    """`shareagent --version` beside /bin/true on this machine, interleaved, medians."""
    commands = {"shareagent --version": [tree / "usr/bin/shareagent", "--version"], "true": ["/bin/true"]}
    rows: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(STARTS):
        for name, command in commands.items():
            began = time.perf_counter()
            subprocess.run([os.fspath(word) for word in command], stdout=subprocess.DEVNULL, check=True)
            rows[name].append((time.perf_counter() - began) * 1000)
    medians = {name: round(statistics.median(values), 2) for name, values in rows.items()}
    return {**medians, "difference": round(medians["shareagent --version"] - medians["true"], 2)}
