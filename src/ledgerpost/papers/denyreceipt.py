"""``denyreceipt``: sends a waiting spend back."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ledgerpost import fields as f
from ledgerpost.papers import notice
from ledgerpost.papers.confirmreceipt import clear_incoming, settle_incoming
from ledgerpost.papers.counter import Counter
from ledgerpost.papers.kinds import Refused
from ledgerpost.papers.order import Order
from ledgerpost.papers.spendto import MAX_COMMENT
from ledgerpost.statement import Statement
from ledgerpost.terms import Amount, Digest, Fingerprint, Number


@dataclass(frozen=True, slots=True)
class DenyReceipt(Order):
    """Names the spend in full, the notice that brought it, and perhaps why."""

    TYPE: ClassVar = "denyreceipt"
    SIGNED: ClassVar = True
    FREE: ClassVar = True
    FIELDS: ClassVar = (
        f.fingerprint,
        f.positive,
        f.fingerprint,
        f.positive,
        f.digest,
        f.positive,
        f.positive,
        f.text(MAX_COMMENT),
    )

    bank: Fingerprint
    seq: int
    spender: Fingerprint
    number: Number
    asset: Digest
    amount: Amount
    notice: int
    comment: str

    def effect(self, statement: Statement) -> Statement:
        """The notice is taken in; nothing else."""
        return statement.took(self.notice)

    def parties(self) -> Iterator[Fingerprint]:
        """The spender hears of it."""
        yield self.spender

    def clear(self, counter: Counter) -> Refused | None:
        """As for ``confirmreceipt``."""
        return clear_incoming(counter, self.notice, self.spender, (self.number, self.asset, self.amount))

    def settle(self, counter: Counter, raw: bytes) -> Digest | None:
        """The spender gets ``deniedspend`` containing it."""
        settle_incoming(counter, self.notice, notice.DENIED, raw)
        return None
