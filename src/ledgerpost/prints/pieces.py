"""What pages share: a party with its fingerprint, an amount in figures and words, what to do with the paper."""

import unicodedata
from collections.abc import Iterator
from typing import Final

from ledgerpost.prints.amounts import in_words
from ledgerpost.prints.html import NOTHING, Html, div, others, own, tag
from ledgerpost.prints.tongue import Tongue
from ledgerpost.prints.views import Money, Party
from ledgerpost.spelling import group_fingerprint, spell_day
from ledgerpost.terms import Moment

_SMALL: Final = 24
_LONG: Final = 40
_WIDE: Final = 12
_WORDY: Final = 90


def top(title: str, number: str = "") -> Html:
    """The head of a page: what it is."""
    return div("top", tag("h1", own(title)), tag("span", own(number), cls="no"))


def row(label: str, *values: Html) -> Html:
    """A label and what belongs to it."""
    return div("row", tag("span", own(label), cls="label"), div("value", *values))


def party(label: str, who: Party | None, words: Tongue, note: str = "") -> Html:
    """Name and fingerprint, with a note behind the name; ``None`` is whoever comes first."""
    if who is None:
        return row(label, tag("span", own(words.anyone), cls="name"))
    shown = others(who.name) if who.name else own(words.nameless)
    noted = tag("span", own(f"  {note}"), cls="note") if note else NOTHING
    return row(label, tag("span", shown, noted, cls=f"name {_size(who.name)}".strip()), fingerprint(who))


def fingerprint(who: Party) -> Html:
    """A fingerprint in groups, as people compare it."""
    return tag("span", own(group_fingerprint(who.who)), cls="print")


def _size(name: str) -> str:
    """Longer names in smaller letters. Those of East Asia are twice as wide."""
    width = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in name)
    return "long" if width > _LONG else "small" if width > _SMALL else ""


def money(amount: Money, words: Tongue) -> Html:
    """An amount in figures and, where the asset's decimals are known, in words."""
    if amount.head is None:
        return div("sum", div("figures", own(amount.figures)), div("inwords", unit(amount, words)))
    spelled = in_words(amount.units, amount.head.decimals, words.code, words.joint)
    wide, long = len(amount.figures) > _WIDE, len(spelled) > _WORDY
    return div(
        "sum under" if wide or long else "sum",
        div("figures wide" if wide else "figures", own(amount.figures), own(" "), unit(amount, words)),
        div("inwords wordy" if long else "inwords", own(spelled), own(" "), unit(amount, words)),
    )


def unit(amount: Money, words: Tongue) -> Html:
    """The word after an amount."""
    if amount.head is None:
        return own(words.unknown_asset.format(digest=amount.asset.hex()[:16]))
    return others(amount.head.unit, 12)


def asset(amount: Money, words: Tongue) -> Html:
    """Which asset it is: its name, and the beginning of its digest."""
    name = others(amount.head.name) if amount.head else own(words.nameless)
    return row(words.asset, name, own(f"  ({amount.asset.hex()[:16]}…)"))


def dates(start: Moment, until: Moment, words: Tongue) -> Html:
    """From when until when; ``start`` 0 if it is good already."""
    begins = f"   ·   {words.not_before} {spell_day(start)}" if start else ""
    return row(words.until, tag("b", own(spell_day(until))), own(begins))


def advice(*paragraphs: str, only_code: str = "") -> Html:
    """What to do with the paper, at the foot of the page. What stands between backquotes is a command."""
    first = tag("p", own(only_code), cls="only") if only_code else NOTHING
    return div("advice tiny", first, *(tag("p", *_with_commands(each)) for each in paragraphs))


def _with_commands(paragraph: str) -> Iterator[Html]:
    for at, piece in enumerate(paragraph.split("`")):
        yield tag("code", own(piece)) if at % 2 else own(piece)


def short(who: Party, words: Tongue) -> Html:
    """A party in a line among others: its name, and the beginning of its fingerprint."""
    name = others(who.name, 24) if who.name else own(words.nameless)
    return Html(f"{name}{own(f' ({group_fingerprint(who.who)[:13]}…)')}")


def short_money(amount: Money, words: Tongue) -> Html:
    """An amount in a line among others."""
    return Html(f"{own(amount.figures)} {unit(amount, words)}")
