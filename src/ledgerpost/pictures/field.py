"""The field GF(256), and elimination of rows over it: what the fountain is made of.

Addition is XOR. Multiplication is that of polynomials over GF(2) modulo x^8+x^4+x^3+x^2+1, the field of QR codes'
own error correction. Rows are byte strings; to scale one is ``bytes.translate``, to add two is one XOR of large
integers, so that a row of 1,000 bytes takes about a microsecond without any library. Knows nothing of frames.
"""

from collections.abc import Iterable
from functools import cache
from typing import Final

_MODULUS: Final = 0x11D


def _powers() -> bytes:
    powers, value = bytearray(), 1
    for _ in range(255):
        powers.append(value)
        value = value << 1 ^ (_MODULUS if value & 0x80 else 0)
    return bytes(powers)


_EXP: Final = _powers() * 2  # twice, so that a sum of two logarithms needs no reduction
_LOG: Final = {value: power for power, value in enumerate(_EXP[:255])}


def product(a: int, b: int) -> int:
    """The product of two elements, 0 to 255."""
    return _EXP[_LOG[a] + _LOG[b]] if a and b else 0


def inverse(a: int) -> int:
    """The element that times ``a`` is 1. Raises ``ZeroDivisionError`` for 0."""
    if not a:
        raise ZeroDivisionError("0 has no inverse")
    return _EXP[255 - _LOG[a]]


@cache
def multiples(factor: int) -> bytes:
    """All 256 elements times ``factor``: the table for ``bytes.translate``."""
    return bytes(product(factor, value) for value in range(256))


def combination(terms: Iterable[tuple[int, bytes]], size: int) -> bytes:
    """The sum of rows of ``size`` bytes, each times its factor."""
    total = 0
    for factor, row in terms:
        if factor:
            total ^= int.from_bytes(row if factor == 1 else row.translate(multiples(factor)), "little")
    return total.to_bytes(size, "little")


class Echelon:
    """Rows in reduced echelon form over their first ``columns`` bytes, one row taken in at a time.

    ``pivots[c]`` is a row with 1 in column ``c`` and 0 in every other pivot's column. ``rest`` are the rows that came
    out as zero in all columns: what follows the columns in them are the relations among the rows taken in.
    """

    __slots__ = ("columns", "pivots", "rest")

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.pivots: dict[int, bytes] = {}
        self.rest: list[bytes] = []

    @property
    def full(self) -> bool:
        """Whether every column has its pivot."""
        return len(self.pivots) == self.columns

    def add(self, row: bytes) -> None:
        """Take in a row: time grows with the number of pivots."""
        terms = [(row[column], pivot) for column, pivot in self.pivots.items()]
        row = combination([(1, row), *terms], len(row))
        column = _first_not_zero(row, self.columns)
        if column is None:
            self.rest.append(row)
            return
        row = row.translate(multiples(inverse(row[column])))
        for other, pivot in self.pivots.items():
            if pivot[column]:
                self.pivots[other] = combination([(1, pivot), (pivot[column], row)], len(row))
        self.pivots[column] = row


def _first_not_zero(row: bytes, columns: int) -> int | None:
    left = len(row[:columns].lstrip(b"\0"))
    return columns - left if left else None
