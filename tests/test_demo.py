"""The demo and the tour, run as a newcomer runs them: every command does what it says, and the end is as told."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ledgerpost.cli.main import cli
from ledgerpost.desk.home import BANKS, WALLETS, Home
from ledgerpost.desk.office import opened as opened_office
from ledgerpost.desk.purse import is_agreed
from ledgerpost.desk.purse import opened as opened_purse

DEMO = Path(__file__).resolve().parent.parent / "scripts" / "demo"


def demo(folder: Path) -> subprocess.CompletedProcess[str]:
    """With the environment that runs this test, instead of one of its own."""
    environment = os.environ | {"LEDGERPOST_DEMO_BIN": str(Path(sys.executable).parent)}
    return subprocess.run(
        ["sh", str(DEMO), str(folder)], env=environment, capture_output=True, text=True, check=False, timeout=900
    )


def balances(home: Path) -> dict[str, int]:
    """What the only wallet there has, by unit, all of it agreed."""
    with opened_purse(Home(home).seats(WALLETS)[0]) as purse:
        account = purse.accounts()[0]
        assert is_agreed(account)
        assert not account.letters
        return {purse.assets()[row.asset].head.unit: row.units for row in account.statement.balances}


@pytest.mark.slow
def test_the_demo_runs_four_days_and_ends_as_it_should(tmp_path: Path) -> None:
    done = demo(tmp_path / "demo")
    assert done.returncode == 0, done.stderr + done.stdout[-2000:]
    assert done.stdout.splitlines()[-1] == (
        f"Done: four days, and all is as it should be. Everything is in {tmp_path / 'demo'}"
    )
    assert "Books sum to zero. 4 parties and 1 waiting notice read; all is what its signatures say." in done.stdout
    assert "refused: the balance does not cover it" in done.stdout
    assert done.stdout.count("refused: another was paid under this number before") >= 2
    assert "endorsed number 10 to two: these files alone prove it" in done.stdout
    homes = tmp_path / "demo" / "homes"
    assert balances(homes / "treasurer") == {"grain": -14000, "token": -1202}
    assert balances(homes / "amina") == {"grain": 150, "token": 496}
    assert balances(homes / "bo") == {"grain": 7350, "token": 450}
    assert balances(homes / "dina") == {"token": 49}
    assert done.stdout.count("for others: 1 taken along, 1 done with") >= 4  # answers come, and word of what arrived
    with opened_office(Home(homes / "bank").seats(BANKS)[0]) as office:
        assert office.audit().good
        assert office.parties() == 4
    again = demo(tmp_path / "demo")
    assert again.returncode == 2
    assert "is not empty" in again.stderr


def test_the_demo_fails_where_a_command_fails(tmp_path: Path) -> None:
    (tmp_path / "ledgerpost").write_text("#!/bin/sh\nexit 6\n")
    (tmp_path / "ledgerpost").chmod(0o755)
    environment = os.environ | {"LEDGERPOST_DEMO_BIN": str(tmp_path)}
    done = subprocess.run(
        ["sh", str(DEMO), str(tmp_path / "demo")], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 6
    assert "The demo FAILED" in done.stderr


# --- the tour


def tour(*words: str) -> Result:
    return CliRunner().invoke(cli, ["tour", *words])


def test_the_tour_shows_every_command_and_leaves_everything(tmp_path: Path) -> None:
    before = os.environ | {}, Path.cwd()
    done = tour(str(tmp_path / "tour"))
    assert done.exit_code == 0, done.output
    assert (os.environ | {}, Path.cwd()) == before
    assert "amina$ ledgerpost spend Bo 12.50 grain --comment 'for the roof' --yes" in done.output
    assert "Books sum to zero." in done.output
    assert f"All of it is in {tmp_path / 'tour'}" in done.output
    assert "refused: the balance does not cover it" in done.output
    assert "signed number 5 to two: these files alone prove it" in done.output
    assert "endorsed number 3 to two: these files alone prove it" in done.output
    assert "owes Dina" in done.output
    assert "6.00 grain" in (tmp_path / "tour" / "verdict.html").read_text()
    assert balances(tmp_path / "tour" / "amina") == {"grain": -1425}
    assert balances(tmp_path / "tour" / "bo") == {"grain": 50}


def test_the_tour_makes_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    done = tour()
    assert done.exit_code == 0
    assert [each.name.startswith("ledgerpost-tour-") for each in tmp_path.iterdir()] == [True]


def test_the_tour_leaves_a_folder_in_use_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    done = tour(str(tmp_path))
    assert done.exit_code == 3
    assert "not empty" in done.stderr
    assert list(tmp_path.iterdir()) == [tmp_path / "letter.txt"]


def test_the_tour_in_json_is_one_document(tmp_path: Path) -> None:
    done = tour("--json", str(tmp_path / "tour"))
    document = json.loads(done.stdout)
    assert document["ok"]
    ends = [each["status"] for each in document["items"] if each["kind"] == "command"]
    assert (set(ends), ends.count("8")) == ({"0", "8"}, 2)  # the bank finds two who signed twice
    assert document["items"][-1] == {"kind": "folder", "folder": str(tmp_path / "tour")}


def test_the_tour_stops_where_a_command_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ledgerpost.cli import tour as module
    from ledgerpost.cli.story import Step

    monkeypatch.setattr(module, "STORY", (Step("bank", "bank audit"),))
    done = tour(str(tmp_path / "tour"))
    assert done.exit_code == 70
    assert "'ledgerpost bank audit' ended with status 4" in done.stderr
