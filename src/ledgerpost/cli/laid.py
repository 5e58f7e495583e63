"""Files laid before the judge: what is in each, and why one counts for nothing. Pictures of codes are files too.

Whoever quarrels may bring anything: rubbish, links, a folder of a million files, the same file ten times. What is read
is bounded before it is read, and no file can stop the rest.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from ledgerpost import envelope
from ledgerpost.carriers.faults import naming, shown
from ledgerpost.cli.progress import Progress
from ledgerpost.desk.pickup import Brought, Pickup, progress_text, read_any
from ledgerpost.errors import BadBytes, LedgerpostError, NotFound, OverLimit
from ledgerpost.papers.instrument import is_instrument
from ledgerpost.sealed import is_message
from ledgerpost.statement import is_statement

MOST_FILES: Final = 4096
"""Files read in one folder. Whoever has more of them brings the case files, not the whole stick."""

MOST_BYTES: Final = 256 << 20
"""Bytes read in all."""

_ENOUGH = "name the files that matter, or bring them in a folder of their own"


_CROWDED = "codes of too many messages that are not whole; bring the pages of one at a time"


@dataclass(frozen=True, slots=True)
class Laid:
    """One file: its name fit to print, the SHA-256 of its bytes ("" if it was not read), the documents in it.

    ``why``: why it counts for nothing, where that shows before any signature is checked. ``besides``: why something in
    it does, beside the documents. ``shared``: its codes are part of a message that is whole with those of other files;
    the documents count as those of the file with which it was.
    """

    name: str
    digest: str
    documents: tuple[bytes, ...] = ()
    why: str = ""
    besides: tuple[str, ...] = ()
    shared: bool = False


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

    A folder's own folders are left alone, and links in it too: they may lead anywhere. Of a message in many codes, the
    pictures may be any of these files.
    """
    troubles: list[LedgerpostError] = []
    with Pickup(None) as pickup:
        read = list(_read(paths, pickup, troubles))
        missing = {each.message: progress_text(each) for each in pickup.unfinished()}
        files = tuple(_with_parts(laid, parts, pickup, missing) for laid, parts in read)
    return Lying(files, tuple(troubles))


def _read(
    paths: Iterable[Path], pickup: Pickup, troubles: list[LedgerpostError]
) -> Iterator[tuple[Laid, tuple[str, ...]]]:
    """Each file, and the names of messages in many codes of which it shows some."""
    progress = Progress(0, "files and pictures read")
    left = MOST_BYTES
    for count, (path, follow) in enumerate(_spread(paths, troubles), 1):
        progress(count)
        try:
            if left <= 0:
                raise OverLimit(f"not read: together the files are more than {MOST_BYTES >> 20} MiB", do=_ENOUGH)
            raw = read_any(path, follow=follow)
            left -= len(raw)
            brought = pickup.look(shown(path), raw)
            yield _laid(brought, sha256(raw).hexdigest()), brought.parts
        except BadBytes as error:
            yield Laid(shown(path), "", why=error.what), ()
        except LedgerpostError as error:
            troubles.append(error.at(shown(path)))
    progress.close()


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


def _laid(brought: Brought, digest: str) -> Laid:
    """Raises what is wrong with this computer, or must not be read, such as a paper key; not what is with the file."""
    if isinstance(brought.error, BadBytes | NotFound):  # no code in it: a photograph of something else
        return Laid(brought.where, digest, why=brought.error.what)
    if brought.error is not None:
        raise brought.error
    documents: list[bytes] = []
    faults: list[str] = []
    for raw in brought.messages:
        try:
            documents += _documents(raw)
        except BadBytes as error:
            faults.append(error.what)
    if len(brought.messages) == len(faults) == 1 and not brought.parts:
        return Laid(brought.where, digest, why=faults[0])
    return Laid(brought.where, digest, tuple(documents), besides=tuple(dict.fromkeys(faults)))


def _with_parts(laid: Laid, parts: tuple[str, ...], pickup: Pickup, missing: Mapping[str, str]) -> Laid:
    """With what became of the messages of which it shows some codes."""
    lacking = dict.fromkeys(missing.get(name, _CROWDED) for name in parts if not pickup.is_whole(name))
    return replace(laid, besides=(*laid.besides, *lacking), shared=any(map(pickup.is_whole, parts)))


def _documents(raw: bytes) -> tuple[bytes, ...]:
    """The documents of an open envelope, or the one that a file is. Raises BadBytes."""
    if is_message(raw) or is_statement(raw) or is_instrument(raw):
        return (raw,)
    return envelope.unpack(raw).messages
