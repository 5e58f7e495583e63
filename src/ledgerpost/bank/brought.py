"""What a party brings to a bank that restores: its declaration, and what it holds besides letters (L11).

Strict, and bounded by the envelope: every message is one that belongs here and is signed by the bank or by the party.
Decides nothing: ``bank.restoring`` does.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ledgerpost.errors import UnknownType, WrongShape
from ledgerpost.papers.beside import identity_of_part
from ledgerpost.papers.cancelspend import CancelSpend
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.confirmreceipt import ConfirmReceipt
from ledgerpost.papers.contract import Contract, open_contract
from ledgerpost.papers.createaccount import CreateAccount
from ledgerpost.papers.declaration import Declaration, open_declaration
from ledgerpost.papers.denyreceipt import DenyReceipt
from ledgerpost.papers.instrument import claim_of, is_instrument, paper_of, read_instrument
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.sequence import Sequence as Chequebook
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.papers.terms import Terms
from ledgerpost.sealed import Sealed, fingerprint, read, verify
from ledgerpost.statement import is_statement, read_statement
from ledgerpost.terms import Digest, Fingerprint, PublicKey

BY_BANK: Final = (Receipt.TYPE, Notice.TYPE, Terms.TYPE, Chequebook.TYPE, Certificate.TYPE)
"""Types that the bank itself must have signed."""

ORDERS: Final[Mapping[str, type[ConfirmReceipt | DenyReceipt | CancelSpend | SpendTo | CreateAccount]]] = {
    kind.TYPE: kind for kind in (ConfirmReceipt, DenyReceipt, CancelSpend, SpendTo, CreateAccount)
}
"""Signed orders that a party keeps, because what they did to others may be lost."""


@dataclass(frozen=True, slots=True)
class Brought:
    """All of it verified. ``parts``: every message by identity, letters too; ``paid``: instruments as presented."""

    declaration: Declaration
    raw: bytes
    receipt: Sealed | None
    parts: Mapping[Digest, bytes]
    notices: tuple[Notice, ...]
    raws: tuple[bytes, ...]
    terms: tuple[Sealed, ...]
    contracts: tuple[bytes, ...]
    deeds: tuple[Sealed, ...]
    paid: tuple[bytes, ...]

    def told(self) -> Iterator[tuple[Notice, bytes]]:
        """Notices, and their bytes."""
        return zip(self.notices, self.raws, strict=True)

    def touches(self) -> Iterator[Fingerprint]:
        """Other parties that it is about."""
        for sealed in self.deeds:
            yield from ORDERS[sealed.type].read(sealed.body).parties()
        yield from (drawer_of(raw) for raw in self.paid)
        yield from (each.other for each in self.notices if each.other is not None)


def drawer_of(instrument: bytes) -> Fingerprint:
    """Whose number an instrument is under: its drawer, or its buyer."""
    body = read_instrument(instrument).body
    paper = paper_of(body)
    return fingerprint(paper.key) if isinstance(paper, Certificate) else claim_of(body).signer


def read_brought(raws: Sequence[bytes], key: PublicKey, bank: PublicKey, letters: Mapping[Digest, bytes]) -> Brought:
    """Verify what came besides letters. ``key`` is the party's. Raises BadBytes."""
    parts, rest = dict(letters), []
    paid: list[bytes] = []
    for raw in dict.fromkeys(raws):
        if is_statement(raw):
            read_statement(raw)
        elif is_instrument(raw):
            paid += [raw] if _is_paid(raw, key, bank) else []
        else:
            rest.append(_verified(raw, key, bank))
        parts[identity_of_part(raw)] = raw
    return _sorted(rest, parts, tuple(paid), bank)


def _verified(raw: bytes, key: PublicKey, bank: PublicKey) -> Sealed:
    claim = read(raw)
    if claim.type == Contract.TYPE:
        return open_contract(raw, fingerprint(bank))[1]
    if claim.type in BY_BANK:
        return verify(claim, bank)
    if claim.type == Declaration.TYPE or claim.type in ORDERS:
        sealed = verify(claim, key)
        if sealed.body[:1] != (fingerprint(bank),):
            raise WrongShape(f"a {claim.type} for another bank")
        return sealed
    raise UnknownType(f"a {claim.type} where the bank expects letters")


def _is_paid(raw: bytes, key: PublicKey, bank: PublicKey) -> bool:
    """Whether the party handed it to the bank: evidence beside a receipt is others'. Raises BadBytes."""
    instrument = read_instrument(raw)
    if not instrument.endorsements or fingerprint(instrument.endorsements[-1][:32]) != fingerprint(bank):
        return False
    certificate = isinstance(paper_of(instrument.body), Certificate)
    before = instrument.endorsements[-2][:32] if len(instrument.endorsements) > 1 else instrument.first
    if certificate and before is None:
        paper = paper_of(instrument.body)
        before = paper.key if isinstance(paper, Certificate) else None
    return before == key


def _sorted(rest: list[Sealed], parts: Mapping[Digest, bytes], paid: tuple[bytes, ...], key: PublicKey) -> Brought:
    found = [each for each in rest if each.type == Declaration.TYPE]
    if len(found) != 1:
        raise WrongShape("what is brought to a bank that restores needs one declaration")
    said, bank = open_declaration(found[0], key), fingerprint(key)
    receipt = next((each for each in rest if each.type == Receipt.TYPE and each.identity == said.receipt), None)
    notices = [each for each in rest if each.type == Notice.TYPE]
    deeds = tuple(each for each in rest if each.type in ORDERS)
    for each in deeds:
        ORDERS[each.type].read(each.body)
    return Brought(
        said,
        found[0].raw,
        receipt,
        parts,
        tuple(Notice.of(each, bank) for each in notices),
        tuple(each.raw for each in notices),
        tuple(each for each in rest if each.type == Terms.TYPE),
        tuple(each.raw for each in rest if each.type == Contract.TYPE),
        deeds,
        paid,
    )
