"""A message in as many codes as wanted, any K of which, rarely K+1, restore it (Q3).

The first K frames are the message itself, later ones random combinations of its parts over GF(256), the factors drawn
from the message's digest and the frame's number, so that maker and reader agree on them without a word. K random
combinations fail to restore once in 255 times; each further one divides that by 256.

Restoring is checked by digest. A forged frame would spoil every sum it stands in, so where the digest does not match
the forged frames are looked for (Q4): see ``restore``. Refuses to know what the message is, and who vouches for it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256, shake_128
from typing import Final

from ledgerpost.errors import OverLimit
from ledgerpost.pictures.field import Echelon, combination
from ledgerpost.pictures.frame import DIGEST, MAX_MESSAGE, MAX_PARTS, Frame, pack, part_size

TRIES: Final = 32
"""Random choices of frames that are tried once reckoning has not found the forged ones."""

SURPLUS: Final = 64
"""Frames beyond K that are used to find forged ones."""

_WORK: Final = 2_000_000_000
"""Bytes that finding forged frames may go through at one call: about three seconds."""


# --- making ---------------------------------------------------------------------------------------------------


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


# --- restoring ------------------------------------------------------------------------------------------------


def restore(frames: Sequence[Frame]) -> bytes | None:
    """The message, if these distinct frames, all of one digest, parts and length, give one that has the digest.

    Forged frames among them (Q4): F of them, whose errors are no combinations of each other, are found for certain
    (to 1 in 256 per honest frame and check left over) from F+2 frames more than K. Others, such as several frames
    spoilt by the same error, are only left out by chance: in ``TRIES`` random choices, which with 2K frames find
    two of them with 999 in 1,000, five with 63 in 100. A further honest frame never makes it worse. Work is bounded.
    """
    if len(frames) < frames[0].parts:
        return None
    return _solve(frames) or _without_liars(frames) or _by_chance(frames)


def _solve(frames: Sequence[Frame]) -> bytes | None:
    """The message from the first K independent frames, plain ones before others."""
    plain = _plain(frames)
    first = frames[0]
    lost = [number for number in range(first.parts) if number not in plain]
    system = Echelon(len(lost))
    for frame in (frame for frame in frames if frame.number >= first.parts):
        if system.full:
            break
        system.add(_row(frame, frames, plain, lost))
    if not system.full:
        return None
    found = {lost[column]: row[len(lost) :] for column, row in system.pivots.items()}
    blocks = (found[n] if n in found else frames[plain[n]].data for n in range(first.parts))
    message = b"".join(blocks)[: first.length]
    return message if _digest(message) == first.digest else None


def _plain(frames: Sequence[Frame]) -> dict[int, int]:
    """Where each plain part stands among the frames; of two that claim to be the same, the first."""
    places: dict[int, int] = {}
    for place, frame in enumerate(frames):
        if frame.number < frame.parts:
            places.setdefault(frame.number, place)
    return places


def _row(frame: Frame, frames: Sequence[Frame], plain: dict[int, int], lost: Sequence[int]) -> bytes:
    """Factors of the lost parts, then data, both with what the plain frames tell taken out."""
    factors = _factors(frame.digest, frame.parts, frame.number)
    known = ((factors[number], frames[place].data) for number, place in plain.items())
    data = combination([(1, frame.data), *known], len(frame.data))
    return bytes(factors[number] for number in lost) + data


# --- finding forged frames ------------------------------------------------------------------------------------


def _without_liars(frames: Sequence[Frame]) -> bytes | None:
    """Solve with the frames that hold together.

    Every frame beyond K gives a check: a sum of frames that must be zero. A forged frame's error shows in the checks
    it stands in. The checks are combined until as many as possible do come out as zero: in those no forged frame can
    stand, unless its error is a combination of others'. So the frames in them are honest (Metzner and Kapturowski,
    "A general decoding technique applicable to replicated file disagreement location and concatenated code
    decoding", 1990).
    """
    used = frames[: frames[0].parts + SURPLUS]
    honest = set[int]()
    for check in _checks_that_hold(used):
        honest.update(place for place, factor in enumerate(check) if factor)
    return _solve([used[place] for place in sorted(honest)]) if honest else None


def _checks_that_hold(frames: Sequence[Frame]) -> Iterable[bytes]:
    """Sums of frames, as one factor for each, that come out as zero though nothing forces them to."""
    plain = _plain(frames)
    lost = [number for number in range(frames[0].parts) if number not in plain]
    others = [place for place in range(len(frames)) if place not in set(plain.values())]
    size, columns = len(frames[0].data), len(lost)
    if len(others) * (len(plain) * size + columns * (columns + size + len(frames))) > _WORK:
        return ()
    system = Echelon(columns)
    for place in others:
        system.add(_row(frames[place], frames, plain, lost) + _standing(frames, place, plain))
    checks = Echelon(size)
    for row in system.rest:
        checks.add(row[columns:])
    return (row[size:] for row in checks.rest)


def _standing(frames: Sequence[Frame], place: int, plain: dict[int, int]) -> bytes:
    """With which factor each frame stands in the row that ``_row`` makes of this one."""
    frame = frames[place]
    factors = _factors(frame.digest, frame.parts, frame.number)
    standing = bytearray(len(frames))
    standing[place] = 1
    for number, other in plain.items():
        standing[other] = factors[number]
    return bytes(standing)


def _by_chance(frames: Sequence[Frame]) -> bytes | None:
    """Solve with K+1 frames at random, ``TRIES`` times or as often as the bound on work allows."""
    parts, size = frames[0].parts, len(frames[0].data)
    if len(frames) <= parts + 1:
        return None
    packed = [pack(frame) for frame in frames]
    for number in range(min(TRIES, _WORK // (parts * parts * (parts + size)))):
        order = sorted(range(len(frames)), key=lambda place: sha256(bytes([number]) + packed[place]).digest())
        if message := _solve([frames[place] for place in order[: parts + 1]]):
            return message
    return None
