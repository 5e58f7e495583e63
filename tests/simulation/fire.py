"""A bank of the town burns: backed up at one step, lost at a later one, back from what it was then, by the real path.

When, how often, from which backup and what burns with it, the seed says. In between everything goes on as ever.
"""

import random
from contextlib import suppress
from typing import Final, Protocol

from ledgerpost.desk.backup import SUFFIX
from ledgerpost.errors import Denied
from ledgerpost.papers.terms import DAY
from ledgerpost.terms import Fingerprint
from simulation.mortal import Killed
from simulation.people import TownBank, failing
from simulation.quarter import Quarter
from simulation.relapse import RelapseWatch

NEVER: Final = 1 << 30


class Town(Protocol):
    """What a fire needs of its town."""

    steps: int
    time: int

    def tell(self, words: str) -> None:
        """Remember what happened."""
        ...


class Fire:
    """Of one bank. ``backup``, ``loss``, ``again``, ``word``: the steps at which each happens, or never."""

    def __init__(self, town: Town, quarter: Quarter, seed: int) -> None:
        self.town, self.quarter, self.dice = town, quarter, random.Random(f"fire {seed}")
        dice = self.dice
        self.backup = dice.randint(10, 120)
        self.loss = self.backup + dice.randint(5, 120)
        self.again = self.loss + dice.randint(3, 60) if dice.random() < 0.3 else NEVER
        self.word = max(self.loss, self.again % NEVER) + dice.randint(5, 90) if dice.random() < 0.3 else NEVER
        self.newer = self.loss + dice.randint(1, 40) if dice.random() < 0.5 else NEVER
        self.grace_passes = dice.random() < 0.3
        self.files: list[str] = []
        quarter.may_be_asked = self.may_ask
        self.watch.doubtful = lambda: quarter.doubtful

    @property
    def bank(self) -> TownBank:
        """Whose store it is."""
        assert isinstance(self.quarter.bank, TownBank)
        return self.quarter.bank

    @property
    def watch(self) -> RelapseWatch:
        """Who looks at it."""
        assert isinstance(self.quarter.watch, RelapseWatch)
        return self.quarter.watch

    def may_ask(self, party: Fingerprint) -> bool:
        """Whether the bank may still ask this party for what was signed since its first backup."""
        over = self.watch.lost and party in self.watch.came and self.town.steps > self.again % NEVER
        return bool(self.files) and not over

    def step(self) -> None:
        """What is due at this step."""
        due = {self.backup: self._back_up, self.newer: self._back_up, self.loss: self._lose, self.again: self._lose}
        if self.town.steps in due:
            due[self.town.steps]()
        if self.town.steps == self.word and self.watch.restoring:
            self.give_up()

    def _back_up(self) -> None:
        name = f"backup-{len(self.files)}{SUFFIX}"
        self.bank.back_up(name)
        self.files.append(name)
        self.town.tell(f"{self.bank.name} is backed up")

    def _lose(self) -> None:
        """The newest backup is at hand, or was lost too."""
        again = self.watch.restoring
        name = self.files[-1] if self.dice.random() < 0.7 else self.files[0]
        now = max(self.bank.now, self.bank.office.clock() + self.dice.choice([1, 60, 3600, DAY]))
        self.town.tell(f"{self.bank.name} burns, and comes back from {name}")
        self._burn_mail()
        self.bank.fill_from(name, self.quarter.town.form.store(f"bank-{self.quarter.seed}-fire-{self.town.steps}"))
        self.watch.relapsed(self.bank.records)
        with suppress(Killed), failing(self.bank.hand, self.dice.choice(["killed", ""]), self.dice.randint(0, 5)):
            self.bank.office.declare_restore(now)
        with suppress(Denied):  # it was declared before the process died
            self.bank.office.declare_restore(now)
        self.bank.now = max(self.bank.now, now)
        self.watch.happened["restore: declared"] += 1
        self.watch.happened["restore: a second loss while the first restore waits"] += again
        self._wallets()

    def _burn_mail(self) -> None:
        """What lies at the counter may burn too: letters, and answers that nobody has fetched."""
        place = self.quarter.counter
        for mailbox in list(place.mailboxes()) if self.dice.random() < 0.5 else ():
            for found in list(place.collect(mailbox)):
                place.finish(found.name)

    def _wallets(self) -> None:
        """Somebody's wallet burned in the same house, and has an older backup."""
        backups = sorted(self.quarter.backups)
        if backups and self.dice.random() < 0.4:
            name = self.dice.choice(backups)
            one = next(each for each in self.quarter.everybody() if each.name == name)
            self.quarter.restore(one, self.quarter.backups[one.name])
            self.watch.happened["restore: a wallet restored at the same time"] += 1

    # --- the end of waiting

    def give_up(self) -> None:
        """The operator says that whoever did not come will not; or the grace is over by itself."""
        missing = [each.name for each in self.quarter.everybody() if each.me not in self.watch.came]
        self.town.tell(f"{self.bank.name} waits no longer for {', '.join(missing) or 'anybody'}")
        if self.grace_passes:
            assert self.watch.restore is not None
            self.town.time += max(0, self.watch.restore.until + 1 - self.bank.now)
            self.watch.happened["restore: its grace passed"] += 1
        else:
            self.bank.office.end_restore()
            self.watch.happened["restore: operator waits no longer"] += 1
