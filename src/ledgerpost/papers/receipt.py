"""A receipt: the bank's signed answer; with what stands beside it, evidence by itself (L3, L5)."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final, NamedTuple

from ledgerpost import fields as f
from ledgerpost.errors import Refusal, WrongShape
from ledgerpost.papers.kinds import About, Paper
from ledgerpost.papers.letter import AHEAD, MAX_ORDERS
from ledgerpost.statement import digest_of
from ledgerpost.terms import Digest, Fingerprint, Moment, Number

MAX_RECEIPT: Final = 1_500_000
"""Bytes. A statement at all its limits is 400 kB, the longest list of pending notices 1 MB."""

MAX_PENDING: Final = 40960


class Base(NamedTuple):
    """The last agreed statement, and the letter that agreed to it (None before the first)."""

    statement: Digest
    letter: Digest | None


class Result(NamedTuple):
    """What became of one order. ``part`` is the identity of what stands beside the receipt for it: the chequebook
    or certificate it brings if done, the evidence if refused (L4, L5). ``letter``: under which the same was paid (C2).
    """

    code: Refusal
    part: Digest | None = None
    about: About | None = None
    letter: Digest | None = None

    def row(self) -> tuple[Any, ...]:
        """As it travels: trailing nulls are left out."""
        row = tuple(self)
        while len(row) > 1 and row[-1] is None:
            row = row[:-1]
        return row


class Answer(NamedTuple):
    """The letter answered, by identity, and a result for each of its orders."""

    letter: Digest
    results: tuple[Result, ...]


class Waits(NamedTuple):
    """A notice that waits for the party, as a receipt lists it."""

    notice: int
    kind: str
    number: Number


_CODES = frozenset(map(int, Refusal))
_digest = f.maybe(f.digest)
_DONE: Final = (int(Refusal.DONE),)
_IS_DONE: Final = Result(Refusal.DONE)
_about = f.maybe(f.row(About, f.fingerprint, f.whole, f.digest, f.whole))


def _result(value: object) -> Result:
    if type(value) is not tuple or not 1 <= len(value) <= 4 or type(value[0]) is not int:
        raise WrongShape("a result is a code and at most three fields")
    if len(value) > 1 and value[-1] is None:
        raise WrongShape("a result ends in a null")
    if value[0] not in _CODES:
        raise WrongShape(f"an unknown refusal code {value[0]}")
    if value == _DONE:  # what most results are
        return _IS_DONE
    part, about, letter = (*value[1:], None, None, None)[:3]
    return Result(Refusal(value[0]), _digest(part), _about(about), _digest(letter))


@dataclass(frozen=True, slots=True)
class Receipt(Paper):
    """``statement`` is the new statement's bytes. ``answers`` cover every letter after the older of base and seen,
    in order; ``highest`` is the highest notice number made; ``pending`` lists those that wait.
    """

    TYPE: ClassVar = "receipt"
    FIELDS: ClassVar = (
        f.fingerprint,
        f.fingerprint,
        f.whole,
        f.octets(MAX_RECEIPT),
        f.row(Base, f.digest, f.maybe(f.digest)),
        f.listed(f.row(Answer, f.digest, f.listed(_result, MAX_ORDERS)), AHEAD),
        f.whole,
        f.listed(f.row(Waits, f.positive, f.text(32), f.positive), MAX_PENDING),
        f.flag,
    )

    bank: Fingerprint
    party: Fingerprint
    time: Moment
    statement: bytes
    base: Base
    answers: tuple[Answer, ...]
    highest: int
    pending: tuple[Waits, ...]
    restoring: bool = False

    def check(self) -> None:
        """At least one letter is answered; notices rise."""
        if not self.answers:
            raise WrongShape("a receipt answers at least one letter")
        f.rising("pending notices", tuple(waits.notice for waits in self.pending))

    def body(self) -> tuple[Any, ...]:
        """The fields as they travel."""
        answers = tuple((each.letter, tuple(result.row() for result in each.results)) for each in self.answers)
        return (
            self.bank,
            self.party,
            self.time,
            self.statement,
            self.base,
            answers,
            self.highest,
            self.pending,
            self.restoring,
        )

    def parts(self) -> tuple[Digest, ...]:
        """Identities of all that stands beside it: base, letters, and what the results name (L5)."""
        base = () if self.base.statement == digest_of(self.statement) else (self.base.statement,)
        letters = (self.base.letter, *(each.letter for each in self.answers))
        named = (result.part for each in self.answers for result in each.results)
        return tuple(dict.fromkeys(part for part in (*base, *letters, *named) if part is not None))
