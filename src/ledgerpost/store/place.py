"""What the folder and the data file must be before liblmdb maps them, and how the folder is made.

liblmdb trusts its file: a truncated one ends the process by SIGBUS, a bent one by abort. So the file is looked
at first, through plain reads. Knows the file format as far as that needs it; knows no records and no locks.
"""

import os
import re
import stat
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Final

from lmdb.verify import VerifyError, verify

from ledgerpost.errors import NotFound, PlaceError, StoreDamaged

DATA: Final = "data.mdb"
LOCK: Final = "lock.mdb"
MOUNTS = Path("/proc/mounts")
UNFIT: Final = frozenset({"vfat", "exfat", "msdos", "fuseblk"})
"""File systems of sticks: no modes, and on a stick's flash the one sector that a commit relies on may tear."""

WHOLE = 64 * 2**20
"""Bytes: a data file up to this size is checked whole at each opening (0.2 s), a larger one at its ends."""

LOCK_SIZE: Final = 8192
"""Bytes of liblmdb's lock file, for its 126 readers."""

_verify: Final[Callable[[str], list[str]]] = verify

# LMDB 0.9, in the host's own order and sizes: page header (number, pad, flags, lower and upper), then
# magic, version, address, map size, two trees (pad, flags, depth, branches, leaves, overflows, entries, root),
# last page, transaction. The pad of the first tree is the page size.
_META: Final = struct.Struct("@NHHI" + "IIPN" + "IHHNNNNN" * 2 + "NN")
_MAGIC: Final = (0xBEEFC0DE, 1)


def ready(folder: Path, *, create: bool) -> None:
    """See that the folder may and does hold a store, or, with ``create``, make it: 0700, its parents as usual.

    Raises PlaceError: a stick's file system. NotFound: there is no store. StoreDamaged: there was one and its
    data is gone, which no empty store may cover up. OSError: the folder cannot be made.
    """
    refuse_sticks(folder)
    if create:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        sync_folder(folder.parent)
    used = os.path.lexists(folder / LOCK)  # looked at first: whoever makes a store makes the data first
    if os.path.lexists(folder / DATA):
        return
    if used:
        raise StoreDamaged("the store's data is gone", where=str(folder / DATA))
    if not create:
        raise NotFound("there is no store in this folder", where=str(folder), do="check the path, or create it first")


def refuse_sticks(folder: Path) -> None:
    """Raise PlaceError where the folder lies, or would lie, on a stick's file system (T3). Linux only."""
    if not MOUNTS.exists():
        return
    kind = filesystem(Path(os.path.realpath(folder)), os.fsdecode(MOUNTS.read_bytes()))
    if kind in UNFIT:
        raise PlaceError(
            f"a store cannot be kept on a stick ({kind})",
            where=str(folder),
            do="keep it on this computer's own disk; backups and letters go on sticks",
        )


def filesystem(path: Path, mounts: str) -> str:
    """The type of the file system that ``path`` (absolute) lies on, by the text of /proc/mounts; "" if unknown."""
    kind, depth = "", 0
    for line in mounts.splitlines():
        _, point, this, *_ = line.split(" ")
        at = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), point))
        if len(at.parts) >= depth and path.is_relative_to(at):  # the last of equals lies on top
            kind, depth = this, len(at.parts)
    return kind


def sync_folder(folder: Path) -> None:
    """Make the folder's names durable: LMDB never does."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    """Make the file's bytes durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def reserve_lock(lock: Path) -> None:
    """Give liblmdb's lock file its blocks, 0600: it writes there through a map, where a full disk is SIGBUS."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        if os.fstat(descriptor).st_size < LOCK_SIZE:
            file.write(bytes(LOCK_SIZE))


def check_data(data: Path) -> None:
    """Raise StoreDamaged if the file is none that liblmdb may map: no plain file, cut short or, if small, bent.

    A healthy file may end before the last page it announces, where that page is free and was never written;
    only the walk through the whole file tells this from a cut, so a short file is walked whatever its size.
    """
    found = data.lstat()
    if not stat.S_ISREG(found.st_mode):
        raise StoreDamaged("the store's data is no plain file", where=str(data))
    if found.st_size <= WHOLE or found.st_size < announced(data):
        _walk(data)


def announced(data: Path) -> int:
    """Bytes that the newest of the file's two meta pages announces. StoreDamaged if they do not read."""
    with data.open("rb") as file:
        first = _meta(file.read(_META.size), data)
        file.seek(first[0])
        second = _meta(file.read(_META.size), data)
    page, last, _ = max(first, second, key=lambda meta: meta[2])
    return page * (last + 1)


def _meta(head: bytes, data: Path) -> tuple[int, int, int]:
    """Page size, last page, transaction."""
    fields = _META.unpack(head) if len(head) == _META.size else ()
    if fields[4:6] != _MAGIC:
        raise StoreDamaged("the store's data is cut short or no store's", where=str(data))
    return fields[8], fields[-2], fields[-1]


def _walk(data: Path) -> None:
    try:
        problems = _verify(str(data))
    except VerifyError as fault:
        raise StoreDamaged(f"the store's data is cut short or no store's: {fault}", where=str(data)) from fault
    if problems:
        raise StoreDamaged(f"the store's data is damaged: {problems[0]}", where=str(data))
