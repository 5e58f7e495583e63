"""Envelopes: what travels. Messages of one sender for one recipient, sealed to the recipient's key or open.

The outside names recipient and last useful day, so that a courier can route and clear away; what it says is
a hint and binds nobody: only signed messages inside count. Knows no message type.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from nacl import bindings
from nacl.exceptions import CryptoError

from ledgerpost import cbor
from ledgerpost import fields as f
from ledgerpost.errors import NotOurs, OverLimit, Undecipherable, UnknownType, WrongRecipient, WrongShape
from ledgerpost.sealed import checked_key, fingerprint
from ledgerpost.terms import Fingerprint, Moment, PublicKey

MAGIC: Final = "ledgerpost/1"
MAX_ENVELOPE: Final = 2 << 20
"""Bytes of one envelope; more messages than fit travel in several."""

MAX_MESSAGES: Final = 4096
SUFFIX: Final = ".lpe"

_START = cbor.SELF_DESCRIBED + b"\x85" + cbor.encode(MAGIC)
_MAGIC = re.compile(rb"ledgerpost/[0-9]+")
_OVERHEAD = 256
"""Bytes that the outside, the seal and the lengths of an envelope take at most, a message's length aside."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What anyone may read of an envelope. ``recipient`` is None where it is for whoever holds it."""

    kind: str
    recipient: Fingerprint | None
    until: Moment
    body: bytes


@dataclass(frozen=True, slots=True)
class Inside:
    """The messages, raw and not yet verified, and the keys of sender and recipient as the sender states them."""

    sender: PublicKey | None
    recipient: Fingerprint | None
    messages: tuple[bytes, ...]


_OUTSIDE_ITEMS = 64  # 6 belong there; a few more are left to the decoder and the shapes, which name the fault
_INSIDE_ITEMS = MAX_MESSAGES + 64
_outside = f.row(Outside, f.one_of("sealed", "open"), f.maybe(f.fingerprint), f.whole, f.octets(MAX_ENVELOPE))
_inside = f.row(Inside, f.maybe(f.public_key), f.maybe(f.fingerprint), f.listed(f.octets(MAX_ENVELOPE), MAX_MESSAGES))


def pack(
    messages: tuple[bytes, ...],
    *,
    sender: PublicKey | None,
    recipient: PublicKey | None,
    until: Moment,
    entropy: bytes | None = None,
) -> bytes:
    """One envelope: sealed to ``recipient`` if ``entropy`` (32 secret bytes) is given, else open.

    The same messages under the same entropy give the same bytes, so that an answer sent again is the same
    file. Raises OverLimit if it would pass MAX_ENVELOPE.
    """
    to = fingerprint(recipient) if recipient else None
    inner = cbor.encode((sender, to, messages))
    if entropy is not None and recipient is not None:
        kind, body = "sealed", _seal(inner, recipient, entropy)
    else:
        kind, body = "open", inner
    raw = cbor.SELF_DESCRIBED + cbor.encode((MAGIC, kind, to, until, body))
    if len(raw) > MAX_ENVELOPE:
        raise OverLimit(f"an envelope of {len(raw):,} bytes where at most {MAX_ENVELOPE:,} are allowed")
    return raw


def batches(messages: tuple[bytes, ...]) -> tuple[tuple[bytes, ...], ...]:
    """Split messages, in order, into as few runs as fit one envelope each."""
    runs: list[list[bytes]] = [[]]
    room = MAX_ENVELOPE - _OVERHEAD
    for message in messages:
        size = len(message) + 5
        if runs[-1] and (size > room or len(runs[-1]) == MAX_MESSAGES):
            runs.append([])
            room = MAX_ENVELOPE - _OVERHEAD
        runs[-1].append(message)
        room -= size
    return tuple(map(tuple, runs))


def look(raw: bytes) -> Outside:
    """Read the outside. Raises NotOurs for foreign files, UnknownType for another version's, else BadBytes."""
    if len(raw) > MAX_ENVELOPE:
        raise OverLimit(f"{len(raw):,} bytes where an envelope has at most {MAX_ENVELOPE:,}")
    if not raw.startswith(_START[: len(raw)]) or not raw:
        raise _foreign(raw)
    value = cbor.decode(raw[len(cbor.SELF_DESCRIBED) :], items=_OUTSIDE_ITEMS)
    outside = _outside(value[1:])
    if outside.kind == "sealed" and outside.recipient is None:
        raise WrongShape("a sealed envelope that names no recipient")
    return outside


def _foreign(raw: bytes) -> NotOurs | UnknownType | WrongShape:
    version = _MAGIC.search(raw, 0, 32) if raw.startswith(cbor.SELF_DESCRIBED) else None
    if version is None:
        return NotOurs("no envelope of ledgerpost")
    if version.group() == MAGIC.encode():
        return WrongShape("an envelope whose beginning is not as it must be")
    return UnknownType("an envelope of another version of ledgerpost")


def unpack(raw: bytes, seed: bytes | None = None, me: Fingerprint | None = None) -> Inside:
    """Open an envelope; ``seed`` is the recipient's secret, needed where it is sealed.

    Raises WrongRecipient if it is addressed to another than ``me``, Undecipherable, or BadBytes.
    """
    outside = look(raw)
    if me is not None and outside.recipient not in (None, me):
        raise WrongRecipient("the envelope is addressed to another")
    inner = _unseal(outside.body, seed) if outside.kind == "sealed" else outside.body
    inside = _inside(cbor.decode(inner, items=_INSIDE_ITEMS))
    if inside.recipient != outside.recipient:
        raise WrongRecipient("the envelope's outside names another recipient than its inside")
    if inside.sender is not None:
        checked_key(inside.sender)
    return inside


def _seal(inner: bytes, recipient: PublicKey, entropy: bytes) -> bytes:
    """libsodium's crypto_box_seal, with the one-time key drawn from entropy and contents instead of the system."""
    to = _sealing_key(checked_key(recipient))
    seed = blake2b(inner, key=entropy, salt=recipient[:16], person=b"lp envelope seal", digest_size=32).digest()
    public, secret = bindings.crypto_box_seed_keypair(seed)
    once = blake2b(public + to, digest_size=bindings.crypto_box_NONCEBYTES).digest()
    return public + bindings.crypto_box(inner, once, to, secret)


_FIELD = (1 << 255) - 19


@lru_cache(maxsize=4096)
def _sealing_key(key: PublicKey) -> bytes:
    """The Curve25519 form of a checked key: (1 + y) / (1 - y) (RFC 7748 4.1).

    The same bytes as libsodium's crypto_sign_ed25519_pk_to_curve25519, which looks for the prime-order group once more:
    as much work as a signature, for a key that was just looked at (S4). Nothing here is secret.
    """
    y = int.from_bytes(key, "little") & ((1 << 255) - 1)
    return ((1 + y) * pow(1 - y, -1, _FIELD) % _FIELD).to_bytes(32, "little")


@lru_cache(maxsize=1)  # whoever opens one envelope with a seed holds the seed, and opens the next one with it
def _opening_keys(seed: bytes) -> tuple[bytes, bytes]:
    """The recipient's public and secret key for sealed boxes."""
    key, secret = bindings.crypto_sign_seed_keypair(seed)
    mine = bindings.crypto_sign_ed25519_pk_to_curve25519(key)
    return mine, bindings.crypto_sign_ed25519_sk_to_curve25519(secret)


def _unseal(body: bytes, seed: bytes | None) -> bytes:
    if seed is None:
        raise WrongShape("the envelope is sealed: only its recipient's key opens it", do="open it with that wallet")
    try:
        return bindings.crypto_box_seal_open(body, *_opening_keys(seed))
    except (CryptoError, ValueError, TypeError) as error:
        raise Undecipherable("the seal does not open") from error
