"""``createaccount``: opens an account, and is the party's card at the bank from then on (O3, S5)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from ledgerpost import fields as f
from ledgerpost.errors import Refusal
from ledgerpost.papers.card import MAX_NAME
from ledgerpost.papers.counter import Counter
from ledgerpost.papers.kinds import Refused, Waiting
from ledgerpost.papers.order import Order
from ledgerpost.statement import Statement
from ledgerpost.terms import Digest, Fingerprint, PublicKey

MAX_WAITING = 64


@dataclass(frozen=True, slots=True)
class CreateAccount(Order):
    """``waiting`` are the spends it takes in, which become notices 1, 2, 3 …; the fee can come from them."""

    TYPE: ClassVar = "createaccount"
    SIGNED: ClassVar = True
    FIELDS: ClassVar = (
        f.fingerprint,
        f.positive,
        f.public_key,
        f.text(MAX_NAME),
        f.listed(f.row(Waiting, f.fingerprint, f.positive, f.digest, f.positive), MAX_WAITING),
    )

    bank: Fingerprint
    seq: int
    key: PublicKey
    name: str
    waiting: tuple[Waiting, ...] = ()

    def effect(self, statement: Statement) -> Statement:
        """The named spends arrive, as notices 1 to n taken in."""
        for each in self.waiting:
            statement = statement.moved(each.asset, each.amount)
        return statement.took(1, len(self.waiting)) if self.waiting else statement

    def parties(self) -> Iterator[Fingerprint]:
        """The spenders hear of it."""
        yield from (each.spender for each in self.waiting)

    def assets(self) -> Iterator[Digest]:
        """Those of the spends."""
        yield from (each.asset for each in self.waiting)

    def clear(self, counter: Counter) -> Refused | None:
        """Only as the first order of the first letter; each named spend must wait, once."""
        if not counter.opening:
            return Refused(Refusal.OPENED)
        if len(set(self.waiting)) < len(self.waiting):
            return Refused(Refusal.NO_SPEND)
        for each in self.waiting:
            until = counter.find_waiting(each)
            if until is None:
                return Refused(Refusal.NO_SPEND)
            if counter.now > until:
                return Refused(Refusal.EXPIRED)
        return None

    def settle(self, counter: Counter, raw: bytes) -> Digest | None:
        """Spenders get ``closedspend`` with this very message in it."""
        counter.collect_waiting(self.waiting, raw)
        return None
