"""The shape of every field, written down once more from docs/spec.md and the CDDL, and what can be wrong with each.

Not taken from the code, which is what these samples are there to check.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from ledgerpost import cbor

UNDEFINED: Final = b"\xf7"
ORDERS: Final[dict[str, str]] = {
    "getsequence": "count:positive until:whole",
    "confirmclosedspend": "notice:positive number:positive asset:digest amount:positive",
    "confirmwithdrawn": "notice:positive number:positive asset:digest amount:positive earlier:positive",
    "dropnotices": "spans:list",
    "depositcheque": "cheque:octets1024 drawer:key first:key endorsements:list number:positive asset:digest "
    "amount:positive",
    "redeemcertificate": "certificate:octets1024 endorsements:list number:positive asset:digest amount:positive",
    "getconfirmedbalance": "asset:digest",
    "issueasset": "contract:octets16896",
}
"""Orders that stand bare in a letter."""

MESSAGES: Final[dict[str, str]] = {
    "spendto": "bank:bank seq:positive payee:fingerprint? number:positive asset:digest amount:positive until:whole "
    "comment:text256",
    "cancelspend": "bank:bank seq:positive payee:fingerprint number:positive asset:digest amount:positive",
    "confirmreceipt": "bank:bank seq:positive spender:fingerprint number:positive asset:digest amount:positive "
    "notice:positive",
    "denyreceipt": "bank:bank seq:positive spender:fingerprint number:positive asset:digest amount:positive "
    "notice:positive comment:text256",
    "createaccount": "bank:bank seq:positive key:key name:text64 waiting:list",
    "stopcheque": "bank:bank seq:positive spans:list",
    "letter": "bank:bank seq:positive prev:digest? seen:list terms:digest not-after:whole nonce:nonce expect:digest "
    "orders:list",
    "receipt": "bank:bank party:fingerprint time:whole statement:octets base:list answers:list highest:whole "
    "pending:list restoring:flag",
    "notice": "bank:bank party:fingerprint notice:positive time:whole kind:word seq:whole digest:digest "
    "other:fingerprint? key:key? number:positive asset:digest amount:positive until:whole earlier:whole "
    "enclosed:octets8192?",
    "sequence": "bank:bank key:key first:positive last:positive until:whole time:whole",
    "terms": "bank:bank serial:positive time:whole token:digest? fees:list grace:positive letter-life:positive "
    "spend-life:positive number-life:positive most-numbers:positive most-outstanding:positive most-incoming:positive "
    "share:positive jump:positive longest:positive second:word",
    "cheque": "bank:bank number:positive payee:fingerprint? asset:digest amount:positive start:whole until:whole "
    "memo:text48",
    "certificate": "bank:bank number:positive asset:digest amount:positive until:whole key:key longest:positive",
    "release": "bank:bank paper:digest debtor:fingerprint asset:digest amount:positive comment:text256",
    "card": "bank:fingerprint key:owner name:text64",
    "bankcard": "bank:bank key:owner name:text64 time:whole terms:octets4096",
    "contract": "bank:bank key:owner text:words",
    "restoring": "bank:bank party:fingerprint first:whole last:whole",
    "declaration": "bank:bank asked:octets256 seq:whole receipt:digest? highest:whole held:list lacking:list",
}

STATEMENT: Final = (
    "kind:own bank:fingerprint party:fingerprint seq:whole salt:nonce highest:whole balances:list numbers:list "
    "outstanding:list taken:list"
)


class Odd(NamedTuple):
    """What may stand wrongly in a field's place: its encoding, and the error that comes of it."""

    slug: str
    raw: bytes
    error: str
    says: str
    what: str


def faults(kind: str, value: Any) -> Iterator[Odd]:
    """Everything that is tried in place of a good value of that kind; ``?`` behind a kind: null is good too."""
    bare = kind.removesuffix("?")
    base = bare.rstrip("0123456789")
    size = int(bare[len(base) :] or 0)
    found = _BY_KIND[base](value, size)
    yield from (each for each in found if not (kind.endswith("?") and each.slug == "null"))


def _odd(slug: str, value: Any, says: str, what: str, error: str = "wrong-shape") -> Odd:
    return Odd(slug, cbor.encode(value), error, says, what)


def _others(says: str, *more: str) -> Iterator[Odd]:
    """Null, and values of other types that are asked for."""
    yield _odd("null", None, says, "null")
    for slug, raw, what in (
        ("undefined", UNDEFINED, "undefined"),
        ("number", b"\x07", "the number 7"),
        ("text", b"\x61x", "a text"),
    ):
        if slug in more:
            yield Odd(slug, raw, "wrong-shape", says, what)


def _sized(name: str, size: int, value: Any) -> Iterator[Odd]:
    says = f"a {name} is {size} bytes"
    raw = bytes(value or bytes(size))
    yield from _others(says)
    yield _odd("short", raw[:-1], says, f"{size - 1} bytes, where {size} belong")
    yield _odd("long", raw + b"\0", says, f"{size + 1} bytes, where {size} belong")


def _key(value: Any, size: int) -> Iterator[Odd]:
    raw = bytes(value or bytes(32))
    yield from _others("a public key is 32 bytes", "text")
    yield _odd("short", raw[:-1], "31 bytes instead of 32", "31 bytes, where 32 belong", "bad-key")
    yield _odd("long", raw + b"\0", "33 bytes instead of 32", "33 bytes, where 32 belong", "bad-key")


def _number(least: int, value: Any) -> Iterator[Odd]:
    says = f"a whole number from {least} to 2^63-1 belongs here"
    yield from _others(says, "text")
    yield _odd("less", least - 1, says, f"{least - 1}, where {least} is the least")
    yield _odd("more", 2**63, says, "2^63, one more than the most")
    yield _odd("true", True, says, "true, which is no number")
    yield Odd("float", b"\xf9\x3c\x00", "wrong-shape", says, "1.0, a float")
    yield Odd("bignum", b"\xc2\x41\x05", "unexpected-tag", "tag 2", "5 as a bignum, which is a tag")
    long = b"\x1b" + int(value).to_bytes(8, "big")
    if int(value) < 2**32:
        yield Odd("wide", long, "not-deterministic", "deterministic form", "its value in nine bytes")


def _text(value: Any, most: int) -> Iterator[Odd]:
    yield from _others("text belongs here", "number")
    yield _odd("bytes", b"seven", "text belongs here", "a byte string")
    yield Odd("no-utf-8", b"\x62\xc3\x28", "wrong-shape", "no valid CBOR", "a text that is no UTF-8")
    yield Odd("chunks", b"\x7f\x61a\xff", "indefinite-length", "indefinite length", "a text in chunks")
    if most <= 64:
        long = "x" * (most + 1)
        yield _odd("long", long, f"more than {most} bytes", f"{most + 1} bytes, where {most} fit", "over-limit")


def _octets(value: Any, most: int) -> Iterator[Odd]:
    says = "a byte string, not empty, belongs here"
    yield from _others(says, "undefined")
    yield _odd("empty", b"", says, "no bytes")


def _flag(value: Any, size: int) -> Iterator[Odd]:
    yield from _others("true or false belongs here", "undefined", "text")
    yield _odd("one", 1, "true or false belongs here", "1, which is not true")


def _word(value: Any, size: int) -> Iterator[Odd]:
    yield from _others("belongs here", "number")
    yield _odd("empty", "", "belongs here", "an empty text")
    yield _odd("capital", str(value).capitalize(), "belongs here", "the right word with a capital letter")
    yield _odd("bytes", str(value).encode(), "belongs here", "the right word as a byte string")


def _list(value: Any, size: int) -> Iterator[Odd]:
    yield from _others("array", "number", "text")
    yield Odd("endless", b"\x9f\xff", "indefinite-length", "indefinite length", "an array of indefinite length")


def _bank(value: Any, size: int) -> Iterator[Odd]:
    yield _odd("other", bytes(20), "another bank", "another bank's fingerprint", "wrong-bank")
    yield _odd("null", None, "another bank", "null", "wrong-bank")


def _own(value: Any, size: int) -> Iterator[Odd]:
    yield _odd("other", "lp1.letter", "no statement", "another kind's name")
    yield _odd("version", "lp2.statement", "no statement", "of version 2 of the protocol")
    yield _odd("null", None, "no statement", "null")


def _owner(value: Any, size: int) -> Iterator[Odd]:
    """A key that the message itself is verified with."""
    yield from _others("a public key is 32 bytes", "text")
    yield _odd("short", value[:-1], "31 bytes instead of 32", "31 bytes, where 32 belong", "bad-key")
    yield _odd("long", value + b"\0", "33 bytes instead of 32", "33 bytes, where 32 belong", "bad-key")
    for slug, point, what in POOR_KEYS:
        yield _odd(slug, point, "prime-order group", what, "bad-key")


def _words(value: Any, size: int) -> Iterator[Odd]:
    yield from _others("text belongs here", "number")
    yield _odd("bytes", b"seven", "text belongs here", "a byte string")
    yield _odd("other", "ledgerpost contract 2", "starts with the line", "another first line")


POOR_KEYS: Final = (
    ("zero", bytes(32), "32 zeros, a point of order 4"),
    ("identity", b"\x01" + bytes(31), "the identity"),
    ("minus-one", b"\xec" + b"\xff" * 30 + b"\x7f", "the point of order 2"),
    ("identity-again", b"\xee" + b"\xff" * 30 + b"\x7f", "the identity, with y = p + 1"),
    ("negative-zero", b"\x01" + bytes(30) + b"\x80", "the identity, with the sign of x set"),
    (
        "order-8",
        bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
        "a point of order 8",
    ),
    ("no-point", b"\x02" + bytes(31), "no point of the curve"),
    ("all-ones", b"\xff" * 32, "no canonical point"),
)
"""Keys that S4 refuses. Points of small order: C2SP/CCTV, ed25519."""

_BY_KIND: Final = {
    "fingerprint": lambda value, size: _sized("fingerprint", 20, value),
    "digest": lambda value, size: _sized("digest", 32, value),
    "nonce": lambda value, size: _sized("nonce", 16, value),
    "positive": lambda value, size: _number(1, value),
    "whole": lambda value, size: _number(0, value),
    "key": _key,
    "text": _text,
    "octets": _octets,
    "flag": _flag,
    "word": _word,
    "list": _list,
    "bank": _bank,
    "own": _own,
    "owner": _owner,
    "words": _words,
}
