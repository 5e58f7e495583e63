"""A message from sums of its parts, though some of the sums be forged (Q4).

A sum is given as the factor of each part and its data. Which factors there are is the business of whoever made the
sums: ``fountain`` draws them from GF(256), ``ur`` from 0 and 1. Refuses to know what the message is: the caller's
``accept`` says whether it came out right.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from ledgerpost.pictures.field import Echelon, combination

TRIES: Final = 32
"""Random choices of sums that are tried once reckoning has not found the forged ones."""

SURPLUS: Final = 64
"""Sums beyond the number of parts that are used to find forged ones."""

_WORK: Final = 2_000_000_000
"""Bytes that finding forged sums may go through at one call: a few seconds."""

Accept = Callable[[bytes], bytes | None]
"""Takes all parts in a row; the message, if that is what they are."""


@dataclass(frozen=True, slots=True)
class Sum:
    """One byte of ``factors`` for each part. All sums of a message have as many, and data of one length."""

    factors: bytes
    data: bytes

    @property
    def plain(self) -> int | None:
        """Which part this is as it stands; None if it is a true sum."""
        return self.factors.index(1) if self.factors.count(0) == len(self.factors) - 1 and 1 in self.factors else None


def solve(sums: Sequence[Sum], accept: Accept) -> bytes | None:
    """The message that these sums give, the forged among them left out; None if they do not tell it yet.

    F forged sums whose errors are no combinations of each other are found from F+2 sums more than parts: what fails
    then is an honest sum that is taken for forged, for 1 in 256 of them per check left over. Others, such as one error
    put into several sums, are left out by chance only, in ``TRIES`` choices: two of them among twice as many sums as
    parts practically always, five about every other time (docs/qr.md). A further honest sum never makes it worse. Work
    is bounded.
    """
    if not sums or len(sums) < len(sums[0].factors):
        return None
    return _solve(sums, accept) or _without_liars(sums, accept) or _by_chance(sums, accept)


def _solve(sums: Sequence[Sum], accept: Accept) -> bytes | None:
    """The message from the first independent sums, plain ones before others."""
    plain = _plain(sums)
    parts = len(sums[0].factors)
    lost = [number for number in range(parts) if number not in plain]
    system = Echelon(len(lost))
    for place, other in enumerate(sums):
        if system.full:
            break
        if plain.get(other.plain if other.plain is not None else -1) != place:
            system.add(_row(other, sums, plain, lost))
    if not system.full:
        return None
    found = {lost[column]: row[len(lost) :] for column, row in system.pivots.items()}
    return accept(b"".join(found[n] if n in found else sums[plain[n]].data for n in range(parts)))


def _plain(sums: Sequence[Sum]) -> dict[int, int]:
    """Where each part stands as it is; of two that claim to be the same, the first."""
    places: dict[int, int] = {}
    for place, other in enumerate(sums):
        if (number := other.plain) is not None:
            places.setdefault(number, place)
    return places


def _row(other: Sum, sums: Sequence[Sum], plain: dict[int, int], lost: Sequence[int]) -> bytes:
    """Factors of the lost parts, then data, both with what the plain sums tell taken out."""
    known = ((other.factors[number], sums[place].data) for number, place in plain.items())
    data = combination([(1, other.data), *known], len(other.data))
    return bytes(other.factors[number] for number in lost) + data


# --- finding forged sums --------------------------------------------------------------------------------------


def _without_liars(sums: Sequence[Sum], accept: Accept) -> bytes | None:
    """Solve with the sums that hold together.

    Every sum beyond the number of parts gives a check: a combination of sums that must be zero. A forged sum's error
    shows in the checks it stands in. The checks are combined until as many as possible do come out as zero: in those
    no forged sum can stand, unless its error is a combination of others'. So the sums in them are honest (after
    Metzner and Kapturowski, "A general decoding technique applicable to replicated file disagreement location and
    concatenated code decoding", 1990).
    """
    used = sums[: len(sums[0].factors) + SURPLUS]
    honest = set[int]()
    for check in _checks_that_hold(used):
        honest.update(place for place, factor in enumerate(check) if factor)
    return _solve([used[place] for place in sorted(honest)], accept) if honest else None


def _checks_that_hold(sums: Sequence[Sum]) -> Iterable[bytes]:
    """Combinations of sums, as one factor for each, that come out as zero though nothing forces them to."""
    plain = _plain(sums)
    lost = [number for number in range(len(sums[0].factors)) if number not in plain]
    others = [place for place in range(len(sums)) if place not in set(plain.values())]
    size, columns = len(sums[0].data), len(lost)
    if len(others) * (len(plain) * size + columns * (columns + size + len(sums))) > _WORK:
        return ()
    system = Echelon(columns)
    for place in others:
        system.add(_row(sums[place], sums, plain, lost) + _standing(sums, place, plain))
    checks = Echelon(size)
    for row in system.rest:
        checks.add(row[columns:])
    return (row[size:] for row in checks.rest)


def _standing(sums: Sequence[Sum], place: int, plain: dict[int, int]) -> bytes:
    """With which factor each sum stands in the row that ``_row`` makes of this one."""
    standing = bytearray(len(sums))
    standing[place] = 1
    for number, other in plain.items():
        standing[other] = sums[place].factors[number]
    return bytes(standing)


def _by_chance(sums: Sequence[Sum], accept: Accept) -> bytes | None:
    """Solve with one sum more than needed at random, ``TRIES`` times or as often as the bound on work allows."""
    parts, size = len(sums[0].factors), len(sums[0].data)
    if len(sums) <= parts + 1:
        return None
    marks = [sha256(other.factors + other.data).digest() for other in sums]
    for number in range(min(TRIES, _WORK // (parts * parts * (parts + size)))):
        order = sorted(range(len(sums)), key=lambda place: sha256(bytes([number]) + marks[place]).digest())
        if message := _solve([sums[place] for place in order[: parts + 1]], accept):
            return message
    return None
