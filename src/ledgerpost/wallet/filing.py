"""What a wallet keeps of what it read, and what it lets go (T1, B4)."""

from dataclasses import replace
from typing import Final

from ledgerpost.errors import Refusal
from ledgerpost.papers import notice as n
from ledgerpost.papers.agreement import Answered
from ledgerpost.papers.cancelspend import CancelSpend
from ledgerpost.papers.confirmreceipt import ConfirmReceipt
from ledgerpost.papers.createaccount import CreateAccount
from ledgerpost.papers.denyreceipt import DenyReceipt
from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.getsequence import GetSequence
from ledgerpost.papers.instrument import (
    Instrument,
    identity_of_body,
    read_instrument,
    read_instruments,
)
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.receipt import Result
from ledgerpost.papers.redeemcertificate import RedeemCertificate
from ledgerpost.papers.sequence import Sequence
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.papers.stopcheque import StopCheque
from ledgerpost.sealed import identity_of, is_message, read, trusted
from ledgerpost.statement import Statement
from ledgerpost.terms import MAX_INT, Digest, Moment
from ledgerpost.wallet.account import HELD, PAID, PRESENTABLE, REFUSED, Account, Item, Said, Wish


def file(account: Account, new: tuple[Answered, ...]) -> Account:
    """Chequebooks, certificates and what became of instruments presented, from the letters newly answered."""
    books, items, said = list(account.books), dict(account.items), dict(account.said)
    grounds = _grounds(account)
    for each in new:
        for written, result in zip(each.written, each.results, strict=True):
            part = account.parts.get(result.part) if result.part else None
            order = written.order
            if part is not None and isinstance(order, GetSequence) and part not in books:
                books.append(part)
            elif part is not None and isinstance(order, SpendTo) and not result.code:
                item = Item(Instrument(part).encode(), HELD, order.until)
                items.setdefault(identity_of_body(part), item)
            elif isinstance(order, DepositCheque | RedeemCertificate):
                _note(items, order, result, grounds if part is None else (*grounds, part))
            elif not result.code and isinstance(order, ConfirmReceipt | DenyReceipt | CancelSpend | CreateAccount):
                said[identity_of(read(written.raw))] = Said(_end(account, order), written.raw)
    return replace(account, books=tuple(books), items=items, said=said)


def _end(account: Account, order: ConfirmReceipt | DenyReceipt | CancelSpend | CreateAccount) -> Moment:
    """Until when it matters what was done to a spend; a party's card for ever.

    Not always known: another copy of this wallet may have written the spend, or taken in the notice (L9). Then as long
    as a spend can last: too long does no harm, and a bank that lost its store may ask for the order (L11, 12.7).
    """
    if isinstance(order, CreateAccount):
        return MAX_INT
    longest = min(account.time + account.conditions.spend_life, MAX_INT)
    if isinstance(order, CancelSpend):
        raw = account.signed.get(order.number)
        spend = None if raw is None else _spend_cancelled(raw, order)
        return longest if spend is None else spend.until
    raw = account.notices.get(order.notice)
    return longest if raw is None else Notice.read(trusted(raw).body).until


def _spend_cancelled(raw: bytes, order: CancelSpend) -> SpendTo | None:
    """The signed paper, if it is the spend that the order took back, and no cheque or other spend of this number.

    Two copies of a wallet draw on the same numbers: what the bank did may be the other copy's paper (L9).
    """
    sealed = trusted(raw)
    if sealed.type != SpendTo.TYPE:
        return None
    spend = SpendTo.read(sealed.body)
    return spend if (spend.payee, spend.asset, spend.amount) == (order.payee, order.asset, order.amount) else None


def _grounds(account: Account) -> tuple[bytes, ...]:
    """The receipt, and all it takes to retrace it: base, letters and their terms, but no other order's evidence.

    Else as many refusals in one receipt would be kept as often as they are many.
    """
    held = account.held
    named = {result.part for each in held.answers for result in each.results} if held else set()
    parts = (raw for identity, raw in account.parts.items() if identity not in named)
    terms = {read(raw).body[4] for raw in _letters_beside(account)}
    known = (raw for identity, raw in account.terms.items() if identity in terms)
    return (account.receipt or b"", *parts, *known)


def _note(
    items: dict[Digest, Item], order: DepositCheque | RedeemCertificate, result: Result, proof: tuple[bytes, ...]
) -> None:
    """Paid, or refused with the proof that a claim rests on (C2).

    Presented again and refused for another reason, such as its end, it keeps the proof of the refusal before (12.8).
    It is kept as it was presented: a restored wallet may hold it as it was before (L9).
    """
    identity = identity_of_body(order.signed)
    item = items.get(identity)
    if item is None:
        return
    if result.code in (Refusal.DONE, Refusal.PAID):
        items[identity] = item._replace(state=PAID, proof=())
    else:
        kept = item.proof and result.code not in _CLAIMS
        book = read_instrument(item.instrument).chequebook
        presented = replace(order.instrument, chequebook=book).encode()
        items[identity] = item._replace(instrument=presented, state=REFUSED, proof=item.proof if kept else proof)


_CLAIMS: Final = (Refusal.USED, Refusal.NUMBER, Refusal.FUNDS)
"""Refusals that may be claims against a drawer or holder."""


def credited(account: Account, arrived: tuple[Notice, ...]) -> Account:
    """Instruments whose refused redemption a lien has made good: nobody owes for them any more (B5)."""
    good = [each for each in arrived if each.kind == n.CREDITED]
    names = [identity_of_body(read_instruments(each.enclosed or b"")[1].body) for each in good]
    paid = {name: account.items[name]._replace(state=PAID, proof=()) for name in names if name in account.items}
    return replace(account, items={**account.items, **paid}) if paid else account


def pointless(account: Account) -> tuple[Wish, ...]:
    """Wishes that what was read has overtaken: nothing of them can be asked any more."""
    coming = account.coming
    closing = {each.number for each in account.waiting if each.kind in n.CLOSING}
    incoming = {each.notice for each in account.waiting if not coming.has_taken(each.notice)}
    return tuple(
        wish
        for wish in account.wishes
        if (wish.order == CancelSpend.TYPE and (wish.number in closing or coming.spend(wish.number) is None))
        or (wish.order in (ConfirmReceipt.TYPE, DenyReceipt.TYPE) and wish.number not in incoming)
        or (wish.order == StopCheque.TYPE and not coming.all_open(wish.number, wish.number + wish.amount - 1))
        or (wish.order in (DepositCheque.TYPE, RedeemCertificate.TYPE) and not _presentable(account, wish))
    )


def _presentable(account: Account, wish: Wish) -> bool:
    item = None if wish.raw is None else account.items.get(identity_of_body(wish.raw))
    return item is not None and item.state in PRESENTABLE


def forget(account: Account) -> Account:
    """Drop what is over: notices taken in, terms no letter names, signed spends past their end (T1)."""
    statement = account.statement
    grace = account.conditions.grace
    notices = {number: raw for number, raw in account.notices.items() if not statement.has_taken(number)}
    kept = {**account.kept, **{number: raw for number, raw in account.notices.items() if number not in notices}}
    kept = {number: raw for number, raw in kept.items() if _may_be_claimed(raw, account.time - grace)}
    items = {key: item for key, item in account.items.items() if account.time <= item.until + grace}
    said = {key: each for key, each in account.said.items() if account.time <= each.until + grace}
    books = tuple(raw for raw in account.books if _may_draw(raw, statement, account.time))
    named = {read(raw).body[4] for raw in (*account.letters, *_letters_beside(account))} | {account.current}
    signed = {
        number: raw
        for number, raw in account.signed.items()
        if account.time <= read(raw).body[6] + grace or statement.block_of(number)
    }  # while its number is open it is never drawn again: two cheques under one number are fraud (C3)
    terms = {identity: raw for identity, raw in account.terms.items() if identity in named}
    return replace(account, notices=notices, terms=terms, signed=signed, kept=kept, items=items, books=books, said=said)


def _may_draw(book: bytes, statement: Statement, now: Moment) -> bool:
    """Whether a chequebook has not ended and has a number that is open."""
    paper = Sequence.read(trusted(book).body)
    return now <= paper.until and any(a.first <= paper.last and paper.first <= a.last for a in statement.numbers)


def _may_be_claimed(raw: bytes, since: Moment) -> bool:
    notice = Notice.read(trusted(raw).body)
    return notice.kind in _KEPT and notice.until >= since


_KEPT: Final = (n.CLEARED, n.BOUNCED, n.RECOVERED, n.LIEN, n.CLOSED, n.DENIED, n.REDEEMED)
"""Notices of what another's order did: a claim may rest on them, or a bank may have lost it (B4, L11)."""


def _letters_beside(account: Account) -> list[bytes]:
    return [raw for raw in account.parts.values() if is_message(raw) and read(raw).type == "letter"]
