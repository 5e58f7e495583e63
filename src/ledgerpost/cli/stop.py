"""``stop``: close numbers that are never to be used, such as those of a lost chequebook."""

import click

from ledgerpost.cli import choose
from ledgerpost.cli.options import Command, pass_talk, wallet_options, yes_option
from ledgerpost.cli.spend import queue
from ledgerpost.cli.talk import Talk
from ledgerpost.desk.purse import Purse
from ledgerpost.errors import Mistyped, NotFound
from ledgerpost.papers.stopcheque import StopCheque
from ledgerpost.spelling import printable
from ledgerpost.statement import Span
from ledgerpost.wallet.account import Account, Wish


@click.command("stop", cls=Command)
@click.argument("numbers", nargs=-1, required=True, metavar="NUMBER...")
@wallet_options
@yes_option
@pass_talk
def stop(talk: Talk, numbers: tuple[str, ...]) -> None:
    """Close unused numbers.

    NUMBER is an open number, any unique ending of one, or a range: 15-20. Nothing can be drawn on a closed number
    any more, and what was drawn on it before and not presented yet will not be paid.
    """
    with choose.opened_purse(talk) as purse:
        account = choose.account(talk, purse)
        spans = list(dict.fromkeys(_span(account, typed) for typed in numbers))
        for span in spans:
            _stop(talk, purse, purse.account(account.bank.bank), span)


def _stop(talk: Talk, purse: Purse, account: Account, span: Span) -> None:
    count = span.last - span.first + 1
    for wish in account.wishes:
        if (wish.order, wish.number, wish.amount) == (StopCheque.TYPE, span.first, count):
            talk.say(f"Queued before: close number {span.first}.")
            return
    queue(talk, purse, account, Wish(0, StopCheque.TYPE, number=span.first, amount=count))


def _span(account: Account, typed: str) -> Span:
    statement = account.coming
    first, dash, last = typed.partition("-")
    if not dash:
        # Written out block by block: a chequebook has thousands of numbers, not millions.
        here = [number for block in statement.numbers for number in range(block.first, block.last + 1)]
        number = choose.by_ending(here, typed, "open number")
        return Span(number, number)
    if not (first.isascii() and first.isdigit() and last.isascii() and last.isdigit() and int(first) <= int(last)):
        raise Mistyped("this is no range of numbers", where=printable(typed, 80), do="write it like 15-20")
    if not statement.all_open(int(first), int(last)):
        raise NotFound(f"not all of {first} to {last} are open", do="see: ledgerpost chequebook")
    return Span(int(first), int(last))
