"""Faults of what stands in codes: in one of ours, in one of many, and in two other tools' codings."""

import zlib
from base64 import b32encode
from collections.abc import Iterator

import cbor2

from ledgerpost.pictures import bytewords, frame, text, ur
from ledgerpost.pictures.fountain import fountain
from ledgerpost.pictures.text import Kind
from samplemaker.malformed.sheet import Group

Row = tuple[str, str, str, str, str]
MESSAGE = bytes(range(60))


def codes() -> Iterator[Group]:
    """A group for each coding."""
    whole = text.spell(MESSAGE)
    yield filled("code", "text", whole, _codes(whole))
    part = text.spell(_frame(), Kind.PART)
    yield filled("code-part", "text", part, _parts())
    yield filled("ur", "text", ur.spell(b"abc"), _urs())
    yield filled("ur-part", "text", _ur_part(), _ur_parts())
    yield filled("bbqr", "text", _bbqr(MESSAGE), _bbqrs())
    yield filled("bbqr-many", "texts", "\n".join(_three()), _manys())


def filled(name: str, reader: str, good: str, rows: Iterator[Row]) -> Group:
    """A group of texts."""
    group = Group(name, reader, good.encode())
    for slug, words, error, says, what in rows:
        group.put(slug, words.encode(), error, says, what)
    return group


# --- LPOST


def _codes(good: str) -> Iterator[Row]:
    head, digits = good[:7], good[7:]
    ours, cut = ("not-ledgerpost", ""), ("cut-short", "digits are missing")
    yield "empty", "", *ours, "no text at all"
    yield "scheme-other", "HTTPS://" + digits, *ours, "another scheme"
    yield "scheme-short", "LPOS:/" + digits, *ours, "a letter of the scheme is missing"
    yield "scheme-none", digits, *ours, "digits alone"
    yield "no-slash", "LPOST:" + digits, *ours, "no slash behind the scheme"
    yield "three-slashes", "LPOST:///" + digits, *ours, "three slashes behind the scheme"
    yield "path", "LPOST:/Q/" + digits, *ours, "another letter than P behind the scheme"
    yield "letter", head + digits[:20] + "O" + digits[21:], *ours, "the letter O for a zero"
    yield "sign", head + "-" + digits[1:], *ours, "a sign before the digits"
    yield "point", head + digits[:20] + "." + digits[21:], *ours, "a point among the digits"
    yield "arabic", head + digits[:20] + "\u0663" + digits[21:], *ours, "a digit of another script"
    yield "fragment", good + "#x", *ours, "a fragment behind the digits"
    yield "query", good + "?x=1", *ours, "a query behind the digits"
    yield "no-digits", head, "cut-short", "no digits follow", "no digits"
    for count in (1, 2, 4, 6):
        yield f"digits-{count}", head + digits[:count], *cut, f"{count} digits, which no bytes are spelt as"
    for short in (1, 4):
        yield f"cut-{short}", good[:-short], *cut, f"the last digits are missing: {short}"
    yield "more-1", good + "0", *cut, "a digit too many"
    full = ("not-deterministic", "stand for no bytes")
    yield "group-large", head + "9" * 17, *full, "a group of 17 digits beyond seven bytes"
    yield "group-limit", head + f"{2**56:017}", *full, "2^56 in 17 digits"
    for size, count in ((1, 3), (2, 5), (3, 8), (4, 10), (5, 13), (6, 15)):
        yield f"rest-{size}", head + f"{256**size:0{count}}", *full, f"256^{size} in {count} digits"


def _frame(**changes: bytes) -> bytes:
    good = frame.pack(fountain(MESSAGE, 20).frame(1))
    parts = {
        "version": good[:1],
        "digest": good[1:9],
        "parts": good[9:11],
        "length": good[11:14],
        "number": good[14:17],
    }
    return b"".join({**parts, "data": good[17:], **changes}.values())


def _parts() -> Iterator[Row]:
    def spelt(raw: bytes) -> str:
        return text.spell(raw, Kind.PART)

    good = _frame()
    large, shape = ("over-limit", "at most 2097152 in 1024"), ("wrong-shape", "no message of")
    for version in (0, 2, 255):
        yield (
            f"version-{version}",
            spelt(_frame(version=bytes([version]))),
            "unknown-type",
            "does not read",
            f"version {version}",
        )
    yield "parts-none", spelt(_frame(parts=bytes(2))), *shape, "no parts"
    yield "parts-many", spelt(_frame(parts=b"\x04\x01")), *large, "1,025 parts"
    yield "parts-most", spelt(_frame(parts=b"\xff\xff")), *large, "65,535 parts"
    yield "parts-beyond", spelt(_frame(parts=b"\x00\x3d")), *shape, "more parts than bytes"
    yield "parts-empty", spelt(_frame(parts=b"\x00\x1f")), *shape, "parts of which the last would be empty"
    yield "length-none", spelt(_frame(length=bytes(3))), *shape, "a message of no bytes"
    yield "length-large", spelt(_frame(length=b"\x20\x00\x01")), *large, "a message of 2 MiB and a byte"
    yield "length-most", spelt(_frame(length=b"\xff\xff\xff")), *large, "a message of 2^24-1 bytes"
    yield (
        "length-other",
        spelt(_frame(length=b"\x00\x00\x40")),
        "cut-short",
        "its head says",
        "a longer message in its head",
    )
    yield (
        "length-less",
        spelt(_frame(length=b"\x00\x00\x30")),
        "trailing-bytes",
        "its head says",
        "a shorter message in its head",
    )
    yield "data-none", spelt(good[:17]), "cut-short", "ends in its head", "a head and no data"
    yield "data-short", spelt(good[:-1]), "cut-short", "its head says", "the last byte is missing"
    yield "data-long", spelt(good + b"\0"), "trailing-bytes", "its head says", "a byte follows the end"
    for size in (1, 5, 10, 16):
        yield f"head-{size}", spelt(good[:size]), "cut-short", "ends in its head", f"only the first {size} bytes"
    yield "no-digits", "LPOST:/P/", "cut-short", "no digits follow", "no digits"
    yield "twice", "LPOST:/P/P/" + spelt(good)[9:], "not-ledgerpost", "other than the digits", "P twice"


# --- UR


def _urs() -> Iterator[Row]:
    good = ur.spell(b"abc")
    no, bad = ("not-ledgerpost", ""), ("bad-bytes", "check does not match")

    def made(type_: str, body: bytes) -> str:
        return f"UR:{type_}/{bytewords.spell(body)}".upper()

    yield "type-other", made("crypto-seed", b"\x43abc"), *no, "a type that holds no message"
    yield "type-none", "UR:/AEAEAEAEAE", *no, "no type"
    yield "no-body", "UR:BYTES/", *no, "no body"
    yield "digits", "UR:BYTES/123456", *no, "digits for a body"
    yield "words-none", "UR:BYTES/QQQQQQQQQQ", *no, "letters that are no bytewords"
    yield "half-word", good[:-1], "cut-short", "letters are missing", "the last letter is missing"
    yield "short", "UR:BYTES/AEAEAEAE", "cut-short", "letters are missing", "too few letters for a check"
    yield "word-missing", good[:-2], *bad, "the last word is missing"
    yield "word-swapped", good[:9] + good[11:13] + good[9:11] + good[13:], *bad, "two words swapped"
    yield "word-other", good[:9] + ("AE" if good[9:11] != "AE" else "AD") + good[11:], *bad, "another first word"
    shape = ("wrong-shape", "")
    yield "text", made("bytes", b"\x63abc"), *shape, "a text for the bytes"
    yield "array", made("bytes", b"\x81\x41a"), *shape, "an array for the bytes"
    yield "wide", made("bytes", b"\x58\x03abc"), *shape, "a length of 3 in two bytes"
    yield "endless", made("bytes", b"\x5f\x41a\xff"), *shape, "bytes of indefinite length"
    yield "huge", made("bytes", b"\x5b" + b"\x7f" * 8), *shape, "bytes with a length of 64 bits"
    yield "announced", made("bytes", b"\x45abc"), "cut-short", "ends too early", "five bytes announced, three there"
    yield (
        "announced-large",
        made("bytes", b"\x5a\xff\xff\xff\xffabc"),
        "cut-short",
        "ends too early",
        "4 GiB announced, three bytes there",
    )
    yield "head-cut", made("bytes", b"\x59\x00"), *shape, "a length that is cut short"
    yield "trailing", made("bytes", b"\x43abc\x00"), "trailing-bytes", "follow the end", "a byte follows the end"
    yield "part-forms", good.replace("BYTES/", "BYTES/1-2/"), *shape, "a whole message that says it is part 1 of 2"


def _ur_body(
    number: int = 1, parts: int = 3, length: int = 60, check: int | None = None, data: bytes = MESSAGE[:20]
) -> bytes:
    return cbor2.dumps([number, parts, length, zlib.crc32(MESSAGE) if check is None else check, data])


def _ur_part(body: bytes | None = None, said: str = "1-3") -> str:
    return f"UR:BYTES/{said}/{bytewords.spell(body if body is not None else _ur_body())}".upper()


def _ur_parts() -> Iterator[Row]:
    hold, shape = ("wrong-shape", "do not hold together"), ("wrong-shape", "")
    large = ("over-limit", "are taken")
    yield "said-number", _ur_part(said="2-3"), "wrong-shape", "another than its text", "its text says part 2"
    yield "said-parts", _ur_part(said="1-4"), "wrong-shape", "another than its text", "its text says 4 parts"
    yield "said-zero", _ur_part(said="0-3"), "wrong-shape", "another than its text", "its text says part 0"
    yield "number-zero", _ur_part(_ur_body(number=0), "0-3"), *hold, "part 0"
    yield "parts-zero", _ur_part(_ur_body(parts=0), "1-0"), *hold, "of no parts"
    yield "length-zero", _ur_part(_ur_body(length=0)), *hold, "of no bytes"
    yield "data-short", _ur_part(_ur_body(data=MESSAGE[:19])), *hold, "less data than the message takes"
    yield "data-none", _ur_part(_ur_body(data=b"")), *hold, "no data"
    yield "parts-many", _ur_part(_ur_body(parts=1025), "1-1025"), *large, "1,025 parts"
    yield "length-large", _ur_part(_ur_body(length=2**21 + 1)), *large, "a message of 2 MiB and a byte"
    yield "number-wide", _ur_part(b"\x85\x18\x01" + _ur_body()[2:]), *shape, "its number in two bytes"
    yield "check-wide", _ur_part(_ur_body(check=2**32)), *shape, "a check of 33 bits"
    yield "number-negative", _ur_part(b"\x85\x20" + _ur_body()[2:]), *shape, "its number below zero"
    yield "array-of-four", _ur_part(b"\x84" + _ur_body()[1:]), *shape, "an array of four"
    yield "array-of-six", _ur_part(b"\x86" + _ur_body()[1:] + b"\x00"), *shape, "an array of six"
    yield "empty-array", _ur_part(b"\x80"), *shape, "an empty array"
    yield "trailing", _ur_part(_ur_body() + b"\x00"), "trailing-bytes", "follow the end", "a byte follows the end"
    yield "cut", _ur_part(_ur_body()[:-1]), "cut-short", "ends too early", "the last byte is missing"
    yield "cut-head", _ur_part(_ur_body()[:3]), "cut-short", "ends too early", "three bytes alone"
    yield "seq-text", _ur_part(said="1-X"), "not-ledgerpost", "", "a letter for the number of parts"


# --- BBQr


def _bbqr(raw: bytes, head: str = "B$2C0100") -> str:
    return head + b32encode(raw).decode().rstrip("=")


def _deflated(raw: bytes, window: int = -10) -> bytes:
    packer = zlib.compressobj(level=9, wbits=window)
    return packer.compress(raw) + packer.flush()


def _bbqrs() -> Iterator[Row]:
    no, shape = ("not-ledgerpost", ""), ("wrong-shape", "does not read")
    for type_ in "PTJU":
        yield f"type-{type_}", _bbqr(MESSAGE, f"B$2{type_}0100"), *no, f"a file of type {type_}"
    yield "encoding", _bbqr(MESSAGE, "B$XC0100"), *no, "an encoding that is none"
    yield "head-short", "B$2C01", *no, "a head that is cut short"
    yield "sign", _bbqr(MESSAGE)[:-1] + "-", *no, "a sign among the letters"
    yield "number-beyond", _bbqr(MESSAGE, "B$2C0101"), "wrong-shape", "code 2 of 1", "code 2 of 1"
    yield "parts-none", _bbqr(MESSAGE, "B$2C0000"), "wrong-shape", "code 1 of 0", "of no codes"
    yield "number-far", _bbqr(MESSAGE, "B$2C02ZZ"), "wrong-shape", "of 2 in a BBQr", "code 1,296 of 2"
    yield "base32-digit", "B$2C0100AAAAAAA1", *shape, "a digit that Base32 has not"
    yield "base32-length", "B$2C0100A", *shape, "a letter that makes no byte"
    yield "hex-odd", "B$HC0100ABC", *shape, "an odd number of hexadecimal digits"
    yield "hex-letter", "B$HC0100GG", *shape, "a letter that is no hexadecimal digit"
    packed = _deflated(MESSAGE * 4)
    half, unpack = ("cut-short", "half a message"), ("wrong-shape", "does not unpack")
    yield "deflate-cut", _bbqr(packed[:-4], "B$ZC0100"), *half, "packed bytes that are cut short"
    yield "deflate-trailing", _bbqr(packed + b"\0", "B$ZC0100"), *half, "a byte follows the packed ones"
    yield "deflate-none", _bbqr(b"", "B$ZC0100"), *half, "no packed bytes"
    yield "deflate-reserved", _bbqr(b"\x07", "B$ZC0100"), *unpack, "a reserved kind of block"
    yield (
        "deflate-stored",
        _bbqr(b"\x01\x05\x00\x05\x00hello", "B$ZC0100"),
        *unpack,
        "a stored block whose lengths differ",
    )
    yield (
        "deflate-zlib",
        _bbqr(zlib.compress(MESSAGE), "B$ZC0100"),
        *unpack,
        "packed with a head, where a bare one belongs",
    )
    bomb = _deflated(bytes(2**21 + 1), -15)
    yield "deflate-bomb", _bbqr(bomb, "B$ZC0100"), "over-limit", "more than 2097152", "2 MiB and a byte, packed small"


def _three() -> list[str]:
    return [_bbqr(MESSAGE[at * 20 : at * 20 + 20], f"B$2C030{at}") for at in range(3)]


def _manys() -> Iterator[Row]:
    one, two, three = _three()
    yield (
        "length-differs",
        "\n".join((one, two[:-8], three)),
        "wrong-shape",
        "not of one length",
        "a code in the middle that is shorter",
    )
    yield (
        "last-longer",
        "\n".join((one, two, three + "AAAAAAAA")),
        "wrong-shape",
        "not of one length",
        "a last code that is longer",
    )
    yield (
        "one-bad",
        "\n".join((one, two[:-1] + "1", three)),
        "wrong-shape",
        "does not read",
        "a digit that Base32 has not, in one",
    )
