"""Mail to be measured, by the real wallet: letters of many deposits, and letters of a single spend or acceptance."""

from collections.abc import Sequence

from benches.towns import World
from town import Party


def deposits(world: World, people: Sequence[Party], each: int) -> list[bytes]:
    """A letter of so many deposits from each: cheques drawn by as many others, endorsed to the bank."""
    for at, payee in enumerate(people):
        for step in range(each):
            drawer = people[(at + 1 + step) % len(people)]
            cheque = drawer.draw(payee, world.grain, 1, start=world.bank.now)
            payee.take(cheque)
            payee.queue(cheque)
    return [party.send() for party in people]


def spends(world: World, people: Sequence[Party], each: int = 1) -> list[bytes]:
    """So many letters of one spend from each, in one envelope, to the next one."""
    for at, payer in enumerate(people):
        for _ in range(each):
            payer.pay(people[(at + 1) % len(people)], world.grain, 1)
            payer.write()
    return [party.seal(party.account.letters) for party in people]


def acceptances(people: Sequence[Party]) -> list[bytes]:
    """A letter from each that takes in what waits."""
    for each in people:
        each.accept_all()
    return [each.send() for each in people]


def hear_of_spends(world: World, people: Sequence[Party]) -> None:
    """The letters of ``spends`` are answered: everybody has been paid, and knows it."""
    world.settle(people)
    for party in people:
        party.wish("getq")
    world.settle(people)
