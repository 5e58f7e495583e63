"""Adopting a receipt that the bank signed and has lost, and taking its notices back (L11). Pure.

The receipt must be the bank's own, newer than what the backup holds, from the time that was lost, and retrace; what
waits for the party is then what that receipt lists, and what was made after it.
"""

from typing import Final

from ledgerpost.bank.books import Books
from ledgerpost.bank.brought import Brought
from ledgerpost.bank.founding import terms_back
from ledgerpost.bank.keys import BANK, terms_key
from ledgerpost.bank.page import Page
from ledgerpost.bank.records import AssetRecord, BankRecord, RestoreRecord, TermsRecord, read_record, write_record
from ledgerpost.envelope import MAX_ENVELOPE
from ledgerpost.errors import Refusal, WrongShape
from ledgerpost.papers import notice as n
from ledgerpost.papers.agreement import Retraced, retrace
from ledgerpost.papers.beside import beside
from ledgerpost.papers.contract import open_contract
from ledgerpost.papers.createaccount import CreateAccount
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.order import Order
from ledgerpost.papers.orders import fee_of
from ledgerpost.papers.proof import can_be_taken
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.terms import Terms
from ledgerpost.sealed import trusted
from ledgerpost.terms import Digest

_FULL: Final = MAX_ENVELOPE * 3 // 4
"""Bytes brought from which on more may be held than an envelope has room for."""


def adopt(books: Books, page: Page, brought: Brought, restore: RestoreRecord) -> None:
    """Go on from the receipt brought, if it is ahead; and let wait again what waited. Raises LedgerpostError."""
    said = brought.declaration
    ahead = said.seq > page.statement.seq
    learn_terms(books, brought, restore)
    receipt = _receipt(books, page, brought, restore) if ahead else None
    known = receipt or (Receipt.read(trusted(page.receipt).body) if page.receipt else None)
    if said.highest > (known.highest if known else 0):  # what is not void, and nobody brings, would convict the bank
        raise WrongShape("the party declares more notices than its receipt counts")
    if not brought.parts.keys() >= {*said.held} and sum(map(len, brought.parts.values())) < _FULL:
        raise WrongShape("a notice that the party declares to hold did not come along")
    if receipt is not None:
        _go_on(books, page, brought, receipt)
    _assets(books, page, brought)
    _take_back(books, page, brought, restore)
    page.touched = page.touched or ahead


def _receipt(books: Books, page: Page, brought: Brought, restore: RestoreRecord) -> Receipt:
    if brought.receipt is None:
        raise WrongShape("the newest receipt that the party declares did not come along")
    receipt = Receipt.of(brought.receipt, books.bank)
    if receipt.party != page.fingerprint:
        raise WrongShape("the receipt brought is another party's")
    if not restore.first <= receipt.time <= restore.last:
        raise WrongShape("the receipt brought is not from between the backup and the restore")
    return receipt


def _go_on(books: Books, page: Page, brought: Brought, receipt: Receipt) -> None:
    retraced = retrace(receipt, brought.parts, page.key, lambda identity: _terms(books, identity))
    if retraced.statement.seq != brought.declaration.seq:
        raise WrongShape("the receipt brought has another sequence than the party declares")
    if not page.card:
        _open(books, page, brought)
    for asset, fees in _fees(books, page.statement.seq, retraced).items():
        page.fees[asset] = page.fees.get(asset, 0) + fees
    page.receipt = brought.receipt.raw if brought.receipt else b""
    page.statement, page.raw, page.base = retraced.statement, receipt.statement, receipt.base
    page.parts = beside(receipt, brought.parts)
    page.base_raw = page.parts.get(receipt.base.statement, receipt.statement)
    page.answers = receipt.answers
    page.seen = max(page.seen, *(min(each.letter.seen.seq, each.letter.seq - 1) for each in retraced.answered))
    page.highest = max(page.highest, receipt.highest)
    listed = {waits.notice for waits in receipt.pending}
    for each in tuple(page.pending):
        if each.notice <= receipt.highest and each.notice not in listed:
            page.drop(each.notice)


def _open(books: Books, page: Page, brought: Brought) -> None:
    """An account that was opened in the time that was lost."""
    card = next((each.raw for each in brought.deeds if each.type == CreateAccount.TYPE), None)
    if card is None or CreateAccount.read(trusted(card).body).key != page.key:
        raise WrongShape("the bank does not know this party, and the letter that opened its account did not come along")
    page.card = card
    books.opened(page)


def _fees(books: Books, known: int, retraced: Retraced) -> dict[Digest, int]:
    """Paid with letters that the backup does not know and that stand beside the receipt; of others nothing is known."""
    fees: dict[Digest, int] = {}
    for each in retraced.answered:
        terms = _terms(books, each.letter.terms)
        if each.letter.seq <= known or terms is None or terms.token is None:
            continue
        for written, result in zip(each.written, each.results, strict=True):
            if result.code is Refusal.DONE and isinstance(written.order, Order):
                fees[terms.token] = fees.get(terms.token, 0) + fee_of(written.order, terms)
    return {asset: units for asset, units in fees.items() if units}


# --- terms and contracts


def _terms(books: Books, identity: Digest) -> Terms | None:
    """Terms that the bank signed, whether they hold or not."""
    for raw in books.signed_terms(identity):
        return Terms.read(trusted(raw).body)
    return None


def learn_terms(books: Books, brought: Brought, restore: RestoreRecord) -> None:
    """Terms from the lost time: the newest of all are in force again, others count as superseded at the restore."""
    for sealed in brought.terms:
        if not books.signed_terms(sealed.identity):
            terms = Terms.of(sealed, books.bank)
            books.put(terms_key(sealed.identity), write_record(TermsRecord(sealed.raw, max(restore.last, 1))))
            bank = read_record(BankRecord, books.raw(BANK) or b"", BANK)
            known = _terms(books, bank.terms)
            if known is not None and terms.serial > known.serial:
                for key, raw in terms_back(books.signer, bank, sealed, restore.last, books.signed_terms(bank.terms)[0]):
                    books.put(key, raw)


def _assets(books: Books, page: Page, brought: Brought) -> None:
    """Contracts of assets that the party's statement or notices name and that were issued in the lost time."""
    named = {row.asset for row in page.statement.balances} | {each.asset for each in page.statement.outstanding}
    named |= {notice.asset for notice in brought.notices}
    for raw in brought.contracts:
        contract, sealed = open_contract(raw, books.bank)
        mine = sealed.signer == page.fingerprint
        if (mine or sealed.identity in named) and books.asset(sealed.identity) is None:
            books.keep_asset(sealed.identity, AssetRecord(sealed.signer, contract.head.limit, raw))


# --- notices


def _take_back(books: Books, page: Page, brought: Brought, restore: RestoreRecord) -> None:
    """Notices made in the lost time wait again, unless they are over: taken in, or not in the receipt's list."""
    receipt = Receipt.read(trusted(page.receipt).body) if page.receipt else None
    listed = {waits.notice for waits in receipt.pending} if receipt else set()
    over = receipt.highest if receipt else 0
    for notice, raw in brought.told():
        number = notice.notice
        made = restore.first <= notice.time <= restore.last and number <= page.highest
        if notice.party == page.fingerprint and made and (number in listed or number > over):
            take_back(books, page, notice, raw)


def take_back(books: Books, page: Page, notice: Notice, raw: bytes) -> None:
    """Let one notice wait again, if it can still be taken in."""
    state = page.statement
    taken = state.has_taken(notice.notice) or page.waits(notice.notice) is not None
    if taken or not can_be_taken(state, notice):
        return
    if notice.kind == n.EXPIRED and notice.other is not None:
        books.drop_waiting(notice.other, page.fingerprint, notice.number)
    earlier = page.waits(notice.earlier) if notice.kind in (n.WITHDRAWN, n.RECOVERED) else None
    if earlier is not None:
        page.drop(earlier.notice)
    page.add(notice.pending(), raw)
