"""``declaration``: what a party holds of what its bank signed in the time that the bank has lost (L11).

It binds the party that signs it, and nobody else: whatever else the bank signed for it in that time, and it did not
hold, has no force between the two. Refuses to know what the bank makes of it.
"""

from dataclasses import dataclass
from typing import ClassVar

from ledgerpost import fields as f
from ledgerpost.errors import WrongShape
from ledgerpost.papers.kinds import Paper
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.receipt import MAX_PENDING, Receipt
from ledgerpost.statement import seq_of
from ledgerpost.terms import Digest, Fingerprint, Moment


@dataclass(frozen=True, slots=True)
class Declaration(Paper):
    """By the party, whose newest receipt is ``receipt`` under ``seq`` (null and 0: none), with ``highest`` in it.

    ``held``: the notices at hand that are not taken in, by identity; ``lacking``: notices that the receipt lists and
    that never came. ``first`` and ``last`` are those of the bank's ``restoring``.
    """

    TYPE: ClassVar = "declaration"
    FIELDS: ClassVar = (
        f.fingerprint,
        f.whole,
        f.whole,
        f.whole,
        f.maybe(f.digest),
        f.whole,
        f.listed(f.digest, MAX_PENDING),
        f.listed(f.positive, MAX_PENDING),
    )

    bank: Fingerprint
    first: Moment
    last: Moment
    seq: int
    receipt: Digest | None
    highest: int
    held: tuple[Digest, ...]
    lacking: tuple[int, ...]

    def check(self) -> None:
        """No receipt is under sequence 0, and numbers rise."""
        if self.first > self.last or (self.receipt is None) != (self.seq == 0):
            raise WrongShape("a declaration names a restore, and its newest receipt with its sequence")
        f.rising("notices held", self.held)
        f.rising("notices that never came", self.lacking)

    def covers(self, time: Moment) -> bool:
        """Whether the bank may have lost what it signed then."""
        return self.first < time <= self.last

    def voids_receipt(self, receipt: Receipt, identity: Digest) -> bool:
        """Whether it is from the time that the bank lost, and newer than the one declared or another in its place."""
        seq = seq_of(receipt.statement)
        return self.covers(receipt.time) and (seq > self.seq or (seq == self.seq and identity != self.receipt))

    def voids_notice(self, notice: Notice, identity: Digest) -> bool:
        """Whether it was made in the time that the bank lost, and was not at hand (L11)."""
        unheard = notice.notice > self.highest or notice.notice in self.lacking
        return self.covers(notice.time) and unheard and identity not in self.held
