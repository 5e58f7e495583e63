"""``depositcheque``: presents a cheque, endorsed to the bank by the letter's signer (C1-C4, N2)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from ledgerpost import fields as f
from ledgerpost.errors import BadBytes, Refusal
from ledgerpost.papers import notice
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.counter import Addressed, Counter, Side
from ledgerpost.papers.instrument import (
    MAX_BODY,
    Chain,
    Instrument,
    check_chain,
    endorsements_field,
    in_date,
    paper_of,
    read_instrument,
    same,
)
from ledgerpost.papers.kinds import Kept, Paper, Pending, Presented, Refused
from ledgerpost.papers.order import Order
from ledgerpost.sealed import fingerprint
from ledgerpost.statement import Block, Statement
from ledgerpost.terms import Amount, Digest, Fingerprint, Number, PublicKey


@dataclass(frozen=True, slots=True)
class DepositCheque(Order):
    """The cheque without its chequebook, its drawer's key, and the chain that ends at the bank.

    Names asset and amount, as every order does that moves value (L4); they must be the cheque's.
    """

    TYPE: ClassVar = "depositcheque"
    FIELDS: ClassVar = (
        f.octets(MAX_BODY),
        f.public_key,
        f.public_key,
        endorsements_field,
        f.positive,
        f.digest,
        f.positive,
    )

    signed: bytes
    drawer: PublicKey
    first: PublicKey
    endorsements: tuple[bytes, ...]
    number: Number
    asset: Digest
    amount: Amount
    shown: Cheque | None = field(default=None, compare=False, repr=False)
    """The cheque, once it is ``proven``, so that whoever carries the order out need not read it again."""

    @property
    def instrument(self) -> Instrument:
        """As it was presented."""
        return Instrument(self.signed, self.first, self.endorsements)

    @property
    def cheque(self) -> Cheque:
        """The cheque; ``proven`` has made sure that it is one."""
        paper = self.shown or paper_of(self.signed)
        if not isinstance(paper, Cheque):
            raise AssertionError("a deposit of no cheque was not refused")
        return paper

    def __reduce__(self) -> tuple[Any, ...]:
        """How it is handed to another process, what is shown with it."""
        return type(self), (*Paper.body(self), self.shown)

    def proven(self, letter: Addressed, key: PublicKey) -> Self | Refusal:
        """Every signature, and that the chain ends with the letter's signer handing it to this bank (B3)."""
        try:
            cheque = paper_of(self.signed)
            if not isinstance(cheque, Cheque):
                return Refusal.CHAIN
            chain = check_chain(self.instrument, self.drawer, letter.bank)
        except BadBytes:
            return Refusal.CHAIN
        stated = (cheque.number, cheque.asset, cheque.amount)
        if not ends_here(chain, letter.bank, key) or stated != (self.number, self.asset, self.amount):
            return Refusal.CHAIN
        return type(self)(
            self.signed,
            self.drawer,
            self.first,
            self.endorsements,
            self.number,
            self.asset,
            self.amount,
            cheque,
        )

    def effect(self, statement: Statement) -> Statement:
        """Balance up."""
        return statement.moved(self.asset, self.amount)

    def parties(self) -> Iterator[Fingerprint]:
        """The drawer."""
        yield fingerprint(self.drawer)

    def assets(self) -> Iterator[Digest]:
        """The one it pays in."""
        yield self.asset

    def clear(self, counter: Counter) -> Refused | None:
        """The first to present wins; then dates, number and funds of the drawer, as its newest statement has them.

        Dates before number: a refusal for the number is a claim (C2), so it must mean that the cheque was in date.
        """
        party, cheque = fingerprint(self.drawer), self.cheque
        before = counter.kept(party, self.number)
        refused = already_paid(before, self.instrument) if before else None
        if refused:
            return refused
        if not counter.keeps(self.asset):
            return Refused(Refusal.ASSET)
        if party == counter.me.fingerprint:
            return Refused(Refusal.PAYEE)
        side = counter.side(party)
        if not in_date(cheque, counter.now):
            return Refused(Refusal.DATES)
        block = _chargeable(side, self.number, counter.now) if side else None
        if side is None or block is None:
            return Refused(Refusal.NUMBER, side.about() if side else None)
        if cheque.until > block.until:  # it would be kept longer than its number lives (C1, B4)
            return Refused(Refusal.DATES)
        if counter.usable_of(side, self.asset) < self.amount:
            return self._bounce(counter, side, before)
        return None

    def _bounce(self, counter: Counter, side: Side, before: Kept | None) -> Refused:
        """Not covered: the drawer hears of it once per number, and the presenter is shown that notice (C2)."""
        shown = before.bounced if before else None
        return Refused(Refusal.FUNDS, side.about(), shown, tell=shown is None)

    def bounce(self, counter: Counter) -> bytes:
        """Make the drawer's ``chequebounced``; called after the refusal is certain. Its bytes are the evidence."""
        party = fingerprint(self.drawer)
        side = counter.side(party)
        if side is None:
            raise AssertionError("a bounce without a drawer")
        raw = counter.notify(side, notice.BOUNCED, self._about(counter), self.instrument.encode())
        before = counter.kept(party, self.number)
        presented = before.presented if before else ()
        until = max(self.cheque.until, before.until if before else 0)
        counter.keep(party, self.number, Kept(until, presented, raw))
        return raw

    def _about(self, counter: Counter) -> Pending:
        me = counter.me.fingerprint
        return Pending(0, "", me, self.number, self.asset, self.amount, self.cheque.until)

    def settle(self, counter: Counter, raw: bytes) -> Digest | None:
        """The drawer gets ``chequecleared`` with cheque and chain; the bank keeps both until their end (B4)."""
        party, about, presented = fingerprint(self.drawer), self._about(counter), self.instrument.encode()
        side = counter.side(party)
        if side is None:
            raise AssertionError("a cheque of nobody cleared")
        counter.notify(side, notice.CLEARED, about, presented)
        before = counter.kept(party, self.number)
        paid = (Presented(presented, counter.letter, counter.me.fingerprint, paid=True),)
        kept = Kept(max(about.until, before.until), paid, before.bounced) if before else Kept(about.until, paid, None)
        counter.keep(party, self.number, kept)
        return None


def ends_here(chain: Chain, bank: Fingerprint, presenter: PublicKey) -> bool:
    """Whether the last endorsement is the presenter's, to the bank, and no earlier one is to the bank."""
    if not chain.instrument.endorsements:
        return False
    last, before = chain.holders[-1], chain.holders[-2]
    earlier = any(key is not None and fingerprint(key) == bank for key in chain.holders[:-1])
    return last is not None and fingerprint(last) == bank and before == presenter and not earlier


def already_paid(before: Kept, instrument: Instrument) -> Refused | None:
    """Whether something was paid under this number: this very chain, or another that is shown (C2)."""
    for each in before.presented:
        if each.paid and same(read_instrument(each.instrument), instrument):
            return Refused(Refusal.PAID, None, None, each.letter)
    winner = next((each for each in before.presented if each.paid), None)
    return Refused(Refusal.USED, None, winner.instrument) if winner else None


def _chargeable(side: Side, number: Number, now: int) -> Block | None:
    """N2: open in the newest statement the bank signed, with no debit pending, and not past its expiry."""
    block = side.statement.block_of(number)
    if block is None or now > block.until or side.find(number, None, *notice.ON_NUMBERS):
        return None
    return block
