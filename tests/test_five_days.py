"""Five days of trips with losses: a bank, a shop, a customer, and two couriers with a shared folder between them.

Every command is the real one, every home and place a real folder. Sticks are lost, files torn and flipped, old copies
come back, a courier's spool goes. In the end all agree on what they would have had without any of it.
"""

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner

from ledgerpost.cli.main import cli
from ledgerpost.desk.home import WALLETS, Home
from ledgerpost.desk.office import opened as opened_office
from ledgerpost.desk.purse import is_agreed
from ledgerpost.desk.purse import opened as opened_purse
from ledgerpost.desk.spool import Spool
from shell import Kita, Shell
from shell import kita as kita

HOUR, DAY = 3600, 86400
COURIERS = ("one", "two")
WALLETS_OF = ("treasurer", "shop", "customer")
PLACES = ("market", "road", "counter")
DAILY = (("treasurer", "shop", 500), ("shop", "treasurer", 300), ("customer", "shop", 200))
"""Who pays whom how much each day, in hundredths of grain."""


@dataclass
class Country:
    """The shop and its customer carry at the market, bank and treasurer at the counter; couriers go between."""

    kita: Kita
    luck: random.Random
    met: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.shells = {name: self.kita.shell(name) for name in (*WALLETS_OF, *COURIERS, "bank")}
        self.places = {name: self.kita.folder / name for name in PLACES}
        for each in self.places.values():
            each.mkdir()
        for name in COURIERS:
            self.shells[name].run("spool", "agree")

    def pass_time(self, seconds: int) -> None:
        self.kita.now += seconds
        for each in self.shells.values():
            each.now = self.kita.now

    def carry(self, name: str, place: str, *options: str) -> None:
        """Status 1: something was damaged, and the rest was done."""
        shell = self.shells[name]
        shell.patch.setenv("LEDGERPOST_HOME", str(shell.home))
        done = CliRunner().invoke(cli, ["carry", str(self.places[place]), "--now", str(shell.now), *options])
        assert done.exit_code in (0, 1), (name, place, done.output)

    def trips(self, mishap: Callable[[str], bool]) -> None:
        """One day's ways: to the counter and back. Before each of them something may go wrong."""
        for name, place in (
            *(("shop", "market"), ("customer", "market"), ("one", "market"), ("one", "road"), ("two", "road")),
            *(("two", "counter"), ("treasurer", "counter"), ("bank", "counter"), ("treasurer", "counter")),
            *(("two", "counter"), ("two", "road"), ("one", "road"), ("one", "market")),
            *(("customer", "market"), ("shop", "market")),
        ):
            self.pass_time(HOUR)
            if not mishap(place):
                self.carry(name, place)

    # --- what goes wrong

    def mishap(self, place: str) -> bool:
        """Whether nobody comes this time; else, at times, something befalls the place before."""
        if self.luck.random() > 0.35:
            return False
        what = self.luck.choice((self.lost, self.torn, self.flipped, self.old, self.spool_lost, self.nobody))
        self.met[what.__name__] = self.met.get(what.__name__, 0) + 1
        return what(self.places[place])

    def nobody(self, place: Path) -> bool:
        del place
        return True

    def lost(self, place: Path) -> bool:
        """The stick is lost, and found again much later: see ``old``."""
        shutil.copytree(place, place.with_name(f"{place.name}-old"), dirs_exist_ok=True)
        shutil.rmtree(place)
        place.mkdir()
        return False

    def old(self, place: Path) -> bool:
        copy = place.with_name(f"{place.name}-old")
        if copy.exists():
            shutil.copytree(copy, place, dirs_exist_ok=True)
        return False

    def torn(self, place: Path) -> bool:
        if file := self.some(place):
            file.write_bytes(file.read_bytes()[: self.luck.randrange(400)])
        return False

    def flipped(self, place: Path) -> bool:
        if file := self.some(place):
            raw = bytearray(file.read_bytes())
            raw[self.luck.randrange(len(raw))] ^= 1 << self.luck.randrange(8)
            file.write_bytes(raw)
        return False

    def some(self, place: Path) -> Path | None:
        files = sorted(each for each in place.glob("ledgerpost/*/*.lpe") if each.stat().st_size)
        return self.luck.choice(files) if files else None

    def spool_lost(self, place: Path) -> bool:
        del place
        shutil.rmtree(self.shells[self.luck.choice(COURIERS)].home / "spool" / "ledgerpost", ignore_errors=True)
        return False

    # --- how it stands

    def balance(self, name: str) -> int:
        with opened_purse(Home(self.shells[name].home).seat(WALLETS, None)) as purse:
            return sum(each.units for each in purse.accounts()[0].statement.balances)

    def settled(self, name: str) -> bool:
        with opened_purse(Home(self.shells[name].home).seat(WALLETS, None)) as purse:
            account = purse.accounts()[0]
            waiting = account.waiting or account.wishes or account.letters or account.statement.outstanding
            return is_agreed(account) and not waiting

    def held(self) -> int:
        return sum(len(Spool(self.shells[name].home).held()) for name in COURIERS)

    def lying(self) -> list[Path]:
        """Whole mail; what was torn or flipped at the shared folder is nobody's there to set aside."""
        found = [each for place in self.places.values() for each in place.glob("ledgerpost/lp1*/*.lpe")]
        return [each for each in found if sha256(each.read_bytes()).hexdigest().startswith(each.stem)]


def accept(shell: Shell) -> None:
    if shell.items("status")[0]["incoming"]:
        shell.run("accept", "--all", "--yes")


def begin(country: Country) -> None:
    """Everybody has an account, and 100.00 grain but the treasurer, who issued it. Nothing goes wrong yet."""
    for name in WALLETS_OF:
        country.kita.someone(name)
    shells = country.shells
    shells["treasurer"].run("issue", country.kita.grain, "--yes")
    for _ in range(2):
        country.trips(lambda place: False)
    for name in WALLETS_OF:
        shells[name].run("card", "-o", country.kita.folder / f"{name}-card.lpe")
    for name in WALLETS_OF:
        for other in WALLETS_OF:
            shells[name].run("contact", "name", country.kita.folder / f"{other}-card.lpe", other)
    for name in ("shop", "customer"):
        shells["treasurer"].run("spend", name, "100", "grain", "--until", "80d", "--yes")
    for _ in range(4):
        country.trips(lambda place: False)
        for name in ("shop", "customer"):
            accept(shells[name])
    assert [country.balance(name) for name in WALLETS_OF] == [-20_000, 10_000, 10_000]


def day(country: Country, mishap: Callable[[str], bool]) -> None:
    """Payments in the morning, ways over the day."""
    for payer, payee, units in DAILY:
        country.shells[payer].run("spend", payee, f"{units / 100:.2f}", "grain", "--until", "80d", "--yes")
    country.trips(mishap)
    for name in WALLETS_OF:
        accept(country.shells[name])
    country.pass_time(8 * HOUR)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_five_days_of_losses_end_in_the_agreed_state(kita: Kita, seed: int) -> None:
    country = Country(kita, random.Random(seed))
    begin(country)
    for _ in range(5):
        day(country, country.mishap)
    assert sum(country.met.values()) >= 15, country.met
    rounds = 0
    while not all(map(country.settled, WALLETS_OF)):
        country.pass_time(2 * DAY)
        country.trips(lambda place: False)
        for name in WALLETS_OF:
            accept(country.shells[name])
        rounds += 1
        assert rounds < 15, [country.settled(name) for name in WALLETS_OF]
    paid = dict.fromkeys(WALLETS_OF, 0)
    for payer, payee, units in DAILY:
        paid[payer] -= 5 * units
        paid[payee] += 5 * units
    assert [country.balance(name) for name in WALLETS_OF] == [
        -20_000 + paid["treasurer"],
        10_000 + paid["shop"],
        10_000 + paid["customer"],
    ]
    with opened_office(kita.seat) as office:
        assert office.audit().good
    tidy_up(country)


def tidy_up(country: Country) -> None:
    """Nothing is carried, or lies about, for ever: words of delivery clear it away, or at last its end."""
    for _ in range(4):
        country.trips(lambda place: False)
    for _ in range(5):  # from here on nobody writes
        country.pass_time(30 * DAY)
        for name, place in (("one", "market"), ("one", "road"), ("two", "road"), ("two", "counter")):
            country.carry(name, place)
        country.carry("bank", "counter", "--clock-is-right")
    assert country.held() == 0
    assert country.lying() == []
