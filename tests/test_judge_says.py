"""What the judge says, word for word: every sentence of every verdict, by which rule, and which documents it shows.

``judge-says.txt`` holds each once, numbers and fingerprints left out. After a change that is meant: run this file as a
program, and read the difference.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from ledgerpost.errors import BadBytes
from ledgerpost.judge.court import judge
from ledgerpost.judge.verdict import Finding, Missing, Need, Verdict
from ledgerpost.judge.within import everything
from ledgerpost.papers.beside import identity_of_part
from ledgerpost.sealed import is_message, read
from ledgerpost.statement import is_statement
from ledgerpost.terms import Digest, Fingerprint
from quarrels import CASES, Quarrel, built
from test_judge import WHO

SAYS = Path(__file__).with_name("judge-says.txt")
_VARIES = re.compile(r"\b[0-9a-f]{16}…|(?<![A-Z])\b\d+\b")


def lines(quarrel: Quarrel, verdict: Verdict, *, exact: bool = False) -> Iterator[str]:
    """Of one verdict; ``exact``: with names and amounts."""
    tell = Teller(_types(quarrel), exact)
    for found in verdict.findings:
        yield f"finding      {tell.finding(found)}"
    for missing in verdict.undecidable:
        yield f"undecidable  {tell.missing(missing)}"
    for settled in verdict.settled:
        shown = tell.shown(settled.shown)
        much = f", {settled.amount if exact else 'so much'}" if settled.asset else ""
        yield f"settled      {tell.who(settled.party)}: {_plain(settled.words)}{much} <- {shown}"
    for missing in verdict.open:
        yield f"open         {tell.missing(missing)}"


class Teller(NamedTuple):
    """Says each part of a verdict; ``types`` of the documents before the judge."""

    types: Mapping[Digest, str]
    exact: bool

    def who(self, who: Fingerprint) -> str:
        return WHO[who] if self.exact else "bank" if WHO[who] == "bank" else "party"

    def finding(self, found: Finding) -> str:
        whom = "" if found.creditor is None else f" {self.who(found.creditor)}"
        much = f" {found.amount}" if self.exact else ""
        owed = f"owes{whom}{much}" if found.asset else f"at fault{whom and ' towards'}{whom}"
        return f"{found.rule} {self.who(found.debtor)} {owed}: {_plain(found.words)} <- {self.shown(found.shown)}"

    def missing(self, missing: Missing) -> str:
        needs = ", ".join(map(self.need, missing.needs))
        claim = f"; claim {self.finding(missing.claim)}" if missing.claim else ""
        return f"{_plain(missing.words)} <- {self.shown(missing.shown)}; needs {needs}{claim}"

    def need(self, need: Need) -> str:
        digest = "digest" if need.identity else ""
        party = "" if need.party is None else WHO.get(need.party, "stranger") if self.exact else "party"
        number = "" if need.number is None else str(need.number) if self.exact else "number"
        return " ".join(filter(None, (need.kind, digest, party, number)))

    def shown(self, shown: tuple[Digest, ...]) -> str:
        return ", ".join(self.types.get(each, "an endorsement") for each in shown) or "nothing"


def _plain(words: str) -> str:
    return _VARIES.sub("#", words)


def _types(quarrel: Quarrel) -> dict[Digest, str]:
    found = {}
    for raw in everything(quarrel.files):
        try:
            type_ = read(raw).type if is_message(raw) else "statement" if is_statement(raw) else "instrument"
            found[identity_of_part(raw)] = type_
        except BadBytes:
            continue
    return found


def mark(found: Iterable[str]) -> str:
    """Twelve digits that stand for these lines."""
    return sha256("\n".join(sorted(found)).encode()).hexdigest()[:12]


def said() -> str:
    """The lines of all verdicts, each once; then a mark of the lines of each."""
    every = {name: judge(built(name).files, built(name).now) for name in CASES}
    each = sorted({line for name, verdict in every.items() for line in lines(built(name), verdict)})
    rows = (f"{mark(lines(built(name), verdict, exact=True))} {name}" for name, verdict in sorted(every.items()))
    return "\n".join((*each, "", *rows, ""))


@cache
def marks() -> dict[str, str]:
    """The mark of each quarrel, as it is kept."""
    _, rows = SAYS.read_text(encoding="utf-8").split("\n\n")
    return {name: kept for kept, name in (row.split(" ", 1) for row in rows.splitlines())}


def test_it_says_just_this_of_each_quarrel() -> None:
    """By the marks: who looks for the words finds them above."""
    assert marks().keys() == CASES.keys()
    for name in CASES:
        quarrel = built(name)
        found = [*lines(quarrel, judge(quarrel.files, quarrel.now), exact=True)]
        assert mark(found) == marks()[name], "\n".join([name, *found])


def test_it_says_just_this_in_all() -> None:
    assert said() == SAYS.read_text(encoding="utf-8")


def test_every_document_that_it_shows_lies_there() -> None:
    """Or is an endorsement, which travels inside an instrument and has an identity of its own."""
    for name in CASES:
        quarrel = built(name)
        types, verdict = _types(quarrel), judge(quarrel.files, quarrel.now)
        for found in verdict.findings:
            assert found.shown
            assert found.rule == "B5" or all(each in types for each in found.shown), (name, found)


if __name__ == "__main__":
    SAYS.write_text(said(), encoding="utf-8")
    sys.exit(0)
