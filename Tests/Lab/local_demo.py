"""The demo without a VM: agent and host peer on this machine, joined by a Unix socket, in a mount namespace that nobody else sees."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from . import programs
from .hostpeer import HostPeer
from .processes import Process, wait_until
from .progress import Progress

INSIDE = "SHAREAGENT_LAB_INSIDE"
IMAGE_BYTES = 8 << 20


class HereAndNow:
    """Stands in for a lab's network where there is none: commands run as they are."""

    def inside(self, *command: str | os.PathLike) -> list[str | os.PathLike]:
        return list(command)


def run() -> int:
    if os.environ.get(INSIDE) is None:
        # Everything from here on happens where no mount is seen by the rest of the machine, and none outlives this process.
        arguments = [sys.executable, "-m", "Lab", *sys.argv[1:]]
        os.execvpe("unshare", ["unshare", "--mount", "--propagation", "private", "--", *arguments], {**os.environ, INSIDE: "1"})
    progress = Progress()
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(tempfile.mkdtemp(prefix="shareagent-local-", dir="/var/tmp"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        with progress.step("both packages' files in a private mount namespace; this machine's own files stay as they are"):
            lay_out(folder)
        stack.callback(leave, folder)
        host = HostPeer(pathlib.Path("/usr/bin/sharehost"), folder / "sharehost", HereAndNow())
        stack.callback(host.stop)
        channel = folder / "channel.sock"
        host.configuration["metrics"] = {"listen": "127.0.0.1:0"}
        host.shares.append({"name": "scratch", "source": {"type": "tmpfs", "sizeBytes": 64 << 20}})
        host.configuration["vms"].append({"name": "here", "listen": str(channel), "shares": "all"})
        with progress.step("sharehost serve"):
            host.start()
        with progress.step("shareagent run, joined to it by a Unix socket"):
            agent = Process("shareagent", ["shareagent", "run", "--channel", f"unix:{channel}"], folder / "agent.log")
            stack.callback(agent.stop)
            wait_until(lambda: agent.expect_running() or os.path.exists("/run/shareagent/control.sock"), 10, "shareagent's control socket")
        run_shown("shareagent", "attach", "--wait", "20s")
        # The image lies in the share that is there now; the host offers it as a share of its own while everything runs.
        shutil.copy(make_image(folder), "/mnt/scratch/disk.img")
        host.shares.append({"name": "disk", "source": {"type": "image", "share": "scratch", "path": "disk.img"}})
        host.write()
        with progress.step("the host's configuration offers a disk image too; the agent hears of it"):
            wait_until(lambda: "/mnt/disk " in pathlib.Path("/proc/self/mountinfo").read_text(), 20, "the image was not attached")
            wait_until(lambda: any(share["name"] == "disk" for share in host.status()["vms"][0]["shares"]), 10, "the host was not told")
        failed = run_shown("cat", "/mnt/disk/hello.txt")
        failed |= run_shown("shareagent", "status")
        failed |= run_shown("sharehost", "status", "--control-socket", str(host.control))
        return 1 if failed else 0


def run_shown(*command: str) -> bool:
    """Runs it as a person would; true when it failed."""
    print(f"\n$ {' '.join(command)}", flush=True)
    return subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode != 0


def lay_out(folder: pathlib.Path) -> None:
    """The machine with both packages on it: overlays for reading, memory for what is written."""
    tree = folder / "tree"
    for name in ("shareagent", "shareagent-host"):
        programs.unpacked(name, tree)
    for place in ("usr", "etc"):
        mount("overlay", "overlay", f"/{place}", f"lowerdir={tree}/{place}:/{place}")
    for place in ("/run", "/mnt", "/var/lib"):
        mount("tmpfs", "tmpfs", place, "mode=755")


def leave(folder: pathlib.Path) -> None:
    """The overlays hold the folder that is removed next."""
    for place in ("/var/lib", "/mnt", "/run", "/etc", "/usr"):
        subprocess.run(["umount", "--lazy", place], check=False, cwd=folder.parent)


def mount(fstype: str, source: str, target: str, options: str) -> None:
    subprocess.run(["mount", "-t", fstype, "-o", options, source, target], check=True)


def make_image(folder: pathlib.Path) -> pathlib.Path:
    """A small ext4 file system with one file in it."""
    content = folder / "content"
    content.mkdir()
    (content / "hello.txt").write_text("this file lies in a disk image\n")
    path = folder / "disk.img"
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", content, path, f"{IMAGE_BYTES >> 10}k"], check=True, capture_output=True)
    return path
