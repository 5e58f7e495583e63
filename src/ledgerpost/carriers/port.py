"""What every carrier does for the desk. ``tests/test_carrier_contract.py`` is run over all of them.

A carrier moves bytes and refuses to know what they mean: it opens no parcel, judges none and decides by itself
neither what is done nor what is bad.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from ledgerpost.errors import LedgerpostError


@dataclass(frozen=True, slots=True)
class Parcel:
    """Bytes that lay in a mailbox. Nobody vouches for them, nor for the name.

    ``name`` is the path relative to the place, and what ``finish`` and ``set_aside`` take. It may be printed as it
    is: a carrier spells whatever does not print as ``%XX``.
    """

    name: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A thing in a mailbox that is no readable parcel; ``error`` tells why and names it in full.

    A ``BadBytes`` (a link, a FIFO, too large) is the thing's own fault: it may be set aside. A ``PlaceError``
    (no permission, a failing stick) is not: leave it where it is, a later run may read it.
    """

    name: str
    error: LedgerpostError


class Carrier(Protocol):
    """A way for parcels to travel. A *mailbox* is named by its recipient: 1 to 64 of ``[a-z0-9]``.

    Every method raises ``NotFound`` where the place itself is missing, ``PlaceError`` where it is full, pulled out,
    read-only or unfit, and ``ValueError`` where a caller passes a mailbox or name that no carrier gave out.
    """

    @property
    def where(self) -> str:
        """The place, for people."""
        ...

    def collect(self, mailbox: str) -> Iterator[Parcel | Unreadable]:
        """Yield what lies in one mailbox, by name, each read only when its turn comes; nothing if there is none.

        What is delivered meanwhile may come with the next ``collect``; what is gone when its turn comes is skipped.
        A bad thing never hides the ones after it.
        """
        ...

    def deliver(self, mailbox: str, raw: bytes) -> str:
        """Put a parcel in a mailbox and return its name. Durable on return.

        The same bytes get the same name: if they are there they are left, if half of them is there it is made good.
        Raises ``OverLimit`` where the carrier would not read back what it is given.
        """
        ...

    def deliver_all(self, parcels: Sequence[tuple[str, bytes]]) -> list[str]:
        """As ``deliver`` for each mailbox and parcel, in any order; their names in the order given. Durable on return.

        If it raises, some may have been put out: delivering all of them again is safe.
        """
        ...

    def finish(self, name: str) -> None:
        """Remove a parcel that is done. Durable on return; no error if it is gone already."""
        ...

    def finish_all(self, names: Iterable[str]) -> None:
        """As ``finish`` for each, in any order. Durable on return."""
        ...

    def set_aside(self, name: str, reason: str) -> str:
        """Move a thing out of the way with its reason beside it, and return the name it has now.

        Overwrites nothing. Durable on return. Raises ``NotFound`` if it is gone.
        """
        ...

    def mailboxes(self) -> Iterator[str]:
        """Yield the names that look like mailboxes, sorted. The number is bounded; empty ones may be among them."""
        ...
