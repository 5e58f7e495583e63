"""A page of the books: one party's account, unfolded, while a batch is answered. Changes in memory only."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ledgerpost.bank.drafts import Drafts
from ledgerpost.bank.records import Account, notice_key
from ledgerpost.papers import notice as n
from ledgerpost.papers.kinds import About, Pending
from ledgerpost.papers.receipt import Answer, Base
from ledgerpost.statement import Balance, Statement, digest_of
from ledgerpost.terms import Digest, Fingerprint, Number, PublicKey


@dataclass(slots=True)
class Page:
    """One party's account, unfolded. ``raw`` are the bytes of ``statement``, the newest completed one."""

    drafts: Drafts
    key: PublicKey
    fingerprint: Fingerprint
    card: bytes
    receipt: bytes
    statement: Statement
    raw: bytes
    base: Base
    base_raw: bytes
    answers: tuple[Answer, ...]
    parts: dict[Digest, bytes]
    seen: int
    highest: int
    notices: dict[int, Pending]
    fees: dict[Digest, int]
    touched: bool = False
    _named: tuple[bytes, Digest] | None = None
    """``raw`` and its digest, once that was asked for."""
    _by_number: dict[Number, tuple[Pending, ...]] = field(default_factory=dict)
    _owed: dict[Digest, int] = field(default_factory=dict)
    """What debits other than liens come to, per asset."""
    _liens: dict[int, Pending] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._index_all()

    def _index_all(self) -> None:
        self._by_number.clear()
        self._owed.clear()
        self._liens.clear()
        for each in self.notices.values():
            self._index(each)

    @property
    def pending(self) -> Iterable[Pending]:
        """What waits, by notice number."""
        return self.notices.values()

    def about(self) -> About:
        """As S6 wants it named."""
        return About(self.fingerprint, self.statement.seq, self.digest, self.highest)

    @property
    def digest(self) -> Digest:
        """The identity of ``statement``."""
        if self._named is None or self._named[0] is not self.raw:
            self._named = self.raw, digest_of(self.raw)
        return self._named[1]

    @property
    def liens(self) -> tuple[Pending, ...]:
        """The liens that wait, by notice number."""
        return tuple(self._liens.values())

    def add(self, about: Pending) -> None:
        """One more notice waits."""
        self.notices[about.notice] = about
        self.touched = True
        self._index(about)

    def take_back(self, about: Pending) -> None:
        """A notice made before others waits again (L11), at its place among them."""
        self.notices = dict(sorted({**self.notices, about.notice: about}.items()))
        self.touched = True
        self._index_all()

    def _index(self, about: Pending) -> None:
        """Orders ask by number and asset: their cost must not grow with what waits."""
        self._by_number[about.number] = (*self._by_number.get(about.number, ()), about)
        if about.kind == n.LIEN:
            self._liens[about.notice] = about
        elif about.kind in n.DEBITS:
            self._owed[about.asset] = self._owed.get(about.asset, 0) + about.amount

    def waits(self, notice: int) -> Pending | None:
        """The pending notice of that number."""
        return self.notices.get(notice)

    def find(self, number: Number, other: Fingerprint | None, *kinds: str) -> Pending | None:
        """The pending notice of one of the kinds about that number of ``other`` (None: of anybody)."""
        for each in self._by_number.get(number, ()):
            if each.kind in kinds and other in (None, each.other):
                return each
        return None

    def opened(self, notice: int) -> bytes:
        """The bytes of a pending notice."""
        raw = self.drafts.get(notice_key(self.fingerprint, notice))
        if raw is None:
            raise AssertionError(f"pending notice {notice} has no record")
        return raw

    def drop(self, notice: int) -> None:
        """It waits no longer, and is forgotten."""
        gone = self.notices.pop(notice)
        self.touched = True
        self._by_number[gone.number] = tuple(each for each in self._by_number[gone.number] if each.notice != notice)
        if gone.kind == n.LIEN:
            del self._liens[notice]
        elif gone.kind in n.DEBITS:
            self._owed[gone.asset] -= gone.amount
        self.drafts.new[notice_key(self.fingerprint, notice)] = None

    def debits(self, asset: Digest) -> int:
        """What cleared against this party and is not taken in (O1); a lien past its end is dead (B5)."""
        now = self.drafts.now
        liens = (each.amount for each in self._liens.values() if each.asset == asset and now <= each.until)
        return self._owed.get(asset, 0) + sum(liens)

    def record(self) -> Account:
        """As it is kept."""
        fees = tuple(Balance(*item) for item in sorted(self.fees.items()))
        return Account(
            self.key,
            self.card,
            self.receipt,
            tuple(self.parts.values()),
            self.seen,
            self.highest,
            tuple(self.notices.values()),
            fees,
        )
