"""A network of the lab's own: a namespace without a way out, with a tap device that the guest's network card is plugged into."""

import ctypes
import os
import pathlib
import queue
import socket
import subprocess
import threading

from .processes import Process, wait_until

HOST = "10.77.0.1"
GUEST = "10.77.0.2"
# The same two by IPv6: of this network alone, and link-local, which needs a zone beside it. The guest has them when `add_ipv6` was called.
HOST6, GUEST6 = "fd77::1", "fd77::2"
GUEST6_LINK = "fe80::77:2"
TAP = "tap0"

_libc = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWNET = 0x40000000


class Network:
    """The namespace has no name: it is held by a process, and goes when the last process in it goes."""

    def __init__(self, folder: pathlib.Path):
        own = os.readlink("/proc/self/ns/net")
        self.holder = Process("network", ["unshare", "--net", "sleep", "infinity"], folder / "network.log")
        wait_until(lambda: self.holder.expect_running() or os.readlink(self.path) != own, 10, "a network namespace")
        for words in ("link set lo up", f"tuntap add dev {TAP} mode tap", f"address add {HOST}/24 dev {TAP}",
                      f"address add {HOST6}/64 dev {TAP} nodad", f"link set {TAP} up"):
            self.run("ip", *words.split())

    @property
    def path(self) -> str:
        return f"/proc/{self.holder.pid}/ns/net"

    def inside(self, *command: str | os.PathLike) -> list[str | os.PathLike]:
        """The command line that runs `command` in the namespace, with the pid it is started with."""
        return ["nsenter", f"--net={self.path}", "--", *command]

    def run(self, *command: str | os.PathLike) -> str:
        return subprocess.run(self.inside(*command), check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout

    def connect(self, address: tuple[str, int], timeout: float) -> socket.socket:
        """A TCP connection made inside; entering a network namespace is a matter of one thread, so it is a thread's work."""
        results: queue.Queue = queue.Queue()

        def work() -> None:
            try:
                with open(self.path, "rb") as namespace:
                    if _libc.setns(namespace.fileno(), _CLONE_NEWNET) != 0:
                        raise OSError(ctypes.get_errno(), "setns")
                results.put(socket.create_connection(address, timeout))
            except OSError as error:
                results.put(error)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        result = results.get(timeout=timeout + 5)
        if isinstance(result, OSError):
            raise result
        return result

    def listening(self, port: int, address: str = HOST) -> bool:
        try:
            self.connect((address, port), 2).close()
            return True
        except OSError:
            return False

    def stop(self) -> None:
        self.holder.stop()
