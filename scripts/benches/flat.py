"""Costs that must not grow: with parties, open numbers, transactions, notices that wait; and bytes kept per party.

A cost is processor time of this thread for opening, judging, committing (LMDB on disk, with sync) and sealing letters;
files are left out. The two that are compared take turns within one run, and are told the answers in between, which is
not counted. What is compared was carried out by the bank over the same kind of store; copied are only the records that
fill a store with many parties.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2b
from pathlib import Path
from time import thread_time

from benches.rows import Row, middle
from benches.scribe import Scribe, agree, post, told, trade
from benches.towns import Desk, bank_on_disk, found_world
from ledgerpost.bank.keys import ACCOUNTS, BESIDE, account_key, beside_key
from ledgerpost.bank.prepare import Prepared, prepare
from ledgerpost.desk.answers import seal
from ledgerpost.desk.office import Office
from ledgerpost.papers.getsequence import GetSequence
from ledgerpost.papers.order import Order
from ledgerpost.papers.questions import GetQ
from ledgerpost.papers.stopcheque import StopCheque
from ledgerpost.papers.terms import DAY
from ledgerpost.sealed import Signer
from ledgerpost.statement import MAX_RANGES, Span
from ledgerpost.terms import FINGERPRINT_SIZE, Digest
from town import START, Bank

ROUNDS = 15
"""Of which the first is not counted."""

MANY_ROUNDS = 4 * ROUNDS
"""Where no store fills up with what they bring."""

FEW, FULL = 10, 2 * MAX_RANGES
"""Open numbers: the most that fit a statement however they close (``Statement.fits``), though terms allow 10,000."""

STOPS = 256
"""Ranges in one order that stops numbers."""

LETTER = 60
"""Spends and cheques, of each so many, in one letter: as many as fit."""

BUSY = 4_000
"""Notices that wait for a drawer."""


@dataclass(frozen=True)
class Size:
    """Parties beside 1,000; payments of each beside 10; people that write; drawers with notices."""

    parties: int
    payments: int
    people: int
    drawers: int


QUICK, LONG = Size(100_000, 2_000, 40, 2), Size(1_000_000, 100_000, 60, 4)

Orders = Callable[[int], Sequence[Order]]
"""What the one at that place among the writers asks for."""


@dataclass
class Side:
    """Those whose letters are measured: one from each in every round."""

    office: Office
    people: Sequence[Scribe]
    orders: Orders

    def write(self) -> list[bytes]:
        """Their envelopes."""
        return [each.send(*self.orders(at)) for at, each in enumerate(self.people)]


def cost(office: Office, signer: Signer, envelopes: Sequence[bytes], now: int) -> float:
    """Seconds of processor for each of them."""
    began = thread_time()
    ready = [prepare(raw, signer.seed, signer.fingerprint) for raw in envelopes]
    outcome = office.judge([each for each in ready if isinstance(each, Prepared)], signer, now)
    for reply in outcome.replies:
        seal(reply.messages, signer, reply.to, START)
    took = thread_time() - began
    told(outcome, len(envelopes))
    return took / len(envelopes)


def compared(what: str, one: Side, other: Side, *, most: float | None = 1.15, rounds: int = ROUNDS) -> Row:
    """Cost of letters of the second side beside the first, round by round."""
    signer = one.office.seat.unlock(None)
    ratios = []
    for at in range(rounds):
        took = {}
        for side in (one, other) if at % 2 else (other, one):
            took[id(side)] = cost(side.office, signer, side.write(), side.people[0].bank.now)
            for each in side.people:
                each.heard()
        ratios.append(took[id(other)] / took[id(one)])
    for each in (*one.people, *other.people):
        agree(each)
    return middle(what, ratios[1:], "times", most=most)


def ring(people: Sequence[Scribe], asset: Digest) -> Orders:
    """Each pays the next one unit."""
    return lambda at: [people[at].pay(people[(at + 1) % len(people)], asset)]


def join(bank: Bank, *groups: tuple[str, int]) -> tuple[Digest, list[list[Scribe]]]:
    """An asset; and so many people of each name, with money and no open number."""
    world = found_world(bank)
    made = [
        [Scribe.of(each) for each in world.join([f"{name}{at}" for at in range(count)], 10**6)]
        for name, count in groups
    ]
    post(bank, [(each, [_stop(each)]) for group in made for each in group])
    return world.grain, made


def _stop(scribe: Scribe) -> StopCheque:
    return StopCheque(scribe.at, scribe.seq, tuple(Span(each.first, each.last) for each in scribe.statement.numbers))


# --- parties


def parties(root: Path, size: Size) -> Iterator[Row]:
    """A store of 1,000 parties beside one of many. What fills it are copies of a real party's record."""
    with bank_on_disk(root / "few") as (_, bank):
        asset, [people] = join(bank, ("p", size.people))
        post(bank, [(each, [each.numbers(MANY_ROUNDS)]) for each in people])
        sample = {ACCOUNTS: bank.records[account_key(people[0].me)], BESIDE: bank.records[beside_key(people[0].me)]}
    seats = Desk(root / "few").seat, Desk(root / "few").copy(root / "many").seat
    with ExitStack() as stack:
        sides = []
        for seat, count in zip(seats, (1_000, size.parties), strict=True):
            store = stack.enter_context(closing(seat.store()))
            here = Bank(store=store, watched=False)
            office, copies = Office(seat, store), [replace(each, bank=here) for each in people]
            pad(office, sample, count - size.people)
            sides.append(Side(office, copies, ring(copies, asset)))
        yield compared(f"cost of a letter with {size.parties:,} parties beside 1,000", *sides, rounds=MANY_ROUNDS)


def pad(office: Office, sample: dict[bytes, bytes], count: int) -> None:
    """So many more parties, whose names fall anywhere among the others."""
    for first in range(0, count, 20_000):
        names = (
            blake2b(b"%d" % at, digest_size=FINGERPRINT_SIZE).digest()
            for at in range(first, min(first + 20_000, count))
        )
        office.fill({kind + name: record for name in names for kind, record in sample.items()})


# --- open numbers


def numbers(root: Path, size: Size) -> Iterator[Row]:
    """Parties with 10 open numbers, on the mean, beside parties with as many as may be: in one range, and in most."""
    with bank_on_disk(root / "numbers") as (office, bank):
        asset, groups = join(bank, ("p", size.people), ("q", size.people), ("r", max(size.people // 8, 2)))
        few, many, torn = (Side(office, each, ring(each, asset)) for each in groups)
        post(bank, [(each, [each.numbers(FULL)]) for each in many.people])
        for each in torn.people:
            post(bank, [(each, [each.numbers(FULL)])])
            post(bank, [(each, every_second(each))])
        for side, what in ((many, f"{FULL:,} open numbers"), (torn, f"{FULL // 2:,} open numbers, every second one,")):
            post(bank, [(each, [each.numbers(FEW + ROUNDS // 2)]) for each in few.people])
            yield compared(f"cost of a letter with {what} beside {FEW}", few, side)
            post(bank, [(each, [_stop(each)]) for each in few.people])


def every_second(scribe: Scribe) -> list[StopCheque]:
    """Orders that close every second number of one block."""
    [block] = scribe.statement.numbers
    spans = [Span(number, number) for number in range(block.first + 1, block.last + 1, 2)]
    return [StopCheque(scribe.at, scribe.seq, tuple(spans[at : at + STOPS])) for at in range(0, len(spans), STOPS)]


# --- transactions so far


def transactions(root: Path, size: Size) -> Iterator[Row]:
    """Two that paid each other much beside two that paid little, in one store; and what is kept of them on the way.

    A payment is a spend accepted or a cheque cleared, in equal parts, of one to the other; each is paid as often. Every
    cheque is past its end and grace, and its record let go, whenever bytes are counted.
    """
    with bank_on_disk(root / "transactions") as (office, bank):
        asset, [old, young] = join(bank, ("p", 2), ("q", 2))
        kept, did = [], 0
        marks = (10, 1_000, size.payments)
        for mark in marks:
            work(old, asset, mark - did)
            did = mark
            kept.append(sum(_bytes(bank, each) for each in old) / len(old))
        work(young, asset, 10)
        post(bank, [(each, [each.numbers(MANY_ROUNDS)]) for each in (*young, *old)])
        sides = [Side(office, each, ring(each, asset)) for each in (young, old)]
        what = "payments made by each, and as many got"
        yield compared(f"cost of a letter after {did:,} {what}, beside 10", *sides, rounds=MANY_ROUNDS)
    yield Row(f"bytes kept of a party after 10 {what}", kept[0], "bytes")
    for mark, bytes_ in zip(marks[1:], kept[1:], strict=True):
        yield Row(f"  after {mark:,}: within 1 % of that", bytes_, "bytes", round(1.01 * kept[0]))


def work(pair: Sequence[Scribe], asset: Digest, payments: int) -> None:
    """So many payments of each to the other; then time passes until nothing of them is kept but what they changed."""
    one, other = pair
    bank = one.bank
    while payments:
        now = min(payments, 2 * LETTER)
        trade(one, other, asset, now // 2, now - now // 2)
        payments -= now
        bank.now += DAY
        bank.tidy()
    bank.now += bank.terms.grace + 2 * DAY
    for _ in range(2):  # the second has the first one's answer for its base
        post(bank, [(each, [GetQ()]) for each in pair])
    bank.tidy()
    for each in pair:
        agree(each)


def _bytes(bank: Bank, party: Scribe) -> int:
    me: bytes = party.me
    return sum(len(raw) for key, raw in bank.records.items() if key.find(me) >= 0)


# --- notices that wait


def notices(root: Path, size: Size) -> Iterator[Row]:
    """Drawers for whom 10 and some thousand cleared cheques wait: clearing one more, and their own next letter."""
    with bank_on_disk(root / "notices") as (office, bank):
        count = size.drawers
        asset, [payees, few, many] = join(bank, ("p", count), ("q", count), ("r", count))
        post(bank, [(each, [GetSequence(BUSY + 100, bank.now + 60 * DAY)]) for each in (*few, *many)])
        drawn = {each.name: each.statement.numbers[0].first for each in (*few, *many)}

        def deposits(drawers: Sequence[Scribe], at: int, some: int) -> list[Order]:
            first = drawn[drawers[at].name]
            drawn[drawers[at].name] += some
            return [drawers[at].draw(payees[at], asset, first + step) for step in range(some)]

        for drawers, waiting in ((few, 10), (many, BUSY)):
            for first in range(0, waiting, 100):
                some = min(100, waiting - first)
                post(bank, [(each, deposits(drawers, at, some)) for at, each in enumerate(payees)])
        what = f"{BUSY:,} notices that wait for its drawer, beside 10"
        sides = [Side(office, payees, partial(deposits, group, some=1)) for group in (few, many)]
        yield compared(f"cost of a letter with one cheque, with {what}", *sides)
        sides = [Side(office, group, lambda at: [GetQ()]) for group in (few, many)]
        yield compared(
            f"cost of a letter of the drawer's own, which all of them answer, with {what}", *sides, most=None
        )


def rows(root: Path, size: Size) -> Iterator[Row]:
    """All of them."""
    os.makedirs(root, exist_ok=True)
    for each in (parties, numbers, transactions, notices):
        yield from each(root, size)
