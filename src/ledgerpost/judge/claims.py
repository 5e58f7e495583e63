"""Claims of those whose instrument was refused, and proofs of who signed twice (C2, C3, B5; docs/spec.md 12.8)."""

from collections import defaultdict
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
    Instrument,
    check_chain,
    identity_of_body,
    in_date,
    paper_of,
    parting,
    read_instrument,
    read_instruments,
    same,
)
from ledgerpost.papers.receipt import Result
from ledgerpost.papers.redeemcertificate import RedeemCertificate
from ledgerpost.sealed import fingerprint
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
    rows: dict[tuple[Fingerprint, Fingerprint, int, bool], list[Chain]] = defaultdict(list)
    for _, chain in sorted(evidence.chains.items()):
        # two buyers may each have a number of this value
        rows[chain.paper.bank, _owner(chain), chain.paper.number, isinstance(chain.paper, Cheque)].append(chain)
    for chains in rows.values():
        for one, other in combinations(chains, 2):
            at = parting(one, other)
            if at is None or one.signer(at) != other.signer(at):
                continue
            rule, words = ("C3", "signed one number to two") if at == 0 else ("B5", "endorsed one instrument to two")
            first, second = sorted((one.bodies[at], other.bodies[at]))
            yield Finding(one.signer(at), None, None, 0, rule, words, (first, second))


def _owner(chain: Chain) -> Fingerprint:
    """Whose number it is: the drawer's, or the buyer's."""
    paper = chain.paper
    return fingerprint(paper.key) if isinstance(paper, Certificate) else chain.drawer


def claims(evidence: Evidence, now: Moment) -> Iterator[Finding | Missing]:
    """What each refused presenter is owed, and by whom, at the time ``now``; claims lapse with their grace (C2).

    One cheque is one claim on its drawer, that of its first presenter; but whoever signed it over to two owes each.
    """
    told: set[tuple[Fingerprint | None, Digest]] = set()
    for refused in sorted(_refused(evidence), key=lambda each: (each.word.receipt.time, each.word.identity)):
        for each in _decide(evidence, refused):
            if (open_ := _lapsed(evidence, refused, each, now)) is None:
                continue
            of_all = isinstance(refused.order, DepositCheque) and isinstance(each, Finding) and each.rule != "B5"
            key = (None if of_all else refused.creditor, refused.chain.identity)
            if key in told or _ended(evidence, refused, of_all=of_all):
                continue
            told.add(key)
            yield open_


def _lapsed(evidence: Evidence, refused: Refused, said: Finding | Missing, now: Moment) -> Finding | Missing | None:
    """What is left of it at the time ``now``: nothing after the instrument's end and grace."""
    if now <= refused.chain.paper.until:
        return said
    terms = evidence.terms.get(refused.answered.letter.terms)
    if terms is None:
        words = f"whether the claim on number {refused.order.number} has lapsed"
        return Missing(words, f"the terms {refused.answered.letter.terms.hex()[:16]}…", (refused.word.identity,))
    return said if now <= refused.chain.paper.until + terms.grace else None


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


def _ended(evidence: Evidence, refused: Refused, *, of_all: bool) -> bool:
    """Whether it was paid after all: this presenter by this chain, or, ``of_all``, this cheque to anybody (C2)."""
    mine, bank = refused.order.instrument, refused.word.receipt.bank
    done = (
        order.instrument
        for word in evidence.words
        if word.receipt.bank == bank and isinstance(word.retraced, Retraced)
        if of_all or word.receipt.party == refused.creditor
        for answered in word.retraced.answered
        for (_, order), result in zip(answered.written, answered.results, strict=True)
        if isinstance(order, DepositCheque | RedeemCertificate) and result.code in _PAID
    )
    told = (paid for each in evidence.notices if each.notice.bank == bank for paid in _paid(each.notice))
    return any(_is(paid, mine, of_all=of_all) for paid in (*done, *told))


_PAID = (Refusal.DONE, Refusal.PAID)


def _is(paid: Instrument, mine: Instrument, *, of_all: bool) -> bool:
    return identity_of_body(paid.body) == identity_of_body(mine.body) if of_all else same(paid, mine)


def _paid(notice: n.Notice) -> Iterator[Instrument]:
    """The instrument that a notice says was paid, as it was presented."""
    try:
        if notice.kind in (n.CLEARED, n.REDEEMED):
            found = read_instrument(notice.enclosed or b"")
        elif notice.kind in (n.RECOVERED, n.CREDITED):
            _, found = read_instruments(notice.enclosed or b"")
        else:
            return
        paper_of(found.body)
    except (BadBytes, ValueError):
        return
    yield found


def _decide(evidence: Evidence, refused: Refused) -> Iterator[Finding | Missing]:
    code = refused.result.code
    if code is Refusal.USED:
        yield from _used(evidence, refused)
    elif code in (Refusal.NUMBER, Refusal.FUNDS) and isinstance(refused.order, DepositCheque):
        yield from _standing(evidence, refused)


def _used(evidence: Evidence, refused: Refused) -> Iterator[Finding | Missing]:
    part, bank = refused.result.part, refused.word.receipt.bank
    winner = _shown(evidence, refused)
    if winner is None:
        words = f"who signed number {refused.order.number} twice"
        named = f"the instrument {part.hex()[:16]}… that was paid" if part else "the instrument that was paid"
        known = part is not None and part in evidence.parts
        needed = "the card of whoever signed the instrument that was paid" if known else named
        yield Missing(words, needed, (refused.word.identity,))
        return
    at = parting(refused.chain, winner)
    if at is None:
        return
    held = winner.holder
    if (winner.paper.bank, _owner(winner), winner.paper.number) != (
        bank,
        _owner(refused.chain),
        refused.chain.paper.number,
    ):
        words = "the bank refused it for another's instrument, which it shows"
        yield _owes(refused, bank, "S6", words, winner)
    elif held is None or fingerprint(held) != bank:
        yield _owes(refused, bank, "S6", "the bank refused it for an instrument that nobody handed to it", winner)
    elif at == 0 and isinstance(refused.order, DepositCheque):
        # after its end the number was free for another use than a second cheque (12.8)
        if isinstance(winner.paper, Cheque) or refused.word.receipt.time <= refused.chain.paper.until:
            yield _owes(refused, refused.chain.drawer, "C2", "the number was signed to another too", winner)
    elif at == 0:
        yield _owes(refused, bank, "B5", "the bank signed a certificate on a number that was used", winner)
    elif refused.chain.signer(at) == winner.signer(at):
        yield _owes(refused, winner.signer(at), "B5", "the instrument was endorsed to another too", winner)


def _shown(evidence: Evidence, refused: Refused) -> Chain | None:
    """The instrument that the refusal shows, if it lies here as evidence and verifies."""
    part = refused.result.part
    return evidence.chain(part) if part in evidence.parts else None


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
    if not in_date(paper, refused.word.receipt.time):
        if refused.word.receipt.time > paper.until:
            words = f"whether cheque {paper.number} was presented before its end"
            yield Missing(words, "the first receipt that answered its letter", (refused.word.identity,))
        return  # before its start nobody owes anything
    if refused.result.code is Refusal.FUNDS:
        bounced = evidence.told(refused.result.part)
        if bounced is None:
            words = f"whether the drawer was told that cheque {paper.number} was not covered"
            yield Missing(words, "the notice chequebounced that the refusal names", (refused.word.identity,))
            return
        if not _tells(bounced, refused) or _untold(evidence, bounced):
            words = "the bank never told the drawer what it told the presenter"
            yield _owes(refused, refused.word.receipt.bank, "C2", words)
            return
    if _belied(evidence, refused):
        words = "the bank refused it with a reason that its own signed statement of the drawer contradicts"
        yield _owes(refused, refused.word.receipt.bank, "S6", words)
        return
    why = "not covered" if refused.result.code is Refusal.FUNDS else "on a number used otherwise, or stopped"
    yield _owes(refused, refused.chain.drawer, "C2", f"cheque {paper.number} was {why}")


def _tells(bounced: n.Notice, refused: Refused) -> bool:
    """Whether it is a ``chequebounced`` to the drawer, about this number."""
    said = (bounced.bank, bounced.party, bounced.kind, bounced.number)
    return said == (refused.word.receipt.bank, refused.chain.drawer, n.BOUNCED, refused.chain.paper.number)


def _untold(evidence: Evidence, bounced: n.Notice) -> bool:
    """Whether a later receipt of the drawer lists that notice neither as pending nor as taken (C2)."""
    for word in evidence.words:
        receipt = word.receipt
        if (receipt.bank, receipt.party) == (bounced.bank, bounced.party) and receipt.highest >= bounced.notice:
            pending = any(waits.notice == bounced.notice for waits in receipt.pending)
            if not pending and not word.statement.has_taken(bounced.notice):
                return True
    return False


def _belied(evidence: Evidence, refused: Refused) -> bool:
    """Whether the drawer's receipt of just that statement shows the number open, or the amount there untouched.

    Or whether it has another statement under that sequence: then the one that the bank named was never the drawer's.
    """
    about, paper = refused.result.about, refused.chain.paper
    for word in evidence.words:
        if about is None or (word.receipt.bank, word.receipt.party) != (refused.word.receipt.bank, about.party):
            continue
        if word.statement.seq == about.seq and digest_of(word.receipt.statement) != about.digest:
            return True
        if digest_of(word.receipt.statement) != about.digest or word.receipt.highest != about.highest:
            continue
        if refused.result.code is Refusal.NUMBER:
            block = word.statement.block_of(paper.number)
            charged = any((waits.kind, waits.number) == (n.CLEARED, paper.number) for waits in word.receipt.pending)
            fits = block is not None and not charged and refused.word.receipt.time <= block.until
        else:
            charged = any(waits.kind in n.DEBITS for waits in word.receipt.pending)
            fits = not charged and word.statement.balance(paper.asset) >= paper.amount
        if fits:
            return True
    return False
