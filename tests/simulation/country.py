"""The whole simulated town: its quarters, their people, the places and couriers between.

What happens is in ``acts``, how it ends in ``ending``. Deterministic: the seed says everything. What must hold is
checked where it happens; here, what holds of wallets after each of their runs, and of whole stores now and then.
"""

import random
from collections import Counter, deque
from contextlib import suppress
from pathlib import Path

from ledgerpost.carriers.port import Carrier
from ledgerpost.desk.trip import Trip
from ledgerpost.errors import Cheating, LedgerpostError
from ledgerpost.papers.terms import DAY
from ledgerpost.sealed import fingerprint
from ledgerpost.spelling import spell_fingerprint
from ledgerpost.wallet.reading import UsedElsewhere
from simulation.falsequarter import FalseQuarter
from simulation.fire import Fire
from simulation.forms import Disk, Form, Memory
from simulation.invariants import wallet_bounded
from simulation.people import Person, Resident, TownBank
from simulation.post import Courier
from simulation.quarter import Quarter
from simulation.streets import Streets
from town import START


class Country:
    """``size`` banks; with ``false`` the last of them lies. ``keep``: every document is kept for the judge.

    ``burns``: the first bank loses its store and comes back from an old backup, and others may (``fire``).
    """

    def __init__(
        self,
        seed: int,
        root: Path,
        *,
        size: int = 2,
        false: bool = False,
        disk: bool = False,
        keep: bool = False,
        burns: bool = False,
    ) -> None:
        self.seed, self.dice = seed, random.Random(f"country {seed}")
        self.form: Form = Disk(root) if disk else Memory(root)
        self.time, self.delivered, self.steps = START, 0, 0
        self.met: Counter[str] = Counter()
        self.events: deque[str] = deque(maxlen=40)
        self.people: dict[str, Person] = {}
        self.market = self.form.place("market")
        self.counters: list[Carrier] = [self.form.place(f"counter-{at}") for at in range(size)]
        self.quarters: list[Streets] = []
        for at in range(size):
            kind = FalseQuarter if false and at == size - 1 else Quarter
            fire = burns and kind is Quarter and (at == 0 or self.dice.random() < 0.5)
            self.quarters.append(kind(seed * 10 + at, self, self.counters[at], keep=keep, burns=fire))
        self.fires = [Fire(self, each, each.seed) for each in self.honest_quarters() if each.burns]
        self._addresses = self._all_addresses()
        self.couriers = [
            Courier(name, random.Random(f"{name} {seed}"), self._addresses.get, self.met) for name in ("ann", "joe")
        ]

    def person(self, name: str) -> Person:
        """The one of that name, who may have accounts elsewhere too."""
        if name not in self.people:
            folder = self.form.root / "people" / name
            folder.mkdir(parents=True)
            self.people[name] = Person(name, self.form.store(f"wallet-{name}"), folder)
        return self.people[name]

    def _all_addresses(self) -> dict[str, str]:
        found = {spell_fingerprint(fingerprint(each.signer.key)): self.market.where for each in self.people.values()}
        for quarter, counter in zip(self.quarters, self.counters, strict=True):
            found[spell_fingerprint(quarter.bank.signer.fingerprint)] = counter.where
        return found

    # --- what goes on

    def tell(self, words: str) -> None:
        """Remember what happened, for whoever must find out why something broke."""
        self.events.append(f"step {self.steps}, day {(self.time - START) / DAY:.1f}: {words}")

    def visit(self, person: Person, place: Carrier) -> None:
        """Somebody carries at a place; whatever comes of it, the wallet is then what its store holds."""
        unheard = [(each, {*each.account.letters}) for each in person.accounts if each.account.receipt is None]
        try:
            trips = person.carry(place, self.time + person.skew)
        finally:
            person.wake()
            for each in person.accounts:
                self._quarter(each).look(each)
                wallet_bounded(each.account)
            for each, letters in unheard:
                if each.account.receipt is None and letters - {*each.account.letters}:
                    self._quarter(each).lost_letters(each)  # it knocks anew: the first letter was past its time
        self.delivered += sum(trip.met for trip in trips)
        for trip in trips:
            self._read(person, place, trip)

    def _quarter(self, resident: Resident) -> Streets:
        return next(each for each in self.quarters if each.bank is resident.bank)

    def _read(self, person: Person, place: Carrier, trip: Trip) -> None:
        resident = next(
            (each for each in person.accounts if trip.account and each.account.bank == trip.account.bank), None
        )
        for came in trip.came:
            self.met[f"a wallet's mail: {came.result}"] += 1
            if resident is None:
                continue
            quarter = self._quarter(resident)
            if isinstance(came.error, UsedElsewhere):
                self.tell(f"{person.name} finds that another device wrote letters, and restores")
                quarter.restore(resident, resident.account)
            elif isinstance(came.error, Cheating):
                quarter.contradicted(resident, came.error)
                place.finish(came.file)

    def counter(self, quarter: Streets) -> None:
        """A bank carries at its counter."""
        bank = quarter.bank
        assert isinstance(bank, TownBank)
        place = self.counters[self.quarters.index(quarter)]
        if isinstance(quarter, FalseQuarter):
            with suppress(AssertionError, KeyError, LedgerpostError), quarter.another_face():
                self.delivered += bank.carry(place).met
            return
        trip = bank.carry(place)
        self.check_broken()
        if quarter.watch is not None:
            with bank.store.snapshot() as snapshot:
                quarter.watch.carried(snapshot, bank.office.clock() - bank.terms.grace)
        self.delivered += trip.met
        for came in trip.came:
            self.met[f"a bank's mail: {came.result}"] += 1

    def check_broken(self) -> None:
        """Whatever a commit was found to break is news, whoever caught it: the desk takes it for a bug of its rules."""
        for quarter in self.quarters:
            if quarter.broken is not None:
                raise quarter.broken

    def check_stores(self) -> None:
        """Nothing lies in a store that belongs to nobody."""
        for quarter in self.quarters:
            if quarter.watch is not None:
                with quarter.bank.store.snapshot() as snapshot:
                    quarter.watch.whole(snapshot)
        for person in self.people.values():
            for each in person.accounts:
                each.check_kept()

    def honest_quarters(self) -> list[Quarter]:
        """Those whose bank promises anything."""
        return [each for each in self.quarters if isinstance(each, Quarter)]

    def close(self) -> None:
        """Let go of stores."""
        self.form.close()
