"""The recipient's word that envelopes reached it, so that couriers need not carry them any further (D3).

It is about the outside of mail alone: it says nothing of what the envelopes held or what became of it.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

from ledgerpost import fields as f
from ledgerpost.errors import WrongBank, WrongShape
from ledgerpost.papers.kinds import Paper
from ledgerpost.sealed import open_message
from ledgerpost.terms import Digest, Fingerprint, Moment, PublicKey

MOST_DELIVERED: Final = 1024
"""Envelopes that one word names."""

COUNTS_FOR: Final = 14 * 86400
"""Seconds after which a word counts no more: an envelope whose answer was lost is then carried again."""

SKEW: Final = 86400
"""Seconds by which the clock of whoever signed may be ahead of the courier's."""


@dataclass(frozen=True, slots=True)
class Delivered(Paper):
    """Signed by the recipient, whose fingerprint stands in the bank's place: nobody else's word counts.

    ``envelopes``: the SHA-256 of each envelope's bytes, rising.
    """

    TYPE: ClassVar = "delivered"
    FIELDS: ClassVar = (f.fingerprint, f.positive, f.listed(f.digest, MOST_DELIVERED))

    recipient: Fingerprint
    time: Moment
    envelopes: tuple[Digest, ...]

    def check(self) -> None:
        """Rising, each once, and not none. Raises WrongShape."""
        if not self.envelopes:
            raise WrongShape("a word that names no envelope")
        f.rising("envelopes", self.envelopes)

    def counts(self, now: Moment) -> bool:
        """Whether a courier whose clock says ``now`` goes by it."""
        return self.time - SKEW <= now <= self.time + COUNTS_FOR


def open_delivered(raw: bytes, key: PublicKey) -> Delivered:
    """The word in a message that ``key`` signed. Raises BadBytes; WrongBank where it speaks for another's mail."""
    sealed = open_message(raw, key, Delivered.TYPE)
    word = Delivered.of(sealed)
    if word.recipient != sealed.signer:
        raise WrongBank("it speaks for another's mail than that of the one who signed it")
    return word
