"""A verdict in words and as values: who owes whom, which documents show it, which would decide what is left open.

The judge says what follows from the files; this says it to people. What is not the judge's own words (names, units,
file names) is made printable here.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from ledgerpost.cli.exhibits import Exhibits
from ledgerpost.cli.words import Book
from ledgerpost.judge.verdict import Finding, Missing, Need, Settled
from ledgerpost.spelling import spell_fingerprint
from ledgerpost.terms import Digest


def sentence(found: Finding, book: Book) -> str:
    """Who owes whom how much; or who is at fault, where nothing can be counted."""
    fields = {"who": book.party(found.debtor)}
    if found.creditor is not None:
        fields["whom"] = book.party(found.creditor)
    if found.asset is not None:
        fields["amount"] = book.amount(found.asset, found.amount)
        return book.say("{who} owes {whom} {amount}." if found.creditor else "{who} owes {amount}.", **fields)
    return book.say(
        "{who} is proven at fault, towards {whom}." if found.creditor else "{who} is proven at fault.", **fields
    )


def reason(found: Finding, exhibits: Exhibits) -> str:
    """Why, and by which rule."""
    return exhibits.book.say("{said} (rule {rule})", said=exhibits.said(found.words), rule=found.rule)


def settled_text(settled: Settled, exhibits: Exhibits) -> str:
    """What is settled, with whom and what it is about."""
    book = exhibits.book
    what = f", {book.amount(settled.asset, settled.amount)}" if settled.asset is not None else ""
    return book.say("{what}: {said}", what=book.party(settled.party) + what, said=exhibits.said(settled.words))


def question(missing: Missing, exhibits: Exhibits) -> str:
    """What can't be decided."""
    words = exhibits.said(missing.words).rstrip(".")
    return f"{words[:1].upper()}{words[1:]}."


def claim_text(missing: Missing, exhibits: Exhibits) -> str:
    """What hangs on it; "" if nothing does."""
    if missing.claim is None:
        return ""
    owed = sentence(missing.claim, exhibits.book).rstrip(".")
    pattern = "{owed}, because {why}: so it is claimed, not proven."
    return exhibits.book.say(pattern, owed=owed, why=reason(missing.claim, exhibits))


def open_text(missing: Missing, exhibits: Exhibits) -> str:
    """What nobody has raised, and what would raise it."""
    book = exhibits.book
    wants = book.say(" or ").join(wanted(need, book).what for need in missing.needs)
    asked = question(missing, exhibits)
    return book.say("{question}; it would take {wants}.", question=asked.rstrip("."), wants=wants) if wants else asked


# --- documents that would decide


class Wanted(NamedTuple):
    """A document that would decide, in words; whom to ask for it; its digest in hex, where that is known, or ""."""

    what: str
    ask: str
    digest: str


_NEEDED: Final[Mapping[str, tuple[str, str]]] = {
    "card": ("the card{of}", "{who}, or anybody to whom it was given"),
    "bankcard": ("the bank card{of}", "the bank, or anybody with an account there"),
    "terms": ("the terms{of} that the letter names", "the bank, or anybody with an account there"),
    "contract": ("the signed contract of the asset", "its issuer, the bank, or anybody who holds some"),
    "receipt": ("a receipt{for}{after} and what stands beside it", "{who}, or the bank"),
    "statement": ("the statement{of}{after}", "{who}, or the bank: it stands beside a receipt"),
    "part": ("what stands beside the receipt{for}", "{who}, or the bank"),
    "notice": ("notice{number}{to}", "{who}, or the bank while it waits there"),
    "letter": ("letter{number}{of}", "{who}, or the bank"),
    "sequence": ("the chequebook{of} that has number{number}", "{who}, or whoever was given the cheque"),
    "cheque": ("a cheque{number}{of}", "its holder"),
    "certificate": ("a certificate{number}{of}", "its holder"),
    "instrument": ("a cheque or certificate{number}{of}", "its holder, or whoever was paid for it"),
    "release": ("a release{of}", "{who}, or whom it released"),
}


_PARTY: Final[Mapping[str, str]] = {"of": " of {who}", "for": " for {who}", "to": " to {who}"}


def wanted(need: Need, book: Book) -> Wanted:
    """The document in words."""
    what, ask = _NEEDED.get(need.kind, ("another document{of}", "{who}"))
    who = book.party(need.party) if need.party else ""
    words = {"of": "", "for": "", "to": "", "who": who or book.say("whoever has it"), "number": "", "after": ""}
    if who:
        words |= {word: book.say(pattern, who=who) for word, pattern in _PARTY.items()}
    if need.number is not None:
        words |= {"number": f" {need.number}", "after": book.say(" after letter {number}", number=need.number)}
    if need.kind == "notice" and need.number is None:
        what = "a notice{to}"
    digest = need.identity.hex() if need.identity is not None else ""
    # a receipt is not known by its own digest before it is here, but by that of the statement in it
    known = book.say("of the statement {digest}", digest=digest) if digest and need.kind == "receipt" else digest
    return Wanted(book.say(what, **words), book.say(ask, **words), known)


# --- for --json


def finding_row(found: Finding, exhibits: Exhibits) -> dict[str, Any]:
    """A finding, or a claim."""
    owed = {} if found.asset is None else exhibits.book.row(found.asset, found.amount)
    return {
        "debtor": spell_fingerprint(found.debtor),
        "creditor": found.creditor and spell_fingerprint(found.creditor),
        "asset": None,
        "unit": None,
        "units": None,
        "text": None,
        **owed,
        "rule": found.rule,
        "words": found.words,
        "shown": shown_rows(found.shown, exhibits),
    }


def missing_row(missing: Missing, exhibits: Exhibits) -> dict[str, Any]:
    """What is undecidable, or open."""
    return {
        "words": missing.words,
        "claim": missing.claim and finding_row(missing.claim, exhibits),
        "needs": [_need_row(need, exhibits.book) for need in missing.needs],
        "shown": shown_rows(missing.shown, exhibits),
    }


def _need_row(need: Need, book: Book) -> dict[str, Any]:
    words = wanted(need, book)
    return {
        "kind": need.kind,
        "digest": need.identity and need.identity.hex(),
        "party": need.party and spell_fingerprint(need.party),
        "number": need.number,
        "words": words.what,
        "ask": words.ask,
    }


def settled_row(settled: Settled, exhibits: Exhibits) -> dict[str, Any]:
    """What is settled."""
    amount = {} if settled.asset is None else exhibits.book.row(settled.asset, settled.amount)
    return {
        "party": spell_fingerprint(settled.party),
        "asset": None,
        "unit": None,
        "units": None,
        "text": None,
        **amount,
        "words": settled.words,
        "shown": shown_rows(settled.shown, exhibits),
    }


def shown_rows(shown: tuple[Digest, ...], exhibits: Exhibits) -> list[dict[str, Any]]:
    """The chain of documents, in order; one that is not among the files has its digest only."""
    rows = []
    for identity in shown:
        found = exhibits.by_identity.get(identity)
        rows.append(found.row(exhibits.book) if found else {"digest": identity.hex(), "type": None, "file": None})
    return rows


class Shown(NamedTuple):
    """A document of the chain: in words, its digest in hex, and where it lies: how, and in which file."""

    line: str
    digest: str
    place: str
    file: str = ""


def shown_lines(shown: tuple[Digest, ...], exhibits: Exhibits) -> list[Shown]:
    """Each document of the chain, in order."""
    book = exhibits.book
    found = [(exhibits.by_identity.get(identity), identity) for identity in shown]
    return [
        Shown(each.line(book), identity.hex(), book.say(each.place), each.file)
        if each
        else Shown(book.say("a document that others name"), identity.hex(), book.say("not itself among the files"))
        for each, identity in found
    ]
