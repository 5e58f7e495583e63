"""The command ``ledgerpost``: finds the group asked for, imports that and nothing else, and turns errors into words."""

import errno
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

import click

from ledgerpost.cli.options import Group
from ledgerpost.cli.streams import drop, prepare
from ledgerpost.cli.table import ABOUT, FLAGS, TABLE, VERSION
from ledgerpost.cli.talk import Interrupted, Talk, Usage
from ledgerpost.errors import Bug, LedgerpostError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


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
            try:
                code = super().main(given, prog_name or "ledgerpost", **extra)
            except Exception as error:
                code = _ended(talk, error)
            status = _finished(talk, code)
        except OSError as error:
            status = unsaid(talk, error)
        sys.exit(status)


class _NoCommand(Usage):
    code = "no-command"


def _named(args: list[str]) -> str:
    """The command's name as far as it can be told before anything is imported."""
    words = [each for each in args if not each.startswith("-")]
    return " ".join(words[: 2 if words[:1] in (["wallet"], ["bank"], ["contact"], ["spool"]) else 1])


def _finished(talk: Talk, code: int | None) -> int:
    """The exit status, once the JSON document and all else is written."""
    if code is None:
        talk.close()
    sys.stdout.flush()
    return talk.status if code is None else code


def _ended(talk: Talk, error: Exception) -> int | None:
    """Turn what ended a command into words. None: the JSON document is still to be printed."""
    if isinstance(error, BrokenPipeError):
        raise error
    if talk.debug:
        import traceback

        traceback.print_exception(error)
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        talk.note(error.format_message())
        return Usage.exit_status
    talk.fail(_as_ours(error))
    return None


def unsaid(talk: Talk, error: OSError) -> int:
    """End when words can't be said: quietly if whoever read them went away, else with the reason."""
    if isinstance(error, BrokenPipeError):
        drop()
        return 1
    reason = _as_ours(error)
    with suppress(OSError):  # it may be stderr that fails
        talk.complain(reason)
    drop()
    return reason.exit_status


_OUTPUT = (errno.EFBIG, errno.EIO, errno.ENOSPC)
"""What the system says, naming no file, where stdout is a file on a disk that is full or failing."""


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
    if isinstance(error, OSError) and (error.filename is not None or error.errno in _OUTPUT):
        from ledgerpost.carriers.faults import fault

        return fault(error, str(error.filename or "what is printed"))
    return Bug.of(error)


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        print(f"ledgerpost {VERSION}")
        ctx.exit()


@click.group("ledgerpost", cls=Main, help="\n\n".join(ABOUT))
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help=FLAGS["--version"])
def cli() -> None:
    """All commands; what help says of them comes from the table."""


def main() -> NoReturn:
    """Run the command line of this process, whatever it says."""
    prepare()
    cli.main()
