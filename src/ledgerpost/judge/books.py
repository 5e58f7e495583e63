"""Whether the bank's own words stand beside each other: forks, statements that do not follow, notices it forgot."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations

from ledgerpost.errors import BadBytes
from ledgerpost.judge.evidence import Evidence, Told, Word
from ledgerpost.judge.verdict import Finding, Missing, Need
from ledgerpost.papers import notice as n
from ledgerpost.papers.agreement import Disagreement, Incomplete, Retraced
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.orders import carried_out, read_orders
from ledgerpost.papers.proof import brought, charge_the_same, check_brought, check_withdrawal, is_lost
from ledgerpost.papers.receipt import Receipt
from ledgerpost.sealed import open_message
from ledgerpost.statement import Balance, Inapplicable, Spend, Statement, digest_of, read_statement
from ledgerpost.terms import Digest, Fingerprint

Pair = tuple[Fingerprint, Fingerprint]
"""A bank and one of its parties."""


def statements(evidence: Evidence) -> Iterator[Finding | Missing]:
    """Each receipt must follow from its base, and no two of one party may contradict each other (L5, L10, L11, S6)."""
    for sealed in evidence.garbled:
        words = f"it signed a {sealed.type} that does not read"
        yield Finding(sealed.signer, None, None, 0, "S3", words, (sealed.identity,))
    for words_on in _words(evidence).values():
        for word in words_on:
            yield from _follows(evidence, word)
            yield from _brings(evidence, word)
        for older, newer in combinations(words_on, 2):
            yield from _beside(evidence, older, newer)


def _words(evidence: Evidence) -> Mapping[Pair, list[Word]]:
    """Receipts of each party, by sequence."""
    found: dict[Pair, list[Word]] = defaultdict(list)
    for word in sorted(evidence.words, key=lambda word: (word.statement.seq, word.identity)):
        found[word.receipt.bank, word.receipt.party].append(word)
    return found


def _fault(word: Word, rule: str, words: str, *others: Digest) -> Finding:
    return Finding(word.receipt.bank, word.receipt.party, None, 0, rule, words, (word.identity, *others))


def _follows(evidence: Evidence, word: Word) -> Iterator[Finding | Missing]:
    seq = word.statement.seq
    if isinstance(word.retraced, Disagreement):
        short = [*_short(evidence, word), *_charged_closed(evidence, word)]
        yield from short or [_fault(word, "L5", f"receipt {seq}: {word.retraced.what}")]
    if word.need is not None:
        words = f"whether receipt {seq} of {word.receipt.party.hex()[:16]}… follows from its letters"
        yield Missing(words, (word.need,), (word.identity,))


def _brings(evidence: Evidence, word: Word) -> Iterator[Finding]:
    """Chequebooks and certificates must be those ordered."""
    if not isinstance(word.retraced, Retraced):
        return
    papers = {identity: sealed.raw for identity, sealed in evidence.sealed.items()}
    for each in brought(word.retraced):
        terms = evidence.terms.get(each.letter.terms)
        try:
            check_brought(each, evidence.keys[word.receipt.party], papers, terms)
        except Incomplete:
            continue  # what it brings is not here; nobody says yet that it is wrong
        except (Disagreement, BadBytes) as error:
            shown = () if each.result.part is None else (each.result.part,)
            yield _fault(word, "L5", f"receipt {word.statement.seq}: {error.what}", *shown)


def _short(evidence: Evidence, word: Word) -> Iterator[Finding]:
    """What the statement lacks of what follows, asset by asset: the bank owes that (first row of the table).

    A spend that was dropped counts as its amount: nobody can accept, deny or cancel it any more.
    """
    follows = _following(evidence, word)
    if follows is None:
        return
    for asset in sorted({row.asset for state in (follows, word.statement) for row in _valued(state)}):
        lacks = _value(follows, asset) - _value(word.statement, asset)
        if lacks > 0:
            words = f"receipt {word.statement.seq} has less than follows from the letters it answers"
            yield Finding(word.receipt.bank, word.receipt.party, asset, lacks, "L5", words, (word.identity,))


def _valued(state: Statement) -> Iterator[Balance | Spend]:
    yield from state.balances
    yield from state.outstanding


def _value(state: Statement, asset: Digest) -> int:
    return state.balance(asset) + sum(each.amount for each in state.outstanding if each.asset == asset)


def _charged_closed(evidence: Evidence, word: Word) -> Iterator[Finding]:
    """Debits that wait on numbers which the receipt's own statement lacks: charged again after they were taken in."""
    for told in evidence.notices_to(word.receipt.bank, word.receipt.party):
        notice = told.notice
        listed = any(waits.notice == notice.notice for waits in word.receipt.pending)
        if listed and notice.kind in n.ON_NUMBERS and word.statement.block_of(notice.number) is None:
            words = f"receipt {word.statement.seq} lists a debit on number {notice.number}, which its statement lacks"
            shown = (word.identity, told.identity)
            yield Finding(notice.bank, notice.party, notice.asset, notice.amount, "N2", words, shown)


def _following(evidence: Evidence, word: Word) -> Statement | None:
    """The statement that follows from base and letters; None where these themselves are not as they must be."""
    receipt = word.receipt
    try:
        state = _base(evidence, receipt)
        for answer in receipt.answers:
            letter = _letter(evidence, receipt, answer.letter)
            if letter.seq == state.seq + 1:
                terms = evidence.terms.get(letter.terms)
                if terms is None and any(not result.code for result in answer.results):
                    return None
                written = read_orders(letter, evidence.keys[receipt.party])
                state = carried_out(state, written, answer.results, terms, letter)
        return state if state.seq == word.statement.seq else None
    except (BadBytes, Inapplicable, KeyError, ValueError):
        return None


def _base(evidence: Evidence, receipt: Receipt) -> Statement:
    """The base, if the party itself agreed to it. Raises BadBytes or KeyError."""
    if receipt.base.letter is None:
        return Statement(receipt.bank, receipt.party)
    state = read_statement(evidence.parts[receipt.base.statement])
    agreed = _letter(evidence, receipt, receipt.base.letter)
    beforehand = agreed.seq == state.seq and agreed.expect == receipt.base.statement
    if not beforehand and agreed.seen != (state.seq, receipt.base.statement):
        raise KeyError("nobody agreed to the base")
    return state


def _letter(evidence: Evidence, receipt: Receipt, identity: Digest) -> Letter:
    key = evidence.keys[receipt.party]
    return Letter.of(open_message(evidence.parts[identity], key), receipt.bank)


def _beside(evidence: Evidence, older: Word, newer: Word) -> Iterator[Finding | Missing]:
    """Two receipts of one party, ``older`` under the lower sequence or the same."""
    receipt = older.receipt
    if evidence.declared.lost_both(receipt.bank, receipt.party, receipt.time, newer.receipt.time):
        return
    seq = evidence.declared.unknown(receipt, older.identity)
    for found in _against(older, newer):
        yield _in_force(found, receipt.party, seq)


def _in_force(found: Finding, party: Fingerprint, seq: int | None) -> Finding | Missing:
    """What is found by a word of the bank's; open if the party's receipt ``seq`` tells whether that word is void.

    The bank lost its books, and the party went on from that receipt, which is not here (L11).
    """
    if seq is None:
        return found
    words = f"whether {found.words}: the bank lost its books, and the party went on from its receipt {seq}"
    return Missing(words, (Need("receipt", None, party, seq),), found.shown, found)


def _against(older: Word, newer: Word) -> Iterator[Finding]:
    if older.statement.seq == newer.statement.seq:
        words = f"two different receipts under sequence {older.statement.seq} of one party"
        yield _fault(older, "L11", words, newer.identity)
        return
    held = newer.retraced.states.get(older.statement.seq) if isinstance(newer.retraced, Retraced) else None
    if held is not None and held != older.statement:
        words = f"receipt {newer.statement.seq} starts from another statement than receipt {older.statement.seq} has"
        yield _fault(older, "L10", words, newer.identity)
    if newer.receipt.time < older.receipt.time or newer.receipt.highest < older.receipt.highest:
        yield _fault(older, "S6", "the bank's time or its count of notices went backwards", newer.identity)


# --- notices


def notices(evidence: Evidence) -> Iterator[Finding | Missing]:
    """Two notices under one number, one charge twice, two ends of one spend; and what the bank forgot (L2, L11, O2)."""
    by_party: dict[Pair, list[Told]] = defaultdict(list)
    for told in sorted(evidence.notices, key=lambda told: (told.notice.notice, told.identity)):
        by_party[told.notice.bank, told.notice.party].append(told)
    for mine in by_party.values():
        twice: set[Digest] = set()
        for one, other in combinations(mine, 2):
            yield from _both(evidence, one, other, twice)
        for told in mine:
            yield from _forgotten(evidence, told)
            yield from _named(evidence, told)


def _both(evidence: Evidence, one: Told, other: Told, twice: set[Digest]) -> Iterator[Finding | Missing]:
    """Two notices to one party, the lower number first; ``twice`` are those that were found to charge again."""
    first, second = one.notice, other.notice
    shown = (one.identity, other.identity)
    if first.notice == second.notice:
        words = f"two different notices {first.notice} for one party"
        yield Finding(first.bank, first.party, None, 0, "L11", words, shown)
        return
    lost = evidence.declared.lost_both(first.bank, first.party, first.time, second.time)
    older = second.seq < first.seq and not lost and not evidence.declared.went_back(first)
    if second.time < first.time or older:
        words = f"notice {second.notice} was made before notice {first.notice}, or names an older statement"
        yield Finding(first.bank, first.party, None, 0, "S6", words, shown)
    if _the_same(first, second) and other.identity not in twice:
        twice.add(other.identity)
        words = f"number {second.number} was charged twice, by notices {first.notice} and {second.notice}"
        found = Finding(second.bank, second.party, second.asset, second.amount, "N2", words, shown)
        declared = evidence.declared
        yield _in_force(found, second.party, declared.unknown_of_notice(first) or declared.unknown_of_notice(second))
    elif first.number == second.number and {first.kind, second.kind} <= {*n.CLOSING}:
        words = f"spend {first.number} ended twice, by notices {first.notice} and {second.notice}"
        found = Finding(first.bank, first.party, None, 0, "O2", words, shown)
        yield _in_force(found, first.party, evidence.declared.unknown_of_notice(first))
    elif second.kind == n.WITHDRAWN and second.earlier == first.notice and not _withdraws(second, first):
        words = f"notice {second.notice} withdraws another spend than notice {first.notice} brought"
        yield Finding(first.bank, first.party, first.asset, first.amount, "O2", words, shown)


def _the_same(one: n.Notice, other: n.Notice) -> bool:
    try:
        return one.kind in n.DEBITS and charge_the_same(one, other)
    except (BadBytes, IndexError):  # what does not read is found against on its own
        return False


def _withdraws(withdrawn: n.Notice, earlier: n.Notice) -> bool:
    try:
        check_withdrawal(withdrawn, earlier)
    except BadBytes:
        return False
    return True


def _forgotten(evidence: Evidence, told: Told) -> Iterator[Finding | Missing]:
    """A later receipt lists it neither as pending nor as taken in; what it would have brought is owed."""
    notice = told.notice
    for word in evidence.words_beside(notice):
        if is_lost(word.receipt, word.statement, notice):
            words = f"receipt {word.statement.seq} forgot notice {notice.notice}, which nobody took in"
            shown = (told.identity, word.identity)
            brings = notice.kind in (n.RECEIPT, n.DENIED, n.EXPIRED, n.CREDITED)
            asset, amount = (notice.asset, notice.amount) if brings else (None, 0)
            found = Finding(notice.bank, notice.party, asset, amount, "L2", words, shown)
            yield _in_force(found, notice.party, evidence.declared.unknown_of_notice(notice))
            return


def _named(evidence: Evidence, told: Told) -> Iterator[Finding]:
    """It names the party's newest statement; a receipt has another under that sequence, or a newer one before (S6)."""
    notice = told.notice
    if evidence.declared.went_back(notice):
        return
    for word in evidence.words_beside(notice):
        other = word.statement.seq == notice.seq and digest_of(word.receipt.statement) != notice.digest
        older = word.statement.seq > notice.seq and word.receipt.time < notice.time
        if other or older:
            words = f"notice {notice.notice} names statement {notice.seq}, which receipt {word.statement.seq} belies"
            yield Finding(notice.bank, notice.party, None, 0, "S6", words, (told.identity, word.identity))
            return
