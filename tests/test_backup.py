"""Backups: written whole or not at all, and read strictly."""

import os
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledgerpost import cbor
from ledgerpost.carriers import durable
from ledgerpost.desk.backup import KEY, check_backup, write_backup
from ledgerpost.desk.home import BANKS, WALLETS, Home
from ledgerpost.desk.restore import Restored, restore
from ledgerpost.errors import LedgerpostError, NotFound, PlaceError, Stale
from ledgerpost.papers.backup import Backup
from ledgerpost.terms import Digest
from village import BANK, START, Village, back_up, pay_around, seed_of, signer_of


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Village:
    village = Village(tmp_path_factory.mktemp("village"))
    pay_around(village)
    return village


@pytest.fixture
def village(told: Village, tmp_path: Path) -> Village:
    """A copy that a test may spoil."""
    shutil.copytree(told.root, tmp_path / "village")
    return Village(tmp_path / "village")


def kind_of(name: str) -> str:
    return BANKS if name == BANK else WALLETS


def bring_back(name: str, file: Path, home: Path) -> Restored:
    return restore(Home(home), file, kind_of(name), name, seed_of(name))


# --- the file


def test_the_file_is_a_self_described_sequence_that_others_can_read(village: Village, tmp_path: Path) -> None:
    import cbor2

    before = village.records(BANK)
    back_up(village, BANK, tmp_path / "file")
    with (tmp_path / "file").open("rb") as file:
        head = cbor2.load(file)
        items: list[Any] = []
        while file.peek(1):
            items.append(cbor2.load(file))
    assert head.tag == 18
    assert [key for key, _ in items] == sorted(key for key, _ in items)
    assert items[0][0] == KEY
    assert dict(items[1:]) == before
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.glob(".*")) == []


def test_a_file_that_is_there_is_left_alone(village: Village, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"precious")
    with pytest.raises(PlaceError, match="there is one already") as caught:
        back_up(village, BANK, tmp_path / "file")
    assert caught.value.where == str(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"precious"


def test_a_folder_that_is_not_there_is_named(village: Village, tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        back_up(village, BANK, tmp_path / "stick" / "file")
    assert str(tmp_path / "stick") in caught.value.where


def test_a_full_disk_leaves_nothing(village: Village, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(durable, "sync", full)
    (tmp_path / "stick").mkdir()
    with pytest.raises(PlaceError, match="no space"):
        back_up(village, BANK, tmp_path / "stick" / "file")
    assert list((tmp_path / "stick").iterdir()) == []


def test_records_that_change_meanwhile_are_noticed(village: Village, tmp_path: Path) -> None:
    calls = iter([[(b"a", b"1")], [(b"a", b"2")]])

    def records() -> Iterator[tuple[bytes, bytes]]:
        yield from next(calls)

    (tmp_path / "stick").mkdir()
    with pytest.raises(Stale):
        write_backup(tmp_path / "stick" / "file", village.seat(BANK), signer_of(BANK), records, START)
    assert list((tmp_path / "stick").iterdir()) == []


def test_many_records_take_little_memory(village: Village, tmp_path: Path) -> None:
    """20 MB go out and come back through a few hundred kilobytes."""
    import tracemalloc

    def many() -> Iterator[tuple[bytes, bytes]]:
        return ((b"record/%06d" % number, bytes(1000)) for number in range(20_000))

    tracemalloc.start()
    write_backup(tmp_path / "file", village.seat("amina"), signer_of("amina"), many, START)
    checked = check_backup(tmp_path / "file", WALLETS)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert checked.head.records == 20_001
    assert most < 1_000_000


# --- bad files


@pytest.fixture(scope="module")
def good(told: Village, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    file = tmp_path_factory.mktemp("good") / "file"
    back_up(told, BANK, file)
    return file.read_bytes()


def headless(good: bytes, **changes: object) -> bytes:
    """The same records under a head that says something else, or that another signed."""
    start = good.index(b"\x82\x44!key")
    body = good[start:]
    signer = signer_of(str(changes.pop("by", BANK)))
    head = Backup(signer.fingerprint, "bank", START, 0, Digest(bytes(32)))
    from hashlib import sha256

    head = replace(head, records=sum(1 for _ in records_of(body)), digest=Digest(sha256(body).digest()))
    head = replace(head, **changes)  # type: ignore[arg-type]
    return cbor.SELF_DESCRIBED + head.sign(signer) + body


def records_of(body: bytes) -> Iterator[Any]:
    import io

    import cbor2

    file = io.BytesIO(body)
    while file.tell() < len(body):
        yield cbor2.load(file)


def early_flip(raw: bytes) -> bytes:
    place = raw.index(b"\x82\x44!key") - 70
    return raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]


def late_flip(raw: bytes) -> bytes:
    return raw[:-20] + bytes([raw[-20] ^ 1]) + raw[-19:]


def swapped(good: bytes) -> bytes:
    body = good[good.index(b"\x82\x44!key") :]
    items = [cbor.encode(tuple(item)) for item in records_of(body)]
    items[1], items[2] = items[2], items[1]
    return good[: -len(body)] + b"".join(items)


BAD: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda raw: b"", "not-ledgerpost"),
    "a text": (lambda raw: b"Dear bank,\n" * 50, "not-ledgerpost"),
    "an envelope": (lambda raw: cbor.SELF_DESCRIBED + b"\x85" + raw[5:], "not-ledgerpost"),
    "another message": (lambda raw: cbor.SELF_DESCRIBED + signer_of(BANK).sign("terms", (1,)), "not-ledgerpost"),
    "cut in the first bytes": (lambda raw: raw[:4], "cut-short"),
    "cut in the head": (lambda raw: raw[:60], "cut-short"),
    "cut after the head": (lambda raw: raw[: raw.index(b"\x82\x44!key")], "cut-short"),
    "cut in a record": (lambda raw: raw[:-1], "cut-short"),
    "cut between records": (lambda raw: raw[: raw.rindex(b"\x82\x58\x26terms/")], "cut-short"),
    "a flipped bit in the head": (early_flip, "bad-signature"),
    "a flipped bit in a record": (late_flip, "altered"),
    "one record more": (lambda raw: raw + cbor.encode((b"zzz", b"1")), "trailing-bytes"),
    "more bytes": (lambda raw: raw + b"junk", "wrong-shape"),
    "records in another order": (swapped, "not-deterministic"),
    "the same record twice": (lambda raw: raw + raw[raw.rindex(b"\x82\x58\x26terms/") :], "not-deterministic"),
    "a record of indefinite length": (lambda raw: raw + b"\x82\x41z\x5f\x41a\xff", "wrong-shape"),
    "a length not minimal": (lambda raw: raw + b"\x82\x41z\x58\x01a", "not-deterministic"),
    "a record too large": (lambda raw: raw + b"\x82\x41z\x5a\x10\x00\x00\x00", "over-limit"),
    "a record that is no pair": (lambda raw: raw + b"\x81\x41z", "wrong-shape"),
    "a head by another key": (lambda raw: headless(raw, by="mallory"), "bad-signature"),
    "a head that names another": (lambda raw: headless(raw, owner=signer_of("mallory").fingerprint), "wrong-bank"),
    "a wallet's": (lambda raw: headless(raw, kind="wallet"), "wrong-kind"),
    "a wrong count": (lambda raw: headless(raw, records=99), "cut-short"),
    "a wrong digest": (lambda raw: headless(raw, digest=Digest(bytes(32))), "altered"),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_file_has_its_own_error_and_leaves_nothing(good: bytes, tmp_path: Path, fault: str) -> None:
    spoil, code = BAD[fault]
    (tmp_path / "bad").write_bytes(spoil(good))
    with pytest.raises(LedgerpostError) as caught:
        bring_back(BANK, tmp_path / "bad", tmp_path / "new")
    assert (caught.value.code, caught.value.where) == (code, str(tmp_path / "bad"))
    assert caught.value.do
    assert not (tmp_path / "new").exists()


def test_the_head_the_tests_make_is_good_where_nothing_is_changed(good: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(headless(good))
    assert check_backup(tmp_path / "file", BANKS).head.kind == "bank"


def test_any_flipped_bit_is_noticed(good: bytes, tmp_path: Path) -> None:
    dice = random.Random(1)
    for place in dice.sample(range(len(good)), 60):
        raw = bytearray(good)
        raw[place] ^= 1 << dice.randrange(8)
        (tmp_path / "bad").write_bytes(raw)
        with pytest.raises(LedgerpostError) as caught:
            check_backup(tmp_path / "bad", BANKS)
        assert caught.value.where == str(tmp_path / "bad")


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_what_is_no_file_is_no_backup(tmp_path: Path, make: Any) -> None:
    make(tmp_path / "thing")
    with pytest.raises(LedgerpostError) as caught:
        check_backup(tmp_path / "thing", BANKS)
    assert caught.value.where == str(tmp_path / "thing")
    with pytest.raises(NotFound):
        check_backup(tmp_path / "nothing", BANKS)
