"""The spool: sealed mail for others that this computer takes along, and the agreement that allows it (D1).

``HOME/spool/`` is a tree like that on a stick, with ``spool.toml`` beside it: how much, how many, how long. Knows
nothing of what mail holds, and of places only itself; ``desk.courier`` decides what comes in and what goes.
"""

import os
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from ledgerpost import envelope
from ledgerpost.carriers.faults import naming
from ledgerpost.carriers.files import ensure_private_folder, read_limited, remove, write_new
from ledgerpost.carriers.folder import SUFFIX, TREE, FolderCarrier
from ledgerpost.desk.delivery import COURIERS
from ledgerpost.errors import Mistyped, NotFound, StoreBusy
from ledgerpost.terms import Moment

SPOOL: Final = "spool"
SETTINGS: Final = "spool.toml"
_SETTINGS_LIMIT = 4096


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the owner agreed to carry at most: bytes and envelopes in all, and days until one is given up."""

    bytes: int = 64 << 20
    envelopes: int = 1000
    days: int = 90


@dataclass(frozen=True, slots=True)
class Held:
    """One envelope in the spool: ``size`` in bytes, taken along at the moment ``since``."""

    mailbox: str
    file: str
    size: int
    since: Moment

    @property
    def name(self) -> str:
        """As the spool's carrier names it, and a place's that holds the same bytes."""
        return f"{TREE}/{self.mailbox}/{self.file}"


class Spool:
    """What lies on this computer for others."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self.folder = home / SPOOL
        self.carrier = FolderCarrier(self.folder, envelope.MAX_ENVELOPE)

    @property
    def settings(self) -> Path:
        """The file that holds the agreement."""
        return self.folder / SETTINGS

    def agreement(self) -> Agreement | None:
        """What was agreed to; None if nothing was. Raises Mistyped for a file that does not read."""
        try:
            raw = read_limited(self.settings, _SETTINGS_LIMIT)
        except NotFound:
            return None
        return _agreement(raw, self.settings)

    def in_use(self) -> bool:
        """Whether it takes mail along, or still holds some."""
        return self.settings.exists() or bool(self.held())

    def agree(self, agreement: Agreement) -> None:
        """Take along mail for others from now on, up to these limits."""
        for each in (self._home, self.folder):
            ensure_private_folder(each)
        lines = [f"{name} = {value}\n" for name, value in asdict(agreement).items()]
        write_new(
            self.settings, ("# What this computer takes along for others.\n" + "".join(lines)).encode(), overwrite=True
        )

    def end(self) -> None:
        """Take along nothing more. What is here still goes on its way."""
        with suppress(NotFound):  # no spool was ever made
            remove(self.settings)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else changes the spool meanwhile. Raises StoreBusy, and PlaceError where there is no spool."""
        lock = FileLock(self.folder / "lock", timeout=0, mode=0o600, thread_local=False)
        with naming(self.folder):
            try:
                lock.acquire()
            except Timeout as fault:  # an OSError too
                raise StoreBusy("another command is using the spool") from fault
        try:
            yield
        finally:
            lock.release()

    def held(self) -> list[Held]:
        """Every envelope here, by recipient and name; not the words of delivery."""
        return [each for mailbox in self._mailboxes() if mailbox != COURIERS for each in self._held(mailbox)]

    def _mailboxes(self) -> list[str]:
        return list(self.carrier.mailboxes()) if self.folder.is_dir() else []

    def _held(self, mailbox: str) -> list[Held]:
        folder = self.folder / TREE / mailbox
        with naming(folder), os.scandir(folder) as entries:
            found = [
                Held(mailbox, each.name, (info := each.stat(follow_symlinks=False)).st_size, int(info.st_mtime))
                for each in entries
                if each.name.endswith(SUFFIX) and each.is_file(follow_symlinks=False)
            ]
        return sorted(found, key=lambda each: each.file)

    def take(self, mailbox: str, raw: bytes, now: Moment) -> Held:
        """Take an envelope along; it counts as taken at ``now``."""
        name = self.carrier.deliver(mailbox, raw)
        with naming(self.folder / name):
            os.utime(self.folder / name, (now, now))
        return Held(mailbox, name.rpartition("/")[2], len(raw), now)

    def read(self, held: Held) -> bytes | None:
        """An envelope's bytes; None if it is gone."""
        try:
            return read_limited(self.folder / held.name, envelope.MAX_ENVELOPE)
        except NotFound:
            return None

    def drop(self, held: Held) -> None:
        """Give an envelope up."""
        self.carrier.finish(held.name)
        with suppress(OSError):  # it holds others, or is gone
            (self.folder / TREE / held.mailbox).rmdir()


def _agreement(raw: bytes, where: Path) -> Agreement:
    """Settings as a person may have edited them: whole numbers above zero, and no others than these."""
    names = {field.name for field in fields(Agreement)}
    try:
        found = tomllib.loads(raw.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _unread(where, str(error)) from error
    for name, value in found.items():
        if name not in names or type(value) is not int or value < 1:
            raise _unread(where, f"'{name}' is no setting, or no whole number above 0")
    return Agreement(**found)


def _unread(where: Path, why: str) -> Mistyped:
    return Mistyped(f"the agreement does not read: {why}", where=str(where), do="make it anew: ledgerpost spool agree")
