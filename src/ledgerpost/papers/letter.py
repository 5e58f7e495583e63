"""A letter: a party's signed message to its bank (L1)."""

from dataclasses import dataclass
from typing import ClassVar, Final, NamedTuple

from ledgerpost import fields as f
from ledgerpost.papers.kinds import Paper
from ledgerpost.terms import Digest, Fingerprint, Moment

MAX_LETTER: Final = 65536
MAX_ORDERS: Final = 128
MAX_ORDER: Final = 20480
AHEAD: Final = 8
"""K of L5: at most this many letters follow the older of base and ``seen``."""


class Seen(NamedTuple):
    """Sequence and statement digest of the newest receipt the writer holds; (0, digest of nothing) for none."""

    seq: int
    digest: Digest


@dataclass(frozen=True, slots=True)
class Letter(Paper):
    """``prev`` is the identity of the letter before (None for the first); ``expect`` the digest of the statement
    that results if every order is done; ``orders`` are byte strings, each read on its own (L4).
    """

    TYPE: ClassVar = "letter"
    FIELDS: ClassVar = (
        f.fingerprint,
        f.positive,
        f.maybe(f.digest),
        f.row(Seen, f.whole, f.digest),
        f.digest,
        f.whole,
        f.nonce,
        f.digest,
        f.listed(f.octets(MAX_ORDER), MAX_ORDERS),
    )

    bank: Fingerprint
    seq: int
    prev: Digest | None
    seen: Seen
    terms: Digest
    not_after: Moment
    nonce: bytes
    expect: Digest
    orders: tuple[bytes, ...]
