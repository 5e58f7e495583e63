"""The books while a batch is answered: pages of the parties concerned, read once, changed in memory.

Nothing here decides: orders clear and settle (``papers``), the teller applies the rules of letters. At the
end ``changes`` is all that must be committed, at once (T2).
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from ledgerpost.bank.drafts import Drafts
from ledgerpost.bank.founding import beyond
from ledgerpost.bank.inbox import Inbox
from ledgerpost.bank.keys import (
    CLOCK,
    RESTORE,
    SETTLED,
    Key,
    account_key,
    asset_key,
    beside_key,
    due_key,
    instrument_key,
    terms_key,
    waiting_key,
)
from ledgerpost.bank.page import Page
from ledgerpost.bank.records import (
    Account,
    AssetRecord,
    ClockRecord,
    KeptRecord,
    RestoreRecord,
    SettledRecord,
    Shelf,
    TermsRecord,
    Unheld,
    WaitingRecord,
    read_record,
    write_record,
)
from ledgerpost.papers import notice as n
from ledgerpost.papers.kinds import Kept, Pending
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.receipt import Base, Receipt
from ledgerpost.papers.terms import Terms
from ledgerpost.sealed import Signer, fingerprint, trusted
from ledgerpost.statement import Spend, Statement, digest_of, read_statement
from ledgerpost.terms import Digest, Fingerprint, Moment, Number, PublicKey

SHORT: Final = 8192
"""Bytes of a receipt that is worth remembering: a party that many pay has its page opened in batch after batch."""


def _unfolded(raw: bytes) -> tuple[Receipt, Statement]:
    """A receipt of our own, and the statement in it."""
    return _remembered(raw) if len(raw) <= SHORT else _read(raw)


def _read(raw: bytes) -> tuple[Receipt, Statement]:
    receipt = Receipt.read(trusted(raw).body)
    return receipt, read_statement(receipt.statement)


_remembered = lru_cache(maxsize=1024)(_read)


class Books:
    """All pages and records of one batch, over held records; ``now`` is the bank's time for the whole batch."""

    def __init__(self, shelf: Shelf, now: Moment, signer: Signer) -> None:
        self.now = now
        self.signer = signer
        self.bank = signer.fingerprint
        self._shelf = shelf
        self._drafts = Drafts(shelf, now)
        self._pages: dict[Fingerprint, Page | None] = {}
        self._assets: dict[Digest, AssetRecord | None] = {}
        self._terms: dict[Digest, tuple[Terms, Moment] | None] = {}
        self._kept: dict[tuple[Fingerprint, Number], Kept | None] = {}
        raw = shelf.get(RESTORE)
        self.restore = None if raw is None else read_record(RestoreRecord, raw, RESTORE)

    # --- after a restore (L11)

    @property
    def restoring(self) -> bool:
        """Whether parties are still waited for."""
        return self.restore is not None and not self.restore.over and self.now <= self.restore.until

    @property
    def as_of(self) -> Moment:
        """By when a letter must have come: nothing grows late while the bank restores."""
        return self.restore.first if self.restoring and self.restore else self.now

    def settled(self, party: Fingerprint) -> SettledRecord | None:
        """What the party brought after the last restore; None if it did not come."""
        raw = None if self.restore is None else self._drafts.get(SETTLED + party)
        record = None if raw is None else read_record(SettledRecord, raw, SETTLED + party)
        return record if record and self.restore and record.last == self.restore.last else None

    def words(self, party: Fingerprint) -> tuple[bytes, ...]:
        """What the party has declared for any restore, the newest first."""
        raw = self._drafts.get(SETTLED + party)
        return () if raw is None else read_record(SettledRecord, raw, SETTLED + party).words

    def is_missing(self, party: Fingerprint) -> bool:
        """Whether nothing may be decided about the party yet (L11)."""
        return self.restoring and self.settled(party) is None

    # --- reading

    def page(self, party: Fingerprint) -> Page | None:
        """The party's page, None if it has no account."""
        if party not in self._pages:
            if account_key(party) not in self._shelf.values:
                raise Unheld(account_key(party))
            raw = self._shelf.values[account_key(party)]
            self._pages[party] = None if raw is None else self._unfold(raw, party)
        return self._pages[party]

    def _unfold(self, raw: bytes, party: Fingerprint) -> Page:
        account = read_record(Account, raw, account_key(party))
        return Page.of(self._drafts, party, account, *_unfolded(account.receipt))

    def blank(self, key: PublicKey) -> Page:
        """A page for a party without an account; it counts only once ``opened``."""
        party = fingerprint(key)
        nothing = Statement(self.bank, party)
        raw = nothing.encode()
        base = Base(digest_of(raw), None)
        page = Page(self._drafts, key, party, b"", nothing, raw, base, (), 0, 0, Inbox(self._drafts, party))
        page.base_raw = raw
        return page

    def opened(self, page: Page) -> None:
        """The account exists from now on. If it was opened in a lost time too, no number of a notice is made twice."""
        page.highest = 0 if self.restore is None else beyond(0, self.restore.last)
        self._pages[page.fingerprint] = page

    def asset(self, asset: Digest) -> AssetRecord | None:
        """The asset's record; contracts never change, so it need not be held."""
        if asset not in self._assets:
            raw = self._drafts.get(asset_key(asset))
            self._assets[asset] = None if raw is None else read_record(AssetRecord, raw, asset_key(asset))
        return self._assets[asset]

    def terms(self, identity: Digest) -> Terms | None:
        """The terms so named, if they hold now: in force, or superseded less than their grace ago (O3)."""
        if identity not in self._terms:
            self._terms[identity] = self._read_terms(identity)
        found = self._terms[identity]
        if found is None:
            return None
        terms, superseded = found
        return terms if not superseded or self.as_of <= superseded + terms.grace else None

    def _read_terms(self, identity: Digest) -> tuple[Terms, Moment] | None:
        raw = self._drafts.get(terms_key(identity))
        if raw is None:
            return None
        record = read_record(TermsRecord, raw, terms_key(identity))
        return Terms.read(trusted(record.terms).body), record.superseded

    def signed_terms(self, identity: Digest) -> tuple[bytes, ...]:
        """The bytes of these terms, whether they hold or not; nothing if there never were such."""
        raw = self._drafts.get(terms_key(identity))
        return () if raw is None else (read_record(TermsRecord, raw, terms_key(identity)).terms,)

    def waiting(self, payee: Fingerprint, spender: Fingerprint, number: Number) -> WaitingRecord | None:
        """A spend to a fingerprint without an account."""
        key = waiting_key(payee, spender, number)
        raw = self._drafts.get(key)
        return None if raw is None else read_record(WaitingRecord, raw, key)

    def all_waiting(self, payee: Fingerprint) -> Iterator[tuple[Fingerprint, Number, WaitingRecord]]:
        """Every spend that waits for the fingerprint: spender, number, record."""
        start = waiting_key(payee, Fingerprint(b""), 0)[:-8]
        for key, raw in self._drafts.under(start):
            spender, number = Fingerprint(key[len(start) : -8]), int.from_bytes(key[-8:], "big")
            yield spender, number, read_record(WaitingRecord, raw, key)

    def raw(self, key: Key) -> bytes | None:
        """One record, as the batch has left it so far."""
        return self._drafts.get(key)

    def under(self, prefix: Key) -> dict[Key, bytes]:
        """Records whose key starts so, as the batch has left them so far."""
        return dict(self._drafts.under(prefix))

    # --- writing

    def put(self, key: Key, raw: bytes | None) -> None:
        """Write a record, or let it go."""
        self._drafts.new[key] = raw

    def notify(self, to: Page, about: Pending, enclosed: bytes | None, key: PublicKey | None) -> bytes:
        """Make the party's next notice, sign it, and let it wait (L2, S6). Its bytes."""
        to.highest += 1
        about = Pending(to.highest, *about[1:])
        raw = Notice.about(about, self.bank, self.now, to.about(), key, enclosed).sign(self.signer)
        to.add(about, raw)
        return raw

    def keep_waiting(self, payee: Fingerprint, spender: Fingerprint, number: Number, record: WaitingRecord) -> None:
        """A spend waits for a fingerprint without an account (O3)."""
        self._drafts.new[waiting_key(payee, spender, number)] = write_record(record)

    def drop_waiting(self, payee: Fingerprint, spender: Fingerprint, number: Number) -> bool:
        """It waits no longer; whether it did."""
        there = self.waiting(payee, spender, number) is not None
        if there:
            self._drafts.new[waiting_key(payee, spender, number)] = None
        return there

    def kept(self, party: Fingerprint, number: Number) -> Kept | None:
        """Instruments presented under that number of that party."""
        if (party, number) not in self._kept:
            key = instrument_key(party, number)
            raw = self._drafts.get(key)
            self._kept[party, number] = None if raw is None else read_record(KeptRecord, raw, key).kept()
        return self._kept[party, number]

    def keep(self, party: Fingerprint, number: Number, kept: Kept) -> None:
        """Keep them; the entry by date lets ``tidy`` find them when their time is over (B4)."""
        before = self.kept(party, number)
        if before is not None and before.until != kept.until:
            self._drafts.new[due_key(before.until, party, number)] = None
        self._drafts.new[due_key(kept.until, party, number)] = b"\x01"
        self._drafts.new[instrument_key(party, number)] = write_record(KeptRecord(*kept))
        self._kept[party, number] = kept

    def keep_asset(self, asset: Digest, record: AssetRecord) -> None:
        """The bank keeps this asset from now on."""
        self._assets[asset] = record
        self._drafts.new[asset_key(asset)] = write_record(record)

    def sweep(self, page: Page, grace: int) -> None:
        """What ended by time: spends come back by a notice; dead notices wait no longer (O4)."""
        for spend in page.statement.outstanding:
            closed = page.find(spend.number, None, *n.CLOSING)
            if self.now > spend.until and closed is None and not self._may_be_taken(spend):
                self._expire(page, spend)
        for each in tuple(page.pending):
            end = {n.RECEIPT: each.until, n.WITHDRAWN: each.until + grace, n.LIEN: each.until}.get(each.kind)
            if end is not None and self.now > end:
                page.drop(each.notice)

    def _may_be_taken(self, spend: Spend) -> bool:
        """Whether somebody who did not come since the restore may have had it before (L11)."""
        return self.restoring and (spend.payee is None or self.is_missing(spend.payee))

    def _expire(self, page: Page, spend: Spend) -> None:
        about = Pending(0, n.EXPIRED, spend.payee, spend.number, spend.asset, spend.amount, spend.until)
        self.notify(page, about, None, None)
        if spend.payee is not None:
            self._drafts.new[waiting_key(spend.payee, page.fingerprint, spend.number)] = None

    def changes(self) -> dict[Key, bytes | None]:
        """Everything to commit; empty if nothing changed."""
        changes = dict(self._drafts.new)
        for party, page in self._pages.items():
            if page is not None and page.touched:
                changes[account_key(party)] = write_record(page.record())
                beside = page.beside()
                if beside is not None:
                    changes[beside_key(party)] = write_record(beside)
        if changes:
            changes[CLOCK] = write_record(ClockRecord(self.now))
        return changes
