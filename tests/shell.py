"""A shell for tests: the real commands, run in this process, each person with a home of their own.

The person at the keyboard is a list of answers; the clock is ``--now``.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ledgerpost.cli import ask, keys
from ledgerpost.cli import wallet as wallets
from ledgerpost.cli.main import cli
from ledgerpost.desk.home import BANKS, Cost, Home
from ledgerpost.desk.office import opened
from ledgerpost.envelope import pack
from ledgerpost.papers.terms import Terms
from town import START, contract_text, seed_of

CHEAP = Cost(1, 8192)


@dataclass
class Person:
    """Somebody at the keyboard, who answers one question after the other."""

    answers: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def ask(self, prompt: str) -> str:
        self.asked.append(prompt)
        return self.answers.pop(0)

    def secret(self, prompt: str) -> str:
        return self.ask(prompt)

    def tell(self, line: str) -> None:
        self.told.append(line)


@dataclass
class Shell:
    """One person's terminal."""

    home: Path
    patch: pytest.MonkeyPatch
    now: int = START

    def run(self, *args: str | Path, status: int = 0, person: Iterable[str] | Person | None = None) -> Result:
        """One command. Without ``person`` there is no terminal."""
        someone = person if isinstance(person, Person) or person is None else Person(list(person))
        self.patch.setenv("LEDGERPOST_HOME", str(self.home))
        self.patch.setattr(ask, "open_terminal", lambda: someone)
        result = CliRunner().invoke(cli, [*map(str, args), "--now", str(self.now)])
        assert result.exit_code == status, (args, result.exit_code, result.output)
        return result

    def json(self, *args: str | Path, status: int = 0) -> dict[str, Any]:
        """One command's document."""
        document: dict[str, Any] = json.loads(self.run(*args, "--json", status=status).stdout)
        assert document["schema"] == "ledgerpost/1"
        assert document["ok"] == (status == 0)
        return document

    def items(self, *args: str | Path) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.json(*args)["items"]
        return items


@dataclass
class Kita:
    """A bank over its Office, its card as a file, a stick, and a shell for each person."""

    folder: Path
    patch: pytest.MonkeyPatch
    now: int = START

    def __post_init__(self) -> None:
        self.seat = Home(self.folder / "bank").create(BANKS, "kita", seed_of("kita"), None, CHEAP)
        self.stick = self.folder / "stick"
        self.stick.mkdir()
        self.card = self.folder / "kita.lpe"
        with opened(self.seat) as office:
            office.found(self.seat.unlock(None), "Village Bank of Kita", self.now)
        self.write_card()
        self.grain = self.folder / "grain.txt"
        self.grain.write_text(contract_text("grain of Kita", unit="grain"))
        self.bank = self.shell("bank")

    def write_card(self, **terms: object) -> None:
        """The bank's card file, with contracts; under new terms if any are named."""
        with opened(self.seat) as office:
            if terms:
                signer = self.seat.unlock(None)
                office.set_terms(signer, Terms(signer.fingerprint, 1, self.now, **terms), self.now)  # type: ignore[arg-type]
            messages = (office.record().card, *office.contracts().values())
        self.card.write_bytes(pack(messages, sender=None, recipient=None, until=0))

    def shell(self, name: str) -> Shell:
        return Shell(self.folder / name, self.patch, self.now)

    def someone(self, name: str) -> Shell:
        """A person who asked for an account and carried the letter to the stick."""
        shell = self.shell(name)
        shell.run("open", self.card, "--name", name.title(), "--yes", "--no-passphrase")
        return shell

    def round(self, *shells: Shell) -> None:
        """One after the other goes to the bank and back, twice: the second time nothing old is on the stick."""
        for shell in (each for each in shells for _ in range(2)):
            self.now += 3600
            for one in (shell, self.bank, shell):
                one.now = self.now
                one.run("carry", self.stick)


@pytest.fixture
def kita(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kita:
    """The town, with cheap seals."""
    for module in (keys, wallets):
        monkeypatch.setattr(module, "affordable", lambda make: (make(CHEAP), True))
    for name in ("LEDGERPOST_WALLET", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return Kita(tmp_path, monkeypatch)
