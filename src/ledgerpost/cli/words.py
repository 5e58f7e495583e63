"""What papers and records say, in words for people. Knows names and assets by a ``Book``; judges nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ledgerpost.desk.purse import Asset, asset_of
from ledgerpost.errors import Refusal
from ledgerpost.papers.cancelspend import CancelSpend
from ledgerpost.papers.confirmreceipt import ConfirmReceipt
from ledgerpost.papers.contract import Contract
from ledgerpost.papers.createaccount import CreateAccount
from ledgerpost.papers.denyreceipt import DenyReceipt
from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.dropnotices import DropNotices
from ledgerpost.papers.getsequence import GetSequence
from ledgerpost.papers.issueasset import IssueAsset
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.order import Order
from ledgerpost.papers.questions import GetConfirmedBalance, GetConfirmedOutstandingSpends, GetQ
from ledgerpost.papers.redeemcertificate import RedeemCertificate
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.papers.stopcheque import StopCheque
from ledgerpost.papers.takein import TakeIn
from ledgerpost.spelling import group_fingerprint, printable, spell_amount, spell_day, spell_fingerprint
from ledgerpost.statement import Balance, Spend, Statement
from ledgerpost.terms import Digest, Fingerprint

if TYPE_CHECKING:
    from ledgerpost.desk.purse import Purse
    from ledgerpost.wallet.account import Wish


@dataclass(frozen=True, slots=True)
class Book:
    """Names and assets at hand: whom and what a fingerprint or digest means here."""

    assets: Mapping[Digest, Asset] = field(default_factory=dict)
    names: Mapping[Fingerprint, str] = field(default_factory=dict)

    def say(self, template: str, **fields: object) -> str:
        """The program's own words. A book of another language has them in that one, by the English ones."""
        return template.format(**fields)

    def said(self, words: str) -> str:
        """The same, for words that are put together already, and hold nothing that others chose."""
        return words

    def amount(self, asset: Digest, units: int) -> str:
        """``12.50 grain``; an asset whose contract is unknown is spelled by its digest."""
        known = self.assets.get(asset)
        if known is None:
            name = asset.hex()[:16]
            return self.say("{units} units of an asset without contract here ({name}…)", units=units, name=name)
        return f"{spell_amount(units, known.head.decimals)} {printable(known.head.unit, 12)}"

    def party(self, who: Fingerprint | None) -> str:
        """A name if one is known, with the fingerprint's beginning; never enough to pay by."""
        if who is None:
            return self.say("anyone")
        name = self.names.get(who)
        short = f"{spell_fingerprint(who)[:11]}…"
        return f"{printable(name, 64)} ({short})" if name else short

    def row(self, asset: Digest, units: int) -> dict[str, Any]:
        """An amount for ``--json``."""
        known = self.assets.get(asset)
        text = None if known is None else spell_amount(units, known.head.decimals)
        return {"asset": asset.hex(), "unit": known and known.head.unit, "units": units, "text": text}

    def balances(self, rows: Iterable[Balance]) -> str:
        """All balances in one line."""
        return ", ".join(self.amount(*row) for row in rows) or "nothing"


def book_of(purse: "Purse") -> Book:
    """What a wallet knows: the owner's names before those that parties gave themselves; its banks and itself."""
    names = {account.bank.bank: account.bank.name for account in purse.accounts()}
    names |= {who: card.name for who, card in purse.contacts().items()}
    names |= purse.names() | {purse.seat.fingerprint: "you"}
    return Book(purse.assets(), names)


def groups(who: Fingerprint) -> str:
    """A fingerprint in full, as people compare it."""
    return group_fingerprint(who)


def comment(text: str) -> str:
    """Somebody's words, in quotes, or nothing."""
    return f' "{printable(text)}"' if text else ""


# --- orders, done or wished for


def order_text(book: Book, order: Order | Refusal) -> str:
    """What an order asks, in one line."""
    if isinstance(order, Refusal):
        return "an order that does not read"
    if isinstance(order, DepositCheque | RedeemCertificate):
        verb = "present cheque" if isinstance(order, DepositCheque) else "redeem certificate"
        return f"{verb} {order.number} of {book.amount(order.asset, order.amount)}"
    if isinstance(order, SpendTo):
        end = f"until {spell_day(order.until)}"
        verb = f"pay {book.party(order.payee)}" if order.payee else "buy a certificate of"
        what = f"{verb} {book.amount(order.asset, order.amount)}"
        return f"{what}, number {order.number}, {end}{comment(order.comment)}"
    if isinstance(order, CancelSpend | ConfirmReceipt | DenyReceipt):
        return _about_spend(book, order)
    if isinstance(order, TakeIn):
        return f"take in notice {order.notice}: {_CLOSINGS.get(order.TYPE, order.TYPE)} {order.number}"
    return _other(book, order)


_CLOSINGS = {
    "confirmclosedspend": "accepted, spend",
    "confirmdeniedspend": "sent back, spend",
    "confirmexpiredspend": "expired, spend",
    "confirmwithdrawn": "withdrawn by its spender, spend",
    "confirmchequecleared": "paid, cheque",
    "confirmchequebounced": "bounced, cheque",
    "confirmclosedcertificate": "redeemed, certificate",
    "confirmrecoveredcertificate": "signed over twice, certificate",
    "confirmcreditedcertificate": "made good after all, certificate",
}


def _about_spend(book: Book, order: CancelSpend | ConfirmReceipt | DenyReceipt) -> str:
    what = book.amount(order.asset, order.amount)
    if isinstance(order, CancelSpend):
        return f"take back spend {order.number} of {what} to {book.party(order.payee)}"
    verb = "accept" if isinstance(order, ConfirmReceipt) else "deny"
    said = comment(order.comment) if isinstance(order, DenyReceipt) else ""
    return f"{verb} {what} from {book.party(order.spender)}, notice {order.notice}{said}"


def _other(book: Book, order: Order) -> str:
    if isinstance(order, CreateAccount):
        gifts = ", ".join(book.amount(each.asset, each.amount) for each in order.waiting)
        return f"open the account of {printable(order.name)}" + (f", taking in {gifts}" if gifts else "")
    if isinstance(order, GetSequence):
        return f"{order.count} numbers, good until {spell_day(order.until)}"
    if isinstance(order, StopCheque):
        return f"close number {', '.join(span(*each) for each in order.spans)}"
    if isinstance(order, DropNotices):
        return f"let go of notice {', '.join(span(*each) for each in order.spans)}, whose time is over"
    if isinstance(order, IssueAsset):
        return f"issue {contract_name(order.contract)}"
    if isinstance(order, GetConfirmedBalance):
        return "ask for the last agreed balance"
    questions = {GetQ: "ask what waits", GetConfirmedOutstandingSpends: "ask what was outstanding when last agreed"}
    return questions.get(type(order), order.TYPE)


def contract_name(raw: bytes) -> str:
    """The name in a signed contract."""
    from ledgerpost.errors import BadBytes

    try:
        return printable(asset_of(raw).head.name, 64)
    except BadBytes:
        return "an asset whose contract does not read"


def span(first: int, last: int) -> str:
    """``5`` or ``5–9``."""
    return str(first) if first == last else f"{first}–{last}"


def wish_text(book: Book, wish: "Wish", notices: Iterable[Notice]) -> str:
    """What the owner queued, in one line."""
    if wish.order in (DepositCheque.TYPE, RedeemCertificate.TYPE) and wish.asset:
        verb = "present cheque" if wish.order == DepositCheque.TYPE else "redeem certificate"
        return f"{verb} {wish.number} of {book.amount(wish.asset, wish.amount)}"
    if wish.order == SpendTo.TYPE and wish.asset:
        verb = f"pay {book.party(wish.party)}" if wish.party else "buy a certificate of"
        what = f"{verb} {book.amount(wish.asset, wish.amount)}"
        return f"{what}, until {spell_day(wish.until)}{comment(wish.text)}"
    if wish.order in (ConfirmReceipt.TYPE, DenyReceipt.TYPE):
        verb = "accept" if wish.order == ConfirmReceipt.TYPE else "deny"
        found = next((each for each in notices if each.notice == wish.number), None)
        what = f"{book.amount(found.asset, found.amount)} from {book.party(found.other)}, " if found else ""
        return f"{verb} {what}notice {wish.number}{comment(wish.text)}"
    if wish.order == IssueAsset.TYPE and wish.raw:
        return f"issue {contract_name(wish.raw)}"
    simple = {
        CreateAccount.TYPE: "open the account",
        CancelSpend.TYPE: f"take back spend {wish.number}",
        StopCheque.TYPE: f"close number {span(wish.number, wish.number + wish.amount - 1)}",
        GetQ.TYPE: "ask what waits",
        GetSequence.TYPE: f"order {wish.amount} numbers, good until {spell_day(wish.until)}",
    }
    return simple.get(wish.order, wish.order)


# --- notices and statements


_KINDS = {
    "receipt": "{what} from {who}, to accept or deny until {end}",
    "withdrawn": "{who} took back {what}",
    "closedspend": "{who} accepted {what}",
    "deniedspend": "{who} sent back {what}",
    "expiredspend": "{what} expired and comes back",
    "chequecleared": "cheque {number} of {what} was paid to {who}",
    "chequebounced": "cheque {number} of {what} bounced: your balance did not cover it when {who} presented it",
    "closedcertificate": "certificate {number} of {what} was redeemed by {who}",
    "recoveredcertificate": "you signed certificate {number} over twice: {what} made good to {who} from your balance",
    "lien": "you signed certificate {number} over twice: {what} is kept back for {who}",
    "creditedcertificate": "certificate {number} is made good after all: {what}",
}


def notice_text(book: Book, notice: Notice) -> str:
    """What a notice tells its party, in one line, with the words the other added."""
    what = book.amount(notice.asset, notice.amount)
    pattern = _KINDS.get(notice.kind, notice.kind + ": {what}, {who}")
    line = pattern.format(what=what, who=book.party(notice.other), end=spell_day(notice.until), number=notice.number)
    return line + comment(enclosed_comment(notice))


def enclosed_comment(notice: Notice) -> str:
    """What the other party wrote in the message that the notice contains."""
    from ledgerpost.errors import BadBytes
    from ledgerpost.sealed import read

    if notice.enclosed is None:
        return ""
    try:
        body = read(notice.enclosed).body
    except BadBytes:
        return ""
    return body[-1] if notice.kind in ("receipt", "deniedspend") and body and isinstance(body[-1], str) else ""


def statement_lines(book: Book, statement: Statement) -> list[str]:
    """A statement, line by line."""
    lines = [f"balance      {book.amount(*row)}" for row in statement.balances] or ["balance      nothing"]
    for block in statement.numbers:
        lines.append(f"open numbers {span(block.first, block.last)}, good until {spell_day(block.until)}")
    for spend in statement.outstanding:
        what = f"{book.amount(spend.asset, spend.amount)} to {payee_text(book, spend)}"
        lines.append(f"outstanding  number {spend.number}: {what}, until {spell_day(spend.until)}")
    taken = ", ".join(span(*each) for each in statement.taken)
    return [*lines, f"taken in     notice {taken}"] if taken else lines


def statement_row(book: Book, statement: Statement) -> dict[str, Any]:
    """A statement for ``--json``."""
    return {
        "seq": statement.seq,
        "balances": [book.row(*row) for row in statement.balances],
        "numbers": [{"first": each.first, "last": each.last, "until": each.until} for each in statement.numbers],
        "outstanding": [
            {
                "number": each.number,
                "payee": each.payee and spell_fingerprint(each.payee),
                "until": each.until,
                **book.row(each.asset, each.amount),
            }
            for each in statement.outstanding
        ],
        "taken": [{"first": each.first, "last": each.last} for each in statement.taken],
    }


def payee_text(book: Book, spend: Spend) -> str:
    """Whom a spend pays, or that it is a certificate."""
    return "whoever holds the certificate" if spend.payee is None else book.party(spend.payee)


def result_text(code: Refusal) -> str:
    """What became of an order."""
    return "done" if code is Refusal.DONE else f"refused: {code.sentence}"


def contract_lines(contract: Contract) -> list[str]:
    """What a contract says, head first, all of it made printable line by line."""
    head = contract.head
    most = spell_amount(head.limit, head.decimals)
    lines = [f"name     {printable(head.name)}", f"unit     {printable(head.unit)}, {head.decimals} decimals"]
    words = [printable(line, 1000) for line in contract.text.split("\n")[6:]]
    return [*lines, f"at most  {most} {printable(head.unit)}", *(f"  | {line}" for line in words if line)]
