"""Cheques and certificates at the terminal: which one was meant, what it says, how it becomes a file."""

from pathlib import Path
from typing import Any, NamedTuple

from ledgerpost import envelope
from ledgerpost.carriers.files import read_limited, write_new
from ledgerpost.cli import choose
from ledgerpost.cli.talk import Talk
from ledgerpost.cli.words import Book, comment
from ledgerpost.desk.purse import Purse
from ledgerpost.errors import BadBytes, Mistyped, NotFound, PlaceError
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.instrument import Instrument, is_instrument, paper_of, read_instrument
from ledgerpost.sealed import fingerprint, identity_of, is_message, read
from ledgerpost.spelling import printable, spell_day, spell_fingerprint
from ledgerpost.terms import Digest, Fingerprint, Moment
from ledgerpost.wallet.account import Account, Item


class Found(NamedTuple):
    """An instrument of a wallet: its account, its identity, what the wallet remembers of it."""

    account: Account
    identity: Digest
    item: Item

    @property
    def instrument(self) -> Instrument:
        """As it is now."""
        return read_instrument(self.item.instrument)


def items(talk: Talk, purse: Purse) -> list[Found]:
    """Every instrument of the accounts meant."""
    return [
        Found(account, identity, item)
        for account in choose.accounts(talk, purse)
        for identity, item in account.items.items()
    ]


def item(talk: Talk, purse: Purse, typed: str, *states: str) -> Found:
    """The one meant by its number, any unique ending of it, or the beginning of its digest (8 digits or more).

    Where several of one number are here, those in one of ``states`` are meant. A whole number always means itself.
    """
    found = items(talk, purse)
    found = [each for each in found if str(paper_of(each.instrument.body).number) == typed] or found
    fitting = [each for each in found if each.item.state in states]
    try:
        return _meant(fitting, typed)
    except NotFound:
        return _meant(found, typed)


def _meant(found: list[Found], typed: str) -> Found:
    by_digest = [each for each in found if len(typed) >= 8 and each.identity.hex().startswith(typed.lower())]
    if len(by_digest) == 1:
        return by_digest[0]
    numbers = {each.identity: paper_of(each.instrument.body).number for each in found}
    meant = [each for each in found if typed.isdigit() and str(numbers[each.identity]).endswith(typed)]
    if not meant:
        raise NotFound(f"there is no such cheque or certificate: {printable(typed, 80)}", do="see: ledgerpost status")
    if len(meant) > 1:
        spelled = ", ".join(f"{numbers[each.identity]} ({each.identity.hex()[:8]})" for each in meant)
        raise Mistyped(f"several could be meant: {spelled}", where=printable(typed, 80), do="give its digest")
    return meant[0]


def instruments_in(raw: bytes) -> tuple[bytes, ...]:
    """The instruments in what was brought: of an open envelope, or the bare one that it is.

    Raises BadBytes, or NotFound if there is none.
    """
    if is_instrument(raw):
        return (raw,)
    found = () if is_message(raw) else tuple(each for each in envelope.unpack(raw).messages if is_instrument(each))
    if not found:
        raise NotFound("there is no cheque or certificate in this", do="see: ledgerpost show FILE")
    return found


def refuse_existing(path: Path) -> None:
    """Raise PlaceError or NotFound where no new file can be written: before a number is burned for it."""
    if not path.parent.is_dir():
        raise NotFound("there is no such folder", where=str(path.parent), do="make it, or name another with -o FILE")
    if path.exists() or path.is_symlink():
        raise PlaceError("there is a file of that name already", where=str(path), do="name another with -o FILE")


def stands(path: Path, raw: bytes) -> bool:
    """Whether just these bytes are in that file already: a command that was cut off wrote them."""
    try:
        return read_limited(path, len(raw)) == raw
    except (NotFound, BadBytes):
        return False


def write_instrument(talk: Talk, path: Path, instrument: Instrument, until: Moment) -> None:
    """An open envelope with the instrument in it: the file that changes hands."""
    write_open(path, (instrument.encode(),), until)
    talk.say(f"Wrote {path}: hand over this file.")


def write_open(path: Path, messages: tuple[bytes, ...], until: Moment) -> None:
    """An open envelope as a new file; where the very same stands already, that is as good. Raises PlaceError."""
    write_new(path, envelope.pack(messages, sender=None, recipient=None, until=until))


def instrument_text(book: Book, instrument: Instrument, drawer: Fingerprint | None = None) -> str:
    """What a cheque or certificate says, in one line."""
    paper = paper_of(instrument.body)
    what = book.amount(paper.asset, paper.amount)
    hands = len(instrument.endorsements)
    chain = f", endorsed {hands} times" if hands > 1 else ", endorsed once" if hands else ""
    end = f"until {spell_day(paper.until)}"
    if isinstance(paper, Cheque):
        drawn = f" from {book.party(drawer or read(instrument.body).signer)}"
        return f"cheque {paper.number}, {what}{drawn} to {book.party(paper.payee)}, {end}{chain}{comment(paper.memo)}"
    return f"certificate {paper.number}, {what} bought by {book.party(fingerprint(paper.key))}, {end}{chain}"


def drawn_text(book: Book, cheque: Cheque) -> str:
    """A cheque of one's own whose number is still open."""
    what = book.amount(cheque.asset, cheque.amount)
    return f"cheque {cheque.number}, {what} to {book.party(cheque.payee)}, until {spell_day(cheque.until)}"


def item_text(book: Book, found: Item) -> str:
    """The same, with what the wallet remembers of it."""
    return f"{found.state:<12} {instrument_text(book, read_instrument(found.instrument))}"


def instrument_row(book: Book, instrument: Instrument) -> dict[str, Any]:
    """An instrument for ``--json``."""
    paper, signer = paper_of(instrument.body), read(instrument.body).signer
    words: dict[str, Any] = (
        {"buyer": spell_fingerprint(fingerprint(paper.key))}
        if isinstance(paper, Certificate)
        else {
            "drawer": spell_fingerprint(signer),
            "payee": paper.payee and spell_fingerprint(paper.payee),
            "start": paper.start,
            "memo": paper.memo,
        }
    )
    return {
        "kind": "cheque" if isinstance(paper, Cheque) else "certificate",
        "digest": identity_of(read(instrument.body)).hex(),
        "number": paper.number,
        "until": paper.until,
        "endorsements": len(instrument.endorsements),
        **words,
        **book.row(paper.asset, paper.amount),
    }
