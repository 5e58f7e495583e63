"""What these files cannot show, and which document would: nobody is found against for what is not here.

A letter without its answer, a newer receipt that somebody names, a notice that is listed and not here, a second
paper under a number. None of it is a claim; it tells whom to ask for what.
"""

from collections.abc import Iterable, Iterator

from ledgerpost.errors import BadBytes, Refusal
from ledgerpost.judge.evidence import Evidence
from ledgerpost.judge.presented import outcomes, payments, refusals
from ledgerpost.judge.verdict import Finding, Missing, Need
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.confirmreceipt import ConfirmReceipt
from ledgerpost.papers.createaccount import CreateAccount
from ledgerpost.papers.denyreceipt import DenyReceipt
from ledgerpost.papers.instrument import identity_of_body
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.order import Order
from ledgerpost.statement import digest_of, read_statement
from ledgerpost.terms import Digest, Fingerprint

Pair = tuple[Fingerprint, Fingerprint]


def gaps(evidence: Evidence) -> Iterator[Missing]:
    """Everything that a document not here might still show."""
    yield from _unanswered(evidence)
    yield from _listed(evidence)
    yield from _named(evidence)
    yield from _papers(evidence)
    yield from _terms(evidence)
    yield from _brought(evidence)
    yield from _contracts(evidence)
    yield from _ends(evidence)
    yield from _assets(evidence)
    for _, party in _pairs(evidence):
        words = f"whether the bank signed {party.hex()[:16]}… anything newer, or something else under the same number"
        yield Missing(words, (Need("receipt", None, party), Need("notice", None, party)), ())


def _pairs(evidence: Evidence) -> list[Pair]:
    """Every bank and party that any document is about."""
    words = {(word.receipt.bank, word.receipt.party) for word in evidence.words}
    told = {(each.notice.bank, each.notice.party) for each in evidence.notices}
    letters = {(letter.bank, writer) for letter, writer, _ in _letters(evidence)}
    return sorted(words | told | letters | set(_shown(evidence)))


def _shown(evidence: Evidence) -> Iterator[Pair]:
    """Of statements that lie here by themselves: nobody signed them there, but somebody's receipt may bear them."""
    for raw in evidence.parts.values():
        try:
            statement = read_statement(raw)
        except BadBytes:
            continue
        yield statement.bank, statement.party


def given_up(evidence: Evidence, findings: Iterable[Finding]) -> Iterator[Missing]:
    """What is owed for a paper may have been released: the debtor has that, if anybody has (12.9)."""
    papers = {chain.identity for chain in evidence.chains.values()}
    for found in findings:
        if found.asset is not None and found.creditor is not None and found.shown[0] in papers:
            words = f"whether {found.creditor.hex()[:16]}… has given the claim up"
            yield Missing(words, (Need("release", None, found.creditor),), found.shown[:1])


def _letters(evidence: Evidence) -> Iterator[tuple[Letter, Fingerprint, Digest]]:
    for identity, sealed in sorted(evidence.sealed.items()):
        try:
            if sealed.type == Letter.TYPE:
                yield Letter.read(sealed.body), sealed.signer, identity
        except BadBytes:
            continue


def _unanswered(evidence: Evidence) -> Iterator[Missing]:
    """A letter whose answer is not here: that the bank did not answer is nothing that a file can show."""
    answered = {answer.letter for word in evidence.words for answer in word.receipt.answers}
    based = {word.receipt.base.letter for word in evidence.words}
    for letter, writer, identity in _letters(evidence):
        if identity not in answered and identity not in based:
            words = f"what became of letter {letter.seq} of {writer.hex()[:16]}…"
            yield Missing(words, (Need("receipt", None, writer, letter.seq),), (identity,))


def _listed(evidence: Evidence) -> Iterator[Missing]:
    """Notices that a receipt lists as waiting, and that are not here."""
    here = {(each.notice.bank, each.notice.party, each.notice.notice) for each in evidence.notices}
    for word in evidence.words:
        receipt = word.receipt
        for waits in receipt.pending:
            if (receipt.bank, receipt.party, waits.notice) not in here:
                words = f"what notice {waits.notice} ({waits.kind}) of {receipt.party.hex()[:16]}… says"
                yield Missing(words, (Need("notice", None, receipt.party, waits.notice),), (word.identity,))


def _named(evidence: Evidence) -> Iterator[Missing]:
    """Statements that a letter, notice or refusal names, newer than what is here: somebody holds that receipt (S6)."""
    states = (held.statement for pair in _pairs(evidence) for held in evidence.held(*pair))
    here = {digest_of(state.encode()) for state in states}
    seen = ((who, each.seen.seq, each.seen.digest, by) for each, who, by in _letters(evidence))
    told = ((each.notice.party, each.notice.seq, each.notice.digest, each.identity) for each in evidence.notices)
    about = (
        (each.result.about.party, each.result.about.seq, each.result.about.digest, each.word.identity)
        for each in outcomes(evidence)
        if each.result.about is not None
    )
    for party, seq, digest, by in dict.fromkeys((*seen, *told, *about)):
        if seq and digest not in here:
            words = f"what statement {seq} of {party.hex()[:16]}… says, which is named"
            yield Missing(words, (Need("receipt", digest, party, seq),), (by,))


def _terms(evidence: Evidence) -> Iterator[Missing]:
    """Terms that a letter names: whether a fee was due, and how long the grace is."""
    for letter, writer, identity in _letters(evidence):
        if letter.terms not in evidence.terms:
            words = f"what the terms say that letter {letter.seq} of {writer.hex()[:16]}… was written under"
            yield Missing(words, (Need("terms", letter.terms, letter.bank),), (identity,))


def _ends(evidence: Evidence) -> Iterator[Missing]:
    """Spends whose end the payee was refused: the spender may have been told otherwise (O2)."""
    for outcome in outcomes(evidence):
        for spender in _spenders(outcome.order) if outcome.result.code else ():
            words = f"how a spend of {spender.hex()[:16]}… ended, which the bank refused to end"
            yield Missing(words, (Need("notice", None, spender),), (outcome.answered.identity,))


def _spenders(order: Order) -> tuple[Fingerprint, ...]:
    if isinstance(order, CreateAccount):
        return tuple(waits.spender for waits in order.waiting)
    return (order.spender,) if isinstance(order, ConfirmReceipt | DenyReceipt) else ()


def _assets(evidence: Evidence) -> Iterator[Missing]:
    """Assets that the bank says it does not keep: anybody's older receipt may have a balance in it."""
    for outcome in outcomes(evidence):
        if outcome.result.code is Refusal.ASSET:
            words = "whether the bank kept the asset that it refused"
            yield Missing(words, (Need("receipt"),), (outcome.word.identity,))


def _contracts(evidence: Evidence) -> Iterator[Missing]:
    """Contracts of instruments that were refused for somebody's funds: its issuer may go below nothing (O6)."""
    for refused in refusals(evidence):
        asset = refused.order.asset
        if refused.result.about is not None and asset not in evidence.sealed:
            words = f"who issues the asset of number {refused.order.number}, and up to what limit"
            yield Missing(words, (Need("contract", asset),), (refused.outcome.word.identity,))


def _brought(evidence: Evidence) -> Iterator[Missing]:
    """Chequebooks, certificates and evidence that a receipt names and that are not here."""
    for outcome in outcomes(evidence):
        part, party = outcome.result.part, outcome.word.receipt.party
        if part is not None and part not in evidence.parts and part not in evidence.sealed:
            words = f"what receipt {outcome.word.statement.seq} of {party.hex()[:16]}… names beside it"
            yield Missing(words, (Need("part", part, party),), (outcome.word.identity,))


def _papers(evidence: Evidence) -> Iterator[Missing]:
    """Cheques and certificates: whether another was signed under the number, and whether this one was paid."""
    paid = {identity_of_body(instrument.body) for instrument, _ in payments(evidence)}
    seen: set[Digest] = set()
    for _, chain in sorted(evidence.chains.items()):
        paper, name = chain.paper, chain.identity
        if name in seen:
            continue
        seen.add(name)
        kind = "cheque" if isinstance(paper, Cheque) else "certificate"
        owner = chain.drawer if isinstance(paper, Cheque) else None
        words = f"whether another was signed under number {paper.number}, or {kind} {paper.number} to another"
        again = (
            (Need("sequence", None, owner, paper.number),) if owner else ()
        )  # given out twice, it may be drawn twice
        yield Missing(words, (Need("instrument", None, owner, paper.number), *again), (name,))
        if name not in paid:
            needs = (Need("receipt"), Need("notice", None, owner))
            yield Missing(f"whether {kind} {paper.number} was presented, and what became of it", needs, (name,))
    for outcome in outcomes(evidence):
        letter = outcome.result.letter
        if outcome.result.code is Refusal.PAID and letter is not None and letter not in evidence.sealed:
            words = "by which letter an instrument was paid before"
            yield Missing(words, (Need("letter", letter, outcome.word.receipt.party),), (outcome.word.identity,))
