"""The audit over a real store: whatever was changed in it is named."""

import shutil
from dataclasses import replace
from pathlib import Path

import lmdb
import pytest

from ledgerpost.bank.keys import ACCOUNTS, NOTICES, WAITING, account_key
from ledgerpost.errors import StoreDamaged
from ledgerpost.papers.receipt import Receipt
from ledgerpost.sealed import trusted
from ledgerpost.spelling import spell_fingerprint
from ledgerpost.statement import Balance, read_statement
from ledgerpost.store.memory import MemoryStore
from pages import Kept, kept
from village import BANK, Village, grain_of, open_accounts, signer_of, without_randomness


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


def rewrite(village: Village, changes: dict[bytes, bytes | None]) -> None:
    """Change records as somebody would who has the store's check key."""
    with village.office() as office:
        office.fill(changes)


def amina(village: Village) -> Kept:
    store = MemoryStore()
    with store.hold([]) as held:
        held.commit(village.records(BANK))
    with store.snapshot() as snapshot:
        return kept(snapshot, village.who("amina"))


def richer(village: Village, by: str) -> dict[bytes, bytes | None]:
    """Amina's account with a balance that nobody agreed to, signed by somebody."""
    account = amina(village)
    receipt = Receipt.read(trusted(account.receipt).body)
    statement = read_statement(receipt.statement)
    more = replace(statement, balances=(Balance(grain_of(village), 999_999),)).encode()
    raw = replace(receipt, statement=more).sign(signer_of(by))
    return account.changed(receipt=raw, parts=(*account.parts, receipt.statement))


def findings(village: Village) -> list[str]:
    return [f"{each.where}: {each.what}" for each in village.audit().findings]


def test_the_audit_is_good_before(village: Village) -> None:
    audit = village.audit()
    assert audit.good
    assert audit.parties == 3
    assert [sheet.issued for sheet in audit.sheets.values()] == [5100]


def test_the_audit_names_a_changed_balance(village: Village) -> None:
    party = f"party {spell_fingerprint(village.who('amina'))}"
    record = f"record account/{village.who('amina').hex()}"
    grain = f"asset {grain_of(village).hex()}: the books are off by"
    rewrite(village, richer(village, "mallory"))
    assert any(each.startswith((record, party)) for each in findings(village))
    assert any(each.startswith(f"{grain} -5000 units") for each in findings(village))
    rewrite(village, richer(village, BANK))
    assert any(each.startswith(f"{party}: the statement does not follow") for each in findings(village))


def test_the_audit_names_a_notice_that_is_gone(village: Village) -> None:
    village.pay("amina", "bo", grain_of(village), 300)
    village.round("amina")
    key = next(key for key in village.records(BANK) if key.startswith(NOTICES + village.who("bo")))
    rewrite(village, {key: None})
    notice = int.from_bytes(key[-8:], "big")
    assert f"party {spell_fingerprint(village.who('bo'))}: notice {notice} waits and has no record" in findings(village)


def test_the_audit_names_a_waiting_spend_that_is_gone(village: Village) -> None:
    key = next(key for key in village.records(BANK) if key.startswith(WAITING))
    rewrite(village, {key: None})
    assert any("is outstanding, but waits nowhere" in each for each in findings(village))


def test_the_audit_names_a_part_that_is_gone(village: Village) -> None:
    rewrite(village, amina(village).changed(parts=()))
    assert any(village.who("amina").hex() in each for each in findings(village))


def test_the_audit_names_a_sum_that_is_off(village: Village) -> None:
    grain = grain_of(village)
    rewrite(village, amina(village).changed(fees=(Balance(grain, 7),)))
    assert findings(village) == [f"asset {grain.hex()}: the books are off by +7 units"]


def test_the_audit_names_an_account_that_is_gone(village: Village) -> None:
    rewrite(village, {account_key(village.who("amina")): None})
    assert f"asset {grain_of(village).hex()}: the books are off by -5000 units" in findings(village)


def test_the_audit_names_a_record_that_is_no_record(village: Village) -> None:
    rewrite(village, {ACCOUNTS + village.who("amina"): b"\x00"})
    assert any(each.startswith(f"record account/{village.who('amina').hex()}") for each in findings(village))


def test_a_store_whose_bytes_were_changed_is_damaged(village: Village) -> None:
    key = account_key(village.who("amina"))
    folder = village.seat(BANK).folder / "store"
    with lmdb.open(str(folder), max_dbs=0, lib_version=0) as raw, raw.begin(write=True) as txn:
        value = txn.get(key)
        assert value is not None
        txn.put(key, value[:-1] + bytes([value[-1] ^ 1]))
    with pytest.raises(StoreDamaged) as caught, village.office() as office:
        office.audit()
    assert caught.value.exit_status == 6
    assert key.hex() in caught.value.what
