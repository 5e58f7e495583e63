"""Faults of the word that a recipient leaves for couriers."""

from typing import Any

from ledgerpost import cbor, envelope
from ledgerpost.sealed import Signer
from samplemaker.bad import IDENTITY, sign1
from samplemaker.cast import START, signer_of
from samplemaker.malformed.bodies import HIGH, LOW, encoded, protected
from samplemaker.malformed.shapes import faults
from samplemaker.malformed.sheet import Group

Row = tuple[str, bytes, str, str, str]
SHAPE = "wrong-shape"
SELF = cbor.SELF_DESCRIBED


def words() -> Group:
    """A word that Alice leaves for couriers."""
    alice, bob = signer_of("alice"), signer_of("bob")
    body: tuple[Any, ...] = (alice.fingerprint, START, (LOW, HIGH))

    def left(*body: Any, signer: Signer = alice, key: bytes = alice.key) -> bytes:
        return packed((signer.sign("delivered", body),), key)

    def packed(
        messages: tuple[bytes, ...], key: bytes | None = alice.key, to: bytes | None = None, kind: str = "open"
    ) -> bytes:
        return SELF + cbor.encode((envelope.MAGIC, kind, to, START, cbor.encode((key, to, messages))))

    word = alice.sign("delivered", body)
    group = Group("delivered", "delivered", packed((word,)))
    for at, kind in ((1, "positive"), (2, "list")):
        for odd in faults(kind, body[at] if at == 1 else ()):
            fields = [cbor.encode(each) for each in body]
            fields[at] = odd.raw
            raw = packed((sign1(alice, protected(alice, "delivered"), encoded(fields)),))
            group.put(f"field-{at}-{odd.slug}", raw, odd.error, odd.says, f"field {at + 1} is {odd.what}")
    rows: tuple[tuple[str, bytes, str, str, str], ...] = (
        ("none", left(*body[:2], ()), SHAPE, "names no envelope", "no envelope is named"),
        ("order", left(*body[:2], (HIGH, LOW)), SHAPE, "sorted", "envelopes in the wrong order"),
        ("twice", left(*body[:2], (LOW, LOW)), SHAPE, "sorted", "one envelope twice"),
        ("short", left(*body[:2], (LOW[:-1],)), SHAPE, "digest is 32", "an envelope's name of 31 bytes"),
        ("of-two", left(*body[:2]), SHAPE, "2 fields", "two fields, where three belong"),
        ("of-four", left(*body, None), SHAPE, "4 fields", "four fields, where three belong"),
        ("anothers", left(bob.fingerprint, *body[1:]), "wrong-bank", "another's mail", "of Bob's mail, by Alice"),
        ("stranger", left(*body, signer=bob), "bad-signature", "another key", "signed by Bob, sent by Alice"),
        ("senderless", packed((word,), None), SHAPE, "one message", "no sender is named"),
        ("two", packed((word, word)), SHAPE, "one message", "two words in one envelope"),
        ("type", packed((alice.sign("card", body),)), SHAPE, "where a delivered belongs", "a card for a word"),
        ("addressed", packed((word,), to=alice.fingerprint), SHAPE, "for whoever holds it", "addressed to somebody"),
        ("poor-key", packed((word,), IDENTITY), "bad-key", "prime-order", "the sender's key is the identity"),
        (
            "large",
            bytes(65537)[:0] + SELF + b"\x85" + cbor.encode(envelope.MAGIC),
            "cut-short",
            "end before",
            "nothing but its start",
        ),
        ("cut", packed((word[:-1],)), "cut-short", "end before", "a word without its last byte"),
        (
            "flipped",
            packed((word[:-1] + bytes([word[-1] ^ 1]),)),
            "bad-signature",
            "does not verify",
            "one bit of its signature",
        ),
    )
    for slug, raw, error, says, what in rows:
        group.put(slug, raw, error, says, what)
    return group
