"""Files laid before the judge: what is in each, and why one counts for nothing.

Whoever quarrels may bring anything: rubbish, links, a folder of a million files, the same file ten times. What is read
is bounded before it is read, and no file can stop the rest.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from ledgerpost import envelope
from ledgerpost.carriers.faults import naming, shown
from ledgerpost.carriers.files import read_limited
from ledgerpost.errors import BadBytes, LedgerpostError, OverLimit
from ledgerpost.papers.instrument import is_instrument
from ledgerpost.sealed import is_message
from ledgerpost.statement import is_statement

MOST_FILES: Final = 4096
"""Files read in one folder. Whoever has more of them brings the case files, not the whole stick."""

MOST_BYTES: Final = 256 << 20
"""Bytes read in all."""

_ENOUGH = "name the files that matter, or bring them in a folder of their own"


@dataclass(frozen=True, slots=True)
class Laid:
    """One file: its name fit to print, the SHA-256 of its bytes ("" if it was not read), the documents in it.

    ``why``: why it counts for nothing, where that shows before any signature is checked.
    """

    name: str
    digest: str
    documents: tuple[bytes, ...] = ()
    why: str = ""


class Lying(NamedTuple):
    """All files that could be read, and what the places of the others are at fault for."""

    files: tuple[Laid, ...]
    troubles: tuple[LedgerpostError, ...]

    @property
    def documents(self) -> tuple[bytes, ...]:
        """Of all files, each once."""
        return tuple(dict.fromkeys(raw for file in self.files for raw in file.documents))


def lay(paths: Iterable[Path]) -> Lying:
    """Read these files, and every file in these folders.

    A folder's own folders are left alone, and links in it too: they may lead anywhere.
    """
    files: list[Laid] = []
    troubles: list[LedgerpostError] = []
    left = MOST_BYTES
    for path, follow in _spread(paths, troubles):
        try:
            if left <= 0:
                raise OverLimit(f"not read: together the files are more than {MOST_BYTES >> 20} MiB", do=_ENOUGH)
            raw = read_limited(path, envelope.MAX_ENVELOPE, follow=follow)
            left -= len(raw)
            files.append(_laid(shown(path), raw))
        except BadBytes as error:
            files.append(Laid(shown(path), "", why=error.what))
        except LedgerpostError as error:
            troubles.append(error.at(shown(path)))
    return Lying(tuple(files), tuple(troubles))


def _spread(paths: Iterable[Path], troubles: list[LedgerpostError]) -> Iterator[tuple[Path, bool]]:
    """Each file, and whether a link in its place is followed: one that was named may be one."""
    for path in dict.fromkeys(paths):
        try:
            yield from ((each, False) for each in _files_in(path)) if path.is_dir() else [(path, True)]
        except LedgerpostError as error:
            troubles.append(error.at(shown(path)))


def _files_in(folder: Path) -> list[Path]:
    names: list[str] = []
    with naming(folder), os.scandir(folder) as entries:
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                names.append(entry.name)
            if len(names) > MOST_FILES:
                raise OverLimit(f"more than {MOST_FILES:,} files in one folder", do=_ENOUGH)
    return [folder / name for name in sorted(names)]


def _laid(name: str, raw: bytes) -> Laid:
    digest = sha256(raw).hexdigest()
    try:
        return Laid(name, digest, _documents(raw))
    except BadBytes as error:
        return Laid(name, digest, why=error.what)


def _documents(raw: bytes) -> tuple[bytes, ...]:
    """The documents of an open envelope, or the one that a file is. Raises BadBytes."""
    if is_message(raw) or is_statement(raw) or is_instrument(raw):
        return (raw,)
    return envelope.unpack(raw).messages
