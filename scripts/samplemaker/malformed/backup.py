"""Faults of a bank's backup: its signed head, and the records behind it."""

from hashlib import sha256
from typing import Any

from ledgerpost import cbor, vault
from ledgerpost.sealed import Signer
from ledgerpost.terms import Digest
from samplemaker.cast import START, signer_of
from samplemaker.malformed.bodies import LOW
from samplemaker.malformed.sheet import Group

Row = tuple[str, bytes, str, str, str]
SHAPE = "wrong-shape"
SELF = cbor.SELF_DESCRIBED


class _Backup:
    """A bank's, with three records."""

    def __init__(self) -> None:
        self.bank = signer_of("bank")
        self.key = vault.seal_key(self.bank.seed, None, salt=bytes(16), nonce=bytes(24))
        self.records: list[Any] = [(b"!key", self.key), (b"a", b"1"), (b"b", b"2")]

    def head(self, raws: list[bytes], **changes: Any) -> bytes:
        rest = b"".join(raws)
        row = {"owner": self.bank.fingerprint, "kind": "bank", "time": START, "records": len(raws)}
        body = {**row, "digest": Digest(sha256(rest).digest()), **changes}
        signer: Signer = changes.get("_signer", self.bank)
        fields = tuple(value for name, value in body.items() if not name.startswith("_"))
        return SELF + signer.sign(changes.get("_type", "backup"), fields)

    def file(self, *records: Any, **changes: Any) -> bytes:
        """Signed over these records; bytes go in as they are."""
        raws = [each if isinstance(each, bytes) else cbor.encode(each) for each in records or self.records]
        return self.head(raws, **changes) + b"".join(raws)


def backup() -> Group:
    """Of a bank; another reader is asked for a wallet's."""
    b = _Backup()
    good = b.file()
    group = Group("backup", "backup bank", good)
    key, one, two = b.records
    other, mallory = signer_of("other-bank"), signer_of("mallory")
    kind = (SHAPE, "one of wallet, bank")
    place, record = ("not-deterministic", "not in its place"), (SHAPE, "array of key and value")
    head = good[: len(good) - sum(len(cbor.encode(each)) for each in b.records)]
    rows: tuple[Row, ...] = (
        (
            "owner-other",
            b.file(owner=other.fingerprint),
            "wrong-bank",
            "another owner",
            "another owner than its signer",
        ),
        ("owner-short", b.file(owner=bytes(19)), SHAPE, "fingerprint is 20", "an owner of 19 bytes"),
        ("kind-other", b.file(kind="purse"), *kind, "of a kind that is none"),
        ("kind-null", b.file(kind=None), *kind, "of no kind"),
        (
            "kind-wallet",
            b.file(kind="wallet"),
            "wrong-kind",
            "backup of a wallet",
            "a wallet's, where a bank's belongs",
        ),
        ("time-negative", b.file(time=-1), SHAPE, "from 0 to", "a time below zero"),
        ("time-text", b.file(time="now"), SHAPE, "from 0 to", "a text for its time"),
        ("records-zero", b.file(records=0), SHAPE, "from 1 to", "no record announced"),
        ("records-more", b.file(records=4), "cut-short", "3 of its 4", "a record more announced"),
        ("records-fewer", b.file(records=2), "trailing-bytes", "where 2 were signed", "a record fewer announced"),
        ("digest-other", b.file(digest=LOW), "altered", "not the ones", "another digest"),
        ("digest-short", b.file(digest=LOW[:-1]), SHAPE, "digest is 32", "a digest of 31 bytes"),
        ("type", b.file(_type="card"), "not-ledgerpost", "a card, and no backup", "a head that is a card"),
        ("signer-other", b.file(_signer=mallory), "bad-signature", "another key", "a head signed by Mallory"),
        ("no-key", b.file(one, two), "cut-short", "no key file", "no key file"),
        ("no-records", head, "cut-short", "no key file", "a head and nothing else"),
        ("order", b.file(key, two, one), *place, "records in the wrong order"),
        ("twice", b.file(key, one, one), *place, "one record twice"),
        ("key-twice", b.file(key, key, one), *place, "the key file twice"),
        ("key-late", b.file((b"!", b""), key, one), "cut-short", "no key file", "a record before the key file"),
        ("record-bytes", b.file(key, b"\x41a", two), *record, "a record that is a byte string"),
        ("record-of-one", b.file(key, (b"a",), two), *record, "a record of one field"),
        ("record-of-three", b.file(key, (b"a", b"1", b"2"), two), *record, "a record of three fields"),
        ("record-map", b.file(key, b"\xa1\x41a\x411", two), *record, "a record that is a map"),
        ("record-text", b.file(key, b"\x82\x61a\x411", two), SHAPE, "string of bytes", "a record under a text"),
        ("record-number", b.file(key, b"\x82\x41a\x01", two), SHAPE, "string of bytes", "a number for a value"),
        (
            "record-wide",
            b.file(key, b"\x82\x58\x01a\x411", two),
            "not-deterministic",
            "deterministic form",
            "a length of 1 in two bytes",
        ),
        (
            "record-endless",
            b.file(key, b"\x82\x5f\x41a\xff\x411", two),
            SHAPE,
            "string of bytes",
            "a key of indefinite length",
        ),
        (
            "record-huge",
            b.file(key, b"\x82\x41a\x5b" + b"\x7f" * 8),
            SHAPE,
            "string of bytes",
            "a value of 2^63-1 bytes",
        ),
        (
            "record-large",
            b.file(key, b"\x82\x41a\x5a\x00\x80\x00\x01"),
            "over-limit",
            "at most",
            "a value of 8 MiB and a byte",
        ),
        ("record-key-large", b.file(key, (bytes([97]) * 512, b"1")), "over-limit", "at most", "a key of 512 bytes"),
        ("record-short", b.file(key, b"\x82\x41a\x421"), "cut-short", "end", "a value that ends early"),
        ("trailing", good + b"\n", *record, "a line end follows"),
        ("cut", good[:-1], "cut-short", "end", "the last byte is missing"),
        ("cut-record", good[:-5], "cut-short", "2 of its 3", "the last record is missing"),
        ("cut-head", good[:30], "cut-short", "end", "only the first 30 bytes"),
        ("cut-start", good[:3], "cut-short", "ends in its head", "only the first three bytes"),
        ("empty", b"", "not-ledgerpost", "no backup", "no bytes at all"),
        ("no-tag", good[3:], "not-ledgerpost", "no backup", "tag 55799 is missing"),
        ("altered", good[:-1] + b"3", "altered", "not the ones", "a record changed after it was signed"),
        ("key-garbage", b.file((b"!key", b"x"), one), "not-ledgerpost", "no key file", "a key file that is none"),
    )
    for slug, raw, error, says, what in rows:
        group.put(slug, raw, error, says, what)
    flipped = bytearray(good)
    flipped[len(head) - 1] ^= 1
    group.put("head-flipped", bytes(flipped), "bad-signature", "does not verify", "one bit of the head's signature")
    return group
