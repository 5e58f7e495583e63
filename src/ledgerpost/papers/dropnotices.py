"""``dropnotices``: takes in, as ranges, notices that wait no longer: withdrawn and expired ones (L2)."""

from bisect import bisect_right
from dataclasses import dataclass
from typing import ClassVar

from ledgerpost import fields as f
from ledgerpost.errors import Refusal
from ledgerpost.papers.counter import Counter
from ledgerpost.papers.kinds import Refused
from ledgerpost.papers.order import Order
from ledgerpost.statement import Span, Statement


@dataclass(frozen=True, slots=True)
class DropNotices(Order):
    """Ranges of notice numbers that the writer's newest receipt does not list as pending."""

    TYPE: ClassVar = "dropnotices"
    FREE: ClassVar = True
    FIELDS: ClassVar = (f.listed(f.row(Span, f.positive, f.positive), 256),)

    spans: tuple[Span, ...]

    def effect(self, statement: Statement) -> Statement:
        """Taken in."""
        for span in self.spans:
            statement = statement.took(*span)
        return statement

    def check(self) -> None:
        """Ranges run upwards."""
        f.rising("ranges", tuple(end for span in self.spans for end in (span.first, span.last + 1)))

    def clear(self, counter: Counter) -> Refused | None:
        """None of them may wait, all must have been made."""
        if any(span.last > counter.me.highest for span in self.spans):
            return Refused(Refusal.NO_NOTICE)
        for waits in counter.me.pending:
            at = bisect_right(self.spans, waits.notice, key=lambda span: span.first) - 1
            if at >= 0 and waits.notice <= self.spans[at].last:
                return Refused(Refusal.PENDING, None, counter.me.opened(waits.notice))
        return None
