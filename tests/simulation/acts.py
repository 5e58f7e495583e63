"""What may happen in a simulated town, and how often: business, trips, cheating, mishaps. One thing at each step."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

from ledgerpost.carriers.port import Carrier
from ledgerpost.errors import Denied, LedgerpostError, PlaceError
from ledgerpost.papers.terms import DAY
from ledgerpost.spelling import spell_fingerprint
from simulation.cheats import CHEATS, Cheat
from simulation.country import Country
from simulation.ledger import must
from simulation.mortal import Hand, Killed
from simulation.people import Device, TownBank, failing
from simulation.quarter import Quarter
from simulation.returns import RETURNS

WHOLE: Final = 64
"""Steps between two looks at whole stores."""


def step(country: Country) -> None:
    """Something happens somewhere."""
    country.steps += 1
    for quarter in country.quarters:
        quarter.at = country.steps
    words = country.dice.choices([*ACTS], [weight for weight, _ in ACTS.values()])[0]
    country.tell(words)
    ACTS[words][1](country)
    for fire in country.fires:
        fire.step()
    country.check_broken()
    if country.steps % WHOLE == 0:
        country.check_stores()


def _deal(c: Country) -> None:
    quarter = c.dice.choice(c.quarters)
    for _ in range(3):
        quarter.try_deed()


def _visit(c: Country) -> None:
    person = c.dice.choice([*c.people.values()])
    for each in person.accounts:
        if c.dice.random() < 0.3 and each.account.receipt is not None:
            each.wish("getq")
    c.visit(person, c.dice.choice([c.market, c.market, *c.counters]))


def _walk(c: Country) -> None:
    courier = c.dice.choice(c.couriers)
    for place in (c.market, *c.dice.sample(c.counters, len(c.counters)), c.market)[: c.dice.randint(1, 4)]:
        courier.visit(place)


def _answer(c: Country) -> None:
    c.counter(c.dice.choice(c.quarters))


def _time(c: Country) -> None:
    steps = [60, 60, 3600, 3600, DAY, DAY, 2 * DAY, 5 * DAY, 25 * DAY]
    asks = any(fire.watch.restoring for fire in c.fires)  # else hardly anybody would come before its grace is over
    c.time += c.dice.choice(steps[:4] if asks and c.dice.random() < 0.9 else steps)
    clocks: list[Any] = [*c.people.values(), *(each.bank for each in c.quarters)]
    for clock in clocks:
        clock.skew += c.dice.randint(-120, 120)
    if c.dice.random() < 0.3:
        wrong = c.dice.choice(clocks)
        years = c.dice.random() < 0.1 and not isinstance(wrong, TownBank)
        most = 3650 * DAY if years else DAY
        wrong.skew = c.dice.choice([0, 0, 3600, -3600, c.dice.randint(-most, most)])
        c.met["clock set wrong"] += 1


def _rogue(c: Country) -> None:
    for quarter in c.honest_quarters():
        rogue, deed = c.dice.choice(quarter.rogues), quarter.dice.choice(_ways(c, quarter))
        c.tell(f"{rogue.name}:{deed.__name__}")
        with suppress(LedgerpostError, IndexError):  # the wallet says no; or there is nothing yet to cheat with
            deed(quarter, rogue)
            c.met[f"cheat{deed.__name__.replace('_', ' ')}"] += 1
        quarter.look(rogue)


def _ways(c: Country, quarter: Quarter) -> Sequence[Cheat]:
    """What rogues do to an honest bank; and to one that asks them what they hold."""
    asks = any(fire.quarter is quarter and fire.watch.restoring for fire in c.fires)
    return RETURNS if asks and c.dice.random() < 0.4 else CHEATS


@contextmanager
def _failing(c: Country, who: Hand, place: Carrier) -> Iterator[None]:
    how, left = c.dice.choice(["killed", "killed", "pulled", "full"]), c.dice.randint(0, 8)
    at_place = how == "pulled" or (how == "full" and c.dice.random() < 0.5)
    hand: Hand = place.hand if at_place else who  # type: ignore[attr-defined]
    with failing(hand, how, left):
        try:
            yield
        except (Killed, PlaceError):
            c.tell(f"a run was cut off: {how}")
            c.met[f"a run cut off: {how}"] += 1
            must(hand.struck, "a run failed though nothing had befallen it")


def _cut_wallet(c: Country) -> None:
    person = c.dice.choice([*c.people.values()])
    place = c.dice.choice([c.market, *c.counters])
    with _failing(c, person.hand, place):
        c.visit(person, place)


def _cut_bank(c: Country) -> None:
    quarter = c.dice.choice(c.honest_quarters() or c.quarters)
    assert isinstance(quarter.bank, TownBank)
    with _failing(c, quarter.bank.hand, c.counters[c.quarters.index(quarter)]):
        c.counter(quarter)


def _second_device(c: Country) -> None:
    """A copy of somebody's wallet writes letters of its own."""
    quarter = c.dice.choice(c.quarters)
    one = c.dice.choice(quarter.residents)
    if one.account.receipt is None:
        return
    device = Device(one)
    device.accept_all()
    device.wish("getq")
    with suppress(Denied):
        bank = spell_fingerprint(quarter.bank.signer.fingerprint)
        c.market.deliver(bank, device.send())
        quarter.void |= {letter for letter in device.written if letter not in quarter.sent}
        quarter.copied |= {(one.me, number) for number in device.account.signed.keys() - one.account.signed.keys()}
        c.met["two devices with one key"] += 1


def _bank_lost(c: Country) -> None:
    quarter = c.dice.choice(c.honest_quarters() or c.quarters)
    assert isinstance(quarter.bank, TownBank)
    if isinstance(quarter, Quarter):
        c.met["bank restored"] += 1
        quarter.bank.restored(c.form.store(f"bank-{quarter.seed}-{c.met['bank restored']}"))


ACTS: Final[dict[str, tuple[int, Callable[[Country], None]]]] = {
    "people deal": (60, _deal),
    "somebody carries": (45, _visit),
    "a courier walks": (25, _walk),
    "a bank carries": (20, _answer),
    "time passes": (8, _time),
    "a rogue cheats": (10, _rogue),
    "a wallet's run is cut off": (4, _cut_wallet),
    "a bank's run is cut off": (3, _cut_bank),
    "a copy of a wallet is used": (1, _second_device),
    "a bank's store is lost": (1, _bank_lost),
}
"""What happens, and how often."""
