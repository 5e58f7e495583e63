"""Any interleaving of cheques and certificates between three honest people, a cheat and a careless post.

Mallory's wallet forgets what it signed, so she draws twice on one number and signs over twice; letters and answers are
lost, doubled and overtaken; days pass. Whatever happens: the books are right, nothing is paid twice but at Mallory's
cost, no honest wallet is charged for what it did not sign or bounces a cheque, and nobody honest is in the wrong.
"""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ledgerpost.errors import Denied, Refusal
from ledgerpost.papers import notice as n
from ledgerpost.papers.agreement import Answered
from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.instrument import (
    Chain,
    Instrument,
    check_chain,
    check_offline,
    identity_of_body,
    paper_of,
    read_instrument,
)
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.redeemcertificate import RedeemCertificate
from ledgerpost.papers.terms import DAY
from ledgerpost.sealed import trusted
from ledgerpost.terms import Digest, Fingerprint
from ledgerpost.wallet.account import HELD, REFUSED, Item
from market import Market, debtor, endorsed, evidence_of, market
from town import Party

HONEST = ("alice", "bob", "carol")
EVERYBODY = (*HONEST, "mallory")
names = st.sampled_from(EVERYBODY)
honest = st.sampled_from(HONEST)
places = st.integers(0, 30)
amounts = st.integers(1, 400)


class Instruments(RuleBasedStateMachine):
    """``hands``: instruments on their way to somebody; ``out`` and ``back``: envelopes. None is ever used up."""

    @initialize(policy=st.sampled_from(["refuse", "recover", "lien"]))
    def open(self, policy: str) -> None:
        self.m: Market = market(*EVERYBODY, second=policy, longest=5)
        self.hands: list[tuple[Instrument, str]] = []
        self.out: list[bytes] = []
        self.back: list[tuple[str, bytes]] = []
        self.had: list[Instrument] = []
        self.paid: Counter[Digest] = Counter()
        self.recovered: Counter[Digest] = Counter()
        self.drawn: dict[str, set[Digest]] = {name: set() for name in EVERYBODY}
        self.stopped: set[tuple[Fingerprint, int]] = set()
        self.dirty = False
        for amount in (100, 200, 300):
            self.had.append(self.m["mallory"].buy(self.m.grain, amount, days=90))

    @property
    def bank(self) -> Fingerprint:
        return self.m.bank.signer.fingerprint

    # --- what people do

    @rule(by=names, to=st.sampled_from([*EVERYBODY, None]), taker=names, amount=amounts, days=st.integers(1, 90))
    def draw(self, by: str, to: str | None, taker: str, amount: int, days: int) -> None:
        try:
            drawn = self.m[by].draw(self.m[to] if to else None, self.m.grain, amount, days=days)
        except Denied:
            return
        self.drawn[by].add(identity_of_body(drawn.body))
        self.hands.append((drawn, to or taker))

    @rule(by=names, amount=amounts, days=st.integers(1, 90))
    def buy(self, by: str, amount: int, days: int) -> None:
        if self.m[by].account.sure(self.m.grain) >= amount:
            self.m[by].wish("spendto", asset=self.m.grain, amount=amount, until=self.m.bank.now + days * DAY)

    @rule(by=names, to=names, amount=amounts)
    def pay(self, by: str, to: str, amount: int) -> None:
        if by != to and self.m[by].account.sure(self.m.grain) >= amount:
            self.m[by].pay(self.m[to], self.m.grain, amount)

    @rule(by=names)
    def accept(self, by: str) -> None:
        self.m[by].accept_all()

    @rule(by=names, number=st.integers(1, 24))
    def stop(self, by: str, number: int) -> None:
        self.m[by].wish("stopcheque", number=number, amount=1)
        self.stopped.add((self.m[by].me, number))

    @precondition(lambda self: self.hands)
    @rule(at=places)
    def take(self, at: int) -> None:
        instrument, to = self.hands[at % len(self.hands)]
        try:
            self.m[to].take(instrument)
        except Denied:
            return
        if to == "mallory":
            self.had.append(instrument)

    @rule(by=names, to=names, at=places)
    def hand_on(self, by: str, to: str, at: int) -> None:
        held = self.items(by, HELD)
        if not held or by == to:
            return
        instrument = held[at % len(held)]
        if by == "mallory":
            self.had.append(instrument)
        try:
            self.hands.append((self.m[by].hand_on(instrument, self.m[to]), to))
        except Denied:
            return

    @rule(by=names, at=places)
    def present(self, by: str, at: int) -> None:
        held = self.items(by, HELD, REFUSED)
        if held:
            self.m[by].queue(held[at % len(held)])

    def items(self, by: str, *states: str) -> list[Instrument]:
        return [read_instrument(item.instrument) for item in self.m[by].account.items.values() if item.state in states]

    @rule(
        kind=st.sampled_from(["cheque", "certificate"]),
        path=st.lists(names, min_size=2, max_size=5),
        amount=amounts,
        days=st.integers(5, 90),
        queued=st.booleans(),
    )
    def deal(self, kind: str, path: list[str], amount: int, days: int, queued: bool) -> None:
        """Drawn or bought, handed along a path, and perhaps put down to be presented: an ordinary market day."""
        first, *others = [name for at, name in enumerate(path) if not at or name != path[at - 1]]
        if not others:
            return
        if kind == "certificate":
            self.buy(first, amount, days)
            self.ask(first)
            self.hand_on(first, others[0], -1)
        else:
            self.draw(first, others[0], others[0], amount, days)
        for giver, taker in pairwise([*others, None]):
            self.take(len(self.hands) - 1) if self.hands else None
            if taker is not None and giver is not None:
                self.hand_on(giver, taker, -1)
        if queued:
            self.present(others[-1], -1)

    @rule(by=names, lost=st.booleans())
    def go_to_the_bank(self, by: str, lost: bool) -> None:
        """Write and carry; the answer may be lost, and comes again with the next."""
        self.m[by].wish("getq")
        self.judge(self.m[by].send())
        if not lost:
            self.read(*self.back[-1])

    # --- what Mallory does besides

    @rule()
    def spend_everything(self) -> None:
        """So that there is nothing to recover from."""
        left = self.m["mallory"].account.sure(self.m.grain)
        if left > 0:
            self.pay("mallory", "alice", left)
            self.ask("mallory")

    @rule()
    def forget_what_was_drawn(self) -> None:
        self.m["mallory"].account = replace(self.m["mallory"].account, signed={})

    @precondition(lambda self: self.had)
    @rule(at=places, to=honest)
    def sign_over_again(self, at: int, to: str) -> None:
        held = self.had[at % len(self.had)]
        if paper_of(held.body).until >= self.m.bank.now and not self._open(held) and len(held.endorsements) < 4:
            self.hands.append((endorsed(held, self.m["mallory"], self.m[to].signer.key), to))

    @precondition(lambda self: self.had)
    @rule(at=places, one=honest, other=honest, between=st.booleans())
    def sign_over_twice(self, at: int, one: str, other: str, between: bool) -> None:
        """To two people, who both go to the bank, perhaps."""
        for to in (one, other):
            self.sign_over_again(at, to)
            if self.hands:
                self.take(len(self.hands) - 1)
            self.present(to, -1)
            if between:
                self.ask(to)

    @rule(one=names, other=names, amount=st.integers(50, 900))
    def draw_twice(self, one: str, other: str, amount: int) -> None:
        """On one number, for two people; the second wallet state knows nothing of the first."""
        before = self.m["mallory"].account
        for to in (one, other):
            if to != "mallory":
                self.m["mallory"].account = replace(self.m["mallory"].account, signed=before.signed)
                self.draw("mallory", to, to, amount, 30)
                self.take(len(self.hands) - 1) if self.hands else None
                self.present(to, -1)

    @precondition(lambda self: self.had)
    @rule(at=places)
    def present_again(self, at: int) -> None:
        held = self.had[at % len(self.had)]
        account = self.m["mallory"].account
        item = Item(held.encode(), HELD, paper_of(held.body).until)
        self.m["mallory"].account = replace(account, items={**account.items, identity_of_body(held.body): item})
        self.m["mallory"].queue(held)

    @staticmethod
    def _open(held: Instrument) -> bool:
        return getattr(paper_of(held.body), "payee", b"") is None

    # --- the post

    @rule(by=names)
    def post(self, by: str) -> None:
        if self.m[by].account.letters or self.m[by].account.wishes or self.m[by].account.waiting:
            self.out.append(self.m[by].send())

    @precondition(lambda self: self.out)
    @rule(late=st.integers(0, 3))
    def carry(self, late: int) -> None:
        self.judge(self.out[-1 - late % len(self.out)])

    @precondition(lambda self: len(self.out) > 1)
    @rule(late=st.integers(0, 3))
    def carry_two(self, late: int) -> None:
        self.judge(self.out[-1 - late % len(self.out)], self.out[-1])

    def judge(self, *raws: bytes) -> None:
        people = {party.me: name for name, party in self.m.people.items()}
        self.back += [(people[party], raw) for party, raw in self.m.bank.post(*raws)]
        self.dirty = True

    @precondition(lambda self: self.back)
    @rule(late=st.integers(0, 3))
    def receive(self, late: int) -> None:
        name, raw = self.back[-1 - late % len(self.back)]
        self.read(name, raw)

    def read(self, name: str, raw: bytes) -> None:
        party = self.m[name]
        before = party.account.items.keys()
        news = party.receive(raw)
        for answered in news.answered:
            self.check_results(name, answered)
        for each in news.notices:
            self.check_notice(name, each)
        if name == "mallory":
            new = party.account.items.keys() - before
            self.had += [read_instrument(party.account.items[identity].instrument) for identity in new]

    @rule(by=names)
    def ask(self, by: str) -> None:
        """A round trip without mishap."""
        self.m[by].wish("getq")
        self.judge(self.m[by].send())
        self.read(*self.back[-1])

    @rule(days=st.integers(1, 25))
    def wait(self, days: int) -> None:
        self.m.bank.now += days * DAY

    # --- what must hold

    def check_results(self, name: str, answered: Answered) -> None:
        for written, result in zip(answered.written, answered.results, strict=True):
            order = written.order
            if not isinstance(order, DepositCheque | RedeemCertificate):
                continue
            key = order.drawer if isinstance(order, DepositCheque) else self.m.bank.signer.key
            chain = check_chain(order.instrument, key, self.bank)
            event(f"{order.TYPE}: {result.code.name}")
            if result.code is Refusal.DONE:
                self.paid[chain.identity] += 1
            self.check_code(name, chain, result.code)
            part = self.m[name].account.parts.get(result.part) if result.part else None
            if result.code is Refusal.USED and part is not None:
                self.check_proof(chain, evidence_of(part)[0], key)

    def check_code(self, name: str, chain: Chain, code: Refusal) -> None:
        """What honest people made is paid, but for what they could foresee: too late, stopped, an open cheque."""
        signers = {chain.signer(at) for at in range(len(chain.bodies))}
        if self.m["mallory"].me in signers:
            return
        allowed = {Refusal.DONE, Refusal.PAID, Refusal.DATES, Refusal.EXPIRED, Refusal.LATE, Refusal.NO_SPEND}
        if (chain.drawer, chain.paper.number) in self.stopped:
            allowed |= {Refusal.NUMBER}
        if self._open(chain.instrument):
            allowed |= {Refusal.USED}
        if chain.drawer == self.m[name].me:
            allowed |= {Refusal.PAYEE}
        if code is Refusal.NO_SPEND:
            assert chain.paper.until < self.m.bank.now, "it came back to its buyer before its end"
        assert code in allowed, f"{name} was refused honest value: {code.name}"

    def check_proof(self, chain: Chain, winner: Instrument, key: bytes) -> None:
        bank = self.m.bank.signer.key
        if isinstance(chain.paper, type(paper_of(winner.body))):
            book = next((b for name in EVERYBODY for b in self.m[name].account.books if self._of(b) == key), None)
            pair = [replace(each, chequebook=book if each.first else None) for each in (winner, chain.instrument)]
            if book is not None or chain.instrument.first is None:
                assert debtor(bank, *pair) in (self.m["mallory"].me, None), "an honest party is in the wrong"

    @staticmethod
    def _of(book: bytes) -> bytes:
        return bytes(trusted(book).body[1])

    def check_notice(self, name: str, notice: Notice) -> None:
        event(f"notice: {notice.kind}")
        if notice.kind == n.CLEARED:
            chain = check_offline_bare(notice, self.m[name])
            assert chain.identity in self.drawn[name], "charged for a cheque it did not draw"
        if notice.kind in (n.RECOVERED, n.LIEN):
            assert name == "mallory", "charged for what it did not sign twice"
        if notice.kind == n.RECOVERED:
            one, two = evidence_of(notice.sign(self.m.bank.signer))
            assert debtor(self.m.bank.signer.key, one, two) == self.m["mallory"].me
            self.recovered[identity_of_body(two.body)] += 1
        if notice.kind == n.CREDITED:
            self.paid[identity_of_body(evidence_of(notice.sign(self.m.bank.signer))[1].body)] += 1
        if notice.kind == n.BOUNCED:
            assert name == "mallory", "an honest drawer's cheque bounced"

    @invariant()
    def the_books_are_right(self) -> None:
        if self.dirty:
            self.m.check()
            self.dirty = False

    def teardown(self) -> None:
        if not hasattr(self, "m"):
            return
        for _ in range(4):
            for name in EVERYBODY:
                self.ask(name)
            self.m.treasurer.ask()
        self.m.check()
        assert all(not self.m[name].account.letters for name in EVERYBODY)
        for identity, times in self.paid.items():
            assert times <= 1 + self.recovered[identity], "paid twice, and not at the double signer's cost"
        for name in HONEST:
            assert self.m[name].account.usable(self.m.grain) >= 0
            assert not [each for each in self.m[name].account.waiting if each.kind != n.RECEIPT]


def check_offline_bare(notice: Notice, drawer: Party) -> Chain:
    """The cheque in a notice to its drawer."""
    instrument = read_instrument(notice.enclosed or b"")
    return check_chain(instrument, drawer.signer.key, notice.bank)


TestInstruments = Instruments.TestCase
TestInstruments.settings = settings(max_examples=60, stateful_step_count=40)


def test_two_presenters_of_an_open_cheque_convict_nobody() -> None:
    """Their chains part at the presenters' own endorsements: two signers, not one who signed twice (C2)."""
    m = market("alice", "bob", "carol")
    drawn = m["alice"].draw(None, m.grain, 10)
    one, two = (endorsed(drawn, m[name], m.bank.signer.key) for name in ("bob", "carol"))
    assert debtor(m.bank.signer.key, one, two) is None
    assert check_offline(one, m.bank.signer.key).signer(1) == m["bob"].me
