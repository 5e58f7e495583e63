"""Where wallets and banks live on this computer, and how their keys and stores are opened.

``$LEDGERPOST_HOME``, else ``$XDG_DATA_HOME/ledgerpost``: ``wallets/NAME/`` and ``banks/NAME/``, each with ``key`` (the
sealed secret), ``check`` (the store's check key) and ``store/``; folders 0700, files 0600.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final, TypeVar

import platformdirs

from ledgerpost import vault
from ledgerpost.carriers import durable
from ledgerpost.carriers.faults import naming
from ledgerpost.carriers.files import ensure_private_folder, read_limited, write_new
from ledgerpost.errors import BadBytes, Denied, LedgerpostError, Mistyped, NotFound, WrongPassphrase
from ledgerpost.sealed import Signer, checked_key, fingerprint
from ledgerpost.store import open_store
from ledgerpost.store.port import Store
from ledgerpost.terms import Fingerprint, PublicKey

WALLETS: Final = "wallets"
BANKS: Final = "banks"
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_KEY_LIMIT = 4096
T = TypeVar("T")

RESTORED: Final = "restored"
"""Mark: the key is older than this folder. Accounts opened here may have existed before (L9)."""
ON_PAPER: Final = "on-paper"
"""Mark: the owner has seen the paper key, or had it written to a file."""

BEGUN: Final = "key.new"
"""The key file of a creation that goes on once its words are on paper: a run cut off there is taken up again."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What Argon2id may take: ``ops`` passes over ``mem`` bytes."""

    ops: int = vault.MODERATE_OPS
    mem: int = vault.MODERATE_MEM


COSTS: Final = (Cost(), Cost(vault.MODERATE_OPS, 1 << 26), Cost(2 * vault.MODERATE_OPS, 1 << 24))
"""The usual cost, and weaker ones for computers short of memory."""


def affordable(make: Callable[[Cost], T], costs: tuple[Cost, ...] = COSTS) -> tuple[T, bool]:
    """What ``make`` makes at the first cost this computer has the memory for, and whether that was the usual one."""
    for cost in costs[:-1]:
        try:
            return make(cost), cost == costs[0]
        except LedgerpostError as error:
            if type(error) is not LedgerpostError:  # the plain class: too little memory, see vault
                raise
    return make(costs[-1]), len(costs) == 1


@dataclass(frozen=True, slots=True)
class Seat:
    """One wallet's or bank's folder: its key file and store, not yet opened."""

    kind: str
    name: str
    folder: Path

    @property
    def key(self) -> PublicKey:
        """The public key, without passphrase."""
        return checked_key(vault.read_public(self.key_file()))

    @property
    def fingerprint(self) -> Fingerprint:
        """20 bytes."""
        return fingerprint(self.key)

    @property
    def has_passphrase(self) -> bool:
        """Whether the key is sealed with one."""
        return vault.needs_passphrase(self.key_file())

    def unlock(self, passphrase: bytes | None) -> Signer:
        """The secret key. Takes half a second where a passphrase seals it. Raises WrongPassphrase."""
        return Signer.from_seed(vault.open_key(self.key_file(), passphrase))

    def store(self) -> Store:
        """Open the store; it stays locked against other processes until closed. Raises StoreBusy."""
        return open_store(self.folder / "store", read_limited(self.folder / "check", 64))

    def reseal(self, seed: bytes, passphrase: bytes | None, cost: Cost) -> None:
        """Write the key file anew, under another passphrase."""
        write_new(self.folder / "key", sealed(seed, passphrase, cost), overwrite=True)

    def marked(self, mark: str) -> bool:
        """Whether ``mark`` was put on it."""
        return (self.folder / mark).exists()

    def mark(self, mark: str) -> None:
        """Put a mark on it: a file that says something by being there."""
        write_new(self.folder / mark, b"", overwrite=True)

    def key_file(self) -> bytes:
        """The sealed key as it lies on the disk. Raises NotFound."""
        try:
            return read_limited(self.folder / "key", _KEY_LIMIT)
        except NotFound as error:
            raise NotFound(
                f"there is no {self.kind} '{self.name}'", where=str(self.folder), do=f"list them: {_LISTS[self.kind]}"
            ) from error


_LISTS = {WALLETS: "ledgerpost wallet list", BANKS: "ledgerpost bank status"}


class Home:
    """All wallets and banks of one person on one computer."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def find(cls) -> "Home":
        """The folder the environment names, else the usual one for data of programs."""
        named = os.environ.get("LEDGERPOST_HOME")
        return cls(Path(named).expanduser().absolute() if named else Path(platformdirs.user_data_dir("ledgerpost")))

    def seats(self, kind: str) -> tuple[Seat, ...]:
        """Every wallet or bank here, by name."""
        folder = self.root / kind
        names = sorted(each.name for each in folder.iterdir() if (each / "key").exists()) if folder.is_dir() else []
        return tuple(Seat(kind, name, folder / name) for name in names if _NAME.fullmatch(name))

    def seat(self, kind: str, name: str | None) -> Seat:
        """The one named, or the only one. Raises NotFound, or Mistyped where several could be meant."""
        if name is not None:
            return Seat(kind, checked_name(name), self.root / kind / name)
        chosen = self._chosen(kind)
        seats = [each for each in self.seats(kind) if chosen in (None, each.name)]
        if len(seats) == 1:
            return seats[0]
        word = kind.removesuffix("s")
        if not seats:
            raise NotFound(f"there is no {word} here", where=str(self.root), do=_MAKES[kind])
        names = ", ".join(each.name for each in seats)
        raise Mistyped(f"there are several {kind}: {names}", do=f"name one with {_OPTIONS[kind]}")

    def _chosen(self, kind: str) -> str | None:
        file = self.root / f"{kind}-in-use"
        return read_limited(file, 64).decode("utf-8", "replace").strip() if file.exists() else None

    def use(self, kind: str, name: str) -> None:
        """Choose the one that commands mean when none is named."""
        self.seat(kind, name).key  # noqa: B018  # raises NotFound if there is none
        write_new(self.root / f"{kind}-in-use", name.encode(), overwrite=True)

    def create(
        self,
        kind: str,
        name: str,
        seed: bytes,
        passphrase: bytes | None,
        cost: Cost,
        fill: Callable[[Store], None] = lambda store: None,
        marks: tuple[str, ...] = (),
    ) -> Seat:
        """A new folder with key file and store. Raises Denied if there is one of this name."""
        self.refuse_taken(kind, name)
        return self.place(kind, name, seed, sealed(seed, passphrase, cost), fill, marks)

    def begun(self, kind: str, name: str, passphrase: bytes | None) -> bytes | None:
        """The seed that ``begin`` kept in a run that was cut off; None if there is none that this passphrase opens."""
        with suppress(NotFound, BadBytes, WrongPassphrase):
            return vault.open_key(read_limited(self.root / kind / checked_name(name) / BEGUN, _KEY_LIMIT), passphrase)
        return None

    def begin(self, kind: str, name: str, key_file: bytes) -> None:
        """Keep the key file of what is to be created, before the key's words are written anywhere: see ``begun``."""
        self.refuse_taken(kind, name)
        for each in (self.root, self.root / kind, self.root / kind / name):
            ensure_private_folder(each)
        write_new(self.root / kind / name / BEGUN, key_file, overwrite=True)

    def place(
        self,
        kind: str,
        name: str,
        seed: bytes,
        key_file: bytes,
        fill: Callable[[Store], None] = lambda store: None,
        marks: tuple[str, ...] = (),
    ) -> Seat:
        """A new folder with this key file, these marks and what ``fill`` writes; all or nothing: the key comes last.

        Raises Denied if there is one of this name, and whatever ``fill`` raises.
        """
        self.refuse_taken(kind, name)
        folder = self.root / kind / name
        self._clear(folder, but=BEGUN)
        for each in (self.root, self.root / kind, folder):
            ensure_private_folder(each)
        try:
            check = blake2b(b"store", key=seed, person=b"lp check key", digest_size=32).digest()
            write_new(folder / "check", check)
            with closing(open_store(folder / "store", check, create=True)) as store:
                fill(store)
            for mark in marks:
                write_new(folder / mark, b"")
            self._give_key(folder, key_file)
        except BaseException:
            with suppress(OSError):  # what brought us here is the news
                self._clear(folder)
            raise
        return Seat(kind, name, folder)

    def _give_key(self, folder: Path, key_file: bytes) -> None:
        """From here on it is a seat. What ``begin`` kept goes with the same step: no second copy of a key stays."""
        write_new(folder / BEGUN, key_file, overwrite=True)
        with naming(folder), durable.opened_folder(folder) as opened:
            os.rename(BEGUN, "key", src_dir_fd=opened, dst_dir_fd=opened)
            durable.sync(opened)

    def refuse_taken(self, kind: str, name: str) -> None:
        """Raise Denied if there is one of this name, Mistyped if it is no name."""
        folder = self.root / kind / checked_name(name)
        if (folder / "key").exists():
            raise Denied(f"there is a {kind.removesuffix('s')} '{name}' already", where=str(folder), do="choose a name")

    def _clear(self, folder: Path, *, but: str = "") -> None:
        """Remove what a creation that died half-way left: without key file there is nothing in it to lose.

        The key file goes first, lest what is left of a removal cut off looks like a seat.
        """
        with suppress(OSError):
            (folder / "key").unlink()
        for each in sorted(folder.iterdir()) if folder.is_dir() and not folder.is_symlink() else ():
            if each.name == but:
                continue
            if each.is_dir() and not each.is_symlink():
                shutil.rmtree(each)
            else:
                each.unlink()
        if not but:
            with suppress(OSError):
                folder.rmdir()


_MAKES = {WALLETS: "make one: ledgerpost open CARD", BANKS: "found one: ledgerpost bank found NAME"}
_OPTIONS = {WALLETS: "-w NAME, or choose: ledgerpost wallet use NAME", BANKS: "--bank NAME"}


def checked_name(name: str) -> str:
    """A name fit for a folder on any disk. Raises Mistyped."""
    if not _NAME.fullmatch(name):
        raise Mistyped(
            f"'{name}' is no name for a wallet or bank", do="use up to 32 small letters, digits and hyphens: shop-2"
        )
    return name


def sealed(seed: bytes, passphrase: bytes | None, cost: Cost) -> bytes:
    """The key file of a seed: sealed with the passphrase, or open to whoever has it."""
    salt, nonce = os.urandom(vault.SALT_SIZE), os.urandom(vault.NONCE_SIZE)
    return vault.seal_key(seed, passphrase, salt=salt, nonce=nonce, ops=cost.ops, mem=cost.mem)


def free_name(names: Iterator[str] | tuple[str, ...], wanted: str) -> str:
    """A folder name like ``wanted`` that is not among ``names``."""
    base = re.sub(r"[^a-z0-9]+", "-", wanted.lower()).strip("-")[:24] or "wallet"
    taken = set(names)
    return next(each for each in (base, *(f"{base}-{n}" for n in range(2, 1000))) if each not in taken)
