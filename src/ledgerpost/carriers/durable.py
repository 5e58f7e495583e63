"""What is on the medium, and in which order it got there. Beneath every file and folder that carriers make or remove.

A journalling file system keeps its own order; FAT and exFAT do not. There an entry that is written before what it
leads to is what a pulled stick is left with: a folder nobody can write in, one place for two files. So the table of a
file goes first when it is made and last when it is removed, and a folder has its name only when it is whole
(docs/adr/0012-what-fat-writes-first.md). Knows nothing of what the files hold.

The functions take an open folder (a file descriptor) and a bare name in it, and raise ``OSError`` as the system gives
it.
"""

import errno
import fcntl
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Final

from ledgerpost.carriers import parts

PRIVATE_FOLDER: Final = 0o700
NEW: Final = ".new"
"""What the name of a folder that is still being made ends with, on FAT and exFAT; it starts with a dot."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FULL_SYNC: int | None = getattr(fcntl, "F_FULLFSYNC", None)  # macOS: its fsync leaves the bytes in the drive's cache
_NO_SYNC = frozenset({errno.EINVAL, errno.ENOTSUP, errno.ENOTTY})
_FLAT = frozenset({"vfat", "msdos", "exfat", "fuseblk"})
"""Without a journal that keeps folders whole, as the system names them. ``fuseblk``: NTFS or exFAT through FUSE."""
_FAT = frozenset({"vfat", "msdos"})
"""Those whose driver in Linux syncs a folder on its own: what was made in it and the table, and nothing else."""
_WHOLE = frozenset({"ext2", "ext3", "ext4", "xfs", "tmpfs"})
"""Whose syncfs(2) does for all what fsync(2) does for one file; tmpfs has no medium, and neither does anything."""
_TELLS = (5, 8)
"""Since this Linux syncfs(2) says that something could not be written."""
_HANDS = 8
"""Threads that wait side by side where there is no one wait for all."""
_PRIVATE_FILE = 0o600
_MORE = 3 * 13
"""Letters by which a long name takes as many more entries of FAT as a folder ending with ``NEW`` has."""
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


def sync_all(folder: int, files: Sequence[int]) -> None:
    """As ``sync`` for an open folder and for many files and folders below it, with one wait for all if that may be."""
    if not (_are_together(folder, files) and _sync_whole(folder)):
        _sync_each(files)
    sync(folder)  # also: without a journal syncfs(2) writes names after it has had the drive flush its cache


def _are_together(folder: int, files: Sequence[int]) -> bool:
    """Whether all lie on one file system: another one may be mounted on a mailbox."""
    device = os.fstat(folder).st_dev
    return all(os.fstat(file).st_dev == device for file in files)


def _sync_whole(folder: int) -> bool:
    """Whether all that was written to the file system is on the medium.

    Where it fails that may be other programs' doing: then each file is to be asked by itself.
    """
    call = _syncfs()
    return call is not None and _kind(folder) in _WHOLE and call(folder) == 0


@cache
def _syncfs() -> Callable[[int], int] | None:
    """The C library's syncfs(2) on a Linux that tells its errors, else None. Other threads go on meanwhile."""
    system = os.uname()
    version = tuple(map(int, re.findall("[0-9]+", system.release)[:2]))
    if system.sysname != "Linux" or version < _TELLS:
        return None
    with suppress(ImportError, OSError):  # a Python without it, a C library that is not to be had
        import ctypes  # noqa: PLC0415  # 4 ms, and only who puts out many needs it

        return getattr(ctypes.CDLL(None), "syncfs", None)
    return None


def _sync_each(files: Sequence[int]) -> None:
    """Many side by side: those who wait at the same time share the drive's work."""
    if len(files) <= _HANDS:
        for file in files:
            sync(file)
        return
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  # 20 ms, and mostly there is no need

    with ThreadPoolExecutor(_HANDS) as hands:
        for _ in hands.map(sync, files):
            pass


def is_flat(folder: int) -> bool:
    """Whether it lies on FAT, exFAT or like. Told on Linux only; elsewhere no."""
    return _kind(folder) in _FLAT


def is_fat(folder: int) -> bool:
    """Whether it lies on FAT, written by Linux itself. Told on Linux only; elsewhere no."""
    return _kind(folder) in _FAT


def _kind(folder: int) -> str:
    """The file system's name as the system has it, or nothing."""
    device = os.fstat(folder).st_dev
    mark = f"{os.major(device)}:{os.minor(device)}"
    with suppress(FileNotFoundError), _MOUNTS.open(encoding="utf-8", errors="surrogateescape") as mounts:
        for line in mounts:  # proc(5): id, parent, major:minor, ..., "-", type, source, options
            words = line.split()
            if words[2] == mark:
                return words[words.index("-") + 1]
    return ""


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
        _must_be_free(folder, name)
        if is_fat(folder):
            _make_unseen(folder, name, mode)
        elif is_flat(folder):
            _make_aside(folder, name, mode)
        else:
            os.mkdir(name, mode, dir_fd=folder)
        sync(folder)


def begin_folder(folder: int, name: str, mode: int) -> bool:
    """Make a folder unless there is one, and say so. Not durable yet, and not for FAT and its like."""
    try:
        os.mkdir(name, mode, dir_fd=folder)
    except FileExistsError:
        return False
    return True


def _make_unseen(folder: int, name: str, mode: int) -> None:
    """Make a folder on FAT whose entry gets to the medium last, in one sector: pulled before that, there is none.

    Linux notes what a call changed with the folder in which it changed it, also the contents of a folder newly made
    there, and ``fsync`` of that folder writes just these and the table. So the folder is made in another one, moved
    out of it, and the other one is removed, open still: when that is synced, the contents and the table are on the
    medium, and no entry leads there. Syncing the new folder itself writes its entry.
    """
    _clear_short(folder, name)
    _make_room(folder, name)
    outer = f".{secrets.token_hex(8)}{NEW}"
    with ExitStack() as stack:
        os.mkdir(outer, PRIVATE_FOLDER, dir_fd=folder)
        with _removed(folder, outer):
            around = stack.enter_context(opened_folder(outer, folder))
            os.mkdir(name, mode, dir_fd=around)
            with _removed(around, name):  # nothing any more, when it was moved
                made = stack.enter_context(opened_folder(name, around))
                os.rename(name, name, src_dir_fd=around, dst_dir_fd=folder)
        sync(around)
        sync(made)


@contextmanager
def _removed(folder: int, name: str) -> Iterator[None]:
    """Remove an empty folder at the end, if it is there, whatever came in between."""
    try:
        yield
    finally:
        with suppress(FileNotFoundError):
            os.rmdir(name, dir_fd=folder)


def _make_room(folder: int, name: str) -> None:
    """Let the entries of two folders, one of this name, find room in a folder without its growing.

    Were it to grow when they are made, the table would lead to its new part before that is on the medium.
    """
    room = parts.new_name(len(os.fsencode(name)) + _MORE)
    os.close(os.open(room, os.O_RDONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _PRIVATE_FILE, dir_fd=folder))
    os.unlink(room, dir_fd=folder)
    sync(folder)


def _clear_short(folder: int, name: str) -> None:
    """Remove the folder that a pull left with its short name only, if nothing is in it.

    Where the entry lies across two sectors, the long name's part in the first is written second.
    """
    short = re.compile(re.escape(name[:6]) + "~[0-9]", re.IGNORECASE)
    with os.scandir(folder) as entries:
        found = [each.name for each in entries if short.fullmatch(each.name) and each.is_dir(follow_symlinks=False)]
    for each in found:
        with suppress(OSError):  # not empty: nobody's leftover
            os.rmdir(each, dir_fd=folder)


def _make_aside(folder: int, name: str, mode: int) -> None:
    """Make a folder under a name that nobody looks at, until it is whole.

    On exFAT its entry may be written before its contents. A stick pulled in between has an entry that the system
    may call corrupted when it is looked up; so nothing here ever looks at such a name.
    """
    new = f".{secrets.token_hex(8)}{NEW}"
    os.mkdir(new, mode, dir_fd=folder)
    sync(folder)
    with opened_folder(new, folder) as made:
        os.rename(new, name, src_dir_fd=folder, dst_dir_fd=folder)
        sync(made)  # the new entry leads nowhere until this is written


def _must_be_free(folder: int, name: str) -> None:
    """Raise ``FileExistsError`` if anything has this name: a folder is renamed over an empty one without a word."""
    with suppress(FileNotFoundError):
        os.stat(name, dir_fd=folder, follow_symlinks=False)
        raise FileExistsError


def remove(folder: int, *names: str) -> None:
    """Remove files, those that are there. Durable on return."""
    for name in names:
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=folder)
    sync(folder)
