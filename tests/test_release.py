"""Releases: the paper and what it ends; whom a wallet releases, by the refusal that it holds; what it keeps (C2)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ledgerpost.cli.explain import explain
from ledgerpost.cli.known import Known
from ledgerpost.cli.words import Book
from ledgerpost.errors import BadSignature, Denied, NotFound, OverLimit, Refusal, UnknownType, WrongBank, WrongShape
from ledgerpost.papers.denyreceipt import DenyReceipt
from ledgerpost.papers.instrument import (
    Chain,
    Instrument,
    check_offline,
    digest_of_instrument,
    identity_of_body,
    paper_of,
    read_instrument,
)
from ledgerpost.papers.kinds import About
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.release import Release
from ledgerpost.papers.terms import DAY
from ledgerpost.sealed import Signer, open_message, trusted
from ledgerpost.terms import MAX_INT, Digest, Fingerprint
from ledgerpost.wallet.account import PAID, REFUSED, RELEASED, Account
from ledgerpost.wallet.drawer import queue, take
from ledgerpost.wallet.mail import sort_mail
from ledgerpost.wallet.records import from_records, to_records
from ledgerpost.wallet.release import MOST, owes, release, released
from market import Market, endorsed, lead, market, present, presentation
from test_cheques import cheque, spend, stop
from town import Party, seed_of

NAMES = ("alice", "bob", "carol", "dora")
BANK, ME, DEBTOR = (Signer.from_seed(seed_of(name)) for name in ("bank", "bob", "alice"))
GOOD = Release(BANK.fingerprint, Digest(b"\x01" * 32), DEBTOR.fingerprint, Digest(b"\x02" * 32), 40, "in oats ✓")


# --- the paper ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("paper", [GOOD, replace(GOOD, amount=MAX_INT, comment=""), replace(GOOD, comment=128 * "é")])
def test_a_release_reads_as_it_was_signed(paper: Release) -> None:
    sealed = open_message(paper.sign(ME), ME.key, Release.TYPE)
    assert (Release.of(sealed, BANK.fingerprint), sealed.signer) == (paper, ME.fingerprint)


NOTHING: tuple[Any, ...] = (None, True, 1.5, (), {}, -1, 0, b"")
HOSTILE: tuple[tuple[int, Any], ...] = (
    *((at, value) for at in range(6) for value in NOTHING),
    (0, bytes(19)),
    (1, bytes(31)),
    (1, bytes(33)),
    (2, bytes(32)),
    (3, bytes(20)),
    (4, MAX_INT + 1),
    (4, (40,)),
    (5, b"in oats"),
)


@pytest.mark.parametrize(("at", "value"), HOSTILE)
def test_no_field_may_be_anything_else(at: int, value: object) -> None:
    body = (*GOOD.body()[:at], value, *GOOD.body()[at + 1 :])
    with pytest.raises(WrongShape):
        Release.of(open_message(ME.sign(Release.TYPE, body), ME.key))


def test_no_field_may_be_missing_or_added_or_too_long() -> None:
    for body in ((), GOOD.body()[:-1], GOOD.body()[1:], (*GOOD.body(), None)):
        with pytest.raises(WrongShape):
            Release.read(body)
    with pytest.raises(OverLimit):
        Release.read((*GOOD.body()[:-1], 129 * "é"))


def test_it_is_no_other_paper_no_other_banks_and_nobody_elses() -> None:
    raw = GOOD.sign(ME)
    with pytest.raises(BadSignature):
        open_message(raw, DEBTOR.key)
    with pytest.raises(WrongShape):
        open_message(raw, ME.key, DenyReceipt.TYPE)
    with pytest.raises(WrongShape):
        Release.of(open_message(ME.sign("denyreceipt", GOOD.body()), ME.key))
    with pytest.raises(WrongBank):
        Release.of(open_message(raw, ME.key), ME.fingerprint)


def test_the_bank_has_nothing_to_say_in_it(m: Market) -> None:
    with pytest.raises(UnknownType):
        sort_mail(m["bob"].account, (GOOD.sign(m.bank.signer),))


def chain_of(m: Market, instrument: Instrument) -> Chain:
    return check_offline(instrument, m.bank.signer.key)


def test_it_ends_one_claim_whole_or_none(m: Market) -> None:
    one, two = (chain_of(m, cheque(m["alice"], m["bob"], m, 1001, number=number)) for number in (1, 2))
    alice, bob, bank = m["alice"].me, m["bob"].me, m.bank.signer.fingerprint
    good = Release(bank, one.identity, alice, m.grain, 1001, "")
    assert good.ends(one, alice)
    assert replace(good, comment="paid in oats").ends(one, alice)
    assert not good.ends(one, bob)
    assert not good.ends(two, alice)
    for other in (
        replace(good, bank=bob),
        replace(good, paper=two.identity),
        replace(good, debtor=bank),
        replace(good, asset=Digest(bytes(32))),
        replace(good, amount=1000),
        replace(good, amount=1002),
    ):
        assert not other.ends(one, alice)


# --- who owes, by the refusal in the wallet -----------------------------------------------------------------------


Refused = tuple[str, Instrument, Refusal]
"""Who presents it, through its own wallet; what; how the bank refuses it."""


@pytest.fixture
def m() -> Market:
    return market(*NAMES)


def bounced(m: Market) -> Refused:
    return "bob", cheque(m["alice"], m["bob"], m, 1001), Refusal.FUNDS


def stopped(m: Market) -> Refused:
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    assert stop(m["alice"], 1, 1).code is Refusal.DONE
    return "bob", drawn, Refusal.NUMBER


def signed_to_two(m: Market) -> Refused:
    one, two = cheque(m["alice"], m["bob"], m, 100), cheque(m["alice"], m["carol"], m, 200)
    assert m["bob"].deposit(one) == [Refusal.DONE]
    return "carol", two, Refusal.USED


def a_certificate_on_its_number(m: Market, days: int = 30) -> Refused:
    drawn = cheque(m["alice"], m["bob"], m, 100, until=m.bank.now + days * DAY)
    assert spend(m["alice"], None, m, 1, 100).code is Refusal.DONE
    [raw] = [each for each in m["alice"].account.parts.values() if is_certificate(each)]
    assert present(lead(Instrument(raw), m["alice"], m["carol"]), m["carol"]).code is Refusal.DONE
    m["bob"].take(drawn)
    m.bank.now += 2 * DAY
    return "bob", drawn, Refusal.USED


def is_certificate(raw: bytes) -> bool:
    return raw[:1] == b"\xd2" and trusted(raw).type == "certificate"


def a_certificate_on_it_after_its_end(m: Market) -> Refused:
    return a_certificate_on_its_number(m, days=1)


def endorsed_to_two(m: Market) -> Refused:
    start = lead(cheque(m["alice"], m["bob"], m, 100), m["bob"], m["carol"])
    one, other = (lead(start, m["carol"], m[name]) for name in ("dora", "bob"))
    assert present(one, m["dora"]).code is Refusal.DONE
    return "bob", other, Refusal.USED


def a_certificate_endorsed_to_two(m: Market) -> Refused:
    held = m["alice"].buy(m.grain, 400)
    one, other = (lead(held, m["alice"], m[name]) for name in ("bob", "carol"))
    assert present(one, m["bob"]).code is Refusal.DONE
    return "carol", other, Refusal.USED


def two_certificates_under_one_number(m: Market) -> Refused:
    held = m["alice"].buy(m.grain, 400)
    other = Instrument(replace(paper_of(held.body), amount=300).sign(m.bank.signer))
    assert present(lead(held, m["alice"], m["bob"]), m["bob"]).code is Refusal.DONE
    return "carol", lead(other, m["alice"], m["carol"]), Refusal.USED


def an_open_cheque_presented_by_another(m: Market) -> Refused:
    drawn = m["alice"].draw(None, m.grain, 100)
    assert m["bob"].deposit(drawn) == [Refusal.DONE]
    return "carol", drawn, Refusal.USED


def too_early(m: Market) -> Refused:
    return "bob", m["alice"].draw(m["bob"], m.grain, 100, start=m.bank.now + DAY), Refusal.DATES


CASES: tuple[tuple[Callable[[Market], Refused], str | None], ...] = (
    (bounced, "alice"),
    (stopped, "alice"),
    (signed_to_two, "alice"),
    (a_certificate_on_its_number, "alice"),
    (a_certificate_on_it_after_its_end, None),
    (endorsed_to_two, "carol"),
    (a_certificate_endorsed_to_two, "alice"),
    (two_certificates_under_one_number, "bank"),
    (an_open_cheque_presented_by_another, None),
    (too_early, None),
)


def present_it(m: Market, make: Callable[[Market], Refused]) -> tuple[Party, Digest]:
    holder, instrument, code = make(m)
    party = m[holder]
    if not party.state(instrument):
        party.take(instrument)
    party.queue(instrument)
    codes = [each.code for news in party.trip() for answered in news.answered for each in answered.results]
    assert codes[-1] is code
    assert party.state(instrument) == REFUSED
    return party, identity_of_body(instrument.body)


def who(m: Market, name: str) -> Fingerprint:
    return m.bank.signer.fingerprint if name == "bank" else m[name].me


@pytest.mark.parametrize(("make", "debtor"), CASES)
def test_the_debtor_is_whom_the_refusal_points_to(
    m: Market, make: Callable[[Market], Refused], debtor: str | None
) -> None:
    party, identity = present_it(m, make)
    assert owes(party.account, identity) == (debtor and who(m, debtor))


@pytest.mark.parametrize(("make", "debtor"), CASES)
def test_a_release_is_of_just_this_claim_and_signed_once(
    m: Market, make: Callable[[Market], Refused], debtor: str | None
) -> None:
    party, identity = present_it(m, make)
    whom = who(m, debtor or "alice")
    after, raw = release(party.account, party.signer, identity, whom, "in oats")
    sealed = open_message(raw, party.signer.key, Release.TYPE)
    item = after.items[identity]
    chain = chain_of(m, read_instrument(item.instrument))
    assert sealed.signer == party.me
    assert Release.of(sealed, m.bank.signer.fingerprint).ends(chain, whom)
    assert item.state == RELEASED
    assert item.proof == (*party.account.items[identity].proof, raw)
    kept = from_records(m.bank.signer.fingerprint, to_records(after))
    assert kept == after
    assert release(kept, party.signer, identity, whom, "in rye") == (kept, raw)


def other_number(m: Market) -> bytes:
    return cheque(m["alice"], m["bob"], m, 100, number=2).encode()


def other_drawer(m: Market) -> bytes:
    return cheque(m["dora"], m["bob"], m, 100).encode()


def the_same(m: Market) -> bytes:
    return cheque(m["alice"], m["carol"], m, 200).encode()


def rubbish(m: Market) -> bytes:
    return b"\x84\x58"


def another_under_it(m: Market) -> bytes:
    return cheque(m["alice"], m["dora"], m, 300).encode()


@pytest.mark.parametrize("make", [other_number, other_drawer, the_same, rubbish, another_under_it])
@pytest.mark.parametrize("beside", [True, False])
def test_only_evidence_of_a_double_signer_points_to_one(
    m: Market, make: Callable[[Market], bytes], beside: bool
) -> None:
    """A bank that shows something else may owe itself: the judge says that, and the wallet asks whom."""
    party, identity = present_it(m, signed_to_two)
    part = make(m)
    false = answered(m, party, identity, part=digest_of_instrument(part))
    item = false.items[identity]
    account = replace(false, items={identity: item._replace(proof=(*item.proof, *([part] if beside else [])))})
    assert owes(account, identity) == (m["alice"].me if beside and make is another_under_it else None)


def answered(m: Market, party: Party, identity: Digest, **said: Any) -> Account:
    """The account with the same refusal in other words: fields of its result; and no evidence beside it."""
    item = party.account.items[identity]
    receipt = Receipt.read(trusted(item.proof[0]).body)
    (answer,) = receipt.answers[-1:]
    other = answer._replace(results=(answer.results[-1]._replace(**said),))
    false = replace(receipt, answers=(*receipt.answers[:-1], other)).sign(m.bank.signer)
    letters = [raw for raw in item.proof[1:] if raw[:1] == b"\xd2"]
    return replace(party.account, items={identity: item._replace(proof=(false, *letters))})


def test_a_refusal_that_names_another_or_another_reason_points_to_nobody(m: Market) -> None:
    party, identity = present_it(m, bounced)
    assert owes(answered(m, party, identity), identity) == m["alice"].me
    about = About(m["dora"].me, 1, Digest(bytes(32)), 0)
    for said in ({"about": about}, {"about": None}, {"code": Refusal.DATES}, {"code": Refusal.ASSET}):
        assert owes(answered(m, party, identity, **said), identity) is None


def test_of_several_refused_each_has_its_own_debtor(m: Market) -> None:
    early, large = (
        cheque(m["alice"], m["bob"], m, 1, start=m.bank.now + DAY),
        cheque(m["alice"], m["bob"], m, 1001, number=2),
    )
    assert m["bob"].deposit(large, early) == [Refusal.FUNDS, Refusal.DATES]
    found = [owes(m["bob"].account, identity_of_body(each.body)) for each in (large, early)]
    assert found == [m["alice"].me, None]


def test_the_last_of_two_answers_counts(m: Market) -> None:
    """Too early at first, and that receipt was lost; in date and not covered the second time."""
    bob = m["bob"]
    drawn = cheque(m["alice"], bob, m, 1001, start=m.bank.now + DAY)
    bob.take(drawn)
    order = presentation(endorsed(drawn, bob, m.bank.signer.key))
    bob.account = replace(bob.account, letters=(bob.by_hand(order),))
    m.bank.answer_to(bob.seal(bob.account.letters))
    m.bank.now += 2 * DAY
    assert bob.hand_in(order) == [Refusal.FUNDS]
    held = bob.account.held
    assert held is not None
    assert [each.code for answer in held.answers for each in answer.results] == [Refusal.DATES, Refusal.FUNDS]
    assert owes(bob.account, identity_of_body(drawn.body)) == m["alice"].me


def test_what_was_released_is_presented_no_more(m: Market) -> None:
    party, identity = present_it(m, bounced)
    _, drawn, _ = bounced(m)  # the same cheque, as it was handed over
    queued = queue(party.account, identity)
    with pytest.raises(Denied, match="queued"):
        release(queued, party.signer, identity, m["alice"].me)
    after, _ = release(party.account, party.signer, identity, m["alice"].me)
    with pytest.raises(Denied, match="released before"):
        queue(after, identity)
    with pytest.raises(Denied, match="it was released"):
        take(after, drawn.encode(), m.bank.now)


def test_whoever_else_is_released_the_claim_on_the_debtor_stays(m: Market) -> None:
    party, identity = present_it(m, bounced)
    bank = m.bank.signer.fingerprint
    first, one = release(party.account, party.signer, identity, bank)
    assert first.items[identity].state == REFUSED
    both, other = release(first, party.signer, identity, m["alice"].me)
    assert both.items[identity].state == RELEASED
    assert released(both.items[identity]) == {bank: one, m["alice"].me: other}


def test_it_is_forgotten_with_the_instrument(m: Market) -> None:
    party, identity = present_it(m, bounced)
    party.account, _ = release(party.account, party.signer, identity, m["alice"].me)
    m.bank.now = party.account.items[identity].until + party.account.conditions.grace
    party.ask()
    assert party.account.items[identity].state == RELEASED
    m.bank.now += 1
    party.ask()
    assert identity not in party.account.items


def test_no_claim_is_given_up_where_there_is_none(m: Market) -> None:
    bob, alice = m["bob"], m["alice"].me
    drawn = m["alice"].draw(bob, m.grain, 100)
    identity = identity_of_body(drawn.body)
    with pytest.raises(NotFound):
        release(bob.account, bob.signer, identity, alice)
    assert owes(bob.account, identity) is None
    bob.take(drawn)
    with pytest.raises(Denied, match="has not refused it"):
        release(bob.account, bob.signer, identity, alice)
    bob.queue(drawn)
    bob.trip()
    assert bob.state(drawn) == PAID
    with pytest.raises(Denied, match="has not refused it"):
        release(bob.account, bob.signer, identity, alice)


def test_nobody_releases_oneself_nor_half_the_town(m: Market) -> None:
    party, identity = present_it(m, bounced)
    with pytest.raises(Denied, match="oneself"):
        release(party.account, party.signer, identity, party.me)
    account = party.account
    for at in range(MOST):
        account, _ = release(account, party.signer, identity, Fingerprint(bytes([at]) * 20))
    with pytest.raises(Denied, match="8 were released"):
        release(account, party.signer, identity, m["alice"].me)
    assert from_records(m.bank.signer.fingerprint, to_records(account)) == account


def test_a_comment_too_long_is_not_signed(m: Market) -> None:
    party, identity = present_it(m, bounced)
    with pytest.raises(OverLimit):
        release(party.account, party.signer, identity, m["alice"].me, 257 * "x")


# --- in words -----------------------------------------------------------------------------------------------------


def test_it_is_explained_in_words() -> None:
    book = Book(names={ME.fingerprint: "Bob", DEBTOR.fingerprint: "Alice"})
    said = explain(GOOD.sign(ME), Known({ME.fingerprint: ME.key}, book=book))
    text = "\n".join(said.lines)
    assert (said.kind, said.good, said.signer) == ("release", True, ME.fingerprint)
    for words in (
        "a release",
        "Bob (lp1",
        "gives up a claim of 40 units",
        "against Alice (lp1",
        '"in oats ✓"',
        "01" * 32,
    ):
        assert words in text
    assert explain(GOOD.sign(ME), Known()).good is None
    zero = ME.sign(Release.TYPE, (*GOOD.body()[:4], 0, ""))
    assert explain(zero, Known({ME.fingerprint: ME.key})).good is False
