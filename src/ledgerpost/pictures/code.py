"""One QR code: which version and level a text needs, and its modules (Q5).

The library qrcode draws the modules; which segments they come from, and how large a code may be, is decided here.
Knows texts and no bytes behind them; pictures of codes are made in ``drawing``.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import Final

from qrcode.base import rs_blocks
from qrcode.main import QRCode
from qrcode.util import MODE_ALPHA_NUM, MODE_NUMBER, QRData

from ledgerpost.errors import OverLimit
from ledgerpost.pictures import text as texts
from ledgerpost.pictures.frame import HEAD
from ledgerpost.pictures.text import MAX_TEXT_BYTES, Kind

SCREEN_MOST: Final = 15
"""Largest version made unless asked for more: four camera pixels a module are had with any telephone."""

PAPER_MOST: Final = 25
"""Largest version printed, or shown when asked for."""

PAPER_Q_MOST: Final = 20
"""Largest version printed at level Q: beyond it M, with fewer and larger modules, is read as well."""

VERSIONS: Final = 40
_DENSE: Final = re.compile(r"[0-9A-Z $%*+\-./:]+")


class Level(IntEnum):
    """Error correction: how much of a code may be damaged. The values are those of the standard, and of qrcode."""

    L = 1  # 7 %
    M = 0  # 15 %
    Q = 3  # 25 %
    H = 2  # 30 %


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code without its quiet zone. ``rows``: one byte for each module, 1 for dark, from the top, from the left."""

    text: str
    version: int
    level: Level
    rows: tuple[bytes, ...]

    @property
    def side(self) -> int:
        """Modules along a side."""
        return len(self.rows)


# --- choosing -------------------------------------------------------------------------------------------------


def for_screen(text: str, most: int = SCREEN_MOST) -> Code:
    """The smallest code at level M (Q5). Raises ``OverLimit`` if none up to version ``most`` holds the text."""
    return encode(text, Level.M, most=most)


def for_paper(text: str, most: int = PAPER_MOST) -> Code:
    """The smallest code at level Q up to version 20, else at M up to ``most`` (Q5). Raises ``OverLimit``."""
    with suppress(OverLimit):
        return encode(text, Level.Q, most=min(most, PAPER_Q_MOST))
    return encode(text, Level.M, most=most)


def encode(text: str, level: Level, *, least: int = 1, most: int = VERSIONS, mask: int | None = None) -> Code:
    """The smallest code from version ``least`` to ``most``. A given ``mask`` (0 to 7) saves three quarters of the time.

    Raises:
        OverLimit: none of these holds the text.
        ValueError: the text has characters that would need another coding, such as small letters.
    """
    if not _DENSE.fullmatch(text):
        raise ValueError("only capitals, digits and $%*+-./: and blanks are put in codes")
    for version in range(least, most + 1):
        for segments in _segmentations(text, version, level):
            if _bits(segments, version) <= _bit_room(version, level):
                # qrcode 8.2 cannot reckon the error correction of a block that is all zero, and raises ValueError.
                with suppress(ValueError):
                    return _draw(text, segments, version, level, mask)
    raise OverLimit(
        f"{len(text)} characters do not fit a QR code of version {most} at level {level.name}",
        do="allow larger codes, or show it in several",
    )


def _draw(text: str, segments: Sequence[tuple[int, str]], version: int, level: Level, mask: int | None) -> Code:
    qr = QRCode(version=version, error_correction=int(level), border=0, mask_pattern=mask)
    for mode, piece in segments:
        qr.add_data(QRData(piece.encode("ascii"), mode=mode, check_data=False))
    qr.make(fit=False)
    return Code(text, version, level, tuple(bytes(map(bool, row)) for row in qr.modules))


# --- room -----------------------------------------------------------------------------------------------------


@cache
def room(version: int, level: Level, kind: Kind = Kind.WHOLE) -> int:
    """Bytes that the text in one code can stand for."""
    prefix = texts.SCHEME + kind.value
    bits = _bit_room(version, level) - _bits([(MODE_ALPHA_NUM, prefix), (MODE_NUMBER, "")], version)
    digits = bits // 10 * 3 + (0, 0, 0, 0, 1, 1, 1, 2, 2, 2)[bits % 10]
    size = digits * 7 // 17 + 1
    while len(texts.digits(bytes(size))) > digits:
        size -= 1
    return min(size, MAX_TEXT_BYTES)


@cache
def letters_room(version: int, level: Level) -> int:
    """Characters of a text of capitals, digits and the like that one code holds."""
    bits = _bit_room(version, level) - _bits([(MODE_ALPHA_NUM, "")], version)
    return bits // 11 * 2 + (bits % 11 >= 6)


def frame_room(version: int, level: Level) -> int:
    """Bytes of a message that one frame in one code can carry."""
    return room(version, level, Kind.PART) - HEAD


@cache
def _bit_room(version: int, level: Level) -> int:
    data: int = sum(block.data_count for block in rs_blocks(version, int(level)))
    return 8 * data


def _bits(segments: Sequence[tuple[int, str]], version: int) -> int:
    """Bits of segments, each with its mode, its count of characters and the characters (ISO/IEC 18004, 7.4)."""
    longer = 2 * ((version > 9) + (version > 26))
    total = 0
    for mode, piece in segments:
        if mode == MODE_NUMBER:
            total += 4 + 10 + longer + len(piece) // 3 * 10 + (0, 4, 7)[len(piece) % 3]
        else:
            total += 4 + 9 + longer + len(piece) // 2 * 11 + len(piece) % 2 * 6
    return total


def _segmentations(text: str, version: int, level: Level) -> Iterator[list[tuple[int, str]]]:
    """Ways to cut a text into segments: the shortest first, then ways that leave no block of zeros.

    The mode stands at the beginning of each segment and is not zero, so that segments shorter than a block of error
    correction keep every block from being all zero, however many zeros the text has.
    """
    match = re.fullmatch(r"([A-Z][A-Z/:]*)([0-9]+)", text)
    if match is None:
        yield [(MODE_ALPHA_NUM, text)]
        return
    head, digits = (MODE_ALPHA_NUM, match.group(1)), match.group(2)
    yield [head, (MODE_NUMBER, digits)]
    smallest = min(block.data_count for block in rs_blocks(version, int(level)))
    longest = (8 * smallest - 4 - 14) // 10 * 3
    for size in range(longest, max(longest - 12, 0), -3):
        yield [head, *((MODE_NUMBER, digits[i : i + size]) for i in range(0, len(digits), size))]
