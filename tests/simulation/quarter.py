"""One quarter of a simulated town: a bank and those who bank there, honest people and rogues.

What they do are the deeds of ``histories`` and ``rogues``; here they do them with wallets and an office of the desk,
over the town's post, and every commit of the bank's is looked at by ``invariants``.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final, Protocol

from histories import Files, History
from ledgerpost.bank.counter import Outcome
from ledgerpost.bank.keys import account_key
from ledgerpost.carriers.port import Carrier
from ledgerpost.desk.cases import CASES
from ledgerpost.envelope import unpack
from ledgerpost.errors import Cheating
from ledgerpost.judge.verdict import Finding
from ledgerpost.papers.declaration import Declaration
from ledgerpost.papers.receipt import Receipt
from ledgerpost.sealed import identity_of, is_message, read, trusted
from ledgerpost.statement import read_statement, seq_of
from ledgerpost.store.port import Changes
from ledgerpost.terms import Digest, Fingerprint
from ledgerpost.wallet.account import Account, open_at
from ledgerpost.wallet.checks import Contradiction
from ledgerpost.wallet.restored import declaration
from rogues import FalseBank, RogueHistory
from simulation.forms import Form
from simulation.invariants import Watch
from simulation.ledger import must
from simulation.people import Person, Resident, TownBank
from simulation.relapse import RelapseWatch
from town import Bank, Party

RECENT: Final = 500
"""Documents that rogues may get hold of, the newest; with ``keep`` every document of the town is kept."""


PASTS: Final = 12
"""States of its wallet that a rogue keeps, to come back as."""


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


class Quarter(Streets, RogueHistory):
    """An honest bank, with two rogues among its parties."""

    def contradicted(self, party: Party, error: Cheating) -> None:
        """No wallet may find an honest bank cheating; a rogue's may, which has lied to itself.

        Nor may one that came when its bank waited no longer: that is the price of not waiting (R7). And a wallet that
        was restored after it had declared has lost its own word, by which late answers are void; its bank still has it,
        whatever the wallet may have declared once more, to a question that came late too (seed 5294).
        """
        known = party in getattr(self, "rogues", ()) or party.me in self.late or self._forgot(party)
        must(known, f"{party.name} found the honest bank cheating: {error}")
        if self._forgot(party):
            self.begin_again(party)

    def begin_again(self, party: Party) -> None:
        """Its owner is shown the word that the wallet has forgotten, and starts again from nothing but the key (R7)."""
        if isinstance(party, Resident):
            self.restore(party, open_at(self.bank.card, party.signer.key, party.name, restored=True))

    def speaks_otherwise(self, party: Party) -> bool:
        """Whether it declared, was restored, and declared once more what makes its bank's own receipt void (R7).

        Or whether it took a void answer since that is ahead of that receipt. It passes over the receipt for ever, and
        finds nothing wrong: no later one comes before it goes on from this.
        """
        if not self._forgot(party) or account_key(party.me) not in self.bank.records:
            return False
        said, sealed = declaration(party.account), trusted(self.bank.page(party.me).receipt)
        receipt = Receipt.read(sealed.body)
        again = said is not None and said.voids_receipt(receipt, sealed.identity)
        return again or self._is_ahead(party, seq_of(receipt.statement))

    def _is_ahead(self, party: Party, seq: int) -> bool:
        """Whether its receipt is beyond the ``seq`` of its bank's own, and void by a word that it has forgotten.

        Not while the bank, which has lost its store again, may still go on from that receipt.
        """
        raw, came = party.account.receipt, self.watch.came if isinstance(self.watch, RelapseWatch) else set()
        if raw is None or party.me not in came or party.account.statement.seq <= seq:
            return False
        sealed = trusted(raw)
        receipt = Receipt.read(sealed.body)
        words = (Declaration.read(trusted(each).body) for each in self._forgotten(party))
        return any(word.voids_receipt(receipt, sealed.identity) for word in words)

    def _forgot(self, party: Party) -> bool:
        return bool(self._forgotten(party))

    def _forgotten(self, party: Party) -> set[bytes]:
        """Declarations that its bank has settled it by, and that its wallet has lost."""
        settled = self.watch.words if isinstance(self.watch, RelapseWatch) else set()
        return settled & self.forgotten.get(party.me, set())

    def look(self, *parties: Party) -> None:
        """Also keeps what rogues were, for them to come back as."""
        super().look(*parties)
        for rogue in getattr(self, "rogues", ()) if self.burns else ():
            past = self.pasts.setdefault(rogue.name, [])
            if not past or past[-1] is not rogue.account:
                past.append(rogue.account)
                del past[:-PASTS]

    @property
    def late(self) -> set[Fingerprint]:
        """For whom the bank signed in a lost time, and who had not come when it waited no longer."""
        return self.watch.late() if isinstance(self.watch, RelapseWatch) else set()

    @property
    def doubtful(self) -> set[Fingerprint]:
        """Who may have kept something back, or lost it: rogues, the late, and wallets restored before they came."""
        return self.late | self.shaken | {each.me for each in self.rogues}

    def restore(self, party: Party, backup: Account) -> None:
        """Also says whether the wallet may have lost what its bank will ask for, or its word."""
        said = party.account.declared
        if said is not None and said != backup.declared:
            self.forgotten.setdefault(party.me, set()).add(said)
        super().restore(party, backup)
        if self.may_be_asked(party.me):
            self.shaken.add(party.me)


class FalseQuarter(Streets, FalseBank):
    """A bank that lies, forks and forges; its people trade with it as long as they notice nothing.

    ``shown``: the case file of each contradiction that a wallet found.
    """

    def __init__(self, seed: int, town: TownHall, counter: Carrier, *, keep: bool, burns: bool = False) -> None:
        self.shown: list[tuple[bytes, ...]] = []
        self._cases: set[Path] = set()
        super().__init__(seed, town, counter, keep=keep)

    @property
    def watched(self) -> bool:
        """Nothing holds of its books."""
        return False

    def wrong(self, findings: tuple[Finding, ...], files: frozenset[bytes], now: int) -> list[Finding]:
        """As in any history, but for what is truly owed: no wallet can help what another device signed (C2)."""
        words = "cheque {} was on a number used otherwise, or stopped"
        twice = {(party, words.format(number)) for party, number in self.copied}
        false = [each for each in super().wrong(findings, files, now) if (each.debtor, each.words) not in twice]
        return [each for each in false if not self._is_short(each)]

    def _is_short(self, finding: Finding) -> bool:
        """Whether the drawer itself held the statement that does not cover its cheque: its clock was ahead, say, and it
        took the cheque for ended and spent what covered it (seed 6001929).
        """
        if finding.rule != "C2" or "not covered" not in finding.words:
            return False
        names = {each.me: each.name for each in self.everybody()}
        held = (trusted(raw) for raw in self.files.of(names.get(finding.debtor, "")) if is_message(raw))
        shown = (each for each in held if each.type == Receipt.TYPE and each.identity in finding.shown)
        states = (read_statement(Receipt.read(each.body).statement) for each in shown)
        return any(
            state.party == finding.debtor and state.balance(finding.asset or self.grain) < finding.amount
            for state in states
        )

    def contradicted(self, party: Party, error: Cheating) -> None:
        """As it should be: the wallet adopts nothing of it, and keeps what shows it."""
        super().contradicted(party, error)
        if isinstance(error, Contradiction):
            case = self._case(party) or error.evidence
            self.shown += [case] if case not in self.shown else []

    def _case(self, party: Party) -> tuple[bytes, ...]:
        """The case file that the wallet just wrote; nothing if it was no run of the desk's, or the same case again."""
        folder = party.person.folder / CASES if isinstance(party, Resident) else None
        files = sorted(folder.iterdir()) if folder is not None and folder.is_dir() else []
        new = [each for each in files if each not in self._cases]
        self._cases.update(new)
        return tuple(message for each in new for message in unpack(each.read_bytes()).messages)
