"""What files, pictures and the screen bring to a command: each message in its turn, and what is still missing.

Where messages come from is ``desk.pickup``'s; what they are is the command's.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ledgerpost import envelope
from ledgerpost.carriers.faults import shown
from ledgerpost.carriers.files import write_new
from ledgerpost.carriers.folder import SUFFIX, FolderCarrier
from ledgerpost.cli.items import stands
from ledgerpost.cli.progress import Progress
from ledgerpost.cli.talk import Talk
from ledgerpost.desk.home import Home
from ledgerpost.errors import CutShort, LedgerpostError, NotFound
from ledgerpost.papers.instrument import is_instrument
from ledgerpost.sealed import is_message
from ledgerpost.spelling import spell_fingerprint
from ledgerpost.statement import is_statement
from ledgerpost.terms import Fingerprint

if TYPE_CHECKING:
    from ledgerpost.desk.pickup import Brought, Pickup
    from ledgerpost.pictures.collection import Progress as Unfinished

WATCHED: Final = 60
"""Seconds that screen or camera is watched at most."""

Use = Callable[[str, bytes], None]
"""Takes in one message: where it was found, and its bytes. May raise: the others have their turn all the same."""


def take_in(talk: Talk, names: Sequence[str], use: Use, *, screen: bool = False, camera: bool = False) -> bool:
    """Hand every message in what is named to ``use``; whether any was taken in.

    What is unfinished is kept for the next command, and told. Raises what is wrong if a single thing was named.
    """
    from ledgerpost.desk.pickup import Pickup

    alone = len(names) + screen + camera == 1 and not (names and os.path.isdir(names[0]))
    with Pickup(Home.find().root) as pickup:
        done = [_take(talk, each, use, alone=alone) for each in _all(pickup, names, screen, camera)]
        for unfinished in pickup.unfinished(only_seen=True):
            _tell_unfinished(talk, unfinished)
    return any(done)


def _all(pickup: "Pickup", names: Sequence[str], screen: bool, camera: bool) -> Iterator["Brought"]:
    progress = Progress(0, "files and pictures read")
    for count, each in enumerate(chain.from_iterable(map(pickup.bring, names)), 1):
        progress(count)
        yield each
    progress.close()
    if screen:
        yield pickup.watch_screen(WATCHED)
    if camera:
        yield pickup.watch_camera(WATCHED)


def _take(talk: Talk, brought: "Brought", use: Use, *, alone: bool) -> bool:
    try:
        if brought.error is not None:
            raise brought.error
        for message in brought.messages:
            use(brought.where, message)
        return bool(brought.messages)
    except LedgerpostError as error:
        error.at(brought.where)
        if alone:
            raise
        talk.trouble(error)
        return False


# --- unfinished -----------------------------------------------------------------------------------------------


def _tell_unfinished(talk: Talk, each: "Unfinished") -> None:
    from ledgerpost.desk.pickup import missing

    error: CutShort = missing([each])
    error.do = "photograph the others, and take them: what is here is kept"
    talk.trouble(error)
    _item(talk, each)


def _item(talk: Talk, each: "Unfinished") -> None:
    numbers = [number + 1 for number in each.missing]
    talk.item(kind="unfinished", message=each.message, parts=each.parts, seen=each.seen, missing=numbers)


def list_unfinished(talk: Talk) -> None:
    """Messages of which codes are missing, kept from earlier commands."""
    from ledgerpost.desk.pickup import Pickup, progress_text

    with Pickup(Home.find().root) as pickup:
        for each in pickup.unfinished():
            talk.say(f"{progress_text(each)}.")
            _item(talk, each)
        if not pickup.unfinished():
            raise NotFound("nothing is unfinished", do="name files or pictures: ledgerpost take FILE...")


def forget_unfinished(talk: Talk) -> None:
    """Drop them."""
    from ledgerpost.desk.pickup import Pickup

    with Pickup(Home.find().root) as pickup:
        count = pickup.forget()
    talk.say(f"Dropped what was here of {count} unfinished messages.")
    talk.item(kind="unfinished", dropped=count)


# --- put down as files ----------------------------------------------------------------------------------------


def put_down(talk: Talk, place: Path, where: str, raw: bytes) -> None:
    """A message as a file at ``place``: an envelope for somebody in that one's mailbox, where ``carry`` finds it.

    Raises NotOurs for what is neither an envelope nor a message, and what writing raises.
    """
    recipient = _recipient(raw)
    if recipient is not None:
        name = FolderCarrier(place, envelope.MAX_ENVELOPE).deliver(spell_fingerprint(recipient), raw)
        talk.say(f"{where}   an envelope, {len(raw):,} bytes, put down: {name}")
    else:
        name = _write_once(place, raw)
        talk.say(f"{where}   {len(raw):,} bytes, put down: {name}")
    talk.item(kind="put down", file=place / name, recipient=recipient and spell_fingerprint(recipient), bytes=len(raw))


def _recipient(raw: bytes) -> Fingerprint | None:
    return None if is_instrument(raw) or is_message(raw) or is_statement(raw) else envelope.look(raw).recipient


def _write_once(place: Path, raw: bytes) -> str:
    """Under the name that its bytes give it. Raises NotFound if the place is missing."""
    if not place.is_dir():
        raise NotFound("there is no such folder", where=shown(place), do="make it, or put the stick in")
    path = place / (sha256(raw).hexdigest()[:32] + SUFFIX)
    write_new(path, raw, overwrite=path.exists() and not stands(path, raw))
    return path.name
