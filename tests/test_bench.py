"""What scripts/bench measures with: scribes write what wallets write, and what they carry out is carried out."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledgerpost.papers.letter import Letter
from ledgerpost.papers.questions import GetQ
from ledgerpost.sealed import identity_of, read, trusted
from town import Bank, Party

SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"


@pytest.fixture(autouse=True)
def scripts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """scripts/ can be imported, as it can where scripts/bench runs."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    yield
    for name in [each for each in sys.modules if each.partition(".")[0] == "benches"]:
        del sys.modules[name]


def test_a_scribe_writes_the_letters_of_a_wallet_byte_for_byte() -> None:
    from benches.scribe import Scribe
    from benches.towns import found_world

    world = found_world()
    ann, bo = world.join(["ann", "bo"], 1000)
    scribe, payee = Scribe.of(ann), Scribe.of(bo)
    ann.pay(bo, world.grain, 1)
    ann.write()
    assert scribe.write(scribe.pay(payee, world.grain)) == ann.account.letters[0]
    ann.wish("getq")
    ann.write()
    assert scribe.write(GetQ()) == ann.account.letters[1]
    assert scribe.last == identity_of(read(ann.account.letters[1]))
    assert scribe.statement == ann.account.coming


def test_a_scribe_opens_its_account_as_a_wallet_does() -> None:
    from benches.scribe import Scribe, agree

    bank = Bank()
    wallet, scribe = Party("cy", bank), Scribe.new("cy", bank)
    wallet.open()
    wallet.write()
    [written], raw = wallet.account.written, scribe.write(scribe.opening())
    assert Letter.read(trusted(raw).body).orders == written.orders[:1]  # a wallet orders numbers too
    bank.judge(scribe.seal(raw))
    agree(scribe)


def test_two_that_trade_are_left_with_what_they_had_and_nothing_waits() -> None:
    from benches.flat import join, work
    from benches.scribe import agree

    bank = Bank()
    grain, [pair] = join(bank, ("p", 2))
    before = [each.statement.balance(grain) for each in pair]
    kept = len(bank.records)
    work(pair, grain, 130)
    for each in pair:
        agree(each)
        assert (each.statement.outstanding, each.statement.numbers) == ((), ())
        assert each.statement.highest >= 130
        assert bank.page(each.me).pending == ()
    assert [each.statement.balance(grain) for each in pair] == before
    assert len(bank.records) == kept
    assert bank.audit().findings == []


def test_what_a_bank_does_not_do_is_not_measured() -> None:
    from benches.flat import join
    from benches.scribe import agree, post
    from benches.towns import Failed

    bank = Bank()
    _, [[one, other]] = join(bank, ("p", 2))
    with pytest.raises(Failed, match=r"1 of 1 letters were answered, with .*CAP"):
        post(bank, [(one, [one.numbers(20_000)])])
    with pytest.raises(Failed, match="different statements"):
        agree(one)
    other.write(GetQ())
    with pytest.raises(Failed, match="0 of 1"):
        post(bank, [(other, [GetQ()])])  # the letter before never went
