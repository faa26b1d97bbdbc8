"""One guest: a QEMU process, its disk of its own, and the ways into it (ssh, console log, QMP)."""

import os
import pathlib
import subprocess
import time
from collections.abc import Sequence

from . import network
from .image import Image
from .processes import Process, wait_until
from .qmp import QMP

PORT_NAME = "org.shareagent.0"
KERNEL_COMMAND_LINE = ("root=/dev/vda rw console=ttyS0 loglevel=4 fsck.mode=skip mitigations=off tsc=reliable audit=0"
                       " systemd.show_status=no")
MEMORY = "640M"
SLOTS = ("slot0", "slot1")  # where devices can be plugged into the running guest
BOOT_TIMEOUT = 480.0  # a busy machine without KVM is slow; an idle one takes a tenth of it


class Guest:
    """Powered off until `start`; the disk keeps what the guest wrote from one start to the next."""

    def __init__(self, name: str, folder: pathlib.Path, wire: network.Network, image: Image, seed: pathlib.Path | None,
                 virtiofs: dict[str, pathlib.Path], ports: Sequence[str] = (), ninep: dict[str, pathlib.Path] | None = None):
        self.name, self.folder, self.wire, self.image, self.seed = name, folder, wire, image, seed
        self.virtiofs, self.ports, self.ninep = virtiofs, ports, ninep or {}
        # What the firmware tells the guest (SMBIOS type 11); systemd takes credentials from there. To be set before the start.
        self.firmware_strings: list[str] = []
        folder.mkdir(mode=0o700)
        self.papers = folder / "papers"
        self.papers.mkdir()
        self.channel = folder / "channel.sock"
        self.console = folder / "console.log"
        self.disk = folder / "disk.qcow2"
        self._qemu: Process | None = None
        self._master: Process | None = None
        self.qmp: QMP | None = None
        self.boot_seconds = 0.0
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", image.disk, self.disk], check=True)
        (folder / "ssh_config").write_text(
            f"Host guest\n HostName {network.GUEST}\n User root\n IdentityFile {image.ssh_key}\n IdentitiesOnly yes\n"
            " StrictHostKeyChecking no\n UserKnownHostsFile /dev/null\n LogLevel ERROR\n ConnectTimeout 20\n"
            " ServerAliveInterval 20\n ServerAliveCountMax 6\n"
            f" ControlPath {folder}/ssh.sock\n")

    def _command(self) -> list[str]:
        command = [
            "qemu-system-x86_64", "-name", self.name, "-nodefaults", "-no-user-config", "-display", "none",
            # /dev/kvm may open and yet not boot Debian's kernel; emulation works everywhere. One virtual CPU: two have panicked.
            # A plain CPU: emulated AVX and five-level page tables ("max") cost a boot a quarter more.
            "-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", "Nehalem", "-smp", "1",
            # virtiofs servers map the guest's memory, so it has to be shareable.
            "-m", MEMORY, "-object", f"memory-backend-memfd,id=memory,size={MEMORY},share=on", "-numa", "node,memdev=memory",
            "-kernel", str(self.image.kernel), "-initrd", str(self.image.initrd),
            "-append", KERNEL_COMMAND_LINE,
            "-serial", f"file:{self.console}",
            "-qmp", f"unix:{self.folder}/qmp.sock,server=on,wait=off",
            "-drive", f"file={self.disk},format=qcow2,if=none,id=root,cache=unsafe,discard=unmap",
            "-device", "virtio-blk-pci,drive=root",
            "-device", "virtio-rng-pci",
            "-netdev", f"tap,id=wire,ifname={network.TAP},script=no,downscript=no", "-device", "virtio-net-pci,netdev=wire,romfile=",
            "-device", "virtio-serial-pci,id=serial",
            "-chardev", f"socket,id=channel,path={self.channel},server=on,wait=off",
            "-device", f"virtserialport,bus=serial.0,chardev=channel,name={PORT_NAME},id=port",
        ]
        # QEMU can add a 9p device later, but not what it shows.
        command += ["-fsdev", f"local,id=papers,path={self.papers},security_model=none"]
        for number, slot in enumerate(SLOTS):
            command += ["-device", f"pcie-root-port,id={slot},chassis={number + 1},slot={number + 1}"]
        for text in self.firmware_strings:
            command += ["-smbios", f"type=11,value={text.replace(',', ',,')}"]
        for number, port in enumerate(self.ports):
            # Nobody connects to these: a port whose host is absent.
            command += ["-chardev", f"socket,id=extra{number},path={self.folder}/extra{number}.sock,server=on,wait=off",
                        "-device", f"virtserialport,bus=serial.0,chardev=extra{number},name={port}"]
        if self.seed:
            command += ["-drive", f"file={self.seed},format=raw,if=none,id=seed,readonly=on", "-device", "virtio-blk-pci,drive=seed"]
        for number, (tag, socket) in enumerate(self.virtiofs.items()):
            command += ["-chardev", f"socket,id=fs{number},path={socket}",
                        "-device", f"vhost-user-fs-pci,chardev=fs{number},tag={tag},queue-size=1024"]
        for tag, shared in self.ninep.items():
            command += ["-virtfs", f"local,path={shared},mount_tag={tag},security_model=none,multidevs=remap"]
        return command

    def start(self) -> None:
        """Powers on; does not wait for the boot."""
        (self.folder / "qmp.sock").unlink(missing_ok=True)
        self._powered_on = time.monotonic()
        self._qemu = Process(f"QEMU ({self.name})", self.wire.inside(*self._command()), self.folder / "qemu.log")
        wait_until(lambda: self._qemu.expect_running() or (self.folder / "qmp.sock").exists(), 20, "QEMU's control socket")
        self.qmp = wait_until(self._connect_qmp, 20, "QEMU's control socket answers")

    def _connect_qmp(self) -> QMP | None:
        try:
            return QMP(self.folder / "qmp.sock")
        except (ConnectionRefusedError, FileNotFoundError):
            return None

    def await_ssh(self, timeout: float = BOOT_TIMEOUT) -> None:
        """Returns when a command can be run in the guest."""
        wait_until(self._ssh_answers, timeout, f"no ssh in the guest; the end of its console:\n{self.console_tail()}", every=0.3)
        self.boot_seconds = time.monotonic() - self._powered_on
        if self._master:
            self._master.stop()
        (self.folder / "ssh.sock").unlink(missing_ok=True)
        # One connection for all commands: a handshake costs a slow virtual CPU a second or two.
        self._master = Process("ssh", self.wire.inside("ssh", "-F", self.folder / "ssh_config", "-M", "-N", "guest"),
                               self.folder / "ssh.log")
        wait_until(lambda: self._master.expect_running() or (self.folder / "ssh.sock").exists(), 60, "the ssh connection")

    def _ssh_answers(self) -> bool:
        self._qemu.expect_running()
        try:
            with self.wire.connect((network.GUEST, 22), 5) as connection:
                return connection.recv(4) == b"SSH-"
        except OSError:
            return False

    def ssh(self, command: str, timeout: float = 60, check: bool = True, stdin: str = "") -> subprocess.CompletedProcess:
        """Runs a shell command in the guest as root."""
        ended = subprocess.run(self.wire.inside("ssh", "-F", self.folder / "ssh_config", "guest", command), input=stdin,
                               capture_output=True, text=True, errors="replace", timeout=timeout, check=False)
        if check and ended.returncode != 0:
            raise subprocess.SubprocessError(f"in the guest, '{command}' ended with {ended.returncode}:\n{ended.stdout}{ended.stderr}")
        return ended

    def add_ipv6(self) -> str:
        """Gives the guest its two addresses of version 6; returns the name of its network card."""
        card = self.ssh(f"ip -o route get {network.HOST} | sed 's/.* dev \\([^ ]*\\).*/\\1/'").stdout.strip()
        self.ssh(f"sysctl -q net.ipv6.conf.{card}.disable_ipv6=0; ip address replace {network.GUEST6}/64 dev {card} nodad;"
                 f" ip address replace {network.GUEST6_LINK}/64 dev {card} nodad")
        return card

    def shell_command(self) -> str:
        """What a person types on the host for a shell in the guest."""
        return " ".join(map(os.fspath, self.wire.inside("ssh", "-F", self.folder / "ssh_config", "guest")))

    def await_cloud_init(self, timeout: float = BOOT_TIMEOUT) -> None:
        self.ssh("cloud-init status --wait >/dev/null", timeout=timeout, check=False)

    def reboot(self) -> None:
        """As `reboot` in the guest does it; returns when ssh answers again in the new boot."""
        before = self.ssh("cat /proc/sys/kernel/random/boot_id").stdout
        self.ssh("systemctl reboot", check=False)
        self._powered_on = time.monotonic()
        self.qmp.await_event("RESET")
        self.await_ssh()
        if self.ssh("cat /proc/sys/kernel/random/boot_id").stdout == before:
            raise RuntimeError("the guest did not reboot")

    def unplug_port(self) -> None:
        """Takes the channel's port out of the running guest."""
        self.qmp.execute("device_del", id="port")
        self.qmp.await_event("DEVICE_DELETED")

    def plug_port(self) -> None:
        self.qmp.execute("device_add", driver="virtserialport", bus="serial.0", chardev="channel", name=PORT_NAME, id="port")

    def plug_virtiofs(self, tag: str, socket: pathlib.Path, slot: str = SLOTS[0]) -> None:
        """A virtiofs device for the running guest; its server has to listen on the socket."""
        self.qmp.execute("chardev-add", id=f"hot-{tag}", backend={
            "type": "socket", "data": {"addr": {"type": "unix", "data": {"path": str(socket)}}, "server": False}})
        self.qmp.execute("device_add", driver="vhost-user-fs-pci", id=f"hot-{tag}", chardev=f"hot-{tag}", tag=tag, bus=slot)

    def plug_ninep(self, tag: str, slot: str = SLOTS[0]) -> None:
        """A 9p device that shows `self.papers`."""
        self.qmp.execute("device_add", driver="virtio-9p-pci", id="hot-ninep", fsdev="papers", mount_tag=tag, bus=slot)

    def plug_disk(self, serial: str, image: pathlib.Path, slot: str = SLOTS[1]) -> None:
        self.qmp.execute("blockdev-add", **{
            "node-name": f"hot-{serial}", "driver": "raw", "file": {"driver": "file", "filename": str(image)}})
        self.qmp.execute("device_add", driver="virtio-blk-pci", id=f"hot-{serial}", drive=f"hot-{serial}", serial=serial, bus=slot)

    def unplug(self, name: str) -> None:
        """Asks the guest to let go of a plugged device, and waits until it has."""
        self.qmp.execute("device_del", id=f"hot-{name}")
        wait_until(lambda: self.qmp.take_event("DEVICE_DELETED", f"hot-{name}"), 60, f"device '{name}' is still there", every=0.2)
        for command, key in (("chardev-remove", "id"), ("blockdev-del", "node-name")):
            try:
                self.qmp.execute(command, **{key: f"hot-{name}"})
            except RuntimeError:  # it is one or the other
                pass

    def console_tail(self, lines: int = 15) -> str:
        if not self.console.exists():
            return ""
        return "\n".join(self.console.read_text(errors="replace").splitlines()[-lines:])

    def power_off(self, timeout: float = 60) -> None:
        """An orderly shutdown where the guest can; ends QEMU in any case."""
        if self._qemu and self._qemu.running:
            self.ssh("systemctl poweroff", check=False)
            try:
                self._qemu.wait(timeout)
            except subprocess.TimeoutExpired:
                pass
        self.stop()

    def stop(self) -> None:
        """Pulls the plug."""
        if self._master:
            self._master.stop()
            self._master = None
        if self.qmp:
            self.qmp.close()
            self.qmp = None
        if self._qemu:
            self._qemu.kill() if self._qemu.running else None
            self._qemu = None

    @property
    def qemu_pid(self) -> int:
        return self._qemu.pid
