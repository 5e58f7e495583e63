"""Whether the bank's own words stand: forks, statements that do not follow, cheques charged twice (L5, L11, N2)."""

from collections.abc import Iterator
from itertools import combinations

from ledgerpost.judge.evidence import Evidence, Told, Word
from ledgerpost.judge.verdict import Finding, Missing
from ledgerpost.papers import notice as n
from ledgerpost.papers.agreement import Disagreement, Incomplete, Retraced


def forks(evidence: Evidence) -> Iterator[Finding]:
    """Two receipts under one ``seq``, two notices under one number, that differ: the bank is at fault (L11)."""
    for one, other in combinations(evidence.words, 2):
        if _of(one) == _of(other) and one.statement.seq == other.statement.seq:
            words = f"two different receipts under sequence {one.statement.seq} of one party"
            yield _fault(one, "L11", words, other)
    for told, again in combinations(evidence.notices, 2):
        a, b = told.notice, again.notice
        if (a.bank, a.party, a.notice) == (b.bank, b.party, b.notice):
            words = f"two different notices {a.notice} for one party"
            yield Finding(a.bank, a.party, None, 0, "L11", words, (told.identity, again.identity))


def _of(word: Word) -> tuple[bytes, bytes]:
    return word.receipt.bank, word.receipt.party


def _fault(word: Word, rule: str, words: str, other: Word | None = None) -> Finding:
    shown = (word.identity,) if other is None else (word.identity, other.identity)
    return Finding(word.receipt.bank, word.receipt.party, None, 0, rule, words, shown)


def statements(evidence: Evidence) -> Iterator[Finding | Missing]:
    """Each receipt must follow from its base, and none may start from another statement than an older one signed."""
    for word in evidence.words:
        if isinstance(word.retraced, Disagreement):
            yield _fault(word, "L5", f"receipt {word.statement.seq}: {word.retraced.what}")
        if isinstance(word.retraced, Incomplete):
            words = f"whether receipt {word.statement.seq} of {word.receipt.party.hex()[:16]}… follows from its letters"
            yield Missing(words, word.retraced.what, (word.identity,))
    for older, newer in _pairs(evidence):
        held = newer.retraced.states.get(older.statement.seq) if isinstance(newer.retraced, Retraced) else None
        if held is not None and held != older.statement:
            words = (
                f"receipt {newer.statement.seq} starts from another statement than receipt {older.statement.seq} has"
            )
            yield _fault(older, "L10", words, newer)
        if newer.receipt.time < older.receipt.time or newer.receipt.highest < older.receipt.highest:
            yield _fault(older, "S6", "the bank's time or its count of notices went backwards", newer)


def _pairs(evidence: Evidence) -> Iterator[tuple[Word, Word]]:
    words = sorted(evidence.words, key=lambda word: (word.statement.seq, word.identity))
    for older, newer in combinations(words, 2):
        if _of(older) == _of(newer) and older.statement.seq < newer.statement.seq:
            yield older, newer


def charges(evidence: Evidence) -> Iterator[Finding]:
    """One number charged by two notices: the bank owes the second charge (second seed)."""
    cleared = sorted(
        (told for told in evidence.notices if told.notice.kind == n.CLEARED),
        key=lambda told: (told.notice.notice, told.identity),
    )
    for one, other in combinations(cleared, 2):
        a, b = one.notice, other.notice
        if (a.bank, a.party, a.number) == (b.bank, b.party, b.number) and a.notice != b.notice:
            yield _charged(one, other)


def _charged(one: Told, other: Told) -> Finding:
    notice = other.notice
    words = f"number {notice.number} was charged twice, by notices {one.notice.notice} and {notice.notice}"
    shown = (one.identity, other.identity)
    return Finding(notice.bank, notice.party, notice.asset, notice.amount, "N2", words, shown)
