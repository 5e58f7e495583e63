"""Hands that fail: a run is killed, a stick is pulled out, a disk is full, at the step that a test chose.

Whatever such a run had done until then stays done, as on a real computer; the rest is not done at all.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from ledgerpost.errors import PlaceError
from ledgerpost.store.port import Changes, Held, Key, Snapshot, Store


class Killed(BaseException):
    """The process is dead. No handler of errors may catch it."""


@dataclass
class Hand:
    """Counts what is written by one run at one place; the write of number ``left`` fails.

    ``how``: ``killed`` before or after that write, ``pulled`` before it at a place, ``full`` before it anywhere.
    """

    how: str = ""
    left: int = 0
    struck: bool = field(default=False, init=False)

    def before(self, kind: str) -> None:
        """To be called before a write: ``kind`` is ``place`` or ``store``."""
        self._step(kind, {"killed": "any", "pulled": "place", "full": "any"})

    def after(self, kind: str) -> None:
        """To be called after it: only a death can come between a write and what follows."""
        self._step(kind, {"killed": "any"})

    def _step(self, kind: str, hits: dict[str, str]) -> None:
        if self.struck or hits.get(self.how) not in ("any", kind):
            return
        if self.left:
            self.left -= 1
            return
        self.struck = True
        if self.how == "killed":
            raise Killed
        raise PlaceError("pulled out" if self.how == "pulled" else "no room is left on the disk", where="the town")


class MortalStore:
    """A store whose commits may fail by its hand's will. Whatever was committed stays, and is shown to ``seen``."""

    def __init__(self, store: Store, hand: Hand, seen: Callable[[Changes], None] = lambda changes: None) -> None:
        self.store, self.hand, self.seen = store, hand, seen

    @contextmanager
    def hold(self, keys: Collection[Key]) -> Iterator["_Held"]:
        """See the port."""
        with self.store.hold(keys) as held:
            yield _Held(held, self)

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """See the port."""
        with self.store.snapshot() as snapshot:
            yield snapshot

    def close(self) -> None:
        """See the port."""
        self.store.close()


class _Held:
    def __init__(self, held: Held, store: MortalStore) -> None:
        self.held, self.store = held, store
        self.values: Mapping[Key, bytes | None] = held.values

    def get(self, key: Key) -> bytes | None:
        return self.held.get(key)

    def under(self, prefix: Key) -> Iterator[tuple[Key, bytes]]:
        return self.held.under(prefix)

    def commit(self, changes: Changes) -> None:
        self.store.hand.before("store")
        self.held.commit(changes)
        self.store.seen(changes)
        self.store.hand.after("store")
