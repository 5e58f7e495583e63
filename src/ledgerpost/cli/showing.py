"""How bytes are shown as codes: on the terminal, in a picture file, on a page. What ``picture_options`` asked for.

Decides neither what is shown nor what a page says.
"""

import os
import select
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ledgerpost.carriers.files import write_new
from ledgerpost.cli.items import refuse_existing
from ledgerpost.cli.talk import Talk, Usage
from ledgerpost.errors import OverLimit

if TYPE_CHECKING:
    from ledgerpost.pictures.code import Code
    from ledgerpost.pictures.many import Many
    from ledgerpost.prints.tongue import Tongue

Page = Callable[["Tongue"], str]
"""Makes the HTML of a page in a language."""

_LEAST: Final = 3
"""Version of the smallest code that still has room for a part of a message."""

_ENDINGS: Final = (".png", ".gif", ".svg", ".html")
_PUBLIC: Final = 0o644


def check_outputs(talk: Talk, *, burns: bool = False) -> None:
    """Raise what writing the files asked for would raise, before anything is done that cannot be undone.

    ``burns``: a number is used up before they are written. Else a file that is there is left to who writes it: it may
    be of the same command, cut off.
    """
    if talk.picture is not None and talk.picture.suffix.lower() not in _ENDINGS:
        raise Usage(
            "a picture is a .png, .gif, .svg or .html file", where=str(talk.picture), do="give it such an ending"
        )
    for path in (talk.page, talk.picture):
        if path is not None and burns:
            refuse_existing(path)


def asked(talk: Talk) -> bool:
    """Whether any picture was asked for."""
    return talk.terminal or talk.page is not None or talk.picture is not None


def show_codes(talk: Talk, raw: bytes, page: Page, *, at_once: bool = False) -> None:
    """Show bytes in every way asked for. ``at_once``: on the terminal unasked, if somebody sits there.

    Raises Usage where they are too many for it, and what writing raises.
    """
    try:
        _show(talk, raw, page, at_once)
    except OverLimit as error:  # of the way that was chosen: nothing is wrong with the bytes
        raise Usage(error.what, where=talk.command, do=error.do) from error


def _show(talk: Talk, raw: bytes, page: Page, at_once: bool) -> None:
    if talk.page is not None:
        write_new(talk.page, page(language(talk)).encode())
        talk.say(f"Wrote {talk.page}: open it in a browser, and print it.")
    if talk.picture is not None:
        write_new(talk.picture, picture_file(talk, raw), _PUBLIC)
        talk.say(f"Wrote {talk.picture}: show it, or send it.")
    somebody = sys.stdout.isatty() and not (talk.json or talk.yes or talk.no_input or asked(talk))
    if talk.terminal or (at_once and somebody):
        _on_terminal(talk, raw)


def language(talk: Talk) -> "Tongue":
    """The words for pages: as asked, or those of the computer's language."""
    from ledgerpost.prints.languages import usual
    from ledgerpost.prints.tongue import tongue

    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return tongue(talk.language or usual(locale))


def _density(talk: Talk) -> int:
    from ledgerpost.pictures.code import SCREEN_MOST

    return talk.density or SCREEN_MOST


def _speed(talk: Talk) -> float:
    from ledgerpost.pictures.animation import SPEED

    return talk.speed or SPEED


def _single(talk: Talk, raw: bytes, most: int) -> "Code | None":
    """One code for a screen, if that holds it."""
    from ledgerpost.pictures.code import for_screen

    with suppress(OverLimit):
        return for_screen(_text(talk, raw), most)
    return None


def _text(talk: Talk, raw: bytes) -> str:
    """Of one code, in the coding asked for. Raises OverLimit."""
    from ledgerpost.pictures import bbqr, text, ur
    from ledgerpost.pictures.code import VERSIONS, Level, letters_room

    if talk.coding == "ur":
        return ur.spell(raw)
    if talk.coding is None:
        return text.spell(raw)
    alone, *others = bbqr.spell(raw, letters_room(VERSIONS, Level.M))
    if others:
        raise OverLimit("this takes more than one code")
    return alone


def _several(talk: Talk, raw: bytes, version: int) -> "Many":
    """Codes to be shown in turn, in the coding asked for. Raises OverLimit."""
    from ledgerpost.pictures.many import for_animation, for_bbqr

    if talk.coding == "ur":
        raise OverLimit("this takes several codes, and a UR is written in one", do="choose --coding bbqr, or none")
    return for_animation(raw, version=version) if talk.coding is None else for_bbqr(raw, version=version)


# --- a file ---------------------------------------------------------------------------------------------------


def picture_file(talk: Talk, raw: bytes) -> bytes:
    """The one code, or an animation, in the form that the file's ending names.

    One code may be larger than what is asked for on a screen (a file can be shown at any size), up to version 25.
    """
    from ledgerpost.pictures import drawing
    from ledgerpost.pictures.code import PAPER_MOST

    ending = "" if talk.picture is None else talk.picture.suffix.lower()
    code = _single(talk, raw, talk.density or PAPER_MOST)
    if code is None or ending == ".html":
        return _animation(talk, raw, ending)
    if ending == ".svg":
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{drawing.svg(code, code.side + 2 * drawing.QUIET)}'.encode()
    if ending == ".gif":
        return _as_gif(code)
    return drawing.png(code)


def _as_gif(code: "Code") -> bytes:
    from io import BytesIO

    from ledgerpost.pictures import drawing

    out = BytesIO()
    drawing.image(code).save(out, format="GIF")
    return out.getvalue()


def _animation(talk: Talk, raw: bytes, ending: str) -> bytes:
    from ledgerpost.pictures import animation

    many = _several(talk, raw, _density(talk))
    if ending == ".svg":
        raise OverLimit(
            f"this takes {many.parts} codes or more, and an SVG picture shows one", do="write a .png or .gif"
        )
    if ending == ".html":
        return animation.html(many, _speed(talk), "ledgerpost").encode()
    return (animation.gif if ending == ".gif" else animation.apng)(many, _speed(talk))


# --- a terminal -----------------------------------------------------------------------------------------------


def _on_terminal(talk: Talk, raw: bytes) -> None:
    """One code where it fits, up to version 25; else animated, if there is somebody to end it."""
    from ledgerpost.pictures.code import PAPER_MOST
    from ledgerpost.pictures.drawing import terminal

    live = sys.stdout.isatty() and not talk.json
    size = shutil.get_terminal_size()
    fitting = _fitting(size.columns, size.lines - 1) if live else PAPER_MOST
    code = _single(talk, raw, min(fitting, talk.density or PAPER_MOST))
    if code is not None:
        talk.say(terminal(code).removesuffix("\n"))
    elif live:
        _turn(talk, raw, min(fitting, _density(talk)))
    else:
        raise OverLimit("this takes several codes, and only a terminal shows them in turn", do="write them: --png FILE")


def _fitting(columns: int, lines: int) -> int:
    """The largest version that a terminal of this size shows, its quiet zone included; 0 if none."""
    from ledgerpost.pictures.drawing import QUIET

    side = min(columns, 2 * lines) - 2 * QUIET
    return max(0, (side - 17) // 4)


def _turn(talk: Talk, raw: bytes, version: int) -> None:
    """Show codes in turn until Enter is pressed."""
    if version < _LEAST:
        raise OverLimit("this terminal is too small for codes", do="make it larger, or write them: --png FILE")
    many = _several(talk, raw, version)
    try:
        for screen in cycle(_screens(many.codes)):
            sys.stdout.write(screen)
            sys.stdout.flush()
            if _enter_within(1 / _speed(talk)):
                break
    except KeyboardInterrupt:
        pass
    sys.stdout.write("\x1b[2J\x1b[H")
    sys.stdout.flush()


def _screens(codes: "tuple[Code, ...]") -> Iterator[str]:
    from ledgerpost.pictures.drawing import terminal

    for number, code in enumerate(codes, 1):
        yield f"\x1b[H\x1b[2J{terminal(code)}code {number} of {len(codes)}, any order; end with Enter"


def _enter_within(seconds: float) -> bool:
    """Wait so long; whether a line was typed meanwhile."""
    if not sys.stdin.isatty():
        time.sleep(seconds)
        return False
    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    return bool(ready) and bool(sys.stdin.readline() or True)


def written(talk: Talk) -> dict[str, Path]:
    """For ``--json``: the files that were written."""
    return {name: path for name, path in (("page", talk.page), ("picture", talk.picture)) if path is not None}
