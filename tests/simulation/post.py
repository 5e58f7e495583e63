"""The post of a simulated town: places where mail lies, couriers between them, and all that befalls mail on the way.

A place in memory fills the carrier's port as a folder does; couriers here know carriers by that port only, so that the
same mishaps befall folders on a disk. Nobody here opens an envelope, or knows what is in one.
"""

import random
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Final

from ledgerpost.carriers.port import Carrier, Parcel, Unreadable
from ledgerpost.errors import NotFound, OverLimit
from simulation.mortal import Hand

TREE: Final = "ledgerpost/"
REMEMBERED: Final = 300
"""Envelopes that somebody who listens at the post keeps, to put them out again."""


class MemoryPlace:
    """The carrier's port on dicts. ``limit`` as with a folder; ``hand`` may pull the stick out."""

    def __init__(self, where: str, limit: int) -> None:
        self.where, self.limit = where, limit
        self.boxes: dict[str, dict[str, bytes]] = {}
        self.aside: Counter[str] = Counter()
        self.hand = Hand()

    def collect(self, mailbox: str) -> Iterator[Parcel | Unreadable]:
        """See the port."""
        box = self.boxes.get(_checked(mailbox), {})
        for name in sorted(box):
            if (raw := box.get(name)) is not None:
                yield Parcel(name, raw)

    def deliver(self, mailbox: str, raw: bytes) -> str:
        """See the port."""
        if len(raw) > self.limit:
            raise OverLimit(f"a parcel of {len(raw)} bytes, where {self.limit} are carried", where=self.where)
        name = f"{TREE}{_checked(mailbox)}/{sha256(raw).hexdigest()[:32]}.lpe"
        self.hand.before("place")
        self.boxes.setdefault(mailbox, {})[name] = raw
        self.hand.after("place")
        return name

    def deliver_all(self, parcels: Sequence[tuple[str, bytes]]) -> list[str]:
        """See the port."""
        return [self.deliver(mailbox, raw) for mailbox, raw in parcels]

    def finish_all(self, names: Iterable[str]) -> None:
        """See the port."""
        for name in names:
            self.finish(name)

    def finish(self, name: str) -> None:
        """See the port."""
        self.hand.before("place")
        self.boxes.get(_mailbox(name), {}).pop(name, None)
        self.hand.after("place")

    def set_aside(self, name: str, reason: str) -> str:
        """See the port; what is aside here is only counted."""
        self.hand.before("place")
        if self.boxes.get(_mailbox(name), {}).pop(name, None) is None:
            raise NotFound("not there", do="nothing is to be done: it was put away already")
        self.aside[reason] += 1
        return f"{TREE}{_mailbox(name)}/set-aside/{self.aside.total()}-{name.rpartition('/')[2]}"

    def mailboxes(self) -> Iterator[str]:
        """See the port."""
        yield from sorted(self.boxes)


@lru_cache(1 << 12)
def _checked(mailbox: str) -> str:
    if not (1 <= len(mailbox) <= 64 and mailbox.isascii() and mailbox.isalnum() and mailbox == mailbox.lower()):
        raise ValueError(f"no name of a mailbox: {mailbox!r}")
    return mailbox


@lru_cache(1 << 12)
def _mailbox(name: str) -> str:
    tree, _, rest = name.partition("/")
    mailbox, _, file = rest.partition("/")
    if f"{tree}/" != TREE or not file or "/" in file:
        raise ValueError(f"no name of a parcel: {name!r}")
    return _checked(mailbox)


@dataclass(frozen=True, slots=True)
class Carried:
    """An envelope in a courier's bag, put down at the earliest after so many more visits."""

    mailbox: str
    raw: bytes
    visits: int


@dataclass
class Courier:
    """Takes mail along from place to place: what it loses, doubles, spoils and puts out late, the dice say.

    ``goes``: at which place a mailbox's owner finds mail, None if nobody ever asks for it; ``calm``: nothing goes wrong
    any more.
    """

    name: str
    dice: random.Random
    goes: Callable[[str], str | None]
    met: Counter[str]
    seen: deque[tuple[str, bytes]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    bag: list[Carried] = field(default_factory=list)
    calm: bool = False

    def visit(self, place: Carrier) -> None:
        """Put down what belongs here, take along what does not."""
        self._put_down(place)
        self._take_along(place)

    def _take_along(self, place: Carrier) -> None:
        for mailbox in list(place.mailboxes()):
            if self.goes(mailbox) == place.where:
                continue
            for found in list(place.collect(mailbox)):
                if isinstance(found, Parcel):
                    self._pick_up(place, mailbox, found)

    def _pick_up(self, place: Carrier, mailbox: str, found: Parcel) -> None:
        self.seen.append((mailbox, found.raw))
        if self.goes(mailbox) is None:
            place.finish(found.name)
            return
        if self._happens("left behind, and taken again later", 0.03):
            pass  # a copy stays there
        else:
            place.finish(found.name)
        if self._happens("lost", 0.06):
            return
        late = self.dice.randint(1, 6) if self._happens("overtaken", 0.15) else 0
        self.bag.append(Carried(mailbox, found.raw, late))
        if self._happens("doubled", 0.12):
            self.bag.append(Carried(mailbox, found.raw, self.dice.randint(1, 9)))

    def _put_down(self, place: Carrier) -> None:
        bag, self.bag = self.bag, []
        self.dice.shuffle(bag)
        for each in bag:
            if each.visits and not self.calm:
                self.bag.append(Carried(each.mailbox, each.raw, each.visits - 1))
            elif self.goes(each.mailbox) == place.where:
                self._hand_over(place, each)
            else:
                self.bag.append(each)
        for _ in range(4):
            if self.seen and self._happens("replayed", 0.35):
                place.deliver(*self.dice.choice(self.seen))

    def _hand_over(self, place: Carrier, each: Carried) -> None:
        if self._happens("put under another's name", 0.01):
            boxes = [mailbox for mailbox in place.mailboxes() if mailbox != each.mailbox]
            place.deliver(self.dice.choice(boxes or [each.mailbox]), each.raw)
        for words, share, spoil in SPOILT:
            if self._happens(words, share):
                place.deliver(each.mailbox, spoil(self.dice, each.raw))
                if self.dice.random() < 0.5:
                    return  # and that was the only copy
        place.deliver(each.mailbox, each.raw)

    def _happens(self, words: str, share: float) -> bool:
        happens = not self.calm and self.dice.random() < share
        self.met[words] += happens
        return happens


# --- what is no envelope any more


def flipped(dice: random.Random, raw: bytes) -> bytes:
    """One bit turned."""
    at = dice.randrange(len(raw))
    return raw[:at] + bytes((raw[at] ^ 1 << dice.randrange(8),)) + raw[at + 1 :]


def truncated(dice: random.Random, raw: bytes) -> bytes:
    """Its beginning only."""
    return raw[: dice.randrange(len(raw))]


def torn(dice: random.Random, raw: bytes) -> bytes:
    """A run of sectors that were never written."""
    sector = 64
    first = dice.randrange(0, max(1, len(raw) - 1), sector)
    size = min(len(raw) - first, sector * dice.randint(1, 8))
    return raw[:first] + bytes(size) + raw[first + size :]


SPOILT: Final = (("flipped", 0.04, flipped), ("truncated", 0.03, truncated), ("torn", 0.03, torn))
"""What befalls some of the mail, how often, and what is left of it."""
