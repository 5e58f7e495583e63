"""Faults of cheques and certificates as they go from hand to hand: their chains, and the chequebook with them."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

from ledgerpost import cbor
from ledgerpost.papers.instrument import Instrument, check_chain, endorse
from ledgerpost.papers.sequence import Sequence
from ledgerpost.sealed import Signer
from samplemaker.cast import START, signer_of
from samplemaker.malformed.bodies import ASSET, good_body
from samplemaker.malformed.shapes import POOR_KEYS
from samplemaker.malformed.sheet import Group

Row = tuple[str, bytes, str, str, str]
DAY = 86400
SHAPE = "wrong-shape"
ROW = "an array of {} fields belongs here"


def drawn(**changes: Any) -> Instrument:
    """A cheque of Alice's to Bob with its chequebook."""
    bank, alice = signer_of("bank"), signer_of("alice")
    body, _ = good_body("cheque", {})
    fields = dict(zip(("bank", "number", "payee", "asset", "amount", "start", "until", "memo"), body, strict=True))
    book = Sequence(bank.fingerprint, alice.key, 1, 5, START + DAY, START)
    return Instrument(alice.sign("cheque", tuple({**fields, **changes}.values())), chequebook=book.sign(bank))


def bought() -> Instrument:
    """A certificate that Alice bought."""
    return Instrument(signer_of("bank").sign("certificate", good_body("certificate", {})[0]))


def passed(instrument: Instrument, signer: Signer, *hands: Signer) -> Instrument:
    """Endorsed by the first to the second, and so on."""
    for by, to in pairwise(hands):
        chain = check_chain(instrument, signer.key, signer_of("bank").fingerprint)
        instrument = endorse(chain, by, to.key)
    return instrument


def presenting() -> dict[str, bytes]:
    """Orders of Alice's that present a cheque and a certificate."""
    alice, bank = signer_of("alice"), signer_of("bank")
    cheque, certificate = (
        passed(drawn(payee=alice.fingerprint), alice, alice, bank),
        passed(bought(), bank, alice, bank),
    )
    order = ("depositcheque", cheque.body, alice.key, alice.key, cheque.endorsements, 1, ASSET, 5)
    other = ("redeemcertificate", certificate.body, certificate.endorsements, 1, ASSET, 5)
    return {row[0]: cbor.encode(row) for row in (order, other)}


def instruments() -> Iterator[Group]:
    """Cheques and certificates as their next holder looks at them, who knows only the bank's key."""
    bob, carol = signer_of("bob"), signer_of("carol")
    cheque = passed(drawn(), signer_of("alice"), bob, carol)
    group = Group("endorsed-cheque", "instrument", cheque.encode())
    for slug, other, error, says, what in (*_cheques(cheque), *_rows(cheque), *_chains(cheque)):
        group.put(slug, other, error, says, what)
    yield group
    certificate = passed(bought(), signer_of("bank"), signer_of("alice"), bob, carol)
    group = Group("endorsed-certificate", "instrument", certificate.encode())
    for slug, other, error, says, what in (*_certificates(certificate), *_rows(certificate), *_chains(certificate)):
        group.put(slug, other, error, says, what)
    yield group


def _rows(good: Instrument) -> Iterator[Row]:
    """The row of four around body and chain."""
    row = (good.body, good.first, good.endorsements, good.chequebook)
    last = good.endorsements[-1]
    for slug, at, value, error, says, what in (
        ("body-null", 0, None, SHAPE, "byte string, not empty", "no cheque or certificate"),
        ("body-empty", 0, b"", SHAPE, "byte string, not empty", "a body of no bytes"),
        ("body-long", 0, bytes(1025), "over-limit", "at most 1,024", "a body of 1,025 bytes"),
        ("body-cut", 0, good.body[:-1], "cut-short", "end before", "a body without its last byte"),
        ("body-array", 0, (), SHAPE, "byte string, not empty", "an array for a body"),
        ("first-short", 1, bytes(31), "bad-key", "31 bytes", "a first holder's key of 31 bytes"),
        ("first-text", 1, "bob", SHAPE, "public key is 32", "a text for the first holder's key"),
        ("chain-null", 2, None, SHAPE, "an array", "null for the endorsements"),
        ("chain-text", 2, ("x",), SHAPE, "an endorsement is 96 bytes", "a text for an endorsement"),
        ("chain-short", 2, (last[:-1],), SHAPE, "an endorsement is 96 bytes", "an endorsement of 95 bytes"),
        ("chain-long", 2, (last + b"\0",), SHAPE, "an endorsement is 96 bytes", "an endorsement of 97 bytes"),
        ("chain-empty", 2, (b"",), SHAPE, "an endorsement is 96 bytes", "an endorsement of no bytes"),
        ("chain-many", 2, 17 * (last,), "over-limit", "at most 16", "17 endorsements"),
        ("book-text", 3, "x", SHAPE, "byte string, not empty", "a text for the chequebook"),
        ("book-empty", 3, b"", SHAPE, "byte string, not empty", "a chequebook of no bytes"),
    ):
        yield slug, cbor.encode((*row[:at], value, *row[at + 1 :])), error, says, what
    raw = good.encode()
    yield "of-three", cbor.encode(row[:3]), SHAPE, ROW.format(4), "three fields, where four belong"
    yield "of-five", cbor.encode((*row, None)), SHAPE, ROW.format(4), "five fields, where four belong"
    yield "cut-short", raw[:-1], "cut-short", "end before", "the last byte is missing"
    yield "trailing", raw + b"\xf6", "trailing-bytes", "1 bytes follow", "a null follows the end"


def _chains(good: Instrument) -> Iterator[Row]:
    """Endorsements that are not their holder's over the body before."""
    mallory, bad = signer_of("mallory"), ("bad-signature", "does not verify")
    *before, last = good.endorsements
    key, signature = last[:32], last[32:]

    def ended(*ends: bytes) -> bytes:
        return replace(good, endorsements=(*before, *ends)).encode()

    yield (
        "signature-flipped",
        ended(last[:-1] + bytes([last[-1] ^ 1])),
        *bad,
        "one bit of the last endorsement's signature",
    )
    yield "signature-zeros", ended(key + bytes(64)), *bad, "zeros for the last endorsement's signature"
    yield "holder-other", ended(bytes(mallory.key) + signature), *bad, "the last endorsement's holder is another"
    yield "repeated", ended(last, last), *bad, "the last endorsement twice"
    stranger = mallory.sign_bytes(b"whatever")
    yield "stranger", ended(last, bytes(mallory.key) + stranger), *bad, "a further endorsement, by a stranger"
    for slug, point, what in POOR_KEYS:
        yield (
            f"holder-{slug}",
            ended(point + signature),
            "bad-key",
            "prime-order group",
            f"the last holder's key is {what}",
        )


def _cheques(good: Instrument) -> Iterator[Row]:
    bank, alice, bob, carol, mallory = (signer_of(name) for name in ("bank", "alice", "bob", "carol", "mallory"))

    def again(**changes: Any) -> bytes:
        return replace(good, **changes).encode()

    def book(signer: Signer = bank, **changes: Any) -> bytes:
        held = Sequence(bank.fingerprint, alice.key, 1, 5, START + DAY, START)
        return again(chequebook=replace(held, **changes).sign(signer))

    yield "no-book", again(chequebook=None), SHAPE, "brings no chequebook", "it brings no chequebook"
    yield "book-own", book(alice), "bad-signature", "another key", "its chequebook is signed by the drawer"
    yield "book-bobs", book(key=bob.key), "bad-signature", "another key", "its chequebook is Bob's"
    yield "book-before", book(first=2), SHAPE, "does not cover", "its chequebook begins after it"
    yield "book-after", book(first=5, last=9), SHAPE, "does not cover", "its chequebook is of other numbers"
    yield "book-backwards", book(last=0 + 1, first=2), SHAPE, "does not cover", "its chequebook runs backwards"
    yield "book-ended", book(until=START - 1), SHAPE, "runs longer", "it runs longer than its chequebook"
    other = signer_of("other-bank").fingerprint
    yield "book-elsewhere", book(bank=other), "wrong-bank", "another bank", "its chequebook is another bank's"
    certificate = bank.sign("certificate", good_body("certificate", {})[0])
    yield (
        "book-certificate",
        again(chequebook=certificate),
        SHAPE,
        "where a sequence belongs",
        "a certificate for a chequebook",
    )
    yield "no-first", again(first=None), SHAPE, "key of its first endorser", "no key of its first endorser"
    yield (
        "no-endorsement",
        again(endorsements=()),
        SHAPE,
        "key of its first endorser",
        "a first endorser, and no endorsement",
    )
    yield "first-other", again(first=mallory.key), SHAPE, "not the payee", "its first endorser is not its payee"
    poor = POOR_KEYS[1][1]
    yield "first-poor", again(first=poor), SHAPE, "not the payee", "its first endorser's key is the identity"
    moved = passed(drawn(memo="y"), alice, bob, carol).endorsements
    yield "moved", again(endorsements=moved), "bad-signature", "does not verify", "an endorsement of another cheque"
    open_ = passed(drawn(payee=None), alice, bob, carol)
    yield "open-passed", open_.encode(), SHAPE, "open cheque", "an open cheque handed on to another than the bank"
    elsewhere = alice.sign("cheque", (other, *good_body("cheque", {})[0][1:]))
    yield "elsewhere", again(body=elsewhere), "wrong-bank", "another bank", "drawn on another bank"
    mallorys = mallory.sign("cheque", good_body("cheque", {})[0])
    yield (
        "drawer-other",
        again(body=mallorys),
        "bad-signature",
        "another key",
        "drawn by another than its chequebook's owner",
    )
    card = alice.sign("card", (bank.fingerprint, alice.key, "Alice"))
    yield "of-a-card", again(body=card), SHAPE, "where a cheque or certificate", "a card for a cheque"
    flipped = good.body[:-1] + bytes([good.body[-1] ^ 1])
    yield "body-flipped", again(body=flipped), "bad-signature", "does not verify", "one bit of the drawer's signature"


def _certificates(good: Instrument) -> Iterator[Row]:
    bank, alice, bob, carol, mallory = (signer_of(name) for name in ("bank", "alice", "bob", "carol", "mallory"))
    first, second = good.endorsements
    bad = ("bad-signature", "does not verify")

    def chain(*endorsements: bytes) -> bytes:
        return replace(good, endorsements=endorsements).encode()

    yield "shortened", chain(second), *bad, "the first endorsement is left out"
    yield "reordered", chain(second, first), *bad, "its endorsements in the wrong order"
    yield "twice", chain(first, first, second), *bad, "the first endorsement twice"
    body = good_body("certificate", {})[0]
    other = passed(Instrument(bank.sign("certificate", (*body[:3], 6, *body[4:]))), bank, alice, bob)
    yield "spliced", chain(*other.endorsements, second), *bad, "its start is another certificate's"
    fifth = passed(good, bank, carol, bob, carol, bob)
    yield (
        "beyond-longest",
        fifth.encode(),
        SHAPE,
        "more endorsements than the 4",
        "five endorsements, where its bank allows four",
    )
    yield (
        "first-named",
        replace(good, first=alice.key).encode(),
        SHAPE,
        "names its first holder itself",
        "a first holder beside it",
    )
    book = drawn().chequebook
    yield (
        "with-book",
        replace(good, chequebook=book).encode(),
        SHAPE,
        "names its first holder itself",
        "a chequebook beside it",
    )
    forged = mallory.sign("certificate", body)
    yield (
        "forged",
        replace(good, body=forged).encode(),
        "bad-signature",
        "another key",
        "signed by another than its bank",
    )
    poor = bank.sign("certificate", (*body[:5], POOR_KEYS[1][1], body[6]))
    yield (
        "holder-first",
        replace(good, body=poor).encode(),
        "bad-key",
        "prime-order",
        "its first holder's key is the identity",
    )
    flipped = good.body[:-1] + bytes([good.body[-1] ^ 1])
    yield "body-flipped", replace(good, body=flipped).encode(), *bad, "one bit of the bank's signature"
