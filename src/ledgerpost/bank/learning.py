"""What a party that comes after a loss tells of others: what it did to them, and what they did to it (L11).

Kept as *deeds* until each of them is settled, and as what is *owed* until its letter comes again.
"""

from ledgerpost.bank.books import Books
from ledgerpost.bank.brought import ORDERS, Brought, drawer_of
from ledgerpost.bank.deeds import is_open_at, note, spend_again, spend_of
from ledgerpost.bank.owed import owe
from ledgerpost.bank.page import Page
from ledgerpost.bank.records import DeedRecord, WaitingRecord
from ledgerpost.papers import notice as n
from ledgerpost.papers.cancelspend import CancelSpend
from ledgerpost.papers.confirmreceipt import ConfirmReceipt
from ledgerpost.papers.createaccount import CreateAccount
from ledgerpost.papers.denyreceipt import DenyReceipt
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.sealed import trusted


def learn(books: Books, page: Page, brought: Brought) -> None:
    """Keep what the party did to others, and what others did to it, until each is settled."""
    for sealed in brought.deeds:
        order = ORDERS[sealed.type].read(sealed.body)
        if order.seq <= page.statement.seq:
            for other in order.parties():
                if isinstance(order, SpendTo) and books.page(other) is None:
                    _leave_waiting(books, page, order, sealed.raw)
                    continue
                if isinstance(order, CancelSpend) and books.page(other) is None:
                    _wait_no_more(books, page, order)
                note(books, page, other, sealed.raw)
    for raw in brought.paid:
        note(books, page, drawer_of(raw), raw)
    for notice, raw in brought.told():
        if books.restore is None or not books.restore.first < notice.time <= books.restore.last:
            continue  # the backup knows it
        if notice.party == page.fingerprint:
            owe(books, notice, raw)
        elif notice.kind == n.BOUNCED:
            note(books, page, notice.party, raw)


def _leave_waiting(books: Books, page: Page, order: SpendTo, raw: bytes) -> None:
    """A spend to a fingerprint without account waits for it again, if it is still outstanding (O3)."""
    spend = page.statement.spend(order.number)
    if spend is None or spend.payee is None or spend != spend_of(order) or not is_open_at(page, order.number):
        return
    record = WaitingRecord(raw, page.key, order.asset, order.amount, order.until)
    books.keep_waiting(spend.payee, page.fingerprint, order.number, record)


def _wait_no_more(books: Books, page: Page, order: CancelSpend) -> None:
    """A spend that its spender has back waits for nobody, whatever the backup says: whoever opens could have it too.

    Just that spend: another may wait on the same number, if it was given again after a loss.
    """
    units = (order.asset, order.amount)
    record = books.waiting(order.payee, page.fingerprint, order.number)
    outstanding = page.statement.spend_to(order.payee, order.number, *units)
    if record is not None and (record.asset, record.amount) == units and outstanding is None:
        books.drop_waiting(order.payee, page.fingerprint, order.number)


def collect(books: Books, page: Page, brought: Brought) -> None:
    """Spends that wait for a fingerprint whose account was opened in the lost time: it may have had them."""
    orders = [ORDERS[each.type].read(each.body) for each in brought.deeds]
    had = {(each.spender, each.number) for each in orders if isinstance(each, ConfirmReceipt | DenyReceipt)}
    had |= {(one.spender, one.number) for each in orders if isinstance(each, CreateAccount) for one in each.waiting}
    for spender, number, record in list(books.all_waiting(page.fingerprint)):
        books.drop_waiting(page.fingerprint, spender, number)
        order = SpendTo.read(trusted(record.spend).body)
        deed = DeedRecord(spender, record.key, record.spend)
        if (spender, number) not in had:
            spend_again(books, page, order, deed)
