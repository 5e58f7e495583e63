"""What files, pictures, pasted text and the screen bring: whole messages, put together from as many codes as it takes.

What is not whole yet is kept in the home, in one file, and goes on with the next picture, in this command or another.
Nobody vouches for what is brought: whoever takes it in opens and verifies it. Refuses to know what messages are.
"""

import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple

from ledgerpost import envelope, paperkey
from ledgerpost.carriers.faults import naming, shown
from ledgerpost.carriers.files import ensure_private_folder, read_limited, remove, write_new
from ledgerpost.errors import BadBytes, CutShort, Denied, LedgerpostError, NotFound, NotOurs
from ledgerpost.pictures.collection import MAX_BYTES, Collections, Progress
from ledgerpost.pictures.parts import Part, Whole, read
from ledgerpost.pictures.reading import MAX_FILE, Reader, Sight, is_picture, pictures_in, screen

FILMS: Final = (".mp4", ".mov", ".m4v", ".3gp", ".webm", ".mkv", ".avi")
"""Endings of films."""

KEPT: Final = "unfinished-codes"
"""The file in the home."""

_PASTED: Final = re.compile(r"\s*(LPOST|UR:|B\$)", re.IGNORECASE)
_EACH: Final = re.compile(r"(?=\b(?:LPOST(?::|%3A)|UR:|B\$))", re.IGNORECASE)
_FOREIGN: Final = re.compile(rb"\s*(?:%PDF|II\*\0|MM\0\*|BM|<)|.{4}ftyp", re.DOTALL)
"""Files with pictures in them that are not read: the reader of pictures says what to do."""


class Brought(NamedTuple):
    """From one file, picture or text: the messages that are whole now, or what is wrong with it.

    ``parts``: names of the messages in several codes of which it showed some, whole by now or not.
    """

    where: str
    messages: tuple[bytes, ...] = ()
    error: LedgerpostError | None = None
    parts: tuple[str, ...] = ()


class Pickup:
    """Reads whatever is named. ``with Pickup(root) as pickup``: unfinished messages are kept when it ends well.

    ``root``: the home's folder; None keeps nothing and begins with nothing.
    """

    def __init__(self, root: Path | None) -> None:
        self._file = None if root is None else root / KEPT
        self._reader = Reader()
        self._collections = _read(self._file)
        self._before = self._collections.spell()
        self._seen: dict[str, None] = {}
        self._here: dict[str, None] = {}
        self._whole: dict[str, None] = {}

    def __enter__(self) -> "Pickup":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._reader.__exit__(kind, error, _)
        if kind is None or issubclass(kind, LedgerpostError):
            self._keep()

    def _keep(self) -> None:
        after = self._collections.spell()
        if self._file is None or after == self._before:
            return
        if not after:
            remove(self._file)
            return
        ensure_private_folder(self._file.parent)
        write_new(self._file, after, overwrite=True)

    # --- what is named

    def bring(self, name: str) -> Iterator[Brought]:
        """A file, picture, folder of pictures, or the text of a code itself: each thing found, or its error."""
        path = Path(name)
        if _PASTED.match(name) and not os.path.lexists(name):  # unlike Path.exists, at ease with a text of any length
            yield self._trying("the text given", lambda: self._pasted(name))
            return
        try:
            files = list(pictures_in(path))
        except LedgerpostError as error:
            yield Brought(shown(path), error=error)
            return
        if not files:
            yield Brought(shown(path), error=NotFound("there is no picture in this folder", do="name the files in it"))
        for file in files:
            yield self._trying(shown(file), lambda file=file: self._from_file(file))  # type: ignore[misc]

    def look(self, where: str, raw: bytes) -> Brought:
        """What is in a file whose bytes were read already."""
        return self._trying(where, lambda: self._from_raw(raw))

    def _trying(self, where: str, read_it: Callable[[], tuple[bytes, ...]]) -> Brought:
        self._here = {}
        try:
            messages = read_it()
            return Brought(where, messages, parts=tuple(self._here))
        except LedgerpostError as error:
            error.at(where)
            return Brought(where, error=error, parts=tuple(self._here))

    def _from_file(self, path: Path) -> tuple[bytes, ...]:
        if path.suffix.lower() in FILMS:
            return self._watched(path, None)
        return self._from_raw(read_any(path))

    def _from_raw(self, raw: bytes) -> tuple[bytes, ...]:
        if is_picture(raw[:12]):
            return self._from_picture(lambda thorough: self._reader.read(raw, thorough=thorough))
        if _FOREIGN.match(raw[:32]):
            self._reader.read(raw)  # raises, and tells what to do with a file of this kind
        text = raw[:16].decode("ascii", "replace")
        return self._pasted(raw.decode("ascii", "replace")) if _PASTED.match(text) else (raw,)

    def _pasted(self, text: str) -> tuple[bytes, ...]:
        return self._sifted(each for each in _EACH.split(text) if each.strip())

    def watch_screen(self, seconds: float, pause: float = 0.1) -> Brought:
        """The codes on the screen, looked at again and again until a message is whole or the time is over."""
        return self._trying("the screen", lambda: self._from_screen(seconds, pause))

    def _from_screen(self, seconds: float, pause: float) -> tuple[bytes, ...]:
        end = time.monotonic() + seconds
        while True:
            try:
                picture = screen()
                found = self._from_picture(lambda thorough: self._reader.read(picture, thorough=thorough))  # noqa: B023
            except NotFound:
                if time.monotonic() >= end:
                    raise
                found = ()
            if found or time.monotonic() >= end:
                return found
            time.sleep(pause)

    def watch_camera(self, seconds: float) -> Brought:
        """The codes before the camera, until a message is whole or the time is over."""
        return self._trying("the camera", lambda: self._watched(None, time.monotonic() + seconds))

    def _watched(self, film: Path | None, end: float | None) -> tuple[bytes, ...]:
        """A film to its end, or the camera until ``end`` or the first whole message."""
        from ledgerpost.pictures.camera import watch  # noqa: PLC0415  # few have one

        found: dict[bytes, None] = {}
        fault: LedgerpostError = _no_code("what the camera showed")
        for sight in watch(self._reader, film):
            try:
                found |= dict.fromkeys(self._sifted(sight.texts))
            except BadBytes as error:
                fault = error
            if end is not None and (found or time.monotonic() > end):
                break
        if not found and not self._here:
            raise fault
        return tuple(found)

    # --- codes

    def _from_picture(self, look: Callable[[bool], Sight]) -> tuple[bytes, ...]:
        """Look once; and at length where the picture may hold more than was seen."""
        quick = look(False)
        if not quick.texts:
            raise _no_code("this picture")
        found = self._sifted(quick.texts)
        page = quick.frames == 1 and any(map(_is_part, quick.texts))
        return self._sifted(look(True).texts) if page and not found else found

    def _sifted(self, texts: Iterable[str]) -> tuple[bytes, ...]:
        """Whole messages in some texts, with what they complete. Raises if all of them are bad or foreign."""
        wholes: list[bytes] = []
        parts: list[Part] = []
        errors: list[BadBytes] = []
        for text in texts:
            if paperkey.is_code(text):
                raise Denied("this is a paper key: the secret of a wallet", do="see: ledgerpost wallet restore --help")
            try:
                found = read(text)
            except BadBytes as error:
                errors.append(error)
            else:
                wholes += [found.raw] if isinstance(found, Whole) else []
                parts += [found] if isinstance(found, Part) else []
        names = dict.fromkeys(part.message for part in parts)
        self._here |= names
        self._seen |= names
        if errors and not wholes and not parts:
            raise next((error for error in errors if not isinstance(error, NotOurs)), errors[0])
        completed = self._collections.take(parts)
        if completed:
            self._whole |= {name: None for name in names if not self._collections.keeps(name)}
        return (*dict.fromkeys(wholes), *completed)

    # --- unfinished

    def is_whole(self, message: str) -> bool:
        """Whether this run completed a message that ``Brought.parts`` names."""
        return message in self._whole

    def unfinished(self, *, only_seen: bool = False) -> list[Progress]:
        """Messages of which codes are still missing; only those of which this run saw any, if wished."""
        return [each for each in self._collections.progress() if not only_seen or each.message in self._seen]

    def forget(self) -> int:
        """Drop all that is unfinished; how many messages it was."""
        names = [each.message for each in self._collections.progress()]
        for name in names:
            self._collections.forget(name)
        return len(names)


def read_any(path: Path, *, follow: bool = True) -> bytes:
    """The bytes of a file: as many as a picture may have if it begins like one, else as an envelope may.

    Raises what ``read_limited`` raises.
    """
    looked_at = follow or not path.is_symlink()
    limit = MAX_FILE if looked_at and is_picture(_head(path)) else envelope.MAX_ENVELOPE
    return read_limited(path, limit, follow=follow)


def one_file(path: Path, limit: int = envelope.MAX_ENVELOPE) -> bytes:
    """The bytes of a file, or the one message that a picture of its code or codes holds. Keeps nothing.

    Raises NotFound, NotOurs, OverLimit, PlaceError, or what reading a picture raises, all naming the file.
    """
    if not is_picture(_head(path)):
        return read_limited(path, limit, follow=True)
    with Pickup(None) as pickup:
        (brought,) = pickup.bring(str(path))
        if brought.error is not None:
            raise brought.error
        if not brought.messages:
            raise missing(pickup.unfinished()).at(shown(path))
        return brought.messages[0]


def missing(unfinished: list[Progress]) -> CutShort:
    """The error for messages of which codes are missing."""
    return CutShort("; ".join(map(progress_text, unfinished)), do="take pictures of the other codes as well")


def progress_text(each: Progress) -> str:
    """How far a message is, and what is missing, in words."""
    if each.doubtful:
        return f"{each.seen} codes of a message in {each.parts} do not fit together: some are misread or forged"
    numbers = ", ".join(str(number + 1) for number in each.missing)
    listed = f": number {numbers}, or any later ones" if numbers else ""
    codes, are = ("code", "is") if each.seen == 1 else ("codes", "are")
    wanted = "is" if each.needed == 1 else "are"
    return f"{each.seen} {codes} of a message in {each.parts} {are} here; {each.needed} more {wanted} needed{listed}"


def _no_code(where: str) -> NotFound:
    return NotFound(f"no code found in {where}", do="photograph it flat and square, the code filling the picture")


def _is_part(text: str) -> bool:
    with suppress(BadBytes):
        return isinstance(read(text), Part)
    return False


def _head(path: Path) -> bytes:
    if not path.is_file():
        return b""
    with naming(path), path.open("rb") as file:
        return file.read(12)


def _read(file: Path | None) -> Collections:
    """What was kept. What does not read is left aside: it is copies of codes that can be photographed again."""
    if file is None or not file.is_file():
        return Collections()
    try:
        return Collections.read(read_limited(file, 2 * MAX_BYTES))
    except BadBytes:
        return Collections()
