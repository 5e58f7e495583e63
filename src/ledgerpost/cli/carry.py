"""``carry``: put out and pick up everything at one place, for every wallet and bank here."""

from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from ledgerpost import envelope
from ledgerpost.bank.counter import Reply
from ledgerpost.carriers.folder import SUFFIX, TREE, FolderCarrier
from ledgerpost.cli import ask
from ledgerpost.cli.options import Command, pass_talk, passphrase_options
from ledgerpost.cli.progress import Progress
from ledgerpost.cli.talk import Talk
from ledgerpost.cli.words import Book, book_of, notice_text, order_text, result_text
from ledgerpost.desk.carry import Came, Trip, carry_bank, carry_wallet, collected, tally
from ledgerpost.desk.home import BANKS, WALLETS, Home, Seat
from ledgerpost.desk.office import Office
from ledgerpost.desk.office import opened as opened_office
from ledgerpost.desk.purse import Purse, is_agreed
from ledgerpost.desk.purse import opened as opened_purse
from ledgerpost.errors import LedgerpostError, NotFound, Refusal
from ledgerpost.spelling import printable, spell_day, spell_fingerprint
from ledgerpost.wallet.account import Account
from ledgerpost.wallet.reading import News, refusals
from ledgerpost.wallet.writing import has_something_to_say


@click.command("carry", cls=Command)
@click.argument("place", required=False, type=click.Path(path_type=Path))
@click.option("--for", "names", multiple=True, metavar="NAME", help="Only this wallet or bank; may be given again.")
@click.option("--clock-is-right", is_flag=True, help="For a bank: the clock did jump ahead, and it is right.")
@passphrase_options
@pass_talk
def carry(talk: Talk, place: Path | None, names: tuple[str, ...], clock_is_right: bool) -> None:
    """Put out and pick up everything at a stick or folder.

    PLACE is the stick's folder, such as /media/KITA. What lies there for your wallets and banks is taken in; what
    they have for others is put out, written and read back. It may be run again at any time: nothing happens twice.
    """
    if place is None:
        raise NotFound("no place is named", do="name the stick's folder: ledgerpost carry /media/STICK")
    carrier = FolderCarrier(place, envelope.MAX_ENVELOPE)
    seats = chosen(Home.find(), names)
    if not seats:
        raise NotFound("there is no wallet or bank here", do="make one: ledgerpost open CARD")
    errors = [error for seat in seats if (error := _one(talk, seat, carrier, clock_is_right)) is not None]
    if len(errors) == len(seats):
        for error in errors[1:]:
            talk.complain(error)
        raise errors[0]
    for error in errors:
        talk.trouble(error)
    if not errors:
        talk.say("Written and read back. If this is a stick, you may unplug it.")


def chosen(home: Home, names: tuple[str, ...]) -> list[Seat]:
    """Wallets first, then banks. Raises NotFound for a name that is neither."""
    seats = [*home.seats(WALLETS), *home.seats(BANKS)]
    for name in names:
        if not any(seat.name == name for seat in seats):
            do = "see: ledgerpost wallet list, ledgerpost bank status"
            raise NotFound(f"there is no wallet or bank '{printable(name, 64)}'", where=str(home.root), do=do)
    return [seat for seat in seats if not names or seat.name in names]


def _one(talk: Talk, seat: Seat, carrier: FolderCarrier, clock_is_right: bool) -> LedgerpostError | None:
    """One wallet's or bank's turn. What stops it is returned: the others have their turn all the same."""
    try:
        if seat.kind == WALLETS:
            with opened_purse(seat) as purse:
                for_wallet(talk, purse, carrier)
        else:
            with opened_office(seat) as office:
                for_office(talk, office, carrier, clock_is_right=clock_is_right)
    except LedgerpostError as error:
        return error
    return None


# --- a wallet


def for_wallet(talk: Talk, purse: Purse, carrier: FolderCarrier) -> None:
    """Carry for one wallet. The passphrase is asked only if there is something to sign or open."""
    if not _mail(purse, carrier):
        purse.ask_what_waits()
        if not any(each.letters or has_something_to_say(each) for each in purse.accounts()):
            talk.say(f"{carrier.where}   '{purse.seat.name}': nothing came, nothing is to go")
            return
    signer = ask.unlock(talk, purse.seat)
    trips = carry_wallet(purse, signer, carrier, talk.now)
    book = book_of(purse)
    for trip in trips:
        if trip.account is not None or trip.came:
            _tell_trip(talk, purse, trip, book)


def _mail(purse: Purse, carrier: FolderCarrier) -> bool:
    with closing(collected(carrier, purse.seat.fingerprint)) as found:  # type: ignore[type-var]  # it is a generator
        return next(found, None) is not None


def _tell_trip(talk: Talk, purse: Purse, trip: Trip, book: Book) -> None:
    news = [each.news for each in trip.came if each.news is not None]
    at = f" at {printable(trip.owner, 64)}" if trip.account else ""
    talk.say(f"{trip.where}   '{purse.seat.name}'{at}")
    talk.say(f"  came: {_came(trip, news)}   went: {_went(trip)}")
    for each in news:
        for seq, order, code in refusals(each):
            talk.say(f"  letter {seq}: {order_text(book, order)}: {result_text(code)}")
        for notice in each.notices:
            talk.say(f"  {notice_text(book, notice)}")
    if trip.waits:
        talk.say(f"  {trip.waits}")
    if trip.account is not None:
        talk.say(f"  {_agreed(trip.account, book)}")
    _tell_troubles(talk, trip)
    talk.item(**_trip_row(purse, trip, book, news))


def _came(trip: Trip, news: list[News]) -> str:
    seqs = [str(each.letter.seq) for one in news for each in one.answered]
    receipts = sum(one.adopted for one in news)
    notices = sum(len(one.notices) for one in news)
    parts = [
        f"{count(receipts, 'receipt')} (letter {', '.join(seqs)})" if receipts else "",
        count(notices, "notice") if notices else "",
        f"{trip.count('repeated')} known before" if trip.count("repeated") else "",
    ]
    return ", ".join(part for part in parts if part) or "nothing"


def _went(trip: Trip) -> str:
    if not trip.went or trip.account is None:
        return "nothing"
    seqs = [str(letter.seq) for letter in trip.account.written]
    return f"{count(len(seqs), 'letter')} ({', '.join(seqs)})"


def count(number: int, word: str) -> str:
    """``1 letter``, ``2 letters``, ``1,204 letters``."""
    return f"{number:,} {word}" + ("" if number == 1 else "s")


def _agreed(account: Account, book: Book) -> str:
    held = account.held
    if held is None:
        return "The bank's first receipt is still to come."
    word = "Agreed with the bank to" if is_agreed(account) else "The bank's word of"
    return f"{word} {spell_day(held.time)}: {book.balances(account.statement.balances)}"


def _tell_troubles(talk: Talk, trip: Trip) -> None:
    for each in trip.came:
        if each.error is not None:
            talk.trouble(each.error.at(each.file))


def _came_row(came: Came) -> dict[str, Any]:
    return {"file": came.file, "result": came.result, "error": came.error and came.error.code}


def _trip_row(purse: Purse, trip: Trip, book: Book, news: list[News]) -> dict[str, Any]:
    return {
        "kind": "wallet",
        "wallet": purse.seat.name,
        "bank": trip.account and spell_fingerprint(trip.account.bank.bank),
        "bank_name": trip.account and trip.owner,
        "place": trip.where,
        "came": [_came_row(each) for each in trip.came],
        "went": trip.went,
        "letters": [letter.seq for letter in trip.account.written] if trip.account else [],
        "refused": [
            {"letter": seq, "order": order.TYPE, "text": order_text(book, order), "reason": code.name.lower()}
            for one in news
            for seq, order, code in refusals(one)
        ],
        "notices": [
            {"notice": each.notice, "kind": each.kind, "text": notice_text(book, each)}
            for one in news
            for each in one.notices
        ],
        "agreed": trip.account is not None and is_agreed(trip.account),
        "balances": [book.row(*row) for row in trip.account.statement.balances] if trip.account else [],
    }


# --- a bank


def for_office(talk: Talk, office: Office, carrier: FolderCarrier, *, clock_is_right: bool = False) -> Trip:
    """Carry for one bank: answer everything that lies there for it. ``bank desk`` uses it too."""
    office.check_restored()
    office.check_clock(talk.now, accepted=clock_is_right)
    progress = Progress(waiting_at(carrier, office.seat), "envelopes")
    trip = carry_bank(office, ask.unlock(talk, office.seat), carrier, talk.now, progress)
    progress.close()
    _tell_office(talk, trip)
    _tell_troubles(talk, trip)
    talk.item(**_office_row(trip))
    return trip


def waiting_at(carrier: FolderCarrier, seat: Seat) -> int:
    """Envelopes that lie there, about, for the total of a progress line."""
    mailbox = carrier.place / TREE / spell_fingerprint(seat.fingerprint)
    return sum(1 for _ in mailbox.glob(f"*{SUFFIX}")) if mailbox.is_dir() else 0


def _replies(trip: Trip) -> list[Reply]:
    return [each.reply for each in trip.came if each.reply is not None]


def _tell_office(talk: Talk, trip: Trip) -> None:
    if not trip.came:
        talk.say(f"{trip.where}   bank '{trip.owner}': nothing came")
        return
    parties = len({reply.party for reply in _replies(trip)})
    people = f"{parties:,} {'party' if parties == 1 else 'parties'}"
    talk.say(f"{trip.where}   bank '{trip.owner}': {count(len(trip.came), 'envelope')} from {people}")
    words: tuple[tuple[str, int], ...] = (
        ("done", trip.count("done")),
        ("repeated (same answer again)", trip.count("repeated")),
        ("refused", trip.count("refused")),
        ("damaged", trip.count("set-aside", "left")),
    )
    talk.say("  " + ", ".join(f"{word} {number}" for word, number in words if number or word == "done"))
    talk.say(f"  orders: {_orders(trip)}")
    talk.say(f"  {count(len(trip.went), 'answer')} put out")


def _orders(trip: Trip) -> str:
    numbers = tally(trip)
    reasons = Counter(result.code for reply in _replies(trip) for result in reply.results)
    why = [f"{times} × {code.sentence}" for code, times in sorted(reasons.items()) if code is not Refusal.DONE]
    refused = f", {numbers['refused']:,} refused ({'; '.join(why)})" if why else ""
    return f"{numbers['done']:,} done{refused}"


def _office_row(trip: Trip) -> dict[str, Any]:
    return {
        "kind": "bank",
        "bank": trip.owner,
        "place": trip.where,
        "came": [_came_row(each) for each in trip.came],
        "went": trip.went,
        "orders": tally(trip),
    }
