"""``release``: give up a claim on an instrument that was refused, in a signed file for whoever owed it."""

from pathlib import Path

import click

from ledgerpost.cli import ask, choose
from ledgerpost.cli.card import own_card
from ledgerpost.cli.items import Found, instrument_row, instrument_text, item, refuse_existing, write_open
from ledgerpost.cli.options import Command, pass_talk, passphrase_options, wallet_options, yes_option
from ledgerpost.cli.talk import Talk
from ledgerpost.cli.words import book_of, groups
from ledgerpost.desk.purse import Purse
from ledgerpost.errors import Denied, Mistyped
from ledgerpost.papers.instrument import paper_of
from ledgerpost.papers.spendto import MAX_COMMENT
from ledgerpost.spelling import spell_fingerprint
from ledgerpost.terms import Fingerprint
from ledgerpost.wallet.account import REFUSED, RELEASED
from ledgerpost.wallet.release import check_refused, check_releasable, owes, released
from ledgerpost.wallet.release import release as give_up


@click.command("release", cls=Command)
@click.argument("number", metavar="ITEM")
@click.option("--debtor", metavar="PARTY", help="Whom to release, if not who owes by the bank's refusal.")
@click.option("--comment", default="", metavar="TEXT", help="Words for the debtor.")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="The file to write.")
@wallet_options
@passphrase_options
@yes_option
@pass_talk
def release(talk: Talk, number: str, debtor: str | None, comment: str, output: Path | None) -> None:
    """Give up a claim, in writing.

    ITEM is a cheque or certificate that the bank refused, by its number or any unique ending of it. The file is for
    whoever owes you for it, once you were paid in another way: before a judge it ends your claim on this paper against
    them, all of it and for good, and nothing else. PARTY is a contact, a card file or a fingerprint.
    """
    if len(comment.encode()) > MAX_COMMENT:
        raise Mistyped(f"a comment has at most {MAX_COMMENT} bytes", do="say it shorter")
    with choose.opened_purse(talk) as purse:
        found = item(talk, purse, number, REFUSED, RELEASED)
        whom = choose.party(purse, debtor).fingerprint if debtor else _owing(found)
        path = output or Path(f"release-{paper_of(found.instrument.body).number}.lpe")
        raw = released(found.item).get(whom)
        if raw is None:
            _ask(talk, purse, found, whom, path)
            after, raw = give_up(found.account, ask.unlock(talk, purse.seat), found.identity, whom, comment)
            purse.save(found.account, after)
        else:
            talk.say("Released before.")
        write_open(path, (raw, own_card(talk, purse, found.account)), 0)
        talk.say(f"Wrote {path}: hand over this file.")
        row = instrument_row(book_of(purse), found.instrument)
        talk.item(file=path, result="released", debtor=spell_fingerprint(whom), **row)


def _owing(found: Found) -> Fingerprint:
    """Whom the bank's refusal points to."""
    check_refused(found.item)
    whom = owes(found.account, found.identity)
    if whom is None:
        do = "to release somebody all the same, say whom: --debtor PARTY"
        raise Denied("by the bank's refusal nobody owes you for it", do=do)
    return whom


def _ask(talk: Talk, purse: Purse, found: Found, whom: Fingerprint, path: Path) -> None:
    """Show what is given up, and to whom; go on only with a typed yes, and if the file can be written."""
    check_releasable(found.account, found.item, whom)
    refuse_existing(path)
    book, paper = book_of(purse), paper_of(found.instrument.body)
    talk.say(f"Give up {book.amount(paper.asset, paper.amount)} that {book.party(whom)} owes you")
    talk.say(f"     {groups(whom)}")
    talk.say(f"  for {instrument_text(book, found.instrument)}")
    ask.confirm(talk, "Give it up? It cannot be taken back.")
