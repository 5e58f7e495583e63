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

from ledgerpost.errors import BadBytes
from ledgerpost.judge.court import judge
from ledgerpost.judge.verdict import Finding, Missing, Need, Verdict
from ledgerpost.judge.within import everything
from ledgerpost.papers.beside import identity_of_part
from ledgerpost.sealed import Signer, is_message, read
from ledgerpost.statement import is_statement
from ledgerpost.terms import Digest, Fingerprint
from quarrels import CASES, Quarrel, built
from town import seed_of

SAYS = Path(__file__).with_name("judge-says.txt")
BANK = Signer.from_seed(seed_of("bank")).fingerprint
_VARIES = re.compile(r"\b[0-9a-f]{16}…|(?<![A-Z])\b\d+\b")


def lines(quarrel: Quarrel, verdict: Verdict) -> Iterator[str]:
    """Of one verdict."""
    types = _types(quarrel)
    for found in verdict.findings:
        yield f"finding      {_finding(found, types)}"
    for missing in verdict.undecidable:
        yield f"undecidable  {_missing(missing, types)}"
    for settled in verdict.settled:
        shown = _shown(settled.shown, types)
        yield f"settled      {_plain(settled.words)}{', so much' if settled.asset else ''} <- {shown}"
    for missing in verdict.open:
        yield f"open         {_missing(missing, types)}"


def _finding(found: Finding, types: Mapping[Digest, str]) -> str:
    whom = "" if found.creditor is None else f" {_role(found.creditor)}"
    owed = f"owes{whom}" if found.asset else f"at fault{whom and ' towards'}{whom}"
    return f"{found.rule} {_role(found.debtor)} {owed}: {_plain(found.words)} <- {_shown(found.shown, types)}"


def _role(who: Fingerprint) -> str:
    return "bank" if who == BANK else "party"


def _missing(missing: Missing, types: Mapping[Digest, str]) -> str:
    needs = ", ".join(map(_need, missing.needs))
    claim = f"; claim {_finding(missing.claim, types)}" if missing.claim else ""
    return f"{_plain(missing.words)} <- {_shown(missing.shown, types)}; needs {needs}{claim}"


def _need(need: Need) -> str:
    marks = (("digest", need.identity), ("party", need.party), ("number", need.number))
    return " ".join((need.kind, *(name for name, value in marks if value is not None)))


def _plain(words: str) -> str:
    return _VARIES.sub("#", words)


def _shown(shown: tuple[Digest, ...], types: Mapping[Digest, str]) -> str:
    return ", ".join(types.get(each, "an endorsement") for each in shown) or "nothing"


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
    every = {name: [*lines(built(name), judge(built(name).files, built(name).now))] for name in CASES}
    each = sorted({line for found in every.values() for line in found})
    return "\n".join((*each, "", *(f"{mark(found)} {name}" for name, found in sorted(every.items())), ""))


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
        found = [*lines(quarrel, judge(quarrel.files, quarrel.now))]
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
