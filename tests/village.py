"""A village for tests: a bank and wallets as they lie on the disk, each in a home of its own, and a folder as stick.

Stores, key files, sealed envelopes and folders are real. Keys follow from names, letters hold zeros where random bytes
belong, and the clock is the test's: the same story always leaves the same bytes.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ledgerpost import envelope
from ledgerpost.bank.audit import Audit
from ledgerpost.carriers.folder import FolderCarrier
from ledgerpost.desk import office as offices
from ledgerpost.desk import purse as purses
from ledgerpost.desk.backup import write_backup
from ledgerpost.desk.carry import carry_bank, carry_wallet
from ledgerpost.desk.home import BANKS, WALLETS, Cost, Home, Seat
from ledgerpost.desk.office import Office
from ledgerpost.desk.purse import Purse
from ledgerpost.desk.trip import Trip
from ledgerpost.papers.backup import Backup
from ledgerpost.papers.contract import Contract
from ledgerpost.papers.terms import DAY
from ledgerpost.sealed import Signer, identity_of, read
from ledgerpost.spelling import spell_fingerprint
from ledgerpost.terms import Digest, Fingerprint
from ledgerpost.wallet.account import Account, Wish, open_at
from town import START, contract_text, seed_of

BANK = "kita"
CHEAP = Cost(1, 8192)
__all__ = [
    "BANK",
    "CARRIES",
    "CHEAP",
    "DAY",
    "NAMES",
    "START",
    "Village",
    "back_up",
    "contract_text",
    "grain_of",
    "open_accounts",
    "pay_around",
    "seed_of",
]


CARRIES = """
import sys
from pathlib import Path
import ledgerpost.desk.purse as purse
purse.os.urandom = bytes
from village import Village
village = Village(Path(sys.argv[1]), int(sys.argv[2]))
for name in sys.argv[3:]:
    village.carry(name)
"""
"""A program: carry at the village in argv[1], at the moment argv[2], for each name after that."""


def signer_of(name: str) -> Signer:
    return Signer.from_seed(seed_of(name))


@dataclass
class Village:
    """Everything under one folder, so that the whole world can be copied."""

    root: Path
    now: int = START
    carrier: Callable[[Path], FolderCarrier] = field(default=lambda place: FolderCarrier(place, envelope.MAX_ENVELOPE))

    @property
    def stick(self) -> Path:
        return self.root / "stick"

    def home(self, name: str) -> Home:
        return Home(self.root / name)

    def seat(self, name: str) -> Seat:
        kind = BANKS if name == BANK else WALLETS
        return Seat(kind, name, self.root / name / kind / name)

    def found(self) -> None:
        self.stick.mkdir(exist_ok=True)
        seat = self.home(BANK).create(BANKS, BANK, seed_of(BANK), None, CHEAP)
        with offices.opened(seat) as office:
            office.found(signer_of(BANK), "Bank of Kita", self.now)

    def join(self, *names: str) -> None:
        """Make wallets that wish to open an account."""
        with self.office() as office:
            card = office.record().card
        for name in names:
            self.home(name).create(WALLETS, name, seed_of(name), None, CHEAP)
            with self.purse(name) as purse:
                purse.add(open_at(card, signer_of(name).key, name).wish(Wish(0, "createaccount")))

    @contextmanager
    def office(self) -> Iterator[Office]:
        with offices.opened(self.seat(BANK)) as office:
            yield office

    @contextmanager
    def purse(self, name: str) -> Iterator[Purse]:
        with purses.opened(self.seat(name)) as purse:
            yield purse

    # --- wishes

    def wish(self, name: str, order: str, **details: object) -> None:
        with self.purse(name) as purse:
            account = purse.accounts()[0]
            purse.save(account, account.wish(Wish(0, order, **details)))  # type: ignore[arg-type]

    def issue(self, name: str, asset: str) -> Digest:
        contract = Contract(self.bank, signer_of(name).key, contract_text(asset)).sign(signer_of(name))
        self.wish(name, "issueasset", raw=contract)
        return identity_of(read(contract))

    def pay(self, name: str, payee: str, asset: Digest, amount: int) -> None:
        self.wish(name, "spendto", party=self.who(payee), asset=asset, amount=amount, until=self.now + 30 * DAY)

    def decide(self, name: str, order: str = "confirmreceipt") -> None:
        """Accept or deny everything that waits."""
        for notice in self.account(name).waiting:
            if notice.kind == "receipt":
                self.wish(name, order, number=notice.notice)

    def ask(self, *names: str) -> None:
        """What waits? A wallet with nothing to say writes no letter, and so hears nothing."""
        for name in names:
            self.wish(name, "getq")

    # --- carrying

    def carry(self, name: str) -> Trip:
        """One carry of a bank's or wallet's at the stick."""
        with self.office() if name == BANK else self.purse(name) as holder:
            return self.carry_open(holder)

    def carry_open(self, holder: Office | Purse) -> Trip:
        signer = holder.seat.unlock(None)
        carrier = self.carrier(self.stick)
        if isinstance(holder, Office):
            return carry_bank(holder, signer, carrier, self.now)
        return carry_wallet(holder, signer, carrier, self.now)[0]

    def round(self, *names: str) -> None:
        """These wallets carry, the bank carries, these wallets carry."""
        for name in (*names, BANK, *names):
            self.carry(name)

    # --- looking

    @property
    def bank(self) -> Fingerprint:
        return signer_of(BANK).fingerprint

    def who(self, name: str) -> Fingerprint:
        return signer_of(name).fingerprint

    def account(self, name: str) -> Account:
        with self.purse(name) as purse:
            return purse.accounts()[0]

    def has(self, name: str, asset: Digest) -> int:
        return self.account(name).statement.balance(asset)

    def audit(self) -> Audit:
        with self.office() as office:
            return office.audit()

    def mailbox(self, name: str) -> Path:
        return self.stick / "ledgerpost" / spell_fingerprint(self.who(name))

    def records(self, name: str) -> dict[bytes, bytes]:
        with self.office() if name == BANK else self.purse(name) as holder:
            return dict(holder.snapshot())


def without_randomness(monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters hold zeros for random bytes, so that a story told twice leaves the same bytes."""
    monkeypatch.setattr("ledgerpost.desk.purse.os.urandom", bytes)


NAMES = ("issuer", "amina", "bo")


def open_accounts(village: Village) -> Digest:
    """Found, join, issue; ``late`` is paid before she has an account. Returns grain."""
    village.found()
    village.join(*NAMES)
    grain = village.issue("issuer", "grain")
    village.round(*NAMES)
    village.pay("issuer", "amina", grain, 5000)
    village.pay("issuer", "late", grain, 100)
    village.round("issuer")
    village.ask("amina")
    village.round("amina")
    village.decide("amina")
    village.round("amina")
    return grain


def grain_of(village: Village) -> Digest:
    return village.account("amina").statement.balances[0].asset


def pay_around(village: Village) -> None:
    """A bank, an issuer with two assets, and Amina with 50 units; Bo has a spend waiting."""
    village.found()
    village.join("issuer", "amina", "bo")
    grain = village.issue("issuer", "grain")
    village.round("issuer", "amina", "bo")
    village.pay("issuer", "amina", grain, 5000)
    village.round("issuer")
    village.ask("amina")
    village.round("amina")
    village.decide("amina")
    village.round("amina")
    village.pay("amina", "bo", grain, 700)
    village.round("amina")
    village.ask("bo")
    village.round("bo")


def back_up(village: Village, name: str, file: Path) -> Backup:
    if name == BANK:
        with village.office() as office, office.backing_up() as records:
            return write_backup(file, office.seat, signer_of(name), records, village.now + DAY)
    with village.purse(name) as purse:
        return write_backup(file, purse.seat, signer_of(name), purse.snapshot, village.now + DAY)
