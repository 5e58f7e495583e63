"""Whether the bank's own words stand: forks, statements and debits that do not follow (L5, L11, N2)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations

from ledgerpost.errors import BadBytes
from ledgerpost.judge.evidence import Evidence, Told, Word
from ledgerpost.judge.verdict import Finding, Missing
from ledgerpost.papers import notice as n
from ledgerpost.papers.agreement import Disagreement, Incomplete, Retraced
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.orders import carried_out, read_orders
from ledgerpost.sealed import open_message
from ledgerpost.statement import Inapplicable, Statement, digest_of, read_statement
from ledgerpost.terms import Fingerprint

Pair = tuple[Fingerprint, Fingerprint]
"""A bank and one of its parties."""


def forks(evidence: Evidence) -> Iterator[Finding]:
    """Two receipts under one ``seq``, two notices under one number, that differ: the bank is at fault (L11)."""
    for words in _words(evidence).values():
        for one, other in combinations(words, 2):
            if one.statement.seq == other.statement.seq:
                said = f"two different receipts under sequence {one.statement.seq} of one party"
                yield _fault(one, "L11", said, other)
    for notices in _notices(evidence).values():
        for told, again in combinations(notices, 2):
            if told.notice.notice == again.notice.notice:
                said = f"two different notices {told.notice.notice} for one party"
                shown = (told.identity, again.identity)
                yield Finding(told.notice.bank, told.notice.party, None, 0, "L11", said, shown)


def _words(evidence: Evidence) -> Mapping[Pair, list[Word]]:
    """Receipts of each party, by sequence."""
    found: dict[Pair, list[Word]] = defaultdict(list)
    for word in sorted(evidence.words, key=lambda word: (word.statement.seq, word.identity)):
        found[word.receipt.bank, word.receipt.party].append(word)
    return found


def _notices(evidence: Evidence) -> Mapping[Pair, list[Told]]:
    """Notices to each party, by number."""
    found: dict[Pair, list[Told]] = defaultdict(list)
    for told in sorted(evidence.notices, key=lambda told: (told.notice.notice, told.identity)):
        found[told.notice.bank, told.notice.party].append(told)
    return found


def _fault(word: Word, rule: str, words: str, other: Word | None = None) -> Finding:
    shown = (word.identity,) if other is None else (word.identity, other.identity)
    return Finding(word.receipt.bank, word.receipt.party, None, 0, rule, words, shown)


def statements(evidence: Evidence) -> Iterator[Finding | Missing]:
    """Each receipt must follow from its base, and none may start from another statement than an older one signed."""
    for words in _words(evidence).values():
        for word in words:
            yield from _follows(evidence, word)
        for older, newer in combinations(words, 2):
            if older.statement.seq < newer.statement.seq:
                yield from _goes_on(older, newer)


def _follows(evidence: Evidence, word: Word) -> Iterator[Finding | Missing]:
    seq = word.statement.seq
    if isinstance(word.retraced, Disagreement):
        short = [*_short(evidence, word)]
        yield from short or [_fault(word, "L5", f"receipt {seq}: {word.retraced.what}")]
    if isinstance(word.retraced, Incomplete):
        words = f"whether receipt {seq} of {word.receipt.party.hex()[:16]}… follows from its letters"
        yield Missing(words, word.retraced.what, (word.identity,))


def _short(evidence: Evidence, word: Word) -> Iterator[Finding]:
    """What the statement lacks of what follows, asset by asset: the bank owes that (first row of the table)."""
    follows = _following(evidence, word)
    if follows is None:
        return
    for asset in sorted({row.asset for row in (*follows.balances, *word.statement.balances)}):
        lacks = follows.balance(asset) - word.statement.balance(asset)
        if lacks > 0:
            words = f"receipt {word.statement.seq} has less than follows from the letters it answers"
            yield Finding(word.receipt.bank, word.receipt.party, asset, lacks, "L5", words, (word.identity,))


def _following(evidence: Evidence, word: Word) -> Statement | None:
    """The statement that follows from base and letters; None where these themselves are not as they must be."""
    receipt, key = word.receipt, evidence.keys.get(word.receipt.party)
    if key is None:
        return None
    try:
        state = Statement(receipt.bank, receipt.party)
        if receipt.base.letter is not None:
            state = read_statement(evidence.parts[receipt.base.statement])
            agreed = Letter.of(open_message(evidence.parts[receipt.base.letter], key), receipt.bank)
            beforehand = agreed.seq == state.seq and agreed.expect == receipt.base.statement
            if not beforehand and (agreed.seen.seq, agreed.seen.digest) != (state.seq, receipt.base.statement):
                return None
        if digest_of(state.encode()) != receipt.base.statement:
            return None
        for answer in receipt.answers:
            letter = Letter.of(open_message(evidence.parts[answer.letter], key), receipt.bank)
            if letter.seq == state.seq + 1:
                terms = evidence.terms.get(letter.terms)
                if terms is None and any(not result.code for result in answer.results):
                    return None
                state = carried_out(state, read_orders(letter, key), answer.results, terms, letter)
        return state if state.seq == word.statement.seq else None
    except (BadBytes, Inapplicable, KeyError, ValueError):
        return None


def _goes_on(older: Word, newer: Word) -> Iterator[Finding]:
    held = newer.retraced.states.get(older.statement.seq) if isinstance(newer.retraced, Retraced) else None
    if held is not None and held != older.statement:
        words = f"receipt {newer.statement.seq} starts from another statement than receipt {older.statement.seq} has"
        yield _fault(older, "L10", words, newer)
    if newer.receipt.time < older.receipt.time or newer.receipt.highest < older.receipt.highest:
        yield _fault(older, "S6", "the bank's time or its count of notices went backwards", newer)


def charges(evidence: Evidence) -> Iterator[Finding]:
    """One number charged by two notices: the bank owes each charge but the first (second seed)."""
    for notices in _notices(evidence).values():
        first: dict[int, Told] = {}
        for told in notices:
            if told.notice.kind == n.CLEARED:
                one = first.setdefault(told.notice.number, told)
                if one.notice.notice != told.notice.notice:
                    yield _charged(one, told)


def _charged(one: Told, other: Told) -> Finding:
    notice = other.notice
    words = f"number {notice.number} was charged twice, by notices {one.notice.notice} and {notice.notice}"
    shown = (one.identity, other.identity)
    return Finding(notice.bank, notice.party, notice.asset, notice.amount, "N2", words, shown)
