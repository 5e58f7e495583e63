"""The codec: one form for every value, each fault its own error, and shapes that take nothing for what it is not."""

import math
from typing import Any

import cbor2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledgerpost import cbor
from ledgerpost import fields as f
from ledgerpost.errors import (
    BadBytes,
    BadKey,
    CutShort,
    DuplicateKey,
    IndefiniteLength,
    NotDeterministic,
    OverLimit,
    TrailingBytes,
    UnexpectedTag,
    WrongShape,
)
from ledgerpost.terms import MAX_INT

integers = st.integers(-(2**64), 2**64 - 1)
leaves = st.one_of(st.none(), st.booleans(), integers, st.binary(max_size=20), st.text(max_size=20))
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4).map(tuple), max_leaves=12)


def same(a: Any, b: Any) -> bool:
    """Equal, and of the same types all the way down."""
    if type(a) is tuple:
        return type(b) is tuple and len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and bool(a == b)


def hex_(text: str) -> bytes:
    return bytes.fromhex(text)


# --- there and back -------------------------------------------------------------------------------------------------


def depth(value: Any) -> int:
    """Containers within one another; an empty one counts for nothing."""
    return 1 + max(map(depth, value)) if type(value) is tuple and value else 0


@given(values)
@example((True, 1, (0, False), -1, 2**64 - 1, -(2**64)))
def test_what_is_encoded_decodes_to_the_same(value: Any) -> None:
    raw = cbor.encode(value)
    if depth(value) > cbor.MAX_DEPTH:
        with pytest.raises(OverLimit):
            cbor.decode(raw)
    else:
        assert same(cbor.decode(raw), value)


@given(values.filter(lambda value: depth(value) <= cbor.MAX_DEPTH), values)
def test_one_value_has_one_encoding(a: Any, b: Any) -> None:
    assert (cbor.encode(a) == cbor.encode(b)) == same(a, b)


@given(st.data(), values.filter(lambda value: depth(value) <= cbor.MAX_DEPTH))
def test_any_change_is_an_error_or_another_value_in_its_own_one_form(data: st.DataObject, value: Any) -> None:
    raw = bytearray(cbor.encode(value))
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    try:
        found = cbor.decode(bytes(raw))
    except BadBytes:
        return
    assert not same(found, value)
    assert cbor.encode(found) == bytes(raw)


@given(st.binary(max_size=60))
def test_arbitrary_bytes_are_an_error_of_ours_or_a_value_in_its_one_form(raw: bytes) -> None:
    try:
        value = cbor.decode(raw)
    except BadBytes:
        return
    assert cbor.encode(value) == raw


@given(values.filter(lambda value: depth(value) <= cbor.MAX_DEPTH), st.data())
def test_every_cut_is_cut_short(value: Any, data: st.DataObject) -> None:
    raw = cbor.encode(value)
    with pytest.raises(CutShort):
        cbor.decode(raw[: data.draw(st.integers(0, len(raw) - 1))])


@given(values.filter(lambda value: depth(value) <= cbor.MAX_DEPTH), st.binary(min_size=1, max_size=9))
def test_whatever_follows_is_trailing(value: Any, more: bytes) -> None:
    with pytest.raises(TrailingBytes, match=f"^{len(more)} bytes follow"):
        cbor.decode(cbor.encode(value) + more)


def test_maps_come_frozen_and_sorted() -> None:
    raw = cbor.encode({4: b"", 1: -8, 16: "x"})
    assert raw == hex_("a3 0127 0440 10 6178")
    value = cbor.decode(raw)
    assert (value, hash(value)) == ({1: -8, 4: b"", 16: "x"}, hash(value))
    assert cbor.decode(hex_("a0")) == {}


# --- each fault its own error -----------------------------------------------------------------------------------------

FAULTS: list[tuple[str, str, type[BadBytes]]] = [
    ("nothing", "", CutShort),
    ("array cut short", "8201", CutShort),
    ("length cut short", "59ff", CutShort),
    ("huge array announced", "9bffffffffffffffff", BadBytes),
    ("huge bytes announced", "5b7fffffffffffffff", CutShort),
    ("huge text announced", "7b7fffffffffffffff", CutShort),
    ("huge map announced", "bb7fffffffffffffff", BadBytes),
    ("trailing zero", "0000", TrailingBytes),
    ("indefinite bytes", "5f4101ff", IndefiniteLength),
    ("indefinite text", "7f6161ff", IndefiniteLength),
    ("indefinite array", "9f01ff", IndefiniteLength),
    ("indefinite map", "bf0102ff", IndefiniteLength),
    ("indefinite inside", "829f01ff01", IndefiniteLength),
    ("break alone", "ff", WrongShape),
    ("duplicate key", "a201020103", DuplicateKey),
    ("duplicate text key", "a2616101616102", DuplicateKey),
    ("duplicate by another length", "a20102180103", DuplicateKey),
    ("unsorted keys", "a204000100", NotDeterministic),
    ("one in two bytes", "1801", NotDeterministic),
    ("one in three bytes", "190001", NotDeterministic),
    ("one in five bytes", "1a00000001", NotDeterministic),
    ("one in nine bytes", "1b0000000000000001", NotDeterministic),
    ("negative in two bytes", "3800", NotDeterministic),
    ("long length of bytes", "580100", NotDeterministic),
    ("long length of text", "780161", NotDeterministic),
    ("long length of array", "980100", NotDeterministic),
    ("long length of map", "b8010000", NotDeterministic),
    ("long key", "a1180100", NotDeterministic),
    ("double for a half", "fb3ff0000000000000", NotDeterministic),
    ("another NaN", "f97e01", NotDeterministic),
    ("false in two bytes", "f814", BadBytes),
    ("tag 0, a date", "c074323031332d30332d32315432303a30343a30305a", UnexpectedTag),
    ("tag 1, a time", "c11a514b67b0", UnexpectedTag),
    ("tag 2, a big number", "c249010000000000000000", UnexpectedTag),
    ("tag 3, a negative one", "c349010000000000000000", UnexpectedTag),
    ("tag 4, a fraction", "c48221196ab3", UnexpectedTag),
    ("tag 18", "d280", UnexpectedTag),
    ("tag 24", "d8184101", UnexpectedTag),
    ("tag 28, shareable", "d81c80", UnexpectedTag),
    ("tag 29, a reference", "82d81c80d81d00", UnexpectedTag),
    ("tag 30, rational", "d81e820103", UnexpectedTag),
    ("tag 35, a pattern", "d8236161", UnexpectedTag),
    ("tag 36, mail", "d82460", UnexpectedTag),
    ("tag 37, uuid", "d825500123456789abcdef0123456789abcdef", UnexpectedTag),
    ("tag 100, a day", "d86400", UnexpectedTag),
    ("tag 256, strings", "d9010080", UnexpectedTag),
    ("tag 258, a set", "d9010281 01", UnexpectedTag),
    ("tag 260, an address", "d9010444c00002ff", UnexpectedTag),
    ("tag 1004, a date", "d903ec6a323031332d31302d3039", UnexpectedTag),
    ("tag 55799", "d9d9f700", UnexpectedTag),
    ("tag nobody knows", "da7fffffff00", UnexpectedTag),
    ("tag inside a key", "a1c10000", UnexpectedTag),
    ("reserved length", "1c", WrongShape),
    ("reserved simple", "fc", WrongShape),
    ("text that is no UTF-8", "61ff", WrongShape),
    ("half a surrogate", "63eda080", WrongShape),
]


@pytest.mark.parametrize(("raw", "error"), [case[1:] for case in FAULTS], ids=[case[0] for case in FAULTS])
def test_each_fault_has_its_own_error(raw: str, error: type[BadBytes]) -> None:
    with pytest.raises(error) as caught:
        cbor.decode(hex_(raw))
    if error is not BadBytes:
        assert type(caught.value) is error
    assert caught.value.what


def test_depth_ends_at_its_limit() -> None:
    deepest: Any = ()
    for _ in range(cbor.MAX_DEPTH - 1):
        deepest = (deepest,)
    assert cbor.decode(cbor.encode(deepest)) == deepest
    assert cbor.decode(b"\x81" * cbor.MAX_DEPTH + b"\x00")
    one = b"\x81" * (cbor.MAX_DEPTH + 1)
    for raw in (one + b"\x00", one + b"\x80", one * 500 + b"\x00", b"\xa1\x01" * 5000 + b"\x00"):
        with pytest.raises(OverLimit, match="more than 8 containers"):
            cbor.decode(raw)


def test_depth_does_not_count_an_empty_container_at_the_bottom() -> None:
    """cbor2 counts what holds something. No shape of ours comes near either limit."""
    assert cbor.encode(cbor.decode(b"\x81" * cbor.MAX_DEPTH + b"\x80")) == b"\x81" * cbor.MAX_DEPTH + b"\x80"


def test_size_ends_at_its_limit() -> None:
    assert cbor.decode(cbor.encode(b"x" * 95), 97) == b"x" * 95
    with pytest.raises(OverLimit, match="98 bytes where at most 97"):
        cbor.decode(cbor.encode(b"x" * 96), 97)
    with pytest.raises(OverLimit):
        cbor.decode(cbor.encode(b"x" * cbor.MAX_SIZE))


@pytest.mark.parametrize("raw", ["a18000", "a1a000", "a1810000", "a181a000", "a1fb7ff800000000000000"])
def test_strange_keys_never_crash(raw: str) -> None:
    try:
        value = cbor.decode(hex_(raw))
    except BadBytes:
        return
    assert cbor.encode(value) == hex_(raw)


@pytest.mark.parametrize("step", ["_loads", "encode"])
def test_a_key_that_nothing_can_sort_or_hash_is_a_wrong_shape(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def unhashable(raw: object, **_: object) -> object:
        raise TypeError("unhashable")

    monkeypatch.setattr(cbor, step, unhashable)
    with pytest.raises(WrongShape, match="map key"):
        cbor.decode(b"\x00")


def test_the_table_of_no_tags_is_not_a_table() -> None:
    with pytest.raises(TypeError):
        list(cbor._NO_TAGS)
    assert len(cbor._NO_TAGS) == 1


def test_another_decoder_reads_the_same() -> None:
    value = (1, -1, b"x", "ä", None, True, (2**63 - 1,))
    assert same(tuple_all(cbor2.loads(cbor.encode(value))), value)


def tuple_all(value: Any) -> Any:
    return tuple(map(tuple_all, value)) if isinstance(value, list) else value


# --- shapes ------------------------------------------------------------------------------------------------------

NUMBERS: list[tuple[Any, int, int]] = [(f.whole, 0, MAX_INT), (f.positive, 1, MAX_INT), (f.balance, -MAX_INT, MAX_INT)]


@pytest.mark.parametrize(("shape", "least", "most"), NUMBERS)
def test_numbers_are_whole_within_bounds_and_true_is_not_one(shape: f.Field[int], least: int, most: int) -> None:
    for good in (least, most, 1, 77):
        assert shape(good) == good
    for bad in (least - 1, most + 1, 2**64, True, False, 1.0, math.nan, math.inf, "1", b"1", None, (1,)):
        with pytest.raises(WrongShape):
            shape(bad)
    if shape is f.balance:
        with pytest.raises(WrongShape, match="not zero"):
            shape(0)


@pytest.mark.parametrize(("shape", "size"), [(f.fingerprint, 20), (f.public_key, 32), (f.digest, 32), (f.nonce, 16)])
def test_fixed_bytes_have_their_size(shape: f.Field[bytes], size: int) -> None:
    assert shape(b"x" * size) == b"x" * size
    for bad in (b"x" * (size - 1), b"x" * (size + 1), "x" * size, bytearray(size), None, size):
        kind = BadKey if shape is f.public_key and type(bad) is bytes else WrongShape
        with pytest.raises(kind, match=f"{size}"):
            shape(bad)


def test_flags_texts_words_and_octets() -> None:
    assert (f.flag(True), f.flag(False)) == (True, False)
    text, word, octets = f.text(4), f.one_of("a", "b"), f.octets(4)
    assert (text(""), text("ää"), word("b"), octets(b"xxxx")) == ("", "ää", "b", b"xxxx")
    cases: list[tuple[f.Field[Any], tuple[Any, ...]]] = [
        (f.flag, (0, 1, None, "true")),
        (text, ("äää", b"a", 1, None)),
        (word, ("c", b"a", None, 0, "")),
        (octets, (b"", b"xxxxx", "x", None)),
    ]
    for shape, wrong in cases:
        for bad in wrong:
            with pytest.raises(OverLimit if bad in ("äää", b"xxxxx") else WrongShape):
                shape(bad)


def test_optional_lists_and_rows() -> None:
    maybe, listed, row = f.maybe(f.whole), f.listed(f.whole, 2), f.row(lambda a, b: (b, a), f.whole, f.flag)
    assert (maybe(None), maybe(3), listed(()), listed((1, 2)), row((1, True))) == (None, 3, (), (1, 2), (True, 1))
    cases: list[tuple[f.Field[Any], tuple[Any, ...]]] = [
        (maybe, (True, "")),
        (listed, ((1, 2, 3), [1], ("1",), None, {1: 2})),
        (row, ((1,), (1, True, 2), (True, 1), [1, True], None)),
    ]
    for shape, wrong in cases:
        for bad in wrong:
            with pytest.raises(OverLimit if bad == (1, 2, 3) else WrongShape):
                shape(bad)


@given(st.lists(st.integers(0, 9), max_size=6))
def test_rising_is_strict(keys: list[int]) -> None:
    if keys == sorted(set(keys)):
        f.rising("keys", tuple(keys))
    else:
        with pytest.raises(WrongShape, match="keys must be sorted"):
            f.rising("keys", tuple(keys))
