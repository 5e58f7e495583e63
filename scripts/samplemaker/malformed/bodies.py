"""Faults of single fields: every message, every bare order and the statement, one field at a time.

Every message here is signed as it should be, so that the field is all that is wrong with it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ledgerpost import cbor
from ledgerpost.papers.orders import KINDS
from ledgerpost.sealed import VERSION, Signer, read
from ledgerpost.statement import Balance, Block, Span, Spend, Statement
from ledgerpost.terms import Digest
from samplemaker.bad import sign1
from samplemaker.cast import CAST, START, signer_of
from samplemaker.malformed.shapes import MESSAGES, ORDERS, STATEMENT, Odd, faults
from samplemaker.malformed.sheet import Group

ASSET = Digest(bytes(range(32)))
LOW, HIGH = Digest(b"\1" * 32), Digest(b"\2" * 32)


def asked(bank: Signer, party: bytes) -> bytes:
    """A bank's question to a party for what it lost in one second."""
    return bank.sign("restoring", (bank.fingerprint, party, START, START + 1))


def names(shape: str) -> list[tuple[str, str]]:
    """Names and kinds of a row's fields."""
    pairs = (each.partition(":") for each in shape.split())
    return [(name, kind) for name, _, kind in pairs]


def encoded(fields: Sequence[bytes]) -> bytes:
    """An array of items that are encoded already."""
    assert len(fields) < 24
    return bytes([0x80 + len(fields)]) + b"".join(fields)


def protected(signer: Signer, kind: str) -> bytes:
    """The header of a message."""
    return cbor.encode({1: -8, 4: bytes(signer.fingerprint), 16: VERSION + kind})


# --- messages


def messages(files: dict[str, bytes]) -> Iterator[Group]:
    """Of each type a group, spoilt copies of one sample or of one as small as it may be."""
    for kind, shape in MESSAGES.items():
        body, signer = good_body(kind, files)
        raw = sign1(signer, protected(signer, kind), cbor.encode(body))
        group = Group(kind, reader_of(kind, signer), raw)
        for slug, payload, error, says, what in spoilt_rows(names(shape), body, f"{kind}: "):
            group.put(slug, sign1(signer, protected(signer, kind), payload), error, says, what)
        yield group


def reader_of(kind: str, signer: Signer) -> str:
    """Cards and contracts carry the key they are read with."""
    by = next(name for name in CAST if signer_of(name).fingerprint == signer.fingerprint)
    return kind if kind in ("card", "bankcard", "contract") else f"message {kind} {by}"


def good_body(kind: str, files: dict[str, bytes]) -> tuple[tuple[Any, ...], Signer]:
    """The fields of a good message of that type, and who signs it."""
    alice, bob, bank = (signer_of(name) for name in ("alice", "bob", "bank"))
    at, to = bank.fingerprint, bob.fingerprint
    made: dict[str, tuple[tuple[Any, ...], Signer]] = {
        "spendto": ((at, 1, to, 1, ASSET, 5, START, "x"), alice),
        "cancelspend": ((at, 1, to, 1, ASSET, 5), alice),
        "confirmreceipt": ((at, 1, to, 1, ASSET, 5, 1), alice),
        "denyreceipt": ((at, 1, to, 1, ASSET, 5, 1, "x"), alice),
        "createaccount": ((at, 1, alice.key, "Alice", ()), alice),
        "stopcheque": ((at, 1, ((1, 2),)), alice),
        "letter": ((at, 1, None, (0, LOW), HIGH, START, bytes(16), LOW, ()), alice),
        "notice": ((at, to, 1, START, "expiredspend", 1, LOW, None, None, 1, ASSET, 5, START - 1, 0, None), bank),
        "sequence": ((at, alice.key, 1, 5, START, START), bank),
        "cheque": ((at, 1, to, ASSET, 5, START, START, "x"), alice),
        "certificate": ((at, 1, ASSET, 5, START, alice.key, 4), bank),
        "release": ((at, LOW, to, ASSET, 5, "x"), alice),
        "card": ((at, alice.key, "Alice"), alice),
        "restoring": ((at, to, START, START + 1), bank),
        "declaration": ((at, asked(bank, alice.fingerprint), 3, HIGH, 4, (LOW, HIGH), (1, 2)), alice),
    }
    held = {
        "receipt": "receipts/alice-1.cose",
        "terms": "terms/terms-1.cose",
        "bankcard": "cards/bank-1.cose",
    }
    if kind == "contract":
        text = "ledgerpost contract 1\nname: Gold\nunit: g\ndecimals: 3\nlimit: 5000\n\nOne unit is a milligramme.\n"
        return (at, signer_of("issuer").key, text), signer_of("issuer")
    return (read(files[held[kind]]).body, bank) if kind in held else made[kind]


def spoilt_rows(
    shape: list[tuple[str, str]], body: tuple[Any, ...], whose: str, *, head: bool = False
) -> Iterator[tuple[str, bytes, str, str, str]]:
    """Slug, payload, error, its words and the fault: each field wrong in each way, then the row as a whole."""
    fields = [cbor.encode(value) for value in body]
    for at, (name, kind) in enumerate(shape):
        for odd in faults(kind, body[at]):
            yield _with(fields, at, name, odd, whose)
    yield from _rows(fields, whose, [kind for _, kind in shape], head)


def _with(fields: list[bytes], at: int, name: str, odd: Odd, whose: str) -> tuple[str, bytes, str, str, str]:
    payload = encoded([*fields[:at], odd.raw, *fields[at + 1 :]])
    return f"{name}-{odd.slug}", payload, odd.error, odd.says, f"{whose}field {at + 1}, {name}, is {odd.what}"


def _rows(fields: list[bytes], whose: str, kinds: list[str], head: bool) -> Iterator[tuple[str, bytes, str, str, str]]:
    count = "no statement" if head else f"fields instead of {len(fields)}"
    last = "an array of 9 fields" if head else count
    yield "field-missing", encoded(fields[:-1]), "wrong-shape", last, f"{whose}the last field is missing"
    yield "field-more", encoded([*fields, b"\xf6"]), "wrong-shape", last, f"{whose}a null follows the last field"
    as_map = bytes([0xA0 + len(fields)]) + b"".join(bytes([n]) + each for n, each in enumerate(fields))
    array = "no statement" if head else "the payload is no array"
    yield "map", as_map, "wrong-shape", array, f"{whose}the fields stand in a map, under the numbers 0, 1 ..."
    yield "cut-short", encoded(fields)[:-1], "cut-short", "end before", f"{whose}the last byte is missing"
    yield "trailing", encoded(fields) + b"\xf6", "trailing-bytes", "1 bytes follow", f"{whose}a null follows the end"


# --- bare orders


def orders(larger: Mapping[str, bytes]) -> Iterator[Group]:
    """Orders as they stand in a letter of Alice's: one that does not read is refused, and the rest of it goes on.

    ``larger``: good ones that hold signed papers, by kind.
    """
    for kind, shape in ORDERS.items():
        raw = larger[kind] if kind in larger else _small(kind)
        body = cbor.decode(raw)[1:]
        group = Group(f"order-{kind}", "order", raw)
        for slug, payload, _, _, what in spoilt_rows(names(shape), body, f"{kind}: "):
            group.put(slug, _ordered(kind, payload), "MALFORMED", "", what)
        group.put("unknown", _ordered(f"{kind}x", encoded(_fields(raw))), "UNKNOWN_ORDER", "", "no such order")
        yield group
    yield _signed_orders()


def _small(kind: str) -> bytes:
    """A good order as small as it may be."""
    small: dict[str, tuple[Any, ...]] = {
        "getsequence": (5, START),
        "confirmclosedspend": (1, 1, ASSET, 5),
        "confirmwithdrawn": (2, 1, ASSET, 5, 1),
        "dropnotices": (((1, 2),),),
        "getconfirmedbalance": (ASSET,),
    }
    return cbor.encode((kind, *small[kind]))


def _fields(raw: bytes) -> list[bytes]:
    return [cbor.encode(each) for each in cbor.decode(raw)[1:]]


def _ordered(kind: str, payload: bytes) -> bytes:
    """An order's array: its name, then the fields of a row that is encoded already, whatever is wrong with it."""
    assert payload[0] >> 4 in (8, 10), payload[:1]
    return bytes([payload[0] + 1]) + cbor.encode(kind) + payload[1:]


def _signed_orders() -> Group:
    """An order that is signed on its own must be its letter's, and its writer's."""
    alice, bob, bank = (signer_of(name) for name in ("alice", "bob", "bank"))
    body = (bank.fingerprint, 1, bob.fingerprint, 1, ASSET, 5, START, "x")
    group = Group("order-signed", "order", alice.sign("spendto", body))
    other = signer_of("other-bank").fingerprint
    group.put("other-signer", bob.sign("spendto", body), "MISADDRESSED", "", "signed by Bob in Alice's letter")
    group.put("other-bank", alice.sign("spendto", (other, *body[1:])), "MISADDRESSED", "", "made for another bank")
    group.put("other-letter", alice.sign("spendto", (body[0], 2, *body[2:])), "MISADDRESSED", "", "of letter 2, in 1")
    raw = group.raw
    group.put("flipped", raw[:-1] + bytes([raw[-1] ^ 1]), "MISADDRESSED", "", "one bit of the signature is flipped")
    group.put("unknown", alice.sign("spendall", body), "UNKNOWN_ORDER", "", "a signed order of no known kind")
    signed = alice.sign("getsequence", (5, START))
    group.put("signed-bare", signed, "MALFORMED", "", "an order signed that is never signed on its own")
    bare = cbor.encode(("spendto", *body))
    group.put("bare-signed", bare, "MALFORMED", "", "an order bare that is always signed on its own")
    group.put("letter", alice.sign("letter", body), "UNKNOWN_ORDER", "", "a letter where an order belongs")
    group.put("cut-short", raw[:-1], "MALFORMED", "", "the last byte is missing")
    group.put("text", cbor.encode("getq"), "MALFORMED", "", "an order's name alone, and no array")
    group.put("empty", cbor.encode(()), "MALFORMED", "", "an empty array")
    group.put("nameless", cbor.encode((1, 2)), "MALFORMED", "", "a number where an order's name belongs")
    assert set(KINDS) >= set(ORDERS)
    return group


# --- the statement


def good_statement() -> Statement:
    """Two of everything."""
    return Statement(
        signer_of("bank").fingerprint,
        signer_of("alice").fingerprint,
        3,
        bytes(16),
        20,
        (Balance(LOW, 5), Balance(HIGH, -7)),
        (Block(2, 4, START), Block(6, 9, START)),
        (Spend(1, None, LOW, 3, START), Spend(5, None, LOW, 3, START)),
        (Span(1, 2), Span(5, 5)),
    )


def statement() -> Group:
    """Each field wrong in each way; ``papers`` has what must hold between them."""
    good = good_statement().encode()
    group = Group("statement", "statement", good)
    for slug, raw, error, says, what in spoilt_rows(names(STATEMENT), cbor.decode(good), "statement: ", head=True):
        group.put(slug, raw, error, says, what)
    return group
