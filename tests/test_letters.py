"""Letters and receipts, rule by rule: L1 to L9 of docs/spec.md, and what orders, fees, ends and caps make of them."""

from dataclasses import replace
from typing import Any

import pytest

from ledgerpost import cbor, envelope
from ledgerpost.bank.keys import CLOCK
from ledgerpost.bank.prepare import MAX_LETTERS
from ledgerpost.bank.records import ClockRecord, read_record
from ledgerpost.errors import BadBytes, Denied, OverLimit, Refusal, UnknownType, WrongShape
from ledgerpost.papers import notice as n
from ledgerpost.papers.agreement import Incomplete
from ledgerpost.papers.bankcard import open_bank_card
from ledgerpost.papers.beside import indexed, missing
from ledgerpost.papers.cancelspend import CancelSpend
from ledgerpost.papers.card import Card
from ledgerpost.papers.confirmreceipt import ConfirmReceipt
from ledgerpost.papers.contract import Contract
from ledgerpost.papers.createaccount import CreateAccount
from ledgerpost.papers.denyreceipt import DenyReceipt
from ledgerpost.papers.dropnotices import DropNotices
from ledgerpost.papers.getsequence import GetSequence
from ledgerpost.papers.issueasset import IssueAsset
from ledgerpost.papers.kinds import Waiting
from ledgerpost.papers.letter import AHEAD, Letter, Seen
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.orders import read_orders
from ledgerpost.papers.questions import GetConfirmedBalance, GetConfirmedOutstandingSpends, GetQ
from ledgerpost.papers.sequence import Sequence
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.papers.stopcheque import StopCheque
from ledgerpost.papers.takein import ConfirmClosedSpend, ConfirmWithdrawn
from ledgerpost.papers.terms import DAY, Fee
from ledgerpost.sealed import Signer, identity_of, open_message, read, trusted
from ledgerpost.statement import MAX_RANGES, Block, Span, Statement, digest_of, is_statement
from ledgerpost.terms import MAX_INT, Digest, Fingerprint
from ledgerpost.wallet.account import Wish, open_at
from ledgerpost.wallet.mail import sort_mail
from ledgerpost.wallet.reading import News, UsedElsewhere, refusals, take_in
from ledgerpost.wallet.writing import has_something_to_say, knock_anew, may_write, write_letter
from town import START, Bank, Party, contract_text, receipt_in

DONE = Refusal.DONE
NOBODY = Fingerprint(b"n" * 20)


class Town:
    """A treasurer who issues grain, Alice and Bob with 1000 each; nothing under way, everything agreed."""

    def __init__(self, **terms: Any) -> None:
        self.bank = Bank()
        if terms:
            self.bank.set_terms(**terms)
        self.treasurer, self.alice, self.bob = (Party(name, self.bank) for name in ("treasurer", "alice", "bob"))
        self.treasurer.open()
        self.grain = self.treasurer.issue("grain", limit=10_000)
        self.treasurer.trip()
        for other in (self.alice, self.bob):
            other.open()
            other.trip()
            self.treasurer.pay(other, self.grain, 1000)
            self.treasurer.trip()
            self.poll(other)
            other.accept_all()
            other.trip()
        self.poll(self.treasurer)
        self.treasurer.trip()

    def poll(self, party: Party) -> None:
        party.wish("getq")
        party.trip()

    def spend(self, by: Party, to: Fingerprint | None, amount: int = 10, **fields: Any) -> SpendTo:
        number = by.account.coming.numbers[0].first
        seq = by.account.statement.seq + len(by.account.letters) + 1
        order = SpendTo(by.account.bank.bank, seq, to, number, self.grain, amount, self.bank.now + DAY, "")
        return replace(order, **fields)

    def good(self) -> bool:
        audit = self.bank.audit()
        return audit.good and all(sheet.difference == 0 for sheet in audit.sheets.values())


@pytest.fixture
def town() -> Town:
    return Town()


def letter_in(raw: bytes) -> Letter:
    return Letter.read(trusted(raw).body)


# --- L1 ---------------------------------------------------------------------------------------------------------


def test_l1_a_letter_names_its_place_in_the_chain_what_it_has_seen_and_what_it_expects(town: Town) -> None:
    alice = town.alice
    alice.pay(town.bob, town.grain, 5)
    alice.write()
    alice.pay(town.bob, town.grain, 6)
    alice.write()
    first, second = alice.account.written
    held = alice.account.held
    assert held is not None
    assert (first.seq, second.seq) == (alice.account.statement.seq + 1, alice.account.statement.seq + 2)
    assert (first.prev, second.prev) == (held.answers[-1].letter, identity_of(read(alice.account.letters[0])))
    assert first.seen == second.seen == (alice.account.statement.seq, digest_of(alice.account.statement.encode()))
    assert first.terms == alice.account.current
    assert first.not_after == town.bank.now + alice.account.conditions.letter_life
    assert first.nonce != second.nonce
    assert second.expect == digest_of(alice.account.coming.encode())
    assert alice.account.coming.balance(town.grain) == 1000 - 11


# --- L2 ---------------------------------------------------------------------------------------------------------


def test_l2_only_ones_own_letter_changes_ones_statement(town: Town) -> None:
    before = town.bank.page(town.bob.me)
    town.alice.pay(town.bob, town.grain, 5)
    town.alice.trip()
    after = town.bank.page(town.bob.me)
    assert (before.receipt, before.highest + 1, len(after.pending)) == (after.receipt, after.highest, 1)


def test_l2_notices_are_made_once_and_listed_in_every_receipt_until_taken_in(town: Town) -> None:
    town.alice.pay(town.bob, town.grain, 5)
    town.alice.trip()
    town.bob.wish("getq")
    sent = town.bob.send()
    first, again = town.bank.answer_to(sent), town.bank.answer_to(sent)
    assert first.messages == again.messages
    receipt = receipt_in(first.messages[0])
    assert receipt.highest == 2
    assert [tuple(waits) for waits in receipt.pending] == [(2, "receipt", town.alice.account.statement.highest - 19)]
    town.bob.take_mail(first.messages)
    town.bob.accept_all()
    town.bob.trip()
    held = town.bob.account.held
    assert held is not None
    assert (held.highest, held.pending, town.bob.account.statement.taken) == (2, (), (Span(1, 2),))


def test_l2_dropnotices_takes_in_what_was_made_and_waits_no_more(town: Town) -> None:
    town.alice.pay(town.bob, town.grain, 5, days=1)
    town.alice.trip()
    town.poll(town.bob)
    waits = DropNotices((Span(2, 2),))
    assert town.bob.hand_in(waits, DropNotices((Span(1, 3),))) == [Refusal.PENDING, Refusal.NO_NOTICE]
    town.bank.now += 3 * DAY
    assert town.bob.hand_in(DropNotices((Span(1, 2),)), DropNotices(())) == [DONE, DONE]
    assert town.bob.account.statement.taken == (Span(1, 2),)
    assert town.good()


def test_l2_the_wallet_drops_dead_notices_by_itself(town: Town) -> None:
    town.alice.pay(town.bob, town.grain, 5, days=1)
    town.alice.pay(town.bob, town.grain, 5, days=1)
    town.alice.pay(town.bob, town.grain, 5, days=200)
    town.alice.trip()
    town.bank.now += 3 * DAY
    for _ in range(3):
        town.poll(town.bob)
    assert town.bob.account.statement.taken == (Span(1, 3),)
    assert [each.notice for each in town.bob.account.waiting] == [4]


# --- L3 ---------------------------------------------------------------------------------------------------------


def test_l3_agreement_in_one_trip(town: Town) -> None:
    town.alice.pay(town.bob, town.grain, 5)
    (news,) = town.alice.trip()
    held = town.alice.account.held
    assert held is not None
    assert news.agreed
    assert held.base == (digest_of(held.statement), held.answers[-1].letter)
    assert len(held.answers) == 1


def test_l3_agreement_by_the_next_letter_after_a_refusal(town: Town) -> None:
    alice = town.alice
    agreed = digest_of(alice.account.statement.encode())
    alice.pay(town.bob, town.grain, 100_000)
    (news,) = alice.trip()
    held = alice.account.held
    assert held is not None
    assert [(order.TYPE, code) for _, order, code in refusals(news)] == [("spendto", Refusal.FUNDS)]
    assert (news.agreed, held.base.statement) == (False, agreed)
    refused = digest_of(held.statement)
    assert has_something_to_say(alice.account), "a statement not agreed to is something to say"
    confirming = alice.by_hand()  # its own expect matches nothing: agreement comes by ``seen`` alone
    reply = town.bank.answer_to(alice.seal((confirming,)))
    receipt = receipt_in(reply.messages[0])
    assert receipt.base == (refused, identity_of(read(confirming)))


def test_l3_the_base_never_moves_back(town: Town) -> None:
    alice = town.alice
    agreed = alice.account.statement
    digest = digest_of(agreed.encode())
    old = Seen(agreed.seq, digest)
    for _ in range(3):
        assert alice.hand_in(seen=old) == []
        held = alice.account.held
        assert held is not None
        assert held.base.statement == digest
    alice.trip() if alice.account.letters else alice.hand_in()
    held = alice.account.held
    assert held is not None
    assert held.base.statement not in (digest, digest_of(held.statement))
    base = held.base
    alice.hand_in(seen=old)  # names what was agreed long ago: the base stays where it is
    held = alice.account.held
    assert held is not None
    assert held.base == base


def test_l3_seen_with_another_digest_agrees_to_nothing(town: Town) -> None:
    alice = town.alice
    base = receipt_in(town.bank.page(alice.me).receipt).base
    alice.hand_in(seen=Seen(alice.account.statement.seq, Digest(b"x" * 32)))
    assert receipt_in(town.bank.page(alice.me).receipt).base == base


# --- L4 ---------------------------------------------------------------------------------------------------------


def test_l4_what_does_not_read_is_refused_alone_and_the_rest_is_done(town: Town) -> None:
    alice, bob = town.alice, town.bob
    good = town.spend(alice, bob.me)
    seq, bank = good.seq, good.bank
    bob_signed = StopCheque(bank, seq, (Span(3, 3),)).sign(bob.signer)
    for_another_letter = StopCheque(bank, seq + 1, (Span(3, 3),))
    for_another_bank = StopCheque(bob.me, seq, (Span(3, 3),))
    unsigned = cbor.encode(("stopcheque", bank, seq, ((3, 3),)))
    signed_plain = alice.signer.sign("getq", (bank, seq))
    wrong_count = cbor.encode(("getsequence", 1))
    no_fields = alice.signer.sign("stopcheque", (bank, seq))
    results = alice.hand_in(
        cbor.encode(("frobnicate", 1)),
        alice.signer.sign("frobnicate", (bank, seq)),
        b"\xff garbage",
        b"\xd2 garbage",
        cbor.encode(7),
        cbor.encode(()),
        cbor.encode((7,)),
        wrong_count,
        no_fields,
        bob_signed,
        for_another_letter,
        for_another_bank,
        unsigned,
        signed_plain,
        StopCheque(bank, seq, (Span(5, 4),)),
        good,
        GetQ(),
    )
    unknown, malformed, misaddressed = Refusal.UNKNOWN_ORDER, Refusal.MALFORMED, Refusal.MISADDRESSED
    assert results == [
        *(unknown, unknown, malformed, malformed, malformed, malformed, malformed, malformed, malformed),
        *(misaddressed, misaddressed, misaddressed, malformed, malformed, malformed, DONE, DONE),
    ]
    assert alice.account.statement.spend(good.number) is not None
    assert town.good()


def test_l4_a_refusal_brings_the_signed_evidence(town: Town) -> None:
    alice, bob = town.alice, town.bob
    alice.pay(bob, town.grain, 5)
    alice.trip()
    town.poll(bob)
    bob.accept_all()
    bob.trip()
    spend = alice.account.statement.outstanding[0]
    cancel = CancelSpend(alice.account.bank.bank, alice.account.statement.seq + 1, bob.me, spend.number, spend.asset, 5)
    assert alice.hand_in(cancel) == [Refusal.CLOSED]
    held = alice.account.held
    assert held is not None
    (result,) = held.answers[-1].results
    assert result.part is not None
    notice = Notice.of(open_message(alice.account.parts[result.part], town.bank.signer.key))
    assert notice.enclosed is not None
    accepted = ConfirmReceipt.of(open_message(notice.enclosed, bob.signer.key))
    assert (notice.kind, accepted.number, accepted.amount) == (n.CLOSED, spend.number, 5)


# --- L5 ---------------------------------------------------------------------------------------------------------


def test_l5_receipts_are_cumulative_until_seen(town: Town) -> None:
    alice = town.alice
    raws = []
    for _ in range(3):
        alice.wish("getq")
        raws.append(alice.send())
    for count, raw in enumerate(raws, 1):
        town.bank.answer_to(raw)
        receipt = receipt_in(town.bank.page(alice.me).receipt)
        assert len(receipt.answers) == count
    alice.trip()  # only the last answer arrives
    assert alice.account.letters == ()
    assert len(alice.account.held.answers) == 3  # type: ignore[union-attr]
    town.poll(alice)
    assert len(alice.account.held.answers) == 1  # type: ignore[union-attr]


def test_l5_everything_a_receipt_names_stands_beside_it_in_the_store(town: Town) -> None:
    alice = town.alice
    alice.pay(town.bob, town.grain, 100_000)
    alice.wish("getsequence", amount=3, until=town.bank.now + DAY)
    alice.trip()
    page = town.bank.page(alice.me)
    assert missing(receipt_in(page.receipt), indexed(page.parts)) == ()
    assert len(page.parts) == len(receipt_in(page.receipt).parts())
    kinds = sorted(read(raw).type for raw in page.parts if raw[:1] == b"\xd2")
    assert kinds == ["letter", "sequence"]
    assert sum(map(is_statement, page.parts)) == 1, "the base statement, as it is not the new one"


def test_l5_what_the_envelope_showed_is_left_out_and_completed_from_ones_own_letters(town: Town) -> None:
    alice = town.alice
    alice.wish("getsequence", amount=3, until=town.bank.now + DAY)
    reply = town.bank.answer_to(alice.send())
    receipt = receipt_in(reply.messages[0])
    own = identity_of(read(alice.account.letters[0]))
    assert own in receipt.parts()
    assert own in missing(receipt, indexed(reply.messages[1:]))
    alice.take_mail(reply.messages)
    assert missing(receipt, alice.account.parts) == ()


def test_l5_a_receipt_with_a_part_truly_missing_is_incomplete_and_changes_nothing(town: Town) -> None:
    alice = town.alice
    alice.pay(town.bob, town.grain, 100_000)
    alice.trip()
    alice.pay(town.bob, town.grain, 100_000)
    alice.write()
    forgetful = replace(alice.account, parts={}, fresh=frozenset())
    raw = alice.seal(alice.account.letters)
    reply = town.bank.answer_to(raw)
    named = set(receipt_in(reply.messages[0]).parts())
    parts = [raw for raw in reply.messages if is_statement(raw) or read(raw).type == "letter"]
    assert parts
    for gone in parts:
        mail = sort_mail(forgetful, tuple(raw for raw in reply.messages if raw != gone))
        before = forgetful
        with pytest.raises(Incomplete, match="does not stand beside"):
            take_in(forgetful, mail)
        assert forgetful == before
    after, news = take_in(forgetful, sort_mail(forgetful, reply.messages))
    assert news.adopted
    assert set(after.parts) <= named


def test_l5_a_wallet_without_the_terms_of_a_letter_is_told_what_is_missing(town: Town) -> None:
    alice = town.alice
    alice.pay(town.bob, town.grain, 1)
    alice.pay(town.bob, town.grain, 100_000)
    reply = town.bank.answer_to(alice.send())
    lost = replace(alice.account, terms={})
    lost = replace(lost, terms={town.bank.set_terms(): open_bank_card(town.bank.card)[0].terms})
    lost = replace(lost, current=next(iter(lost.terms)))
    with pytest.raises(Incomplete, match="the terms"):
        take_in(lost, sort_mail(lost, reply.messages))


def test_l5_what_was_asked_for_travels_even_if_it_was_shown(town: Town) -> None:
    alice = town.alice
    for order in (GetConfirmedBalance(town.grain), GetConfirmedOutstandingSpends()):
        raw = alice.by_hand(order)
        reply = town.bank.answer_to(alice.seal((raw,)))
        assert raw in reply.messages
        assert missing(receipt_in(reply.messages[0]), indexed(reply.messages[1:])) == ()
        alice.account = replace(alice.account, letters=(raw,))
        alice.take_mail(reply.messages)


def test_l5_the_limit_for_a_pipeline_that_matches(town: Town) -> None:
    alice = town.alice
    start = alice.account.statement.seq
    for _ in range(AHEAD):
        alice.wish("getq")
        alice.write()
    assert not may_write(alice.account)
    with pytest.raises(Denied, match="wait for the bank"):
        alice.write()
    one_more = alice.by_hand(GetQ())
    reply = town.bank.answer_to(alice.seal((*alice.account.letters, one_more)))
    assert (reply.answered, "ahead" in reply.why) == (AHEAD, True)
    assert town.bank.statement(alice.me).seq == start + AHEAD
    again = town.bank.answer_to(alice.seal((*alice.account.letters, one_more)))
    assert (again.answered, again.messages[0]) == (0, reply.messages[0])
    alice.take_mail(reply.messages)
    assert may_write(alice.account)
    town.poll(alice)
    assert town.bank.statement(alice.me).seq == start + AHEAD + 1


def test_l5_the_limit_for_a_pipeline_of_refusals_and_no_honest_wallet_is_stuck(town: Town) -> None:
    alice = town.alice
    for _ in range(3):
        start = alice.account.statement.seq
        while may_write(alice.account):
            alice.pay(town.bob, town.grain, 10**6)
            alice.write()
        assert len(alice.account.letters) >= AHEAD - 1
        one_more = alice.by_hand(GetQ())
        reply = town.bank.answer_to(alice.seal((*alice.account.letters, one_more)))
        assert reply.answered in (AHEAD - 1, AHEAD)
        assert all(result.code is not DONE for result in reply.results if result.part is None)
        (news,) = alice.trip()
        assert not news.agreed
        assert alice.account.statement.seq == start + reply.answered
    town.poll(alice)
    town.poll(alice)
    assert alice.account.held.base.statement == digest_of(alice.account.held.statement)  # type: ignore[union-attr]
    assert town.good()


def test_l5_seen_never_counts_back(town: Town) -> None:
    """Whoever names an older receipt than before gets no longer answer, and is not stopped by the limit."""
    alice = town.alice
    old = Seen(1, digest_of(b""))
    for _ in range(AHEAD + 2):
        town.poll(alice)
    assert alice.hand_in(GetQ(), seen=old) == [DONE]
    assert len(receipt_in(town.bank.page(alice.me).receipt).answers) == 2
    assert alice.hand_in(GetQ(), seen=Seen(MAX_INT, digest_of(b""))) == [DONE], "nor beyond what was signed"
    assert len(receipt_in(town.bank.page(alice.me).receipt).answers) >= 1


def test_l5_answers_overtaken_by_letters_never_lock_the_wallet_out(town: Town) -> None:
    """Whenever the wallet may write, the bank may answer, whatever was lost in between."""
    alice = town.alice
    for lost in range(1, 40):
        if may_write(alice.account):
            alice.pay(town.bob, town.grain, 10**6 if lost % 3 else 1)
            alice.write()
        reply = town.bank.answer_to(alice.seal(alice.account.letters[: 1 + lost % 5]))
        assert "ahead" not in reply.why
        if lost % 4 == 0:
            alice.take_mail(reply.messages)
        if not alice.account.letters:
            continue
        reply = town.bank.answer_to(alice.seal(alice.account.letters))
        assert (reply.why, town.bank.statement(alice.me).seq) == (
            "",
            alice.account.statement.seq + len(alice.account.letters),
        )
        if lost % 7 == 0:
            alice.take_mail(reply.messages)
    assert town.good()


# --- L6 ---------------------------------------------------------------------------------------------------------


def test_l6_a_letter_answered_already_gets_the_stored_receipt_byte_for_byte(town: Town) -> None:
    alice = town.alice
    alice.pay(town.bob, town.grain, 5)
    raw = alice.send()
    first = town.bank.judge(raw)
    town.bank.now += 3 * DAY
    again = town.bank.judge(raw)
    assert again.changes == {}
    assert again.replies[0].messages == first.replies[0].messages
    assert (again.replies[0].answered, again.replies[0].results) == (0, ())


@pytest.mark.parametrize("fault", ["used seq", "wrong prev", "no prev", "predecessor missing"])
def test_l6_a_letter_out_of_the_chain_gets_the_stored_receipt_and_changes_nothing(town: Town, fault: str) -> None:
    alice = town.alice
    seq = alice.account.statement.seq
    faults: dict[str, dict[str, Any]] = {
        "used seq": {"seq": seq},
        "wrong prev": {"prev": Digest(b"x" * 32)},
        "no prev": {"prev": None},
        "predecessor missing": {"seq": seq + 2},
    }
    fields = faults[fault]
    spend = replace(town.spend(alice, town.bob.me), seq=fields.get("seq", seq + 1))
    outcome = town.bank.judge(alice.seal((alice.by_hand(spend, **fields),)))
    (reply,) = outcome.replies
    assert (outcome.changes, reply.answered, reply.results) == ({}, 0, ())
    assert reply.messages[0] == alice.account.receipt
    assert bool(reply.why) == (fault != "used seq")


def test_l6_letters_out_of_order_in_an_envelope_are_carried_out_in_order(town: Town) -> None:
    alice = town.alice
    for amount in (1, 2, 3):
        alice.pay(town.bob, town.grain, amount)
        alice.write()
    one, two, three = alice.account.letters
    reply = town.bank.answer_to(alice.seal((three, one, two, three, one)))
    assert (reply.answered, [result.code for result in reply.results]) == (3, [DONE] * 3)
    alice.take_mail(reply.messages)
    assert alice.has(town.grain) == 1000 - 6


def test_l6_the_longest_run_that_can_be_answered_is(town: Town) -> None:
    alice = town.alice
    for amount in (1, 2, 3, 4):
        alice.pay(town.bob, town.grain, amount)
        alice.write()
    one, two, _, four = alice.account.letters
    reply = town.bank.answer_to(alice.seal((four, two, one)))
    assert (reply.answered, reply.why) == (
        2,
        f"letter {letter_in(two).seq + 1} is missing before letter {letter_in(four).seq}",
    )


@pytest.mark.parametrize("nonce", range(6))
def test_l6_a_letter_that_does_not_chain_does_not_hide_one_that_does(town: Town, nonce: int) -> None:
    alice = town.alice
    good = alice.by_hand(GetQ())
    stray = alice.by_hand(GetQ(), prev=Digest(b"x" * 32), nonce=bytes(15) + bytes([nonce]))
    reply = town.bank.answer_to(alice.seal((stray, good)))
    assert (reply.answered, reply.why) == (1, "")


def test_l6_a_spend_past_not_after_is_refused_its_seq_used_and_its_number_closed(town: Town) -> None:
    alice = town.alice
    spend = town.spend(alice, town.bob.me, until=town.bank.now + 100 * DAY)
    raw = alice.by_hand(spend, GetQ(), b"\xff", not_after=town.bank.now)
    town.bank.now += 1
    reply = town.bank.answer_to(alice.seal((raw,)))
    assert [result.code for result in reply.results] == [Refusal.LATE, Refusal.LATE, Refusal.MALFORMED]
    statement = town.bank.statement(alice.me)
    assert (statement.seq, statement.block_of(spend.number)) == (alice.account.statement.seq + 1, None)
    assert statement.balance(town.grain) == 1000
    alice.account = replace(alice.account, letters=(raw,))
    alice.take_mail(reply.messages)


def test_l6_on_the_last_day_it_is_still_done(town: Town) -> None:
    assert town.alice.hand_in(town.spend(town.alice, town.bob.me), not_after=town.bank.now) == [DONE]


# --- L7 ---------------------------------------------------------------------------------------------------------


def test_l7_a_refused_spend_closes_its_number_and_only_if_it_is_open(town: Town) -> None:
    alice = town.alice
    refused = town.spend(alice, town.bob.me, 10**6)
    assert alice.hand_in(refused) == [Refusal.FUNDS]
    assert alice.account.statement.block_of(refused.number) is None
    again = replace(refused, seq=refused.seq + 1, amount=1)
    never = replace(again, number=99_999)
    assert alice.hand_in(again, never) == [Refusal.NUMBER, Refusal.NUMBER]
    assert alice.account.statement.highest == 20


def test_l7_one_number_serves_one_spend_even_in_one_letter(town: Town) -> None:
    alice = town.alice
    spend = town.spend(alice, town.bob.me)
    assert alice.hand_in(spend, spend, replace(spend, amount=2)) == [DONE, Refusal.NUMBER, Refusal.NUMBER]
    assert alice.has(town.grain) == 990


def test_l7_an_order_signed_for_another_letter_has_no_force_there(town: Town) -> None:
    alice = town.alice
    spend = town.spend(alice, town.bob.me)
    assert alice.hand_in(replace(spend, seq=spend.seq + 1)) == [Refusal.MISADDRESSED]
    assert alice.account.statement.block_of(spend.number) is not None, "what is misaddressed closes nothing"


# --- L8 ---------------------------------------------------------------------------------------------------------


def test_l8_garbage_gets_an_error_and_no_signature(town: Town) -> None:
    alice, bank = town.alice, town.bank
    letter = alice.by_hand()
    stranger = Signer.from_seed(b"s" * 32)

    def pack(*messages: bytes, sender: Any = alice.signer.key) -> bytes:
        return envelope.pack(messages, sender=sender, recipient=bank.signer.key, until=0, entropy=b"e" * 32)

    cases: list[tuple[bytes, type[BadBytes]]] = [
        (b"garbage", BadBytes),
        (pack(), WrongShape),
        (pack(*[letter] * (MAX_LETTERS + 1)), OverLimit),
        (pack(letter, sender=None), WrongShape),
        (pack(letter, sender=stranger.key), BadBytes),
        (pack(alice.signer.sign("getq", ())), UnknownType),
        (pack(letter, letter[:-1] + bytes([letter[-1] ^ 1])), BadBytes),
        (pack(alice.by_hand(bank=alice.me)), BadBytes),
        (pack(alice.signer.sign("letter", (bank.signer.fingerprint,))), WrongShape),
    ]
    for raw, error in cases:
        assert isinstance(bank.read(raw), error)
    assert bank.judge(*(raw for raw, _ in cases)).replies == ()


def test_l8_without_an_account_there_is_no_receipt_and_no_seq(town: Town) -> None:
    carol = Party("carol", town.bank)
    for orders in ((), (GetQ(),), (b"\xff",), (town.spend(town.alice, town.bob.me),)):
        outcome = town.bank.judge(carol.seal((carol.by_hand(*orders),)))
        (reply,) = outcome.replies
        assert (outcome.changes, reply.messages, reply.answered) == ({}, (), 0)
        assert "not opened" in reply.why
    later = carol.by_hand(seq=2)
    assert "missing" in town.bank.answer_to(carol.seal((later,))).why
    carol.open()
    assert carol.trip()[0].agreed


# --- L9 ---------------------------------------------------------------------------------------------------------


def restored_from_the_key(party: Party) -> Party:
    again = Party(party.name, party.bank)
    again.account = open_at(party.bank.card, party.signer.key, party.name, restored=True)
    again.letters = 1000
    return again


def restored_from_backup(party: Party, backup: Any) -> Party:
    again = restored_from_the_key(party)
    again.account = replace(backup, fresh=frozenset(), wishes=())
    return again


def test_l9_restored_from_nothing_but_the_key(town: Town) -> None:
    town.alice.pay(town.bob, town.grain, 5)
    town.alice.trip()
    again = restored_from_the_key(town.alice)
    again.open()
    again.write()
    assert [read(raw).type for raw in again.account.written[0].orders] == ["createaccount"]
    news = [again.receive(raw) for _, raw in town.bank.post(again.seal(again.account.letters))]
    assert (news[0].adopted, again.account.statement) == (True, town.alice.account.statement)
    assert again.account.letters == (), "the letter that knocked is void"
    assert again.account.fresh is not None, "the newest letter of that receipt is none of its own"
    again.pay(town.bob, town.grain, 5)
    assert has_something_to_say(again.account)
    again.write()
    assert again.account.written[0].orders == ()
    assert not has_something_to_say(again.account)
    (news_,) = [again.receive(raw) for _, raw in town.bank.post(again.seal(again.account.letters))]
    assert news_.adopted
    assert again.account.fresh is None
    assert again.account.barred == 20
    again.trip()  # numbers, as all that were open are barred; then the spend
    again.trip()
    assert [spend.number for spend in again.account.statement.outstanding] == [1, 21]
    assert town.good()


def test_l9_restored_from_the_key_when_terms_changed_and_nothing_was_agreed(town: Town) -> None:
    """The stored receipt must be retraced from a base under terms that the new wallet has never seen."""
    town.alice.wish("getsequence", amount=1, until=town.bank.now + DAY)
    town.alice.pay(town.bob, town.grain, 10**6)
    town.alice.trip()
    town.bank.set_terms(grace=90 * DAY)
    again = restored_from_the_key(town.alice)
    again.open()
    again.trip()
    again.trip()
    assert again.account.fresh is None
    assert again.account.statement == town.bank.statement(town.alice.me)


def test_l9_restored_from_a_backup_its_letters_are_void_if_they_do_not_chain(town: Town) -> None:
    alice = town.alice
    alice.pay(town.bob, town.grain, 1)
    alice.write()
    backup = alice.account
    alice.trip()
    for amount in (2, 3):
        alice.pay(town.bob, town.grain, amount)
        alice.trip()
    again = restored_from_backup(alice, backup)
    assert again.account.letters
    again.trip()
    assert (again.account.letters, again.account.statement) == ((), alice.account.statement)
    again.trip()
    assert again.account.fresh is None
    again.pay(town.bob, town.grain, 4)
    again.trip()
    again.trip()
    assert [spend.amount for spend in again.account.statement.outstanding] == [1, 2, 3, 4]
    assert again.account.statement.outstanding[-1].number > 20
    assert town.good()


def test_l9_a_fresh_letter_that_loses_against_one_still_in_the_post_is_written_anew(town: Town) -> None:
    alice = town.alice
    backup = alice.account
    alice.pay(town.bob, town.grain, 7)
    in_the_post = alice.send()
    again = restored_from_backup(alice, backup)
    again.write()
    fresh = again.account.letters
    town.bank.judge(in_the_post)
    again.take_mail(town.bank.answer_to(again.seal(fresh)).messages)
    assert (again.account.letters, again.account.fresh is None) == ((), False)
    assert again.account.statement.outstanding[-1].amount == 7
    again.trip()
    assert again.account.fresh is None
    assert (again.account.barred, again.account.statement.highest) == (20, 20)


def test_l9_letters_of_an_older_life_do_not_chain_and_are_void(town: Town) -> None:
    """Two backups: one before, one after two letters were written that never arrived. The first restored wins."""
    alice = town.alice
    early = alice.account
    for amount in (1, 2):
        alice.pay(town.bob, town.grain, amount)
        alice.write()
    late = alice.account
    first = restored_from_backup(alice, early)
    first.trip()
    assert first.account.fresh is None
    second = restored_from_backup(alice, late)
    assert len(second.account.letters) == 2
    reply = town.bank.answer_to(second.seal(second.account.letters))
    assert (reply.answered, "does not follow" in reply.why) == (0, True)
    second.take_mail(reply.messages)
    assert not second.account.letters
    second.letters = 2000
    second.trip()
    assert second.account.fresh is None
    assert town.bank.statement(alice.me).balance(town.grain) == 1000


def test_l9_a_restored_wallet_that_opens_nothing_asks_with_an_empty_letter(town: Town) -> None:
    again = restored_from_the_key(town.alice)
    again.write()
    assert again.account.written[0].orders == ()
    again.trip()
    again.trip()
    assert again.account.fresh is None
    assert again.account.statement == town.bank.statement(town.alice.me)


def test_l9_a_delayed_old_receipt_does_not_end_the_caution(town: Town) -> None:
    alice = town.alice
    backup = alice.account
    alice.pay(town.bob, town.grain, 1)
    delayed = town.bank.answer_to(alice.send()).messages
    alice.take_mail(delayed)
    parts = tuple(alice.account.parts.values())
    alice.pay(town.bob, town.grain, 2)
    alice.trip()
    again = restored_from_backup(alice, backup)
    again.write()
    assert again.take_mail((*delayed, *parts)).adopted
    assert again.account.fresh is not None
    again.trip()
    again.trip()
    assert again.account.fresh is None
    assert again.account.statement.seq == alice.account.statement.seq + 1


def test_l9_an_answer_to_a_letter_of_another_device_is_named_as_such(town: Town) -> None:
    alice = town.alice
    copy = Party("alice", town.bank)
    copy.account, copy.letters = alice.account, 500
    alice.wish("getq")
    alice.trip()
    copy.pay(town.bob, town.grain, 1)
    raw = copy.send()
    reply = town.bank.answer_to(raw)
    before = copy.account
    parts = tuple(alice.account.parts.values())
    with pytest.raises(UsedElsewhere, match="did not write"):
        copy.take_mail((*reply.messages, *parts))
    assert copy.account == before


def test_l9_another_device_that_went_on_ahead_is_no_fault_of_the_banks(town: Town) -> None:
    """Found here: the copy has seen answers this wallet has not, so letters are left out, and rightly."""
    alice = town.alice
    copy = Party("alice", town.bank)
    copy.account, copy.letters = alice.account, 500
    for _ in range(3):
        copy.wish("getq")
        copy.trip()
    alice.wish("getq")
    reply = town.bank.answer_to(alice.send())
    assert len(receipt_in(reply.messages[0]).answers) == 1
    with pytest.raises(UsedElsewhere, match="did not write"):
        alice.take_mail(reply.messages)


@pytest.mark.parametrize("paper", ["cheque", "spend", "the same spend", "none"])
def test_l9_a_spend_of_another_device_is_cancelled_though_here_its_number_is_on_another_paper(
    town: Town, paper: str
) -> None:
    """Found by the town, seed 1000056: the wallet took its cheque for the spend, and the bank's receipt for damaged.

    It could adopt no receipt from then on. An order that was done is kept to the end of the very spend (12.7).
    """
    alice = town.alice
    copy = Party("alice", town.bank)
    copy.account, copy.letters = alice.account, 500
    copy.pay(town.bob, town.grain, 7, days=20)
    copy.trip()
    if paper == "cheque":
        alice.draw(town.bob, town.grain, 7, days=9)
    elif paper != "none":
        alice.pay(town.bob, town.grain, 7 if paper == "the same spend" else 8, days=9 if paper == "spend" else 20)
    alice.wish("getq")
    with pytest.raises(UsedElsewhere, match="did not write"):
        alice.trip()
    alice.account = replace(alice.account, fresh=frozenset(), wishes=())
    alice.trip()
    alice.trip()
    (spend,) = alice.account.statement.outstanding
    assert (alice.account.fresh, spend.number, spend.number in alice.account.signed) == (None, 1, paper != "none")
    alice.wish("cancelspend", number=1)
    alice.trip()
    assert alice.account.statement == town.bank.statement(alice.me)
    assert (alice.has(town.grain), alice.account.letters) == (1000, ())
    (kept,) = [each for each in alice.account.said.values() if read(each.raw).type == "cancelspend"]
    assert spend.until <= kept.until <= alice.account.time + alice.account.conditions.spend_life
    assert (kept.until == spend.until) == (paper == "the same spend")
    assert town.good()


def test_l9_an_acceptance_of_another_device_is_kept_to_the_end_of_the_spend(town: Town) -> None:
    """The notice it took in was never here, and names the end; a bank that lost its store asks for the order (12.7)."""
    bob = town.bob
    copy = Party("bob", town.bank)
    copy.account, copy.letters = bob.account, 500
    before = set(bob.account.said)
    town.alice.pay(bob, town.grain, 7, days=20)
    town.alice.trip()
    (spend,) = town.alice.account.statement.outstanding
    town.poll(copy)
    copy.accept_all()
    town.bank.judge(copy.send())
    bob.account = replace(bob.account, fresh=frozenset())
    bob.trip()
    bob.trip()
    assert (bob.account.fresh, bob.has(town.grain), bob.account.waiting) == (None, 1007, ())
    (kept,) = [each for identity, each in bob.account.said.items() if identity not in before]
    assert read(kept.raw).type == "confirmreceipt"
    assert spend.until <= kept.until <= bob.account.time + bob.account.conditions.spend_life


def test_l9_an_opening_that_was_refused_is_written_anew_as_if_restored(town: Town) -> None:
    """Letter 1 used no seq, so the owner may ask again; whichever letter the bank takes, the wallet follows."""
    carol = Party("carol", town.bank)
    carol.open((town.alice.me, 9, town.grain, 5))
    assert carol.trip() == []
    first = carol.account.letters
    carol.account = replace(carol.account, letters=(), fresh=frozenset())
    carol.open()
    carol.write()
    reply = town.bank.answer_to(carol.seal((*carol.account.letters, *first)))
    assert reply.answered == 1
    carol.take_mail(reply.messages)
    assert (carol.account.statement.seq, carol.account.fresh) == (1, None)


# --- opening ----------------------------------------------------------------------------------------------------


def prefund(town: Town, key: Signer, *amounts: int, days: int = 30) -> list[tuple[bytes, int, bytes, int]]:
    """The treasurer pays a key without an account; the rows by which it names the spends."""
    until = town.bank.now + days * DAY
    for amount in amounts:
        town.treasurer.wish("spendto", party=key.fingerprint, asset=town.grain, amount=amount, until=until)
    town.treasurer.trip()
    return [
        (town.treasurer.me, each.number, each.asset, each.amount)
        for each in town.treasurer.account.statement.outstanding
        if each.payee == key.fingerprint
    ]


def test_opening_takes_in_the_spends_it_names_and_finds_the_others_waiting(town: Town) -> None:
    carol = Party("carol", town.bank)
    rows = prefund(town, carol.signer, 5, 6, 7)
    assert town.good()
    carol.open(rows[1])
    (news,) = carol.trip()
    assert (news.agreed, carol.has(town.grain), carol.account.statement.taken) == (True, 6, (Span(1, 1),))
    assert [(each.notice, each.amount) for each in carol.account.waiting] == [(2, 5), (3, 7)]
    assert town.good()
    carol.accept_all()
    carol.trip()
    assert carol.has(town.grain) == 18
    town.poll(town.treasurer)
    assert sorted(each.kind for each in town.treasurer.account.waiting) == [n.CLOSED] * 3
    town.treasurer.trip()
    assert town.treasurer.account.statement.outstanding == ()
    assert town.good()


@pytest.mark.parametrize("fault", ["amount", "asset", "number", "spender", "twice", "too late", "another's"])
def test_opening_refused_for_a_spend_that_does_not_wait_just_so(town: Town, fault: str) -> None:
    carol = Party("carol", town.bank)
    (row,) = prefund(town, carol.signer, 5, days=1)
    spender, number, asset, amount = row
    named: dict[str, list[tuple[bytes, int, bytes, int]]] = {
        "amount": [(spender, number, asset, amount + 1)],
        "asset": [(spender, number, b"x" * 32, amount)],
        "number": [(spender, number + 1, asset, amount)],
        "spender": [(town.alice.me, number, asset, amount)],
        "twice": [row, row],
        "too late": [row],
        "another's": [row],
    }
    if fault == "too late":
        town.bank.now += 2 * DAY
    if fault == "another's":
        carol = Party("dora", town.bank)
    carol.open(*named[fault])
    reply = town.bank.answer_to(carol.send())
    why = Refusal.EXPIRED if fault == "too late" else Refusal.NO_SPEND
    assert (reply.messages, reply.why) == ((), f"the account was not opened: {why.sentence}")
    assert town.good()
    with town.bank.store.snapshot() as snapshot:
        assert len(list(snapshot.under(b"account/"))) == 3


def test_opening_pays_its_fee_from_what_waits(town: Town) -> None:
    bank = town.bank
    bank.set_terms(token=town.grain, fees=(Fee("createaccount", 10),))
    poor, rich = Party("carol", bank), Party("dora", bank)
    (row,) = prefund(town, poor.signer, 9)
    poor.open(row)
    assert bank.answer_to(poor.send()).why == f"the account was not opened: {Refusal.FEE.sentence}"
    (row,) = prefund(town, rich.signer, 11)
    rich.open(row)
    assert rich.trip()[0].agreed
    assert (rich.has(town.grain), bank.page(rich.me).fees) == (1, ((town.grain, 10),))
    assert town.good()


def test_opening_comes_first_and_once(town: Town) -> None:
    carol = Party("carol", town.bank)
    create = CreateAccount(town.bank.signer.fingerprint, 1, carol.signer.key, "carol")
    reply = town.bank.answer_to(carol.seal((carol.by_hand(GetQ(), create),)))
    assert reply.why == f"the account was not opened: {Refusal.OPENED.sentence}"
    assert carol.hand_in(create, create, GetQ()) == [DONE, Refusal.OPENED, DONE]
    again = replace(create, seq=2)
    assert carol.hand_in(again) == [Refusal.OPENED]


def test_opening_late_or_under_dead_terms_opens_nothing(town: Town) -> None:
    carol = Party("carol", town.bank)
    create = CreateAccount(town.bank.signer.fingerprint, 1, carol.signer.key, "carol")
    for fields, why in (
        ({"not_after": START - 1}, Refusal.LATE),
        ({"terms": Digest(b"x" * 32)}, Refusal.TERMS),
    ):
        reply = town.bank.answer_to(carol.seal((carol.by_hand(create, **fields),)))
        assert (reply.messages, reply.why) == ((), f"the account was not opened: {why.sentence}")


@pytest.mark.parametrize("answered", [True, False])
def test_a_first_letter_past_its_time_is_written_anew_whether_it_was_answered_or_not(
    town: Town, answered: bool
) -> None:
    carol = Party("carol", town.bank)
    carol.open()
    first = carol.send()
    if answered:
        town.bank.post(first)  # and the answer is lost
    end = carol.account.written[0].not_after
    assert knock_anew(carol.account, end) is carol.account
    town.bank.now = end + 1
    if not answered:
        assert town.bank.answer_to(first).messages == ()
    carol.account = knock_anew(carol.account, town.bank.now)
    assert carol.account.letters == ()
    for _ in range(3):
        carol.trip()
    town.treasurer.pay(carol, town.grain, 7)
    town.treasurer.trip()
    carol.ask()
    carol.accept_all()
    carol.trip()
    assert carol.has(town.grain) == 7
    assert knock_anew(carol.account, MAX_INT) is carol.account


def test_opening_another_pays_for_is_named_in_full_in_the_spenders_notice(town: Town) -> None:
    carol = Party("carol", town.bank)
    carol.open(*prefund(town, carol.signer, 5, 6))
    carol.trip()
    town.poll(town.treasurer)
    for each in town.treasurer.account.waiting:
        assert each.enclosed is not None
        opened = CreateAccount.of(open_message(each.enclosed, carol.signer.key))
        assert Waiting(town.treasurer.me, each.number, each.asset, each.amount) in opened.waiting


def test_a_spend_to_nobody_can_be_cancelled_before_the_account_opens(town: Town) -> None:
    carol = Party("carol", town.bank)
    (row,) = prefund(town, carol.signer, 5)
    town.treasurer.wish("cancelspend", number=row[1])
    town.treasurer.trip()
    assert town.treasurer.account.statement.outstanding == ()
    carol.open(row)
    assert town.bank.answer_to(carol.send()).messages == ()
    assert town.good()


def test_a_spend_to_nobody_expires_and_comes_back(town: Town) -> None:
    carol = Party("carol", town.bank)
    prefund(town, carol.signer, 5, days=1)
    before = town.treasurer.has(town.grain)
    town.bank.now += 2 * DAY
    town.poll(town.treasurer)
    town.treasurer.trip()
    assert town.treasurer.has(town.grain) == before + 5
    with town.bank.store.snapshot() as snapshot:
        assert list(snapshot.under(b"waiting/")) == []
    assert town.good()


def test_a_spend_that_ended_before_the_opening_is_not_made_a_notice(town: Town) -> None:
    carol = Party("carol", town.bank)
    prefund(town, carol.signer, 5, days=1)
    town.bank.now += 2 * DAY
    carol.open()
    carol.trip()
    assert (carol.account.waiting, town.bank.page(carol.me).pending) == ((), ())
    assert town.good()
    town.poll(town.treasurer)
    town.treasurer.trip()
    assert town.treasurer.account.statement.outstanding == ()
    assert town.good()


# --- terms and fees ---------------------------------------------------------------------------------------------


def test_terms_superseded_hold_for_their_grace_and_not_longer() -> None:
    town = Town(grace=10 * DAY)
    alice = town.alice
    old = alice.account.current
    town.bank.set_terms(grace=10 * DAY, spend_life=DAY)
    town.bank.now += 10 * DAY
    spend = town.spend(alice, town.bob.me, until=town.bank.now + 100 * DAY)
    assert alice.hand_in(spend, terms=old) == [DONE], "a letter under the old terms, judged by them"
    assert alice.account.current != old, "the answer brings the terms in force"
    town.bank.now += 1
    spend = town.spend(alice, town.bob.me)
    assert alice.hand_in(spend, GetQ(), b"\xff", terms=old) == [Refusal.TERMS, Refusal.TERMS, Refusal.MALFORMED]
    assert alice.account.statement.block_of(spend.number) is None
    assert alice.hand_in(town.spend(alice, town.bob.me), terms=Digest(b"x" * 32)) == [Refusal.TERMS]
    assert alice.hand_in(town.spend(alice, town.bob.me, until=town.bank.now + 2 * DAY)) == [Refusal.DATES]
    assert town.good()


def test_fees_are_charged_for_orders_done_and_never_for_refused_or_free_ones(town: Town) -> None:
    fees = tuple(Fee(name, 7) for name in ("cancelspend", "confirmreceipt", "getq", "getsequence", "spendto"))
    town.bank.set_terms(token=town.grain, fees=fees)
    alice, bob = town.alice, town.bob
    town.poll(alice)
    spend = town.spend(alice, bob.me)
    assert alice.hand_in(spend, replace(spend, number=77), GetQ()) == [DONE, Refusal.NUMBER, DONE]
    assert (alice.has(town.grain), town.bank.page(alice.me).fees) == (1000 - 10 - 7, ((town.grain, 7),))
    until = town.bank.now + DAY
    assert alice.hand_in(GetSequence(2, until), GetSequence(2, until - 2 * DAY)) == [DONE, Refusal.DATES]
    assert town.bank.page(alice.me).fees == ((town.grain, 14),)
    town.poll(bob)
    bob.accept_all()
    bob.trip()
    assert (bob.has(town.grain), town.bank.page(bob.me).fees) == (1010, ())
    assert town.good()


def test_fees_that_cannot_be_paid_refuse_the_order_and_a_cheaper_one_after_it_is_done(town: Town) -> None:
    town.bank.set_terms(token=town.grain, fees=(Fee("getsequence", 1001), Fee("spendto", 10)))
    alice = town.alice
    town.poll(alice)
    everything = town.spend(alice, town.bob.me, 991)
    nearly = replace(everything, number=everything.number + 1, amount=990)
    results = alice.hand_in(GetSequence(1, town.bank.now), everything, nearly)
    assert results == [Refusal.FEE, Refusal.FEE, DONE]
    assert alice.has(town.grain) == 0
    assert town.good()


def test_a_fee_below_the_lowest_balance_refuses_the_order(town: Town) -> None:
    treasurer = town.treasurer
    gold = treasurer.issue("gold", limit=MAX_INT)
    treasurer.trip()
    town.bank.set_terms(token=gold, fees=(Fee("getsequence", 1),))
    town.poll(treasurer)
    spend = town.spend(treasurer, town.bob.me, MAX_INT, asset=gold)
    assert treasurer.hand_in(spend, GetSequence(1, town.bank.now), GetQ()) == [DONE, Refusal.CAP, DONE]
    assert treasurer.has(gold) == -MAX_INT
    assert town.good()


def test_fees_of_the_issuer_come_out_of_its_credit(town: Town) -> None:
    town.bank.set_terms(token=town.grain, fees=(Fee("getsequence", 8_000), Fee("spendto", 1)))
    treasurer = town.treasurer
    town.poll(treasurer)
    assert treasurer.has(town.grain) == -2000
    assert treasurer.hand_in(GetSequence(1, town.bank.now), GetSequence(1, town.bank.now)) == [DONE, Refusal.FEE]
    assert treasurer.has(town.grain) == -10_000
    assert town.good()


# --- ends -------------------------------------------------------------------------------------------------------


def test_a_spend_that_nobody_took_comes_back_by_a_notice(town: Town) -> None:
    alice, bob = town.alice, town.bob
    alice.pay(bob, town.grain, 5, days=1)
    alice.trip()
    town.poll(bob)
    (notice,) = bob.account.waiting
    town.bank.now += DAY
    bob.accept_all()
    accepting = bob.send()
    town.bank.now += 1
    reply = town.bank.answer_to(accepting)
    assert [result.code for result in reply.results] == [Refusal.EXPIRED]
    bob.take_mail(reply.messages)
    town.poll(alice)
    (expired,) = alice.account.waiting
    assert (expired.kind, expired.enclosed, expired.other) == (n.EXPIRED, None, bob.me)
    late_cancel = CancelSpend(notice.bank, alice.account.statement.seq + 1, bob.me, notice.number, town.grain, 5)
    assert alice.hand_in(late_cancel) == [Refusal.EXPIRED]
    alice.trip()
    assert (alice.has(town.grain), alice.account.statement.outstanding) == (1000, ())
    deny = DenyReceipt(notice.bank, bob.account.statement.seq + 1, alice.me, notice.number, town.grain, 5, 2, "")
    assert bob.hand_in(deny) == [Refusal.EXPIRED]
    assert town.good()


def test_a_spend_does_not_expire_in_its_last_second(town: Town) -> None:
    town.alice.pay(town.bob, town.grain, 5, days=1)
    town.alice.trip()
    for seconds, kinds in ((DAY, []), (1, [n.EXPIRED])):
        town.bank.now += seconds
        town.alice.hand_in()
        assert [each.kind for each in town.bank.page(town.alice.me).pending] == kinds


def test_accepted_on_its_last_second_a_spend_does_not_expire(town: Town) -> None:
    alice, bob = town.alice, town.bob
    alice.pay(bob, town.grain, 5, days=1)
    alice.trip()
    town.poll(bob)
    bob.accept_all()
    town.bank.now += DAY
    bob.trip()
    town.bank.now += 1
    town.poll(alice)
    assert [each.kind for each in alice.account.waiting] == [n.CLOSED]
    alice.trip()
    assert (alice.has(town.grain), bob.has(town.grain)) == (995, 1005)
    assert town.good()


def test_numbers_past_their_end_cannot_be_charged_and_can_be_stopped(town: Town) -> None:
    alice = town.alice
    end = alice.account.statement.numbers[0].until
    town.bank.now = end
    assert alice.hand_in(town.spend(alice, town.bob.me)) == [DONE]
    town.bank.now = end + 1
    (block,) = alice.account.statement.numbers
    assert alice.hand_in(town.spend(alice, town.bob.me)) == [Refusal.NUMBER]
    stop = StopCheque(alice.account.bank.bank, alice.account.statement.seq + 1, (Span(block.first + 1, block.last),))
    assert alice.hand_in(stop) == [DONE]
    assert alice.account.statement.numbers == ()
    alice.pay(town.bob, town.grain, 1)
    alice.trip()
    alice.trip()
    assert [spend.number for spend in alice.account.statement.outstanding][-1] == 21


def test_stopping_takes_all_numbers_or_none(town: Town) -> None:
    alice = town.alice
    bank, seq = alice.account.bank.bank, alice.account.statement.seq + 1
    results = alice.hand_in(
        StopCheque(bank, seq, (Span(2, 3), Span(20, 21))),
        StopCheque(bank, seq, (Span(2, 3), Span(5, 5))),
        StopCheque(bank, seq, (Span(1, 1), Span(5, 6))),
        StopCheque(bank, seq, ()),
    )
    assert results == [Refusal.NUMBER, DONE, Refusal.NUMBER, DONE]
    until = alice.account.statement.numbers[0].until
    assert alice.account.statement.numbers == (Block(1, 1, until), Block(4, 4, until), Block(6, 20, until))


def test_a_wish_to_stop_what_is_not_open_any_more_is_dropped(town: Town) -> None:
    alice = town.alice
    alice.wish("stopcheque", number=1, amount=3)
    alice.trip()
    alice.wish("stopcheque", number=3, amount=1)
    (news,) = alice.trip()
    assert [wish.number for wish in news.pointless] == [3]
    assert not has_something_to_say(alice.account)


def test_dates_of_spends_and_numbers_stay_within_the_terms(town: Town) -> None:
    alice, now = town.alice, town.bank.now
    terms = alice.account.conditions
    spends = [town.spend(alice, town.bob.me, until=until) for until in (now - 1, now + terms.spend_life + 1)]
    good = town.spend(alice, town.bob.me, until=now + terms.spend_life)
    moved = [replace(each, number=number) for number, each in enumerate((*spends, good), 1)]
    assert alice.hand_in(*moved) == [Refusal.DATES, Refusal.DATES, DONE]
    orders = [GetSequence(1, until) for until in (now - 1, now + terms.number_life + 1, now + terms.number_life, now)]
    assert alice.hand_in(*orders) == [Refusal.DATES, Refusal.DATES, DONE, DONE]
    held = alice.account.held
    assert held is not None
    books = [
        Sequence.of(open_message(alice.account.parts[result.part], town.bank.signer.key))
        for result in held.answers[-1].results
        if result.part
    ]
    assert [(each.first, each.last, each.until, each.key) for each in books] == [
        (21, 21, now + terms.number_life, alice.signer.key),
        (22, 22, now, alice.signer.key),
    ]


def test_withdrawn_notices_are_told_taken_in_and_forgotten_in_the_end() -> None:
    town = Town(grace=10 * DAY)
    alice, bob = town.alice, town.bob
    for amount in (5, 6):
        alice.pay(bob, town.grain, amount, days=1)
    alice.trip()
    town.poll(bob)
    for spend in alice.account.statement.outstanding:
        alice.wish("cancelspend", number=spend.number)
    alice.trip()
    assert alice.has(town.grain) == 1000
    numbers = [each.number for each in bob.account.waiting]
    both = [
        ConfirmReceipt(alice.account.bank.bank, bob.account.statement.seq + 1, alice.me, number, town.grain, amount, at)
        for number, amount, at in zip(numbers, (5, 6), (2, 3), strict=True)
    ]
    assert bob.hand_in(*both) == [Refusal.WITHDRAWN] * 2
    assert {(each.kind, each.earlier) for each in bob.account.waiting if each.kind == n.WITHDRAWN} == {
        (n.WITHDRAWN, 2),
        (n.WITHDRAWN, 3),
    }
    withdrawn = next(each for each in bob.account.waiting if each.earlier == 2)
    wrong = ConfirmWithdrawn(withdrawn.notice, withdrawn.number, withdrawn.asset, withdrawn.amount, 3)
    assert bob.hand_in(wrong, replace(wrong, earlier=2)) == [Refusal.NO_NOTICE, DONE]
    assert bob.account.statement.has_taken(2)
    assert not bob.account.statement.has_taken(3)
    town.bank.now += 11 * DAY  # the end of the spend, and its grace
    bob.hand_in()
    assert len(town.bank.page(bob.me).pending) == 1
    town.bank.now += 1
    bob.hand_in()
    assert town.bank.page(bob.me).pending == ()
    town.poll(bob)
    assert bob.account.statement.taken == (Span(1, 5),)
    assert bob.hand_in(replace(both[1], seq=bob.account.statement.seq + 1)) == [Refusal.TAKEN]
    assert town.good()


# --- caps, funds, issuers ---------------------------------------------------------------------------------------


def test_caps_on_outstanding_spends_and_numbers() -> None:
    town = Town(most_outstanding=2, most_numbers=25)
    alice = town.alice
    first = town.spend(alice, town.bob.me)
    spends = [replace(first, number=number) for number in (1, 2, 3)]
    assert alice.hand_in(*spends) == [DONE, DONE, Refusal.CAP]
    assert alice.account.statement.numbers[0][:2] == (4, 20)
    until = town.bank.now + DAY
    assert alice.hand_in(GetSequence(9, until), GetSequence(8, until)) == [Refusal.CAP, DONE]
    assert alice.hand_in(GetSequence(MAX_INT, until)) == [Refusal.CAP]


def test_caps_on_what_a_statement_can_list() -> None:
    """No more numbers than can be listed with every second one closed: a range each."""
    town = Town(most_numbers=16_000)
    alice = town.alice
    most = 2 * (MAX_RANGES - 10)
    orders = [GetSequence(most + 1, town.bank.now + DAY), GetSequence(most, town.bank.now + DAY)]
    assert alice.hand_in(*orders) == [Refusal.CAP, DONE]
    assert len(alice.account.statement.numbers) == 2
    bank, seq = alice.account.bank.bank, alice.account.statement.seq + 1
    spans = [Span(at, at) for at in range(2, most + 20, 2)]
    stops = [StopCheque(bank, seq, tuple(spans[at : at + 256])) for at in range(0, len(spans), 256)]
    assert alice.hand_in(*stops) == [DONE] * len(stops)
    assert len(alice.account.statement.numbers) == MAX_RANGES
    assert town.good()


def test_caps_of_the_inbox_a_share_for_each_spender_and_withdrawn_ones_count() -> None:
    town = Town(most_incoming=3, share=2)
    alice, bob, treasurer = town.alice, town.bob, town.treasurer
    first = town.spend(alice, bob.me)
    spends = [replace(first, number=number) for number in (1, 2, 3)]
    assert alice.hand_in(*spends) == [DONE, DONE, Refusal.INBOX]
    held = alice.account.held
    assert held is not None
    about = held.answers[-1].results[-1].about
    assert about == (bob.me, town.bank.statement(bob.me).seq, digest_of(town.bank.statement(bob.me).encode()), 3)
    alice.wish("cancelspend", number=1)
    alice.trip()
    assert alice.hand_in(town.spend(alice, bob.me)) == [Refusal.INBOX], "a withdrawn one still counts"
    start = treasurer.account.coming.numbers[0].first
    more = [town.spend(treasurer, bob.me, number=start + at) for at in (0, 1)]
    assert treasurer.hand_in(*more) == [DONE, Refusal.INBOX]
    bob.wish("getq")
    bob.trip()
    bob.trip()  # takes in the withdrawn one
    assert alice.hand_in(town.spend(alice, bob.me)) == [DONE]
    assert town.good()


def test_caps_of_a_fingerprint_without_account() -> None:
    town = Town(most_incoming=3, share=2)
    first = town.spend(town.alice, NOBODY)
    spends = [replace(first, number=number) for number in (1, 2, 3)]
    assert town.alice.hand_in(*spends) == [DONE, DONE, Refusal.INBOX]
    assert town.alice.account.held.answers[-1].results[-1].about is None  # type: ignore[union-attr]
    assert town.bob.hand_in(*(replace(town.spend(town.bob, NOBODY), number=at) for at in (1, 2))) == [
        DONE,
        Refusal.INBOX,
    ]
    assert town.good()


def test_funds_are_counted_after_the_letters_earlier_orders(town: Town) -> None:
    alice = town.alice
    first = town.spend(alice, town.bob.me)
    amounts = (600, 401, 400, 1)
    spends = [replace(first, number=number, amount=amount) for number, amount in enumerate(amounts, 1)]
    back = CancelSpend(first.bank, first.seq, town.bob.me, 1, town.grain, 600)
    last = replace(first, number=5, amount=600)
    assert alice.hand_in(*spends, back, last) == [DONE, Refusal.FUNDS, DONE, Refusal.FUNDS, DONE, DONE]
    assert alice.account.statement.balances == ()
    assert town.good()


def test_an_issuer_goes_down_to_the_limit_of_its_contract(town: Town) -> None:
    treasurer = town.treasurer
    start = treasurer.account.statement.numbers[0].first
    spends = [
        town.spend(treasurer, town.bob.me, amount, number=start + at) for at, amount in enumerate((8001, 8000, 1))
    ]
    assert treasurer.hand_in(*spends) == [Refusal.FUNDS, DONE, Refusal.FUNDS]
    assert treasurer.has(town.grain) == -10_000
    audit = town.bank.audit()
    assert (audit.good, audit.sheets[town.grain].issued) == (True, 10_000)


def test_issuing_wants_ones_own_good_contract_once(town: Town) -> None:
    treasurer, bank = town.treasurer, town.bank.signer.fingerprint
    own = Contract(bank, treasurer.signer.key, contract_text("hay")).sign(treasurer.signer)
    others = Contract(bank, town.bob.signer.key, contract_text("hay")).sign(town.bob.signer)
    elsewhere = Contract(town.bob.me, treasurer.signer.key, contract_text("hay")).sign(treasurer.signer)
    results = treasurer.hand_in(*(IssueAsset(raw) for raw in (b"x", others, elsewhere, own, own)))
    malformed = Refusal.MALFORMED
    assert results == [malformed, Refusal.MISADDRESSED, malformed, DONE, Refusal.OPENED]
    hay = identity_of(read(own))
    assert treasurer.hand_in(town.spend(treasurer, town.bob.me, asset=hay)) == [DONE]
    assert town.good()


def test_spends_that_name_a_wrong_payee_or_asset(town: Town) -> None:
    alice = town.alice
    first = town.spend(alice, alice.me)
    wrong = [
        first,
        replace(first, payee=first.bank),
        replace(first, asset=Digest(bytes(32))),
    ]
    results = alice.hand_in(*(replace(each, number=number) for number, each in enumerate(wrong, 1)))
    assert results == [Refusal.PAYEE, Refusal.PAYEE, Refusal.ASSET]


def test_taking_in_names_notice_kind_and_contents(town: Town) -> None:
    alice, bob = town.alice, town.bob
    alice.pay(bob, town.grain, 5)
    alice.trip()
    town.poll(bob)
    accept = ConfirmReceipt(bob.account.bank.bank, bob.account.statement.seq + 1, alice.me, 1, town.grain, 5, 2)
    wrong = [replace(accept, amount=6), replace(accept, spender=town.treasurer.me), replace(accept, number=2)]
    codes = bob.hand_in(*wrong, replace(accept, notice=9), replace(accept, notice=1), accept, accept)
    none = Refusal.NO_NOTICE
    assert codes == [none, none, none, none, Refusal.TAKEN, DONE, Refusal.TAKEN]
    close = ConfirmClosedSpend(2, 1, town.grain, 5)
    town.poll(alice)
    at = alice.account.waiting[0].notice
    close = replace(close, notice=at)
    codes = alice.hand_in(replace(close, amount=6), replace(close, notice=at + 1), close, close)
    assert codes == [none, none, DONE, Refusal.TAKEN]
    assert town.good()


def test_a_balance_beyond_the_largest_number_is_never_reached() -> None:
    town = Town()
    treasurer, bob = town.treasurer, town.bob
    gold = treasurer.issue("gold", limit=MAX_INT)
    treasurer.trip()
    until = town.bank.now + DAY
    for amount in (MAX_INT - 1, 1):
        treasurer.wish("spendto", party=bob.me, asset=gold, amount=amount, until=until)
    treasurer.trip()
    town.poll(bob)
    bob.accept_all()
    bob.trip()
    assert bob.has(gold) == MAX_INT
    treasurer.trip()
    assert treasurer.has(gold) == -MAX_INT
    assert treasurer.hand_in(town.spend(treasurer, bob.me, 1, asset=gold)) == [Refusal.FUNDS]
    assert town.good()


# --- clock, batches ---------------------------------------------------------------------------------------------


def clock(bank: Bank) -> int:
    with bank.store.snapshot() as snapshot:
        return read_record(ClockRecord, snapshot.get(CLOCK) or b"", CLOCK).now


def test_the_banks_time_never_goes_back(town: Town) -> None:
    alice = town.alice
    town.bank.now += 10
    town.poll(alice)
    town.bank.now -= 5 * DAY
    town.poll(alice)
    held = alice.account.held
    assert held is not None
    assert held.time == clock(town.bank) == START + 10
    assert alice.account.time == START + 10
    alice.bank.now = 0
    alice.pay(town.bob, town.grain, 1)
    alice.write()
    assert alice.account.written[0].not_after == START + 10 + alice.account.conditions.letter_life


def test_a_batch_is_judged_in_its_order_and_each_envelope_gets_its_reply(town: Town) -> None:
    alice, bob = town.alice, town.bob
    alice.pay(bob, town.grain, 5)
    one = alice.send()
    alice.pay(bob, town.grain, 6)
    two = alice.send()
    bob.wish("getq")
    outcome = town.bank.judge(two, one, bob.send(), two)
    assert [reply.answered for reply in outcome.replies] == [2, 0, 1, 0]
    assert outcome.replies[0].messages[0] == outcome.replies[1].messages[0] == outcome.replies[3].messages[0]
    bob.take_mail(outcome.replies[2].messages)
    assert [each.amount for each in bob.account.waiting] == [5, 6]
    assert town.bank.judge().replies == ()


def test_a_cheque_number_serves_no_spend_to_the_bank_itself(town: Town) -> None:
    assert town.alice.hand_in(town.spend(town.alice, town.bank.signer.fingerprint)) == [Refusal.PAYEE]


def test_contracts_come_with_what_one_meets_for_the_first_time(town: Town) -> None:
    carol = Party("carol", town.bank)
    carol.open()
    carol.trip()
    town.alice.pay(carol, town.grain, 5)
    town.alice.trip()
    town.poll(carol)
    assert set(carol.contracts) == {town.grain}
    carol.accept_all()
    carol.trip()
    carol.contracts.clear()
    town.poll(carol)
    assert carol.contracts == {}, "whoever holds an asset knows its contract"
    again = restored_from_the_key(carol)
    again.open()
    again.trip()
    assert set(again.contracts) == {town.grain}, "whoever lost everything is told again"


# --- writing ----------------------------------------------------------------------------------------------------


def test_a_letter_takes_what_fits_and_leaves_the_rest_for_the_next(town: Town) -> None:
    alice = town.alice
    alice.wish("getsequence", amount=200, until=town.bank.now + DAY)
    alice.trip()
    for _ in range(150):
        alice.wish("getq")
    alice.write()
    assert (len(alice.account.written[0].orders), len(alice.account.wishes)) == (128, 22)
    text = "h" * 16_000
    for at in range(5):
        raw = Contract(alice.account.bank.bank, alice.signer.key, contract_text(f"c{at}") + text).sign(alice.signer)
        alice.account = alice.account.wish(Wish(0, "issueasset", raw=raw))
    alice.account = replace(alice.account, wishes=alice.account.wishes[22:])
    alice.write()
    assert len(alice.account.wishes) == 2
    alice.trip()
    alice.trip()
    assert not alice.account.wishes
    assert town.good()


def test_a_spend_without_a_number_waits_and_numbers_are_ordered_by_themselves(town: Town) -> None:
    alice = town.alice
    for _ in range(25):
        alice.pay(town.bob, town.grain, 1)
    alice.trip()
    assert (len(alice.account.statement.outstanding), alice.account.statement.highest) == (25, 40)
    assert alice.account.wishes == ()


def test_an_account_without_anything_to_say_stays_silent(town: Town) -> None:
    for party in (town.alice, town.bob, town.treasurer):
        assert not has_something_to_say(party.account)
    town.alice.pay(town.bob, town.grain, 10**7)
    wish = town.alice.account.wishes[0]
    assert town.alice.account.usable(town.grain) == 1000 - 10**7
    town.alice.account = town.alice.account.without_wish(wish.id)
    assert not has_something_to_say(town.alice.account)


def test_write_letter_at_the_limit_before_any_receipt() -> None:
    carol = Party("carol", Bank())
    carol.open()
    for _ in range(AHEAD):
        carol.wish("getq")
        carol.write()
    with pytest.raises(Denied):
        write_letter(carol.account, carol.signer, START, bytes(16))
    reply = carol.bank.answer_to(carol.seal(carol.account.letters))
    assert reply.answered == AHEAD
    carol.take_mail(reply.messages)
    assert may_write(carol.account)


def test_a_card_is_verified_with_the_key_it_carries() -> None:
    from ledgerpost.errors import BadSignature
    from ledgerpost.papers.card import open_card

    alice = Party("alice", Bank())
    good = Card(alice.account.bank.bank, alice.signer.key, "Alice").sign(alice.signer)
    assert open_card(good).name == "Alice"
    with pytest.raises(BadSignature, match="brings no key"):
        open_card(alice.signer.sign("card", (alice.account.bank.bank,)))
    with pytest.raises(BadSignature, match="another key"):
        open_card(Card(alice.account.bank.bank, alice.bank.signer.key, "Alice").sign(alice.signer))


def test_statement_of_nothing_is_what_a_party_without_receipt_has_seen() -> None:
    carol = Party("carol", Bank())
    nothing = Statement(carol.account.bank.bank, carol.me)
    assert (carol.account.statement, carol.account.coming) == (nothing, nothing)


def test_a_wallet_orders_no_more_numbers_than_the_terms_allow_and_is_agreed_at_rest() -> None:
    town = Town(most_numbers=23)
    for _ in range(18):
        town.alice.draw(None, town.grain, 1)
    codes = [result.code for _ in range(3) for news in ask(town) for each in news.answered for result in each.results]
    assert Refusal.CAP not in codes
    assert open_numbers(town.alice) == 23
    assert not has_something_to_say(town.alice.account)


def test_numbers_that_ended_by_the_banks_clock_are_stopped_and_not_by_the_wallets() -> None:
    town = Town(most_numbers=25, number_life=40 * DAY)
    alice = town.alice
    first = alice.account.statement.numbers
    ahead = write_letter(alice.account, alice.signer, town.bank.now + 400 * DAY, bytes(16)).written[-1]
    assert not any(isinstance(each.order, StopCheque) for each in read_orders(ahead, alice.signer.key))
    town.bank.now += 50 * DAY
    for _ in range(3):
        ask(town)
    assert open_numbers(alice) == 20
    assert all(block.until > town.bank.now and block not in first for block in alice.account.statement.numbers)
    assert not has_something_to_say(alice.account)


def test_numbers_of_two_blocks_that_ended_are_stopped_as_one_range() -> None:
    """Two ranges side by side were MALFORMED, with every letter for ever (simulated town, seed 59)."""
    town = Town(number_life=40 * DAY)
    town.alice.wish("getsequence", amount=5, until=town.bank.now + 30 * DAY)
    town.alice.trip()
    assert [block[:2] for block in town.alice.account.statement.numbers] == [(1, 20), (21, 25)]
    town.bank.now += 50 * DAY
    codes = [result.code for _ in range(3) for news in ask(town) for each in news.answered for result in each.results]
    assert {*codes} == {DONE}
    assert [block[:2] for block in town.alice.account.statement.numbers] == [(26, 45)]


def ask(town: Town) -> list[News]:
    town.alice.wish("getq")
    return town.alice.trip()


def open_numbers(party: Party) -> int:
    return sum(block.last - block.first + 1 for block in party.account.statement.numbers)


# --- found by the simulated town ------------------------------------------------------------------------------------


def test_a_wallet_orders_no_more_numbers_than_the_terms_allow() -> None:
    """It ordered 20 with every letter, was refused CAP, never agreed, and so wrote at each carry for ever (seed 1)."""
    bank = Bank()
    bank.set_terms(most_numbers=12)
    alice = Party("alice", bank)
    alice.open()
    alice.trip()
    assert [(block.first, block.last) for block in alice.account.statement.numbers] == [(1, 12)]
    alice.account = replace(alice.account, barred=12)  # as after a restore: none of them is drawn any more (L9)
    assert not has_something_to_say(alice.account)
    alice.ask()
    held = alice.account.held
    assert held is not None
    assert held.base.statement == digest_of(held.statement)
    alice.wish("stopcheque", number=1, amount=12)
    alice.trip()
    assert [(block.first, block.last) for block in alice.account.statement.numbers] == []
    alice.trip()
    assert [(block.first, block.last) for block in alice.account.statement.numbers] == [(13, 24)]
