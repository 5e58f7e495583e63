"""What all papers share: fields in, fields out; and what an order may ask of the bank's counter.

A *paper* is the typed body of a message. An *order* is a paper that also knows its effect on the statement
(the same for wallet, bank and judge) and what the bank checks (``clear``, which changes nothing) and moves
(``settle``, only after clear).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any, ClassVar, NamedTuple, Protocol, Self

from ledgerpost.errors import Refusal, WrongBank, WrongShape
from ledgerpost.fields import Field
from ledgerpost.sealed import Sealed, Signer
from ledgerpost.statement import Statement
from ledgerpost.terms import Amount, Digest, Fingerprint, Moment, Number, PublicKey


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
        paper = cls(*(field(value) for field, value in zip(cls.FIELDS, body, strict=True)))
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

    def body(self) -> tuple[Any, ...]:
        """The fields as they travel."""
        return tuple(getattr(self, field.name) for field in fields(self))

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


class Side(Protocol):
    """One party as an order may see it at the counter."""

    @property
    def fingerprint(self) -> Fingerprint:
        """20 bytes."""

    @property
    def key(self) -> PublicKey:
        """Its public key."""

    @property
    def statement(self) -> Statement:
        """Its newest statement that a receipt bears or will bear."""

    @property
    def highest(self) -> int:
        """The highest notice number made for it."""

    @property
    def pending(self) -> Iterable[Pending]:
        """What waits for it, by notice number."""

    def about(self) -> About:
        """What S6 wants named."""

    def waits(self, notice: int) -> Pending | None:
        """The pending notice of that number."""

    def find(self, number: Number, other: Fingerprint | None, *kinds: str) -> Pending | None:
        """The pending notice of one of the kinds about that number of ``other`` (None: of anybody)."""

    def opened(self, notice: int) -> bytes:
        """The bytes of a pending notice."""

    def drop(self, notice: int) -> None:
        """It waits no longer."""


class Counter(Protocol):
    """What an order may ask of the bank while it is cleared and settled."""

    now: Moment
    statement: Statement
    """The signer's statement after this letter's earlier orders."""
    opening: bool
    """Whether this is the first order of the first letter of a party without an account."""

    @property
    def letter(self) -> Digest:
        """The identity of the letter being carried out."""

    @property
    def me(self) -> Side:
        """The letter's signer."""

    @property
    def bank(self) -> Fingerprint:
        """The bank's fingerprint."""

    @property
    def terms(self) -> "Conditions":
        """The terms the letter was written under."""

    def side(self, party: Fingerprint) -> Side | None:
        """Another party with an account."""

    def keeps(self, asset: Digest) -> bool:
        """Whether the bank keeps this asset."""

    def usable(self, asset: Digest) -> int:
        """What the signer may use now (O1)."""

    def usable_of(self, side: Side, asset: Digest) -> int:
        """What another may use now, by its newest statement (O1)."""

    def kept(self, party: Fingerprint, number: Number) -> Kept | None:
        """Instruments presented under that number of that party."""

    def keep(self, party: Fingerprint, number: Number, kept: Kept) -> None:
        """Keep them, until their end plus grace."""

    def notify(self, to: Side, kind: str, about: Pending, enclosed: bytes | None) -> bytes:
        """Make a notice about ``about`` (its notice number is set here), enclosing the signer's message; its bytes."""

    def room_for(self, payee: Fingerprint) -> bool:
        """Whether the payee's inbox takes one more spend of the signer (O7)."""

    def leave_waiting(self, payee: Fingerprint, spend: bytes, number: Number) -> None:
        """Keep a spend to a fingerprint without an account."""

    def drop_waiting(self, payee: Fingerprint, number: Number) -> bool:
        """Forget such a spend of the signer; whether there was one."""

    def collect_waiting(self, named: tuple[Waiting, ...], enclosed: bytes) -> None:
        """Hand the named spends to the signer, telling their spenders; turn the others into notices."""

    def find_waiting(self, named: Waiting) -> Moment | None:
        """The end of the waiting spend just so named, if there is one."""

    def issue(self, asset: Digest, contract: bytes) -> None:
        """Keep this asset from now on."""

    def bring(self, paper: Paper) -> Digest:
        """Sign a paper and let the receipt bring it; its identity."""


class Addressed(Protocol):
    """What an order reads in the letter it stands in."""

    @property
    def bank(self) -> Fingerprint:
        """The bank's fingerprint."""

    @property
    def seq(self) -> int:
        """The letter's sequence."""


class Conditions(Protocol):
    """What an order reads in the bank's terms."""

    @property
    def spend_life(self) -> int:
        """Seconds a spend may wait at most."""

    @property
    def number_life(self) -> int:
        """Seconds a number may be open at most."""

    @property
    def most_numbers(self) -> int:
        """Open numbers per party."""

    @property
    def most_outstanding(self) -> int:
        """Outstanding spends and certificates per party."""

    @property
    def longest(self) -> int:
        """Endorsements a new certificate allows."""

    @property
    def second(self) -> str:
        """The policy for a second redeemer (B5)."""


@dataclass(frozen=True, slots=True)
class Order(Paper):
    """One thing a party asks of its bank. ``TYPE`` is the seed's name for it."""

    SIGNED: ClassVar[bool] = False
    """Whether it is signed on its own, because it travels to others (L7). Its fields then start with bank, seq."""

    FREE: ClassVar[bool] = False
    """Whether the terms can never charge for it (O3)."""

    @property
    def fee_name(self) -> str:
        """What the terms call the fee for it."""
        return self.TYPE

    def proven(self, letter: "Addressed", key: PublicKey) -> Refusal | None:
        """Why what it carries doesn't verify, whatever the bank's books say; None if it does. ``key``: the signer's."""
        return None

    def effect(self, statement: Statement) -> Statement:
        """The statement if this is done. Raises Inapplicable."""
        return statement

    def refused(self, statement: Statement, code: Refusal) -> Statement:
        """The statement if this is refused with that code."""
        return statement

    def parties(self) -> Iterator[Fingerprint]:
        """Others whose records clearing or settling may read or write."""
        yield from ()

    def assets(self) -> Iterator[Digest]:
        """Assets whose contracts clearing reads."""
        yield from ()

    def clear(self, counter: Counter) -> Refused | None:
        """Judge; change nothing."""
        return None

    def settle(self, counter: Counter, raw: bytes) -> Digest | None:
        """Move what others see; ``raw`` is the order as signed. Returns the identity of what it brings."""
        return None
