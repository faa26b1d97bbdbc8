"""The lab of the sources that are not of every day: 9p, CephFS, GlusterFS, and a guest that has the one mount helper there is."""

import pathlib

from . import image, lab, programs, world
from .cluster_servers import CephCluster, GlusterCluster, NinePServer
from .hostpeer import HostPeer
from .network import HOST, HOST6
from .servers import SMBServer

OLD_SMB_PORT = 4450
GREETING = "hello from {}\n"
TAG = "ninep"


class Clusters(world.World):
    """Servers, `sharehost` that offers all their shares, and a guest that the agent in it attaches them in."""

    def start_servers(self) -> None:
        self.lab.serve_ninep(TAG, self._folder("qemu9p"))
        self.ninep: NinePServer = self.lab.serve(NinePServer([self._folder("diod")], self.lab.folder / "diod", self.lab.wire))
        self.ceph: CephCluster = self.lab.serve(CephCluster(self.lab.folder / "ceph", self.lab.wire))
        self.gluster: GlusterCluster = self.lab.serve(GlusterCluster(self.lab.folder / "gluster", self.lab.wire))
        open_, sealed = self._folder("open"), self._folder("sealed")
        self.samba: SMBServer = self.lab.serve_as("samba", SMBServer(
            {"open": open_, "sealed": sealed}, lab.USER, lab.PASSWORD, self.lab.folder / "samba", self.lab.wire,
            rules=["log level = 1 auth_audit:3", "sealed:server smb encrypt = required"],
            # A second channel goes to a card that says it has several queues, or to another address.
            interfaces=[f"{HOST}/24;speed=1000000000,capability=RSS", f"{HOST6}/64;speed=1000000000,capability=RSS"]))
        # Speaks 2.0.2 at most, which is what is called SMB 2.0.
        self.lab.serve_as("old samba", SMBServer(
            {"open": open_}, lab.USER, lab.PASSWORD, self.lab.folder / "old-samba", self.lab.wire, port=OLD_SMB_PORT,
            rules=["server max protocol = SMB2_02"]))

    def _folder(self, name: str) -> pathlib.Path:
        self.folders[name] = self.lab.shared_folder(name, {"hello.txt": GREETING.format(name)})
        return self.folders[name]

    def start_host(self) -> None:
        program = programs.unpacked("shareagent-host", self.lab.folder / "host") / "usr/bin/sharehost"
        self.host = HostPeer(program, self.lab.folder / "sharehost", self.lab.wire)
        self.lab.at_the_end(self.host.stop)
        self.host.add_password("alice", lab.USER, lab.PASSWORD)
        self.offer()
        self.guest = self.lab.guest(self.image, None, name=world.VM)
        self.host.add_vm(world.VM, self.guest.channel)
        self.host.start()

    def offer(self) -> None:
        """One share of each kind."""
        self.host.add_key("ceph-user", self.ceph.USER, self.ceph.key)
        self.host.shares.extend([
            {"name": "device9p", "source": {"type": "9p", "tag": TAG}},
            {"name": "server9p", "source": {"type": "9p", "server": HOST}, "options": {"aname": str(self.folders["diod"])}},
            {"name": "ceph", "source": {"type": "cephfs", "monitors": [HOST]}, "credential": "ceph-user"},
            {"name": "gluster", "source": {"type": "glusterfs", "servers": [HOST], "volume": self.gluster.VOLUME}},
        ])

    @classmethod
    def ready(cls, booted: image.Image) -> "Clusters":
        made = cls(booted)
        try:
            made.start_servers()
            made.start_host()
            made.boot()
            return made
        except BaseException:
            made.close()
            raise


class Alone(Clusters):
    """No server but those of the guest's own kernel."""

    def start_servers(self) -> None:
        pass

    def offer(self) -> None:
        pass


def guest_image(suite: str, say) -> image.Image:
    return image.with_packages(suite, [programs.package("shareagent")], say, flavor="servers")
