"""A page of the books: one party's account, unfolded, while a batch is answered. Changes in memory only."""

from collections.abc import Iterable
from dataclasses import dataclass

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

    @property
    def pending(self) -> Iterable[Pending]:
        """What waits, by notice number."""
        return self.notices.values()

    def about(self) -> About:
        """As S6 wants it named."""
        return About(self.fingerprint, self.statement.seq, digest_of(self.raw), self.highest)

    def waits(self, notice: int) -> Pending | None:
        """The pending notice of that number."""
        return self.notices.get(notice)

    def find(self, number: Number, other: Fingerprint | None, *kinds: str) -> Pending | None:
        """The pending notice of one of the kinds about that number of ``other`` (None: of anybody)."""
        for each in self.notices.values():
            if each.number == number and each.kind in kinds and other in (None, each.other):
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
        del self.notices[notice]
        self.touched = True
        self.drafts.new[notice_key(self.fingerprint, notice)] = None

    def debits(self, asset: Digest) -> int:
        """What cleared against this party and is not taken in (O1); a lien past its end is dead (B5)."""
        now = self.drafts.now
        debits = (each for each in self.pending if each.kind in n.DEBITS and each.asset == asset)
        return sum(each.amount for each in debits if each.kind != n.LIEN or now <= each.until)

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
