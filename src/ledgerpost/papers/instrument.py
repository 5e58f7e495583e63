"""Instruments as they travel from hand to hand: a cheque or certificate, and the chain of endorsements on it (B2, C4).

An endorsement is 96 bytes: the next holder's key and the holder's signature. What is signed follows from what it
endorses: bank, identity of the body before it, next key. So a copied, cut or spliced chain can't verify, and where
two chains of one instrument part, the signer of the first body that differs signed twice (B5).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Final, NamedTuple

from ledgerpost import cbor
from ledgerpost import fields as f
from ledgerpost.errors import BadSignature, WrongBank, WrongShape
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.sequence import Sequence as Chequebook
from ledgerpost.papers.terms import LONGEST
from ledgerpost.sealed import (
    Claim,
    Signer,
    checked_key,
    fingerprint,
    identity_of,
    open_message,
    read,
    signable,
    verified,
    verify_bytes,
)
from ledgerpost.terms import Digest, Fingerprint, Moment, PublicKey

ENDORSEMENT: Final = "endorsement"
ENDORSEMENT_SIZE: Final = 96
_THREE: Final = b"\x83"
"""The head of an array of three (RFC 8949 3)."""
MAX_BODY: Final = 1024
MAX_INSTRUMENT: Final = 4096


@dataclass(frozen=True, slots=True)
class Instrument:
    """``body``: the signed cheque or certificate. ``first``: the key of a cheque's first endorser (a certificate
    names its own). ``chequebook``: travels with a cheque, so that its payee can check it offline (N4).
    """

    body: bytes
    first: PublicKey | None = None
    endorsements: tuple[bytes, ...] = ()
    chequebook: bytes | None = None

    def encode(self) -> bytes:
        """As it travels."""
        return cbor.encode((self.body, self.first, self.endorsements, self.chequebook))

    def bare(self) -> "Instrument":
        """Without its chequebook, as it is deposited and kept."""
        return Instrument(self.body, self.first, self.endorsements)


def _endorsement(value: object) -> bytes:
    if type(value) is not bytes or len(value) != ENDORSEMENT_SIZE:
        raise WrongShape(f"an endorsement is {ENDORSEMENT_SIZE} bytes")
    return value


endorsements_field = f.listed(_endorsement, LONGEST)
_instrument = f.row(
    Instrument, f.octets(MAX_BODY), f.maybe(f.public_key), endorsements_field, f.maybe(f.octets(MAX_BODY))
)


def read_instrument(raw: bytes) -> Instrument:
    """Decode strictly; verify nothing. Raises BadBytes."""
    return _instrument(cbor.decode(raw, MAX_INSTRUMENT))


_pair = f.listed(f.octets(MAX_INSTRUMENT), 2)


def read_instruments(raw: bytes) -> tuple[Instrument, ...]:
    """An array of instruments: the two chains that prove who signed twice. Raises BadBytes."""
    return tuple(map(read_instrument, _pair(cbor.decode(raw, 2 * MAX_INSTRUMENT + 16))))


def is_instrument(raw: bytes) -> bool:
    """Whether the bytes start like an instrument: an array of four, a byte string first."""
    return raw[:1] == b"\x84" and raw[1:2] in (b"\x58", b"\x59")


def digest_of_instrument(raw: bytes) -> Digest:
    """A name for the bytes of an instrument beside a receipt; what it proves rests on the signatures in it."""
    return Digest(sha256(b"instrument" + raw).digest())


class Chain(NamedTuple):
    """A verified instrument. ``bodies`` are the identities of body and endorsements, in order; ``signers`` who signed
    each (fingerprints), ``holders`` the keys it passed to: ``holders[i]`` signed ``bodies[i + 1]``.
    """

    instrument: Instrument
    paper: Cheque | Certificate
    drawer: Fingerprint
    bodies: tuple[Digest, ...]
    holders: tuple[PublicKey | None, ...]

    @property
    def identity(self) -> Digest:
        """The cheque's or certificate's own identity."""
        return self.bodies[0]

    @property
    def holder(self) -> PublicKey | None:
        """The key that holds it now; None for an unendorsed cheque, whose payee is named by fingerprint, or open."""
        return self.holders[-1]

    def signer(self, at: int) -> Fingerprint:
        """Who signed body ``at``: 0 is the drawer, or the bank of a certificate."""
        key = self.holders[at - 1] if at else None
        return self.drawer if key is None else fingerprint(key)


@lru_cache(maxsize=4096)
def claim_of(body: bytes) -> Claim:
    """The cheque or certificate, unverified. Raises BadBytes."""
    return read(body, MAX_BODY)


@lru_cache(maxsize=4096)
def paper_of(body: bytes) -> Cheque | Certificate:
    """The fields of the cheque or certificate, unverified. Raises BadBytes."""
    claim = claim_of(body)
    if claim.type == Cheque.TYPE:
        return Cheque.read(claim.body)
    if claim.type == Certificate.TYPE:
        return Certificate.read(claim.body)
    raise WrongShape(f"a {claim.type} where a cheque or certificate belongs")


def check_chain(instrument: Instrument, signer: PublicKey, bank: Fingerprint) -> Chain:
    """Verify body and endorsements. ``signer``: the drawer's key for a cheque, the bank's for a certificate.

    Raises BadBytes: a bad signature, a chain that doesn't start where it must, another bank's instrument.
    """
    paper = paper_of(instrument.body)
    if paper.bank != bank:
        raise WrongBank("an instrument of another bank")
    claim = claim_of(instrument.body)
    bodies = [verified(claim, signer)]
    if isinstance(paper, Certificate) and claim.signer != bank:
        raise BadSignature("a certificate that its bank did not sign")
    holders = [_first_holder(instrument, paper)]
    for raw in instrument.endorsements:
        holder = holders[-1]
        if holder is None:
            raise WrongShape("an endorsed cheque that brings no key of its first endorser")
        following, signature = checked_key(raw[:32]), raw[32:]
        signed = _structure(fingerprint(holder), bank, bodies[-1], following)
        verify_bytes(signed, signature, holder)
        bodies.append(Digest(sha256(signed).digest()))
        holders.append(following)
    return Chain(instrument, paper, claim.signer, tuple(bodies), tuple(holders))


def _first_holder(instrument: Instrument, paper: Cheque | Certificate) -> PublicKey | None:
    if isinstance(paper, Certificate):
        if instrument.first is not None or instrument.chequebook is not None:
            raise WrongShape("a certificate names its first holder itself")
        if len(instrument.endorsements) > paper.longest:
            raise WrongShape(f"more endorsements than the {paper.longest} its bank allows")
        return checked_key(paper.key)
    if bool(instrument.endorsements) != (instrument.first is not None):
        raise WrongShape("a cheque brings the key of its first endorser, if it is endorsed")
    if instrument.first is None:
        return None
    if paper.payee is None and [fingerprint(raw[:32]) for raw in instrument.endorsements] != [paper.bank]:
        raise WrongShape("the chain of an open cheque is its presenter handing it to the bank")
    if paper.payee is not None and fingerprint(instrument.first) != paper.payee:
        raise WrongShape("the first endorser is not the payee")
    return checked_key(instrument.first)


def _structure(holder: Fingerprint, bank: Fingerprint, before: Digest, following: PublicKey) -> bytes:
    return signable(holder, ENDORSEMENT, _THREE + cbor.octets(bank) + cbor.octets(before) + cbor.octets(following))


def endorse(chain: Chain, signer: Signer, following: PublicKey) -> Instrument:
    """The instrument with one more endorsement, by its holder. Raises WrongShape if ``signer`` does not hold it."""
    held = chain.instrument
    holder = chain.holder
    if holder is None:
        payee = chain.paper.payee if isinstance(chain.paper, Cheque) else None
        mine = payee in (None, signer.fingerprint)
    else:
        mine = holder == signer.key
    if not mine:
        raise WrongShape("only its holder can endorse an instrument")
    signed = _structure(signer.fingerprint, chain.paper.bank, chain.bodies[-1], following)
    first = signer.key if holder is None else held.first
    raw = bytes(following) + signer.sign_bytes(signed)
    return Instrument(held.body, first, (*held.endorsements, raw), held.chequebook)


def check_chequebook(chain: Chain, bank: PublicKey) -> Chequebook:
    """The chequebook a cheque brings covers its number and dates, and is its drawer's (N4). Raises BadBytes."""
    cheque, raw = chain.paper, chain.instrument.chequebook
    if raw is None or not isinstance(cheque, Cheque):
        raise WrongShape("the cheque brings no chequebook")
    book = Chequebook.of(open_message(raw, bank), cheque.bank)
    if fingerprint(book.key) != chain.drawer or not book.first <= cheque.number <= book.last:
        raise WrongShape("the chequebook does not cover this cheque")
    if cheque.until > book.until:
        raise WrongShape("the cheque runs longer than its chequebook")
    return book


def check_offline(instrument: Instrument, bank: PublicKey) -> Chain:
    """Everything a payee can check who knows only the bank's key: signatures, drawer, number, dates of the chequebook.

    Raises BadBytes. What only the bank can say, covered or already presented, stays open.
    """
    paper = paper_of(instrument.body)
    at = fingerprint(bank)
    if isinstance(paper, Certificate):
        return check_chain(instrument, bank, at)
    if instrument.chequebook is None:
        raise WrongShape("the cheque brings no chequebook, so its drawer can't be checked")
    book = Chequebook.of(open_message(instrument.chequebook, bank), at)
    chain = check_chain(instrument, checked_key(book.key), at)
    check_chequebook(chain, bank)
    return chain


def same(one: Instrument, other: Instrument) -> bool:
    """Whether two verified instruments bear the same chain, whatever bytes its signatures have (S2)."""
    return _marks(one) == _marks(other)


def _marks(instrument: Instrument) -> tuple[Digest, PublicKey | None, tuple[bytes, ...]]:
    followers = tuple(raw[:32] for raw in instrument.endorsements)
    return identity_of_body(instrument.body), instrument.first, followers


def parting(one: Chain, other: Chain) -> int | None:
    """Where two chains part: the place of the first body that differs; None if one is the start of the other (B5)."""
    for at, (a, b) in enumerate(zip(one.bodies, other.bodies, strict=False)):
        if a != b:
            return at
    return None


def nearest(chain: Chain, presented: Sequence[Chain]) -> Chain:
    """Of the chains presented before, the one that shares most with this one; the earliest of equals (B5)."""
    return max(presented, key=lambda each: shared(chain, each))


def shared(one: Chain, other: Chain) -> int:
    """How many bodies two chains have in common from the start."""
    at = parting(one, other)
    return min(len(one.bodies), len(other.bodies)) if at is None else at


def in_date(paper: Cheque | Certificate, now: Moment) -> bool:
    """Whether it may be presented now."""
    return (paper.start if isinstance(paper, Cheque) else 0) <= now <= paper.until


def identity_of_body(body: bytes) -> Digest:
    """The identity of the cheque or certificate, unverified."""
    return identity_of(claim_of(body))
