"""How a command speaks: words on stdout for people, or one JSON document; errors in three lines; exit status.

Knows no command and no rule. Text of other people goes through ``spelling.printable`` before it comes here.
"""

import os
import sys
import time
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, Final

from ledgerpost.errors import LedgerpostError, Mistyped

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA: Final = "ledgerpost/1"
INTERRUPTED: Final = 130


class Usage(LedgerpostError):
    """The command line itself does not read."""

    code = "usage"
    exit_status = 2


class Interrupted(LedgerpostError):
    """Stopped by the person at the keyboard."""

    code = "interrupted"
    exit_status = INTERRUPTED


@dataclass(slots=True)
class Talk:
    """One run of one command: what was asked of all commands, and what it has said so far.

    ``wallet``, ``at``, ``office``: what ``-w``, ``--at``, ``--bank`` named. ``terminal`` to ``speed``: which pictures
    were asked for, see ``showing``. ``status`` is the exit status to come.
    """

    json: bool = False
    yes: bool = False
    no_input: bool = False
    debug: bool = False
    wallet: str | None = None
    at: str | None = None
    office: str | None = None
    moment: int | None = None
    passphrase_file: "Path | None" = None
    passphrase_fd: int | None = None
    passphrase_command: str | None = None
    new_passphrase_file: "Path | None" = None
    passphrase: bytes | None = field(default=None, repr=False)
    terminal: bool = False
    page: "Path | None" = None
    picture: "Path | None" = None
    language: str | None = None
    density: int | None = None
    coding: str | None = None
    speed: float | None = None
    command: str = ""
    status: int = 0
    error: LedgerpostError | None = None
    troubles: set[int] = field(default_factory=set, repr=False)
    """Exit statuses of the errors reported so far that did not end the command."""
    items: list[dict[str, Any]] = field(default_factory=list)
    signers: dict[str, Any] = field(default_factory=dict, repr=False)
    """Keys opened in this run, by folder: a passphrase is asked once."""

    @property
    def now(self) -> int:
        """The moment: the computer's clock, or what ``--now`` said."""
        return int(time.time()) if self.moment is None else self.moment

    def say(self, line: str = "") -> None:
        """One line for people: on stdout, or on stderr where stdout is JSON."""
        print(line, file=sys.stderr if self.json else sys.stdout)

    def note(self, line: str = "") -> None:
        """One line of prose beside the result: always on stderr."""
        print(line, file=sys.stderr)

    def item(self, **fields: Any) -> None:
        """One thing the command is about, for ``--json``. Integers become strings (2^63 is too much for JavaScript)."""
        self.items.append({name: _plain(value) for name, value in fields.items()})

    def trouble(self, error: LedgerpostError) -> None:
        """Report an error and go on: the command then ends with status 1, or 8 if this one proves cheating."""
        self.complain(error)
        self.troubles.add(error.exit_status)
        if self.error is None or error.exit_status == 8:
            self.error = error
        self.status = max(self.status, 8 if error.exit_status == 8 else 1)

    def fail(self, error: LedgerpostError) -> None:
        """Report the error that ends the command."""
        self.complain(error)
        self.error, self.status = error, error.exit_status

    def complain(self, error: LedgerpostError) -> None:
        """The three lines, on stderr."""
        for line in three_lines(error, sys.stderr):
            self.note(line)

    def close(self) -> None:
        """Print the JSON document, if that is what was asked for."""
        if self.json:
            import json

            print(json.dumps(self.document(), ensure_ascii=False))

    def document(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        return {
            "schema": SCHEMA,
            "command": self.command,
            "ok": self.status == 0,
            "items": self.items,
            "error": None if self.error is None else error_row(self.error),
        }


def error_row(error: LedgerpostError) -> dict[str, str]:
    """An error as a value of JSON."""
    return {"code": error.code, "what": error.what, "where": error.where, "do": error.do}


def _plain(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return str(value)


def three_lines(error: LedgerpostError, out: IO[str]) -> list[str]:
    """What is wrong; in which file; what to do. Lines with nothing to say are left out."""
    place = "typed" if isinstance(error, Mistyped) else "in" if isinstance(error, Usage) else "file"
    lines = [f"{bold('ledgerpost:', out)} {error.what}"]
    lines += [f"  {place + ': ':<6}{error.where}"] if error.where else []
    return lines + ([f"  {'do: ':<6}{error.do}"] if error.do else [])


def bold(text: str, out: IO[str] | None = None) -> str:
    """The text in bold where that is welcome: on a terminal, unless NO_COLOR or TERM=dumb say otherwise."""
    out = sys.stdout if out is None else out
    if not out.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb":
        return text
    return f"\x1b[1m{text}\x1b[0m"
