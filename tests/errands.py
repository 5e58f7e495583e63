"""Every command that writes, in one story of a bank, three parties and a courier, each with a home of their own.

The commands are the real ones, each in a child of its own (``syscalls.watch``), with the clock and the randomness of
the story: what is told twice leaves the same bytes. ``STORY`` must name every command of the program but those in
``EXCUSED``; a test compares.
"""

import hashlib
import importlib
import json
import os
import pkgutil
import shlex
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click
from click.testing import CliRunner
from pytest import MonkeyPatch

import ledgerpost
from ledgerpost.carriers.folder import README, TREE
from ledgerpost.carriers.parts import PART
from ledgerpost.cli import ask, bankbooks, keys
from ledgerpost.cli import wallet as wallets
from ledgerpost.cli.main import cli
from ledgerpost.desk.home import WALLETS, Cost, Home
from ledgerpost.spelling import spell_fingerprint
from ledgerpost.store import open_store
from ledgerpost.store.lmdb import LmdbStore
from syscalls import Call, Ended, Word, run, watch
from town import START, contract_text

CHEAP: Final = Cost(1, 8192)
HOMES: Final = "homes"
LOCKS: Final = frozenset({"lock", "lock.mdb"})
"""Files of no content: what is in them means nothing once nobody holds them."""

EXCUSED: Final = {
    "tour": "plays in a folder of its own that must be empty, with toy keys: a tour cut off is begun anew elsewhere",
    "completion": "prints a script",
}


@dataclass(frozen=True, slots=True)
class Errand:
    """One command. ``who`` types ``words``, which end with ``status``; ``says`` are answers to what is asked.

    ``twice``: what comes of the same words when they were carried out before but nobody heard: once as these words
    besides, then again. "" for the same words; None if once is as good as twice. ``chance``: it makes a key, so that
    another run makes another.
    """

    who: str
    words: str
    status: int = 0
    says: tuple[str, ...] = ()
    twice: str | None = None
    chance: bool = False


@dataclass(frozen=True, slots=True)
class Copy:
    """A home is copied, as no honest person's is."""

    who: str
    copy: str


E = Errand


def trip(who: str, stick: str = "stick", answer: int = 0, hear: int = 0) -> tuple[Errand, Errand, Errand]:
    """To the bank and back."""
    return (
        E(who, f"carry {stick}", twice=""),
        E("bank", f"bank desk --once {stick}", answer),
        E(who, f"carry {stick}", hear, twice=""),
    )


FOUNDING: Final = (
    E("bank", "bank found kita --display-name 'Bank of Kita' --no-passphrase --paper bank.txt", chance=True),
    E("bank", "bank card -o bank.lpe"),
    E("amina", "wallet new --name Amina --no-passphrase --paper amina.html --yes", chance=True),
    E("amina", "wallet paper -o words.txt --print page.html"),
    E("amina", "wallet use amina"),
    E("amina", "wallet list"),
    E("amina", "open bank.lpe --name Amina --yes"),
    E("amina", "issue grain.txt --yes", twice=""),
    *trip("amina"),
    E("bank", "bank card -o bank-2.lpe"),
    E("bo", "open bank-2.lpe --name Bo --no-passphrase --paper bo.txt --yes", chance=True),
    E("bo", "wallet passphrase --new-passphrase-file secret.txt"),
    E("bo", "carry stick --passphrase-file secret.txt", twice=""),
    E("bo", "wallet passphrase --passphrase-file secret.txt --no-passphrase"),
    *trip("bo"),
    E("dina", "open bank-2.lpe --name Dina --no-passphrase --yes", chance=True),
    *trip("dina"),
)
PAYING: Final = (
    E("amina", "card -o amina.lpe --png amina.png --print amina-card.html"),
    E("bo", "card -o bo.lpe"),
    E("dina", "card -o dina.lpe"),
    E("amina", "contact add bo.lpe dina.lpe"),
    E("amina", "contact name Bo brother"),
    E("bo", "contact add amina.lpe dina.lpe"),
    E("dina", "contact add bo.lpe"),
    E("amina", "contact list"),
    E("amina", "spend brother 50 grain --comment roof --yes", twice=""),
    E("amina", "spend brother 3 grain --yes", twice=""),
    E("amina", "spend brother 4 grain --yes", twice=""),
    E("amina", "spend brother 5 grain --yes", twice=""),
    E("amina", "cancel --queued 4 --yes"),
    *trip("amina"),
    E("amina", "spend --slip 3 -o slip.lpe"),
    E("bo", "chequebook 5", twice=""),
    *trip("bo"),
    E("bo", "accept 1 --yes"),
    E("bo", "deny 2 --comment paid --yes"),
    E("amina", "cancel 3 --yes"),
    *trip("bo"),
    *trip("amina"),
    *trip("amina"),
    E("bo", "stop 25 --yes"),
    E("bo", "chequebook --print book.html"),
    *trip("bo"),
    E("amina", "status"),
    E("amina", "statement --print statement.html"),
)
PAPERS: Final = (
    E(
        "bo",
        "draw Dina 5 grain --memo first --yes -o first.lpe --png first.png --print first.html",
        twice="-o spare.lpe",
    ),
    E("bo", "draw Dina 6 grain --yes -o second.lpe", twice="-o spare.lpe"),
    E("bo", "draw anyone 7 grain --yes -o third.lpe", twice="-o spare.lpe"),
    E("dina", "show first.lpe --print shown.html"),
    E("dina", "take first.png"),
    E("dina", "take second.lpe --hold"),
    E("dina", "take third.lpe --into letters"),
    *trip("dina"),
    E("dina", "redeem 2"),
    *trip("dina"),
    E("bo", "buy 10 grain --yes", twice=""),
    *trip("bo"),
    E("bo", "endorse 4 Dina --yes -o hand.lpe --png hand.png"),
    E("dina", "take hand.lpe --hold"),
    E("dina", "redeem 4"),
    *trip("dina"),
    *trip("bo"),
)
QUARREL: Final[tuple[Errand | Copy, ...]] = (
    Copy("bo", "double"),
    E("bo", "draw Dina 1 grain --yes -o for-dina.lpe", twice="-o spare.lpe"),
    E("double", "draw Amina 1 grain --yes -o for-amina.lpe", twice="-o spare.lpe"),
    E("amina", "take for-amina.lpe"),
    *trip("amina"),
    E("dina", "take for-dina.lpe"),
    *trip("dina", answer=8),
    E("dina", "case 5 -o dina-case.lpe"),
    E("amina", "judge dina-case.lpe --page verdict.html"),
    E("dina", "release 5 --yes -o release.lpe"),
    *trip("dina"),
    E("dina", "contact forget Bo"),
)
OFFICE: Final = (
    E("bank", "bank terms --most-numbers 100 --yes", twice=""),
    E("bank", "bank status"),
    E("bank", "bank audit"),
    E("bank", "bank case {bo} -o bank-case.lpe"),
    E("bank", "bank backup -o kita.lpbackup"),
    E("vault", "bank rebuild kita.lpbackup kita"),
    E("vault", "bank rebuild --wait-no-longer --yes"),
    E("cellar", "bank rebuild kita.lpbackup kita --nothing-since --yes"),
    E("attic", "bank rebuild kita.lpbackup kita --words-file bank.txt --no-passphrase", chance=True),
    E("amina", "wallet backup amina.lpbackup"),
    E("cousin", "wallet restore amina.lpbackup"),
    E("friend", "wallet restore --words-file words.txt --no-passphrase --name Amina --yes", chance=True),
)
ROAD: Final = (
    E("kofi", "spool agree --bytes 16M --days 60"),
    E("amina", "spend Dina 2 grain --yes", twice=""),
    E("amina", "carry shared", twice=""),
    E("kofi", "carry shared"),
    E("kofi", "carry counter"),
    E("bank", "bank desk --once counter"),
    E("kofi", "spool list"),
    E("kofi", "carry counter"),
    E("kofi", "carry shared"),
    E("amina", "carry shared", twice=""),
    E("kofi", "carry shared"),
    E("amina", "spend Dina 1 grain --yes", twice=""),
    E("amina", "carry shared", twice=""),
    E("kofi", "carry shared"),
    E("kofi", "spool drop --all --yes"),
    E("kofi", "spool agree --end"),
)


def load() -> None:
    """Import the whole program, so that no child has to."""
    for module in pkgutil.walk_packages(ledgerpost.__path__, "ledgerpost."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


STORY: Final[tuple[Errand | Copy, ...]] = (*FOUNDING, *PAYING, *PAPERS, *QUARREL, *OFFICE, *ROAD)


def commands(group: click.Command = cli, before: str = "") -> Iterator[str]:
    """Every command of the program."""
    context = click.Context(group)
    assert isinstance(group, click.Group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{before}{name} ")
        else:
            yield before + name


def command_of(errand: Errand) -> str:
    """The command that its words begin with."""
    words = errand.words.split()
    return next(name for name in (" ".join(words[:2]), words[0]) if name in set(commands()))


# --- the world ---------------------------------------------------------------------------------------------------

State = dict[str, object]
"""By path: the bytes of a file, the records of a store, the mode of a folder."""


@dataclass
class World:
    """All homes and files of the story under one folder."""

    root: Path
    now: int = START
    fault: Callable[[MonkeyPatch], None] = lambda patch: None
    """What is done to the program before each command, for controls: a sync left out."""

    def begin(self) -> None:
        """What is there before the first command."""
        for name in (HOMES, "stick", "shared", "counter", "letters"):
            (self.root / name).mkdir(parents=True)
        (self.root / "grain.txt").write_text(contract_text("grain of Kita", unit="grain"))
        (self.root / "secret.txt").write_text("correct horse\n")

    def computer(self, who: str) -> Path:
        """All that is somebody's own."""
        return self.root / HOMES / who

    def home(self, who: str) -> Path:
        """Where somebody's wallets, banks and spool are; the first command makes it, and the folder it is in."""
        return self.computer(who) / "share" / "ledgerpost"

    def perform(
        self, errand: Errand, dice: str = "", word: Callable[[Call], Word] | None = None
    ) -> tuple[Ended, int, str]:
        """Carry it out in a child; how that ended, its exit status (-1 if it was killed) and what it said.

        ``word`` is asked before each of its calls; without, nobody watches it.
        """

        def work() -> bytes:
            return self.performed(errand, dice)

        ended = watch(work, word) if word else run(work)
        if not ended.said:
            return ended, -1, ""
        code, said = json.loads(ended.said)
        return ended, code, said

    def performed(self, errand: Errand, dice: str) -> bytes:
        """Carry it out in this process; its exit status and what it said, as JSON."""
        os.chdir(self.root)
        words = [self._fingerprint(word[1:-1]) if word[0] == "{" else word for word in shlex.split(errand.words)]
        with MonkeyPatch.context() as patch:
            patch.setenv("LEDGERPOST_HOME", str(self.home(errand.who)))
            patch.setattr(sys, "dont_write_bytecode", True)  # writes of Python's own would count
            patch.setattr(ask, "open_terminal", lambda: None)
            patch.setattr(os, "urandom", lambda size: hashlib.shake_256(f"{errand.who} {dice}".encode()).digest(size))
            for module in (bankbooks, keys, wallets):
                patch.setattr(module, "affordable", lambda make: (make(CHEAP), True))
            self.fault(patch)
            result = CliRunner().invoke(cli, [*words, "--now", str(self.now)])
        return json.dumps((result.exit_code, result.output)).encode()

    def _fingerprint(self, who: str) -> str:
        return spell_fingerprint(Home(self.home(who)).seats(WALLETS)[0].fingerprint)

    # --- kept and brought back

    def parts(self, who: str) -> list[Path]:
        """What somebody's command may change: the own home, and all that is in no home."""
        return [self.computer(who), *(each for each in self.root.iterdir() if each.name != HOMES)]

    def strangers(self, who: str) -> list[Path]:
        """Other people's homes."""
        return [each for each in (self.root / HOMES).iterdir() if each.name != who]

    def keep(self, who: str, place: Path) -> None:
        """A copy of that."""
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        for each in self.parts(who):
            _copy(each, place / each.name)

    def bring_back(self, who: str, place: Path, *, but_home: bool = False) -> None:
        """Make it as it was; what is in no home, if wished."""
        kept = who if but_home else ""
        for each in self.parts(who):
            if each.name != kept:
                remove(each)
        for each in place.iterdir():
            if each.name != kept:
                _copy(each, self.computer(who) if each.name == who else self.root / each.name)

    def state(self, who: str) -> State:
        """Every record and every other file of that, but what means nothing: locks, empty folders, a stick's README."""
        paths = [path for part in self.parts(who) for path in (part, *part.rglob("*")) if part.exists()]
        return {str(path.relative_to(self.root)): _look(path) for path in paths if not _is_idle(path)}


def _copy(one: Path, other: Path) -> None:
    if one.is_dir():
        shutil.copytree(one, other, symlinks=True)
    elif one.exists():
        shutil.copy2(one, other)


def remove(path: Path) -> None:
    """A file or folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _is_idle(path: Path) -> bool:
    """``README.txt`` comes with the next parcel, and what is left of one that was being written goes then."""
    if path.name in LOCKS or path.parent.name == "store":
        return True
    if path.parent.name == TREE and (path.name == README or path.name.endswith(PART)):
        return True
    return path.is_dir() and not any(path.iterdir())


def _look(path: Path) -> object:
    info = path.stat()
    if stat.S_ISREG(info.st_mode):
        return stat.S_IMODE(info.st_mode), path.read_bytes()
    if path.name == "store":
        return records_of(path)
    return stat.S_IMODE(info.st_mode)


def records_of(store: Path) -> tuple[tuple[str, ...], dict[bytes, bytes]]:
    """The other files in a store's folder, and its records; none where its data has not been made yet."""
    others = tuple(sorted(each.name for each in store.iterdir() if each.name not in LOCKS))
    if "data.mdb" not in others:
        return others, {}
    opened = open_store(store, (store.parent / "check").read_bytes())
    try:
        with opened.snapshot() as snapshot:
            return others, dict(snapshot.under(b""))
    finally:
        opened.close()


def shape(state: State) -> State:
    """A state with another key in it: the same files, the same records, and whose words are on which paper."""
    return {path: _shape(seen) for path, seen in state.items()}


def _shape(seen: object) -> object:
    match seen:
        case (tuple() as others, dict() as records):
            return others, sorted(key.partition(b"/")[0] for key in records)
        case (int() as mode, bytes()):
            return mode
    return seen


def small_map(patch: MonkeyPatch) -> None:
    """Stores begin with a map that soon is full, so that a commit is dropped, the map enlarged and all written anew."""
    defaults = LmdbStore.__init__.__kwdefaults__
    assert defaults is not None
    patch.setitem(defaults, "map_size", 1 << 15)


def tell(world: World, do: Callable[[int, Errand], None], upto: int | None = None) -> None:
    """The story from its beginning: ``do`` carries each errand out, ten minutes after the one before."""
    load()
    world.begin()
    for number, each in enumerate(STORY[:upto]):
        world.now += 600
        if isinstance(each, Errand):
            do(number, each)
        else:
            shutil.copytree(world.computer(each.who), world.computer(each.copy))
