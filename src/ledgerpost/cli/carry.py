"""``carry``: put out and pick up everything at a stick or folder, for every wallet, bank and spool here."""

import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import click

from ledgerpost import envelope
from ledgerpost.carriers import drives
from ledgerpost.carriers.folder import MOST_PARCELS, SUFFIX, TREE, FolderCarrier
from ledgerpost.cli import ask
from ledgerpost.cli.options import Command, pass_talk, passphrase_options
from ledgerpost.cli.progress import Progress
from ledgerpost.cli.talk import Talk
from ledgerpost.cli.trips import office_row, tell_office, tell_trip, tell_troubles, tell_visit, visit_row
from ledgerpost.cli.words import book_of
from ledgerpost.desk.carry import carry_bank, carry_wallet, collected
from ledgerpost.desk.courier import Round, Visit, carry_spool
from ledgerpost.desk.crew import WORTH, hired_for
from ledgerpost.desk.home import BANKS, WALLETS, Home, Seat
from ledgerpost.desk.office import Office
from ledgerpost.desk.office import opened as opened_office
from ledgerpost.desk.purse import Purse
from ledgerpost.desk.purse import opened as opened_purse
from ledgerpost.desk.spool import SPOOL, Spool
from ledgerpost.desk.trip import Trip
from ledgerpost.errors import LedgerpostError, NotFound, PlaceError
from ledgerpost.spelling import printable, spell_fingerprint
from ledgerpost.wallet.writing import has_something_to_say


@click.command("carry", cls=Command)
@click.argument("place", required=False, type=click.Path(path_type=Path))
@click.option("--for", "names", multiple=True, metavar="NAME", help="Only this wallet or bank; may be given again.")
@click.option("--clock-is-right", is_flag=True, help="For a bank: the clock did jump ahead, and it is right.")
@passphrase_options
@pass_talk
def carry(talk: Talk, place: Path | None, names: tuple[str, ...], clock_is_right: bool) -> None:
    """Put out and pick up everything at a stick or folder.

    PLACE is the stick's folder, such as /media/KITA; without it, every stick that is plugged in and holds mail. What
    lies there for your wallets and banks is taken in; what they have for others is put out, written and read back. If
    this computer carries for others ("spool agree"), their sealed mail is taken along and handed on. It may be run
    again at any time: nothing happens twice.
    """
    places = [place] if place is not None else found_sticks()
    home = Home.find()
    turns = turns_of(talk, home, names, clock_is_right)
    if not turns:
        do = "open an account: ledgerpost open CARD; or carry for others: ledgerpost spool agree"
        raise NotFound("there is no wallet or bank here", where=str(home.root), do=do)
    errors = [error for each in places for error in _at_place(talk, each, turns)]
    if len(errors) == len(places) * len(turns):
        for error in errors[1:]:
            talk.complain(error)
        raise errors[0]
    for error in errors:
        talk.trouble(error)
    if talk.troubles == {PlaceError.exit_status}:  # nothing was bad but the place: another one, or this one again
        talk.status = PlaceError.exit_status


def found_sticks() -> list[Path]:
    """Sticks that are plugged in and hold mail. Raises NotFound if there is none."""
    found = drives.with_mail(drives.mounted())
    if not found:
        raise NotFound(
            "no stick with mail is plugged in", do="put it in, or name its folder: ledgerpost carry /media/STICK"
        )
    return found


@dataclass(frozen=True, slots=True)
class Stop:
    """One place on the way. ``with_spool``: whether this home carries for others, and ``ours``: what it put out there
    itself, which its own spool leaves alone.
    """

    carrier: FolderCarrier
    with_spool: bool
    ours: set[str] = field(default_factory=set)


def stop_at(place: Path) -> Stop:
    """A stick's or shared folder."""
    return Stop(FolderCarrier(place, envelope.MAX_ENVELOPE), Spool(Home.find().root).in_use())


Turn = Callable[[Stop], None]


def turns_of(talk: Talk, home: Home, names: tuple[str, ...], clock_is_right: bool) -> list[Turn]:
    """Wallets first, then banks, the spool last: what is our own comes before what is others'.

    Raises NotFound for a name that is none of these.
    """
    seats, spool = [*home.seats(WALLETS), *home.seats(BANKS)], Spool(home.root)
    known = {seat.name for seat in seats} | ({SPOOL} if spool.in_use() else set())
    for name in names:
        if name not in known:
            do = "see: ledgerpost wallet list, ledgerpost bank status"
            do = "to carry for others: ledgerpost spool agree" if name == SPOOL else do
            raise NotFound(f"there is no wallet or bank '{printable(name, 64)}'", where=str(home.root), do=do)
    turns = [_turn_of(talk, seat, clock_is_right) for seat in seats if not names or seat.name in names]
    if spool.in_use() and (not names or SPOOL in names):
        turns.append(lambda stop: for_spool(talk, home, stop))
    return turns


def _turn_of(talk: Talk, seat: Seat, clock_is_right: bool) -> Turn:
    def turn(stop: Stop) -> None:
        if seat.kind == WALLETS:
            with opened_purse(seat) as purse:
                for_wallet(talk, purse, stop)
        else:
            with opened_office(seat) as office:
                for_office(talk, office, stop, clock_is_right=clock_is_right)

    return turn


def _at_place(talk: Talk, place: Path, turns: list[Turn]) -> list[LedgerpostError]:
    """Everybody's turn at one place. What stops one is returned: the others have their turn all the same."""
    stop, errors = stop_at(place), []
    for turn in turns:
        try:
            turn(stop)
        except LedgerpostError as error:
            errors.append(error)
    if not errors:
        talk.say("Written and read back. If this is a stick, you may unplug it.")
    return errors


# --- a wallet


def for_wallet(talk: Talk, purse: Purse, stop: Stop) -> None:
    """Carry for one wallet. The passphrase is asked only if there is something to sign or open."""
    if not _mail(purse, stop.carrier):
        purse.ask_what_waits()
        if not any(each.letters or has_something_to_say(each) for each in purse.accounts()):
            talk.say(f"{stop.carrier.where}   '{purse.seat.name}': nothing came, nothing is to go")
            return
    signer = ask.unlock(talk, purse.seat)
    progress = Progress(waiting_at(stop.carrier, spell_fingerprint(purse.seat.fingerprint)), "envelopes")
    trips = carry_wallet(purse, signer, stop.carrier, talk.now, progress)
    progress.close()
    stop.ours.update(name for account in purse.accounts() for name in purse.sent(account.bank.bank))
    book = book_of(purse)
    for trip in trips:
        if trip.account is not None or trip.came:
            tell_trip(talk, purse, trip, book)


def _mail(purse: Purse, carrier: FolderCarrier) -> bool:
    with closing(collected(carrier, purse.seat.fingerprint)) as found:  # type: ignore[type-var]  # it is a generator
        return next(found, None) is not None


# --- a bank


def for_office(talk: Talk, office: Office, stop: Stop, *, clock_is_right: bool = False) -> Trip:
    """Carry for one bank: answer everything that lies there for it. ``bank desk`` uses it too."""
    office.check_restored()
    office.check_clock(talk.now, accepted=clock_is_right)
    mailbox = spell_fingerprint(office.seat.fingerprint)
    progress = Progress(waiting_at(stop.carrier, mailbox), "envelopes")
    signer = ask.unlock(talk, office.seat)
    brief = not (talk.json or stop.with_spool)
    with hired_for(weight_at(stop.carrier, mailbox), signer) as crew:
        trip = carry_bank(office, signer, stop.carrier, talk.now, progress, brief=brief, crew=crew)
    progress.close()
    if trip.crew:
        talk.note(f"The processes beside the desk ended, so it worked on alone, and slower: {trip.crew}")
    stop.ours.update(trip.went)
    tell_office(talk, trip)
    tell_troubles(talk, trip)
    if talk.json:
        talk.item(**office_row(trip))
    return trip


def waiting_at(carrier: FolderCarrier, mailbox: str) -> int:
    """Envelopes that lie in a mailbox, about, for the total of a progress line: names are counted, none is kept."""
    try:
        with os.scandir(carrier.place / TREE / mailbox) as entries:
            return sum(each.name.endswith(SUFFIX) for each in islice(entries, MOST_PARCELS))
    except OSError:  # none there, or none to be read: whoever collects from it says so
        return 0


def weight_at(carrier: FolderCarrier, mailbox: str) -> int:
    """Bytes of mail that lie in a mailbox, as far as it matters for hiring a crew."""
    weight = 0
    try:
        with os.scandir(carrier.place / TREE / mailbox) as entries:
            for each in entries:
                weight += each.stat(follow_symlinks=False).st_size if each.name.endswith(SUFFIX) else 0
                if weight >= WORTH:
                    break
    except OSError:  # as above
        return weight
    return weight


# --- the spool


def for_spool(talk: Talk, home: Home, stop: Stop) -> None:
    """Carry for others: take along, hand on, give up. Asks nothing: a courier opens no mail."""
    own = frozenset(seat.fingerprint for kind in (WALLETS, BANKS) for seat in home.seats(kind))
    spool, visit = Spool(home.root), Visit(stop.carrier.where)
    there = sum(waiting_at(stop.carrier, box) for box in stop.carrier.mailboxes())
    progress = Progress(there + len(spool.held()), "envelopes for others")
    try:
        carry_spool(Round(spool, stop.carrier, talk.now, own, frozenset(stop.ours)), visit, progress)
    finally:
        progress.close()
        tell_visit(talk, visit)
        if talk.json:
            talk.item(**visit_row(visit))
