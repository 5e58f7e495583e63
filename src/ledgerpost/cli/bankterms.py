"""``bank terms``: fees, lives and caps: shown, changed, confirmed."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import click

from ledgerpost.cli import ask
from ledgerpost.cli.options import Command, office_options, pass_talk, passphrase_options, yes_option
from ledgerpost.cli.talk import Talk
from ledgerpost.cli.words import Book
from ledgerpost.desk.home import BANKS, Home
from ledgerpost.desk.office import Office, opened
from ledgerpost.desk.purse import Asset, asset_of
from ledgerpost.errors import Mistyped, NotFound, WrongShape
from ledgerpost.papers.orders import KINDS
from ledgerpost.papers.terms import Fee, Terms
from ledgerpost.spelling import printable, read_amount, spell_moment
from ledgerpost.terms import Digest

DAY = 86400
_UNITS = {"h": 3600, "d": DAY, "w": 7 * DAY}
_SPAN = re.compile(r"([1-9][0-9]{0,5})([hdw])")
LIVES = ("grace", "letter_life", "spend_life", "number_life", "jump")
CAPS = ("most_numbers", "most_outstanding", "most_incoming", "share")


def span(value: str) -> int:
    """Seconds, from a length of time: 12h, 60d, 8w."""
    match = _SPAN.fullmatch(value)
    if match is None:
        raise click.BadParameter(f"'{value}' is no length of time: 12h, 60d, 8w")
    return int(match[1]) * _UNITS[match[2]]


def spell_span(seconds: int) -> str:
    """``60 days``, or hours where it is no whole number of days."""
    size, word = (DAY, "day") if seconds % DAY == 0 else (3600, "hour")
    number = seconds / size
    return f"{number:g} {word}" + ("" if number == 1 else "s")


F = TypeVar("F", bound=Callable[..., Any])


def _life(name: str, text: str) -> Callable[[F], F]:
    return click.option(f"--{name}", type=span, metavar="SPAN", help=text)


def _cap(name: str, text: str) -> Callable[[F], F]:
    return click.option(f"--{name}", type=click.IntRange(min=1), metavar="N", help=text)


@click.command("terms", cls=Command)
@click.option("--token", metavar="ASSET", help='What fees are paid in; "none" for a bank without fees.')
@click.option("--fee", "fees", multiple=True, metavar="ORDER=AMOUNT", help="Charge for an order; 0 makes it free.")
@_life("grace", "How long these terms hold on after newer ones came, and dead things are kept.")
@_life("letter-life", "The furthest end of a letter.")
@_life("spend-life", "The furthest end of a spend.")
@_life("number-life", "The furthest end of a number.")
@_cap("most-numbers", "Open numbers per party.")
@_cap("most-outstanding", "Outstanding spends per party.")
@_cap("most-incoming", "Spends waiting per party.")
@_cap("share", "Spends of one spender waiting with one party.")
@_life("jump", "A step of the bank's clock beyond this wants your word.")
@click.option("--clock-is-right", is_flag=True, help="The clock did jump ahead, and it is right.")
@office_options
@passphrase_options
@yes_option
@pass_talk
def terms(talk: Talk, /, token: str | None, fees: tuple[str, ...], clock_is_right: bool, **given: int | None) -> None:
    """Show the bank's terms, or set new ones.

    Without options they are shown. New terms hold for letters written under them; letters written under the old
    ones are answered as promised until their grace is over. SPAN is like 12h, 60d, 8w.
    """
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    with opened(Home.find().seat(BANKS, talk.office)) as office:
        assets = {asset: asset_of(raw) for asset, raw in office.contracts().items()}
        book, old = Book(assets), office.terms()
        if not changes and token is None and not fees:
            _show(talk, office, old, book)
            return
        new = _changed(replace(old, **changes), assets, token, fees)
        _set(talk, office, old, new, book, clock_is_right)


def _show(talk: Talk, office: Office, held: Terms, book: Book) -> None:
    talk.say(f"Terms {held.serial} of {printable(office.card().name, 64)}, since {spell_moment(held.time)}")
    for name, text in lines_of(held, book).items():
        talk.say(f"  {name:<18}{text}")
    talk.item(kind="terms", **rows_of(held, book))


def lines_of(held: Terms, book: Book) -> dict[str, str]:
    """Every term, by its option's name, in words."""
    token = "none" if held.token is None else _unit(book, held.token)
    fees = {f"fee {fee.order}": book.amount(held.token, fee.amount) for fee in held.fees if held.token}
    lives = {name.replace("_", "-"): spell_span(getattr(held, name)) for name in LIVES}
    caps = {name.replace("_", "-"): f"{getattr(held, name):,}" for name in CAPS}
    return {"token": token, **fees, **lives, **caps}


def _unit(book: Book, token: Digest) -> str:
    known = book.assets.get(token)
    return token.hex() if known is None else f"{printable(known.head.unit, 12)} ({printable(known.head.name, 64)})"


def rows_of(held: Terms, book: Book) -> dict[str, Any]:
    """Every term for ``--json``; spans in seconds."""
    plain = {name: getattr(held, name) for name in (*LIVES, *CAPS)}
    fees = [{"order": fee.order, **book.row(held.token, fee.amount)} for fee in held.fees if held.token]
    return {"serial": held.serial, "since": held.time, "token": held.token and held.token.hex(), "fees": fees, **plain}


# --- changing


def _changed(new: Terms, assets: Mapping[Digest, Asset], token: str | None, fees: Sequence[str]) -> Terms:
    if token == "none":  # noqa: S105  # an asset's name, no secret
        new = replace(new, token=None, fees=())
    elif token is not None:
        new = _retokened(new, assets, _asset(assets, token))
    for typed in fees:
        new = _charged(new, assets, typed)
    try:
        new.check()
    except WrongShape as error:
        raise Mistyped(error.what, do="see: ledgerpost bank terms --help") from error
    return new


def _retokened(new: Terms, assets: Mapping[Digest, Asset], token: Asset) -> Terms:
    if new.fees and new.token not in (None, token.id):
        raise Mistyped("the fees are in another token", do="first --token none, then the new token with its fees")
    return replace(new, token=token.id)


def _asset(assets: Mapping[Digest, Asset], typed: str) -> Asset:
    wanted = typed.casefold()
    named = [each for each in assets.values() if wanted in (each.head.unit.casefold(), each.head.name.casefold())]
    meant = named or [each for each in assets.values() if len(wanted) >= 8 and each.id.hex().startswith(wanted)]
    if not meant:
        known = ", ".join(sorted(each.head.unit for each in assets.values())) or "none yet"
        raise NotFound(f"this bank keeps no such asset: {printable(typed, 80)}", do=f"it keeps: {known}")
    if len(meant) > 1:
        digests = ", ".join(each.id.hex() for each in meant)
        raise Mistyped(f"several could be meant: {digests}", where=printable(typed, 80), do="give its digest")
    return meant[0]


def _charged(new: Terms, assets: Mapping[Digest, Asset], typed: str) -> Terms:
    """With ``ORDER=AMOUNT`` charged; the amount is in the token."""
    order, _, amount = typed.partition("=")
    free = order in KINDS and KINDS[order].FREE
    if order not in KINDS or free or not amount:
        known = ", ".join(sorted(name for name, kind in KINDS.items() if not kind.FREE))
        what = "this order is always free" if free else "a fee is written ORDER=AMOUNT"
        raise Mistyped(what, where=printable(typed, 80), do=f"orders that may cost something: {known}")
    rest = [fee for fee in new.fees if fee.order != order]
    if amount.strip("0.") == "":
        return replace(new, fees=tuple(rest))
    if new.token is None or new.token not in assets:
        raise Mistyped("a fee needs a token to be paid in", where=printable(typed, 80), do="name it with --token ASSET")
    units = read_amount(amount, assets[new.token].head.decimals)
    return replace(new, fees=tuple(sorted((*rest, Fee(order, units)))))


def _set(talk: Talk, office: Office, old: Terms, new: Terms, book: Book, clock_is_right: bool) -> None:
    before, after = lines_of(old, book), lines_of(new, book)
    changes = {name: (before.get(name, "free"), after.get(name, "free")) for name in before | after}
    changes = {name: change for name, change in changes.items() if change[0] != change[1]}
    if not changes:
        talk.say("Nothing changes: these terms are in force.")
        talk.item(kind="terms", result="unchanged", **rows_of(old, book))
        return
    for name, (was, becomes) in changes.items():
        talk.say(f"  {name:<18}{was}  →  {becomes}")
    if new.grace < old.letter_life:
        talk.say("  Careful: a letter may live longer than this grace, and then be refused for its terms.")
    talk.say(f"Letters written under the old terms are answered by them for {spell_span(old.grace)} more.")
    office.check_restored()
    office.check_clock(talk.now, accepted=clock_is_right)
    ask.confirm(talk, "Put these terms in force?")
    held = office.set_terms(ask.unlock(talk, office.seat), new, max(talk.now, office.clock()))
    talk.say(f"Terms {held.serial} are in force. They stand on the bank's card: ledgerpost bank card -o FILE")
    talk.item(kind="terms", result="set", **rows_of(held, book))
