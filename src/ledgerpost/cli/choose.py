"""Which wallet, account, asset, party or item was meant by what a person typed. Anything unclear is asked back."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar

from ledgerpost import envelope
from ledgerpost.cli.talk import Talk
from ledgerpost.cli.words import Book, groups
from ledgerpost.desk.home import WALLETS, Home, Seat
from ledgerpost.desk.purse import Asset, Purse, opened
from ledgerpost.errors import Denied, Mistyped, NotFound
from ledgerpost.papers.card import open_card
from ledgerpost.papers.notice import RECEIPT, Notice
from ledgerpost.sealed import is_message, read
from ledgerpost.spelling import printable, read_fingerprint, spell_fingerprint
from ledgerpost.terms import Fingerprint
from ledgerpost.wallet.account import Account

T = TypeVar("T")


def wallet_seat(talk: Talk) -> Seat:
    """The wallet that -w names, or the one in use, or the only one."""
    seat = Home.find().seat(WALLETS, talk.wallet)
    seat.key  # noqa: B018  # raises NotFound where there is none of that name
    return seat


@contextmanager
def opened_purse(talk: Talk) -> Iterator[Purse]:
    """That wallet with its store open."""
    with opened(wallet_seat(talk)) as purse:
        yield purse


def accounts(talk: Talk, purse: Purse) -> tuple[Account, ...]:
    """All accounts, or the one that --at names. Raises NotFound if that leaves none."""
    found = purse.accounts()
    if talk.at is not None:
        found = (_called(found, talk.at),)
    if not found:
        raise NotFound("this wallet has no account", do="open one with a bank's card: ledgerpost open CARD")
    return found


def account(talk: Talk, purse: Purse) -> Account:
    """The one account meant."""
    found = accounts(talk, purse)
    if len(found) > 1:
        names = ", ".join(printable(each.bank.name, 64) for each in found)
        raise Mistyped(f"this wallet has several accounts: {names}", do="name the bank with --at BANK")
    return found[0]


def _called(found: Sequence[Account], name: str) -> Account:
    if name.lower().startswith("lp1"):
        meant = [each for each in found if each.bank.bank == read_fingerprint(name)]
    else:
        meant = [each for each in found if each.bank.name.casefold() == name.casefold()] or [
            each for each in found if each.bank.name.casefold().startswith(name.casefold())
        ]
    return _only(meant, name, "bank", [spell_fingerprint(each.bank.bank) for each in meant])


def _only(meant: Sequence[T], typed: str, what: str, spelled: Sequence[str]) -> T:
    """The one found. Raises NotFound for none, Mistyped for several, listing them."""
    where = printable(typed, 80)
    if not meant:
        raise NotFound(f"there is no such {what}: {where}", do="see: ledgerpost status")
    if len(meant) > 1:
        raise Mistyped(f"several could be meant: {', '.join(spelled)}", where=where, do="give more of it")
    return meant[0]


def asset(purse: Purse, at: Account, typed: str) -> Asset:
    """An asset kept at this bank: by its unit, its name, or the beginning of its digest (8 digits or more)."""
    here = [each for each in purse.assets().values() if each.bank == at.bank.bank]
    wanted = typed.casefold()
    for meant in (
        [each for each in here if each.head.unit.casefold() == wanted],
        [each for each in here if each.head.name.casefold() == wanted],
        [each for each in here if len(wanted) >= 8 and each.id.hex().startswith(wanted)],
    ):
        if meant:
            return _only(meant, typed, "asset", [each.id.hex() for each in meant])
    known = ", ".join(sorted({each.head.unit for each in here})) or "none"
    raise NotFound(f"there is no such asset at this bank: {printable(typed, 80)}", do=f"known here: {known}")


class Party(NamedTuple):
    """A party meant: its fingerprint, and the name it goes by, which is a claim."""

    fingerprint: Fingerprint
    name: str
    card: bytes | None = None


def party(purse: Purse, typed: str) -> Party:
    """By fingerprint, card file, or name of a contact."""
    names = {who: card.name for who, card in purse.contacts().items()} | purse.names()
    meant = [Party(who, name) for who, name in names.items() if name.casefold() == typed.casefold()]
    if not meant and "".join(typed.split()).lower().startswith("lp1"):
        who = read_fingerprint(typed)
        return Party(who, names.get(who, ""))
    if not meant and Path(typed).is_file():
        return from_card(Path(typed))
    meant = meant or [Party(who, name) for who, name in names.items() if name.casefold().startswith(typed.casefold())]
    if not meant:
        do = "give its fingerprint or card file, or keep the card: ledgerpost contact add FILE"
        raise NotFound(f"there is no contact '{printable(typed, 64)}'", do=do)
    return _only(meant, typed, "contact", [spell_fingerprint(each.fingerprint) for each in meant])


def from_card(path: Path) -> Party:
    """The party whose card is in this file."""
    cards = [raw for raw in papers_in(path) if read(raw).type == "card"]
    if not cards:
        raise NotFound("there is no party's card in this file", where=str(path), do="see: ledgerpost show FILE")
    card = open_card(cards[0])
    return Party(read(cards[0]).signer, card.name, cards[0])


def papers_in(path: Path) -> tuple[bytes, ...]:
    """The signed messages in a file, or picture of it: of an open envelope, or the one that it is.

    Raises BadBytes naming the file, or what reading a picture raises.
    """
    from ledgerpost.desk.pickup import one_file
    from ledgerpost.errors import LedgerpostError

    raw = one_file(path)
    if is_message(raw):
        return (raw,)
    try:
        return tuple(each for each in envelope.unpack(raw).messages if is_message(each))
    except LedgerpostError as error:
        error.at(str(path))
        raise


def by_ending(numbers: Sequence[int], typed: str, what: str) -> int:
    """The number meant by any unique ending; the whole number always means itself."""
    if not (typed.isascii() and typed.isdigit()):
        raise Mistyped("this is no number", where=printable(typed, 80), do="give the number or its last digits")
    if int(typed) in numbers:
        return int(typed)
    meant = [number for number in numbers if str(number).endswith(typed)]
    return _only(meant, typed, what, [str(number) for number in meant])


class Incoming(NamedTuple):
    """A spend that waits to be accepted or denied."""

    account: Account
    notice: Notice


def incoming(found: Sequence[Account]) -> list[Incoming]:
    """Every spend waiting at these accounts that no letter has taken in yet."""
    return [
        Incoming(each, notice)
        for each in found
        for notice in each.waiting
        if notice.kind == RECEIPT and not each.coming.has_taken(notice.notice)
    ]


EXACT = "notice:"


def by_item(waiting: Sequence[Incoming], typed: str, book: Book) -> Incoming:
    """By the notice's number, or any ending of the spender's number; ``notice:7`` means the notice only."""
    exact = typed.startswith(EXACT)
    digits = typed.removeprefix(EXACT)
    meant = [each for each in waiting if _is_meant(each.notice, digits, exact)]
    if len(meant) > 1:
        spelled = "; ".join(f"{EXACT}{each.notice.notice} ({item_text(book, each)})" for each in meant)
        do = f"write {EXACT} before the notice's number"
        raise Mistyped(f"several could be meant: {spelled}", where=typed, do=do)
    return _only(meant, typed, "spend waiting", [])


def _is_meant(notice: Notice, digits: str, exact: bool) -> bool:
    return str(notice.notice) == digits or (not exact and bool(digits) and str(notice.number).endswith(digits))


def item_text(book: Book, item: Incoming) -> str:
    """Amount and spender."""
    return f"{book.amount(item.notice.asset, item.notice.amount)} from {book.party(item.notice.other)}"


def handle(item: Incoming, waiting: Sequence[Incoming]) -> str:
    """The shortest way to name it that means nothing else."""
    number = str(item.notice.notice)
    alone = sum(_is_meant(each.notice, number, exact=False) for each in waiting) == 1
    return number if alone else f"{EXACT}{number}"


def not_oneself(who: Fingerprint, at: Account) -> None:
    """Raise Denied early for payees that every bank refuses."""
    if who in (at.me, at.bank.bank):
        whom = "itself" if who == at.me else "its bank"
        raise Denied(f"an account cannot pay {whom}", where=groups(who), do="check whom you mean")
