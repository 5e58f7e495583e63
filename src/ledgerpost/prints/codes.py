"""The codes of a paper: one on the paper itself where it fits, else many on pages that follow (Q5).

Decides sizes in millimetres: a module is never narrower than ``THIN``, which a scan at 150 dpi still shows. Knows bytes
and refuses to know what they are.
"""

from contextlib import suppress
from typing import Final

from ledgerpost.errors import OverLimit
from ledgerpost.pictures import text
from ledgerpost.pictures.code import Code, for_paper
from ledgerpost.pictures.drawing import QUIET, svg
from ledgerpost.pictures.many import count_for_pages, for_pages
from ledgerpost.pictures.sheet import Page, Place, capacity, pages
from ledgerpost.pictures.text import MAX_TEXT_BYTES
from ledgerpost.prints.html import Html, Sheet, div, own, page
from ledgerpost.prints.tongue import Tongue

THIN: Final = 0.5
"""Millimetres of the narrowest module printed: 3 dots at 150 dpi."""

MANY: Final = 15
"""Version of the codes of which there are many on a page."""

MODULE: Final = 0.69
"""Millimetres a module of these: two of them, with a line under each, go on an A6 page."""

MAX_PAGES: Final = 100
MARGIN: Final = 7
"""Of every page: as ``style`` has it."""

_HEAD: Final = 6
_LINE: Final = 5


def single(raw: bytes, room: int) -> Code | None:
    """The one code that holds these bytes in a square of ``room`` millimetres; None if they take several."""
    with suppress(OverLimit):
        code = for_paper(text.spell(raw)) if len(raw) <= MAX_TEXT_BYTES else None
        if code is not None and room / (code.side + 2 * QUIET) >= THIN:
            return code
    return None


def drawn(code: Code, side: float) -> Html:
    """A code as a picture of so many millimetres, its quiet zone among them."""
    return Html(svg(code, side))


def following(raw: bytes, sheet: Sheet, words: Tongue) -> tuple[Html, ...]:
    """Pages of codes, K and a quarter more. Raises ``OverLimit`` if they are more than ``MAX_PAGES``."""
    width, height = sheet.width - 2 * MARGIN, sheet.height - 2 * MARGIN - _HEAD
    count = count_for_pages(raw, MANY)
    fits = capacity(MANY, width, height, module_mm=MODULE, line_mm=_LINE)
    _check_pages(raw, count, -(-count // max(fits, 1)))
    many = for_pages(raw, version=MANY)
    found = pages(many.codes, width, height, module_mm=MODULE, line_mm=_LINE)
    _check_pages(raw, count, len(found))  # a larger version was needed
    told = own(words.any_restore.format(parts=many.parts, count=len(many.codes)))
    return tuple(page(div("tiny", told), _grid(each, len(many.codes), words)) for each in found)


def _check_pages(raw: bytes, codes: int, pages: int) -> None:
    if pages > MAX_PAGES:
        raise OverLimit(
            f"{len(raw)} bytes make {codes} codes on {pages} pages; at most {MAX_PAGES} are printed",
            do="carry it on a stick, or show it on a screen",
        )


def _grid(codes: Page, count: int, words: Tongue) -> Html:
    """The codes of one page, each with its number under it, where they belong."""
    return div("grid", *(_placed(place, codes.side_mm, count, words) for place in codes.places))


def _placed(place: Place, side: float, count: int, words: Tongue) -> Html:
    told = own(words.code_of.format(number=place.number + 1, count=count))
    style = f"left:{place.left_mm:g}mm;top:{place.top_mm:g}mm;width:{side:g}mm"
    return Html(f'<div class="cell tiny" style="{style}">{drawn(place.code, side)}{told}</div>')
