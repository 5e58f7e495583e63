"""``show``: what is this, and is it good? Changes nothing, asks nothing unless told to open what is sealed."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ledgerpost import envelope
from ledgerpost.carriers.faults import shown
from ledgerpost.cli import ask, choose, showing
from ledgerpost.cli.explain import Explained, explain
from ledgerpost.cli.hands import parted
from ledgerpost.cli.items import items as instruments
from ledgerpost.cli.known import Known
from ledgerpost.cli.leaves import chequebook_leaf, instrument_leaf, message_leaf, named_on_paper
from ledgerpost.cli.options import Command, pass_talk, passphrase_options, picture_options, wallet_options
from ledgerpost.cli.otherfiles import is_backup, tell_backup, tell_contract_text, tell_key_file
from ledgerpost.cli.talk import Talk, Usage
from ledgerpost.cli.words import Book, book_of, groups
from ledgerpost.desk.home import BANKS, WALLETS, Home, Seat
from ledgerpost.desk.purse import Purse, opened
from ledgerpost.errors import BadBytes, Denied, LedgerpostError, NotFound, NotOurs, StoreError
from ledgerpost.papers.beside import indexed
from ledgerpost.papers.contract import FIRST_LINE
from ledgerpost.papers.instrument import is_instrument, paper_of, read_instrument
from ledgerpost.papers.sequence import Sequence
from ledgerpost.sealed import fingerprint, is_message, read
from ledgerpost.spelling import printable, spell_day
from ledgerpost.statement import is_statement
from ledgerpost.terms import Fingerprint, Moment, PublicKey

if TYPE_CHECKING:
    from ledgerpost.desk.pickup import Pickup

_KEY_FILE = b"ledgerpost-key/"
NO = 3


@click.command("show", cls=Command)
@click.argument("items", nargs=-1, required=True, metavar="FILE|NUMBER...")
@click.option("--open", "unseal", is_flag=True, help="Open envelopes sealed to a wallet or bank of yours.")
@picture_options
@wallet_options
@passphrase_options
@pass_talk
def show(talk: Talk, items: tuple[str, ...], unseal: bool) -> None:
    """Verify and explain anything; changes nothing.

    FILE is any file of ledgerpost: a card, a bank's card, a contract, an envelope, a key file, a backup; or a picture
    of its codes. NUMBER is something in your wallet: a waiting notice, a spend of yours, a cheque or certificate. Ends
    with 3 if anything does not verify.

    --qr, --png and --print show it as codes: a file byte for byte, whatever it is; an instrument by its number.
    """
    from ledgerpost.desk.pickup import Pickup, missing

    if showing.asked(talk):
        if len(items) > 1:
            raise Usage("one thing at a time is shown as codes", where=talk.command, do="name one FILE or NUMBER")
        showing.check_outputs(talk)
    known = known_here(talk)
    with Pickup(None) as pickup:
        for item in items:
            _item(talk, pickup, item, known, unseal, alone=len(items) == 1)
        if pickup.unfinished():
            talk.trouble(missing(pickup.unfinished()))
    if talk.status == NO and talk.error is None:
        talk.error = Denied("not everything here verifies", do="trust nothing that is not marked good")


def _item(talk: Talk, pickup: "Pickup", item: str, known: Known, unseal: bool, *, alone: bool) -> None:
    try:
        if _looks_like_number(item) and not os.path.lexists(item):
            _from_wallet(talk, item, known)
        elif is_backup(Path(item)):
            talk.say(shown(item))
            tell_backup(talk, Path(item))
        else:
            for brought in pickup.bring(item):
                if brought.error is not None:
                    raise brought.error
                for raw in brought.messages:
                    _content(talk, brought.where, raw, known, unseal)
    except BadBytes as error:
        if isinstance(error, NotOurs) and error.do == NotOurs.advice:
            error.do = "this program can say nothing about it"
        talk.trouble(error.at(shown(item)))
        talk.item(file=item, kind="unreadable", verifies=False, why=error.what)
        talk.status = NO
    except LedgerpostError as error:
        if alone:
            raise
        talk.trouble(error.at(shown(item)))


def known_here(talk: Talk) -> Known:
    """Keys, names, contracts and terms of every wallet and bank on this computer. A busy wallet is left out.

    Not where something is to be written: what is kept should not depend on who else was at the wallet.
    """
    home, known = Home.find(), Known()
    for seat in (*home.seats(WALLETS), *home.seats(BANKS)):
        try:
            known.keys[seat.fingerprint] = seat.key
            if seat.kind == WALLETS:
                with opened(seat) as purse:
                    known = _with_wallet(known, purse)
            else:
                known = _with_bank(known, seat)
        except (StoreError, BadBytes) as error:
            if showing.asked(talk):
                raise
            talk.note(f"Without the {seat.kind.removesuffix('s')} '{seat.name}': {error}")
    return known


def _with_bank(known: Known, seat: Seat) -> Known:
    from ledgerpost.desk.office import opened  # all of the bank, which most who look at a file do not keep

    with opened(seat) as office:
        return known.learn((office.record().card, *office.contracts().values()))


def _with_wallet(known: Known, purse: Purse) -> Known:
    book = book_of(purse)
    keys = known.keys | {who: card.key for who, card in purse.contacts().items()}
    terms, parts = dict(known.terms), dict(known.parts)
    for account in purse.accounts():
        keys[account.bank.bank] = account.bank.key
        terms |= account.terms
        parts |= {**account.parts, **indexed(account.letters)}
    merged = Book({**known.book.assets, **book.assets}, {**known.book.names, **book.names})
    return Known(keys, terms, parts, merged)


def _content(talk: Talk, where: str, raw: bytes, known: Known, unseal: bool) -> None:
    talk.say(where)
    if _KEY_FILE in raw[:32]:
        tell_key_file(talk, where, raw)
    elif is_message(raw) or is_statement(raw) or is_instrument(raw):
        known = known.learn([raw])
        _tell(talk, where, explain(raw, known))
        _show(talk, raw, (raw,), known)
    elif raw.removeprefix(b"\xef\xbb\xbf").startswith(FIRST_LINE.encode()):
        tell_contract_text(talk, where, raw)
    else:
        _envelope(talk, where, raw, known, unseal)


# --- as codes


def _show(talk: Talk, raw: bytes, messages: tuple[bytes, ...], known: Known) -> None:
    """In whatever ways were asked for; ``messages`` are what can be read in it."""
    if not showing.asked(talk):
        return
    known = Known(known.keys, known.terms, known.parts, named_on_paper(known.book))
    showing.show_codes(talk, raw, _leaf(raw, messages, known, talk.now))


def _leaf(raw: bytes, messages: tuple[bytes, ...], known: Known, now: Moment) -> showing.Page:
    """The page that fits: of the one instrument or chequebook in it, else of a message."""
    only = messages[0] if len(messages) == 1 else b""
    if is_instrument(only):
        return instrument_leaf(known.book, read_instrument(only), now)
    if is_message(only) and read(only).type == Sequence.TYPE:
        return chequebook_leaf(known.book, [only])
    lines = (line for message in messages for line in explain(message, known).lines)
    return message_leaf(known.book, raw, lines)


# --- envelopes


def _envelope(talk: Talk, where: str, raw: bytes, known: Known, unseal: bool) -> None:
    outside = envelope.look(raw)
    to = "whoever holds it" if outside.recipient is None else known.book.party(outside.recipient)
    until = f", of use until {spell_day(outside.until)}" if outside.until else ""
    talk.say(f"  {'a sealed' if outside.kind == 'sealed' else 'an open'} envelope for {to}{until}, {len(raw):,} bytes")
    if outside.recipient is not None:
        talk.say(f"     {groups(outside.recipient)}")
    seat = _seat_of(outside.recipient)
    if outside.kind == "sealed" and not (unseal and seat):
        talk.say(
            "  what is in it can be read with your key: add --open" if seat else "  only its recipient can open it"
        )
        talk.item(file=where, kind="envelope", sealed=True, bytes=len(raw), verifies=None)
        _show(talk, raw, (), known)
        return
    signer = ask.unlock(talk, seat) if outside.kind == "sealed" and seat else None
    inside = envelope.unpack(raw, signer.seed) if signer else envelope.unpack(raw)
    known = _messages(talk, where, inside.messages, known, inside.sender)
    _show(talk, raw, inside.messages, known)


def _seat_of(who: Fingerprint | None) -> Seat | None:
    home = Home.find()
    return next((seat for kind in (WALLETS, BANKS) for seat in home.seats(kind) if seat.fingerprint == who), None)


def _messages(
    talk: Talk, where: str, messages: tuple[bytes, ...], known: Known, sender: PublicKey | None = None
) -> Known:
    known = known.learn(messages, sender)
    if sender is not None:
        talk.say(f"  from {known.book.party(fingerprint(sender))}")
    for message in messages:
        _tell(talk, where, explain(message, known))
    for line in parted(filter(is_instrument, messages), known.keys, known.book):
        talk.say(f"  proof: {line}")
        talk.item(file=where, kind="proof", verifies=True, words=line)
    if not messages:
        talk.say("  nothing is in it")
    return known


def _tell(talk: Talk, where: str, found: Explained) -> None:
    head, *rest = found.lines
    talk.say(f"  - {head}")
    for line in rest:
        talk.say(f"      {line}")
    if found.good and found.signer is not None:
        talk.say(f"    good  signed by  {groups(found.signer)}")
    else:
        talk.say(f"    {'NOT GOOD' if found.good is False else 'not verified'}: {found.why}")
        if found.signer is not None:
            talk.say(f"    it names as signer  {groups(found.signer)}")
        talk.status = NO
    talk.item(file=where, **found.row())


# --- by number


def _looks_like_number(item: str) -> bool:
    digits = item.removeprefix(choose.EXACT)
    return digits.isascii() and digits.isdigit()


def _from_wallet(talk: Talk, item: str, known: Known) -> None:
    """A notice by its number; a spend, cheque or certificate by any ending of its number."""
    digits, exact = item.removeprefix(choose.EXACT), item.startswith(choose.EXACT)
    with choose.opened_purse(talk) as purse:
        found: list[bytes] = []
        for account in choose.accounts(talk, purse):
            found += [raw for number, raw in account.notices.items() if str(number) == digits]
            found += [raw for number, raw in account.signed.items() if str(number).endswith(digits) and not exact]
        held = [] if exact else [each.item.instrument for each in instruments(talk, purse)]
        found += [raw for raw in held if str(paper_of(read_instrument(raw).body).number).endswith(digits)]
    if not found:
        raise NotFound(f"nothing in this wallet has the number {printable(item, 40)}", do="see: ledgerpost status")
    talk.say(f"{item}, in your wallet")
    known = known.learn(found)
    for raw in found:
        _tell(talk, item, explain(raw, known))
    if showing.asked(talk):
        _show(talk, (only := _only(found, item)), (only,), known)


def _only(found: list[bytes], item: str) -> bytes:
    """What is meant to be shown: the one instrument of this number, else the one thing. Raises Usage."""
    meant = [raw for raw in found if is_instrument(raw)] or found
    if len(meant) > 1:
        raise Usage(f"{len(meant)} things have this number", where=item, do="give more of it, or name a FILE")
    return meant[0]
