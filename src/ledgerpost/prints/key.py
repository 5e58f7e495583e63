"""A key on paper: 24 words, their numbers for hands that write another script, and a code of the numbers.

The code is the secret itself and is drawn nowhere but on this paper.
"""

from typing import Final

from ledgerpost.paperkey import WORDS, to_code, to_numbers, to_words
from ledgerpost.pictures.code import Level, encode
from ledgerpost.prints import codes
from ledgerpost.prints import pieces as p
from ledgerpost.prints.chequebook import A6
from ledgerpost.prints.html import div, document, own, page, tag
from ledgerpost.prints.style import STYLE
from ledgerpost.prints.tongue import Tongue
from ledgerpost.prints.views import Party

_CODE: Final = 32


def key_page(seed: bytes, owner: Party, words: Tongue) -> str:
    """A paper key as an HTML file: as secret as the key."""
    spelled = zip(range(1, WORDS + 1), to_words(seed), to_numbers(seed), strict=True)
    rows = (
        div("", tag("span", own(f"{place}."), cls="place"), own(word), tag("span", own(digits), cls="digits"))
        for place, word, digits in spelled
    )
    code = encode(to_code(seed), Level.Q)
    first = page(
        p.top(words.key),
        p.party(words.key_of, owner, words),
        div("seeds", *rows),
        div("middle", codes.drawn(code, _CODE)),
        p.advice(words.whoever, f"{words.restore} {words.compare}", words.key_code, words.digits),
        cls="narrow",
    )
    return document(words.key, words.code, A6, STYLE, (first,))
