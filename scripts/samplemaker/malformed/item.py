"""Faults of form: single CBOR items (S3). What RFC 8949 calls well-formed and more is refused, and the malformed."""

from collections.abc import Iterator

from ledgerpost import cbor
from samplemaker.malformed.sheet import Group

Form = tuple[str, str, str, str, str]
"""Slug, hexadecimal, error, its words, fault."""

NOT_DETERMINISTIC = ("not-deterministic", "deterministic form")
INDEFINITE = ("indefinite-length", "indefinite length")
NO_CBOR = ("wrong-shape", "no valid CBOR")
SHORT = ("cut-short", "end before")
DUPLICATE = ("duplicate-key", "one key twice")
DEEP = ("over-limit", "containers within one another")
TRAILING = ("trailing-bytes", "follow the end")


def item() -> Group:
    """Single items: what RFC 8949 calls well-formed and more is refused, and what it calls malformed."""
    group = Group("item", "item", cbor.encode((1, "a", True, {1: 2, 3: (None, False)})))
    for slug, raw, error, says, what in _items():
        group.put(slug, bytes.fromhex(raw), error, says, what)
    return group


def _items() -> Iterator[Form]:
    yield "empty", "", *SHORT, "no bytes at all"
    for width, head, most in ((1, "18", 23), (2, "19", 255), (4, "1a", 65535), (8, "1b", 2**32 - 1)):
        yield (
            f"uint-{width}",
            head + most.to_bytes(width, "big").hex(),
            *NOT_DETERMINISTIC,
            f"{most} in {width} + 1 bytes",
        )
        negative = f"{int(head, 16) + 0x20:02x}" + most.to_bytes(width, "big").hex()
        yield f"negative-{width}", negative, *NOT_DETERMINISTIC, f"-{most + 1} in {width} + 1 bytes"
        yield f"uint-short-{width}", head + "00" * (width - 1), *SHORT, f"a number of {width} bytes, one missing"
    for name, major in (("bytes", 2), ("text", 3), ("array", 4), ("map", 5)):
        first = major << 5
        body = {2: "61", 3: "61", 4: "01", 5: "0102"}[major]
        for width, info in ((1, 24), (2, 25), (4, 26), (8, 27)):
            head = f"{first + info:02x}" + (1).to_bytes(width, "big").hex()
            yield (
                f"{name}-length-{width}",
                head + body,
                *NOT_DETERMINISTIC,
                f"a length of 1 in {width} + 1 bytes: {name}",
            )
        yield f"{name}-endless", f"{first + 31:02x}ff", *INDEFINITE, f"indefinite length, empty: {name}"
        yield f"{name}-announced", f"{first + 27:02x}7fffffffffffffff", *SHORT, f"2^63-1 announced, none there: {name}"
        yield f"{name}-one-short", f"{first + 2:02x}" + body, *SHORT, f"two announced, one there: {name}"
    for major in range(8):
        for info in (28, 29, 30):
            yield (
                f"reserved-{major}-{info}",
                f"{(major << 5) + info:02x}",
                *NO_CBOR,
                f"reserved initial byte, major type {major}",
            )
    yield from _tags()
    yield from _maps()
    yield from _more()


def _tags() -> Iterator[Form]:
    for tag, head, body, what in (
        (0, "c0", "74323032372d30312d31355430383a30303a30305a", "a date as text"),
        (1, "c1", "00", "a moment"),
        (2, "c2", "4101", "a bignum"),
        (3, "c3", "4101", "a negative bignum"),
        (4, "c4", "820102", "a decimal fraction"),
        (18, "d2", "80", "COSE_Sign1"),
        (24, "d818", "4101", "encoded CBOR"),
        (25, "d819", "00", "a reference to a string"),
        (28, "d81c", "80", "a value that is shared"),
        (29, "d81d", "00", "a reference to a shared value"),
        (30, "d81e", "820102", "a fraction"),
        (35, "d823", "6161", "a regular expression"),
        (37, "d825", "50" + "00" * 16, "a UUID"),
        (256, "d90100", "80", "a namespace of strings"),
        (258, "d90102", "80", "a set"),
        (55799, "d9d9f7", "80", "self-described CBOR"),
        (2**32, "db0000000100000000", "80", "no known tag"),
    ):
        yield f"tag-{tag}", head + body, "unexpected-tag", f"tag {tag} ", f"tag {tag}: {what}"
        yield f"tag-{tag}-within", "81" + head + body, "unexpected-tag", f"tag {tag} ", f"tag {tag} in an array: {what}"


def _maps() -> Iterator[Form]:
    yield "map-twice", "a201010102", *DUPLICATE, "the key 1 twice, with other values"
    yield "map-twice-same", "a201010101", *DUPLICATE, "the key 1 twice, with the same value"
    yield "map-twice-text", "a2616101616102", *DUPLICATE, "the key a twice"
    yield "map-twice-within", "81a201010102", *DUPLICATE, "the key 1 twice, in a map in an array"
    yield "map-order", "a202010101", *NOT_DETERMINISTIC, "the keys 2 and 1, in this order"
    yield "map-order-text", "a2616201616101", *NOT_DETERMINISTIC, "the keys b and a, in this order"
    yield "map-order-length", "a262616101616201", *NOT_DETERMINISTIC, "the keys aa and b, the longer one first"
    yield "map-odd", "a101", *SHORT, "a key without a value"


def _more() -> Iterator[Form]:
    yield "two", "0000", *TRAILING, "two items"
    yield "trailing-break", "00ff", *TRAILING, "a break follows the end"
    yield "trailing-line", "000a", *TRAILING, "a line end follows"
    yield "break", "ff", *NO_CBOR, "a break alone"
    yield "break-within", "81ff", *NO_CBOR, "a break in an array of one"
    yield "text-latin", "61e9", *NO_CBOR, "a text in Latin 1"
    yield "text-overlong", "62c080", *NO_CBOR, "a text with a NUL in two bytes"
    yield "text-surrogate", "63eda080", *NO_CBOR, "a text with half a pair of surrogates"
    yield "text-beyond", "64f4908080", *NO_CBOR, "a text with a letter beyond U+10FFFF"
    yield "text-cut", "61c3", *NO_CBOR, "a text that ends in half a letter"
    yield "text-chunks", "7f61616162ff", *INDEFINITE, "a text in two chunks"
    yield "bytes-chunks", "5f41614162ff", *INDEFINITE, "a byte string in two chunks"
    yield "array-endless-full", "9f0102ff", *INDEFINITE, "an array of two, with a break"
    yield "map-endless-full", "bf0102ff", *INDEFINITE, "a map of one, with a break"
    yield "endless-within", "819f01ff", *INDEFINITE, "an array with a break in an array"
    yield "simple-long", "f814", *NO_CBOR, "false in two bytes"
    yield "float-wide", "fa3f800000", *NOT_DETERMINISTIC, "1.0 in five bytes"
    yield "float-wider", "fb3ff0000000000000", *NOT_DETERMINISTIC, "1.0 in nine bytes"
    yield "float-nan", "fb7ff8000000000000", *NOT_DETERMINISTIC, "not a number, in nine bytes"
    yield "deep-arrays", "81" * 9 + "80", *DEEP, "ten arrays, each within the one before"
    yield "deep-maps", "a101" * 9 + "a0", *DEEP, "ten maps, each within the one before"
    yield "deep-mixed", "81a101" * 5 + "80", *DEEP, "eleven arrays and maps, each within the one before"
