"""The power fails in the midst of a command, the computer starts again, and the command is run once more (T2, T3, L7).

Each errand of the story is recorded as it is carried out undisturbed; then the world is made what the disk may hold
after a cut (``powercut``), looked at by the real code in a child (stores open, every record passes its check, the books
are good, nothing has left that is not in the books), and the same words are typed again.
"""

import json
import os
import random
import stat
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import lmdb
from pytest import MonkeyPatch

from dying import Case, Trial, without_parts
from errands import HOMES, World, remove
from ledgerpost import envelope
from ledgerpost.bank.keys import account_key
from ledgerpost.bank.records import Account, read_record
from ledgerpost.carriers import durable
from ledgerpost.carriers.folder import SUFFIX, TREE
from ledgerpost.desk import office as offices
from ledgerpost.desk import purse as purses
from ledgerpost.desk.home import BANKS, WALLETS, Home, Seat
from ledgerpost.errors import BadBytes, LedgerpostError
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.receipt import Receipt
from ledgerpost.sealed import is_message, read
from ledgerpost.spelling import spell_fingerprint
from ledgerpost.terms import Fingerprint
from powercut import Cut, Recorder, cuts, distinct
from syscalls import told

# --- what is looked at -------------------------------------------------------------------------------------------


def wrong(world: World, who: str) -> list[str]:
    """What must not be after a cut: a store that does not open, books that are not good, mail that nobody remembers."""
    found = []
    for kind in (WALLETS, BANKS):
        for seat in Home(world.home(who)).seats(kind):
            try:
                found += _wrong_bank(world, seat) if kind == BANKS else _wrong_wallet(world, seat)
            except LedgerpostError as error:
                found.append(f"{type(error).__name__}: {error.what}")
    return found


def _wrong_bank(world: World, seat: Seat) -> list[str]:
    with offices.opened(seat) as office:
        audit = office.audit()
        found = [] if audit.good else [f"the audit finds {audit.findings}"]
        records = dict(office.snapshot())
        for party, raw in _mail(world, seat.fingerprint, Receipt.TYPE):
            key = account_key(party)
            kept = read_record(Account, records[key], key).receipt if key in records else b""
            if raw != kept and not (kept and _receipt(raw).time < _receipt(kept).time):
                found.append("a receipt left that is not in the books")  # L7
    return found


def _receipt(raw: bytes) -> Receipt:
    return Receipt.read(read(raw).body)


def _wrong_wallet(world: World, seat: Seat) -> list[str]:
    with purses.opened(seat) as purse:
        accounts = {account.bank.bank: account for account in purse.accounts()}
    found = []
    for bank, raw in _mail(world, seat.fingerprint, Letter.TYPE):
        account, seq = accounts.get(bank), Letter.read(read(raw).body).seq
        if account is None or (raw not in account.letters and seq > account.statement.seq):
            found.append(f"letter {seq} left that the wallet does not remember")  # L7
    return found


def _mail(world: World, signer: Fingerprint, kind: str) -> Iterator[tuple[Fingerprint, bytes]]:
    """What somebody signed, in whole envelopes at every place, opened with keys that only a test has; and for whom."""
    homes = [Home(world.home(each.name)) for each in (world.root / HOMES).iterdir()]
    seats = [seat for home in homes for which in (WALLETS, BANKS) for seat in home.seats(which)]
    keys = {spell_fingerprint(seat.fingerprint): seat for seat in seats if not seat.has_passphrase}
    for file in world.root.glob(f"*/{TREE}/*/*{SUFFIX}"):
        seat = keys.get(file.parent.name)
        if seat is None:
            continue
        with suppress(BadBytes):  # torn: whoever reads it sees that
            for raw in envelope.unpack(file.read_bytes(), seat.unlock(None).seed, seat.fingerprint).messages:
                if is_message(raw) and (read(raw).signer, read(raw).type) == (signer, kind):
                    yield seat.fingerprint, raw


# --- the trial ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tried:
    """A state, and what came of it; ``fault`` is "" if all is well. ``end`` as in ``dying.Case``."""

    cut: Cut
    end: str
    fault: str


@dataclass
class Blackout:
    """An errand at its place in the story, recorded. ``tried`` counts what its cuts came to, alike ones among them."""

    trial: Trial
    made: Counter[str] = field(default_factory=Counter)

    def record(self) -> "Blackout":
        """Carry it out, and note what it does to the disk."""
        world, strangers = self.trial.world, self.trial.world.strangers(self.trial.errand.who)
        self.recorder = Recorder(world.root, strangers)
        self.trial.run(self.recorder)
        if missed := self.recorder.missed(world.root, strangers):
            raise AssertionError(f"the disk was changed by a call that was not heard of: {missed}")
        self.twice = self.trial.twice()
        return self

    def tried(self, rounds: int, most: int, seed: int = 0) -> Iterator[Tried]:
        """So many states at most, no two of them alike. Leaves the world as the errand made it.

        A child tries one after the other; where it dies of one, another child goes on with the next.
        """
        chosen = list(distinct(cuts(self.recorder, rounds, seed), self.made))
        if len(chosen) > most:
            chosen = random.Random(seed).sample(chosen, most)
        at = 0
        while at < len(chosen):
            for line in told(map(self._try, chosen[at:])):
                yield Tried(chosen[at], *json.loads(line))
                at += 1
            if at < len(chosen):
                yield Tried(chosen[at], "died", "the process died of it")
                at += 1
        self.trial.world.bring_back(self.trial.errand.who, self.trial.after)

    def _try(self, each: Cut) -> bytes:
        world, who = self.trial.world, self.trial.errand.who
        for part in world.parts(who):
            remove(part)
        each.disk.write(world.root, random.Random(each.seed))
        found = wrong(world, who)
        if found:
            return json.dumps(("broken", "; ".join(found))).encode()
        if each.ended and without_parts(world.state(who)) != self.trial.wanted:
            return json.dumps(("broken", "it had ended, and not all of it is there")).encode()
        case = Case(self.trial.errand, each.after, each.how, "cut", "")
        code, said = json.loads(world.performed(self.trial.errand, self.trial.dice(again=True)))
        case = self.trial.judged(case, code, said, self.twice)
        return json.dumps((case.end, case.fault)).encode()


# --- controls ----------------------------------------------------------------------------------------------------


def _store_unsynced(patch: MonkeyPatch) -> None:
    real = lmdb.open
    patch.setattr(lmdb, "open", lambda path, **more: real(path, **{**more, "sync": False, "metasync": False}))


def _files_unsynced(patch: MonkeyPatch) -> None:
    patch.setattr(durable, "sync", lambda file: None)
    patch.setattr(durable, "sync_all", lambda folder, files: None)


def _folders_unsynced(patch: MonkeyPatch) -> None:
    real = durable.sync

    def sync(file: int) -> None:
        if not stat.S_ISDIR(os.fstat(file).st_mode):
            real(file)

    def sync_all(folder: int, files: Sequence[int]) -> None:
        for each in files:
            sync(each)

    patch.setattr(durable, "sync", sync)
    patch.setattr(durable, "sync_all", sync_all)


CONTROLS: Final[dict[str, Callable[[MonkeyPatch], None]]] = {
    "a store opened without sync": _store_unsynced,
    "files and folders not synced": _files_unsynced,
    "folders not synced": _folders_unsynced,
}
"""Programs that a harness worth its name finds fault with."""
