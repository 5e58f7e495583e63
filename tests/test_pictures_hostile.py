"""Pictures made to do harm: each ends as a clear error or as what is in it, and the next one is read all the same."""

import os
import signal
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from random import Random

import pytest
from PIL import Image

from ledgerpost.errors import BadBytes, BadPicture, Lacking, OverLimit
from ledgerpost.pictures import drawing, reading, text
from ledgerpost.pictures.code import Level, for_screen
from ledgerpost.pictures.reading import Reader

RAW = Random(7).randbytes(60)
GOOD = drawing.png(for_screen(text.spell(RAW)), 2)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as it:
        yield it


@pytest.fixture(autouse=True)
def still_reads(reader: Reader) -> Iterator[None]:
    yield
    assert reader.read(GOOD).texts == (text.spell(RAW),), "a bad picture must not keep the next from being read"


def saved(picture: Image.Image, form: str, **options: object) -> bytes:
    out = BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def png(width: int, height: int, *chunks: tuple[bytes, bytes], bits: int = 1) -> bytes:
    head = (b"IHDR", struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in (head, *chunks, (b"IEND", b""))
    )


def zeros(size: int) -> bytes:
    return zlib.compress(bytes(size), 9)


BOMBS = {
    "png of 4 gigapixels": png(65535, 65535, (b"IDAT", zeros(1000))),
    "png of 2^31 squared": png(2**31 - 1, 2**31 - 1, (b"IDAT", zeros(1000))),
    "png of 45 megapixels, real": png(9000, 5000, (b"IDAT", zeros(5000 * 1126))),
    "gif of 4 gigapixels": b"GIF89a"
    + b"\xff" * 4
    + b"\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\xff\xff\xff\xff\0\2\2\x4c\x01\0;",
    "webp of 268 megapixels": saved(Image.new("RGB", (8, 8)), "WEBP", lossless=True, method=0, quality=0).replace(
        struct.pack("<I", 7 | 7 << 14), struct.pack("<I", 16382 | 16382 << 14), 1
    ),  # of one colour: as many bytes whatever its size
    "jpeg of 4 gigapixels": saved(Image.new("L", (8, 8)), "JPEG").replace(b"\0\x08\0\x08", b"\xff\xff\xff\xff", 1),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_bombs_are_told_at_once(reader: Reader, bomb: str) -> None:
    assert len(BOMBS[bomb]) < 100_000
    with pytest.raises(OverLimit, match="too large a picture"):
        reader.read(BOMBS[bomb])


def test_the_largest_picture_is_read() -> None:
    """Within the processor time that a picture may take, whatever else the machine does."""
    with Reader() as patient:
        assert patient.read(png(8000, 4900, (b"IDAT", zeros(4900 * 1001)))).frames == 1


def test_a_file_of_too_many_bytes(reader: Reader) -> None:
    with pytest.raises(OverLimit, match="bytes"):
        reader.read(GOOD + bytes(reading.MAX_FILE))


def test_text_that_unpacks_to_a_gigabyte(reader: Reader) -> None:
    packer = zlib.compressobj(1)
    body = b"k\0\0" + b"".join(packer.compress(bytes(1 << 20)) for _ in range(100)) + packer.flush()
    with pytest.raises(BadPicture):
        reader.read(png(8, 8, (b"zTXt", body), (b"IDAT", zeros(16))))


def test_an_endless_animation_ends() -> None:
    frames = [Image.new("L", (400, 400), number % 256) for number in range(300)]
    for number, frame in enumerate(frames):
        frame.putpixel((number % 400, 0), 255 - number % 256)
    raw = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    with Reader(seconds=1) as impatient:
        sight = impatient.read(raw)
        assert (sight.texts, sight.whole) == ((), False)
        assert 10 < sight.frames < 300
        assert impatient.read(GOOD).texts, "the time is each picture's own"


def test_codes_in_structured_append(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    from pyzbar import pyzbar
    from qrcode import util
    from qrcode.main import QRCode

    class Append:
        """The head of a code that says: the first, or second, of two (ISO/IEC 18004, 8)."""

        mode = 3

        def __init__(self, place: int) -> None:
            self.place = place

        def __len__(self) -> int:
            return self.place << 4 | 1

        def write(self, buffer: util.BitBuffer) -> None:
            buffer.put(0x55, 8)

    plain = util.length_in_bits
    monkeypatch.setattr(util, "length_in_bits", lambda mode, version: 8 if mode == 3 else plain(mode, version))
    page = Image.new("L", (700, 350), 255)
    for place in range(2):
        qr = QRCode(version=3, error_correction=int(Level.M), box_size=6, border=4)
        qr.data_list = [Append(place), util.QRData(b"LPOST:/", mode=util.MODE_ALPHA_NUM), util.QRData(b"001002")]
        qr.make(fit=False)
        page.paste(qr.make_image().get_image().convert("L"), (350 * place, 20))
    with pytest.raises(ValueError, match="not a valid ZBarOrientation"):
        pyzbar.decode(page)
    assert reader.read(saved(page, "PNG"), thorough=True).whole


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP"])
def test_any_damage_is_an_error_or_a_sight(reader: Reader, form: str) -> None:
    chance = Random(form)
    with Image.open(BytesIO(GOOD)) as picture:
        raw = saved(picture.convert("RGB"), form)
    for _ in range(20):
        bad = bytearray(raw)
        for _ in range(chance.choice((1, 3, 20))):
            bad[chance.randrange(len(bad))] = chance.randrange(256)
        try:
            reader.read(bytes(bad[: chance.choice((len(bad), chance.randrange(len(bad))))]))
        except BadBytes as error:
            assert error.what
            assert error.do


def test_a_child_that_dies(reader: Reader) -> None:
    reader.read(GOOD)
    assert reader._child is not None
    reader._child.kill()
    reader._child.wait()
    assert reader.read(GOOD).texts


def test_a_child_that_hangs() -> None:
    with Reader() as slow:
        assert slow.read(GOOD).texts
        assert slow._child is not None
        os.kill(slow._child.pid, signal.SIGSTOP)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(reading, "_patience", lambda seconds: 0.2)
            with pytest.raises(BadPicture, match="memory or time"):
                slow.read(GOOD)
        assert slow.read(GOOD).texts


def test_memory_is_bounded() -> None:
    # Under the bound on pixels; composing on white and reading it takes 600 MB and more.
    raw = saved(Image.new("RGBA", (6300, 6300), (255, 255, 255, 9)), "PNG", compress_level=1)
    hold = "import resource; resource.setrlimit(resource.RLIMIT_AS, (300 << 20, 300 << 20)); "
    with Reader(seconds=2) as free, pytest.MonkeyPatch.context() as patch:
        assert free.read(raw).frames == 1
        patch.setattr(reading, "_BOOT", hold + reading._BOOT)
        with Reader() as bound, pytest.raises(BadPicture, match=r"MemoryError|memory or time"):
            bound.read(raw)


def test_the_child_may_write_no_file_and_reads_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    monkeypatch.setenv("PYTHONSTARTUP", "/nowhere")
    with Reader() as it:
        assert it.read(GOOD).texts
        assert it._child is not None
        with open(f"/proc/{it._child.pid}/limits") as limits:
            bounds = {line[:25].strip(): line[26:47].strip() for line in limits}
    assert bounds["Max file size"] == "0"
    assert bounds["Max core file size"] == "0"
    assert bounds["Max address space"] == str(1 << 30)
    assert bounds["Max cpu time"] != "unlimited"


def test_without_any_reader_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    hide = "import ledgerpost.pictures.scanners as s; s.find_spec = lambda name: None; from ledgerpost"
    boot = reading._BOOT.replace("from ledgerpost", hide)
    monkeypatch.setattr(reading, "_BOOT", boot)
    with Reader() as it, pytest.raises(Lacking, match="no reader") as caught:
        it.read(GOOD)
    assert "libzbar" in caught.value.do
