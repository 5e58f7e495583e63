"""Many files put out at once, so that they share each wait for the medium: all written, one wait; all named, one wait.

No name is given before its bytes are on the medium and were read back from there, and nobody goes on before all the
names are there too (docs/adr/0022-one-wait-for-many.md). Not for FAT, where the order of writes is another (ADR 12).
Refuses to know what the files hold.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledgerpost.carriers import durable, files, parts
from ledgerpost.carriers.faults import naming

MOST: Final = 64
"""Files put out between two waits: each is held open, and its folder too."""

_CREATE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
"""A new file, to be written and read back."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A file to be: its name, made of its bytes, in an open folder; and the path, for people."""

    folder: int
    name: str
    raw: bytes
    where: Path
    below: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """One that is written, under a name nobody takes for mail, and still open."""

    thing: Thing
    name: str
    file: int


def put_all(around: int, things: Sequence[Thing], mode: int) -> None:
    """Write what is not there yet, all of it durable on return. ``around``: the open folder that theirs lie in.

    The same bytes that are there already are left and dated anew, whatever else has such a name is replaced. Raises
    ``PlaceError`` and ``NotFound``; some may have been put out then, and none is half there.
    """
    with ExitStack() as stack:
        unnamed = stack.enter_context(_cleared())
        written = [_written(each, mode, unnamed, stack) for each in things if not _is_there(each)]
        if written:
            with naming(written[0].thing.where):
                durable.sync_all(around, [each.file for each in written])
            _read_back(written)
        for each in written:
            _named(each, mode, unnamed)
        with naming(things[0].where):
            durable.sync_all(around, list(dict.fromkeys(each.folder for each in things)))


def _is_there(thing: Thing) -> bool:
    with naming(thing.where, *thing.below):
        if not files.is_kept(thing.folder, thing.name, thing.raw):
            return False
        date_anew(thing.folder, thing.name)
        return True


def date_anew(folder: int, name: str) -> None:
    """Put out again: couriers go by its date (D1). A read-only place has it all the same."""
    with suppress(OSError):
        os.utime(name, dir_fd=folder, follow_symlinks=False)


@contextmanager
def _cleared() -> Iterator[dict[str, int]]:
    """Names of parts, each with its folder; those left at the end are removed."""
    unnamed: dict[str, int] = {}
    try:
        yield unnamed
    finally:
        for part, folder in unnamed.items():
            files.forget(folder, part)


def _written(thing: Thing, mode: int, unnamed: dict[str, int], stack: ExitStack) -> _Part:
    with naming(thing.where, *thing.below):
        part = parts.new_name()
        file = os.open(part, _CREATE, mode, dir_fd=thing.folder)
        stack.callback(os.close, file)
        unnamed[part] = thing.folder
        parts.hold(file)
        left = memoryview(thing.raw)
        while left:
            left = left[os.write(file, left) :]
        return _Part(thing, part, file)


def _read_back(written: Sequence[_Part]) -> None:
    """From the medium, which is asked for all of them before the first is waited for."""
    for each in written:
        with naming(each.thing.where, *each.thing.below):
            files.drop_cached(each.file)
    for each in written:
        with naming(each.thing.where, *each.thing.below):
            files.ask_for(each.file)
    for each in written:
        with naming(each.thing.where, *each.thing.below):
            if not files.gives_back(each.file, each.thing.raw):
                raise files.unkept()


def _named(part: _Part, mode: int, unnamed: dict[str, int]) -> None:
    thing = part.thing
    with naming(thing.where, *thing.below):
        try:
            os.replace(part.name, thing.name, src_dir_fd=thing.folder, dst_dir_fd=thing.folder)
        except FileNotFoundError:  # another computer took the part for a leftover
            files.renew_in(thing.folder, thing.name, thing.raw, mode)
        del unnamed[part.name]
