"""A clerk for tests: the real ``ledgerpost bank`` commands in this process, with answers typed beforehand."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ledgerpost.cli import ask
from ledgerpost.cli.main import cli
from ledgerpost.cli.talk import Interrupted
from village import START


@dataclass
class Clerk:
    """Somebody at the terminal: answers in order, then the end of input."""

    answers: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def ask(self, prompt: str) -> str:
        self.asked.append(prompt)
        if not self.answers:
            raise Interrupted("interrupted: the terminal gave no answer")
        return self.answers.pop(0)

    secret = ask

    def tell(self, line: str) -> None:
        self.told.append(line)


def sit_down(monkeypatch: pytest.MonkeyPatch, *answers: str) -> Clerk:
    clerk = Clerk(list(answers))
    monkeypatch.setattr(ask, "open_terminal", lambda: clerk)
    return clerk


def bank(*words: str, now: int = START) -> Result:
    return CliRunner().invoke(cli, ["bank", *words, "--now", str(now)])


def items(*words: str, code: int = 0, now: int = START) -> list[dict[str, Any]]:
    done = bank(*words, "--json", now=now)
    document = json.loads(done.stdout)
    assert done.exit_code == code, done.output
    assert document["ok"] == (code == 0)
    found: list[dict[str, Any]] = document["items"]
    return found
