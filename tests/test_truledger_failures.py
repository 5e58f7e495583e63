"""What failed in Truledger, the implementation of the second seed, must not fail here (research of its sources).

A lost reply paid twice; cancel and accept both succeeded; resynchronising overwrote the client's evidence; a coupon
was taken twice; the audit cried wolf over what was under way. Death between two writes stands with the LMDB tests.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ledgerpost.bank.audit import audit
from ledgerpost.bank.counter import answer
from ledgerpost.bank.keys import ACCOUNTS, NOTICES, account_key
from ledgerpost.bank.prepare import Prepared, touches
from ledgerpost.bank.records import NoticeRecord, read_record
from ledgerpost.errors import Refusal, Stale, WrongShape
from ledgerpost.papers import notice as n
from ledgerpost.papers.cancelspend import CancelSpend
from ledgerpost.papers.confirmreceipt import ConfirmReceipt
from ledgerpost.papers.denyreceipt import DenyReceipt
from ledgerpost.papers.letter import AHEAD, Letter
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.proof import check_notice
from ledgerpost.papers.receipt import Answer, Base, Receipt, Result
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.papers.takein import ConfirmDeniedSpend
from ledgerpost.papers.terms import DAY
from ledgerpost.sealed import identity_of, open_message, read, trusted
from ledgerpost.spelling import spell_fingerprint
from ledgerpost.statement import Balance, Statement, digest_of, read_statement
from ledgerpost.terms import Digest, Fingerprint, PublicKey
from ledgerpost.wallet.checks import Contradiction
from ledgerpost.wallet.reading import take_in
from town import Bank, Party, receipt_in


def nobody(who: Fingerprint) -> PublicKey:
    """These notices need no key but the one in them."""
    raise AssertionError(who)


class Town:
    """Alice and Bob with 1000 grain each, all agreed; and one spend of 50 from Alice that waits at Bob."""

    def __init__(self) -> None:
        self.bank = Bank()
        self.treasurer, self.alice, self.bob = (Party(name, self.bank) for name in ("treasurer", "alice", "bob"))
        self.treasurer.open()
        self.grain = self.treasurer.issue("grain", limit=10_000)
        self.treasurer.trip()
        for other in (self.alice, self.bob):
            other.open()
            other.trip()
            self.treasurer.pay(other, self.grain, 1000)
        self.treasurer.trip()
        for other in (self.alice, self.bob):
            self.poll(other)
            other.accept_all()
            other.trip()
        self.poll(self.treasurer)
        self.treasurer.trip()

    def poll(self, party: Party) -> None:
        party.wish("getq")
        party.trip()

    def pay(self, amount: int = 50) -> int:
        """The number under which Alice pays Bob, and Bob knows of it."""
        self.alice.pay(self.bob, self.grain, amount)
        self.alice.trip()
        self.poll(self.bob)
        return self.alice.account.statement.outstanding[-1].number

    def units(self) -> int:
        """All there is, as the plainest sum over the statements."""
        audit_ = self.bank.audit()
        assert audit_.good, audit_.findings
        assert all(sheet.difference == 0 for sheet in audit_.sheets.values())
        return audit_.sheets[self.grain].issued

    def statement(self, party: Party) -> Statement:
        return self.bank.statement(party.me)


@pytest.fixture
def town() -> Town:
    return Town()


# --- a lost reply does not pay twice ------------------------------------------------------------------------------


def test_lost_reply_the_same_letter_sent_again_pays_once(town: Town) -> None:
    alice = town.alice
    alice.pay(town.bob, town.grain, 50)
    for _ in range(3):
        town.bank.post(alice.send())  # the answer is lost each time
    (news,) = alice.trip()
    assert news.agreed
    assert alice.has(town.grain) == 950
    town.poll(town.bob)
    assert [each.amount for each in town.bob.account.waiting] == [50]
    assert town.units() == 2000


def test_lost_reply_letters_written_meanwhile_pay_once_each(town: Town) -> None:
    alice = town.alice
    for amount in (1, 2, 4, 8):
        alice.pay(town.bob, town.grain, amount)
        town.bank.post(alice.send())
    alice.trip()
    assert alice.has(town.grain) == 1000 - 15
    town.poll(town.bob)
    assert sorted(each.amount for each in town.bob.account.waiting) == [1, 2, 4, 8]
    assert town.units() == 2000


def test_lost_reply_the_same_wish_again_is_another_spend_under_another_number(town: Town) -> None:
    """An owner who asks twice pays twice: the wallet makes no wish of its own."""
    alice = town.alice
    for _ in range(2):
        alice.pay(town.bob, town.grain, 50)
        town.bank.post(alice.send())
    alice.trip()
    assert len({spend.number for spend in alice.account.statement.outstanding}) == 2
    assert alice.has(town.grain) == 900


def test_replay_gives_a_byte_identical_receipt_even_after_time_and_news(town: Town) -> None:
    alice = town.alice
    alice.pay(town.bob, town.grain, 50)
    raw = alice.send()
    receipt = town.bank.answer_to(raw).messages[0]
    town.poll(town.bob)
    town.bob.accept_all()
    town.bob.trip()  # a notice for Alice is made meanwhile
    town.bank.now += 5 * DAY
    reply = town.bank.answer_to(raw)
    assert reply.messages[0] == receipt
    alice.take_mail(reply.messages)
    assert [each.kind for each in alice.account.waiting] == [n.CLOSED], "the notice comes along all the same"


# --- cancel against accept ----------------------------------------------------------------------------------------


def enclosed_in(town: Town, loser: Party) -> tuple[Notice, Any]:
    """The notice that the loser's newest refusal brings, and the winner's message in it, both verified."""
    held = loser.account.held
    assert held is not None
    (result,) = [each for each in held.answers[-1].results if each.code]
    assert result.part is not None
    notice = Notice.of(open_message(loser.account.parts[result.part], town.bank.signer.key))
    winner = town.bob if loser is town.alice else town.alice
    assert notice.enclosed is not None
    assert notice.other == winner.me
    sealed = open_message(notice.enclosed, winner.signer.key)
    kinds = {each.TYPE: each for each in (CancelSpend, ConfirmReceipt, DenyReceipt)}
    return notice, kinds[sealed.type].of(sealed, town.bank.signer.fingerprint)


@pytest.mark.parametrize(("verdict", "kind"), [("confirmreceipt", ConfirmReceipt), ("denyreceipt", DenyReceipt)])
@pytest.mark.parametrize("batch", [False, True])
def test_cancel_against_verdict_the_first_processed_wins(town: Town, verdict: str, kind: Any, batch: bool) -> None:
    number = town.pay()
    town.bob.wish(verdict, number=town.bob.account.waiting[0].notice)
    town.alice.wish("cancelspend", number=number)
    mail = town.bob.send(), town.alice.send()
    first, second = town.bank.judge(*mail).replies if batch else map(town.bank.answer_to, mail)
    assert ([r.code for r in first.results], [r.code for r in second.results]) == ([Refusal.DONE], [Refusal.CLOSED])
    town.bob.take_mail(first.messages)
    town.alice.take_mail(second.messages)
    notice, order = enclosed_in(town, town.alice)
    assert isinstance(order, kind)
    assert (notice.number, order.number, order.amount, order.spender) == (number, number, 50, town.alice.me)
    town.alice.trip()
    accepted = verdict == "confirmreceipt"
    assert (town.alice.has(town.grain), town.bob.has(town.grain)) == ((950, 1050) if accepted else (1000, 1000))
    assert town.units() == 2000


@pytest.mark.parametrize("verdict", ["confirmreceipt", "denyreceipt"])
@pytest.mark.parametrize("batch", [False, True])
def test_verdict_against_cancel_the_first_processed_wins(town: Town, verdict: str, batch: bool) -> None:
    number = town.pay()
    town.bob.wish(verdict, number=town.bob.account.waiting[0].notice)
    town.alice.wish("cancelspend", number=number)
    mail = town.alice.send(), town.bob.send()
    first, second = town.bank.judge(*mail).replies if batch else map(town.bank.answer_to, mail)
    assert ([r.code for r in first.results], [r.code for r in second.results]) == ([Refusal.DONE], [Refusal.WITHDRAWN])
    town.alice.take_mail(first.messages)
    town.bob.take_mail(second.messages)
    notice, order = enclosed_in(town, town.bob)
    assert isinstance(order, CancelSpend)
    assert (notice.kind, order.number, order.amount, order.payee) == (n.WITHDRAWN, number, 50, town.bob.me)
    assert (town.alice.has(town.grain), town.bob.has(town.grain)) == (1000, 1000)
    town.bob.trip()
    assert town.units() == 2000


def test_accepted_and_denied_in_one_letter_only_the_first_counts(town: Town) -> None:
    number = town.pay()
    bank, seq = town.bob.account.bank.bank, town.bob.account.statement.seq + 1
    accept = ConfirmReceipt(bank, seq, town.alice.me, number, town.grain, 50, 2)
    deny = DenyReceipt(bank, seq, town.alice.me, number, town.grain, 50, 2, "")
    assert town.bob.hand_in(accept, deny, accept) == [Refusal.DONE, Refusal.TAKEN, Refusal.TAKEN]
    assert town.units() == 2000


def test_denied_cancelled_and_the_denial_taken_in_makes_no_money(town: Town) -> None:
    """The first review's counter-example: +10 in three steps."""
    number = town.pay()
    town.bob.deny_all()
    town.bob.trip()
    town.poll(town.alice)
    (denied,) = town.alice.account.waiting
    bank, seq = denied.bank, town.alice.account.statement.seq + 1
    cancel = CancelSpend(bank, seq, town.bob.me, number, town.grain, 50)
    take = ConfirmDeniedSpend(denied.notice, number, town.grain, 50)
    assert town.alice.hand_in(cancel, take, take, cancel) == [
        Refusal.CLOSED,
        Refusal.DONE,
        Refusal.TAKEN,
        Refusal.NO_SPEND,
    ]
    assert town.alice.has(town.grain) == 1000
    assert town.units() == 2000


def test_the_same_spend_accepted_twice_pays_once(town: Town) -> None:
    number = town.pay()
    town.bob.accept_all()
    town.bob.trip()
    bank = town.bob.account.bank.bank
    for _ in range(2):
        seq = town.bob.account.statement.seq + 1
        again = ConfirmReceipt(bank, seq, town.alice.me, number, town.grain, 50, 2)
        assert town.bob.hand_in(again) == [Refusal.TAKEN]
        town.poll(town.alice)
        town.alice.trip() if town.alice.account.waiting else None
    assert (town.alice.has(town.grain), town.bob.has(town.grain)) == (950, 1050)
    assert town.units() == 2000


def test_taken_in_twice_by_the_spender_comes_back_once(town: Town) -> None:
    town.pay()
    town.bob.deny_all()
    town.bob.trip()
    town.poll(town.alice)
    raw = town.alice.send()
    town.bank.post(raw)
    town.bank.post(raw)
    town.alice.trip()
    assert town.alice.has(town.grain) == 1000
    assert town.units() == 2000


# --- resynchronising never overwrites evidence ---------------------------------------------------------------------


def forged(town: Town, change: Callable[[Statement], Statement], **fields: Any) -> bytes:
    """A receipt signed by the bank that says something else of Alice's newest statement."""
    receipt = receipt_in(town.bank.page(town.alice.me).receipt)
    statement = change(read_statement(receipt.statement))
    return replace(receipt, statement=statement.encode(), **fields).sign(town.bank.signer)


def test_an_older_receipt_is_left_aside(town: Town) -> None:
    old = town.bank.page(town.alice.me)
    town.pay()
    before = town.alice.account
    news = town.alice.take_mail((old.receipt, *old.parts))
    assert not news.adopted
    assert town.alice.account == before


def test_a_fork_under_one_seq_is_a_contradiction_with_both_receipts(town: Town) -> None:
    alice = town.alice
    held = alice.account.receipt
    fork = forged(town, lambda statement: statement.moved(town.grain, -1))
    before = alice.account
    with pytest.raises(Contradiction, match="two receipts under sequence") as caught:
        alice.take_mail((fork,))
    assert caught.value.evidence == (held, fork)
    assert alice.account == before
    alice.trip() if alice.account.letters else town.poll(alice)
    assert alice.account.written == (), "the honest bank's next word is still adopted"


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("lower balance", lambda town, s: s.moved(town.grain, -1)),
        ("higher balance", lambda town, s: s.moved(town.grain, 1)),
        ("a number gone", lambda town, s: s.stopped(s.numbers[-1].last, s.numbers[-1].last)),
        ("a spend gone", lambda town, s: replace(s, outstanding=s.outstanding[1:])),
        ("a notice taken", lambda town, s: s.took(9)),
        ("another bank", lambda town, s: replace(s, bank=town.bob.me)),
        ("another party", lambda town, s: replace(s, party=town.bob.me)),
        ("seq beyond its letters", lambda town, s: replace(s, seq=s.seq + 3)),
        ("seq below one", lambda town, s: replace(s, seq=0)),
    ],
)
def test_a_newer_receipt_that_does_not_follow_is_a_contradiction(town: Town, name: str, change: Any) -> None:
    """The wallet signed the next letter; the bank answers it with a statement of its own making."""
    alice = town.alice
    alice.pay(town.bob, town.grain, 50)
    reply = town.bank.answer_to(alice.send())
    receipt = receipt_in(reply.messages[0])
    statement = change(town, read_statement(receipt.statement))
    base = receipt.base
    if base.statement == digest_of(receipt.statement):
        base = Base(digest_of(statement.encode()), base.letter)
    lie = replace(receipt, statement=statement.encode(), base=base).sign(town.bank.signer)
    before = alice.account
    if name == "seq below one":
        assert not alice.take_mail((lie, *reply.messages[1:])).adopted
    else:
        with pytest.raises(Contradiction) as caught:
            alice.take_mail((lie, *reply.messages[1:]))
        assert lie in caught.value.evidence
        assert before.receipt in caught.value.evidence
        assert before.letters[0] in caught.value.evidence
    assert alice.account == before
    alice.take_mail(reply.messages)
    assert alice.account.letters == (), "the honest receipt is adopted afterwards"


def pipeline(town: Town, *amounts: int) -> list[tuple[bytes, ...]]:
    """One answer after each letter, of which Alice gets none."""
    replies = []
    for amount in amounts:
        town.alice.pay(town.bob, town.grain, amount)
        replies.append(town.bank.answer_to(town.alice.send()).messages)
    return replies


def test_a_base_that_nobody_agreed_to_is_a_contradiction(town: Town) -> None:
    alice = town.alice
    (reply,) = pipeline(town, 10**6)
    receipt = receipt_in(reply[0])
    old = receipt.base
    bases = [
        Base(digest_of(receipt.statement), old.letter),
        Base(old.statement, receipt.answers[0].letter) if old.letter != receipt.answers[0].letter else None,
        Base(old.statement, None),
        Base(Digest(b"x" * 32), None),
    ]
    for base in bases:
        if base is not None:
            lie = replace(receipt, base=base).sign(town.bank.signer)
            with pytest.raises(Contradiction):
                alice.take_mail((lie, *reply[1:]))


def test_a_base_newer_than_the_statement_is_a_contradiction(town: Town) -> None:
    """Found here: the bank names, under letter 1's receipt, the base that letter 2 agreed to."""
    alice = town.alice
    first, second = pipeline(town, 1, 2)
    later = receipt_in(second[0])
    lie = replace(receipt_in(first[0]), base=later.base).sign(town.bank.signer)
    with pytest.raises(Contradiction, match="newer than the statement"):
        alice.take_mail((lie, later.statement))


def test_an_omitted_letter_is_a_contradiction(town: Town) -> None:
    """The bank must answer every letter after the one seen, though a later one was agreed to beforehand."""
    alice = town.alice
    _, second = pipeline(town, 1, 2)
    receipt = receipt_in(second[0])
    lie = replace(receipt, answers=receipt.answers[1:]).sign(town.bank.signer)
    with pytest.raises(Contradiction, match="leaves out what became"):
        alice.take_mail((lie, *second[1:]))
    (third,) = pipeline(town, 10**6)
    receipt = receipt_in(third[0])
    assert receipt.base.statement != digest_of(receipt.statement)
    lie = replace(receipt, answers=receipt.answers[:1] + receipt.answers[2:]).sign(town.bank.signer)
    with pytest.raises(Contradiction, match="do not follow one another"):
        alice.take_mail((lie, *third[1:]))


def test_a_receipt_that_does_not_reach_back_to_its_base_is_a_contradiction(town: Town) -> None:
    alice = town.alice
    *_, last = pipeline(town, 10**6, 10**6)
    receipt = receipt_in(last[0])
    assert len(receipt.answers) == 2
    for cut in (receipt.answers[1:], (*receipt.answers, *receipt.answers, *receipt.answers)):
        with pytest.raises(Contradiction, match=r"between its base|do not follow"):
            alice.take_mail((replace(receipt, answers=cut).sign(town.bank.signer), *last[1:]))
    beyond = receipt.answers * 4  # more answers than there were letters
    with pytest.raises(Contradiction, match="between its base"):
        alice.take_mail((replace(receipt, answers=beyond).sign(town.bank.signer), *last[1:]))


def test_results_that_do_not_fit_the_orders_are_a_contradiction(town: Town) -> None:
    alice = town.alice
    (reply,) = pipeline(town, 10**6)
    receipt = receipt_in(reply[0])
    letter = receipt.answers[-1].letter
    done, closed = Result(Refusal.DONE), Result(Refusal.FUNDS)
    for results in ((closed, closed), (), (done,)):
        answers = (*receipt.answers[:-1], Answer(letter, results))
        with pytest.raises(Contradiction):
            alice.take_mail((replace(receipt, answers=answers).sign(town.bank.signer), *reply[1:]))
    alice.take_mail(reply)


def test_an_impossible_result_is_a_contradiction_not_a_crash(town: Town) -> None:
    """The bank says of a spend under a closed number that it was done."""
    alice = town.alice
    number = town.pay()
    bank, seq = alice.account.bank.bank, alice.account.statement.seq + 1
    cancel = CancelSpend(bank, seq, town.bob.me, number + 1, town.grain, 50)
    raw = alice.by_hand(cancel)
    alice.account = replace(alice.account, letters=(raw,))
    reply = town.bank.answer_to(alice.seal((raw,)))
    receipt = receipt_in(reply.messages[0])
    lie = replace(receipt, answers=(*receipt.answers[:-1], Answer(receipt.answers[-1].letter, (Result(Refusal.DONE),))))
    with pytest.raises(Contradiction, match="cannot have been carried out"):
        alice.take_mail((lie.sign(town.bank.signer), *reply.messages[1:]))


def test_time_and_notice_numbers_that_go_backwards_are_a_contradiction(town: Town) -> None:
    town.bank.now += 10
    town.pay()
    (reply,) = pipeline(town, 1)
    receipt = receipt_in(reply[0])
    for fields in ({"time": receipt.time - 1}, {"highest": receipt.highest - 1}):
        with pytest.raises(Contradiction, match="backwards"):
            town.alice.take_mail((replace(receipt, **fields).sign(town.bank.signer), *reply[1:]))  # type: ignore[arg-type]


def test_another_start_than_the_statement_held_is_a_contradiction(town: Town) -> None:
    """What the bank said was refused it later says was done: the letters carry it, the statement held does not."""
    alice = town.alice
    alice.pay(town.bob, town.grain, 10**6)
    alice.trip()
    held = alice.account.held
    assert held is not None
    assert [result.code for result in held.answers[0].results] == [Refusal.FUNDS]
    letter = alice.by_hand()
    alice.account = replace(alice.account, letters=(letter,))
    base = read_statement(alice.account.parts[held.base.statement])
    spend = SpendTo.read(trusted(Letter.read(trusted(alice.account.parts[held.answers[0].letter]).body).orders[0]).body)
    salt = Letter.read(trusted(letter).body).nonce
    lying = replace(spend.effect(base), seq=alice.account.statement.seq + 1, salt=salt)
    answers = (Answer(held.answers[0].letter, (Result(Refusal.DONE),)), Answer(identity_of(read(letter)), ()))
    lie = replace(held, statement=lying.encode(), answers=answers).sign(town.bank.signer)
    with pytest.raises(Contradiction, match="starts from another statement"):
        alice.take_mail((lie,))


def test_a_part_that_is_no_good_is_a_contradiction(town: Town) -> None:
    """What the bank names as a letter of Alice is a notice."""
    alice = town.alice
    town.pay()
    (reply,) = pipeline(town, 10**6)
    receipt = receipt_in(reply[0])
    with town.bank.store.snapshot() as snapshot:
        notice = next(read_record(NoticeRecord, raw, key).raw for key, raw in snapshot.under(NOTICES))
    identity = identity_of(read(notice))
    answers = (*receipt.answers[:-1], replace_letter(receipt.answers[-1], identity))
    lie = replace(receipt, answers=answers).sign(town.bank.signer)
    with pytest.raises(Contradiction, match="not good"):
        take_in(alice.account, mail_with(alice, (lie, *reply[1:]), {identity: notice}))


def replace_letter(answer_: Answer, letter: Digest) -> Answer:
    return answer_._replace(letter=letter)


def mail_with(party: Party, messages: tuple[bytes, ...], parts: dict[Digest, bytes]) -> Any:
    from ledgerpost.wallet.mail import sort_mail

    mail = sort_mail(party.account, messages)
    return replace(mail, parts={**mail.parts, **parts})


# --- notices -------------------------------------------------------------------------------------------------------


def notice_for_bob(town: Town) -> Notice:
    town.pay()
    return town.bob.account.waiting[-1]


def test_two_different_notices_under_one_number_are_a_contradiction(town: Town) -> None:
    notice = notice_for_bob(town)
    twin = replace(notice, time=notice.time + 1).sign(town.bank.signer)
    before = town.bob.account
    with pytest.raises(Contradiction, match="two different notices 2") as caught:
        town.bob.take_mail((twin,))
    assert set(caught.value.evidence) == {twin, before.notices[2]}
    assert town.bob.account == before
    assert town.bob.take_mail((before.notices[2],)).notices == ()


@pytest.mark.parametrize(
    "fields",
    [
        {"amount": 51},
        {"asset": Digest(b"x" * 32)},
        {"number": 99},
        {"until": 5},
        {"kind": n.WITHDRAWN},
        {"kind": n.CLOSED},
        {"kind": n.DENIED},
        {"enclosed": None},
        {"key": None},
        {"enclosed": b"\xd2garbage"},
        {"other": b"x" * 20},
        {"other": None},
    ],
)
def test_a_notice_that_says_other_than_the_message_in_it_is_a_contradiction(town: Town, fields: Any) -> None:
    notice = notice_for_bob(town)
    lie = replace(notice, notice=3, **fields).sign(town.bank.signer)
    before = town.bob.account
    with pytest.raises(Contradiction, match="notice 3") as caught:
        town.bob.take_mail((lie,))
    assert caught.value.evidence == (lie,)
    assert town.bob.account == before


def test_every_kind_of_honest_notice_matches_its_enclosure(town: Town) -> None:
    town.pay()
    town.alice.wish("cancelspend", number=town.alice.account.statement.outstanding[0].number)
    town.alice.trip()
    for amount in (1, 2, 3):
        town.alice.pay(town.bob, town.grain, amount, days=amount)
    town.alice.trip()
    town.poll(town.bob)
    waiting = [each for each in town.bob.account.waiting if each.kind == n.RECEIPT and each.amount < 50]
    town.bob.wish("confirmreceipt", number=waiting[0].notice)
    town.bob.wish("denyreceipt", number=waiting[1].notice)
    town.bob.trip()
    town.bank.now += 4 * DAY
    town.poll(town.alice)
    assert sorted(each.kind for each in town.alice.account.waiting) == [n.CLOSED, n.DENIED, n.EXPIRED]
    for notice in (*town.alice.account.waiting, *town.bob.account.waiting):
        check_notice(notice, nobody)
        if notice.kind in (n.CLOSED, n.DENIED, n.WITHDRAWN):
            with pytest.raises(WrongShape):
                check_notice(replace(notice, amount=notice.amount + 1), nobody)


# --- the audit ----------------------------------------------------------------------------------------------------


def test_the_audit_is_right_at_every_moment_of_a_spends_life(town: Town) -> None:
    steps: list[Callable[[], object]] = [
        lambda: town.alice.pay(town.bob, town.grain, 50),
        lambda: town.bank.post(town.alice.send()),
        town.alice.trip,
        lambda: town.poll(town.bob),
        town.bob.accept_all,
        lambda: town.bank.post(town.bob.send()),
        town.bob.trip,
        lambda: town.poll(town.alice),
        lambda: town.bank.post(town.alice.send()),
        town.alice.trip,
    ]
    for step in steps:
        step()
        assert town.units() == 2000


def test_the_audit_with_a_hundred_letters_in_flight(town: Town) -> None:
    flying: list[bytes] = []
    for _ in range(AHEAD):
        for party, other in ((town.alice, town.bob), (town.bob, town.alice)):
            for amount in (1, 2, 3, 4, 5, 6, 7):
                party.pay(other, town.grain, amount)
            flying.append(party.send())
    for raw in reversed(flying):
        town.bank.post(raw)
        assert town.units() == 2000
    sheet = town.bank.audit().sheets[town.grain]
    assert (sheet.outstanding, sheet.settled) == (2 * AHEAD * 28, 0)


def tamper(town: Town, party: Party, **fields: Any) -> None:
    page = town.bank.page(party.me)
    with town.bank.store.hold([account_key(party.me)]) as held:
        held.commit(page.changed(**fields))


def test_the_audit_names_a_tampered_balance(town: Town) -> None:
    receipt = receipt_in(town.bank.page(town.alice.me).receipt)
    statement = read_statement(receipt.statement)
    assert statement.balances == (Balance(town.grain, 1000),)
    raw = statement.moved(town.grain, 7).encode()
    lie = replace(receipt, statement=raw, base=Base(digest_of(raw), receipt.base.letter)).sign(town.bank.signer)
    tamper(town, town.alice, receipt=lie)
    audit_ = town.bank.audit()
    assert not audit_.good
    where = [finding.where for finding in audit_.findings]
    assert f"party {spell_fingerprint(town.alice.me)}" in where
    assert (f"asset {town.grain.hex()}", "the books are off by +7 units") in audit_.findings
    assert audit_.sheets[town.grain].difference == 7


def test_the_audit_names_a_base_newer_than_its_statement(town: Town) -> None:
    """Found here: this stopped the audit with a KeyError."""
    first, second = pipeline(town, 1, 2)
    later = receipt_in(second[0])
    lie = replace(receipt_in(first[0]), base=later.base).sign(town.bank.signer)
    page = town.bank.page(town.alice.me)
    tamper(town, town.alice, receipt=lie, parts=(*page.parts, later.statement))
    assert (
        f"party {spell_fingerprint(town.alice.me)}",
        "the base is newer than the statement",
    ) in town.bank.audit().findings


def test_the_audit_names_a_missing_notice(town: Town) -> None:
    town.pay()
    with town.bank.store.snapshot() as snapshot:
        key = next(key for key, _ in snapshot.under(NOTICES))
    with town.bank.store.hold([key]) as held:
        held.commit({key: None})
    audit_ = town.bank.audit()
    assert [finding for finding in audit_.findings if "notice 2" in finding.what] == [
        (f"party {spell_fingerprint(town.bob.me)}", "notice 2 waits and has no record")
    ]


def test_the_audit_names_a_record_that_does_not_read_and_goes_on(town: Town) -> None:
    key = account_key(town.alice.me)
    with town.bank.store.hold([key]) as held:
        held.commit({key: b"\xff"})
    audit_ = town.bank.audit()
    assert audit_.parties == 3
    assert audit_.findings[0].where == f"record account/{town.alice.me.hex()}"
    assert audit_.sheets[town.grain].difference == -1000


# --- all or nothing ------------------------------------------------------------------------------------------------


def everything(bank: Bank) -> dict[bytes, bytes]:
    with bank.store.snapshot() as snapshot:
        return dict(snapshot.under(b""))


def test_a_commit_refused_changes_nothing_and_the_same_again_gives_the_same_receipt(town: Town) -> None:
    town.alice.pay(town.bob, town.grain, 50)
    town.bob.pay(town.alice, town.grain, 20)
    mine, his = town.bank.read(town.alice.send()), town.bank.read(town.bob.send())
    assert isinstance(mine, Prepared)
    assert isinstance(his, Prepared)
    with town.bank.store.hold(touches([mine])) as held:
        lost = answer([mine], held, town.bank.now, town.bank.signer)
        with town.bank.store.hold(touches([his])) as other:
            other.commit(answer([his], other, town.bank.now, town.bank.signer).changes)
        before = everything(town.bank)
        with pytest.raises(Stale):
            held.commit(lost.changes)
    assert everything(town.bank) == before
    assert town.units() == 2000
    with town.bank.store.hold(touches([mine])) as held:
        outcome = answer([mine], held, town.bank.now, town.bank.signer)
        held.commit(outcome.changes)
    assert outcome.replies[0].answered == 1
    # Bob's spend has come between: one more notice waits for Alice, all else is as it would have been.
    was, now = receipt_in(lost.replies[0].messages[0]), receipt_in(outcome.replies[0].messages[0])
    assert (was.statement, was.answers, was.base) == (now.statement, now.answers, now.base)
    assert len(now.pending) == len(was.pending) + 1
    town.alice.take_mail(outcome.replies[0].messages)
    assert town.units() == 2000


def test_an_answer_that_was_never_committed_is_given_again_byte_for_byte(town: Town) -> None:
    town.alice.pay(town.bob, town.grain, 50)
    mine = town.bank.read(town.alice.send())
    assert isinstance(mine, Prepared)
    outcomes = []
    for _ in range(3):
        with town.bank.store.hold(touches([mine])) as held:
            outcomes.append(answer([mine], held, town.bank.now, town.bank.signer))
    assert outcomes[0] == outcomes[1] == outcomes[2]
    assert {key for key in outcomes[0].changes if key.startswith(ACCOUNTS)} == {
        account_key(town.alice.me),
        account_key(town.bob.me),
    }


def test_touches_names_every_account_that_answering_writes(town: Town) -> None:
    """Whoever is not held could be overwritten: so with every step of a spend's life."""
    held_: set[bytes] = set()

    def judge(raw: bytes) -> tuple[bytes, ...]:
        prepared = town.bank.read(raw)
        assert isinstance(prepared, Prepared)
        keys = touches([prepared])
        with town.bank.store.hold(keys) as held:
            outcome = answer([prepared], held, town.bank.now, town.bank.signer)
            accounts = {key for key in outcome.changes if key.startswith(ACCOUNTS)}
            assert accounts <= keys
            held_.update(accounts)
            held.commit(outcome.changes)
        return outcome.replies[0].messages

    carol = Party("carol", town.bank)
    for days in (1, 30, 30):
        town.alice.pay(town.bob, town.grain, 1, days=days)
        town.alice.pay(carol, town.grain, 1, days=days)
    town.alice.take_mail(judge(town.alice.send()))
    town.bob.wish("getq")
    town.bob.take_mail(judge(town.bob.send()))
    town.bob.wish("confirmreceipt", number=3)
    town.bob.wish("denyreceipt", number=4)
    town.bob.take_mail(judge(town.bob.send()))
    rows = [(town.alice.me, s.number, s.asset, s.amount) for s in town.alice.account.statement.outstanding]
    carol.open(rows[3])
    carol.take_mail(judge(carol.send()))
    town.bank.now += 2 * DAY
    town.alice.wish("cancelspend", number=rows[5][1])
    town.alice.take_mail(judge(town.alice.send()))
    town.alice.take_mail(judge(town.alice.send()))
    assert len(held_) == 3
    assert town.units() == 2000


def test_the_audit_is_a_function_of_the_snapshot(town: Town) -> None:
    with town.bank.store.snapshot() as snapshot:
        first, again = audit(snapshot, town.bank.signer.key), audit(snapshot, town.bank.signer.key)
    assert (first.findings, first.parties, first.notices) == (again.findings, again.parties, again.notices)
    assert first.sheets.keys() == again.sheets.keys()
    assert isinstance(receipt_in(town.bank.page(town.alice.me).receipt), Receipt)
