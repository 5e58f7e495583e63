"""How values look to people, and how what people type is read back.

Knows fingerprints, amounts, moments and other people's words as text. It refuses to know languages, terminals
and files, which assets exist, and what time it is (``now`` is an argument).
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from ledgerpost import bech32m
from ledgerpost.errors import Mistyped
from ledgerpost.terms import FINGERPRINT_SIZE, MAX_INT, Amount, Fingerprint, Moment, Number

PREFIX: Final = "lp"
FINGERPRINT_LENGTH: Final = len(PREFIX) + 1 + 32 + bech32m.CHECK_SYMBOLS
_HEAD: Final = PREFIX + "1"
_GROUP: Final = 4

# --- fingerprints ---------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def spell_fingerprint(fp: bytes) -> str:
    """Spell 20 bytes as 41 characters of Bech32m, ``lp1…`` (BIP-350).

    Raises:
        ValueError: not 20 bytes.
    """
    if len(fp) != FINGERPRINT_SIZE:
        raise ValueError(f"a fingerprint has {FINGERPRINT_SIZE} bytes, not {len(fp)}")
    return bech32m.encode(PREFIX, bech32m.to_symbols(fp))


def group_fingerprint(fp: bytes) -> str:
    """Spell 20 bytes for reading aloud: ``lp1``, nine groups of four letters and one of two.

    The prefix stands alone because it is the same on every fingerprint: what follows is what to compare.
    """
    body = spell_fingerprint(fp).removeprefix(_HEAD)
    return " ".join([_HEAD, *(body[i : i + _GROUP] for i in range(0, len(body), _GROUP))])


def read_fingerprint(text: str) -> Fingerprint:
    """Read a fingerprint, in groups or in one, all small or all capital letters.

    Up to four wrong letters, and any two swapped neighbours, are always noticed (BIP-173).

    Raises:
        Mistyped: it does not read; ``where`` is the text.
    """
    joined = "".join(text.split())
    try:
        return _fingerprint(joined)
    except Mistyped as fault:
        fault.do = "compare it with the paper it comes from, group by group, and type it again"
        raise fault.at(printable(text, 80)) from None


def _fingerprint(joined: str) -> Fingerprint:
    if not joined.lower().startswith(_HEAD):
        raise Mistyped(f'this is no fingerprint: every fingerprint begins with "{_HEAD}"')
    if len(joined) != FINGERPRINT_LENGTH:
        raise Mistyped(f"this fingerprint has {len(joined)} characters, and every one has {FINGERPRINT_LENGTH}")
    if "1" in joined[len(_HEAD) :]:  # it would move the separator, and with it the prefix
        raise Mistyped(f'this fingerprint is mistyped: "1" stands only in its beginning, "{_HEAD}"')
    try:
        _, symbols = bech32m.decode(joined)
    except Mistyped as fault:
        raise Mistyped(f"this fingerprint is mistyped: {fault.what}") from None
    return Fingerprint(bech32m.to_bytes(symbols))


# --- amounts and numbers --------------------------------------------------------------------------------------

_AMOUNT: Final = re.compile(r"([0-9]{1,40})(?:\.([0-9]{1,40}))?")


def spell_amount(units: int, decimals: int) -> str:
    """Spell a count of smallest units with the asset's decimals: ``1250, 2`` is ``12.50``. May be negative."""
    sign = "-" if units < 0 else ""
    whole, part = divmod(abs(units), 10**decimals)
    return f"{sign}{whole}.{part:0{decimals}}" if decimals else f"{sign}{whole}"


def read_amount(text: str, decimals: int) -> Amount:
    """Read what a person typed as an amount into smallest units, 1 to 2^63-1.

    Only digits and one point: nothing is guessed about signs, exponents, or commas, which mean thousands to
    one reader and decimals to the next.

    Raises:
        Mistyped: it does not read as an amount of this asset; ``where`` is the text.
    """
    where = printable(text, 80)
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        raise Mistyped(_amount_fault(text), where=where, do=f"write it like {spell_amount(1250, decimals)}")
    whole, part = match.group(1), match.group(2) or ""
    if len(part) > decimals:
        places = f"{decimals} decimals at most" if decimals else "no decimals"
        raise Mistyped(f"this amount has {len(part)} decimals, and the asset has {places}", where=where)
    units = int(whole + part.ljust(decimals, "0"))
    if units == 0:
        raise Mistyped("this amount is zero", where=where, do=f"the least is {spell_amount(1, decimals)}")
    if units > MAX_INT:
        raise Mistyped("this amount is too large", where=where, do=f"the most is {spell_amount(MAX_INT, decimals)}")
    return units


def _amount_fault(text: str) -> str:
    if "," in text:
        return "this amount has a comma; only a point may stand before the decimals"
    if "-" in text or "+" in text:
        return "this amount has a sign; an amount has none"
    if not text.strip():
        return "the amount is missing"
    return "this is no amount: only the digits 0 to 9, and one point between digits, may stand in it"


def spell_number(number: Number) -> str:
    """Spell a transaction number in plain decimal digits."""
    return str(number)


# --- moments --------------------------------------------------------------------------------------------------

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_END_OF_DAYS: Final = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(seconds=1)
_DATE: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T([0-9]{2}):([0-9]{2})Z)?")
_SPAN: Final = re.compile(r"([0-9]{1,6})([hdw])")
_HOUR: Final = 3600
_DAY: Final = 24 * _HOUR
_SPANS: Final = {"h": _HOUR, "d": _DAY, "w": 7 * _DAY}


def spell_moment(seconds: Moment) -> str:
    """Spell a moment in UTC to the minute begun: ``2027-01-19T12:00Z`` (ISO 8601)."""
    return _spell(seconds, "minutes")


def spell_day(seconds: Moment) -> str:
    """Spell the UTC day that a moment falls on: ``2027-01-19`` (ISO 8601)."""
    return _spell(seconds, "day")


def _spell(seconds: Moment, grain: str) -> str:
    # Others may sign any integer as a moment, and a calendar of four-digit years ends.
    if seconds < 0:
        return "before 1970"
    if seconds > _END_OF_DAYS:
        return "after 9999"
    moment = _EPOCH + timedelta(seconds=seconds)
    return moment.date().isoformat() if grain == "day" else f"{moment:%Y-%m-%dT%H:%MZ}"


def read_until(text: str, now: Moment) -> Moment:
    """Read an end: a day (its last second, UTC), a moment to the minute, or a span from now.

    Forms: ``2027-01-19``, ``2027-01-19T12:00Z``, and hours, days or weeks: ``12h``, ``30d``, ``8w``.

    Raises:
        Mistyped: none of these forms, no such day, or not after ``now``; ``where`` is the text.
    """
    where, typed = printable(text, 80), text.strip()
    if span := _SPAN.fullmatch(typed):
        until = now + int(span.group(1)) * _SPANS[span.group(2)]
    elif date := _DATE.fullmatch(typed):
        until = _date(date, where)
    else:
        raise Mistyped("this is no date", where=where, do=f"write it like {spell_day(now)}, or as a span: 12h, 30d, 8w")
    if until <= now:
        raise Mistyped("this is not in the future", where=where, do=f"it is {spell_moment(now)} now: give a later one")
    if until > _END_OF_DAYS:
        raise Mistyped("this is too far off", where=where, do="give a date before the year 10000")
    return until


def _date(match: re.Match[str], where: str) -> Moment:
    year, month, day, hour, minute = (int(field or 0) for field in match.groups())
    try:
        moment = datetime(year, month, day, hour, minute, tzinfo=UTC)
    except ValueError:
        raise Mistyped("the calendar has no such day or time", where=where, do="look it up and type it again") from None
    start = (moment - _EPOCH) // timedelta(seconds=1)
    return start if match.group(4) else start + _DAY - 1


# --- other people's words -------------------------------------------------------------------------------------

# Blank to the eye though no control or format characters: Hangul fillers, the empty braille cell, and marks
# that only steer layout (Unicode, Default_Ignorable_Code_Point).
_BLANK: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
_DROPPED: Final = frozenset({"Cc", "Cf"})
_UNKNOWN: Final = frozenset({"Cs", "Co", "Cn"})


def printable(text: str, limit: int = 200) -> str:
    """Make a name or memo of somebody else fit to print on one line of at most ``limit`` characters.

    Control, bidi and other format characters go: none can move the cursor, turn what follows, or hide in a
    name. Line ends and runs of blanks become one blank. What this Python's Unicode does not know shows as
    U+FFFD, and a cut as "…". Two texts may look the same afterwards: show a fingerprint, never a name alone.
    """
    line = " ".join("".join(_visible(text)).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _visible(text: str) -> Iterator[str]:
    for c in text:
        category = unicodedata.category(c)
        if c.isspace():
            yield " "
        elif category in _UNKNOWN:
            yield "\ufffd"
        elif category not in _DROPPED and c not in _BLANK:
            yield c
