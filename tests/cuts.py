"""An exchange of letters over a stick that is pulled at every write: run again, the world must be as if it had not.

Each command of the exchange is run from the same saved state once undisturbed and once for every cut, on a medium that
is gone from that write on. Then the stick is put back and the same command is run again. By induction over the
commands the whole exchange ends in the same state, whichever write is cut.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledgerpost.carriers import durable
from ledgerpost.carriers.durable import NEW
from ledgerpost.carriers.files import write_new
from ledgerpost.errors import NotFound, PlaceError
from medium import NEVER, Stick
from village import BANK, Village

PARTIES: Final = tuple(f"party{n}" for n in range(10))
COMMANDS: Final = (*PARTIES, BANK, *PARTIES)
"""Ten letters in, ten answers out: twenty envelopes."""
TRIES: Final = 3
"""How often a command is run again before it counts as failed."""


def prepare(root: Path, kind: str, size: int = 8 << 20) -> "Exchange":
    """Ten parties with 100 grain each, of which each wishes to pay ten to the shop; a new stick with one bad file."""
    root.mkdir(exist_ok=True)
    village = _village(root / "village")
    stick = Stick(kind, root / "image", village.stick)
    stick.format(size)
    with stick.plugged():
        mailbox = village.mailbox(BANK)
        mailbox.mkdir(parents=True)
        for folder in (mailbox, mailbox.parent, village.stick):
            with durable.opened_folder(folder) as made:
                durable.sync(made)
        write_new(mailbox / "junk.lpe", b"junk")
    return Exchange(village, stick, root / "saved")


def _village(root: Path) -> Village:
    village = Village(root)
    root.mkdir()
    village.found()
    village.join("shop", *PARTIES)
    grain = village.issue("shop", "grain")
    village.round("shop", *PARTIES)
    for party in PARTIES:
        village.pay("shop", party, grain, 100)
    village.round("shop")
    village.ask(*PARTIES)
    village.round(*PARTIES)
    for party in PARTIES:
        village.decide(party)
    village.round(*PARTIES)
    for party in PARTIES:
        village.pay(party, "shop", grain, 10)
    shutil.rmtree(village.stick)
    village.stick.mkdir()
    return village


World = tuple[dict[bytes, bytes], dict[str, bytes]]
"""The records of who carried, and everything on the stick by its path (``all_of``)."""


@dataclass(frozen=True, slots=True)
class Course:
    """A command, undisturbed: how many writes the medium took until it was mounted, and until the command ended."""

    start: int
    end: int
    world: World


@dataclass(frozen=True, slots=True)
class Cut:
    """A command, pulled at write ``limit`` (``NEVER``: when it had ended), put back in and run again."""

    who: str
    limit: int
    mode: int
    ended: bool
    """It had said that the stick may be unplugged."""
    tries: int
    same: bool
    """Run again, the world is as if the stick had not been pulled."""
    hidden: bool
    """Besides, a hidden folder is left that was still being made: no way to remove it does no harm on FAT."""


@dataclass
class Exchange:
    """A village, its stick, and a folder to save both in."""

    village: Village
    stick: Stick
    saved: Path

    def pulled(self, who: str, modes: Sequence[int], step: int = 1) -> Iterator[Cut]:
        """Run a command, cut at every ``step``-th write and when it has ended. Ends in the undisturbed state."""
        self._save(who, "before")
        course = self._run(who)
        self._save(who, "after")
        for mode in modes:
            for limit in (*range(course.start, course.end, step), NEVER):
                self._restore(who, "before")
                yield self._cut(who, limit, mode, course.world)
        self._restore(who, "after")

    def _save(self, who: str, when: str) -> None:
        shutil.rmtree(self.saved / when, ignore_errors=True)
        shutil.copytree(self.village.root / who, self.saved / when / "home")
        shutil.copy(self.stick.image, self.saved / when / "image")

    def _restore(self, who: str, when: str) -> None:
        shutil.rmtree(self.village.root / who)
        shutil.copytree(self.saved / when / "home", self.village.root / who)
        shutil.copy(self.saved / when / "image", self.stick.image)

    def _run(self, who: str) -> Course:
        with self.stick.plugged() as control:
            start = control.writes
            self.village.carry(who)
            return Course(start, control.writes, self._world(who))

    def _cut(self, who: str, limit: int, mode: int, wanted: World) -> Cut:
        ended = True
        with self.stick.plugged(limit=limit, mode=mode) as control:
            try:
                self.village.carry(who)
            except (PlaceError, NotFound) as error:
                ended = False
                assert error.where
                assert error.do
            control.now = 1
        tries, (records, files) = self._again(who)
        seen = {path: raw for path, raw in files.items() if not is_new(path)}
        return Cut(who, limit, mode, ended, tries, (records, seen) == wanted, seen != files)

    def _again(self, who: str) -> tuple[int, World]:
        for tries in range(1, TRIES + 1):
            with suppress(PlaceError), self.stick.plugged():
                if not self.village.carry(who).count("left"):
                    return tries, self._world(who)
        return TRIES + 1, ({}, {})

    def _world(self, who: str) -> World:
        return self.village.records(who), all_of(self.village.stick)


def all_of(place: Path) -> dict[str, bytes]:
    """Every file below a place by its path, every folder with a slash at the end.

    A folder that was still being made stands there unopened (``is_new``).
    """
    found: dict[str, bytes] = {}
    for folder, below, names in os.walk(place):
        found |= {str((Path(folder) / name).relative_to(place)): (Path(folder) / name).read_bytes() for name in names}
        found |= {f"{(Path(folder) / name).relative_to(place)}/": b"" for name in below}
        below[:] = [name for name in below if not is_new(name)]
    return found


def is_new(path: str) -> bool:
    """Whether it is a folder that was still being made on FAT."""
    return path.removesuffix("/").endswith(NEW)
