"""Bech32m (BIP-350): a readable prefix, a payload and six letters that catch slips of the pen.

Speaks of symbols (values 0 to 31) and prefixes only. What a prefix stands for, how long a payload must be
and where the text came from, it refuses to know. Why it is written here: docs/adr/0003-bech32m.md.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from ledgerpost.errors import Mistyped

ALPHABET: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
"""The symbol of value n stands at place n (BIP-173). It has no b, i and o, and no 1."""

MAX_LENGTH: Final = 90
"""Characters of a whole string; the code finds any four wrong ones up to here (BIP-173)."""

CHECK_SYMBOLS: Final = 6
_SEPARATOR: Final = "1"
_RESIDUE: Final = 0x2BC830A3  # what a valid string leaves; its value is all that sets Bech32m apart from Bech32
_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)  # for 1, 2, 4, 8, 16 (BIP-173)


def _fold(carry: int) -> int:
    folded = 0
    for bit, part in enumerate(_GENERATOR):
        if carry >> bit & 1:
            folded ^= part
    return folded


_FOLDED: Final = tuple(_fold(carry) for carry in range(32))


def _residue(prefix: str, symbols: Iterable[int]) -> int:
    """The 30-bit rest of prefix and symbols, as a polynomial over GF(32), by the code's generator."""
    letters = prefix.encode("ascii")
    rest = 1
    for symbol in (*(c >> 5 for c in letters), 0, *(c & 31 for c in letters), *symbols):
        rest = (rest & 0x1FFFFFF) << 5 ^ symbol ^ _FOLDED[rest >> 25]
    return rest


def encode(prefix: str, symbols: Sequence[int]) -> str:
    """Spell symbols (each 0 to 31) under a lower-case ASCII prefix (BIP-350).

    Raises:
        ValueError: the result would exceed 90 characters (the caller's fault, never a person's).
    """
    if len(prefix) + 1 + len(symbols) + CHECK_SYMBOLS > MAX_LENGTH:
        raise ValueError(f"{len(symbols)} symbols are too many for Bech32m")
    check = _residue(prefix, (*symbols, *bytes(CHECK_SYMBOLS))) ^ _RESIDUE
    checks = (check >> 5 * place & 31 for place in reversed(range(CHECK_SYMBOLS)))
    return prefix + _SEPARATOR + "".join(ALPHABET[symbol] for symbol in (*symbols, *checks))


def decode(text: str) -> tuple[str, tuple[int, ...]]:
    """Read a string into its lower-case prefix and its symbols, check symbols taken off (BIP-350).

    Raises:
        Mistyped: any reason for which BIP-173 or BIP-350 call a string invalid; ``what`` says which.
    """
    if not all("!" <= c <= "~" for c in text):
        raise Mistyped("it holds a character that is neither a plain letter nor a digit")
    if text not in (text.lower(), text.upper()):
        raise Mistyped("it mixes capital and small letters")
    if len(text) > MAX_LENGTH:
        raise Mistyped(f"it has {len(text)} characters, and {MAX_LENGTH} are the most there can be")
    prefix, separator, body = text.lower().rpartition(_SEPARATOR)
    if not (prefix and separator) or len(body) < CHECK_SYMBOLS:
        raise Mistyped("its beginning or its end is missing")
    if strange := [c for c in body if c not in ALPHABET]:
        raise Mistyped(f'"{strange[0]}" never stands in it')
    symbols = tuple(ALPHABET.index(c) for c in body)
    if _residue(prefix, symbols) != _RESIDUE:
        raise Mistyped("its letters do not fit together: one or more are wrong")
    return prefix, symbols[:-CHECK_SYMBOLS]


def to_symbols(data: bytes) -> tuple[int, ...]:
    """Cut bytes into 5-bit symbols, first bit first, zero bits filling the last one (BIP-173)."""
    count = -(-8 * len(data) // 5)
    bits = int.from_bytes(data) << 5 * count - 8 * len(data)
    return tuple(bits >> 5 * place & 31 for place in reversed(range(count)))


def to_bytes(symbols: Sequence[int]) -> bytes:
    """Join symbols to bytes: the inverse of `to_symbols`, and of nothing else (BIP-173).

    Raises:
        Mistyped: five or more bits are left over, or those left over are not zero.
    """
    size, spare = divmod(5 * len(symbols), 8)
    bits = 0
    for symbol in symbols:
        bits = bits << 5 | symbol
    if spare >= 5 or bits & (1 << spare) - 1:
        raise Mistyped("its letters do not make whole bytes")
    return (bits >> spare).to_bytes(size)
