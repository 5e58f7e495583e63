"""Progress on stderr: nothing for the first second, then a line that is kept current, or one every ten seconds."""

import sys
import time
from typing import Final

QUIET: Final = 1.0
EVERY: Final = 10.0


class Progress:
    """Call it with how many are done. ``total`` may be 0: unknown."""

    def __init__(self, total: int, what: str) -> None:
        self._total = total
        self._what = what
        self._start = self._last = time.monotonic()
        self._shown = False

    def __call__(self, done: int) -> None:
        """Say how far it is, if it is time to."""
        now = time.monotonic()
        live = sys.stderr.isatty()
        if now - self._start < QUIET or (now - self._last < (0.2 if live else EVERY)):
            return
        self._last, self._shown = now, True
        line = self.line(done, now - self._start)
        print(f"\r\x1b[K{line}" if live else line, end="" if live else "\n", file=sys.stderr, flush=True)

    def line(self, done: int, seconds: float) -> str:
        """``212/412 envelopes, 2 s left``."""
        if not self._total or not done:
            return f"{done} {self._what}"
        left = round(seconds * (self._total - done) / done)
        return f"{done}/{self._total} {self._what}, {max(left, 0)} s left"

    def close(self) -> None:
        """Clear the line."""
        if self._shown and sys.stderr.isatty():
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
