"""A chequebook on paper: the numbers that a bank gave to a party (N4)."""

from typing import Final

from ledgerpost.papers.sequence import Sequence
from ledgerpost.prints import codes
from ledgerpost.prints import pieces as p
from ledgerpost.prints.html import Sheet, div, document, own, page, tag
from ledgerpost.prints.style import STYLE
from ledgerpost.prints.tongue import Tongue
from ledgerpost.prints.views import Party
from ledgerpost.spelling import spell_day

A6: Final = Sheet(105, 148)
_CODE: Final = 56


def chequebook_page(raw: bytes, book: Sequence, owner: Party, bank: Party, words: Tongue) -> str:
    """A chequebook, which the bank signed as ``raw``, as an HTML file."""
    code = codes.single(raw, _CODE)
    first = page(
        p.top(words.chequebook, f"{book.first}–{book.last}"),
        p.row(words.numbers, tag("b", own(f"{book.first}–{book.last}")), own(f"  ({_count(book, words)})")),
        p.row(words.until, tag("b", own(spell_day(book.until)))),
        p.party(words.party, owner, words),
        p.party(words.bank, bank, words),
        div("middle", codes.drawn(code, _CODE)) if code else div("middle"),
        p.advice(words.check_chequebook, words.coding, only_code=words.only_code),
        cls="narrow",
    )
    more = () if code else codes.following(raw, A6, words)
    return document(f"{words.chequebook} {book.first}–{book.last}", words.code, A6, STYLE, (first, *more))


def _count(book: Sequence, words: Tongue) -> str:
    return words.count.format(count=book.last - book.first + 1)
