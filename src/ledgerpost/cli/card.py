"""``card``: what you give to people who want to pay you."""

from pathlib import Path

import click

from ledgerpost import envelope
from ledgerpost.carriers.files import write_new
from ledgerpost.cli import ask, choose, showing
from ledgerpost.cli.leaves import book_for_paper, message_leaf
from ledgerpost.cli.options import Command, pass_talk, passphrase_options, picture_options, wallet_options
from ledgerpost.cli.talk import Talk, Usage
from ledgerpost.cli.words import groups
from ledgerpost.desk.purse import Purse, opened
from ledgerpost.papers.card import Card
from ledgerpost.spelling import printable, spell_fingerprint
from ledgerpost.wallet.account import Account


@click.command("card", cls=Command)
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the card to a file.")
@picture_options
@wallet_options
@passphrase_options
@pass_talk
def card(talk: Talk, output: Path | None) -> None:
    """Your card, to give away.

    It says your name, your key and your bank, signed by you. Whoever has it can pay you, and do nothing else.
    """
    with opened(choose.wallet_seat(talk)) as purse:
        if not purse.accounts():
            _fingerprint_only(talk, purse, output)
            return
        showing.check_outputs(talk)
        one = output is not None or showing.asked(talk)
        for account in (choose.account(talk, purse),) if one else choose.accounts(talk, purse):
            _card(talk, purse, account, output)


def _fingerprint_only(talk: Talk, purse: Purse, output: Path | None) -> None:
    if output is not None or showing.asked(talk):
        raise Usage("a card names a bank, and this wallet has none yet", do="open an account: ledgerpost open CARD")
    who = purse.seat.fingerprint
    talk.say(f"No account yet; this fingerprint can be paid all the same:\n     {groups(who)}")
    talk.item(kind="fingerprint", fingerprint=spell_fingerprint(who))


def _card(talk: Talk, purse: Purse, account: Account, output: Path | None) -> None:
    talk.say(f"{account.name} at {printable(account.bank.name, 64)}")
    talk.say(f"     {groups(account.me)}")
    if output is not None or showing.asked(talk):
        _give(talk, purse, account, output)
    talk.item(
        kind="card",
        name=account.name,
        fingerprint=spell_fingerprint(account.me),
        bank=spell_fingerprint(account.bank.bank),
        file=output,
    )


def _give(talk: Talk, purse: Purse, account: Account, output: Path | None) -> None:
    """As a file, and in whatever pictures were asked for."""
    raw = envelope.pack((own_card(talk, purse, account),), sender=None, recipient=None, until=0)
    if output is not None:
        write_new(output, raw, 0o644)
        talk.say(f"Wrote {output}: give it to whoever wants to pay you.")
    book = book_for_paper(purse)
    showing.show_codes(talk, raw, message_leaf(book, raw, [f"{account.name}: {groups(account.me)}"]))


def own_card(talk: Talk, purse: Purse, account: Account) -> bytes:
    """The card as it was signed when the account was opened; signed now only if there is none."""
    kept = purse.own_card(account.bank.bank)
    if kept is None:
        kept = Card(account.bank.bank, account.key, account.name).sign(ask.unlock(talk, purse.seat))
        purse.keep_own_card(account.bank.bank, kept)
    return kept
