"""What every quarter of a simulated town has: a bank, people with wallets of the desk's, and papers that are looked at.

What people do are the deeds of ``histories``; here they do them over the town's post, and every commit of the bank's is
looked at by ``invariants``.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final, Protocol

from histories import Files, History
from ledgerpost.bank.counter import Outcome
from ledgerpost.bank.keys import account_key
from ledgerpost.carriers.port import Carrier
from ledgerpost.sealed import identity_of, read
from ledgerpost.store.port import Changes
from ledgerpost.terms import Digest, Fingerprint
from ledgerpost.wallet.account import Account
from simulation.forms import Form
from simulation.invariants import Watch
from simulation.people import Person, Resident, TownBank
from simulation.relapse import RelapseWatch
from town import Bank, Party

RECENT: Final = 500
"""Documents that rogues may get hold of, the newest; with ``keep`` every document of the town is kept."""


class TownHall(Protocol):
    """What a quarter needs of its town."""

    form: Form
    market: Carrier
    time: int
    delivered: int
    met: Counter[str]

    def person(self, name: str) -> Person:
        """The one of that name, who may have accounts elsewhere too."""
        ...


class Recent(Files):
    """The newest documents, and no more: a long run must not keep every paper it ever saw."""

    def add(self, holder: str, step: int, *raws: bytes) -> None:
        """As all files do, letting the oldest go."""
        super().add(holder, step, *raws)
        for raw in [*islice(self.kept, max(0, len(self.kept) - RECENT))]:
            del self.kept[raw]


class Streets(History):
    """What both kinds of quarter share. ``watch`` is None where the bank is false: nothing holds of its books.

    ``copied``: whose copy of its wallet signed on which number.
    """

    def __init__(self, seed: int, town: TownHall, counter: Carrier, *, keep: bool, burns: bool = False) -> None:
        self.town, self.counter, self.keep, self.burns = town, counter, keep, burns
        self.pasts: dict[str, list[Account]] = {}
        self.shaken: set[Fingerprint] = set()
        self.forgotten: dict[Fingerprint, set[bytes]] = {}
        self.may_be_asked: Callable[[Fingerprint], bool] = lambda party: False
        self.watch: Watch | None = None
        self.told: set[Digest] = set()
        self.sent: dict[Digest, str] = {}
        self.void: set[Digest] = set()
        self.copied: set[tuple[Fingerprint, int]] = set()
        self.before: set[Digest] = set()
        self._looked: dict[str, Account] = {}
        self.broken: Exception | None = None
        super().__init__(seed)

    # --- made of people and banks of the town

    def _founded(self) -> Bank:
        form, name = self.town.form, f"bank {self.seed}"
        folder = form.root / "banks" / str(self.seed)
        folder.mkdir(parents=True)
        bank = TownBank(name, form.store(f"bank-{self.seed}"), folder, lambda: self.town.time)
        if self.watched:
            self.watch = RelapseWatch(bank.signer.key) if self.burns else Watch(bank.signer.key)
        bank.seen = self._committed
        if self.burns and self.keep:
            bank.said = self._spoken
        return bank

    def _spoken(self, outcome: Outcome) -> None:
        """All that the bank ever signed for anybody may lie before a judge one day, though it was lost on its way."""
        self.files.add("bank", self.at, *(raw for reply in outcome.replies for raw in reply.messages))

    def _files(self) -> Files:
        return Files() if self.keep else Recent()

    @property
    def watched(self) -> bool:
        """Whether this bank is held to the truth."""
        return True

    def _party(self, name: str) -> Party:
        return Resident(name, self.bank, self.town.person(name), lambda: self.town.time)

    @property
    def residents(self) -> list[Resident]:
        """Those with a wallet of the desk's: everybody but the rogues."""
        return [each for each in {**self.people, "erin": self.newcomer}.values() if isinstance(each, Resident)]

    # --- what is seen

    def _committed(self, changes: Changes) -> None:
        if self.watch is None:
            return
        with self.bank.store.snapshot() as snapshot:
            try:
                self.watch.committed(changes, snapshot)
            except Exception as broken:
                self.broken = self.broken or broken
                raise
        for party in self.everybody():
            if account_key(party.me) in changes:
                self._log(party)

    def post(self, *raws: bytes) -> list[tuple[Fingerprint, bytes]]:
        """Straight over the counter, without any post."""
        replies = super().post(*raws)
        self.town.delivered += len(raws) + len(replies)
        return replies

    def look(self, *parties: Party) -> None:
        """Copy what these wallets hold, if it is another than at the last look; and which letters they wrote."""
        for party in parties or tuple(self.everybody()):
            account = party.account
            if self._looked.get(party.name) is not account:
                self._looked[party.name] = account
                super().look(party)
                if isinstance(party, Resident) and account.fresh is None:  # a restored wallet's letters hold no orders
                    self.sent |= dict.fromkeys(letters_of(account), party.name)
                if account.held is not None:
                    self.told |= {each.letter for each in account.held.answers}

    def papers(self) -> list[bytes]:
        """All that anybody's wallet holds now, whatever is kept of the past."""
        recent, self.files = self.files, Files()
        self._looked.clear()
        self.look()
        held, self.files = list(self.files.kept), recent
        return held

    def restore(self, party: Party, backup: Account) -> None:
        """As in any history; what was written since the backup may be void (L9)."""
        self.look(party)
        self.lost_letters(party)
        self.town.met["wallet restored"] += 1
        super().restore(party, backup)

    def lost_letters(self, party: Party) -> None:
        """Nobody knows any more what became of those without a receipt."""
        mine = {letter for letter, name in self.sent.items() if name == party.name}
        self.void |= mine - self.told

    def unanswered(self) -> list[str]:
        """Parties whose letters from before this round no receipt has answered, though no wallet was lost."""
        names = {each.name for each in self.residents if each.account.receipt is not None}
        missing = (self.sent.get(letter) for letter in self.before - self.told - self.void)
        return [name for name in missing if name in names]


def letters_of(account: Account) -> Iterator[Digest]:
    """Identities of the letters without a receipt."""
    return (identity_of(read(raw)) for raw in account.letters)
