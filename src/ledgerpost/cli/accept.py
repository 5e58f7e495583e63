"""``accept`` and ``deny``: the owner's word on spends that wait."""

import click

from ledgerpost.cli import ask, choose
from ledgerpost.cli.choose import Incoming
from ledgerpost.cli.options import Command, pass_talk, wallet_options, yes_option
from ledgerpost.cli.spend import NEXT, queue
from ledgerpost.cli.talk import Talk, Usage
from ledgerpost.cli.words import Book, book_of, enclosed_comment, groups
from ledgerpost.cli.words import comment as quoted
from ledgerpost.desk.purse import Purse
from ledgerpost.errors import Denied, LedgerpostError, Mistyped
from ledgerpost.papers.confirmreceipt import ConfirmReceipt
from ledgerpost.papers.denyreceipt import DenyReceipt
from ledgerpost.papers.spendto import MAX_COMMENT
from ledgerpost.spelling import printable, spell_day
from ledgerpost.wallet.account import Wish


@click.command("accept", cls=Command)
@click.argument("items", nargs=-1, metavar="ITEM...")
@click.option("--all", "everything", is_flag=True, help="All that wait.")
@wallet_options
@yes_option
@pass_talk
def accept(talk: Talk, items: tuple[str, ...], everything: bool) -> None:
    """Take in a waiting spend.

    ITEM is the number "status" shows: of the notice, or any unique ending of the spender's number; "notice:7" means
    the notice and nothing else.
    """
    _answer(talk, items, everything, ConfirmReceipt.TYPE, "")


@click.command("deny", cls=Command)
@click.argument("items", nargs=-1, metavar="ITEM...")
@click.option("--all", "everything", is_flag=True, help="All that wait.")
@click.option("--comment", default="", metavar="TEXT", help="Words for the spender.")
@wallet_options
@yes_option
@pass_talk
def deny(talk: Talk, items: tuple[str, ...], everything: bool, comment: str) -> None:
    """Send back a waiting spend.

    ITEM is as for "accept". The spender gets the money back.
    """
    if len(comment.encode()) > MAX_COMMENT:
        raise Mistyped(f"a comment has at most {MAX_COMMENT} bytes", do="say it shorter")
    _answer(talk, items, everything, DenyReceipt.TYPE, comment)


def _answer(talk: Talk, items: tuple[str, ...], everything: bool, order: str, comment: str) -> None:
    if bool(items) == everything:
        raise Usage("name what you mean, or --all", where=talk.command, do="what waits stands in: ledgerpost status")
    with choose.opened_purse(talk) as purse:
        book = book_of(purse)
        waiting = choose.incoming(choose.accounts(talk, purse))
        meant = waiting if everything else []
        for typed in items:
            try:
                meant.append(choose.by_item(waiting, typed, book))
            except LedgerpostError as error:
                if len(items) == 1:
                    raise
                talk.trouble(error)
        if not meant and everything:
            talk.say("Nothing waits.")
        _queue_all(talk, purse, book, list(dict.fromkeys(map(_key, meant))), meant, order, comment)


def _key(item: Incoming) -> tuple[bytes, int]:
    return item.account.bank.bank, item.notice.notice


def _queue_all(
    talk: Talk,
    purse: Purse,
    book: Book,
    keys: list[tuple[bytes, int]],
    meant: list[Incoming],
    order: str,
    comment: str,
) -> None:
    unique = [next(each for each in meant if _key(each) == key) for key in keys]
    fresh = [each for each in unique if not _asked_before(talk, each, order)]
    for each in fresh:
        _tell(talk, book, each, order)
    if fresh:
        ask.confirm(talk, "Accept?" if order == ConfirmReceipt.TYPE else f"Send back{quoted(comment)}?")
    for each in fresh:
        account = purse.account(each.account.bank.bank)
        queue(talk, purse, account, Wish(0, order, number=each.notice.notice, text=comment))


def _asked_before(talk: Talk, item: Incoming, order: str) -> bool:
    """Whether the same is queued already. Raises Denied if the contrary is."""
    for wish in item.account.wishes:
        if wish.number == item.notice.notice and wish.order in (ConfirmReceipt.TYPE, DenyReceipt.TYPE):
            if wish.order != order:
                other = "accept" if order == DenyReceipt.TYPE else "deny"
                raise Denied(
                    f"you queued to {other} this before", do=f"drop that first: ledgerpost cancel --queued {wish.id}"
                )
            talk.say(f"Queued before: notice {wish.number}.   {NEXT}")
            return True
    return False


def _tell(talk: Talk, book: Book, item: Incoming, order: str) -> None:
    notice, bank = item.notice, printable(item.account.bank.name, 64)
    verb = "Accept" if order == ConfirmReceipt.TYPE else "Send back"
    talk.say(f"{verb} {choose.item_text(book, item)} at {bank}{quoted(enclosed_comment(notice))}")
    if notice.other is not None:
        talk.say(f"     {groups(notice.other)}")
    if notice.until < talk.now:
        talk.note(f"     It ended on {spell_day(notice.until)}: the bank will most likely refuse.")
