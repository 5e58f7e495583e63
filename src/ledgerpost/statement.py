"""The statement: one party's balances, numbers, outstanding spends and notices taken in (L2).

A frozen value; every change gives a new one. Its bytes are deterministic, so that bank and party, each on
its own, arrive at the same digest: that digest is the balance agreement. Knows no order, bank or wallet.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import pairwise
from operator import itemgetter
from typing import Final, NamedTuple

from ledgerpost import cbor
from ledgerpost import fields as f
from ledgerpost.errors import LedgerpostError, WrongShape
from ledgerpost.terms import FINGERPRINT_SIZE, MAX_INT, Amount, Digest, Fingerprint, Moment, Number

KIND: Final = "lp1.statement"
MAX_ASSETS: Final = 512
MAX_RANGES: Final = 4096
MAX_OUTSTANDING: Final = 2048


class Inapplicable(LedgerpostError):
    """An effect that this statement cannot take: no such number, spend or notice. A bug, or a false document."""

    code = "inapplicable"


class Block(NamedTuple):
    """Open numbers ``first`` to ``last``, chargeable until ``until`` (N2)."""

    first: Number
    last: Number
    until: Moment


class Spend(NamedTuple):
    """An outstanding spend, or a bearer certificate (``payee`` None): value that left the balance (O2)."""

    number: Number
    payee: Fingerprint | None
    asset: Digest
    amount: Amount
    until: Moment


class Span(NamedTuple):
    """The whole numbers ``first`` to ``last``."""

    first: int
    last: int


class Balance(NamedTuple):
    """What a party has of one asset; never zero; negative for its issuer, or, after a loss, for who owes (6.1, R6)."""

    asset: Digest
    units: int


_FIRST: Final = itemgetter(0)
"""Of a block, a spend or a span: where it stands among its like."""


@dataclass(frozen=True, slots=True)
class Statement:
    """The balance agreement of ``party`` with ``bank`` after the party's letter ``seq``.

    ``salt`` is that letter's nonce: refusals show others a statement's digest (S6), and nobody may guess a balance
    from it. ``highest`` is the highest number ever given out (N1); ``taken`` the notices taken in, as spans (L2).
    """

    bank: Fingerprint
    party: Fingerprint
    seq: int = 0
    salt: bytes = bytes(16)
    highest: Number = 0
    balances: tuple[Balance, ...] = ()
    numbers: tuple[Block, ...] = ()
    outstanding: tuple[Spend, ...] = ()
    taken: tuple[Span, ...] = ()

    def encode(self) -> bytes:
        """Deterministic CBOR (docs/spec.md 4.1)."""
        return cbor.encode(
            (
                KIND,
                self.bank,
                self.party,
                self.seq,
                self.salt,
                self.highest,
                self.balances,
                self.numbers,
                self.outstanding,
                self.taken,
            )
        )

    # --- balances

    def balance(self, asset: Digest) -> int:
        """Units of the asset, 0 if none."""
        for named, units in self.balances:
            if named == asset:
                return units
        return 0

    def moved(self, asset: Digest, units: int) -> "Statement":
        """With ``units`` more (or fewer) of the asset; zero balances are not listed (O6)."""
        total = self.balance(asset) + units
        if not -MAX_INT <= total <= MAX_INT:
            raise Inapplicable("a balance beyond 2^63-1")
        rows = [row for row in self.balances if row[0] != asset]
        if total:
            insort(rows, Balance(asset, total))
        # every order that moves value comes here: dataclasses.replace would take longer than all the rest
        return Statement(
            self.bank,
            self.party,
            self.seq,
            self.salt,
            self.highest,
            tuple(rows),
            self.numbers,
            self.outstanding,
            self.taken,
        )

    # --- numbers

    def block_of(self, number: Number) -> Block | None:
        """The open block that holds the number, if it is open."""
        at = self._place(number)
        return self.numbers[at] if at >= 0 and number <= self.numbers[at][1] else None

    def given(self, count: int, until: Moment) -> "Statement":
        """With the next ``count`` numbers open until ``until`` (N1)."""
        first, last = self.highest + 1, self.highest + count
        if last > MAX_INT:
            raise Inapplicable("numbers beyond 2^63-1")
        numbers = self.numbers
        if numbers and numbers[-1].last + 1 == first and numbers[-1].until == until:
            first, numbers = numbers[-1].first, numbers[:-1]
        return replace(self, highest=last, numbers=(*numbers, Block(first, last, until)))

    def closed(self, number: Number) -> "Statement":
        """Without that open number."""
        at = self._place(number)
        if at < 0 or number > self.numbers[at].last:
            raise Inapplicable(f"number {number} is not open")
        first, last, until = self.numbers[at]
        rest = [Block(*part, until) for part in ((first, number - 1), (number + 1, last)) if part[0] <= part[1]]
        return replace(self, numbers=self.numbers[:at] + tuple(rest) + self.numbers[at + 1 :])

    def all_open(self, first: Number, last: Number) -> bool:
        """Whether every number from ``first`` to ``last`` is open."""
        at = max(self._place(first), 0)
        while at < len(self.numbers) and self.numbers[at].first <= first <= self.numbers[at].last:
            if last <= self.numbers[at].last:
                return True
            first, at = self.numbers[at].last + 1, at + 1
        return False

    def stopped(self, first: Number, last: Number) -> "Statement":
        """Without the open numbers ``first`` to ``last``."""
        if not self.all_open(first, last):
            raise Inapplicable(f"not all of {first} to {last} are open")
        at, end = self._place(first), self._place(last)
        head, tail = self.numbers[at], self.numbers[end]
        pieces = (Block(head.first, first - 1, head.until), Block(last + 1, tail.last, tail.until))
        rest = tuple(block for block in pieces if block.first <= block.last)
        return replace(self, numbers=self.numbers[:at] + rest + self.numbers[end + 1 :])

    def _place(self, number: Number) -> int:
        return bisect_right(self.numbers, number, key=_FIRST) - 1

    # --- outstanding spends

    def spend(self, number: Number) -> Spend | None:
        """The outstanding spend under that number."""
        at = bisect_right(self.outstanding, number, key=_FIRST) - 1
        found = self.outstanding[at] if at >= 0 else None
        return found if found and found.number == number else None

    def spend_to(self, payee: Fingerprint | None, number: Number, asset: Digest, amount: Amount) -> Spend | None:
        """The same if it is just this one: after a loss a number may be given again, and another spent on it (L11)."""
        spend = self.spend(number)
        return spend if spend and spend[1:4] == (payee, asset, amount) else None

    def spent(self, spend: Spend) -> "Statement":
        """With the spend outstanding, its number closed and its amount gone from the balance."""
        rest = self.closed(spend.number).moved(spend.asset, -spend.amount)
        rows = list(rest.outstanding)
        insort(rows, spend, key=_FIRST)
        return replace(rest, outstanding=tuple(rows))

    def settled(self, number: Number, asset: Digest, amount: Amount, *, back: bool) -> "Statement":
        """Without just that outstanding spend; its amount comes back if ``back``."""
        spend = self.spend(number)
        if spend is None or (spend.asset, spend.amount) != (asset, amount):
            raise Inapplicable(f"no such spend {number} is outstanding")
        rest = replace(self, outstanding=tuple(each for each in self.outstanding if each is not spend))
        return rest.moved(spend.asset, spend.amount) if back else rest

    # --- notices

    def has_taken(self, notice: int) -> bool:
        """Whether that notice was taken in."""
        at = bisect_right(self.taken, notice, key=_FIRST) - 1
        return at >= 0 and notice <= self.taken[at].last

    def took(self, first: int, last: int | None = None) -> "Statement":
        """With the notices ``first`` to ``last`` (or just ``first``) taken in."""
        last = first if last is None else last
        at = bisect_left(self.taken, first - 1, key=lambda span: span.last)
        end = bisect_right(self.taken, last + 1, key=_FIRST)
        if at < end:
            first, last = min(first, self.taken[at].first), max(last, self.taken[end - 1].last)
        return replace(self, taken=(*self.taken[:at], Span(first, last), *self.taken[end:]))

    def fits(self) -> bool:
        """Whether it stays within what a statement may list (docs/spec.md section 2).

        However its numbers close later, refused spends too: every second of a block leaves the most ranges.
        """
        return (
            len(self.balances) <= MAX_ASSETS
            and sum((block.last - block.first) // 2 + 1 for block in self.numbers) <= MAX_RANGES
            and len(self.outstanding) <= MAX_OUTSTANDING
            and len(self.taken) <= MAX_RANGES
        )


_fields = f.row(
    Statement,
    f.fingerprint,
    f.fingerprint,
    f.whole,
    f.nonce,
    f.whole,
    f.listed(f.row(Balance, f.digest, f.balance), MAX_ASSETS),
    f.listed(f.row(Block, f.positive, f.positive, f.whole), MAX_RANGES),
    f.listed(f.row(Spend, f.positive, f.maybe(f.fingerprint), f.digest, f.positive, f.whole), MAX_OUTSTANDING),
    f.listed(f.row(Span, f.positive, f.positive), MAX_RANGES),
)


def read_statement(raw: bytes) -> Statement:
    """Decode a statement strictly, its order and joins included. Raises BadBytes."""
    value = cbor.decode(raw)
    if type(value) is not tuple or not value or value[0] != KIND:
        raise WrongShape("no statement")
    statement = _fields(value[1:])
    f.rising("balances", tuple(row.asset for row in statement.balances))
    f.rising("outstanding spends", tuple(spend.number for spend in statement.outstanding))
    _spans("numbers", statement.numbers, statement.highest)
    _spans("notices taken in", statement.taken, MAX_INT)
    return statement


def _spans(name: str, spans: Iterable[Block | Span], most: int) -> None:
    """Sorted, apart, within bounds; those that could be one (same end date, touching) are one."""
    spans = tuple(spans)
    for span in spans:
        if not span.first <= span.last <= most:
            raise WrongShape(f"{name}: a range out of bounds")
    for a, b in pairwise(spans):
        if a.last >= b.first or (a.last + 1 == b.first and a[2:] == b[2:]):
            raise WrongShape(f"{name} must be sorted ranges, joined where they can be")


def digest_of(raw: bytes) -> Digest:
    """The identity of a statement: SHA-256 of its bytes, which no Sig_structure can equal."""
    return Digest(sha256(raw).digest())


def is_statement(raw: bytes) -> bool:
    """Whether the bytes start like a statement."""
    return raw[1:2] == b"\x6d" and raw[2:15] == KIND.encode()


def seq_of(raw: bytes) -> int:
    """The sequence in a statement's bytes, without reading the rest, which may be long. Raises WrongShape."""
    head = raw[_SEQ_AT : _SEQ_AT + 1]
    if not is_statement(raw) or not head or head[0] > _WIDEST:
        raise WrongShape("no statement")
    wide = 1 << head[0] - 24 if head[0] >= 24 else 0
    return int.from_bytes(raw[_SEQ_AT + 1 : _SEQ_AT + 1 + wide], "big") if wide else head[0]


_SEQ_AT: Final = len(cbor.encode((KIND, bytes(FINGERPRINT_SIZE), bytes(FINGERPRINT_SIZE))))
"""Where the sequence stands: after the head, the kind, the bank and the party, which are always of the same size."""
_WIDEST: Final = 27
"""The head of an unsigned integer of eight bytes (RFC 8949 3)."""
