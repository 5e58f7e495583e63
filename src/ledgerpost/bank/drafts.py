"""The records of one batch as they will be: what is held, and over it what the batch writes. Decides nothing.

Pages hold this, and not the books that hold the pages: so a batch is freed when it ends, and not when the collector of
rings next comes by.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ledgerpost.bank.keys import Key
from ledgerpost.bank.records import Shelf
from ledgerpost.terms import Moment


@dataclass(frozen=True, slots=True)
class Drafts:
    """``new``: what is to be written, None for a record that goes; ``now`` is the bank's time for the whole batch."""

    shelf: Shelf
    now: Moment
    new: dict[Key, bytes | None] = field(default_factory=dict)

    def get(self, key: Key) -> bytes | None:
        """One record as it will be."""
        return self.new[key] if key in self.new else self.shelf.get(key)

    def under(self, prefix: Key) -> Iterator[tuple[Key, bytes]]:
        """Every record as it will be whose key starts so, in key order; one dropped meanwhile is left out."""
        found: dict[Key, bytes | None] = dict(self.shelf.under(prefix))
        found |= {key: raw for key, raw in self.new.items() if key.startswith(prefix)}
        for key in sorted(found):
            raw = self.new.get(key, found[key])
            if raw is not None:
                yield key, raw
