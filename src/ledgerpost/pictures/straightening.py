"""Codes photographed from the side, made square again: what zbar cannot read otherwise (docs/qr.md).

A code is a patch where dark and light change everywhere. Its outline, four straight edges however much of them is
light, is found from its outermost dark pixels, and the four-sided patch is drawn onto a square. Pillow alone, some
tens of milliseconds. Knows pixels, and neither codes nor texts.
"""

from collections.abc import Iterator
from math import hypot
from typing import Final

from PIL import Image, ImageChops, ImageFilter

MOST: Final = 12
"""Patches of a picture that are made square: the largest."""

_COARSE: Final = 200
"""Pixels along the longer side of the picture in which patches are looked for."""

_LEAST: Final = 40
"""Coarse pixels of the smallest patch that may be a code: one of 50 by 50 in a screenful."""

_LARGEST: Final = 900
"""Pixels along the side of the square; less for a small patch, half as much again as its longest edge."""
Point = tuple[float, float]
Quad = tuple[Point, Point, Point, Point]


def straightened(picture: Image.Image) -> Iterator[Image.Image]:
    """Each patch that may be a code, the largest first, as a square picture of mode "L"."""
    coarse = _busy(picture)
    dark = _dark(picture)
    for patch in _patches(coarse)[:MOST]:
        shape = Image.new("L", coarse.size)
        shape.putdata([255 * (place in patch) for place in range(coarse.width * coarse.height)])
        here = ImageChops.multiply(dark, shape.filter(ImageFilter.MaxFilter(3)).resize(picture.size))
        quad = _outline(here)
        if quad is not None:
            yield _squared(picture, quad)


# --- patches --------------------------------------------------------------------------------------------------


def _busy(picture: Image.Image) -> Image.Image:
    """A coarse picture, 255 where dark and light change within a few pixels."""
    around = picture.filter(ImageFilter.BoxBlur(max(picture.size) // 60))
    change = ImageChops.difference(picture, around)
    factor = max(picture.size) / _COARSE
    size = max(1, round(picture.width / factor)), max(1, round(picture.height / factor))
    coarse = change.resize(size, Image.Resampling.BOX).filter(ImageFilter.BoxBlur(1))
    _, most = coarse.getextrema()
    bound = float(most) / 2 if isinstance(most, int | float) else 255
    return coarse.point([255 * (value > bound) for value in range(256)])


def _dark(picture: Image.Image) -> Image.Image:
    """255 where a pixel is darker than what is around it."""
    around = picture.filter(ImageFilter.BoxBlur(max(picture.size) // 30))
    darker = ImageChops.subtract(around, picture.filter(ImageFilter.GaussianBlur(1)))
    return darker.point([255 * (value > 24) for value in range(256)])


def _patches(coarse: Image.Image) -> list[set[int]]:
    """Connected busy places, as sets of their offsets, the largest first."""
    left, width = {place for place, value in enumerate(coarse.tobytes()) if value}, coarse.width
    found = []
    while left:
        open_, patch = [left.pop()], set[int]()
        while open_:
            place = open_.pop()
            patch.add(place)
            near = {place - 1, place + 1, place - width, place + width} & left
            left -= near
            open_ += near
        if len(patch) >= _LEAST:
            found.append(patch)
    return sorted(found, key=len, reverse=True)


# --- outlines -------------------------------------------------------------------------------------------------


def _outline(dark: Image.Image) -> Quad | None:
    """The four-sided shape around the dark pixels, or None if they make none."""
    corners = _hull(_ends(dark))
    while len(corners) > 4:
        cut = _least_cut(corners)
        if cut is None:
            return None
        number, corner = cut
        after = (number + 1) % len(corners)
        corners[number] = corner
        del corners[after]
    return (corners[0], corners[1], corners[2], corners[3]) if len(corners) == 4 else None


def _ends(dark: Image.Image) -> list[Point]:
    """The first and the last dark pixel of each row: what is between them is no corner of anything."""
    raw, width = dark.tobytes(), dark.width
    points: list[Point] = []
    for y in range(dark.height):
        row = raw[y * width : (y + 1) * width]
        first = row.find(255)
        if first >= 0:
            last = row.rfind(255) + 1
            points += [(first, y), (first, y + 1), (last, y), (last, y + 1)]
    return points


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _hull(points: list[Point]) -> list[Point]:
    """The convex hull, in order (Andrew's monotone chain)."""
    chains: list[list[Point]] = []
    ordered = sorted(set(points))
    for side in (ordered, ordered[::-1]):
        chain: list[Point] = []
        for point in side:
            while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
                chain.pop()
            chain.append(point)
        chains.append(chain[:-1])
    return chains[0] + chains[1]


def _least_cut(corners: list[Point]) -> tuple[int, Point] | None:
    """Which edge to leave out by lengthening its neighbours till they meet, and where: the one that adds least area."""
    best: tuple[float, int, Point] | None = None
    count = len(corners)
    for number in range(count):
        before, a, b, after = (corners[(number + step) % count] for step in (-1, 0, 1, 2))
        corner = _meeting(before, a, after, b)
        if corner is not None and (best is None or abs(_turn(a, b, corner)) < best[0]):
            best = abs(_turn(a, b, corner)), number, corner
    return None if best is None else best[1:]


def _meeting(a: Point, b: Point, c: Point, d: Point) -> Point | None:
    """Where the line from a through b, beyond b, meets that from c through d, beyond d."""
    ux, uy, vx, vy = b[0] - a[0], b[1] - a[1], d[0] - c[0], d[1] - c[1]
    area = ux * vy - uy * vx
    if not area:
        return None
    far = ((c[0] - a[0]) * vy - (c[1] - a[1]) * vx) / area
    other = ((c[0] - a[0]) * uy - (c[1] - a[1]) * ux) / area
    return (a[0] + far * ux, a[1] + far * uy) if far >= 1 and other >= 1 else None


# --- drawing --------------------------------------------------------------------------------------------------


def _squared(picture: Image.Image, quad: Quad) -> Image.Image:
    """The patch drawn onto a square with a margin (Heckbert's map of the unit square onto four corners)."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = quad
    dx1, dx2, sx = x1 - x2, x3 - x2, x0 - x1 + x2 - x3
    dy1, dy2, sy = y1 - y2, y3 - y2, y0 - y1 + y2 - y3
    area = dx1 * dy2 - dx2 * dy1 or 1
    g, h = (sx * dy2 - dx2 * sy) / area, (dx1 * sy - sx * dy1) / area
    a, b, c = x1 - x0 + g * x1, x3 - x0 + h * x3, x0
    d, e, f = y1 - y0 + g * y1, y3 - y0 + h * y3, y0
    side = _side(quad)
    margin, scale = side // 15, 1 / side
    size = side + 2 * margin
    rows = [(a, b, c), (d, e, f), (g, h, 1.0)]
    moved = [(p * scale, q * scale, r - margin * scale * (p + q)) for p, q, r in rows]
    last = moved[2][2] or 1
    factors = [value / last for row in moved for value in row][:8]
    return picture.transform(
        (size, size), Image.Transform.PERSPECTIVE, factors, Image.Resampling.BICUBIC, fillcolor=255
    )


def _side(quad: Quad) -> int:
    edges = zip(quad, (*quad[1:], quad[0]), strict=True)
    return min(_LARGEST, round(1.5 * max(hypot(b[0] - a[0], b[1] - a[1]) for a, b in edges)) + 15)
