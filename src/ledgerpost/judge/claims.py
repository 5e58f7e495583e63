"""Claims of those whose instrument was refused, and proofs of who signed twice (C2, C3, B5; docs/spec.md 12.8)."""

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

from ledgerpost.errors import BadBytes, Refusal
from ledgerpost.judge.evidence import Evidence, Word
from ledgerpost.judge.verdict import Finding, Missing
from ledgerpost.papers import notice as n
from ledgerpost.papers.agreement import Answered, Retraced
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.instrument import (
    Chain,
    check_chain,
    identity_of_body,
    parting,
    read_instrument,
    read_instruments,
)
from ledgerpost.papers.receipt import Result
from ledgerpost.papers.redeemcertificate import RedeemCertificate
from ledgerpost.papers.terms import Terms
from ledgerpost.sealed import fingerprint, trusted
from ledgerpost.statement import digest_of
from ledgerpost.terms import Digest, Fingerprint, Moment

Presentation = DepositCheque | RedeemCertificate


class Refused(NamedTuple):
    """An instrument that the bank refused, as its receipt says it; ``word`` is that receipt."""

    word: Word
    answered: Answered
    order: Presentation
    result: Result
    chain: Chain

    @property
    def creditor(self) -> Fingerprint:
        """The presenter."""
        return self.word.receipt.party


def twice(evidence: Evidence) -> Iterator[Finding]:
    """Whoever signed two bodies that part: two cheques under one number, or one holder's two endorsements (C3, B5)."""
    chains = sorted(evidence.chains.items())
    for (_, one), (_, other) in combinations(chains, 2):
        at = parting(one, other)
        same = (one.paper.bank, one.drawer, one.paper.number) == (other.paper.bank, other.drawer, other.paper.number)
        kinds = isinstance(one.paper, Cheque) == isinstance(other.paper, Cheque)
        if at is None or not same or not kinds or one.signer(at) != other.signer(at):
            continue
        if at == 0 and _owner(one) != _owner(other):
            continue  # two buyers may each have a number of this value
        rule, words = ("C3", "signed one number to two") if at == 0 else ("B5", "endorsed one instrument to two")
        yield Finding(one.signer(at), None, None, 0, rule, words, (one.bodies[at], other.bodies[at]))


def _owner(chain: Chain) -> Fingerprint:
    """Whose number it is: the drawer's, or the buyer's."""
    paper = chain.paper
    return fingerprint(paper.key) if isinstance(paper, Certificate) else chain.drawer


def claims(evidence: Evidence, now: Moment) -> Iterator[Finding | Missing]:
    """What each refused presenter is owed, and by whom, at the time ``now``; claims lapse with their grace (C2)."""
    told: set[tuple[Fingerprint, Digest]] = set()
    for refused in sorted(_refused(evidence), key=lambda each: (each.word.receipt.time, each.word.identity)):
        key = (refused.creditor, refused.chain.identity)
        if key in told or _ended(evidence, refused) or now > refused.chain.paper.until + _grace(evidence, refused):
            continue
        for each in _decide(evidence, refused):
            told.add(key)
            yield each


def _refused(evidence: Evidence) -> Iterator[Refused]:
    for word in evidence.words:
        if isinstance(word.retraced, Retraced):
            for answered in word.retraced.answered:
                for written, result in zip(answered.written, answered.results, strict=True):
                    order = written.order
                    if isinstance(order, DepositCheque | RedeemCertificate) and result.code:
                        yield Refused(word, answered, order, result, _chain_of(order))


def _chain_of(order: Presentation) -> Chain:
    """As verified when the order was read."""
    bank = order.endorsements[-1][:32]
    signer = order.drawer if isinstance(order, DepositCheque) else bank
    return check_chain(order.instrument, signer, fingerprint(bank))  # type: ignore[arg-type]


def _grace(evidence: Evidence, refused: Refused) -> int:
    found = evidence.parts.get(refused.answered.letter.terms)
    return Terms.read(trusted(found).body).grace if found else Terms(refused.word.receipt.bank, 1, 0).grace


def _ended(evidence: Evidence, refused: Refused) -> bool:
    """Whether this very instrument was paid to this presenter after all, by its own receipts or another's notice."""
    identity = refused.chain.identity
    for word in evidence.words:
        if word.receipt.party == refused.creditor and isinstance(word.retraced, Retraced):
            for answered in word.retraced.answered:
                for written, result in zip(answered.written, answered.results, strict=True):
                    order = written.order
                    if (
                        isinstance(order, DepositCheque | RedeemCertificate)
                        and result.code in (Refusal.DONE, Refusal.PAID)
                        and identity_of_body(order.signed) == identity
                    ):
                        return True
    return any(_pays(told.notice, identity, refused.creditor) for told in evidence.notices)


def _pays(notice: n.Notice, identity: Digest, creditor: Fingerprint) -> bool:
    try:
        if notice.kind in (n.CLEARED, n.REDEEMED) and notice.other == creditor:
            return identity_of_body(read_instrument(notice.enclosed or b"").body) == identity
        if notice.kind == n.CREDITED and notice.party == creditor:
            return identity_of_body(read_instruments(notice.enclosed or b"")[1].body) == identity
    except BadBytes:
        return False
    return False


def _decide(evidence: Evidence, refused: Refused) -> Iterator[Finding | Missing]:
    code = refused.result.code
    if code is Refusal.USED:
        yield from _used(evidence, refused)
    elif code in (Refusal.NUMBER, Refusal.FUNDS) and isinstance(refused.order, DepositCheque):
        yield from _standing(evidence, refused)


def _used(evidence: Evidence, refused: Refused) -> Iterator[Finding | Missing]:
    winner = evidence.chain(refused.result.part)
    if winner is None:
        words = f"who signed number {refused.order.number} twice"
        yield Missing(words, "the key of whoever signed the instrument that was paid", (refused.word.identity,))
        return
    at = parting(refused.chain, winner)
    if at is None:
        return
    if (_owner(winner), winner.paper.number) != (_owner(refused.chain), refused.chain.paper.number):
        words = "the bank refused it for another's instrument, which it shows"
        yield _owes(refused, refused.word.receipt.bank, "S6", words, winner)
    elif at == 0 and isinstance(refused.order, DepositCheque):
        if refused.word.receipt.time <= refused.chain.paper.until:  # later its number was free for another use (12.8)
            yield _owes(refused, refused.chain.drawer, "C2", "the number was signed to another too", winner)
    elif refused.chain.signer(at) == winner.signer(at):
        words = "the bank signed two certificates" if at == 0 else "the instrument was endorsed to another too"
        yield _owes(refused, refused.chain.signer(at), "B5", words, winner)


def _owes(refused: Refused, debtor: Fingerprint, rule: str, words: str, winner: Chain | None = None) -> Finding:
    paper = refused.chain.paper
    shown: tuple[Digest, ...] = (refused.chain.identity, refused.answered.identity, refused.word.identity)
    shown += () if winner is None else (winner.identity,)
    return Finding(debtor, refused.creditor, paper.asset, paper.amount, rule, words, shown)


def _standing(evidence: Evidence, refused: Refused) -> Iterator[Finding | Missing]:
    """Not open, or not covered: the drawer owes, unless its own receipt of the bank's says otherwise (S6)."""
    about, paper = refused.result.about, refused.chain.paper
    if about is None or about.party != refused.chain.drawer:
        return
    if _belied(evidence, refused):
        words = "the bank refused it with a reason that its own signed statement of the drawer contradicts"
        yield _owes(refused, refused.word.receipt.bank, "S6", words)
        return
    why = "not covered" if refused.result.code is Refusal.FUNDS else "on a number used otherwise, or stopped"
    yield _owes(refused, refused.chain.drawer, "C2", f"cheque {paper.number} was {why}")


def _belied(evidence: Evidence, refused: Refused) -> bool:
    """Whether the drawer's receipt of just that statement shows the number open, or the amount there untouched."""
    about, paper = refused.result.about, refused.chain.paper
    for word in evidence.words:
        said = (word.receipt.bank, word.receipt.party, digest_of(word.receipt.statement))
        if about is None or said != (refused.word.receipt.bank, about.party, about.digest):
            continue
        block = word.statement.block_of(paper.number)
        charged = any(waits.kind in n.DEBITS for waits in word.receipt.pending)
        unchanged = word.receipt.highest == about.highest and not charged
        if refused.result.code is Refusal.NUMBER:
            return block is not None and refused.word.receipt.time <= block.until and unchanged
        return unchanged and word.statement.balance(paper.asset) >= paper.amount
    return False
