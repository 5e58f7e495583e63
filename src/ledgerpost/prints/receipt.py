"""A bank's receipt on paper: what the account holds, what became of the orders, and the proof in codes (L3, L5)."""

from dataclasses import dataclass
from typing import Final

from ledgerpost.errors import Refusal
from ledgerpost.prints import codes
from ledgerpost.prints import pieces as p
from ledgerpost.prints.chequebook import A6
from ledgerpost.prints.html import NOTHING, Html, div, document, own, page, tag
from ledgerpost.prints.style import STYLE
from ledgerpost.prints.tongue import Tongue
from ledgerpost.prints.views import Money, Party
from ledgerpost.spelling import spell_day, spell_moment
from ledgerpost.terms import Moment, Number

_MOST_LINES: Final = 9
_CODE: Final = 91


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of an order. ``kind``: its type, or ``takein`` for any notice taken in."""

    kind: str
    number: Number | None
    money: Money | None
    code: Refusal


@dataclass(frozen=True, slots=True)
class Out:
    """An outstanding spend or certificate (``payee`` None)."""

    number: Number
    money: Money
    payee: Party | None
    until: Moment


@dataclass(frozen=True, slots=True)
class ReceiptShown:
    """A receipt to be printed. ``raw``: an envelope of it and what it follows from. ``before`` and ``after``: the
    balances last agreed, and now.
    """

    raw: bytes
    party: Party
    bank: Party
    seq: int
    time: Moment
    agreed: bool
    before: tuple[Money, ...]
    after: tuple[Money, ...]
    numbers: tuple[tuple[Number, Number, Moment], ...]
    outstanding: tuple[Out, ...]
    fates: tuple[Fate, ...]


def receipt_page(shown: ReceiptShown, words: Tongue) -> str:
    """A receipt as an HTML file. Raises ``OverLimit`` if it takes too many codes."""
    first = page(
        p.top(words.receipt),
        p.party(words.bank, shown.bank, words),
        p.party(words.party, shown.party, words),
        p.row("", own(words.after_letter.format(seq=shown.seq, time=spell_moment(shown.time)))),
        p.row("", own(words.agreed if shown.agreed else words.not_agreed)),
        _balances(shown, words),
        _section(words.numbers, [_numbers(*each) for each in shown.numbers], words),
        _section(words.outstanding, [_out(each, words) for each in shown.outstanding], words),
        _section("", [_fate(each, words) for each in shown.fates], words),
        p.advice(words.check_receipt, words.names, only_code=words.only_code),
        cls="narrow",
    )
    code = codes.single(shown.raw, _CODE)
    alone = page(codes.drawn(code, _CODE), div("tiny", own(words.alone), own(" "), own(words.coding))) if code else None
    more = (alone,) if alone else codes.following(shown.raw, A6, words)
    return document(f"{words.receipt} {shown.seq}", words.code, A6, STYLE, (first, *more))


def _section(label: str, lines: list[Html], words: Tongue) -> Html:
    """A label with as many lines as a page has room for."""
    if not lines:
        return NOTHING
    left = len(lines) - _MOST_LINES
    more = (div("", own(words.more.format(count=left))),) if left > 0 else ()
    return p.row(label, div("lines", *lines[:_MOST_LINES], *more))


def _balances(shown: ReceiptShown, words: Tongue) -> Html:
    """Each asset's balance, with what it was when last agreed."""
    before = {each.asset: each.figures for each in shown.before}
    lines = [
        div(
            "",
            own(f"{before[each.asset]} → " if before.get(each.asset, each.figures) != each.figures else ""),
            tag("b", own(each.figures), own(" "), p.unit(each, words)),
        )
        for each in shown.after
    ]
    return _section(words.balance, lines or [own(words.nothing)], words)


def _numbers(first: Number, last: Number, until: Moment) -> Html:
    span = str(first) if first == last else f"{first}–{last}"
    return div("", own(f"{span}  ({spell_day(until)})"))


def _out(out: Out, words: Tongue) -> Html:
    to = p.short(out.payee, words) if out.payee else own(words.holder)
    return div("", own(f"{words.number} {out.number}  "), p.short_money(out.money, words), own(" → "), to)


def _fate(fate: Fate, words: Tongue) -> Html:
    done = fate.code is Refusal.DONE
    kind = words.orders.get(fate.kind, fate.kind)
    number = f" {fate.number}" if fate.number else ""
    amount = (own(", "), p.short_money(fate.money, words)) if fate.money else ()
    end = words.done if done else words.refused.format(code=int(fate.code))
    reason = own(f" {words.reasons[fate.code]}") if not done else NOTHING
    return div("", own(f"{kind}{number}"), *amount, own(f": {end}"), reason)
