"""What lies before the judge: every document verified, whoever brought it; what does not verify counts for nothing.

Documents bring their own keys, and nobody has to be trusted. Knows no rule of what is owed.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from ledgerpost.errors import BadBytes
from ledgerpost.judge.declared import Base, Declared
from ledgerpost.judge.verdict import Need
from ledgerpost.judge.within import claim_in, everything, instrument_in, keys_in
from ledgerpost.papers.agreement import Disagreement, Incomplete, Retraced, retrace
from ledgerpost.papers.bankcard import open_bank_card
from ledgerpost.papers.beside import identity_of_part
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.contract import Contract, open_contract
from ledgerpost.papers.instrument import Chain, check_chain, claim_of, digest_of_instrument, paper_of
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.release import Release
from ledgerpost.papers.sequence import Sequence
from ledgerpost.papers.terms import Terms
from ledgerpost.sealed import Sealed, fingerprint, is_message, verify
from ledgerpost.statement import Statement, digest_of, read_statement
from ledgerpost.terms import Digest, Fingerprint, Number, PublicKey

OF_BANKS = (Receipt.TYPE, Notice.TYPE, Sequence.TYPE, Certificate.TYPE)
"""What only a bank signs."""


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


def gather(documents: Iterable[bytes]) -> Evidence:
    """Verify what can be verified, in an order that does not matter. Never raises for bad documents.

    A message has its name from what was signed, not from its signature (S2), so only one that verifies bears it:
    else a copy with a spoilt signature, laid beside a good receipt, would speak against the bank.
    """
    raws = sorted(set(documents))
    within = everything(raws)
    keys = keys_in(within)
    verified = {raw: each for raw in within if (each := _verified(raw, keys)) is not None}
    sealed = {each.identity: each for each in reversed(verified.values())}
    parts = _parts(raws, verified)
    terms = _terms(verified.values())
    told = {each: _told(each) for _, each in sorted(sealed.items()) if each.type == Notice.TYPE}
    receipts = [each for _, each in sorted(sealed.items()) if each.type == Receipt.TYPE]
    words = {each: _word(each, parts, keys, terms) for each in receipts}
    named = {each.identity: word for each, word in words.items()}
    declared = Declared.of(sealed.values(), keys, lambda receipt: _base(named.get(receipt)))
    notices = (each for each in told.values() if each is not None)
    return Evidence(
        keys,
        parts,
        sealed,
        terms,
        tuple(each for each in words.values() if each and not declared.voids_receipt(each.receipt, each.identity)),
        tuple(each for each in notices if not declared.voids_notice(each.notice, each.identity)),
        {digest_of_instrument(raw): found for raw in within if (found := _chain(raw, keys)) is not None},
        _strangers(within, keys),
        tuple(each for found in (words, told) for each, read_ in found.items() if read_ is None),
        declared,
    )


def _base(word: Word | None) -> Base | None:
    return Base(word.receipt, word.retraced.states) if word and isinstance(word.retraced, Retraced) else None


def _verified(raw: bytes, keys: Mapping[Fingerprint, PublicKey]) -> Sealed | None:
    claim = claim_in(raw)
    key = keys.get(claim.signer) if claim else None
    try:
        return verify(claim, key) if claim and key else None
    except BadBytes:
        return None


def _parts(raws: Iterable[bytes], verified: Mapping[bytes, Sealed]) -> dict[Digest, bytes]:
    parts: dict[Digest, bytes] = {}
    for raw in raws:
        try:
            if raw in verified or not is_message(raw):
                parts.setdefault(identity_of_part(raw), raw)
        except BadBytes:
            continue
    return parts


def _strangers(raws: Iterable[bytes], keys: Mapping[Fingerprint, PublicKey]) -> tuple[Fingerprint, ...]:
    claims = [claim for raw in raws if (claim := claim_in(raw)) is not None]
    said = {claim.signer for claim in claims if claim.type in OF_BANKS}
    return tuple(sorted(said - keys.keys()))


def _terms(verified: Iterable[Sealed]) -> dict[Digest, Terms]:
    found: dict[Digest, Terms] = {}
    for each in verified:
        try:
            if each.type == Terms.TYPE:
                found[each.identity] = Terms.of(each, each.signer)
            if each.type == "bankcard":
                card, terms = open_bank_card(each.raw)
                found[identity_of_part(card.terms)] = terms
        except BadBytes:
            continue
    return found


def _word(
    sealed: Sealed, parts: Mapping[Digest, bytes], keys: Mapping[Fingerprint, PublicKey], terms: Mapping[Digest, Terms]
) -> Word | None:
    try:
        receipt = Receipt.of(sealed, sealed.signer)
        statement = read_statement(receipt.statement)
    except BadBytes:
        return None
    key = keys.get(receipt.party)
    retraced: Retraced | Incomplete | Disagreement
    try:
        if key is None:
            raise Incomplete(f"the card of the party {receipt.party.hex()[:16]}…")
        retraced = retrace(receipt, parts, key, terms.get)
    except (Incomplete, Disagreement) as error:
        retraced = error
    except BadBytes as error:
        retraced = Disagreement(f"what stands beside the receipt is not good: {error.what}")
    return Word(receipt, sealed.identity, statement, retraced)


def _told(sealed: Sealed) -> Told | None:
    try:
        return Told(Notice.of(sealed, sealed.signer), sealed.identity)
    except BadBytes:
        return None


def _chain(raw: bytes, keys: Mapping[Fingerprint, PublicKey]) -> Chain | None:
    instrument = instrument_in(raw)
    if instrument is None:
        return None
    try:
        key = keys.get(claim_of(instrument.body).signer)
        return check_chain(instrument, key, paper_of(instrument.body).bank) if key else None
    except BadBytes:
        return None
