"""The chequebook (the seed's ``sequence``): numbers the bank gave out, with the drawer's key (N4)."""

from dataclasses import dataclass
from typing import ClassVar

from ledgerpost import fields as f
from ledgerpost.papers.kinds import Paper
from ledgerpost.terms import Fingerprint, Moment, Number, PublicKey


@dataclass(frozen=True, slots=True)
class Sequence(Paper):
    """Numbers ``first`` to ``last`` of the party with ``key``, good until ``until``; signed by the bank."""

    TYPE: ClassVar = "sequence"
    FIELDS: ClassVar = (f.fingerprint, f.public_key, f.positive, f.positive, f.whole, f.whole)

    bank: Fingerprint
    key: PublicKey
    first: Number
    last: Number
    until: Moment
    time: Moment
