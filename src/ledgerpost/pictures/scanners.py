"""The readers of QR codes, each behind one interface: gray pixels in, texts out.

zbar always; zxing-cpp beside it where it is installed: they fail on different pictures. Both are C and C++ that get to
see hostile pixels, so they run in the reading child (``child``). Knows no files, and refuses to judge texts.
"""

from collections.abc import Callable, Iterator
from ctypes import c_char_p, c_void_p, cast, string_at
from importlib.util import find_spec
from typing import Final

from PIL import Image

Scanner = Callable[[Image.Image], list[str]]
"""Reads a picture of mode "L"; the texts in it, in no order. What is no ASCII text is none of ours, and left out."""

MAX_CHARACTERS: Final = 8000
"""Of one text; a QR code holds 7,089."""


def scanners() -> list[Scanner]:
    """The readers there are, in the order in which to try them; empty if there is none."""
    return [make() for make, needs in ((_zbar, "pyzbar"), (_zxing, "zxingcpp")) if find_spec(needs) and _loads(needs)]


def _loads(needs: str) -> bool:
    if needs != "pyzbar":
        return True
    try:
        import pyzbar.wrapper  # noqa: F401, PLC0415  # finds the shared library libzbar, or raises
    except ImportError:
        return False
    return True


def _text(raw: bytes) -> str | None:
    return raw.decode("ascii") if raw.isascii() and len(raw) <= MAX_CHARACTERS else None


def _zbar() -> Scanner:
    """Like ``pyzbar.decode``, which raises on codes in structured append, and reads other kinds of codes too."""
    from pyzbar import wrapper as zbar  # noqa: PLC0415

    def symbols(image: object) -> Iterator[str | None]:
        symbol = zbar.zbar_image_first_symbol(image)
        while symbol:
            yield _text(string_at(zbar.zbar_symbol_get_data(symbol), zbar.zbar_symbol_get_data_length(symbol)))
            symbol = zbar.zbar_symbol_next(symbol)

    def scan(picture: Image.Image) -> list[str]:
        pixels = picture.tobytes()
        scanner, image = zbar.zbar_image_scanner_create(), zbar.zbar_image_create()
        try:
            zbar.zbar_image_scanner_set_config(scanner, 0, zbar.ZBarConfig.CFG_ENABLE, 0)  # 0: every kind of code
            zbar.zbar_image_scanner_set_config(scanner, zbar.ZBarSymbol.QRCODE, zbar.ZBarConfig.CFG_ENABLE, 1)
            zbar.zbar_image_set_format(image, int.from_bytes(b"Y800", "little"))
            zbar.zbar_image_set_size(image, *picture.size)
            zbar.zbar_image_set_data(image, cast(c_char_p(pixels), c_void_p), len(pixels), None)
            zbar.zbar_scan_image(scanner, image)
            return [text for text in symbols(image) if text]
        finally:
            zbar.zbar_image_destroy(image)
            zbar.zbar_image_scanner_destroy(scanner)

    return scan


def _zxing() -> Scanner:
    import zxingcpp  # noqa: PLC0415

    def scan(picture: Image.Image) -> list[str]:
        pixels = picture.tobytes()  # a name of its own: a view keeps no hold of what it looks at
        view = zxingcpp.ImageView(pixels, picture.width, picture.height, zxingcpp.ImageFormat.Lum)
        found = zxingcpp.read_barcodes(view, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
        return [text for code in found if code.valid and (text := _text(code.bytes))]

    return scan
