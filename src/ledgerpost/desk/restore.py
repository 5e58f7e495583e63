"""Restoring a wallet or a bank from its backup: a new seat with everything in it, or nothing at all (T4).

Puts two marks on what it restores, and judges no more than that: a wallet draws nothing before it has the newest
receipt (L9), and a bank answers nobody before its operator has settled what came after the backup (L11).
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final

from ledgerpost.bank.keys import BANK
from ledgerpost.bank.records import BankRecord, read_record, write_record
from ledgerpost.desk.backup import KEY, Progress, Reader, check, compare, opened, silent
from ledgerpost.desk.home import BANKS, ON_PAPER, RESTORED, WALLETS, Home, Seat
from ledgerpost.desk.purse import Purse
from ledgerpost.errors import BadBytes, Denied
from ledgerpost.papers import backup as paper
from ledgerpost.papers.backup import Backup
from ledgerpost.papers.createaccount import CreateAccount
from ledgerpost.sealed import Signer
from ledgerpost.store.port import Store
from ledgerpost.wallet.account import Account, Wish

_BATCH: Final = 1 << 24
"""Bytes of records that one commit takes."""


@dataclass(frozen=True, slots=True)
class Restored:
    """``dropped``: wishes in the backup; whether they were carried out since, only their owner can tell (L9)."""

    seat: Seat
    head: Backup
    dropped: tuple[Wish, ...] = ()


_MARKS: Final = {WALLETS: (ON_PAPER, RESTORED), BANKS: ()}
"""Whoever has a wallet's backup need not be reminded of paper."""


def restore(
    home: Home,
    path: Path,
    kind: str,
    name: str,
    seed: bytes,
    progress: Progress = silent,
    *,
    reseal: Callable[[bytes], bytes] = lambda key_file: key_file,
    settle: Callable[[Seat, Store], None] = lambda seat, store: None,
) -> Restored:
    """A new seat with all that the backup holds, or nothing at all. ``seed`` is the key opened: ``Checked.unlock``.

    ``reseal`` may seal the key anew; it is called when nothing is in the way, and before anything is made. ``settle``
    may change the records once all of them are there, while there is no key yet.

    The file is read whole before anything is made, and the key file is written last: a restore cut off at any
    point leaves nothing that could be used, and is run again. Raises Denied if the name or the key is in use.
    """
    with opened(path) as file:
        head, key_file = check(file, kind)
        if Signer.from_seed(seed).fingerprint != head.owner:
            raise Denied("the key opened is not the one this backup was made with", do="open the key in this backup")
        _refuse_second(home, kind, head)
        key_file = reseal(key_file)
        dropped: list[Wish] = []

        def fill(store: Store) -> None:
            file.seek(0)
            _fill(store, file, head, progress)
            seat = Seat(kind, name, home.root / kind / name)
            if kind == WALLETS:
                dropped.extend(_mark_wallet(Purse(seat, store)))
            settle(seat, store)

        seat = home.place(kind, name, seed, key_file, fill, _MARKS[kind])
    return Restored(seat, head, tuple(dropped))


def _refuse_second(home: Home, kind: str, head: Backup) -> None:
    """Two copies of one key that both answer would contradict each other."""
    for seat in home.seats(kind):
        with suppress(BadBytes):  # a key file that is damaged is nobody's
            if seat.fingerprint == head.owner:
                raise Denied(
                    f"this {head.kind} is here already, as '{seat.name}'",
                    where=str(seat.folder),
                    do="if it is lost or damaged, move that folder away, then run the same command again",
                )


def _fill(store: Store, file: BinaryIO, head: Backup, progress: Progress) -> None:
    reader = Reader(file)
    reader.head()
    batch: dict[bytes, bytes | None] = {}
    size = count = 0
    for key, value in reader.records(progress):
        count += 1
        if key != KEY:
            batch[key] = _mark_bank(value) if head.kind == paper.BANK and key == BANK else value
            size += len(value)
        if size > _BATCH:
            _commit(store, batch)
            batch, size = {}, 0
    _commit(store, batch)
    compare(head, count, reader.digest.digest())


def _commit(store: Store, batch: dict[bytes, bytes | None]) -> None:
    if batch:
        with store.hold([]) as held:
            held.commit(batch)


def _mark_bank(value: bytes) -> bytes:
    return write_record(read_record(BankRecord, value, BANK)._replace(restored=True))


def _mark_wallet(purse: Purse) -> Iterator[Wish]:
    """Every account starts anew, and so will each yet to be opened (L9).

    Wishes are dropped: they may have been carried out after the backup.
    """
    for account in purse.accounts():
        kept = tuple(wish for wish in account.wishes if _opens(account, wish))
        purse.save(account, replace(account, fresh=frozenset(), wishes=kept))
        yield from (wish for wish in account.wishes if wish not in kept)


def _opens(account: Account, wish: Wish) -> bool:
    """An account that was not open yet is knocked for; one that is open by now answers all the same."""
    return account.receipt is None and wish.order == CreateAccount.TYPE
