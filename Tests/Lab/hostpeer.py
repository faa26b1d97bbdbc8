"""`sharehost serve` in a lab: its configuration, its process, its answers."""

import copy
import json
import os
import pathlib
import subprocess

from .network import Network
from .processes import Process, wait_until


def as_yaml(configuration: dict) -> str:
    """A key a line, an entry a line; what stands inside an entry is written as JSON, which is YAML too."""
    lines = []
    for key, value in configuration.items():
        if isinstance(value, list) and value:
            lines.append(f"{key}:")
            lines += [f"  - {json.dumps(entry)}" for entry in value]
        elif isinstance(value, dict) and value:
            lines.append(f"{key}:")
            lines += [f"  {name}: {json.dumps(entry)}" for name, entry in value.items()]
        else:
            lines.append(f"{key}: {json.dumps(value)}")
    return "\n".join(lines) + "\n"


class HostPeer:
    """Written, started, crashed and asked like the real thing, with paths of its own."""

    def __init__(self, program: pathlib.Path, folder: pathlib.Path, wire: Network):
        self.program, self.folder, self.wire = program, folder, wire
        folder.mkdir(mode=0o700)
        self.path, self.control = folder / "sharehost.yaml", folder / "control.sock"
        self.configuration: dict = {
            "host": {"name": "lab-host"}, "reportInterval": "5s", "metrics": {"listen": "127.0.0.1:9477"},
            "credentials": {}, "shares": [], "vms": [],
        }
        self.process: Process | None = None
        self.log = folder / "sharehost.log"

    def add_password(self, name: str, username: str, password: str) -> None:
        """A credential by reference to a file that only root can read."""
        self.configuration["credentials"][name] = {"username": username, "passwordFile": self._secret(f"{name}.password", password)}

    def add_key(self, name: str, username: str, key: str) -> None:
        self.configuration["credentials"][name] = {"username": username, "keyFile": self._secret(f"{name}.key", key + "\n")}

    def _secret(self, file: str, text: str) -> str:
        path = self.folder / file
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as output:
            output.write(text)
        return str(path)

    def add_vm(self, name: str, channel: pathlib.Path, shares: object = "all") -> None:
        self.configuration["vms"].append({"name": name, "channel": f"unix:{channel}", "shares": shares})

    @property
    def shares(self) -> list[dict]:
        return self.configuration["shares"]

    def snapshot(self) -> dict:
        return copy.deepcopy(self.configuration)

    def apply(self) -> None:
        """Writes the file and waits until the running sharehost has taken it, by itself; what it finds wrong is raised."""
        if self.path.read_text() == as_yaml(self.configuration):
            return
        before = self.status()["configuration"]
        self.write()

        def taken() -> bool:
            told = self.status()["configuration"]
            if told.get("error") and told["error"] != before.get("error"):
                raise ValueError(f"sharehost refuses its configuration: {told['error']}")
            # What was in force all along, written again after a mistake, is no new revision.
            return told["revision"] > before["revision"] or (before.get("error") and not told.get("error"))

        wait_until(taken, 20, "sharehost has not noticed its changed configuration")

    def write(self) -> None:
        """Replaces the file in one step, as editors do."""
        fresh = self.path.with_suffix(".new")
        fresh.write_text(as_yaml(self.configuration))
        os.rename(fresh, self.path)

    def start(self) -> None:
        self.write()
        command = [self.program, "serve", "--configuration", self.path, "--control-socket", self.control]
        self.process = Process("sharehost", self.wire.inside(*command), self.log)
        wait_until(lambda: self.process.expect_running() or self.answers(), 20, "sharehost does not answer")

    def answers(self) -> bool:
        return self.control.exists() and self.run("status", "--json", check=False).returncode == 0

    def run(self, verb: str, *words: str, check: bool = True) -> subprocess.CompletedProcess:
        return subprocess.run([self.program, verb, *words, "--control-socket", self.control], capture_output=True, text=True,
                              timeout=30, check=check, stdin=subprocess.DEVNULL)

    def check(self) -> subprocess.CompletedProcess:
        """`sharehost check` of the configuration file as it is now."""
        return subprocess.run([self.program, "check", "--configuration", self.path], capture_output=True, text=True, check=False)

    def status(self) -> dict:
        return json.loads(self.run("status", "--json").stdout)

    def stop(self) -> None:
        if self.process:
            self.process.stop()

    def crash(self) -> None:
        self.process.kill()
