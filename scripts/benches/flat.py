"""Costs that must not grow: with parties, with open numbers, with transactions so far; and bytes kept per party.

A cost is processor time of this thread for opening, judging, committing (LMDB on disk, with sync) and sealing a letter
of one spend; files are left out. The two that are compared take turns within one run.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from time import thread_time

from benches.rows import Row, middle
from benches.towns import World, found_world, make_desk
from ledgerpost.bank.prepare import Prepared, prepare
from ledgerpost.bank.records import ACCOUNTS, account_key
from ledgerpost.desk.answers import seal
from ledgerpost.desk.office import Office, opened
from ledgerpost.sealed import Signer
from ledgerpost.terms import FINGERPRINT_SIZE
from town import START, Party

AHEAD = 7
"""Letters that each writes before it has an answer: as many rounds can be measured in one store."""

FULL = 8_000
"""Open numbers of a party that has many: a statement that may list 4,096 ranges holds 8,190 at most."""


@dataclass(frozen=True)
class Size:
    """Parties beside 1,000; transactions of each beside 10; people that write."""

    parties: int
    transactions: int
    people: int


QUICK, LONG = Size(100_000, 300, 40), Size(1_000_000, 5_000, 60)


def letters(world: World, people: Sequence[Party]) -> list[list[bytes]]:
    """Envelopes of one letter of one spend from each, round by round."""
    for at, payer in enumerate(people):
        for _ in range(AHEAD):
            payer.pay(people[(at + 1) % len(people)], world.grain, 1)
            payer.write()
    return [[each.seal((each.account.letters[at],)) for each in people] for at in range(AHEAD)]


def cost(office: Office, signer: Signer, envelopes: Sequence[bytes]) -> float:
    """Seconds of processor for each of them."""
    began = thread_time()
    ready = [prepare(raw, signer.seed, signer.fingerprint) for raw in envelopes]
    outcome = office.judge([each for each in ready if isinstance(each, Prepared)], signer, START)
    for reply in outcome.replies:
        seal(reply.messages, signer, reply.to, START)
    took = thread_time() - began
    if sum(reply.answered for reply in outcome.replies) != len(envelopes):
        raise AssertionError("not every letter was answered")
    return took / len(envelopes)


def compared(what: str, one: Office, other: Office, mails: tuple[list[list[bytes]], list[list[bytes]]]) -> Row:
    """Cost of letters of the second kind beside the first, round by round."""
    signer = one.seat.unlock(None)
    ratios = []
    for at, (some, others) in enumerate(zip(*mails, strict=True)):
        turns = [(0, one, some), (1, other, others)]
        took = [0.0, 0.0]
        for which, office, mail in turns if at % 2 else turns[::-1]:
            took[which] = cost(office, signer, mail)
        ratios.append(took[1] / took[0])
    return middle(what, ratios[1:], "times", most=1.15)


def parties(root: Path, size: Size) -> Iterator[Row]:
    """A store of 1,000 parties beside one of many. What fills it are copies of a real party's record."""
    world = found_world()
    people = world.join([f"p{at}" for at in range(size.people)], 1000)
    few, many = make_desk(root / "few", world.bank), make_desk(root / "many", world.bank)
    mail = letters(world, people)
    sample = world.bank.records[account_key(people[0].me)]
    with ExitStack() as stack:
        one, other = stack.enter_context(opened(few.seat)), stack.enter_context(opened(many.seat))
        pad(one, sample, 1_000 - size.people)
        pad(other, sample, size.parties - size.people)
        yield compared(f"cost of a letter with {size.parties:,} parties beside 1,000", one, other, (mail, mail))


def pad(office: Office, record: bytes, count: int) -> None:
    """So many more parties."""
    for first in range(0, count, 20_000):
        names = (
            blake2b(b"%d" % at, digest_size=FINGERPRINT_SIZE).digest()
            for at in range(first, min(first + 20_000, count))
        )
        office.fill({ACCOUNTS + name: record for name in names})


def numbers(root: Path, size: Size) -> Iterator[Row]:
    """Parties with 10 open numbers beside parties with thousands, in one store."""
    world = found_world()
    few = world.join([f"p{at}" for at in range(size.people)], 1000)
    many = world.join([f"q{at}" for at in range(size.people)], 1000, FULL - 20)
    desk = make_desk(root / "numbers", world.bank)
    mails = letters(world, few), letters(world, many)
    with opened(desk.seat) as office:
        yield compared(f"cost of a letter with {FULL:,} open numbers beside 20", office, office, mails)


def transactions(root: Path, size: Size) -> Iterator[Row]:
    """Parties that did much beside parties that did little, in one store; and what is kept of them."""
    world = found_world()
    young = world.join([f"p{at}" for at in range(size.people // 4)], 100_000)
    old = world.join([f"q{at}" for at in range(size.people // 4)], 100_000)
    trade(world, young, 10)
    trade(world, old, size.transactions)
    mails = letters(world, young), letters(world, old)
    desk = make_desk(root / "transactions", world.bank)
    what = f"after {size.transactions:,} transactions of each beside 10"
    with opened(desk.seat) as office:
        yield compared(f"cost of a letter {what}", office, office, mails)
    kept = [sum(_bytes(world, each) for each in group) / len(group) for group in (young, old)]
    yield Row("bytes kept of a party after 10 transactions", kept[0], "bytes")
    yield Row(f"bytes kept of a party {what}", kept[1] / kept[0], "times", 1.01)


def _bytes(world: World, party: Party) -> int:
    me: bytes = party.me
    return sum(len(raw) for key, raw in world.bank.records.items() if key.find(me) >= 0)


def trade(world: World, people: Sequence[Party], each: int) -> None:
    """Every one pays the next, who accepts, until all is taken in; in letters of up to 50 spends."""
    left = each
    while left:
        now = min(left, 50)
        left -= now
        for at, payer in enumerate(people):
            payer.wish("getsequence", amount=now, until=START + 60 * 86400)
            for _ in range(now):
                payer.pay(people[(at + 1) % len(people)], world.grain, 1)
        for _ in range(2):
            world.settle(people)
            for party in people:
                party.wish("getq")
        world.settle(people)
        for party in people:
            party.accept_all()
        for _ in range(2):
            world.settle(people)
            for party in people:
                party.wish("getq")
        world.settle(people)
        world.settle(people)
    for party in people:
        if party.account.statement.outstanding or party.account.waiting:
            raise AssertionError("something is not settled")


def rows(root: Path, size: Size) -> Iterator[Row]:
    """All of them."""
    os.makedirs(root, exist_ok=True)
    yield from parties(root, size)
    yield from numbers(root, size)
    yield from transactions(root, size)
