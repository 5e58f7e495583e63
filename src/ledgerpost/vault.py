"""The key file: an Ed25519 seed sealed under a passphrase, with its public key in the clear.

Pure functions on bytes; salt and nonce are arguments. It refuses to know files, terminals, and where a
passphrase comes from or how long it should be. Layout, a self-described CBOR array (RFC 8949 3.4.6):

    55799(["ledgerpost-key/1", public key, [ops, mem] or null, salt, nonce, box, check])

``box`` is the seed under XSalsa20-Poly1305; its key is BLAKE2b (RFC 7693) of every field before it, keyed with
what Argon2id (RFC 9106) makes of the passphrase. So a header altered by anyone opens nothing. Without a
passphrase (null) the box hides nothing: it only shows damage. ``check``, eight bytes of BLAKE2b over all fields
before it, tells a rotten file from a wrong passphrase; it protects from no one.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

import cbor2
import nacl.exceptions
from nacl.bindings import crypto_core_ed25519_is_valid_point
from nacl.pwhash import argon2id
from nacl.secret import SecretBox
from nacl.signing import SigningKey

from ledgerpost.errors import (
    BadBytes,
    BadKey,
    CutShort,
    LedgerpostError,
    NotOurs,
    OverLimit,
    Undecipherable,
    WrongPassphrase,
    WrongShape,
)
from ledgerpost.terms import PublicKey

SEED_SIZE: Final = 32
SALT_SIZE: Final = argon2id.SALTBYTES
NONCE_SIZE: Final = SecretBox.NONCE_SIZE

MODERATE_OPS: Final = argon2id.OPSLIMIT_MODERATE
MODERATE_MEM: Final = argon2id.MEMLIMIT_MODERATE

MIN_OPS: Final = argon2id.OPSLIMIT_MIN
MIN_MEM: Final = argon2id.MEMLIMIT_MIN
MAX_OPS: Final = 10
MAX_MEM: Final = 1 << 30
"""Bytes. A file may ask for no more, or whoever alters it could hang or starve the computer that opens it."""

MAX_SIZE: Final = 1024
_NAME: Final = "ledgerpost-key/1"
_PERSON: Final = _NAME.encode()  # BLAKE2b takes 16 bytes to keep its uses apart, and the name has 16
_CHECK_SIZE: Final = 8
_SELF_DESCRIBED: Final = 55799
_RESTORE: Final = "restore this key from a backup, or from its paper key"

_UINT: Final = rb"[\x00-\x17]|\x18.|\x19..|\x1a.{4}|\x1b.{8}"
_HEAD: Final = b"\xd9\xd9\xf7\x87\x70" + _PERSON
# Every field but the cost has one size, so this reads a file in one way only, in time bounded by its length.
_LAYOUT: Final = re.compile(
    re.escape(_HEAD)
    + rb"\x58\x20(?P<public>.{32})(?:\xf6|\x82(?P<ops>" + _UINT + rb")(?P<mem>" + _UINT + rb"))"
    rb"\x50(?P<salt>.{16})\x58\x18(?P<nonce>.{24})\x58\x30(?P<box>.{48})\x48(?P<check>.{8})",
    re.DOTALL,
)  # fmt: skip
_SHORTEST: Final = len(_HEAD) + 137


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess at a passphrase costs: passes over memory, and bytes of it (RFC 9106; libsodium's units)."""

    ops: int
    mem: int

    def bounded(self) -> bool:
        """Whether it lies between the library's least and this module's most."""
        return MIN_OPS <= self.ops <= MAX_OPS and MIN_MEM <= self.mem <= MAX_MEM


@dataclass(frozen=True, slots=True)
class _Header:
    public: bytes
    cost: Cost | None
    salt: bytes
    nonce: bytes

    def fields(self) -> list[object]:
        cost = None if self.cost is None else [self.cost.ops, self.cost.mem]
        return [_NAME, self.public, cost, self.salt, self.nonce]

    def box(self, passphrase: bytes) -> SecretBox:
        """The box whose key holds every field of this header; costs what the header says."""
        stretched = b"" if self.cost is None else _stretch(passphrase, self.salt, self.cost)
        fields = cbor2.dumps(self.fields())
        return SecretBox(hashlib.blake2b(fields, digest_size=32, key=stretched, person=_PERSON).digest())

    def file(self, box: bytes) -> bytes:
        """The whole key file around a sealed box."""
        fields = [*self.fields(), box]
        check = hashlib.blake2b(cbor2.dumps(fields), digest_size=_CHECK_SIZE, person=_PERSON).digest()
        return cbor2.dumps(cbor2.CBORTag(_SELF_DESCRIBED, [*fields, check]))


def _stretch(passphrase: bytes, salt: bytes, cost: Cost) -> bytes:
    try:
        return argon2id.kdf(32, passphrase, salt, opslimit=cost.ops, memlimit=cost.mem)
    except (MemoryError, nacl.exceptions.RuntimeError):
        # libsodium reports nothing but failure, and with a checked cost only memory can run out.
        raise LedgerpostError(
            f"too little memory: this passphrase takes {cost.mem >> 20} MiB free",
            do="close other programs, or use a computer with more memory",
        ) from None


def seal_key(
    seed: bytes,
    passphrase: bytes | None,
    *,
    salt: bytes,
    nonce: bytes,
    ops: int = MODERATE_OPS,
    mem: int = MODERATE_MEM,
) -> bytes:
    """Make a key file of a 32-byte seed; ``None`` as passphrase leaves the seed open to whoever has the file.

    ``salt`` is 16 and ``nonce`` 24 fresh random bytes; ``ops`` and ``mem`` (bytes) are Argon2id's cost.

    Raises:
        WrongPassphrase: the passphrase is empty.
        LedgerpostError: too little memory for ``mem``.
        ValueError: a size or cost out of bounds.
    """
    cost = None if passphrase is None else Cost(ops, mem)
    if (len(seed), len(salt), len(nonce)) != (SEED_SIZE, SALT_SIZE, NONCE_SIZE):
        raise ValueError("seed, salt and nonce have 32, 16 and 24 bytes")
    if cost and not cost.bounded():
        raise ValueError(f"a cost of {ops} passes over {mem} bytes is out of bounds")
    if passphrase == b"":
        raise WrongPassphrase("the passphrase is empty", do="choose one of several words")
    header = _Header(SigningKey(seed).verify_key.encode(), cost, salt, nonce)
    return header.file(header.box(passphrase or b"").encrypt(seed, nonce).ciphertext)


def open_key(raw: bytes, passphrase: bytes | None) -> bytes:
    """Open a key file and return its 32-byte seed, once the seed is known to make the public key it names.

    A passphrase for a file that needs none is not looked at.

    Raises:
        WrongPassphrase: it is wrong, or missing.
        BadBytes: the file is damaged, altered, or none of ours.
        LedgerpostError: too little memory for what the file asks.
    """
    header, sealed = _parse(raw)
    if header.cost and passphrase is None:
        raise WrongPassphrase("this key is sealed, and no passphrase was given", do="give its passphrase")
    try:
        seed = header.box(passphrase or b"").decrypt(sealed, header.nonce)
    except nacl.exceptions.CryptoError:
        raise _closed(header) from None
    if SigningKey(seed).verify_key.encode() != header.public:
        raise BadKey("the key inside this key file is not the one it names", do=_RESTORE)
    return seed


def _closed(header: _Header) -> LedgerpostError:
    if header.cost:
        return WrongPassphrase("the passphrase does not open this key", do="type it again; mind capitals and layout")
    return Undecipherable("this key file was altered", do=_RESTORE)


def needs_passphrase(raw: bytes) -> bool:
    """Whether this key file opens only with a passphrase.

    Raises:
        BadBytes: the file is damaged, or none of ours.
    """
    return _parse(raw)[0].cost is not None


def read_public(raw: bytes) -> PublicKey:
    """Read the public key of a key file without opening it.

    Only `open_key` proves that it belongs to the seed: until then it is what whoever wrote the file claims.

    Raises:
        BadBytes: the file is damaged, or none of ours; BadKey for a public key that is no valid point (S4).
    """
    public = _parse(raw)[0].public
    if not crypto_core_ed25519_is_valid_point(public):
        raise BadKey("the public key in this key file is no valid key", do=_RESTORE)
    return PublicKey(public)


def _parse(raw: bytes) -> tuple[_Header, bytes]:
    """Take a file apart: right shape, cost within bounds, check right, and byte for byte what we would write."""
    if len(raw) > MAX_SIZE:
        raise OverLimit(f"a key file has {MAX_SIZE} bytes at most, and this has more", do=_RESTORE)
    match = _LAYOUT.fullmatch(raw)
    if match is None:
        raise _misfit(raw)
    cost = None if match["ops"] is None else Cost(_uint(match["ops"]), _uint(match["mem"]))
    if cost and not cost.bounded():
        raise OverLimit(
            f"this key file asks for a cost out of bounds: {cost.ops} passes over {cost.mem} bytes", do=_RESTORE
        )
    header = _Header(match["public"], cost, match["salt"], match["nonce"])
    if header.file(match["box"]) != raw:
        raise WrongShape("this key file is damaged", do=_RESTORE)
    return header, match["box"]


def _misfit(raw: bytes) -> BadBytes:
    start = raw[: len(_HEAD)]
    if not _HEAD.startswith(start):
        return NotOurs("this is no key file, or its beginning is damaged", do=_RESTORE)
    if len(raw) < _SHORTEST:
        return CutShort("this key file is not whole", do=_RESTORE)
    return WrongShape("this key file is damaged", do=_RESTORE)


def _uint(item: bytes) -> int:
    return item[0] if len(item) == 1 else int.from_bytes(item[1:])
