"""Processes of a lab: each is known by its pid, writes to a log of its own, and is ended with the lab, children included."""

import ctypes
import os
import pathlib
import signal
import subprocess
import time
from collections.abc import Callable, Sequence

PATIENCE = 5.0  # seconds between asking a process to end and ending it

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


class Ended(Exception):
    """A process ended though it should have stayed; the message carries the end of its log."""


def _die_with_the_lab() -> None:
    # Runs between fork and exec: should this Python be killed outright, the kernel ends its children.
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


class Process:
    """One started program."""

    def __init__(self, name: str, command: Sequence[str | os.PathLike], log: pathlib.Path, **options):
        self.name = name
        self.log = log
        with open(log, "ab") as output:
            self._popen = subprocess.Popen(
                [os.fspath(word) for word in command], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                preexec_fn=_die_with_the_lab,
                # Ctrl-C is for the lab, which then ends its processes in order.
                start_new_session=True, **options)
        self.pid = self._popen.pid

    @property
    def running(self) -> bool:
        return self._popen.poll() is None

    def expect_running(self) -> None:
        if not self.running:
            last = self.log.read_text(errors="replace").splitlines()[-5:]
            raise Ended(f"{self.name} ended with {self._popen.returncode}: {' / '.join(last)}")

    def signal(self, number: signal.Signals) -> None:
        """Sends it to the process and its children: a virtiofsd in its sandbox is two processes."""
        for pid in [self.pid, *(pid for pid, _ in descendants(self.pid))]:
            _kill(pid, number)

    def wait(self, timeout: float) -> int:
        return self._popen.wait(timeout)

    def stop(self) -> None:
        """TERM, then KILL; and KILL for children that outlive it. Safe to call again."""
        offspring = descendants(self.pid)
        if self.running:
            self._popen.send_signal(signal.SIGTERM)
            self._popen.send_signal(signal.SIGCONT)
            try:
                self._popen.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._popen.kill()
                self._popen.wait()
        for pid, started in offspring:
            if _started(pid) == started:
                _kill(pid, signal.SIGKILL)

    def kill(self) -> None:
        """As a crash would end it."""
        self.signal(signal.SIGKILL)
        self._popen.wait()


def _kill(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def _started(pid: int) -> str | None:
    """The start time in /proc: with it, a pid that was reused is not taken for the old process."""
    fields = _stat(pid)
    return fields[19] if fields else None


def _stat(pid: int) -> list[str] | None:
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="latin-1")
    except OSError:
        return None
    return text.rpartition(")")[2].split()


def descendants(pid: int) -> list[tuple[int, str]]:
    """Each with its start time, children before grandchildren."""
    parents: dict[int, list[tuple[int, str]]] = {}
    for entry in os.listdir("/proc"):
        fields = _stat(int(entry)) if entry.isdigit() else None
        if fields:
            parents.setdefault(int(fields[1]), []).append((int(entry), fields[19]))
    found: list[tuple[int, str]] = []
    queue = [pid]
    while queue:
        children = parents.get(queue.pop(0), [])
        found += children
        queue += [child for child, _ in children]
    return found


def wait_until(condition: Callable[[], object], timeout: float, what: str, every: float = 0.1):
    """The first true answer of `condition`; a TimeoutError that says what was waited for otherwise."""
    deadline = time.monotonic() + timeout
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() >= deadline:
            raise TimeoutError(f"after {timeout:g} s: {what}")
        time.sleep(every)
