"""A notice: what another party caused, waiting for this one; it contains that party's signed message (L2)."""

from dataclasses import dataclass
from typing import ClassVar, Final

from ledgerpost import fields as f
from ledgerpost.papers.kinds import About, Paper, Pending
from ledgerpost.terms import Amount, Digest, Fingerprint, Moment, Number, PublicKey

MAX_ENCLOSED: Final = 8192

RECEIPT: Final = "receipt"
"""A spend waits to be accepted or denied (the seed's word)."""
WITHDRAWN: Final = "withdrawn"
CLOSED: Final = "closedspend"
DENIED: Final = "deniedspend"
EXPIRED: Final = "expiredspend"
CLEARED: Final = "chequecleared"
BOUNCED: Final = "chequebounced"
REDEEMED: Final = "closedcertificate"
RECOVERED: Final = "recoveredcertificate"
"""A second redemption was done at the cost of the one who signed twice (B5)."""

LIEN: Final = "lien"
"""The same, where the double signer lacks the funds: it counts against it until they come, or until the end."""
CREDITED: Final = "creditedcertificate"
"""A second redeemer is credited after all, its lien having been met."""

KINDS: Final = (RECEIPT, WITHDRAWN, CLOSED, DENIED, EXPIRED, CLEARED, BOUNCED, REDEEMED, RECOVERED, LIEN, CREDITED)

CLOSING: Final = (CLOSED, DENIED, EXPIRED, REDEEMED)
"""Notices to a spender after which the spend is no longer open (O2)."""

ENDING: Final = (RECEIPT, WITHDRAWN, LIEN)
"""Notices that may end though nobody took them in: by time, or because another took their place (O4)."""

DEBITS: Final = (CLEARED, RECOVERED, LIEN)
"""Notices that count against what a party may use until it takes them in (O1)."""

ON_NUMBERS: Final = (CLEARED,)
"""Debits that charge one of the party's own numbers, which stays open until they are taken in (N5)."""

MOVED: Final = (CLOSED, REDEEMED, CLEARED, RECOVERED)
"""Notices of value that was credited elsewhere already (O6)."""


@dataclass(frozen=True, slots=True)
class Notice(Paper):
    """Signed by the bank for ``party``. ``seq`` and ``digest`` name the party's newest statement then (S6).

    ``other`` caused it and signed ``enclosed`` with ``key``; all three are None where time alone did.
    ``earlier`` is the notice that this one withdraws, else 0.
    """

    TYPE: ClassVar = "notice"
    FIELDS: ClassVar = (
        f.fingerprint,
        f.fingerprint,
        f.positive,
        f.whole,
        f.one_of(*KINDS),
        f.whole,
        f.digest,
        f.maybe(f.fingerprint),
        f.maybe(f.public_key),
        f.positive,
        f.digest,
        f.positive,
        f.whole,
        f.whole,
        f.maybe(f.octets(MAX_ENCLOSED)),
    )

    bank: Fingerprint
    party: Fingerprint
    notice: int
    time: Moment
    kind: str
    seq: int
    digest: Digest
    other: Fingerprint | None
    key: PublicKey | None
    number: Number
    asset: Digest
    amount: Amount
    until: Moment
    earlier: int
    enclosed: bytes | None

    @classmethod
    def about(
        cls,
        pending: Pending,
        bank: Fingerprint,
        now: Moment,
        state: About,
        key: PublicKey | None,
        enclosed: bytes | None,
    ) -> "Notice":
        """The notice of that number, to the party whose newest statement ``state`` names."""
        notice, kind, other, number, asset, amount, until, earlier = pending
        return cls(
            bank,
            state.party,
            notice,
            now,
            kind,
            state.seq,
            state.digest,
            other,
            key,
            number,
            asset,
            amount,
            until,
            earlier,
            enclosed,
        )

    def pending(self) -> Pending:
        """As the bank lists it while it waits."""
        return Pending(
            self.notice, self.kind, self.other, self.number, self.asset, self.amount, self.until, self.earlier
        )
