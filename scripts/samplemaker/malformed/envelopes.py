"""Faults of envelopes to the bank: outside, inside, and the seal."""

from collections.abc import Iterator
from typing import Any

from ledgerpost import cbor, envelope
from samplemaker.cast import START, entropy_of, signer_of
from samplemaker.malformed.bodies import encoded, good_body
from samplemaker.malformed.shapes import POOR_KEYS, faults
from samplemaker.malformed.sheet import Group

Row = tuple[str, bytes, str, str, str]
SHAPE = "wrong-shape"
SELF = cbor.SELF_DESCRIBED


def letter() -> bytes:
    """A letter of Alice's as small as it may be."""
    body, alice = good_body("letter", {})
    return alice.sign("letter", body)


def envelopes() -> Iterator[Group]:
    """An open and a sealed one, as the bank takes them in."""
    bank, alice = signer_of("bank"), signer_of("alice")
    good = envelope.pack((letter(),), sender=alice.key, recipient=bank.key, until=START)
    group = Group("envelope-open", "envelope", good)
    for rows in (_outside(good), _inside(), _starts(good)):
        for slug, raw, error, says, what in rows:
            group.put(slug, raw, error, says, what)
    yield group
    sealed = envelope.pack((letter(),), sender=alice.key, recipient=bank.key, until=START, entropy=entropy_of("alice"))
    group = Group("envelope-sealed", "envelope", sealed)
    for slug, raw, error, says, what in _seals(sealed):
        group.put(slug, raw, error, says, what)
    yield group


def _row(good: bytes) -> list[bytes]:
    return [cbor.encode(each) for each in cbor.decode(good[3:])]


def _outside(good: bytes) -> Iterator[Row]:
    fields = _row(good)
    wanted = (("kind", "word", "open"), ("recipient", "fingerprint?", bytes(20)), ("until", "whole", START))
    for at, (name, kind, value) in enumerate(wanted, 1):
        for odd in faults(kind, value):
            raw = SELF + encoded([*fields[:at], odd.raw, *fields[at + 1 :]])
            yield f"{name}-{odd.slug}", raw, odd.error, odd.says, f"outside: {name} is {odd.what}"
    for odd in faults("octets2097152", b""):
        raw = SELF + encoded([*fields[:4], odd.raw])
        yield f"body-{odd.slug}", raw, odd.error, odd.says, f"outside: body is {odd.what}"
    bob = cbor.encode(signer_of("bob").fingerprint)
    other = SELF + encoded([*fields[:2], bob, *fields[3:]])
    yield "recipient-other", other, "wrong-recipient", "addressed to another", "outside, it is for Bob"
    holder = SELF + encoded([*fields[:2], b"\xf6", *fields[3:]])
    yield (
        "recipient-anybody",
        holder,
        "wrong-recipient",
        "another recipient",
        "for anybody outside, for the bank inside",
    )
    no = SELF + encoded([fields[0], cbor.encode("sealed"), b"\xf6", *fields[3:]])
    yield "sealed-to-nobody", no, SHAPE, "names no recipient", "sealed, and to nobody"
    yield (
        "kind-sealed",
        good.replace(b"\x64open", b"\x66sealed"),
        "undecipherable",
        "does not open",
        "open, and says it is sealed",
    )


def _starts(good: bytes) -> Iterator[Row]:
    ours, fields = ("not-ledgerpost", "no envelope"), _row(good)
    yield "empty", b"", *ours, "no bytes at all"
    yield "bare", letter(), *ours, "a letter without an envelope"
    yield "no-tag", good[3:], *ours, "tag 55799 is missing"
    yield "tag-twice", SELF + good, SHAPE, "beginning", "tag 55799 twice"
    yield "text", b"Dear bank,\n", *ours, "a text"
    yield "picture", b"\x89PNG\r\n\x1a\n", *ours, "the start of a picture"
    yield "zip", b"PK\x03\x04" + bytes(20), *ours, "the start of an archive"
    yield "zeros", bytes(64), *ours, "64 zeros"
    yield "key-file", SELF + b"\x87\x70ledgerpost-key/1", *ours, "the start of a key file"
    other = (SHAPE, "beginning")
    yield "of-four", SELF + encoded(fields[:4]), *other, "four fields, where five belong"
    yield "of-six", SELF + encoded([*fields, b"\xf6"]), *other, "six fields, where five belong"
    for version in ("0", "2", "9"):
        magic = cbor.encode(f"ledgerpost/{version}")
        yield (
            f"version-{version}",
            SELF + encoded([magic, *fields[1:]]),
            "unknown-type",
            "another version",
            f"of version {version}",
        )
    yield "magic-bytes", SELF + encoded([b"\x4cledgerpost/1", *fields[1:]]), *other, "the magic as a byte string"
    for size in (1, 3, 10, 17, 30, 60):
        yield f"cut-to-{size}", good[:size], "cut-short", "end before", f"only the first {size} bytes"
    yield "cut-by-one", good[:-1], "cut-short", "end before", "the last byte is missing"
    yield "trailing", good + b"\n", "trailing-bytes", "1 bytes follow", "a line end follows"
    yield "twice", good + good, "trailing-bytes", "follow the end", "the same envelope twice"
    wide = SELF + b"\x85" + fields[0] + fields[1] + b"\x58\x14" + fields[2][1:] + fields[3] + fields[4]
    yield "wide-length", wide, "not-deterministic", "deterministic form", "the recipient's length in two bytes"
    endless = SELF + b"\x9f" + b"".join(fields) + b"\xff"
    yield "endless", endless, *other, "an array of indefinite length"
    many = SELF + encoded([*fields[:4], b"\x98\x50" + bytes(80)])
    yield "many-items", many, "over-limit", "more than 64 items", "86 items outside"


def _opened(*row: Any) -> bytes:
    bank = signer_of("bank").fingerprint
    return SELF + cbor.encode((envelope.MAGIC, "open", bank, START, cbor.encode(row)))


def _inside() -> Iterator[Row]:
    bank, alice, raw = signer_of("bank").fingerprint, signer_of("alice"), letter()
    key = alice.key
    for slug, row, error, says, what in (
        ("of-two", (key, bank), SHAPE, "an array of 3 fields", "two fields, where three belong"),
        ("of-four", (key, bank, (raw,), None), SHAPE, "an array of 3 fields", "four fields, where three belong"),
        ("sender-short", (key[:-1], bank, (raw,)), "bad-key", "31 bytes", "a sender's key of 31 bytes"),
        ("sender-text", ("alice", bank, (raw,)), SHAPE, "public key is 32", "a text for the sender's key"),
        ("sender-other", (signer_of("mallory").key, bank, (raw,)), "bad-signature", "another key", "sent by Mallory"),
        ("nobody", (None, bank, (raw,)), SHAPE, "names no sender", "no sender"),
        ("recipient-other", (key, bytes(20), (raw,)), "wrong-recipient", "another recipient", "for another"),
        ("recipient-none", (key, None, (raw,)), "wrong-recipient", "another recipient", "for anybody"),
        (
            "recipient-key",
            (key, signer_of("bank").key, (raw,)),
            SHAPE,
            "fingerprint is 20",
            "the bank's key for its name",
        ),
        ("messages-none", (key, bank, ()), SHAPE, "holds no letter", "no letter"),
        ("messages-null", (key, bank, None), SHAPE, "an array", "null for the letters"),
        ("messages-bare", (key, bank, raw), SHAPE, "an array", "a letter in no array"),
        ("message-empty", (key, bank, (b"",)), SHAPE, "byte string, not empty", "a letter of no bytes"),
        ("message-text", (key, bank, ("x",)), SHAPE, "byte string, not empty", "a text for a letter"),
        ("message-nested", (key, bank, ((raw,),)), SHAPE, "byte string, not empty", "a letter in an array"),
        ("message-cut", (key, bank, (raw[:-1],)), "cut-short", "end before", "a letter without its last byte"),
        ("message-second", (key, bank, (raw, raw[1:])), "unexpected-tag", "tag 18", "a second letter without its tag"),
        (
            "message-card",
            (key, bank, (alice.sign("card", (bank, key, "A")),)),
            "unknown-type",
            "a card where",
            "a card",
        ),
        ("message-unheard", (key, bank, (alice.sign("hello", ()),)), "unknown-type", "a hello where", "no known type"),
    ):
        yield f"inside-{slug}", _opened(*row), error, says, f"inside: {what}"
    for slug, point, what in POOR_KEYS:
        yield (
            f"inside-sender-{slug}",
            _opened(point, bank, (raw,)),
            "bad-key",
            "prime-order",
            f"inside: the sender's key is {what}",
        )
    other = alice.sign("letter", (signer_of("other-bank").fingerprint, *good_body("letter", {})[0][1:]))
    yield (
        "inside-letter-elsewhere",
        _opened(key, bank, (other,)),
        "wrong-bank",
        "another bank",
        "inside: a letter to another bank",
    )
    short = alice.sign("letter", good_body("letter", {})[0][:-1])
    yield "inside-letter-short", _opened(key, bank, (short,)), SHAPE, "8 fields", "inside: a letter without its orders"
    body = cbor.encode((key, bank, (raw,)))
    for slug, inner, error, says, what in (
        ("trailing", body + b"\0", "trailing-bytes", "follow", "a byte follows the end"),
        ("cut", body[:-1], "cut-short", "end before", "the last byte is missing"),
        ("tagged", SELF + body, "unexpected-tag", "tag 55799", "tag 55799 before it"),
        ("map", b"\xa0", SHAPE, "an array of 3 fields", "a map"),
        ("endless", b"\x9f" + body[1:] + b"\xff", "indefinite-length", "indefinite", "an array of indefinite length"),
        ("announced", b"\x9b" + b"\x7f" * 8, "cut-short", "end before", "items announced, and none there"),
    ):
        raw_ = SELF + cbor.encode((envelope.MAGIC, "open", bank, START, inner))
        yield f"inside-{slug}", raw_, error, says, f"inside: {what}"


def _seals(good: bytes) -> Iterator[Row]:
    bank, bob, closed = signer_of("bank"), signer_of("bob"), ("undecipherable", "does not open")
    body = envelope.look(good).body

    def sealed(new: bytes) -> bytes:
        return SELF + cbor.encode((envelope.MAGIC, "sealed", bank.fingerprint, START, new))

    for at, what in (
        (0, "the one-time key"),
        (31, "the one-time key's end"),
        (32, "the tag"),
        (47, "the tag's end"),
        (48, "the contents"),
    ):
        yield (
            f"flipped-{at}",
            sealed(body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]),
            *closed,
            f"one bit is flipped: {what}",
        )
    for size in (1, 31, 32, 47, 48):
        yield f"seal-of-{size}", sealed(body[:size]), *closed, f"a seal of {size} bytes"
    yield "seal-cut", sealed(body[:-1]), *closed, "the seal without its last byte"
    yield "seal-longer", sealed(body + b"\0"), *closed, "a byte follows in the seal"
    yield "seal-open", sealed(cbor.encode((None, bank.fingerprint, ()))), *closed, "open contents where a seal belongs"
    for slug, point, what in (("zero", bytes(32), "zero"), ("one", b"\x01" + bytes(31), "one")):
        yield f"once-{slug}", sealed(point + body[32:]), *closed, f"the one-time key is {what}"
    raw = envelope.pack(
        (letter(),), sender=signer_of("alice").key, recipient=bob.key, until=START, entropy=entropy_of("alice")
    )
    yield "to-bob", sealed(envelope.look(raw).body), *closed, "sealed to Bob, and says it is for the bank"
    yield "for-bob", raw, "wrong-recipient", "addressed to another", "sealed to Bob, and says so"
    inner = cbor.encode((signer_of("alice").key, bob.fingerprint, (letter(),)))
    yield (
        "inside-for-bob",
        sealed(envelope._seal(inner, bank.key, bytes(32))),
        "wrong-recipient",
        "another recipient",
        "inside, it is for Bob",
    )
