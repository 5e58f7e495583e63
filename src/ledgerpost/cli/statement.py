"""``statement``: what bank and owner agree on, and what became of the orders last answered. Asks nothing."""

import click

from ledgerpost import envelope
from ledgerpost.cli import choose, showing
from ledgerpost.cli.leaves import book_for_paper, receipt_leaf
from ledgerpost.cli.options import Command, pass_talk, picture_options, wallet_options
from ledgerpost.cli.talk import Talk
from ledgerpost.cli.words import Book, book_of, order_text, result_text, statement_lines, statement_row
from ledgerpost.desk.purse import Purse, is_agreed, last_answers, opened
from ledgerpost.errors import Refusal
from ledgerpost.papers.agreement import Answered
from ledgerpost.papers.beside import beside
from ledgerpost.spelling import printable, spell_fingerprint, spell_moment
from ledgerpost.wallet.account import Account


@click.command("statement", cls=Command)
@picture_options
@wallet_options
@pass_talk
def statement(talk: Talk) -> None:
    """Balances, numbers, outstanding spends, and what became of your orders.

    --print makes a page of the bank's newest receipt, with codes that prove to anybody what it says.
    """
    with opened(choose.wallet_seat(talk)) as purse:
        if showing.asked(talk):
            showing.check_outputs(talk)
            _show(talk, purse, choose.account(talk, purse))
        book = book_of(purse)
        for account in choose.accounts(talk, purse):
            _account(talk, account, book)


def _show(talk: Talk, purse: Purse, account: Account) -> None:
    """The newest receipt with what it follows from, and the cards of both: whoever reads it needs nothing else."""
    raw = envelope.pack(_proof(purse, account), sender=None, recipient=None, until=0)
    showing.show_codes(talk, raw, receipt_leaf(book_for_paper(purse), account, raw))


def _proof(purse: Purse, account: Account) -> tuple[bytes, ...]:
    held = account.held
    named = [] if held is None else [account.receipt, *beside(held, account.parts).values()]
    return tuple(raw for raw in (*named, account.card, purse.own_card(account.bank.bank)) if raw is not None)


def _account(talk: Talk, account: Account, book: Book) -> None:
    held = account.held
    talk.say(f"{account.name} at {printable(account.bank.name, 64)}")
    if held is None:
        talk.say("  no receipt of the bank yet")
        talk.item(kind="statement", bank=spell_fingerprint(account.bank.bank), agreed=False, **_rows(account, book))
        return
    agreed = is_agreed(account)
    word = "agreed: signed by the bank and by you" if agreed else "signed by the bank; your next letter confirms it"
    talk.say(f"  after letter {account.statement.seq}, {spell_moment(held.time)}, {word}")
    for line in statement_lines(book, account.statement):
        talk.say(f"  {line}")
    answers = last_answers(account)
    for each in answers:
        _letter(talk, book, each)
    talk.item(
        kind="statement",
        bank=spell_fingerprint(account.bank.bank),
        agreed=agreed,
        time=held.time,
        letters=[_letter_row(book, each) for each in answers],
        **_rows(account, book),
    )


def _rows(account: Account, book: Book) -> dict[str, object]:
    return {"party": spell_fingerprint(account.me), "bank_name": account.bank.name} | statement_row(
        book, account.statement
    )


def _letter(talk: Talk, book: Book, each: Answered) -> None:
    talk.say(f"  letter {each.letter.seq}")
    for written, result in zip(each.written, each.results, strict=True):
        mark = "+" if result.code is Refusal.DONE else "-"
        talk.say(f"    {mark} {order_text(book, written.order)}: {result_text(result.code)}")


def _letter_row(book: Book, each: Answered) -> dict[str, object]:
    return {
        "seq": each.letter.seq,
        "orders": [
            {
                "text": order_text(book, written.order),
                "result": result.code.name.lower(),
                "reason": result.code.sentence,
            }
            for written, result in zip(each.written, each.results, strict=True)
        ],
    }
