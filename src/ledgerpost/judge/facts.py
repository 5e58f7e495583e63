"""What the files prove against nobody: who has how much, what was paid, accepted, denied (the table's "paid or not").

And what contradicts it: an acceptance that the bank used against the spender and refused to the payee.
"""

from collections.abc import Iterator

from ledgerpost.errors import BadBytes, Refusal
from ledgerpost.judge.evidence import Evidence, NoCard, Told, Word
from ledgerpost.judge.presented import Outcome, outcomes, payments
from ledgerpost.judge.verdict import Finding, Settled
from ledgerpost.papers import notice as n
from ledgerpost.papers.agreement import Retraced
from ledgerpost.papers.denyreceipt import DenyReceipt
from ledgerpost.papers.instrument import paper_of
from ledgerpost.papers.proof import check_notice
from ledgerpost.sealed import identity_of, read
from ledgerpost.terms import Digest, Fingerprint

_ENDS = {n.CLOSED: "accepted", n.DENIED: "sent back", n.EXPIRED: "not taken before its end", n.WITHDRAWN: "withdrawn"}


def facts(evidence: Evidence) -> Iterator[Settled]:
    """Newest receipts, ended spends, claims given up, paid instruments: each once, whatever else is shown."""
    yield from _newest(evidence)
    yield from _ended(evidence)
    yield from _given_up(evidence)
    paid: dict[Digest, Settled] = {}
    for instrument, identity in payments(evidence):
        paper = paper_of(instrument.body)
        name = identity_of(read(instrument.body))
        words = f"number {paper.number} was paid"
        paid.setdefault(name, Settled(words, (name, identity), paper.bank, paper.asset, paper.amount))
    yield from paid.values()


def _newest(evidence: Evidence) -> Iterator[Settled]:
    """Newest receipt wins: older ones, and restored backups, prove nothing against it."""
    newest: dict[tuple[Fingerprint, Fingerprint], Word] = {}
    for word in sorted(evidence.words, key=lambda word: (word.statement.seq, word.identity)):
        newest[word.receipt.bank, word.receipt.party] = word
    for word in newest.values():
        if isinstance(word.retraced, Retraced):
            signed = "agreed by both" if word.retraced.agreed else "signed by the bank, and follows from signed letters"
            words = f"receipt {word.statement.seq} is the newest here: {signed}"
            yield Settled(words, (word.identity,), word.receipt.party)
            for asset, units in word.statement.balances:
                words = f"balance by receipt {word.statement.seq}"
                yield Settled(words, (word.identity,), word.receipt.party, asset, units)


def _ended(evidence: Evidence) -> Iterator[Settled]:
    for told in evidence.notices:
        notice = told.notice
        if notice.kind in _ENDS and _proven(evidence, told):
            spender = notice.other if notice.kind == n.WITHDRAWN else notice.party
            words = f"spend {notice.number} was {_ENDS[notice.kind]}"
            yield Settled(words, (told.identity,), spender or notice.party, notice.asset, notice.amount)


def _given_up(evidence: Evidence) -> Iterator[Settled]:
    """Releases of papers at hand: their signers have, or had, no claim on these any more (12.9)."""
    papers = {chain.identity: chain for _, chain in sorted(evidence.chains.items())}
    for release, signer, identity in evidence.releases():
        chain = papers.get(release.paper)
        if chain is not None and release.ends(chain, release.debtor):
            words = f"gave up any claim on {chain.paper.TYPE} {chain.paper.number} against one debtor"
            yield Settled(words, (chain.identity, identity), signer, release.asset, release.amount)


def _proven(evidence: Evidence, told: Told) -> bool:
    try:
        check_notice(told.notice, evidence.key_of)
    except (BadBytes, NoCard):
        return False
    return True


def both_ways(evidence: Evidence) -> Iterator[Finding]:
    """A payee's acceptance that the spender is shown as done, and that the payee is refused: the bank owes the payee.

    Of a denial nobody lost anything; the bank is at fault.
    """
    used = [each for each in evidence.notices if each.notice.kind in (n.CLOSED, n.DENIED)]
    every = tuple(outcomes(evidence))
    done = {each.written for each in every if each.result.code is Refusal.DONE}  # one letter may hold it twice
    for outcome in every:
        if outcome.written not in done:
            yield from (_told_other(outcome, each) for each in used if each.notice.enclosed == outcome.written)


def _told_other(outcome: Outcome, told: Told) -> Finding:
    notice = told.notice
    shown = (told.identity, outcome.answered.identity, outcome.word.identity)
    bank, party = outcome.word.receipt.bank, outcome.word.receipt.party
    if isinstance(outcome.order, DenyReceipt):
        words = f"the bank told the spender that spend {notice.number} was denied, and refused the denial"
        return Finding(bank, party, None, 0, "O2", words, shown)
    words = f"the bank told the spender that spend {notice.number} was accepted, and refused the acceptance"
    return Finding(bank, party, notice.asset, notice.amount, "O2", words, shown)
