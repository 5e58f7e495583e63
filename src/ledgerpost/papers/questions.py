"""``getq``, ``getconfirmedbalance``, ``getconfirmedoutstandingspends``: questions that move nothing.

Every receipt answers them: it names the last statement both signed (the base) and the party's letter that
signed it. The order makes the bank send both along, even if the party should have them (L5).
"""

from dataclasses import dataclass
from typing import ClassVar

from ledgerpost import fields as f
from ledgerpost.papers.order import Order
from ledgerpost.terms import Digest


@dataclass(frozen=True, slots=True)
class GetQ(Order):
    """What waits? The answer is every receipt's list, and the notices beside it."""

    TYPE: ClassVar = "getq"
    FREE: ClassVar = True


@dataclass(frozen=True, slots=True)
class GetConfirmedBalance(Order):
    """What of this asset did both last agree on?"""

    TYPE: ClassVar = "getconfirmedbalance"
    FREE: ClassVar = True
    FIELDS: ClassVar = (f.digest,)

    asset: Digest


@dataclass(frozen=True, slots=True)
class GetConfirmedOutstandingSpends(Order):
    """What was outstanding when both last agreed?"""

    TYPE: ClassVar = "getconfirmedoutstandingspends"
    FREE: ClassVar = True


WANT_BASE = (GetConfirmedBalance, GetConfirmedOutstandingSpends)
"""Orders after which the base travels along."""
