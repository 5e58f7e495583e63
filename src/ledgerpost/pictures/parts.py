"""What the text of a code is: a whole message, or one part of a message in many, in any of the codings read here.

One line in a table for each coding. Refuses to know where texts come from, and what messages are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledgerpost.errors import NotOurs
from ledgerpost.pictures import bbqr, fountain, frame, text, ur
from ledgerpost.pictures.bbqr import BbqrPart
from ledgerpost.pictures.frame import Frame
from ledgerpost.pictures.text import Kind
from ledgerpost.pictures.ur import UrPart


@dataclass(frozen=True, slots=True)
class Whole:
    """A message that came in one code."""

    raw: bytes


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a message in ``parts`` or more.

    ``message`` names the message: parts with the same name, and no others, belong together. ``number`` counts from 0;
    a number of ``parts`` or more is a combination. ``text`` is what stands in the code, in its one form. Where a coding
    has nothing to tell messages of as many parts apart, ``nameless`` is true.
    """

    message: str
    number: int
    parts: int
    text: str
    content: Frame | UrPart | BbqrPart
    nameless: bool = False


def read(words: str) -> Whole | Part:
    """What the text of a code, or text that a person pasted, is.

    Raises:
        NotOurs: in no coding that is read here.
        BadBytes: its subclasses, where it is in one of them, and bad.
    """
    words = text.trimmed(words)
    for claim, reader in _READERS:
        if words[: len(claim)].upper() == claim:
            return reader(words)
    raise NotOurs("this code is none of ledgerpost's", do=f"its text must begin with {text.SCHEME}")


def restore(parts: Sequence[Part]) -> bytes | None:
    """The message that parts with one name tell, once they do. Raises ``BadBytes`` where they tell something else."""
    contents: Any = [part.content for part in parts]
    return _RESTORERS[type(contents[0])](contents)


def _ours(words: str) -> Whole | Part:
    kind, raw = text.read(words)
    if kind is Kind.WHOLE:
        return Whole(raw)
    it = frame.unpack(raw)
    name = f"{it.digest.hex()}-{it.parts}-{it.length}"
    return Part(name, it.number, it.parts, text.spell(raw, kind), it)


def _ur(words: str) -> Whole | Part:
    it = ur.read(words)
    if isinstance(it, bytes):
        return Whole(it)
    name = f"ur-{it.type}-{it.checksum:08x}-{it.parts}-{it.length}-{len(it.data)}"
    return Part(name, it.number - 1, it.parts, "".join(words.split()).upper(), it)


def _bbqr(words: str) -> Whole | Part:
    it = bbqr.read(words)
    whole = bbqr.restore([it]) if it.parts == 1 else None
    if whole is not None:
        return Whole(whole)
    return Part(
        f"bbqr-{it.encoding}-{it.parts}", it.number, it.parts, "".join(words.split()).upper(), it, nameless=True
    )


_READERS: Final[tuple[tuple[str, Callable[[str], Whole | Part]], ...]] = (
    ("LPOST", _ours),
    ("UR:", _ur),
    ("B$", _bbqr),
)
_RESTORERS: Final[dict[type, Callable[[Any], bytes | None]]] = {
    Frame: fountain.restore,
    UrPart: ur.restore,
    BbqrPart: bbqr.restore,
}
