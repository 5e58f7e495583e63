"""``restoring``: a bank that came back from a backup asks a party for what it holds (L11).

The same bytes for one party and one restore, however often it asks.
"""

from dataclasses import dataclass
from typing import ClassVar

from ledgerpost import fields as f
from ledgerpost.errors import WrongShape
from ledgerpost.papers.kinds import Paper
from ledgerpost.terms import Fingerprint, Moment


@dataclass(frozen=True, slots=True)
class Restoring(Paper):
    """By the bank, which may know nothing of what it signed after ``first`` (its backup) and up to ``last``."""

    TYPE: ClassVar = "restoring"
    FIELDS: ClassVar = (f.fingerprint, f.fingerprint, f.whole, f.whole)

    bank: Fingerprint
    party: Fingerprint
    first: Moment
    last: Moment

    def check(self) -> None:
        """The backup comes before the restore."""
        if self.first > self.last:
            raise WrongShape("a restore that ends before it begins")
