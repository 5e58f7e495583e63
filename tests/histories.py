"""Random histories of honest business, by seed: people, their bank, and a post that loses, doubles and overtakes.

Everything goes through the real wallets and the real bank. What is *known* here, and what no judge sees, is the truth:
who owes whom by what the bank refused (``debts``), what was paid. Every document that anybody ever held is kept with
its holders and the step at which it was first seen, so that a test can lay any part of it before a judge.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from ledgerpost.bank.audit import Audit
from ledgerpost.errors import Cheating, Denied, LedgerpostError, Refusal
from ledgerpost.judge.verdict import Finding
from ledgerpost.papers.beside import indexed
from ledgerpost.papers.card import Card
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.instrument import Instrument, identity_of_body, paper_of, read_instrument
from ledgerpost.papers.issueasset import IssueAsset
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.order import Order
from ledgerpost.papers.orders import read_orders
from ledgerpost.papers.receipt import Answer
from ledgerpost.papers.redeemcertificate import RedeemCertificate
from ledgerpost.papers.sequence import Sequence
from ledgerpost.papers.takein import ConfirmClosedSpend
from ledgerpost.papers.terms import DAY, Fee
from ledgerpost.sealed import fingerprint, read, trusted
from ledgerpost.terms import Digest, Fingerprint
from ledgerpost.wallet.account import GIVEN, HELD, PAID, PRESENTED, REFUSED, Account, drawable
from ledgerpost.wallet.drawer import Draft, draw
from ledgerpost.wallet.reading import UsedElsewhere
from ledgerpost.wallet.release import release
from ledgerpost.wallet.writing import has_something_to_say, may_write
from town import Bank, Party, receipt_in

NAMES: Final = ("alice", "bob", "carol", "dora")
LIMIT: Final = 10**6
STEPS: Final = 40
FEES: Final = ("certificate", "depositcheque", "getsequence", "issueasset", "redeemcertificate", "spendto")


class Debt(NamedTuple):
    """What somebody truly owes: a cheque that the honest bank refused for its drawer's account."""

    debtor: Fingerprint
    creditor: Fingerprint
    asset: Digest
    amount: int


@dataclass
class Kept:
    """A document: the step at which it was first seen, and who had it."""

    step: int
    holders: set[str] = field(default_factory=set)


class Files:
    """Every document of a history, and who held it since when."""

    def __init__(self) -> None:
        self.kept: dict[bytes, Kept] = {}

    def add(self, holder: str, step: int, *raws: bytes) -> None:
        for raw in raws:
            self.kept.setdefault(raw, Kept(step)).holders.add(holder)

    def of(self, *holders: str) -> list[bytes]:
        return [raw for raw, kept in self.kept.items() if kept.holders & {*holders}]

    def between(self, first: int, last: int) -> list[bytes]:
        return [raw for raw, kept in self.kept.items() if first <= kept.step <= last]


class History:
    """A bank and its people; ``play`` lets them deal. Deterministic: the seed says everything.

    ``careful``: nobody draws beyond what there is, or stops what is out, so that nobody honest ever owes anything.
    """

    def __init__(self, seed: int, *, careful: bool = False, steps: int = STEPS) -> None:
        self.seed, self.careful, self.steps = seed, careful, steps
        self.dice = random.Random(seed)
        self.at = 0
        self.bank = self._founded()
        self.people = {name: self._party(name) for name in ("treasurer", *NAMES)}
        self.newcomer = self._party("erin")
        self.files = self._files()
        self.debts: dict[Debt, Digest] = {}
        self.paid: set[Digest] = set()
        self.released: set[tuple[Fingerprint, Digest]] = set()
        self.happened: Counter[str] = Counter()
        self.faults: list[str] = []
        self.plots: list[list[bytes]] = []
        self.backups: dict[str, Account] = {}
        self.outbox: list[tuple[Party, bytes]] = []
        self.inbox: list[tuple[Party, bytes]] = []
        self.old: list[tuple[Party, bytes]] = []
        self._logged: set[Answer] = set()
        self._restored: dict[str, frozenset[Digest]] = {}
        self._drawn: dict[str, list[bytes]] = {}
        self._begin()

    # --- the beginning

    def _founded(self) -> Bank:
        return Bank(f"bank {self.seed}", watched=False)

    def _party(self, name: str) -> Party:
        return Party(name, self.bank)

    def _files(self) -> Files:
        return Files()

    def _begin(self) -> None:
        """Terms, two assets, an account and some of each for everybody."""
        self._set_terms(fees=False)
        issuer = self.people["treasurer"]
        issuer.open()
        self.grain = issuer.issue("grain", limit=LIMIT)
        self._now(issuer)
        for name in NAMES:
            self.people[name].open()
            if name == "alice":
                self.wood = self.people[name].issue("wood", limit=LIMIT)
            self._now(self.people[name])
            issuer.pay(self.people[name], self.grain, self.dice.randint(100, 400))
            if name != "alice" and self.dice.random() < 0.5:
                self.people["alice"].pay(self.people[name], self.wood, self.dice.randint(20, 200))
                self._now(self.people["alice"])
        self._now(issuer)
        for name in NAMES:
            self.people[name].wish("getq")
            self._now(self.people[name])
            self.people[name].accept_all()
            self._now(self.people[name])
        self._set_terms(fees=self.dice.random() < 0.6)

    @property
    def assets(self) -> tuple[Digest, Digest]:
        return self.grain, self.wood

    def _set_terms(self, *, fees: bool) -> None:
        dice = self.dice
        rows = tuple(Fee(order, dice.randint(1, 3)) for order in FEES if dice.random() < 0.5) if fees else ()
        self.bank.set_terms(
            token=self.grain if fees else None,
            fees=rows,
            grace=dice.choice([2, 9, 20, 60, 60]) * DAY,
            letter_life=dice.choice([2, 10, 60, 60]) * DAY,
            spend_life=dice.choice([20, 180]) * DAY,
            number_life=dice.choice([20, 60, 730]) * DAY,
            most_numbers=dice.choice([50, 10_000]),
            most_outstanding=dice.choice([4, 1000]),
            share=dice.choice([2, 100]),
            longest=dice.choice([2, 3, 16]),
            second=dice.choice(["refuse", "recover", "lien"]),
        )

    def _now(self, party: Party) -> None:
        """A round trip without mishap."""
        party.send()
        for to, raw in self._answer((party, party.seal(party.account.letters))):
            self._receive(to, raw)

    # --- the post

    def write(self, party: Party) -> None:
        """One letter more if there is something to say; all that have no receipt go off in one envelope."""
        if may_write(party.account) and has_something_to_say(party.account):
            party.write()
        if party.account.letters:
            self.outbox.append((party, party.seal(party.account.letters)))

    def carry(self) -> None:
        """Some of what was sent reaches the bank in one batch: in any order, lost, doubled, or once more."""
        dice = self.dice
        dice.shuffle(self.outbox)
        going = [self.outbox.pop() for _ in range(min(len(self.outbox), dice.randint(1, 6)))]
        batch = [each for each in going if dice.random() > 0.12]
        batch += [each for each in batch if dice.random() < 0.15]
        if self.old and dice.random() < 0.2:
            batch.append(dice.choice(self.old))
        self.old = (self.old + going)[-20:]
        if batch:
            self.inbox += self._answer(*batch)

    def _answer(self, *batch: tuple[Party, bytes]) -> list[tuple[Party, bytes]]:
        everybody = {party.me: party for party in self.everybody()}
        self.look(*(party for party, _ in batch))
        replies = self.post(*(raw for _, raw in batch))
        for party in {party.name: party for party, _ in batch}.values():
            self._log(party)
        return [(everybody[to], raw) for to, raw in replies if to in everybody]

    def post(self, *raws: bytes) -> list[tuple[Fingerprint, bytes]]:
        """The bank's answers to one batch."""
        return self.bank.post(*raws)

    def deliver(self) -> None:
        """Some answers arrive: in any order, lost, doubled."""
        dice = self.dice
        dice.shuffle(self.inbox)
        for _ in range(min(len(self.inbox), dice.randint(2, 7))):
            party, raw = self.inbox.pop()
            for _ in range(dice.choice([0, 1, 1, 1, 1, 1, 1, 2])):
                self._receive(party, raw)
            if dice.random() < 0.1:
                self.inbox.append((party, raw))

    def _receive(self, party: Party, raw: bytes) -> None:
        try:
            news = party.receive(raw)
        except UsedElsewhere:  # an envelope from before a restore was overtaken: the owner restores once more
            self.restore(party, party.account)
        except Cheating as error:
            self.contradicted(party, error)
        except LedgerpostError:
            pass  # something stands elsewhere: the next answer brings everything
        else:
            for notice in news.notices:
                self.happened[f"notice {notice.kind}"] += 1
        self.look(party)

    def contradicted(self, party: Party, error: Cheating) -> None:
        """A wallet that finds its honest bank cheating is wrong."""
        self.faults.append(f"{party.name} at step {self.at}: {error}")

    def everybody(self) -> Iterator[Party]:
        yield from self.people.values()

    # --- what is known

    def _log(self, party: Party) -> None:
        """The truth, from the bank's own books: which orders were done, and why others were not."""
        try:
            page = self.bank.page(party.me)
        except AssertionError:  # no account yet
            return
        receipt, parts = receipt_in(page.receipt), indexed(page.parts)
        for answer in receipt.answers:
            if answer in self._logged:
                continue
            self._logged.add(answer)  # after a loss a letter may be answered otherwise (L11)
            letter = Letter.read(trusted(parts[answer.letter]).body)
            for written, result in zip(read_orders(letter, party.signer.key), answer.results, strict=True):
                self.happened[f"code {result.code.name}"] += 1
                if isinstance(written.order, Order):
                    self.happened[f"order {written.order.TYPE}"] += 1
                    self._note(party, written.order, result.code)

    def _note(self, party: Party, order: Order, code: Refusal) -> None:
        if isinstance(order, DepositCheque | RedeemCertificate):
            name = identity_of_body(order.signed)
            if code is Refusal.DONE:
                self.paid.add(name)
            elif code in (Refusal.NUMBER, Refusal.FUNDS) and isinstance(order, DepositCheque):
                self.debts[Debt(fingerprint(order.drawer), party.me, order.asset, order.amount)] = name

    def look(self, *parties: Party) -> None:
        """Copy what these wallets hold now."""
        for party in parties or tuple(self.everybody()):
            account = party.account
            self.files.add(party.name, self.at, *account.letters, *account.parts.values(), *account.notices.values())
            self.files.add(party.name, self.at, *account.kept.values(), *account.books, *account.terms.values())
            self.files.add(party.name, self.at, *account.signed.values(), *party.contracts.values())
            for raw in (account.receipt, account.declared):
                self.files.add(party.name, self.at, *([raw] if raw else []))
            for item in account.items.values():
                self.files.add(party.name, self.at, item.instrument, *item.proof)

    def cards(self) -> list[bytes]:
        """The bank's and everybody's."""
        bank = self.bank.signer.fingerprint
        made = [Card(bank, each.signer.key, each.name).sign(each.signer) for each in (*self.everybody(), self.newcomer)]
        return [self.bank.card, *made]

    def honest(self) -> set[Fingerprint]:
        """Who may never be found against but for a true debt."""
        return {self.bank.signer.fingerprint, self.newcomer.me, *(party.me for party in self.everybody())}

    def wrong(self, findings: tuple[Finding, ...], files: frozenset[bytes], now: int) -> list[Finding]:
        """Those of the findings that are false. With every file at hand, what was paid or released is owed no more."""
        whole = files >= self.files.kept.keys()
        return [each for each in findings if each.debtor in self.honest() and not self._owed(each, now, whole=whole)]

    def _owed(self, finding: Finding, now: int, *, whole: bool) -> bool:
        if finding.creditor is None or finding.asset is None or finding.rule != "C2":
            return False
        paper = self.debts.get(Debt(finding.debtor, finding.creditor, finding.asset, finding.amount))
        over = paper in self.paid or (finding.creditor, paper) in self.released
        return paper is not None and not (whole and over)

    # --- dealing

    def play(self) -> "History":
        """All steps; then everybody looks once more."""
        for at in range(1, self.steps + 1):
            self.at = at
            for _ in range(3):
                self.try_deed()
            self.turn()
        self.at += 1
        self.look()
        return self

    def try_deed(self) -> None:
        """A deed, if the wallets concerned allow it."""
        with suppress(Denied):
            self.deed()

    def turn(self) -> None:
        """Some write, some post moves, and time passes now and then."""
        for party in self.dice.sample(list(self.everybody()), 3):
            if self.dice.random() < 0.3:
                party.wish("getq")
            self.write(party)
        self.carry()
        self.deliver()
        if self.dice.random() < 0.25:
            self.bank.now += self.dice.choice([60, 60, 3600, 3600, DAY, DAY, 2 * DAY, 5 * DAY, 25 * DAY])

    def deed(self) -> None:
        """One thing that somebody honest does."""
        one, other = self.dice.sample(list(self.everybody()), 2)
        name = self.dice.choices([*DEEDS], [weight for weight, _ in DEEDS.values()])[0]
        DEEDS[name][1](self, one, other)

    def free(self, party: Party, asset: Digest) -> int:
        """What an honest owner knows to be free: without cheques that a restored wallet has forgotten."""
        credit = LIMIT if (party.name, asset) in (("treasurer", self.grain), ("alice", self.wood)) else 0
        papers = {each: paper_of(each) for each in self._drawn.get(party.name, [])}
        known = {*party.account.signed.values()}
        lost = sum(paper.amount for raw, paper in papers.items() if raw not in known and paper.asset == asset)
        rests = party.account.sure(asset) if self.careful else party.account.usable(asset)
        return rests + credit - lost

    def mine(self, party: Party, *states: str) -> list[Instrument]:
        """What the owner knows to have in that state: of what a backup says, not all is true any more (L9)."""
        held = (read_instrument(item.instrument) for item in party.account.items.values() if item.state in states)
        return [each for each in held if not self.doubts(party, each)]

    def doubts(self, party: Party, instrument: Instrument) -> bool:
        """Whether the owner had it before its wallet was lost, and may have signed it over then."""
        return identity_of_body(instrument.body) in self._restored.get(party.name, frozenset())

    def present(self, party: Party, instrument: Instrument) -> None:
        """As its owner does who was just handed it, maybe once more."""
        if not self.doubts(party, instrument):
            party.queue(instrument)

    def restore(self, party: Party, backup: Account) -> None:
        """The wallet is lost, and comes back as it was at some time before (L9)."""
        doubtful = self._restored.get(party.name, frozenset())
        self._restored[party.name] = doubtful | backup.items.keys() | party.account.items.keys()
        party.account = replace(backup, fresh=frozenset(), wishes=())


# --- deeds


def _pay(h: History, one: Party, other: Party) -> None:
    for _ in range(h.dice.choice([1, 1, 1, 1, 4])):
        _pay_once(h, one, other)


def _pay_once(h: History, one: Party, other: Party) -> None:
    asset, to = h.dice.choice(h.assets), h.dice.choice([other, other, other, other, h.newcomer])
    most = h.free(one, asset)
    if most > 0 or not h.careful:
        amount = h.dice.randint(1, min(most, 120)) if most > 0 and h.dice.random() > 0.06 else h.dice.randint(1, 900)
        if not h.careful or amount <= most:
            one.pay(to, asset, amount, days=h.dice.choice([0, 1, 9, 30]))


def _cancel(h: History, one: Party, other: Party) -> None:
    spends = [each for each in one.account.coming.outstanding if each.payee]
    if spends:
        one.wish("cancelspend", number=h.dice.choice(spends).number)


def _decide(h: History, one: Party, other: Party) -> None:
    one.wish("getq")
    h.dice.choice([one.accept_all, one.accept_all, one.deny_all])()


def _draw(h: History, one: Party, other: Party) -> None:
    dice, asset = h.dice, h.dice.choice(h.assets)
    to = dice.choice([other, other, None])
    late = dice.random() < 0.15
    start = one.now + dice.choice([1, 5]) * DAY if late else 0
    until = one.now + dice.choice([1, 3, 9, 9, 30]) * DAY + (6 * DAY if late else 0)
    careless = not h.careful and dice.random() < 0.1
    most = h.free(one, asset) + (500 if careless else 0)
    amount = dice.randint(1, 80)
    if amount > most:
        return
    credit = max(0, most - one.account.sure(asset))
    if h.careful and one.account.sure(asset) + (LIMIT if credit > LIMIT // 2 else 0) < amount:
        return
    draft = Draft(to.me if to else None, asset, amount, start, until)
    one.account, drawn = draw(one.account, one.signer, one.now, draft, credit)
    h._drawn.setdefault(one.name, []).append(drawn.body)
    h.files.add(one.name, h.at, drawn.encode())
    other.take(drawn)
    if to is None:
        for taker in h.everybody():
            if dice.random() < 0.3:
                taker.take(drawn)


def _stop(h: History, one: Party, other: Party) -> None:
    """Numbers never drawn on, those of cheques that ended; and, carelessly, one that is out."""
    state, now = one.account.coming, max(one.now, one.account.time)
    drawn = {paper_of(raw).number: paper_of(raw).until for raw in h._drawn.get(one.name, [])}
    out = [] if h.careful else [number for number in drawn if state.block_of(number)]
    over = [number for number, until in drawn.items() if until < now and state.block_of(number)]
    fresh = [number for number in drawable(one.account, state) if number not in drawn][-3:]
    numbers = out if out and h.dice.random() < 0.3 else [*over, *fresh]
    if numbers:
        one.wish("stopcheque", number=h.dice.choice(numbers), amount=1)


def _hand_on(h: History, one: Party, other: Party) -> None:
    for held in h.dice.sample(h.mine(one, HELD), k=min(1, len(h.mine(one, HELD)))):
        other.take(one.hand_on(held, other))


def _hand_again(h: History, one: Party, other: Party) -> None:
    """Signing one endorsement twice does no harm (B2)."""
    for given in h.mine(one, GIVEN):
        taker = next((each for each in h.everybody() if each.signer.key == given.endorsements[-1][:32]), None)
        if taker is not None:
            h.files.add(taker.name, h.at, one.hand_on(given, taker).encode())


def _present(h: History, one: Party, other: Party) -> None:
    for held in h.mine(one, HELD, HELD, REFUSED, PRESENTED):
        if h.dice.random() < 0.6:
            with suppress(Denied):
                one.queue(held)


def _present_again(h: History, one: Party, other: Party) -> None:
    """At its owner's word a restored wallet presents what it may have presented before: the same chain again (L9)."""
    for key in sorted(h._restored.get(one.name, ())):
        item = one.account.items.get(key)
        earlier = [each for each in h.files.of(one.name) if _presented_by(h, one, each, key)]
        if item is not None and earlier:
            instrument = read_instrument(item.instrument)
            if item.state == HELD and instrument.endorsements == read_instrument(earlier[0]).endorsements[:-1]:
                one.queue(instrument)


def _presented_by(h: History, party: Party, raw: bytes, key: Digest) -> bool:
    if raw[:1] != b"\x84":
        return False
    given = read_instrument(raw)
    ends = bool(given.endorsements) and given.endorsements[-1][:32] == h.bank.signer.key
    return ends and identity_of_body(given.body) == key


def _buy(h: History, one: Party, other: Party) -> None:
    asset = h.dice.choice(h.assets)
    most = h.free(one, asset)
    if most > 0:
        until = one.now + h.dice.choice([1, 9, 15]) * DAY
        one.wish("spendto", asset=asset, amount=h.dice.randint(1, min(most, 60)), until=until)


def _ask(h: History, one: Party, other: Party) -> None:
    one.wish(h.dice.choice(["getconfirmedbalance", "getconfirmedoutstandingspends", "getq"]), asset=h.grain)


def _numbers(h: History, one: Party, other: Party) -> None:
    until = one.now + h.dice.choice([1, 10, 30, 300]) * DAY
    one.wish("getsequence", amount=h.dice.choice([1, 5, 20, 45]), until=until)


def _write_ahead(h: History, one: Party, other: Party) -> None:
    for _ in range(h.dice.randint(1, 5)):
        one.wish("getq")
        h.write(one)
        if h.dice.random() < 0.5:
            h.try_deed()


def _issue(h: History, one: Party, other: Party) -> None:
    """A contract handed in once more; or a new asset, at once spent and drawn on."""
    if h.dice.random() < 0.4 and one.contracts:
        one.wish("issueasset", raw=h.dice.choice(sorted(one.contracts.values())))
        return
    asset = one.issue(f"{one.name}'s {h.at}", limit=1000)
    one.pay(other, asset, 5)
    if not h.careful or h.dice.random() < 0.5:
        draft = Draft(other.me, asset, 7, 0, one.now + 9 * DAY)
        one.account, drawn = draw(one.account, one.signer, one.now, draft, 1000)
        other.take(drawn)
    if h.dice.random() < 0.3:
        left = tuple(each for each in one.account.wishes if each.order != IssueAsset.TYPE)
        one.account = replace(one.account, wishes=left)


def _join(h: History, one: Party, other: Party) -> None:
    """The newcomer opens, naming some of the spends that wait for it (O3)."""
    if h.newcomer.name in h.people:
        return
    rows = [
        (each.me, spend.number, spend.asset, spend.amount)
        for each in h.everybody()
        for spend in each.account.statement.outstanding
        if spend.payee == h.newcomer.me
    ]
    h.newcomer.open(*(row for row in rows if h.dice.random() < 0.7))
    h.people[h.newcomer.name] = h.newcomer
    h.write(h.newcomer)


def _back_up(h: History, one: Party, other: Party) -> None:
    h.backups[one.name] = one.account


def _restore(h: History, one: Party, other: Party) -> None:
    if one.name in h.backups:
        h.restore(one, h.backups[one.name])


def _release(h: History, one: Party, other: Party) -> None:
    """Who was paid in another way gives up a claim (12.9)."""
    for held in h.mine(one, REFUSED):
        paper, name = paper_of(held.body), identity_of_body(held.body)
        if isinstance(paper, Cheque):
            drawer = read(held.body).signer
            one.account, raw = release(one.account, one.signer, name, drawer, "paid in corn")
            h.files.add(one.name, h.at, raw)
            h.released.add((one.me, name))  # it ends the claim of whoever signs it, and nobody else's


def _tidy(h: History, one: Party, other: Party) -> None:
    h.bank.tidy()


def _odd(h: History, one: Party, other: Party) -> None:
    """A wallet of another make: orders this bank does not know, or in a form it does not read; and guesses (L4)."""
    if one.account.letters or one.account.fresh is not None:
        return
    orders: list[Order | bytes] = [b"\x81\x68dropcoin", b"\x81\x66spendto", b"\xff"]
    orders += [raw for raw in one.account.signed.values() if read(raw).type == "spendto"][:1]
    for span in one.account.statement.taken[:1]:
        orders.append(ConfirmClosedSpend(span.first, 1, h.grain, 1))
    for held in h.mine(one, PRESENTED, PAID, REFUSED)[:1]:
        paper = paper_of(held.body)
        if isinstance(paper, Cheque) and held.first and held.chequebook:
            key = Sequence.read(trusted(held.chequebook).body).key
            cut = (paper.number, paper.asset, paper.amount + 1)
            orders.append(DepositCheque(held.body, key, held.first, held.endorsements, *cut))
    raw = one.by_hand(*orders, nonce=h.dice.randbytes(16))
    one.account = replace(one.account, letters=(raw,))
    h.write(one)


DEEDS: Final[dict[str, tuple[int, Callable[[History, Party, Party], None]]]] = {
    "pay": (10, _pay),
    "cancel": (4, _cancel),
    "decide": (10, _decide),
    "draw": (14, _draw),
    "stop": (3, _stop),
    "hand on": (8, _hand_on),
    "hand again": (1, _hand_again),
    "present": (16, _present),
    "present again": (9, _present_again),
    "buy": (6, _buy),
    "ask": (2, _ask),
    "numbers": (2, _numbers),
    "write ahead": (3, _write_ahead),
    "issue": (1, _issue),
    "join": (2, _join),
    "back up": (5, _back_up),
    "restore": (3, _restore),
    "release": (1, _release),
    "odd": (1, _odd),
    "tidy": (1, _tidy),
    "terms": (2, lambda h, one, other: h._set_terms(fees=h.dice.random() < 0.6)),
}
"""What honest people do, and how often."""


def audit(history: History) -> Audit:
    """The bank's own audit, which must find nothing where bank and books are honest (O6)."""
    return history.bank.audit()
