"""The reading child: opens pictures that anybody may have made, with little memory, little time and no files.

It runs in a process of its own (``reading`` starts it), so that whatever a picture does to the libraries, only this
process pays. Requests (``asking``) come on standard input, each answered by one line of JSON on standard output.
Imports nothing of ledgerpost but the readers, and writes nothing but answers.
"""

import json
import resource
import struct
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from hashlib import blake2b
from io import BytesIO
from types import TracebackType
from typing import Any, Final

from PIL import Image, UnidentifiedImageError

from ledgerpost.pictures import ladder
from ledgerpost.pictures.asking import FORMATS, MAX_PIXELS, REQUEST
from ledgerpost.pictures.scanners import Scanner, scanners

MAX_FRAMES: Final = 5000
"""Frames of an animation that are looked at."""

MAX_TEXTS: Final = 5000
MEMORY: Final = 1 << 30
"""Bytes of address space."""

LOOKS: Final = 3
"""At one moment of a camera."""

Answer = dict[str, Any]


def main(seconds: int) -> None:
    """Answer requests until standard input ends, each within so many seconds of processor time."""
    sys.excepthook = _last_words
    readers = scanners()
    Image.preinit()
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    _give_up_powers()
    while len(head := sys.stdin.buffer.read(REQUEST.size)) == REQUEST.size:
        kind, thorough, width, height, length = REQUEST.unpack(head)
        raw = sys.stdin.buffer.read(length)
        late = _start_clock(seconds)
        if not readers:
            _answer({"error": "no-reader"})
        elif kind == b"G":
            gray = Image.frombytes("L", (width, height), raw)
            _answer({"texts": ladder.read(gray, readers, thorough=False, late=late, most=LOOKS), "frames": 1})
        else:
            _answer(_read_file(raw, readers, thorough=bool(thorough), late=late))


def _give_up_powers() -> None:
    """No files to write, no core, and a bound on memory; what a system cannot bound stays as it is."""
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        with suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


def _start_clock(seconds: int) -> Callable[[], bool]:
    """Bound processor time from here on; what is returned tells when it is time to stop."""
    began = time.process_time()
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(began) + 2 * seconds + 1, hard))
    return lambda: time.process_time() - began > seconds


def _answer(answer: Answer) -> None:
    sys.stdout.buffer.write(json.dumps(answer).encode("ascii") + b"\n")
    sys.stdout.buffer.flush()


def _last_words(kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
    """Whatever a library raises on a bad picture ends this process; this tells why."""
    _answer({"error": "broke", "detail": f"{kind.__name__}: {str(error)[:200]}"})


# --- pictures -------------------------------------------------------------------------------------------------


def _read_file(raw: bytes, readers: Sequence[Scanner], *, thorough: bool, late: Callable[[], bool]) -> Answer:
    try:
        picture = Image.open(BytesIO(raw), formats=FORMATS)
    except UnidentifiedImageError:
        return {"error": "damaged", "detail": "its first bytes are no picture's"}
    except Image.DecompressionBombError:
        return {"error": "too-large"}
    if picture.width * picture.height > MAX_PIXELS:
        return {"error": "too-large", "detail": f"{picture.width} × {picture.height} pixels"}
    found: dict[str, None] = {}
    frames, whole = 0, True
    try:
        for gray in _frames(picture):
            frames += 1
            found.update(dict.fromkeys(ladder.read(gray, readers, thorough=thorough, late=late)))
            if late() or frames >= MAX_FRAMES or len(found) >= MAX_TEXTS:
                whole = False
                break
    except (OSError, SyntaxError, ValueError, EOFError, struct.error) as error:  # what Pillow raises on damaged files
        if not frames:
            return {"error": "damaged", "detail": f"{error}"[:200]}
        whole = False
    return {"texts": list(found)[:MAX_TEXTS], "frames": frames, "whole": whole}


def _frames(picture: Image.Image) -> Iterator[Image.Image]:
    """Every frame in gray, those left out that show the same as one before."""
    seen: set[bytes] = set()
    if picture.format == "JPEG":
        picture.draft("L", picture.size)
    number = 0
    while True:
        gray = _gray(picture)
        digest = blake2b(gray.tobytes(), digest_size=16).digest()
        if digest not in seen:
            seen.add(digest)
            yield gray
        number += 1
        try:
            picture.seek(number)
        except EOFError:
            return


def _gray(picture: Image.Image) -> Image.Image:
    """In mode "L", on white where it is transparent."""
    if picture.mode.startswith("I"):  # 16 bits a pixel
        return picture.convert("I").point([value // 256 for value in range(65536)], "L")
    if picture.has_transparency_data:
        clear = picture.convert("RGBA")
        return Image.composite(clear.convert("L"), Image.new("L", clear.size, 255), clear.getchannel("A"))
    return picture.convert("L")
