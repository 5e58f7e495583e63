"""What lies before the judge: the documents that verify (``gathering``), and what may be asked of them.

Nobody has to be trusted. Knows no rule of what is owed.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from ledgerpost.errors import BadBytes
from ledgerpost.judge.declared import Declared
from ledgerpost.judge.verdict import Need
from ledgerpost.papers.agreement import Disagreement, Incomplete, Retraced
from ledgerpost.papers.contract import Contract, open_contract
from ledgerpost.papers.instrument import Chain
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.release import Release
from ledgerpost.papers.sequence import Sequence
from ledgerpost.papers.terms import Terms
from ledgerpost.sealed import Sealed, fingerprint
from ledgerpost.statement import Statement, digest_of
from ledgerpost.terms import Digest, Fingerprint, Number, PublicKey


class NoCard(Exception):
    """The card of ``who`` is not here, so what it signed proves nothing yet."""

    def __init__(self, who: Fingerprint) -> None:
        super().__init__(who)
        self.who = who

    @property
    def need(self) -> Need:
        """That card."""
        return Need("card", None, self.who)


@dataclass(frozen=True, slots=True)
class Word:
    """A receipt of the bank's: retraced, or why that failed (``Incomplete`` or ``Disagreement``)."""

    receipt: Receipt
    identity: Digest
    statement: Statement
    retraced: Retraced | Incomplete | Disagreement

    @property
    def need(self) -> Need | None:
        """What is missing beside it, if anything is."""
        if not isinstance(self.retraced, Incomplete):
            return None
        if self.retraced.part is None:
            return Need("card", None, self.receipt.party)
        return Need("part", self.retraced.part, self.receipt.party)


@dataclass(frozen=True, slots=True)
class Told:
    """A notice of the bank's."""

    notice: Notice
    identity: Digest


class Held(NamedTuple):
    """A statement of a party, the receipt that shows it, and whether it follows from that party's own signature."""

    statement: Statement
    word: Word
    proven: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that verified, in an order that does not matter.

    ``parts``: documents by identity, as brought; ``sealed``: all messages, those inside others too; ``chains``:
    instruments by digest; ``strangers``: banks whose key no document brings; ``garbled``: what is signed well as a
    receipt or notice and does not read as one; ``declared``: by whom ``words`` and ``notices`` leave some out (L11).
    """

    keys: Mapping[Fingerprint, PublicKey]
    parts: Mapping[Digest, bytes]
    sealed: Mapping[Digest, Sealed]
    terms: Mapping[Digest, Terms]
    words: tuple[Word, ...]
    notices: tuple[Told, ...]
    chains: Mapping[Digest, Chain]
    strangers: tuple[Fingerprint, ...]
    garbled: tuple[Sealed, ...]
    declared: Declared

    def key_of(self, who: Fingerprint) -> PublicKey:
        """The key of that fingerprint. Raises NoCard."""
        try:
            return self.keys[who]
        except KeyError:
            raise NoCard(who) from None

    def chain(self, identity: Digest | None) -> Chain | None:
        """The instrument of that name, if it verifies; wherever it lies."""
        return self.chains.get(identity) if identity else None

    def told(self, identity: Digest | None) -> Told | None:
        """The notice of that name, if it is here and verifies."""
        return next((each for each in self.notices if each.identity == identity), None)

    def words_on(self, bank: Fingerprint, party: Fingerprint) -> Iterator[Word]:
        """The bank's receipts for that party."""
        return (word for word in self.words if (word.receipt.bank, word.receipt.party) == (bank, party))

    def notices_to(self, bank: Fingerprint, party: Fingerprint) -> Iterator[Told]:
        """The bank's notices for that party."""
        return (told for told in self.notices if (told.notice.bank, told.notice.party) == (bank, party))

    def words_beside(self, notice: Notice) -> Iterator[Word]:
        """The bank's receipts for its party that must agree with the notice: none that may be of another life (L11)."""
        words = self.words_on(notice.bank, notice.party)
        return (word for word in words if not self.declared.may_part(word.receipt, notice))

    def held(self, bank: Fingerprint, party: Fingerprint) -> Iterator[Held]:
        """Every statement of that party that a receipt bears, or that lies between its base and it."""
        return self._states(self.words_on(bank, party))

    def held_beside(self, notice: Notice) -> Iterator[Held]:
        """The same by receipts that must agree with the notice."""
        return self._states(self.words_beside(notice))

    @staticmethod
    def _states(words: Iterable[Word]) -> Iterator[Held]:
        for word in words:
            if isinstance(word.retraced, Retraced):
                for state in word.retraced.states.values():
                    yield Held(state, word, proven=True)
            else:
                yield Held(word.statement, word, proven=False)

    def named(self, bank: Fingerprint, party: Fingerprint, digest: Digest) -> Held | None:
        """The statement of that digest, with the receipt that bears it itself, if that is here; proven by any."""
        found = [each for each in self.held(bank, party) if digest_of(each.statement.encode()) == digest]
        best = max(found, key=lambda each: (each.word.statement == each.statement, each.proven), default=None)
        return best._replace(proven=any(each.proven for each in found)) if best else None

    def contract(self, asset: Digest) -> tuple[Contract, Fingerprint] | None:
        """The contract of an asset and its issuer, if it is here."""
        if asset not in self.sealed:
            return None
        try:
            contract, sealed = open_contract(self.sealed[asset].raw)
        except BadBytes:
            return None
        return contract, sealed.signer

    def chequebook(self, bank: Fingerprint, party: Fingerprint, number: Number) -> tuple[Sequence, Digest] | None:
        """A chequebook of that party's which has the number (N4), the earliest, and its identity."""
        found = [row for row in self.chequebooks(bank, party) if row[0].first <= number <= row[0].last]
        return min(found, key=lambda each: (each[0].time, each[1]), default=None)

    def chequebooks(self, bank: Fingerprint, party: Fingerprint) -> Iterator[tuple[Sequence, Digest]]:
        """Those of that party, and their identities; but for what is void by its own word (L11)."""
        return ((book, identity) for book, identity, void in self._books(bank, party) if not void)

    def void_chequebook(self, bank: Fingerprint, party: Fingerprint, number: Number) -> Digest | None:
        """One with the number that is void by the party's own word: it had it, or never had it, and says the latter."""
        books = self._books(bank, party)
        return next((identity for book, identity, void in books if void and book.first <= number <= book.last), None)

    def _books(self, bank: Fingerprint, party: Fingerprint) -> Iterator[tuple[Sequence, Digest, bool]]:
        given = self.given(bank, party)
        for identity, sealed in self.sealed.items():
            if sealed.type == Sequence.TYPE and sealed.signer == bank:
                book = _read(Sequence, sealed)
                if book and (book.bank, fingerprint(book.key)) == (bank, party):
                    yield book, identity, self.declared.voids_book(book, given)

    def given(self, bank: Fingerprint, party: Fingerprint) -> Mapping[int, Number]:
        """The highest number given out to the party, by the sequence of its statements."""
        return {each.statement.seq: each.statement.highest for each in self.held(bank, party)}

    def letters(self) -> Iterator[tuple[Letter, Fingerprint]]:
        """Letters of anybody, and who wrote them."""
        for sealed in self.sealed.values():
            if sealed.type == Letter.TYPE and (letter := _read(Letter, sealed)) is not None:
                yield letter, sealed.signer

    def releases(self) -> Iterator[tuple[Release, Fingerprint, Digest]]:
        """Claims given up, by whom, and in which document."""
        for sealed in self.sealed.values():
            if sealed.type == Release.TYPE and (release := _read(Release, sealed)) is not None:
                yield release, sealed.signer, sealed.identity


_Read = TypeVar("_Read", Letter, Release, Sequence)


def _read(kind: type[_Read], sealed: Sealed) -> _Read | None:
    try:
        return kind.read(sealed.body)
    except BadBytes:
        return None
