"""``spool``: what this computer carries for others, by agreement. ``carry`` fills and empties it."""

import re
from dataclasses import replace

import click

from ledgerpost import envelope
from ledgerpost.cli import ask
from ledgerpost.cli.options import Group, pass_talk, yes_option
from ledgerpost.cli.talk import Talk
from ledgerpost.cli.trips import count
from ledgerpost.cli.words import groups
from ledgerpost.desk.home import Home
from ledgerpost.desk.spool import Agreement, Held, Spool
from ledgerpost.errors import BadBytes, Mistyped, NotFound
from ledgerpost.spelling import printable, read_fingerprint, spell_day
from ledgerpost.terms import Moment

_SIZE = re.compile(r"([0-9]{1,9})([kMG]?)")
_UNITS = {"": 1, "k": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def _bytes(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    if value is None:
        return None
    match = _SIZE.fullmatch(value)
    if match is None or not int(match[1]):
        raise click.BadParameter(f"'{value}' is no size: 500k, 64M, 2G")
    return int(match[1]) * _UNITS[match[2]]


def size(number: int) -> str:
    """Bytes for people: ``812 bytes``, ``3.4 MB``."""
    for unit, name in ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "kB")):
        if number >= unit:
            return f"{number / unit:.1f} {name}"
    return f"{number} bytes"


@click.group("spool", cls=Group)
def spool() -> None:
    """Carry sealed mail for others, as a courier."""


@spool.command("agree")
@click.option("--bytes", "most_bytes", metavar="SIZE", callback=_bytes, help="At most so much in all, such as 64M.")
@click.option("--envelopes", "most", type=click.IntRange(1, 100_000), help="At most so many.")
@click.option("--days", type=click.IntRange(1, 3650), help="Give up what nobody took in for so long.")
@click.option("--end", is_flag=True, help="Take along nothing more; what is here still goes on its way.")
@pass_talk
def agree(talk: Talk, most_bytes: int | None, most: int | None, days: int | None, end: bool) -> None:
    """Agree to carry for others, up to limits; or end it.

    From then on "carry" takes sealed mail for others along, and hands it on wherever it comes. Nobody can read it.
    """
    kept = Spool(Home.find().root)
    if end:
        kept.end()
        talk.say("Nothing more is taken along for others. What is here still goes on its way: ledgerpost spool list")
        talk.item(kind="agreement", agreed=False)
        return
    given = {"bytes": most_bytes, "envelopes": most, "days": days}
    agreed = replace(_before(kept), **{name: value for name, value in given.items() if value is not None})
    kept.agree(agreed)
    talk.say(f"This computer carries for others: {_limits(agreed)}")
    talk.item(kind="agreement", agreed=True, **_limits_row(agreed))


def _before(kept: Spool) -> Agreement:
    """The limits in force, to change some of them; the usual ones if there are none, or none that read."""
    try:
        return kept.agreement() or Agreement()
    except Mistyped:
        return Agreement()


def _limits(agreed: Agreement) -> str:
    return f"at most {size(agreed.bytes)}, {count(agreed.envelopes, 'envelope')}, {count(agreed.days, 'day')}"


def _limits_row(agreed: Agreement) -> dict[str, int]:
    return {"bytes": agreed.bytes, "envelopes": agreed.envelopes, "days": agreed.days}


@spool.command("list")
@pass_talk
def list_(talk: Talk) -> None:
    """What lies here for others, by recipient."""
    kept = Spool(Home.find().root)
    agreed, held = kept.agreement(), kept.held()
    talk.say(f"Carries for others: {_limits(agreed)}" if agreed else "Takes along nothing for others. See: spool agree")
    for box in dict.fromkeys(each.mailbox for each in held):
        mine = [each for each in held if each.mailbox == box]
        talk.say(f"{count(len(mine), 'envelope')}, {size(sum(each.size for each in mine))}, for\n     {_whose(box)}")
        for each in mine:
            talk.say(f"  {each.file}   {size(each.size)}, since {spell_day(each.since)}, {_end(kept, each)}")
    if held:
        talk.say(f"In all {count(len(held), 'envelope')}, {size(sum(each.size for each in held))}.")
    talk.item(kind="agreement", agreed=agreed is not None, **(_limits_row(agreed) if agreed else {}))
    for each in held:
        talk.item(kind="envelope", **_row(each), until=_until(kept, each))


def _whose(mailbox: str) -> str:
    try:
        return groups(read_fingerprint(mailbox))
    except Mistyped:
        return mailbox


def _until(kept: Spool, held: Held) -> Moment | None:
    raw = kept.read(held)
    try:
        return None if raw is None else envelope.look(raw).until
    except BadBytes:
        return None


def _end(kept: Spool, held: Held) -> str:
    until = _until(kept, held)
    return f"until {spell_day(until)}" if until else "without end"


def _row(held: Held) -> dict[str, str | int]:
    return {"recipient": held.mailbox, "file": held.file, "size": held.size, "since": held.since}


@spool.command("drop")
@click.argument("items", nargs=-1, metavar="[FILE|RECIPIENT]...")
@click.option("--all", "everything", is_flag=True, help="Drop all of it.")
@yes_option
@pass_talk
def drop(talk: Talk, items: tuple[str, ...], everything: bool) -> None:
    """Give up mail: some files, all for a recipient, or --all.

    FILE may be given by the beginning of its name. What is dropped here may be taken along again where it still lies.
    """
    kept = Spool(Home.find().root)
    chosen = kept.held() if everything else [each for item in items for each in _named(kept, item)]
    if not chosen and not everything:
        raise NotFound(
            "nothing is named to be dropped", do="name files as 'ledgerpost spool list' shows them, or --all"
        )
    if chosen:
        ask.confirm(talk, f"Drop {count(len(chosen), 'envelope')}, which somebody may be waiting for?")
    with kept.locked():
        for each in dict.fromkeys(chosen):
            kept.drop(each)
            talk.item(kind="envelope", result="dropped", **_row(each))
    talk.say(f"Dropped {count(len(set(chosen)), 'envelope')}.")


def _named(kept: Spool, item: str) -> list[Held]:
    """What a recipient's fingerprint, or the beginning of a file's name, means. Raises NotFound, Mistyped."""
    if item.lower().startswith("lp1"):
        whose = read_fingerprint(item)
        found = [each for each in kept.held() if _is_for(each, whose)]
    else:
        found = [each for each in kept.held() if each.file.startswith(item)]
        if len(found) > 1:
            raise Mistyped(f"{len(found)} files begin so", where=printable(item, 80), do="give more of the name")
    if not found:
        raise NotFound(f"the spool holds no '{printable(item, 80)}'", do="see: ledgerpost spool list")
    return found


def _is_for(held: Held, whose: bytes) -> bool:
    try:
        return read_fingerprint(held.mailbox) == whose
    except Mistyped:
        return False
