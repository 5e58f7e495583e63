"""A message in as many codes as wanted, any K of which, rarely K+1, restore it (Q3).

The first K frames are the message itself, later ones random combinations of its parts over GF(256), the factors drawn
from the message's digest and the frame's number, so that maker and reader agree on them without a word. K random
combinations fail to restore once in 255 times; each further one divides that by 256.

Restoring is checked by digest; where it does not match, ``solving`` looks for forged frames (Q4). Refuses to know what
the message is, and who vouches for it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256, shake_128

from ledgerpost.errors import OverLimit
from ledgerpost.pictures.field import combination
from ledgerpost.pictures.frame import DIGEST, MAX_MESSAGE, MAX_PARTS, Frame, part_size
from ledgerpost.pictures.solving import Sum, solve


@dataclass(frozen=True, slots=True)
class Fountain:
    """The frames of one message. Make it with ``fountain``."""

    digest: bytes
    length: int
    blocks: tuple[bytes, ...]

    @property
    def parts(self) -> int:
        """K: so many frames restore the message."""
        return len(self.blocks)

    def frame(self, number: int) -> Frame:
        """Frame ``number``, from 0: below K a part as it is, from K on a combination of all."""
        if number < self.parts:
            data = self.blocks[number]
        else:
            factors = _factors(self.digest, self.parts, number)
            data = combination(zip(factors, self.blocks, strict=True), len(self.blocks[0]))
        return Frame(self.digest, self.parts, self.length, number, data)

    def frames(self, count: int) -> Iterator[Frame]:
        """The first ``count`` frames."""
        return map(self.frame, range(count))


def fountain(message: bytes, most: int) -> Fountain:
    """Cut a message into equal parts of at most ``most`` bytes (Q2, Q3).

    Raises:
        OverLimit: empty, larger than ``MAX_MESSAGE``, or more than ``MAX_PARTS`` parts.
    """
    if not 0 < len(message) <= MAX_MESSAGE:
        raise OverLimit(f"a message of {len(message)} bytes; codes carry 1 to {MAX_MESSAGE}", do="carry it on a stick")
    parts = -(-len(message) // most)
    if parts > MAX_PARTS:
        raise OverLimit(
            f"{len(message)} bytes make {parts} codes of {most}; at most {MAX_PARTS} are made",
            do="choose larger codes, or carry it on a stick",
        )
    size = part_size(len(message), parts)
    blocks = tuple(message[i : i + size].ljust(size, b"\0") for i in range(0, len(message), size))
    return Fountain(_digest(message), len(message), blocks)


def _digest(message: bytes) -> bytes:
    return sha256(message).digest()[:DIGEST]


@lru_cache(maxsize=4 * MAX_PARTS)
def _factors(digest: bytes, parts: int, number: int) -> bytes:
    """What each part is multiplied with in frame ``number`` (Q3)."""
    if number < parts:
        return bytes(number) + b"\1" + bytes(parts - number - 1)
    return shake_128(digest + parts.to_bytes(2, "big") + number.to_bytes(3, "big")).digest(parts)


def restore(frames: Sequence[Frame]) -> bytes | None:
    """The message, if these distinct frames, all of one digest, parts and length, give one that has the digest.

    What forged frames among them can do, and what not: ``solving.solve``.
    """

    def accept(blocks: bytes) -> bytes | None:
        message = blocks[: frames[0].length]
        return message if _digest(message) == frames[0].digest else None

    return solve([Sum(_factors(f.digest, f.parts, f.number), f.data) for f in frames], accept)
