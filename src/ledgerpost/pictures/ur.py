"""Uniform Resources, another tool's codes (BCR-2020-005, with the fountain of BCR-2024-001), read whole and in parts.

``ur:cose-sign1/…`` is a signed message without its tag 18 (BCR-2020-006), ``ur:bytes/…`` is any bytes. Read: both,
also in many parts. Written: single ones. Refuses to know what the bytes are.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from zlib import crc32

from ledgerpost.errors import CutShort, NotOurs, OverLimit, TrailingBytes, WrongShape
from ledgerpost.pictures import bytewords
from ledgerpost.pictures.frame import MAX_MESSAGE, MAX_PARTS
from ledgerpost.pictures.solving import Sum, solve

SIGNED: Final = "cose-sign1"
BYTES: Final = "bytes"
_TAG: Final = b"\xd2"
_FORM: Final = re.compile(r"ur:([a-z0-9-]{1,40})/(?:([0-9]{1,9})-([0-9]{1,9})/)?([a-z]{1,16384})")
_WORD: Final = 2**64 - 1


@dataclass(frozen=True, slots=True)
class UrPart:
    """One part of a message in many; ``number`` counts from 1 and has no end, as the parts of a fountain do."""

    type: str
    number: int
    parts: int
    length: int
    checksum: int
    data: bytes


# --- text -----------------------------------------------------------------------------------------------------


def spell(raw: bytes) -> str:
    """The single UR for these bytes, in capitals, as QR codes want it: ``cose-sign1`` for tag 18 and an array of 4."""
    if raw.startswith(_TAG + b"\x84"):
        return f"UR:{SIGNED}/{bytewords.spell(raw[1:])}".upper()
    return f"UR:{BYTES}/{bytewords.spell(_head(2, len(raw)) + raw)}".upper()


def read(text: str) -> bytes | UrPart:
    """What a UR holds: bytes, or one part of a message in many.

    Raises:
        NotOurs: no UR, or one of a type that holds no message.
        CutShort, TrailingBytes, WrongShape, OverLimit, BadBytes: what follows the type is not what belongs there.
    """
    match = _FORM.fullmatch("".join(text.split()).lower())
    if match is None:
        raise NotOurs("this text is no UR that is read here")
    type_, number, parts, letters = match.groups()
    if type_ not in (SIGNED, BYTES):
        raise NotOurs(f"this UR holds a {type_}, and no message")
    body = bytewords.read(letters)
    if number is None:
        return _message(type_, body)
    part = _part(type_, body)
    if (part.number, part.parts) != (int(number), int(parts)):
        raise WrongShape("this part of a UR is another than its text says")
    return part


def _message(type_: str, body: bytes) -> bytes:
    if type_ == SIGNED:
        return body if body.startswith(_TAG) else _TAG + body
    raw, rest = _string(body)
    if rest:
        raise TrailingBytes("bytes follow the end of this UR")
    return raw


def _part(type_: str, body: bytes) -> UrPart:
    if body[:1] != b"\x85":
        raise WrongShape("this part of a UR is no array of five")
    rest, numbers = body[1:], list[int]()
    for _ in range(4):
        number, rest = _number(rest, 0)
        numbers.append(number)
    data, rest = _string(rest)
    if rest:
        raise TrailingBytes("bytes follow the end of this part of a UR")
    number, parts, length, checksum = numbers
    if parts > MAX_PARTS or length > MAX_MESSAGE:
        raise OverLimit(f"a UR of {length} bytes in {parts} parts: at most {MAX_MESSAGE} in {MAX_PARTS} are taken")
    # The reference takes the shortest parts of at most the length wanted, so the last may be all filling.
    if not (number and parts and length) or not len(data) * parts >= length or checksum > 0xFFFFFFFF:
        raise WrongShape("the numbers of this part of a UR do not hold together")
    return UrPart(type_, number, parts, length, checksum, data)


# --- the little CBOR there is in it ---------------------------------------------------------------------------


def _head(major: int, value: int) -> bytes:
    if value < 24:
        return bytes([major << 5 | value])
    width = 1 if value < 1 << 8 else 2 if value < 1 << 16 else 4
    return bytes([major << 5 | (23 + width.bit_length())]) + value.to_bytes(width, "big")


def _number(raw: bytes, major: int) -> tuple[int, bytes]:
    """A number of 32 bits at most in its shortest form, and what follows it."""
    if not raw:
        raise CutShort("this UR ends too early")
    low = raw[0] & 31
    width = 0 if low < 24 else 1 << low - 24
    if raw[0] >> 5 != major or low > 26 or len(raw) < 1 + width:
        raise WrongShape("something else stands where a number belongs in this UR")
    value = int.from_bytes(raw[1 : 1 + width], "big") if width else low
    if _head(major, value) != raw[: 1 + width]:
        raise WrongShape("a number in this UR is not in its shortest form")
    return value, raw[1 + width :]


def _string(raw: bytes) -> tuple[bytes, bytes]:
    size, rest = _number(raw, 2)
    if len(rest) < size:
        raise CutShort("this UR ends too early")
    return rest[:size], rest[size:]


# --- the fountain ---------------------------------------------------------------------------------------------


def restore(parts: Sequence[UrPart]) -> bytes | None:
    """The message, if these distinct parts of it tell it already; it is checked by a CRC-32 only.

    Raises:
        BadBytes: they tell one, and it is not what its type says.
    """
    first = parts[0]
    alike = [part for part in parts if len(part.data) == len(first.data)]

    def accept(blocks: bytes) -> bytes | None:
        body = blocks[: first.length]
        return body if crc32(body) == first.checksum else None

    sums = [Sum(bytes(i in chosen for i in range(first.parts)), p.data) for p in alike if (chosen := _chosen(p))]
    body = solve(sums, accept)
    return None if body is None else _message(first.type, body)


def _chosen(part: UrPart) -> frozenset[int]:
    """Which fragments a part is the XOR of (BCR-2024-001)."""
    if part.number <= part.parts:
        return frozenset({part.number - 1})
    random = _xoshiro(sha256(part.number.to_bytes(4, "big") + part.checksum.to_bytes(4, "big")).digest())
    degree = _degree(part.parts, random)
    left = list(range(part.parts))
    return frozenset(left.pop(int(next(random) * len(left))) for _ in range(degree))


def _xoshiro(seed: bytes) -> Iterator[float]:
    """xoshiro256** (Blackman and Vigna, 2018), as fractions of 1."""
    a, b, c, d = (int.from_bytes(seed[i : i + 8], "big") for i in range(0, 32, 8))
    while True:
        yield _turned(b * 5 & _WORD, 7) * 9 % 2**64 / 2.0**64
        c, d, held = c ^ a, d ^ b, b << 17 & _WORD
        a, b, c, d = a ^ d, b ^ c, c ^ held, _turned(d, 45)


def _turned(value: int, bits: int) -> int:
    return (value << bits | value >> 64 - bits) & _WORD


def _degree(parts: int, random: Iterator[float]) -> int:
    """How many fragments: n with a weight of 1/n, drawn by Walker's alias method in the order the reference has."""
    weights = [1 / n for n in range(1, parts + 1)]
    total = sum(weights)
    share = [weight * parts / total for weight in weights]
    small = [i for i in reversed(range(parts)) if share[i] < 1]
    large = [i for i in reversed(range(parts)) if share[i] >= 1]
    odds, alias = [1.0] * parts, [0] * parts
    while small and large:
        low, high = small.pop(), large.pop()
        odds[low], alias[low] = share[low], high
        share[high] += share[low] - 1
        (small if share[high] < 1 else large).append(high)
    place = int(next(random) * parts)
    return (place if next(random) < odds[place] else alias[place]) + 1
