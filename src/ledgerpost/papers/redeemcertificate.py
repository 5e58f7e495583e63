"""``redeemcertificate``: turns a bearer certificate into balance; the buyer's return is the same (B3-B5)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from ledgerpost import cbor
from ledgerpost import fields as f
from ledgerpost.errors import BadBytes, Refusal
from ledgerpost.papers import notice
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.counter import Addressed, Counter, Side
from ledgerpost.papers.depositcheque import already_paid, ends_here
from ledgerpost.papers.instrument import (
    MAX_BODY,
    Chain,
    Instrument,
    check_chain,
    endorsements_field,
    in_date,
    nearest,
    paper_of,
    parting,
    read_instrument,
    read_instruments,
    same,
)
from ledgerpost.papers.kinds import Kept, Pending, Presented, Refused
from ledgerpost.papers.order import Order
from ledgerpost.papers.terms import LIEN, REFUSE
from ledgerpost.sealed import fingerprint, trusted
from ledgerpost.statement import Statement
from ledgerpost.terms import Amount, Digest, Fingerprint, Number, PublicKey

MOST_CHARGES = 256
"""Liens and recoveries that may wait for one party; beyond, the proof is all a second redeemer gets (T1)."""

MOST_PRESENTED = 16
"""Chains of one certificate that the bank keeps to compare with; later ones are shown the nearest of these."""


@dataclass(frozen=True, slots=True)
class RedeemCertificate(Order):
    """The certificate and its chain, which ends with the letter's signer handing it to the bank."""

    TYPE: ClassVar = "redeemcertificate"
    FIELDS: ClassVar = (f.octets(MAX_BODY), endorsements_field, f.positive, f.digest, f.positive)

    signed: bytes
    endorsements: tuple[bytes, ...]
    number: Number
    asset: Digest
    amount: Amount

    @property
    def instrument(self) -> Instrument:
        """As it was presented."""
        return Instrument(self.signed, None, self.endorsements)

    @property
    def certificate(self) -> Certificate:
        """The certificate; ``proven`` has made sure that it is one."""
        paper = paper_of(self.signed)
        if not isinstance(paper, Certificate):
            raise AssertionError("a redemption of no certificate was not refused")
        return paper

    def proven(self, letter: Addressed, key: PublicKey) -> Self | Refusal:
        """Every signature, the bank's own included; its key is where the chain ends."""
        try:
            chain = check_chain(self.instrument, self._bank_key(), letter.bank)
        except BadBytes:
            return Refusal.CHAIN
        stated = (chain.paper.number, chain.paper.asset, chain.paper.amount)
        if not isinstance(chain.paper, Certificate) or not ends_here(chain, letter.bank, key):
            return Refusal.CHAIN
        return self if stated == (self.number, self.asset, self.amount) else Refusal.CHAIN

    def _bank_key(self) -> PublicKey:
        return PublicKey(self.endorsements[-1][:32]) if self.endorsements else PublicKey(b"")

    def effect(self, statement: Statement) -> Statement:
        """Balance up."""
        return statement.moved(self.asset, self.amount)

    def parties(self) -> Iterator[Fingerprint]:
        """The buyer, and every holder: one of them may have signed twice."""
        yield fingerprint(self.certificate.key)
        for raw in self.endorsements[:-1]:
            yield fingerprint(raw[:32])

    def assets(self) -> Iterator[Digest]:
        """The one it is in."""
        yield self.asset

    def clear(self, counter: Counter) -> Refused | None:
        """The first to redeem gets the value; a second one is shown who signed twice, and the terms say the rest."""
        buyer = fingerprint(self.certificate.key)
        before = counter.kept(buyer, self.number)
        refused = already_paid(before, self.instrument) if before else None
        if refused is not None and before is not None:
            return self._second(counter, before, refused)
        if not in_date(self.certificate, counter.now):
            return Refused(Refusal.EXPIRED)
        side = counter.side(buyer)
        held = counter.statement if buyer == counter.me.fingerprint else side.statement if side else None
        spend = held.spend_to(None, self.number, self.asset, self.amount) if held else None
        if side is None or spend is None or side.find(self.number, None, *notice.CLOSING):
            return Refused(Refusal.NO_SPEND, side.about() if side else None)
        return None

    def _second(self, counter: Counter, before: Kept, refused: Refused) -> Refused | None:
        """B5: compared with the chain it shares most with; done all the same if the double signer can pay for it."""
        if refused.code is Refusal.PAID:
            return refused
        earlier = self._earlier(before)
        other = self._nearest(counter, before)
        refused = refused._replace(evidence=other.instrument.encode())
        debtor = self._debtor(counter, other)
        full = len(earlier) >= MOST_PRESENTED or (debtor is not None and _charges(debtor) >= MOST_CHARGES)
        if counter.terms.second == REFUSE or debtor is None or full or not in_date(self.certificate, counter.now):
            return refused
        if counter.usable_of(debtor, self.asset) >= self.amount:
            return None
        # only where the debtor's funds decide is the debtor's statement named (S6)
        return refused._replace(about=debtor.about(), tell=counter.terms.second == LIEN and not self._liened(debtor))

    def _liened(self, debtor: Side) -> bool:
        """Whether a lien for this very chain waits already; its number alone may be another buyer's too."""
        liens = (debtor.opened(each.notice) for each in debtor.pending if each.kind == notice.LIEN)
        proofs = (notice.Notice.read(trusted(raw).body).enclosed or b"" for raw in liens)
        return any(same(read_instruments(proof)[1], self.instrument) for proof in proofs)

    def _earlier(self, before: Kept) -> list[Presented]:
        """What was presented before this chain first was: who owes for a chain never changes (B5)."""
        rows = before.presented
        at = next((at for at, each in enumerate(rows) if self._is_mine(each)), len(rows))
        return list(rows[:at])

    def _is_mine(self, presented: Presented) -> bool:
        return same(read_instrument(presented.instrument), self.instrument)

    def _nearest(self, counter: Counter, before: Kept) -> Chain:
        return nearest(self._chain(counter), [_chain_of(each, counter) for each in self._earlier(before)])

    def _chain(self, counter: Counter) -> Chain:
        return check_chain(self.instrument, self._bank_key(), counter.bank)

    def _debtor(self, counter: Counter, other: Chain) -> Side | None:
        """Who signed twice, if it has an account here and is neither redeemer nor bank."""
        mine = self._chain(counter)
        at = parting(mine, other)
        signer = None if at is None else mine.signer(at)
        if signer is None or signer in (counter.bank, counter.me.fingerprint):
            return None
        return counter.side(signer)

    def settle(self, counter: Counter, raw: bytes) -> Digest | None:
        """The buyer gets ``closedcertificate``; where it was redeemed before, the double signer is charged instead."""
        buyer = fingerprint(self.certificate.key)
        before = counter.kept(buyer, self.number)
        about = self._about(counter)
        if before is None or not before.presented:
            side = counter.side(buyer)
            if side is None:
                raise AssertionError("a certificate of nobody was redeemed")
            counter.notify(side, notice.REDEEMED, about, self.instrument.encode())
        else:
            self._charge(counter, before, notice.RECOVERED)
        self.remember(counter, paid=True)
        return None

    def _about(self, counter: Counter) -> Pending:
        me = counter.me.fingerprint
        return Pending(0, "", me, self.number, self.asset, self.amount, self.certificate.until)

    def _charge(self, counter: Counter, before: Kept, kind: str) -> None:
        """A debit to the double signer that is evidence like a cheque: both chains are in it (B5)."""
        other = self._nearest(counter, before)
        debtor = self._debtor(counter, other)
        if debtor is None:
            raise AssertionError("charged to nobody")
        counter.notify(debtor, kind, self._about(counter), self._proof(other))

    def _proof(self, other: Chain) -> bytes:
        """Both chains: the one presented before, and this one."""
        return cbor.encode((other.instrument.encode(), self.instrument.encode()))

    def lien(self, counter: Counter) -> None:
        """The double signer lacks the funds: a lien counts against it; called once the refusal is certain (B5)."""
        before = counter.kept(fingerprint(self.certificate.key), self.number)
        if before is None:
            raise AssertionError("a lien on what nobody redeemed")
        self._charge(counter, before, notice.LIEN)

    def remember(self, counter: Counter, *, paid: bool) -> None:
        """Keep the chain as presented, in its place, to compare later ones with; the same one once (B4, B5)."""
        buyer = fingerprint(self.certificate.key)
        before = counter.kept(buyer, self.number) or Kept(0, (), None)
        rows, at = list(before.presented), len(self._earlier(before))
        raw = rows[at].instrument if at < len(rows) else self.instrument.encode()
        rows[at : at + 1] = [Presented(raw, counter.letter, counter.me.fingerprint, paid)]
        if at < MOST_PRESENTED:
            until = max(self.certificate.until, before.until)
            counter.keep(buyer, self.number, Kept(until, tuple(rows), before.bounced))


def _charges(debtor: Side) -> int:
    return sum(each.kind in (notice.RECOVERED, notice.LIEN) for each in debtor.pending)


def _chain_of(presented: Presented, counter: Counter) -> Chain:
    instrument = read_instrument(presented.instrument)
    return check_chain(instrument, PublicKey(instrument.endorsements[-1][:32]), counter.bank)
