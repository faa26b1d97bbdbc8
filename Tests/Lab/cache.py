"""Where guest images are kept between runs: outside the repository, so that a fresh clone finds them."""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
from collections.abc import Iterator


def root() -> pathlib.Path:
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    path = pathlib.Path(base) / "shareagent-lab"
    path.mkdir(parents=True, exist_ok=True)
    return path


def digest(*parts: bytes) -> str:
    """A short name for these inputs; the length before each part keeps two lists from giving one name."""
    summed = hashlib.sha256()
    for part in parts:
        summed.update(len(part).to_bytes(8, "big"))
        summed.update(part)
    return summed.hexdigest()[:16]


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """Two labs that want the same image build it once: the second waits here for the first."""
    with open(root() / f"{name}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def forget_others(prefix: str, keep: int) -> None:
    """Removes all but the newest `keep` entries whose name begins with `prefix`."""
    entries = [path for path in root().glob(prefix + "*") if path.is_dir()]
    entries.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in entries[keep:]:
        shutil.rmtree(path, ignore_errors=True)
