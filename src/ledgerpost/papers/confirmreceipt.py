"""``confirmreceipt``: takes in a waiting spend (the seed's acceptance)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ledgerpost import fields as f
from ledgerpost.errors import Refusal
from ledgerpost.papers import notice
from ledgerpost.papers.counter import Counter
from ledgerpost.papers.kinds import Refused
from ledgerpost.papers.order import Order
from ledgerpost.statement import Statement
from ledgerpost.terms import Amount, Digest, Fingerprint, Number


@dataclass(frozen=True, slots=True)
class ConfirmReceipt(Order):
    """Names the spend in full and the notice that brought it."""

    TYPE: ClassVar = "confirmreceipt"
    SIGNED: ClassVar = True
    FREE: ClassVar = True
    FIELDS: ClassVar = (f.fingerprint, f.positive, f.fingerprint, f.positive, f.digest, f.positive, f.positive)

    bank: Fingerprint
    seq: int
    spender: Fingerprint
    number: Number
    asset: Digest
    amount: Amount
    notice: int

    def effect(self, statement: Statement) -> Statement:
        """Balance up, notice taken in."""
        return statement.moved(self.asset, self.amount).took(self.notice)

    def parties(self) -> Iterator[Fingerprint]:
        """The spender hears of it."""
        yield self.spender

    def clear(self, counter: Counter) -> Refused | None:
        """The notice must wait, and be about just this spend."""
        return clear_incoming(counter, self.notice, self.spender, (self.number, self.asset, self.amount))

    def settle(self, counter: Counter, raw: bytes) -> Digest | None:
        """The spender gets ``closedspend`` containing it."""
        settle_incoming(counter, self.notice, notice.CLOSED, raw)
        return None


def clear_incoming(
    counter: Counter, number: int, spender: Fingerprint, spend: tuple[Number, Digest, Amount]
) -> Refused | None:
    """Whether notice ``number`` brings just that spend and is still open; shared with ``denyreceipt`` (O2)."""
    if counter.statement.has_taken(number):
        return Refused(Refusal.TAKEN)
    waits = counter.me.waits(number)
    if waits is not None and waits.kind == notice.RECEIPT:
        if (waits.other, waits.number, waits.asset, waits.amount) != (spender, *spend):
            return Refused(Refusal.NO_NOTICE, None, counter.me.opened(number))
        return Refused(Refusal.EXPIRED) if counter.now > waits.until else None
    withdrawn = counter.me.find(spend[0], spender, notice.WITHDRAWN, units=spend[1:])
    if withdrawn is not None and withdrawn.earlier == number:
        return Refused(Refusal.WITHDRAWN, None, counter.me.opened(withdrawn.notice))
    made = number <= counter.me.highest and waits is None
    return Refused(Refusal.EXPIRED if made else Refusal.NO_NOTICE)


def settle_incoming(counter: Counter, number: int, kind: str, raw: bytes) -> None:
    """The spend is closed for both; its spender is told by a notice of ``kind`` containing ``raw``."""
    waits = counter.me.waits(number)
    if waits is None or waits.other is None:
        raise AssertionError("settled without clearing")
    counter.me.drop(number)
    spender = counter.side(waits.other)
    if spender is None:
        raise AssertionError("a spend from nobody")
    mine = spender.statement.spend_to(counter.me.fingerprint, waits.number, waits.asset, waits.amount)
    if mine is None or spender.find(waits.number, None, *notice.CLOSING):
        # only after a restore: its spender has it back, or heard of its end, or its letter is to come again, or never
        # does, and another is spent on its number (L11)
        counter.hear_later(waits.other, waits.number, raw)
        return
    counter.notify(spender, kind, waits._replace(other=counter.me.fingerprint), raw)
