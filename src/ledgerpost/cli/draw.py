"""``draw``: write a cheque offline."""

from pathlib import Path

import click

from ledgerpost.cli import ask, choose, showing
from ledgerpost.cli.items import instrument_row, instrument_text, refuse_existing, write_instrument
from ledgerpost.cli.leaves import book_for_paper, instrument_leaf
from ledgerpost.cli.options import (
    Command,
    pass_talk,
    passphrase_options,
    picture_options,
    wallet_options,
    yes_option,
)
from ledgerpost.cli.talk import Talk
from ledgerpost.cli.words import Book, book_of, groups
from ledgerpost.desk.purse import Purse
from ledgerpost.errors import Denied, LedgerpostError, Mistyped
from ledgerpost.papers.cheque import MAX_MEMO
from ledgerpost.papers.instrument import paper_of
from ledgerpost.spelling import printable, read_amount, read_until, spell_day
from ledgerpost.terms import Fingerprint
from ledgerpost.wallet.account import Account, drawable
from ledgerpost.wallet.drawer import Draft
from ledgerpost.wallet.drawer import draw as drawn

ANYONE = "anyone"


@click.command("draw", cls=Command)
@click.argument("payee")
@click.argument("amount")
@click.argument("asset")
@click.option("--until", default="30d", show_default=True, help="Its last day: 2027-01-19, or 12h, 30d, 8w.")
@click.option("--from", "start", default=None, help="Its first day, for a post-dated cheque.")
@click.option("--memo", default="", metavar="TEXT", help=f"Words on the cheque, at most {MAX_MEMO} bytes.")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="The file to write.")
@picture_options
@wallet_options
@passphrase_options
@yes_option
@pass_talk
def draw(
    talk: Talk,
    payee: str,
    amount: str,
    asset: str,
    until: str,
    start: str | None,
    memo: str,
    output: Path | None,
) -> None:
    """Write a cheque.

    PAYEE is a contact's name, a card file, a fingerprint, or "anyone" for an open cheque, paid to whoever presents
    it first. Its number is burned before the file is written; to take a cheque back, "stop" its number.

    Its code is shown at once where somebody sits at a terminal; --print makes the paper, --png a picture to send.
    """
    if len(memo.encode()) > MAX_MEMO:
        raise Mistyped(f"a memo has at most {MAX_MEMO} bytes", do="say it shorter")
    with choose.opened_purse(talk) as purse:
        account = choose.account(talk, purse)
        to = None if payee.casefold() == ANYONE else choose.party(purse, payee)
        if to is not None:
            choose.not_oneself(to.fingerprint, account)
        kind = choose.asset(purse, account, asset)
        begins = talk.now if start is None else read_until(start, talk.now) // 86400 * 86400
        draft = Draft(
            to.fingerprint if to else None,
            kind.id,
            read_amount(amount, kind.head.decimals),
            begins,
            read_until(until, max(talk.now, begins)),
            memo,
        )
        _draw(talk, purse, account, draft, to.name if to else "", output)


def _draw(talk: Talk, purse: Purse, account: Account, draft: Draft, name: str, output: Path | None) -> None:
    book = book_of(purse)
    what, credit = book.amount(draft.asset, draft.amount), purse.credit(account, draft.asset)
    _check(talk, account, draft, credit, book, output)
    bank = printable(account.bank.name, 64)
    talk.say(f"Pay {_payee(draft.payee, name)} {what} at {bank}, good to {spell_day(draft.until)}")
    if draft.payee is not None:
        talk.say(f"     {groups(draft.payee)}")
    if draft.start > talk.now:
        talk.say(f"     Not to be presented before {spell_day(draft.start)}.")
    ask.confirm(talk, "Write this cheque?")
    after, cheque = drawn(account, ask.unlock(talk, purse.seat), talk.now, draft, credit)
    number = paper_of(cheque.body).number
    path = output or Path(f"cheque-{number}.lpe")
    refuse_existing(path)
    purse.save(account, after)  # L7: the number is burned before a byte of the cheque leaves
    try:
        write_instrument(talk, path, cheque, draft.until)
    except LedgerpostError as error:
        error.do += f"; number {number} is used up: ledgerpost stop {number}"
        raise
    talk.say(f"{instrument_text(book, cheque)}.")
    talk.item(file=path, **showing.written(talk), **instrument_row(book, cheque))
    leaf = instrument_leaf(book_for_paper(purse), cheque, talk.now)
    showing.show_codes(talk, cheque.encode(), leaf, at_once=True)


def _check(talk: Talk, account: Account, draft: Draft, credit: int, book: Book, output: Path | None) -> None:
    """What ``drawn`` or the writing would refuse, before anything is asked."""
    showing.check_outputs(talk, burns=True)
    if output is not None:
        refuse_existing(output)
    sure = account.sure(draft.asset) + credit
    if account.fresh is None and sure < draft.amount:
        have = book.amount(draft.asset, max(sure, 0))
        raise Denied(f"the balance does not cover this cheque: you can draw {have}", do="see: ledgerpost status")
    if account.fresh is None and next(drawable(account, account.coming), None) is None:
        raise Denied("no open number is left", do="order numbers (ledgerpost chequebook 20), then carry")


def _payee(payee: Fingerprint | None, name: str) -> str:
    if payee is None:
        return "whoever presents it first"
    return printable(name, 64) or "this account"
