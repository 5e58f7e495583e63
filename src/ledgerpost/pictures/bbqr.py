"""BBQr, another tool's codes (coinkite/BBQr, 2023), of file type C: any CBOR, in one or many codes, all of them needed.

Text is ``B$``, a letter for the encoding (H hexadecimal, 2 Base32, Z Base32 of raw deflate), one for the file type, how
many codes there are and which this is, each in two digits of base 36, and the data. It has neither digest nor
checksum: what does not belong together is noticed by the signatures inside only. Refuses to know what the bytes are.
"""

import re
import zlib
from base64 import b16decode, b32decode, b32encode
from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase, digits
from typing import Final

from ledgerpost.errors import CutShort, NotOurs, OverLimit, WrongShape
from ledgerpost.pictures.frame import MAX_MESSAGE

HEAD: Final = 8
"""Characters before the data."""

MAX_CODES: Final = 36 * 36 - 1
_FORM: Final = re.compile(r"B\$([H2Z])([A-Z0-9])([0-9A-Z]{2})([0-9A-Z]{2})([0-9A-Z]{0,7089})")
_BASE36: Final = digits + ascii_uppercase
_WINDOW: Final = -10
"""zlib's word for raw deflate with a window of 1 kB, which small readers want."""


@dataclass(frozen=True, slots=True)
class BbqrPart:
    """One code. ``number`` counts from 0."""

    encoding: str
    parts: int
    number: int
    data: str


def read(text: str) -> BbqrPart:
    """One code of a message of type C.

    Raises:
        NotOurs: no BBQr, or of another file type.
        WrongShape: its numbers do not hold together.
    """
    match = _FORM.fullmatch("".join(text.split()).upper())
    if match is None:
        raise NotOurs("this text is no BBQr")
    encoding, type_, parts, number, data = match.groups()
    if type_ != "C":
        raise NotOurs(f"this BBQr holds a file of type {type_}, and no message (C)")
    part = BbqrPart(encoding, int(parts, 36), int(number, 36), data)
    if part.number >= part.parts:
        raise WrongShape(f"code {part.number + 1} of {part.parts} in a BBQr")
    return part


def spell(raw: bytes, most: int) -> list[str]:
    """Texts of at most ``most`` characters, of equal length but for the last; deflated where that is shorter.

    Raises:
        OverLimit: more than ``MAX_CODES`` of them.
    """
    packer = zlib.compressobj(level=9, wbits=_WINDOW)
    deflated = packer.compress(raw) + packer.flush()
    encoding, body = ("Z", deflated) if len(deflated) < len(raw) else ("2", raw)
    room = (most - HEAD) // 8 * 5  # every code but the last must end at a whole byte and a whole character
    parts = -(-len(body) // room) if room > 0 else MAX_CODES + 1
    if not 0 < parts <= MAX_CODES:
        raise OverLimit(f"{len(raw)} bytes do not fit {MAX_CODES} codes of {most} characters", do="choose larger codes")
    size = (-(-len(body) // parts) + 4) // 5 * 5 if parts > 1 else len(body)
    pieces = [body[i : i + size] for i in range(0, len(body), size)]
    texts = (b32encode(piece).decode("ascii").rstrip("=") for piece in pieces)
    return [f"B${encoding}C{_two(len(pieces))}{_two(n)}{text}" for n, text in enumerate(texts)]


def _two(value: int) -> str:
    return _BASE36[value // 36] + _BASE36[value % 36]


def restore(parts: Sequence[BbqrPart]) -> bytes | None:
    """The message, once all codes are there; of two that claim to be the same, the later.

    Raises:
        WrongShape, CutShort, OverLimit: all are there, and are no message.
    """
    latest = {part.number: part for part in parts}
    if len(latest) < parts[0].parts:
        return None
    pieces = [_bytes(latest[number]) for number in range(parts[0].parts)]
    if len({len(piece) for piece in pieces[:-1]} | {max(map(len, pieces))}) > 1:
        raise WrongShape("codes of a BBQr that do not belong together: they are not of one length")
    body = b"".join(pieces)
    return _inflated(body) if parts[0].encoding == "Z" else body


def _bytes(part: BbqrPart) -> bytes:
    try:
        if part.encoding == "H":
            return b16decode(part.data)
        return b32decode(part.data + "=" * (-len(part.data) % 8))
    except ValueError:
        raise WrongShape(f"code {part.number + 1} of a BBQr does not read", do="take the picture again") from None


def _inflated(body: bytes) -> bytes:
    packer = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
    try:
        raw = packer.decompress(body, MAX_MESSAGE + 1)
    except zlib.error:
        raise WrongShape("a BBQr that does not unpack", do="take the pictures again") from None
    if len(raw) > MAX_MESSAGE:
        raise OverLimit(f"a BBQr that unpacks to more than {MAX_MESSAGE} bytes")
    if not packer.eof or packer.unused_data:
        raise CutShort("a BBQr that unpacks to half a message")
    return raw
