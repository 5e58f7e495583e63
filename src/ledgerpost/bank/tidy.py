"""What the bank forgets: instruments past their end plus grace whose debit was taken in (B4, T1).

Found by date, so that the work is in what is due and not in what is kept.
"""

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple

from ledgerpost.bank.inbox import waiting
from ledgerpost.bank.keys import DUE, Key, due_key, instrument_key
from ledgerpost.bank.records import Shelf
from ledgerpost.papers import notice as n
from ledgerpost.terms import FINGERPRINT_SIZE, Fingerprint, Moment, Number


class Due(NamedTuple):
    """An instrument's record that may go: its end, the party whose number it is under, the number."""

    until: Moment
    party: Fingerprint
    number: Number


def due(rows: Iterator[tuple[Key, bytes]], before: Moment) -> tuple[Due, ...]:
    """The entries that ended before ``before``; ``rows`` are those under ``DUE``, in key order, which is by date."""
    return tuple(takewhile(lambda each: each.until < before, map(_entry, rows)))


def _entry(row: tuple[Key, bytes]) -> Due:
    rest = row[0][len(DUE) :]
    party = Fingerprint(rest[8 : 8 + FINGERPRINT_SIZE])
    return Due(int.from_bytes(rest[:8], "big"), party, int.from_bytes(rest[8 + FINGERPRINT_SIZE :], "big"))


def forget(entries: Sequence[Due], shelf: Shelf) -> dict[Key, bytes | None]:
    """Changes that drop those whose notice was taken in; the parties' accounts must be held."""
    changes: dict[Key, bytes | None] = {}
    for each in entries:
        if not _still_waits(shelf, each):
            changes[due_key(*each)] = None
            changes[instrument_key(each.party, each.number)] = None
    return changes


def _still_waits(shelf: Shelf, entry: Due) -> bool:
    kinds = (n.CLEARED, n.BOUNCED, n.REDEEMED)
    return any(each.pending.kind in kinds for each in waiting(shelf, entry.party, entry.number))
