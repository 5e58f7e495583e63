"""Any other message or envelope on paper, for A4 and Letter alike: what is in it, for whom, and its codes."""

from dataclasses import dataclass
from typing import Final

from ledgerpost.prints import codes
from ledgerpost.prints import pieces as p
from ledgerpost.prints.html import NOTHING, Sheet, div, document, others, own, page, tag
from ledgerpost.prints.style import STYLE
from ledgerpost.prints.tongue import Tongue
from ledgerpost.prints.views import Party
from ledgerpost.spelling import spell_day
from ledgerpost.terms import Moment

PAGE: Final = Sheet(210, 279)
"""As wide as A4 and as high as Letter."""

_CODE: Final = 84
_LINES: Final = 30


@dataclass(frozen=True, slots=True)
class MessageShown:
    """Bytes to be printed. ``lines``: what is in them; none if they are sealed. ``until``: 0 for no end."""

    raw: bytes
    recipient: Party | None
    until: Moment
    sealed: bool
    lines: tuple[str, ...]


def message_page(shown: MessageShown, words: Tongue) -> str:
    """Any bytes as an HTML file. Raises ``OverLimit`` if they take too many codes."""
    code = codes.single(shown.raw, _CODE)
    contents = [tag("div", others(line, 200)) for line in shown.lines[:_LINES]]
    first = page(
        p.top(words.message),
        p.party(words.recipient, shown.recipient, words) if shown.recipient else NOTHING,
        p.row(words.useful, own(spell_day(shown.until))) if shown.until else NOTHING,
        p.row(words.contents, div("lines", *(contents or [own(words.sealed if shown.sealed else words.nothing)]))),
        codes.drawn(code, _CODE) if code else NOTHING,
        p.advice(words.check_message, words.coding, only_code=words.only_code),
    )
    more = () if code else codes.following(shown.raw, PAGE, words)
    return document(words.message, words.code, PAGE, STYLE, (first, *more))
