"""File servers of the lab, each a real one from Debian with all of its state in a folder of its own, bound to the lab's address."""

import pathlib
import signal
import subprocess
from collections.abc import Sequence

from . import network
from .processes import Process, wait_until

NFS_PORT, SMB_PORT = 2049, 445


class Server:
    """Started, stopped, crashed, frozen and thawed alike, whatever it serves."""

    def __init__(self, name: str, folder: pathlib.Path, wire: network.Network):
        self.name, self.folder, self.wire = name, folder, wire
        folder.mkdir()
        self.process: Process | None = None

    def command(self) -> list:
        raise NotImplementedError

    def answers(self) -> bool:
        raise NotImplementedError

    def start(self) -> None:
        self.process = Process(self.name, self.wire.inside(*self.command()), self.folder / f"{self.name}.log")
        wait_until(lambda: self.process.expect_running() or self.answers(), 30, f"{self.name} does not answer")

    def stop(self) -> None:
        if self.process:
            self.process.stop()

    def crash(self) -> None:
        self.process.kill()

    def freeze(self) -> None:
        """Connections stay open and nothing is answered: the failure that hangs programs."""
        self.process.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.signal(signal.SIGCONT)


class VirtiofsServer(Server):
    """QEMU's virtiofsd for one folder. It ends when the guest's QEMU ends."""

    def __init__(self, tag: str, shared: pathlib.Path, folder: pathlib.Path, wire: network.Network):
        super().__init__(f"virtiofsd-{tag}", folder, wire)
        self.tag, self.shared, self.socket = tag, shared, folder / "socket"

    def command(self) -> list:
        self.socket.unlink(missing_ok=True)
        return ["/usr/lib/qemu/virtiofsd", f"--socket-path={self.socket}", "-o", f"source={self.shared}", "-o", "cache=auto"]

    def answers(self) -> bool:
        return self.socket.exists()


class NFSServer(Server):
    """nfs-ganesha, NFSv4 alone (no rpcbind needed), without the minutes of grace that a restart would otherwise cost."""

    def __init__(self, exports: dict[str, pathlib.Path], folder: pathlib.Path, wire: network.Network):
        super().__init__("ganesha", folder, wire)
        self.exports = exports

    def command(self) -> list:
        text = f"""
NFS_CORE_PARAM {{
    Protocols = 4;
    NFS_Port = {NFS_PORT};
    Bind_addr = {network.HOST};
    Enable_NLM = false;
    Enable_RQUOTA = false;
    mount_path_pseudo = true;
}}
NFSv4 {{
    Graceless = true;
    RecoveryRoot = {self.folder};
    Only_Numeric_Owners = true;
}}
"""
        for number, (pseudo, path) in enumerate(self.exports.items(), 1):
            text += f"""EXPORT {{
    Export_Id = {number};
    Path = {path};
    Pseudo = {pseudo};
    Access_Type = RW;
    Squash = No_Root_Squash;
    SecType = sys;
    Protocols = 4;
    Transports = TCP;
    FSAL {{ Name = VFS; }}
}}
"""
        (self.folder / "ganesha.conf").write_text(text)
        return ["ganesha.nfsd", "-F", "-f", self.folder / "ganesha.conf", "-L", self.folder / "ganesha.log", "-p", self.folder / "pid"]

    def answers(self) -> bool:
        return self.wire.listening(NFS_PORT)


class SMBServer(Server):
    """Samba for one user. The user needs no account on this machine: a map makes it root, whose Samba password is the lab's own."""

    def __init__(self, shares: dict[str, pathlib.Path], user: str, password: str, folder: pathlib.Path, wire: network.Network,
                 address: str = network.HOST, port: int = SMB_PORT, rules: Sequence[str] = (), interfaces: Sequence[str] = ()):
        super().__init__("smbd", folder, wire)
        self.shares, self.user, self.password, self.address, self.port = shares, user, password, address, port
        # As smb.conf takes them; none: the address alone.
        self.interfaces = interfaces or [f"{address}/24"]
        # Lines of smb.conf's global section; "share:line" is one of that share's.
        self.rules = rules

    def command(self) -> list:
        configuration = self.folder / "smb.conf"
        state = "\n".join(f"    {kind} directory = {self._subfolder(kind)}" for kind in ("state", "cache", "lock", "private", "pid"))
        text = f"""[global]
    server role = standalone server
    interfaces = {" ".join(f'"{each}"' for each in self.interfaces)}
    bind interfaces only = yes
    smb ports = {self.port}
    disable netbios = yes
    passdb backend = smbpasswd:{self.folder}/smbpasswd
    username map = {self.folder}/users
    ncalrpc dir = {self._subfolder("ncalrpc")}
{state}
    load printers = no
    printing = bsd
    printcap name = /dev/null
    log level = 1 auth_audit:3
"""
        text += "".join(f"    {rule}\n" for rule in self.rules if ":" not in rule.split("=")[0])
        for share, path in self.shares.items():
            text += f"[{share}]\n    path = {path}\n    read only = no\n    valid users = root\n"
            text += "".join(f"    {rule.partition(':')[2]}\n" for rule in self.rules if rule.startswith(f"{share}:"))
        # One that exists and lets nobody in.
        text += f"[closed]\n    path = {self.folder}\n    valid users = nobody\n"
        configuration.write_text(text)
        (self.folder / "users").write_text(f'!root = "{self.user}"\n')
        self.set_password(self.password)
        # The lab has given it a session of its own, where its last act, kill(0, SIGTERM), reaches its own children only.
        return ["smbd", "--foreground", "--no-process-group", f"--configfile={configuration}", f"--log-basename={self._subfolder('log')}"]

    def set_password(self, password: str) -> None:
        self.password = password
        subprocess.run(["smbpasswd", "-c", self.folder / "smb.conf", "-s", "-a", "root"], input=f"{password}\n{password}\n",
                       text=True, capture_output=True, check=True)

    def _subfolder(self, name: str) -> pathlib.Path:
        path = self.folder / name
        path.mkdir(exist_ok=True)
        return path

    def answers(self) -> bool:
        return self.wire.listening(self.port, self.address)
