"""What the judge says: findings, each with its debtor, its rule and the documents that show it."""

from dataclasses import dataclass

from ledgerpost.terms import Amount, Digest, Fingerprint


@dataclass(frozen=True, slots=True)
class Finding:
    """``debtor`` owes ``creditor`` the amount; or, where ``asset`` is None, is only proven at fault.

    ``rule`` is the rule's name in docs/spec.md, ``shown`` the identities of the documents that show it, in order.
    """

    debtor: Fingerprint
    creditor: Fingerprint | None
    asset: Digest | None
    amount: Amount
    rule: str
    words: str
    shown: tuple[Digest, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """What can't be decided from these files, and the document that would decide it."""

    words: str
    document: str
    shown: tuple[Digest, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that the files prove, and all that they leave open. Nobody is found against where both are empty."""

    findings: tuple[Finding, ...]
    undecidable: tuple[Missing, ...]
