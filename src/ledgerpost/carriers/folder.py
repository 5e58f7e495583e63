"""The folder carrier: one tree, the same on a stick, in a shared folder and in a spool.

``PLACE/ledgerpost/MAILBOX/DIGEST.lpe``, DIGEST being the first 32 hexadecimal digits of the SHA-256 of the bytes.
Whoever else writes there may be hostile: no link is followed, nothing but a regular file is opened, no name is
trusted, and every folder is held open while it is used so that nothing can be swapped in its place. Refuses to know
what is in a parcel, and whose mail it is.
"""

import heapq
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Final

from ledgerpost.carriers import durable, files, parts, together
from ledgerpost.carriers.aside import ASIDE as ASIDE
from ledgerpost.carriers.aside import Shelf
from ledgerpost.carriers.faults import naming, one_line, shown, unshown
from ledgerpost.carriers.finder import README as README
from ledgerpost.carriers.finder import README_BYTES
from ledgerpost.carriers.port import Parcel, Unreadable
from ledgerpost.errors import LedgerpostError, NotFound, OverLimit, PlaceError

TREE: Final = "ledgerpost"
SUFFIX: Final = ".lpe"

SLICE: Final = 8192
"""Names that are in memory at a time while a mailbox is read."""
MOST_PARCELS: Final = 100_000
"""Parcels that one ``collect`` looks at: the first by name. What lies beyond comes when these are put away."""

MOST_MAILBOXES: Final = 10_000
"""Mailboxes that ``mailboxes`` names: the first by name."""

_SHORT = re.compile(r"[0-9A-F]{6}~[0-9]" + re.escape(SUFFIX.upper()))
"""What FAT calls one of our parcels when a pull took half of its long name away: else it would lie there for ever."""
_MAILBOX = re.compile(r"[a-z0-9]{1,64}")


@dataclass(frozen=True, slots=True)
class FolderCarrier:
    """Carries by a folder: a mounted stick, a shared folder, a spool.

    ``limit``: bytes of the largest parcel taken in or put out. ``mode``: of the files it makes, less the umask;
    folders can be entered by whoever may read the files. File systems without modes (FAT, exFAT) ignore it.
    """

    place: Path
    limit: int
    mode: int = files.PRIVATE
    _tidied: set[str] = field(default_factory=set, init=False, repr=False, compare=False)
    """Folders already cleared of what broken runs left, by this carrier: once is enough."""

    @property
    def where(self) -> str:
        """The place, for people."""
        return shown(self.place)

    def collect(self, mailbox: str) -> Iterator[Parcel | Unreadable]:
        """Yield what lies in a mailbox; see ``Carrier.collect``. At most ``MOST_PARCELS`` at a time, first by name.

        Clears away what broken runs left unfinished. Raises ``PlaceError`` if the mailbox is a link.
        """
        with self._mailbox(_checked(mailbox)) as folder:
            if folder is not None:
                missed: list[str] = []
                # No name is kept for what was yielded: while one is read, the last one need not be in memory any more.
                yield from filter(None, (self._taken(folder, mailbox, file, missed) for file in _parcels(folder)))
                yield from self._unfindable(folder, mailbox, missed)

    def deliver(self, mailbox: str, raw: bytes) -> str:
        """Put a parcel in a mailbox; see ``Carrier.deliver``."""
        file = self._file(mailbox, raw)
        with (
            self._tree(create=True) as tree,
            self._below(tree, mailbox, create=True) as folder,
            naming(self.place, TREE, mailbox, file),
        ):
            if folder is None or tree is None:
                raise _removed()
            self._tidy(folder, mailbox)
            if files.is_kept(folder, file, raw):
                together.date_anew(folder, file)
                durable.sync(folder)  # whoever put it there may not have waited
            else:
                files.renew_in(folder, file, raw, self.mode)
            self._explain(tree)
        return f"{TREE}/{mailbox}/{file}"

    def _file(self, mailbox: str, raw: bytes) -> str:
        """The name of a parcel's file. Raises ``OverLimit`` for what is not carried."""
        _checked(mailbox)
        if len(raw) > self.limit:
            raise OverLimit(f"a parcel of {len(raw)} bytes, where {self.limit} are carried", where=self.where)
        return sha256(raw).hexdigest()[:32] + SUFFIX

    def deliver_all(self, parcels: Sequence[tuple[str, bytes]]) -> list[str]:
        """Put out many; see ``Carrier.deliver_all``. Several at a time, so that they share each wait for the medium.

        Not on FAT: there the order of writes is what keeps a pulled stick whole (ADR 12).
        """
        if len(parcels) < 2 or self._is_flat():
            return [self.deliver(*each) for each in parcels]
        names = [(mailbox, self._file(mailbox, raw)) for mailbox, raw in parcels]
        wanted = dict(zip(names, (raw for _, raw in parcels), strict=True))
        rest = iter(wanted.items())
        while some := list(islice(rest, together.MOST)):
            self._deliver_some(some)
        return [f"{TREE}/{mailbox}/{file}" for mailbox, file in names]

    def _deliver_some(self, some: Sequence[tuple[tuple[str, str], bytes]]) -> None:
        with self._tree(create=True) as tree, ExitStack() as stack:
            if tree is None:
                raise _removed()
            mailboxes = dict.fromkeys(mailbox for (mailbox, _), _ in some)
            folders = {mailbox: self._opened(tree, mailbox, stack) for mailbox in mailboxes}
            things = [
                together.Thing(folders[mailbox], file, raw, self.place, (TREE, mailbox, file))
                for (mailbox, file), raw in some
            ]
            together.put_all(tree, things, self.mode)
            self._explain(tree)

    def _opened(self, tree: int, mailbox: str, stack: ExitStack) -> int:
        """A mailbox, made if there is none; that is waited for together with what is put there."""
        with naming(self.place, TREE, mailbox):
            made = durable.begin_folder(tree, mailbox, self._folder_mode)
            try:
                folder = stack.enter_context(durable.opened_folder(mailbox, tree))
            except FileNotFoundError:
                raise _removed() from None
            if made:
                self._tidied.add(mailbox)
            self._tidy(folder, mailbox)
            return folder

    def finish(self, name: str) -> None:
        """Remove a parcel that is done; see ``Carrier.finish``."""
        mailbox, file = _split(name)
        with self._mailbox(mailbox) as folder, naming(self.place, TREE, mailbox, file):
            if folder is not None:
                durable.remove(folder, file)

    def finish_all(self, names: Iterable[str]) -> None:
        """Remove parcels that are done; see ``Carrier.finish_all``."""
        done: dict[str, list[str]] = {}
        for mailbox, file in map(_split, names):
            done.setdefault(mailbox, []).append(file)
        for mailbox, gone in done.items():
            with self._mailbox(mailbox) as folder, naming(self.place, TREE, mailbox):
                if folder is not None:
                    durable.remove(folder, *gone)

    def set_aside(self, name: str, reason: str) -> str:
        """Move a thing to ``set-aside`` in its mailbox, with its reason in ``NAME.txt``; see ``Carrier.set_aside``.

        It keeps its name if that is free and short; else the name is cut and gets random digits.
        """
        mailbox, file = _split(name)
        note = f"{one_line(name)}\n{one_line(reason)}\n".encode()
        with self._mailbox(mailbox) as folder, naming(self.place, TREE, mailbox, file):
            if folder is None:
                raise NotFound("not there", do="nothing is to be done: it was put away already")
            os.stat(file, dir_fd=folder, follow_symlinks=False)
            durable.make_folder(folder, ASIDE, self._folder_mode)
            with durable.opened_folder(ASIDE, folder) as aside:
                self._tidy(aside, f"{mailbox}/{ASIDE}")
                taken = Shelf(folder, aside, self.mode, self.limit).take(file, note)
        return f"{TREE}/{mailbox}/{ASIDE}/{shown(taken)}"

    def mailboxes(self) -> Iterator[str]:
        """Yield the names of folders that may be mailboxes, sorted: at most ``MOST_MAILBOXES``; links are left out."""
        with self._tree() as tree:
            names = _first(MOST_MAILBOXES, tree, _is_mailbox) if tree is not None else []
        yield from names

    def _taken(self, folder: int, mailbox: str, file: str, missed: list[str]) -> Parcel | Unreadable | None:
        name = f"{TREE}/{mailbox}/{shown(file)}"
        try:
            with naming(self.place, TREE, mailbox, file):
                return Parcel(name, files.read_in(folder, file, self.limit))
        except NotFound:
            missed.append(file)  # mostly put away by another hand since it was listed
            return None
        except LedgerpostError as error:
            return Unreadable(name, error)

    def _unfindable(self, folder: int, mailbox: str, missed: list[str]) -> Iterator[Unreadable]:
        """What is listed still, but not under a name that leads to it: FAT in another encoding than the system's."""
        for file in sorted(set(_parcels(folder)).intersection(missed)) if missed else ():
            error = PlaceError(
                "listed, but not found under its name", do="give it a plain name on the computer it came from"
            ).at(shown(self.place / TREE / mailbox / file))
            with naming(error.where):
                if not files.exists(folder, file):
                    yield Unreadable(f"{TREE}/{mailbox}/{shown(file)}", error)

    # --- the folders, held open ---------------------------------------------------------------------------

    @property
    def _folder_mode(self) -> int:
        return self.mode | (self.mode & 0o444) >> 2

    def _is_flat(self) -> bool:
        with naming(self.place), durable.opened_folder(self.place, follow=True) as place:
            return durable.is_flat(place)

    @contextmanager
    def _tree(self, *, create: bool = False) -> Iterator[int | None]:
        """``PLACE/ledgerpost``, or None if there is none. The place itself may be a link: the user named it."""
        with (
            naming(self.place),
            durable.opened_folder(self.place, follow=True) as place,
            self._below(place, TREE, create=create) as tree,
        ):
            yield tree

    @contextmanager
    def _mailbox(self, mailbox: str) -> Iterator[int | None]:
        with self._tree() as tree, self._below(tree, mailbox) as folder:
            yield folder

    @contextmanager
    def _below(self, parent: int | None, name: str, *, create: bool = False) -> Iterator[int | None]:
        with ExitStack() as stack:
            folder = None
            with naming(self.place, TREE, *([name] if name != TREE else [])):
                if create and parent is not None:
                    durable.make_folder(parent, name, self._folder_mode)
                if parent is not None:
                    with suppress(FileNotFoundError):
                        folder = stack.enter_context(durable.opened_folder(name, parent))
            yield folder

    def _tidy(self, folder: int, name: str) -> None:
        if name not in self._tidied:
            parts.clear_all(folder)
            self._tidied.add(name)

    def _explain(self, tree: int) -> None:
        """Leave word for whoever finds the stick, once: what stands there is not touched, unless it is empty."""
        with naming(self.place, TREE, README), suppress(FileExistsError):  # another hand just wrote it
            self._tidy(tree, "")
            if files.is_blank(tree, README):
                files.renew_in(tree, README, README_BYTES, self.mode)
            elif not files.exists(tree, README):
                files.write_in(tree, README, README_BYTES, self.mode)


def _checked(mailbox: str) -> str:
    if not _MAILBOX.fullmatch(mailbox):
        raise ValueError(f"no name of a mailbox: {mailbox!r}")
    return mailbox


def _removed() -> PlaceError:
    return PlaceError("the mailbox was removed while it was made", do="run the same command again")


def _split(name: str) -> tuple[str, str]:
    """Mailbox and file of a name that ``collect`` gave out; ``ValueError`` for any other (``..``, absolute, hidden)."""
    parts = unshown(name).split("/")
    if len(parts) != 3 or parts[0] != TREE or not _is_parcel(parts[2]):
        raise ValueError(f"no name of a parcel: {name!r}")
    return _checked(parts[1]), parts[2]


def _is_parcel(file: str) -> bool:
    return (file.endswith(SUFFIX) and not file.startswith(".")) or _SHORT.fullmatch(file) is not None


def _is_mailbox(entry: os.DirEntry[str]) -> bool:
    return _MAILBOX.fullmatch(entry.name) is not None and entry.is_dir(follow_symlinks=False)


def _first(most: int, folder: int, wanted: Callable[[os.DirEntry[str]], bool]) -> list[str]:
    """The first names by order, in memory for ``most`` of them however many there are."""
    with os.scandir(folder) as entries:
        return heapq.nsmallest(most, (entry.name for entry in entries if wanted(entry)))


def _parcels(folder: int) -> Iterator[str]:
    """Names of parcels by order, at most ``MOST_PARCELS``; some thousands at a time, so that many need no memory."""
    left: list[str] = []
    names: list[str] = []

    def wanted(entry: os.DirEntry[str]) -> bool:
        if len(left) < parts.MOST_PARTS and parts.is_part(entry):
            left.append(entry.name)
        return _is_parcel(entry.name)

    def later(entry: os.DirEntry[str]) -> bool:
        return entry.name > names[-1] and _is_parcel(entry.name)

    for had in range(0, MOST_PARCELS, SLICE):
        most = min(SLICE, MOST_PARCELS - had)
        names = _first(most, folder, later if had else wanted)
        if not had:
            parts.clear(folder, left)
        yield from names
        if len(names) < most:
            return
