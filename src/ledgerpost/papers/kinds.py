"""What all papers share: fields in, fields out; and the small values that papers and counter hand each other.

A *paper* is the typed body of a message. An *order* (``papers.order``) is a paper that does something.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from operator import attrgetter
from typing import Any, ClassVar, NamedTuple, Self

from ledgerpost.errors import Refusal, WrongBank, WrongShape
from ledgerpost.fields import Field
from ledgerpost.sealed import Sealed, Signer
from ledgerpost.terms import Amount, Digest, Fingerprint, Moment, Number


@cache
def _body(kind: type["Paper"]) -> Callable[[Any], tuple[Any, ...]]:
    """What reads the fields of such a paper that travel, in order."""
    names = kind.names()
    if len(names) > 1:
        return attrgetter(*names)
    return lambda paper: tuple(getattr(paper, name) for name in names)


@dataclass(frozen=True, slots=True)
class Paper:
    """A typed body. Subclasses state their message type and one ``Field`` per attribute, in order."""

    TYPE: ClassVar[str] = ""
    FIELDS: ClassVar[tuple[Field[Any], ...]] = ()

    @classmethod
    def read(cls, body: tuple[Any, ...]) -> Self:
        """The paper in a decoded body. Raises WrongShape."""
        if len(body) != len(cls.FIELDS):
            raise WrongShape(f"{cls.TYPE}: {len(body)} fields instead of {len(cls.FIELDS)}")
        paper = cls(*[field(value) for field, value in zip(cls.FIELDS, body, strict=True)])
        paper.check()
        return paper

    @classmethod
    def of(cls, sealed: Sealed, bank: Fingerprint | None = None) -> Self:
        """The paper in a verified message. Raises WrongShape, or WrongBank if it names another bank (S1)."""
        if sealed.type != cls.TYPE:
            raise WrongShape(f"a {sealed.type} where a {cls.TYPE} belongs")
        if bank is not None and sealed.body[:1] != (bank,):
            raise WrongBank(f"the {cls.TYPE} was made for another bank")
        return cls.read(sealed.body)

    def check(self) -> None:
        """What must hold between the fields. Raises WrongShape."""

    @classmethod
    def names(cls) -> list[str]:
        """What the fields that travel are called, in order."""
        return [field.name for field in fields(cls)][: len(cls.FIELDS)]

    def body(self) -> tuple[Any, ...]:
        """The fields as they travel."""
        return _body(type(self))(self)  # type: ignore[arg-type]  # mypy takes the hash of its instances for a class's

    def __reduce__(self) -> tuple[Any, ...]:
        """How it is handed to another process: what a frozen dataclass with slots does by itself takes four times."""
        return type(self), Paper.body(self)

    def sign(self, signer: Signer) -> bytes:
        """The signed message."""
        return signer.sign(self.TYPE, self.body())


class About(NamedTuple):
    """The newest statement and the highest notice of a party that a refusal decides about (S6)."""

    party: Fingerprint
    seq: int
    digest: Digest
    highest: int


class Refused(NamedTuple):
    """A refusal as the bank will sign it: why, about whom, and the signed evidence (L4)."""

    code: Refusal
    about: About | None = None
    evidence: bytes | None = None
    letter: Digest | None = None
    """The letter under which this very chain was paid (C2)."""
    tell: bool = False
    """Once it is certain, another is still to be told: of a bounce, of a lien."""


class Pending(NamedTuple):
    """A notice that waits for its party: what the bank must know of it without opening it.

    ``earlier`` is the notice that this one withdraws, else 0.
    """

    notice: int
    kind: str
    other: Fingerprint | None
    number: Number
    asset: Digest
    amount: Amount
    until: Moment
    earlier: int = 0


class Presented(NamedTuple):
    """An instrument as it was presented: by whose letter, and whether it was paid."""

    instrument: bytes
    letter: Digest
    presenter: Fingerprint
    paid: bool


class Kept(NamedTuple):
    """What the bank keeps of instruments under one number until ``until`` plus grace (B4).

    ``bounced``: the notice by which the drawer heard of a bounce, made once per number.
    """

    until: Moment
    presented: tuple[Presented, ...]
    bounced: bytes | None


class Waiting(NamedTuple):
    """A spend to a fingerprint that has no account yet, as its receiver names it (O3)."""

    spender: Fingerprint
    number: Number
    asset: Digest
    amount: Amount
