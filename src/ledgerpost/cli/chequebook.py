"""``chequebook``: numbers open, and more of them."""

import click

from ledgerpost.cli import choose, showing
from ledgerpost.cli.leaves import book_for_paper, chequebook_leaf
from ledgerpost.cli.options import Command, pass_talk, picture_options, wallet_options
from ledgerpost.cli.spend import queue
from ledgerpost.cli.talk import Talk, Usage
from ledgerpost.cli.words import book_of, span
from ledgerpost.desk.purse import Purse, opened
from ledgerpost.errors import Denied
from ledgerpost.papers.getsequence import GetSequence
from ledgerpost.papers.sequence import Sequence
from ledgerpost.sealed import read
from ledgerpost.spelling import printable, read_until, spell_day, spell_fingerprint
from ledgerpost.wallet.account import Account, Wish
from ledgerpost.wallet.writing import FEW_NUMBERS


@click.command("chequebook", cls=Command)
@click.argument("count", type=click.IntRange(1), required=False)
@click.option("--until", metavar="DATE", help="How long they shall be good. Default: half of what the bank allows.")
@picture_options
@wallet_options
@pass_talk
def chequebook(talk: Talk, count: int | None, until: str | None) -> None:
    """Show open numbers; order more.

    Every spend and cheque uses up a number. "carry" orders more by itself when few are left.

    --print makes a page of each block of numbers, as the bank signed it; a code of its own shows the newest.
    """
    if count is not None and showing.asked(talk):
        raise Usage("numbers are printed once they are here", where=talk.command, do="leave out COUNT, or --print")
    with opened(choose.wallet_seat(talk)) as purse:
        if showing.asked(talk):
            showing.check_outputs(talk)
            _print(talk, purse, choose.account(talk, purse))
        if count is None:
            for account in choose.accounts(talk, purse):
                _show(talk, account)
        else:
            _order(talk, purse, choose.account(talk, purse), count, until)


def _show(talk: Talk, account: Account) -> None:
    blocks = account.statement.numbers
    total = sum(block.last - block.first + 1 for block in blocks)
    talk.say(f"{printable(account.bank.name, 64)}: {total} open numbers")
    for block in blocks:
        barred = "   from before the restore: only to be stopped" if block.last <= account.barred else ""
        talk.say(f"  {span(block.first, block.last)}, good until {spell_day(block.until)}{barred}")
        bank = spell_fingerprint(account.bank.bank)
        talk.item(kind="numbers", bank=bank, first=block.first, last=block.last, until=block.until)
    if total < FEW_NUMBERS and account.receipt is not None:
        talk.say("  Few: the next letter orders more.")


def _print(talk: Talk, purse: Purse, account: Account) -> None:
    """Those of which numbers are open still, the newest last."""
    open_numbers = account.statement.numbers
    books = [
        raw
        for raw in account.books
        for book in [Sequence.read(read(raw).body)]
        if any(block.first <= book.last and book.first <= block.last for block in open_numbers)
    ]
    leaf = chequebook_leaf(book_for_paper(purse), books)
    showing.show_codes(talk, books[-1], leaf)


def _order(talk: Talk, purse: Purse, account: Account, count: int, until: str | None) -> None:
    terms = account.conditions
    end = talk.now + terms.number_life // 2 if until is None else read_until(until, talk.now)
    if end > talk.now + terms.number_life or count > terms.most_numbers:
        raise Denied(
            "the bank's terms do not allow so many or so long",
            do=f"order at most {terms.most_numbers}, good until {spell_day(talk.now + terms.number_life)}",
        )
    fee = terms.fee(GetSequence.TYPE)
    if fee and terms.token is not None:
        talk.say(f"The bank charges {book_of(purse).amount(terms.token, fee)} for it.")
    queue(talk, purse, account, Wish(0, GetSequence.TYPE, amount=count, until=end))
