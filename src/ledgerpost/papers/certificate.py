"""A bearer certificate: value that left the buyer's account when the bank signed it (B1)."""

from dataclasses import dataclass
from typing import ClassVar

from ledgerpost import fields as f
from ledgerpost.papers.kinds import Paper
from ledgerpost.terms import Amount, Digest, Fingerprint, Moment, Number, PublicKey


@dataclass(frozen=True, slots=True)
class Certificate(Paper):
    """Signed by the bank. ``key``: the buyer's, its first holder; ``longest``: endorsements allowed."""

    TYPE: ClassVar = "certificate"
    FIELDS: ClassVar = (f.fingerprint, f.positive, f.digest, f.positive, f.whole, f.public_key, f.positive)

    bank: Fingerprint
    number: Number
    asset: Digest
    amount: Amount
    until: Moment
    key: PublicKey
    longest: int
