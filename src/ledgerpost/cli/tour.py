"""``tour``: a toy bank and two wallets at work, by the very commands that anybody types, each with its answer."""

import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import ExitStack, chdir, contextmanager, redirect_stdout
from pathlib import Path
from typing import Final, NamedTuple

import click

from ledgerpost.cli.options import Command, pass_talk
from ledgerpost.cli.talk import Bug, Talk, bold


class Step(NamedTuple):
    """Somebody runs a command; ``words`` are typed after ``ledgerpost``."""

    who: str
    words: str


BANK, AMINA, BO, STICK = "bank", "amina", "bo", "stick"


def _trip(who: str) -> tuple[Step, ...]:
    return (Step(who, f"carry {STICK}"), Step(BANK, f"bank desk {STICK} --once"), Step(who, f"carry {STICK}"))


STORY: Final[tuple[str | Step, ...]] = (
    "Somebody founds a bank and gives its card away.",
    Step(BANK, "bank found kita --display-name 'Toy Bank of Kita' --no-passphrase"),
    Step(BANK, "bank card -o bank.lpe"),
    "Amina opens an account and issues grain: a promise of hers, with her contract. Her letter goes by stick.",
    Step(AMINA, "open bank.lpe --name Amina --no-passphrase --yes"),
    Step(AMINA, "issue grain.txt --yes"),
    *_trip(AMINA),
    "Bo asks for an account too, and hands Amina his card. She pays him before his letter has reached the bank.",
    Step(BANK, "bank card -o bank-and-grain.lpe"),
    Step(BO, "open bank-and-grain.lpe --name Bo --no-passphrase --yes"),
    Step(BO, "card -o bo.lpe"),
    Step(AMINA, "contact add bo.lpe"),
    Step(AMINA, "spend Bo 12.50 grain --comment 'for the roof' --yes"),
    *_trip(AMINA),
    "Bo's letter: the answer brings his account, and what waits for him. He accepts it.",
    *_trip(BO),
    Step(BO, "accept --all --yes"),
    *_trip(BO),
    "Amina pays him once more, and hears with the answer that the first is accepted. Then she takes the second back.",
    Step(AMINA, "spend Bo 3 grain --yes"),
    *_trip(AMINA),
    Step(AMINA, "cancel 2 --yes"),
    *_trip(AMINA),
    "Everybody has a signed statement, and the bank's books sum to zero.",
    Step(AMINA, "status"),
    Step(BO, "statement"),
    Step(BANK, "bank audit"),
)

CONTRACT: Final = """\
ledgerpost contract 1
name: grain of Kita
unit: grain
decimals: 2
limit: 100000

Amina hands out one measure of grain from her store for 1.00 grain.
"""


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
    from ledgerpost.errors import Denied

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
    if code:
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
