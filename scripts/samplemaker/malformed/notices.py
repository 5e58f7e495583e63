"""Faults of notices: they say other than what they enclose, or enclose what proves nothing."""

from collections.abc import Iterator
from typing import Any

from ledgerpost import cbor
from ledgerpost.papers.instrument import Instrument
from ledgerpost.sealed import Signer, read
from samplemaker.cast import START, signer_of
from samplemaker.malformed.between import SHAPE, Change
from samplemaker.malformed.bodies import ASSET, HIGH, LOW, good_body
from samplemaker.malformed.chains import bought, drawn, passed
from samplemaker.malformed.shapes import POOR_KEYS
from samplemaker.malformed.sheet import Group


def notices() -> Iterator[Group]:
    """Notices to Alice that hold a spend of Bob's, a cheque of hers, or two chains."""
    bank, alice, bob, carol = (signer_of(name) for name in ("bank", "alice", "bob", "carol"))
    spend = bob.sign("spendto", (bank.fingerprint, 2, alice.fingerprint, 3, ASSET, 5, START, "x"))
    body = (
        bank.fingerprint,
        alice.fingerprint,
        1,
        START,
        "receipt",
        1,
        LOW,
        bob.fingerprint,
        bob.key,
        3,
        ASSET,
        5,
        START,
        0,
        spend,
    )
    yield _notice("notice-of-spend", body, (*_SAYS, *_spends(spend)))
    held = passed(drawn(), alice, bob, bank).bare().encode()
    cleared = (*body[:4], "chequecleared", *body[5:9], 1, ASSET, 5, START, 0, held)
    yield _notice("notice-of-cheque", cleared, (*_SAYS_CHEQUE, *_presented(bob)))
    chains = [passed(bought(), bank, alice, to, bank).encode() for to in (bob, carol)]
    twice = (
        *body[:4],
        "recoveredcertificate",
        1,
        LOW,
        carol.fingerprint,
        carol.key,
        1,
        ASSET,
        5,
        START,
        0,
        cbor.encode(chains),
    )
    yield _notice("notice-of-two-chains", twice, _twice(chains))


def _notice(name: str, body: tuple[Any, ...], changes: tuple[Change, ...]) -> Group:
    bank = signer_of("bank")
    group = Group(name, "notice", bank.sign("notice", body))
    for slug, at, value, error, says, what in changes:
        group.put(slug, bank.sign("notice", (*body[:at], value, *body[at + 1 :])), error, says, f"notice: {what}")
    return group


OTHER = (SHAPE, "says other than the message in it")
_SAYS: tuple[Change, ...] = (
    ("party", 1, bytes(20), *OTHER, "to another party than the spend in it"),
    ("number", 9, 4, *OTHER, "another number than the spend in it"),
    ("asset", 10, HIGH, *OTHER, "another asset than the spend in it"),
    ("amount", 11, 6, *OTHER, "another amount than the spend in it"),
    ("until", 12, START + 1, *OTHER, "another end than the spend in it"),
    ("other", 7, bytes(20), *OTHER, "another spender than the spend in it"),
    ("no-key", 8, None, SHAPE, "nothing signed", "no key of the spender's"),
    ("no-message", 14, None, SHAPE, "nothing signed", "no spend in it"),
    ("kind", 4, "withdrawn", SHAPE, "where a cancelspend belongs", "a spend in a notice of a withdrawal"),
    ("kind-closed", 4, "closedspend", SHAPE, "where a confirmreceipt", "a spend in a notice of an acceptance"),
    ("kind-denied", 4, "deniedspend", SHAPE, "where a denyreceipt", "a spend in a notice of a denial"),
    ("kind-expired", 4, "expiredspend", SHAPE, "had not ended", "an expiry before the end"),
    ("poor-key", 8, POOR_KEYS[1][1], "bad-key", "prime-order", "the spender's key is the identity"),
    ("garbage", 14, b"\xd2\x84", "cut-short", "end before", "two bytes for the spend in it"),
)
_SAYS_CHEQUE: tuple[Change, ...] = (
    ("number", 9, 4, SHAPE, "another cheque", "another number than the cheque in it"),
    ("asset", 10, HIGH, SHAPE, "another cheque", "another asset than the cheque in it"),
    ("amount", 11, 6, SHAPE, "another cheque", "another amount than the cheque in it"),
    ("no-key", 8, None, SHAPE, "names no presenter", "no key of the presenter's"),
    ("other", 7, bytes(20), SHAPE, "names no presenter", "another presenter than its key's"),
    ("no-cheque", 14, None, "cut-short", "end before", "no cheque in it"),
    ("early", 3, START - 1, SHAPE, "before its start or after its end", "charged before the cheque's start"),
    ("late", 3, START + 1, SHAPE, "before its start or after its end", "charged after the cheque's end"),
    ("kind", 4, "closedcertificate", SHAPE, "another kind of instrument", "a cheque in a notice of a certificate"),
)


def _spends(spend: bytes) -> tuple[Change, ...]:
    """The enclosed spend, spoilt."""
    bank, alice, bob, mallory = (signer_of(name) for name in ("bank", "alice", "bob", "mallory"))
    fields = read(spend).body
    elsewhere = bob.sign("spendto", (signer_of("other-bank").fingerprint, *fields[1:]))
    flipped = spend[:-1] + bytes([spend[-1] ^ 1])
    return (
        ("enclosed-flipped", 14, flipped, "bad-signature", "does not verify", "one bit of the spender's signature"),
        ("enclosed-forged", 14, mallory.sign("spendto", fields), "bad-signature", "another key", "signed by another"),
        ("enclosed-banks", 14, bank.sign("spendto", fields), "bad-signature", "another key", "signed by the bank"),
        ("enclosed-elsewhere", 14, elsewhere, "wrong-bank", "another bank", "a spend at another bank"),
        ("enclosed-card", 14, alice.sign("card", (1, 2, 3)), SHAPE, "where a spendto belongs", "a card for a spend"),
        ("enclosed-short", 14, bob.sign("spendto", fields[:-1]), SHAPE, "7 fields", "a spend without its last field"),
    )


def _presented(bob: Signer) -> tuple[Change, ...]:
    """The enclosed cheque, spoilt or handed to somebody else."""
    alice, bank, carol = (signer_of(name) for name in ("alice", "bank", "carol"))
    to_carol = passed(drawn(), alice, bob, carol).bare().encode()
    unendorsed = drawn().bare().encode()
    carols = passed(Instrument(carol.sign("cheque", good_body("cheque", {})[0])), carol, bob, bank).encode()
    return (
        ("to-carol", 14, to_carol, SHAPE, "nobody handed", "a cheque that was handed to Carol"),
        ("unendorsed", 14, unendorsed, SHAPE, "nobody handed", "a cheque that nobody endorsed"),
        ("drawer-other", 14, carols, SHAPE, "another signed or bought", "a cheque of Carol's"),
        ("certificate", 14, bought().encode(), SHAPE, "another kind of instrument", "a certificate for a cheque"),
        ("trailing", 14, unendorsed + b"\0", "trailing-bytes", "follow", "a byte follows the cheque in it"),
    )


def _twice(chains: list[bytes]) -> tuple[Change, ...]:
    one, other = chains
    return (
        ("one-chain", 14, cbor.encode((one,)), SHAPE, "two chains of a certificate", "one chain alone"),
        ("same", 14, cbor.encode((other, other)), SHAPE, "do not part", "one chain twice"),
        ("three", 14, cbor.encode((one, other, one)), "over-limit", "at most 2", "three chains"),
        ("none", 14, cbor.encode(()), SHAPE, "two chains of a certificate", "no chain"),
        ("bare", 14, one, "over-limit", "at most 2", "a chain that stands in no pair"),
        ("amount", 11, 6, SHAPE, "another cheque", "another amount than the certificate's"),
        ("number", 9, 2, SHAPE, "another cheque", "another number than the certificate's"),
        ("party", 1, bytes(20), SHAPE, "do not part at the debtor", "to another than who signed twice"),
        ("turned", 14, cbor.encode((other, one)), SHAPE, "nobody handed", "the chains in the wrong order"),
    )
