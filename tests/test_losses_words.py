"""What a party's word for a loss makes void, open, or lets be (6.1 R2), case by case, on papers made for it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from burning import carry, keep, kind_of, rules, words_of
from ledgerpost.errors import Refusal
from ledgerpost.judge.court import judge
from ledgerpost.judge.verdict import Missing, Need
from ledgerpost.papers import notice as n
from ledgerpost.papers.declaration import Declaration
from ledgerpost.papers.instrument import paper_of
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.restoring import Restoring
from ledgerpost.papers.sequence import Sequence
from ledgerpost.papers.terms import DAY
from ledgerpost.sealed import trusted
from ledgerpost.statement import digest_of
from ledgerpost.terms import Digest, Moment
from ledgerpost.wallet.drawer import Draft, draw
from losses import restored
from market import Market, market
from quarreling import cards
from town import receipt_in

OTHER = Digest(b"\x07" * 32)
"""A digest of nothing."""


def identity(raw: bytes) -> Digest:
    return trusted(raw).identity


def word(
    m: Market,
    window: tuple[Moment, Moment],
    receipt: bytes | None,
    *,
    seq: int | None = None,
    who: str = "alice",
    held: Iterable[bytes] = (),
    **more: Any,
) -> bytes:
    """Of ``who``, for the loss of what was signed after the first and up to the second time of the window."""
    party, bank = m[who], m.bank.signer
    asked = Restoring(bank.fingerprint, party.me, *window).sign(bank)
    paper = receipt_in(receipt) if receipt and receipt != OTHER else None
    named = OTHER if receipt == OTHER else identity(receipt) if receipt else None
    seq = seq if seq is not None else party.account.statement.seq if paper else 0
    holds = tuple(sorted(map(identity, held)))
    said = Declaration(bank.fingerprint, asked, seq, named, paper.highest if paper else 0, holds, ())
    return replace(said, **more).sign(party.signer)


def claims(m: Market, *files: bytes) -> list[tuple[str, tuple[Need, ...], bool]]:
    """What is claimed and open: its rule, what is asked for, and whether it shows what the claim would show."""
    verdict = judge((*cards(m), *files), m.bank.now)
    found = [(each, each.claim) for each in verdict.undecidable if each.claim]
    return [(claim.rule, each.needs, each.shown == claim.shown and _says(each)) for each, claim in found]


def _says(each: Missing) -> bool:
    [need] = each.needs
    claim = each.claim
    why = f"the bank lost its books, and the party went on from its receipt {need.number}"
    return claim is not None and each.words == f"whether {claim.words}: {why}"


def asks(m: Market, seq: int) -> tuple[Need, ...]:
    return (Need("receipt", None, m["alice"].me, seq),)


# --- receipts


@pytest.fixture
def forked() -> tuple[Market, bytes, bytes, list[bytes]]:
    """Two receipts under one sequence of Alice's, a thousand seconds apart, and what stands beside them."""
    m = market("alice", "bob")
    alice = m["alice"]
    before, backup, files = alice.account, keep(m), list[bytes]()
    alice.pay(m["bob"], m.grain, 30)
    carry(alice)
    one, files = alice.account.receipt or b"", [*files, *alice.account.parts.values()]
    m.bank.now += 1000
    alice.account = before
    m.bank.store = restored(backup, m.bank.now, -1)  # nobody is waited for
    alice.pay(m["bob"], m.grain, 40)
    carry(alice)
    other, files = alice.account.receipt or b"", [*files, *alice.account.parts.values()]
    assert receipt_in(one).time + 1000 <= receipt_in(other).time
    return m, one, other, files


def around(*raws: bytes) -> tuple[Moment, Moment]:
    """The window of just these receipts or notices."""
    times = [trusted(raw).body[2 if kind_of(raw) == "receipt" else 3] for raw in raws]
    return min(times) - 1, max(times)


def test_what_was_signed_before_or_after_the_lost_time_is_held_against_what_was_signed_in_it(
    forked: tuple[Market, bytes, bytes, list[bytes]],
) -> None:
    m, one, other, files = forked
    assert rules(m, one, other, *files) == {"L11"}
    for mine in (one, other):
        assert rules(m, one, other, *files, word(m, around(mine), mine)) == {"L11"}
        assert rules(m, one, other, *files, word(m, around(one, other), mine)) == set()


def test_a_receipt_that_the_one_declared_may_lead_back_to_or_not_waits_for_that(
    forked: tuple[Market, bytes, bytes, list[bytes]],
) -> None:
    m, *two, files = forked
    older, newer = sorted(two, key=identity)
    assert claims(m, older, newer, *files, word(m, around(older), OTHER, seq=9)) == [("L11", asks(m, 9), True)]
    assert rules(m, older, newer, *files, word(m, around(older), OTHER, seq=9)) == set()
    for nothing in (word(m, around(older), older), word(m, (1, 2), OTHER, seq=9)):
        assert claims(m, older, newer, *files, nothing) == []
        assert rules(m, older, newer, *files, nothing) == {"L11"}
    assert rules(m, older, newer, *files, word(m, around(older), OTHER, seq=9, who="bob")) == {"L11"}
    assert rules(m, older, newer, word(m, around(older), older)) == {"L11"}  # what it follows from is not here


# --- notices


def told(m: Market, notice: int, time: Moment, kind: str = n.EXPIRED, **more: Any) -> bytes:
    """Made for Alice by her bank."""
    alice = m["alice"]
    seq, digest = alice.account.statement.seq, digest_of(alice.account.statement.encode())
    bank = m.bank.signer
    about = Notice(bank.fingerprint, alice.me, notice, time, kind, seq, digest, None, None, 5, m.grain, 40, 9, 0, None)
    return replace(about, **more).sign(bank)


@pytest.fixture
def m() -> Market:
    return market("alice", "bob")


def test_a_spend_that_ended_twice_is_open_while_the_first_end_may_be_void(m: Market) -> None:
    now = m.bank.now
    two = first, second = told(m, 11, now), told(m, 12, now + 100)
    assert rules(m, *two) == {"O2"}
    for mine in ([first], [*two]):
        assert claims(m, *two, word(m, around(*mine), OTHER, seq=9, held=mine)) == [("O2", asks(m, 9), True)]
    for nothing in (
        word(m, around(second), OTHER, seq=9, held=[second]),
        word(m, around(*two), OTHER, seq=9, held=two, who="bob"),
        word(m, around(*two), None, held=two),
    ):
        assert claims(m, *two, nothing) == []
        assert rules(m, *two, nothing) == {"O2"}
    assert rules(m, *two, word(m, around(first), OTHER, seq=9)) == set()
    assert rules(m, *two, word(m, around(first), OTHER, seq=9, highest=11)) == set()
    assert rules(m, *two, word(m, around(first), OTHER, seq=9, highest=11, lacking=(11,))) == set()


def test_the_later_notice_names_no_older_statement_unless_both_or_that_statement_may_be_lost(m: Market) -> None:
    now, seq = m.bank.now, m["alice"].account.statement.seq
    two = first, second = told(m, 11, now), told(m, 12, now + 100, number=6, seq=seq - 1)
    assert rules(m, *two) == {"S6"}
    assert rules(m, first, told(m, 12, now + 100, number=6)) == set()
    for mine in (first, second):
        assert rules(m, *two, word(m, around(mine), OTHER, seq=9, held=[mine])) == {"S6"}
    assert rules(m, *two, word(m, around(*two), OTHER, seq=9, held=two)) == set()
    assert rules(m, *two, word(m, around(*two), OTHER, seq=9, held=two, who="bob")) == {"S6"}
    assert rules(m, *two, word(m, around(first), OTHER, seq=seq - 1, held=[first])) == set()
    assert rules(m, *two, word(m, around(second), OTHER, seq=seq - 1, held=[second])) == {"S6"}
    assert rules(m, *two, word(m, (now, now + 1), OTHER, seq=seq - 1)) == {"S6"}
    back = told(m, 12, now - 1, number=6)
    assert rules(m, first, back, word(m, around(first, back), OTHER, seq=9, held=[first, back])) == {"S6"}


def test_a_number_that_was_charged_twice_is_open_while_either_debit_may_be_void(m: Market) -> None:
    alice, bob = m["alice"], m["bob"]
    drawn = alice.draw(bob, m.grain, 40)
    assert bob.deposit(drawn) == [Refusal.DONE]
    carry(alice)
    [first] = alice.account.notices.values()
    again = Notice.read(trusted(first).body)
    second = replace(again, notice=again.notice + 1, time=again.time + 100).sign(m.bank.signer)
    assert rules(m, first, second) == {"N2"}
    for mine in ([first], [second], [first, second]):
        said = word(m, around(*mine), OTHER, seq=99, held=mine)
        assert claims(m, first, second, said) == [("N2", asks(m, 99), True)]
    assert rules(m, first, second, word(m, (1, 2), OTHER, seq=99)) == {"N2"}


@pytest.fixture
def spent(m: Market) -> tuple[Market, Notice, bytes, list[bytes]]:
    """Alice was told of a spend of Bob's; her receipt, and what stands beside it."""
    alice, bob = m["alice"], m["bob"]
    bob.pay(alice, m.grain, 40)
    carry(bob, alice)
    [raw] = alice.account.notices.values()
    beside = [*alice.account.parts.values(), *alice.account.letters, *words_of(bob)]
    return m, Notice.read(trusted(raw).body), alice.account.receipt or b"", beside


def test_a_notice_that_a_receipt_forgot_is_open_while_it_may_be_void(
    spent: tuple[Market, Notice, bytes, list[bytes]],
) -> None:
    m, notice, receipt, beside = spent
    forgot = receipt_in(receipt).highest + 1
    later = replace(receipt_in(receipt), time=notice.time + 500, highest=forgot).sign(m.bank.signer)
    mine = replace(notice, notice=forgot).sign(m.bank.signer)
    assert rules(m, mine, later, *beside) == {"L2"}
    said = word(m, around(mine), OTHER, seq=99, held=[mine])
    assert claims(m, mine, later, *beside, said) == [("L2", asks(m, 99), True)]
    assert rules(m, mine, later, *beside, word(m, (1, 2), OTHER, seq=99, held=[mine])) == {"L2"}
    assert rules(m, mine, later, *beside, word(m, around(mine), later, held=[mine], highest=0)) == set()
    assert rules(m, mine, later, *beside, word(m, around(mine, later), OTHER, seq=99, held=[mine])) == set()


def test_a_notice_that_names_a_statement_which_its_party_goes_on_from_binds_the_next(
    spent: tuple[Market, Notice, bytes, list[bytes]],
) -> None:
    m, notice, receipt, beside = spent
    seq, digest, now = m["alice"].account.statement.seq, digest_of(receipt_in(receipt).statement), m.bank.now + 9
    first = replace(notice, notice=11, time=now, seq=seq, digest=digest).sign(m.bank.signer)
    second = told(m, 12, now + 100, number=6, seq=seq - 1)
    for said in ([], [word(m, around(first), receipt, held=[first])]):
        verdict = judge((*cards(m), first, second, receipt, *beside, *said), m.bank.now)
        assert {each.rule for each in verdict.findings} == {"S6"}
        assert (identity(first), identity(second)) in {each.shown for each in verdict.findings}


# --- chequebooks


def test_a_chequebook_of_the_lost_time_is_void_open_or_good_by_the_receipt_declared(m: Market) -> None:
    """Alice has signed one number to two; the bank, it seems, gave it out twice."""
    alice, receipt = m["alice"], m["alice"].account.receipt or b""
    beside = [*alice.account.parts.values(), *alice.account.letters]
    [*_, book] = alice.account.books
    paper = Sequence.read(trusted(book).body)
    time = paper.time + 1000
    again = replace(paper, until=paper.until + 9, time=time).sign(m.bank.signer)
    drafts = (Draft(m["bob"].me, m.grain, amount, 0, m.bank.now + 30 * DAY) for amount in (5, 6))
    drawn = [draw(alice.account, alice.signer, alice.now, each)[1] for each in drafts]
    files = (again, book, *(each.encode() for each in drawn))
    assert rules(m, *files) == {"N1"}
    assert rules(m, *files, word(m, (time - 1, time), None)) == {"C3"}
    assert rules(m, *files, receipt, *beside, word(m, (time - 1, time), receipt)) == {"N1"}
    assert rules(m, *files, word(m, (paper.time - 1, time), OTHER, seq=99)) == {"C3"}
    verdict = judge((*cards(m), *files, word(m, (time - 1, time), OTHER, seq=99)), m.bank.now)
    [open_] = verdict.undecidable
    assert verdict.findings == ()
    assert open_.claim is not None
    assert (open_.needs, open_.claim.rule, open_.claim.shown) == (asks(m, 99), "N1", open_.shown)
    twice = f"whether the bank gave out number {paper_of(drawn[0].body).number} twice"
    assert open_.words == f"{twice}, or its drawer signed it to two"
    for at in range(4):  # two that are both good
        third = replace(paper, until=paper.until + 99 + at, time=time + 9).sign(m.bank.signer)
        assert rules(m, *files, third, word(m, (time - 1, time), OTHER, seq=99)) == {"N1"}
