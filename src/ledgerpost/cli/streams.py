"""Where the words of a process go: its two streams, and what becomes of them when nobody can take the words.

Knows nothing of what is said, and imports only what Python itself has loaded by then.
"""

import os
import sys


def prepare() -> None:
    """Let no stream end the program: what one cannot spell prints as "?", and one that is closed takes all and keeps
    nothing. (As file descriptor 1 or 2 it also keeps the next file opened from being written on by mistake.)
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a name in another script must not end the program


def drop() -> None:
    """Give both streams up, so that what Python still holds for them goes nowhere when the process ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
