"""What a person sees while the lab works: a line a step, with the seconds it took; on a terminal the seconds run."""

import contextlib
import sys
import threading
import time
from collections.abc import Iterator


class Progress:
    def __init__(self):
        self._terminal = sys.stderr.isatty()

    def say(self, text: str) -> None:
        self._line(text, end="\n")

    @contextlib.contextmanager
    def step(self, text: str) -> Iterator[None]:
        began = time.monotonic()
        finished = threading.Event()
        ticker = None
        if self._terminal:
            ticker = threading.Thread(target=self._tick, args=(text, began, finished), daemon=True)
            ticker.start()
        else:
            self.say(f"  …  {text}")
        mark = "!!"
        try:
            yield
            mark = "ok"
        finally:
            finished.set()
            if ticker:
                ticker.join()
            self._line(f" {mark}  {text} ({time.monotonic() - began:.1f} s)", end="\n")

    def _tick(self, text: str, began: float, finished: threading.Event) -> None:
        while not finished.wait(0.5):
            self._line(f"  …  {text} ({time.monotonic() - began:.0f} s)", end="")

    def _line(self, text: str, end: str) -> None:
        print(f"\r\033[K{text}" if self._terminal else text, end=end, file=sys.stderr, flush=True)
