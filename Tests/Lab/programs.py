"""What is tried in the lab: the packages that `make debs` leaves in build/debs, and the host's program out of one of them."""

import os
import pathlib
import subprocess

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


class NotBuilt(Exception):
    """The packages are not there; the message says what to type."""


def package(name: str) -> pathlib.Path:
    """The newest package of this name; SHAREAGENT_DEBS names another folder."""
    folder = pathlib.Path(os.environ.get("SHAREAGENT_DEBS") or REPOSITORY / "build/debs")
    found = sorted(folder.glob(f"{name}_*.deb"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise NotBuilt(f"there is no {name}_*.deb in {folder}: type 'make debs'")
    return found[-1]


def unpacked(name: str, folder: pathlib.Path) -> pathlib.Path:
    """The files of a package in `folder`, as they would lie below /; nothing is installed."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["dpkg-deb", "--extract", package(name), folder], check=True)
    return folder
