"""``bank``: keep a bank: found it, sit at its desk, give its card away; terms and books are in files of their own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from ledgerpost import envelope
from ledgerpost.carriers.files import write_new
from ledgerpost.cli import ask
from ledgerpost.cli.bankbooks import audit, backup, rebuild
from ledgerpost.cli.bankcase import case
from ledgerpost.cli.bankterms import rows_of, terms
from ledgerpost.cli.carry import for_office, for_spool, found_sticks, stop_at
from ledgerpost.cli.keys import Sealing, make, offer_paper, paper_text
from ledgerpost.cli.open import checked_party
from ledgerpost.cli.options import Group, office_options, pass_talk, passphrase_options, yes_option
from ledgerpost.cli.talk import Interrupted, Talk, Usage, bold
from ledgerpost.cli.trips import count
from ledgerpost.cli.words import Book, groups
from ledgerpost.desk.home import BANKS, ON_PAPER, Home, Seat
from ledgerpost.desk.office import Office, opened
from ledgerpost.desk.purse import asset_of
from ledgerpost.errors import Mistyped, NotFound, PlaceError, StoreBusy, StoreError
from ledgerpost.sealed import Signer
from ledgerpost.spelling import printable, spell_amount, spell_day, spell_fingerprint, spell_moment
from ledgerpost.store.port import Store

file_type = click.Path(path_type=Path)


@click.group("bank", cls=Group)
def bank() -> None:
    """Keep a bank."""


for each in (terms, audit, case, backup, rebuild):
    bank.add_command(each)


@contextmanager
def opened_office(talk: Talk) -> Iterator[Office]:
    """The bank that --bank names, or the only one, with its store open and locked."""
    with opened(Home.find().seat(BANKS, talk.office)) as office:
        yield office


# --- found


@bank.command("found")
@click.argument("name")
@click.option("--display-name", metavar="TEXT", help="The bank's name on its card, as people call it.")
@click.option("--paper", type=file_type, metavar="FILE", help="Write the new key's 24 words there.")
@click.option("--no-passphrase", is_flag=True, help="Leave the new key open to whoever has this computer.")
@passphrase_options
@yes_option
@pass_talk
def found(talk: Talk, name: str, display_name: str | None, paper: Path | None, no_passphrase: bool) -> None:
    """Found a bank: key, paper key, store.

    NAME is for this computer: small letters, digits, hyphens. The terms are free of fees at first ("bank terms").
    """
    title = checked_party(display_name or name)
    seat = _make(talk, name, title, paper, no_passphrase)
    if paper is None:
        offer_paper(talk, seat, title)
    talk.say(f"{title}\n     {groups(seat.fingerprint)}")
    talk.say("Post this fingerprint where everybody sees it: people compare it before they open an account.")
    talk.say("Next: ledgerpost bank card -o FILE, to give away; ledgerpost bank desk PLACE, to answer letters")
    if not seat.marked(ON_PAPER):
        talk.note("Not on paper yet: whoever founds a bank keeps its words, and a backup.   Do: ledgerpost bank backup")
    talk.item(kind="bank", name=name, title=title, fingerprint=spell_fingerprint(seat.fingerprint), result="founded")


def _make(talk: Talk, name: str, title: str, paper: Path | None, no_passphrase: bool) -> Seat:
    """All there or nothing: the first records are in the store before the key file is."""
    home = Home.find()
    home.refuse_taken(BANKS, name)  # before a passphrase is asked

    def fill(seed: bytes) -> Callable[[Store], None]:
        place = Seat(BANKS, name, home.root / BANKS / name)
        return lambda store: Office(place, store).found(Signer.from_seed(seed), title, talk.now)

    sealing = Sealing(BANKS, name, ask.new_passphrase(talk, no_passphrase))
    return make(talk, home, sealing, paper, lambda seed: bank_paper(seed, title).encode(), fill)


def bank_paper(seed: bytes, title: str) -> str:
    """A bank's words; they need a backup beside them, for they hold no books."""
    text = paper_text(seed, title).replace("has the wallet", "is the bank")
    return text.replace('"ledgerpost wallet restore"', '"ledgerpost bank rebuild BACKUP --words-file FILE"')


# --- status and card


@bank.command("status")
@office_options
@pass_talk
def status(talk: Talk) -> None:
    """Each bank kept here: parties, assets, terms, clock."""
    home = Home.find()
    seats = home.seats(BANKS) if talk.office is None else (home.seat(BANKS, talk.office),)
    if not seats:
        home.seat(BANKS, None)  # raises, and says how to found one
    for seat in seats:
        try:
            with opened(seat) as office:
                _status(talk, office)
        except StoreError as error:
            if len(seats) == 1:
                raise
            talk.trouble(error)


def _status(talk: Talk, office: Office) -> None:
    seat, card, restored = office.seat, office.card(), office.record().restored
    assets = {asset: asset_of(raw) for asset, raw in office.contracts().items()}
    parties, in_force, clock = office.parties(), office.terms(), office.clock()
    talk.say(bold(f"Bank '{seat.name}'") + f"   {printable(card.name, 64)}")
    talk.say(f"  {groups(seat.fingerprint)}")
    talk.say(f"  {parties:,} {'party' if parties == 1 else 'parties'}, {count(len(assets), 'asset')}")
    for each in assets.values():
        most = spell_amount(each.head.limit, each.head.decimals)
        talk.say(f"    {printable(each.head.name, 64)}: at most {most} {printable(each.head.unit, 12)}")
        talk.say(f"      issued by {groups(each.issuer)}")
    talk.say(f"  terms {in_force.serial}, since {spell_moment(in_force.time)}   See: ledgerpost bank terms")
    talk.say(f"  last signed at {spell_moment(clock)}")
    restore, missing = office.restore(), len(office.missing())
    waits = restore is not None and not restore.over and talk.now <= restore.until
    if restored:
        talk.say("  Rebuilt from a backup: it answers nobody yet.   See: ledgerpost bank rebuild --help")
    elif restore is not None and waits:
        until = spell_day(restore.until)
        talk.say(f"  Rebuilt: waits for {missing:,} of its parties until {until}.   See: ledgerpost bank audit")
    elif not seat.marked(ON_PAPER):
        talk.say("  Its key is not known to be on paper: keep a backup.   Do: ledgerpost bank backup")
    talk.item(
        kind="bank",
        name=seat.name,
        title=card.name,
        fingerprint=spell_fingerprint(seat.fingerprint),
        parties=parties,
        assets=[{"asset": each.id.hex(), "name": each.head.name, "unit": each.head.unit} for each in assets.values()],
        terms=rows_of(in_force, Book(assets)),
        clock=clock,
        restored=restored,
        waits_for=missing if waits else 0,
    )


@bank.command("card")
@click.option("-o", "--output", type=file_type, metavar="FILE", help="Write the card to a file.")
@office_options
@pass_talk
def card(talk: Talk, output: Path | None) -> None:
    """The bank's card, with every asset's contract, to give away.

    Whoever has it can open an account: "ledgerpost open FILE".
    """
    with opened_office(talk) as office:
        name, seat, raws = office.card().name, office.seat, (office.record().card, *office.contracts().values())
    talk.say(f"{printable(name, 64)}\n     {groups(seat.fingerprint)}")
    fits = envelope.batches(raws)[0]
    if output is not None:
        write_new(output, envelope.pack(fits, sender=None, recipient=None, until=0), 0o644)
        talk.say(f"Wrote {output}, with {count(len(fits) - 1, 'contract')}: give it to whoever wants an account.")
    if len(fits) < len(raws):
        talk.note(f"{len(raws) - len(fits)} contracts did not fit; a party gets those with its first receipt.")
    fingerprint = spell_fingerprint(seat.fingerprint)
    talk.item(kind="bankcard", name=name, fingerprint=fingerprint, file=output, contracts=len(fits) - 1)


# --- desk


@bank.command("desk")
@click.argument("place", required=False, type=file_type)
@click.option("--once", is_flag=True, help="Answer what lies there, and end: for scripts.")
@click.option("--clock-is-right", is_flag=True, help="The clock did jump ahead, and it is right.")
@office_options
@passphrase_options
@pass_talk
def desk(talk: Talk, place: Path | None, once: bool, clock_is_right: bool) -> None:
    """Answer one stick after the other, for as long as the clerk sits there.

    PLACE is where sticks appear, such as /media/KITA; without it, every stick that is plugged in and holds mail. The
    passphrase is asked once; then put a stick in and press Enter; "q" or Ctrl-D ends. Nobody else can use this bank
    meanwhile. What went wrong with one stick is said, and the next one is waited for.
    """
    terminal = None if once else ask.somebody(talk)
    if terminal is None and not once:
        raise Usage("nobody sits at this desk: there is no terminal", where=talk.command, do="answer one with --once")
    with opened_office(talk) as office:
        office.check_restored()
        office.check_clock(talk.now, accepted=clock_is_right)
        ask.unlock(talk, office.seat)
        if terminal is None:
            _serve(talk, office, place, clock_is_right)
            return
        talk.say(f"Bank '{office.seat.name}' is open" + (f" at {stop_at(place).carrier.where}." if place else "."))
        while _next(terminal):
            try:
                _serve(talk, office, place, clock_is_right)
            except (PlaceError, NotFound, StoreBusy, Mistyped) as error:  # the last: a bent spool.toml
                talk.trouble(error)
        talk.say("The desk is closed.")


def _serve(talk: Talk, office: Office, place: Path | None, clock_is_right: bool) -> None:
    """The stick at ``place``, or each that is plugged in; and, if this home carries for others, their mail."""
    home = Home.find()
    for each in [place] if place is not None else found_sticks():
        stop = stop_at(each)
        trip = for_office(talk, office, stop, clock_is_right=clock_is_right)
        if stop.with_spool:
            for_spool(talk, home, stop)
        if any(isinstance(came.error, PlaceError) for came in trip.came):
            talk.say("Not all of it could be read: look at the stick before you unplug it.")
        else:
            talk.say("Written and read back. You may unplug the stick.")


def _next(terminal: ask.Terminal) -> bool:
    """Whether another stick comes."""
    try:
        return terminal.ask("Next stick, Enter (q ends): ").casefold() not in ("q", "quit")
    except (Interrupted, EOFError):
        return False
