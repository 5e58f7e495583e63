"""Section 13 of docs/spec.md, row by row, through the real code: what the seeds ask for, and where it is.

A test bears the id of its row. A row marked "now" without a test fails, and so does a test without a row.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

import pytest

from ledgerpost.bank.keys import CLOCK, account_key, beside_key
from ledgerpost.errors import BadSignature, Refusal
from ledgerpost.papers.agreement import retrace
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.contract import open_contract
from ledgerpost.papers.createaccount import CreateAccount
from ledgerpost.papers.instrument import (
    Instrument,
    check_chain,
    check_offline,
    identity_of_body,
    paper_of,
    parting,
    read_instrument,
)
from ledgerpost.papers.letter import Letter, Seen
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.order import Order
from ledgerpost.papers.orders import done, read_orders, write_order
from ledgerpost.papers.receipt import Receipt, Result
from ledgerpost.papers.redeemcertificate import RedeemCertificate
from ledgerpost.papers.sequence import Sequence
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.papers.terms import DAY, Terms
from ledgerpost.sealed import Sealed, identity_of, open_message, read, trusted
from ledgerpost.statement import Block, Inapplicable, Span, Spend, Statement, digest_of, read_statement
from ledgerpost.terms import Digest
from ledgerpost.wallet.checks import Contradiction
from ledgerpost.wallet.mail import sort_mail
from ledgerpost.wallet.reading import News, take_in
from market import Said, endorsed, evidence_of, present
from town import Bank, Party

SPEC = Path(__file__).resolve().parent.parent / "docs" / "spec.md"
Test = Callable[["Town"], None]
TESTS: dict[str, Test] = {}


def row(number: str) -> Callable[[Test], Test]:
    """The test of that row of the table."""

    def bind(test: Test) -> Test:
        assert number not in TESTS, f"row {number} has two tests"
        TESTS[number] = test
        return test

    return bind


# --- the town -----------------------------------------------------------------------------------------------------


@dataclass
class Town:
    """A bank, an issuer, and two parties with accounts; Alice has 1,000 grain."""

    bank: Bank
    treasurer: Party
    alice: Party
    bob: Party
    grain: Digest

    def spend(self, amount: int = 300, *, days: int = 30) -> Spend:
        """Alice pays Bob; the spend as it is outstanding."""
        self.alice.pay(self.bob, self.grain, amount, days=days)
        self.alice.trip()
        return self.alice.account.statement.outstanding[-1]

    def ask(self, party: Party) -> News:
        """The seed's ``getq``."""
        party.wish("getq")
        [news] = party.trip()
        return news

    def accepted(self, amount: int = 300) -> Spend:
        """Alice pays Bob and Bob takes it in."""
        spend = self.spend(amount)
        self.ask(self.bob)
        self.bob.accept_all()
        self.bob.trip()
        return spend

    def denied(self) -> Spend:
        """Alice pays Bob and Bob sends it back."""
        spend = self.spend()
        self.ask(self.bob)
        self.bob.deny_all()
        self.bob.trip()
        return spend


@pytest.fixture
def town() -> Town:
    bank = Bank()
    treasurer, alice, bob = (Party(name, bank) for name in ("treasurer", "alice", "bob"))
    treasurer.open()
    grain = treasurer.issue("grain")
    for party in (alice, bob):
        party.open()
    for party in (treasurer, alice, bob):
        party.trip()
    here = Town(bank, treasurer, alice, bob, grain)
    treasurer.pay(alice, grain, 1_000)
    treasurer.trip()
    here.ask(alice)
    alice.accept_all()
    alice.trip()
    here.ask(treasurer)
    treasurer.trip()
    return here


def held(party: Party) -> Receipt:
    """The party's newest receipt, its bank's signature verified."""
    raw = party.account.receipt
    assert raw is not None
    return Receipt.of(open_message(raw, party.bank.signer.key, "receipt"), party.bank.signer.fingerprint)


def last_letter(party: Party) -> Letter:
    """The newest letter the receipt answers, the party's signature verified."""
    raw = party.account.parts[held(party).answers[-1].letter]
    return Letter.of(open_message(raw, party.signer.key, "letter"), party.bank.signer.fingerprint)


def last_orders(party: Party) -> list[Order]:
    """What that letter asked."""
    written = read_orders(last_letter(party), party.signer.key)
    return [each.order for each in written if isinstance(each.order, Order)]


def last_results(party: Party) -> tuple[Result, ...]:
    return held(party).answers[-1].results


def agreed(party: Party) -> Statement:
    """The statement that both have signed: bank in the receipt, party in the letter's ``expect`` (L3)."""
    receipt, letter = held(party), last_letter(party)
    digest = digest_of(receipt.statement)
    assert letter.expect == digest == receipt.base.statement
    assert receipt.base.letter == receipt.answers[-1].letter
    statement = read_statement(receipt.statement)
    assert (statement.party, statement.seq) == (party.me, letter.seq)
    return statement


def notice_of(party: Party, kind: str) -> tuple[Notice, Sealed]:
    """The only waiting notice of the kind, with what it encloses; bank's and other's signatures verified."""
    [raw] = [raw for raw in party.account.notices.values() if Notice.read(trusted(raw).body).kind == kind]
    notice = Notice.of(open_message(raw, party.bank.signer.key, "notice"), party.bank.signer.fingerprint)
    assert notice.key is not None
    assert notice.enclosed is not None
    enclosed = open_message(notice.enclosed, notice.key)
    assert enclosed.signer == notice.other
    return notice, enclosed


def foreseen(statement: Statement, orders: tuple[Order, ...], terms: Terms, seq: int) -> Digest:
    """``expect``; zeros where an order can't be done and nothing can be foreseen."""
    try:
        for order in orders:
            statement = done(statement, order, terms)
        return digest_of(replace(statement, seq=seq, salt=bytes(16)).encode())
    except Inapplicable:
        return Digest(bytes(32))


def say(party: Party, *orders: Order) -> tuple[Result, ...]:
    """A letter of just these orders, and what became of them."""
    account = party.account
    conditions = account.conditions
    seq = account.statement.seq + 1
    letter = Letter(
        party.bank.signer.fingerprint,
        seq,
        held(party).answers[-1].letter,
        Seen(account.statement.seq, digest_of(account.statement.encode())),
        account.current,
        party.bank.now + DAY,
        bytes(16),
        foreseen(account.statement, orders, conditions, seq),
        tuple(write_order(order, party.signer) for order in orders),
    )
    party.account = replace(account, letters=(letter.sign(party.signer),))
    for _, raw in party.bank.post(party.seal(party.account.letters)):
        party.receive(raw)
    assert held(party).answers[-1].letter == identity_of(read(letter.sign(party.signer)))
    return last_results(party)


def spendto(town: Town, number: int, amount: int = 10, asset: Digest | None = None) -> SpendTo:
    seq = town.alice.account.statement.seq + 1
    until = town.bank.now + 30 * DAY
    return SpendTo(
        town.bank.signer.fingerprint, seq, town.bob.me, number, asset or town.grain, amount, until, "row by row"
    )


# --- seed 1: the message table ------------------------------------------------------------------------------------


@row("1.01")
def every_message_is_signed(town: Town) -> None:
    town.accepted()
    town.ask(town.alice)
    bank = town.bank.signer.key
    assert town.alice.account.receipt is not None
    assert open_message(town.alice.account.receipt, bank).type == "receipt"
    assert {open_message(raw, bank).type for raw in town.alice.account.notices.values()} == {"notice"}
    assert open_message(town.bank.card, bank).type == "bankcard"
    town.alice.write()
    assert open_message(town.alice.account.letters[0], town.alice.signer.key).type == "letter"


@row("1.02")
def fingerprints_of_160_bits_name_users_and_banks(town: Town) -> None:
    bank, alice = town.bank.signer.fingerprint, town.alice.me
    assert (len(bank) * 8, len(alice) * 8) == (160, 160)
    assert town.alice.account.receipt is not None
    claim = read(town.alice.account.receipt)
    assert (claim.signer, claim.body[0], claim.body[1]) == (bank, bank, alice)
    assert last_letter(town.alice).bank == bank


@row("1.03")
def create_account_is_paid_from_waiting_tokens(town: Town) -> None:
    town.bank.set_terms(token=town.grain, fees=(("createaccount", 40),))
    carol = Party("carol", town.bank)
    town.ask(town.alice)  # brings the new terms
    town.alice.pay(carol, town.grain, 100)
    town.alice.trip()
    spend = town.alice.account.statement.outstanding[-1]
    carol.open((town.alice.me, spend.number, spend.asset, spend.amount))
    carol.trip()
    assert agreed(carol).balance(town.grain) == 100 - 40
    [opening, *_] = last_orders(carol)
    assert isinstance(opening, CreateAccount)
    assert (opening.key, opening.seq) == (carol.signer.key, 1)
    poor = Party("poor", town.bank)
    poor.open()
    assert poor.trip() == [], "nobody pre-funded it: no account, no receipt"
    assert town.bank.audit().good


@row("1.04")
def every_letter_bears_fresh_randomness(town: Town) -> None:
    seen = set()
    for _ in range(3):
        town.ask(town.alice)
        seen.add(last_letter(town.alice).nonce)
    assert len(seen) == 3
    assert all(len(nonce) == 16 for nonce in seen)


@row("1.05")
def getsequence_gives_the_next_numbers(town: Town) -> None:
    before = town.alice.account.statement
    until = town.bank.now + 90 * DAY
    town.alice.wish("getsequence", amount=7, until=until)
    town.alice.trip()
    after = agreed(town.alice)
    assert after.highest == before.highest + 7
    assert Block(before.highest + 1, after.highest, until) in after.numbers


@row("1.06")
def sequence_is_the_banks_signed_chequebook(town: Town) -> None:
    until = town.bank.now + 90 * DAY
    town.alice.wish("getsequence", amount=7, until=until)
    town.alice.trip()
    highest = agreed(town.alice).highest
    [part] = [result.part for result in last_results(town.alice) if result.part]
    sealed = open_message(town.alice.account.parts[part], town.bank.signer.key, "sequence")
    book = Sequence.of(sealed, town.bank.signer.fingerprint)
    assert book == Sequence(sealed.signer, town.alice.signer.key, highest - 6, highest, until, town.bank.now)


@row("1.07")
def spendto_takes_the_amount_and_a_number(town: Town) -> None:
    before = town.alice.account.statement
    spend = town.spend(300)
    after = agreed(town.alice)
    assert before.block_of(spend.number)
    assert after.block_of(spend.number) is None
    assert spend == Spend(spend.number, town.bob.me, town.grain, 300, town.bank.now + 30 * DAY)
    [order] = [each for each in last_orders(town.alice) if isinstance(each, SpendTo)]
    assert (order.payee, order.number, order.asset, order.amount) == spend[1:2] + spend[0:1] + spend[2:4]


@row("1.08")
def balance_is_in_the_statement_the_bank_signs(town: Town) -> None:
    town.spend(300)
    statement = read_statement(held(town.alice).statement)
    assert [(row.asset, row.units) for row in statement.balances] == [(town.grain, 700)]


@row("1.09")
def confirmbalance_is_signed_beforehand_or_afterwards(town: Town) -> None:
    town.spend(300)
    assert agreed(town.alice).balance(town.grain) == 700
    [result] = say(town.alice, spendto(town, town.alice.account.statement.highest + 5))
    assert result.code is Refusal.NUMBER
    receipt = held(town.alice)
    assert receipt.base.statement != digest_of(receipt.statement), "not agreed yet: something was refused"
    town.ask(town.alice)
    answered = last_letter(town.alice)
    assert answered.seen == (answered.seq - 1, digest_of(receipt.statement)), "agreed afterwards"
    assert agreed(town.alice)


@row("1.10")
def outstandingspends_are_in_the_same_statement(town: Town) -> None:
    first, second = town.spend(100), town.spend(50)
    assert read_statement(held(town.alice).statement).outstanding == (first, second)


@row("1.11")
def one_digest_confirms_the_outstanding_spends_too(town: Town) -> None:
    spend = town.spend(100)
    statement = agreed(town.alice)
    without = replace(statement, outstanding=())
    assert statement.outstanding == (spend,)
    assert digest_of(without.encode()) != last_letter(town.alice).expect


@row("1.12")
def cancelspend_takes_an_open_spend_back(town: Town) -> None:
    spend = town.spend(300)
    town.alice.wish("cancelspend", number=spend.number)
    town.alice.trip()
    assert last_results(town.alice)[0].code is Refusal.DONE
    town.ask(town.bob)
    notice, enclosed = notice_of(town.bob, "withdrawn")
    assert enclosed.type == "cancelspend"
    assert (notice.number, notice.amount, notice.other) == (spend.number, 300, town.alice.me)


@row("1.13")
def after_cancelspend_both_have_signed_what_is_left(town: Town) -> None:
    spend = town.spend(300)
    town.alice.wish("cancelspend", number=spend.number)
    town.alice.trip()
    statement = agreed(town.alice)
    assert (statement.balance(town.grain), statement.outstanding) == (1_000, ())


@row("1.14")
def getq_brings_what_waits(town: Town) -> None:
    spend = town.spend(300)
    news = town.ask(town.bob)
    assert [(each.kind, each.number) for each in news.notices] == [("receipt", spend.number)]
    assert [(each.kind, each.number) for each in held(town.bob).pending] == [("receipt", spend.number)]
    assert "getq" in {order.TYPE for order in last_orders(town.bob)}


@row("1.15")
def receipt_encloses_the_signed_spend(town: Town) -> None:
    spend = town.spend(300)
    town.ask(town.bob)
    notice, enclosed = notice_of(town.bob, "receipt")
    order = SpendTo.of(enclosed, town.bank.signer.fingerprint)
    assert (order.payee, order.number, order.amount) == (town.bob.me, spend.number, 300)
    assert (notice.other, notice.number, notice.amount) == (town.alice.me, spend.number, 300)


@row("1.16")
def confirmreceipt_takes_it_in(town: Town) -> None:
    town.accepted()
    assert "confirmreceipt" in {order.TYPE for order in last_orders(town.bob)}
    assert {result.code for result in last_results(town.bob)} == {Refusal.DONE}
    assert not held(town.bob).pending


@row("1.17")
def after_confirmreceipt_both_have_signed_the_balance(town: Town) -> None:
    town.accepted()
    statement = agreed(town.bob)
    assert (statement.balance(town.grain), statement.taken) == (300, (Span(1, 1),))


@row("1.18")
def closedspend_encloses_the_acceptance(town: Town) -> None:
    spend = town.accepted()
    town.ask(town.alice)
    notice, enclosed = notice_of(town.alice, "closedspend")
    assert (enclosed.type, enclosed.signer) == ("confirmreceipt", town.bob.me)
    assert (notice.number, notice.asset, notice.amount) == (spend.number, town.grain, 300)
    assert town.alice.account.statement.outstanding == (spend,), "until she takes it in"


@row("1.19")
def confirmclosedspend_takes_the_notice_in(town: Town) -> None:
    town.accepted()
    town.ask(town.alice)
    [number] = town.alice.account.notices
    town.alice.trip()
    assert "confirmclosedspend" in {order.TYPE for order in last_orders(town.alice)}
    assert agreed(town.alice).has_taken(number)


@row("1.20")
def after_confirmclosedspend_nothing_is_outstanding(town: Town) -> None:
    town.accepted()
    town.ask(town.alice)
    town.alice.trip()
    statement = agreed(town.alice)
    assert (statement.outstanding, statement.balance(town.grain)) == ((), 700)
    assert town.bank.audit().good


@row("1.21")
def denyreceipt_sends_it_back_with_a_comment(town: Town) -> None:
    town.denied()
    [order] = [each for each in last_orders(town.bob) if each.TYPE == "denyreceipt"]
    assert order.body()[-1] == "not mine"
    statement = agreed(town.bob)
    assert (statement.balance(town.grain), statement.taken) == (0, (Span(1, 1),))


@row("1.22")
def deniedspend_encloses_the_denial(town: Town) -> None:
    spend = town.denied()
    town.ask(town.alice)
    notice, enclosed = notice_of(town.alice, "deniedspend")
    assert (enclosed.type, enclosed.signer, notice.number) == ("denyreceipt", town.bob.me, spend.number)


@row("1.23")
def confirmdeniedspend_takes_the_notice_in(town: Town) -> None:
    town.denied()
    town.ask(town.alice)
    [number] = town.alice.account.notices
    town.alice.trip()
    assert "confirmdeniedspend" in {order.TYPE for order in last_orders(town.alice)}
    assert agreed(town.alice).has_taken(number)


@row("1.24")
def after_confirmdeniedspend_the_amount_is_back(town: Town) -> None:
    town.denied()
    town.ask(town.alice)
    town.alice.trip()
    statement = agreed(town.alice)
    assert (statement.balance(town.grain), statement.outstanding) == (1_000, ())


def ask_for_the_base(town: Town, order: str, **details: object) -> tuple[set[str], set[Digest]]:
    """What travels back for one question: message types, and identities of what the party had sent itself."""
    town.alice.wish(order, **details)
    town.alice.write()
    letter = identity_of(read(town.alice.account.letters[-1]))
    [reply] = town.bank.judge(town.alice.seal(town.alice.account.letters)).replies
    mail = sort_mail(town.alice.account, reply.messages)
    town.alice.account, _ = take_in(town.alice.account, mail)
    return {read(raw).type for raw in reply.messages}, {letter} & set(mail.parts)


@row("1.25")
def getconfirmedbalance_makes_the_letter_that_agreed_travel(town: Town) -> None:
    types, own = ask_for_the_base(town, "getq")
    assert not own, "without the question, a letter that came along is left out"
    types, own = ask_for_the_base(town, "getconfirmedbalance", asset=town.grain)
    assert {"receipt", "letter"} <= types
    assert own


@row("1.26")
def confirmedbalance_is_the_base(town: Town) -> None:
    town.spend(300)
    ask_for_the_base(town, "getconfirmedbalance", asset=town.grain)
    receipt, statement = held(town.alice), agreed(town.alice)
    assert receipt.base.letter is not None
    raw = town.alice.account.parts[receipt.base.letter]
    assert Letter.read(open_message(raw, town.alice.signer.key).body).expect == receipt.base.statement
    assert statement.balance(town.grain) == 700


@row("1.27")
def getconfirmedoutstandingspends_does_so_too(town: Town) -> None:
    types, own = ask_for_the_base(town, "getconfirmedoutstandingspends")
    assert {"receipt", "letter"} <= types
    assert own


@row("1.28")
def confirmedoutstandingspends_are_in_the_base(town: Town) -> None:
    spend = town.spend(300)
    say(town.alice, spendto(town, 10**6))  # refused: the newest statement is not agreed
    receipt = held(town.alice)
    assert receipt.base.statement != digest_of(receipt.statement)
    base = read_statement(town.alice.account.parts[receipt.base.statement])
    assert base.outstanding == (spend,)
    assert base.balance(town.grain) == 700


@row("1.29")
def either_side_proves_everything_from_its_latest_receipt(town: Town) -> None:
    town.accepted()
    with town.bank.store.snapshot() as snapshot:
        assert snapshot.get(account_key(town.alice.me)) is not None
    for party in (town.alice, town.bob):
        proved = retrace(held(party), party.account.parts, party.signer.key, party.account.terms_of)
        assert proved.statement == party.account.statement
    assert town.bank.audit().good, "the audit retraces every receipt the bank keeps"


# --- seed 1: the comment on checks and bearer certificates --------------------------------------------------------


def neighbour(town: Town, name: str = "carol") -> Party:
    """One more account."""
    party = Party(name, town.bank)
    party.open()
    party.trip()
    return party


def owned(town: Town, *parties: Party) -> list[int]:
    """Grain of each by its newest statement; the books sum to zero."""
    assert town.bank.audit().findings == []
    return [party.has(town.grain) for party in parties]


@row("1.30")
def a_check_is_signed_over_to_a_recipient_later(town: Town) -> None:
    before = agreed(town.alice)
    cheque = town.alice.draw(town.bob, town.grain, 300)
    paper = paper_of(cheque.body)
    assert before.block_of(paper.number), "until then it is just an open number"
    assert town.alice.account.statement == before, "drawn without the bank"
    examined = town.bob.take(cheque)
    assert (examined.chain.drawer, examined.wrong) == (town.alice.me, ())
    assert town.bob.deposit(cheque) == [Refusal.DONE]
    town.alice.ask()
    assert owned(town, town.alice, town.bob) == [700, 300]
    assert agreed(town.alice).block_of(paper.number) is None


@row("1.31")
def of_two_recipients_the_first_wins_and_the_other_has_a_claim(town: Town) -> None:
    carol = neighbour(town)
    first = town.alice.draw(town.bob, town.grain, 300)
    paper = paper_of(first.body)
    assert isinstance(paper, Cheque)
    second = replace(paper, payee=carol.me).sign(town.alice.signer)
    assert town.bob.deposit(first) == [Refusal.DONE]
    said = present(replace(first, body=second), carol)
    assert said.code is Refusal.USED
    assert owned(town, town.bob, carol) == [300, 0]
    assert said.evidence is not None
    [winner] = evidence_of(said.evidence)
    chains = [
        check_chain(Instrument(each), town.alice.signer.key, town.bank.signer.fingerprint)
        for each in (winner.body, second)
    ]
    assert chains[0].identity != chains[1].identity
    assert {chain.drawer for chain in chains} == {town.alice.me}, "she signed both: no word of the bank is needed"
    assert {chain.paper.number for chain in chains} == {paper_of(first.body).number}


@row("1.32")
def a_balance_that_does_not_cover_it_is_a_claim(town: Town) -> None:
    cheque = town.alice.draw(town.bob, town.grain, 300)
    town.spend(900)
    assert town.bob.deposit(cheque) == [Refusal.FUNDS]
    assert owned(town, town.bob) == [0]
    [result] = last_results(town.bob)
    assert result.about is not None
    assert result.part is not None
    assert result.about.party == town.alice.me
    notice = Notice.of(open_message(town.bob.account.parts[result.part], town.bank.signer.key))
    assert (notice.kind, notice.party, notice.amount) == ("chequebounced", town.alice.me, 300)
    assert [read_instrument(notice.enclosed or b"").body] == [cheque.body]
    town.ask(town.alice)
    assert notice.notice in {waits.notice for waits in held(town.alice).pending}, "she was told"


@row("1.33")
def a_bearer_certificates_value_is_removed_right_away(town: Town) -> None:
    certificate = town.alice.buy(town.grain, 300)
    [spend] = agreed(town.alice).outstanding
    assert (spend.payee, spend.amount) == (None, 300)
    assert owned(town, town.alice) == [700]
    chain = check_offline(certificate, town.bank.signer.key)
    assert (chain.paper.number, chain.paper.amount, chain.holder) == (spend.number, 300, town.alice.signer.key)
    town.alice.pay(town.bob, town.grain, 700)
    town.alice.trip()
    given = endorsed(certificate, town.alice, town.bob.signer.key)
    assert town.bob.deposit(given) == [Refusal.DONE], "there is never a shortfall"


@row("1.34")
def it_is_signed_over_before_it_is_cashed_or_returned(town: Town) -> None:
    certificate, other = town.alice.buy(town.grain, 300), town.alice.buy(town.grain, 50)
    bank = town.bank.signer.key
    assert present(certificate, town.bob, ended=True).code is Refusal.CHAIN, "not signed over to anybody"
    to_bank = endorsed(certificate, town.alice, bank)
    assert present(to_bank, town.bob, ended=True).code is Refusal.CHAIN, "signed over to the bank by another"
    assert town.bob.deposit(endorsed(other, town.alice, town.bob.signer.key)) == [Refusal.DONE]
    town.alice.queue(certificate)
    town.alice.trip()
    town.alice.ask()
    assert owned(town, town.alice, town.bob) == [950, 50]
    assert agreed(town.alice).outstanding == ()


@row("1.35")
def it_gathers_a_signature_chain_from_hand_to_hand(town: Town) -> None:
    carol = neighbour(town)
    certificate = town.alice.buy(town.grain, 300)
    for giver, taker in ((town.alice, town.bob), (town.bob, carol)):
        certificate = giver.hand_on(certificate, taker)
        taker.take(certificate)
    chain = check_offline(certificate, town.bank.signer.key)
    assert list(chain.holders) == [each.signer.key for each in (town.alice, town.bob, carol)]
    assert [chain.signer(at) for at in range(3)] == [town.bank.signer.fingerprint, town.alice.me, town.bob.me]
    for spoilt in (certificate.endorsements[1:], certificate.endorsements[::-1]):
        with pytest.raises(BadSignature):
            check_offline(replace(certificate, endorsements=spoilt), town.bank.signer.key)
    assert carol.deposit(certificate) == [Refusal.DONE]
    assert owned(town, town.bob, carol) == [0, 300]


def twice(town: Town, policy: str, carol: Party, *, spent: int) -> Said:
    """Alice signs one certificate over to Bob and to Carol; Bob is first."""
    town.bank.set_terms(second=policy)
    town.ask(carol)
    certificate = town.alice.buy(town.grain, 300)
    ways = [endorsed(certificate, town.alice, each.signer.key) for each in (town.bob, carol)]
    if spent:
        town.spend(spent)
    had = town.bob.has(town.grain)
    assert town.bob.deposit(ways[0]) == [Refusal.DONE]
    assert town.bob.has(town.grain) == had + 300, "the first to turn it in gets the value"
    return present(ways[1], carol)


@row("1.36")
def the_second_gets_a_proof_and_the_terms_say_the_rest(town: Town) -> None:
    carol = neighbour(town)
    said = twice(town, "refuse", carol, spent=0)
    assert said.code is Refusal.USED
    assert said.evidence is not None
    [winner] = evidence_of(said.evidence)
    bank = town.bank.signer
    mine = last_orders(carol)[-1]
    assert isinstance(mine, RedeemCertificate)
    chains = [check_chain(each, bank.key, bank.fingerprint) for each in (winner, mine.instrument)]
    at = parting(*chains)
    assert at == 1
    assert {chain.signer(at) for chain in chains} == {town.alice.me}, "she spent it twice"
    assert owned(town, carol) == [0]

    assert twice(town, "recover", carol, spent=0).code is Refusal.DONE
    town.alice.ask()
    assert owned(town, town.alice, carol) == [100, 300], "bought for 300 twice, and 300 taken from her for Carol"

    town.treasurer.pay(town.alice, town.grain, 300)
    town.treasurer.trip()
    town.ask(town.alice)
    town.alice.accept_all()
    town.alice.trip()
    assert twice(town, "lien", carol, spent=100).code is Refusal.USED
    assert owned(town, town.alice, carol) == [0, 300]
    town.ask(town.alice)
    assert [each.kind for each in held(town.alice).pending][-1] == "lien"
    town.alice.wish("cancelspend", number=town.alice.account.statement.outstanding[-1].number)
    town.alice.trip()
    town.treasurer.pay(town.alice, town.grain, 200)
    town.treasurer.trip()
    town.ask(town.alice)
    town.alice.accept_all()
    town.alice.trip()
    town.alice.ask()
    carol.ask()
    assert owned(town, town.alice, carol) == [0, 600], "as soon as she had 300, they went to Carol"


@row("1.37")
def records_have_an_end_and_a_price(town: Town) -> None:
    town.bank.set_terms(token=town.grain, fees=(("certificate", 7), ("depositcheque", 2)))
    town.ask(town.alice)
    town.ask(town.bob)
    certificate = town.alice.buy(town.grain, 300, days=30)
    cheque = town.alice.draw(town.bob, town.grain, 100, days=30)
    assert owned(town, town.alice) == [693]
    given = endorsed(certificate, town.alice, town.bob.signer.key)
    assert town.bob.deposit(given, cheque) == [Refusal.DONE, Refusal.DONE]
    assert owned(town, town.bob) == [398]
    town.alice.ask()

    def kept() -> int:
        return sum(key.startswith(b"instrument/") for key in town.bank.records)

    assert (town.bank.tidy(), kept()) == (0, 2)
    town.bank.now += (30 + 60) * DAY
    town.ask(town.bob)
    assert (town.bank.tidy(), kept()) == (0, 2), "until their end and the grace of the terms"
    town.bank.now += 1
    town.ask(town.bob)
    assert (town.bank.tidy(), kept()) == (2, 0)
    assert owned(town, town.alice) == [593]


# --- seed 2: triple-signed receipts -------------------------------------------------------------------------------


@row("2.01")
def the_reply_includes_the_signed_request(town: Town) -> None:
    town.spend(300)
    identity = held(town.alice).answers[-1].letter
    kept = town.alice.account.parts[identity]
    assert identity_of(read(kept)) == identity
    assert open_message(kept, town.alice.signer.key).type == "letter"


@row("2.02")
def every_receipt_is_a_new_balance_agreement(town: Town) -> None:
    digests = []
    for amount in (1, 2, 3):
        town.spend(amount)
        digests.append(digest_of(agreed(town.alice).encode()))
    assert len(set(digests)) == 3


@row("2.03")
def the_agreement_lists_the_open_numbers(town: Town) -> None:
    statement = agreed(town.alice)
    assert statement.numbers
    assert digest_of(replace(statement, numbers=()).encode()) != last_letter(town.alice).expect


@row("2.04")
def no_history_is_kept(town: Town) -> None:
    def size() -> int:
        with town.bank.store.snapshot() as snapshot:
            return sum(len(key) + len(raw) for key, raw in snapshot.under(b""))

    def cycle() -> None:
        town.accepted(10)
        town.ask(town.alice)
        town.alice.trip()

    for _ in range(3):
        cycle()
    early = size()
    for _ in range(12):
        cycle()
    assert size() < early + 200, "longer numbers, no more records"


@row("2.05")
def the_newest_receipt_wins(town: Town) -> None:
    old = town.alice.account
    assert old.receipt is not None
    town.spend(300)
    new = town.alice.account
    seq = new.statement.seq
    account, news = take_in(new, sort_mail(new, (old.receipt, *old.parts.values())))
    assert not news.adopted
    assert account.statement.seq == seq > old.statement.seq


@row("2.06")
def a_balance_without_a_signed_reason_is_held_against_the_bank(town: Town) -> None:
    town.alice.wish("getq")
    town.alice.write()
    [reply] = town.bank.judge(town.alice.seal(town.alice.account.letters)).replies
    true = Receipt.read(read(reply.messages[0]).body)
    robbed = read_statement(true.statement).moved(town.grain, -400).encode()
    base = true.base._replace(statement=held(town.alice).base.statement, letter=held(town.alice).base.letter)
    false = replace(true, statement=robbed, base=base).sign(town.bank.signer)
    account = town.alice.account
    parts = (*account.parts.values(), held(town.alice).statement)
    with pytest.raises(Contradiction, match="does not follow") as caught:
        take_in(account, sort_mail(account, (false, *parts)))
    assert {false, account.receipt} <= set(caught.value.evidence)


@row("2.07")
def a_used_number_is_off_the_list_and_not_charged_again(town: Town) -> None:
    spend = town.spend(300)
    assert agreed(town.alice).block_of(spend.number) is None
    [result] = say(town.alice, spendto(town, spend.number))
    assert result.code is Refusal.NUMBER
    assert town.alice.has(town.grain) == 700


@row("2.08")
def a_cheque_run_through_twice_shows(town: Town) -> None:
    cheque = town.alice.draw(town.bob, town.grain, 300)
    assert town.bob.deposit(cheque) == [Refusal.DONE]
    [paid] = held(town.bob).answers[-1:]
    presented = town.bob.account.items[identity_of_body(cheque.body)].instrument
    said = present(read_instrument(presented), town.bob, ended=True)
    assert (said.code, said.result.letter) == (Refusal.PAID, paid.letter), "it names the letter that was paid"
    town.ask(town.alice)
    notice, _ = cleared(town)
    town.alice.trip()
    assert agreed(town.alice).block_of(notice.number) is None, "the number is off the list that both have signed"
    again = replace(notice, notice=notice.notice + 1).sign(town.bank.signer)
    account = town.alice.account
    with pytest.raises(Contradiction):
        take_in(account, sort_mail(account, (again,)))


def cleared(town: Town) -> tuple[Notice, bytes]:
    """The only ``chequecleared`` that waits for Alice."""
    [raw] = town.alice.account.notices.values()
    notice = Notice.of(open_message(raw, town.bank.signer.key, "notice"), town.bank.signer.fingerprint)
    assert notice.kind == "chequecleared"
    return notice, raw


@row("2.09")
def numbers_clear_out_of_order(town: Town) -> None:
    carol, dora = neighbour(town), neighbour(town, "dora")
    town.alice.wish("stopcheque", number=1, amount=4)
    town.alice.trip()
    cheques = {
        number: town.alice.draw(payee, town.grain, 10 * number)
        for number, payee in ((5, town.bob), (6, carol), (7, dora))
    }
    assert [paper_of(each.body).number for each in cheques.values()] == [5, 6, 7]
    still_open = [5, 6, 7]
    for number, payee in ((7, dora), (5, town.bob), (6, carol)):
        assert payee.deposit(cheques[number]) == [Refusal.DONE]
        town.alice.ask()
        still_open.remove(number)
        statement = agreed(town.alice)
        assert [each for each in (5, 6, 7) if statement.block_of(each)] == still_open
    assert owned(town, town.alice, town.bob, carol, dora) == [820, 50, 60, 70]


@row("2.10")
def open_numbers_are_a_list_of_ranges(town: Town) -> None:
    before = agreed(town.alice).numbers
    [block] = before
    middle = block.first + 3
    say(town.alice, spendto(town, middle))
    assert agreed(town.alice).numbers == (
        Block(block.first, middle - 1, block.until),
        Block(middle + 1, block.last, block.until),
    )


@row("2.11")
def one_chequebook_serves_every_asset(town: Town) -> None:
    salt = town.alice.issue("salt")
    town.alice.trip()
    [block] = agreed(town.alice).numbers
    results = say(town.alice, spendto(town, block.first), spendto(town, block.first + 1, asset=salt))
    assert [result.code for result in results] == [Refusal.DONE, Refusal.DONE]
    statement = agreed(town.alice)
    assert {spend.asset for spend in statement.outstanding} == {town.grain, salt}
    assert statement.balance(salt) == -10


@row("2.12")
def one_inbox_serves_every_asset(town: Town) -> None:
    salt = town.alice.issue("salt")
    town.alice.trip()
    first = town.alice.account.statement.numbers[0].first
    say(town.alice, spendto(town, first), spendto(town, first + 1, asset=salt))
    town.ask(town.bob)
    assert [(each.notice, each.asset) for each in town.bob.account.waiting] == [(1, town.grain), (2, salt)]


@row("2.13")
def numbers_end(town: Town) -> None:
    until = town.bank.now + 10 * DAY
    town.alice.wish("getsequence", amount=2, until=until)
    town.alice.trip()
    last = agreed(town.alice).highest
    town.bank.now = until
    [result] = say(town.alice, spendto(town, last))
    assert result.code is Refusal.DONE, "good in its last second"
    town.bank.now = until + 1
    [result] = say(town.alice, spendto(town, last - 1))
    assert result.code is Refusal.NUMBER


@row("2.14")
def a_chequebook_says_when_it_was_given(town: Town) -> None:
    town.bank.now += 5 * DAY
    until = town.bank.now + 10 * DAY
    town.alice.wish("getsequence", amount=2, until=until)
    town.alice.trip()
    messages = [read(raw) for raw in town.alice.account.parts.values() if raw[:1] == b"\xd2"]
    books = [Sequence.read(each.body) for each in messages if each.type == "sequence"]
    assert (town.bank.now, until) in {(book.time, book.until) for book in books}


@row("2.15")
def every_word_of_the_bank_bears_its_time(town: Town) -> None:
    town.bank.now += DAY
    town.spend(300)
    assert held(town.alice).time == town.bank.now
    town.ask(town.bob)
    assert notice_of(town.bob, "receipt")[0].time == town.bank.now
    town.bank.now -= 10 * DAY
    town.ask(town.bob)
    assert held(town.bob).time == town.bank.now + 10 * DAY, "it never goes back"
    with town.bank.store.snapshot() as snapshot:
        assert snapshot.get(CLOCK) is not None


@row("2.16")
def alice_gets_a_signed_answer_whether_done_or_refused(town: Town) -> None:
    numbers = town.alice.account.statement.numbers[0].first
    results = say(town.alice, spendto(town, numbers), spendto(town, numbers + 1, amount=5_000))
    assert [result.code for result in results] == [Refusal.DONE, Refusal.FUNDS]
    assert held(town.alice).answers[-1].results == results


@row("2.17")
def alice_gets_bobs_signature(town: Town) -> None:
    town.accepted()
    town.ask(town.alice)
    _, enclosed = notice_of(town.alice, "closedspend")
    assert enclosed.signer == town.bob.me


@row("2.18")
def alice_gets_the_banks_signature_on_it(town: Town) -> None:
    town.accepted()
    town.ask(town.alice)
    [raw] = town.alice.account.notices.values()
    assert open_message(raw, town.bank.signer.key).signer == town.bank.signer.fingerprint


@row("2.19")
def alice_gets_an_agreement_at_the_same_time(town: Town) -> None:
    town.accepted()
    news = town.ask(town.alice)
    assert news.notices
    assert news.agreed
    assert agreed(town.alice).balance(town.grain) == 700


@row("2.20")
def bob_gets_alices_signature(town: Town) -> None:
    town.spend(300)
    town.ask(town.bob)
    _, enclosed = notice_of(town.bob, "receipt")
    assert (enclosed.type, enclosed.signer) == ("spendto", town.alice.me)


@row("2.21")
def bob_gets_the_banks_signature_on_it(town: Town) -> None:
    town.spend(300)
    town.ask(town.bob)
    [raw] = town.bob.account.notices.values()
    assert open_message(raw, town.bank.signer.key).signer == town.bank.signer.fingerprint


@row("2.22")
def bob_gets_a_receipt_when_his_balance_is_updated(town: Town) -> None:
    town.spend(300)
    town.ask(town.bob)
    seq = town.bob.account.statement.seq
    town.bob.accept_all()
    [news] = town.bob.trip()
    assert news.adopted
    assert (town.bob.account.statement.seq, town.bob.has(town.grain)) == (seq + 1, 300)


@row("2.23")
def bob_gets_a_balance_agreement(town: Town) -> None:
    town.accepted()
    assert agreed(town.bob).balance(town.grain) == 300


def kept_letters(town: Town, party: Party) -> list[Letter]:
    """Letters of the party that the bank keeps beside its receipt, verified."""
    with town.bank.store.snapshot() as snapshot:
        raw = snapshot.get(beside_key(party.me))
    assert raw is not None
    parts = [part for part in party.account.parts.values() if part in raw and part[:1] == b"\xd2"]
    sealed = [open_message(part, party.signer.key) for part in parts if read(part).type == "letter"]
    return [Letter.read(each.body) for each in sealed]


def kept_orders(town: Town, party: Party) -> set[str]:
    written = [each for letter in kept_letters(town, party) for each in read_orders(letter, party.signer.key)]
    return {each.order.TYPE for each in written if isinstance(each.order, Order)}


@row("2.24")
def the_bank_keeps_alices_signed_transfer(town: Town) -> None:
    town.spend(300)
    assert "spendto" in kept_orders(town, town.alice)


@row("2.25")
def the_bank_keeps_bobs_signed_acceptance(town: Town) -> None:
    town.accepted()
    assert "confirmreceipt" in kept_orders(town, town.bob)


@row("2.26")
def the_bank_keeps_alices_signed_acknowledgement(town: Town) -> None:
    town.accepted()
    town.ask(town.alice)
    town.alice.trip()
    assert "confirmclosedspend" in kept_orders(town, town.alice)


@row("2.27")
def the_bank_keeps_both_agreements_and_nothing_else(town: Town) -> None:
    town.accepted()
    town.ask(town.alice)
    town.alice.trip()
    assert agreed(town.alice).balance(town.grain) == 700
    assert agreed(town.bob).balance(town.grain) == 300
    with town.bank.store.snapshot() as snapshot:
        kinds = [key.partition(b"/")[0] for key, _ in snapshot.under(b"")]
    assert sorted(kinds) == [b"account"] * 3 + [b"asset", b"bank"] + [b"beside"] * 3 + [b"clock", b"terms"]


@row("2.28")
def a_signed_contract_names_the_asset(town: Town) -> None:
    with town.bank.store.snapshot() as snapshot:
        record = snapshot.get(b"asset/" + town.grain)
    assert record is not None
    town.spend(300)
    town.ask(town.bob)
    raw = town.bob.contracts[town.grain]
    contract, sealed = open_contract(raw, town.bank.signer.fingerprint)
    assert (sealed.identity, sealed.signer) == (town.grain, town.treasurer.me)
    assert contract.head.unit == "grain"
    assert raw in record


# --- the table itself ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", sorted(TESTS), ids=lambda number: f"{number}-{TESTS[number].__name__}")
def test_row(number: str, town: Town) -> None:
    TESTS[number](town)


def table_rows() -> dict[str, str]:
    """Row ids of section 13 and their state."""
    text = SPEC.read_text(encoding="utf-8")
    section = text.split("\n## 13 ")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ([12]\.\d\d) \|.*\| (\w+) \|$", section, re.MULTILINE)
    assert len(rows) == len(dict(rows)), "a row stands twice"
    return dict(rows)


def test_every_row_of_the_spec_has_a_test_and_every_test_a_row() -> None:
    rows = table_rows()
    assert rows == dict.fromkeys(TESTS, "now")


def test_the_limits_of_section_2_are_those_of_the_code() -> None:
    section = SPEC.read_text(encoding="utf-8").split("\n## 2 ")[1].split("\n## ")[0]
    limits = re.findall(r"^\| .* \| (\d+) \| `([\w.]+)` \|$", section, re.MULTILINE)
    assert len(limits) > 20
    for number, name in limits:
        module, _, constant = name.rpartition(".")
        assert getattr(import_module(f"ledgerpost.{module}"), constant) == int(number), name


def test_the_refusal_codes_of_section_8_are_those_of_the_code() -> None:
    section = SPEC.read_text(encoding="utf-8").split("\n## 8 ")[1].split("\n## ")[0]
    codes = re.findall(r"^\| (\d+) \| ([A-Z_]+) \|", section, re.MULTILINE)
    assert {name: int(code) for code, name in codes} == {each.name: each for each in Refusal if each}
    assert [int(code) for code, _ in codes] == sorted(int(code) for code, _ in codes)
