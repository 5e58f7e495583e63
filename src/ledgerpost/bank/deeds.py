"""What lost letters did to others, made good again: once, and only where the other's books show that it is missing.

A *deed* is what a settled party did to another in the lost time; it is done again when that other is settled too, if
its statement lacks it. What is *owed* is the other way round: a notice of the bank's shows that somebody's order was
done, and that one's receipt never came; so its letter, when it comes again, is carried out without asking again (L11).
"""

from hashlib import sha256

from ledgerpost.bank.adoption import take_back
from ledgerpost.bank.books import Books
from ledgerpost.bank.brought import DEEDS as ORDERS
from ledgerpost.bank.brought import Brought, drawer_of
from ledgerpost.bank.page import Page
from ledgerpost.bank.records import DEEDS, OWED, DeedRecord, Key, OwedRecord, deed_key, read_record, write_record
from ledgerpost.errors import BadBytes
from ledgerpost.papers import notice as n
from ledgerpost.papers.beside import identity_of_part
from ledgerpost.papers.cancelspend import CancelSpend
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.confirmreceipt import ConfirmReceipt
from ledgerpost.papers.createaccount import CreateAccount
from ledgerpost.papers.denyreceipt import DenyReceipt
from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.instrument import (
    check_chain,
    identity_of_body,
    is_instrument,
    paper_of,
    read_instrument,
    read_instruments,
    same,
)
from ledgerpost.papers.kinds import Kept, Pending, Presented
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.order import Order
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.redeemcertificate import RedeemCertificate
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.sealed import identity_of, read, trusted
from ledgerpost.terms import Digest, Fingerprint

UNKNOWN = Digest(bytes(32))
"""Stands for the letter by which an instrument was paid, where the bank has lost it."""

# --- learning


def learn(books: Books, page: Page, brought: Brought) -> None:
    """Keep what the party did to others, and what others did to it, until each is settled."""
    for sealed in brought.deeds:
        order = ORDERS[sealed.type].read(sealed.body)
        if order.seq <= page.statement.seq:
            for other in order.parties():
                _note(books, page, other, sealed.raw)
    for raw in brought.paid:
        _note(books, page, drawer_of(raw), raw)
    for notice, raw in brought.told():
        if notice.party == page.fingerprint:
            _owe(books, notice, raw)
        elif notice.kind == n.BOUNCED:
            _note(books, page, notice.party, raw)


def _note(books: Books, page: Page, other: Fingerprint, raw: bytes) -> None:
    record = DeedRecord(page.fingerprint, page.key, raw)
    books.put(deed_key(other, identity_of_part(raw)), write_record(record))


def owed_key(raw: bytes) -> Key:
    """Where it stands that an order was done: by the signed order, or by the chain that was presented."""
    if not is_instrument(raw):
        return OWED + identity_of(read(raw))
    instrument = read_instrument(raw)
    marks = (identity_of_body(instrument.body), *(each[:32] for each in instrument.endorsements))
    return OWED + sha256(b"".join(marks)).digest()


def _owe(books: Books, notice: Notice, raw: bytes) -> None:
    """A notice of the bank's to this party says that an order of another was done."""
    if notice.enclosed is None or notice.other is None:
        return
    enclosed = notice.enclosed
    if notice.kind in (n.CLEARED, n.REDEEMED):
        _keep(books, notice.party, Presented(enclosed, UNKNOWN, notice.other, paid=True))
    elif notice.kind == n.BOUNCED:
        _keep_bounced(books, notice, raw)
        return
    elif notice.kind in (n.RECOVERED, n.LIEN, n.CREDITED):
        enclosed = _keep_proof(books, notice)
    if notice.kind not in (n.LIEN, n.CREDITED):
        books.put(owed_key(enclosed), write_record(OwedRecord(notice.other, notice.time)))


def _keep_proof(books: Books, notice: Notice) -> bytes:
    """Both chains of a second redemption stand under the certificate's number; the second's bytes."""
    one, other = (each.encode() for each in read_instruments(notice.enclosed or b""))
    buyer = drawer_of(one)
    presenter = notice.party if notice.kind == n.CREDITED else notice.other or notice.party
    books.page(buyer)
    _keep(books, buyer, Presented(one, UNKNOWN, presenter, paid=True))
    _keep(books, buyer, Presented(other, UNKNOWN, presenter, paid=notice.kind != n.LIEN))
    return other


def _keep(books: Books, owner: Fingerprint, row: Presented) -> None:
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


def _keep_bounced(books: Books, notice: Notice, raw: bytes) -> None:
    before = books.kept(notice.party, notice.number) or Kept(0, (), None)
    until = max(before.until, notice.until)
    books.keep(notice.party, notice.number, Kept(until, before.presented, before.bounced or raw))


# --- what is owed


def is_due(books: Books, page: Page, order: Order, raw: bytes) -> bool:
    """Whether the bank carried this very order out after the receipt that the party goes on from (L11)."""
    key = _key_of(order, raw)
    stands = books.raw(key) if books.restore is not None and key else None
    if stands is None or key is None or books.restore is None:
        return False
    record = read_record(OwedRecord, stands, key)
    settled = books.settled(page.fingerprint)
    since = settled.time if settled else books.restore.first
    return record.party == page.fingerprint and record.time > since


def _key_of(order: Order, raw: bytes) -> Key | None:
    if isinstance(order, DepositCheque | RedeemCertificate):
        return owed_key(order.instrument.encode())
    return owed_key(raw) if order.SIGNED else None


def take_due(books: Books, page: Page, order: Order, raw: bytes) -> None:
    """It is done once; of the others, only a spender may still have to hear of it."""
    key = _key_of(order, raw)
    if key is not None:
        books.put(key, None)
    if isinstance(order, ConfirmReceipt | DenyReceipt):
        if page.waits(order.notice):
            page.drop(order.notice)
        spender = books.page(order.spender)
        if spender is not None:
            kind = n.CLOSED if isinstance(order, ConfirmReceipt) else n.DENIED
            _close(books, spender, order.number, kind, DeedRecord(page.fingerprint, page.key, raw))


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
        return _spend_again(books, page, order, deed)
    if isinstance(order, CancelSpend):
        _withdraw(books, page, order, deed)
    elif isinstance(order, CreateAccount):
        for each in order.waiting:
            if each.spender == page.fingerprint:
                _close(books, page, each.number, n.CLOSED, deed)
    else:
        _close(books, page, order.number, n.CLOSED if isinstance(order, ConfirmReceipt) else n.DENIED, deed)
    return True


def _close(books: Books, page: Page, number: int, kind: str, deed: DeedRecord) -> None:
    """The spender was never told that its spend was taken, or sent back."""
    spend = page.statement.spend(number)
    if spend is None or spend.payee != deed.party or not is_open_at(page, number):
        return
    about = Pending(0, kind, deed.party, number, spend.asset, spend.amount, spend.until)
    books.notify(page, about, deed.raw, deed.key)


def is_open_at(spender: Page, number: int) -> bool:
    """Whether its spend is outstanding there, and no closing of it waits."""
    return spender.statement.spend(number) is not None and not spender.find(number, None, *n.CLOSING)


def _withdraw(books: Books, page: Page, order: CancelSpend, deed: DeedRecord) -> None:
    """The payee was never told that the spend was taken back."""
    waits = page.find(order.number, deed.party, n.RECEIPT)
    if waits is not None:
        page.drop(waits.notice)
        books.notify(page, waits._replace(kind=n.WITHDRAWN, earlier=waits.notice), deed.raw, deed.key)


def _spend_again(books: Books, page: Page, order: SpendTo, deed: DeedRecord) -> bool:
    """The payee never got the spend: by its own receipt it waits still, or the payee was not told since the backup.

    Else it may have taken the spend, and the audit names it.
    """
    spender = books.page(deed.party)
    spend = spender.statement.spend(order.number) if spender else None
    if spender is None or spend is None or spend.payee != page.fingerprint:
        return True
    if spender.find(order.number, None, *n.CLOSING) or page.find(order.number, deed.party, n.RECEIPT, n.WITHDRAWN):
        return True
    receipt = Receipt.read(trusted(page.receipt).body) if page.receipt else None
    listed = receipt and any((each.kind, each.number) == (n.RECEIPT, order.number) for each in receipt.pending)
    unheard = receipt is None or (books.restore is not None and receipt.time <= books.restore.first)
    if listed or unheard:
        about = Pending(0, n.RECEIPT, deed.party, order.number, order.asset, order.amount, order.until)
        books.notify(page, about, deed.raw, deed.key)
    return True


def _tell_again(books: Books, page: Page, notice: Notice, raw: bytes) -> None:
    """A bounce that its drawer never heard of stands as evidence beside another's receipt."""
    before = books.kept(page.fingerprint, notice.number)
    if before is None or before.bounced is None:
        _keep_bounced(books, notice, raw)
        take_back(books, page, notice, raw)


def _charge(books: Books, page: Page, deed: DeedRecord) -> None:
    """The drawer, or buyer, was never told that its instrument was paid."""
    instrument = read_instrument(deed.raw)
    paper = paper_of(instrument.body)
    certificate = isinstance(paper, Certificate)
    try:
        check_chain(instrument, books.signer.key if certificate else page.key, books.bank)
    except BadBytes:
        return
    if certificate:
        spend = page.statement.spend(paper.number)
        lacks = spend is not None and spend.payee is None and not page.find(paper.number, None, *n.CLOSING)
    else:
        lacks = page.statement.block_of(paper.number) is not None
        lacks = lacks and page.find(paper.number, None, *n.ON_NUMBERS) is None
    before = books.kept(page.fingerprint, paper.number)
    if not lacks or (before and any(each.paid for each in before.presented)):
        return
    kind = n.REDEEMED if certificate else n.CLEARED
    about = Pending(0, kind, deed.party, paper.number, paper.asset, paper.amount, paper.until)
    books.notify(page, about, deed.raw, deed.key)
    _keep(books, page.fingerprint, Presented(deed.raw, UNKNOWN, deed.party, paid=True))
