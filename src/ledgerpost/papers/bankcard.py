"""The bank's card: its key, its name, its terms; what a person needs to open an account (S5, O3)."""

from dataclasses import dataclass
from typing import ClassVar

from ledgerpost import fields as f
from ledgerpost.papers.card import MAX_NAME, key_within
from ledgerpost.papers.kinds import Paper
from ledgerpost.papers.terms import MAX_TERMS, Terms
from ledgerpost.sealed import open_message, read, verify
from ledgerpost.terms import Fingerprint, Moment, PublicKey


@dataclass(frozen=True, slots=True)
class BankCard(Paper):
    """``terms`` is the signed message of the terms in force at ``time``; the fee to open stands there."""

    TYPE: ClassVar = "bankcard"
    FIELDS: ClassVar = (f.fingerprint, f.public_key, f.text(MAX_NAME), f.whole, f.octets(MAX_TERMS))

    bank: Fingerprint
    key: PublicKey
    name: str
    time: Moment
    terms: bytes


def open_bank_card(raw: bytes) -> tuple[BankCard, Terms]:
    """Verify a bank's card, and the terms in it, with the key it carries. Raises BadBytes."""
    claim = read(raw, 2 * MAX_TERMS)
    sealed = verify(claim, key_within(claim.body))
    card = BankCard.of(sealed, sealed.signer)
    return card, Terms.of(open_message(card.terms, card.key), card.bank)
