"""Words of delivery: who takes mail in where couriers pass leaves them word, and they stop carrying it (D2, D3).

The words lie in a mailbox of their own, beside a mark that says that couriers pass. Where there is none, nothing is
left: a stick that goes to and fro between two people stays as clean as it was. Decides nothing about mail.
"""

from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from typing import Final, NamedTuple

from ledgerpost import envelope
from ledgerpost.carriers.port import Carrier, Parcel, Unreadable
from ledgerpost.errors import BadBytes, LedgerpostError, OverLimit, PlaceError, WrongShape
from ledgerpost.papers.delivered import COUNTS_FOR, MOST_DELIVERED, Delivered, open_delivered
from ledgerpost.sealed import Signer, checked_key
from ledgerpost.terms import Digest, Fingerprint, Moment

COURIERS: Final = "couriers"
"""The mailbox of whoever carries. No fingerprint is spelled like it."""

MARK_LIFE: Final = 30 * 86400
"""Seconds that a mark stands; the courier that passes renews it."""

MAX_WORD: Final = 1 << 16
"""Bytes of what a courier reads from that mailbox."""

MOST_WORDS: Final = 256
"""Words and marks that are read of one such mailbox, and words that a spool keeps."""

_DAY = 86400


def digest(raw: bytes) -> Digest:
    """What a word names an envelope by."""
    return Digest(sha256(raw).digest())


def mark(now: Moment) -> bytes:
    """What says that couriers pass: an open envelope to whoever holds it, with nothing in it; the same all day."""
    return envelope.pack((), sender=None, recipient=None, until=now - now % _DAY + MARK_LIFE)


def couriers_pass(carrier: Carrier) -> bool:
    """Whether a courier left its mark, or anything else, there."""
    with closing(carrier.collect(COURIERS)) as found:  # type: ignore[type-var]  # it is a generator
        return next(found, None) is not None


class Log:
    """What one recipient takes in at one place. Leaves word of it if couriers pass there, else forgets it."""

    def __init__(self, carrier: Carrier, signer: Signer, now: Moment) -> None:
        self._carrier, self._signer, self._now = carrier, signer, now
        self._wanted = couriers_pass(carrier)
        self._digests: set[Digest] = set()

    def add(self, raw: bytes) -> None:
        """Note an envelope that is taken in, once what came of it is durable."""
        if self._wanted:
            self._digests.add(digest(raw))
            if len(self._digests) == MOST_DELIVERED:
                self.leave()

    def leave(self) -> None:
        """Leave word of what was added. If the run dies before, couriers carry all that until its end: no harm done."""
        if self._digests:
            word = Delivered(self._signer.fingerprint, self._now, tuple(sorted(self._digests))).sign(self._signer)
            until = self._now + COUNTS_FOR
            raw = envelope.pack((word,), sender=self._signer.key, recipient=None, until=until)
            self._carrier.deliver(COURIERS, raw)
            self._digests.clear()


def read_word(raw: bytes) -> Delivered | None:
    """What lay in the couriers' mailbox: a word, verified, or None for a mark. Raises BadBytes."""
    if len(raw) > MAX_WORD:
        raise OverLimit(f"{len(raw):,} bytes where a word of delivery has at most {MAX_WORD:,}")
    outside, inside = envelope.look(raw), envelope.unpack(raw)
    if outside.kind != "open" or outside.recipient is not None:
        raise WrongShape("couriers' mail is open and for whoever holds it")
    if not inside.messages:
        return None
    if inside.sender is None or len(inside.messages) != 1:
        raise WrongShape("a word of delivery is one message, and names the key that signed it")
    return open_delivered(inside.messages[0], checked_key(inside.sender))


# --- a courier's side


class Said(NamedTuple):
    """A word's bytes and time."""

    raw: bytes
    time: Moment


@dataclass(slots=True)
class Board:
    """What lies in one couriers' mailbox: words that count, by their bytes; and marks, by name, with their ends."""

    words: dict[bytes, Delivered] = field(default_factory=dict)
    marks: dict[str, Moment] = field(default_factory=dict)

    def index(self) -> dict[tuple[Fingerprint, Digest], Said]:
        """Which word names an envelope of a recipient's."""
        said = [(Said(raw, word.time), word) for raw, word in self.words.items()]
        return {(word.recipient, each): one for one, word in said for each in word.envelopes}

    def renew(self, carrier: Carrier, now: Moment) -> None:
        """Leave one mark there, the one with the latest end."""
        last = max(self.marks.values(), default=0)
        ours = envelope.look(mark(now)).until
        kept = carrier.deliver(COURIERS, mark(now)) if ours > last else None
        for name, until in self.marks.items():
            if kept not in (None, name) or until < last:
                carrier.finish(name)


def read_board(carrier: Carrier, now: Moment, faults: list[LedgerpostError]) -> Board:
    """Read a couriers' mailbox. What counts no more is cleared away; what is no word is set aside, into ``faults``."""
    board = Board()
    for found in islice(carrier.collect(COURIERS), MOST_WORDS):
        try:
            _read_into(board, carrier, found, now)
        except BadBytes as error:
            carrier.set_aside(found.name, f"{error.what}. {error.do}")
            faults.append(error.at(found.name))
        except PlaceError as error:
            faults.append(error.at(found.name))
    return board


def _read_into(board: Board, carrier: Carrier, found: Parcel | Unreadable, now: Moment) -> None:
    if isinstance(found, Unreadable):
        raise found.error
    word = read_word(found.raw)
    if word is None:
        board.marks[found.name] = envelope.look(found.raw).until
    elif word.counts(now):
        board.words[found.raw] = word
    elif word.time < now:
        carrier.finish(found.name)
