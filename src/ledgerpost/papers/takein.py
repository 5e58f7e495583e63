"""Orders that take in a notice of what others did: ``confirmclosedspend``, ``confirmdeniedspend`` and the like (L2)."""

from dataclasses import dataclass
from typing import Any, ClassVar

from ledgerpost import fields as f
from ledgerpost.errors import Refusal
from ledgerpost.papers import notice
from ledgerpost.papers.counter import Counter
from ledgerpost.papers.kinds import Refused
from ledgerpost.papers.order import Order
from ledgerpost.statement import Statement
from ledgerpost.terms import Amount, Digest, Number


@dataclass(frozen=True, slots=True)
class TakeIn(Order):
    """Names notice, number, asset and amount; the kind is the order's own."""

    KIND: ClassVar = ""
    FREE: ClassVar = True
    FIELDS: ClassVar[tuple[f.Field[Any], ...]] = (f.positive, f.positive, f.digest, f.positive)

    notice: int
    number: Number
    asset: Digest
    amount: Amount

    def clear(self, counter: Counter) -> Refused | None:
        """A notice of this kind and content must wait."""
        if counter.statement.has_taken(self.notice):
            return Refused(Refusal.TAKEN)
        waits = counter.me.waits(self.notice)
        if waits is None:
            return Refused(Refusal.NO_NOTICE)
        if (waits.kind, waits.number, waits.asset, waits.amount) != (self.KIND, self.number, self.asset, self.amount):
            return Refused(Refusal.NO_NOTICE, None, counter.me.opened(self.notice))
        return None

    def settle(self, counter: Counter, raw: bytes) -> Digest | None:
        """It waits no longer."""
        counter.me.drop(self.notice)
        return None


@dataclass(frozen=True, slots=True)
class ConfirmClosedSpend(TakeIn):
    """The payee accepted: the spend is outstanding no more."""

    TYPE: ClassVar = "confirmclosedspend"
    KIND: ClassVar = notice.CLOSED

    def effect(self, statement: Statement) -> Statement:
        """Outstanding spend gone, notice taken in."""
        return statement.settled(self.number, self.asset, self.amount, back=False).took(self.notice)


@dataclass(frozen=True, slots=True)
class ConfirmDeniedSpend(TakeIn):
    """The payee sent it back: the amount returns."""

    TYPE: ClassVar = "confirmdeniedspend"
    KIND: ClassVar = notice.DENIED

    def effect(self, statement: Statement) -> Statement:
        """Outstanding spend gone, amount back, notice taken in."""
        return statement.settled(self.number, self.asset, self.amount, back=True).took(self.notice)


@dataclass(frozen=True, slots=True)
class ConfirmExpiredSpend(TakeIn):
    """Nobody took it before its end: the amount returns (O4)."""

    TYPE: ClassVar = "confirmexpiredspend"
    KIND: ClassVar = notice.EXPIRED

    def effect(self, statement: Statement) -> Statement:
        """Outstanding spend gone, amount back, notice taken in."""
        return statement.settled(self.number, self.asset, self.amount, back=True).took(self.notice)


@dataclass(frozen=True, slots=True)
class ConfirmWithdrawn(TakeIn):
    """The spender withdrew it: takes in that notice and ``earlier``, the one it withdraws.

    Both at once, so that ``taken`` proves the end of the earlier one after the ``withdrawn`` is forgotten.
    """

    TYPE: ClassVar = "confirmwithdrawn"
    KIND: ClassVar = notice.WITHDRAWN
    FIELDS: ClassVar = (*TakeIn.FIELDS, f.positive)

    earlier: int

    def effect(self, statement: Statement) -> Statement:
        """Both notices taken in."""
        return statement.took(self.notice).took(self.earlier)

    def clear(self, counter: Counter) -> Refused | None:
        """The earlier notice must be the one withdrawn."""
        return _clear_earlier(self, counter, self.earlier)


@dataclass(frozen=True, slots=True)
class ConfirmChequeCleared(TakeIn):
    """A cheque was paid: its debit is taken in, its number closes (N5)."""

    TYPE: ClassVar = "confirmchequecleared"
    KIND: ClassVar = notice.CLEARED

    def effect(self, statement: Statement) -> Statement:
        """Balance down, number closed, notice taken in."""
        return statement.closed(self.number).moved(self.asset, -self.amount).took(self.notice)


@dataclass(frozen=True, slots=True)
class ConfirmChequeBounced(TakeIn):
    """A cheque was not covered; its number stays open, it may be presented again."""

    TYPE: ClassVar = "confirmchequebounced"
    KIND: ClassVar = notice.BOUNCED

    def effect(self, statement: Statement) -> Statement:
        """The notice is taken in; nothing else."""
        return statement.took(self.notice)


@dataclass(frozen=True, slots=True)
class ConfirmClosedCertificate(TakeIn):
    """The certificate was redeemed: it is outstanding no more."""

    TYPE: ClassVar = "confirmclosedcertificate"
    KIND: ClassVar = notice.REDEEMED

    def effect(self, statement: Statement) -> Statement:
        """Certificate gone, notice taken in."""
        return statement.settled(self.number, self.asset, self.amount, back=False).took(self.notice)


@dataclass(frozen=True, slots=True)
class ConfirmRecoveredCertificate(TakeIn):
    """A certificate this party signed over twice was made good (B5). ``earlier``: the lien met, or 0."""

    TYPE: ClassVar = "confirmrecoveredcertificate"
    KIND: ClassVar = notice.RECOVERED
    FIELDS: ClassVar = (*TakeIn.FIELDS, f.whole)

    earlier: int

    def effect(self, statement: Statement) -> Statement:
        """Balance down, notice taken in, and the lien's with it."""
        statement = statement.moved(self.asset, -self.amount).took(self.notice)
        return statement.took(self.earlier) if self.earlier else statement

    def clear(self, counter: Counter) -> Refused | None:
        """The lien must be the one met."""
        return _clear_earlier(self, counter, self.earlier)


@dataclass(frozen=True, slots=True)
class ConfirmCreditedCertificate(TakeIn):
    """A second redemption was made good by a lien: the amount arrives (B5)."""

    TYPE: ClassVar = "confirmcreditedcertificate"
    KIND: ClassVar = notice.CREDITED

    def effect(self, statement: Statement) -> Statement:
        """Balance up, notice taken in."""
        return statement.moved(self.asset, self.amount).took(self.notice)


def _clear_earlier(order: TakeIn, counter: Counter, earlier: int) -> Refused | None:
    refused = TakeIn.clear(order, counter)
    waits = counter.me.waits(order.notice)
    if refused is None and waits is not None and waits.earlier != earlier:
        return Refused(Refusal.NO_NOTICE, None, counter.me.opened(order.notice))
    return refused


TAKE_INS = (
    ConfirmClosedSpend,
    ConfirmDeniedSpend,
    ConfirmExpiredSpend,
    ConfirmChequeCleared,
    ConfirmChequeBounced,
    ConfirmClosedCertificate,
    ConfirmCreditedCertificate,
)
"""Those whose fields are just notice, number, asset and amount."""
