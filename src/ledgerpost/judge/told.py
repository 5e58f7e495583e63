"""Notices one by one: each must hold the signature of whom it takes from, and fit what the bank signed before (N2, B5).

The proofs are those a wallet asks for (``papers.proof``); what the judge has besides are the party's receipts.
"""

from collections.abc import Iterator

from ledgerpost.errors import BadBytes, WrongShape
from ledgerpost.judge.evidence import Evidence, NoCard, Told
from ledgerpost.judge.verdict import Finding, Missing
from ledgerpost.papers import notice as n
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.proof import check_closing, check_notice
from ledgerpost.statement import Statement, digest_of

TAKES = (*n.DEBITS, n.CLOSED, n.REDEEMED, n.WITHDRAWN)
"""Notices that take something from the party they go to: value, a spend that could come back, one that could come."""


def unproven(evidence: Evidence) -> Iterator[Finding | Missing]:
    """The bank owes what its notices take without proof, and is at fault for any other that proves nothing."""
    for told in evidence.notices:
        try:
            check_notice(told.notice, evidence.key_of)
            _check_number(evidence, told.notice)
        except NoCard as error:
            words = f"whether notice {told.notice.notice} of {told.notice.party.hex()[:16]}… was signed for"
            yield Missing(words, (error.need,), (told.identity,))
        except BadBytes as error:
            yield _owes(told, error.what)
        else:
            yield from _closes_another(evidence, told)


def _owes(told: Told, why: str) -> Finding:
    notice = told.notice
    taken = notice.kind in TAKES
    words = f"notice {notice.notice} takes {notice.amount} that were not signed away" if taken else "a notice is false"
    asset, amount = (notice.asset, notice.amount) if taken else (None, 0)
    rule = "N2" if notice.kind in n.DEBITS else "L2"
    return Finding(notice.bank, notice.party, asset, amount, rule, f"{words}: {why}", (told.identity,))


def _check_number(evidence: Evidence, notice: Notice) -> None:
    """A cheque is charged only on a number that is open then; none opens again. Raises BadBytes."""
    if notice.kind not in n.ON_NUMBERS:
        return
    for state, at_most in _before(evidence, notice):
        block = state.block_of(notice.number)
        if block is None and (state.highest >= notice.number or at_most):
            raise WrongShape("its number was not open when it was charged")
        if block is not None and notice.time > block.until:
            raise WrongShape("its number was past its end when it was charged")


def _before(evidence: Evidence, notice: Notice) -> Iterator[tuple[Statement, bool]]:
    """The party's statements from before the notice, and whether it is the very one that the notice names (S6)."""
    for word in evidence.words_beside(notice):
        named = digest_of(word.receipt.statement) == notice.digest
        if named or (word.receipt.highest < notice.notice and word.receipt.time <= notice.time):
            yield word.statement, named


def _closes_another(evidence: Evidence, told: Told) -> Iterator[Finding]:
    """A closing of another spend than the one outstanding under its number; the spend's amount is owed."""
    notice = told.notice
    for held in evidence.held_beside(notice):
        spend = held.statement.spend(notice.number)
        try:
            check_closing(notice, spend)
        except BadBytes as error:
            asset, amount = (spend.asset, spend.amount) if spend and notice.kind in TAKES else (None, 0)
            words = f"notice {notice.notice}: {error.what}"
            shown = (told.identity, held.word.identity)
            yield Finding(notice.bank, notice.party, asset, amount, "O2", words, shown)
            return
