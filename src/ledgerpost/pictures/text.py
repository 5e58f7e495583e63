"""Bytes as text that any QR reader gives back exactly: an upper-case URI scheme, then decimal digits (Q1).

``LPOST:/`` and digits is a whole message; ``LPOST:/P/`` and digits is one part of a message in many (``frame``). Seven
bytes make seventeen digits, as FIDO CTAP 2.2 has it for its codes: 8.1 bits a byte in a QR code, and nothing in it that
keyboards, mail programs or URL fields change for good. Refuses to know what the bytes are.
"""

import re
from enum import Enum
from typing import Final

from ledgerpost.errors import CutShort, NotDeterministic, NotOurs, OverLimit

MAX_TEXT_BYTES: Final = 4096
"""Bytes in one text. The largest QR code holds 2,912 in this form; text that was pasted may hold a little more."""

SCHEME: Final = "LPOST:/"
_GROUP: Final = 7
_DIGITS: Final = (0, 3, 5, 8, 10, 13, 15, 17)
"""Digits for so many bytes: enough for the largest number in them, and each count occurs once."""

_BYTES: Final = {digits: size for size, digits in enumerate(_DIGITS)}
_MAX_DIGITS: Final = MAX_TEXT_BYTES // _GROUP * 17 + 17
_MAX_CHARACTERS: Final = 8 * _MAX_DIGITS
"""Of a text as it was pasted, blanks and line ends among it."""

_BLANK: Final = re.compile(r"(?:\s|[\u00ad\u200b-\u200d\u2060\ufeff]|%(?:20|0[9AD]))+", re.IGNORECASE)
_FORM: Final = re.compile(r"LPOST(?::|%3A)(?:/|%2F){1,2}(?:(P)(?:/|%2F))?([0-9]*)", re.IGNORECASE | re.ASCII)


class Kind(Enum):
    """What a text holds; the value is what stands between scheme and digits."""

    WHOLE = ""
    PART = "P/"


def spell(raw: bytes, kind: Kind = Kind.WHOLE) -> str:
    """The text for 1 to ``MAX_TEXT_BYTES`` bytes (Q1).

    Raises:
        OverLimit: more than that.
        ValueError: none at all.
    """
    if not raw:
        raise ValueError("no bytes to spell")
    if len(raw) > MAX_TEXT_BYTES:
        raise OverLimit(f"{len(raw)} bytes are more than the {MAX_TEXT_BYTES} that one text takes")
    return f"{SCHEME}{kind.value}{digits(raw)}"


def digits(raw: bytes) -> str:
    """Seven bytes to seventeen digits, the first byte lowest; what is left over in as few as hold it."""
    groups = (raw[i : i + _GROUP] for i in range(0, len(raw), _GROUP))
    return "".join(f"{int.from_bytes(group, 'little'):0{_DIGITS[len(group)]}}" for group in groups)


def trimmed(text: str) -> str:
    """A text without the blanks and invisible characters before it, such as the mark that some files begin with."""
    match = _BLANK.match(text)
    return text[match.end() :] if match else text


def is_ours(text: str) -> bool:
    """Whether a text claims to be one of these; what follows the scheme may still be bad."""
    return re.match(r"LPOST(?::|%3A)", trimmed(text), re.IGNORECASE) is not None


def read(text: str) -> tuple[Kind, bytes]:
    """What a text holds, in the one form that ``spell`` gives (Q1).

    Forgives what pasting does and what has one meaning only: blanks and line ends anywhere, also as ``%20``, invisible
    characters, small letters, ``%3A`` and ``%2F`` for ``:`` and ``/``, and a doubled slash.

    Raises:
        NotOurs: no such text.
        OverLimit: more than ``MAX_TEXT_BYTES`` bytes, or far too many blanks.
        CutShort: digits are missing at the end, or there are none.
        NotDeterministic: digits that no bytes are spelt as.
    """
    if not is_ours(text):
        raise NotOurs(f"this text does not begin with {SCHEME}", do="copy the whole of it, from the first letter on")
    if len(text) > _MAX_CHARACTERS:
        raise OverLimit(f"this text has {len(text)} characters; at most {_MAX_CHARACTERS} are read")
    match = _FORM.fullmatch(_BLANK.sub("", text))
    if match is None:
        raise NotOurs(f"after {SCHEME} this text has something other than the digits 0 to 9", do="copy it again")
    return Kind.PART if match.group(1) else Kind.WHOLE, undigits(match.group(2))


def undigits(text: str) -> bytes:
    """The bytes for ASCII digits. Raises as ``read`` does."""
    if len(text) > _MAX_DIGITS:
        raise OverLimit(f"this text has {len(text)} digits; at most {_MAX_DIGITS} are read")
    raw = b"".join(_group(text[i : i + 17]) for i in range(0, len(text), 17))
    if not raw:
        raise CutShort("no digits follow", do="copy it again, to the last digit")
    if len(raw) > MAX_TEXT_BYTES:
        raise OverLimit(f"{len(raw)} bytes are more than the {MAX_TEXT_BYTES} that one text takes")
    return raw


def _group(text: str) -> bytes:
    size = _BYTES.get(len(text))
    if size is None:
        raise CutShort("digits are missing at the end", do="copy it again, to the last digit")
    value = int(text)
    if value >> (8 * size):
        raise NotDeterministic(f"the digits {text} stand for no bytes: one or more of them are wrong")
    return value.to_bytes(size, "little")
