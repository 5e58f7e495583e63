"""``contact``: parties known, by their cards and by the owner's own names for them."""

from pathlib import Path

import click

from ledgerpost.cli import choose
from ledgerpost.cli.options import Group, pass_talk, wallet_option
from ledgerpost.cli.talk import Talk
from ledgerpost.cli.words import groups
from ledgerpost.desk.purse import Purse, opened
from ledgerpost.errors import LedgerpostError, Mistyped
from ledgerpost.papers.card import MAX_NAME
from ledgerpost.spelling import printable, spell_fingerprint


@click.group("contact", cls=Group)
def contact() -> None:
    """Parties you know by their cards."""


@contact.command("list")
@wallet_option
@pass_talk
def list_(talk: Talk) -> None:
    """List them, with their fingerprints in full."""
    with opened(choose.wallet_seat(talk)) as purse:
        cards, names = purse.contacts(), purse.names()
        for who in sorted(cards.keys() | names.keys(), key=lambda who: names.get(who) or cards[who].name):
            card = cards.get(who)
            own, claimed = names.get(who), card.name if card else None
            calls = f"   (calls itself {printable(claimed, 64)})" if own and claimed and own != claimed else ""
            talk.say(f"{printable(own or claimed or '', 64)}{calls}")
            talk.say(f"     {groups(who)}")
            talk.item(kind="contact", name=own or claimed, claims=claimed, fingerprint=spell_fingerprint(who))
        if not cards and not names:
            talk.say("Nobody yet. Keep a card: ledgerpost contact add FILE")


@contact.command("add")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@wallet_option
@pass_talk
def add(talk: Talk, files: tuple[Path, ...]) -> None:
    """Keep the cards in these files."""
    with opened(choose.wallet_seat(talk)) as purse:
        for file in files:
            try:
                _keep(talk, purse, file)
            except LedgerpostError as error:
                if len(files) == 1:
                    raise
                talk.trouble(error.at(str(file)))


def _keep(talk: Talk, purse: Purse, file: Path) -> choose.Party:
    found = choose.from_card(file)
    if found.card is not None:
        purse.meet(found.card)
    talk.say(f"Kept: {printable(found.name, 64)}. Compare, before you pay:")
    talk.say(f"     {groups(found.fingerprint)}")
    talk.item(kind="contact", name=found.name, fingerprint=spell_fingerprint(found.fingerprint), file=file)
    return found


@contact.command("name")
@click.argument("who")
@click.argument("name")
@wallet_option
@pass_talk
def name_(talk: Talk, who: str, name: str) -> None:
    """Call a party by a name of your own.

    WHO is a card file, which is kept then, a fingerprint, or the name it has now. Names on cards are what people call
    themselves; yours go before them.
    """
    name = " ".join(name.split())
    if not name or len(name.encode()) > MAX_NAME or name.lower().startswith("lp1"):
        raise Mistyped(f"a name has 1 to {MAX_NAME} bytes and is no fingerprint", where=printable(name, 80))
    with opened(choose.wallet_seat(talk)) as purse:
        found = choose.party(purse, who)
        other = [each for each, called in purse.names().items() if called == name and each != found.fingerprint]
        if other:
            raise Mistyped(f"you call another party {printable(name, 64)}", where=groups(other[0]), do="choose another")
        if found.card is not None:
            purse.meet(found.card)
        purse.call(found.fingerprint, name)
        talk.say(f"{printable(name, 64)} is\n     {groups(found.fingerprint)}")
        talk.item(kind="contact", name=name, fingerprint=spell_fingerprint(found.fingerprint))


@contact.command("forget")
@click.argument("who")
@wallet_option
@pass_talk
def forget(talk: Talk, who: str) -> None:
    """Drop a contact: its card, and your name for it."""
    with opened(choose.wallet_seat(talk)) as purse:
        found = choose.party(purse, who)
        purse.forget(found.fingerprint)
        talk.say(f"Forgotten: {printable(found.name, 64)}   {groups(found.fingerprint)}")
        talk.item(kind="contact", name=found.name, fingerprint=spell_fingerprint(found.fingerprint), result="forgotten")
