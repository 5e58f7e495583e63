"""One picture, looked at in several ways until a reader finds codes in it (carriage, QR: the retry ladder).

Measured over the damages of ``scripts/qr-damage`` (docs/qr.md): blurring takes away the noise that zbar stumbles over,
sharpening undoes a lens out of focus, straightening a camera held askew; another size helps where modules fall between
pixels. Knows pixels and readers; refuses to know files and what texts mean.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Final

from PIL import Image, ImageFilter, ImageOps

from ledgerpost.pictures.scanners import Scanner
from ledgerpost.pictures.straightening import straightened

SCREENFUL: Final = 3_000_000
"""Pixels that a larger picture is first brought down to: a telephone's twelve million read slower, not better."""

IDLE: Final = 6
"""Looks in a row that show no new code, after which a page is taken to have no more."""

_SMOOTH: Final = Image.Resampling.BICUBIC


def _as_is(picture: Image.Image) -> Image.Image:
    return picture


def _blurred(picture: Image.Image) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(1))


def _sharpened(picture: Image.Image) -> Image.Image:
    return picture.filter(ImageFilter.UnsharpMask(2, 200, 0))


def _smaller(picture: Image.Image) -> Image.Image:
    return picture.resize((max(1, picture.width * 7 // 10), max(1, picture.height * 7 // 10)), _SMOOTH)


def _larger(picture: Image.Image) -> Image.Image:
    return picture.resize((picture.width * 3 // 2, picture.height * 3 // 2), _SMOOTH)


def looks(picture: Image.Image) -> Iterator[Image.Image]:
    """Every look at a picture of mode "L", each made when its turn comes: those that help most often first."""
    small = picture
    if picture.width * picture.height > SCREENFUL:
        factor = (SCREENFUL / (picture.width * picture.height)) ** 0.5
        size = max(1, int(picture.width * factor)), max(1, int(picture.height * factor))
        small = picture.resize(size, Image.Resampling.BOX, reducing_gap=2)
    yield from (look(small) for look in (_as_is, _blurred, _sharpened))
    yield from straightened(small)
    yield from (look(small) for look in (_smaller, _larger, ImageOps.invert))  # light on dark, against the standard
    if small is not picture:
        yield from (look(picture) for look in (_as_is, _blurred, _sharpened))


def read(
    picture: Image.Image,
    scanners: Sequence[Scanner],
    *,
    thorough: bool,
    late: Callable[[], bool] = lambda: False,
    most: int | None = None,
) -> list[str]:
    """The different texts in a picture of mode "L".

    Stops at the first look that shows any, unless ``thorough``: then every reader takes every look until ``IDLE`` of
    them have shown nothing new, for pages on which some codes are harder to read than others. ``late`` is asked before
    each look whether to stop. ``most``: of looks, for a camera, which will show the same again in a moment.
    """
    found: dict[str, None] = {}
    idle = 0
    for look in islice(looks(picture), most):
        if late() or (found and idle == IDLE):
            break
        before = len(found)
        for scan in scanners:
            found.update(dict.fromkeys(scan(look)))
            if found and not thorough:
                return list(found)
        idle = 0 if len(found) > before else idle + 1
    return list(found)
