"""Builds guest images: a base image of Debian alone, and on a copy of it the agent's package, as an image builder would install it."""

import dataclasses
import os
import pathlib
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence

from . import cache, recipe

MIRROR = os.environ.get("SHAREAGENT_LAB_MIRROR", "http://deb.debian.org/debian")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"

Progress = Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class Image:
    """A disk that can be booted directly: `disk` is a raw ext4 file system, never written to once it is made."""

    suite: str
    disk: pathlib.Path
    kernel: pathlib.Path
    initrd: pathlib.Path
    ssh_key: pathlib.Path


class ImageFailure(Exception):
    """An image could not be made; the message names the log."""


def base(suite: str, progress: Progress, flavor: str = "plain") -> Image:
    """Debian `suite` with cloud-init and an ssh server, and nothing of ours; `flavor` is one of the recipe's."""
    name = f"base-{suite}-{flavor}"
    folder = cache.root() / f"{name}-{recipe.key(suite, flavor)}"
    with cache.locked(name):
        if not folder.exists():
            progress(f"building the Debian {suite} guest image ({flavor}; once; two to three minutes)")
            _build_base(suite, flavor, folder)
            cache.forget_others(f"{name}-", keep=2)
    return Image(suite, folder / "root.img", folder / "vmlinuz", folder / "initrd.img", folder / "id_lab")


def with_packages(suite: str, debs: Sequence[pathlib.Path], progress: Progress, flavor: str = "plain") -> Image:
    """The base image with these packages installed in it."""
    below = base(suite, progress, flavor)
    name = f"agent-{suite}-{flavor}"
    folder = cache.root() / f"{name}-{cache.digest(below.disk.parent.name.encode(), *(deb.read_bytes() for deb in debs))}"
    with cache.locked(name):
        if not folder.exists():
            progress(f"installing {', '.join(deb.name for deb in debs)} in the {suite} image ({flavor})")
            _install(below, debs, folder)
            cache.forget_others(f"{name}-", keep=2)
    return dataclasses.replace(below, disk=folder / "root.img")


def _run(log: pathlib.Path, *command: str | os.PathLike) -> None:
    with open(log, "ab") as output:
        output.write(f"+ {' '.join(map(str, command))}\n".encode())
        output.flush()
        ended = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False)
    if ended.returncode != 0:
        kept = cache.root() / "failed-build.log"
        shutil.copy(log, kept)
        last = log.read_text(errors="replace").splitlines()[-3:]
        raise ImageFailure(f"'{command[0]}' ended with {ended.returncode}: {' / '.join(last)} (all of it: {kept})")


def _build_base(suite: str, flavor: str, folder: pathlib.Path) -> None:
    # Beside its final place, so that the rename at the end is atomic: a folder that exists is a whole image.
    work = pathlib.Path(tempfile.mkdtemp(prefix="building-", dir=cache.root()))
    try:
        log, tree = work / "build.log", work / "tree"
        _run(log, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "shareagent-lab", "-f", work / "id_lab")
        rules = [f"--dpkgopt=path-exclude={path}" for path in recipe.LEFT_OUT]
        rules += [f"--dpkgopt=path-include={path}" for path in recipe.KEPT_ALL_THE_SAME]
        _run(log, "mmdebstrap", "--mode=root", "--variant=minbase", "--format=directory",
             "--aptopt=APT::Install-Recommends \"false\"", "--aptopt=Acquire::Languages \"none\"", "--dpkgopt=force-confold", *rules,
             # Before the kernel is installed, so that its one run of update-initramfs already sees them.
             f"--essential-hook=cp -r --no-preserve=ownership --no-target-directory {shlex.quote(str(recipe.FILES))} \"$1\"",
             f"--include={','.join(recipe.packages(suite, flavor))}", f"--keyring={KEYRING}", suite, tree, f"deb {MIRROR} {suite} main")
        _settle(tree, (work / "id_lab.pub").read_text())
        for name in ("vmlinuz", "initrd.img"):
            newest = max((tree / "boot").glob(name + "-*"))
            shutil.copy(newest, work / name)
            newest.unlink()
        _run(log, "mke2fs", "-q", "-t", "ext4", "-O", "^has_journal,^metadata_csum", "-L", "root", "-m", "0", "-d", tree,
             work / "root.img", recipe.DISK_SIZE)
        shutil.rmtree(tree)
        os.rename(work, folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _settle(tree: pathlib.Path, public_key: str) -> None:
    """What a machine's first boot would do slowly, or what a test machine should not do at all."""
    systemd = tree / "etc/systemd/system"
    for unit in recipe.MASKED_UNITS:
        for wanted in systemd.glob(f"*.wants/{unit}"):
            wanted.unlink()
        (systemd / unit).unlink(missing_ok=True)
        (systemd / unit).symlink_to("/dev/null")
    for unit in recipe.NOT_STARTED_UNITS:
        for wanted in systemd.glob(f"*.wants/{unit}"):
            wanted.unlink()
    for unit in recipe.ENABLED_UNITS:
        wants = systemd / "multi-user.target.wants"
        wants.mkdir(parents=True, exist_ok=True)
        (wants / unit).unlink(missing_ok=True)
        (wants / unit).symlink_to(f"/lib/systemd/system/{unit}")
    keys = tree / "root/.ssh/authorized_keys"
    keys.parent.mkdir(mode=0o700, exist_ok=True)
    keys.write_text(public_key)
    keys.chmod(0o600)
    (tree / "etc/fstab").write_text("/dev/vda / ext4 defaults,noatime 0 0\n")
    (tree / "etc/hostname").write_text("guest\n")
    (tree / "etc/hosts").write_text("127.0.0.1 localhost guest\n10.77.0.1 lab-host\n")
    (tree / "etc/resolv.conf").unlink(missing_ok=True)
    (tree / "etc/resolv.conf").write_text("")
    # Not empty: an empty one makes systemd treat the boot as a first boot.
    (tree / "etc/machine-id").write_text(os.urandom(16).hex() + "\n")


def _install(below: Image, debs: Sequence[pathlib.Path], folder: pathlib.Path) -> None:
    work = pathlib.Path(tempfile.mkdtemp(prefix="building-", dir=cache.root()))
    try:
        disk, place = work / "root.img", work / "mounted"
        place.mkdir()
        _run(work / "build.log", "cp", "--sparse=always", "--reflink=auto", below.disk, disk)
        for deb in debs:
            shutil.copy(deb, work / deb.name)
        # A mount namespace of its own: when this shell ends, however it ends, the mount and its loop device end with it.
        script = """
set -e
mount -o loop,noatime "$1" "$2"
mount -t proc proc "$2/proc"
mkdir "$2/root/packages"
shift_to="$2"; shift 2
cp "$@" "$shift_to/root/packages"
printf '#!/bin/sh\\nexit 101\\n' >"$shift_to/usr/sbin/policy-rc.d"
chmod 755 "$shift_to/usr/sbin/policy-rc.d"
DEBIAN_FRONTEND=noninteractive chroot "$shift_to" sh -c 'dpkg --force-unsafe-io --install /root/packages/*.deb'
rm -r "$shift_to/root/packages" "$shift_to/usr/sbin/policy-rc.d"
umount "$shift_to/proc"
umount "$shift_to"
"""
        _run(work / "build.log", "unshare", "--mount", "--propagation", "private", "--", "sh", "-c", script, "install", disk, place,
             *(work / deb.name for deb in debs))
        os.rename(work, folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
