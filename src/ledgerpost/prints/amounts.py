"""Amounts in figures and in words, as a cheque has them: ``12.50`` is "Twelve and 50/100".

The words for whole numbers come from the library num2words (docs/adr/0014); what is left over stays in figures, so that
no language needs words for it. Refuses to know assets.
"""

from typing import Final

from num2words import num2words

_SHORT: Final = 4
"""Decimals up to which all are shown; of more, zeros at the end are left out."""


def in_words(units: int, decimals: int, language: str, joint: str) -> str:
    """A positive amount in words, in a language of num2words. ``joint`` stands before the fraction: "and"."""
    whole, part = divmod(units, 10**decimals)
    words = num2words(whole, lang=language)
    words = f"{words[:1].upper()}{words[1:]}"
    return f"{words} {joint} {_fraction(part, decimals)}" if decimals else words


def _fraction(part: int, decimals: int) -> str:
    digits = f"{part:0{decimals}}"
    if decimals > _SHORT:
        digits = digits.rstrip("0") or "0"
    return f"{digits}/{10 ** len(digits)}"
