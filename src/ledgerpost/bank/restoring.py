"""A bank that lost its store and goes on from a backup: what it takes from each party, and what it waits for (L11, T4).

Nothing is decided about a party before it came, or the time for it is over. What it brings is adopted once. Pure.
"""

from collections.abc import Iterator

from ledgerpost.bank.adoption import adopt
from ledgerpost.bank.books import Books
from ledgerpost.bank.deeds import do_deeds
from ledgerpost.bank.keys import SETTLED
from ledgerpost.bank.learning import collect, learn
from ledgerpost.bank.owed import drop_paid
from ledgerpost.bank.prepare import Prepared, Received
from ledgerpost.bank.records import MAX_EARLIER, MAX_EARLIER_SIZE, SettledRecord, write_record
from ledgerpost.errors import LedgerpostError, Refusal
from ledgerpost.papers.cancelspend import CancelSpend
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.restoring import Restoring
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.sealed import trusted
from ledgerpost.terms import Fingerprint


def settle(books: Books, prepared: Prepared) -> str:
    """Take what a party brings, if it is waited for; why not, or nothing (L11)."""
    brought, restore = prepared.brought, books.restore
    if brought is None or restore is None or not books.is_missing(prepared.party):
        return ""
    said = brought.declaration
    if (said.question.first, said.question.last) != (restore.first, restore.last):
        return "what it declares is about another restore"
    page = books.page(prepared.party) or books.blank(prepared.key)
    try:
        adopt(books, page, brought, restore)
    except LedgerpostError as error:
        return error.what
    since = Receipt.read(trusted(page.receipt).body).time if page.receipt else restore.first
    settled = SettledRecord(restore.last, since, brought.raw, room_for(books.words(page.fingerprint)))
    books.put(SETTLED + page.fingerprint, write_record(settled))
    drop_paid(books, page, since)
    learn(books, page, brought)
    for party in dict.fromkeys((page.fingerprint, *brought.touches())):
        come_again(books, party)
    if page.card:
        collect(books, page, brought)
    return ""


def room_for(words: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """As many of the party's earlier declarations as a record has room for, the newest first."""
    kept, size = 0, 0
    while kept < min(len(words), MAX_EARLIER) and size + len(words[kept]) <= MAX_EARLIER_SIZE:
        size += len(words[kept])
        kept += 1
    return words[:kept]


def come_again(books: Books, party: Fingerprint) -> None:
    """Make good what others did to the party, if it is settled or given up."""
    if books.restore is not None and not books.is_missing(party):
        page = books.page(party)
        if page is not None:
            do_deeds(books, page)


def ask(books: Books, party: Fingerprint) -> tuple[bytes, ...]:
    """What goes to a party that is waited for, besides its stored receipt."""
    if books.restore is None or not books.is_missing(party):
        return ()
    paper = Restoring(books.bank, party, books.restore.first, books.restore.last)
    return (paper.sign(books.signer),)


def waits_for(books: Books, received: Received) -> Fingerprint | None:
    """A party that this letter's orders would decide about, and that did not come yet."""
    if not books.restoring:
        return None
    return next((party for party in _concerned(books, received) if books.is_missing(party)), None)


def _concerned(books: Books, received: Received) -> Iterator[Fingerprint]:
    """A payee without an account hears nothing yet, and finds the spend when it opens one."""
    for written in received.written:
        if isinstance(written.order, Refusal):
            continue
        for party in written.order.parties():
            unheard = isinstance(written.order, SpendTo | CancelSpend) and books.page(party) is None
            if party != books.bank and not unheard:
                yield party


def others_come_again(books: Books, received: Received) -> None:
    """The same for everybody whom the letter's orders are about."""
    if books.restore is None:
        return
    for written in received.written:
        if not isinstance(written.order, Refusal):
            for party in written.order.parties():
                come_again(books, party)
