"""Case files of a bank: what it holds of one party, for a judge.

Reads a snapshot and changes nothing. Of others it gives only what stands in this party's own papers: the instruments
presented under its numbers, and the messages in its notices.
"""

from collections.abc import Iterator, Sequence

from ledgerpost.bank.audit import Readable
from ledgerpost.bank.inbox import waiting
from ledgerpost.bank.keys import BANK, INSTRUMENTS, SETTLED, account_key, asset_key, beside_key, terms_key
from ledgerpost.bank.records import (
    Account,
    AssetRecord,
    BankRecord,
    BesideRecord,
    KeptRecord,
    NoticeRecord,
    SettledRecord,
    TermsRecord,
    read_record,
)
from ledgerpost.errors import NotFound, StoreDamaged
from ledgerpost.papers.instrument import paper_of, read_instrument
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.receipt import Receipt
from ledgerpost.sealed import is_message, trusted
from ledgerpost.statement import read_statement
from ledgerpost.terms import Digest, Fingerprint


def gather(books: Readable, party: Fingerprint) -> tuple[bytes, ...]:
    """The bank's card, the party's (its ``createaccount``), its receipt with what stands beside it, the notices that
    wait for it, what was presented under its numbers, contracts and terms; each once. Raises NotFound, StoreDamaged.
    """
    key = account_key(party)
    raw = books.get(key)
    if raw is None:
        raise NotFound("this party has no account here", do="see who has: ledgerpost bank status")
    account = read_record(Account, raw, key)
    kept = tuple(_kept(books, party))
    presented = tuple(each.instrument for record in kept for each in record.presented)
    bounced = tuple(record.bounced for record in kept if record.bounced is not None)
    beside = read_record(BesideRecord, _must(books, beside_key(party)), beside_key(party))
    notices = sorted(waiting(books, party), key=lambda each: each.notice)
    settled = books.get(SETTLED + party)
    said = () if settled is None else read_record(SettledRecord, settled, SETTLED + party).words
    papers = (beside.card, account.receipt, *beside.parts, *said)
    contracts = _contracts(books, account, notices, presented)
    rest = (*contracts, *_terms(books, beside), *(each.raw for each in notices), *bounced, *presented)
    return tuple(dict.fromkeys((_bank_card(books), *papers, *rest)))


def _must(books: Readable, key: bytes) -> bytes:
    raw = books.get(key)
    if raw is None:
        raise StoreDamaged(f"record {key!r} is missing")
    return raw


def _bank_card(books: Readable) -> bytes:
    return read_record(BankRecord, _must(books, BANK), BANK).card


def _kept(books: Readable, party: Fingerprint) -> Iterator[KeptRecord]:
    """Instruments under the party's numbers: cheques it drew, certificates it bought (B4)."""
    for key, raw in books.under(INSTRUMENTS + party):
        yield read_record(KeptRecord, raw, key)


def _contracts(
    books: Readable, account: Account, notices: Sequence[NoticeRecord], presented: tuple[bytes, ...]
) -> Iterator[bytes]:
    statement = read_statement(Receipt.read(trusted(account.receipt).body).statement)
    assets: set[Digest] = {row.asset for row in statement.balances} | {each.asset for each in statement.outstanding}
    assets |= {each.pending.asset for each in notices}
    assets |= {paper_of(read_instrument(raw).body).asset for raw in presented}
    for asset in sorted(assets):
        key = asset_key(asset)
        raw = books.get(key)
        if raw is not None:
            yield read_record(AssetRecord, raw, key).contract


def _terms(books: Readable, beside: BesideRecord) -> Iterator[bytes]:
    """Those that the letters beside the receipt name."""
    messages = (trusted(raw) for raw in beside.parts if is_message(raw))
    named = dict.fromkeys(Letter.read(each.body).terms for each in messages if each.type == Letter.TYPE)
    for identity in named:
        key = terms_key(identity)
        raw = books.get(key)
        if raw is not None:
            yield read_record(TermsRecord, raw, key).terms
