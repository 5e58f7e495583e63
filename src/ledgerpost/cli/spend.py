"""``spend``, its slip for a payee without account, and ``cancel``."""

from pathlib import Path

import click

from ledgerpost import envelope
from ledgerpost.carriers.files import write_new
from ledgerpost.cli import ask, choose
from ledgerpost.cli.options import Command, pass_talk, wallet_options, yes_option
from ledgerpost.cli.talk import Talk, Usage
from ledgerpost.cli.words import Book, book_of, comment, groups, wish_text
from ledgerpost.desk.purse import Purse
from ledgerpost.errors import Denied, Mistyped, NotFound
from ledgerpost.papers.cancelspend import CancelSpend
from ledgerpost.papers.spendto import MAX_COMMENT, SpendTo
from ledgerpost.sealed import identity_of, read, trusted
from ledgerpost.spelling import printable, read_amount, read_until, spell_day, spell_fingerprint
from ledgerpost.statement import Spend
from ledgerpost.terms import Digest
from ledgerpost.wallet.account import Account, Wish

NEXT = "Next: ledgerpost carry PLACE"


@click.command("spend", cls=Command)
@click.argument("payee", required=False)
@click.argument("amount", required=False)
@click.argument("asset", required=False)
@click.option("--until", default="30d", show_default=True, help="When it comes back: 2027-01-19, or 12h, 30d, 8w.")
@click.option("--comment", "text", default="", metavar="TEXT", help="Words for the payee.")
@click.option("--slip", metavar="NUMBER", help="Write the slip of a spend whose letter is written, to -o FILE.")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Where --slip writes.")
@wallet_options
@yes_option
@pass_talk
def spend(
    talk: Talk,
    payee: str | None,
    amount: str | None,
    asset: str | None,
    until: str,
    text: str,
    slip: str | None,
    output: Path | None,
) -> None:
    """Pay an account.

    PAYEE is a contact's name, a card file, or a fingerprint (in quotes if in groups); ASSET a unit, a name, or the
    beginning of a digest. The payee has to accept; until then you can "cancel" it.

    A payee without an account yet can open one with what you pay: pay the fingerprint, "carry", then write the slip
    with "ledgerpost spend --slip NUMBER -o gift.lpe" (the number is in "status") and hand that file over; the new
    party opens with "ledgerpost open gift.lpe", or better "ledgerpost open CARD --with gift.lpe".
    """
    with choose.opened_purse(talk) as purse:
        if slip is not None:
            _write_slip(talk, purse, slip, output)
        elif payee is None or amount is None or asset is None:
            raise Usage(
                "PAYEE, AMOUNT and ASSET are needed", where="ledgerpost spend", do="see: ledgerpost spend --help"
            )
        else:
            _spend(talk, purse, choose.account(talk, purse), (payee, amount, asset), until, text)


def _spend(talk: Talk, purse: Purse, account: Account, typed: tuple[str, str, str], until: str, text: str) -> None:
    kind = choose.asset(purse, account, typed[2])
    to = choose.party(purse, typed[0])
    choose.not_oneself(to.fingerprint, account)
    units = read_amount(typed[1], kind.head.decimals)
    end = min(read_until(until, talk.now), talk.now + account.conditions.spend_life)
    if len(text.encode()) > MAX_COMMENT:
        raise Mistyped(f"a comment has at most {MAX_COMMENT} bytes", do="say it shorter")
    book = book_of(purse)
    _check_covered(purse, account, kind.id, units, book)
    what = book.amount(kind.id, units)
    talk.say(
        f"Pay {printable(to.name, 64) or 'this account'} {what} at {printable(account.bank.name, 64)}, "
        f"to be accepted by {spell_day(end)}{comment(text)}"
    )
    talk.say(f"     {groups(to.fingerprint)}")
    fee = account.conditions.fee(SpendTo.TYPE)
    if fee and account.conditions.token:
        talk.say(f"     The bank charges {book.amount(account.conditions.token, fee)} for it.")
    ask.confirm(talk, "Pay this?")
    wish = Wish(0, SpendTo.TYPE, party=to.fingerprint, asset=kind.id, amount=units, until=end, text=text)
    queue(talk, purse, account, wish)


def queue(talk: Talk, purse: Purse, account: Account, wish: Wish) -> None:
    """Keep a wish, and say so."""
    book = book_of(purse)
    after = purse.wish(account, wish)
    kept = after.wishes[-1]
    text = wish_text(book, kept, account.waiting)
    talk.say(f"Queued: {text}.   {NEXT}")
    fields = book.row(kept.asset, kept.amount) if kept.asset else {}
    party = {"party": spell_fingerprint(kept.party)} if kept.party else {}
    talk.item(kind="wish", id=kept.id, order=kept.order, words=text, result="queued", **party, **fields)


def _check_covered(purse: Purse, account: Account, asset: Digest, units: int, book: Book) -> None:
    have = purse.spendable(account, asset)
    if have is not None and have < units:
        raise Denied(
            f"you have {book.amount(asset, max(have, 0))} to spend, counting what is queued and on its way",
            do="pay less, or wait for what is to come; see: ledgerpost status",
        )


# --- the slip


def _write_slip(talk: Talk, purse: Purse, ending: str, output: Path | None) -> None:
    if output is None:
        raise Usage("--slip needs a file to write", where="ledgerpost spend", do="add -o FILE")
    account = choose.account(talk, purse)
    spends = tuple(number for number, raw in account.signed.items() if read(raw).type == SpendTo.TYPE)  # not cheques
    number = choose.by_ending(spends, ending, "spend that was written in a letter")
    raw = account.signed[number]
    signed = SpendTo.read(trusted(raw).body)
    card = purse.own_card(account.bank.bank)
    if card is None:
        raise NotFound("this wallet's own card is not signed yet", do="sign it first: ledgerpost card")
    if identity_of(read(account.bank.terms)) != account.current:
        talk.note("The bank's card in the slip has older terms: the new party should also have the bank's new card.")
    contracts = purse.contracts()
    wanted = dict.fromkeys((signed.asset, account.conditions.token))
    kept = (contracts[each] for each in wanted if each is not None and each in contracts)
    messages = (account.card, raw, card, *kept)
    write_new(output, envelope.pack(messages, sender=None, recipient=None, until=signed.until))
    book = book_of(purse)
    talk.say(
        f"Wrote {output}: {book.amount(signed.asset, signed.amount)} for {book.party(signed.payee)}, "
        f"until {spell_day(signed.until)}"
    )
    talk.say("It is no money by itself: it has force once the bank has read your letter.")
    talk.item(kind="slip", file=output, number=number, **book.row(signed.asset, signed.amount))


# --- cancel


@click.command("cancel", cls=Command)
@click.argument("number")
@click.option("--queued", is_flag=True, help="NUMBER is of something queued that no letter has asked for yet.")
@wallet_options
@yes_option
@pass_talk
def cancel(talk: Talk, number: str, queued: bool) -> None:
    """Take back a spend that was not accepted yet.

    NUMBER is the spend's number, or any unique ending of it. With --queued it is the number in front of what
    "status" lists as queued, of any kind: nothing of that has left yet.
    """
    with choose.opened_purse(talk) as purse:
        account = choose.account(talk, purse)
        if queued:
            _drop(talk, purse, account, number)
        else:
            _cancel(talk, purse, account, number)


def _cancel(talk: Talk, purse: Purse, account: Account, typed: str) -> None:
    book = book_of(purse)
    open_spends = [each for each in account.coming.outstanding if each.payee is not None]
    number = choose.by_ending([each.number for each in open_spends], typed, "outstanding spend")
    found = next(each for each in open_spends if each.number == number)
    if any(wish.order == CancelSpend.TYPE and wish.number == number for wish in account.wishes):
        talk.say(f"Queued before: take back spend {number}.   {NEXT}")
        return
    _tell_spend(talk, book, found)
    ask.confirm(talk, "Take it back, unless it is accepted first?")
    queue(talk, purse, account, Wish(0, CancelSpend.TYPE, number=number))


def _tell_spend(talk: Talk, book: Book, found: Spend) -> None:
    talk.say(f"Take back {book.amount(found.asset, found.amount)}, number {found.number}, to {book.party(found.payee)}")
    if found.payee is not None:
        talk.say(f"     {groups(found.payee)}")


def _drop(talk: Talk, purse: Purse, account: Account, typed: str) -> None:
    wish = next((each for each in account.wishes if str(each.id) == typed), None)
    if wish is None:
        raise NotFound(f"nothing is queued under {printable(typed, 20)}", do="see: ledgerpost status")
    text = wish_text(book_of(purse), wish, account.waiting)
    ask.confirm(talk, f"Drop this: {text}?")
    purse.save(account, account.without_wish(wish.id))
    talk.say(f"Dropped: {text}.")
    talk.item(kind="wish", id=wish.id, order=wish.order, result="dropped")
