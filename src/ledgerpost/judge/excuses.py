"""Refusals whose reason the bank's own signed documents contradict (S6).

Where it cost the party something that it could prove at once, the bank owes that; else it is at fault. Bank time is
what its receipt bears: that of the outcome where the letter is the receipt's newest, else a time no earlier.
"""

from collections.abc import Iterator

from ledgerpost.errors import BadBytes, Refusal
from ledgerpost.judge.evidence import Evidence
from ledgerpost.judge.presented import Outcome, Refused, falsely_paid, outcomes
from ledgerpost.judge.verdict import Finding, Missing, Need
from ledgerpost.papers import notice as n
from ledgerpost.papers.cancelspend import CancelSpend
from ledgerpost.papers.confirmreceipt import ConfirmReceipt
from ledgerpost.papers.contract import open_contract
from ledgerpost.papers.denyreceipt import DenyReceipt
from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.instrument import in_date
from ledgerpost.papers.issueasset import IssueAsset
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.orders import carried_out, fee_of
from ledgerpost.papers.redeemcertificate import RedeemCertificate
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.papers.stopcheque import StopCheque
from ledgerpost.papers.takein import TakeIn
from ledgerpost.statement import Statement
from ledgerpost.terms import Digest

BRINGS = (n.DENIED, n.EXPIRED, n.CREDITED)
"""Notices whose taking in brings value."""


# --- any order


def _anyhow(evidence: Evidence, outcome: Outcome) -> str | None:
    """What no order at all can be refused for, as this one was; None if the reason may be true."""
    code, letter = outcome.result.code, outcome.answered.letter
    terms = evidence.terms.get(letter.terms)
    unread = code in (Refusal.UNKNOWN_ORDER, Refusal.MALFORMED, Refusal.MISADDRESSED, Refusal.CHAIN)
    if unread and code is not _unfit(outcome):
        return "the bank refused as unreadable or unproven what reads and verifies"
    if code is Refusal.LATE and outcome.word.receipt.time <= letter.not_after:
        return "the bank refused as late what it answered in time"
    if code is Refusal.FEE and terms is not None and not fee_of(outcome.order, terms):
        return "the bank refused for a fee that its terms do not ask"
    return None


def _unfit(outcome: Outcome) -> Refusal | None:
    """What is wrong with the contract within an order that reads well itself (7.5)."""
    order, receipt = outcome.order, outcome.word.receipt
    if not isinstance(order, IssueAsset):
        return None
    try:
        _, sealed = open_contract(order.contract, receipt.bank)
    except BadBytes:
        return Refusal.MALFORMED
    return None if sealed.signer == receipt.party else Refusal.MISADDRESSED


# --- instruments


def excuse(evidence: Evidence, refused: Refused) -> Iterator[Finding | Missing]:
    """An instrument refused for a reason that concerns no drawer's account: the bank owes if the reason is false."""
    code = refused.result.code
    why = _anyhow(evidence, refused.outcome)
    if why is None and isinstance(refused.order, DepositCheque):
        if code is Refusal.DATES:
            yield from _dates(evidence, refused)
        elif code is Refusal.PAYEE and refused.chain.drawer != refused.creditor:
            why = "the bank refused as the drawer's own what another presented"
    elif why is None:
        why = _certificate(refused)
    if code is Refusal.ASSET and _kept(evidence, refused.outcome, refused.order.asset):
        why = "the bank refused an asset that it keeps balances of"
    if code is Refusal.PAID and falsely_paid(evidence, refused.outcome):
        why = "the bank says it was paid by a letter for which it was not"
    if why is not None:
        yield refused.owed(refused.bank, "S6", why)


def _dates(evidence: Evidence, refused: Refused) -> Iterator[Finding | Missing]:
    """In date by the bank's own time; it may still outlive its number, which only the chequebook tells (C1)."""
    paper, drawer = refused.chain.paper, refused.chain.drawer
    if not refused.outcome.newest or not in_date(paper, refused.outcome.word.receipt.time):
        return
    words = "the bank refused as out of date what its own time says was in date"
    claim = refused.owed(refused.bank, "S6", words)
    found = evidence.chequebook(refused.bank, drawer, paper.number)
    if found is None:
        open_ = f"whether cheque {paper.number} runs longer than its chequebook"
        yield refused.open(open_, Need("sequence", None, drawer, paper.number), claim)
    elif paper.until <= found[0].until:
        yield refused.owed(refused.bank, "S6", words, found[1])


def _certificate(refused: Refused) -> str | None:
    in_time = refused.outcome.word.receipt.time <= refused.chain.paper.until
    if refused.result.code is Refusal.EXPIRED and in_time:
        return "the bank refused as expired what its own time says was in date"
    if refused.result.code is Refusal.NO_SPEND and in_time:
        return "the bank refused its own certificate though it names nobody that it paid"
    return None


def _kept(evidence: Evidence, outcome: Outcome, asset: Digest) -> bool:
    """Whether the bank signed a balance in the asset before it said that it keeps no such asset."""
    bank, time = outcome.word.receipt.bank, outcome.word.receipt.time
    return outcome.newest and any(
        word.receipt.bank == bank and word.receipt.time < time and word.statement.balance(asset)
        for word in evidence.words
    )


# --- a party's other orders


def false_refusals(evidence: Evidence) -> Iterator[Finding]:
    """Orders refused, other than presentations, for what the bank's own documents contradict."""
    for outcome in outcomes(evidence):
        order = outcome.order
        if outcome.result.code and not isinstance(order, DepositCheque | RedeemCertificate):
            why = _anyhow(evidence, outcome) or _why(evidence, outcome)
            if why is not None:
                yield _found(outcome, why)


def _found(outcome: Outcome, why: str) -> Finding:
    receipt, order = outcome.word.receipt, outcome.order
    brings = isinstance(order, ConfirmReceipt) or (isinstance(order, TakeIn) and order.KIND in BRINGS)
    shown = (outcome.answered.identity, outcome.word.identity)
    words = f"letter {outcome.answered.letter.seq}, {order.TYPE}: {why}"
    if brings and isinstance(order, ConfirmReceipt | TakeIn):
        return Finding(receipt.bank, receipt.party, order.asset, order.amount, "S6", words, shown)
    return Finding(receipt.bank, receipt.party, None, 0, "S6", words, shown)


def _why(evidence: Evidence, outcome: Outcome) -> str | None:
    order = outcome.order
    if isinstance(order, ConfirmReceipt | DenyReceipt | TakeIn):
        return _taking(evidence, outcome, order)
    state = _before(evidence, outcome)
    if state is None:
        return None
    if isinstance(order, SpendTo):
        return _spending(evidence, outcome, order, state)
    if isinstance(order, CancelSpend):
        return _cancelling(evidence, outcome, order, state)
    return _stopping(outcome, order, state) if isinstance(order, StopCheque) else None


def _taking(evidence: Evidence, outcome: Outcome, order: ConfirmReceipt | DenyReceipt | TakeIn) -> str | None:
    """``confirmreceipt``, ``denyreceipt`` and the orders that take in any other notice."""
    code = outcome.result.code
    after = outcome.retraced.states.get(outcome.answered.letter.seq)
    if code is Refusal.TAKEN and after is not None and not after.has_taken(order.notice):
        return "the bank says that the notice was taken in, and its own statement says that it was not"
    if code is Refusal.WITHDRAWN and (told := evidence.told(outcome.result.part)):
        notice = told.notice
        if (notice.kind, notice.earlier, notice.party) != (n.WITHDRAWN, order.notice, outcome.word.receipt.party):
            return "the bank shows for the withdrawal a notice that is none"
    if code in (Refusal.NO_NOTICE, Refusal.EXPIRED) and _waited(evidence, outcome, order):
        return "the bank says that no such notice waits, and it signed that very notice"
    return None


def _waited(evidence: Evidence, outcome: Outcome, order: ConfirmReceipt | DenyReceipt | TakeIn) -> bool:
    """Whether a notice that says just what the order says was made before, and cannot have ended."""
    receipt = outcome.word.receipt
    if not outcome.newest or outcome.word.statement.has_taken(order.notice):
        return False
    return any(
        told.notice.notice == order.notice
        and told.notice.time < receipt.time
        and not evidence.declared.may_part(receipt, told.notice)
        and _says(told.notice, order)
        and (told.notice.kind not in n.ENDING or _in_time(told.notice, receipt.time))
        for told in evidence.notices_to(receipt.bank, receipt.party)
    )


def _in_time(notice: Notice, time: int) -> bool:
    """Whether a waiting spend was still open by time; other notices that end by time end in other ways too."""
    return notice.kind == n.RECEIPT and time <= notice.until


def _says(notice: Notice, order: ConfirmReceipt | DenyReceipt | TakeIn) -> bool:
    if (notice.number, notice.asset, notice.amount) != (order.number, order.asset, order.amount):
        return False
    if isinstance(order, TakeIn):
        return notice.kind == order.KIND and notice.earlier == getattr(order, "earlier", notice.earlier)
    return (notice.kind, notice.other) == (n.RECEIPT, order.spender)


def _before(evidence: Evidence, outcome: Outcome) -> Statement | None:
    """The statement that the order met: after the letter's earlier orders."""
    letter, answered, at = outcome.answered.letter, outcome.answered, outcome.at
    state = outcome.retraced.states.get(letter.seq - 1)
    if state is None:
        return None
    terms = evidence.terms.get(letter.terms)
    return carried_out(state, answered.written[:at], answered.results[:at], terms, letter)


def _spending(evidence: Evidence, outcome: Outcome, order: SpendTo, state: Statement) -> str | None:
    code, receipt = outcome.result.code, outcome.word.receipt
    block = state.block_of(order.number)
    if code is Refusal.NUMBER and block is not None and receipt.time <= block.until:
        return "the bank says that the number is not open, and its own statement has it open"
    if code is Refusal.PAYEE and order.payee not in (receipt.party, receipt.bank):
        return "the bank says that the payee cannot be paid, and it is neither the spender nor the bank"
    if code is Refusal.ASSET and (state.balance(order.asset) or _kept(evidence, outcome, order.asset)):
        return "the bank refused an asset that it keeps balances of"
    if code is Refusal.FUNDS and _covered(outcome, order, state):
        return "the bank says that it was not covered, and its own statement has the funds"
    return None


def _covered(outcome: Outcome, order: SpendTo, state: Statement) -> bool:
    """Whether the balance covers it, with no debit waiting then: none in the receipt, none taken in by this letter."""
    receipt = outcome.word.receipt
    waits = any(each.kind in n.DEBITS for each in receipt.pending)
    taken = any(isinstance(each.order, TakeIn) and each.order.KIND in n.DEBITS for each in outcome.answered.written)
    return outcome.newest and not waits and not taken and state.balance(order.asset) >= order.amount


def _cancelling(evidence: Evidence, outcome: Outcome, order: CancelSpend, state: Statement) -> str | None:
    code = outcome.result.code
    mine = state.spend_to(order.payee, order.number, order.asset, order.amount)
    if code is Refusal.NO_SPEND and mine is not None:
        return "the bank says that no such spend is outstanding, and its own statement has it"
    told = evidence.told(outcome.result.part)
    if code in (Refusal.CLOSED, Refusal.EXPIRED) and told and not _closes(told.notice, outcome, order):
        return "the bank shows for the spend's end a notice that does not say so"
    return None


def _closes(notice: Notice, outcome: Outcome, order: CancelSpend) -> bool:
    said = (notice.party, notice.number, notice.asset, notice.amount)
    return notice.kind in n.CLOSING and said == (outcome.word.receipt.party, order.number, order.asset, order.amount)


def _stopping(outcome: Outcome, order: StopCheque, state: Statement) -> str | None:
    if outcome.result.code is Refusal.NUMBER and all(state.all_open(*span) for span in order.spans):
        return "the bank says that a number is not open, and its own statement has it open"
    return None
