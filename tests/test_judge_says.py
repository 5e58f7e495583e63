"""What the judge says, word for word: every sentence of every verdict, by which rule, and which documents it shows.

``judge-says.txt`` holds each once, numbers and fingerprints left out. After a change that is meant: run this file as a
program, and read the difference.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from ledgerpost.errors import BadBytes
from ledgerpost.judge.court import judge
from ledgerpost.judge.verdict import Finding, Missing, Need, Verdict
from ledgerpost.judge.within import everything
from ledgerpost.papers.beside import identity_of_part
from ledgerpost.sealed import is_message, read
from ledgerpost.statement import is_statement
from ledgerpost.terms import Digest
from quarrels import CASES, Quarrel, built

SAYS = Path(__file__).with_name("judge-says.txt")
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
    owed = "owes" if found.asset else "at fault"
    return f"{found.rule} {owed}: {_plain(found.words)} <- {_shown(found.shown, types)}"


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


@cache
def said() -> str:
    """Of all verdicts, each line once."""
    every = (line for name in CASES for line in lines(built(name), judge(built(name).files, built(name).now)))
    return "".join(f"{line}\n" for line in sorted(set(every)))


def test_it_says_just_this() -> None:
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
