"""A secret key as 24 words on paper (BIP-39, English list), and back.

The words are the 32-byte Ed25519 seed itself, not a BIP-39 wallet: no passphrase is stretched into them and
nothing is derived from them. It refuses to know keys, files and printers.
"""

import difflib
import re
from functools import cache
from typing import TYPE_CHECKING, Final

from ledgerpost.errors import Mistyped

if TYPE_CHECKING:
    from mnemonic import Mnemonic

SEED_SIZE: Final = 32
WORDS: Final = 24
_COMPARE: Final = "compare it with the paper, word by word, and type it again"


@cache
def _book() -> "Mnemonic":
    from mnemonic import Mnemonic  # noqa: PLC0415  (few commands touch a paper key: the rest do not load the list)

    return Mnemonic("english")


def to_words(seed: bytes) -> tuple[str, ...]:
    """Spell a 32-byte seed as 24 English words, the last one carrying eight check bits (BIP-39).

    Raises:
        ValueError: not 32 bytes.
    """
    if len(seed) != SEED_SIZE:
        raise ValueError(f"a seed has {SEED_SIZE} bytes, not {len(seed)}")
    return tuple(_book().to_mnemonic(seed).split())


def to_numbers(seed: bytes) -> tuple[str, ...]:
    """Spell a 32-byte seed as 24 four-digit numbers, 0001 to 2048: each word's place in the list.

    For hands that write another script. `from_words` reads them in place of words, mixed as one likes.
    """
    places = {word: place for place, word in enumerate(_book().wordlist, 1)}
    return tuple(f"{places[word]:04}" for word in to_words(seed))


SCHEME: Final = "LPKEY:/"
_CODE: Final = re.compile(rf"{SCHEME}([0-9]{{{4 * WORDS}}})")


def to_code(seed: bytes) -> str:
    """What the code on a paper key holds: the 24 numbers behind a scheme that tells it from everything else."""
    return SCHEME + "".join(to_numbers(seed))


def is_code(text: str) -> bool:
    """Whether the text of a code is a paper key's, and so a secret."""
    return _CODE.fullmatch(text) is not None


def _in_code(text: str) -> list[str]:
    match = _CODE.fullmatch(text.strip())
    return [] if match is None else re.findall("....", match.group(1))


_ROW = re.compile(r"^ *(\d{1,2})\. +([a-z]+) +\d{4} *$", re.MULTILINE)


def _on_paper(text: str) -> list[str]:
    """The words in the rows of a paper key as it is printed, if all are there in their order."""
    rows = _ROW.findall(text.lower())
    return [word for _, word in rows] if [int(place) for place, _ in rows] == list(range(1, WORDS + 1)) else []


def from_words(text: str) -> bytes:
    """Read 24 words (or their four-digit numbers), or the text of a whole paper key or of its code, into the seed.

    The check bits let one wrong paper in 256 pass: compare the fingerprint that comes out with the paper's.

    Raises:
        Mistyped: an unknown word (with its place and the nearest known one), too few or too many, or words
            that do not fit together.
    """
    typed_words = _in_code(text) or _on_paper(text) or text.lower().split()
    words = [_word(place, typed) for place, typed in enumerate(typed_words, 1)]
    if len(words) != WORDS:
        raise Mistyped(f"a paper key has {WORDS} words, and here are {len(words)}", do=_COMPARE)
    try:
        return bytes(_book().to_entropy(words))
    except ValueError:
        # All words are known by now and their count is right: only the check bits can fail.
        raise Mistyped("the words do not fit together: one is wrong, or two are swapped", do=_COMPARE) from None


def _word(place: int, typed: str) -> str:
    known = _book().wordlist
    if typed in known:
        return typed
    if typed.isascii() and typed.isdigit() and len(typed) == 4 and 1 <= int(typed) <= len(known):
        return known[int(typed) - 1]
    near = difflib.get_close_matches(typed, known, n=1)
    hint = f'perhaps "{near[0]}"? ' if near else ""
    shown = typed[:20] if typed.isascii() and typed.isprintable() else "…"
    raise Mistyped(f'word {place}, "{shown}", is not in the list', do=hint + _COMPARE)
