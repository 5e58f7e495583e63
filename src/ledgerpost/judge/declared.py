"""What parties declared to a bank that came back from a backup: it binds whoever signed it (L11).

A bank that has lost its books can't answer for what it signed meanwhile and nobody held; the party said so itself, when
the bank asked it. Unasked, it would be a way out of what one has signed.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ledgerpost.errors import BadBytes
from ledgerpost.papers.declaration import Declaration, open_declaration
from ledgerpost.papers.kinds import About
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.proof import can_be_taken, is_lost
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.sequence import Sequence
from ledgerpost.sealed import Sealed, fingerprint
from ledgerpost.statement import Statement, digest_of, seq_of
from ledgerpost.terms import Digest, Fingerprint, Moment, Number, PublicKey


class Base(NamedTuple):
    """A receipt that a party goes on from, and the statements that it retraces, by sequence."""

    receipt: Receipt
    states: Mapping[int, Statement]


class _Said(NamedTuple):
    """``base``: of the receipt declared; None where that is not here, or not all of what it follows from."""

    party: Fingerprint
    paper: Declaration
    base: Base | None

    def lacks(self, seq: int, digest: Digest) -> bool:
        """Whether the party does not hold that statement, nor anything that follows from it."""
        state = self.base.states.get(seq) if self.base else None
        return seq > self.paper.seq or (state is not None and digest_of(state.encode()) != digest)

    def follows(self, receipt: Receipt) -> bool:
        """Whether the receipt declared is that one, or leads back to it."""
        state = self.base.states.get(seq_of(receipt.statement)) if self.base else None
        return state is not None and state.encode() == receipt.statement

    def is_strange(self, notice: Notice) -> bool:
        """Whether it is of another life than the receipt declared.

        That counts it, and it is not over, listed or taken in; or counts it not, and has nothing that it could end.
        """
        if self.base is None:
            return False
        receipt, statement = self.base.receipt, self.base.states[self.paper.seq]
        later = notice.notice > receipt.highest
        return not can_be_taken(statement, notice) if later else is_lost(receipt, statement, notice)


@dataclass(frozen=True, slots=True)
class Declared:
    """Every declaration that is here and verifies."""

    said: tuple[_Said, ...]

    @classmethod
    def of(
        cls, messages: Iterable[Sealed], keys: Mapping[Fingerprint, PublicKey], base_of: Callable[[Digest], Base | None]
    ) -> "Declared":
        """Those among verified messages that a bank asked for. ``base_of``: of the receipt of that identity."""
        found = (each for each in messages if each.type == Declaration.TYPE)
        return cls(tuple(each for sealed in found if (each := _read(sealed, keys, base_of)) is not None))

    def _by(self, bank: Fingerprint, party: Fingerprint) -> Iterable[_Said]:
        return (each for each in self.said if (each.paper.bank, each.party) == (bank, party))

    def voids_receipt(self, receipt: Receipt, identity: Digest) -> bool:
        """Whether its party has declared that it does not hold it, or holds what does not follow from it."""
        seq, digest = seq_of(receipt.statement), digest_of(receipt.statement)
        return any(
            each.paper.voids_receipt(receipt, identity) or (each.paper.covers(receipt.time) and each.lacks(seq, digest))
            for each in self._by(receipt.bank, receipt.party)
        )

    def voids_notice(self, notice: Notice, identity: Digest) -> bool:
        """Whether its party has declared that it does not hold it."""
        return any(
            each.paper.voids_notice(notice, identity) or (each.paper.covers(notice.time) and each.is_strange(notice))
            for each in self._by(notice.bank, notice.party)
        )

    def unknown_of_notice(self, notice: Notice) -> int | None:
        """The sequence of a receipt that is not here, and that tells whether the notice has any force."""
        said = (each for each in self._by(notice.bank, notice.party) if each.paper.covers(notice.time))
        return next((each.paper.seq for each in said if each.base is None and each.paper.receipt), None)

    def voids_book(self, book: Sequence, given: Mapping[int, Number]) -> bool:
        """Whether it came with a receipt that its party has declared not to hold.

        ``given``: the highest number given out to the party, by the sequence of its statements.
        """
        said = (each.paper for each in self._by(book.bank, fingerprint(book.key)) if each.paper.covers(book.time))
        return any(each.seq == 0 or book.first > given.get(each.seq, book.first) for each in said)

    def unknown_of_book(self, book: Sequence, given: Mapping[int, Number]) -> int | None:
        """The sequence of a receipt that is not here, and that tells whether the chequebook has any force."""
        said = (each.paper for each in self._by(book.bank, fingerprint(book.key)) if each.paper.covers(book.time))
        return next((each.seq for each in said if each.seq and each.seq not in given), None)

    def lost_both(self, bank: Fingerprint, party: Fingerprint, *times: Moment) -> bool:
        """Whether the bank may have lost together all that it signed for the party then.

        These need not agree: each may be of another life of the bank's, and the party holds of one at most (L11).
        """
        return any(all(map(each.paper.covers, times)) for each in self._by(bank, party))

    def may_part(self, receipt: Receipt, notice: Notice) -> bool:
        """Whether the bank may have lost both together, and the party does not show that it goes on from that receipt.

        Then each may be of another life of the bank's (L11).
        """
        said = self._by(receipt.bank, receipt.party)
        lost = (each for each in said if each.paper.covers(receipt.time) and each.paper.covers(notice.time))
        return any(not each.follows(receipt) for each in lost)

    def unknown(self, receipt: Receipt, identity: Digest) -> int | None:
        """The sequence of another that is not here, and that tells whether this one has any force."""
        said = (each for each in self._by(receipt.bank, receipt.party) if each.paper.covers(receipt.time))
        others = (each for each in said if each.base is None and each.paper.receipt not in (None, identity))
        return next((each.paper.seq for each in others), None)

    def went_back(self, notice: Notice) -> bool:
        """Whether it names a statement that its party does not hold, and that the bank has lost: another may follow."""
        about = About(notice.party, notice.seq, notice.digest, notice.notice)
        return self.let_go(notice.bank, about, notice.time, notice.time)

    def let_go(self, bank: Fingerprint, about: About, since: Moment, until: Moment) -> bool:
        """The same of a statement that was named between ``since`` and ``until``, inclusive."""
        said = self._by(bank, about.party)
        lost = (each for each in said if each.paper.question.first < until and since <= each.paper.question.last)
        return any(each.lacks(about.seq, about.digest) for each in lost)


def _read(
    sealed: Sealed, keys: Mapping[Fingerprint, PublicKey], base_of: Callable[[Digest], Base | None]
) -> _Said | None:
    try:
        paper = open_declaration(sealed, keys[Declaration.read(sealed.body).bank])
    except (BadBytes, KeyError):
        return None
    base = base_of(paper.receipt) if paper.receipt else None
    if base is not None and not _is_named(base.receipt, sealed.signer, paper):
        return None  # it says of itself what is not so
    return _Said(sealed.signer, paper, base)


def _is_named(receipt: Receipt, party: Fingerprint, paper: Declaration) -> bool:
    """Whether it is the party's own, of that bank, and under the sequence declared."""
    return (receipt.bank, receipt.party, seq_of(receipt.statement)) == (paper.bank, party, paper.seq)
