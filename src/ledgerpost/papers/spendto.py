"""``spendto``: value leaves the balance and waits for the payee (O2, O3)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from ledgerpost import fields as f
from ledgerpost.errors import Refusal
from ledgerpost.papers import notice
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.counter import Counter
from ledgerpost.papers.kinds import Pending, Refused
from ledgerpost.papers.order import Order
from ledgerpost.statement import Spend, Statement
from ledgerpost.terms import Amount, Digest, Fingerprint, Moment, Number

MAX_COMMENT: Final = 256


@dataclass(frozen=True, slots=True)
class SpendTo(Order):
    """Pays ``amount`` of ``asset`` to ``payee`` under an open number; comes back if not taken by ``until``."""

    TYPE: ClassVar = "spendto"
    SIGNED: ClassVar = True
    FIELDS: ClassVar = (
        f.fingerprint,
        f.positive,
        f.maybe(f.fingerprint),
        f.positive,
        f.digest,
        f.positive,
        f.whole,
        f.text(MAX_COMMENT),
    )

    bank: Fingerprint
    seq: int
    payee: Fingerprint | None
    number: Number
    asset: Digest
    amount: Amount
    until: Moment
    comment: str

    @property
    def fee_name(self) -> str:
        """A certificate is kept until its end, and may cost more (B4)."""
        return self.TYPE if self.payee is not None else Certificate.TYPE

    def effect(self, statement: Statement) -> Statement:
        """Balance down, number closed, spend outstanding."""
        return statement.spent(Spend(self.number, self.payee, self.asset, self.amount, self.until))

    def refused(self, statement: Statement, code: Refusal) -> Statement:
        """Its number closes if open, so that it can't serve a second instrument; not if a debit waits on it (L7).

        Then the code is PENDING, before all others: so a receipt tells by itself which it was.
        """
        if statement.block_of(self.number) is None or code is Refusal.PENDING:
            return statement
        return statement.closed(self.number)

    def parties(self) -> Iterator[Fingerprint]:
        """The payee's inbox."""
        if self.payee is not None:
            yield self.payee

    def assets(self) -> Iterator[Digest]:
        """The one it pays in."""
        yield self.asset

    def clear(self, counter: Counter) -> Refused | None:
        """In this order: a debit that waits on the number, asset, payee, number, dates, funds, caps."""
        debit = counter.me.find(self.number, None, *notice.ON_NUMBERS)
        if debit is not None:
            return Refused(Refusal.PENDING, None, counter.me.opened(debit.notice))
        code = self._fault(counter)
        if code is None and counter.usable(self.asset) < self.amount:
            code = Refusal.FUNDS
        if code is None and len(counter.statement.outstanding) >= counter.terms.most_outstanding:
            code = Refusal.CAP
        if code is None and self.payee is not None and not counter.room_for(self.payee):
            side = counter.side(self.payee)
            return Refused(Refusal.INBOX, side.about() if side else None)
        return Refused(code) if code else None

    def _fault(self, counter: Counter) -> Refusal | None:
        if not counter.keeps(self.asset):
            return Refusal.ASSET
        if self.payee in (counter.me.fingerprint, counter.bank):
            return Refusal.PAYEE
        block = counter.statement.block_of(self.number)
        if block is None or counter.now > block.until:
            return Refusal.NUMBER
        if not counter.now <= self.until <= counter.now + counter.terms.spend_life:
            return Refusal.DATES
        return None

    def settle(self, counter: Counter, raw: bytes) -> Digest | None:
        """The payee gets a ``receipt`` containing it, or finds it waiting; with no payee a certificate is brought."""
        if self.payee is None:
            key, longest = counter.me.key, counter.terms.longest
            return counter.bring(
                Certificate(counter.bank, self.number, self.asset, self.amount, self.until, key, longest)
            )
        side = counter.side(self.payee)
        if side is None:
            counter.leave_waiting(self.payee, raw, self.number)
        else:
            me = counter.me.fingerprint
            about = Pending(0, notice.RECEIPT, me, self.number, self.asset, self.amount, self.until)
            counter.notify(side, notice.RECEIPT, about, raw)
        return None
