"""What the judge says: who owes whom, what is proven against nobody, what is open and which document would close it."""

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
class Need:
    """A document that would decide: of ``kind``, a message type, ``instrument`` or ``statement``.

    ``identity`` where its digest is known; of a receipt, the digest of the statement that it bears. Else by ``party``,
    whose card, chequebook, receipt, notice or cheque it is; and ``number``: a receipt's sequence (or a later one), a
    notice's number, an instrument's or chequebook's number.
    """

    kind: str
    identity: Digest | None = None
    party: Fingerprint | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """What can't be decided from these files, and the documents one of which would decide it.

    ``claim``: what is claimed meanwhile, as a finding would say it; nobody owes it yet.
    """

    words: str
    needs: tuple[Need, ...]
    shown: tuple[Digest, ...]
    claim: Finding | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What the files prove against nobody: a cheque that was paid, a spend that was accepted, who has how much."""

    words: str
    shown: tuple[Digest, ...]
    party: Fingerprint
    asset: Digest | None = None
    amount: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that the files prove, and all that they leave open.

    ``undecidable``: questions that these files raise and do not answer. ``open``: what nobody has raised, and what
    would raise it: a receipt held back, a second notice, another paper under the number.
    """

    findings: tuple[Finding, ...]
    undecidable: tuple[Missing, ...]
    settled: tuple[Settled, ...]
    open: tuple[Missing, ...]
