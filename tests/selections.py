"""What is laid before the judge of a history: any part of anybody's documents, with rubbish and strangers' among them.

A *case* is a history, a selection of its documents and a time; two cases that are alike in all three count once.
"""

import random
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final, NamedTuple

from histories import History
from ledgerpost.judge.court import judge
from ledgerpost.judge.verdict import Verdict
from ledgerpost.papers.terms import DAY
from ledgerpost.sealed import is_message, read
from rogues import FalseBank, RogueHistory

WORLDS: Final[dict[str, type[History]]] = {"honest": History, "rogue": RogueHistory, "bank": FalseBank}
RUBBISH: Final = (b"", b"rubbish", b"\x84\x58", b"\xd2", b"\xd2\x84\x40\xa0\x40\x40", bytes(99))


class Case(NamedTuple):
    """``how`` it was chosen, what lies before the judge, and when."""

    how: str
    files: tuple[bytes, ...]
    now: int

    @property
    def name(self) -> bytes:
        """Two cases of one history with one name are the same."""
        digest = blake2b(self.now.to_bytes(8, "big"), digest_size=16)
        for raw in sorted(set(self.files)):
            digest.update(len(raw).to_bytes(4, "big") + raw)
        return digest.digest()


@dataclass
class Report:
    """What became of the cases of one history. ``false``: what should not have been found, for a person to read."""

    world: str
    seed: int
    cases: int = 0
    documents: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    happened: Counter[str] = field(default_factory=Counter)
    false: list[str] = field(default_factory=list)


def cases(history: History, dice: random.Random, count: int, foreign: list[bytes]) -> Iterator[Case]:
    """So many cases; the first is everything at the history's end."""
    cards = history.cards()
    everything = [*cards, *history.files.kept]
    yield Case("everything", tuple(everything), history.bank.now)
    for _ in range(count - 1):
        how, some = _some(history, dice, cards)
        some += cards if how == "a plot" else [raw for raw in cards if dice.random() < 0.9]
        if dice.random() < 0.3:
            some += dice.sample(RUBBISH, 3)
        if some and dice.random() < 0.3:
            some += [spoilt(dice, raw) for raw in dice.choices(some, k=9) if raw]
        if foreign and dice.random() < 0.3:
            some += dice.sample(foreign, min(len(foreign), 25))
        dice.shuffle(some)
        now = history.bank.now + dice.choice([0, 0, 0, -20 * DAY, -5 * DAY, DAY, 30 * DAY, 90 * DAY, 2000 * DAY])
        yield Case(how, tuple(some), max(now, 0))


def _some(history: History, dice: random.Random, cards: list[bytes]) -> tuple[str, list[bytes]]:
    files = history.files
    names = sorted({name for kept in files.kept.values() for name in kept.holders})
    everything = list(files.kept)
    if history.plots and dice.random() < 0.5:
        return _plot(history, dice)
    how = dice.choice(["half", "half", "one", "two", "window", "but a kind", "of a kind and half", "but a few"])
    if how == "half":
        share = dice.choice([0.1, 0.3, 0.5, 0.8])
        return how, [raw for raw in everything if dice.random() < share]
    if how in ("one", "two"):
        if "bank" in names and dice.random() < 0.4:
            names += ["bank"] * len(names)  # mostly against somebody who is not there
        chosen = dice.sample(names, 1 if how == "one" else 2)
        return f"{how}: {', '.join(chosen)}", files.of(*chosen)
    if how == "window":
        first = dice.randint(0, history.steps)
        return how, files.between(first, first + dice.randint(2, 12))
    if how == "but a few":
        gone = set(dice.sample(everything, 3))
        return how, [raw for raw in everything if raw not in gone]
    kind = dice.choice(["letter", "receipt", "notice", "sequence", "terms", "statement", "instrument", "cheque"])
    share = 1.0 if how == "but a kind" else 0.5
    return f"{how}: {kind}", [raw for raw in everything if (kind_of(raw) != kind) and dice.random() < share]


def _plot(history: History, dice: random.Random) -> tuple[str, list[bytes]]:
    """One forgery or two, with what their maker has anyway; and now and then somebody else's files.

    All forgeries at once speak against each other; and most only harm who is not there.
    """
    false = {raw for plot in history.plots for raw in plot}
    some = [raw for raw in history.files.of("bank") if raw not in false]
    for plot in dice.sample(history.plots, min(len(history.plots), dice.choice([1, 1, 2]))):
        some += plot
    names = [party.name for party in history.everybody()] if dice.random() < 0.3 else []
    for name in dice.sample(names, min(len(names), 1)):
        some += [raw for raw in history.files.of(name) if raw not in false]
    return "a plot", some


def kind_of(raw: bytes) -> str:
    """The type of a message; else ``instrument`` or ``statement``."""
    if is_message(raw):
        return read(raw).type
    return "instrument" if raw[:1] == b"\x84" else "statement"


def spoilt(dice: random.Random, raw: bytes) -> bytes:
    """A copy with one bit turned, somewhere."""
    at = dice.randrange(len(raw))
    return raw[:at] + bytes((raw[at] ^ 1 << dice.randrange(8),)) + raw[at + 1 :]


def played(world: str, seed: int) -> History:
    """The history of that seed."""
    return WORLDS[world](seed, steps=random.Random(seed).choice([12, 20, 30, 40])).play()


def try_cases(world: str, seed: int, count: int, foreign: list[bytes]) -> tuple[Report, list[bytes]]:
    """Play a history and judge so many cases of it; its documents, to be strangers' among another's.

    A wallet or bank that breaks meanwhile is told like a false verdict, and stops no other history.
    """
    report = Report(world, seed)
    try:
        history = played(world, seed)
    except Exception:
        report.false.append(f"the history broke: {traceback.format_exc(limit=-3)}")
        return report, []
    report.documents = len(history.files.kept)
    report.happened = history.happened
    report.false += history.faults
    known: set[bytes] = set()
    for case in cases(history, random.Random(f"{world} {seed}"), count, foreign):
        if case.name in known:
            continue
        known.add(case.name)
        try:
            verdict = judge(case.files, case.now)
        except Exception:
            report.false.append(f"{case.how}: {traceback.format_exc(limit=-2)}")
            continue
        _count(report.verdicts, verdict)
        wrong = history.wrong(verdict.findings, frozenset(case.files), case.now)
        report.false += [f"{case.how}: {each.rule}: {each.words}" for each in wrong]
    report.cases = len(known)
    return report, sorted(history.files.kept)


def _count(verdicts: Counter[str], verdict: Verdict) -> None:
    verdicts["decides something"] += bool(verdict.findings or verdict.undecidable or verdict.settled)
    verdicts["finds against somebody"] += bool(verdict.findings)
    verdicts["leaves something undecidable"] += bool(verdict.undecidable)
