"""A page of the books: one party's account, unfolded, while a batch is answered. Changes in memory and drafts only.

What only the party's own letter needs, its card and what stands beside its receipt, is read when it is asked for.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ledgerpost.bank.drafts import Drafts
from ledgerpost.bank.inbox import INCOMING, Inbox
from ledgerpost.bank.keys import beside_key
from ledgerpost.bank.records import Account, BesideRecord, read_record
from ledgerpost.errors import StoreDamaged
from ledgerpost.papers import notice as n
from ledgerpost.papers.beside import indexed_own
from ledgerpost.papers.kinds import About, Pending
from ledgerpost.papers.receipt import Answer, Base, Receipt
from ledgerpost.statement import Balance, Statement, digest_of
from ledgerpost.terms import Amount, Digest, Fingerprint, Number, PublicKey


@dataclass(slots=True)
class Page:
    """One party's account. ``raw`` are the bytes of ``statement``, the newest completed one."""

    drafts: Drafts
    key: PublicKey
    fingerprint: Fingerprint
    receipt: bytes
    statement: Statement
    raw: bytes
    base: Base
    answers: tuple[Answer, ...]
    seen: int
    highest: int
    inbox: Inbox
    waiting: int = 0
    incoming: int = 0
    owed: dict[Digest, int] = field(default_factory=dict)
    """What debits other than liens come to, per asset."""
    fees: dict[Digest, int] = field(default_factory=dict)
    _liens: dict[int, Pending] = field(default_factory=dict)
    touched: bool = False
    _named: tuple[bytes, Digest] | None = None
    """``raw`` and its digest, once that was asked for."""
    _card: bytes = b""
    _parts: dict[Digest, bytes] | None = None
    """What stands beside the receipt, once it was asked for; nothing, of a page that is new."""
    _base_raw: bytes | None = None

    @classmethod
    def of(cls, drafts: Drafts, party: Fingerprint, account: Account, receipt: Receipt, statement: Statement) -> "Page":
        """The page of an account; ``receipt`` and ``statement`` are those in it, read."""
        page = cls(
            drafts,
            account.key,
            party,
            account.receipt,
            statement,
            receipt.statement,
            receipt.base,
            receipt.answers,
            account.seen,
            account.highest,
            Inbox(drafts, party),
            account.waiting,
            account.incoming,
            dict(account.owed),
            dict(account.fees),
            {each.notice: each for each in account.liens},
        )
        if receipt.base.statement == page.digest:
            page.base_raw = receipt.statement
        return page

    # --- what only its own letters need

    @property
    def card(self) -> bytes:
        """Its card as signed; empty while it has no account."""
        self._unfold()
        return self._card

    @card.setter
    def card(self, raw: bytes) -> None:
        self._unfold()
        self._card = raw

    @property
    def parts(self) -> dict[Digest, bytes]:
        """What stands beside its receipt, by identity."""
        return self._unfold()

    @parts.setter
    def parts(self, parts: dict[Digest, bytes]) -> None:
        self._unfold()
        self._parts = parts

    @property
    def base_raw(self) -> bytes:
        """The bytes of the base, the last agreed statement."""
        if self._base_raw is None:
            self._base_raw = self.parts.get(self.base.statement)
        if self._base_raw is None:
            raise StoreDamaged(f"the base statement of party {self.fingerprint.hex()} is missing")
        return self._base_raw

    @base_raw.setter
    def base_raw(self, raw: bytes) -> None:
        self._base_raw = raw

    def _unfold(self) -> dict[Digest, bytes]:
        if self._parts is None:
            key = beside_key(self.fingerprint)
            raw = self.drafts.shelf.get(key)
            record = BesideRecord(b"", ()) if raw is None else read_record(BesideRecord, raw, key)
            self._card, self._parts = record.card, indexed_own(record.parts)
        return self._parts

    # --- what waits for it

    @property
    def pending(self) -> Iterable[Pending]:
        """What waits, by notice number. Reads all of it."""
        return self.inbox.all()

    @property
    def liens(self) -> tuple[Pending, ...]:
        """The liens that wait, by notice number."""
        return tuple(self._liens[notice] for notice in sorted(self._liens))

    def add(self, about: Pending, raw: bytes) -> None:
        """One more notice waits."""
        self.inbox.add(about, raw)
        self._sum(about, 1)

    def drop(self, notice: int) -> None:
        """It waits no longer, and is forgotten."""
        about = self._must(notice)[0]
        self.inbox.drop(about)
        self._sum(about, -1)

    def _sum(self, about: Pending, more: int) -> None:
        """Orders ask for sums, and their cost must not grow with what waits."""
        self.touched = True
        self.waiting += more
        if about.kind in INCOMING:
            self.incoming += more
        elif about.kind == n.LIEN and more > 0:
            self._liens[about.notice] = about
        elif about.kind == n.LIEN:
            del self._liens[about.notice]
        elif about.kind in n.DEBITS:
            self.owed[about.asset] = self.owed.get(about.asset, 0) + more * about.amount

    def waits(self, notice: int) -> Pending | None:
        """The pending notice of that number."""
        found = self.inbox.waits(notice)
        return found.pending if found else None

    def find(
        self, number: Number, other: Fingerprint | None, *kinds: str, units: tuple[Digest, Amount] | None = None
    ) -> Pending | None:
        """The pending notice of one of the kinds about that number of ``other``, and of ``units`` (None: of any)."""
        return self.inbox.find(number, other, kinds, units)

    def opened(self, notice: int) -> bytes:
        """The bytes of a pending notice."""
        return self._must(notice)[1]

    def _must(self, notice: int) -> tuple[Pending, bytes]:
        found = self.inbox.waits(notice)
        if found is None:
            raise AssertionError(f"notice {notice} does not wait")
        return found

    def debits(self, asset: Digest) -> int:
        """What cleared against this party and is not taken in (O1); a lien past its end is dead (B5)."""
        owed = self.owed.get(asset, 0)
        if not self._liens:
            return owed
        now = self.drafts.now
        return owed + sum(each.amount for each in self._liens.values() if each.asset == asset and now <= each.until)

    # --- what others are told of it, and what is kept

    def about(self) -> About:
        """As S6 wants it named."""
        return About(self.fingerprint, self.statement.seq, self.digest, self.highest)

    @property
    def digest(self) -> Digest:
        """The identity of ``statement``."""
        if self._named is None or self._named[0] is not self.raw:
            self._named = self.raw, digest_of(self.raw)
        return self._named[1]

    def record(self) -> Account:
        """As it is kept."""
        return Account(
            self.key,
            self.receipt,
            self.seen,
            self.highest,
            self.waiting,
            self.incoming,
            _balances(self.owed),
            self.liens,
            _balances(self.fees),
        )

    def beside(self) -> BesideRecord | None:
        """What stands beside it as it is kept; None if nobody asked for it, and so nobody changed it."""
        return None if self._parts is None else BesideRecord(self._card, tuple(self._parts.values()))


def _balances(sums: dict[Digest, int]) -> tuple[Balance, ...]:
    return tuple(Balance(asset, units) for asset, units in sorted(sums.items()) if units)
