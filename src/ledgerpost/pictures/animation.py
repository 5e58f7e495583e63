"""Many codes shown one after the other: as APNG, as GIF, and as a page without script (Q5).

How dense and how many they are is settled by ``many.for_animation``; here is how fast and how large. Knows modules and
nothing of what they say.
"""

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from io import BytesIO
from typing import Final

from ledgerpost.pictures.code import Code
from ledgerpost.pictures.drawing import QUIET, image, png
from ledgerpost.pictures.many import Many

SPEED: Final = 8.0
"""Codes a second, unless asked otherwise: what a telephone follows."""

SLOWEST, FASTEST = 0.5, 25.0
MODULE: Final = 5
"""Pixels a module, unless asked otherwise."""


def apng(many: Many, speed: float = SPEED, module: int = MODULE) -> bytes:
    """An animated PNG that goes round for ever; what shows no animations shows the first code."""
    return _file("PNG", many.codes, _milliseconds(speed), module)


def gif(many: Many, speed: float = SPEED, module: int = MODULE) -> bytes:
    """An animated GIF that goes round for ever: larger than an APNG, and shown everywhere."""
    return _file("GIF", many.codes, max(20, round(_milliseconds(speed), -1)), module)


def _milliseconds(speed: float) -> int:
    if not SLOWEST <= speed <= FASTEST:
        raise ValueError(f"{speed:g} codes a second; {SLOWEST:g} to {FASTEST:g} can be shown")
    return round(1000 / speed)


def _file(form: str, codes: Sequence[Code], milliseconds: int, module: int) -> bytes:
    first, *others = [image(code, module) for code in codes]
    out = BytesIO()
    first.save(out, form, save_all=True, append_images=others, duration=milliseconds, loop=0)
    return out.getvalue()


def html(many: Many, speed: float = SPEED, title: str = "") -> str:
    """A page that shows the codes in turn, with a choice of three speeds: CSS alone, no script, nothing loaded."""
    count = len(many.codes)
    frames = "".join(
        f'<i style="--n:{number};background-image:url(data:image/png;base64,{_inline(code)})"></i>'
        for number, code in enumerate(many.codes)
    )
    style = _STYLE.format(count=count, shown=100 / count, time=_milliseconds(speed))
    return _PAGE.format(title=escape(title), style=style, frames=frames)


def _inline(code: Code) -> str:
    return b64encode(png(code, module=1, quiet=QUIET)).decode("ascii")


_STYLE: Final = """\
body{{margin:2vmin;font:16px sans-serif;color:#000;background:#fff;text-align:center}}
main{{--t:{time}ms;position:relative;width:88vmin;height:88vmin;margin:1vmin auto}}
#slower:checked~main{{--t:calc({time}ms*2)}}
#faster:checked~main{{--t:calc({time}ms/2)}}
i{{position:absolute;inset:0;visibility:hidden;background-size:100% 100%;image-rendering:pixelated;
animation:turn calc(var(--t)*{count}) step-end calc(var(--t)*var(--n)) infinite}}
@keyframes turn{{0%{{visibility:visible}}{shown:.6f}%{{visibility:hidden}}100%{{visibility:hidden}}}}"""

_PAGE: Final = """\
<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width"><style>
{style}
</style></head><body>
<input type="radio" name="speed" id="slower"><label for="slower">slower</label>
<input type="radio" name="speed" id="even" checked><label for="even">normal</label>
<input type="radio" name="speed" id="faster"><label for="faster">faster</label>
<main>{frames}</main>
</body></html>
"""
