"""Debits that nobody signed for: a notice that takes something must hold the signature of whom it charges (N2, B5)."""

from collections.abc import Iterator

from ledgerpost.errors import BadBytes
from ledgerpost.judge.evidence import Evidence, Told
from ledgerpost.judge.verdict import Finding, Missing
from ledgerpost.papers import notice as n
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.depositcheque import ends_here
from ledgerpost.papers.instrument import (
    Chain,
    Instrument,
    check_chain,
    claim_of,
    in_date,
    paper_of,
    parting,
    read_instrument,
    read_instruments,
)
from ledgerpost.papers.notice import Notice
from ledgerpost.sealed import fingerprint
from ledgerpost.statement import Statement, digest_of


class _Unknown(Exception):
    """The card that would show whether the debit was signed for is not here."""


def debits(evidence: Evidence) -> Iterator[Finding | Missing]:
    """The bank owes what it charged without the signature of whom it charged, out of date, or on a number not open."""
    for told in evidence.notices:
        notice = told.notice
        if notice.kind not in (*n.DEBITS, n.REDEEMED):
            continue
        try:
            wrong = _wrong(evidence, notice)
        except BadBytes as error:
            wrong = error.what
        except _Unknown:
            words = f"whether notice {notice.notice} of {notice.party.hex()[:16]}… was signed for"
            yield Missing(words, f"the card of the party {notice.party.hex()[:16]}…", (told.identity,))
            continue
        if wrong:
            yield _owes(told, wrong)


def _owes(told: Told, wrong: str) -> Finding:
    notice = told.notice
    words = f"notice {notice.notice} takes {notice.amount} that were not signed away: {wrong}"
    return Finding(notice.bank, notice.party, notice.asset, notice.amount, "N2", words, (told.identity,))


def _wrong(evidence: Evidence, notice: Notice) -> str:
    """Why the notice proves no debit; empty if it proves one. Raises BadBytes for what does not read or verify."""
    if notice.kind in (n.RECOVERED, n.LIEN):
        chains = [_chain(evidence, notice, each) for each in read_instruments(notice.enclosed or b"")]
        if len(chains) != 2:
            return "two chains belong in it"
        at = parting(*chains)
        if at is None or {chain.signer(at) for chain in chains} != {notice.party}:
            return "the two chains in it do not part at the debtor's signature"
        return _differs(chains[1], notice)
    instrument = read_instrument(notice.enclosed or b"")
    if notice.kind == n.CLEARED and claim_of(instrument.body).signer != notice.party:
        return "another signed what is in it"
    chain = _chain(evidence, notice, instrument)
    paper = chain.paper
    certificate = isinstance(paper, Certificate)
    if certificate != (notice.kind == n.REDEEMED):
        return "it is about another kind of instrument"
    if isinstance(paper, Certificate) and fingerprint(paper.key) != notice.party:
        return "another bought what is in it"
    if notice.kind == n.CLEARED and not in_date(paper, notice.time):
        return "the cheque was charged before its start or after its end"
    if notice.kind == n.CLEARED and any(
        state.block_of(notice.number) is None for state in _states(evidence, notice) if state.seq
    ):
        return "its number was not open when it was charged"
    return _differs(chain, notice)


def _differs(chain: Chain, notice: Notice) -> str:
    paper = chain.paper
    if (paper.number, paper.asset, paper.amount) != (notice.number, notice.asset, notice.amount):
        return "it is about another cheque or certificate than the one in it"
    if notice.key is None or fingerprint(notice.key) != notice.other or not ends_here(chain, notice.bank, notice.key):
        return "nobody handed what is in it to the bank"
    return ""


def _chain(evidence: Evidence, notice: Notice, instrument: Instrument) -> Chain:
    """Verified; the signer is the party charged, or the bank. Raises BadBytes, or _Unknown for want of a card."""
    certificate = isinstance(paper_of(instrument.body), Certificate)
    signer = claim_of(instrument.body).signer
    key = evidence.keys.get(signer)
    if key is None and certificate and instrument.endorsements:
        last = instrument.endorsements[-1][:32]
        key = evidence.keys.get(fingerprint(last))
    if key is None:
        raise _Unknown
    return check_chain(instrument, key, notice.bank)


def _states(evidence: Evidence, notice: Notice) -> Iterator[Statement]:
    """The very statement that the notice names, from any receipt at hand."""
    for word in evidence.words:
        said = (word.receipt.bank, word.receipt.party, digest_of(word.receipt.statement))
        if said == (notice.bank, notice.party, notice.digest):
            yield word.statement
