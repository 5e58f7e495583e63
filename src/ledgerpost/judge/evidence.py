"""What lies before the judge: every document verified, whoever brought it; what does not verify counts for nothing.

A key is worth what its fingerprint is worth, so documents bring their own keys and nobody has to be trusted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ledgerpost.errors import BadBytes
from ledgerpost.papers.agreement import Disagreement, Incomplete, Retraced, retrace
from ledgerpost.papers.bankcard import open_bank_card
from ledgerpost.papers.beside import identity_of_part
from ledgerpost.papers.instrument import (
    Chain,
    Instrument,
    check_chain,
    claim_of,
    is_instrument,
    paper_of,
    read_instrument,
)
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.terms import Terms
from ledgerpost.sealed import Claim, Sealed, checked_key, fingerprint, is_message, read, verify
from ledgerpost.statement import Statement, read_statement
from ledgerpost.terms import Digest, Fingerprint, PublicKey

_KEY_INSIDE: Mapping[str, int] = {
    "card": 1,
    "bankcard": 1,
    "contract": 1,
    "sequence": 1,
    "createaccount": 2,
    "certificate": 5,
    "notice": 8,
}
"""Where a message of that type carries somebody's key."""


@dataclass(frozen=True, slots=True)
class Word:
    """A receipt of the bank's: retraced, or why that failed (``Incomplete`` or ``Disagreement``)."""

    receipt: Receipt
    identity: Digest
    statement: Statement
    retraced: Retraced | Incomplete | Disagreement


@dataclass(frozen=True, slots=True)
class Told:
    """A notice of the bank's."""

    notice: Notice
    identity: Digest


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that verified. ``parts`` are the raw documents by identity, ``chains`` the instruments among them."""

    keys: Mapping[Fingerprint, PublicKey]
    parts: Mapping[Digest, bytes]
    words: tuple[Word, ...]
    notices: tuple[Told, ...]
    chains: Mapping[Digest, Chain]

    def chain(self, identity: Digest | None) -> Chain | None:
        """The instrument of that name, if it is here and verifies."""
        return self.chains.get(identity) if identity else None


def gather(documents: Iterable[bytes]) -> Evidence:
    """Verify what can be verified, in an order that does not matter. Never raises for bad documents."""
    parts = {identity: raw for raw in documents if (identity := _identity(raw)) is not None}
    keys = _keys(parts.values())
    sealed = {identity: each for identity, raw in sorted(parts.items()) if (each := _verified(raw, keys)) is not None}
    terms = _terms(sealed.values())
    words = (_word(each, parts, keys, terms) for each in sealed.values() if each.type == Receipt.TYPE)
    told = (_told(each) for each in sealed.values() if each.type == Notice.TYPE)
    chains = {identity: found for identity, raw in parts.items() if (found := _chain(raw, keys)) is not None}
    return Evidence(
        keys,
        parts,
        tuple(each for each in words if each is not None),
        tuple(each for each in told if each is not None),
        chains,
    )


def _identity(raw: bytes) -> Digest | None:
    try:
        return identity_of_part(raw)
    except BadBytes:
        return None


def _keys(raws: Iterable[bytes]) -> dict[Fingerprint, PublicKey]:
    found: dict[Fingerprint, PublicKey] = {}
    for raw in raws:
        for key in _keys_within(raw):
            try:
                found[fingerprint(key)] = checked_key(key)
            except BadBytes:
                continue
    return found


def _keys_within(raw: bytes) -> Iterable[bytes]:
    if is_instrument(raw):
        instrument = _read_instrument(raw)
        if instrument is None:
            return ()
        inner = [instrument.body, *([instrument.chequebook] if instrument.chequebook else [])]
        return [key for each in inner for key in _keys_within(each)]
    claim = _claim(raw)
    place = -1 if claim is None else _KEY_INSIDE.get(claim.type, -1)
    if claim is None or not 0 <= place < len(claim.body) or type(claim.body[place]) is not bytes:
        return ()
    return (claim.body[place],)


def _read_instrument(raw: bytes) -> Instrument | None:
    try:
        return read_instrument(raw)
    except BadBytes:
        return None


def _claim(raw: bytes) -> Claim | None:
    try:
        return read(raw) if is_message(raw) else None
    except BadBytes:
        return None


def _verified(raw: bytes, keys: Mapping[Fingerprint, PublicKey]) -> Sealed | None:
    claim = _claim(raw)
    key = keys.get(claim.signer) if claim else None
    try:
        return verify(claim, key) if claim and key else None
    except BadBytes:
        return None


def _terms(sealed: Iterable[Sealed]) -> dict[Digest, Terms]:
    found: dict[Digest, Terms] = {}
    for each in sealed:
        try:
            if each.type == Terms.TYPE:
                found[each.identity] = Terms.of(each, each.signer)
            if each.type == "bankcard":
                card, terms = open_bank_card(each.raw)
                found[identity_of_part(card.terms)] = terms
        except BadBytes:
            continue
    return found


def _word(
    sealed: Sealed, parts: Mapping[Digest, bytes], keys: Mapping[Fingerprint, PublicKey], terms: Mapping[Digest, Terms]
) -> Word | None:
    try:
        receipt = Receipt.of(sealed, sealed.signer)
        statement = read_statement(receipt.statement)
    except BadBytes:
        return None
    key = keys.get(receipt.party)
    retraced: Retraced | Incomplete | Disagreement
    try:
        if key is None:
            raise Incomplete(f"the card of the party {receipt.party.hex()[:16]}…")
        retraced = retrace(receipt, parts, key, terms.get)
    except (Incomplete, Disagreement) as error:
        retraced = error
    except BadBytes as error:
        retraced = Disagreement(f"what stands beside the receipt is not good: {error.what}")
    return Word(receipt, sealed.identity, statement, retraced)


def _told(sealed: Sealed) -> Told | None:
    try:
        return Told(Notice.of(sealed, sealed.signer), sealed.identity)
    except BadBytes:
        return None


def _chain(raw: bytes, keys: Mapping[Fingerprint, PublicKey]) -> Chain | None:
    try:
        if not is_instrument(raw):
            return None
        instrument = read_instrument(raw)
        key = keys.get(claim_of(instrument.body).signer)
        return check_chain(instrument, key, paper_of(instrument.body).bank) if key else None
    except BadBytes:
        return None
