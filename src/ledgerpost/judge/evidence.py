"""What lies before the judge: every document verified, whoever brought it; what does not verify counts for nothing.

A key is worth what its fingerprint is worth, so documents bring their own keys and nobody has to be trusted.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ledgerpost import cbor
from ledgerpost.errors import BadBytes
from ledgerpost.papers.agreement import Disagreement, Incomplete, Retraced, retrace
from ledgerpost.papers.bankcard import open_bank_card
from ledgerpost.papers.beside import identity_of_part
from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.instrument import (
    Chain,
    Instrument,
    check_chain,
    claim_of,
    digest_of_instrument,
    is_instrument,
    paper_of,
    read_instrument,
    read_instruments,
)
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.redeemcertificate import RedeemCertificate
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
    """Everything that verified. ``parts`` are the documents by identity, ``chains`` the instruments among and in them,
    ``terms`` by identity; ``strangers`` are banks whose key no document brings.
    """

    keys: Mapping[Fingerprint, PublicKey]
    parts: Mapping[Digest, bytes]
    terms: Mapping[Digest, Terms]
    words: tuple[Word, ...]
    notices: tuple[Told, ...]
    chains: Mapping[Digest, Chain]
    strangers: tuple[Fingerprint, ...]

    def chain(self, identity: Digest | None) -> Chain | None:
        """The instrument of that name, if it is here and verifies."""
        return self.chains.get(identity) if identity else None

    def told(self, identity: Digest | None) -> Notice | None:
        """The notice of that name, if it is here and verifies."""
        return next((each.notice for each in self.notices if each.identity == identity), None)


def gather(documents: Iterable[bytes]) -> Evidence:
    """Verify what can be verified, in an order that does not matter. Never raises for bad documents.

    A message has its name from what was signed, not from its signature (S2), so only one that verifies bears it:
    else a copy with a spoilt signature, laid beside a good receipt, would speak against the bank.
    """
    raws = sorted(set(documents))
    within = list(dict.fromkeys(inner for raw in raws for inner in (raw, *_within(raw))))
    keys = _keys(within)
    parts: dict[Digest, bytes] = {}
    sealed: dict[Digest, Sealed] = {}
    for raw in raws:
        each = _verified(raw, keys)
        identity = _identity(raw)
        if identity is not None and (each is not None or not is_message(raw)):
            parts.setdefault(identity, raw)
        if each is not None:
            sealed.setdefault(each.identity, each)
    terms = _terms(sealed.values())
    words = (_word(each, parts, keys, terms) for _, each in sorted(sealed.items()) if each.type == Receipt.TYPE)
    told = (_told(each) for _, each in sorted(sealed.items()) if each.type == Notice.TYPE)
    chains = {digest_of_instrument(raw): found for raw in within if (found := _chain(raw, keys)) is not None}
    return Evidence(
        keys,
        parts,
        terms,
        tuple(each for each in words if each is not None),
        tuple(each for each in told if each is not None),
        chains,
        _strangers(raws, keys),
    )


def _strangers(raws: Iterable[bytes], keys: Mapping[Fingerprint, PublicKey]) -> tuple[Fingerprint, ...]:
    claims = [claim for raw in raws if (claim := _claim(raw)) is not None]
    said = {claim.signer for claim in claims if claim.type in (Receipt.TYPE, Notice.TYPE)}
    return tuple(sorted(said - keys.keys()))


def _identity(raw: bytes) -> Digest | None:
    try:
        return identity_of_part(raw)
    except BadBytes:
        return None


def _within(raw: bytes) -> Iterator[bytes]:
    """Messages and instruments inside a letter or notice: they verify by themselves, whatever holds them."""
    claim = _claim(raw)
    if claim is None:
        return
    for order in _orders(claim):
        if is_message(order):
            yield order
        elif (presented := _presentation(order)) is not None:
            yield presented.instrument.encode()
    try:
        if claim.type == Notice.TYPE:
            enclosed = Notice.read(claim.body).enclosed or b""
            yield from (enclosed,) if is_message(enclosed) or is_instrument(enclosed) else _both(enclosed)
    except BadBytes:
        return


def _orders(claim: Claim) -> tuple[bytes, ...]:
    try:
        return Letter.read(claim.body).orders if claim.type == Letter.TYPE else ()
    except BadBytes:
        return ()


def _presentation(raw: bytes) -> DepositCheque | RedeemCertificate | None:
    try:
        value = cbor.decode(raw)
        for kind in (DepositCheque, RedeemCertificate):
            if type(value) is tuple and value[:1] == (kind.TYPE,):
                return kind.read(value[1:])
    except BadBytes:
        pass
    return None


def _both(raw: bytes) -> Iterator[bytes]:
    if raw:
        yield from (each.encode() for each in read_instruments(raw))


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
        held = [instrument.first] if instrument.first else []
        return [
            *(key for each in inner for key in _keys_within(each)),
            *held,
            *(each[:32] for each in instrument.endorsements),
        ]
    claim = _claim(raw)
    if claim is None:
        return ()
    if claim.type == Letter.TYPE:
        return _drawers(claim)
    place = _KEY_INSIDE.get(claim.type, -1)
    if not 0 <= place < len(claim.body) or type(claim.body[place]) is not bytes:
        return ()
    return (claim.body[place],)


def _drawers(claim: Claim) -> list[bytes]:
    """Keys of the drawers whose cheques a letter deposits."""
    presented = (_presentation(order) for order in _orders(claim) if not is_message(order))
    return [bytes(each.drawer) for each in presented if isinstance(each, DepositCheque)]


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
