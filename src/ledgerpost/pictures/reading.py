"""Reading codes from pictures: from bytes, from files and folders, from the screen.

Every picture is opened in a child process (``child``) with bounds on memory, time and formats, and whatever it does
there ends as texts or as one of the project's errors. Nobody vouches for the texts: ``parts`` tells what they are.
"""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from heapq import nsmallest
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from ledgerpost.carriers.faults import naming, shown
from ledgerpost.carriers.files import read_limited
from ledgerpost.errors import BadPicture, Lacking, NotFound, NotOurs, OverLimit
from ledgerpost.pictures.asking import FORMATS, MAX_PIXELS, REQUEST

MAX_FILE: Final = 64 << 20
"""Bytes of the largest picture that is read."""

SECONDS: Final = 20
"""Of processor time for one picture: then what was found is given. The system ends the child at twice that."""

MAX_IN_FOLDER: Final = 10_000
"""Files of one folder that are looked at: the first by name."""

_MAX_ANSWER: Final = 64 << 20
_BOOT: Final = "import sys; sys.path.insert(0, sys.argv[1]); from ledgerpost.pictures import child; child.main({})"
_ROOT: Final = str(Path(__file__).resolve().parents[2])

_MAGIC: Final = ((b"\x89PNG\r\n\x1a\n", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"GIF8", "GIF"), (b"RIFF", "WEBP"))
_OTHERS: Final = (
    (b"%PDF", "a PDF file", "open it, and take a picture of the screen"),
    (b"II*\0", "a TIFF file", "save it as PNG"),
    (b"MM\0*", "a TIFF file", "save it as PNG"),
    (b"BM", "a BMP file", "save it as PNG"),
    (b"<svg", "an SVG file", "open it in a browser, and take a picture of the screen"),
    (b"<", "a page, and no picture", "open it in a browser, and take a picture of the screen"),
)


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen in one picture. ``texts``: those of its codes, each once, in the order seen.

    ``frames``: how many different ones were looked at. ``whole``: false if the picture was cut short, or had more
    frames or codes, or took longer, than is allowed: then there may be more in it.
    """

    texts: tuple[str, ...]
    frames: int
    whole: bool


def is_picture(head: bytes) -> bool:
    """Whether a file that begins like this (12 bytes are enough) claims to be a PNG, JPEG, GIF or WebP."""
    magic = any(head.startswith(start) for start, _ in _MAGIC)
    return magic and (not head.startswith(b"RIFF") or head[8:12] == b"WEBP")


class Reader:
    """Reads pictures, one after the other, in a child that is started when first needed and again if one broke it.

    ``seconds``: of processor time that one picture may take.
    """

    def __init__(self, seconds: int = SECONDS) -> None:
        self._seconds = seconds
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._end()

    def read(self, raw: bytes, *, thorough: bool = False) -> Sight:
        """The codes in one picture file.

        ``thorough`` takes every look at it, for a page on which some codes are harder to read than others: ten times
        as long. Without it, the first look that shows anything ends the search. A picture without codes is a
        ``Sight`` without texts, and no error.

        Raises:
            NotOurs: no PNG, JPEG, GIF or WebP.
            OverLimit: too many bytes or pixels.
            BadPicture: damaged, or it took more memory or time than a picture may.
            Lacking: no reader of codes is installed.
        """
        if len(raw) > MAX_FILE:
            raise OverLimit(f"a picture of {len(raw)} bytes; at most {MAX_FILE} are read", do="send it smaller")
        if not is_picture(raw[:12]):
            raise _no_picture(raw)
        return self._ask(REQUEST.pack(b"P", thorough, 0, 0, len(raw)), raw)

    def read_file(self, path: Path, *, thorough: bool = False) -> Sight:
        """``read``, for a file that a person named; raises what ``read_limited`` raises besides."""
        raw = read_limited(path, MAX_FILE, follow=True)
        try:
            return self.read(raw, thorough=thorough)
        except (NotOurs, OverLimit, BadPicture) as error:
            error.at(shown(path))
            raise

    def read_gray(self, pixels: bytes, width: int, height: int) -> Sight:
        """The codes among gray pixels, one byte each, row by row: one moment of a camera.

        Quicker than ``read``, and finds less: the camera will show the same again. Raises as ``read`` does.
        """
        if len(pixels) != width * height or not pixels:
            raise ValueError(f"{len(pixels)} bytes are no {width} × {height} pixels")
        if len(pixels) > MAX_PIXELS:
            raise OverLimit(f"{width} × {height} pixels; at most {MAX_PIXELS} are read")
        return self._ask(REQUEST.pack(b"G", 0, width, height, len(pixels)), pixels)

    # --- the child --------------------------------------------------------------------------------------------

    def _ask(self, head: bytes, raw: bytes) -> Sight:
        child = self._started()
        assert child.stdin is not None  # noqa: S101  # for the type checker: it was asked to be a pipe
        with suppress(BrokenPipeError):  # it broke: the answer, or none, tells
            child.stdin.write(head + raw)
            child.stdin.flush()
        answer = self._answer(child)
        if answer is None or answer.get("error") == "broke":
            self._end()
        return _sight(answer)

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._end()
            command = [sys.executable, "-I", "-c", _BOOT.format(self._seconds), _ROOT]
            pipe, none = subprocess.PIPE, subprocess.DEVNULL
            self._child = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=none)  # noqa: S603
        return self._child

    def _answer(self, child: subprocess.Popen[bytes]) -> dict[str, Any] | None:
        """One line from the child, or None if it ended or had to be ended without one."""
        assert child.stdout is not None  # noqa: S101
        line, until, file = bytearray(), time.monotonic() + _patience(self._seconds), child.stdout.fileno()
        while not line.endswith(b"\n"):
            if not select.select([file], [], [], max(0, until - time.monotonic()))[0]:
                return None
            piece = os.read(file, 1 << 20)
            line += piece
            if not piece or len(line) > _MAX_ANSWER:
                return None
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.communicate()


def _patience(seconds: int) -> float:
    """Seconds by the clock for so many of processor time: other programs want the processor as well."""
    return 60 + 6 * seconds


def _sight(answer: dict[str, Any] | None) -> Sight:
    """What the child said, or the error that it told of."""
    if answer is None:
        raise BadPicture("reading this picture took more memory or time than a picture may")
    detail = f": {answer['detail']}" if answer.get("detail") else ""
    match answer.get("error"):
        case None:
            return Sight(tuple(answer["texts"]), answer["frames"], answer.get("whole", True))
        case "too-large":
            raise OverLimit(f"too large a picture{detail}; at most {MAX_PIXELS} pixels are read", do="send it smaller")
        case "no-reader":
            raise Lacking(
                "no reader of QR codes is installed",
                do="install libzbar (Debian, Ubuntu: apt-get install libzbar0; macOS: brew install zbar), "
                'or pip install "ledgerpost[zxing]"',
            )
        case _:
            raise BadPicture(f"this picture is damaged{detail}")


def _no_picture(raw: bytes) -> NotOurs:
    kind, do = "no picture", f"pictures are read as {', '.join(FORMATS[:-1])} or {FORMATS[-1]}"
    if raw[4:8] == b"ftyp":
        kind, do = "a HEIC, AVIF or video file", "save it as JPEG, or set the camera to the most compatible format"
    for start, name, advice in _OTHERS:
        if raw.lstrip()[:8].startswith(start):
            kind, do = name, advice
            break
    return NotOurs(f"this is {kind}; codes are read from {', '.join(FORMATS[:-1])} and {FORMATS[-1]}", do=do)


# --- where pictures are ---------------------------------------------------------------------------------------


def pictures_in(path: Path) -> Iterator[Path]:
    """The path itself if it is no folder; else every picture in it, by name, folders in it left out.

    Raises:
        NotFound: nothing of that name.
        PlaceError: the folder cannot be read.
    """
    if not path.exists():
        raise NotFound("not there", where=shown(path), do="check the name")
    if not path.is_dir():
        yield path
        return
    with naming(path), os.scandir(path) as entries:
        files = (entry.name for entry in entries if entry.is_file(follow_symlinks=False))
        names = nsmallest(MAX_IN_FOLDER, files)
    yield from (path / name for name in names if _claims(path / name))


def _claims(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return is_picture(file.read(12))
    except OSError:
        return True  # whoever reads it says what is wrong


def screen() -> bytes:
    """What the screen shows, as a PNG file, to be read like any other.

    Raises:
        Lacking: this system lets no program see the screen, or there is none.
    """
    from io import BytesIO  # noqa: PLC0415

    from PIL import ImageGrab  # noqa: PLC0415

    try:
        picture = ImageGrab.grab(all_screens=True)
    except (OSError, ImportError, subprocess.SubprocessError) as error:
        raise Lacking(
            f"the screen cannot be seen from here: {error}", do="take a screenshot yourself, and give its file"
        ) from error
    out = BytesIO()
    picture.save(out, format="PNG", compress_level=1)
    return out.getvalue()
