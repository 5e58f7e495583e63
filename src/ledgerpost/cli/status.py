"""``status``: what you have, what waits, what to do next. Asks nothing, changes nothing."""

from typing import Any

import click

from ledgerpost.cli.choose import Incoming, accounts, handle, incoming, wallet_seat
from ledgerpost.cli.items import drawn_text, instrument_row, item_text
from ledgerpost.cli.options import Command, pass_talk, wallet_options
from ledgerpost.cli.talk import Talk, bold
from ledgerpost.cli.words import Book, book_of, groups, notice_text, payee_text, statement_row, wish_text
from ledgerpost.desk.home import BANKS, ON_PAPER, WALLETS, Home, Seat
from ledgerpost.desk.purse import Purse, is_agreed, opened
from ledgerpost.errors import NotFound
from ledgerpost.papers.instrument import read_instrument
from ledgerpost.papers.notice import RECEIPT, Notice
from ledgerpost.spelling import printable, spell_day, spell_fingerprint
from ledgerpost.wallet.account import HELD, PRESENTED, REFUSED, Account
from ledgerpost.wallet.writing import has_something_to_say


@click.command("status", cls=Command)
@wallet_options
@pass_talk
def status(talk: Talk) -> None:
    """What you have, what waits, what to do next."""
    home = Home.find()
    seats = (wallet_seat(talk),) if talk.wallet else home.seats(WALLETS)
    banks = home.seats(BANKS) if talk.wallet is None else ()
    for seat in seats:
        with opened(seat) as purse:
            _wallet(talk, purse, alone=len(seats) == 1)
    for bank in banks:
        talk.say(f"Bank '{bank.name}'   {groups(bank.fingerprint)}")
        talk.say("  See: ledgerpost bank status")
        talk.item(kind="bank", name=bank.name, fingerprint=spell_fingerprint(bank.fingerprint))
    if not seats and not banks:
        raise NotFound(
            "there is no wallet here yet",
            where=str(home.root),
            do="get a bank's card, then: ledgerpost open CARD; or see how it works: ledgerpost tour",
        )


def _wallet(talk: Talk, purse: Purse, alone: bool) -> None:
    seat, book = purse.seat, book_of(purse)
    talk.say(bold(f"Wallet '{seat.name}'") + f"   {groups(seat.fingerprint)}")
    found = purse.accounts() if talk.at is None else accounts(talk, purse)
    waiting = incoming(found)
    for account in found:
        _account(talk, purse, account, book, waiting)
    if not found:
        talk.say("  no account yet")
        talk.item(kind="wallet", name=seat.name, fingerprint=spell_fingerprint(seat.fingerprint))
    for line in _next(seat, found, "" if alone else f" -w {seat.name}"):
        talk.say(f"  Next: {line}")


def _account(talk: Talk, purse: Purse, account: Account, book: Book, waiting: list[Incoming]) -> None:
    coming = account.coming
    mine = [each for each in waiting if each.account is account and not _asked(account, each.notice)]
    talk.say(f"  {printable(account.bank.name, 64)}: {_agreement(account)}")
    talk.say(f"    you have     {book.balances(account.statement.balances)}")
    if coming.balances != account.statement.balances:
        talk.say(f"    then         {book.balances(coming.balances)}, once the bank has read your letters")
    for each in mine:
        name = handle(each, waiting)
        talk.say(f"    waits        {notice_text(book, each.notice)}")
        talk.say(f"                 ledgerpost accept {name}   or   ledgerpost deny {name}")
    for line in (
        *_notices(account, book),
        *_outstanding(account, book),
        *_instruments(account, book),
        *_queued(account, book),
    ):
        talk.say(f"    {line}")
    talk.item(**account_row(purse, account, book, waiting))


def _asked(account: Account, notice: Notice) -> bool:
    return any(wish.number == notice.notice and wish.order in _ANSWERS for wish in account.wishes)


_ANSWERS = ("confirmreceipt", "denyreceipt")


def _agreement(account: Account) -> str:
    held = account.held
    if account.fresh is not None:
        return "restored: it draws nothing before the bank's newest receipt is here"
    if held is None:
        return "not opened yet" if account.letters or account.wishes else "never heard from the bank"
    if is_agreed(account):
        return f"agreed with the bank to {spell_day(held.time)}"
    return f"the bank's word of {spell_day(held.time)}, not yet confirmed by you"


def _notices(account: Account, book: Book) -> list[str]:
    """What others did, which the next letter takes in by itself."""
    untaken = [each for each in account.waiting if each.kind != RECEIPT and not account.coming.has_taken(each.notice)]
    return [f"news         {notice_text(book, each)}" for each in untaken]


def _outstanding(account: Account, book: Book) -> list[str]:
    spends = account.coming.outstanding
    return [
        f"outstanding  {book.amount(each.asset, each.amount)} to {payee_text(book, each)}, number {each.number}, "
        f"until {spell_day(each.until)}"
        for each in spends
    ]


def _instruments(account: Account, book: Book) -> list[str]:
    """What is held or under way; what was handed on or paid is remembered and not shown."""
    shown = [each for each in account.items.values() if each.state in (HELD, PRESENTED, REFUSED)]
    drawn = [f"drawn        {drawn_text(book, each)}" for each in account.drawn if account.coming.block_of(each.number)]
    return [*(item_text(book, each) for each in shown), *drawn]


def _queued(account: Account, book: Book) -> list[str]:
    lines = [f"queued {wish.id:<5} {wish_text(book, wish, account.waiting)}" for wish in account.wishes]
    count = len(account.letters)
    if count:
        letters = "1 letter" if count == 1 else f"{count} letters"
        lines.append(f"on the way   {letters} without the bank's receipt")
    return lines


def _next(seat: Seat, found: tuple[Account, ...], which: str) -> list[str]:
    lines = [] if found else ["open an account with a bank's card: ledgerpost open CARD"]
    if any(has_something_to_say(each) for each in found):
        lines.append("ledgerpost carry PLACE")
    elif any(each.letters for each in found):
        lines.append("bring the stick back from the bank, then: ledgerpost carry PLACE")
    if not seat.marked(ON_PAPER):
        lines.append(f"put the key on paper: ledgerpost wallet paper{which}")
    return lines


def account_row(purse: Purse, account: Account, book: Book, waiting: list[Incoming]) -> dict[str, Any]:
    """An account for ``--json``."""
    held = account.held
    return {
        "kind": "account",
        "wallet": purse.seat.name,
        "party": spell_fingerprint(account.me),
        "bank": spell_fingerprint(account.bank.bank),
        "bank_name": account.bank.name,
        "agreed": is_agreed(account),
        "time": held and held.time,
        **statement_row(book, account.statement),
        "incoming": [incoming_row(book, each, handle(each, waiting)) for each in waiting if each.account is account],
        "queued": [
            {"id": wish.id, "order": wish.order, "text": wish_text(book, wish, account.waiting)}
            for wish in account.wishes
        ],
        "instruments": [
            {"state": each.state, **instrument_row(book, read_instrument(each.instrument))}
            for each in account.items.values()
        ],
        "drawn": [
            {"number": each.number, "until": each.until, **book.row(each.asset, each.amount)}
            for each in account.drawn
            if account.coming.block_of(each.number)
        ],
        "letters": len(account.letters),
    }


def incoming_row(book: Book, item: Incoming, name: str) -> dict[str, Any]:
    """A waiting spend for ``--json``."""
    notice = item.notice
    return {
        "item": name,
        "notice": notice.notice,
        "number": notice.number,
        "from": notice.other and spell_fingerprint(notice.other),
        "until": notice.until,
        **book.row(notice.asset, notice.amount),
    }
