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
from ledgerpost.judge.evidence import Evidence
from ledgerpost.judge.gathering import gather
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
        signed = book.say(", signed by {who}", who=book.party(self.signer)) if self.signer else ""
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
        clean = self.book.said(printable(words, MOST_WORDS))
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
    return lambda book: book.say(
        "the statement of {who} after letter {seq}", who=book.party(statement.party), seq=statement.seq
    )


def _chain(raw: bytes, chain: Chain, file: str, inside: bool) -> Iterator[Exhibit]:
    """An instrument is shown as its bytes, as the cheque or certificate in it, or as one of its endorsements."""
    kind = "certificate" if isinstance(chain.paper, Certificate) else "cheque"
    name, handed = partial(_instrument, chain), partial(_handed, chain)
    yield Exhibit(digest_of_instrument(raw), handed, file, "instrument", chain.drawer, within=inside)
    yield Exhibit(chain.bodies[0], name, file, kind, chain.drawer, within=inside)
    for at, body in enumerate(chain.bodies[1:], 1):
        yield Exhibit(body, partial(_endorsement, chain, at), file, "endorsement", chain.signer(at), within=inside)


def _endorsement(chain: Chain, at: int, book: Book) -> str:
    holder = chain.holders[at]
    to = book.say(", to {who}", who=book.party(fingerprint(holder))) if holder else ""
    return book.say("endorsement {at} on {instrument}", at=at, instrument=_instrument(chain, book)) + to


def _handed(chain: Chain, book: Book) -> str:
    passed = len(chain.bodies) - 1
    pattern = ", with {count} endorsement" if passed == 1 else ", with {count} endorsements"
    return _instrument(chain, book) + (book.say(pattern, count=passed) if passed else "")


def _instrument(chain: Chain, book: Book) -> str:
    certificate = isinstance(chain.paper, Certificate)
    return book.say("certificate {number}" if certificate else "cheque {number}", number=chain.paper.number)


def _title(sealed: Sealed, book: Book) -> str:
    """What is garbled may still speak against whoever signed it, so it has a name too."""
    describe = _TITLES.get(sealed.type)
    try:
        if describe is not None:
            return describe(sealed, book)
        return book.say("a message of the type {kind}", kind=printable(sealed.type, 32))
    except BadBytes as error:
        return book.say("a {kind} that does not read: {why}", kind=sealed.type, why=book.said(error.what))


def _receipt(sealed: Sealed, book: Book) -> str:
    receipt = Receipt.read(sealed.body)
    seq = read_statement(receipt.statement).seq
    return book.say("the receipt for {who} after letter {seq}", who=book.party(receipt.party), seq=seq)


def _notice(sealed: Sealed, book: Book) -> str:
    notice = Notice.read(sealed.body)
    return book.say(
        "notice {notice} to {who} ({kind}, number {number})",
        notice=notice.notice,
        who=book.party(notice.party),
        kind=notice.kind,
        number=notice.number,
    )


def _sequence(sealed: Sealed, book: Book) -> str:
    paper = Sequence.read(sealed.body)
    who, numbers = book.party(fingerprint(paper.key)), span(paper.first, paper.last)
    return book.say("the chequebook of {who}, numbers {numbers}", who=who, numbers=numbers)


def _contract(sealed: Sealed, book: Book) -> str:
    return book.say("the contract of {name}", name=printable(asset_of(sealed.raw).head.name, 64))


_TITLES: Mapping[str, Callable[[Sealed, Book], str]] = {
    "card": lambda sealed, book: book.say("the card of {who}", who=book.party(sealed.signer)),
    "bankcard": lambda sealed, book: book.say("the bank card of {who}", who=book.party(sealed.signer)),
    "createaccount": lambda _, book: book.say("the order that opens the account (createaccount)"),
    "terms": lambda sealed, book: book.say("terms {serial}", serial=Terms.read(sealed.body).serial),
    "letter": lambda sealed, book: book.say("letter {seq}", seq=Letter.read(sealed.body).seq),
    "cheque": lambda sealed, book: book.say("cheque {number}", number=Cheque.read(sealed.body).number),
    "certificate": lambda sealed, book: book.say("certificate {number}", number=Certificate.read(sealed.body).number),
    "release": lambda _, book: book.say("a release"),
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
