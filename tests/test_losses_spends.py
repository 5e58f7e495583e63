"""Spends, certificates and openings of a time that the bank lost (L11): each ends once, whoever comes first."""

from dataclasses import replace

import pytest

from burning import answers, burn, carry, come, come_again, holds, keep, rules, unsealed, words_of
from ledgerpost.bank.keys import DEEDS, OWED, SETTLED
from ledgerpost.errors import Refusal
from ledgerpost.papers.cancelspend import CancelSpend
from ledgerpost.papers.confirmreceipt import ConfirmReceipt
from ledgerpost.papers.terms import DAY
from losses import enclosing
from market import Market, endorsed, market
from town import Party


@pytest.mark.parametrize("names", ["alice bob", "bob alice"])
def test_a_spend_of_the_second_of_an_older_receipt_is_told_once(names: str) -> None:
    """Of a signed order, too, the times do not tell whether it was done in the receipt that Alice has."""
    m = market("alice", "bob")
    alice, bob, backup = m["alice"], m["bob"], keep(m)
    carry(alice)
    alice.pay(bob, m.grain, 70)
    m.bank.now -= 1
    answers(alice)
    carry(bob)
    burn(m, backup)
    come(m, *names.split())
    bob.accept_all()
    come(m, *names.split())
    assert m.has("alice", "bob") == [930, 1070]
    assert alice.account.statement.outstanding == ()
    m.check()
    assert rules(m, *words_of(alice, bob)) == set()


def test_a_spender_who_was_not_told_learns_that_its_spend_was_taken() -> None:
    """Bob accepted, and has done several letters since (14.24)."""
    m = market("alice", "bob")
    alice, bob = m["alice"], m["bob"]
    alice.pay(bob, m.grain, 70)
    carry(alice, bob, bob)
    backup = keep(m)
    bob.accept_all()
    carry(bob, bob, bob)
    burn(m, backup)
    come(m, "bob", "alice")
    assert m.has("alice", "bob") == [930, 1070]
    assert alice.account.statement.outstanding == ()
    m.check()


def test_a_payee_who_was_not_told_learns_that_the_spend_was_withdrawn() -> None:
    """Else Bob accepts what Alice has back."""
    m = market("alice", "bob")
    alice, bob = m["alice"], m["bob"]
    alice.pay(bob, m.grain, 70)
    carry(alice, bob, bob)
    backup = keep(m)
    alice.wish("cancelspend", number=alice.account.statement.outstanding[0].number)
    carry(alice, alice)
    burn(m, backup)
    carry(alice, alice)
    bob.accept_all()
    come(m, "alice", "bob")
    assert m.has("alice", "bob") == [1000, 1000]
    m.check()
    assert rules(m, *words_of(alice, bob)) == set()


def test_a_spend_that_was_taken_back_and_has_ended_meanwhile_comes_back_once() -> None:
    """Seed 9000266 of the town: Alice did not come before its end; then both her letter and time brought it back."""
    m = market("alice", "bob")
    alice, bob = m["alice"], m["bob"]
    alice.pay(bob, m.grain, 70, days=2)
    carry(alice, bob, bob)
    backup = keep(m)
    alice.wish("cancelspend", number=alice.account.statement.outstanding[0].number)
    answers(alice)
    carry(bob)
    burn(m, backup, grace=DAY)
    carry(bob, bob)
    m.bank.now += 4 * DAY
    carry(m.treasurer, m.treasurer)
    come(m, "alice", "bob")
    assert m.has("alice", "bob") == [1000, 1000]
    assert m.bank.page(alice.me).pending == ()
    assert alice.account.statement.outstanding == ()
    assert rules(m, *words_of(alice, bob)) == set()


def test_a_spend_to_a_newcomer_that_was_cancelled_waits_no_more() -> None:
    """The backup still has it waiting: Bob opened with what Alice had back, and 40 came from nothing."""
    m = market("alice")
    alice, bob = m["alice"], Party("bob", m.bank)
    m.people["bob"] = bob
    alice.pay(bob, m.grain, 40)
    alice.pay(bob, m.grain, 30)
    carry(alice)
    kept, spend = alice.account.statement.outstanding
    backup = keep(m)
    alice.wish("cancelspend", number=spend.number)
    carry(alice)
    burn(m, backup)
    come(m, "alice")
    bob.open((alice.me, spend.number, m.grain, spend.amount))
    carry(bob, bob)
    assert bob.account.receipt is None
    bob = m.people["bob"] = Party("bob", m.bank)
    bob.open((alice.me, kept.number, m.grain, kept.amount))
    come(m, "bob", "alice")
    assert m.has("alice", "bob") == [1000 - kept.amount, kept.amount]
    m.check()


def test_a_cancelled_spend_to_a_newcomer_takes_no_other_away_that_waits_on_its_number() -> None:
    """Alice brings the cancelling of 70 from a life that was lost before: her 40 on the same number wait on for Bob."""
    m = market("alice")
    alice, bob = m["alice"], Party("bob", m.bank)
    m.people["bob"] = bob
    alice.pay(bob, m.grain, 40)
    carry(alice)
    [spend] = alice.account.statement.outstanding
    burn(m, keep(m))
    carry(alice)
    earlier = CancelSpend(m.bank.signer.fingerprint, 1, bob.me, spend.number, m.grain, 70).sign(alice.signer)
    alice.wish("getq")
    alice.write()
    m.bank.post(alice.seal((*alice.account.letters, holds(alice), alice.account.receipt or b"", earlier)))
    bob.open((alice.me, spend.number, m.grain, 40))
    come(m, "bob", "alice")
    assert m.has("alice", "bob") == [960, 40]
    m.check()


def test_a_spend_that_was_taken_back_from_a_newcomer_is_not_taken_when_it_comes() -> None:
    """Seed 6002646 of the town: Bob's account was opened in the lost time, and he comes last, with the spend waiting.

    Alice had it back before the loss, and he had it besides.
    """
    m = market("alice")
    alice, bob, backup = m["alice"], Party("bob", m.bank), keep(m)
    m.people["bob"] = bob
    alice.pay(bob, m.grain, 40, days=30)
    carry(alice)
    bob.open()
    carry(bob, bob, alice)
    assert [each.amount for each in bob.account.waiting] == [40]
    alice.wish("cancelspend", number=alice.account.statement.outstanding[0].number)
    carry(alice)
    burn(m, backup)
    carry(alice, alice)
    assert m.has("alice") == [1000]
    bob.accept_all()
    come(m, "bob", "alice")
    assert m.has("alice", "bob") == [1000, 0]
    assert not [key for key in m.bank.records if key.startswith(DEEDS)]
    m.check()
    assert rules(m, *words_of(alice, bob)) == set()


def take_back(alice: Party, bob: Party) -> list[Refusal]:
    """What becomes of it, in a letter of its own; it is her only spend."""
    [spend], seq = alice.account.statement.outstanding, alice.account.statement.seq + 1
    bank = alice.bank.signer.fingerprint
    return alice.hand_in(CancelSpend(bank, seq, bob.me, spend.number, spend.asset, spend.amount))


@pytest.mark.parametrize("taken", [True, False])
def test_no_spend_is_taken_back_from_a_newcomer_that_may_have_had_it(*, taken: bool) -> None:
    """Seed 20000314 of the town: Bob opened in the lost time with the 40 ``taken``; or they wait for him there.

    Alice was not told, and comes first: she had them back, and he had them besides.
    """
    m = market("alice")
    alice, bob = m["alice"], Party("bob", m.bank)
    m.people["bob"] = bob
    alice.pay(bob, m.grain, 40)
    carry(alice)
    backup = keep(m)
    bob.open(*[(alice.me, 1, m.grain, 40)] * taken)
    carry(bob, bob)
    burn(m, backup)
    carry(alice, alice)
    assert take_back(alice, bob) == [Refusal.PENDING]
    bob.accept_all()
    come(m, "bob", "alice")
    assert m.has("alice", "bob") == [960, 40]
    assert alice.account.statement.outstanding == ()
    assert not [key for key in m.bank.records if key.startswith(DEEDS)]
    m.check()
    assert rules(m, *words_of(alice, bob)) == set()


@pytest.mark.parametrize("comes", [True, False])
def test_a_spend_is_taken_back_from_a_newcomer_that_has_come_or_is_waited_for_no_more(*, comes: bool) -> None:
    """Bob ``comes`` with nothing, and is refused an account: by the spend that he names, of which none waits."""
    m = market("alice")
    alice, bob = m["alice"], Party("bob", m.bank)
    m.people["bob"] = bob
    alice.pay(bob, m.grain, 40)
    carry(alice)
    burn(m, keep(m), grace=DAY)
    carry(alice, alice)
    assert take_back(alice, bob) == [Refusal.PENDING]
    if comes:
        bob.open((alice.me, 1, m.grain, 39))
        carry(bob, bob)
    else:
        m.bank.now += 2 * DAY
    assert take_back(alice, bob) == [Refusal.DONE]
    bob = m.people["bob"] = Party("bob", m.bank)
    bob.open()
    come(m, "bob", "alice")
    assert (m.has("alice", "bob"), bob.account.waiting) == ([1000, 0], ())
    assert not [key for key in m.bank.records if key.startswith(DEEDS)]
    m.check()
    assert rules(m, *words_of(alice, bob)) == set()


@pytest.mark.parametrize("told", [True, False])
def test_a_spend_that_a_newcomer_knows_to_be_taken_back_comes_back_though_its_letter_came_first(*, told: bool) -> None:
    """Alice's answer is lost. Bob's account was opened in the lost time; ``told`` of it or not, he comes last."""
    m = market("alice")
    alice, bob, backup = m["alice"], Party("bob", m.bank), keep(m)
    m.people["bob"] = bob
    alice.pay(bob, m.grain, 40)
    carry(alice)
    bob.open()
    carry(bob, bob, alice)
    alice.wish("cancelspend", number=alice.account.statement.outstanding[0].number)
    answers(alice)
    carry(*[bob] * told)
    burn(m, backup)
    carry(alice, alice)
    assert m.has("alice") == [960]
    come(m, "bob", "alice")
    assert take_back(alice, bob) == [Refusal.DONE]
    bob.accept_all()
    come(m, "bob", "alice")
    assert m.has("alice", "bob") == [1000, 0]
    m.check()
    assert rules(m, *words_of(alice, bob)) == set()


def test_whoever_keeps_an_acceptance_back_gains_by_it_and_the_audit_names_the_amount() -> None:
    m = market("alice", "bob")
    alice, bob = m["alice"], m["bob"]
    alice.pay(bob, m.grain, 70, days=3)
    carry(alice, bob, bob)
    backup = keep(m)
    bob.accept_all()
    carry(bob, bob, bob)
    burn(m, backup)
    object.__setattr__(bob.account, "said", {})
    come(m, "bob", "alice")
    m.bank.now += 9 * DAY
    come(m, "bob", "alice")
    assert m.has("alice", "bob") == [1000, 1070]
    assert [each.what for each in m.bank.audit().findings] == ["the books are off by +70 units"]


@pytest.mark.parametrize(("word", "days"), [("confirmreceipt", 30), ("confirmreceipt", 2), ("denyreceipt", 30)])
def test_a_spend_that_its_payee_ended_in_the_lost_time_ends_when_its_letter_comes_again(word: str, days: int) -> None:
    """Alice's answer is lost: she has neither spend nor end. Bob was told of the spend again, and had it twice."""
    m = market("alice", "bob")
    alice, bob, backup = m["alice"], m["bob"], keep(m)
    alice.pay(bob, m.grain, 70, days=days)
    answers(alice)
    carry(bob)
    bob.wish(word, number=bob.account.waiting[0].notice)
    carry(bob, bob)
    assert bob.account.waiting == ()
    burn(m, backup)
    m.bank.now += 3 * DAY  # past the end of the shorter one: it is not cleared again (R5)
    come(m, "bob", "alice")
    assert bob.account.waiting == ()
    assert m.has("alice", "bob") == ([930, 1070] if word == "confirmreceipt" else [1000, 1000])
    assert alice.account.statement.outstanding == ()
    assert not [key for key in m.bank.records if key.startswith(DEEDS)]
    m.check()
    assert rules(m, *words_of(alice, bob)) == set()


def lose_wallet_and_letter(m: Market, alice: Party, bob: Party) -> None:
    """Bob was told of Alice's 70; her answer is lost, then, once she has come, her wallet with the letter, which waits
    for Bob (L9). The same numbers are given again.
    """
    backup, before = keep(m), alice.account
    alice.account = replace(before, barred=before.statement.highest)
    alice.wish("getsequence", amount=5, until=m.bank.now + 90 * DAY)
    alice.pay(bob, m.grain, 70)
    answers(alice)
    carry(bob)
    burn(m, backup)
    carry(m.treasurer, m.treasurer, alice, alice)
    alice.account = replace(before, fresh=frozenset())
    carry(bob, bob, bob, alice, alice)
    alice.wish("getsequence", amount=5, until=m.bank.now + 90 * DAY)


@pytest.mark.parametrize("word", ["confirmreceipt", "denyreceipt"])
def test_the_end_of_a_spend_that_never_comes_again_closes_no_other_on_its_number(word: str) -> None:
    """Seed 9011034 of the town: by a closing of 70 where 5 were outstanding the bank was convicted."""
    m = market("alice", "bob")
    alice, bob = m["alice"], m["bob"]
    lose_wallet_and_letter(m, alice, bob)
    alice.pay(m.treasurer, m.grain, 5)
    carry(alice, alice)
    [old], [spend] = bob.account.waiting, alice.account.statement.outstanding
    assert (old.number, old.amount, spend.amount) == (spend.number, 70, 5)
    bob.wish(word, number=old.notice)
    carry(bob, bob)
    assert m.bank.page(alice.me).pending == ()
    come(m, "alice", "bob")
    assert alice.account.statement.outstanding == (spend,)
    assert rules(m, *words_of(alice, bob)) == set()


def test_taking_a_spend_back_withdraws_no_other_on_its_number() -> None:
    """Bob is told of both, and each stands for itself."""
    m = market("alice", "bob")
    alice, bob = m["alice"], m["bob"]
    lose_wallet_and_letter(m, alice, bob)
    alice.pay(bob, m.grain, 5)
    carry(alice, bob, alice)
    [spend] = alice.account.statement.outstanding
    assert [(each.number, each.amount) for each in bob.account.waiting] == [(spend.number, 70), (spend.number, 5)]
    alice.wish("cancelspend", number=spend.number)
    carry(alice, bob, alice)
    assert alice.account.statement.outstanding == ()
    assert {each.amount: each.kind for each in m.bank.page(bob.me).pending} == {70: "receipt", 5: "withdrawn"}
    assert rules(m, *words_of(alice, bob)) == set()


@pytest.mark.parametrize("paid", [True, False])
def test_a_certificate_closes_no_other_that_was_bought_on_its_number(*, paid: bool) -> None:
    """Seed 10005026 of the town: her wallet is lost too, and another is bought; by a closing of 35, where 40 were
    outstanding, the bank was convicted. It owes the holder of the first, whose buyer has the money (R7).
    """
    m = market("alice", "bob")
    alice, bob, backup = m["alice"], m["bob"], keep(m)
    before = alice.account
    first = endorsed(alice.buy(m.grain, 35), alice, bob.signer.key)
    bob.take(first)
    if paid:
        bob.queue(first)
        carry(bob)
    burn(m, backup)
    alice.account = before
    carry(alice, alice, bob)
    alice.buy(m.grain, 40)
    if not paid:
        carry(bob)
        bob.queue(first)
    carry(bob, bob)
    assert bob.state(first) == ("paid" if paid else "refused")
    assert m.bank.page(alice.me).pending == ()
    carry(alice, alice)
    assert [each.amount for each in alice.account.statement.outstanding] == [40]
    assert rules(m, *words_of(alice)) == set()


@pytest.mark.parametrize("word", ["confirmreceipt", "denyreceipt"])
def test_a_spend_that_its_payee_ends_before_its_letter_comes_again_ends_then(word: str) -> None:
    """Seed 4000374 of the town: Bob brought the notice, took the 91, and Alice had them back when their end came."""
    m = market("alice", "bob")
    alice, bob, backup = m["alice"], m["bob"], keep(m)
    alice.pay(bob, m.grain, 70, days=30)
    answers(alice)
    carry(bob)
    burn(m, backup)
    carry(alice, bob)
    m.bank.post(enclosing(alice))  # she is settled, and her letter waits for Bob
    assert [each for each in m.bank.records if each.startswith(SETTLED)] == [SETTLED + alice.me]
    bob.wish(word, number=bob.account.waiting[0].notice)
    carry(bob, bob)
    assert m.bank.statement(alice.me).outstanding == ()
    assert DEEDS + alice.me in {key[: len(DEEDS) + 20] for key in m.bank.records}
    come(m, "alice", "bob")
    assert m.has("alice", "bob") == ([930, 1070] if word == "confirmreceipt" else [1000, 1000])
    assert alice.account.statement.outstanding == ()
    assert not [key for key in m.bank.records if key.startswith(DEEDS)]
    m.check()
    assert rules(m, *words_of(alice, bob)) == set()


def test_what_was_done_in_the_lost_time_is_done_again_though_its_letter_is_late_by_then() -> None:
    """It waited for the treasurer, who never came. Bob has the 70; refused LATE, Alice would have them too."""
    m = market("alice", "bob")
    alice, bob, backup = m["alice"], m["bob"], keep(m)
    alice.pay(bob, m.grain, 70)
    alice.pay(m.treasurer, m.grain, 5)
    answers(alice)
    carry(bob)
    bob.accept_all()
    carry(bob, bob)
    burn(m, backup, grace=30 * DAY)
    carry(alice, alice, bob, bob)
    m.bank.now += 90 * DAY
    carry(bob, alice, alice, alice)
    assert m.has("alice", "bob") == [930, 1070]
    assert alice.account.statement.outstanding == ()
    m.check()
    assert rules(m, *words_of(alice, bob)) == set()


def test_a_spend_that_a_newcomer_had_in_the_lost_time_is_not_given_to_it_again() -> None:
    """By its ``createaccount``; Alice's answer is lost, and her letter comes when Bob has an account again."""
    m = market("alice")
    alice, bob, backup = m["alice"], Party("bob", m.bank), keep(m)
    m.people["bob"] = bob
    alice.pay(bob, m.grain, 40)
    answers(alice)
    bob.open((alice.me, 1, m.grain, 40))
    carry(bob)
    burn(m, backup)
    come(m, "bob", "alice")
    assert m.has("alice", "bob") == [960, 40]
    assert bob.account.waiting == ()
    assert not [key for key in m.bank.records if key.startswith(DEEDS)]
    m.check()
    assert rules(m, *words_of(alice, bob)) == set()


@pytest.mark.parametrize(("trips", "days"), [(1, 0), (2, 0), (2, 90)])
def test_an_account_is_opened_again_with_the_spend_whose_spender_knows_that_it_was_taken(trips: int, days: int) -> None:
    """Seed 9009166 of the town: Bob's answer is lost, and Alice was told that he has her 40.

    So they waited for him no more, and his letter was refused; now it opens his account, even if it is late by then.
    """
    m = market("alice")
    alice, bob, backup = m["alice"], Party("bob", m.bank), keep(m)
    m.people["bob"] = bob
    alice.pay(bob, m.grain, 40)
    alice.pay(bob, m.grain, 5)
    carry(alice)
    bob.open((alice.me, 1, m.grain, 40))
    answers(bob)
    carry(*[alice] * trips)
    burn(m, backup, grace=30 * DAY)
    carry(bob, bob, alice, alice)
    assert bob.account.receipt is None
    m.bank.now += days * DAY
    come(m, "bob", "alice")
    assert m.has("alice", "bob") == [960 if days else 955, 40]
    assert [each.amount for each in bob.account.waiting] == ([] if days else [5])
    assert not [key for key in m.bank.records if key.startswith((DEEDS, OWED))]
    m.check()
    assert rules(m, *words_of(alice, bob)) == set()


def test_who_opened_with_a_spend_that_comes_again_later_has_it_once_and_its_spender_hears_of_it_then() -> None:
    """Carol's letter waits for the treasurer; Alice's word opens Bob's account meanwhile, with what both paid."""
    m = market("alice", "carol")
    alice, carol, bob, backup = m["alice"], m["carol"], Party("bob", m.bank), keep(m)
    m.people["bob"] = bob
    carol.pay(m.treasurer, m.grain, 5)
    for each in (alice, carol):
        each.pay(bob, m.grain, 40)
    carry(alice)
    answers(carol)
    bob.open((alice.me, 1, m.grain, 40), (carol.me, 2, m.grain, 40))
    answers(bob)
    carry(alice)
    burn(m, backup)
    carry(*[alice, carol, bob] * 2)
    assert (bob.has(m.grain), m.bank.statement(carol.me).outstanding) == (80, ())
    come(m, "carol", "alice", "bob")
    assert m.has("alice", "bob") == [960, 80]
    assert bob.account.waiting == ()
    assert [each.amount for each in carol.account.statement.outstanding] == [5]
    assert not [key for key in m.bank.records if key.startswith(DEEDS)]
    m.check()
    assert rules(m, *words_of(alice, bob, carol)) == set()


def test_an_account_opened_again_after_a_loss_counts_its_notices_from_beyond_those_of_its_first_life() -> None:
    """Seed 9003606 of the town: its lost answer comes late, with another notice 1 than the bank made since."""
    m = market("alice")
    alice, bob = m["alice"], Party("bob", m.bank)
    alice.pay(bob, m.grain, 40)
    carry(alice)
    backup = keep(m)
    bob.open()
    late = answers(bob)
    burn(m, backup)
    come_again(m, bob)
    before = bob.account.notices
    assert [each.amount for each in bob.account.waiting] == [40]
    for raw in late:
        bob.receive(raw)
    assert bob.account.notices == before
    assert rules(m, *unsealed(bob, late), *words_of(alice, bob)) == set()


@pytest.mark.parametrize(("amount", "told"), [(7, [7]), (70, [])])
def test_who_signs_for_a_spend_that_was_never_made_gets_nothing_by_it(amount: int, told: list[int]) -> None:
    """Bob signs that he took 70 under a number of Alice's that is open: if she pays him just that, he has signed."""
    m = market("alice", "bob")
    alice, bob, backup = m["alice"], m["bob"], keep(m)
    burn(m, backup)
    carry(alice, alice, bob)
    number = alice.account.statement.numbers[0].first
    lie = ConfirmReceipt(m.bank.signer.fingerprint, 1, alice.me, number, m.grain, 70, 9).sign(bob.signer)
    bob.write()
    m.bank.post(bob.seal((*bob.account.letters, holds(bob), bob.account.receipt or b"", lie)))
    alice.pay(bob, m.grain, amount)
    carry(alice, bob)
    assert [each.amount for each in bob.account.waiting] == told
    assert not [key for key in m.bank.records if key.startswith(DEEDS + alice.me)]
    off = [] if told else [f"the books are off by -{amount} units"]
    carry(alice, alice)
    assert [each.what for each in m.bank.audit().findings] == off
    assert m.has("alice", "bob") == [1000 - amount, 1000]
