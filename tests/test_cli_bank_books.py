"""``ledgerpost bank``: the audit, the desk, backup and rebuild."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clerk import bank, items, sit_down
from ledgerpost.bank.keys import account_key
from ledgerpost.bank.records import Account, read_record, write_record
from ledgerpost.cli import ask
from ledgerpost.desk.home import BANKS, Home
from ledgerpost.desk.office import opened
from ledgerpost.desk.restore import restore
from ledgerpost.statement import Balance
from village import BANK, DAY, NAMES, START, Village, grain_of, open_accounts, seed_of, signer_of


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No terminal, and a home of one's own."""
    monkeypatch.setattr(ask, "open_terminal", lambda: None)
    monkeypatch.setenv("LEDGERPOST_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Village:
    village = Village(tmp_path_factory.mktemp("village"))
    open_accounts(village)
    return village


@pytest.fixture
def village(told: Village, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Village:
    """The bank is kita, with issuer, Amina (50.00 grain) and Bo."""
    shutil.copytree(told.root, tmp_path / "village")
    monkeypatch.setenv("LEDGERPOST_HOME", str(tmp_path / "village" / BANK))
    return Village(tmp_path / "village")


# --- audit


def test_the_audit_of_good_books(village: Village) -> None:
    done = bank("audit")
    assert done.exit_code == 0
    assert "  issued      51.00 grain\n  held        50.00 grain\n  on its way  1.00 grain\n" in done.output
    assert "Books sum to zero. 3 parties and 1 waiting notice read" in done.output
    (row,) = items("audit")
    assert (row["unit"], row["issued"], row["difference"]) == ("grain", "5100", "0")


def tamper(village: Village, **changes: object) -> None:
    key = account_key(village.who("amina"))
    account = read_record(Account, village.records(BANK)[key], key)
    with village.office() as office:
        office.fill({key: write_record(account._replace(**changes))})  # type: ignore[arg-type]


def test_a_sum_that_is_off_is_named_and_ends_with_3(village: Village) -> None:
    tamper(village, fees=(Balance(grain_of(village), 7),))
    done = bank("audit")
    assert done.exit_code == 3
    assert "OFF BY +0.07 grain" in done.output
    assert f"WRONG  asset {grain_of(village).hex()}: the books are off by +7 units" in done.output
    assert [row["kind"] for row in items("audit", code=3)] == ["asset", "finding"]


def test_a_record_that_is_damaged_is_named_and_ends_with_6(village: Village) -> None:
    tamper(village, receipt=b"\x00")
    done = bank("audit")
    assert done.exit_code == 6
    assert village.who("amina").hex() in done.output
    assert "restore the last backup" in done.stderr


# --- desk


def test_the_desk_answers_a_stick_once(village: Village) -> None:
    village.pay("amina", "bo", grain_of(village), 300)
    village.carry("amina")
    (row,) = items("desk", str(village.stick), "--once")
    assert row["orders"] == {"done": "1", "refused": "0"}
    village.carry("amina")
    assert village.has("amina", grain_of(village)) == 4700


def test_the_desk_takes_stick_after_stick(village: Village, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    village.ask("amina")
    village.carry("amina")
    place = tmp_path / "place"
    place.symlink_to(village.stick)
    clerk = sit_down(monkeypatch, "", "", "")
    plug: Iterator[Callable[[], None]] = iter([lambda: None, place.unlink, lambda: place.symlink_to(village.stick)])
    real = clerk.ask

    def changing(prompt: str) -> str:
        answer = real(prompt)
        next(plug)()
        return answer

    monkeypatch.setattr(clerk, "ask", changing)
    done = bank("desk", str(place))
    assert done.exit_code == 1, done.output  # one stick was missing
    assert done.stdout.count("You may unplug the stick.") == 2
    assert "1 envelope from 1 party" in done.stdout
    assert str(place) in done.stderr
    assert done.stdout.endswith("The desk is closed.\n")


@pytest.mark.parametrize("answers", [("q",), ()], ids=["q", "Ctrl-D"])
def test_the_desk_is_closed_by_q_or_ctrl_d(
    village: Village, monkeypatch: pytest.MonkeyPatch, answers: tuple[str, ...]
) -> None:
    sit_down(monkeypatch, *answers)
    assert bank("desk", str(village.stick)).exit_code == 0


def test_the_desk_asks_the_passphrase_once(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    from village import CHEAP

    village.seat(BANK).reseal(seed_of(BANK), b"three good words", CHEAP)
    clerk = sit_down(monkeypatch, "three good words", "", "", "q")
    assert bank("desk", str(village.stick)).exit_code == 0
    assert len([prompt for prompt in clerk.asked if "Passphrase" in prompt]) == 1
    sit_down(monkeypatch, *["wrong"] * 3)
    assert bank("desk", str(village.stick)).exit_code == 5


def test_the_desk_wants_somebody_a_clock_and_a_stick(village: Village, tmp_path: Path) -> None:
    assert bank("desk", str(village.stick)).exit_code == 2
    assert bank("desk", str(tmp_path / "none"), "--once").exit_code == 4
    late = START + 46 * DAY
    assert bank("desk", str(village.stick), "--once", now=late).exit_code == 3
    assert bank("desk", str(village.stick), "--once", "--clock-is-right", now=late).exit_code == 0


def test_the_desk_holds_the_store_while_it_is_open(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    codes: list[int] = []
    clerk = sit_down(monkeypatch, "q")
    real = clerk.ask

    def meanwhile(prompt: str) -> str:
        codes.append(bank("audit").exit_code)
        return real(prompt)

    monkeypatch.setattr(clerk, "ask", meanwhile)
    assert bank("desk", str(village.stick)).exit_code == 0
    assert codes == [6]


# --- backup and rebuild


@pytest.fixture
def lost(village: Village, tmp_path: Path) -> Iterator[Path]:
    """A backup; the bank itself is gone."""
    assert bank("backup").exit_code == 0
    (file,) = tmp_path.glob("kita-2027-01-15.lpbackup")
    shutil.rmtree(village.root / BANK)
    yield file


def test_a_bank_is_rebuilt_whole_with_the_operators_word_or_not_at_all(lost: Path, village: Village) -> None:
    assert bank("rebuild", str(lost), "--nothing-since").exit_code == 2  # nobody typed yes
    assert bank("audit").exit_code == 4  # so there is none
    assert bank("rebuild", str(lost), "--nothing-since", "--yes").exit_code == 0
    assert bank("audit").exit_code == 0
    assert bank("rebuild", "--nothing-since", "--yes").exit_code == 3
    assert bank("desk", str(village.stick), "--once").exit_code == 0
    assert bank("rebuild", str(lost)).exit_code == 3  # it is here


def test_a_bank_that_was_put_back_without_the_operators_word_answers_nobody(lost: Path, village: Village) -> None:
    restore(village.home(BANK), lost, BANKS, BANK, seed_of(BANK))
    assert "answers nobody yet" in bank("status").output
    for words in (("desk", str(village.stick), "--once"), ("terms", "--grace", "90d", "--yes")):
        done = bank(*words)
        assert done.exit_code == 3
        assert "--nothing-since" in done.stderr
    assert bank("rebuild", "--nothing-since").exit_code == 2  # nobody typed yes
    assert bank("rebuild", "--nothing-since", "--yes").exit_code == 0
    assert bank("desk", str(village.stick), "--once").exit_code == 0


def test_a_bank_is_rebuilt_with_its_paper_key(lost: Path, tmp_path: Path) -> None:
    from ledgerpost.paperkey import to_words

    (tmp_path / "words").write_text(" ".join(to_words(seed_of("mallory"))))
    assert bank("rebuild", str(lost), "--words-file", "words").exit_code == 3
    (tmp_path / "words").write_text(" ".join(to_words(seed_of(BANK))))
    done = bank("rebuild", str(lost), "again", "--words-file", "words", "--no-passphrase", "--nothing-since", "--yes")
    assert done.exit_code == 0, done.output
    seat = Home(Path(os.environ["LEDGERPOST_HOME"])).seat(BANKS, "again")
    assert seat.unlock(None).fingerprint == signer_of(BANK).fingerprint
    with opened(seat) as office:
        assert not office.record().restored


def test_bad_backups_are_named(lost: Path, tmp_path: Path) -> None:
    lost.write_bytes(lost.read_bytes()[:-5])
    done = bank("rebuild", str(lost))
    assert done.exit_code == 1
    assert str(lost) in done.stderr
    assert bank("rebuild").exit_code == 2
    assert bank("rebuild", str(tmp_path / "none")).exit_code == 4
    assert bank("rebuild", str(tmp_path)).exit_code == 1


def test_no_wallet_is_needed_to_keep_a_bank(village: Village) -> None:
    assert [seat.name for seat in village.home(BANK).seats(BANKS)] == [BANK]
    assert village.home(BANK).seats("wallets") == ()
    assert len(NAMES) == 3
