"""The post does its worst, and the books still agree.

Three parties and a bank, over a post that loses, doubles and overtakes. Beside the bank runs a ledger in plain
Python that shares none of its rules: what it says of every order, balance, number and spend must be what the bank
said. Hypothesis thinks up the mishaps; one seeded run of fixed letters stands beside it.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ledgerpost.bank.records import TermsRecord, read_record
from ledgerpost.errors import Refusal
from ledgerpost.papers import notice as n
from ledgerpost.papers.cancelspend import CancelSpend
from ledgerpost.papers.confirmreceipt import ConfirmReceipt
from ledgerpost.papers.denyreceipt import DenyReceipt
from ledgerpost.papers.getsequence import GetSequence
from ledgerpost.papers.letter import AHEAD, Letter
from ledgerpost.papers.order import Order
from ledgerpost.papers.orders import read_orders
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.papers.stopcheque import StopCheque
from ledgerpost.papers.takein import ConfirmClosedSpend, ConfirmDeniedSpend, ConfirmExpiredSpend, ConfirmWithdrawn
from ledgerpost.papers.terms import DAY, Terms
from ledgerpost.sealed import Signer, identity_of, read, trusted
from ledgerpost.statement import Statement, digest_of, read_statement
from ledgerpost.terms import Digest, Fingerprint
from ledgerpost.wallet.writing import has_something_to_say, may_write
from pages import Kept
from town import Bank, Party, seed_of

LIMIT = 10**6
CONDITIONS: dict[str, Any] = {
    "grace": 20 * DAY,
    "letter_life": 20 * DAY,
    "spend_life": 30 * DAY,
    "number_life": 50 * DAY,
    "most_numbers": 60,
    "most_outstanding": 12,
    "most_incoming": 14,
    "share": 8,
}


# --- the plain ledger -----------------------------------------------------------------------------------------


@dataclass
class Paid:
    """A spend's life. ``settled``: its spender has taken in how it ended."""

    payee: Fingerprint
    asset: Digest
    amount: int
    until: int
    state: str = "open"
    settled: bool = False


@dataclass
class Book:
    """What the ledger knows of one party."""

    seq: int = 0
    tip: Digest | None = None
    balances: dict[Digest, int] = field(default_factory=dict)
    numbers: dict[int, int] = field(default_factory=dict)
    highest: int = 0
    spends: dict[int, Paid] = field(default_factory=dict)
    inbox: dict[tuple[Fingerprint, int], Paid] = field(default_factory=dict)
    paid_fees: dict[Digest, int] = field(default_factory=dict)

    def outstanding(self) -> dict[int, Paid]:
        return {number: paid for number, paid in self.spends.items() if not paid.settled}


class Ledger:
    """Every order once, in the plainest way: dicts and integers, no statement, no notice, no signature."""

    def __init__(self, issuer: Fingerprint) -> None:
        self.issuer = issuer
        self.books: dict[Fingerprint, Book] = {}
        self.terms: dict[Digest, tuple[Terms, int | None]] = {}
        self.fate: dict[tuple[Fingerprint, int, int], bool] = {}

    def new_terms(self, identity: Digest, terms: Terms, now: int) -> None:
        self.terms = {each: (old, now if end is None else end) for each, (old, end) in self.terms.items()}
        self.terms[identity] = terms, None

    def post(self, party: Party, letters: tuple[bytes, ...], now: int) -> list[bool]:
        """Carry out what is new of an envelope; what became of each order."""
        fates: list[bool] = []
        book = self.books.setdefault(party.me, Book())
        new = False
        for raw in letters:
            letter, identity = Letter.read(trusted(raw).body), identity_of(read(raw))
            if letter.seq != book.seq + 1 or letter.prev != book.tip:
                continue
            if not new:
                self.sweep(party.me, now)
            new = True
            fates += self.letter(party, letter, now)
            book.seq, book.tip = letter.seq, identity
        return fates

    def sweep(self, me: Fingerprint, now: int) -> None:
        book, grace = self.books[me], next(terms.grace for terms, end in self.terms.values() if end is None)
        for paid in book.spends.values():
            if paid.state == "open" and now > paid.until:
                paid.state = "expired"
        for key, paid in list(book.inbox.items()):
            if now > paid.until + (grace if paid.state == "withdrawn" else 0):
                del book.inbox[key]

    def letter(self, party: Party, letter: Letter, now: int) -> list[bool]:
        known = self.terms.get(letter.terms)
        dead = known is None or (known[1] is not None and now > known[1] + known[0].grace) or now > letter.not_after
        fates = []
        for index, each in enumerate(read_orders(letter, party.signer.key)):
            assert isinstance(each.order, Order), "an honest wallet wrote what does not read"
            good = not dead and known is not None and self.order(party.me, each.order, known[0], now)
            if not good and isinstance(each.order, SpendTo):
                self.books[party.me].numbers.pop(each.order.number, None)
            key = party.me, letter.seq, index
            assert key not in self.fate, "an order was carried out twice"
            self.fate[key] = good
            fates.append(good)
        return fates

    def order(self, me: Fingerprint, order: Order, terms: Terms, now: int) -> bool:
        book = self.books[me]
        cost = 0 if order.FREE else terms.fee(order.TYPE)
        spending = order.amount if isinstance(order, SpendTo) and order.asset == terms.token else 0
        back = order.amount if isinstance(order, CancelSpend) and order.asset == terms.token else 0
        if not self.can(me, order, terms, now):
            return False
        if cost and terms.token:
            if self.funds(me, terms.token) - spending + back < cost:
                return False
            book.balances[terms.token] = book.balances.get(terms.token, 0) - cost
            book.paid_fees[terms.token] = book.paid_fees.get(terms.token, 0) + cost
        self.do(me, order)
        return True

    def funds(self, me: Fingerprint, asset: Digest) -> int:
        return self.books[me].balances.get(asset, 0) + (LIMIT if me == self.issuer else 0)

    def can(self, me: Fingerprint, order: Order, terms: Terms, now: int) -> bool:
        book = self.books[me]
        if isinstance(order, SpendTo):
            assert order.payee is not None
            inbox = self.books[order.payee].inbox
            return (
                now <= book.numbers.get(order.number, -1)
                and now <= order.until <= now + terms.spend_life
                and self.funds(me, order.asset) >= order.amount
                and len(book.outstanding()) < terms.most_outstanding
                and len(inbox) < terms.most_incoming
                and sum(spender == me for spender, _ in inbox) < terms.share
            )
        if isinstance(order, GetSequence):
            in_time = now <= order.until <= now + terms.number_life
            return in_time and len(book.numbers) + order.count <= terms.most_numbers
        if isinstance(order, CancelSpend):
            return book.spends[order.number].state == "open"
        if isinstance(order, ConfirmReceipt | DenyReceipt):
            paid = self.books[order.spender].spends[order.number]
            return paid.payee == me and paid.state == "open" and now <= paid.until
        if isinstance(order, ConfirmClosedSpend | ConfirmDeniedSpend | ConfirmExpiredSpend):
            paid = book.spends[order.number]
            return not paid.settled and paid.state == _ENDS[type(order)]
        if isinstance(order, ConfirmWithdrawn):
            return any(
                paid.state == "withdrawn" and (number, paid.asset, paid.amount) == order.body()[1:4]
                for (_, number), paid in book.inbox.items()
            )
        if isinstance(order, StopCheque):
            return all(number in book.numbers for span in order.spans for number in range(span[0], span[1] + 1))
        return True

    def do(self, me: Fingerprint, order: Order) -> None:
        book = self.books[me]
        if isinstance(order, SpendTo):
            assert order.payee is not None
            del book.numbers[order.number]
            paid = Paid(order.payee, order.asset, order.amount, order.until)
            book.spends[order.number] = self.books[order.payee].inbox[(me, order.number)] = paid
            book.balances[order.asset] = book.balances.get(order.asset, 0) - order.amount
        elif isinstance(order, GetSequence):
            book.numbers |= dict.fromkeys(range(book.highest + 1, book.highest + order.count + 1), order.until)
            book.highest += order.count
        elif isinstance(order, CancelSpend):
            self.end(book, order.number, "withdrawn")
        elif isinstance(order, ConfirmReceipt):
            paid = book.inbox.pop((order.spender, order.number))
            paid.state = "accepted"
            book.balances[paid.asset] = book.balances.get(paid.asset, 0) + paid.amount
        elif isinstance(order, DenyReceipt):
            book.inbox.pop((order.spender, order.number)).state = "denied"
        elif isinstance(order, ConfirmClosedSpend):
            book.spends[order.number].settled = True
        elif isinstance(order, ConfirmDeniedSpend | ConfirmExpiredSpend):
            self.end(book, order.number, book.spends[order.number].state)
        elif isinstance(order, ConfirmWithdrawn):
            match = (order.number, order.asset, order.amount)
            key = next(
                k for k, p in book.inbox.items() if (k[1], p.asset, p.amount) == match and p.state == "withdrawn"
            )
            del book.inbox[key]
        elif isinstance(order, StopCheque):
            for span in order.spans:
                for number in range(span[0], span[1] + 1):
                    del book.numbers[number]

    @staticmethod
    def end(book: Book, number: int, state: str) -> None:
        paid = book.spends[number]
        paid.state, paid.settled = state, True
        book.balances[paid.asset] = book.balances.get(paid.asset, 0) + paid.amount

    def sums(self) -> dict[Digest, int]:
        """Every asset's units: all balances and fees, and what is under way."""
        totals: dict[Digest, int] = {}
        for book in self.books.values():
            for held in (book.balances, book.paid_fees):
                for asset, units in held.items():
                    totals[asset] = totals.get(asset, 0) + units
            for paid in book.outstanding().values():
                totals[paid.asset] += 0 if paid.state == "accepted" else paid.amount
        return totals


_ENDS: dict[type[Order], str] = {
    ConfirmClosedSpend: "accepted",
    ConfirmDeniedSpend: "denied",
    ConfirmExpiredSpend: "expired",
}


# --- the town and its post ------------------------------------------------------------------------------------


@dataclass(eq=False)
class Sent:
    """An envelope under way: to the bank (with its letters) or, with none, to the party."""

    party: Party = field(repr=False)
    raw: bytes = field(repr=False)
    letters: tuple[bytes, ...] = field(repr=False, default=())
    copies: int = 2


class Play:
    """Bank, three parties, the ledger beside them, and a bag of envelopes."""

    def __init__(self) -> None:
        self.bank = Bank()
        self.ledger = Ledger(Signer.from_seed(seed_of("treasurer")).fingerprint)
        self.pages: dict[tuple[Fingerprint, int], Digest] = {}
        self.stored: dict[Fingerprint, bytes] = {}
        self.bag: list[Sent] = []
        self.dirty = True
        self.clock = self.bank.now
        self.set_terms(None, 0)
        self.parties = [Party(name, self.bank) for name in ("treasurer", "alice", "bob")]
        self.issuer = self.parties[0]
        self.issuer.open()
        self.assets = [self.issuer.issue(name, limit=LIMIT) for name in ("grain", "token")]
        self.trip(self.issuer)
        for other in self.parties[1:]:
            other.open()
            self.trip(other)
            for asset in self.assets:
                self.issuer.pay(other, asset, 1000)
        for _ in range(3):
            for each in self.parties:
                each.accept_all()
                self.trip(each)
        self.set_terms(self.assets[1], 1)

    def set_terms(self, token: Digest | None, fee: int) -> None:
        fees = (("cancelspend", 2 * fee), ("spendto", fee)) if token else ()
        identity = self.bank.set_terms(token=token, fees=fees, **CONDITIONS)
        with self.bank.store.snapshot() as snapshot:
            raw = next(row for key, row in snapshot.under(b"terms/") if key.endswith(identity))
        terms = Terms.read(trusted(read_record(TermsRecord, raw, b"").terms).body)
        self.ledger.new_terms(identity, terms, self.bank.now)
        self.dirty = True

    def trip(self, party: Party) -> None:
        """There and back without mishap."""
        if not has_something_to_say(party.account) and not party.account.letters:
            party.wish("getq")
        for reply in self.at_bank(Sent(party, party.send(), party.account.letters)):
            self.at_home(reply)

    def at_bank(self, sent: Sent) -> list[Sent]:
        """The bank answers an envelope; the ledger says what became of every order, and both must agree."""
        outcome = self.bank.judge(sent.raw)
        self.dirty |= bool(outcome.changes)
        (reply,) = outcome.replies
        assert reply.why == "" or "missing before" in reply.why or "does not follow" in reply.why, reply.why
        now = max(self.bank.now, self.clock)
        self.clock = now if outcome.changes else self.clock
        fates = self.ledger.post(sent.party, sent.letters, now)
        assert [result.code is Refusal.DONE for result in reply.results] == fates
        receipt = Receipt.read(trusted(reply.messages[0]).body)
        statement = read_statement(receipt.statement)
        if reply.answered:
            self.pages[(sent.party.me, statement.seq)] = digest_of(receipt.statement)
            self.stored[sent.party.me] = reply.messages[0]
        assert reply.messages[0] == self.stored[sent.party.me], "a repeated letter gets the stored receipt"
        return [Sent(sent.party, raw) for raw in self.bank.seal(reply.to, reply.messages)]

    def at_home(self, sent: Sent) -> None:
        """The wallet takes an answer in: it never finds a contradiction, and never goes back."""
        before = sent.party.account.statement.seq
        news = sent.party.receive(sent.raw)
        statement = sent.party.account.statement
        assert statement.seq >= before
        assert digest_of(statement.encode()) == self.pages[(sent.party.me, statement.seq)]
        for answered in news.answered:
            for index, result in enumerate(answered.results):
                told = result.code is Refusal.DONE
                assert told == self.ledger.fate[(sent.party.me, answered.letter.seq, index)]

    def put(self, party: Party, copies: int = 2) -> None:
        if party.account.letters or (may_write(party.account) and has_something_to_say(party.account)):
            raw = party.send()
            self.bag.append(Sent(party, raw, party.account.letters, copies))

    def deliver(self, sent: Sent) -> None:
        sent.copies -= 1
        if not sent.copies:
            self.bag.remove(sent)
        if sent.letters:
            self.bag += self.at_bank(sent)
        else:
            self.at_home(sent)

    def page(self, party: Party) -> Kept:
        return self.bank.page(party.me)

    def statement_of(self, party: Party) -> Statement:
        return read_statement(Receipt.read(trusted(self.page(party).receipt).body).statement)

    def check(self) -> None:
        """All that must hold at every moment."""
        if not self.dirty:
            return
        self.dirty = False
        audit = self.bank.audit()
        assert audit.good, audit.findings
        assert {sheet.difference for sheet in audit.sheets.values()} <= {0}
        assert set(self.ledger.sums().values()) <= {0}
        for party in self.parties:
            if party.me in self.ledger.books:
                self.compare(party)

    def compare(self, party: Party) -> None:
        book, page, statement = self.ledger.books[party.me], self.page(party), self.statement_of(party)
        assert statement.seq == book.seq
        assert dict(statement.balances) == {asset: units for asset, units in book.balances.items() if units}
        assert {x for block in statement.numbers for x in range(block.first, block.last + 1)} == set(book.numbers)
        assert {spend.number: (spend.payee, spend.amount) for spend in statement.outstanding} == {
            number: (paid.payee, paid.amount) for number, paid in book.outstanding().items()
        }
        assert dict(page.fees) == book.paid_fees
        incoming = [each for each in page.pending if each.kind in (n.RECEIPT, n.WITHDRAWN)]
        assert {(each.other, each.number) for each in incoming} == set(book.inbox)
        assert len(incoming) <= CONDITIONS["most_incoming"], "the inbox is bounded"
        assert len(page.pending) - len(incoming) <= len(statement.outstanding), "closing notices are bounded"
        letters = [raw for raw in page.parts if raw[:1] == b"\xd2" and read(raw).type == "letter"]
        assert len(letters) <= AHEAD + 1, "the receipt is bounded"

    def settle(self) -> None:
        """The post becomes reliable: everything is answered, resolved and agreed."""
        self.bag.clear()
        for _ in range(40):
            for party in self.parties:
                party.accept_all()
                self.trip(party)
            self.check()
            if all(map(self.quiet, self.parties)):
                break
        for party in self.parties:
            account, statement = party.account, self.statement_of(party)
            assert not account.letters
            assert not account.wishes, account.wishes
            assert not statement.outstanding, "a spend was never resolved"
            assert statement == account.statement
            held = account.held
            assert held is not None and held.base.statement == digest_of(statement.encode()), "not agreed at the end"
        assert all(paid.settled for book in self.ledger.books.values() for paid in book.spends.values())

    def quiet(self, party: Party) -> bool:
        account = party.account
        return (
            not (account.letters or account.statement.outstanding or account.waiting or has_something_to_say(account))
            and self.statement_of(party) == account.statement
        )


# --- Hypothesis plays the post --------------------------------------------------------------------------------

WHO = st.integers(0, 2)
ANY = st.integers(0, 1 << 16)
WISHES = st.tuples(st.sampled_from(["pay", "pay", "pay", "cancel", "accept", "accept", "deny", "stop", "poll"]), ANY)


class PostMachine(RuleBasedStateMachine):
    """Wishes, letters and mishaps in any order."""

    @initialize()
    def town(self) -> None:
        self.play = Play()

    @rule(who=WHO, wishes=st.lists(WISHES, min_size=1, max_size=10), write=st.booleans())
    def want(self, who: int, wishes: list[tuple[str, int]], write: bool) -> None:
        for what, any_ in wishes:
            wish(self.play, self.play.parties[who], what, any_)
        if write:
            self.play.put(self.play.parties[who])

    @rule(who=WHO)
    def write(self, who: int) -> None:
        self.play.put(self.play.parties[who])

    @precondition(lambda self: self.play.bag)
    @rule(at=ANY)
    def deliver(self, at: int) -> None:
        self.play.deliver(self.play.bag[at % len(self.play.bag)])

    @precondition(lambda self: self.play.bag)
    @rule(to_bank=st.booleans())
    def deliver_all_in_reverse(self, to_bank: bool) -> None:
        for sent in [each for each in reversed(self.play.bag) if bool(each.letters) == to_bank]:
            self.play.deliver(sent)

    @precondition(lambda self: self.play.bag)
    @rule(at=ANY)
    def lose(self, at: int) -> None:
        del self.play.bag[at % len(self.play.bag)]

    @rule(hours=st.sampled_from([1, 24, 24 * 6]))
    def pass_time(self, hours: int) -> None:
        self.play.bank.now += hours * 3600

    @rule(fee=st.integers(0, 3))
    def change_terms(self, fee: int) -> None:
        self.play.set_terms(self.play.assets[1] if fee else None, fee)

    @precondition(lambda self: any(sent.letters for sent in self.play.bag))
    @rule(days=st.integers(1, 30))
    def clock_is_wrong_for_one_letter(self, days: int) -> None:
        self.play.bank.now -= days * DAY
        self.play.deliver(next(sent for sent in self.play.bag if sent.letters))
        self.play.bank.now += days * DAY

    @invariant()
    def books_agree(self) -> None:
        if hasattr(self, "play"):
            self.play.check()

    def teardown(self) -> None:
        if hasattr(self, "play"):
            self.play.settle()


def wish(play: Play, party: Party, what: str, any_: int) -> None:
    """Something the owner wants; what it is about is picked by ``any_``."""
    account = party.account
    others = [each for each in play.parties if each is not party]
    if what == "pay":
        amount = 1 + any_ % 700
        party.pay(others[any_ % 2], play.assets[any_ // 2 % 2], amount, days=1 + any_ % 40, text=f"{any_}")
    elif what == "cancel" and account.statement.outstanding:
        spend = account.statement.outstanding[any_ % len(account.statement.outstanding)]
        party.wish("cancelspend", number=spend.number)
    elif what in ("accept", "deny"):
        waiting = [each for each in account.waiting if each.kind == n.RECEIPT]
        order = {"accept": "confirmreceipt", "deny": "denyreceipt"}[what]
        if waiting:
            party.wish(order, number=waiting[any_ % len(waiting)].notice)
    elif what == "stop" and account.coming.numbers:
        block = account.coming.numbers[any_ % len(account.coming.numbers)]
        party.wish("stopcheque", number=block.first, amount=1 + any_ % min(3, block.last - block.first + 1))
    elif what == "poll":
        party.wish("getq")


TestPost = PostMachine.TestCase
TestPost.settings = settings(
    max_examples=30,
    phases=[Phase.explicit, Phase.generate],
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


# --- one long run, the same each time --------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_letters_of_ten_orders_doubled_reversed_and_a_third_lost(seed: int) -> None:
    play, random = Play(), Random(seed)
    lost = orders = 0
    for _ in range(25):
        play.bank.now += random.randrange(3) * 3600 * 20
        for party in play.parties:
            for _ in range(10):
                wish(
                    play,
                    party,
                    random.choice(["pay", "pay", "cancel", "accept", "accept", "deny"]),
                    random.randrange(10**5),
                )
            play.put(party)
            orders += len(party.account.written[-1].orders) if party.account.letters else 0
        for _ in range(2):  # there, then back; what is lost there is sent again with the next letter
            for sent in list(reversed(play.bag)):
                if random.random() < 1 / 3:
                    play.bag.remove(sent)
                    lost += 1
                    continue
                play.deliver(sent)
                play.deliver(sent)
        play.check()
    play.settle()
    play.check()
    done = sum(play.ledger.fate.values())
    assert (lost > 30, orders > 300, done > 250) == (True, True, True), (lost, orders, done)
