"""What a page is told about parties and money: values that were read and checked elsewhere.

Refuses to know where names come from, and whether they are true: a fingerprint stands beside every one of them.
"""

from dataclasses import dataclass

from ledgerpost.papers.contract import Head
from ledgerpost.spelling import spell_amount
from ledgerpost.terms import Digest, Fingerprint


@dataclass(frozen=True, slots=True)
class Party:
    """A party or bank. ``name``: what it is called here, or calls itself; empty if nobody knows."""

    who: Fingerprint
    name: str = ""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the asset's smallest units. ``head``: of the asset's contract; None if it is not at hand."""

    asset: Digest
    units: int
    head: Head | None = None

    @property
    def figures(self) -> str:
        """With the asset's decimals; bare units where those are not known."""
        return spell_amount(self.units, self.head.decimals if self.head else 0)
