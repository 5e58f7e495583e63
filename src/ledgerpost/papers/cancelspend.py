"""``cancelspend``: takes back a spend that is still open (O2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ledgerpost import fields as f
from ledgerpost.errors import Refusal
from ledgerpost.papers import notice
from ledgerpost.papers.counter import Counter
from ledgerpost.papers.kinds import Pending, Refused
from ledgerpost.papers.order import Order
from ledgerpost.statement import Statement
from ledgerpost.terms import Amount, Digest, Fingerprint, Number


@dataclass(frozen=True, slots=True)
class CancelSpend(Order):
    """Names the spend in full: payee, number, asset, amount. Not for certificates."""

    TYPE: ClassVar = "cancelspend"
    SIGNED: ClassVar = True
    FIELDS: ClassVar = (f.fingerprint, f.positive, f.fingerprint, f.positive, f.digest, f.positive)

    bank: Fingerprint
    seq: int
    payee: Fingerprint
    number: Number
    asset: Digest
    amount: Amount

    def effect(self, statement: Statement) -> Statement:
        """The amount comes back."""
        return statement.settled(self.number, self.asset, self.amount, back=True)

    def parties(self) -> Iterator[Fingerprint]:
        """The payee's inbox."""
        yield self.payee

    def clear(self, counter: Counter) -> Refused | None:
        """The first processed wins; the loser is shown the winner's signed message (O2).

        Whoever has no account may have opened one with the spend, in a time that the bank lost (L11).
        """
        if counter.statement.spend_to(self.payee, self.number, self.asset, self.amount) is None:
            return Refused(Refusal.NO_SPEND)
        closing = counter.me.find(self.number, None, *notice.CLOSING)
        if closing:
            code = Refusal.EXPIRED if closing.kind == notice.EXPIRED else Refusal.CLOSED
            return Refused(code, None, counter.me.opened(closing.notice))
        return Refused(Refusal.PENDING) if counter.is_missing(self.payee) else None

    def settle(self, counter: Counter, raw: bytes) -> Digest | None:
        """The payee's ``receipt`` waits no longer; a new notice, ``withdrawn``, says so (L2)."""
        me, side = counter.me.fingerprint, counter.side(self.payee)
        if side is None:
            counter.drop_waiting(self.payee, self.number)
            return None
        waits = side.find(self.number, me, notice.RECEIPT, units=(self.asset, self.amount))
        if waits is not None:
            side.drop(waits.notice)
            about = Pending(
                0, notice.WITHDRAWN, me, self.number, self.asset, self.amount, waits.until, earlier=waits.notice
            )
            counter.notify(side, notice.WITHDRAWN, about, raw)
        return None
