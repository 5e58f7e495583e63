"""``case``: gather what a judge needs about an instrument that was refused, and nothing else."""

from pathlib import Path

import click

from ledgerpost import envelope
from ledgerpost.carriers.files import write_new
from ledgerpost.cli import choose
from ledgerpost.cli.items import Found, instrument_row, instrument_text, item
from ledgerpost.cli.options import Command, pass_talk, wallet_options
from ledgerpost.cli.talk import Talk
from ledgerpost.cli.words import book_of
from ledgerpost.desk.purse import Purse
from ledgerpost.errors import Denied
from ledgerpost.papers.instrument import paper_of
from ledgerpost.wallet.account import REFUSED


@click.command("case", cls=Command)
@click.argument("number")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="The file to write.")
@wallet_options
@pass_talk
def case(talk: Talk, number: str, output: Path | None) -> None:
    """Gather the evidence for a judge.

    NUMBER is a cheque or certificate that the bank refused, or any unique ending of it. The file holds the instrument,
    the bank's receipt with all that stands beside it, the cards and the contract: it proves itself to anyone.
    """
    with choose.opened_purse(talk) as purse:
        found = item(talk, purse, number, REFUSED)
        if found.item.state != REFUSED:
            raise Denied("the bank has not refused it: there is no case", do="see: ledgerpost status")
        path = output or Path(f"case-{paper_of(found.instrument.body).number}.lpe")
        write_new(path, envelope.pack(_evidence(purse, found), sender=None, recipient=None, until=0))
        book = book_of(purse)
        talk.say(f"Wrote {path}: {instrument_text(book, found.instrument)}")
        talk.say("See what it proves: ledgerpost show " + str(path))
        talk.item(file=path, **instrument_row(book, found.instrument))


def _evidence(purse: Purse, found: Found) -> tuple[bytes, ...]:
    account, paper = found.account, paper_of(found.instrument.body)
    own, contracts = purse.own_card(account.bank.bank), purse.contracts()
    named = [account.card, own, contracts.get(paper.asset), found.item.instrument, *found.item.proof]
    return tuple(dict.fromkeys(raw for raw in named if raw is not None))
