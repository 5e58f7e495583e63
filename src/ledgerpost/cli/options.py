"""Options that many commands share, and the classes that give every command the common ones.

All of them fill the ``Talk`` and are handed to no function.
"""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from ledgerpost.cli.talk import Talk

F = TypeVar("F", bound=Callable[..., Any])

pass_talk = click.make_pass_decorator(Talk)
"""Decorator: the function gets the ``Talk`` as its first argument."""


def _keep(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    talk = ctx.find_object(Talk)
    if talk is not None and param.name and value is not None and value is not False:  # 0 is a value
        setattr(talk, param.name, value)
    return value


def shared(*names: str, **how: Any) -> Callable[[F], F]:
    """An option kept in the ``Talk`` under its own name."""
    return click.option(*names, expose_value=False, callback=_keep, **how)


_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?Z?")


def moment(value: str) -> int:
    """Seconds since 1970, from those or from ISO 8601 in UTC."""
    if value.isascii() and value.isdigit():
        return int(value)
    if not _ISO.fullmatch(value):
        raise click.BadParameter(f"'{value}' is no moment: 2027-01-19T12:00Z, or seconds since 1970")
    from datetime import UTC, datetime

    try:
        return int(datetime.fromisoformat(value.removesuffix("Z")).replace(tzinfo=UTC).timestamp())
    except ValueError:
        raise click.BadParameter(f"the calendar has no '{value}'") from None


def common_options() -> list[click.Parameter]:
    """What every command takes."""

    @shared("--json", is_flag=True, help="Print one JSON document on stdout; prose goes to stderr.")
    @shared("--no-input", is_flag=True, help="Never ask: fail, and name the option that would have answered.")
    @shared("--debug", is_flag=True, help="Show where in the program an error comes from.")
    @shared("--now", "moment", type=moment, hidden=True, help="Use this moment instead of the computer's clock.")
    def carrier() -> None: ...

    # click keeps the options of a decorated function there, last one first, until a command is made of it.
    params: list[click.Parameter] = list(reversed(carrier.__click_params__))  # type: ignore[attr-defined]
    return params


class Command(click.Command):
    """A command with the common options."""

    def __init__(self, *args: Any, **attrs: Any) -> None:
        super().__init__(*args, **attrs)
        self.params += common_options()

    def invoke(self, ctx: click.Context) -> Any:
        """Run it under its full name, which ``--json`` repeats."""
        talk = ctx.find_object(Talk)
        if talk is not None:
            talk.command = ctx.command_path.partition(" ")[2]
        return super().invoke(ctx)


class Group(click.Group):
    """A group whose commands are ``Command``s. It takes the common options too, before the command's name."""

    command_class = Command
    group_class = type

    def __init__(self, *args: Any, **attrs: Any) -> None:
        super().__init__(*args, **attrs)
        self.params += common_options()


wallet_option = shared("-w", "--wallet", metavar="NAME", envvar="LEDGERPOST_WALLET", help="The wallet to use.")
at_option = shared("--at", metavar="BANK", help="The bank, by name or fingerprint, if the wallet has several.")
yes_option = shared("--yes", is_flag=True, help="Answer yes to every question, for scripts.")
office_options = shared("--bank", "office", metavar="NAME", help="The bank kept here to use.")
"""``--bank NAME``: for commands of those who keep a bank."""


def wallet_options(function: F) -> F:
    """``-w NAME`` and ``--at BANK``."""
    return wallet_option(at_option(function))


def language_option(function: F) -> F:
    """``--language``, of a page."""
    from ledgerpost.prints.tongue import TABLE

    words = "Of the page.  [default: that of the computer, or en]"
    return shared("--language", type=click.Choice(tuple(TABLE)), help=words)(function)


def picture_options(function: F) -> F:
    """Ways to show as codes what a command makes: on the terminal, as a picture, on paper."""
    from pathlib import Path

    file = click.Path(path_type=Path)
    for option in (
        shared("--speed", type=click.FloatRange(0.5, 25), metavar="N", help="Animated codes a second.  [default: 8]"),
        shared(
            "--coding",
            type=click.Choice(("ur", "bbqr")),
            help="Write codes for other tools: a UR, or a BBQr of type C. Not on pages (--print).",
        ),
        shared(
            "--density",
            type=click.IntRange(5, 25),
            metavar="N",
            help="Largest version of a code: lower is read more easily.  [default: 25; of several codes, 15]",
        ),
        language_option,
        shared(
            "--png",
            "picture",
            type=file,
            metavar="FILE",
            help="Write the code, or an animation, to a .png, .gif, .svg or .html.",
        ),
        shared(
            "--print",
            "page",
            type=file,
            metavar="FILE",
            help="Write it as a page (HTML), to be printed by any browser.",
        ),
        shared("--terminal", "--qr", "terminal", is_flag=True, help="Show the code on the terminal."),
    ):
        function = option(function)
    return function


def passphrase_options(function: F) -> F:
    """Ways to give the passphrase without a terminal. Never from the environment: other programs can read that."""
    from pathlib import Path

    by_file = shared(
        "--passphrase-file", type=click.Path(path_type=Path), metavar="FILE", help="Read the passphrase from a file."
    )
    by_fd = shared("--passphrase-fd", type=int, metavar="N", help="Read it from an open file descriptor.")
    by_command = shared("--passphrase-command", metavar="COMMAND", help="Read it from what a command prints.")
    return by_file(by_fd(by_command(function)))
