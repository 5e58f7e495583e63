"""What has been seen of messages in many codes, over as many pictures and commands as it takes (Q4).

Messages are kept apart; a part is kept with its own and changes no other. Everything is bounded: parts of a message,
messages, bytes. Refuses to know where parts come from, where a collection is stored, and what a message is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ledgerpost.errors import BadBytes, OverLimit
from ledgerpost.pictures.parts import Part, read, restore

MAX_COLLECTIONS: Final = 64
MAX_BYTES: Final = 33554432
"""Characters of the texts of all parts that are kept."""

MAX_MISSING: Final = 20
"""Missing parts that are listed by number."""

_SLACK: Final = 64


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one message is. ``seen``: how many different parts are there, of ``parts`` or a few more.

    ``missing``: the first numbers, from 0, of parts that were not seen as they are. Any others with higher numbers do
    as well, but for BBQr. ``doubtful``: enough are there and do not give the message, so some are forged or misread:
    further ones, best from another picture, will tell which.
    """

    message: str
    parts: int
    seen: int
    missing: tuple[int, ...]
    doubtful: bool

    @property
    def needed(self) -> int:
        """At least so many further parts."""
        return max(1, self.parts - self.seen)


class Collections:
    """Parts of unfinished messages, by message. The oldest come first."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, Part]] = {}
        self._done: dict[str, None] = {}

    def take(self, parts: Iterable[Part]) -> list[bytes]:
        """Take in what one picture, or one moment of a camera, showed; the messages that are whole now.

        A message is tried from these parts alone first, so that what one picture holds is restored from it whatever
        was taken in before, and then together with those, the newest first. It is given once: its parts are dropped,
        and are passed over from then on (but for BBQr, in which nothing tells messages apart). Work is done only for
        messages of which something new was seen.
        """
        batches: dict[str, dict[str, Part]] = {}
        for part in parts:
            batches.setdefault(part.message, {})[part.text] = part
        messages = (self._taken(name, batch) for name, batch in batches.items() if name not in self._done)
        return [message for message in messages if message is not None]

    def _taken(self, name: str, batch: dict[str, Part]) -> bytes | None:
        kept = self._kept.setdefault(name, {})
        if batch.keys() <= kept.keys():
            return None
        for text, part in batch.items():
            kept[text] = part
        for text in list(kept)[: max(0, len(kept) - _most(kept))]:
            del kept[text]
        message = _whole(list(batch.values()))
        if message is None and len(kept) > len(batch):
            message = _whole(list(kept.values())[::-1])
        if message is not None:
            del self._kept[name]
            if not any(part.nameless for part in batch.values()):
                self._done[name] = None
        self._bound()
        return message

    def _bound(self) -> None:
        """Let the smallest collections go, of those the oldest, and in the end what was done long ago."""
        while len(self._kept) > MAX_COLLECTIONS or self._size() > MAX_BYTES:
            del self._kept[min(self._kept, key=lambda name: len(self._kept[name]))]
        while len(self._done) > MAX_COLLECTIONS:
            del self._done[next(iter(self._done))]

    def _size(self) -> int:
        return sum(len(text) for kept in self._kept.values() for text in kept)

    def progress(self) -> list[Progress]:
        """How far each unfinished message is."""
        return [_progress(name, list(kept.values())) for name, kept in self._kept.items()]

    def keeps(self, message: str) -> bool:
        """Whether anything is kept of a message, by the name that its parts give it."""
        return message in self._kept

    def forget(self, message: str) -> None:
        """Drop what is kept of one message, by the name that ``progress`` gives it; no error if there is nothing."""
        self._kept.pop(message, None)

    # --- between commands -------------------------------------------------------------------------------------

    def spell(self) -> bytes:
        """Everything that is kept, to be stored: the texts of the parts, one a line."""
        return "".join(f"{text}\n" for kept in self._kept.values() for text in kept).encode("ascii")

    @classmethod
    def read(cls, raw: bytes) -> "Collections":
        """What ``spell`` gave. Nothing is restored by it: ``take`` does, with the next part.

        Raises:
            OverLimit: more than ``MAX_BYTES`` and line ends.
            BadBytes: a line that is no part of a message.
        """
        if len(raw) > 2 * MAX_BYTES:
            raise OverLimit(f"{len(raw)} bytes of codes; at most {2 * MAX_BYTES} are read")
        collections = cls()
        for number, line in enumerate(raw.splitlines(), 1):
            part = _line(line, number)
            collections._kept.setdefault(part.message, {})[part.text] = part
        collections._bound()
        return collections


def _line(line: bytes, number: int) -> Part:
    try:
        part = read(line.decode("ascii"))
    except (BadBytes, UnicodeDecodeError) as error:
        raise BadBytes(f"line {number} is no code", do="delete this file, and take the pictures in again") from error
    if not isinstance(part, Part):
        raise BadBytes(f"line {number} is a whole message", do="delete this file, and take the pictures in again")
    return part


def _most(kept: dict[str, Part]) -> int:
    return 2 * next(iter(kept.values())).parts + _SLACK


def _whole(parts: Sequence[Part]) -> bytes | None:
    try:
        return restore(parts)
    except BadBytes:  # these parts tell no message; others may
        return None


def _progress(name: str, parts: Sequence[Part]) -> Progress:
    numbers = {part.number for part in parts}
    of = parts[0].parts
    missing = tuple(number for number in range(of) if number not in numbers)[:MAX_MISSING]
    return Progress(name, of, len(numbers), missing, len(numbers) > of)
