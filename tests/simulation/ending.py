"""The end of a simulated town: all is healed, and whatever was asked must be done or refused; then its time is over."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ledgerpost.desk.purse import is_agreed, last_answers
from ledgerpost.papers import notice as n
from ledgerpost.papers.createaccount import CreateAccount
from ledgerpost.papers.getsequence import GetSequence
from ledgerpost.papers.terms import DAY
from ledgerpost.wallet.account import Account, Wish
from simulation.country import Country
from simulation.ledger import must
from simulation.people import Resident
from simulation.quarter import Quarter
from simulation.reasons import explained
from simulation.streets import letters_of

COMES: Final = 6
"""Trips by everybody after which everybody honest has come to a bank that restores."""
WRONG: Final = 600
"""Seconds by which clocks are wrong at most once all is healed."""
ROUNDS: Final = 12
"""Trips by everybody after which, with a post that loses nothing, every letter is answered and every end taken in."""


def settle(country: Country) -> None:
    """Everything is healed: every letter is answered, every end taken in; and in time nothing is under way."""
    for courier in country.couriers:
        courier.calm = True
    for clock in (*country.people.values(), *(each.bank for each in country.quarters)):
        clock.skew = country.dice.randint(-WRONG, WRONG)  # type: ignore[attr-defined]
    _await(country)
    _rounds(country, "the post was healed", 0)
    country.check_stores()
    _explain(country)


def _await(country: Country) -> None:
    """Whoever is honest comes to a bank that waits, before it waits no longer; but not every operator has patience."""
    for fire in country.fires:
        if fire.watch.restoring and fire.dice.random() < 0.2:
            fire.give_up()
    waits = [fire for fire in country.fires if fire.watch.restoring]
    for fire in waits:  # no wallet declares while ``last`` is more than a day ahead of its clock (R2)
        assert fire.watch.restore is not None
        country.time = max(country.time, fire.watch.restore.last - DAY + WRONG)
    for _ in range(COMES if waits else 0):
        _round(country)
    for fire in waits:
        accounts = [each for each in fire.quarter.residents if each.account.receipt is not None]
        # a restored wallet may lack the letter that opened its account in the lost time, and can't be settled; nor can
        # who holds a receipt of an earlier lost time, and had not come when the bank waited no longer for that (R7)
        came = fire.watch.came | fire.quarter.shaken | fire.watch.late()
        slow = [each.name for each in accounts if fire.watch.restoring and each.me not in came]
        must(not slow, f"{COMES} trips after the post was healed {slow} had not come to a bank that restores")
        if fire.watch.restoring:
            fire.give_up()


def _explain(country: Country) -> None:
    """What a burnt bank's books are off by, deal by deal, has a reason."""
    for fire in country.fires:
        if fire.watch.lost:
            with fire.bank.store.snapshot() as snapshot:
                for reason in explained(fire.watch, snapshot, fire.quarter.doubtful, fire.quarter.void):
                    country.met[f"restore: books off by a deal {reason}"] += 1
                country.met["restore: a story that could not be followed"] += bool(fire.watch.lost_sight)
                country.met["restore: everybody came"] += {
                    each.me for each in fire.quarter.everybody()
                } <= fire.watch.came
                country.met["restore: books off, and named"] += bool(fire.watch.off(snapshot))


def outlive(country: Country) -> None:
    """The longest life, which is a number's of 730 days, and grace pass: nothing is left of all that has an end."""
    for _ in range(10):
        country.time += 80 * DAY
        _round(country)
    _rounds(country, "all was over", 1)
    for quarter in country.honest_quarters():
        for each in quarter.residents:
            if each.me in quarter.late:
                continue
            must(not each.account.statement.outstanding, f"{each.name} has spends under way that have ended")
            must(
                each.account.receipt is None or not each.account.items,
                f"{each.name} keeps instruments that have ended",
            )
    country.check_stores()
    _explain(country)


def _rounds(country: Country, words: str, more: int) -> None:
    for trips in range(1, ROUNDS + 1):
        _round(country)
        left = [each for quarter in country.honest_quarters() for each in _unsettled(quarter, at_rest=bool(more))]
        if not left:
            country.met[f"settled {trips} trips after {words}"] += 1
            return
    must(False, f"not settled {ROUNDS} trips after {words}: {'; '.join(left[:5])}")


def _round(country: Country) -> None:
    """Everybody goes to the market, couriers go everywhere and back, banks answer, everybody fetches."""
    for honest in country.honest_quarters():
        honest.before = set(honest.sent)
        for each in honest.residents:
            _keep_house(honest, each)
    for person in country.people.values():
        country.visit(person, country.market)
    for place in (country.market, *country.counters):
        for courier in country.couriers:
            courier.visit(place)
    for quarter in country.quarters:
        country.counter(quarter)
    for place in (*country.counters, country.market):
        for courier in country.couriers:
            courier.visit(place)
    for person in country.people.values():
        country.visit(person, country.market)


def _unsettled(quarter: Quarter, *, at_rest: bool) -> Iterator[str]:
    """What is still to be done. ``at_rest``: nobody writes any more but to ask."""
    for each in quarter.residents:
        account = each.account
        if account.receipt is None or each.me in quarter.late:  # the late hold another receipt than the bank (R7)
            continue
        if quarter.before.intersection(letters_of(account)):
            yield f"{each.name} has letters without a receipt"
        elif account.statement != quarter.bank.statement(each.me):
            yield f"{each.name} holds another statement than the bank"
        elif [notice for notice in account.waiting if notice.kind not in (n.RECEIPT, n.LIEN)]:
            yield f"{each.name} has notices to take in"
        elif at_rest and not (is_agreed(account) or _refused_numbers(account)):
            yield f"{each.name} and the bank have not agreed"
    late = {each.name for each in quarter.residents if each.me in quarter.late}
    yield from (f"a letter of {name}'s was never answered" for name in quarter.unanswered() if name not in late)


def _refused_numbers(account: Account) -> bool:
    """Whether the bank gives this wallet no more numbers, for which it asks again with every letter."""
    rows = [row for each in last_answers(account) for row in zip(each.written, each.results, strict=True)]
    return any(isinstance(written.order, GetSequence) and result.code for written, result in rows)


def _keep_house(quarter: Quarter, one: Resident) -> None:
    """What an owner does in the end: accepts what waits, stops what has ended, drops what cannot be."""
    if quarter.speaks_otherwise(one):
        quarter.begin_again(one)
    account = one.account
    if account.receipt is None:
        if account.letters and account.fresh is None:  # on that letter the bank would not open: knock once more (L9)
            quarter.lost_letters(one)
            opening = Wish(1, CreateAccount.TYPE)
            one.account = replace(account, letters=(), fresh=frozenset(), wishes=(opening,))
        return
    one.account = replace(account, wishes=())
    one.accept_all()
    one.wish("getq")
    charged = {each.number for each in account.waiting if each.kind == n.CLEARED}
    for block in account.coming.numbers:
        if block.until < account.time and not charged.intersection(range(block.first, block.last + 1)):
            one.wish("stopcheque", number=block.first, amount=block.last - block.first + 1)
