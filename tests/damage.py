"""What happens to a code between a printer or screen and a camera: made here, the same each time for a seed.

A scene is 1280 by 720 pixels, the code's quiet zone 85 % as high (78 % where it is skewed), light gray around it.
"""

from collections.abc import Callable
from io import BytesIO
from random import Random
from statistics import NormalDist

from PIL import Image, ImageChops, ImageDraw, ImageFilter

SCENE = (1280, 720)
PAPER = 235
Damage = Callable[[Image.Image, Random], Image.Image]
"""Takes a picture of a code with its quiet zone, mode L, any size; gives the scene."""

Point = tuple[float, float]
_NORMAL = [NormalDist().inv_cdf((value + 0.5) / 256) for value in range(256)]


# --- single damages -------------------------------------------------------------------------------------------


def scene(code: Image.Image, share: float = 0.85) -> Image.Image:
    """The code in the middle of a scene."""
    side = round(SCENE[1] * share)
    picture = Image.new("L", SCENE, PAPER)
    picture.paste(code.resize((side, side), Image.Resampling.LANCZOS), ((SCENE[0] - side) // 2, (SCENE[1] - side) // 2))
    return picture


def turned(picture: Image.Image, degrees: float) -> Image.Image:
    return picture.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=PAPER)


def blurred(picture: Image.Image, sigma: float) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(sigma))


def noisy(picture: Image.Image, sigma: float, chance: Random) -> Image.Image:
    levels = bytes(min(255, max(0, round(128 + sigma * z))) for z in _NORMAL)
    noise = Image.frombytes("L", picture.size, chance.randbytes(picture.width * picture.height).translate(levels))
    return ImageChops.add(picture, noise, 1, -128)


def packed(picture: Image.Image, quality: int) -> Image.Image:
    """Through JPEG and back."""
    out = BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return Image.open(BytesIO(out.getvalue())).convert("L")


def skewed(code: Image.Image, share: float, chance: Random) -> Image.Image:
    """The code seen from the side: each corner moved by up to this share of the side, both ways."""
    side = SCENE[1] * 0.78
    left, top = (SCENE[0] - side) / 2, (SCENE[1] - side) / 2
    corners = [(left, top), (left + side, top), (left + side, top + side), (left, top + side)]
    moved = [(x + chance.uniform(-share, share) * side, y + chance.uniform(-share, share) * side) for x, y in corners]
    big = code.resize((round(side), round(side)), Image.Resampling.LANCZOS)
    return _projected(big, moved)


def _projected(picture: Image.Image, quad: list[Point]) -> Image.Image:
    """The picture with its corners put at ``quad``: the map from the unit square to it, inverted for Pillow."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = quad
    dx1, dx2, sx = x1 - x2, x3 - x2, x0 - x1 + x2 - x3
    dy1, dy2, sy = y1 - y2, y3 - y2, y0 - y1 + y2 - y3
    area = dx1 * dy2 - dx2 * dy1
    g, h = (sx * dy2 - dx2 * sy) / area, (dx1 * sy - sx * dy1) / area
    a, b, c = x1 - x0 + g * x1, x3 - x0 + h * x3, x0
    d, e, f = y1 - y0 + g * y1, y3 - y0 + h * y3, y0
    back = (e - f * h, c * h - b, b * f - c * e, f * g - d, a - c * g, c * d - a * f, d * h - e * g, b * g - a * h)
    scale, last = picture.width, a * e - b * d
    factors = [value * scale / last for value in back[:6]] + [value / last for value in back[6:]]
    size, fit = SCENE, Image.Transform.PERSPECTIVE
    inside = Image.new("L", picture.size, 255).transform(size, fit, factors, Image.Resampling.NEAREST, fillcolor=0)
    shown = picture.transform(size, fit, factors, Image.Resampling.BICUBIC, fillcolor=PAPER)
    return Image.composite(shown, Image.new("L", size, PAPER), inside)


def covered(code: Image.Image, share: float, chance: Random) -> Image.Image:
    """A gray square over this share of the area, but not over the finder patterns."""
    picture, side = code.copy(), round(code.width * share**0.5)
    free = code.width - side
    while True:
        x, y = chance.randint(0, free), chance.randint(0, free)
        if not _on_finder(x, y, side, code.width):
            break
    ImageDraw.Draw(picture).rectangle((x, y, x + side, y + side), fill=128)
    return picture


def _on_finder(x: int, y: int, side: int, width: int) -> bool:
    near, far = width * 0.22, width * 0.78
    high, low = y < near, y + side > far
    return (high and (x < near or x + side > far)) or (low and x < near)


def speckled(code: Image.Image, share: float, chance: Random, module: int = 8) -> Image.Image:
    """This share of the modules turned to the other colour, outside the quiet zone."""
    modules = code.width // module
    picture = code.copy()
    for _ in range(round((modules - 8) ** 2 * share)):
        x, y = chance.randrange(4, modules - 4) * module, chance.randrange(4, modules - 4) * module
        box = (x, y, x + module, y + module)
        picture.paste(ImageChops.invert(picture.crop(box)), box)
    return picture


def shaded(picture: Image.Image, dark: float) -> Image.Image:
    """Light from one side: the other keeps this share of it."""
    ramp = Image.linear_gradient("L").rotate(90).resize(picture.size)
    return ImageChops.multiply(picture, ramp.point([round(255 * (dark + (1 - dark) * v / 255)) for v in range(256)]))


def photographed(code: Image.Image, chance: Random) -> Image.Image:
    """By telephone: skewed by 4 %, turned, light from one side, out of focus, noise, JPEG."""
    picture = turned(skewed(code, 0.04, chance), chance.uniform(-8, 8))
    picture = noisy(blurred(shaded(picture, 0.5), chance.uniform(0.5, 1.2)), 6, chance)
    return packed(picture, 60)


# --- the table ------------------------------------------------------------------------------------------------

DAMAGES: dict[str, Damage] = {
    "clean": lambda code, _: scene(code),
    "turned 7°": lambda code, _: turned(scene(code), 7),
    "turned 15°": lambda code, _: turned(scene(code), 15),
    "JPEG 40": lambda code, _: packed(scene(code), 40),
    "perspective 8 %": lambda code, chance: skewed(code, 0.08, chance),
    "blur 1 px": lambda code, _: blurred(scene(code), 1),
    "blur 1.5 px": lambda code, _: blurred(scene(code), 1.5),
    "blur 2 px": lambda code, _: blurred(scene(code), 2),
    "noise 25": lambda code, chance: noisy(scene(code), 25, chance),
    "covered 5 %": lambda code, chance: scene(covered(code, 0.05, chance)),
    "covered 10 %": lambda code, chance: scene(covered(code, 0.10, chance)),
    "speckle 2 %": lambda code, chance: scene(speckled(code, 0.02, chance)),
    "telephone": photographed,
}
