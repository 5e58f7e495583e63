"""The one strict, deterministic CBOR codec (RFC 8949 4.2.1), and its limits.

Strictness is bought from cbor2 itself: a tag is refused the moment it is met, indefinite lengths and
duplicate keys are switched off, and what was read is encoded again and compared, which leaves no room
for non-minimal lengths, unsorted keys or trailing bytes. Re-encoding is safe here because no tag, and so
no shared or cyclic value, survives decoding. Knows nothing of messages.
"""

from collections.abc import Mapping
from typing import Any, Final, NoReturn

import cbor2

from ledgerpost.errors import (
    BadBytes,
    CutShort,
    DuplicateKey,
    IndefiniteLength,
    NotDeterministic,
    OverLimit,
    TrailingBytes,
    UnexpectedTag,
    WrongShape,
)

MAX_DEPTH: Final = 8
"""Containers within the outermost one. The deepest message, a receipt, needs four."""

MAX_SIZE: Final = 2 << 20
"""Bytes of one item; callers state tighter limits."""

SELF_DESCRIBED: Final = b"\xd9\xd9\xf7"
"""Tag 55799 (RFC 8949 3.4.6): the first bytes of every file of ours."""


class _NoTags(Mapping[int, Any]):
    """Claims to decode every tag and refuses each: cbor2 asks it before it builds anything."""

    def __getitem__(self, tag: int) -> NoReturn:
        raise UnexpectedTag(f"CBOR tag {tag} where none belongs")

    def __iter__(self) -> NoReturn:
        raise TypeError("not enumerable")

    def __len__(self) -> int:
        return 1


_NO_TAGS = _NoTags()


def encode(value: object) -> bytes:
    """Encode deterministically. Map keys must be of one type, or integers from -24 to 23.

    (Within these, cbor2's length-first order and RFC 8949's bytewise order are the same.)
    """
    return cbor2.dumps(value, canonical=True)


def octets(raw: bytes) -> bytes:
    """A byte string (major type 2) as ``encode`` writes it, in a quarter of the time: signed bytes hold many."""
    size = len(raw)
    if size < 256:
        return (bytes((0x58, size)) if size > 23 else bytes((0x40 + size,))) + raw
    return (b"\x59" + size.to_bytes(2, "big") if size < 65536 else b"\x5a" + size.to_bytes(4, "big")) + raw


def decode(raw: bytes, limit: int = MAX_SIZE, items: int | None = None) -> Any:
    """Decode one item that fills ``raw`` exactly; arrays become tuples, maps frozen.

    ``items``: how many it may hold in all, itself included, counted before anything is built. Raises a subclass of
    BadBytes that names the fault (S3). Floats and simple values pass: the shapes in ``fields`` refuse them.
    """
    value = unproven(raw, limit, items)
    prove(raw, value)
    return value


def unproven(raw: bytes, limit: int = MAX_SIZE, items: int | None = None) -> Any:
    """As ``decode``, but the bytes may yet be another form of the value: for a caller who compares by other means."""
    if len(raw) > limit:
        raise OverLimit(f"{len(raw):,} bytes where at most {limit:,} are allowed")
    if items is not None and _holds_more(raw, items):
        raise OverLimit(f"more than {items:,} items")
    try:
        return _loads(raw)
    except (cbor2.CBORError, TypeError) as error:
        raise _fault(raw, error) from error


def prove(raw: bytes, value: object) -> None:
    """Raise NotDeterministic, TrailingBytes or WrongShape unless ``raw`` is the one form of what was read from it."""
    try:
        again = encode(value)
    except (cbor2.CBORError, TypeError) as error:
        raise _fault(raw, error) from error
    if again != raw:
        raise _difference(raw, again)


def _holds_more(raw: bytes, most: int) -> bool:
    """Walk from head to head (RFC 8949 3), at most ``most`` of them. Whatever else is wrong, the decoder names."""
    at, left = 0, 1
    for _ in range(most):
        if not left or at >= len(raw):
            return False
        major, short = raw[at] >> 5, raw[at] & 31
        wide = 1 << short - 24 if 24 <= short <= 27 else 0
        number = int.from_bytes(raw[at + 1 : at + 1 + wide], "big") if wide else short
        at += 1 + wide + (number if major in (2, 3) else 0)
        left += {4: number, 5: 2 * number, 6: 1}.get(major, 0) - 1
    return left > 0


def _loads(raw: bytes, *, indefinite: bool = False, duplicates: bool = False) -> Any:
    return cbor2.loads(
        raw,
        semantic_decoders=_NO_TAGS,
        max_depth=MAX_DEPTH,
        allow_indefinite=indefinite,
        allow_duplicate_keys=duplicates,
        immutable=True,
    )


def _fault(raw: bytes, error: cbor2.CBORError | TypeError) -> BadBytes:
    """Name the fault behind cbor2's error; only the unlucky pay for the second reading."""
    if isinstance(error, TypeError):  # an unhashable or unencodable key: a map inside a map's key
        return WrongShape("a map key that is neither number nor text")
    if isinstance(error.__cause__, UnexpectedTag):
        return error.__cause__
    if isinstance(error, cbor2.CBORDecodeEOF):
        return CutShort("the bytes end before what they announce")
    if "depth" in str(error):
        return OverLimit(f"more than {MAX_DEPTH} containers within one another")
    if _reads(raw, duplicates=True):
        return DuplicateKey("a map names one key twice")
    if _reads(raw, indefinite=True):
        return IndefiniteLength("an item of indefinite length")
    return WrongShape("no valid CBOR")


def _reads(raw: bytes, *, indefinite: bool = False, duplicates: bool = False) -> bool:
    try:
        _loads(raw, indefinite=indefinite, duplicates=duplicates)
    except (cbor2.CBORError, TypeError):
        return False
    return True


def _difference(raw: bytes, again: bytes) -> BadBytes:
    if len(raw) > len(again) and raw.startswith(again):
        return TrailingBytes(f"{len(raw) - len(again):,} bytes follow the end")
    return NotDeterministic("a length, number or map that is not in its one deterministic form")
