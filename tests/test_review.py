"""What a hostile review broke, each with the shortest story that broke it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ledgerpost import envelope
from ledgerpost.bank.keys import account_key, notice_key
from ledgerpost.bank.records import NoticeRecord, read_record
from ledgerpost.desk.carry import write_case
from ledgerpost.errors import Denied, Refusal
from ledgerpost.papers import notice as n
from ledgerpost.papers.agreement import retrace
from ledgerpost.papers.beside import indexed
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.getsequence import GetSequence
from ledgerpost.papers.instrument import Instrument, check_chain, endorse
from ledgerpost.papers.order import Order
from ledgerpost.papers.receipt import Answer, Result
from ledgerpost.papers.sequence import Sequence
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.papers.stopcheque import StopCheque
from ledgerpost.papers.terms import DAY
from ledgerpost.sealed import identity_of, read
from ledgerpost.statement import MAX_RANGES, Block, Span, Statement, read_statement
from ledgerpost.terms import Digest
from ledgerpost.wallet import records
from ledgerpost.wallet.checks import Contradiction
from market import Market, lead, market, presentation, send
from town import Party, receipt_in

DONE = Refusal.DONE


def open_numbers(party: Party) -> list[int]:
    return [number for block in party.account.statement.numbers for number in range(block.first, block.last + 1)]


# --- the bank's counter ---------------------------------------------------------------------------------------


def test_refused_spends_never_make_more_ranges_than_a_statement_lists() -> None:
    """A refused spend closes its number: on every second one, they wrote a record that no bank could read again."""
    m = market("mallory", "alice", funds=0)
    m.bank.watched = False
    mallory, bank = m["mallory"], m.bank.signer.fingerprint
    most = 2 * MAX_RANGES - 20
    assert mallory.hand_in(GetSequence(9_000, m.bank.now + DAY)) == [Refusal.CAP]
    assert mallory.hand_in(GetSequence(most, m.bank.now + DAY)) == [DONE]
    odd = open_numbers(mallory)[::2]
    for at in range(0, len(odd), 128):
        seq = mallory.account.statement.seq + 1
        numbers = odd[at : at + 128]
        spends = [SpendTo(bank, seq, mallory.me, each, m.grain, 1, m.bank.now + DAY, "") for each in numbers]
        assert set(mallory.hand_in(*spends)) == {Refusal.PAYEE}
    assert len(mallory.account.statement.numbers) > MAX_RANGES - 20
    m["alice"].wish("getq")
    envelopes = m["alice"].send(), mallory.seal((mallory.by_hand(),))
    assert [reply.answered for reply in m.bank.judge(*envelopes).replies] == [1, 1]


def test_what_fits_fits_however_its_numbers_close() -> None:
    nothing = Statement(m_bank := market().bank.signer.fingerprint, m_bank, highest=2**40)
    for size in (1, 2, 3, 8, 9):
        blocks = tuple(Block(10 * at + 1, 10 * at + size, 9) for at in range(MAX_RANGES // ((size + 1) // 2)))
        full = replace(nothing, numbers=blocks)
        assert full.fits()
        for block in blocks:
            for number in range(block.first + 1, block.last, 2):
                full = full.closed(number)
        assert full.fits()
        assert read_statement(full.encode()) == full


def written(m: Market, drawer: Party, payee: Party, number: int, amount: int = 10**6, until: int = 0) -> Instrument:
    """A cheque of any contents, past the drawer's wallet."""
    paper = Cheque(m.bank.signer.fingerprint, number, payee.me, m.grain, amount, 0, until or m.bank.now + DAY, "")
    return Instrument(paper.sign(drawer.signer), chequebook=drawer.account.books[0])


def cheque(m: Market, drawer: Party, payee: Party, number: int, amount: int, until: int) -> Order:
    """The same as its payee presents it."""
    bank, drawn = m.bank.signer, written(m, drawer, payee, number, amount, until)
    chain = check_chain(drawn.bare(), drawer.signer.key, bank.fingerprint)
    return presentation(replace(endorse(chain, payee.signer, bank.key), chequebook=drawn.chequebook))


def test_bounces_never_wait_for_more_numbers_than_the_terms_allow() -> None:
    """Bounced, stopped, ordered anew: each round left as many notices, and one day a page that no bank reads."""
    m = market("mallory", "shill", most_numbers=60, grace=5 * DAY)
    mallory, shill = m["mallory"], m["shill"]
    numbers = open_numbers(mallory)
    send(shill, *(cheque(m, mallory, shill, each, 10**6, m.bank.now + DAY) for each in numbers))
    seq = mallory.account.statement.seq + 1
    stop = StopCheque(m.bank.signer.fingerprint, seq, (Span(numbers[0], numbers[-1]),))
    orders = (stop, GetSequence(41, m.bank.now + 9 * DAY), GetSequence(40, m.bank.now + 9 * DAY))
    assert mallory.hand_in(*orders) == [DONE, Refusal.CAP, DONE]
    assert mallory.hand_in(GetSequence(1, m.bank.now + DAY)) == [Refusal.CAP]
    m.bank.now += 30 * DAY
    shill.ask()
    assert m.bank.tidy() == 0, "a bounce that waits is remembered: it is never made twice"
    mallory.ask()
    assert len(open_numbers(mallory)) == 20, "once they are taken in, it stops what has ended and orders what it lacks"
    assert all(block.until > m.bank.now for block in mallory.account.statement.numbers)
    assert m.bank.tidy() == len(numbers)


def test_credits_that_nobody_takes_in_stop_at_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledgerpost.bank.liens.MOST_CHARGES", 2)
    m = market("mallory", "alice", "bob", second="lien")
    bought = [m["mallory"].buy(m.grain, 10) for _ in range(3)]
    m["mallory"].pay(m["alice"], m.grain, m["mallory"].has(m.grain))
    m["mallory"].trip()
    for each in bought:
        one, two = (lead(each, m["mallory"], m[name]) for name in ("alice", "bob"))
        assert m["alice"].deposit(one) == [DONE]
        assert m["bob"].deposit(two) == [Refusal.USED]
    m.fund(m["mallory"], 500)
    kinds = [each.kind for each in m.bank.page(m["bob"].me).pending]
    assert kinds == [n.CREDITED] * 2
    m["bob"].ask()
    for _ in range(2):
        m["mallory"].ask()
        m["bob"].ask()
    assert m.has("bob") == [1030]
    m.settle()


def test_a_cheque_that_outlives_its_number_is_refused() -> None:
    """The bank kept what was paid until the cheque's end: for ever, if it said so."""
    m = market("mallory", "shill")
    [said] = send(m["shill"], cheque(m, m["mallory"], m["shill"], 1, 5, 2**62))
    assert said.code is Refusal.DATES
    assert not [key for key in m.bank.records if key.startswith((b"instrument/", b"due/"))]
    end = m["mallory"].account.statement.numbers[0].until
    [said] = send(m["shill"], cheque(m, m["mallory"], m["shill"], 1, 5, end))
    assert said.code is DONE


# --- the wallet against its bank ------------------------------------------------------------------------------


def brought(m: Market, party: Party, part: Callable[[int], bytes | None]) -> tuple[bytes, ...]:
    """The bank's answer to the party's newest letter, another part in place of the first that it brings."""
    reply = m.bank.answer_to(party.send())
    receipt = receipt_in(reply.messages[0])
    answer = receipt.answers[-1]
    results = list(answer.results)
    at = next(at for at, result in enumerate(results) if result.part)
    raw = part(read_statement(receipt.statement).highest)
    results[at] = Result(DONE, None if raw is None else identity_of(read(raw)))
    doctored = replace(receipt, answers=(*receipt.answers[:-1], Answer(answer.letter, tuple(results))))
    return (doctored.sign(m.bank.signer), *reply.messages[1:], *(() if raw is None else (raw,)))


def test_a_chequebook_that_runs_longer_than_its_numbers_is_a_contradiction() -> None:
    """On it, an honest drawer wrote cheques that were refused NUMBER, and each was a claim against it."""
    m = market("alice")
    alice = m["alice"]

    def longer(highest: int) -> bytes:
        bank, later = m.bank.signer, m.bank.now + 500 * DAY
        return Sequence(bank.fingerprint, alice.signer.key, highest - 2, highest, later, m.bank.now).sign(bank)

    alice.wish("getsequence", amount=3, until=m.bank.now + 10 * DAY)
    with pytest.raises(Contradiction, match="not the one ordered"):
        alice.take_mail(brought(m, alice, longer))


def test_what_is_no_chequebook_is_a_contradiction_and_no_crash() -> None:
    m = market("alice")
    m["alice"].wish("getsequence", amount=3, until=m.bank.now + 10 * DAY)
    held = m["alice"].account.receipt
    with pytest.raises(Contradiction, match="a receipt where a sequence belongs"):
        m["alice"].take_mail(brought(m, m["alice"], lambda highest: held))


def test_a_certificate_paid_for_and_not_brought_is_a_contradiction() -> None:
    m = market("alice")
    m["alice"].wish("spendto", asset=m.grain, amount=700, until=m.bank.now + 5 * DAY)
    with pytest.raises(Contradiction, match="not named"):
        m["alice"].take_mail(brought(m, m["alice"], lambda highest: None))


@pytest.mark.parametrize("late", [False, True])
def test_a_notice_of_value_that_the_bank_forgets_is_a_contradiction(*, late: bool) -> None:
    """The wallet dropped it as one that is over: its own signature let 600 units stay with the bank.

    ``late``: the notice comes after the receipt that forgot it.
    """
    m = market("alice", "bob")
    alice, bob = m["alice"], m["bob"]
    alice.pay(bob, m.grain, 600)
    alice.trip()
    bob.ask()
    bob.deny_all()
    bob.trip()
    page = m.bank.page(alice.me)
    [denied] = page.pending
    key = notice_key(alice.me, denied.number, denied.notice)
    raw = read_record(NoticeRecord, m.bank.records[key], key).raw
    if not late:
        alice.take_mail((raw,))
    m.bank.watched = False
    with m.bank.store.hold([account_key(alice.me)]) as held:
        held.commit({**page.changed(waiting=0), key: None})
    alice.wish("getq")
    with pytest.raises(Contradiction, match="forgot its notice"):
        alice.trip()
        alice.take_mail((raw,))
    assert not alice.account.statement.has_taken(denied.notice)


def test_a_case_too_large_for_one_envelope_is_kept_in_several(tmp_path: Path) -> None:
    """It could not be written, so a bank that padded its lie was set aside as if the courier had spoilt it."""
    evidence = tuple(bytes([at]) * 900_000 for at in range(3))
    error = Contradiction("two receipts", evidence)
    write_case(tmp_path, error)
    files = sorted((tmp_path / "cases").iterdir())
    assert {raw for file in files for raw in envelope.unpack(file.read_bytes()).messages} == set(evidence)
    assert all(str(file) in (error.do or "") for file in files)


# --- the wallet against itself --------------------------------------------------------------------------------


def test_no_fee_is_taken_from_what_a_cheque_rests_on() -> None:
    """With few numbers left the wallet orders more by itself: the fee made its own cheque bounce."""
    m = market("alice", "bob")
    m.bank.set_terms(token=m.grain, fees=(("getsequence", 5),))
    alice, bob = m["alice"], m["bob"]
    for each in (alice, bob):
        each.ask()
    small = [alice.draw(bob, m.grain, 1) for _ in range(16)]
    large = alice.draw(bob, m.grain, alice.account.sure(m.grain))
    alice.ask()
    assert m.has("alice") == [1000]
    assert bob.deposit(*small, large) == [DONE] * 17
    m.fund(alice, 50)
    alice.draw(bob, m.grain, 45)
    alice.ask()
    assert m.has("alice") == [45], "what is not promised pays"
    m.settle()


def test_an_issuer_pays_its_fees_while_its_cheques_are_out() -> None:
    m = market("bob")
    m.bank.set_terms(token=m.grain, fees=(("getsequence", 5),))
    treasurer = m.treasurer
    treasurer.ask()
    with pytest.raises(Denied):
        treasurer.draw(m["bob"], m.grain, 10)
    before = treasurer.account.statement.highest
    treasurer.wish("getsequence", amount=3, until=m.bank.now + 9 * DAY)
    treasurer.ask()
    assert treasurer.account.statement.highest == before + 3


def test_chequebooks_that_are_used_up_are_let_go() -> None:
    """After 1,024 of them within their time, the wallet's own record did not read any more."""
    m = market("alice")
    alice = m["alice"]
    for at in range(30):
        alice.wish("stopcheque", number=alice.account.statement.highest, amount=1)
        alice.wish("getsequence", amount=1, until=m.bank.now + 300 * DAY + at)
        alice.trip()
    assert len(alice.account.books) == 2
    many = replace(alice.account, books=alice.account.books * 4000)
    assert records.from_records(m.bank.signer.fingerprint, records.to_records(many)) == many
    assert Digest(m.grain) in dict(alice.account.statement.balances)


def test_what_proves_many_refusals_is_kept_once() -> None:
    """A hundred worthless cheques made a wallet of 12 MB, a thousand one of more than a gigabyte."""
    m = market("mallory", "bob")
    sizes = []
    for start, end in ((1, 3), (3, 21)):
        drawn = [written(m, m["mallory"], m["bob"], each) for each in range(start, end)]
        assert set(m["bob"].deposit(*drawn)) == {Refusal.FUNDS}
        kept = records.to_records(m["bob"].account)
        sizes.append(sum(len(raw) for key, raw in kept.items() if key.startswith((records.ITEMS, records.PROOFS))))
        assert records.from_records(m.bank.signer.fingerprint, kept) == m["bob"].account
        for item in list(m["bob"].account.items.values())[-(end - start) :]:
            held = receipt_in(item.proof[0])
            retrace(held, indexed(item.proof[1:]), m["bob"].signer.key, m["bob"].account.terms_of)
    assert sizes[1] < 12 * sizes[0]
