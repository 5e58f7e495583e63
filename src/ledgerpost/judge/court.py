"""The whole judgement: every rule over everything that lies before the judge, in an order that does not matter."""

from collections.abc import Iterable, Iterator

from ledgerpost.judge import books, claims, debits
from ledgerpost.judge.evidence import Evidence, gather
from ledgerpost.judge.verdict import Finding, Missing, Verdict
from ledgerpost.terms import Moment


def judge(documents: Iterable[bytes], now: Moment) -> Verdict:
    """Say what these documents prove at the time ``now``: who owes whom what, who is at fault, what is undecidable.

    Documents are the messages, statements and instruments of any files of any side; rubbish, doubles and strangers'
    papers change nothing.
    """
    evidence = gather(documents)
    said: list[Finding | Missing] = [
        *_without_card(evidence),
        *books.forks(evidence),
        *books.statements(evidence),
        *books.charges(evidence),
        *debits.debits(evidence),
        *claims.claims(evidence, now),
        *claims.twice(evidence),
    ]
    findings = dict.fromkeys(each for each in said if isinstance(each, Finding))
    missing = dict.fromkeys(each for each in said if isinstance(each, Missing))
    return Verdict(tuple(findings), tuple(missing))


def _without_card(evidence: Evidence) -> Iterator[Missing]:
    for bank in evidence.strangers:
        named = f"{bank.hex()[:16]}…"
        yield Missing(f"whether the bank {named} signed what bears its name", f"the card of the bank {named}", ())
