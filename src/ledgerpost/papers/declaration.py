"""``declaration``: what a party holds of what its bank signed in the time that the bank has lost (L11).

It binds the party that signs it, and nobody else: whatever else the bank signed for it in that time, and it did not
hold, has no force between the two. It encloses what the bank asked: without that, whoever had second thoughts about a
cheque could declare that the chequebook never came. Refuses to know what the bank makes of it.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Final

from ledgerpost import fields as f
from ledgerpost.errors import WrongShape
from ledgerpost.papers.kinds import Paper
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.receipt import MAX_PENDING, Receipt
from ledgerpost.papers.restoring import Restoring
from ledgerpost.sealed import Sealed, fingerprint, open_message, read
from ledgerpost.statement import seq_of
from ledgerpost.terms import Digest, Fingerprint, Moment, PublicKey

MAX_ASKED: Final = 256
"""Bytes of the bank's signed question; none is longer than some 190."""


@dataclass(frozen=True, slots=True)
class Declaration(Paper):
    """By the party, whose newest receipt is ``receipt`` under ``seq`` (null and 0: none), with ``highest`` in it.

    ``asked``: the bank's signed ``restoring``. ``held``: the notices at hand that are not taken in, by identity;
    ``lacking``: notices that the receipt lists and that never came.
    """

    TYPE: ClassVar = "declaration"
    FIELDS: ClassVar = (
        f.fingerprint,
        f.octets(MAX_ASKED),
        f.whole,
        f.maybe(f.digest),
        f.whole,
        f.listed(f.digest, MAX_PENDING),
        f.listed(f.positive, MAX_PENDING),
    )

    bank: Fingerprint
    asked: bytes
    seq: int
    receipt: Digest | None
    highest: int
    held: tuple[Digest, ...]
    lacking: tuple[int, ...]

    def check(self) -> None:
        """It answers its own bank; no receipt is under sequence 0; numbers rise."""
        if self.question.bank != self.bank:
            raise WrongShape("another bank asked what the declaration answers")
        if (self.receipt is None) != (self.seq == 0):
            raise WrongShape("a declaration names its newest receipt with its sequence, or neither")
        f.rising("notices held", self.held)
        f.rising("notices that never came", self.lacking)

    @property
    def question(self) -> Restoring:
        """What the bank asked, unverified. Raises BadBytes."""
        return _question(self.asked)

    def covers(self, time: Moment) -> bool:
        """Whether the bank may have lost what it signed then."""
        return self.question.first < time <= self.question.last

    def voids_receipt(self, receipt: Receipt, identity: Digest) -> bool:
        """Whether it is from the time that the bank lost, and newer than the one declared or another in its place."""
        seq = seq_of(receipt.statement)
        return self.covers(receipt.time) and (seq > self.seq or (seq == self.seq and identity != self.receipt))

    def voids_notice(self, notice: Notice, identity: Digest) -> bool:
        """Whether it was made in the time that the bank lost, and was not at hand (L11)."""
        unheard = notice.notice > self.highest or notice.notice in self.lacking
        return self.covers(notice.time) and unheard and identity not in self.held


@lru_cache(maxsize=64)  # it is asked for with every notice and receipt of the window
def _question(raw: bytes) -> Restoring:
    claim = read(raw, MAX_ASKED)
    if claim.type != Restoring.TYPE:
        raise WrongShape(f"a {claim.type} where a {Restoring.TYPE} belongs")
    return Restoring.read(claim.body)


def open_declaration(sealed: Sealed, bank: PublicKey) -> Declaration:
    """The paper in a verified message, if the bank of that key asked its signer for it. Raises BadBytes."""
    paper = Declaration.of(sealed, fingerprint(bank))
    open_message(paper.asked, bank)
    if paper.question.party != sealed.signer:
        raise WrongShape("the bank asked somebody else for what the declaration answers")
    return paper
