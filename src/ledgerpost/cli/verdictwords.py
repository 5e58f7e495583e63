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
    who = book.party(found.debtor)
    whom = f"{book.party(found.creditor)}" if found.creditor else ""
    if found.asset is not None:
        return " ".join(part for part in (who, "owes", whom, book.amount(found.asset, found.amount)) if part) + "."
    return f"{who} is proven at fault{', towards ' + whom if whom else ''}."


def reason(found: Finding, exhibits: Exhibits) -> str:
    """Why, and by which rule."""
    return f"{exhibits.said(found.words)} (rule {found.rule})"


def settled_text(settled: Settled, exhibits: Exhibits) -> str:
    """What is settled, with whom and what it is about."""
    book = exhibits.book
    what = f", {book.amount(settled.asset, settled.amount)}" if settled.asset is not None else ""
    return f"{book.party(settled.party)}{what}: {exhibits.said(settled.words)}"


def question(missing: Missing, exhibits: Exhibits) -> str:
    """What can't be decided."""
    words = exhibits.said(missing.words).rstrip(".")
    return f"{words[:1].upper()}{words[1:]}."


def claim_text(missing: Missing, exhibits: Exhibits) -> str:
    """What hangs on it; "" if nothing does."""
    if missing.claim is None:
        return ""
    owed = sentence(missing.claim, exhibits.book).rstrip(".")
    return f"{owed}, because {reason(missing.claim, exhibits)}: so it is claimed, not proven."


def open_text(missing: Missing, exhibits: Exhibits) -> str:
    """What nobody has raised, and what would raise it."""
    wants = " or ".join(wanted(need, exhibits.book).what for need in missing.needs)
    return question(missing, exhibits).rstrip(".") + (f"; it would take {wants}." if wants else ".")


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


def wanted(need: Need, book: Book) -> Wanted:
    """The document in words."""
    what, ask = _NEEDED.get(need.kind, ("another document{of}", "{who}"))
    who = book.party(need.party) if need.party else ""
    words = {word: f" {word} {who}" if who else "" for word in ("of", "for", "to")}
    words["who"] = who or "whoever has it"
    words["number"] = "" if need.number is None else f" {need.number}"
    words["after"] = "" if need.number is None else f" after letter {need.number}"
    if need.kind == "notice" and need.number is None:
        what = "a notice{to}"
    digest = need.identity.hex() if need.identity is not None else ""
    # a receipt is not known by its own digest before it is here, but by that of the statement in it
    known = f"of the statement {digest}" if digest and need.kind == "receipt" else digest
    return Wanted(what.format(**words), ask.format(**words), known)


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
    found = [(exhibits.by_identity.get(identity), identity) for identity in shown]
    return [
        Shown(each.line(exhibits.book), identity.hex(), each.place, each.file)
        if each
        else Shown("a document that others name", identity.hex(), "not itself among the files")
        for each, identity in found
    ]
