"""What parties declared to a bank that came back from a backup: it binds whoever signed it (L11).

A bank that has lost its books can't answer for what it signed meanwhile and nobody held; the party said so itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ledgerpost.errors import BadBytes
from ledgerpost.papers.declaration import Declaration
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.sequence import Sequence
from ledgerpost.sealed import Sealed, fingerprint
from ledgerpost.terms import Digest, Fingerprint, Moment, Number


class _Said(NamedTuple):
    party: Fingerprint
    paper: Declaration


@dataclass(frozen=True, slots=True)
class Declared:
    """Every declaration that is here and verifies."""

    said: tuple[_Said, ...]

    @classmethod
    def of(cls, messages: Iterable[Sealed]) -> "Declared":
        """Those among verified messages."""
        return cls(tuple(each for sealed in messages if (each := _read(sealed)) is not None))

    def _by(self, bank: Fingerprint, party: Fingerprint) -> Iterable[Declaration]:
        return (each.paper for each in self.said if (each.paper.bank, each.party) == (bank, party))

    def voids_receipt(self, receipt: Receipt) -> bool:
        """Whether its party has declared that it does not hold it."""
        return any(each.voids_receipt(receipt) for each in self._by(receipt.bank, receipt.party))

    def voids_notice(self, notice: Notice, identity: Digest) -> bool:
        """Whether its party has declared that it does not hold it."""
        return any(each.voids_notice(notice, identity) for each in self._by(notice.bank, notice.party))

    def voids_book(self, book: Sequence, highest: Mapping[int, Number]) -> bool:
        """Whether it came with a receipt that its party has declared not to hold.

        ``highest``: the highest number given out to the party, by the sequence of its statements.
        """
        said = (each for each in self._by(book.bank, fingerprint(book.key)) if each.covers(book.time))
        return any(each.seq == 0 or book.first > highest.get(each.seq, book.first) for each in said)

    def went_back(self, notice: Notice) -> bool:
        """Whether it names a statement that its party does not hold, and that the bank has lost: another may follow."""
        return self.let_go(notice.bank, notice.party, notice.seq, notice.time, notice.time)

    def let_go(self, bank: Fingerprint, party: Fingerprint, seq: int, since: Moment, until: Moment) -> bool:
        """The same of a statement that was named between ``since`` and ``until``, inclusive."""
        said = self._by(bank, party)
        return any(each.first < until and since <= each.last and seq > each.seq for each in said)


def _read(sealed: Sealed) -> _Said | None:
    if sealed.type != Declaration.TYPE:
        return None
    try:
        return _Said(sealed.signer, Declaration.read(sealed.body))
    except BadBytes:
        return None
