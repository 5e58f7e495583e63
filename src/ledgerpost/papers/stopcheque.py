"""``stopcheque``: closes open numbers, the expired ones too (N5)."""

from dataclasses import dataclass
from typing import ClassVar

from ledgerpost import fields as f
from ledgerpost.errors import Refusal
from ledgerpost.papers import notice
from ledgerpost.papers.counter import Counter
from ledgerpost.papers.kinds import Refused
from ledgerpost.papers.order import Order
from ledgerpost.statement import Span, Statement
from ledgerpost.terms import Fingerprint, Moment


@dataclass(frozen=True, slots=True)
class StopCheque(Order):
    """All numbers of the ranges must be open with no debit waiting on them; else none is closed."""

    TYPE: ClassVar = "stopcheque"
    SIGNED: ClassVar = True
    FREE: ClassVar = True
    FIELDS: ClassVar = (f.fingerprint, f.positive, f.listed(f.row(Span, f.positive, f.positive), 256))

    bank: Fingerprint
    seq: int
    spans: tuple[Span, ...]

    def check(self) -> None:
        """Ranges run upwards."""
        f.rising("ranges", tuple(end for span in self.spans for end in (span.first, span.last + 1)))

    def effect(self, statement: Statement) -> Statement:
        """The numbers are closed."""
        for span in self.spans:
            statement = statement.stopped(*span)
        return statement

    def clear(self, counter: Counter) -> Refused | None:
        """Open, every one, and no debit on any; nor may one come back that was lost (L11)."""
        state = counter.statement
        if not all(state.all_open(*span) for span in self.spans):
            return Refused(Refusal.NUMBER)
        for waits in counter.me.pending:
            if waits.kind in notice.ON_NUMBERS and any(a <= waits.number <= b for a, b in self.spans):
                return Refused(Refusal.PENDING, None, counter.me.opened(waits.notice))
        if counter.restoring and _chargeable(self.effect(state), counter.now) < _chargeable(state, counter.now):
            return Refused(Refusal.PENDING)
        return None


def _chargeable(statement: Statement, now: Moment) -> int:
    """How many open numbers have not ended (N2)."""
    return sum(block.last - block.first + 1 for block in statement.numbers if now <= block.until)
