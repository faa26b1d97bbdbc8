"""One lab: its folder, its network, its servers, its guests; all of it ends with the `with` statement."""

import contextlib
import pathlib
import shutil
import tempfile
from collections.abc import Callable, Sequence

from .guest import Guest
from .image import Image
from .network import Network
from .servers import NFSServer, Server, SMBServer, VirtiofsServer

USER = "alice"
# What passwords are like when nobody is careful: a comma would end a mount option, a quote a quoting, a space a word.
PASSWORD = "pa,ss \"wo'rd"


class Lab:
    """Folder and network are there at once; the rest is added by name and ended in reverse order."""

    def __init__(self, keep: bool = False):
        self._closers = contextlib.ExitStack()
        # Not /tmp: where that is a tmpfs the NFS server cannot serve it. Short: paths of Unix sockets have 107 bytes.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="shareagent-lab-", dir="/var/tmp"))
        if not keep:
            self._closers.callback(shutil.rmtree, self.folder, ignore_errors=True)
        try:
            self.wire = Network(self.folder)
        except BaseException:
            self._closers.close()
            raise
        self._closers.callback(self.wire.stop)
        self.servers: dict[str, Server] = {}
        # Folders that QEMU itself serves by 9p, by their tags.
        self.ninep: dict[str, pathlib.Path] = {}

    def __enter__(self) -> "Lab":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        self._closers.close()

    def at_the_end(self, work: Callable[[], object]) -> None:
        self._closers.callback(work)

    def shared_folder(self, name: str, files: dict[str, str]) -> pathlib.Path:
        folder = self.folder / "shared" / name
        folder.mkdir(parents=True)
        for file, text in files.items():
            (folder / file).write_text(text)
        return folder

    def serve_virtiofs(self, tag: str, shared: pathlib.Path) -> VirtiofsServer:
        return self._serve(tag, VirtiofsServer(tag, shared, self.folder / f"virtiofs-{tag}", self.wire))

    def serve_ninep(self, tag: str, shared: pathlib.Path) -> None:
        """QEMU itself is the server, of guests that are made from now on."""
        self.ninep[tag] = shared

    def serve_nfs(self, exports: dict[str, pathlib.Path]) -> NFSServer:
        return self._serve("nfs", NFSServer(exports, self.folder / "nfs", self.wire))

    def serve_smb(self, shares: dict[str, pathlib.Path], user: str = USER, password: str = PASSWORD) -> SMBServer:
        return self._serve("smb", SMBServer(shares, user, password, self.folder / "smb", self.wire))

    def serve(self, server: Server) -> Server:
        """Starts any server and ends it with the lab."""
        return self._serve(server.name, server)

    def serve_as(self, name: str, server: Server) -> Server:
        """The same for the second one of a kind."""
        return self._serve(name, server)

    def _serve(self, name: str, server):
        self._closers.callback(server.stop)
        server.start()
        self.servers[name] = server
        return server

    def guest(self, image: Image, seed: pathlib.Path | None, name: str = "guest", ports: Sequence[str] = ()) -> Guest:
        """A guest whose QEMU is connected to every virtiofs server there is; not started."""
        virtiofs = {server.tag: server.socket for server in self.servers.values() if isinstance(server, VirtiofsServer)}
        guest = Guest(name, self.folder / name, self.wire, image, seed, virtiofs, ports, self.ninep)
        self._closers.callback(guest.stop)
        return guest
