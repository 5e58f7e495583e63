"""HTML that cannot be broken out of: an element is made by ``tag``, and words get into one only through ``own`` or
``others``.

``Html`` is a type of its own, so that the type checker finds a word that was put in as it came. Refuses to know papers.
"""

from dataclasses import dataclass
from html import escape
from typing import Final, NewType

from ledgerpost.spelling import printable

Html = NewType("Html", str)
"""Markup: whole elements and escaped words."""

NOTHING: Final = Html("")
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
"""What a browser may load and run for a page: its own style, and nothing else, whatever it finds in it."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The size of a paper, in millimetres."""

    width: int
    height: int


def own(words: str) -> Html:
    """The program's own words, fingerprints, figures and dates."""
    return Html(escape(words, quote=True))


def others(words: str, most: int = 64) -> Html:
    """Words of somebody else, at most so many characters of them.

    What does not print is left out, and their direction is kept to themselves: a name in Hebrew turns nothing around
    that stands beside it.
    """
    return Html(f"<bdi>{escape(printable(words, most), quote=True)}</bdi>")


def tag(name: str, *inside: Html, cls: str = "", lang: str = "") -> Html:
    """An element. Name, class and language are constants of this program."""
    attributes = "".join(f' {key}="{value}"' for key, value in (("class", cls), ("lang", lang)) if value)
    return Html(f"<{name}{attributes}>{''.join(inside)}</{name}>")


def div(cls: str, *inside: Html) -> Html:
    """A ``div`` of a class."""
    return tag("div", *inside, cls=cls)


def page(*inside: Html, cls: str = "") -> Html:
    """One page: what does not fit on it is cut off, and never makes another."""
    return tag("section", *inside, cls=f"page {cls}".strip())


def document(title: str, language: str, sheet: Sheet, style: str, pages: tuple[Html, ...]) -> str:
    """A whole file. ``language``: that of the program's own words, such as ``en``."""
    size = (
        f"@page{{size:{sheet.width}mm {sheet.height}mm;margin:0}}\n"
        f".page{{width:{sheet.width}mm;height:{sheet.height}mm}}\n"
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{language}" dir="ltr">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>{own(title)}</title>\n<style>\n{size}{style}</style>\n</head>\n<body>\n"
        + "\n".join(pages)
        + "\n</body>\n</html>\n"
    )
