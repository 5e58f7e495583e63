"""``tour``: a toy bank and two wallets at work, by the very commands that anybody types, each with its answer."""

import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import ExitStack, chdir, contextmanager, redirect_stdout
from pathlib import Path
from shutil import copytree

import click

from ledgerpost.cli.options import Command, pass_talk
from ledgerpost.cli.story import AMINA, CONTRACT, STICK, STORY, Copy, Step
from ledgerpost.cli.talk import Talk, bold
from ledgerpost.errors import Bug, Denied


@click.command("tour", cls=Command)
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@pass_talk
def tour(talk: Talk, folder: Path | None) -> None:
    """See it all work, in a minute, in a folder of its own.

    A toy bank and two wallets, each in a home of its own, and a folder for a stick. Every command is shown with what
    it answered, and all of it stays in FOLDER (default: a new temporary one), to look around in and to go on with.
    """
    place = _place(folder)
    (place / STICK).mkdir()
    (place / "grain.txt").write_text(CONTRACT, encoding="utf-8")
    with chdir(place), ExitStack() as stack:
        if talk.json:
            stack.enter_context(redirect_stdout(sys.stderr))
        for each in STORY:
            if isinstance(each, Step):
                _run(talk, place, each)
            elif isinstance(each, Copy):
                talk.say(f"\n$ cp -R {each.who} {each.copy}")
                copytree(place / each.who, place / each.copy)
            else:
                talk.say(f"\n{bold('# ' + each)}")
    talk.say(f"\nAll of it is in {place}")
    talk.say(f"Go on there, say as Amina:   cd {place}; LEDGERPOST_HOME={AMINA} ledgerpost status")
    talk.item(kind="folder", folder=place)


def _place(folder: Path | None) -> Path:
    """The folder, made; it must be empty, for the tour founds everything anew."""
    if folder is None:
        from tempfile import mkdtemp

        return Path(mkdtemp(prefix="ledgerpost-tour-"))
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise Denied("this folder is not empty", where=str(folder), do="name a new one, or none at all")
    return folder.absolute()


def _run(talk: Talk, place: Path, step: Step) -> None:
    """In this process, as if it had been typed: the same parser, the same exit status."""
    from ledgerpost.cli.main import cli

    talk.say(f"\n{step.who}$ {bold('ledgerpost ' + step.words)}")
    when = [] if talk.moment is None else ["--now", str(talk.moment)]
    with _at_home(place / step.who):
        try:
            cli.main([*shlex.split(step.words), "--no-input", *when])
        except SystemExit as end:
            code = end.code
    talk.item(kind="command", who=step.who, command=f"ledgerpost {step.words}", status=code)
    if (code or 0) != step.status:
        raise Bug(f"the tour stops: 'ledgerpost {step.words}' ended with status {code}", where=str(place))


@contextmanager
def _at_home(home: Path) -> Iterator[None]:
    """That person's own computer, as far as a command can tell."""
    before = dict(os.environ)
    os.environ["LEDGERPOST_HOME"] = str(home)
    os.environ.pop("LEDGERPOST_WALLET", None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
