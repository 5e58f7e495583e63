"""Where the process starts: help and version of the whole program are printed at once, all else goes to ``main``.

To import click takes thrice as long as to start Python. What is printed here is, byte for byte, what click would print;
a test compares. Decides nothing else and reads no other arguments (docs/adr/0021).
"""

import os
import sys
from typing import Final, NoReturn

from ledgerpost.cli.table import ABOUT, FLAGS, TABLE, VERSION

COMPLETION: Final = "_LEDGERPOST_COMPLETE"
"""A shell that wants completions sets it; then the arguments are not there to be obeyed."""

_NARROWEST, _WIDEST = 50, 78
"""Characters of a line of help, as click has them."""


def main() -> NoReturn:
    """Run the command line of this process."""
    said = None if os.environ.get(COMPLETION) else at_once(sys.argv[1:])
    if said is None or sys.stdout is None or sys.stderr is None:
        from ledgerpost.cli.main import main as by_click

        by_click()
    sys.exit(_printed(said, asked=len(sys.argv) > 1))


def at_once(given: list[str]) -> str | None:
    """What to print for these arguments; None if that takes more than the table."""
    if given == ["--version"]:
        return f"ledgerpost {VERSION}"
    if given in ([], ["--help"]):
        from shutil import get_terminal_size

        return overview(get_terminal_size().columns)
    return None


def overview(columns: int) -> str:
    """Help for the program, for a terminal so many characters wide."""
    from textwrap import fill

    width = min(max(columns - 2, _NARROWEST), _WIDEST)
    about = [fill(each, width, initial_indent="  ", subsequent_indent="  ") for each in ABOUT]
    options = ["Options:", *_listed(FLAGS, width)]
    commands = ["Commands:", *_listed({name: text for name, (_, text) in TABLE.items()}, width)]
    parts = ["Usage: ledgerpost [OPTIONS] COMMAND [ARGS]...", *about, "\n".join(options), "\n".join(commands)]
    return "\n\n".join(parts)


def _listed(rows: dict[str, str], width: int) -> list[str]:
    from textwrap import wrap

    column = max(map(len, rows)) + 2
    lines = ((name, wrap(text, width - column - 2)) for name, text in rows.items())
    return [f"  {name if not at else '':<{column}}{line}" for name, wrapped in lines for at, line in enumerate(wrapped)]


def _printed(text: str, *, asked: bool) -> int:
    """The exit status: of help that nobody asked for, it is that of wrong use."""
    try:
        print(text, file=sys.stdout if asked else sys.stderr, flush=True)
    except OSError as error:
        from ledgerpost.cli.main import unsaid
        from ledgerpost.cli.talk import Talk

        return unsaid(Talk(), error)
    return 0 if asked else 2
