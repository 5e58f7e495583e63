"""What a party could use when the bank said that it lacked the funds: balance, credit, and the debits that waited (O1).

The refusal names the party's newest statement and its highest notice (S6); the answer is worked out from that receipt
and from the notices up to there, or names what of these is not here.
"""

from itertools import chain
from typing import NamedTuple

from ledgerpost.errors import BadBytes, Refusal
from ledgerpost.judge.evidence import Evidence, Held, NoCard, Word
from ledgerpost.judge.verdict import Need
from ledgerpost.papers import notice as n
from ledgerpost.papers.agreement import Retraced
from ledgerpost.papers.cancelspend import CancelSpend
from ledgerpost.papers.confirmreceipt import ConfirmReceipt
from ledgerpost.papers.createaccount import CreateAccount
from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.kinds import About
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.order import Order
from ledgerpost.papers.proof import charge_the_same, check_notice
from ledgerpost.papers.redeemcertificate import RedeemCertificate
from ledgerpost.papers.takein import ConfirmCreditedCertificate, ConfirmDeniedSpend, ConfirmExpiredSpend
from ledgerpost.statement import digest_of
from ledgerpost.terms import Amount, Digest, Fingerprint, Moment

CREDITS = (
    CancelSpend,
    ConfirmReceipt,
    ConfirmDeniedSpend,
    ConfirmExpiredSpend,
    ConfirmCreditedCertificate,
    DepositCheque,
    RedeemCertificate,
)
"""Orders that bring their amount."""


class Funds(NamedTuple):
    """Whether they covered the amount; None where ``need`` must come first. ``shown``: the receipt that tells."""

    covered: bool | None
    need: Need | None = None
    shown: tuple[Digest, ...] = ()


def statement_need(about: About, named: Held | None) -> Need:
    """The receipt that bears the statement which a refusal names, or what is missing beside it."""
    beside = None if named is None else named.word.need
    return beside or Need("receipt", about.digest, about.party, about.seq)


def belied(evidence: Evidence, bank: Fingerprint, about: About, since: Moment) -> Digest | None:
    """A receipt that shows that the statement named was not the party's newest at the time ``since`` or later (S6).

    It has another one under that sequence; or it is newer, and was signed before.
    """
    for held in evidence.held(bank, about.party):
        if held.statement.seq == about.seq and digest_of(held.statement.encode()) != about.digest:
            return held.word.identity
    for word in evidence.words_on(bank, about.party):
        if word.statement.seq > about.seq and word.receipt.time < since:
            return word.identity
    return None


def funds(evidence: Evidence, bank: Fingerprint, about: About, asset: Digest, amount: Amount, since: Moment) -> Funds:
    """Whether ``amount`` was covered at the statement that the bank named, at the time ``since`` or later.

    That it was not is answered only by a statement that follows from the party's own letters; that it was, by any that
    the bank signed.
    """
    lie = belied(evidence, bank, about, since)
    if lie is not None:
        return Funds(covered=True, shown=(lie,))
    named = evidence.named(bank, about.party, about.digest)
    if named is None:
        return Funds(None, statement_need(about, None))
    contract = evidence.contract(asset)
    if contract is None:
        return Funds(None, Need("contract", asset))
    credit = contract[0].head.limit if contract[1] == about.party else 0
    try:
        usable = named.statement.balance(asset) + credit - _debits(evidence, bank, about, asset, named)
    except NoCard as error:
        return Funds(None, error.need)
    if usable < amount:
        return _short(evidence, about, asset, named, amount - usable)
    wanted = unknown(evidence, named, about)
    return Funds(None, wanted) if wanted else Funds(True, None, (named.word.identity,))


def _short(evidence: Evidence, about: About, asset: Digest, named: Held, lacks: Amount) -> Funds:
    """Not covered: by a statement that the party signed too, or that the bank's own refusals did not make short.

    Else a bank refuses what comes in, in a second answer that the party never sees, and lets its cheque bounce.
    """
    if not named.proven:
        return Funds(None, statement_need(about, named))
    if agreed(evidence, named) or _refused_credit(evidence, named, asset) < lacks:
        return Funds(False, None, (named.word.identity,))
    return Funds(None, Need("letter", None, about.party, about.seq + 1))


def agreed(evidence: Evidence, named: Held) -> bool:
    """Whether the party itself signed that statement, beforehand or afterwards (L3)."""
    digest = digest_of(named.statement.encode())
    bank, party = named.statement.bank, named.statement.party
    base = any(word.receipt.base.statement == digest and _retraced(word) for word in evidence.words_on(bank, party))
    return base or any(
        letter.bank == bank and digest in (letter.expect, letter.seen.digest)
        for letter, writer in evidence.letters()
        if writer == party
    )


def _retraced(word: Word) -> bool:
    return isinstance(word.retraced, Retraced)


def _refused_credit(evidence: Evidence, named: Held, asset: Digest) -> Amount:
    """Units that orders refused since the base would have brought, had the bank done them."""
    state = named.statement
    words = (
        word.retraced for word in evidence.words_on(state.bank, state.party) if isinstance(word.retraced, Retraced)
    )
    return max(
        (_refused_in(each, state.seq, asset) for each in words if each.states.get(state.seq) == state), default=0
    )


def _refused_in(retraced: Retraced, seq: int, asset: Digest) -> Amount:
    later = (each for each in retraced.answered if retraced.base.seq < each.letter.seq <= seq)
    rows = (row for each in later for row in zip(each.written, each.results, strict=True))
    return sum(_brings(written.order, asset) for written, result in rows if result.code)


def _brings(order: Order | Refusal, asset: Digest) -> Amount:
    if isinstance(order, CreateAccount):
        return sum(each.amount for each in order.waiting if each.asset == asset)
    return order.amount if isinstance(order, CREDITS) and order.asset == asset else 0


def unknown(evidence: Evidence, named: Held, about: About) -> Need | None:
    """What is still unknown of the notices that waited at the refusal: the receipt itself, or one of them."""
    word = named.word
    if word.statement != named.statement:
        return Need("receipt", about.digest, about.party, about.seq)
    here = {told.notice.notice for told in evidence.notices_to(word.receipt.bank, about.party)}
    debits = [waits.notice for waits in word.receipt.pending if waits.kind in n.DEBITS]
    wanted = (each for each in chain(debits, _since(named, about)) if each not in here)
    first = next(wanted, None)
    return None if first is None else Need("notice", None, about.party, first)


def _since(named: Held, about: About) -> range:
    """Notices made after the receipt and before the refusal; a restore or a hostile bank makes very many of them."""
    return range(named.word.receipt.highest + 1, about.highest + 1)


def _debits(evidence: Evidence, bank: Fingerprint, about: About, asset: Digest, named: Held) -> int:
    """Units of the asset that debits count for which waited at the refusal, and are proven. Raises NoCard."""
    listed = {waits.notice for waits in named.word.receipt.pending}
    waited = (
        told.notice
        for told in evidence.notices_to(bank, about.party)
        if told.notice.notice in listed or told.notice.notice in _since(named, about)
    )
    charged: list[Notice] = []
    for each in waited:
        if each.asset == asset and _charges(evidence, named, each):
            charged += [] if any(charge_the_same(one, each) for one in charged) else [each]
    return sum(each.amount for each in charged)


def _charges(evidence: Evidence, named: Held, notice: Notice) -> bool:
    """Whether it is a debit that its party signed for, on a number still open if on one (N2).

    A false one is found against by itself, and charges nobody.
    """
    if notice.kind not in n.DEBITS or (notice.kind in n.ON_NUMBERS and not named.statement.block_of(notice.number)):
        return False
    try:
        check_notice(notice, evidence.key_of)
    except BadBytes:
        return False
    return True
