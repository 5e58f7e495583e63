"""``bank audit``, ``backup`` and ``rebuild``: whether the books are right, and what to do the day they are lost."""

from functools import partial
from pathlib import Path

import click

from ledgerpost.bank.audit import Audit, Sheet
from ledgerpost.cli import ask
from ledgerpost.cli.options import Command, office_options, pass_talk, passphrase_options, yes_option
from ledgerpost.cli.progress import Progress
from ledgerpost.cli.talk import Talk, Usage
from ledgerpost.cli.words import Book, groups
from ledgerpost.desk.backup import SUFFIX, Checked, check_backup, write_backup
from ledgerpost.desk.home import BANKS, Home, Seat, affordable, sealed
from ledgerpost.desk.office import Office, opened
from ledgerpost.desk.purse import asset_of
from ledgerpost.desk.restore import restore
from ledgerpost.errors import Denied, StoreDamaged
from ledgerpost.paperkey import from_words
from ledgerpost.sealed import Signer
from ledgerpost.spelling import printable, spell_day, spell_fingerprint, spell_moment
from ledgerpost.store.port import Store
from ledgerpost.terms import Digest, Moment

file_type = click.Path(path_type=Path)

# --- audit


@click.command("audit", cls=Command)
@office_options
@pass_talk
def audit(talk: Talk) -> None:
    """Read everything, check every signature, and sum every asset to zero.

    Exit status 3 where only a sum is off: somebody gained or lost units. 6 where a record is not what its
    signatures say, is missing, or contradicts another: do not go on with this store.
    """
    with opened(Home.find().seat(BANKS, talk.office)) as office:
        result = office.audit()
        book = Book({asset: asset_of(raw) for asset, raw in office.contracts().items()})
        folder = str(office.seat.folder)
    for asset, sheet in sorted(result.sheets.items()):
        _tell_sheet(talk, book, asset, sheet)
    for finding in result.findings:
        talk.say(f"  WRONG  {finding.where}: {finding.what}")
        talk.item(kind="finding", where=finding.where, what=finding.what)
    for each in result.missing:
        talk.say(f"  MISSING  {each.where}: {each.what}")
        talk.item(kind="missing", where=each.where, what=each.what)
    if result.restoring:
        waits = "still waits for those who have not come" if result.missing else "has what its parties hold"
        talk.say(f"  The bank was rebuilt, and {waits}.")
    parties = f"{result.parties:,} {'party' if result.parties == 1 else 'parties'}"
    read = f"{parties} and {result.notices:,} waiting {'notice' if result.notices == 1 else 'notices'} read"
    if not result.good:
        talk.say(f"{read}.")
        raise _verdict(result, folder)
    talk.say(f"Books sum to zero. {read}; all is what its signatures say.")


def _tell_sheet(talk: Talk, book: Book, asset: Digest, sheet: Sheet) -> None:
    known = book.assets.get(asset)
    talk.say(f"{printable(known.head.name, 64) if known else asset.hex()}")
    held = sheet.balances + sheet.issued
    waiting = sheet.outstanding - sheet.settled
    for word, units in (("issued", sheet.issued), ("held", held), ("on its way", waiting), ("fees", sheet.fees)):
        talk.say(f"  {word:<12}{book.amount(asset, units)}")
    off = sheet.difference
    talk.say("  sums to zero" if not off else f"  OFF BY {'+' if off > 0 else ''}{book.amount(asset, off)}")
    talk.item(
        kind="asset",
        asset=asset.hex(),
        name=known and known.head.name,
        unit=known and known.head.unit,
        issued=sheet.issued,
        held=held,
        on_its_way=waiting,
        fees=sheet.fees,
        difference=off,
    )


def _verdict(result: Audit, folder: str) -> Denied | StoreDamaged:
    sums = sum(bool(sheet.difference) + (sheet.issued < 0) for sheet in result.sheets.values())
    records = len(result.findings) - sums
    if not records:
        return Denied("the books do not sum to zero", where=folder, do="see which asset above; show it to a judge")
    records_word = "record is" if records == 1 else "records are"
    return StoreDamaged(f"{records} {records_word} not what was signed: see above", where=folder)


# --- backup


@click.command("backup", cls=Command)
@click.option("-o", "--output", type=file_type, metavar="FILE", help="Where to write it (default: here, by its day).")
@office_options
@passphrase_options
@pass_talk
def backup(talk: Talk, output: Path | None) -> None:
    """Write everything to one signed file, and read it back.

    The key in it stays sealed under its passphrase; everybody's balances can be read by whoever has the file.
    """
    with opened(Home.find().seat(BANKS, talk.office)) as office:
        path = output or Path(f"{office.seat.name}-{spell_day(talk.now)}{SUFFIX}")
        signer = ask.unlock(talk, office.seat)
        progress = Progress(0, "records written")
        with office.backing_up() as records:
            head = write_backup(path, office.seat, signer, records, talk.now, progress)
        progress.close()
        talk.say(f"Wrote {path}: {head.records:,} records, read back. Keep it on another computer or stick.")
        talk.item(kind="backup", bank=office.seat.name, file=path, records=head.records)


# --- rebuild


@click.command("rebuild", cls=Command)
@click.argument("file", type=file_type, required=False)
@click.argument("name", required=False)
@click.option("--nothing-since", is_flag=True, help="Nothing was answered after it: let the bank answer as before.")
@click.option("--wait-no-longer", is_flag=True, help="Go on from the backup with those who did not come.")
@click.option("--words-file", type=file_type, metavar="FILE", help="The paper key's words, if the passphrase is lost.")
@click.option("--no-passphrase", is_flag=True, help="With --words-file: leave the key open from now on.")
@office_options
@passphrase_options
@yes_option
@pass_talk
def rebuild(
    talk: Talk,
    file: Path | None,
    name: str | None,
    nothing_since: bool,
    wait_no_longer: bool,
    words_file: Path | None,
    no_passphrase: bool,
) -> None:
    """Bring a lost bank back from its last backup.

    It has lost what it answered after that backup. So it asks each party for its newest receipt and notices, which
    "carry" brings by itself, and decides nothing about a party before that one came, or the grace in its terms is
    over. Only if nothing at all was answered after the backup, say --nothing-since. Never keep one bank on two
    computers.
    """
    if file is not None:
        seat = _rebuild(talk, file, name, words_file, no_passphrase, nothing_since)
    elif not Home.find().seats(BANKS):
        raise Usage("a backup's file is needed", where=talk.command, do="see: ledgerpost bank rebuild --help")
    else:
        seat = Home.find().seat(BANKS, talk.office)
        if not wait_no_longer:
            _go_on(talk, seat, nothing_since)
    if wait_no_longer:
        _end(talk, seat)
    elif nothing_since:
        talk.say(f"'{seat.name}' answers again.")
        talk.item(kind="bank", name=seat.name, result="settled")
    else:
        _tell_declared(talk, seat)


def _rebuild(
    talk: Talk, file: Path, name: str | None, words_file: Path | None, no_passphrase: bool, nothing_since: bool
) -> Seat:
    progress = Progress(0, "records read")
    checked = check_backup(file, BANKS, progress)
    progress.close()
    talk.say(f"A bank as it was on {spell_day(checked.head.time)}\n     {groups(checked.head.owner)}")
    seed = _seed(talk, checked, words_file)
    folder = name or file.name.removesuffix(SUFFIX).rsplit("-", 3)[0]

    if nothing_since:
        _be_sure(talk, folder)

    def reseal(key_file: bytes) -> bytes:
        if words_file is None:
            return key_file
        chosen = ask.new_passphrase(talk, no_passphrase)
        return affordable(lambda cost: sealed(seed, chosen, cost))[0]

    progress = Progress(checked.head.records, "records written")
    # What came after the backup is settled before there is a key: cut off anywhere, nothing is there, or all of it.
    settle = partial(_settle, nothing_since=nothing_since, now=talk.now)
    done = restore(Home.find(), file, BANKS, folder, seed, progress, reseal=reseal, settle=settle)
    progress.close()
    talk.signers[str(done.seat.folder)] = Signer.from_seed(seed)
    talk.say(f"Bank '{done.seat.name}' is back with {done.head.records:,} records.")
    fingerprint = spell_fingerprint(done.head.owner)
    talk.item(kind="bank", name=done.seat.name, fingerprint=fingerprint, records=done.head.records, result="rebuilt")
    return done.seat


def _seed(talk: Talk, checked: Checked, words_file: Path | None) -> bytes:
    if words_file is None:
        return ask.unlock(talk, checked).seed
    return from_words(ask.read_secret(words_file).decode("utf-8", "replace"))


def _settle(seat: Seat, store: Store, *, nothing_since: bool, now: Moment) -> None:
    office = Office(seat, store)
    if nothing_since:
        office.settle_restored()
    else:
        office.declare_restore(now)


def _be_sure(talk: Talk, name: str) -> None:
    talk.say(f"'{name}' last signed something at its backup. If it answered a single letter after that, say no:")
    talk.say("it would sign a second, different answer, and every party could prove it.")
    ask.confirm(talk, "Was nothing answered after the backup?")


def _go_on(talk: Talk, seat: Seat, nothing_since: bool) -> None:
    """Settle a bank that an earlier version rebuilt, and that answers nobody yet."""
    with opened(seat) as office:
        if not office.record().restored:
            do = "see: ledgerpost bank rebuild --help"
            raise Denied(f"'{seat.name}' was not rebuilt, or is settled already", where=str(seat.folder), do=do)
        if nothing_since:
            _be_sure(talk, seat.name)
        ask.unlock(talk, seat)
        if nothing_since:
            office.settle_restored()
        else:
            office.declare_restore(talk.now)


def _tell_declared(talk: Talk, seat: Seat) -> None:
    with opened(seat) as office:
        declared, waits = office.restore(), len(office.missing())
    if declared is None:
        raise AssertionError("a restore that nobody declared")
    talk.say(f"What it signed from {spell_moment(declared.first)} to {spell_moment(declared.last)} may be lost.")
    talk.say(f"It answers again, and asks each party first what it holds: {waits:,} to come.")
    talk.say(f"Whoever does not come is waited for until {spell_day(declared.until)}.   See: ledgerpost bank audit")
    talk.item(kind="bank", name=seat.name, result="restoring", missing=waits, **declared._asdict())


def _end(talk: Talk, seat: Seat) -> None:
    with opened(seat) as office:
        waits = len(office.missing())
        talk.say(f"{waits:,} did not come. If one comes later with a newer receipt than the backup has, the bank will")
        talk.say("have signed two different answers, and that party may hold it to either.")
        ask.confirm(talk, "Go on from the backup with these?")
        ask.unlock(talk, seat)
        office.end_restore()
    talk.say(f"'{seat.name}' waits for nobody any more.")
    talk.item(kind="bank", name=seat.name, result="over", missing=waits)
