"""``getsequence``: orders numbers; the receipt brings them as a chequebook (N1, N4)."""

from dataclasses import dataclass
from typing import ClassVar

from ledgerpost import fields as f
from ledgerpost.errors import Refusal
from ledgerpost.papers import notice
from ledgerpost.papers.counter import Counter
from ledgerpost.papers.kinds import Refused
from ledgerpost.papers.order import Order
from ledgerpost.papers.sequence import Sequence
from ledgerpost.statement import Statement
from ledgerpost.terms import MAX_INT, Digest, Moment


@dataclass(frozen=True, slots=True)
class GetSequence(Order):
    """The next ``count`` numbers, chargeable until ``until``; given whole or not at all."""

    TYPE: ClassVar = "getsequence"
    FIELDS: ClassVar = (f.positive, f.whole)

    count: int
    until: Moment

    def effect(self, statement: Statement) -> Statement:
        """Numbers highest+1 to highest+count are open."""
        return statement.given(self.count, self.until)

    def clear(self, counter: Counter) -> Refused | None:
        """Within the terms' life and cap; numbers whose bounce is not taken in count, though they be closed (T1)."""
        if not counter.now <= self.until <= counter.now + counter.terms.number_life:
            return Refused(Refusal.DATES)
        open_now = sum(block.last - block.first + 1 for block in counter.statement.numbers)
        bounced = (each.number for each in counter.me.pending if each.kind == notice.BOUNCED)
        open_now += sum(counter.statement.block_of(number) is None for number in bounced)
        if open_now + self.count > counter.terms.most_numbers or counter.statement.highest + self.count > MAX_INT:
            return Refused(Refusal.CAP)
        return None

    def settle(self, counter: Counter, raw: bytes) -> Digest | None:
        """Sign the chequebook."""
        last = counter.statement.highest
        first = last - self.count + 1
        return counter.bring(Sequence(counter.bank, counter.me.key, first, last, self.until, counter.now))
