"""Cheques presented in a time that the bank lost (L11): who is paid, and who is charged, when they come again."""

from dataclasses import replace

import pytest

from burning import answers, burn, carry, come, holds, keep, present_again, rules, taken, words_of
from ledgerpost.bank.keys import OWED, SETTLED
from ledgerpost.errors import Refusal
from ledgerpost.papers.instrument import check_chain, endorse, paper_of
from ledgerpost.papers.stopcheque import StopCheque
from ledgerpost.papers.terms import DAY, Fee
from ledgerpost.spelling import spell_fingerprint
from ledgerpost.statement import Span
from ledgerpost.wallet.drawer import Draft, draw
from market import endorsed, market, presentation


def test_a_presenter_whose_receipt_is_lost_is_paid_once_and_the_drawer_charged_once() -> None:
    """Second review, problem 1: "presenter unpaid", "honest drawer convicted". Alice has taken the debit in already."""
    m = market("alice", "bob")
    alice, bob, backup = m["alice"], m["bob"], keep(m)
    drawn = taken(m, alice, bob, 100)
    answers(bob)
    carry(alice, alice)
    assert alice.has(m.grain) == 900
    burn(m, backup)
    come(m, "alice", "bob")
    assert m.has("alice", "bob") == [900, 1100]
    assert not [key for key in m.bank.records if key.startswith(OWED)]
    assert present_again(bob, drawn) == [Refusal.PAID]
    m.check()
    assert rules(m, *words_of(alice, bob)) == set()


@pytest.mark.parametrize("lost", [True, False])
@pytest.mark.parametrize("names", ["alice bob", "bob alice"])
def test_whoever_was_paid_in_the_second_of_an_older_receipt_is_paid_once(names: str, *, lost: bool) -> None:
    """Seed 9008034 of the town: by the times alone, the answer that Bob lacks was the one that he had (R5)."""
    m = market("alice", "bob")
    alice, bob, backup = m["alice"], m["bob"], keep(m)
    carry(bob)
    drawn = taken(m, alice, bob, 100)
    m.bank.now -= 1
    for raw in answers(bob):
        if not lost:
            bob.receive(raw)
    carry(alice, alice)
    burn(m, backup)
    come(m, *names.split())
    assert present_again(bob, drawn) == [Refusal.PAID]
    assert m.has("alice", "bob") == [900, 1100]
    m.check()
    assert rules(m, *words_of(alice, bob)) == set()


def test_a_drawer_who_was_not_told_is_charged_when_it_comes() -> None:
    """The other way round: Bob was paid and has his receipt, Alice heard nothing."""
    m = market("alice", "bob")
    alice, bob, backup = m["alice"], m["bob"], keep(m)
    taken(m, alice, bob, 100)
    carry(bob)
    burn(m, backup)
    come(m, "bob", "alice")
    assert m.has("alice", "bob") == [900, 1100]
    m.check()


def test_two_who_present_one_open_cheque_may_both_be_paid_and_the_audit_says_so() -> None:
    """Seed 9002594 of the town: Bob was paid, and Carol too, before he came. Alice is charged once (R7)."""
    m = market("alice", "bob", "carol")
    alice, bob, carol, backup = m["alice"], m["bob"], m["carol"], keep(m)
    drawn = alice.draw(None, m.grain, 100)
    for each in (bob, carol):
        each.take(drawn)
        each.queue(drawn)
    carry(bob)
    burn(m, backup)
    come(m, "alice", "carol")
    come(m, "bob", "alice")
    assert m.has("alice", "bob", "carol") == [900, 1100, 1100]
    assert [each.what for each in m.bank.audit().findings] == ["the books are off by +100 units"]
    assert rules(m, *words_of(alice, bob, carol)) == set()


def test_a_number_is_not_stopped_while_somebody_may_come_who_was_paid_on_it() -> None:
    """Seed 9004426 of the town: Alice came first and stopped it, Bob had the money, and nobody could be charged."""
    m = market("alice", "bob")
    alice, bob, backup = m["alice"], m["bob"], keep(m)
    drawn = alice.draw(bob, m.grain, 100)
    number = paper_of(drawn.body).number
    bob.take(drawn)
    bob.queue(drawn)
    carry(bob)
    burn(m, backup)
    carry(alice, alice)
    seq = alice.account.statement.seq + 1
    assert alice.hand_in(StopCheque(m.bank.signer.fingerprint, seq, (Span(number, number),))) == [Refusal.PENDING]
    come(m, "bob", "alice")
    assert m.has("alice", "bob") == [900, 1100]
    m.check()
    assert rules(m, *words_of(alice, bob)) == set()


def test_a_number_that_has_ended_is_stopped_while_the_bank_restores() -> None:
    """Nobody is charged on it any more, and a wallet stops it by itself (N2, N5)."""
    m = market("alice")
    alice, backup = m["alice"], keep(m)
    block = alice.account.statement.numbers[0]
    m.bank.now = block.until
    burn(m, backup)
    carry(alice, alice, alice)
    assert m.bank.statement(alice.me).block_of(block.first) is None


def test_a_cheque_past_its_end_is_charged_no_more_and_the_audit_says_so() -> None:
    """Seeds 94, 95 and 1014: the notice's own time proved that the cheque was not in date, and convicted the bank."""
    m = market("alice", "bob")
    alice, bob, backup = m["alice"], m["bob"], keep(m)
    drawn = alice.draw(bob, m.grain, 100, days=1)
    bob.take(drawn)
    bob.queue(drawn)
    carry(bob)
    burn(m, backup)
    m.bank.now += 2 * DAY
    come(m, "bob", "alice")
    assert m.has("alice", "bob") == [1000, 1100]
    assert [each.what for each in m.bank.audit().findings] == ["the books are off by +100 units"]
    assert rules(m, *words_of(alice, bob)) == set()


def test_a_cheque_brought_as_paid_before_its_start_charges_nobody() -> None:
    """Seed 26 of the town: Bob was never paid, and the notice's own time convicted the bank."""
    m = market("alice", "bob")
    alice, bob, backup = m["alice"], m["bob"], keep(m)
    drawn = alice.draw(bob, m.grain, 100, start=m.bank.now + 9 * DAY)
    bob.take(drawn)
    burn(m, backup)
    carry(alice, alice, bob)
    chain = check_chain(drawn, alice.signer.key, m.bank.signer.fingerprint)
    paid = replace(endorse(chain, bob.signer, m.bank.signer.key), chequebook=None).encode()
    bob.write()
    m.bank.post(bob.seal((*bob.account.letters, holds(bob), bob.account.receipt or b"", paid)))
    carry(alice, alice)
    assert m.has("alice") == [1000]
    assert rules(m, *words_of(alice, bob)) == set()


def test_a_cheque_of_its_own_brought_as_paid_charges_nobody() -> None:
    """Seed 5286 of the town: nobody is paid its own cheque. Its drawer owed 60 that it never had, and nobody got."""
    m = market("alice", "bob")
    alice, backup = m["alice"], keep(m)
    drawn = endorsed(alice.draw(m["bob"], m.grain, 1000), m["bob"], alice.signer.key)
    burn(m, backup)
    carry(alice)
    paid = replace(endorsed(drawn, alice, m.bank.signer.key), chequebook=None).encode()
    alice.wish("getq")
    alice.write()
    m.bank.post(alice.seal((*alice.account.letters, holds(alice), alice.account.receipt or b"", paid)))
    assert [key for key in m.bank.records if key.startswith(SETTLED)] == [SETTLED + alice.me]
    assert m.bank.page(alice.me).pending == ()
    carry(alice, alice)
    assert m.has("alice") == [1000]
    m.check()


def test_a_drawer_who_spent_the_same_again_owes_it_and_the_audit_says_so() -> None:
    """Alice was not told that Bob was paid, and has spent the money before he comes (R6)."""
    m = market("alice", "bob")
    alice, bob, backup = m["alice"], m["bob"], keep(m)
    taken(m, alice, bob, 600)
    carry(bob)
    burn(m, backup)
    carry(m.treasurer, m.treasurer, alice, alice)
    alice.pay(m.treasurer, m.grain, 600)
    carry(alice, m.treasurer)
    m.treasurer.accept_all()
    carry(m.treasurer, alice, alice, bob, bob)
    where = f"party {spell_fingerprint(alice.me)}"
    assert m.bank.audit().findings == [(where, f"is charged 200 units of {m.grain.hex()} beyond its funds")]
    alice.pay(bob, m.grain, 1)
    carry(alice, alice)
    assert m.has("alice", "bob") == [-200, 1600]
    assert alice.account.statement.outstanding == ()
    assert m.bank.audit().findings == [(where, f"owes 200 units of {m.grain.hex()} and is not its issuer")]
    assert rules(m, *words_of(alice, bob, m.treasurer)) == set()
    bob.pay(alice, m.grain, 300)
    carry(bob, alice)
    alice.accept_all()
    come(m, "alice", "bob")
    assert m.has("alice", "bob") == [100, 1300]
    m.check()


def test_an_issuer_charged_beyond_its_limit_is_named_too() -> None:
    """As a drawer who has spent the same again; an issuer's funds are what it may still issue."""
    m = market("alice", "bob")
    alice, bob = m["alice"], m["bob"]
    wood = alice.issue("wood", limit=100)
    carry(alice, alice)
    backup = keep(m)
    draft = Draft(bob.me, wood, 100, 0, alice.now + 30 * DAY)
    alice.account, drawn = draw(alice.account, alice.signer, alice.now, draft, credit=100)
    bob.take(drawn)
    bob.queue(drawn)
    carry(bob)
    burn(m, backup)
    carry(m.treasurer, m.treasurer, alice, alice)
    alice.pay(m.treasurer, wood, 60)
    carry(alice, bob, bob)
    where = f"party {spell_fingerprint(alice.me)}"
    assert m.bank.audit().findings == [(where, f"is charged 60 units of {wood.hex()} beyond its funds")]
    carry(alice, alice)
    assert alice.has(wood) == -160
    said = f"has issued 160 units of {wood.hex()}, and its contract says 100"
    assert m.bank.audit().findings == [(where, said)]


def test_what_is_owed_is_not_paid_out_to_whoever_lacks_its_fee_and_waits_until_it_has_it() -> None:
    """Bob goes on from before his deposit, and has spent the token since: he owed the bank a fee that he had not."""
    m = market("alice", "bob")
    alice, bob = m["alice"], m["bob"]
    token = m.treasurer.issue("token")
    m.treasurer.trip()
    m.treasurer.pay(bob, token, 1)
    carry(m.treasurer, bob)
    bob.accept_all()
    carry(bob, m.treasurer)
    m.bank.set_terms(token=token, fees=(Fee("depositcheque", 1),))
    carry(alice, bob, bob)
    backup = keep(m)
    drawn = alice.draw(bob, m.grain, 100)
    bob.take(drawn)
    before = bob.account
    bob.queue(drawn)
    answers(bob)
    carry(alice, alice)
    assert alice.has(m.grain) == 900
    burn(m, backup)
    bob.account = before
    come(m, "alice", "bob")
    bob.pay(m.treasurer, token, 1)
    carry(bob)
    order = presentation(endorsed(drawn, bob, m.bank.signer.key))
    assert bob.hand_in(order) == [Refusal.FEE]
    assert (bob.has(token), bob.has(m.grain)) == (0, 1000)
    bob.wish("cancelspend", number=bob.account.statement.outstanding[0].number)
    carry(bob, bob)
    assert bob.hand_in(order) == [Refusal.DONE]
    assert (bob.has(token), bob.has(m.grain)) == (0, 1100)
    assert rules(m, *words_of(alice, bob)) == set()
