"""Signed messages: COSE_Sign1 (RFC 9052 4.2) with EdDSA, and nothing else (S1-S4).

A ``Claim`` is what bytes say of themselves; a ``Sealed`` is what a checked key has signed. The two share no
class, so that nothing unverified is taken for verified. Knows no message type and no key store.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, NamedTuple

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
_SIGNATURE_SIZE = 64

# What stands around header, payload and signature in a message, and around the first two in what is signed.
_FOUR: Final = COSE_SIGN1 + b"\x84"
_NO_HEADER: Final = cbor.encode({})
_SIGNED: Final = cbor.encode(bytes(_SIGNATURE_SIZE))[:-_SIGNATURE_SIZE]
_CONTEXT: Final = b"\x84" + cbor.encode("Signature1")
_NO_DATA: Final = cbor.encode(b"")


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
        header = _protected(self.fingerprint, VERSION + type_)
        payload = cbor.octets(cbor.encode(body))
        return _message(header, payload, self.sign_bytes(_to_be_signed(header, payload)))

    def sign_bytes(self, to_be_signed: bytes) -> bytes:
        """The bare 64-byte signature over a Sig_structure."""
        return bindings.crypto_sign(to_be_signed, self.secret)[:_SIGNATURE_SIZE]


class Claim(NamedTuple):
    """What a message says of itself, unverified: who signed it, as what, and the bytes."""

    raw: bytes
    signer: Fingerprint
    type: str
    body: tuple[Any, ...]
    to_be_signed: bytes
    signature: bytes


class Sealed(NamedTuple):
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
    protected, payload, signature, to_be_signed = _opened(raw, limit)
    signer, type_ = _header(protected)
    body = cbor.decode(payload, limit)
    if type(body) is not tuple:
        raise WrongShape("the payload is no array")
    return Claim(raw, signer, type_, body, to_be_signed, signature)


def _opened(raw: bytes, limit: int) -> tuple[bytes, bytes, bytes, bytes]:
    """Protected header, payload and signature of a COSE_Sign1 in its one form, and the Sig_structure.

    Message and Sig_structure hold header and payload encoded alike. So these are encoded once, and the message made of
    them is compared with the one at hand (S3). Where they differ, ``cbor.prove`` says how.
    """
    parts = cbor.unproven(raw[1:], limit)
    try:
        protected, payload, signature = _shaped(parts)
    except WrongShape:
        cbor.prove(raw[1:], parts)  # the form is judged before the shape
        raise
    header, content = cbor.octets(protected), cbor.octets(payload)
    if _message(header, content, signature) != raw:
        cbor.prove(raw[1:], parts)
    return protected, payload, signature, _to_be_signed(header, content)


def _shaped(parts: Any) -> tuple[bytes, bytes, bytes]:
    """Protected header, payload and signature. Raises WrongShape."""
    if type(parts) is not tuple or len(parts) != 4:
        raise WrongShape("no COSE_Sign1: four parts belong there")
    protected, unprotected, payload, signature = parts
    if type(protected) is not bytes or type(payload) is not bytes or type(signature) is not bytes:
        raise WrongShape("no COSE_Sign1: header, payload and signature are byte strings")
    if unprotected != {}:
        raise WrongShape("the unprotected header is an empty map")
    if len(signature) != _SIGNATURE_SIZE:
        raise WrongShape(f"a signature of {len(signature)} bytes instead of {_SIGNATURE_SIZE}")
    return protected, payload, signature


def verify(claim: Claim, key: bytes) -> Sealed:
    """Check the signature under ``key``, whose fingerprint must be the one claimed (S5).

    Raises BadKey, or BadSignature for any signature libsodium rejects.
    """
    return Sealed(claim.raw, claim.signer, claim.type, claim.body, verified(claim, key))


def verified(claim: Claim, key: bytes) -> Digest:
    """As ``verify``, for whoever wants the identity alone."""
    if fingerprint(checked_key(key)) != claim.signer:
        raise BadSignature("signed by another key than the one at hand")
    verify_bytes(claim.to_be_signed, claim.signature, key)
    return identity_of(claim)


def verify_bytes(to_be_signed: bytes, signature: bytes, key: bytes) -> None:
    """Check a bare signature over a Sig_structure. Raises BadSignature. The key must be checked already (S4)."""
    if len(signature) != _SIGNATURE_SIZE:  # libsodium would take a byte of the message for it, or the other way
        raise BadSignature(f"a signature of {len(signature)} bytes instead of {_SIGNATURE_SIZE}")
    try:
        bindings.crypto_sign_open(signature + to_be_signed, key)
    except (BadSignatureError, ValueError) as error:
        raise BadSignature("the signature does not verify") from error


def signable(signer: Fingerprint, type_: str, body: bytes) -> bytes:
    """The Sig_structure of a message that travels without its header and payload, as an endorsement does (S1).

    ``body``: the fields, encoded already.
    """
    return _to_be_signed(_protected(signer, VERSION + type_), cbor.octets(body))


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
    if raw[:1] != COSE_SIGN1:
        raise WrongShape("no COSE_Sign1")
    return Digest(sha256(_opened(raw, cbor.MAX_SIZE)[3]).digest())


@lru_cache(maxsize=4096)
def _protected(signer: Fingerprint, type_: str) -> bytes:
    """The protected header as the byte string that stands in a message."""
    return cbor.octets(cbor.encode({_ALG: _EDDSA, _KID: bytes(signer), _TYP: type_}))


def _message(header: bytes, payload: bytes, signature: bytes) -> bytes:
    """COSE_Sign1 of RFC 9052 4.2, of byte strings that are encoded already, and a bare signature of 64 bytes."""
    return b"".join((_FOUR, header, _NO_HEADER, payload, _SIGNED, signature))


def _to_be_signed(header: bytes, payload: bytes) -> bytes:
    """Sig_structure of RFC 9052 4.4, with no external data, of byte strings that are encoded already."""
    return b"".join((_CONTEXT, header, _NO_DATA, payload))


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
