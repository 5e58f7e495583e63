"""The desk on real stores and real folders: bad files of each kind, two at once, the clock."""

import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledgerpost import cbor, envelope
from ledgerpost.bank.books import Books
from ledgerpost.bank.counter import Outcome
from ledgerpost.bank.page import Page
from ledgerpost.bank.prepare import Prepared
from ledgerpost.desk import carry
from ledgerpost.desk.office import Office
from ledgerpost.desk.purse import Purse
from ledgerpost.desk.trip import Trip
from ledgerpost.errors import Bug, Denied, PlaceError, StoreBusy
from ledgerpost.papers.letter import MAX_LETTER, Letter
from ledgerpost.sealed import Signer, trusted
from ledgerpost.terms import Digest
from village import (
    BANK,
    DAY,
    Village,
    contract_text,
    grain_of,
    open_accounts,
    signer_of,
    without_randomness,
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Village:
    village = Village(tmp_path_factory.mktemp("village"))
    with pytest.MonkeyPatch.context() as monkeypatch:
        without_randomness(monkeypatch)
        open_accounts(village)
    return village


@pytest.fixture
def village(told: Village, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Village:
    without_randomness(monkeypatch)
    shutil.copytree(told.root, tmp_path / "village")
    return Village(tmp_path / "village")


# --- bad files ---


def letter_to(village: Village, bank: str = BANK) -> Letter:
    """Bo's next letter, with nothing in it."""
    account = village.account("bo")
    tip = account.held.answers[-1].letter if account.held else None
    statement = account.statement
    seen = (statement.seq, Digest(bytes(32)))
    digest = Digest(bytes(32))
    letter = (signer_of(bank).fingerprint, statement.seq + 1, tip, seen, account.current, village.now, bytes(16))
    return Letter.read((*letter, digest, ()))


def wrap(*messages: bytes, to: str = BANK, by: str = "bo", sealed: bool = False) -> bytes:
    entropy = bytes(32) if sealed else None
    return envelope.pack(
        messages, sender=signer_of(by).key, recipient=signer_of(to).key, until=2_000_000_000, entropy=entropy
    )


def outside(to: str, *fields: object) -> bytes:
    """An open envelope with these fields after its name, instead of kind, recipient, end and body."""
    usual: tuple[object, ...] = ("open", signer_of(to).fingerprint, 0, b"\x83")
    return cbor.SELF_DESCRIBED + cbor.encode((envelope.MAGIC, *fields, *usual[len(fields) :]))


def inside(to: str, sender: object, *messages: object) -> bytes:
    fp = signer_of(to).fingerprint
    return outside(to, "open", fp, 0, cbor.encode((sender, fp, messages)))


def foreign(to: str) -> bytes:
    return wrap(signer_of("bo").sign("prophecy", (signer_of(BANK).fingerprint,)), to=to)


def deep(to: str) -> bytes:
    nested: Any = 0
    for _ in range(20):
        nested = [nested]
    return cbor.SELF_DESCRIBED + b"\x85" + cbor.encode(envelope.MAGIC) + cbor.encode(nested) * 4


def start(to: str) -> bytes:
    del to
    return cbor.SELF_DESCRIBED + b"\x85" + cbor.encode(envelope.MAGIC)


Spoil = Callable[[bytes, str], bytes]
ANY: dict[str, tuple[Spoil, str]] = {
    "empty": (lambda good, to: b"", "not-ledgerpost"),
    "a picture": (lambda good, to: b"\x89PNG\r\n\x1a\n" + bytes(500), "not-ledgerpost"),
    "cut short": (lambda good, to: good[: len(good) // 2], "cut-short"),
    "cut to its first bytes": (lambda good, to: good[:2], "cut-short"),
    "a flipped bit under the seal": (lambda good, to: good[:-9] + bytes([good[-9] ^ 1]) + good[-8:], "undecipherable"),
    "trailing bytes": (lambda good, to: good + b"\0", "trailing-bytes"),
    "another version": (lambda good, to: good.replace(b"ledgerpost/1", b"ledgerpost/2"), "unknown-type"),
    "too large": (lambda good, to: good + bytes(envelope.MAX_ENVELOPE), "over-limit"),
    "nested too deep": (lambda good, to: deep(to), "over-limit"),
    "indefinite length": (lambda good, to: start(to) + b"\x64open\xf6\x00\x5f\x41a\xff", "indefinite-length"),
    "a duplicate key": (lambda good, to: start(to) + b"\x64open\xf6\x00\xa2\x01\x01\x01\x02", "duplicate-key"),
    "a length not minimal": (lambda good, to: start(to) + b"\x64open\xf6\x18\x00\x41a", "not-deterministic"),
    "a tag": (lambda good, to: start(to) + b"\x64open\xf6\xc1\x00\x41a", "unexpected-tag"),
    "a float": (lambda good, to: outside(to, "open", signer_of(to).fingerprint, 1.5), "wrong-shape"),
    "an unknown kind": (lambda good, to: outside(to, "folded"), "wrong-shape"),
    "for another": (lambda good, to: wrap(to="mallory"), "wrong-recipient"),
    "for another inside": (
        lambda good, to: outside(to, "open", signer_of(to).fingerprint, 0, cbor.encode((None, None, ()))),
        "wrong-recipient",
    ),
    "sealed to another": (
        lambda good, to: wrap(to="mallory", sealed=True).replace(
            signer_of("mallory").fingerprint, signer_of(to).fingerprint
        ),
        "undecipherable",
    ),
    "a key too short": (lambda good, to: inside(to, bytes(31)), "bad-key"),
    "a key of small order": (lambda good, to: inside(to, bytes(32)), "bad-key"),
}


def flipped(message: bytes) -> bytes:
    return message[:-1] + bytes([message[-1] ^ 1])


def bank_only(village: Village) -> dict[str, tuple[bytes, str]]:
    good = letter_to(village)
    return {
        "no sender": (inside(BANK, None), "wrong-shape"),
        "no letters": (wrap(), "wrong-shape"),
        "a flipped bit in an open letter": (wrap(flipped(good.sign(signer_of("bo")))), "bad-signature"),
        "a letter to another bank": (wrap(letter_to(village, "mallory").sign(signer_of("bo"))), "wrong-bank"),
        "an unknown type": (foreign(BANK), "unknown-type"),
        "a letter by another": (wrap(good.sign(signer_of("amina"))), "bad-signature"),
        "a letter with a field too few": (
            wrap(signer_of("bo").sign("letter", good.body()[:-1])),
            "wrong-shape",
        ),
        "a letter too long": (wrap(b"\xd2" + bytes(MAX_LETTER + 1)), "over-limit"),
        "thirty-three letters": (wrap(*[good.sign(signer_of("bo"))] * 33), "over-limit"),
    }


def party_only(village: Village) -> dict[str, tuple[bytes, str]]:
    held = village.account("bo").receipt
    other = village.account("amina").receipt
    assert held and other
    wrong = (village.who("mallory"), *trusted(held).body[1:])
    return {
        "from a stranger": (wrap(to="bo", by="mallory"), "unknown-type"),
        "a flipped bit in a receipt": (wrap(flipped(held), to="bo", by=BANK), "bad-signature"),
        "another's receipt": (wrap(other, to="bo", by=BANK), "wrong-recipient"),
        "another bank's receipt": (wrap(signer_of(BANK).sign("receipt", wrong), to="bo", by=BANK), "wrong-bank"),
        "a receipt by another": (wrap(signer_of("mallory").sign("receipt", wrong), to="bo", by=BANK), "bad-signature"),
        "an unknown type": (wrap(signer_of(BANK).sign("prophecy", (b"",)), to="bo", by=BANK), "unknown-type"),
    }


def drop(village: Village, name: str, files: dict[str, bytes]) -> dict[str, str]:
    """Put files into a mailbox; what each is, by the name a trip will give it."""
    box = village.mailbox(name)
    box.mkdir(parents=True, exist_ok=True)
    named = {}
    for at, (fault, raw) in enumerate(files.items()):
        (box / f"{at:02}.lpe").write_bytes(raw)
        named[f"ledgerpost/{box.name}/{at:02}.lpe"] = fault
    return named


def check_set_aside(village: Village, name: str, trip: Trip, wanted: dict[str, str], named: dict[str, str]) -> None:
    """Each bad file has its error, which names it, and lies aside with its reason; nothing else does."""
    bad = {named[each.file]: each for each in trip.came if each.file in named}
    assert {fault: each.error and each.error.code for fault, each in bad.items()} == wanted
    assert all(each.error and each.file in each.error.where for each in bad.values())
    aside = village.mailbox(name) / "set-aside"
    assert len(list(aside.glob("*.lpe"))) == len(wanted)
    for each in bad.values():
        reason = (aside / (Path(each.file).name + ".txt")).read_text()
        assert each.error is not None
        assert each.error.what.split("\n")[0] in reason
    assert [each for each in trip.came if each.file not in named and each.error] == []


def test_bad_files_in_the_banks_mailbox_stop_nothing(village: Village) -> None:
    village.pay("amina", "bo", grain_of(village), 300)
    village.carry("amina")
    good = next(village.mailbox(BANK).glob("*.lpe")).read_bytes()
    files = {fault: (spoil(good, BANK), code) for fault, (spoil, code) in ANY.items()} | bank_only(village)
    named = drop(village, BANK, {fault: raw for fault, (raw, _) in files.items()})
    trip = village.carry(BANK)
    check_set_aside(village, BANK, trip, {fault: code for fault, (_, code) in files.items()}, named)
    assert trip.count("done") == 1
    assert trip.count("set-aside") == len(files)
    village.carry("amina")
    assert village.has("amina", grain_of(village)) == 4700
    assert village.audit().good


def test_bad_files_in_a_partys_mailbox_stop_nothing(village: Village) -> None:
    village.ask("bo")
    village.carry("bo")
    village.carry(BANK)
    good = next(village.mailbox("bo").glob("*.lpe")).read_bytes()
    files = {fault: (spoil(good, "bo"), code) for fault, (spoil, code) in ANY.items()} | party_only(village)
    named = drop(village, "bo", {fault: raw for fault, (raw, _) in files.items()})
    with village.purse("bo") as purse:
        trips = carry.carry_wallet(purse, signer_of("bo"), village.carrier(village.stick), village.now)
    came = Trip("", "")
    for each in (each for trip in trips for each in trip.came):
        came.meet(each)
    check_set_aside(village, "bo", came, {fault: code for fault, (_, code) in files.items()}, named)
    assert came.count("done") == 1


def test_letters_of_a_party_without_account_are_refused_and_set_aside(village: Village) -> None:
    account = replace(letter_to(village), seq=1, prev=None)
    named = drop(village, BANK, {"stranger": wrap(account.sign(signer_of("mallory")), by="mallory")})
    trip = village.carry(BANK)
    check_set_aside(village, BANK, trip, {"stranger": "no-account"}, named)
    assert trip.count("refused") == 1
    assert not village.mailbox("mallory").exists()


def test_things_that_are_no_files_are_set_aside(village: Village) -> None:
    box = village.mailbox(BANK)
    os.mkfifo(box / "pipe.lpe")
    (box / "folder.lpe").mkdir()
    (box / "link.lpe").symlink_to("/etc/hostname")
    trip = village.carry(BANK)
    assert sorted((each.file[-8:], each.error and each.error.code) for each in trip.came) == [
        ("lder.lpe", "not-ledgerpost"),
        ("link.lpe", "not-ledgerpost"),
        ("pipe.lpe", "not-ledgerpost"),
    ]


# --- two at once ---


def test_a_second_process_is_told_that_the_store_is_busy(village: Village) -> None:
    script = (
        "import sys; from pathlib import Path; from village import Village; Village(Path(sys.argv[1])).carry('kita')"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent)}
    with village.office():
        done = subprocess.run(
            [sys.executable, "-c", script, str(village.root)], env=environment, capture_output=True, check=False
        )
    assert done.returncode == 1
    assert b"StoreBusy" in done.stderr
    with village.office(), pytest.raises(StoreBusy) as caught:
        village.carry(BANK)
    assert caught.value.exit_status == 6
    assert str(village.seat(BANK).folder) in caught.value.where


# --- clocks and contents ---


def test_a_clock_far_ahead_wants_the_operators_word(village: Village) -> None:
    with village.office() as office:
        office.check_clock(village.now + 45 * DAY)
        with pytest.raises(Denied, match="this computer's clock says"):
            office.check_clock(village.now + 45 * DAY + 1)
        office.check_clock(village.now + 400 * DAY, accepted=True)
        office.check_clock(village.now - 400 * DAY)


def test_an_office_knows_its_assets_and_parties(village: Village) -> None:
    with village.office() as office:
        assert list(office.contracts()) == [grain_of(village)]
        assert contract_text("grain").encode() in office.contracts()[grain_of(village)]
        assert office.parties() == 3
        assert isinstance(office, Office)
    with village.purse("amina") as purse:
        assert isinstance(purse, Purse)


def test_a_brief_trip_tells_the_same_and_keeps_only_what_was_bad(village: Village) -> None:
    for name in ("amina", "bo"):
        village.ask(name)
        village.carry(name)
    drop(village, BANK, {"junk": b"junk"})
    shutil.copytree(village.root, village.root.parent / "copy")
    trips = []
    for each in (village, Village(village.root.parent / "copy")):
        with each.office() as office:
            signer, carrier = signer_of(BANK), each.carrier(each.stick)
            trips.append(carry.carry_bank(office, signer, carrier, each.now, brief=each is not village))
    whole, brief = trips
    assert (whole.met, whole.put_out, whole.results, whole.orders, whole.parties) == (
        brief.met,
        brief.put_out,
        brief.results,
        brief.orders,
        brief.parties,
    )
    assert (whole.met, len(whole.came), len(whole.went)) == (3, 3, 2)
    assert ([each.result for each in brief.came], brief.went) == (["set-aside"], [])


def test_an_envelope_that_the_rules_stumble_over_waits_and_the_rest_is_answered(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("amina", "bo", "issuer"):
        village.ask(name)
        village.carry(name)
    judge = Office.judge

    def stumbling(office: Office, batch: Sequence[Prepared], signer: Signer, now: int) -> Outcome:
        if any(prepared.party == signer_of("bo").fingerprint for prepared in batch):
            raise AssertionError("a rule that nobody thought of")
        return judge(office, batch, signer, now)

    with monkeypatch.context() as patch:
        patch.setattr(Office, "judge", stumbling)
        trip = village.carry(BANK)
    assert (trip.count("done"), trip.count("left"), len(list(village.mailbox(BANK).glob("*.lpe")))) == (2, 1, 1)
    assert isinstance(trip.worst, Bug)
    assert "a rule that nobody thought of" in trip.worst.what
    assert "test_desk.py" in trip.worst.what
    after = village.carry(BANK)
    assert (after.count("done"), after.worst, list(village.mailbox(BANK).glob("*.lpe"))) == (1, None, [])
    assert village.audit().good


def test_a_batch_leaves_nothing_for_the_collector_of_rings(village: Village) -> None:
    for name in ("amina", "bo"):
        village.ask(name)
        village.carry(name)
    gc.collect()
    gc.disable()
    try:
        assert village.carry(BANK).count("done") == 2
        assert [each for each in gc.get_objects() if isinstance(each, Page | Books)] == []
    finally:
        gc.enable()


def test_a_wallet_whose_own_disk_fails_writes_no_letter_as_if_no_mail_had_come(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    village.ask("bo")
    village.carry("bo")
    village.carry(BANK)
    village.pay("bo", "amina", grain_of(village), 1)
    before = sorted(village.stick.rglob("*.lpe"))

    def full(purse: Purse, *_: object) -> None:
        raise PlaceError("the disk is full: nothing was written")

    with monkeypatch.context() as patch:
        patch.setattr(Purse, "save", full)
        with pytest.raises(PlaceError):
            village.carry("bo")
    assert sorted(village.stick.rglob("*.lpe")) == before
    assert village.carry("bo").count("done") == 1
