"""People and banks of a simulated town: the desk's own wallets and offices, in hands that may fail.

A person has one wallet with an account at each bank; ``Resident`` is that person at one bank, as the other tests know a
party, so that whatever those let a party do, people here do as well.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from ledgerpost.bank.counter import Outcome
from ledgerpost.bank.keys import BANK
from ledgerpost.bank.prepare import Prepared
from ledgerpost.bank.records import BankRecord, read_record, write_record
from ledgerpost.carriers.port import Carrier
from ledgerpost.desk.backup import check, opened, silent, write_backup
from ledgerpost.desk.carry import carry_bank, carry_wallet
from ledgerpost.desk.home import BANKS, WALLETS, Seat
from ledgerpost.desk.office import Office
from ledgerpost.desk.purse import Purse
from ledgerpost.desk.restore import _fill
from ledgerpost.desk.trip import Trip
from ledgerpost.sealed import Signer, identity_of, read
from ledgerpost.store.port import Changes, Store
from ledgerpost.terms import Digest, Moment
from ledgerpost.vault import seal_key
from ledgerpost.wallet.account import Account
from ledgerpost.wallet.writing import write_letter
from simulation.ledger import must
from simulation.mortal import Hand, MortalStore
from town import Bank, Party, seed_of


class Wallet(Purse):
    """A purse whose randomness follows from its owner's name and a count: every run of a seed is the same."""

    def __init__(self, seat: Seat, store: Store) -> None:
        super().__init__(seat, store)
        self.letters = 0

    def write(self, account: Account, signer: Signer, now: Moment) -> Account:
        """As the purse does, but for where the 16 bytes come from."""
        self.letters += 1
        nonce = blake2b(f"{self.seat.name} {self.letters}".encode(), digest_size=16).digest()
        return self.save(account, write_letter(account, signer, now, nonce))


@dataclass
class Person:
    """Somebody with a wallet, a clock that goes wrong by ``skew`` seconds, and a place to find mail at."""

    name: str
    store: Store
    folder: Path
    skew: int = 0
    hand: Hand = field(default_factory=Hand)
    accounts: list["Resident"] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.signer = Signer.from_seed(seed_of(self.name))
        self.purse = Wallet(Seat(WALLETS, self.name, self.folder), MortalStore(self.store, self.hand))

    def carry(self, place: Carrier, now: Moment) -> list[Trip]:
        """Take in, write, put out: the real run."""
        return carry_wallet(self.purse, self.signer, place, now)

    def wake(self) -> None:
        """Whatever a run came to, the wallet is now what its store holds."""
        self.hand.how = ""
        for each in self.accounts:
            each.reload()


class Resident(Party):
    """A person at one bank. ``account`` is what the wallet's store holds; to set it is to make it durable."""

    def __init__(self, name: str, bank: Bank, person: Person, time: Callable[[], Moment]) -> None:
        self.person, self._time = person, time
        self._known: Account | None = None
        super().__init__(name, bank)
        person.accounts.append(self)

    @property
    def now(self) -> int:
        return self._time() + self.person.skew

    @property
    def account(self) -> Account:
        assert self._known is not None
        return self._known

    @account.setter
    def account(self, after: Account) -> None:
        if self._known is None:
            self.person.purse.add(after)
        else:
            self.person.purse.save(self._known, after)
        self._known = after

    def reload(self) -> None:
        """As after the death of a process: only the store counts."""
        self._known = self.person.purse.account(self.bank.signer.fingerprint)

    def check_kept(self) -> None:
        """What was believed to be durable is."""
        known = self._known
        self.reload()
        must(known == self._known, f"{self.name}'s wallet is not what it had made durable")


class Counter(Office):
    """An office whose every word is also told to ``said``: much of it never reaches anybody."""

    def __init__(self, seat: Seat, store: Store, said: Callable[[Outcome], None]) -> None:
        super().__init__(seat, store)
        self.said = said

    def judge(self, batch: Sequence[Prepared], signer: Signer, now: Moment) -> Outcome:
        """As any office."""
        outcome = super().judge(batch, signer, now)
        self.said(outcome)
        return outcome


class TownBank(Bank):
    """A bank behind the desk's own counter. ``time`` is the town's, ``skew`` what this bank's clock is off by."""

    def __init__(self, name: str, store: Store, folder: Path, time: Callable[[], Moment]) -> None:
        self.folder, self._time = folder, time
        self.hand = Hand()
        self.seen: Callable[[Changes], None] = lambda changes: None
        self.said: Callable[[Outcome], None] = lambda outcome: None
        super().__init__(name, store, watched=False)
        self.skew = 0

    @property
    def now(self) -> int:
        return self._time() + self.skew

    @now.setter
    def now(self, moment: int) -> None:
        self.skew = moment - self._time()

    @property
    def office(self) -> Office:
        """Over the store as it is now."""
        return Counter(Seat(BANKS, "bank", self.folder), MortalStore(self.store, self.hand, self.seen), self.said)

    def judge(self, *raws: bytes) -> Outcome:
        batch = [each for each in map(self.read, raws) if isinstance(each, Prepared)]
        return self.office.judge(batch, self.signer, self.now)

    def carry(self, place: Carrier) -> Trip:
        """Answer what lies there: the real run."""
        return carry_bank(self.office, self.signer, place, self.now)

    def back_up(self, name: str) -> None:
        """To a file of that name in its folder, as the command does it."""
        key = self.folder / "key"
        if not key.exists():
            key.write_bytes(seal_key(self.signer.seed, None, salt=bytes(16), nonce=bytes(24)))
        with self.office.backing_up() as records:
            write_backup(self.folder / name, self.office.seat, self.signer, records, self.now)

    def fill_from(self, name: str, store: Store) -> None:
        """The store is lost; this new one gets what that backup holds, and answers nobody before more is said."""
        with opened(self.folder / name) as file:
            head, _ = check(file, BANKS)
            file.seek(0)
            _fill(store, file, head, silent)
        self.store = store

    def restored(self, store: Store) -> None:
        """The store is lost; its newest state is put into another, and the operator says that it is the newest (T4)."""
        with self.store.snapshot() as snapshot:
            records: dict[bytes, bytes | None] = dict(snapshot.under(b""))
        with store.hold([]) as held:
            record = read_record(BankRecord, records[BANK] or b"", BANK)
            held.commit(records | {BANK: write_record(record._replace(restored=True))})
        self.store = store
        self.office.settle_restored()


@contextmanager
def failing(hand: Hand, how: str, left: int) -> Iterator[None]:
    """Meanwhile the write of number ``left`` fails as ``how`` says."""
    hand.how, hand.left, hand.struck = how, left, False
    try:
        yield
    finally:
        hand.how = ""


class Device(Party):
    """A copy of somebody's wallet on another computer, with the same key, and nothing else in common."""

    def __init__(self, one: Resident) -> None:
        super().__init__(one.name, one.bank)
        self.account = one.account
        self.letters = 1 << 32  # its randomness is its own

    @property
    def written(self) -> set[Digest]:
        """Letters that only this copy knows."""
        return {identity_of(read(raw)) for raw in self.account.letters}
