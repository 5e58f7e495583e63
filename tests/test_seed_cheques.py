"""The second seed's own example: cheques 5, 6 and 7, presented as 7, 5, 6.

"You might use transaction numbers 5, 6, and 7 on a set of three cheques. But the recipients might redeem those
cheques in the order 7, 5, 6. Just because cheque 7 has cleared, does not mean that 5 and 6 have cleared!"
"""

import pytest

from ledgerpost.errors import Denied, Refusal
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.instrument import Instrument, paper_of
from ledgerpost.papers.stopcheque import StopCheque
from ledgerpost.statement import Span
from market import Market, market, send
from town import Party


def open_numbers(party: Party) -> set[int]:
    """The uncleared numbers that the newest statement lists."""
    return {n for block in party.account.statement.numbers for n in range(block.first, block.last + 1)}


def three_cheques(m: Market) -> dict[int, Instrument]:
    """Alice closes numbers 1 to 4, then draws 5, 6 and 7 on Bob, Carol and Dora: 100, 200 and 300."""
    [stopped] = send(
        m["alice"], StopCheque(m.bank.signer.fingerprint, m["alice"].account.statement.seq + 1, (Span(1, 4),))
    )
    assert stopped.code is Refusal.DONE
    names = {"bob": 100, "carol": 200, "dora": 300}
    drawn = [m["alice"].draw(m[name], m.grain, amount) for name, amount in names.items()]
    cheques = {paper_of(each.body).number: each for each in drawn}
    assert list(cheques) == [5, 6, 7]
    return cheques


def test_cheques_5_6_7_are_presented_as_7_5_6() -> None:
    m = market("alice", "bob", "carol", "dora")
    everybody = ("alice", "bob", "carol", "dora")
    cheques = three_cheques(m)
    assert open_numbers(m["alice"]) == set(range(5, 21))
    assert m.has(*everybody) == [1000, 1000, 1000, 1000]

    assert m["dora"].deposit(cheques[7]) == [Refusal.DONE]
    m["alice"].ask()
    assert open_numbers(m["alice"]) == set(range(5, 21)) - {7}, "5 and 6 have not cleared"
    assert m.has(*everybody) == [700, 1000, 1000, 1300]
    m.check()

    assert m["bob"].deposit(cheques[5]) == [Refusal.DONE]
    m["alice"].ask()
    assert open_numbers(m["alice"]) == set(range(5, 21)) - {7, 5}, "6 has not cleared"
    assert m.has(*everybody) == [600, 1100, 1000, 1300]
    m.check()

    assert m["carol"].deposit(cheques[6]) == [Refusal.DONE]
    m["alice"].ask()
    assert open_numbers(m["alice"]) == set(range(8, 21))
    assert m.has(*everybody) == [400, 1100, 1200, 1300]
    m.check()


def test_they_clear_while_the_drawer_is_away_and_its_next_letter_takes_them_in() -> None:
    m = market("alice", "bob", "carol", "dora")
    cheques = three_cheques(m)
    alice = m["alice"]
    for name, number in (("dora", 7), ("bob", 5), ("carol", 6)):
        assert m[name].deposit(cheques[number]) == [Refusal.DONE]
        assert open_numbers(alice) == set(range(5, 21)), "only a party's own letter changes its statement"
        assert alice.has(m.grain) == 1000
        m.check()
    assert m.has("bob", "carol", "dora") == [1100, 1200, 1300]

    alice.wish("getq")
    alice.trip()
    assert [(each.kind, each.number) for each in alice.account.waiting] == [
        ("chequecleared", 7),
        ("chequecleared", 5),
        ("chequecleared", 6),
    ]
    assert (alice.has(m.grain), alice.account.usable(m.grain)) == (1000, 400), "the debits wait, and count"
    alice.trip()
    assert open_numbers(alice) == set(range(8, 21))
    assert (alice.has(m.grain), alice.account.usable(m.grain), alice.account.waiting) == (400, 400, ())
    m.check()


@pytest.mark.parametrize("knows", [False, True], ids=["the bank refuses", "the wallet refuses"])
def test_a_pending_debit_limits_what_the_drawer_may_use(knows: bool) -> None:
    m = market("alice", "bob", "carol", "dora")
    cheque = m["alice"].draw(m["bob"], m.grain, 600)
    assert m["bob"].deposit(cheque) == [Refusal.DONE]
    alice = m["alice"]
    if knows:
        alice.wish("getq")
        alice.trip()
        with pytest.raises(Denied, match="does not cover"):
            alice.draw(m["carol"], m.grain, 401)
        assert isinstance(paper_of(alice.draw(m["carol"], m.grain, 400).body), Cheque)
        return
    alice.pay(m["carol"], m.grain, 401)
    alice.pay(m["carol"], m.grain, 400)
    [news] = alice.trip()
    assert [result.code for result in news.answered[0].results] == [Refusal.FUNDS, Refusal.DONE]
    assert alice.has(m.grain) == 600
    alice.trip()
    assert (alice.has(m.grain), alice.account.usable(m.grain)) == (0, 0)
    m.check()
