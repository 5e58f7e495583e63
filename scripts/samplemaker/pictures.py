"""Pictures of codes as folders that a person can try: ``ledgerpost take samples/pictures/NAME --into PLACE``.

The codes are the project's; the files are put together here, without compression, so that their bytes depend on no
library of pictures and on no zlib.
"""

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from ledgerpost.pictures import frame, text
from ledgerpost.pictures.code import PAPER_MOST, Code, Level, encode, for_screen, frame_room
from ledgerpost.pictures.drawing import framed
from ledgerpost.pictures.fountain import fountain
from ledgerpost.pictures.many import for_animation, for_pages
from ledgerpost.pictures.text import Kind
from samplemaker.folder import Folder, written

CHEQUE: Final = "instruments/cheque-22-to-bob.cbor"
LETTER: Final = "envelopes/bob-3-to-bank.lpe"
ANSWER: Final = "envelopes/bank-to-alice-2.lpe"
CARD: Final = "envelopes/alice-card-open.lpe"
_MODULE: Final = 2
_SMALL, _TINY = 10, 7
_MILLISECONDS: Final = 125
_MAGIC: Final = b"\x89PNG\r\n\x1a\n"


def put_pictures(folder: Folder) -> None:
    """Every folder of pictures, with what must come of it."""
    held = folder.files
    cheque = for_screen(text.spell(held[CHEQUE]), PAPER_MOST)
    files = {"cheque.png": png(cheque), "cheque.txt": text.spell(held[CHEQUE]).encode()}
    _put(folder, "cheque", files, CHEQUE, "a cheque in one code, as a picture and as the code's text", "Q1")
    moving = for_animation(held[LETTER], version=_SMALL, spare=2)
    files = {"letter.png": apng(moving.codes)}
    _put(folder, "animation", files, LETTER, "a letter in many codes, one after the other: an animated PNG", "Q2 Q3 Q5")
    pages = for_pages(held[ANSWER])
    files = {f"page-{at}.png": png(code) for at, code in enumerate(pages.codes, 1) if at != 2}
    _put(folder, "pages", files, ANSWER, "an envelope on pages, of which the second is lost", "Q3 Q4 Q5")
    _put_hostile(folder)


def _put_hostile(folder: Folder) -> None:
    """Pages of a card, with what others put among them."""
    source = fountain(folder.files[CARD], frame_room(_TINY, Level.Q))
    pages = [*source.frames(source.parts + 2)]
    forged = replace(pages[1], data=bytes(255 - byte for byte in pages[1].data))
    (foreign, *_) = fountain(folder.files[LETTER], frame_room(_TINY, Level.Q)).frames(1)
    files = {f"page-{at}.png": _frame(each) for at, each in enumerate(pages, 1)}
    files |= {
        "page-2-forged.png": _frame(forged),
        "page-of-another.png": _frame(foreign),
        "shop.png": png(encode("HTTPS://EXAMPLE.ORG/", Level.M)),
        "torn.png": files["page-1.png"][:400],
    }
    _put(
        folder,
        "hostile",
        dict(sorted(files.items())),
        CARD,
        "a card on pages; among them a forged one, one of another message, a code of another kind, a torn picture",
        "Q2 Q4",
        refused={"shop.png": "not-ledgerpost", "torn.png": "bad-picture"},
        unfinished={"seen": 1, "parts": foreign.parts},
    )


def _frame(one: frame.Frame) -> bytes:
    return png(encode(text.spell(frame.pack(one), Kind.PART), Level.Q, least=_TINY))


def _put(
    folder: Folder,
    name: str,
    files: Mapping[str, bytes],
    message: str,
    what: str,
    rules: str,
    *,
    refused: Mapping[str, str] | None = None,
    unfinished: Mapping[str, int] | None = None,
) -> None:
    """``message``: the sample that the pictures hold; ``refused``: the code of the error of each file that has one."""
    home = f"pictures/{name}"
    folder.files |= {f"{home}/{file}": raw for file, raw in files.items()}
    said = {
        "what": what,
        "command": f"ledgerpost take samples/{home} --into PLACE",
        "exit": 1 if refused or unfinished else 0,
        "message": message,
        "refused": dict(refused or {}),
        "unfinished": dict(unfinished) if unfinished else None,
    }
    expect = {"files": list(files)}
    folder.put(f"{home}/expected.json", written(said), "pictures", what, rules, expect=expect)


# --- files of one bit a pixel, not compressed ---------------------------------------------------------------------


def png(code: Code) -> bytes:
    """A code as a PNG file (ISO/IEC 15948)."""
    return _MAGIC + _head(code) + _chunk(b"IDAT", _stored(_rows(code))) + _chunk(b"IEND", b"")


def apng(codes: tuple[Code, ...]) -> bytes:
    """Codes of one size as an animated PNG that goes round for ever (APNG, in the third edition of PNG)."""
    return b"".join((_MAGIC, _head(codes[0]), *_frames(codes), _chunk(b"IEND", b"")))


def _frames(codes: tuple[Code, ...]) -> Iterator[bytes]:
    yield _chunk(b"acTL", struct.pack(">II", len(codes), 0))
    number = 0
    for at, code in enumerate(codes):
        side = _side(code)
        yield _chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, side, side, 0, 0, _MILLISECONDS, 1000, 0, 0))
        pixels = _stored(_rows(code))
        yield _chunk(b"fdAT", struct.pack(">I", number + 1) + pixels) if at else _chunk(b"IDAT", pixels)
        number += 2 if at else 1


def _side(code: Code) -> int:
    return len(framed(code)) * _MODULE


def _head(code: Code) -> bytes:
    return _chunk(b"IHDR", struct.pack(">IIBBBBB", _side(code), _side(code), 1, 0, 0, 0, 0))


def _rows(code: Code) -> bytes:
    """Lines of pixels, each behind the byte that says it is not filtered."""
    lines = (b"\0" + _line(row) for row in framed(code) for _ in range(_MODULE))
    return b"".join(lines)


def _line(row: bytes) -> bytes:
    """Eight pixels a byte, the first one highest; dark is 0, and so is what fills the last byte."""
    bits = "".join("01"[not module] * _MODULE for module in row)
    padded = bits.ljust(-(-len(bits) // 8) * 8, "0")
    return int(padded, 2).to_bytes(len(padded) // 8)


def _stored(raw: bytes) -> bytes:
    """A zlib stream of stored blocks (RFC 1950, RFC 1951 3.2.4)."""
    pieces = [raw[at : at + 65535] for at in range(0, len(raw), 65535)]
    blocks = (
        struct.pack("<BHH", at == len(pieces), len(piece), len(piece) ^ 65535) + piece
        for at, piece in enumerate(pieces, 1)
    )
    return b"\x78\x01" + b"".join(blocks) + struct.pack(">I", zlib.adler32(raw))


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
