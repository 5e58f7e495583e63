"""Codes drawn and read back: Q5 of docs/spec.md. Every picture here is read by real readers in the real child."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from random import Random

import pytest
from PIL import Image, ImageOps

from damage import DAMAGES, blurred, noisy, packed, scene, turned
from ledgerpost.errors import BadBytes, NotFound, NotOurs, OverLimit
from ledgerpost.pictures import animation, drawing, many, parts, sheet, text
from ledgerpost.pictures.code import Code, Level, encode, for_paper, for_screen, frame_room, room
from ledgerpost.pictures.collection import Collections
from ledgerpost.pictures.parts import Part, Whole
from ledgerpost.pictures.reading import Reader, Sight, pictures_in

RAW = Random(7).randbytes(180)
TEXT = text.spell(RAW)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as it:
        yield it


def saved(picture: Image.Image, form: str = "PNG", **options: object) -> bytes:
    out = BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def gray(code: Code, module: int = 8) -> Image.Image:
    return drawing.image(code, module).convert("L")


def whole(sight: Sight) -> list[bytes]:
    """The whole messages and those that the parts seen give."""
    read = [parts.read(words) for words in sight.texts]
    return [it.raw for it in read if isinstance(it, Whole)] + Collections().take(
        it for it in read if isinstance(it, Part)
    )


# --- choosing -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [1, 5, 9, 10, 17, 26, 27, 40])
@pytest.mark.parametrize("level", Level)
def test_room_is_what_fits_and_no_byte_less(version: int, level: Level) -> None:
    size = room(version, level)
    if size < 1:
        return
    chance = Random(version)
    assert encode(text.spell(chance.randbytes(size)), level, mask=0).version == version
    if size < text.MAX_TEXT_BYTES:
        with pytest.raises(OverLimit):
            encode(text.spell(chance.randbytes(size + 1)), level, most=version, mask=0)


def test_screen_and_paper_choose_level_and_version() -> None:
    chance = Random(1)

    def chosen(choose: Callable[[str], Code], size: int) -> tuple[int, Level]:
        code = choose(text.spell(chance.randbytes(size)))
        return code.version, code.level

    assert chosen(for_screen, room(15, Level.M)) == (15, Level.M)
    assert chosen(for_paper, 200) == (13, Level.Q)
    assert chosen(for_paper, room(20, Level.Q)) == (20, Level.Q)
    assert chosen(for_paper, room(20, Level.Q) + 1)[1] == Level.M
    assert chosen(for_paper, room(25, Level.M)) == (25, Level.M)
    for choose, size in ((for_screen, room(15, Level.M) + 1), (for_paper, room(25, Level.M) + 1)):
        with pytest.raises(OverLimit, match="do not fit a QR code"):
            chosen(choose, size)
    assert for_screen(text.spell(chance.randbytes(900)), most=25).version <= 25


def test_a_cheque_with_its_chequebook_and_a_long_certificate_fit_one_code() -> None:
    assert room(17, Level.M) >= 450, "the size that a cheque with its chequebook may have"
    assert room(22, Level.M) >= 240 + 3 * 100, "a certificate, and three endorsements"


@pytest.mark.parametrize("zeros", [40, 64, 150, 400])
@pytest.mark.parametrize("level", Level)
def test_long_runs_of_zeros(reader: Reader, zeros: int, level: Level) -> None:
    raw = RAW[:20] + bytes(zeros) + RAW[20:30]
    code = encode(text.spell(raw), level)
    assert whole(reader.read(drawing.png(code, 4))) == [raw]
    assert code.version <= 2 + next(v for v in range(1, 41) if room(v, level) >= len(raw))


def test_small_letters_are_no_text_for_a_code() -> None:
    with pytest.raises(ValueError, match="capitals"):
        encode("ur:bytes/aeae", Level.L)


# --- drawing --------------------------------------------------------------------------------------------------


def test_svg_has_the_same_modules() -> None:
    code = for_screen(TEXT)
    drawn = ET.fromstring(drawing.svg(code, 40))
    assert drawn.get("width") == "40mm"
    side = int(drawn.get("viewBox", "").split()[2])
    picture = Image.new("L", (side, side), 255)
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1H\d+z", drawn[1].get("d", "")):
        picture.paste(0, (int(x), int(y), int(x) + int(width), int(y) + 1))
    assert picture.tobytes() == gray(code, 1).tobytes()


def test_terminal_is_black_on_white_and_reads(reader: Reader) -> None:
    code = for_screen(TEXT)
    lines = drawing.terminal(code).splitlines()
    assert all(line.startswith("\x1b[38;5;16;48;5;231m") and line.endswith("\x1b[0m") for line in lines)
    cells = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines]
    assert len({len(line) for line in cells}) == 1
    assert len(cells) == -(-(code.side + 8) // 2)
    picture = Image.new("L", (len(cells[0]), 2 * len(cells)), 255)
    for y, line in enumerate(cells):
        for x, cell in enumerate(line):
            picture.putpixel((x, 2 * y), 0 if cell in "▀█" else 255)
            picture.putpixel((x, 2 * y + 1), 0 if cell in "▄█" else 255)
    big = picture.resize((picture.width * 6, picture.height * 6), Image.Resampling.NEAREST)
    assert whole(reader.read(saved(big))) == [RAW]


# --- reading --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "mode"),
    [
        *(("PNG", mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")),
        *(("JPEG", mode) for mode in ("L", "RGB", "CMYK")),
        *(("WEBP", mode) for mode in ("RGB", "RGBA")),
        ("GIF", "L"),
    ],
)
def test_every_format(reader: Reader, form: str, mode: str) -> None:
    picture = gray(for_screen(TEXT))
    if mode == "I;16":
        picture = Image.frombytes(mode, picture.size, b"".join(bytes([v, v]) for v in picture.tobytes()))
    else:
        picture = picture.convert(mode)
    assert whole(reader.read(saved(picture, form))) == [RAW]


def test_transparent_is_white(reader: Reader) -> None:
    light = ImageOps.invert(gray(for_screen(TEXT)))
    picture = Image.new("RGBA", light.size, (0, 0, 0, 0))
    picture.putalpha(light)
    assert whole(reader.read(saved(picture))) == [RAW]


@pytest.mark.parametrize("damage", sorted(set(DAMAGES) - {"perspective 8 %", "telephone", "speckle 2 %"}))
def test_damaged_pictures(reader: Reader, damage: str) -> None:
    picture = DAMAGES[damage](gray(for_paper(TEXT)), Random(1))
    assert whole(reader.read(saved(picture))) == [RAW]


@pytest.mark.parametrize("degrees", [33, 90, 135, 180, 270, 301])
def test_at_any_turn(reader: Reader, degrees: int) -> None:
    picture = turned(scene(gray(for_screen(TEXT)), 0.6), degrees)
    assert whole(reader.read(saved(picture, "JPEG"))) == [RAW]


@pytest.mark.parametrize(
    "spoil",
    [
        ImageOps.invert,
        ImageOps.mirror,
        lambda p: ImageOps.expand(p, 400, 60),
        lambda p: p.resize((p.width // 4, p.height // 4), Image.Resampling.BOX),
        lambda p: Image.blend(p, Image.new("L", p.size, 128), 0.7),
    ],
    ids=["light on dark", "mirrored", "small on dark", "two pixels a module", "little contrast"],
)
def test_screenshots(reader: Reader, spoil: Callable[[Image.Image], Image.Image]) -> None:
    assert whole(reader.read(saved(spoil(gray(for_screen(TEXT)))))) == [RAW]


def test_a_large_photograph(reader: Reader) -> None:
    picture = Image.new("L", (4000, 3000), 200)
    picture.paste(gray(for_paper(TEXT)).resize((1500, 1500)), (1200, 700))
    raw = saved(noisy(blurred(picture, 3), 20, Random(2)), "JPEG", quality=70)
    assert whole(reader.read(raw)) == [RAW]


def test_many_codes_in_one_picture(reader: Reader) -> None:
    message = Random(3).randbytes(1000)
    codes = many.for_pages(message, version=10, spare=2)
    (page,) = sheet.pages(codes.codes, 180, 280)
    picture = Image.new("L", (180 * 6, 280 * 6), 255)
    for place in page.places:
        side = round(page.side_mm * 6)
        picture.paste(gray(place.code, 4).resize((side, side)), (round(place.left_mm * 6), round(place.top_mm * 6)))
    raw = saved(packed(noisy(blurred(turned(picture, 1.5), 1), 12, Random(3)), 60))
    assert whole(reader.read(raw, thorough=True)) == [message]


def test_a_torn_page_is_made_good() -> None:
    message = Random(3).randbytes(3000)
    codes = many.for_pages(message, version=20)
    assert len(codes.codes) == codes.parts + -(-codes.parts // 4)
    left = [it for code in codes.codes[2:] if isinstance(it := parts.read(code.text), Part)]
    assert Collections().take(left) == [message]


def test_pages_hold_every_code_inside() -> None:
    codes = many.for_pages(Random(3).randbytes(1500), version=8).codes
    pages = sheet.pages(codes, 120, 150)
    assert [place.number for page in pages for place in page.places] == list(range(len(codes)))
    for page in pages:
        for place in page.places:
            assert 0 <= place.left_mm <= 120 - page.side_mm
            assert 0 <= place.top_mm <= 150 - page.side_mm - 5
    with pytest.raises(OverLimit, match="does not fit"):
        sheet.pages(codes, 30, 250)


@pytest.mark.parametrize("draw", [animation.apng, animation.gif])
def test_animations(reader: Reader, draw: Callable[[many.Many, float, int], bytes]) -> None:
    message = Random(4).randbytes(2500)
    codes = many.for_animation(message, version=10)
    assert len(codes.codes) == 2 * codes.parts
    raw = draw(codes, 10, 3)
    with Image.open(BytesIO(raw)) as picture:
        assert (getattr(picture, "n_frames", 1), picture.info["loop"]) == (len(codes.codes), 0)
        assert picture.info["duration"] == 100
    sight = reader.read(raw)
    assert set(sight.texts) == {code.text for code in codes.codes}
    assert (sight.frames, sight.whole, whole(sight)) == (len(codes.codes), True, [message])


def test_an_animation_as_a_page_has_no_script_and_every_code(reader: Reader) -> None:
    import base64

    codes = many.for_animation(RAW * 3, version=8, spare=1)
    page = animation.html(codes, 4, "<Post & co>")
    assert "<script" not in page
    assert "&lt;Post &amp; co&gt;" in page
    assert "250ms" in page
    pictures = re.findall(r"data:image/png;base64,([A-Za-z0-9+/=]+)", page)
    shown = [Image.open(BytesIO(base64.b64decode(it))).convert("L") for it in pictures]
    assert [it.tobytes() for it in shown] == [gray(code, 1).tobytes() for code in codes.codes]


def test_an_animation_that_is_cut_short_gives_what_it_has(reader: Reader) -> None:
    codes = many.for_animation(RAW * 10, version=8)
    raw = animation.apng(codes, module=3)
    sight = reader.read(raw[: len(raw) * 2 // 3])
    assert not sight.whole
    assert 0 < len(sight.texts) < len(codes.codes)


def test_speed_has_bounds() -> None:
    codes = many.for_animation(RAW, spare=0)
    for speed in (0, 26):
        with pytest.raises(ValueError, match="codes a second"):
            animation.apng(codes, speed)


def test_density_has_bounds() -> None:
    assert frame_room(2, Level.L) < 15
    with pytest.raises(OverLimit, match="has no room"):
        many.for_animation(RAW, version=1)
    with pytest.raises(OverLimit):
        many.for_animation(bytes(200_000), version=5)


def test_camera_pixels(reader: Reader) -> None:
    picture = scene(gray(for_screen(TEXT)))
    assert whole(reader.read_gray(picture.tobytes(), *picture.size)) == [RAW]
    with pytest.raises(ValueError, match="are no"):
        reader.read_gray(b"123", 2, 2)


# --- files ----------------------------------------------------------------------------------------------------


def test_folders_and_files(reader: Reader, tmp_path: Path) -> None:
    (tmp_path / "b.jpg").write_bytes(drawing.png(for_screen(TEXT)))
    (tmp_path / "a.png").write_bytes(drawing.png(for_screen(TEXT)))
    (tmp_path / "note.txt").write_text("hello")
    (tmp_path / "inner").mkdir()
    (tmp_path / "link.png").symlink_to(tmp_path / "a.png")
    assert [path.name for path in pictures_in(tmp_path)] == ["a.png", "b.jpg"]
    assert whole(reader.read_file(tmp_path / "b.jpg")) == [RAW]
    assert whole(reader.read_file(tmp_path / "link.png")) == [RAW], "a path that was named may be a link"
    with pytest.raises(NotFound):
        list(pictures_in(tmp_path / "gone"))
    with pytest.raises(NotOurs) as caught:
        reader.read_file(*pictures_in(tmp_path / "note.txt"))
    assert "note.txt" in caught.value.where


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (b"%PDF-1.7", "PDF"),
        (b"\0\0\0\x18ftypheic", "HEIC"),
        (b"II*\0", "TIFF"),
        (b"BM123", "BMP"),
        (b"<svg xmlns", "SVG"),
        (b"<!DOCTYPE html>", "page"),
        (b"RIFF1234WAVE", "no picture"),
        (b"", "no picture"),
    ],
)
def test_what_is_no_picture_is_told_by_name(reader: Reader, raw: bytes, word: str) -> None:
    with pytest.raises(NotOurs, match=word) as caught:
        reader.read(raw)
    assert caught.value.do


def test_foreign_codes_are_texts_like_any(reader: Reader) -> None:
    sight = reader.read(drawing.png(encode("HTTPS://EXAMPLE.ORG", Level.M)))
    assert sight.texts == ("HTTPS://EXAMPLE.ORG",)
    with pytest.raises(BadBytes):
        parts.read(sight.texts[0])


def test_a_picture_without_codes(reader: Reader) -> None:
    assert reader.read(saved(Image.new("L", (300, 300), 255))) == Sight((), 1, True)


# --- bytes equal ----------------------------------------------------------------------------------------------


def lengths() -> Iterator[bytes]:
    """Contents of many lengths up to 3 kB, every other one with a long run of zeros; scripts/qr-equal has them all."""
    chance = Random(11)
    for size in [1, 2, 6, 7, 8, 250, 1111, 3000]:
        raw = chance.randbytes(size)
        run = chance.randint(size // 3, size)
        yield raw
        yield raw[: (size - run) // 2] + bytes(run) + raw[(size - run) // 2 + run :]


def test_bytes_arrive_the_same_by_one_code_by_animation_and_by_page(reader: Reader) -> None:
    for raw in lengths():
        if len(raw) <= room(30, Level.M):
            assert whole(reader.read(drawing.png(encode(text.spell(raw), Level.M), 3))) == [raw]
        for codes in (many.for_animation(raw, version=25, spare=1), many.for_pages(raw, version=18, spare=0)):
            sight = reader.read(animation.apng(codes, module=3))
            assert whole(sight) == [raw]
