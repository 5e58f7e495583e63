"""``wallet``: keys and what hangs on them: made, chosen, put on paper, backed up, restored."""

from pathlib import Path

import click

from ledgerpost.carriers.faults import naming, shown
from ledgerpost.carriers.files import write_new
from ledgerpost.cli import ask
from ledgerpost.cli.choose import wallet_seat
from ledgerpost.cli.keys import (
    key_page,
    make_wallet,
    offer_paper,
    paper_text,
    remind_paper,
    show_words,
    warn_weaker,
)
from ledgerpost.cli.options import (
    Group,
    language_option,
    pass_talk,
    passphrase_options,
    shared,
    wallet_option,
    yes_option,
)
from ledgerpost.cli.talk import Talk, Usage
from ledgerpost.cli.words import book_of, groups, wish_text
from ledgerpost.desk.backup import check_backup, write_backup
from ledgerpost.desk.home import ON_PAPER, WALLETS, Cost, Home, Seat, affordable, free_name
from ledgerpost.desk.purse import opened
from ledgerpost.desk.restore import Restored, restore
from ledgerpost.errors import Denied, NotFound
from ledgerpost.paperkey import from_words, is_code
from ledgerpost.sealed import Signer
from ledgerpost.spelling import printable, spell_day, spell_fingerprint

file_type = click.Path(path_type=Path)
name_option = click.option("--name", metavar="NAME", help="Your name, for the paper and the folder.")
no_passphrase_option = click.option(
    "--no-passphrase", is_flag=True, help="Leave the key open to whoever has this computer."
)


@click.group("wallet", cls=Group)
def wallet() -> None:
    """Keep keys: make, choose, back up, restore."""


@wallet.command("list")
@pass_talk
def list_(talk: Talk) -> None:
    """List the wallets on this computer."""
    home = Home.find()
    seats = home.seats(WALLETS)
    for seat in seats:
        sealed = "passphrase" if seat.has_passphrase else "NO passphrase"
        paper = "on paper" if seat.marked(ON_PAPER) else "NOT on paper"
        talk.say(f"{seat.name}   {sealed}, {paper}\n     {groups(seat.fingerprint)}")
        talk.item(
            kind="wallet",
            name=seat.name,
            fingerprint=spell_fingerprint(seat.fingerprint),
            passphrase=seat.has_passphrase,
            on_paper=seat.marked(ON_PAPER),
        )
    if not seats:
        talk.say("No wallet here yet. Make one: ledgerpost open CARD")


@wallet.command("new")
@name_option
@click.option(
    "--paper",
    type=file_type,
    metavar="FILE",
    help="Write the key's 24 words there: a page with their code, if FILE ends in .html.",
)
@no_passphrase_option
@wallet_option
@passphrase_options
@yes_option
@pass_talk
def new(talk: Talk, name: str | None, paper: Path | None, no_passphrase: bool) -> None:
    """Make a wallet with a key and no account yet.

    "ledgerpost open CARD" makes one by itself: this is for a second wallet (-w NAME), or for a fingerprint that
    somebody shall pay before there is an account.
    """
    name = name or talk.wallet or ask.answer(talk, "Your name:", "--name")
    seat = make_wallet(talk, talk.wallet, name, paper, no_passphrase)
    if paper is None:
        offer_paper(talk, seat, name)
    _say_made(talk, seat, "made")
    remind_paper(talk, seat)


def _say_made(talk: Talk, seat: Seat, result: str) -> None:
    talk.say(f"Wallet '{seat.name}'\n     {groups(seat.fingerprint)}")
    talk.item(kind="wallet", name=seat.name, fingerprint=spell_fingerprint(seat.fingerprint), result=result)


@wallet.command("use")
@click.argument("name")
@pass_talk
def use(talk: Talk, name: str) -> None:
    """Choose the wallet that is meant when none is named."""
    Home.find().use(WALLETS, name)
    talk.say(f"In use: {name}")
    talk.item(kind="wallet", name=name, result="in use")


@wallet.command("paper")
@click.option("-o", "--output", type=file_type, metavar="FILE", help="Write the words to a file instead.")
@click.option("--print", "page", type=file_type, metavar="FILE", help="Write them as a page (HTML), with their code.")
@language_option
@wallet_option
@passphrase_options
@pass_talk
def paper(talk: Talk, output: Path | None, page: Path | None) -> None:
    """Put the key on paper: 24 words.

    They are shown on the terminal, never on stdout; or written to a file, to be printed and deleted. A page (--print)
    has the code besides, from which "wallet restore" reads them.
    """
    seat = wallet_seat(talk)
    terminal = ask.somebody(talk)
    if output is None and page is None and terminal is None:
        raise Usage("the words are shown on a terminal only, and here is none", do="write them to a file: -o FILE")
    seed = ask.unlock(talk, seat).seed
    name = _owner(seat)
    if output is not None:
        _write_key(talk, seat, output, paper_text(seed, name))
    if page is not None:
        _write_key(talk, seat, page, key_page(talk, seed, name))
    if output is None and page is None and terminal is not None:
        show_words(terminal, seat, seed, name)
    talk.item(kind="paper", wallet=seat.name, file=output or page)


def _write_key(talk: Talk, seat: Seat, file: Path, text: str) -> None:
    write_new(file, text.encode())
    seat.mark(ON_PAPER)
    talk.say(f"Wrote {file}: print it or copy it by hand, then delete it.")


def _owner(seat: Seat) -> str:
    with opened(seat) as purse:
        return next((account.name for account in purse.accounts()), seat.name)


@wallet.command("passphrase")
@shared("--new-passphrase-file", type=file_type, metavar="FILE", help="Read the new passphrase from a file.")
@no_passphrase_option
@wallet_option
@passphrase_options
@pass_talk
def passphrase(talk: Talk, no_passphrase: bool) -> None:
    """Seal the key under another passphrase.

    Copies and backups made before still open with the old one.
    """
    seat = wallet_seat(talk)
    signer = ask.unlock(talk, seat)
    chosen = ask.new_passphrase(talk, no_passphrase, _new_given, "--new-passphrase-file")

    def reseal(cost: Cost) -> None:
        seat.reseal(signer.seed, chosen, cost)

    _, usual = affordable(reseal)
    warn_weaker(talk, usual)
    talk.say(f"'{seat.name}' opens with the new passphrase." if chosen else f"'{seat.name}' has no passphrase now.")
    talk.item(kind="wallet", name=seat.name, passphrase=chosen is not None)


def _new_given(talk: Talk) -> bytes | None:
    file = talk.new_passphrase_file
    return None if file is None else ask.normal(ask.first_line(ask.read_secret(file)))


# --- backup and restore


@wallet.command("backup")
@click.argument("file", type=file_type)
@wallet_option
@passphrase_options
@pass_talk
def backup(talk: Talk, file: Path) -> None:
    """Write everything to one file.

    The key in it stays sealed under its passphrase; balances and contacts in it can be read by whoever has the file.
    """
    seat = wallet_seat(talk)
    signer = ask.unlock(talk, seat)
    with opened(seat) as purse:
        head = write_backup(file, seat, signer, purse.snapshot, talk.now)
    talk.say(f"Wrote {file}: {head.records} records, read back. Restore it with: ledgerpost wallet restore {file}")
    talk.item(kind="backup", file=file, wallet=seat.name, records=head.records)


@wallet.command("restore")
@click.argument("file", type=file_type, required=False)
@click.option(
    "--words-file",
    type=file_type,
    metavar="FILE",
    help="Read the paper key's 24 words from a file, or from a picture of its code.",
)
@name_option
@no_passphrase_option
@wallet_option
@passphrase_options
@yes_option
@pass_talk
def restore_(talk: Talk, file: Path | None, words_file: Path | None, name: str | None, no_passphrase: bool) -> None:
    """Bring a lost wallet back: from a backup FILE, or from the paper key.

    Nothing can be drawn before the bank's newest receipt is here: "open" the bank's card again (after a paper key),
    then "carry". Never use a wallet on two computers: the bank would answer only one of them.
    """
    if file is not None and words_file is not None:
        raise Usage("either a backup or a paper key", where=talk.command, do="leave one of them out")
    if file is not None:
        _from_backup(talk, file, talk.wallet or name)
    else:
        _from_paper(talk, words_file, name, no_passphrase)


def _from_paper(talk: Talk, words_file: Path | None, name: str | None, no_passphrase: bool) -> None:
    if words_file is not None:
        text = _written_words(words_file)
    else:
        text = ask.answer(talk, "The paper key's 24 words, in one line:", "--words-file")
    seed = from_words(text)
    who = Signer.from_seed(seed).fingerprint
    _refuse_second(seed)
    talk.say(f"     {groups(who)}")
    ask.confirm(talk, "Is this the fingerprint on the paper?")
    seat = make_wallet(talk, talk.wallet, name or talk.wallet or "wallet", None, no_passphrase, seed)
    _say_made(talk, seat, "restored")
    talk.say("Next: ledgerpost open CARD, for each bank where it had an account; then ledgerpost carry PLACE")


def _written_words(file: Path) -> str:
    """The text of a file with the words, or what the code in a picture of a paper key holds."""
    from ledgerpost.pictures.reading import Reader, is_picture

    with naming(file), file.open("rb") as opened_file:
        head = opened_file.read(12)
    if not is_picture(head):
        return ask.read_secret(file).decode("utf-8", "replace")
    with Reader() as reader:
        found = [text for text in reader.read_file(file).texts if is_code(text)]
    if not found:
        raise NotFound("no code of a paper key is in this picture", where=shown(file), do="type the words instead")
    return found[0]


def _refuse_second(seed: bytes) -> None:
    key = Signer.from_seed(seed).key
    for seat in Home.find().seats(WALLETS):
        if seat.key == key:
            raise Denied(f"this wallet is here already, as '{seat.name}'", do="see: ledgerpost status")


def _from_backup(talk: Talk, file: Path, name: str | None) -> None:
    home = Home.find()
    checked = check_backup(file, WALLETS)
    talk.say(f"A wallet as it was on {spell_day(checked.head.time)}")
    talk.say(f"     {groups(checked.head.owner)}")
    seed = ask.unlock(talk, checked).seed
    folder = name or free_name(tuple(seat.name for seat in home.seats(WALLETS)), file.stem)
    done = restore(home, file, WALLETS, folder, seed)
    _say_made(talk, done.seat, "restored")
    _say_dropped(talk, done)
    talk.say("Next: ledgerpost carry PLACE; it draws nothing before the bank's newest receipt is here.")


def _say_dropped(talk: Talk, done: Restored) -> None:
    """What was queued in the backup: only the owner can tell whether it was carried out since (L9)."""
    if not done.dropped:
        return
    talk.say("Queued in the backup, and dropped; ask for it again if it was not carried out since:")
    with opened(done.seat) as purse:
        book = book_of(purse)
        notices = [notice for account in purse.accounts() for notice in account.waiting]
    for wish in done.dropped:
        text = wish_text(book, wish, notices)
        talk.say(f"  {printable(text, 300)}")
        talk.item(kind="wish", order=wish.order, words=text, result="dropped")
