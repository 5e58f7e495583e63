"""Files that are still being written: a name nobody takes for mail, held by who writes, cleared when nobody does.

A part is held by an advisory lock (``flock``), which the kernel drops however its writer ends. So a part that nobody
holds is what a broken run left, and is cleared at once. A lock binds one computer only: on a network share another
one's part may be taken for a leftover; its writer then finds it gone and writes again. Refuses to look inside.
"""

import fcntl
import os
import re
import secrets
import stat
from collections.abc import Iterable
from contextlib import suppress
from itertools import islice
from typing import Final

PART: Final = ".part"
"""What the name of a file still being written ends with; it starts with a dot."""

MOST_PARTS: Final = 1000
"""Parts cleared in one go; the rest has its turn in the next run."""

_LONGEST = 250
_NAME = re.compile(r"\.[0-9a-f]{16,}" + re.escape(PART))
_LOOK = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC | os.O_NOFOLLOW


def new_name(least: int = 0) -> str:
    """A name for a part that nobody else has, of ``least`` letters or more, as far as file systems take it."""
    digits = max(16, min(least, _LONGEST) - len(PART))
    return f".{secrets.token_hex(digits)[:digits]}{PART}"


def is_part(entry: os.DirEntry[str]) -> bool:
    """Whether it is a file that ``new_name`` may have named. Looks nothing up: on FAT a broken entry does harm."""
    return _NAME.fullmatch(entry.name) is not None and entry.is_file(follow_symlinks=False)


def hold(file: int) -> None:
    """Keep others from clearing or reading an open file until it is closed, where the system has such locks."""
    with suppress(OSError):  # none on this file system, or somebody looks at it just now
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_held(file: int) -> bool:
    """Whether another is still writing an open file."""
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # no such locks here
        return False
    fcntl.flock(file, fcntl.LOCK_UN)
    return False


def clear(folder: int, names: Iterable[str]) -> None:
    """Remove the parts among these names that nobody holds. Tidying only: what cannot be removed stays."""
    for name in names:
        with suppress(OSError):  # mail can be collected from a read-only stick too
            _clear(folder, name)


def _clear(folder: int, name: str) -> None:
    file = os.open(name, _LOOK, dir_fd=folder)
    try:
        if stat.S_ISREG(os.fstat(file).st_mode):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(name, dir_fd=folder)
    finally:
        os.close(file)


def clear_all(folder: int) -> None:
    """Look through a folder once and clear what nobody holds."""
    with os.scandir(folder) as entries:
        names = list(islice((entry.name for entry in entries if is_part(entry)), MOST_PARTS))
    clear(folder, names)
