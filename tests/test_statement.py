"""The statement: each change against a plain model, its one form, and what is no statement at all."""

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ledgerpost import cbor, statement
from ledgerpost.errors import BadBytes, NotDeterministic, TrailingBytes, WrongShape
from ledgerpost.statement import (
    MAX_ASSETS,
    MAX_OUTSTANDING,
    MAX_RANGES,
    Balance,
    Block,
    Inapplicable,
    Span,
    Spend,
    Statement,
    digest_of,
    is_statement,
    read_statement,
    seq_of,
)
from ledgerpost.terms import MAX_INT, Digest, Fingerprint

BANK, PARTY, PAYEE = (Fingerprint(name * 20) for name in (b"b", b"p", b"x"))
ASSETS = [Digest(name * 32) for name in (b"c", b"a", b"d")]
NOTHING = Statement(BANK, PARTY)


# --- numbers, spends and notices against sets and dicts -----------------------------------------------------------


class Against(RuleBasedStateMachine):
    """The same changes on a statement and on plain sets; after each, both say the same, in the one form."""

    def __init__(self) -> None:
        super().__init__()
        self.statement = NOTHING
        self.open: dict[int, int] = {}
        self.highest = 0
        self.taken: set[int] = set()
        self.spends: dict[int, Spend] = {}
        self.balances: dict[Digest, int] = {}

    @rule(count=st.integers(1, 9), until=st.integers(1, 3))
    def give(self, count: int, until: int) -> None:
        self.statement = self.statement.given(count, until)
        self.open |= dict.fromkeys(range(self.highest + 1, self.highest + count + 1), until)
        self.highest += count

    @rule(number=st.integers(1, 40))
    def close(self, number: int) -> None:
        if number in self.open:
            self.statement = self.statement.closed(number)
            del self.open[number]
        else:
            with pytest.raises(Inapplicable, match=f"{number} is not open"):
                self.statement.closed(number)

    @rule(first=st.integers(1, 40), length=st.integers(1, 12))
    def stop(self, first: int, length: int) -> None:
        wanted = range(first, first + length)
        possible = all(number in self.open for number in wanted)
        assert self.statement.all_open(first, wanted[-1]) == possible
        if possible:
            self.statement = self.statement.stopped(first, wanted[-1])
            self.open = {number: until for number, until in self.open.items() if number not in wanted}
        else:
            with pytest.raises(Inapplicable, match="not all"):
                self.statement.stopped(first, wanted[-1])

    @precondition(lambda self: self.open)
    @rule(at=st.integers(0, 99), asset=st.sampled_from(ASSETS), amount=st.integers(1, 9), bearer=st.booleans())
    def spend(self, at: int, asset: Digest, amount: int, bearer: bool) -> None:
        number = sorted(self.open)[at % len(self.open)]
        spend = Spend(number, None if bearer else PAYEE, asset, amount, 7)
        self.statement = self.statement.spent(spend)
        del self.open[number]
        self.spends[number] = spend
        self.balances[asset] = self.balances.get(asset, 0) - amount

    @rule(number=st.integers(1, 40), back=st.booleans(), asset=st.sampled_from(ASSETS), amount=st.integers(1, 9))
    def settle_any(self, number: int, back: bool, asset: Digest, amount: int) -> None:
        spend = self.spends.get(number)
        if spend is None or (spend.asset, spend.amount) != (asset, amount):
            with pytest.raises(Inapplicable, match="no such spend"):
                self.statement.settled(number, asset, amount, back=back)
        else:
            self.settle(number, back)

    @precondition(lambda self: self.spends)
    @rule(at=st.integers(0, 99), back=st.booleans())
    def settle_one(self, at: int, back: bool) -> None:
        self.settle(sorted(self.spends)[at % len(self.spends)], back)

    def settle(self, number: int, back: bool) -> None:
        spend = self.spends.pop(number)
        self.statement = self.statement.settled(number, spend.asset, spend.amount, back=back)
        if back:
            self.balances[spend.asset] += spend.amount

    @rule(asset=st.sampled_from(ASSETS), units=st.integers(-5, 5))
    def move(self, asset: Digest, units: int) -> None:
        self.statement = self.statement.moved(asset, units)
        self.balances[asset] = self.balances.get(asset, 0) + units

    @rule(first=st.integers(1, 40), length=st.integers(1, 9))
    def take(self, first: int, length: int) -> None:
        self.statement = self.statement.took(first, first + length - 1)
        self.taken |= set(range(first, first + length))

    @rule(notice=st.integers(1, 40))
    def take_one(self, notice: int) -> None:
        self.statement = self.statement.took(notice)
        self.taken.add(notice)

    @invariant()
    def says_the_same(self) -> None:
        held = self.statement
        assert {n: b.until for b in held.numbers for n in range(b.first, b.last + 1)} == self.open
        assert {n for span in held.taken for n in range(span.first, span.last + 1)} == self.taken
        assert {spend.number: spend for spend in held.outstanding} == self.spends
        assert dict(held.balances) == {asset: units for asset, units in self.balances.items() if units}
        assert held.highest == self.highest
        for number in range(0, 45):
            block = held.block_of(number)
            assert (block.until if block else None) == self.open.get(number)
            assert held.has_taken(number) == (number in self.taken)
            assert held.spend(number) == self.spends.get(number)
        for asset in ASSETS:
            assert held.balance(asset) == self.balances.get(asset, 0)

    @invariant()
    def has_its_one_form(self) -> None:
        raw = self.statement.encode()
        assert read_statement(raw) == self.statement
        assert read_statement(raw).encode() == raw
        assert (is_statement(raw), seq_of(raw)) == (True, self.statement.seq)
        assert self.statement.fits()


TestAgainst = Against.TestCase
TestAgainst.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 5)), max_size=20), st.randoms())
def test_notices_taken_in_any_order_give_one_form(ranges: list[tuple[int, int]], random: Any) -> None:
    def all_of(rows: list[tuple[int, int]]) -> Statement:
        held = NOTHING
        for first, more in rows:
            held = held.took(first, first + more)
        return held

    shuffled = list(ranges)
    random.shuffle(shuffled)
    assert all_of(ranges).encode() == all_of(shuffled).encode()


@given(st.permutations(range(1, 9)))
def test_numbers_closed_in_any_order_leave_none(order: list[int]) -> None:
    held = NOTHING.given(8, 5)
    for number in order:
        held = held.closed(number)
    assert held == replace(NOTHING, highest=8)


# --- bounds ---------------------------------------------------------------------------------------------------------


def test_balances_and_numbers_end_at_the_largest_number() -> None:
    rich = NOTHING.moved(ASSETS[0], MAX_INT)
    assert rich.moved(ASSETS[0], -MAX_INT) == NOTHING
    for units in (1, MAX_INT):
        with pytest.raises(Inapplicable, match="beyond"):
            rich.moved(ASSETS[0], units)
        with pytest.raises(Inapplicable, match="beyond"):
            NOTHING.moved(ASSETS[0], -MAX_INT).moved(ASSETS[0], -units)
    many = NOTHING.given(MAX_INT, 9)
    assert read_statement(many.encode()).numbers == (Block(1, MAX_INT, 9),)
    with pytest.raises(Inapplicable, match="beyond"):
        many.given(1, 9)
    assert many.all_open(1, MAX_INT)
    assert many.stopped(2, MAX_INT - 1).numbers == (Block(1, 1, 9), Block(MAX_INT, MAX_INT, 9))


@pytest.mark.parametrize(
    ("field", "most"),
    [("balances", MAX_ASSETS), ("numbers", MAX_RANGES), ("taken", MAX_RANGES), ("outstanding", MAX_OUTSTANDING)],
)
def test_what_fits_reads_and_what_does_not_is_refused(field: str, most: int) -> None:
    make: dict[str, Any] = {
        "balances": lambda at: Balance(Digest(at.to_bytes(32, "big")), 1),
        "numbers": lambda at: Block(2 * at + 1, 2 * at + 1, 1),
        "taken": lambda at: Span(2 * at + 1, 2 * at + 1),
        "outstanding": lambda at: Spend(at + 1, None, ASSETS[0], 1, 1),
    }
    rows: list[dict[str, Any]] = [{field: tuple(map(make[field], range(count)))} for count in (most, most + 1)]
    full, over = (replace(NOTHING, highest=MAX_INT, **row) for row in rows)
    assert (full.fits(), over.fits()) == (True, False)
    assert read_statement(full.encode()) == full
    with pytest.raises(BadBytes):
        read_statement(over.encode())


# --- what is refused ------------------------------------------------------------------------------------------------

SPEND = Spend(5, PAYEE, ASSETS[0], 1, 1)
REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("balances unsorted", {"balances": (Balance(ASSETS[0], 1), Balance(ASSETS[1], 1))}),
    ("a balance twice", {"balances": (Balance(ASSETS[0], 1), Balance(ASSETS[0], 2))}),
    ("a balance of zero", {"balances": (Balance(ASSETS[0], 0),)}),
    ("a balance too large", {"balances": (Balance(ASSETS[0], MAX_INT + 1),)}),
    ("a balance of True", {"balances": ((ASSETS[0], True),)}),
    ("a backward block", {"numbers": (Block(2, 1, 1),)}),
    ("number zero", {"numbers": (Block(0, 1, 1),)}),
    ("a block beyond the highest", {"numbers": (Block(1, 21, 1),)}),
    ("blocks unsorted", {"numbers": (Block(5, 6, 1), Block(1, 2, 1))}),
    ("blocks overlapping", {"numbers": (Block(1, 3, 1), Block(3, 4, 2))}),
    ("blocks that could be one", {"numbers": (Block(1, 3, 1), Block(4, 5, 1))}),
    ("taken unsorted", {"taken": (Span(5, 6), Span(1, 2))}),
    ("taken touching", {"taken": (Span(1, 2), Span(3, 4))}),
    ("taken overlapping", {"taken": (Span(1, 2), Span(2, 4))}),
    ("taken backwards", {"taken": (Span(2, 1),)}),
    ("notice zero", {"taken": (Span(0, 1),)}),
    ("spends unsorted", {"outstanding": (SPEND, SPEND._replace(number=4))}),
    ("a spend twice", {"outstanding": (SPEND, SPEND)}),
    ("a spend of nothing", {"outstanding": (SPEND._replace(amount=0),)}),
    ("a spend to half a party", {"outstanding": (SPEND._replace(payee=Fingerprint(b"x")),)}),
    ("seq below zero", {"seq": -1}),
    ("seq of True", {"seq": True}),
    ("a short salt", {"salt": b"x"}),
    ("half a bank", {"bank": b"x"}),
]


@pytest.mark.parametrize("fields", [case[1] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_a_form_that_is_not_canonical_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(WrongShape):
        read_statement(replace(NOTHING, **{"highest": 20} | fields).encode())


def test_blocks_may_touch_if_they_end_apart() -> None:
    held = NOTHING.given(3, 1).given(3, 2)
    assert held.numbers == (Block(1, 3, 1), Block(4, 6, 2))
    assert read_statement(held.encode()) == held
    assert held.all_open(2, 5)
    assert held.stopped(2, 5).numbers == (Block(1, 1, 1), Block(6, 6, 2))
    assert NOTHING.given(3, 1).given(3, 1).numbers == (Block(1, 6, 1),)
    assert NOTHING.given(3, 1).closed(3).given(3, 1).numbers == (Block(1, 2, 1), Block(4, 6, 1))


def test_other_things_are_no_statements() -> None:
    raw = NOTHING.encode()
    for bad in (b"\x80", b"\x00", cbor.encode(("lp1.statement",)), cbor.encode(("lp2.statement", 1, 2, 3))):
        for reader in (read_statement, seq_of):
            with pytest.raises(WrongShape):
                reader(bad)
    with pytest.raises(TrailingBytes):
        read_statement(raw + b"\x00")
    with pytest.raises(NotDeterministic):
        read_statement(raw.replace(b"\x00\x80\x80\x80\x80", b"\x18\x00\x80\x80\x80\x80"))
    assert not is_statement(raw.replace(b"lp1", b"lp2"))
    assert not is_statement(b"")
    assert not is_statement(cbor.encode("lp1.statement"))
    with pytest.raises(WrongShape):
        seq_of(cbor.encode((statement.KIND, BANK, PARTY, True)))


@settings(max_examples=200)
@given(st.data())
def test_no_byte_can_change_unnoticed(data: st.DataObject) -> None:
    held = NOTHING.given(9, 5).closed(4).moved(ASSETS[0], 100).spent(Spend(7, PAYEE, ASSETS[0], 3, 9)).took(2, 5)
    raw = bytearray(held.encode())
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        other = read_statement(bytes(raw))
    except BadBytes:
        return
    assert other != held
    assert other.encode() == bytes(raw)
    assert digest_of(bytes(raw)) != digest_of(held.encode())


def test_the_digest_is_sha_256_of_the_bytes_and_covers_every_field() -> None:
    raw = NOTHING.encode()
    assert digest_of(raw) == sha256(raw).digest()
    changes: list[dict[str, Any]] = [
        {"bank": PAYEE},
        {"party": PAYEE},
        {"seq": 1},
        {"salt": b"s" * 16},
        {"highest": 1},
        {"balances": (Balance(ASSETS[0], 1),)},
        {"numbers": (Block(1, 1, 1),)},
        {"outstanding": (SPEND,)},
        {"taken": (Span(1, 1),)},
    ]
    digests = {digest_of(replace(NOTHING, **change).encode()) for change in changes}
    assert len(digests | {digest_of(raw)}) == len(changes) + 1
