"""What is owed to those whose answers are lost: a notice to another shows that the bank did what they ordered (L11).

Such an order, when it comes again, is done without being asked about; such an instrument stands as paid. Once.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from ledgerpost.bank.books import Books
from ledgerpost.bank.brought import drawer_of
from ledgerpost.bank.keys import OWED, Key
from ledgerpost.bank.page import Page
from ledgerpost.bank.records import OwedRecord, read_record, write_record
from ledgerpost.errors import Refusal
from ledgerpost.papers import notice as n
from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.instrument import (
    identity_of_body,
    is_instrument,
    paper_of,
    read_instrument,
    read_instruments,
    same,
)
from ledgerpost.papers.kinds import Kept, Presented
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.order import Order
from ledgerpost.papers.orders import read_orders
from ledgerpost.papers.redeemcertificate import RedeemCertificate
from ledgerpost.sealed import identity_of, read, trusted
from ledgerpost.terms import Digest, Fingerprint, Moment

UNKNOWN = Digest(bytes(32))
"""Stands for the letter by which an instrument was paid, where the bank has lost it."""
HAD: Final[Moment] = 0
"""Stands for the time at which an instrument was paid, where its presenter has that: it is due no more."""


def owed_key(party: Fingerprint, raw: bytes) -> Key:
    """Where it stands that the party's order was done: by the signed order, or by the chain that was presented."""
    if not is_instrument(raw):
        return OWED + party + identity_of(read(raw))
    instrument = read_instrument(raw)
    marks = (identity_of_body(instrument.body), *(each[:32] for each in instrument.endorsements))
    return OWED + party + sha256(b"".join(marks)).digest()


def owe(books: Books, notice: Notice, raw: bytes) -> None:
    """A notice of the bank's to this party says that an order of another was done."""
    if notice.enclosed is None or notice.other is None:
        return
    enclosed = notice.enclosed
    if notice.kind in (n.CLEARED, n.REDEEMED):
        keep(books, notice.party, Presented(enclosed, UNKNOWN, notice.other, paid=True))
    elif notice.kind == n.BOUNCED:
        keep_bounced(books, notice, raw)
        return
    elif notice.kind in (n.RECOVERED, n.LIEN, n.CREDITED):
        enclosed = _keep_proof(books, notice)
    if notice.kind not in (n.LIEN, n.CREDITED):
        settled, key = books.settled(notice.other), owed_key(notice.other, enclosed)
        if settled is None or (settled.time <= notice.time and books.raw(key) is None):
            books.put(key, write_record(OwedRecord(notice.time)))


def drop_paid(books: Books, page: Page, since: Moment) -> None:
    """What was done before the receipt that the party goes on from, it has had; and what letters beside it did.

    The bank may sign two receipts in one second, and the times do not tell which of them an instrument was paid by.
    """
    for key, raw in books.under(OWED + page.fingerprint).items():
        if read_record(OwedRecord, raw, key).time < since:
            books.put(key, None)
    for key in _paid_beside(page):
        books.put(key, write_record(OwedRecord(HAD)))


def _paid_beside(page: Page) -> Iterator[Key]:
    """By the instruments of the letters beside the receipt. A signed order names its letter, which comes no more."""
    for each in page.answers:
        written = read_orders(Letter.read(trusted(page.parts[each.letter]).body), page.key)
        for one, result in zip(written, each.results, strict=True):
            if result.code is Refusal.DONE and isinstance(one.order, DepositCheque | RedeemCertificate):
                yield owed_key(page.fingerprint, one.order.instrument.encode())


def _keep_proof(books: Books, notice: Notice) -> bytes:
    """Both chains of a second redemption stand under the certificate's number; the second's bytes."""
    one, other = (each.encode() for each in read_instruments(notice.enclosed or b""))
    buyer = drawer_of(one)
    presenter = notice.party if notice.kind == n.CREDITED else notice.other or notice.party
    books.page(buyer)  # what is kept under its numbers is held with its account
    keep(books, buyer, Presented(one, UNKNOWN, presenter, paid=True))
    keep(books, buyer, Presented(other, UNKNOWN, presenter, paid=notice.kind != n.LIEN))
    return other


def keep(books: Books, owner: Fingerprint, row: Presented) -> None:
    """The instrument stands as presented under its number again, and as paid if it was (B4)."""
    paper = paper_of(read_instrument(row.instrument).body)
    before = books.kept(owner, paper.number) or Kept(0, (), None)
    rows = list(before.presented)
    mine = read_instrument(row.instrument)
    at = next((at for at, each in enumerate(rows) if same(read_instrument(each.instrument), mine)), None)
    if at is None:
        rows.append(row)
    elif row.paid and not rows[at].paid:
        rows[at] = row
    kept = Kept(max(before.until, paper.until), tuple(rows), before.bounced)
    books.keep(owner, paper.number, kept)


def keep_bounced(books: Books, notice: Notice, raw: bytes) -> None:
    """The drawer hears of a bounce once for a number, and did (C2)."""
    before = books.kept(notice.party, notice.number) or Kept(0, (), None)
    until = max(before.until, notice.until)
    books.keep(notice.party, notice.number, Kept(until, before.presented, before.bounced or raw))


def is_due(books: Books, page: Page, order: Order, raw: bytes) -> bool:
    """Whether the bank carried this very order out, and the receipt that the party goes on from lacks it (L11)."""
    if books.restore is None:  # before the key: its digest costs as much as the rules do
        return False
    key = key_of(page.fingerprint, order, raw)
    stands = books.raw(key) if key else None
    if stands is None or key is None:
        return False
    record = read_record(OwedRecord, stands, key)
    settled = books.settled(page.fingerprint)
    return record.time >= settled.time if settled else record.time > books.restore.first


def key_of(party: Fingerprint, order: Order, raw: bytes) -> Key | None:
    """Where it would stand that this order was done; None for one that does nothing to others."""
    if isinstance(order, DepositCheque | RedeemCertificate):
        return owed_key(party, order.instrument.encode())
    return owed_key(party, raw) if order.SIGNED else None
