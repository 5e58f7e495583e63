"""``bank case``: what the bank holds of one party, for a judge. Asks no passphrase, changes nothing."""

from pathlib import Path
from typing import NamedTuple

import click

from ledgerpost.cli import choose
from ledgerpost.cli.casefiles import write_case
from ledgerpost.cli.options import Command, office_options, pass_talk
from ledgerpost.cli.talk import Talk
from ledgerpost.cli.words import groups
from ledgerpost.desk.home import BANKS, Home
from ledgerpost.desk.office import Office, opened
from ledgerpost.errors import Mistyped, NotFound
from ledgerpost.spelling import printable, read_fingerprint, spell_fingerprint
from ledgerpost.terms import Fingerprint


@click.command("case", cls=Command)
@click.argument("party")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="The file to write.")
@office_options
@pass_talk
def case(talk: Talk, party: str, output: Path | None) -> None:
    """Gather what the bank holds of a party, for a judge.

    PARTY is a fingerprint, a card file, or the name under which the account was opened. The file holds the party's
    card, its newest receipt with what stands beside it, notices that wait for it, and what was presented under its
    numbers; of others nothing but what is in these.
    """
    with opened(Home.find().seat(BANKS, talk.office)) as office:
        who = _party(office, party)
        documents = office.case(who.fingerprint)
    talk.say(f"{printable(who.name, 64)}\n     {groups(who.fingerprint)}")
    spelled = spell_fingerprint(who.fingerprint)
    files = write_case(talk, output or Path(f"case-{spelled}.lpe"), documents)
    talk.item(kind="case", party=spelled, name=who.name, file=files[0], files=files, documents=len(documents))


class Party(NamedTuple):
    """Who was meant, and the name that goes with it, which is a claim."""

    fingerprint: Fingerprint
    name: str


def _party(office: Office, typed: str) -> Party:
    """Raises NotFound, Mistyped."""
    if "".join(typed.split()).lower().startswith("lp1"):
        who = read_fingerprint(typed)
        return Party(who, office.name_of(who))
    if Path(typed).is_file():
        found = choose.from_card(Path(typed))
        return Party(found.fingerprint, found.name)
    named = [Party(who, name) for who, name in office.names() if name.casefold() == typed.casefold()]
    if not named:
        do = "give the fingerprint or the card file"
        raise NotFound(f"nobody opened an account here as '{printable(typed, 64)}'", do=do)
    if len(named) > 1:
        spelled = ", ".join(spell_fingerprint(each.fingerprint) for each in named)
        raise Mistyped(f"several could be meant: {spelled}", where=printable(typed, 80), do="give the fingerprint")
    return named[0]
