"""What is on the medium, and in which order it got there. Beneath every file and folder that carriers make or remove.

A journalling file system keeps its own order; FAT and exFAT do not. There an entry that is written before what it
leads to is what a pulled stick is left with: a folder nobody can write in, one place for two files. So the table of a
file goes first when it is made and last when it is removed, and a folder has its name only when it is whole. Knows
nothing of what the files hold.

The functions take an open folder (a file descriptor) and a bare name in it, and raise ``OSError`` as the system gives
it.
"""

import errno
import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

PRIVATE_FOLDER: Final = 0o700
NEW: Final = ".new"
"""What the name of a folder that is still being made ends with, on FAT; it starts with a dot."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FULL_SYNC: int | None = getattr(fcntl, "F_FULLFSYNC", None)  # macOS: its fsync leaves the bytes in the drive's cache
_NO_SYNC = frozenset({errno.EINVAL, errno.ENOTSUP, errno.ENOTTY})
_FLAT = frozenset({"vfat", "msdos", "exfat", "fuseblk"})
"""Without a journal that keeps folders whole, as the system names them. ``fuseblk``: NTFS or exFAT through FUSE."""
_MOUNTS = Path("/proc/self/mountinfo")


def sync(file: int) -> None:
    """Wait until a file or folder is on the medium, as far as the system lets one."""
    try:
        if _FULL_SYNC is not None:
            fcntl.fcntl(file, _FULL_SYNC)
            return
    except OSError as error:
        if error.errno not in _NO_SYNC:  # network and FUSE file systems have none: fsync below
            raise
    try:
        os.fsync(file)
    except OSError as error:
        # Some FUSE and network file systems sync no folder and say so; a file that cannot be synced is an error.
        if error.errno not in _NO_SYNC or not stat.S_ISDIR(os.fstat(file).st_mode):
            raise


def is_flat(folder: int) -> bool:
    """Whether it lies on FAT, exFAT or like. Told on Linux only; elsewhere no."""
    device = os.fstat(folder).st_dev
    mark = f"{os.major(device)}:{os.minor(device)}"
    with suppress(FileNotFoundError), _MOUNTS.open(encoding="utf-8", errors="surrogateescape") as mounts:
        for line in mounts:  # proc(5): id, parent, major:minor, ..., "-", type, source, options
            words = line.split()
            if words[2] == mark:
                return words[words.index("-") + 1] in _FLAT
    return False


@contextmanager
def opened_folder(path: str | Path, within: int | None = None, *, follow: bool = False) -> Iterator[int]:
    """Open a folder, in the open folder ``within`` if given. A link in its place is an error unless ``follow``."""
    folder = os.open(path, _FOLDER | (0 if follow else os.O_NOFOLLOW), dir_fd=within)
    try:
        yield folder
    finally:
        os.close(folder)


def make_folder(folder: int, name: str, mode: int = PRIVATE_FOLDER) -> None:
    """Make a folder unless there is one. Durable on return."""
    with suppress(FileExistsError):  # if it is no folder, opening it says so
        if is_flat(folder):
            _make_aside(folder, name, mode)
        else:
            os.mkdir(name, mode, dir_fd=folder)
        sync(folder)


def _make_aside(folder: int, name: str, mode: int) -> None:
    """Make a folder under a name that nobody looks at, until it is whole.

    On FAT its entry may be written before its contents. A stick pulled in between has an entry that Linux calls
    corrupted when it is looked up, and makes the stick read-only for it; so nothing here ever looks at such a name.
    """
    with suppress(FileNotFoundError):
        os.stat(name, dir_fd=folder, follow_symlinks=False)
        raise FileExistsError
    new = f".{secrets.token_hex(8)}{NEW}"
    os.mkdir(new, mode, dir_fd=folder)
    sync(folder)
    with opened_folder(new, folder) as made:
        os.rename(new, name, src_dir_fd=folder, dst_dir_fd=folder)
        sync(made)  # the new entry leads nowhere until this is written


def remove(folder: int, *names: str) -> None:
    """Remove files, those that are there. Durable on return."""
    for name in names:
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=folder)
    sync(folder)
