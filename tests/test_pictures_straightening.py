"""Codes photographed from the side, read by zbar alone, which does not read them as they are."""

from random import Random

import pytest
from PIL import Image, ImageDraw

from damage import PAPER, SCENE, photographed, skewed
from ledgerpost.pictures import drawing, ladder, text
from ledgerpost.pictures.code import Level, encode
from ledgerpost.pictures.scanners import scanners
from ledgerpost.pictures.straightening import MOST, straightened

ZBAR = scanners()[:1]


def code(version: int, seed: int) -> tuple[str, Image.Image]:
    words = text.spell(Random(seed).randbytes(8 * version))
    drawn = encode(words, Level.M, least=version, most=version, mask=2)
    return words, drawing.image(drawn).convert("L")


@pytest.mark.parametrize("version", [5, 12, 20, 28])
@pytest.mark.parametrize("seed", range(3))
def test_askew(version: int, seed: int) -> None:
    words, picture = code(version, seed)
    for scene in (skewed(picture, 0.10, Random(seed)), photographed(picture, Random(seed))):
        assert ladder.read(scene, ZBAR, thorough=False) == [words]


def test_zbar_needs_it() -> None:
    read = sum(ZBAR[0](skewed(code(28, seed)[1], 0.10, Random(seed))) == [code(28, seed)[0]] for seed in range(6))
    assert read < 6


def printed(pictures: list[Image.Image]) -> Image.Image:
    """A sheet with codes side by side, a line of words close to each, and a frame around all."""
    side = 420
    sheet = Image.new("L", (side * len(pictures) + 160, side + 260), 255)
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((8, 8, sheet.width - 9, sheet.height - 9), outline=0, width=3)
    for number, picture in enumerate(pictures):
        left = 60 + number * (side + 40)
        sheet.paste(picture.resize((side, side), Image.Resampling.LANCZOS), (left, 120))
        pen.text((left + 20, 70), "Pay to the order of whoever holds this 1,250.00", fill=0, font_size=20)
        pen.text((left + 20, 125 + side), "only the code counts: anyone can print words", fill=0, font_size=20)
    return sheet


@pytest.mark.parametrize("seed", range(3))
def test_on_a_page_with_words_and_a_frame(seed: int) -> None:
    codes = [code(17, seed), code(17, seed + 10)]
    sheet = printed([picture for _, picture in codes])
    square = Image.new("L", (sheet.width, sheet.width), 255)
    square.paste(sheet, (0, (sheet.width - sheet.height) // 2))
    scene = Image.new("L", SCENE, PAPER)
    scene.paste(skewed(square, 0.06, Random(seed)))
    big = scene.resize((SCENE[0] * 2, SCENE[1] * 2), Image.Resampling.BICUBIC)
    assert set(ladder.read(big, ZBAR, thorough=True)) == {words for words, _ in codes}


@pytest.mark.parametrize(
    "picture",
    [
        Image.new("L", (640, 480), 0),
        Image.new("L", (1, 1), 255),
        Image.new("L", (3, 2000), 255),
        Image.frombytes("L", (300, 300), Random(1).randbytes(90_000)),
        Image.linear_gradient("L"),
        Image.frombytes("L", (8, 8), bytes(32) + b"\xff" * 32).resize((800, 800), Image.Resampling.NEAREST),
    ],
    ids=["black", "one pixel", "a line", "noise", "ramp", "an edge"],
)
def test_what_holds_no_code(picture: Image.Image) -> None:
    assert len(list(straightened(picture))) <= MOST
    assert ladder.read(picture, ZBAR, thorough=False) == []


def test_any_shapes_at_all() -> None:
    chance = Random(5)
    for _ in range(4):
        picture = Image.new("L", (320, 240), 255)
        pen = ImageDraw.Draw(picture)
        for _ in range(chance.randint(1, 60)):
            corners = [(chance.randrange(320), chance.randrange(240)) for _ in range(chance.randint(2, 6))]
            pen.polygon(corners, fill=chance.randrange(256))
        assert len(list(straightened(picture))) <= MOST
