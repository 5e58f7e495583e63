"""``take`` instruments offline, ``endorse`` them onward, ``redeem`` certificates, ``buy`` them."""

from pathlib import Path

import click

from ledgerpost.cli import ask, choose, showing
from ledgerpost.cli.brought import forget_unfinished, list_unfinished, put_down, take_in
from ledgerpost.cli.items import (
    Found,
    instrument_row,
    instrument_text,
    instruments_in,
    item,
    write_instrument,
)
from ledgerpost.cli.leaves import book_for_paper, instrument_leaf
from ledgerpost.cli.options import (
    Command,
    pass_talk,
    passphrase_options,
    picture_options,
    wallet_options,
    yes_option,
)
from ledgerpost.cli.spend import NEXT
from ledgerpost.cli.spend import queue as queue_wish
from ledgerpost.cli.talk import Talk
from ledgerpost.cli.words import book_of, groups
from ledgerpost.desk.purse import Purse
from ledgerpost.errors import Denied, Mistyped, NotFound
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.instrument import paper_of, read_instrument
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.sealed import read
from ledgerpost.spelling import printable, read_amount, read_until, spell_day
from ledgerpost.terms import PublicKey
from ledgerpost.wallet.account import GIVEN, HELD, REFUSED, Account, Wish
from ledgerpost.wallet.drawer import Examined, check_unqueued, hand_on, queue
from ledgerpost.wallet.drawer import take as taken


@click.command("take", cls=Command)
@click.argument("files", nargs=-1, metavar="[FILE|PICTURE|FOLDER|TEXT]...")
@click.option("--hold", is_flag=True, help="Keep it to endorse onward; do not queue it for the bank.")
@click.option("--screen", is_flag=True, help="Read the codes on the screen, for up to a minute.")
@click.option("--camera", is_flag=True, help="Read the codes before the camera, for up to a minute (needs ffmpeg).")
@click.option("--into", type=click.Path(path_type=Path), metavar="PLACE", help="Only put it down there, as files.")
@click.option("--forget", is_flag=True, help="Drop what is here of messages in many codes.")
@wallet_options
@pass_talk
def take(
    talk: Talk, files: tuple[str, ...], hold: bool, screen: bool, camera: bool, into: Path | None, forget: bool
) -> None:
    """Check cheques and certificates offline, and queue them for the bank.

    Each may be a file, a photograph, scan or screenshot of its code (PNG, JPEG, GIF or WebP, several codes or an
    animation in one), a film, a folder of pictures, or a code's text. A message in many codes may be taken picture by
    picture: what is here is kept, and without any name "take" lists what is missing.

    Says what is certain (signatures, drawer, number, dates, to whom) and what only the bank can say. Asks for no
    passphrase: the next "carry" endorses and presents them. --into PLACE takes in nothing: envelopes that came as
    pictures are put down where "carry PLACE" finds them, for a wallet or a bank.
    """
    if forget:
        forget_unfinished(talk)
    elif not files and not screen and not camera:
        list_unfinished(talk)
    elif into is not None:
        take_in(talk, files, lambda where, raw: put_down(talk, into, where, raw), screen=screen, camera=camera)
    else:
        _take_all(talk, files, hold, screen=screen, camera=camera)


def _take_all(talk: Talk, files: tuple[str, ...], hold: bool, *, screen: bool, camera: bool) -> None:
    with choose.opened_purse(talk) as purse:

        def use(where: str, raw: bytes) -> None:
            for each in instruments_in(raw):
                _take(talk, purse, where, each, hold)

        done = take_in(talk, files, use, screen=screen, camera=camera)
    if done and not hold:
        talk.say(f"Queued for the bank.   {NEXT}")


def _take(talk: Talk, purse: Purse, file: str, raw: bytes, hold: bool) -> None:
    account = _account_for(purse, raw)
    after, examined = taken(account, raw, talk.now)
    if not hold:
        after = queue(after, examined.chain.identity)
    purse.save(account, after)
    book = book_of(purse)
    talk.say(f"{file}   {instrument_text(book, examined.chain.instrument, examined.chain.drawer)}")
    _tell(talk, examined)
    wish = next((wish for wish in after.wishes if wish.raw == examined.chain.instrument.body), None)
    result = "held" if wish is None else "queued"
    if hold and wish is not None:
        talk.say(f"  queued   before; to keep it: ledgerpost cancel --queued {wish.id}")
    talk.item(
        file=file,
        result=result,
        certain=examined.certain,
        unknown=examined.open,
        **instrument_row(book, examined.chain.instrument),
    )


def _tell(talk: Talk, examined: Examined) -> None:
    for line in examined.certain:
        talk.say(f"  good     {line}")
    for line in examined.open:
        talk.say(f"  unknown  {line}: only the bank can say")


def _account_for(purse: Purse, raw: bytes) -> Account:
    """The account at the bank the instrument names."""
    bank = paper_of(read_instrument(raw).body).bank
    found = next((each for each in purse.accounts() if each.bank.bank == bank), None)
    if found is None:
        raise NotFound("it is of a bank where this wallet has no account", do="open one: ledgerpost open CARD")
    return found


# --- endorse


@click.command("endorse", cls=Command)
@click.argument("number")
@click.argument("payee")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="The file to write.")
@picture_options
@wallet_options
@passphrase_options
@yes_option
@pass_talk
def endorse(talk: Talk, number: str, payee: str, output: Path | None) -> None:
    """Hand a cheque or certificate on to somebody else.

    NUMBER is the instrument's, as "status" lists it, or any unique ending. PAYEE is a contact or a card file: a
    fingerprint is not enough, the key itself is signed. It is final: to sign one instrument to two is fraud that
    anybody can prove.
    """
    with choose.opened_purse(talk) as purse:
        found = item(talk, purse, number, HELD, GIVEN)
        to = choose.party(purse, payee)
        if to.fingerprint == found.account.me:
            raise Denied("it is yours already", where=groups(to.fingerprint), do="check whom you mean")
        key = _key_of(purse, to, payee)
        book = book_of(purse)
        talk.say(f"Hand on to {printable(to.name, 64)}: {instrument_text(book, found.instrument)}")
        talk.say(f"     {groups(to.fingerprint)}")
        check_unqueued(found.account, found.instrument)
        showing.check_outputs(talk, burns=found.item.state == HELD)
        if found.item.state == HELD:  # else it is given to the same again, or refused
            ask.confirm(talk, "Endorse it? It is theirs then.")
        _endorse(talk, purse, found, key, output)


def _key_of(purse: Purse, to: choose.Party, typed: str) -> PublicKey:
    card = purse.contacts().get(to.fingerprint)
    if card is not None:
        return card.key
    if to.card is not None:
        return PublicKey(read(to.card).body[1])
    raise NotFound(
        f"the key of {printable(typed, 64)} is not known here", do="get their card: ledgerpost contact add FILE"
    )


def _endorse(talk: Talk, purse: Purse, found: Found, key: PublicKey, output: Path | None) -> None:
    after, given = hand_on(found.account, ask.unlock(talk, purse.seat), found.identity, key)
    purse.save(found.account, after)
    paper = paper_of(given.body)
    kind = "cheque" if isinstance(paper, Cheque) else "certificate"
    path = output or Path(f"{kind}-{paper.number}-{len(given.endorsements)}.lpe")
    write_instrument(talk, path, given, paper.until)
    talk.item(file=path, result="given", **showing.written(talk), **instrument_row(book_of(purse), given))
    showing.show_codes(talk, given.encode(), instrument_leaf(book_for_paper(purse), given, talk.now), at_once=True)


# --- redeem, present again


@click.command("redeem", cls=Command)
@click.argument("number")
@wallet_options
@pass_talk
def redeem(talk: Talk, number: str) -> None:
    """Turn a certificate into balance, or present a held cheque.

    A cheque that was refused may be presented again.

    NUMBER is the instrument's, as "status" lists it, or any unique ending. The buyer of a certificate that was never
    handed on gives it back this way.
    """
    with choose.opened_purse(talk) as purse:
        found = item(talk, purse, number, HELD, REFUSED)
        purse.save(found.account, queue(found.account, found.identity))
        book = book_of(purse)
        talk.say(f"Queued for the bank: {instrument_text(book, found.instrument)}.   {NEXT}")
        talk.item(result="queued", **instrument_row(book, found.instrument))


# --- buy


@click.command("buy", cls=Command)
@click.argument("amount")
@click.argument("asset")
@click.option("--until", default="90d", show_default=True, help="Its last day; unredeemed, its value comes back.")
@wallet_options
@yes_option
@pass_talk
def buy(talk: Talk, amount: str, asset: str, until: str) -> None:
    """Buy a bearer certificate, which passes from hand to hand.

    Its value leaves your balance now. The bank's answer brings it; "status" then lists it, "endorse" hands it on, and
    "show NUMBER --print FILE" prints it.
    """
    with choose.opened_purse(talk) as purse:
        account = choose.account(talk, purse)
        kind = choose.asset(purse, account, asset)
        units = read_amount(amount, kind.head.decimals)
        end = read_until(until, talk.now)
        most = talk.now + account.conditions.spend_life
        if end > most:
            raise Mistyped(f"this bank's certificates end by {spell_day(most)}", do="give an earlier --until")
        have = purse.spendable(account, kind.id)
        book = book_of(purse)
        if have is not None and have < units:
            raise Denied(f"you have {book.amount(kind.id, max(have, 0))} to spend", do="see: ledgerpost status")
        talk.say(f"Buy a certificate of {book.amount(kind.id, units)}, good to {spell_day(end)}")
        ask.confirm(talk, "Buy it?")
        queue_wish(talk, purse, account, Wish(0, SpendTo.TYPE, asset=kind.id, amount=units, until=end))
