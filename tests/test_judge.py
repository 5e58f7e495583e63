"""The judge over all quarrels: the whole verdict of each, whatever else lies there, and what is named where one lacks.

The cases stand in ``quarrels``; the tables here say which of them answer each row of what a judge must decide.
"""

import random
from collections import Counter
from functools import cache

import pytest

from ledgerpost.judge.court import judge
from ledgerpost.judge.verdict import Finding, Verdict
from ledgerpost.papers.card import Card
from ledgerpost.sealed import Signer
from quarreling import NAMES, hand
from quarrels import CASES, Quarrel, Row, built
from town import Bank, Party, seed_of

PEOPLE = (*NAMES, "treasurer", "rogue", "bank")
WHO: dict[bytes, str] = {Signer.from_seed(seed_of(name)).fingerprint: name for name in PEOPLE}
CHEATS = [name for name in CASES if built(name).findings]
OTHERS = [name for name in CASES if not built(name).findings]


def said(quarrel: Quarrel, finding: Finding) -> Row:
    """A finding by names."""
    asset = {None: None, quarrel.grain: "grain"}.get(finding.asset, "oats")
    creditor = WHO[finding.creditor] if finding.creditor else None
    return Row(WHO[finding.debtor], creditor, finding.amount if asset else None, finding.rule, asset)


def rows(quarrel: Quarrel, verdict: Verdict) -> Counter[Row]:
    return Counter(said(quarrel, each) for each in verdict.findings)


@cache
def whole(name: str) -> Verdict:
    """The verdict on all files of a case."""
    quarrel = built(name)
    return judge(quarrel.files, quarrel.now)


# --- the cases ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(CASES))
def test_everything_is_found_and_nothing_else(name: str) -> None:
    quarrel, verdict = built(name), whole(name)
    assert rows(quarrel, verdict) == Counter(quarrel.findings)
    needs = {need for missing in verdict.undecidable for need in missing.needs}
    named = {" ".join(filter(None, (need.kind, WHO.get(need.party or b"")))) for need in needs}
    assert named == set(quarrel.missing)


def test_there_are_enough_of_them() -> None:
    assert len(CHEATS) >= 60
    assert len(OTHERS) >= 40
    assert sum(bool(built(name).missing) for name in CASES) >= 10


# --- what else lies there -----------------------------------------------------------------------------------------


@cache
def strangers() -> tuple[bytes, ...]:
    """The papers of people at another bank, who have nothing to do with any quarrel here."""
    bank = Bank("elsewhere")
    one, other = Party("erna", bank), Party("emil", bank)
    one.open()
    asset = one.issue("eggs")
    one.trip()
    other.open()
    other.trip()
    one.pay(other, asset, 6)
    one.trip()
    other.ask()
    other.accept_all()
    other.trip()
    one.ask()
    own = (Card(bank.signer.fingerprint, each.signer.key, each.name).sign(each.signer) for each in (one, other))
    return (bank.card, *own, *hand(one), *hand(other), *one.contracts.values())


RUBBISH = (b"", b"rubbish", b"\x84\x58", b"\xd2", b"\xd2\x84\x40\xa0\x40\x40", b"\x82" + bytes(40))


def spoilt(raw: bytes) -> bytes:
    """With one bit of its last byte flipped: in a signature, or the last field."""
    return raw[:-1] + bytes((raw[-1] ^ 1,))


@pytest.mark.parametrize("name", list(CASES))
def test_nothing_else_changes_the_verdict(name: str) -> None:
    """Not the order, nor doubles, rubbish, spoilt copies, or the papers of people who have no part in it."""
    quarrel, files = built(name), built(name).files
    mixed = [*files, *files, *map(spoilt, files), *RUBBISH, *strangers()]
    dice = random.Random(name)
    dice.shuffle(mixed)
    verdict, other = whole(name), judge(mixed, quarrel.now)
    assert set(other.findings) == set(verdict.findings)
    assert set(other.undecidable) == set(verdict.undecidable)
