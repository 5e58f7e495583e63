"""A release: a claimant gives up what it is owed for one cheque or certificate by one debtor (C2).

It names the whole claim, so it is good for no other. Refuses to know whether there was a claim: that is the judge's.
"""

from dataclasses import dataclass
from typing import ClassVar

from ledgerpost import fields as f
from ledgerpost.papers.instrument import Chain
from ledgerpost.papers.kinds import Paper
from ledgerpost.papers.spendto import MAX_COMMENT
from ledgerpost.terms import Amount, Digest, Fingerprint


@dataclass(frozen=True, slots=True)
class Release(Paper):
    """Signed by the claimant. ``paper``: the identity of the cheque or certificate that asset and amount are of."""

    TYPE: ClassVar = "release"
    FIELDS: ClassVar = (f.fingerprint, f.digest, f.fingerprint, f.digest, f.positive, f.text(MAX_COMMENT))

    bank: Fingerprint
    paper: Digest
    debtor: Fingerprint
    asset: Digest
    amount: Amount
    comment: str

    def ends(self, chain: Chain, debtor: Fingerprint) -> bool:
        """Whether it ends its signer's claim on this instrument against this debtor: all of it, or nothing."""
        paper = chain.paper
        claim = (paper.bank, chain.identity, debtor, paper.asset, paper.amount)
        return claim == (self.bank, self.paper, self.debtor, self.asset, self.amount)
