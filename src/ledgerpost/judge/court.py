"""The whole judgement: every rule over everything that lies before the judge, in an order that does not matter."""

from collections.abc import Iterable, Iterator

from ledgerpost.judge import books, claims, double, excuses, facts, told
from ledgerpost.judge.evidence import Evidence
from ledgerpost.judge.gaps import gaps, given_up
from ledgerpost.judge.gathering import gather
from ledgerpost.judge.verdict import Finding, Missing, Need, Verdict
from ledgerpost.terms import Moment


def judge(documents: Iterable[bytes], now: Moment) -> Verdict:
    """Say what these documents prove at the time ``now``: who owes whom what, who is at fault, what is undecidable.

    Documents are the messages, statements and instruments of any files of any side; rubbish, doubles and strangers'
    papers change nothing.
    """
    evidence = gather(documents)
    said: list[Finding | Missing] = [
        *_without_card(evidence),
        *books.statements(evidence),
        *books.notices(evidence),
        *told.unproven(evidence),
        *facts.both_ways(evidence),
        *claims.claims(evidence, now),
        *excuses.false_refusals(evidence),
        *double.twice(evidence),
    ]
    findings = dict.fromkeys(each for each in said if isinstance(each, Finding) and each.debtor != each.creditor)
    missing = dict.fromkeys(each for each in said if isinstance(each, Missing))
    settled, open_ = (
        dict.fromkeys(facts.facts(evidence)),
        dict.fromkeys((*gaps(evidence), *given_up(evidence, findings))),
    )
    return Verdict(tuple(findings), tuple(missing), tuple(settled), tuple(open_))


def _without_card(evidence: Evidence) -> Iterator[Missing]:
    for bank in evidence.strangers:
        words = f"whether the bank {bank.hex()[:16]}… signed what bears its name"
        yield Missing(words, (Need("bankcard", None, bank),), ())
