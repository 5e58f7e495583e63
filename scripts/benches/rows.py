"""One line of the table, and the table."""

from collections.abc import Sequence
from statistics import median, quantiles
from typing import NamedTuple


class Row(NamedTuple):
    """One measurement, and the goal it is held against, if it has one."""

    what: str
    measured: float
    unit: str
    most: float | None = None
    """The goal, at most so much."""
    spread: float | None = None
    """Of the middle half of the rounds, in parts of the median."""
    least: float | None = None
    """The goal, at least so much."""

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is none."""
        if self.most is None and self.least is None:
            return None
        return (self.most is None or self.measured <= self.most) and (self.least is None or self.measured >= self.least)


def middle(
    what: str, rounds: Sequence[float], unit: str, *, most: float | None = None, least: float | None = None
) -> Row:
    """The median of some rounds with the spread of their middle half, of all where they are few."""
    between = median(rounds)
    low, high = (min(rounds), max(rounds)) if len(rounds) < 4 else quantiles(rounds, n=4)[::2]
    return Row(what, between, unit, most, (high - low) / between, least)


def table(rows: Sequence[Row]) -> str:
    """For people."""
    wide = max(len(row.what) for row in rows)
    return "\n".join(_line(row, wide) for row in rows)


def _line(row: Row, wide: int) -> str:
    verdict = {None: "", True: "met", False: "MISSED"}[row.met]
    measured = f"{row.measured:,.0f}" if row.unit == "bytes" else f"{row.measured:.3g}"
    goal = "" if row.most is None else f"at most {row.most:,g}"
    goal = goal if row.least is None else f"at least {row.least:,g}"
    spread = "" if row.spread is None else f"±{row.spread / 2:.0%}"
    return f"{row.what:<{wide}}  {measured:>7} {row.unit:<6} {spread:<5} {goal:<14} {verdict}".rstrip()
