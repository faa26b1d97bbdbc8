"""The clusters of the lab, each one machine's worth of the real thing: Ceph (monitor, object store, metadata server) and GlusterFS."""

import os
import pathlib
import signal
import subprocess
import time

from . import network
from .processes import Process, descendants, wait_until
from .servers import Server

CEPH_PORT = 6789


class CephCluster(Server):
    """One monitor, one OSD on a sparse file, one metadata server, and one file system `cephfs`; a user of its own with a key for it.

    No manager: it would weigh three times all the others together, and neither mounting nor I/O asks for it."""

    USER = "guest-one"

    def __init__(self, folder: pathlib.Path, wire: network.Network):
        super().__init__("ceph", folder, wire)
        self.conf = folder / "ceph.conf"
        self.key = ""
        self.fsid = ""
        self.daemons: dict[str, Process] = {}

    def start(self) -> None:
        if not self.conf.exists():
            self._make()
        self._run_daemon("mon", "ceph-mon", "-i", "a", "--public-addr", f"{network.HOST}:{CEPH_PORT}")
        wait_until(lambda: self.ceph("-s", check=False).returncode == 0, 60, "the monitor does not answer", every=0.3)
        if not (self.folder / "osd" / "type").exists():
            self._make_osd()
        self._run_daemon("osd", "ceph-osd", "-i", "0")
        if not self.key:
            self._make_file_system()
        self._run_daemon("mds", "ceph-mds", "-i", "a")
        self.await_active()
        self.process = self.daemons["mon"]

    def answers(self) -> bool:
        return self.wire.listening(CEPH_PORT)

    def await_active(self) -> None:
        wait_until(self.is_active, 90, "no metadata server becomes active", every=0.5)

    def is_active(self) -> bool:
        # The monitor goes on naming a dead one active; the server itself knows.
        asked = subprocess.run(["ceph", "-c", self.conf, "--admin-daemon", self.folder / "mds.a.asok", "status"], capture_output=True,
                               text=True, check=False)
        return '"state": "up:active"' in asked.stdout

    def ceph(self, *words: str, check: bool = True) -> subprocess.CompletedProcess:
        command = ["ceph", "-c", self.conf, "--connect-timeout", "8", "-n", "client.admin", "-k", self.folder / "keyring", *words]
        return subprocess.run(self.wire.inside(*command), capture_output=True, text=True, check=check, timeout=60)

    def stop_daemon(self, name: str) -> None:
        self.daemons.pop(name).kill()

    def misses_mds(self) -> bool:
        """Whether the monitor has noticed that the metadata server is gone; it takes its beacon's grace."""
        told = self.ceph("mds", "stat").stdout
        return "laggy" in told or "up:active" not in told

    def start_mds(self) -> None:
        self._run_daemon("mds", "ceph-mds", "-i", "a")
        self.await_active()

    def stop(self) -> None:
        for name in ("mds", "osd", "mon"):
            if name in self.daemons:
                self.stop_daemon(name)

    def _run_daemon(self, name: str, *command: str) -> None:
        self.daemons[name] = Process(f"ceph-{name}", self.wire.inside(*command, "-f", "-c", self.conf), self.folder / f"{name}.out")

    def _quietly(self, *command: object) -> str:
        return subprocess.run([os.fspath(word) if isinstance(word, pathlib.Path) else str(word) for word in command], check=True,
                              capture_output=True, text=True, timeout=60).stdout

    def _make(self) -> None:
        self.fsid = self._quietly("uuidgen").strip()
        keyring, monmap = self.folder / "keyring", self.folder / "monmap"
        self.conf.write_text(f"""[global]
fsid = {self.fsid}
mon host = v1:{network.HOST}:{CEPH_PORT}
public addr = {network.HOST}
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
keyring = {keyring}
run dir = {self.folder}
admin socket = {self.folder}/$type.$id.asok
pid file =
log file = {self.folder}/$type.$id.log
mon cluster log file = {self.folder}/cluster.log
crash dir = {self.folder}
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd crush chooseleaf type = 0
mon allow pool size one = true
mon warn on pool no redundancy = false
mon data avail crit = 1
mds beacon grace = 4
# The monitor believes itself to be slow, and begins to count anew, where it looks less often than grace less interval.
mds beacon interval = 1
mon tick interval = 1
[mon]
mon data = {self.folder}/mon
[osd]
osd data = {self.folder}/osd
osd objectstore = bluestore
bluestore block size = 2147483648
bluestore block create = true
osd memory target = 939524096
[mds]
mds data = {self.folder}/mds
""")
        every = ("--cap", "mon", "allow *", "--cap", "osd", "allow *", "--cap", "mds", "allow *", "--cap", "mgr", "allow *")
        self._quietly("ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "mon.", "--cap", "mon", "allow *")
        for name in ("client.admin", "osd.0", "mds.a"):
            self._quietly("ceph-authtool", keyring, "--gen-key", "-n", name, *every)
        self._quietly("monmaptool", "--create", "--fsid", self.fsid, "--addv", "a", f"[v1:{network.HOST}:{CEPH_PORT}]", monmap)
        for name in ("mon", "osd", "mds"):
            (self.folder / name).mkdir()
        self._quietly("ceph-mon", "--mkfs", "-i", "a", "-c", self.conf, "--monmap", monmap, "--keyring", keyring)

    def _make_osd(self) -> None:
        uuid = self._quietly("uuidgen").strip()
        self.ceph("osd", "new", uuid)
        # It asks the monitor for its configuration.
        self._quietly(*self.wire.inside("ceph-osd", "--mkfs", "-i", "0", "-c", self.conf, "--osd-uuid", uuid,
                                        "--monmap", self.folder / "monmap"))

    def _make_file_system(self) -> None:
        for pool in ("data", "meta"):
            self.ceph("osd", "pool", "create", pool, "8")
        self.ceph("fs", "new", "cephfs", "meta", "data")
        self.ceph("fs", "authorize", "cephfs", f"client.{self.USER}", "/", "rw")
        self.key = self.ceph("auth", "get-key", f"client.{self.USER}").stdout.strip()


class GlusterCluster(Server):
    """glusterd with one volume `team` of three replicas, all bricks on this machine.

    Its paths are compiled in, so it lives in a mount namespace with folders of its own over them; its bricks leave the session, so a PID
    namespace ends them."""

    VOLUME = "team"

    def __init__(self, folder: pathlib.Path, wire: network.Network):
        super().__init__("glusterd", folder, wire)

    def command(self) -> list:
        for name in ("lib", "run", "log", "bricks"):
            (self.folder / name).mkdir(exist_ok=True)
        script = f"""
mount --bind {self.folder}/lib /var/lib/glusterd
mount --bind {self.folder}/run /run
mkdir -p /run/gluster /var/log/glusterfs
mount --bind {self.folder}/log /var/log/glusterfs
exec glusterd -N --log-level INFO --xlator-option management.transport.socket.bind-address={network.HOST}
"""
        return ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", script]

    def start(self) -> None:
        pathlib.Path("/var/lib/glusterd").mkdir(exist_ok=True)
        pathlib.Path("/var/log/glusterfs").mkdir(exist_ok=True)
        super().start()
        if self.VOLUME not in self.gluster("volume", "list", check=False).stdout:
            bricks = [f"{network.HOST}:{self.folder}/bricks/{number}" for number in range(3)]
            for number in range(3):
                (self.folder / "bricks" / str(number)).mkdir(exist_ok=True)
            self.gluster("volume", "create", self.VOLUME, "replica", "3", *bricks, "force")
            # A guest that is killed leaves a lock; the usual 42 seconds are for large clusters.
            self.gluster("volume", "set", self.VOLUME, "network.ping-timeout", "5")
            self.gluster("volume", "start", self.VOLUME)

    def answers(self) -> bool:
        return self.wire.listening(24007)

    def gluster(self, *words: str, check: bool = True) -> subprocess.CompletedProcess:
        inner = self._inner()
        command = ["nsenter", "-t", str(inner), "-m", "-n", "-p", "gluster", "--mode=script", *words]
        deadline = time.monotonic() + 30
        while True:
            ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
            if ended.returncode == 0 or not check or time.monotonic() > deadline:
                break
            time.sleep(0.5)
        if check and ended.returncode != 0:
            raise subprocess.SubprocessError(f"gluster {' '.join(words)}: {ended.stdout}{ended.stderr}")
        return ended

    def brick_pids(self) -> list[int]:
        """The processes of the bricks, as this machine numbers them."""
        found = []
        for pid, _ in descendants(self.process.pid):
            words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if words[0].endswith(b"glusterfsd"):
                found.append(pid)
        return found

    def _inner(self) -> int:
        return next(pid for pid, _ in descendants(self.process.pid))

    def freeze(self) -> None:
        self.process.signal(signal.SIGSTOP)

    def stop(self) -> None:
        # unshare ignores SIGTERM; with its child the PID namespace ends, and all in it.
        if self.process and self.process.running:
            self.process.kill()


class NinePServer(Server):
    """diod, which serves 9P2000.L over TCP."""

    PORT = 564

    def __init__(self, exports: list[pathlib.Path], folder: pathlib.Path, wire: network.Network):
        super().__init__("diod", folder, wire)
        self.exports = exports

    def command(self) -> list:
        exports = [word for path in self.exports for word in ("-e", path)]
        # Its configuration is /etc/diod.conf unless another one is named; everybody comes as who they say they are.
        (self.folder / "diod.conf").write_text("auth_required = 0\n")
        # It hangs up on a client whose name it cannot find out.
        (self.folder / "hosts").write_text(f"{network.HOST} lab-host\n{network.GUEST} guest\n")
        script = f'mount --bind {self.folder}/hosts /etc/hosts && exec diod "$@"'
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "diod", "-f", "-n", "-c", self.folder / "diod.conf",
                "-L", "stderr", "-l", f"{network.HOST}:{self.PORT}", *exports]

    def answers(self) -> bool:
        return self.wire.listening(self.PORT)
