"""Cheques and certificates on paper: the code at the right, for a window of three to a sheet of A4 (cheque)."""

from dataclasses import dataclass
from typing import Final

from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.cheque import Cheque
from ledgerpost.prints import codes
from ledgerpost.prints import pieces as p
from ledgerpost.prints.html import NOTHING, Html, Sheet, div, document, others, own, page, tag
from ledgerpost.prints.style import STYLE
from ledgerpost.prints.tongue import Tongue
from ledgerpost.prints.views import Money, Party
from ledgerpost.terms import Moment

CHEQUE: Final = Sheet(210, 99)
CERTIFICATE: Final = Sheet(210, 148)
_CHEQUE_CODE: Final = 70
_CERTIFICATE_CODE: Final = 74
_CHEQUE_HANDS: Final = 1
_CERTIFICATE_HANDS: Final = 3
"""The last so many of those it was handed on to stand on the paper; all are in the code."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An instrument to be printed. ``raw``: what the code holds. ``first``: who drew the cheque, or bought the
    certificate. ``hands``: to whom it was endorsed, in order. ``now``: the moment of printing, after which a cheque is
    post-dated.
    """

    raw: bytes
    paper: Cheque | Certificate
    first: Party
    payee: Party | None
    bank: Party
    money: Money
    hands: tuple[Party, ...]
    now: Moment


def instrument_page(shown: Shown, words: Tongue) -> str:
    """A cheque or certificate as an HTML file. Raises ``OverLimit`` if it takes too many codes."""
    cheque = isinstance(shown.paper, Cheque)
    sheet, room = (CHEQUE, _CHEQUE_CODE) if cheque else (CERTIFICATE, _CERTIFICATE_CODE)
    title = words.cheque if cheque else words.certificate
    code = codes.single(shown.raw, room)
    side = _side(codes.drawn(code, room) if code else NOTHING, words.alone if code else words.follow, words)
    more = () if code else codes.following(shown.raw, sheet, words)
    first = page(_words(shown, title, words), side, cls="two")
    return document(f"{title} {shown.paper.number}", words.code, sheet, STYLE, (first, *more))


def _side(code: Html, told: str, words: Tongue) -> Html:
    return div("side tiny", code, tag("p", own(words.only_code), cls="only"), tag("p", own(told)), own(words.coding))


def _words(shown: Shown, title: str, words: Tongue) -> Html:
    top = p.top(title, f"{words.number} {shown.paper.number}")
    lines = _cheque(shown, shown.paper, words) if isinstance(shown.paper, Cheque) else _certificate(shown, words)
    return div("words", top, *lines)


def _cheque(shown: Shown, paper: Cheque, words: Tongue) -> tuple[Html, ...]:
    start = paper.start if paper.start > shown.now else 0
    memo = (p.row(words.memo, others(paper.memo)),) if paper.memo else ()
    return (
        p.party(words.pay, shown.payee, words),
        p.money(shown.money, words),
        p.dates(start, paper.until, words),
        *_hands(shown, _CHEQUE_HANDS, words),
        p.party(words.drawer, shown.first, words),
        p.party(words.bank, shown.bank, words),
        *memo,
        p.advice(words.check_cheque, words.names),
    )


def _certificate(shown: Shown, words: Tongue) -> tuple[Html, ...]:
    return (
        p.money(shown.money, words),
        p.dates(0, shown.paper.until, words),
        p.asset(shown.money, words),
        p.party(words.buyer, shown.first, words),
        *_hands(shown, _CERTIFICATE_HANDS, words),
        p.party(words.bank, shown.bank, words),
        p.advice(words.check_certificate, words.hand_on.format(number=shown.paper.number), words.names),
    )


def _hands(shown: Shown, most: int, words: Tongue) -> tuple[Html, ...]:
    """The last hands it passed to, and with the first of them how many there were before."""
    before = len(shown.hands) - most
    note = words.earlier.format(count=before) if before > 0 else ""
    last = enumerate(shown.hands[-most:])
    return tuple(p.party(words.handed, each, words, "" if at else note) for at, each in last)
