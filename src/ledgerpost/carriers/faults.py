"""What may go wrong with a file or its name, in words fit to print.

Turns what the system says (``OSError``) into the project's errors, and names into text that no terminal obeys. Opens
nothing and knows nothing of what the files are for.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import unquote_to_bytes

from ledgerpost.errors import LedgerpostError, NotFound, PlaceError

_FULL = ("no space is left", "free some space there, then run the same command again")
_FORBIDDEN = ("no permission", "ask its owner for permission to read and write there, or choose another place")
_PULLED = ("pulled out", "put it back in, then run the same command again")
_NO_FOLDER = ("a link or a file stands where a folder belongs", "remove it; links are not followed here")
_NO_FILE = ("a folder stands where a file belongs", "move the folder away, then run the same command again")
_FAULTS: Final = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: ("the place takes no file of this size", "choose another place"),
    errno.EROFS: ("read-only", "slide the lock of the stick to writable, or choose another place"),
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.EIO: (
        "cannot be read or written: failing or pulled out",
        "put it back in; if that does not help, replace it",
    ),
    errno.ENODEV: _PULLED,
    errno.ENXIO: _PULLED,
    errno.ESTALE: _PULLED,
    errno.ENOTCONN: _PULLED,
    errno.ENOTDIR: _NO_FOLDER,
    errno.ELOOP: _NO_FOLDER,
    errno.EISDIR: _NO_FILE,
    errno.ENOTEMPTY: _NO_FILE,
    errno.EEXIST: ("there is one already, and it is not overwritten", "choose another name, or move the old one away"),
    errno.ENAMETOOLONG: ("the name is too long", "choose a shorter name"),
    errno.EMFILE: ("this computer has too many files open", "close other programs, then run the same command again"),
    errno.ENFILE: ("this computer has too many files open", "close other programs, then run the same command again"),
}


def shown(name: str | Path) -> str:
    """A file name with whatever does not print (control, bidi, stray bytes) and ``%`` itself spelt ``%XX``."""
    text = str(name)
    if text.isprintable() and "%" not in text:
        return text
    return "".join(c if c.isprintable() and c != "%" else _spelt(c) for c in text)


def _spelt(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in os.fsencode(character))


def unshown(text: str) -> str:
    """The file name that ``shown`` gave this text for. Raises ``ValueError`` for text that is no file name."""
    name = os.fsdecode(unquote_to_bytes(text))
    if "\0" in name:
        raise ValueError("a NUL in a file name")
    return name


def one_line(text: str, most: int = 1000) -> str:
    """Text fit to print: a blank for every control, bidi or stray character, cut to ``most`` characters."""
    return "".join(c if c.isprintable() else " " for c in text[:most])


def fault(error: OSError, where: str | Path) -> LedgerpostError:
    """What the system says, in words: ``NotFound`` for what is missing, ``PlaceError`` for all else."""
    place = shown(where)
    if error.errno == errno.ENOENT:
        return NotFound("not there", where=place, do="check the name; if it is a stick, put it in")
    unknown = (f"cannot be used: {os.strerror(error.errno or 0)}", "")
    what, do = _FAULTS.get(error.errno or 0, unknown)
    return PlaceError(what, where=place, do=do)


@contextmanager
def naming(where: str | Path, *below: str) -> Iterator[None]:
    """Turn every ``OSError`` inside into the error of ``fault``; an error that does not say where gets ``where``.

    The path is ``where`` with ``below`` it. It is put together only when something went wrong.
    """
    try:
        yield
    except LedgerpostError as error:
        error.at(shown(Path(where, *below)))
        raise
    except OSError as error:
        raise fault(error, Path(where, *below)) from error
