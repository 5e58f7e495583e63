"""The bank's time: that of its computer, but never back (O5), and later than whatever a backup knows (L11).

A restore tells by their times what was signed after the backup. A clock that stands still would give one time to what
came before it and to what came after.
"""

from collections.abc import Callable

from ledgerpost.bank.keys import BACKUP, CLOCK, Key
from ledgerpost.bank.records import ClockRecord, read_record, write_record
from ledgerpost.terms import Moment


def bank_time(get: Callable[[Key], bytes | None], now: Moment) -> Moment:
    """The time to sign with, where the computer's clock says ``now``; ``get`` gives records. Raises StoreDamaged."""
    signed, backup = (
        read_record(ClockRecord, raw, key).now if (raw := get(key)) is not None else -1 for key in (CLOCK, BACKUP)
    )
    return max(now, signed, backup + 1)


def backed_up(clock: bytes) -> dict[Key, bytes | None]:
    """What to write before a backup is; ``clock`` is the clock's record. The same again while nothing is signed."""
    return {BACKUP: write_record(read_record(ClockRecord, clock, CLOCK))}
