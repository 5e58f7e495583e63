"""One run of a simulated town from its seed alone: what it is made of, how it goes, and what to tell of it."""

import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Final

from ledgerpost.errors import Refusal
from ledgerpost.papers import notice as n
from ledgerpost.papers.orders import KINDS
from remembered import remembered
from simulation.acts import step
from simulation.cheats import CHEATS
from simulation.country import Country
from simulation.ending import outlive, settle
from simulation.returns import RETURNS
from simulation.verdicts import judged

STEPS: Final = 800
"""Of an ordinary run."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is made of; ``plan_of`` a seed gives the one that is meant by it.

    ``size``: banks. ``false``: the last one lies. ``disk``: real folders and stores. ``plain``: nothing is remembered
    (``remembered``). ``judged``: every document is kept and laid before the judge in the end. ``burns``: banks lose
    their stores and come back from old backups.
    """

    seed: int
    steps: int = STEPS
    size: int = 2
    false: bool = False
    disk: bool = False
    plain: bool = False
    judged: bool = False
    burns: bool = False


def plan_of(seed: int) -> Plan:
    """By the seed's last digits: one in 20 plain, one in 10 has a false bank, one in 50 is on a disk, 1 in 5 judged.

    One in 10 burns, and is judged too.
    """
    burns = seed % 20 in (6, 14)
    judged = seed % 5 == 4 or burns
    plan = Plan(seed, size=1 + seed % 3, false=seed % 10 == 9, plain=seed % 20 == 3, judged=judged, burns=burns)
    if plan.judged or plan.plain:
        plan = replace(plan, steps=STEPS // 2 if plan.judged else STEPS // 4)
    return replace(plan, disk=True, plain=True, size=1, steps=STEPS // 10) if seed % 50 == 27 else plan


@dataclass
class Report:
    """What came of a run. ``failure``: what broke, in words, with the command that shows it again; else empty."""

    plan: Plan
    deliveries: int = 0
    seconds: float = 0.0
    happened: Counter[str] = field(default_factory=Counter)
    failure: str = ""


def run(plan: Plan) -> Report:
    """The whole life of one town."""
    report, began = Report(plan), process_time()
    with TemporaryDirectory(prefix="ledgerpost-town-") as root, nullcontext() if plan.plain else remembered():
        _live(plan, Path(root), report)
    report.seconds = process_time() - began
    return report


def _live(plan: Plan, root: Path, report: Report) -> None:
    country: Country | None = None
    try:
        country = Country(
            plan.seed, root, size=plan.size, false=plan.false, disk=plan.disk, keep=plan.judged, burns=plan.burns
        )
        for _ in range(plan.steps):
            step(country)
        settle(country)
        for quarter in country.quarters if plan.judged else ():
            report.happened += judged(quarter)
        outlive(country)
    except Exception:
        report.failure = _told(plan, country)
    if country is not None:
        _count(country, report)
        country.close()


def _count(country: Country, report: Report) -> None:
    report.deliveries = country.delivered
    report.happened += country.met
    for quarter in country.quarters:
        report.happened += quarter.watch.happened if quarter.watch else Counter()


def _told(plan: Plan, country: Country | None) -> str:
    """What broke, the last events, and the one command that plays it again."""
    steps = min(country.steps, plan.steps) if country else 0
    lines = [*(country.events if country else ()), traceback.format_exc(limit=-4).rstrip()]
    return "\n".join((*lines, f"again: scripts/simulate --seed {plan.seed} --steps {steps}"))


RESTORE: Final = (
    "declared",
    "a party came",
    "a receipt adopted",
    "a second loss while the first restore waits",
    "a wallet restored at the same time",
    "operator waits no longer",
    "its grace passed",
    "everybody came",
    "books off, and named",
)
"""What must happen where banks burn."""


def wanted() -> Iterator[str]:
    """All that must happen somewhere in a set of runs: every order, notice, mishap and fault, and every cheat."""
    yield from (f"order {kind}" for kind in KINDS)
    yield from (f"notice {kind}" for kind in n.KINDS)
    yield from (f"code {code.name}" for code in Refusal)
    yield from {f"cheat{cheat.__name__.replace('_', ' ')}": None for cheat in CHEATS}
    yield from ("judge: provable cheats convicted, B5", "judge: provable cheats convicted, C3")
    yield "judge: false banks convicted"
    yield from ("lost", "doubled", "overtaken", "replayed", "torn", "flipped", "truncated", "put under another's name")
    yield from (f"a run cut off: {how}" for how in ("killed", "pulled", "full"))
    yield from ("wallet restored", "two devices with one key", "bank restored", "clock set wrong")
    yield from (f"cheat{way.__name__.replace('_', ' ')}" for way in RETURNS)
    yield from (f"restore: {words}" for words in RESTORE)
    yield from ("a wallet's mail: set-aside", "a wallet's mail: left", "a bank's mail: set-aside")


def unmet(happened: Counter[str]) -> list[str]:
    """What never happened in these runs and should have."""
    return [each for each in wanted() if not happened[each]]
