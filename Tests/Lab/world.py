"""The usual lab: three servers, `sharehost` that offers their shares, and a guest whose cloud-init attaches them."""

import json
import pathlib
import subprocess
from collections.abc import Callable

from . import image, lab, programs, seed
from .hostpeer import HostPeer
from .network import HOST
from .processes import wait_until

GREETINGS = {
    "files": "virtiofs says hello: this file lies on the host, no network between",
    "projects": "NFS says hello: this file came from nfs-ganesha, through the network",
    "team": "SMB says hello: this file came from Samba, for a user with an awkward password",
}
VM = "demo"
AGENT_LOG = "/var/log/first-attach"


class World:
    """Made step by step, so that a demo can tell of each; `ready` does all of them."""

    def __init__(self, booted: image.Image):
        self.image = booted
        self.lab = lab.Lab()
        self.folders: dict[str, pathlib.Path] = {}
        # Beyond the usual, for whoever sets them before the start: names of further NFS exports, SMB shares and virtio-serial ports.
        self.extra_exports: list[str] = []
        self.extra_smb: list[str] = []
        self.extra_ports: list[str] = []
        # Clients from Linux 6.6 on read by READ_PLUS where 4.2 is spoken, and Debian 12's ganesha answers it with zeros
        # (github.com/nfs-ganesha/nfs-ganesha/issues/1188). The server is at fault, so such guests read by 4.1.
        self.nfs_version = "4.1" if booted.suite == "trixie" else "4.2"

    def start_servers(self) -> None:
        self.folders = {name: self.lab.shared_folder(name, {"hello.txt": text + "\n"}) for name, text in GREETINGS.items()}
        self.lab.serve_virtiofs("files", self.folders["files"])
        extra = {f"/{name}": self.lab.shared_folder(name, {"name": name}) for name in self.extra_exports}
        self.lab.serve_nfs({"/projects": self.folders["projects"], **extra})
        more = {name: self.lab.shared_folder(f"smb-{name}", {"name": name}) for name in self.extra_smb}
        self.lab.serve_smb({"team": self.folders["team"], **more})

    def start_host(self) -> None:
        """The host peer, with the three shares as an administrator would write them down, and the guest, not yet started."""
        program = programs.unpacked("shareagent-host", self.lab.folder / "host") / "usr/bin/sharehost"
        self.host = HostPeer(program, self.lab.folder / "sharehost", self.lab.wire)
        self.lab.at_the_end(self.host.stop)
        self.host.add_password("team-user", lab.USER, lab.PASSWORD)
        self.host.shares.extend([
            {"name": "files", "source": {"type": "virtiofs", "tag": "files"}},
            {"name": "projects", "source": {"type": "nfs", "server": HOST, "export": "/projects", "version": self.nfs_version}},
            {"name": "team", "source": {"type": "smb", "server": HOST, "share": "team"}, "credential": "team-user"},
        ])
        attach = f"{' '.join(seed.ATTACH)} >{AGENT_LOG}.out 2>&1; echo $? >{AGENT_LOG}.exit"
        disk = seed.write(self.lab.folder / "seed.iso", [["sh", "-c", attach]])
        self.guest = self.lab.guest(self.image, disk, name=VM, ports=self.extra_ports)
        self.host.add_vm(VM, self.guest.channel)
        self.host.start()

    def boot(self) -> None:
        self.guest.start()
        self.guest.await_ssh()

    @classmethod
    def ready(cls, booted: image.Image) -> "World":
        world = cls(booted)
        try:
            world.start_servers()
            world.start_host()
            world.boot()
            world.guest.await_cloud_init()
            return world
        except BaseException:
            world.close()
            raise

    def close(self) -> None:
        self.lab.close()

    # What the two ends say.

    def status(self) -> dict:
        """`shareagent status --json` in the guest."""
        return json.loads(self.guest.ssh("shareagent status --json").stdout)

    def share(self, name: str) -> dict | None:
        """One share's status in the guest, None when the guest does not know it."""
        return next((share for share in self.status()["shares"] if share["name"] == name), None)

    def await_share(self, name: str, timeout: float = 30, **wanted: object) -> dict:
        """The share's status as soon as it has these values; `cause` is compared by its code."""

        def reached() -> dict | None:
            try:
                share = self.share(name)
            except subprocess.SubprocessError:
                return None  # with thirty shares attaching, one emulated CPU may leave the agent no time; it is asked again
            return share if share and matches(share, wanted) else None

        try:
            return wait_until(reached, timeout, f"share '{name}' is not {wanted}", every=0.3)
        except TimeoutError as error:
            raise TimeoutError(f"{error}; it is {json.dumps(self.share(name), indent=1)}") from None

    def await_well(self, timeout: float = 60) -> None:
        """Returns when the three usual shares are attached and well."""
        wanted = {"state": "attached", "health": "ok"}

        def well() -> bool:
            known = {share["name"]: share for share in self.status()["shares"]}
            return all(name in known and matches(known[name], wanted) for name in GREETINGS)

        wait_until(well, timeout, "not all of the usual shares are attached and well", every=0.3)

    def await_gone(self, name: str, timeout: float = 30) -> None:
        wait_until(lambda: self.share(name) is None and f"/mnt/{name} " not in self.mountinfo(), timeout, f"share '{name}' is still there",
                   every=0.3)

    def on_host(self, name: str) -> dict | None:
        """The same share as `sharehost status --json` has it."""
        return next((share for share in host_shares(self.host.status()) if share["name"] == name), None)

    def mountinfo(self) -> str:
        return self.guest.ssh("cat /proc/self/mountinfo").stdout

    def mounted(self, name: str) -> list[str]:
        """The fields of a share's line in /proc/mounts: source, target, type, options; empty where it has none."""
        lines = [line.split() for line in self.guest.ssh("cat /proc/mounts").stdout.splitlines()]
        return next((fields for fields in lines if fields[1] == f"/mnt/{name}"), [])

    def mount_options(self, name: str) -> list[str]:
        fields = self.mounted(name)
        return fields[3].split(",") if fields else []

    def mount_ids(self) -> dict[str, str]:
        """The kernel's word: target to mount id, for everything below /mnt."""
        rows = [line.split() for line in self.mountinfo().splitlines()]
        return {row[4]: row[0] for row in rows if row[4].startswith("/mnt/")}

    def change(self, edit: Callable[[HostPeer], None]) -> None:
        """Edits the host's configuration file; returns when sharehost, which notices by itself, has taken it."""
        edit(self.host)
        self.host.apply()


def matches(share: dict, wanted: dict) -> bool:
    for key, value in wanted.items():
        found = (share.get("cause") or {}).get("code") if key == "cause" else share.get(key)
        if found != value:
            return False
    return True


def host_shares(status: dict) -> list[dict]:
    """The shares of the lab's VM in the host's status."""
    machine = next(machine for machine in status["vms"] if machine["vm"] == VM)
    return machine.get("shares") or []
