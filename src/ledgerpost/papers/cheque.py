"""A cheque: drawn offline on an open number, payable to one payee or to whoever presents it first (C1)."""

from dataclasses import dataclass
from typing import ClassVar, Final

from ledgerpost import fields as f
from ledgerpost.errors import WrongShape
from ledgerpost.papers.kinds import Paper
from ledgerpost.terms import Amount, Digest, Fingerprint, Moment, Number

MAX_MEMO: Final = 48


@dataclass(frozen=True, slots=True)
class Cheque(Paper):
    """Signed by the drawer. ``payee`` None: open, to whoever presents it first. Good from ``start`` to ``until``."""

    TYPE: ClassVar = "cheque"
    FIELDS: ClassVar = (
        f.fingerprint,
        f.positive,
        f.maybe(f.fingerprint),
        f.digest,
        f.positive,
        f.whole,
        f.whole,
        f.text(MAX_MEMO),
    )

    bank: Fingerprint
    number: Number
    payee: Fingerprint | None
    asset: Digest
    amount: Amount
    start: Moment
    until: Moment
    memo: str

    def check(self) -> None:
        """It ends after it starts."""
        if self.until < self.start:
            raise WrongShape("a cheque that ends before it starts")
