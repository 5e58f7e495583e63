"""A chequebook on paper: the numbers that a bank gave to a party (N4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ledgerpost.papers.sequence import Sequence
from ledgerpost.prints import codes
from ledgerpost.prints import pieces as p
from ledgerpost.prints.html import Html, Sheet, div, document, own, page, tag
from ledgerpost.prints.style import STYLE
from ledgerpost.prints.tongue import Tongue
from ledgerpost.prints.views import Party
from ledgerpost.spelling import spell_day

A6: Final = Sheet(105, 148)
_CODE: Final = 56


@dataclass(frozen=True, slots=True)
class Leaf:
    """A chequebook to be printed. ``raw``: as the bank signed it."""

    raw: bytes
    book: Sequence
    owner: Party
    bank: Party


def chequebook_pages(leaves: Iterable[Leaf], words: Tongue) -> str:
    """Chequebooks as an HTML file, one on a page."""
    pages = tuple(page for leaf in leaves for page in _pages(leaf, words))
    return document(words.chequebook, words.code, A6, STYLE, pages)


def _pages(leaf: Leaf, words: Tongue) -> tuple[Html, ...]:
    code, book = codes.single(leaf.raw, _CODE), leaf.book
    span = f"{book.first}–{book.last}"
    count = words.count.format(count=book.last - book.first + 1)
    first = page(
        p.top(words.chequebook, span),
        p.row(words.numbers, tag("b", own(span)), own(f"  ({count})")),
        p.row(words.until, tag("b", own(spell_day(book.until)))),
        p.party(words.party, leaf.owner, words),
        p.party(words.bank, leaf.bank, words),
        div("middle", codes.drawn(code, _CODE)) if code else div("middle"),
        p.advice(words.check_chequebook, words.coding, only_code=words.only_code),
        cls="narrow",
    )
    return (first,) if code else (first, *codes.following(leaf.raw, A6, words))
