"""QEMU's own control socket: one JSON object a line, answers in the order of the questions, events in between."""

import json
import pathlib
import socket


class QMP:
    def __init__(self, path: pathlib.Path):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(30)
        self._socket.connect(str(path))
        self._lines = self._socket.makefile("r", encoding="utf-8")
        self.events: list[dict] = []
        json.loads(self._lines.readline())  # the greeting
        self.execute("qmp_capabilities")

    def execute(self, command: str, **arguments) -> object:
        self._socket.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        while True:
            line = self._lines.readline()
            if not line:
                raise ConnectionError(f"QEMU closed its control socket during '{command}'")
            message = json.loads(line)
            if "event" in message:
                self.events.append(message)
            elif "error" in message:
                raise RuntimeError(f"QEMU refused '{command}': {message['error'].get('desc')}")
            else:
                return message["return"]

    def await_event(self, name: str) -> dict:
        while True:
            for event in self.events:
                if event["event"] == name:
                    self.events.remove(event)
                    return event
            line = self._lines.readline()
            if not line:
                raise ConnectionError(f"QEMU closed its control socket before the event {name}")
            message = json.loads(line)
            if "event" in message:
                self.events.append(message)

    def take_event(self, name: str, device: str) -> bool:
        """Whether an event of one device has come, each told once; asking QEMU something makes it hand over what waits."""
        self.execute("query-status")
        for event in self.events:
            if event["event"] == name and event["data"].get("device") == device:
                self.events.remove(event)
                return True
        return False

    def close(self) -> None:
        self._lines.close()
        self._socket.close()
