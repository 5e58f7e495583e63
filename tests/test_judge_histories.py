"""Honest histories, with lost letters and every kind of business: nobody is found against, whoever's files are judged.

``LEDGERPOST_HISTORIES`` sets how many are played; each is judged by all its files, and by random parts of them.
"""

import os
import random

import pytest

from ledgerpost.errors import Denied
from ledgerpost.judge.court import judge
from ledgerpost.papers.card import Card
from ledgerpost.papers.instrument import Instrument, read_instrument
from ledgerpost.papers.terms import DAY, Fee
from market import Market, market
from town import Party

HISTORIES = int(os.environ.get("LEDGERPOST_HISTORIES", "16"))
STEPS = 25
SUBSETS = 2


class History:
    """People who deal honestly by a post that loses things; ``files`` is whatever anybody ever held."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        names = ("alice", "bob", "carol")
        second = self.dice.choice(["refuse", "recover", "lien"])
        self.m: Market = market(*names, funds=300, second=second)
        if self.dice.random() < 0.5:
            fees = tuple(Fee(order, 1) for order in ("depositcheque", "spendto"))
            self.m.bank.set_terms(token=self.m.grain, fees=fees, second=second)
        self.people = [self.m[name] for name in names]
        self.given: list[tuple[Party, Instrument]] = []
        self.files: set[bytes] = {self.m.bank.card}
        for party in (*self.people, self.m.treasurer):
            self.files.add(Card(self.m.bank.signer.fingerprint, party.signer.key, party.name).sign(party.signer))
        self.look()

    def look(self) -> None:
        """Copy what every wallet holds now."""
        for party in (*self.people, self.m.treasurer):
            account = party.account
            self.files |= {*account.letters, *account.parts.values(), *account.notices.values()}
            self.files |= {*account.kept.values(), *account.books, *account.terms.values(), *account.signed.values()}
            self.files |= {account.receipt} if account.receipt else set()
            for item in account.items.values():
                self.files |= {item.instrument, *item.proof}

    def trip(self, party: Party) -> None:
        """A round trip; either way may be lost, the envelope may be doubled."""
        raw = party.send()
        if self.dice.random() < 0.15:
            return
        for back in self.m.bank.post(*[raw] * self.dice.choice([1, 1, 2])):
            if back[0] == party.me and self.dice.random() > 0.15:
                party.receive(back[1])

    def step(self) -> None:
        dice, m = self.dice, self.m
        one, other = dice.sample(self.people, 2)
        deed = dice.choice(
            ["pay", "decide", "decide", "draw", "draw", "deposit", "deposit", "buy", "hand on", "tidy", "time", "trip"]
        )
        if deed == "pay" and one.account.usable(m.grain) > 0:
            one.pay(other, m.grain, dice.randint(1, 120), days=dice.choice([1, 9]))
        if deed == "decide":
            one.wish("getq")
            dice.choice([one.accept_all, one.deny_all])()
        if deed == "draw":
            to = dice.choice([other, None])
            drawn = one.draw(to, m.grain, dice.randint(1, 80), days=dice.choice([1, 9]))
            self.given.append((other, drawn))
            other.take(drawn)
            if to is None:
                third = dice.choice(self.people)
                if third not in (one, other):
                    third.take(drawn)
                    self.given.append((third, drawn))
        if deed in ("deposit", "hand on") and self.given:
            holder, held = dice.choice(self.given)
            if deed == "deposit":
                holder.queue(held)
                one = holder
            else:
                to_whom = dice.choice([each for each in self.people if each is not holder])
                passed = holder.hand_on(held, to_whom)
                to_whom.take(passed)
                self.given.append((to_whom, passed))
        if deed == "buy" and one.account.usable(m.grain) > 50 and not one.account.letters:
            known = set(one.account.items)
            one.wish("spendto", asset=m.grain, amount=dice.randint(1, 50), until=m.bank.now + dice.choice([1, 9]) * DAY)
            self.trip(one)
            items = one.account.items.items()
            self.given += [(one, read_instrument(item.instrument)) for each, item in items if each not in known]
        if deed == "tidy":
            m.bank.tidy()
        if deed == "time":
            m.bank.now += dice.choice([3600, DAY, 5 * DAY])
        for party in (one, other):
            party.wish("getq")
            self.trip(party)
        self.look()

    def play(self) -> None:
        for _ in range(STEPS):
            try:
                self.step()
            except Denied:
                continue


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_nobody_honest_is_found_against(seed: int) -> None:
    history = History(seed)
    history.play()
    m = history.m
    files = sorted(history.files)
    for part in range(SUBSETS + 1):
        some = files if part == 0 else [raw for raw in files if history.dice.random() < 0.3 * part]
        history.dice.shuffle(some)
        verdict = judge([*some, b"rubbish", *(raw[:-1] + b"\0" for raw in some[:9])], m.bank.now + part * 40 * DAY)
        assert verdict.findings == ()
