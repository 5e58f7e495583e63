"""A contact card: a party's key and the name it goes by, signed with that key, to be given away (S5)."""

from dataclasses import dataclass
from typing import ClassVar

from ledgerpost import fields as f
from ledgerpost.errors import BadSignature
from ledgerpost.papers.kinds import Paper
from ledgerpost.sealed import read, verify
from ledgerpost.terms import Fingerprint, PublicKey

MAX_NAME = 64
"""Bytes of a party's or bank's name. A name is a claim; money goes to a fingerprint."""


@dataclass(frozen=True, slots=True)
class Card(Paper):
    """``name`` is what the signer calls itself at ``bank``."""

    TYPE: ClassVar = "card"
    FIELDS: ClassVar = (f.fingerprint, f.public_key, f.text(MAX_NAME))

    bank: Fingerprint
    key: PublicKey
    name: str


def open_card(raw: bytes) -> Card:
    """Verify a card with the key it carries. Raises BadBytes."""
    claim = read(raw, 1024)
    card = Card.of(verify(claim, key_within(claim.body)))
    return card


def key_within(body: tuple[object, ...]) -> PublicKey:
    """The key in the second field, to be held against the signer's fingerprint. Raises BadSignature."""
    if len(body) < 2:
        raise BadSignature("the message brings no key")
    return f.public_key(body[1])
