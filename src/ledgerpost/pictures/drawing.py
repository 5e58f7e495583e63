"""QR codes as pictures: PNG, SVG, and half blocks for a terminal. Always dark on light, with the quiet zone.

Knows modules and nothing of what they say.
"""

from io import BytesIO
from typing import Final

from PIL import Image

from ledgerpost.pictures.code import Code

QUIET: Final = 4
"""Light modules around a code (ISO/IEC 18004, 9.1)."""

MODULE: Final = 8
"""Pixels a module, unless asked otherwise."""

_LIGHT_AND_DARK: Final = bytes.maketrans(b"\0\1", b"\xff\0")
# Black and white of the 256-colour table: unlike the first sixteen, no colour scheme gives them another look.
_PAINT: Final = "\x1b[38;5;16;48;5;231m"
_PLAIN: Final = "\x1b[0m"
_HALVES: Final = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}


def framed(code: Code, quiet: int = QUIET) -> list[bytes]:
    """The rows of a code with light modules around it."""
    blank = [bytes(code.side + 2 * quiet)] * quiet
    return [*blank, *(bytes(quiet) + row + bytes(quiet) for row in code.rows), *blank]


def image(code: Code, module: int = MODULE, quiet: int = QUIET) -> Image.Image:
    """A picture of one bit a pixel. ``module``: pixels along the side of a module."""
    rows = framed(code, quiet)
    side = len(rows)
    picture = Image.frombytes("L", (side, side), b"".join(rows).translate(_LIGHT_AND_DARK))
    picture = picture.resize((side * module, side * module), Image.Resampling.NEAREST)
    return picture.convert("1", dither=Image.Dither.NONE)


def png(code: Code, module: int = MODULE, quiet: int = QUIET) -> bytes:
    """A PNG file."""
    out = BytesIO()
    image(code, module, quiet).save(out, format="PNG", optimize=True)
    return out.getvalue()


def svg(code: Code, side_mm: float | None = None, quiet: int = QUIET) -> str:
    """An SVG picture, to be put into HTML as it is or behind an XML declaration.

    ``side_mm``: millimetres along its side, the quiet zone among them; without it the picture takes the size of what
    it stands in.
    """
    rows = framed(code, quiet)
    size = f' width="{side_mm:g}mm" height="{side_mm:g}mm"' if side_mm else ""
    side = len(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg"{size} viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{"".join(_runs(rows))}"/></svg>'
    )


def _runs(rows: list[bytes]) -> list[str]:
    """Each row's dark runs as rectangles one module high."""
    runs = []
    for y, row in enumerate(rows):
        x = row.find(1)
        while x >= 0:
            end = row.find(0, x)  # the quiet zone ends every row
            runs.append(f"M{x} {y}h{end - x}v1H{x}z")
            x = row.find(1, end)
    return runs


def terminal(code: Code, quiet: int = QUIET) -> str:
    """Lines for a terminal: two modules a character, black on white painted outright, whatever its colours.

    A code takes ``side + 2 quiet`` columns and half as many lines. At most terminals' white is as light as a page.
    """
    rows = framed(code, quiet)
    if len(rows) % 2:
        rows.append(bytes(len(rows[0])))
    pairs = zip(rows[::2], rows[1::2], strict=True)
    lines = ("".join(map(_HALVES.__getitem__, zip(upper, lower, strict=True))) for upper, lower in pairs)
    return "".join(f"{_PAINT}{line}{_PLAIN}\n" for line in lines)
