"""The bank's counter as an order sees it while it is cleared and settled. The bank's ``Teller`` is one."""

from collections.abc import Iterable
from typing import Protocol

from ledgerpost.papers.kinds import About, Kept, Paper, Pending, Waiting
from ledgerpost.statement import Statement
from ledgerpost.terms import Amount, Digest, Fingerprint, Moment, Number, PublicKey


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

    def find(
        self, number: Number, other: Fingerprint | None, *kinds: str, units: tuple[Digest, Amount] | None = None
    ) -> Pending | None:
        """The pending notice of one of the kinds about that number of ``other``, and of ``units`` (None: of any)."""

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
    def restoring(self) -> bool:
        """Whether somebody may still come who was paid by what the bank has lost (L11)."""

    @property
    def terms(self) -> "Conditions":
        """The terms the letter was written under."""

    def is_missing(self, party: Fingerprint) -> bool:
        """Whether it has not come since the bank lost its store, with an account or without (L11)."""

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

    def hear_later(self, spender: Fingerprint, number: Number, raw: bytes) -> None:
        """The spender lacks the spend that the signer ends by ``raw``: tell it if its letter comes again (L11)."""

    def room_for(self, payee: Fingerprint) -> bool:
        """Whether the payee's inbox takes one more spend of the signer (O7)."""

    def leave_waiting(self, payee: Fingerprint, spend: bytes, number: Number) -> None:
        """Keep a spend to a fingerprint without an account."""

    def drop_waiting(self, payee: Fingerprint, number: Number) -> None:
        """Forget such a spend of the signer, which took it back."""

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
