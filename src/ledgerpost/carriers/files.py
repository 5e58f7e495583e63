"""Reading and writing files so that a hostile or a dying disk does no harm. Used by carriers, key files and exports.

Writes are whole or not there at all, and on the disk when the call returns. Reads open regular files only, and no
more of them than asked for. Knows nothing of what the bytes mean.

The functions that take a ``folder`` take an open one (a file descriptor) and a bare name in it, so that nobody can
swap a link under a path in the meantime. They raise ``OSError`` as the system gives it, and errors that do not say
where: put ``naming`` around them.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from ledgerpost.carriers import durable, parts
from ledgerpost.carriers.faults import naming, shown
from ledgerpost.errors import BadBytes, NotOurs, OverLimit, PlaceError

PRIVATE: Final = 0o600
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_PIECE = 1 << 16
_USUAL_FOLDER = 0o777
"""Less the umask."""
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})
_KINDS: Final = (
    (stat.S_ISLNK, "a link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


# --- in an open folder ----------------------------------------------------------------------------------------


def read_in(folder: int | None, name: str, limit: int, *, follow: bool = False) -> bytes:
    """The bytes of a regular file, at most ``limit`` of them.

    Raises ``NotOurs`` for what is no regular file, ``OverLimit`` before a byte is read of one that is too large,
    ``OSError`` for a fault of the place. Never blocks on a FIFO.
    """
    with _opened_file(folder, name, follow=follow) as (file, size):
        return _read_whole(file, size, limit)


@contextmanager
def _opened_file(folder: int | None, name: str, *, follow: bool = False) -> Iterator[tuple[int, int]]:
    # Looked at before opening, because to open a device can itself do something; and after, lest it was swapped.
    _must_be_file(os.stat(name, dir_fd=folder, follow_symlinks=follow))
    file = os.open(name, _READ | (0 if follow else os.O_NOFOLLOW), dir_fd=folder)
    try:
        info = os.fstat(file)
        _must_be_file(info)
        if parts.is_held(file):
            raise PlaceError("still being written by another program", do="wait a moment, then run this again")
        yield file, info.st_size
    finally:
        os.close(file)


def _must_be_file(info: os.stat_result) -> None:
    if not stat.S_ISREG(info.st_mode):
        kind = next((words for test, words in _KINDS if test(info.st_mode)), "no file")
        raise NotOurs(f"{kind}, where only plain files are read")


def _read_whole(file: int, size: int, limit: int) -> bytes:
    pieces: list[bytes] = []
    left = limit + 1  # one more than allowed, to notice a file that grows, or one that does not tell its size
    while size <= limit and left and (piece := os.read(file, min(left, max(size + 1, _PIECE)))):
        pieces.append(piece)
        left -= len(piece)
    if size > limit or not left:
        raise OverLimit(f"larger than the {limit} bytes that are read of such a file")
    return b"".join(pieces)


def write_in(folder: int, name: str, raw: bytes, mode: int = PRIVATE, *, overwrite: bool = False) -> None:
    """Write a file whole or not at all, durable on return, and read it back.

    Raises ``OSError`` for a fault of the place, with the code EEXIST if there is one and ``overwrite`` is off;
    ``PlaceError`` if the place gives back other bytes than it took. On FAT a new file gets its name at once, so that
    a process that dies at it may leave half of one; a pulled stick has the whole, an empty one or none.
    """
    if durable.is_flat(folder) and not overwrite:
        _write_at_once(folder, name, raw, mode)
    else:
        try:
            _write_part(folder, name, raw, mode, overwrite=overwrite)
        except FileNotFoundError:  # another computer took the part for a leftover: once is bad luck
            _write_part(folder, name, raw, mode, overwrite=overwrite)
    durable.sync(folder)
    if not is_kept(folder, name, raw):
        raise unkept()


def unkept() -> PlaceError:
    """What to say where other bytes are given back than were taken."""
    return PlaceError("it does not give back what was written", do="replace the stick or disk: it is failing")


def renew_in(folder: int, name: str, raw: bytes, mode: int = PRIVATE) -> None:
    """As ``write_in``, under a name made of the contents: whatever else stands there is worth nothing."""
    if durable.is_flat(folder):
        durable.remove(folder, name)
        write_in(folder, name, raw, mode)
    else:
        write_in(folder, name, raw, mode, overwrite=True)


def _write_at_once(folder: int, name: str, raw: bytes, mode: int) -> None:
    """Write under the name itself: a rename that FAT has half done leaves two names for one file, and loses both."""
    with ExitStack() as undo, os.fdopen(os.open(name, _CREATE, mode, dir_fd=folder), "wb") as out:
        undo.callback(forget, folder, name)
        parts.hold(out.fileno())
        out.write(raw)
        out.flush()
        durable.sync(folder)  # writes the table before the entry that leads into it
        durable.sync(out.fileno())
        undo.pop_all()


def _write_part(folder: int, name: str, raw: bytes, mode: int, *, overwrite: bool) -> None:
    with part_in(folder, name, mode, overwrite=overwrite) as out:
        out.write(raw)


@contextmanager
def part_in(folder: int, name: str, mode: int = PRIVATE, *, overwrite: bool = False) -> Iterator[BinaryIO]:
    """A file to be written, which gets its name only when it is whole and on the medium; sync the folder after it.

    Raises ``OSError``, with the code EEXIST if there is one of this name and ``overwrite`` is off.
    """
    part = parts.new_name()
    with os.fdopen(os.open(part, _CREATE, mode, dir_fd=folder), "wb") as out, ExitStack() as stack:
        stack.callback(forget, folder, part)
        parts.hold(out.fileno())
        yield out
        out.flush()
        durable.sync(out.fileno())
        if overwrite:
            os.replace(part, name, src_dir_fd=folder, dst_dir_fd=folder)
        else:
            _rename_new(folder, part, name)
        if durable.is_flat(folder):
            durable.sync(out.fileno())  # the new entry leads nowhere until this is written


def forget(folder: int, part: str) -> None:
    """Remove a part that came to nothing. Its name may be gone; if it cannot be removed, what led here is the news."""
    with suppress(OSError):
        os.unlink(part, dir_fd=folder)


def _rename_new(folder: int, part: str, name: str) -> None:
    """Rename to a name that must be free. A hard link can do that in one step; FAT has none, so there it is claimed."""
    try:
        os.link(part, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        os.close(os.open(name, _CREATE, PRIVATE, dir_fd=folder))
        os.replace(part, name, src_dir_fd=folder, dst_dir_fd=folder)


def exists(folder: int, name: str) -> bool:
    """Whether anything has this name: a link to nothing too."""
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def is_blank(folder: int, name: str) -> bool:
    """Whether a regular file of this name is empty or all zeros: as far as a pulled stick got with a short one."""
    try:
        return not read_in(folder, name, _PIECE).strip(b"\0")
    except (FileNotFoundError, BadBytes):  # nothing there, no regular file, or a long one
        return False


def is_kept(folder: int, name: str, raw: bytes) -> bool:
    """Whether a regular file of this name has just these bytes, on the disk and not in memory alone."""
    try:
        with _opened_file(folder, name) as (file, size):
            if size != len(raw):
                return False
            durable.sync(file)
            drop_cached(file)
            return _read_whole(file, size, len(raw)) == raw
    except (FileNotFoundError, BadBytes):  # nothing there, no regular file, or it grows meanwhile
        return False


def drop_cached(file: int) -> None:
    """Forget what memory has of a file that is on the medium, so that the medium is asked for it."""
    if hasattr(os, "posix_fadvise"):  # not on macOS
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)


def ask_for(file: int) -> None:
    """Have the medium read a file while something else is done."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_WILLNEED)


def gives_back(file: int, raw: bytes) -> bool:
    """Whether an open file has just these bytes, as it is read now."""
    os.lseek(file, 0, os.SEEK_SET)
    try:
        return _read_whole(file, os.fstat(file).st_size, len(raw)) == raw
    except OverLimit:
        return False


# --- by path, for key files and exports -----------------------------------------------------------------------


def write_new(path: Path, raw: bytes, mode: int = PRIVATE, *, overwrite: bool = False) -> None:
    """Write a file whole or not at all, durable on return and read back; its folder must be there.

    Where the very same stands already it is done: a command that was cut off after it goes on when it is run again.
    What broken runs left unfinished in that folder is cleared away. Raises ``PlaceError`` if there is another one and
    ``overwrite`` is off, or if the place is full, read-only and so on; ``NotFound`` if the folder is missing.
    ``overwrite`` replaces a link, not what it leads to.
    """
    with naming(path.parent), durable.opened_folder(path.parent, follow=True) as folder, naming(path):
        parts.clear_all(folder)
        if overwrite or not is_kept(folder, path.name, raw):
            write_in(folder, path.name, raw, mode, overwrite=overwrite)
        else:
            durable.sync(folder)  # whoever put it there may not have waited


def remove(path: Path) -> None:
    """Remove a file, if there is one; durable on return. Raises ``PlaceError``, or ``NotFound`` without its folder."""
    with naming(path), durable.opened_folder(path.parent, follow=True) as folder:
        durable.remove(folder, path.name)


def read_limited(path: Path, limit: int, *, follow: bool = False) -> bytes:
    """The bytes of a regular file, at most ``limit``. ``follow`` is for a path that the user named: it may be a link.

    Raises ``NotFound``, ``NotOurs`` (a link, folder, pipe, device), ``OverLimit`` or ``PlaceError``, each with the
    path. The folders on the way are followed as the system does.
    """
    with naming(path):
        return read_in(None, os.fspath(path), limit, follow=follow)


def ensure_private_folder(path: Path) -> None:
    """Make a folder with mode 0700, and its parents as the umask says, unless it is there. Durable on return.

    One that is there may be a link to a folder. If others may enter it, it is closed to them when it is ours and
    empty; else ``PlaceError``, since closing a folder that is in use (a home, ``/tmp``) could break other things.
    """
    with naming(path):
        for each in _missing(path):
            with durable.opened_folder(each.parent, follow=True) as parent:
                durable.make_folder(parent, each.name, durable.PRIVATE_FOLDER if each == path else _USUAL_FOLDER)
        with durable.opened_folder(path, follow=True) as folder:
            if not _is_private(folder) and _is_empty(folder):
                os.fchmod(folder, durable.PRIVATE_FOLDER)
            if not _is_private(folder):
                raise PlaceError(
                    "this folder is not yours alone", do=f"choose another, or make it so: chmod 700 {shown(path)}"
                )


def _missing(path: Path) -> list[Path]:
    """The folders to be made, the outermost first: each is durable before the next."""
    missing: list[Path] = []
    while not path.is_dir() and path != path.parent:
        missing.insert(0, path)
        path = path.parent
    return missing


def _is_private(folder: int) -> bool:
    info = os.fstat(folder)
    return info.st_uid == os.geteuid() and not info.st_mode & 0o077


def _is_empty(folder: int) -> bool:
    with os.scandir(folder) as entries:
        return next(entries, None) is None
