"""``issueasset``: the bank keeps an asset from now on; its issuer's balance may go negative (O6)."""

from dataclasses import dataclass
from typing import ClassVar

from ledgerpost import fields as f
from ledgerpost.errors import BadBytes, Refusal
from ledgerpost.papers.contract import MAX_CONTRACT, open_contract
from ledgerpost.papers.counter import Counter
from ledgerpost.papers.kinds import Refused
from ledgerpost.papers.order import Order
from ledgerpost.terms import Digest


@dataclass(frozen=True, slots=True)
class IssueAsset(Order):
    """``contract`` is the signed contract; its signer must be the letter's."""

    TYPE: ClassVar = "issueasset"
    FIELDS: ClassVar = (f.octets(MAX_CONTRACT + 512),)

    contract: bytes

    def clear(self, counter: Counter) -> Refused | None:
        """A good contract of the signer's own, not kept already."""
        try:
            _, sealed = open_contract(self.contract, counter.bank)
        except BadBytes:
            return Refused(Refusal.MALFORMED)
        if sealed.signer != counter.me.fingerprint:
            return Refused(Refusal.MISADDRESSED)
        return Refused(Refusal.OPENED) if counter.keeps(sealed.identity) else None

    def settle(self, counter: Counter, raw: bytes) -> Digest | None:
        """Keep it."""
        _, sealed = open_contract(self.contract, counter.bank)
        counter.issue(sealed.identity, self.contract)
        return None
