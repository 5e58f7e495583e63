"""The bank's mail, verified message by message and sorted by what it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ledgerpost.errors import UnknownType
from ledgerpost.papers.beside import identity_of_part
from ledgerpost.papers.contract import open_contract
from ledgerpost.papers.instrument import (
    is_instrument,
)
from ledgerpost.papers.restoring import Restoring
from ledgerpost.sealed import Sealed, read, verify
from ledgerpost.statement import is_statement
from ledgerpost.terms import Digest
from ledgerpost.wallet.account import Account


@dataclass(frozen=True, slots=True)
class Mail:
    """The messages of one envelope from the bank, verified and sorted by what they are."""

    receipts: tuple[Sealed, ...] = ()
    notices: tuple[Sealed, ...] = ()
    terms: tuple[Sealed, ...] = ()
    asks: tuple[Sealed, ...] = ()
    contracts: Mapping[Digest, bytes] = field(default_factory=dict)
    parts: Mapping[Digest, bytes] = field(default_factory=dict)


def sort_mail(account: Account, messages: tuple[bytes, ...]) -> Mail:
    """Verify every message of an envelope from the bank. Raises BadBytes for the first that is not good."""
    key, bank = account.bank.key, account.bank.bank
    types = ("receipt", "notice", "terms", "sequence", "certificate", Restoring.TYPE)
    found: dict[str, list[Sealed]] = {each: [] for each in types}
    contracts: dict[Digest, bytes] = {}
    parts: dict[Digest, bytes] = {}
    for raw in messages:
        if is_statement(raw) or is_instrument(raw):
            parts[identity_of_part(raw)] = raw
            continue
        claim = read(raw)
        if claim.type == "contract":
            contracts[open_contract(raw, bank)[1].identity] = raw
        elif claim.type == "letter":
            parts[verify(claim, account.key).identity] = raw
        elif claim.type in found:
            found[claim.type].append(verify(claim, key))
            parts[found[claim.type][-1].identity] = raw
        else:
            raise UnknownType(f"a {claim.type} among the bank's mail")
    receipts, notices, terms, _, _, asks = map(tuple, found.values())
    return Mail(receipts, notices, terms, asks, contracts, parts)
