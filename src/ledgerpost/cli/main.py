"""The command ``ledgerpost``: finds the group asked for, imports that and nothing else, and turns errors into words."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click

from ledgerpost.cli.options import Group
from ledgerpost.cli.talk import Interrupted, Talk, Usage
from ledgerpost.errors import Bug, LedgerpostError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

VERSION: Final = "0.1.0"
"""As in pyproject.toml; a test compares. importlib.metadata would take longer to import than all of click's parser."""

TABLE: Final = {
    "open": ("open:open_", "Open an account; the first time makes wallet and key."),
    "carry": ("carry:carry", "Put out and pick up everything at a stick or folder."),
    "status": ("status:status", "What you have, what waits, what to do next."),
    "spend": ("spend:spend", "Pay an account."),
    "cancel": ("spend:cancel", "Take back a spend that was not accepted yet."),
    "accept": ("accept:accept", "Take in a waiting spend."),
    "deny": ("accept:deny", "Send back a waiting spend."),
    "stop": ("stop:stop", "Close unused numbers."),
    "draw": ("draw:draw", "Write a cheque."),
    "take": ("take:take", "Check cheques and certificates offline, and queue them for the bank."),
    "buy": ("take:buy", "Buy a bearer certificate, which passes from hand to hand."),
    "redeem": ("take:redeem", "Turn a certificate into balance, or present a held cheque."),
    "endorse": ("take:endorse", "Hand a cheque or certificate on to somebody else."),
    "issue": ("issue:issue", "Issue an asset."),
    "show": ("show:show", "Verify and explain anything; changes nothing."),
    "statement": ("statement:statement", "Balances, numbers, outstanding spends, and what became of your orders."),
    "chequebook": ("chequebook:chequebook", "Show open numbers; order more."),
    "card": ("card:card", "Your card, to give away."),
    "contact": ("contact:contact", "Parties you know by their cards."),
    "case": ("case:case", "Gather the evidence for a judge."),
    "release": ("release:release", "Give up a claim, in writing."),
    "judge": ("judge:judge", "Say who is right, what is owed, and why."),
    "wallet": ("wallet:wallet", "Keep keys: make, choose, back up, restore."),
    "bank": ("bank:bank", "Keep a bank."),
    "spool": ("spool:spool", "Carry sealed mail for others, as a courier."),
    "tour": ("tour:tour", "See it all work, in a minute, in a folder of its own."),
    "completion": ("completion:completion", "Print a script that completes commands in your shell."),
}
"""Every command: its module and attribute under ``ledgerpost.cli``, and its short help."""


class Main(Group):
    """The whole program. ``main`` never lets an exception out: it ends by ``SystemExit`` with the documented status."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of use, not of the alphabet."""
        return list(TABLE)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module; None if there is no such command."""
        if cmd_name not in TABLE:
            return None
        module, attribute = TABLE[cmd_name][0].split(":")
        command: click.Command = getattr(import_module(f"ledgerpost.cli.{module}"), attribute)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """With the nearest name, where there is no such command."""
        if args and args[0] not in TABLE and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], TABLE, n=1)
            hint = f"did you mean: ledgerpost {near[0]}" if near else "see: ledgerpost --help"
            raise _NoCommand(f"there is no command '{args[0]}'", do=hint)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """From the table: help for the program imports no group."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in TABLE.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Names from the table; options as click does it."""
        from click.shell_completion import CompletionItem

        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        return [CompletionItem(name, help=text) for name, (_, text) in TABLE.items() if name.startswith(incomplete)]

    def main(  # type: ignore[override]  # never returns
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        """Run, and end the process as docs say."""
        given = list(sys.argv[1:] if args is None else args)
        talk = Talk(json="--json" in given, debug="--debug" in given, command=_named(given))
        extra |= {"standalone_mode": False, "obj": talk}
        try:
            code = super().main(given, prog_name or "ledgerpost", **extra)
        except Exception as error:
            code = _ended(talk, error)
        sys.exit(_finished(talk, code))


class _NoCommand(Usage):
    code = "no-command"


def _named(args: list[str]) -> str:
    """The command's name as far as it can be told before anything is imported."""
    words = [each for each in args if not each.startswith("-")]
    return " ".join(words[: 2 if words[:1] in (["wallet"], ["bank"], ["contact"], ["spool"]) else 1])


def _finished(talk: Talk, code: int | None) -> int:
    """The exit status, once the JSON document and all else is written."""
    try:
        if code is None:
            talk.close()
        sys.stdout.flush()
    except BrokenPipeError:
        return _pipe_closed()
    return talk.status if code is None else code


def _ended(talk: Talk, error: Exception) -> int | None:
    """Turn what ended a command into words. None: the JSON document is still to be printed."""
    if isinstance(error, BrokenPipeError):
        return _pipe_closed()
    if talk.debug:
        import traceback

        traceback.print_exception(error)
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        talk.note(error.format_message())
        return Usage.exit_status
    talk.fail(_as_ours(error))
    return None


def _pipe_closed() -> int:
    """Whoever read our output went away: end quietly, and let Python's last flush go nowhere."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def _as_ours(error: Exception) -> LedgerpostError:
    if isinstance(error, LedgerpostError):
        return error
    if isinstance(error, click.Abort):
        return Interrupted("interrupted", do="what was done so far is kept: run the same command again")
    if isinstance(error, click.UsageError):
        path = error.ctx.command_path if error.ctx else "ledgerpost"
        return Usage(error.format_message(), where=path, do=f"see: {path} --help")
    if isinstance(error, click.ClickException):
        return Usage(error.format_message())
    if isinstance(error, OSError) and error.filename is not None:
        from ledgerpost.carriers.faults import fault

        return fault(error, str(error.filename))
    return Bug.of(error)


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        print(f"ledgerpost {VERSION}")
        ctx.exit()


@click.group("ledgerpost", cls=Main)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
def cli() -> None:
    """Banking by post: cheques and receipts that travel as files, sticks and printed codes.

    Begin with "ledgerpost tour", or with a bank's card: "ledgerpost open CARD".
    """


def main() -> NoReturn:
    """Where the process starts."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a name in another script must not end the program
    cli.main()
