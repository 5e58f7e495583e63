"""The documents before the judge, in words: what each is, who signed it and when, in which file it lies.

Names and assets are taken from documents that verify; a name is a claim all the same. Judges nothing: what counts and
what does not is the judge's own evidence.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from ledgerpost.cli.laid import Laid, Lying
from ledgerpost.cli.weighed import ignored
from ledgerpost.cli.words import Book, span
from ledgerpost.desk.purse import Asset, asset_of
from ledgerpost.errors import BadBytes
from ledgerpost.judge.evidence import Evidence, gather
from ledgerpost.judge.within import everything
from ledgerpost.papers.bankcard import BankCard
from ledgerpost.papers.card import Card
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.contract import Contract
from ledgerpost.papers.createaccount import CreateAccount
from ledgerpost.papers.instrument import (
    Chain,
    digest_of_instrument,
    is_instrument,
)
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.sequence import Sequence
from ledgerpost.papers.terms import Terms
from ledgerpost.sealed import Sealed, fingerprint, identity_of, read
from ledgerpost.spelling import printable, spell_fingerprint, spell_moment
from ledgerpost.statement import digest_of, is_statement, read_statement
from ledgerpost.terms import Digest, Fingerprint, Moment

Title = Callable[[Book], str]


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One document: what it is, in words; who signed it; the moment it names as its own, if any; where it lies.

    ``titled`` says it with the names of a book; ``within``: it lies inside another document of that file.
    """

    identity: Digest
    titled: Title
    file: str
    type: str = ""
    signer: Fingerprint | None = None
    time: Moment | None = None
    within: bool = False

    def line(self, book: Book) -> str:
        """What it is, by whom, of when."""
        signed = f", signed by {book.party(self.signer)}" if self.signer else ""
        return f"{self.titled(book)}{signed}" + (f", {spell_moment(self.time)}" if self.time is not None else "")

    @property
    def place(self) -> str:
        """How it lies in its file."""
        return "inside a document in" if self.within else "in"

    def row(self, book: Book) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "digest": self.identity.hex(),
            "type": self.type,
            "title": self.titled(book),
            "signer": self.signer and spell_fingerprint(self.signer),
            "time": self.time,
            "file": self.file,
        }


@dataclass(frozen=True, slots=True)
class Exhibits:
    """Everything before the judge. ``ignored``: for each file, why it, or something in it, counts for nothing."""

    files: tuple[Laid, ...]
    book: Book
    by_identity: Mapping[Digest, Exhibit]
    ignored: Mapping[str, tuple[str, ...]]
    times: Mapping[Fingerprint, Moment]
    """The newest time that each bank signed, in receipts and notices that verify."""

    parties: Mapping[Fingerprint, str] = field(default_factory=dict)
    """Everybody whose key is here, and what they are: ``bank`` or ``party``."""

    def said(self, words: str) -> str:
        """The judge's words, fit to print. It knows nobody by name: here names and readable fingerprints are put in."""
        starts = {who.hex()[:16]: who for who in (*self.parties, *self.book.names)}
        clean = printable(words, MOST_WORDS)
        return _HEX.sub(lambda at: self.book.party(starts[at[1]]) if at[1] in starts else at[0], clean)


MOST_WORDS: Final = 1000
_HEX: Final = re.compile("([0-9a-f]{16})…")


def exhibit(lying: Lying) -> Exhibits:
    """Put everything in order. Never raises for bad documents."""
    evidence = gather(lying.documents)
    book = Book(_assets(evidence), _names(evidence))
    whole = {each.identity: each for each in reversed([*_all(lying.files, evidence, inside=False)])}
    within = {each.identity: each for each in reversed([*_all(lying.files, evidence, inside=True)])}
    nothing = {file.name: reasons for file in lying.files if (reasons := ignored(file, evidence, book))}
    known = dict.fromkeys(evidence.keys, "party")
    banks = {sealed.signer: "bank" for sealed in evidence.sealed.values() if sealed.type in _BANKS}
    return Exhibits(lying.files, book, within | whole, nothing, _times(evidence), known | banks)


_BANKS = (Receipt.TYPE, Notice.TYPE, Terms.TYPE, Sequence.TYPE, Certificate.TYPE, BankCard.TYPE)


def _times(evidence: Evidence) -> dict[Fingerprint, Moment]:
    times: dict[Fingerprint, Moment] = {}
    said = [(word.receipt.bank, word.receipt.time) for word in evidence.words]
    for bank, time in (*said, *((told.notice.bank, told.notice.time) for told in evidence.notices)):
        times[bank] = max(times.get(bank, 0), time)
    return times


# --- names and assets


def _names(evidence: Evidence) -> dict[Fingerprint, str]:
    """As cards say, else as the order that opened the account does; the least of several, whatever the order."""
    names: dict[Fingerprint, str] = {}
    for kind in (CreateAccount, Card, BankCard):
        found = sorted(_papers(evidence, kind), key=lambda pair: pair[1].name, reverse=True)
        names |= {signer: paper.name for signer, paper in found}
    return names


def _papers(evidence: Evidence, kind: type[Any]) -> Iterator[tuple[Fingerprint, Any]]:
    for sealed in evidence.sealed.values():
        try:
            if sealed.type == kind.TYPE:
                yield sealed.signer, kind.read(sealed.body)
        except BadBytes:
            continue


def _assets(evidence: Evidence) -> dict[Digest, Asset]:
    assets = {}
    for identity, sealed in evidence.sealed.items():
        try:
            if sealed.type == Contract.TYPE:
                assets[identity] = asset_of(sealed.raw)
        except BadBytes:
            continue
    return assets


# --- what each document is


def _all(files: tuple[Laid, ...], evidence: Evidence, *, inside: bool) -> Iterator[Exhibit]:
    """What lies in the files; or, ``inside``, what lies inside that."""
    for file in files:
        for raw in file.documents:
            raws = everything((raw,))[1:] if inside else [raw]
            for each in raws:
                try:
                    yield from _exhibits(each, file.name, evidence, inside)
                except BadBytes:
                    continue


def _exhibits(raw: bytes, file: str, evidence: Evidence, inside: bool) -> Iterator[Exhibit]:
    """A document under each of the names by which a verdict may show it. Raises BadBytes."""
    if is_statement(raw):
        yield Exhibit(digest_of(raw), _statement(raw), file, "statement", within=inside)
    elif is_instrument(raw):
        chain = evidence.chains.get(digest_of_instrument(raw))
        if chain is not None:
            yield from _chain(raw, chain, file, inside)
    elif (sealed := evidence.sealed.get(identity_of(read(raw)))) is not None:
        kind = sealed.type
        yield Exhibit(sealed.identity, partial(_title, sealed), file, kind, sealed.signer, _time(sealed), inside)
        if kind == Receipt.TYPE:  # its statement has a name of its own
            statement = Receipt.read(sealed.body).statement
            yield Exhibit(digest_of(statement), _statement(statement), file, "statement", within=True)


def _statement(raw: bytes) -> Title:
    statement = read_statement(raw)
    return lambda book: f"the statement of {book.party(statement.party)} after letter {statement.seq}"


def _chain(raw: bytes, chain: Chain, file: str, inside: bool) -> Iterator[Exhibit]:
    """An instrument is shown as its bytes, as the cheque or certificate in it, or as one of its endorsements."""
    name = _instrument(chain)
    kind = "certificate" if isinstance(chain.paper, Certificate) else "cheque"
    passed = len(chain.bodies) - 1
    hands = f", with {passed} {'endorsement' if passed == 1 else 'endorsements'}" if passed else ""
    yield Exhibit(digest_of_instrument(raw), lambda _: name + hands, file, "instrument", chain.drawer, within=inside)
    yield Exhibit(chain.bodies[0], lambda _: name, file, kind, chain.drawer, within=inside)
    for at, body in enumerate(chain.bodies[1:], 1):
        yield Exhibit(body, partial(_endorsement, chain, at), file, "endorsement", chain.signer(at), within=inside)


def _endorsement(chain: Chain, at: int, book: Book) -> str:
    holder = chain.holders[at]
    return f"endorsement {at} on {_instrument(chain)}" + (f", to {book.party(fingerprint(holder))}" if holder else "")


def _instrument(chain: Chain) -> str:
    kind = "certificate" if isinstance(chain.paper, Certificate) else "cheque"
    return f"{kind} {chain.paper.number}"


def _title(sealed: Sealed, book: Book) -> str:
    """What is garbled may still speak against whoever signed it, so it has a name too."""
    describe = _TITLES.get(sealed.type)
    try:
        return describe(sealed, book) if describe else f"a message of the type {printable(sealed.type, 32)}"
    except BadBytes as error:
        return f"a {sealed.type} that does not read: {error.what}"


def _receipt(sealed: Sealed, book: Book) -> str:
    receipt = Receipt.read(sealed.body)
    return f"the receipt for {book.party(receipt.party)} after letter {read_statement(receipt.statement).seq}"


def _notice(sealed: Sealed, book: Book) -> str:
    notice = Notice.read(sealed.body)
    return f"notice {notice.notice} to {book.party(notice.party)} ({notice.kind}, number {notice.number})"


def _sequence(sealed: Sealed, book: Book) -> str:
    paper = Sequence.read(sealed.body)
    return f"the chequebook of {book.party(fingerprint(paper.key))}, numbers {span(paper.first, paper.last)}"


def _contract(sealed: Sealed, _: Book) -> str:
    return f"the contract of {printable(asset_of(sealed.raw).head.name, 64)}"


_TITLES: Mapping[str, Callable[[Sealed, Book], str]] = {
    "card": lambda sealed, book: f"the card of {book.party(sealed.signer)}",
    "bankcard": lambda sealed, book: f"the bank card of {book.party(sealed.signer)}",
    "createaccount": lambda *_: "the order that opens the account (createaccount)",
    "terms": lambda sealed, _: f"terms {Terms.read(sealed.body).serial}",
    "letter": lambda sealed, _: f"letter {Letter.read(sealed.body).seq}",
    "cheque": lambda sealed, _: f"cheque {Cheque.read(sealed.body).number}",
    "certificate": lambda sealed, _: f"certificate {Certificate.read(sealed.body).number}",
    "release": lambda *_: "a release",
    "receipt": _receipt,
    "notice": _notice,
    "sequence": _sequence,
    "contract": _contract,
}


_DATED: Final = (Receipt, Notice, Terms, BankCard, Sequence)


def _time(sealed: Sealed) -> Moment | None:
    try:
        return next((kind.read(sealed.body).time for kind in _DATED if sealed.type == kind.TYPE), None)
    except BadBytes:
        return None
