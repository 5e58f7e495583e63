"""A message in many codes: as the frames of an animation, or as the codes of printed pages (Q3, Q5).

Decides how many there are and how large. Draws nothing, and refuses to know what the message is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ledgerpost.errors import OverLimit
from ledgerpost.pictures import bbqr, text
from ledgerpost.pictures.code import PAPER_Q_MOST, SCREEN_MOST, VERSIONS, Code, Level, encode, frame_room, letters_room
from ledgerpost.pictures.fountain import Fountain, fountain
from ledgerpost.pictures.frame import pack
from ledgerpost.pictures.text import Kind

MAX_CODES: Final = 4096
"""Codes that are made of one message."""


@dataclass(frozen=True, slots=True)
class Many:
    """Codes of one version that together carry a message: any ``parts`` of them, rarely one more, restore it.

    ``codes[n]`` is frame ``n``; the first ``parts`` are the message itself.
    """

    parts: int
    codes: tuple[Code, ...]


def for_animation(message: bytes, *, version: int = SCREEN_MOST, spare: int | None = None) -> Many:
    """The codes of an animation, at level L (Q5).

    ``version`` is how dense they are, 1 to 40. ``spare``: how many more than K are in one round, so that what was lost
    in it is made up for by others and not by waiting for the same again; without it as many as K.

    Raises:
        OverLimit: no message that codes carry, or too many codes of this version.
    """
    source = fountain(message, _frame_room(version, Level.L))
    return _codes(source, source.parts + (source.parts if spare is None else spare), version, Level.L, quick=True)


def for_pages(message: bytes, *, version: int = SCREEN_MOST, spare: int | None = None) -> Many:
    """The codes of printed pages, at level Q up to version 20, else M. K+1 or more, a quarter over K without ``spare``.

    Raises:
        OverLimit: no message that codes carry, or too many codes of this version.
    """
    level = _paper_level(version)
    source = fountain(message, _frame_room(version, level))
    return _codes(source, source.parts + (_quarter(source.parts) if spare is None else spare), version, level)


def count_for_pages(message: bytes, version: int) -> int:
    """How many ``for_pages`` makes without ``spare``. Draws none, which takes a tenth of a second each."""
    parts = fountain(message, _frame_room(version, _paper_level(version))).parts
    return parts + _quarter(parts)


def _paper_level(version: int) -> Level:
    return Level.Q if version <= PAPER_Q_MOST else Level.M


def _quarter(parts: int) -> int:
    return -(-parts // 4)


def for_bbqr(message: bytes, *, version: int = SCREEN_MOST) -> Many:
    """The codes of a BBQr of type C, for other tools: every one of them is needed (Q6). Raises ``OverLimit``."""
    words = bbqr.spell(message, letters_room(version, Level.L))
    return Many(len(words), tuple(_same_version(words, version, Level.L, quick=True)))


def _frame_room(version: int, level: Level) -> int:
    size = frame_room(version, level)
    if size < 1:
        raise OverLimit(f"a code of version {version} at level {level.name} has no room", do="choose larger codes")
    return size


def _codes(source: Fountain, count: int, version: int, level: Level, *, quick: bool = False) -> Many:
    if count > MAX_CODES:
        raise OverLimit(f"{count} codes; at most {MAX_CODES} are made", do="choose larger codes, or fewer to spare")
    words = [text.spell(pack(frame), Kind.PART) for frame in source.frames(count)]
    return Many(source.parts, tuple(_same_version(words, version, level, quick=quick)))


def _same_version(words: Sequence[str], version: int, level: Level, *, quick: bool) -> list[Code]:
    """Codes of one version. A frame with long runs of zeros may need a larger one: then all take it."""
    masks = [number % 8 if quick else None for number in range(len(words))]
    while version < VERSIONS:
        try:
            return [encode(w, level, least=version, most=version, mask=m) for w, m in zip(words, masks, strict=True)]
        except OverLimit:
            version += 1
    return [encode(w, level, least=version, mask=m) for w, m in zip(words, masks, strict=True)]
