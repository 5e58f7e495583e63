"""What every order is: an effect on the statement, the same for wallet, bank and judge; what the bank checks
(``clear``, which changes nothing) and moves (``settle``, only after clear).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from ledgerpost.errors import Refusal
from ledgerpost.papers.counter import Addressed, Counter
from ledgerpost.papers.kinds import Paper, Refused
from ledgerpost.statement import Statement
from ledgerpost.terms import Digest, Fingerprint, PublicKey


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

    def proven(self, letter: "Addressed", key: PublicKey) -> Self | Refusal:
        """The order, if what it carries verifies whatever the bank's books say; else why not. ``key``: the signer's."""
        return self

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
