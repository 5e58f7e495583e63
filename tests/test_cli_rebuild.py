"""A bank's computer is lost: real commands, real stores, a real backup, and customers who only carry (L11, T4)."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from shell import Kita, Shell
from shell import kita as kita
from test_cli_wallet import amina as amina
from test_cli_wallet import balance, befriend
from test_cli_wallet import bo as bo

HOUR, DAY = 3600, 86400


def carry(kita: Kita, *shells: Shell) -> list[str]:
    """Each in turn, an hour apart; what they were told."""
    told = []
    for shell in shells:
        kita.now += HOUR
        shell.now = kita.now
        told.append(shell.run("carry", kita.stick).stdout)
    return told


def backup(kita: Kita) -> Path:
    file = kita.folder / "kita.lpbackup"
    kita.bank.now = kita.now
    kita.bank.run("bank", "backup", "-o", file)
    return file


def burn(kita: Kita) -> None:
    """The bank's computer is gone, and the stick that lay there."""
    shutil.rmtree(kita.bank.home / "banks")
    shutil.rmtree(kita.stick)
    kita.stick.mkdir()


def rebuild(kita: Kita, file: Path, *options: str) -> dict[str, Any]:
    kita.now += DAY
    kita.bank.now = kita.now
    items: list[dict[str, Any]] = kita.bank.items("bank", "rebuild", file, "kita", *options)
    return items[-1]


def audited(kita: Kita, status: int = 0) -> list[dict[str, Any]]:
    """What the audit says is missing or wrong."""
    kita.bank.now = kita.now
    rows = kita.bank.json("bank", "audit", status=status)["items"]
    return [row for row in rows if row["kind"] in ("missing", "finding")]


@pytest.fixture
def lost(kita: Kita, amina: Shell, bo: Shell) -> Path:
    """After the backup Bo paid 12.50 and Amina took it, his cheque of 5 was paid to her, and Cleo opened an account.

    The bank burns with the answer to Bo's last letter, which denies him nothing: he pays Amina 1 more.
    """
    file = backup(kita)
    bo.run("spend", "amina", "12.50", "grain", "--yes")
    kita.round(bo, amina)
    amina.run("accept", "1", "--yes")
    cheque = kita.folder / "cheque.lpe"
    bo.run("draw", "amina", "5", "grain", "-o", cheque, "--yes")
    amina.run("take", cheque)
    cleo = kita.someone("cleo")
    kita.round(amina, cleo)
    bo.run("spend", "amina", "1", "grain", "--yes")
    carry(kita, bo, kita.bank)
    burn(kita)
    return file


def test_customers_carry_twice_and_everything_is_as_it_was(kita: Kita, amina: Shell, bo: Shell, lost: Path) -> None:
    row = rebuild(kita, lost)
    assert (row["result"], row["missing"]) == ("restoring", "2")
    assert [each["kind"] for each in audited(kita)] == ["missing", "missing"]
    cleo = kita.shell("cleo")
    told = carry(kita, amina, bo, cleo, kita.bank, amina, bo, cleo)
    assert ["the bank lost its books" in each for each in told] == [False] * 4 + [True] * 3
    assert len(audited(kita)) == 2
    carry(kita, kita.bank, amina, bo, cleo)
    kita.round(amina, bo, cleo)
    assert audited(kita) == []
    assert "3 parties" in kita.bank.run("bank", "status").stdout
    assert balance(bo) == "31.50"
    befriend(amina, cleo)
    amina.run("accept", "--all", "--yes")
    amina.run("spend", "cleo", "2", "grain", "--yes")
    kita.round(amina, cleo, bo)
    cleo.run("accept", "--all", "--yes")
    kita.round(cleo, amina)
    assert balance(cleo) == "2.00"
    assert audited(kita) == []
    assert not list(kita.folder.rglob("case-*"))


def test_a_letter_about_somebody_who_did_not_come_waits(kita: Kita, amina: Shell, bo: Shell, lost: Path) -> None:
    rebuild(kita, lost)
    cleo = kita.shell("cleo")
    for _ in range(3):
        carry(kita, bo, kita.bank, bo)
    assert balance(bo) == "37.50"
    assert "1.00" not in str(bo.items("status")[0]["outstanding"])
    rows = audited(kita)
    assert {row["kind"] for row in rows} == {"missing"}
    assert "did not come since the restore" in " ".join(row["what"] for row in rows)
    for _ in range(3):
        carry(kita, amina, bo, cleo, kita.bank)
    assert audited(kita) == []


def test_the_operator_may_stop_waiting(kita: Kita, amina: Shell, bo: Shell, lost: Path) -> None:
    rebuild(kita, lost)
    for _ in range(3):
        carry(kita, bo, kita.bank, bo)
    assert kita.bank.items("bank", "rebuild", "--wait-no-longer", "--yes")[0]["missing"] == "1"
    kita.bank.run("bank", "rebuild", "--wait-no-longer", "--yes", status=3)
    assert "goes on from the backup" in " ".join(row["what"] for row in audited(kita))
    carry(kita, bo, kita.bank, bo)
    assert "1.00" in str(bo.items("status")[0]["outstanding"])


def test_if_nothing_was_answered_nobody_is_asked(kita: Kita, amina: Shell, bo: Shell) -> None:
    file = backup(kita)
    burn(kita)
    assert rebuild(kita, file, "--nothing-since", "--yes")["result"] == "settled"
    bo.run("spend", "amina", "1", "grain", "--yes")
    kita.round(bo)
    assert balance(bo) == "49.00"
    assert audited(kita) == []
