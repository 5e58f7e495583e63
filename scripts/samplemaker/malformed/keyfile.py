"""Faults of a key file; its check bytes are right wherever the fault is not in them."""

from hashlib import blake2b
from typing import Any

import cbor2

from ledgerpost import cbor, vault
from samplemaker.cast import signer_of
from samplemaker.malformed.shapes import POOR_KEYS
from samplemaker.malformed.sheet import Group

Row = tuple[str, bytes, str, str, str]
SHAPE = "wrong-shape"
SELF = cbor.SELF_DESCRIBED
PERSON = b"ledgerpost-key/1"


def key_file() -> Group:
    """A key file without a passphrase; with right check bytes wherever the fault is not in them."""
    alice = signer_of("alice")
    good = vault.seal_key(alice.seed, None, salt=bytes(16), nonce=bytes(24))
    group = Group("key-file", "key-file", good)
    name, public, cost, salt, nonce, box, _ = cbor2.loads(good[3:])

    def made(*fields: Any) -> bytes:
        check = blake2b(cbor2.dumps(list(fields)), digest_size=8, person=PERSON).digest()
        return SELF + cbor2.dumps([*fields, check])

    def changed(at: int, value: Any) -> bytes:
        fields = (name, public, cost, salt, nonce, box)
        return made(*fields[:at], value, *fields[at + 1 :])

    whole = ("cut-short", "not whole")
    bounds, damaged = ("over-limit", "cost out of bounds"), (SHAPE, "damaged")
    rows: list[Row] = [
        (f"cost-{slug}", made(name, public, list(value), salt, nonce, box), *bounds, f"a cost of {value}")
        for slug, value in (
            ("no-passes", (0, 8192)), ("passes", (11, 8192)), ("many-passes", (2**32 - 1, 8192)), ("no-memory", (1, 0)),
            ("little", (1, 8191)), ("much", (1, 2**30 + 1)), ("most", (2**63, 2**63)),
        )
    ]  # fmt: skip
    rows += [
        (f"cost-{slug}", made(name, public, value, salt, nonce, box), *damaged, f"a cost that is {what}")
        for slug, value, what in (
            ("one", [1], "one number"),
            ("text", "cheap", "a text"),
            ("negative", [-1, 8192], "below zero"),
            ("zero", 0, "a number"),
        )
    ]
    rows += [
        (f"field-{at}-{slug}", changed(at, value), *(whole if short else damaged), f"field {at + 1}: {slug}")
        for at, slug, value, short in (
            (1, "short", public[:-1], True), (1, "long", public + b"\0", False), (1, "null", None, True),
            (1, "text", "x" * 32, False),
            (3, "short", salt[:-1], True), (3, "long", salt + b"\0", False), (4, "short", nonce[:-1], True),
            (4, "long", nonce + b"\0", False), (5, "short", box[:-1], True), (5, "long", box + b"\0", False),
        )
    ]  # fmt: skip
    rows += [
        (
            f"public-{slug}",
            made(name, point, cost, salt, nonce, box),
            "bad-key",
            "no valid key",
            f"its public key is {what}",
        )
        for slug, point, what in POOR_KEYS
    ]
    bob = signer_of("bob")
    other = vault._Header(bob.key, None, salt, nonce)
    lying = other.file(other.box(b"").encrypt(alice.seed, nonce).ciphertext)
    swapped = made(name, bob.key, cost, salt, nonce, box)
    rows += [
        ("public-other", lying, "bad-key", "not the one it names", "Bob's public key over Alice's seed"),
        ("public-swapped", swapped, "undecipherable", "altered", "another public key than it was sealed with"),
        ("salt-other", made(name, public, cost, b"\1" * 16, nonce, box), "undecipherable", "altered", "another salt"),
        ("nonce-other", made(name, public, cost, salt, b"\1" * 24, box), "undecipherable", "altered", "another nonce"),
        (
            "box-other",
            made(name, public, cost, salt, nonce, bytes(48)),
            "undecipherable",
            "altered",
            "zeros for the box",
        ),
        ("check", good[:-1] + bytes([good[-1] ^ 1]), *damaged, "one bit of the check bytes"),
        ("trailing", good + b"\n", *damaged, "a line end follows"),
        ("empty", b"", "cut-short", "not whole", "no bytes at all"),
        ("cut", good[:-1], "cut-short", "not whole", "the last byte is missing"),
        ("cut-head", good[:10], "cut-short", "not whole", "only the first ten bytes"),
        ("version", good.replace(b"key/1", b"key/2"), "not-ledgerpost", "no key file", "of version 2"),
        ("no-tag", good[3:], "not-ledgerpost", "no key file", "tag 55799 is missing"),
        ("pem", b"-----BEGIN PRIVATE KEY-----\n", "not-ledgerpost", "no key file", "a key in another program's form"),
        ("seed", alice.seed, "not-ledgerpost", "no key file", "the bare seed"),
        ("large", good + bytes(1024), "over-limit", "1024 bytes at most", "more than 1,024 bytes"),
        ("wide", good.replace(b"\x58\x20", b"\x59\x00\x20", 1), *damaged, "a length in three bytes"),
    ]
    for slug, raw, error, says, what in rows:
        group.put(slug, raw, error, says, what)
    return group
