"""One frame of a message in many codes: its layout and its limits (Q2).

```
1   version, 1
8   the first bytes of the message's SHA-256
2   parts, K
3   length of the message
3   number of the frame
n   data: length / K bytes, rounded up
```
Whole numbers are big-endian. Frames 0 to K-1 are the message cut into K equal parts, the last filled up with zeros;
later ones are combinations of them (``fountain``). A frame is checked here before anything is kept or reserved for it.
Refuses to know other frames, and what the message is.
"""

from dataclasses import dataclass
from typing import Final

from ledgerpost.errors import CutShort, OverLimit, TrailingBytes, UnknownType, WrongShape

VERSION: Final = 1
DIGEST: Final = 8
"""Bytes of the message's SHA-256 that name it. Who signed the message vouches for it; this tells messages apart."""

MAX_PARTS: Final = 1024
MAX_MESSAGE: Final = 2097152
"""Bytes of the largest message that travels in many codes."""

MAX_NUMBER: Final = 2**24 - 1
HEAD: Final = 1 + DIGEST + 2 + 3 + 3


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame whose numbers hold together: 1 to ``MAX_PARTS`` parts, none of them empty, ``data`` as long as one."""

    digest: bytes
    parts: int
    length: int
    number: int
    data: bytes


def pack(frame: Frame) -> bytes:
    """The bytes of a frame (Q2)."""
    head = (frame.parts.to_bytes(2, "big"), frame.length.to_bytes(3, "big"), frame.number.to_bytes(3, "big"))
    return b"".join((bytes([VERSION]), frame.digest, *head, frame.data))


def unpack(raw: bytes) -> Frame:
    """Read one frame (Q2).

    Raises:
        UnknownType: another version.
        CutShort, TrailingBytes: not as long as its head says.
        OverLimit: too many parts, or too long a message.
        WrongShape: no message is cut like that.
    """
    if raw[:1] != bytes([VERSION]):
        raise UnknownType("a part of a message in a form that this version does not read")
    if len(raw) <= HEAD:
        raise CutShort("a part of a message ends in its head")
    at = 1 + DIGEST
    parts, length, number = (
        int.from_bytes(raw[a:b], "big") for a, b in ((at, at + 2), (at + 2, at + 5), (at + 5, HEAD))
    )
    size = part_size(length, parts)
    if len(raw) != HEAD + size:
        fault = CutShort if len(raw) < HEAD + size else TrailingBytes
        raise fault(f"a part of {len(raw) - HEAD} bytes, where its head says {size}")
    return Frame(raw[1:at], parts, length, number, raw[HEAD:])


def part_size(length: int, parts: int) -> int:
    """Bytes of each part. Raises ``OverLimit`` or ``WrongShape`` where no message is cut into so many."""
    if parts > MAX_PARTS or length > MAX_MESSAGE:
        raise OverLimit(
            f"a message of {length} bytes in {parts} parts: at most {MAX_MESSAGE} in {MAX_PARTS} are taken",
            do="show it in larger codes, or carry it on a stick",
        )
    size = -(-length // parts) if parts else 0
    if not size or (parts - 1) * size >= length:
        raise WrongShape(f"no message of {length} bytes is cut into {parts} parts")
    return size
