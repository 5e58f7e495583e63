"""Restoring: everything or nothing, from good backups only, and marked as restored (L9, L11)."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ledgerpost.bank.clock import bank_time
from ledgerpost.desk.backup import Checked, check_backup, write_backup
from ledgerpost.desk.home import BANKS, WALLETS, Home
from ledgerpost.desk.office import opened as opened_office
from ledgerpost.desk.purse import opened as opened_purse
from ledgerpost.desk.restore import Restored, restore
from ledgerpost.errors import Denied, LedgerpostError, WrongPassphrase
from village import BANK, CHEAP, DAY, START, Village, back_up, pay_around, seed_of, signer_of


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


# --- what comes back


@pytest.mark.parametrize("name", [BANK, "amina", "issuer"])
def test_everything_comes_back(village: Village, tmp_path: Path, name: str) -> None:
    before = village.records(name)
    head = back_up(village, name, tmp_path / "file")
    restored = bring_back(name, tmp_path / "file", tmp_path / "new")
    with (opened_office if name == BANK else opened_purse)(restored.seat) as holder:
        now = dict(holder.snapshot())
    changed = {key for key in before | now if before.get(key) != now.get(key)}
    assert head.records == len(before) + 1
    assert all(key == b"bank" or key.startswith(b"account/") for key in changed)
    assert restored.seat.unlock(None).seed == seed_of(name)
    assert (restored.seat.folder / "check").read_bytes() == (village.seat(name).folder / "check").read_bytes()


def test_a_restored_bank_answers_nobody_until_its_operator_settles(village: Village, tmp_path: Path) -> None:
    back_up(village, BANK, tmp_path / "file")
    restored = bring_back(BANK, tmp_path / "file", tmp_path / "new")
    with opened_office(restored.seat) as office:
        assert office.record().restored
        with pytest.raises(Denied, match="rebuilt from a backup"):
            office.check_restored()
        assert office.audit().good
        office.settle_restored()
        office.check_restored()


def test_a_restored_wallet_draws_nothing_before_the_newest_receipt(village: Village, tmp_path: Path) -> None:
    """L9: what was carried out after the backup is learned first, and wishes of the backup are not done twice."""
    grain = village.account("amina").statement.balances[0].asset
    village.pay("amina", "bo", grain, 300)
    back_up(village, "amina", tmp_path / "file")
    village.round("amina")
    village.ask("bo")
    village.round("bo")
    village.decide("bo")
    village.round("bo")
    after = village.has("amina", grain)
    shutil.rmtree(village.root / "amina")
    restored = bring_back("amina", tmp_path / "file", village.root / "amina")
    assert [wish.amount for wish in restored.dropped] == [300]
    assert village.account("amina").fresh == frozenset()
    village.pay("amina", "bo", grain, 1)
    village.round("amina")
    assert village.has("amina", grain) == after
    village.round("amina")
    assert village.account("amina").fresh is None
    assert village.account("amina").barred == 20
    village.round("amina")
    village.round("amina")
    assert village.has("amina", grain) == after - 1
    assert all(number > 20 for number in [spend.number for spend in village.account("amina").statement.outstanding])
    assert village.audit().good


def test_an_account_never_opened_knocks_again_after_a_restore(village: Village, tmp_path: Path) -> None:
    village.join("dina")
    back_up(village, "dina", tmp_path / "file")
    village.round("dina")
    shutil.rmtree(village.root / "dina")
    bring_back("dina", tmp_path / "file", village.root / "dina")
    village.round("dina")
    village.round("dina")
    account = village.account("dina")
    assert account.fresh is None
    assert account.statement.seq == 2


def test_passphrase_and_backup_suffice(village: Village, tmp_path: Path) -> None:
    village.seat("amina").reseal(seed_of("amina"), b"three good words", CHEAP)
    back_up(village, "amina", tmp_path / "file")
    checked = check_backup(tmp_path / "file", WALLETS)
    assert checked.has_passphrase
    with pytest.raises(WrongPassphrase):
        checked.unlock(b"other words")
    seed = checked.unlock(b"three good words").seed
    restored = restore(Home(tmp_path / "new"), tmp_path / "file", WALLETS, "a2", seed)
    assert restored.seat.unlock(b"three good words").seed == seed
    assert seed not in (tmp_path / "file").read_bytes()


def test_what_a_bank_signs_after_a_backup_bears_a_later_time(village: Village) -> None:
    with village.office() as office:
        before = office.clock()
        with office.backing_up() as records:
            kept = dict(records())
            assert dict(records()) == kept
        with office.backing_up() as records:
            assert dict(records()) == kept
        assert bank_time(kept.get, before) == before
        assert bank_time(dict(office.snapshot()).get, before) == before + 1


def test_an_old_backup_of_a_bank_keeps_its_mark(village: Village, tmp_path: Path) -> None:
    back_up(village, BANK, tmp_path / "file")
    restored = bring_back(BANK, tmp_path / "file", tmp_path / "new")
    with opened_office(restored.seat) as office, office.backing_up() as records:
        write_backup(tmp_path / "again", restored.seat, signer_of(BANK), records, START)
    again = bring_back(BANK, tmp_path / "again", tmp_path / "newer")
    with opened_office(again.seat) as office:
        assert office.record().restored


# --- refusals and interruptions


def test_no_second_copy_of_a_key_beside_the_first(village: Village, tmp_path: Path) -> None:
    back_up(village, BANK, tmp_path / "file")
    with pytest.raises(Denied, match="here already, as 'kita'"):
        restore(village.home(BANK), tmp_path / "file", BANKS, "other", seed_of(BANK))
    with pytest.raises(Denied):
        restore(Home(tmp_path / "new"), tmp_path / "file", BANKS, "other", seed_of("mallory"))
    assert not (tmp_path / "new").exists()


def test_a_name_in_use_is_refused(village: Village, tmp_path: Path) -> None:
    back_up(village, "bo", tmp_path / "file")
    with pytest.raises(Denied, match="there is a wallet 'amina' already"):
        restore(village.home("amina"), tmp_path / "file", WALLETS, "amina", seed_of("bo"))
    assert village.account("amina")


def test_a_file_that_changes_while_it_is_restored_leaves_nothing(
    village: Village, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(village, BANK, tmp_path / "file")
    place = Home.place

    def late(self: Home, *args: Any) -> Any:
        raw = (tmp_path / "file").read_bytes()
        with (tmp_path / "file").open("r+b") as file:
            file.seek(len(raw) - 20)
            file.write(bytes([raw[-20] ^ 1]))
        return place(self, *args)

    monkeypatch.setattr(Home, "place", late)
    with pytest.raises(LedgerpostError) as caught:
        bring_back(BANK, tmp_path / "file", tmp_path / "new")
    assert caught.value.code == "altered"
    assert Home(tmp_path / "new").seats(BANKS) == ()
    assert list((tmp_path / "new" / "banks").iterdir()) == []


RESTORE = """
import sys
from pathlib import Path
from ledgerpost.desk.home import BANKS, Home
from ledgerpost.desk.restore import restore
import ledgerpost.desk.home as home
import os, signal
steps = int(sys.argv[3])
written = home.write_new
def write_new(*args, **more):
    global steps
    steps -= 1
    if not steps:
        os.kill(os.getpid(), signal.SIGKILL)
    written(*args, **more)
home.write_new = write_new
restore(Home(Path(sys.argv[2])), Path(sys.argv[1]), BANKS, "kita", bytes.fromhex(sys.argv[4]))
"""


@pytest.mark.parametrize("step", [1, 2])
def test_a_restore_that_is_killed_leaves_nothing_usable_and_is_run_again(
    village: Village, tmp_path: Path, step: int
) -> None:
    back_up(village, BANK, tmp_path / "file")
    words = [sys.executable, "-c", RESTORE, str(tmp_path / "file"), str(tmp_path / "new"), str(step)]
    killed = subprocess.run([*words, seed_of(BANK).hex()], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert Home(tmp_path / "new").seats(BANKS) == ()
    with opened_office(bring_back(BANK, tmp_path / "file", tmp_path / "new").seat) as office:
        assert office.audit().good


def test_a_checked_backup_knows_its_owner(village: Village, tmp_path: Path) -> None:
    back_up(village, "bo", tmp_path / "file")
    checked = check_backup(tmp_path / "file", WALLETS)
    assert isinstance(checked, Checked)
    assert checked.fingerprint == checked.head.owner == village.who("bo")
    assert checked.head.time == START + DAY
