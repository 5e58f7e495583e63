"""Signed messages: COSE_Sign1 (RFC 9052 4.2) with EdDSA, and nothing else (S1-S4).

A ``Claim`` is what bytes say of themselves; a ``Sealed`` is what a checked key has signed. The two share no
class, so that nothing unverified is taken for verified. Knows no message type and no key store.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from nacl import bindings
from nacl.exceptions import BadSignatureError

from ledgerpost import cbor
from ledgerpost.errors import BadKey, BadSignature, UnexpectedTag, UnknownType, WrongShape
from ledgerpost.terms import FINGERPRINT_SIZE, KEY_SIZE, Digest, Fingerprint, PublicKey

COSE_SIGN1: Final = b"\xd2"
"""Tag 18, the one tag a message starts with."""

VERSION: Final = "lp1."
"""Every type starts with it: a message of another version of the protocol is another type (S1)."""

_OURS = re.compile(r"lp[0-9]+\.")
_ALG, _KID, _TYP = 1, 4, 16
_LABELS = {(int, _ALG), (int, _KID), (int, _TYP)}
_EDDSA = -8
_CONTEXT = b"\x84\x6aSignature1"
"""How every Sig_structure begins: an array of four, and its context."""
_SIGNATURE_SIZE = 64


@lru_cache(maxsize=4096)
def checked_key(raw: bytes) -> PublicKey:
    """The key, if it is a valid, canonical point of the prime-order group (S4). Raises BadKey."""
    if len(raw) != KEY_SIZE:
        raise BadKey(f"a public key of {len(raw)} bytes instead of {KEY_SIZE}")
    if not bindings.crypto_core_ed25519_is_valid_point(raw):
        raise BadKey("a public key that is no point of the prime-order group")
    return PublicKey(raw)


@lru_cache(maxsize=4096)
def fingerprint(key: bytes) -> Fingerprint:
    """COSE key thumbprint (RFC 9679) of {kty: OKP, crv: Ed25519, x: key}, SHA-256 cut to 160 bits."""
    return Fingerprint(sha256(cbor.encode({1: 1, -1: 6, -2: bytes(key)})).digest()[:FINGERPRINT_SIZE])


@dataclass(frozen=True, slots=True)
class Signer:
    """A secret key that signs. ``seed`` is 32 bytes; keep the object short-lived."""

    seed: bytes
    key: PublicKey
    secret: bytes

    @classmethod
    def from_seed(cls, seed: bytes) -> "Signer":
        """The key pair of RFC 8032 5.1.5 for a 32-byte seed."""
        key, secret = bindings.crypto_sign_seed_keypair(seed)
        return cls(seed, PublicKey(key), secret)

    @property
    def fingerprint(self) -> Fingerprint:
        """20 bytes."""
        return fingerprint(self.key)

    def __repr__(self) -> str:
        return f"Signer({self.fingerprint.hex()})"

    def sign(self, type_: str, body: tuple[Any, ...]) -> bytes:
        """A COSE_Sign1 over the body, a tuple of CBOR values; ``type_`` without the version."""
        protected = _protected(self.fingerprint, VERSION + type_)
        payload = cbor.encode(body)
        signature = self.sign_bytes(_to_be_signed(protected, payload))
        # An array of four; its second item is the empty map.
        return b"".join((COSE_SIGN1, b"\x84", _octets(protected), b"\xa0", _octets(payload), _octets(signature)))

    def sign_bytes(self, to_be_signed: bytes) -> bytes:
        """The bare 64-byte signature over a Sig_structure."""
        return bindings.crypto_sign(to_be_signed, self.secret)[:_SIGNATURE_SIZE]


@dataclass(frozen=True, slots=True)
class Claim:
    """What a message says of itself, unverified: who signed it, as what, and the bytes."""

    raw: bytes
    signer: Fingerprint
    type: str
    body: tuple[Any, ...]
    to_be_signed: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Sealed:
    """A verified message. ``type`` is without the version; ``identity`` is SHA-256 of what was signed (S2)."""

    raw: bytes
    signer: Fingerprint
    type: str
    body: tuple[Any, ...]
    identity: Digest


def read(raw: bytes, limit: int = cbor.MAX_SIZE) -> Claim:
    """Decode strictly, before any cryptography. Raises BadBytes."""
    if raw[:1] != COSE_SIGN1:
        raise UnexpectedTag("no signed message: it does not start with tag 18")
    parts = cbor.decode(raw[1:], limit)
    if type(parts) is not tuple or len(parts) != 4:
        raise WrongShape("no COSE_Sign1: four parts belong there")
    protected, unprotected, payload, signature = parts
    if type(protected) is not bytes or type(payload) is not bytes or type(signature) is not bytes:
        raise WrongShape("no COSE_Sign1: header, payload and signature are byte strings")
    if unprotected != {}:
        raise WrongShape("the unprotected header is an empty map")
    if len(signature) != _SIGNATURE_SIZE:
        raise WrongShape(f"a signature of {len(signature)} bytes instead of {_SIGNATURE_SIZE}")
    signer, type_ = _header(protected)
    body = cbor.decode(payload, limit)
    if type(body) is not tuple:
        raise WrongShape("the payload is no array")
    return Claim(raw, signer, type_, body, _to_be_signed(protected, payload), signature)


def verify(claim: Claim, key: bytes) -> Sealed:
    """Check the signature under ``key``, whose fingerprint must be the one claimed (S5).

    Raises BadKey, or BadSignature for any signature libsodium rejects.
    """
    if fingerprint(checked_key(key)) != claim.signer:
        raise BadSignature("signed by another key than the one at hand")
    verify_bytes(claim.to_be_signed, claim.signature, key)
    return Sealed(claim.raw, claim.signer, claim.type, claim.body, identity_of(claim))


def verify_bytes(to_be_signed: bytes, signature: bytes, key: bytes) -> None:
    """Check a bare signature over a Sig_structure. Raises BadSignature. The key must be checked already (S4)."""
    if len(signature) != _SIGNATURE_SIZE:  # libsodium would take a byte of the message for it, or the other way
        raise BadSignature(f"a signature of {len(signature)} bytes instead of {_SIGNATURE_SIZE}")
    try:
        bindings.crypto_sign_open(signature + to_be_signed, key)
    except (BadSignatureError, ValueError) as error:
        raise BadSignature("the signature does not verify") from error


def signable(signer: Fingerprint, type_: str, body: tuple[Any, ...]) -> bytes:
    """The Sig_structure of a message that travels without its header and payload, as an endorsement does (S1)."""
    return _to_be_signed(_protected(signer, VERSION + type_), cbor.encode(body))


def open_message(raw: bytes, key: bytes, *types: str) -> Sealed:
    """Read and verify a message of one of ``types`` (any, if none is given). Raises BadBytes."""
    claim = read(raw)
    if types and claim.type not in types:
        raise WrongShape(f"a {claim.type} where a {' or '.join(types)} belongs")
    return verify(claim, key)


def identity_of(claim: Claim) -> Digest:
    """SHA-256 of the Sig_structure (S2)."""
    return Digest(sha256(claim.to_be_signed).digest())


def trusted(raw: bytes) -> Sealed:
    """A message from our own store, whose record check (T3) stands for its signature. Raises BadBytes."""
    claim = read(raw)
    return Sealed(raw, claim.signer, claim.type, claim.body, identity_of(claim))


def identity_in(raw: bytes) -> Digest:
    """The identity of a message from our own store, without reading its payload. Raises BadBytes."""
    parts = cbor.decode(raw[1:])
    if raw[:1] != COSE_SIGN1 or type(parts) is not tuple or [type(each) for each in parts[::2]] != [bytes, bytes]:
        raise WrongShape("no COSE_Sign1")
    return Digest(sha256(_to_be_signed(parts[0], parts[2])).digest())


@lru_cache(maxsize=4096)
def _protected(signer: Fingerprint, type_: str) -> bytes:
    return cbor.encode({_ALG: _EDDSA, _KID: bytes(signer), _TYP: type_})


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """Sig_structure of RFC 9052 4.4, with no external data. Put together by hand: it is made for every message."""
    return b"".join((_CONTEXT, _octets(protected), b"\x40", _octets(payload)))


def _octets(raw: bytes) -> bytes:
    """A CBOR byte string (RFC 8949 3.1, major type 2), as short as it can be said."""
    size = len(raw)
    if size < 24:
        return b"%c%b" % (0x40 + size, raw)
    if size < 1 << 8:
        return b"\x58%c%b" % (size, raw)
    if size < 1 << 16:
        return b"\x59%b%b" % (size.to_bytes(2, "big"), raw)
    return cbor.encode(raw)


@lru_cache(maxsize=4096)
def _header(protected: bytes) -> tuple[Fingerprint, str]:
    header = cbor.decode(protected, 128)
    if not isinstance(header, Mapping) or {(type(key), key) for key in header} != _LABELS:
        raise WrongShape("the protected header holds alg, kid and typ, and nothing else")
    if type(header[_ALG]) is not int or header[_ALG] != _EDDSA:
        raise WrongShape("signed with another algorithm than EdDSA")
    kid, type_ = header[_KID], header[_TYP]
    if type(kid) is not bytes or len(kid) != FINGERPRINT_SIZE:
        raise WrongShape(f"kid is a fingerprint of {FINGERPRINT_SIZE} bytes")
    if type(type_) is not str or not _OURS.match(type_):
        raise WrongShape("typ names no message of ledgerpost")
    if not type_.startswith(VERSION):
        raise UnknownType("a message of another version of ledgerpost")
    return Fingerprint(kid), type_.removeprefix(VERSION)


def is_message(raw: bytes) -> bool:
    """Whether the bytes start like a signed message."""
    return raw[:1] == COSE_SIGN1
