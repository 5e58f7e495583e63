"""Instruments that were presented: what the bank's receipts say became of them, and whether they were paid later."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ledgerpost.errors import BadBytes, Refusal
from ledgerpost.judge.evidence import Evidence, NoCard, Word
from ledgerpost.judge.verdict import Finding, Missing, Need
from ledgerpost.papers import notice as n
from ledgerpost.papers.agreement import Answered, Retraced
from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.instrument import Chain, Instrument, check_chain, identity_of_body, same
from ledgerpost.papers.order import Order
from ledgerpost.papers.proof import PRESENTED, PROOFS, presented_in, proof_in
from ledgerpost.papers.receipt import Result
from ledgerpost.papers.redeemcertificate import RedeemCertificate
from ledgerpost.sealed import checked_key, fingerprint
from ledgerpost.terms import Digest, Fingerprint, Moment

Presentation = DepositCheque | RedeemCertificate


class Outcome(NamedTuple):
    """What a receipt says became of one order of a letter; ``at`` is its place there."""

    word: Word
    retraced: Retraced
    answered: Answered
    at: int
    order: Order
    result: Result

    @property
    def written(self) -> bytes:
        """The order as it stands in the letter."""
        return self.answered.written[self.at].raw

    @property
    def newest(self) -> bool:
        """Whether the letter is the receipt's newest, so that the receipt's time is that of the outcome."""
        return self.answered.letter.seq == self.word.statement.seq


class Refused(NamedTuple):
    """An instrument that the bank refused, and the receipt that says so."""

    outcome: Outcome
    order: Presentation
    chain: Chain

    @property
    def creditor(self) -> Fingerprint:
        """The presenter."""
        return self.outcome.word.receipt.party

    @property
    def bank(self) -> Fingerprint:
        """Who refused."""
        return self.outcome.word.receipt.bank

    @property
    def since(self) -> Moment:
        """The bank's time of the refusal, as far as the receipt shows it; else 0."""
        return self.outcome.word.receipt.time if self.outcome.newest else 0

    @property
    def until(self) -> Moment:
        """The latest that the refusal can have been."""
        return self.outcome.word.receipt.time

    @property
    def result(self) -> Result:
        """The refusal."""
        return self.outcome.result

    def owed(self, debtor: Fingerprint, rule: str, words: str, *shown: Digest) -> Finding:
        """That ``debtor`` owes the presenter what it presented; ``shown`` comes after the refusal itself."""
        paper = self.chain.paper
        refusal = (self.chain.identity, self.outcome.answered.identity, self.outcome.word.identity)
        return Finding(debtor, self.creditor, paper.asset, paper.amount, rule, words, (*refusal, *shown))

    def open(self, words: str, need: Need, claim: Finding | None = None) -> Missing:
        """What the refusal leaves undecided."""
        return Missing(words, (need,), (self.outcome.word.identity,), claim)


def outcomes(evidence: Evidence) -> Iterator[Outcome]:
    """Every order of every letter that a receipt here answers, as far as it reads."""
    for word in evidence.words:
        if isinstance(word.retraced, Retraced):
            for answered in word.retraced.answered:
                rows = zip(answered.written, answered.results, strict=True)
                for at, (written, result) in enumerate(rows):
                    if isinstance(written.order, Order):
                        yield Outcome(word, word.retraced, answered, at, written.order, result)


def refusals(evidence: Evidence) -> Iterator[Refused]:
    """Instruments that were refused, by the time of the refusal."""
    found = sorted(outcomes(evidence), key=lambda each: (each.word.receipt.time, each.word.identity))
    for each in found:
        if isinstance(each.order, DepositCheque | RedeemCertificate) and each.result.code:
            yield Refused(each, each.order, chain_of(each.order))


def chain_of(order: Presentation) -> Chain:
    """As it was verified when the order was read."""
    bank = checked_key(order.endorsements[-1][:32])
    signer = order.drawer if isinstance(order, DepositCheque) else bank
    return check_chain(order.instrument, signer, fingerprint(bank))


def payments(evidence: Evidence) -> Iterator[tuple[Instrument, Digest]]:
    """Instruments that were paid, as presented, and what says so: a receipt, or a notice that proves it."""
    for each in outcomes(evidence):
        if isinstance(each.order, DepositCheque | RedeemCertificate):
            code = each.result.code
            if code is Refusal.DONE or (code is Refusal.PAID and not falsely_paid(evidence, each)):
                yield each.order.instrument, each.word.identity
    for told in evidence.notices:
        paid = _paid(evidence, told.notice)
        if paid is not None:
            yield paid, told.identity


def falsely_paid(evidence: Evidence, outcome: Outcome) -> bool:
    """Whether a refusal PAID names a letter that did not present this chain, or for which it was not paid (C2)."""
    named, order = outcome.result.letter, outcome.order
    if named is None or not isinstance(order, DepositCheque | RedeemCertificate):
        return True
    rows = [each for each in outcomes(evidence) if each.answered.identity == named]
    if not rows:
        return False
    mine = [
        each.result.code
        for each in rows
        if isinstance(each.order, DepositCheque | RedeemCertificate) and same(each.order.instrument, order.instrument)
    ]
    # refused as USED it may have been paid since, by a lien that was met
    return not any(code in (Refusal.DONE, Refusal.PAID, Refusal.USED) for code in mine)


def _paid(evidence: Evidence, notice: n.Notice) -> Instrument | None:
    try:
        if notice.kind in PRESENTED and notice.kind != n.BOUNCED:
            return presented_in(notice, evidence.key_of).instrument
        if notice.kind in PROOFS and notice.kind != n.LIEN:
            return proof_in(notice, evidence.key_of)[1].instrument
    except (BadBytes, NoCard):
        return None
    return None


def ended(paid: Iterable[Instrument], refused: Refused, *, of_all: bool) -> bool:
    """Whether it was paid after all: this presenter by this chain, or, ``of_all``, this cheque to anybody (C2)."""
    mine = refused.order.instrument
    if of_all:
        name = identity_of_body(mine.body)
        return any(identity_of_body(each.body) == name for each in paid)
    return any(same(each, mine) for each in paid)
