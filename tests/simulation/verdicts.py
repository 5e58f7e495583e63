"""The real judge over everybody's documents, at the end of a run: it must agree with what the town knows to be true.

Nobody honest may be found against but for a true debt. Who signed twice, and holds nothing back, must be.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from ledgerpost.bank.keys import SETTLED
from ledgerpost.bank.records import SettledRecord, read_record
from ledgerpost.judge.court import judge
from ledgerpost.judge.verdict import Finding, Verdict
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.declaration import Declaration
from ledgerpost.papers.instrument import check_offline, parting, read_instrument
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.sequence import Sequence
from ledgerpost.sealed import fingerprint, identity_of, is_message, read
from ledgerpost.terms import Fingerprint
from simulation.falsequarter import FalseQuarter
from simulation.ledger import must
from simulation.quarter import Quarter
from simulation.relapse import RelapseWatch
from simulation.streets import Streets


def judged(quarter: Streets) -> Counter[str]:
    """Judge all that anybody holds, or held in what is kept of the past; what was found, in counts. Raises Broken."""
    files = (*quarter.cards(), *dict.fromkeys((*quarter.files.kept, *quarter.papers())))
    verdict = _spares_the_honest(quarter, files)
    if isinstance(quarter, Quarter) and isinstance(quarter.watch, RelapseWatch) and quarter.watch.lost:
        _spares_the_honest(quarter, _held_back(quarter, files))
    met = Counter(f"judge: {each.rule} {_who(quarter, each.debtor)}" for each in verdict.findings)
    if isinstance(quarter, Quarter):
        met += _convicted(quarter, verdict.findings)
    met["judge: towns judged"] += 1
    met["judge: documents"] += len(files)
    if isinstance(quarter, FalseQuarter):
        met["judge: false banks convicted"] += _finds_bank(quarter, verdict)
        met += _contradictions(quarter)
    return met


def _spares_the_honest(quarter: Streets, files: tuple[bytes, ...]) -> Verdict:
    """What these files prove. Raises Broken if it is against somebody honest."""
    verdict = judge(files, quarter.bank.now)
    if isinstance(quarter, Quarter) and isinstance(quarter.watch, RelapseWatch) and quarter.watch.lost:
        quarter.paid = quarter.watch.paid()
    wrong = quarter.wrong(verdict.findings, frozenset(files), quarter.bank.now)
    if isinstance(quarter, Quarter) and isinstance(quarter.watch, RelapseWatch):
        wrong = [each for each in wrong if not _is_price(quarter, each, files)]
    must(not wrong, f"the judge found against somebody honest: {[(each.rule, each.words) for each in wrong]}")
    return verdict


def _held_back(quarter: Quarter, files: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Without what rogues declared and the bank has lost, with a second loss: they need not show it."""
    with quarter.bank.store.snapshot() as snapshot:
        records = (read_record(SettledRecord, raw, key) for key, raw in snapshot.under(SETTLED))
        kept = {word for record in records for word in record.words}
    rogues = {each.me for each in quarter.rogues}
    return tuple(
        raw
        for raw in files
        if raw in kept or not is_message(raw) or read(raw).type != Declaration.TYPE or read(raw).signer not in rogues
    )


_BY_CERTIFICATES: Final = ("its own certificate", "certificates on one number", "a certificate on a number that was")
"""Words of what a bank may owe by those that it signed in the lost time."""


def _is_price(quarter: Quarter, finding: Finding, files: Iterable[bytes]) -> bool:
    """Whether the bank is convicted by what it signed for somebody who came too late: the price of not waiting (R7).

    By that one's cheque too: the bank forgot the notice by which it was refused. Or by a certificate whose buyer has
    its money back, for it came too late, or kept its receipt back, or had lost it; the buyer may have bought another
    under the same number since.
    """
    shown = [read(raw) for raw in files if is_message(raw) and identity_of(read(raw)) in finding.shown]
    about = {Fingerprint(each.body[1]) for each in shown if each.type in (Receipt.TYPE, Notice.TYPE)}
    about |= {each.signer for each in shown if each.type == Cheque.TYPE}
    about |= {fingerprint(Sequence.read(each.body).key) for each in shown if each.type == Sequence.TYPE}
    buyers = {fingerprint(Certificate.read(each.body).key) for each in shown if each.type == Certificate.TYPE}
    by_words = any(words in finding.words for words in _BY_CERTIFICATES)
    by_buyer = by_words and buyers and buyers <= quarter.doubtful
    return finding.debtor == quarter.bank.signer.fingerprint and bool(about & quarter.late or by_buyer)


def _finds_bank(quarter: Streets, verdict: Verdict) -> bool:
    return any(each.debtor == quarter.bank.signer.fingerprint for each in verdict.findings)


def _contradictions(quarter: FalseQuarter) -> Counter[str]:
    """What a wallet would not adopt, and keeps as a case (L10): the judge sees the same, or says what is missing."""
    met: Counter[str] = Counter()
    for evidence in quarter.shown:
        verdict = judge((*quarter.cards(), *evidence), quarter.bank.now)
        wrong = quarter.wrong(verdict.findings, frozenset(evidence), quarter.bank.now)
        must(not wrong, f"a case against a false bank convicts {[(each.rule, each.words) for each in wrong]}")
        open_ = "leave it undecidable" if verdict.undecidable else "say nothing"
        words = "convict the bank" if _finds_bank(quarter, verdict) else open_
        met[f"judge: contradictions of a false bank, {words}"] += 1
    return met


def _who(quarter: Streets, debtor: Fingerprint) -> str:
    if debtor == quarter.bank.signer.fingerprint:
        return "against the bank"
    rogues = {each.me for each in getattr(quarter, "rogues", ())}
    return "against a rogue" if debtor in rogues else "against an honest debtor"


def _convicted(quarter: Quarter, findings: tuple[Finding, ...]) -> Counter[str]:
    """Whoever provably cheated an honest person must be found against."""
    met: Counter[str] = Counter()
    guilty = {(each.debtor, each.rule) for each in findings}
    for cheat, rule in _signed_twice(quarter):
        must((cheat, rule) in guilty, f"somebody signed twice, both papers lie there, and {rule} finds nothing")
        met[f"judge: provable cheats convicted, {rule}"] += 1
    return met


def _signed_twice(quarter: Quarter) -> Iterator[tuple[Fingerprint, str]]:
    """Rogues with two papers that part at their own signature, among those that honest people hold."""
    rogues = {each.me for each in quarter.rogues}
    chains = defaultdict(list)
    for resident in quarter.residents:
        for item in resident.account.items.values():
            chain = check_offline(read_instrument(item.instrument), quarter.bank.signer.key)
            chains[chain.drawer, chain.paper.number, isinstance(chain.paper, Cheque)].append(chain)
    for (_, _, cheque), row in chains.items():
        for at, one in enumerate(row):
            for other in row[at + 1 :]:
                place = parting(one, other)
                if place is not None and one.signer(place) == other.signer(place) in rogues:
                    yield one.signer(place), "C3" if cheque and not place else "B5"
