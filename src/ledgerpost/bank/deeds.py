"""What lost letters did to others, made good again: once, and only where the other's books show that it is missing.

A *deed* is what a settled party did to another in the lost time; it is done again when that other is settled too, if
its statement lacks it. What is *owed* is the other way round: a notice of the bank's shows that somebody's order was
done, and that one's receipt never came; so its letter, when it comes again, is carried out without asking again (L11).
"""

from collections.abc import Iterator, Mapping
from typing import Final

from ledgerpost.bank.adoption import take_back
from ledgerpost.bank.books import Books
from ledgerpost.bank.brought import ORDERS
from ledgerpost.bank.keys import DEEDS, deed_key
from ledgerpost.bank.owed import UNKNOWN, keep, keep_bounced, key_of
from ledgerpost.bank.page import Page
from ledgerpost.bank.records import DeedRecord, read_record, write_record
from ledgerpost.errors import BadBytes
from ledgerpost.papers import notice as n
from ledgerpost.papers.beside import identity_of_part
from ledgerpost.papers.cancelspend import CancelSpend
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.confirmreceipt import ConfirmReceipt
from ledgerpost.papers.createaccount import CreateAccount
from ledgerpost.papers.declaration import Declaration
from ledgerpost.papers.denyreceipt import DenyReceipt
from ledgerpost.papers.instrument import (
    check_chain,
    in_date,
    is_instrument,
    paper_of,
    read_instrument,
)
from ledgerpost.papers.kinds import Pending, Presented, Waiting
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.order import Order
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.sealed import trusted
from ledgerpost.statement import Spend
from ledgerpost.terms import Fingerprint

_Ends = ConfirmReceipt | DenyReceipt | CreateAccount
_ENDS: Final[Mapping[str, type[_Ends]]] = {kind.TYPE: kind for kind in (ConfirmReceipt, DenyReceipt, CreateAccount)}
"""Orders of a payee by which spends have come to an end."""


def note(books: Books, page: Page, other: Fingerprint, raw: bytes) -> None:
    """Keep what this party did to another until that one is settled."""
    record = DeedRecord(page.fingerprint, page.key, raw)
    books.put(deed_key(other, identity_of_part(raw)), write_record(record))


def take_due(books: Books, page: Page, order: Order, raw: bytes) -> None:
    """It is done once; of the others, only a spender may still have to hear of it."""
    key = key_of(page.fingerprint, order, raw)
    if key is not None and books.raw(key) is not None:
        books.put(key, None)
    if isinstance(order, ConfirmReceipt | DenyReceipt):
        if page.waits(order.notice):
            page.drop(order.notice)
        spender = books.page(order.spender)
        if spender is not None and not _end(books, spender, order, DeedRecord(page.fingerprint, page.key, raw)):
            note(books, page, order.spender, raw)


# --- deeds


def do_deeds(books: Books, page: Page) -> None:
    """Make good what others did to this party and its statement lacks; it must be settled, or given up."""
    if books.restore is None:
        return
    for key, raw in sorted(books.under(DEEDS + page.fingerprint).items()):
        if _do(books, page, read_record(DeedRecord, raw, key)):
            books.put(key, None)


def _do(books: Books, page: Page, deed: DeedRecord) -> bool:
    """Whether the deed is done with."""
    if is_instrument(deed.raw):
        _charge(books, page, deed)
        return True
    sealed = trusted(deed.raw)
    if sealed.type == Notice.TYPE:
        _tell_again(books, page, Notice.read(sealed.body), deed.raw)
        return True
    order = ORDERS[sealed.type].read(sealed.body)
    if isinstance(order, SpendTo):
        return spend_again(books, page, order, deed)
    if isinstance(order, CancelSpend):
        _withdraw(books, page, order, deed)
        return True
    return _end(books, page, order, deed)


def _end(books: Books, page: Page, order: _Ends, deed: DeedRecord) -> bool:
    """Tell the spender that its spends were taken, or sent back; False while one of them is still to come."""
    kind = n.DENIED if isinstance(order, DenyReceipt) else n.CLOSED
    mine = [said for said in _ended(order) if said.spender == page.fingerprint]
    for said in mine:
        _close(books, page, said, kind, deed)
    return not any(_is_to_come(page, said.number) for said in mine)


def _ended(order: _Ends) -> tuple[Waiting, ...]:
    """The spends that the order took, or sent back."""
    if isinstance(order, CreateAccount):
        return order.waiting
    return (Waiting(order.spender, order.number, order.asset, order.amount),)


def _close(books: Books, page: Page, said: Waiting, kind: str, deed: DeedRecord) -> None:
    """The spender was never told: just the spend that the order names."""
    spend = page.statement.spend_to(deed.party, *said[1:])
    if spend is not None and is_open_at(page, said.number):
        about = Pending(0, kind, deed.party, spend.number, spend.asset, spend.amount, spend.until)
        books.notify(page, about, deed.raw, deed.key)


def _is_to_come(spender: Page, number: int) -> bool:
    """Whether the receipt with this spend is lost, and its letter has not come again: the number was never used."""
    state = spender.statement
    return number > state.highest or state.block_of(number) is not None


def is_taken(books: Books, spender: Page, order: Order) -> bool:
    """Whether the payee's own word shows that this spend was made before: it was taken, or sent back (R6)."""
    if books.restore is None or not isinstance(order, SpendTo):
        return False
    said = Waiting(spender.fingerprint, order.number, order.asset, order.amount)
    return any(deed.party == order.payee and said in _ended(ends) for deed, ends in _waiting_ends(books, spender))


def _waiting_ends(books: Books, spender: Page) -> Iterator[tuple[DeedRecord, _Ends]]:
    for key, raw in books.under(DEEDS + spender.fingerprint).items():
        deed = read_record(DeedRecord, raw, key)
        sealed = None if is_instrument(deed.raw) else trusted(deed.raw)
        if sealed is not None and sealed.type in _ENDS:
            yield deed, _ENDS[sealed.type].read(sealed.body)


def hear_later(books: Books, payee: Page, spender: Fingerprint, number: int, raw: bytes) -> None:
    """The payee ends a spend that it was told of and that its spender lacks: if that comes again, it hears of it."""
    page = books.page(spender)
    if books.restore is not None and page is not None and _is_to_come(page, number):
        note(books, payee, spender, raw)


def tell_collected(books: Books, payee: Page, said: Waiting, raw: bytes) -> None:
    """Who opens an account took this spend in by it: its spender is told, or hears of it when the spend comes again."""
    spender = books.page(said.spender)
    if spender is not None:
        _close(books, spender, said, n.CLOSED, DeedRecord(payee.fingerprint, payee.key, raw))
        hear_later(books, payee, said.spender, said.number, raw)


def is_open_at(spender: Page, number: int) -> bool:
    """Whether its spend is outstanding there, and no closing of it waits."""
    return spender.statement.spend(number) is not None and not spender.find(number, None, *n.CLOSING)


def _withdraw(books: Books, page: Page, order: CancelSpend, deed: DeedRecord) -> None:
    """The payee was never told that the spend was taken back."""
    waits = page.find(order.number, deed.party, n.RECEIPT, units=(order.asset, order.amount))
    if waits is not None and order.payee == page.fingerprint:
        page.drop(waits.notice)
        books.notify(page, waits._replace(kind=n.WITHDRAWN, earlier=waits.notice), deed.raw, deed.key)


def spend_of(order: SpendTo) -> Spend:
    """As it is outstanding."""
    return Spend(order.number, order.payee, order.asset, order.amount, order.until)


def _is_new(books: Books, spender: Fingerprint, order: SpendTo) -> bool:
    """Whether the spend was made after the restore."""
    settled = books.settled(spender)
    return settled is not None and order.seq > Declaration.read(trusted(settled.declaration).body).seq


def spend_again(books: Books, page: Page, order: SpendTo, deed: DeedRecord) -> bool:
    """The payee never got the spend: by its own receipt it waits still, or the payee was not told since the backup.

    Else it may have taken the spend, and the audit names it.
    """
    spender = books.page(deed.party)
    spend = spender.statement.spend(order.number) if spender else None
    if spender is None or spend is None or spend != spend_of(order) or spend.payee != page.fingerprint:
        return True
    if spender.find(order.number, None, *n.CLOSING) or page.find(order.number, deed.party, n.RECEIPT, n.WITHDRAWN):
        return True
    receipt = Receipt.read(trusted(page.receipt).body) if page.receipt else None
    listed = receipt and any((each.kind, each.number) == (n.RECEIPT, order.number) for each in receipt.pending)
    unheard = receipt is None or (books.restore is not None and receipt.time <= books.restore.first)
    if listed or unheard or _is_new(books, deed.party, order):
        about = Pending(0, n.RECEIPT, deed.party, order.number, order.asset, order.amount, order.until)
        books.notify(page, about, deed.raw, deed.key)
    return True


def _tell_again(books: Books, page: Page, notice: Notice, raw: bytes) -> None:
    """A bounce that its drawer never heard of stands as evidence beside another's receipt."""
    before = books.kept(page.fingerprint, notice.number)
    if before is None or before.bounced is None:
        keep_bounced(books, notice, raw)
        if _may_wait(books, page, notice):
            take_back(books, page, notice, raw)


def _may_wait(books: Books, page: Page, notice: Notice) -> bool:
    """Not one that the party's receipt counts and does not list: that is over, but where the party declared otherwise.

    After two losses it may be void by a declaration for the first, which counts no more.
    """
    receipt = Receipt.read(trusted(page.receipt).body) if page.receipt else None
    settled = books.settled(page.fingerprint)
    said = Declaration.read(trusted(settled.declaration).body) if settled else None
    counted = said.highest if said else receipt.highest if receipt else 0
    listed = receipt is not None and any(waits.notice == notice.notice for waits in receipt.pending)
    return listed or notice.notice > counted or bool(said and notice.notice in said.lacking)


def _charge(books: Books, page: Page, deed: DeedRecord) -> None:
    """The drawer, or buyer, was never told that its instrument was paid. Past its end a cheque is charged no more.

    Its drawer is charged whatever it has now: when the cheque was paid there was enough, and what was spent again since
    the restore is owed. Nobody is paid its own cheque, so whoever brings one as paid lies.
    """
    instrument = read_instrument(deed.raw)
    paper = paper_of(instrument.body)
    certificate = isinstance(paper, Certificate)
    try:
        check_chain(instrument, books.signer.key if certificate else page.key, books.bank)
    except BadBytes:
        return
    if certificate:
        spend = page.statement.spend_to(None, paper.number, paper.asset, paper.amount)
        lacks = spend is not None and not page.find(paper.number, None, *n.CLOSING)
    else:
        block = page.statement.block_of(paper.number)
        # before its start nobody was paid: whoever brings such a cheque as paid lies
        lacks = block is not None and in_date(paper, books.now) and books.now <= block.until
        lacks = lacks and page.find(paper.number, None, *n.ON_NUMBERS) is None and deed.party != page.fingerprint
    before = books.kept(page.fingerprint, paper.number)
    if not lacks or (before and any(each.paid for each in before.presented)):
        return
    kind = n.REDEEMED if certificate else n.CLEARED
    about = Pending(0, kind, deed.party, paper.number, paper.asset, paper.amount, paper.until)
    books.notify(page, about, deed.raw, deed.key)
    keep(books, page.fingerprint, Presented(deed.raw, UNKNOWN, deed.party, paid=True))
