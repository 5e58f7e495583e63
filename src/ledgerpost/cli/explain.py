"""What any file of ledgerpost is, message by message, and whether what it says is signed by whom it names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ledgerpost.cli import hands
from ledgerpost.cli import words as w
from ledgerpost.cli.known import Known
from ledgerpost.cli.words import Book, groups
from ledgerpost.errors import BadBytes, Cheating, UnknownType, WrongShape
from ledgerpost.papers.agreement import Disagreement, Incomplete, retrace
from ledgerpost.papers.bankcard import open_bank_card
from ledgerpost.papers.card import Card, key_within
from ledgerpost.papers.contract import Contract
from ledgerpost.papers.delivered import open_delivered
from ledgerpost.papers.instrument import is_instrument
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.orders import KINDS, read_orders
from ledgerpost.papers.proof import ENCLOSES, order_in
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.release import Release
from ledgerpost.papers.sequence import Sequence
from ledgerpost.papers.terms import DAY, Terms
from ledgerpost.sealed import Claim, Sealed, fingerprint, is_message, read, verify
from ledgerpost.spelling import printable, spell_day, spell_fingerprint, spell_moment
from ledgerpost.statement import digest_of, is_statement, read_statement
from ledgerpost.terms import Fingerprint, PublicKey


@dataclass(frozen=True, slots=True)
class Explained:
    """One thing in a file. ``good``: it verifies (None: that can't be told here); ``why`` says why not."""

    kind: str
    lines: tuple[str, ...]
    good: bool | None = True
    why: str = ""
    signer: Fingerprint | None = None

    def row(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "kind": self.kind,
            "verifies": self.good,
            "why": self.why or None,
            "signer": self.signer and spell_fingerprint(self.signer),
            "lines": list(self.lines),
        }


def explain(raw: bytes, known: Known) -> Explained:
    """A message, or the bytes of a statement. Never raises for bad bytes: they are what is explained."""
    try:
        if is_statement(raw):
            return _statement(raw, known)
        if is_instrument(raw):
            return Explained(*hands.examine(raw, known.keys, known.book))
        claim = read(raw)
    except BadBytes as error:
        return Explained("unreadable", (f"does not read: {error.what}",), False, error.what)
    try:
        key = key_within(claim.body) if claim.type in _SELF_MADE else known.keys.get(claim.signer)
        if key is None:
            why = "the key of its signer is not at hand"
            return Explained(claim.type, (_titled(claim),), None, why, claim.signer)
        sealed = verify(claim, key)
        lines = _lines(sealed, key, known)
        return Explained(claim.type, (_titled(claim), *lines), True, "", claim.signer)
    except (BadBytes, Disagreement, Cheating) as error:
        return Explained(claim.type, (_titled(claim),), False, error.what, claim.signer)


def _statement(raw: bytes, known: Known) -> Explained:
    """Nobody signs a statement: the receipt that names it does."""
    lines = ("a statement", *w.statement_lines(known.book, read_statement(raw)))
    for part in known.parts.values():
        receipt = read(part) if is_message(part) else None
        if receipt is not None and receipt.type == Receipt.TYPE and receipt.signer in known.keys:
            base = Receipt.of(verify(receipt, known.keys[receipt.signer])).base
            if base.statement == digest_of(raw):
                return Explained("statement", lines, True, "", receipt.signer)
    return Explained("statement", lines, None, "no receipt at hand names it")


_SELF_MADE = ("card", "bankcard", "contract")
_TITLES = {
    "card": "a party's card",
    "bankcard": "a bank's card",
    "contract": "an asset's contract",
    "terms": "a bank's terms",
    "letter": "a letter to a bank",
    "receipt": "a bank's receipt",
    "notice": "a bank's notice",
    "sequence": "a chequebook",
    "cheque": "a cheque, without chequebook and endorsements",
    "certificate": "a bearer certificate, without endorsements",
    "release": "a release: the end of a claim",
    "backup": "a backup",
    "delivered": "a recipient's word, for couriers, that mail arrived",
}


def _titled(claim: Claim) -> str:
    if claim.type in KINDS:
        return f"an order to a bank ({claim.type}), which has force once a receipt says that it was done"
    return _TITLES.get(claim.type, f"a message of the type {printable(claim.type, 32)}")


def _lines(sealed: Sealed, key: PublicKey, known: Known) -> list[str]:
    """What a verified message says. Raises BadBytes, Disagreement or Cheating where it can't be right."""
    if sealed.type in KINDS:
        return [w.order_text(known.book, KINDS[sealed.type].of(sealed))]
    if sealed.type not in _EXPLAINERS:
        raise UnknownType(f"this version does not know the type {printable(sealed.type, 32)}")
    return _EXPLAINERS[sealed.type](sealed, key, known)


def _card(sealed: Sealed, _: PublicKey, known: Known) -> list[str]:
    card = Card.of(sealed)
    return [f"of {printable(card.name, 64)}, at {known.book.party(card.bank)}", f"     {groups(sealed.signer)}"]


def _bankcard(sealed: Sealed, _: PublicKey, known: Known) -> list[str]:
    card, terms = open_bank_card(sealed.raw)
    name = f"of {printable(card.name, 64)}, made {spell_moment(card.time)}"
    return [name, f"     {groups(card.bank)}", *terms_lines(terms, known.book)]


def _terms(sealed: Sealed, _: PublicKey, known: Known) -> list[str]:
    return [f"of {known.book.party(sealed.signer)}", *terms_lines(Terms.of(sealed), known.book)]


def terms_lines(terms: Terms, book: Book) -> list[str]:
    """A bank's terms, in words."""
    fees = [f"fee: {book.amount(terms.token, fee.amount)} for {fee.order}" for fee in terms.fees if terms.token]
    return [
        f"terms {terms.serial}, since {spell_moment(terms.time)}",
        *(fees or ["no fees"]),
        f"at most {terms.letter_life // DAY} days: a letter; {terms.spend_life // DAY}: a spend; "
        f"{terms.number_life // DAY}: a number",
        f"at most {terms.most_numbers} open numbers, {terms.most_outstanding} spends out, {terms.most_incoming} in",
        f"superseded terms hold {terms.grace // DAY} days",
    ]


def _contract(sealed: Sealed, _: PublicKey, known: Known) -> list[str]:
    contract = Contract.of(sealed)
    issuer = f"issued by {known.book.party(sealed.signer)} at {known.book.party(contract.bank)}"
    return [issuer, f"digest   {sealed.identity.hex()}", *w.contract_lines(contract)]


def _letter(sealed: Sealed, key: PublicKey, known: Known) -> list[str]:
    letter = Letter.of(sealed)
    head = f"letter {letter.seq} of {known.book.party(sealed.signer)} to {known.book.party(letter.bank)}"
    orders = [f"  {w.order_text(known.book, each.order)}" for each in read_orders(letter, key)]
    return [f"{head}, no later than {spell_day(letter.not_after)}", *(orders or ["  it asks for nothing"])]


def _receipt(sealed: Sealed, _: PublicKey, known: Known) -> list[str]:
    receipt = Receipt.of(sealed, sealed.signer)
    statement = read_statement(receipt.statement)
    agreed = "agreed by both" if receipt.base.statement == digest_of(receipt.statement) else "not yet agreed"
    return [
        f"of {known.book.party(sealed.signer)} for {known.book.party(receipt.party)}, {spell_moment(receipt.time)}",
        f"after letter {statement.seq}, {agreed}",
        *(f"  {line}" for line in w.statement_lines(known.book, statement)),
        *_followed(receipt, known),
    ]


def _followed(receipt: Receipt, known: Known) -> list[str]:
    """Each letter answered, order by order, and whether the statement follows from them (L5)."""
    key = known.keys.get(receipt.party)
    if key is None:
        return ["what it follows from cannot be checked: the party's key is not at hand"]
    try:
        retraced = retrace(receipt, known.parts, key, known.terms_of)
    except Incomplete as error:
        return [f"what it follows from cannot be checked: {error.what}"]
    lines = []
    for each in retraced.answered:
        lines.append(f"  letter {each.letter.seq}")
        for written, result in zip(each.written, each.results, strict=True):
            lines.append(f"    {w.order_text(known.book, written.order)}: {w.result_text(result.code)}")
    return [*lines, "the statement follows from the letters beside it"]


def _notice(sealed: Sealed, _: PublicKey, known: Known) -> list[str]:
    notice = Notice.of(sealed, sealed.signer)
    if notice.kind in ENCLOSES:
        _check_enclosed(notice)
    head = f"notice {notice.notice} of {known.book.party(sealed.signer)} for {known.book.party(notice.party)}"
    signed = ["the message signed by the other party is in it, and verifies"] if notice.enclosed else []
    return [f"{head}, {spell_moment(notice.time)}", w.notice_text(known.book, notice), *signed]


def _check_enclosed(notice: Notice) -> None:
    try:
        order_in(notice)
    except BadBytes as error:
        raise WrongShape(f"it proves nothing: {error.what}") from error


def _sequence(sealed: Sealed, _: PublicKey, known: Known) -> list[str]:
    book = Sequence.of(sealed, sealed.signer)
    owner = known.book.party(fingerprint(book.key))
    return [f"numbers {w.span(book.first, book.last)} of {owner}, good until {spell_day(book.until)}"]


def _release(sealed: Sealed, _: PublicKey, known: Known) -> list[str]:
    """Whoever signed it gives up a claim; whether it had one, only a judge can say."""
    release, book = Release.of(sealed), known.book
    return [
        f"{book.party(sealed.signer)} gives up a claim of {book.amount(release.asset, release.amount)}",
        f"against {book.party(release.debtor)}, at {book.party(release.bank)}{w.comment(release.comment)}",
        f"     {groups(release.debtor)}",
        f"for the cheque or certificate {release.paper.hex()}",
        "for good; it ends no claim of anybody else's, and none against others",
    ]


def _delivered(sealed: Sealed, key: PublicKey, known: Known) -> list[str]:
    word = open_delivered(sealed.raw, key)
    names = ", ".join(each.hex()[:32] for each in word.envelopes[:3])
    more = f" and {len(word.envelopes) - 3:,} more" if len(word.envelopes) > 3 else ""
    return [f"of {known.book.party(word.recipient)}, {spell_moment(word.time)}", f"arrived: {names}{more}"]


_EXPLAINERS: Mapping[str, Callable[[Sealed, PublicKey, Known], list[str]]] = {
    "card": _card,
    "bankcard": _bankcard,
    "terms": _terms,
    "contract": _contract,
    "letter": _letter,
    "receipt": _receipt,
    "notice": _notice,
    "sequence": _sequence,
    "release": _release,
    "delivered": _delivered,
}
