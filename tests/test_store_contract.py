"""What every store does, run over each of them: the port's contract (T2). What only LMDB does is tested elsewhere."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledgerpost.errors import Stale
from ledgerpost.store import STORES, Store, open_store
from ledgerpost.store.lmdb import LmdbStore
from ledgerpost.store.memory import MemoryStore

CHECK_KEY = bytes(range(32))
RECORDS = {b"a": b"1", b"a/": b"2", b"a/x": b"3", b"b": b"", b"\xfe\xff": b"5", b"\xff": b"6", b"\xff\xff": b"7"}
KINDS: dict[str, type[Store]] = {"lmdb": LmdbStore, "memory": MemoryStore}  # mypy sees here that they fill the port


@pytest.fixture(params=sorted(STORES))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "store", CHECK_KEY, kind=request.param, create=True)
    yield opened
    opened.close()


@pytest.fixture
def filled(store: Store) -> Store:
    put(store, RECORDS)
    return store


def put(store: Store, changes: dict[bytes, bytes | None] | dict[bytes, bytes]) -> None:
    with store.hold(()) as held:
        held.commit({**changes})


def everything(store: Store) -> list[tuple[bytes, bytes]]:
    with store.snapshot() as seen:
        return list(seen.under(b""))


def test_the_table_names_every_store(tmp_path: Path) -> None:
    assert set(STORES) == set(KINDS)
    for kind, expected in KINDS.items():
        opened = open_store(tmp_path / kind, CHECK_KEY, kind=kind, create=True)
        assert type(opened) is expected
        opened.close()


def test_starts_empty(store: Store) -> None:
    assert everything(store) == []
    with store.snapshot() as seen:
        assert seen.get(b"a") is None
        assert list(seen.under(b"a")) == []


def test_held_values_are_the_held_keys_and_none_where_nothing_is(filled: Store) -> None:
    with filled.hold([b"a", b"b", b"nothing", b"a"]) as held:
        assert held.values == {b"a": b"1", b"b": b"", b"nothing": None}


def test_get_reads_held_and_other_records(filled: Store) -> None:
    with filled.hold([b"a"]) as held, filled.snapshot() as seen:
        for reader in (held, seen):
            assert reader.get(b"a") == b"1"
            assert reader.get(b"a/x") == b"3"
            assert reader.get(b"b") == b""
            assert reader.get(b"a/x/") is None


@pytest.mark.parametrize(
    ("prefix", "keys"),
    [
        (b"", sorted(RECORDS)),
        (b"a", [b"a", b"a/", b"a/x"]),
        (b"a/", [b"a/", b"a/x"]),
        (b"a/x", [b"a/x"]),
        (b"a/y", []),
        (b"\x00", []),
        (b"\xfe", [b"\xfe\xff"]),
        (b"\xff", [b"\xff", b"\xff\xff"]),
        (b"\xff\xff", [b"\xff\xff"]),
        (b"\xff\xff\xff", []),
    ],
)
def test_under_gives_the_prefix_in_key_order(filled: Store, prefix: bytes, keys: list[bytes]) -> None:
    with filled.hold(()) as held, filled.snapshot() as seen:
        expected = [(key, RECORDS[key]) for key in keys]
        assert list(held.under(prefix)) == expected
        assert list(seen.under(prefix)) == expected


def test_commit_writes_deletes_and_leaves_the_rest(filled: Store) -> None:
    with filled.hold([b"a", b"b"]) as held:
        held.commit({b"a": b"new", b"b": None, b"never was": None, b"c": b"", b"notices/1": b"unheld"})
    expected = {**RECORDS, b"a": b"new", b"c": b"", b"notices/1": b"unheld"}
    del expected[b"b"]
    assert everything(filled) == sorted(expected.items())


def test_a_value_may_be_large(store: Store) -> None:
    large = random.Random(1).randbytes(3 * 2**20)
    put(store, {b"large": large})
    with store.hold([b"large"]) as held:
        assert held.values[b"large"] == large


def test_leaving_without_commit_changes_nothing(filled: Store) -> None:
    with filled.hold([b"a"]):
        pass
    with pytest.raises(ZeroDivisionError), filled.hold([b"a"]) as held:
        assert held.values
        raise ZeroDivisionError
    assert everything(filled) == sorted(RECORDS.items())


@pytest.mark.parametrize("other", [{b"a": b"other"}, {b"a": None}])
def test_a_held_record_that_changed_makes_the_commit_stale_with_nothing_written(
    filled: Store, other: dict[bytes, bytes | None]
) -> None:
    with filled.hold([b"a", b"b"]) as held:
        put(filled, other)
        after = everything(filled)
        with pytest.raises(Stale, match="nothing was written"):
            held.commit({b"b": b"mine", b"c": b"mine"})
    assert everything(filled) == after


def test_a_held_absence_is_guarded_too(filled: Store) -> None:
    with filled.hold([b"new"]) as held:
        put(filled, {b"new": b"first"})
        with pytest.raises(Stale):
            held.commit({b"new": b"second"})
    with filled.hold([b"new"]) as held:
        assert held.values[b"new"] == b"first"
        held.commit({b"new": b"second"})


def test_changes_of_other_records_make_nothing_stale(filled: Store) -> None:
    with filled.hold([b"a"]) as one, filled.hold([b"b"]) as two:
        two.commit({b"b": b"two"})
        one.commit({b"a": b"one"})
    with filled.snapshot() as seen:
        assert (seen.get(b"a"), seen.get(b"b")) == (b"one", b"two")


def test_of_two_holds_of_one_record_the_first_to_commit_wins(filled: Store) -> None:
    with filled.hold([b"a"]) as one, filled.hold([b"a"]) as two:
        two.commit({b"a": b"two"})
        with pytest.raises(Stale):
            one.commit({b"a": b"one"})
    with filled.snapshot() as seen:
        assert seen.get(b"a") == b"two"


def test_snapshot_and_hold_read_as_it_was_when_they_began(filled: Store) -> None:
    with filled.snapshot() as seen, filled.hold([b"a"]) as held:
        half_read = seen.under(b"")
        first = next(half_read)
        put(filled, {b"a": b"later", b"b": None, b"c": b"later"})
        assert [first, *half_read] == sorted(RECORDS.items())
        for reader in (seen, held):
            assert reader.get(b"a") == b"1"
            assert reader.get(b"c") is None
            assert list(reader.under(b"")) == sorted(RECORDS.items())
        assert held.values == {b"a": b"1"}


def test_one_hold_commits_once(filled: Store) -> None:
    with filled.hold([b"a"]) as held:
        held.commit({b"a": b"once"})
        with pytest.raises(ValueError, match="has ended"):
            held.commit({b"a": b"twice"})
        assert held.values == {b"a": b"1"}
    with filled.snapshot() as seen:
        assert seen.get(b"a") == b"once"


def test_what_has_ended_raises(filled: Store) -> None:
    with filled.hold([b"a"]) as held, filled.snapshot() as seen:
        pass
    for use in (lambda: held.commit({}), lambda: held.get(b"a"), lambda: seen.get(b"a"), lambda: seen.under(b"")):
        with pytest.raises(ValueError, match="has ended"):
            use()


def test_a_closed_store_raises_and_closes_again(filled: Store) -> None:
    filled.close()
    filled.close()
    with pytest.raises(ValueError, match="closed"), filled.hold([b"a"]):
        pass
    with pytest.raises(ValueError, match="closed"), filled.snapshot():
        pass


@pytest.mark.parametrize("key", [b"", b"k" * 512])
def test_keys_no_store_could_take_are_bugs(filled: Store, key: bytes) -> None:
    with pytest.raises(ValueError, match="1 to 511 bytes"), filled.hold([key]):
        pass
    with filled.hold(()) as held, pytest.raises(ValueError, match="1 to 511 bytes"):
        held.commit({b"good": b"", key: b""})
    with filled.snapshot() as seen, pytest.raises(ValueError, match="1 to 511 bytes"):
        seen.get(key)
    assert everything(filled) == sorted(RECORDS.items())


def test_the_longest_key_fits(store: Store) -> None:
    key = b"k" * 511
    put(store, {key: b"v"})
    with store.snapshot() as seen:
        assert list(seen.under(key)) == [(key, b"v")]


def test_keeps_what_a_dict_keeps(store: Store) -> None:
    dice, model = random.Random(7), dict[bytes, bytes]()
    for _ in range(60):
        keys = [dice.randbytes(dice.randint(1, 2)) for _ in range(dice.randint(1, 30))]
        changes = {key: dice.choice([None, dice.randbytes(dice.choice([0, 20, 2000, 20000]))]) for key in keys}
        with store.hold(keys) as held:
            assert held.values == {key: model.get(key) for key in keys}
            held.commit(changes)
        for key, value in changes.items():
            model.pop(key, None)
            if value is not None:
                model[key] = value
        assert everything(store) == sorted(model.items())
