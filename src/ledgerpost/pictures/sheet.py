"""Where many codes stand on printed pages: a grid, in millimetres. What else is on the page is the paper maker's.

Knows sides of squares, and nothing of what they say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ledgerpost.errors import OverLimit
from ledgerpost.pictures.code import Code
from ledgerpost.pictures.drawing import QUIET

MODULE_MM: Final = 0.6
"""Millimetres a module: read after a scan of 150 dots an inch."""


@dataclass(frozen=True, slots=True)
class Place:
    """Frame ``number``, counted from 0, with the corner of its quiet zone so far from the left and the top."""

    number: int
    code: Code
    left_mm: float
    top_mm: float


@dataclass(frozen=True, slots=True)
class Page:
    """One page's codes. ``side_mm``: of each, its quiet zone among it."""

    side_mm: float
    places: tuple[Place, ...]


def pages(
    codes: Sequence[Code], width_mm: float, height_mm: float, *, module_mm: float = MODULE_MM, line_mm: float = 5
) -> tuple[Page, ...]:
    """Put codes of one version on as many pages as it takes, row by row, with a line of ``line_mm`` under each.

    ``width_mm`` and ``height_mm`` are what the page has free for codes.

    Raises:
        OverLimit: not even one fits.
    """
    side = (max(code.side for code in codes) + 2 * QUIET) * module_mm
    columns, rows = _grid(side, width_mm, height_mm, line_mm)
    if not columns * rows:
        raise OverLimit(
            f"a code of {side:.0f} mm does not fit {width_mm:.0f} × {height_mm:.0f} mm",
            do="choose smaller codes, or larger paper",
        )
    step_x, step_y = width_mm / columns, height_mm / rows

    def place(number: int) -> Place:
        row, column = divmod(number % (columns * rows), columns)
        return Place(number, codes[number], column * step_x + (step_x - side) / 2, row * step_y)

    numbers = range(len(codes))
    return tuple(
        Page(side, tuple(map(place, numbers[first : first + columns * rows])))
        for first in range(0, len(codes), columns * rows)
    )


def capacity(
    version: int, width_mm: float, height_mm: float, *, module_mm: float = MODULE_MM, line_mm: float = 5
) -> int:
    """How many codes of that version, 17 + 4 × version modules wide (ISO/IEC 18004), one page takes; see ``pages``."""
    columns, rows = _grid((17 + 4 * version + 2 * QUIET) * module_mm, width_mm, height_mm, line_mm)
    return columns * rows


def _grid(side: float, width: float, height: float, line: float) -> tuple[int, int]:
    """Columns and rows."""
    return int(width // side), int(height // (side + line))
