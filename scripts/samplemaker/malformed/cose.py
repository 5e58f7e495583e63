"""Faults around good fields: the tag, headers and signature of a message, and whose it is (S1, S3, S4, S5)."""

from collections.abc import Iterator

from ledgerpost import cbor
from ledgerpost.sealed import VERSION, Signer
from samplemaker.bad import ORDER, sign, sign1
from samplemaker.cast import START, signer_of
from samplemaker.malformed.bodies import ASSET
from samplemaker.malformed.item import DUPLICATE, INDEFINITE, NOT_DETERMINISTIC, SHORT, TRAILING
from samplemaker.malformed.shapes import POOR_KEYS
from samplemaker.malformed.sheet import Group


class _Parts:
    """A small order of Alice's, to be taken apart."""

    def __init__(self) -> None:
        self.alice, self.bank, self.bob = (signer_of(name) for name in ("alice", "bank", "bob"))
        self.header: dict[object, object] = {1: -8, 4: bytes(self.alice.fingerprint), 16: f"{VERSION}spendto"}
        self.body = (self.bank.fingerprint, 1, self.bob.fingerprint, 1, ASSET, 6, START, "x")
        self.protected, self.payload = cbor.encode(self.header), cbor.encode(self.body)
        self.raw = sign1(self.alice, self.protected, self.payload)
        self.signature = self.raw[-64:]

    def headed(self, **changes: object) -> bytes:
        """Signed under a header with other labels: ``_4=...`` is label 4, None leaves it out."""
        header = dict(self.header)
        for name, value in changes.items():
            header[int(name[1:])] = value
        return self.under(cbor.encode({key: value for key, value in header.items() if value is not ...}))

    def under(self, protected: bytes) -> bytes:
        return sign1(self.alice, protected, self.payload)

    def joined(self, *parts: bytes) -> bytes:
        return b"\xd2" + bytes([0x80 + len(parts)]) + b"".join(parts)


def message() -> Group:
    """COSE_Sign1 around good fields."""
    p = _Parts()
    group = Group("cose", "message spendto alice", p.raw)
    for rows in (_heads(p), _parts(p), _labels(p), _signatures(p)):
        for slug, raw, error, says, what in rows:
            group.put(slug, raw, error, says, what)
    return group


Cose = tuple[str, bytes, str, str, str]
FOUR = ("wrong-shape", "four parts belong there")
STRINGS = ("wrong-shape", "are byte strings")
LABELS = ("wrong-shape", "alg, kid and typ, and nothing else")
TAG = ("unexpected-tag", "start with tag 18")
BAD = ("bad-signature", "does not verify")


def _heads(p: _Parts) -> Iterator[Cose]:
    raw = p.raw
    yield "empty", b"", *TAG, "no bytes at all"
    yield "no-tag", raw[1:], *TAG, "tag 18 is missing"
    yield "tag-two-bytes", b"\xd8\x12" + raw[1:], *TAG, "tag 18 in two bytes"
    yield "tag-self-described", b"\xd9\xd9\xf7" + raw, *TAG, "tag 55799 before it"
    for tag, head, what in (
        (16, "d0", "COSE_Encrypt0"),
        (17, "d1", "COSE_Mac0"),
        (61, "d83d", "a CBOR web token"),
        (96, "d860", "COSE_Encrypt"),
        (97, "d861", "COSE_Mac"),
        (98, "d862", "COSE_Sign"),
    ):
        yield f"tag-{tag}", bytes.fromhex(head) + raw[1:], *TAG, f"tag {tag}, {what}"
    yield "tag-twice", b"\xd2" + raw, "unexpected-tag", "tag 18 where none", "tag 18 twice"
    for size in (1, 2, 10, 60, 120, 180):
        yield f"cut-to-{size}", raw[:size], "cut-short", "end before", f"only the first {size} bytes"
    yield "cut-by-one", raw[:-1], "cut-short", "end before", "the last byte is missing"
    yield "trailing", raw + b"\0", *TRAILING, "a byte follows the end"
    yield "twice", raw + raw, *TRAILING, "the same message twice"
    yield "endless", b"\xd2\x9f" + raw[2:] + b"\xff", *INDEFINITE, "an array of indefinite length"
    yield "wide-array", b"\xd2\x98\x04" + raw[2:], *NOT_DETERMINISTIC, "the array's length in two bytes"


def _parts(p: _Parts) -> Iterator[Cose]:
    pro, un, pay, sig = cbor.encode(p.protected), b"\xa0", cbor.encode(p.payload), cbor.encode(p.signature)
    yield "three-parts", p.joined(pro, un, pay), *FOUR, "no signature"
    yield "five-parts", p.joined(pro, un, pay, sig, b"\xf6"), *FOUR, "a null as a fifth part"
    yield "no-parts", p.joined(), *FOUR, "an empty array"
    yield "no-array", b"\xd2" + pay, *FOUR, "a byte string and no array"
    yield "map-of-parts", b"\xd2\xa4\x00" + pro + b"\x01" + un + b"\x02" + pay + b"\x03" + sig, *FOUR, "a map of parts"
    yield "protected-map", p.joined(cbor.encode(p.header), un, pay, sig), *STRINGS, "the protected header bare"
    yield "protected-null", p.joined(b"\xf6", un, pay, sig), *STRINGS, "null for the protected header"
    yield "payload-detached", p.joined(pro, un, b"\xf6", sig), *STRINGS, "null for the payload"
    yield "payload-bare", p.joined(pro, un, p.payload, sig), *STRINGS, "the payload bare"
    yield "payload-text", p.joined(pro, un, b"\x61x", sig), *STRINGS, "a text for the payload"
    yield "signature-null", p.joined(pro, un, pay, b"\xf6"), *STRINGS, "null for the signature"
    yield "signature-array", p.joined(pro, un, pay, b"\x81" + sig), *STRINGS, "the signature in an array"
    for slug, extra, what in (
        ("kid", cbor.encode({4: bytes(20)}), "a kid"),
        ("alg", cbor.encode({1: -8}), "an algorithm"),
        ("type", cbor.encode({3: 60}), "a content type"),
        ("null", b"\xf6", "null"),
        ("array", b"\x80", "an empty array"),
        ("bytes", b"\x41\xa0", "an empty map in a byte string"),
    ):
        filled = sign1(p.alice, p.protected, p.payload, extra)
        yield f"unprotected-{slug}", filled, "wrong-shape", "unprotected header is an empty map", f"unprotected: {what}"
    for slug, payload, what in (
        ("empty-map", b"\xa0", "an empty map"),
        ("number", b"\x01", "a number"),
        ("null", b"\xf6", "null"),
    ):
        yield (
            f"body-{slug}",
            sign1(p.alice, p.protected, payload),
            "wrong-shape",
            "the payload is no array",
            f"the body is {what}",
        )
    yield "body-none", sign1(p.alice, p.protected, b""), *SHORT, "an empty payload"


def _labels(p: _Parts) -> Iterator[Cose]:
    for alg, what in (
        (-7, "ES256"),
        (-19, "Ed25519 (RFC 9864)"),
        (-53, "Ed448"),
        (5, "HMAC 256/256"),
        (8, "8"),
        (0, "0"),
    ):
        yield f"alg-{alg}", p.headed(_1=alg), "wrong-shape", "another algorithm", f"alg is {what}"
    algs: tuple[tuple[str, object], ...] = (("text", "EdDSA"), ("null", None), ("true", True), ("float", -8.0))
    for slug, value in algs:
        yield f"alg-{slug}", p.headed(_1=value), "wrong-shape", "another algorithm", f"alg is a {slug}"
    kid = bytes(p.alice.fingerprint)
    kids: tuple[tuple[str, object], ...] = (
        ("short", kid[:-1]), ("long", kid + b"\0"), ("empty", b""), ("key", bytes(p.alice.key)),
        ("text", "alice"), ("null", None),
    )  # fmt: skip
    for slug, value in kids:
        yield f"kid-{slug}", p.headed(_4=value), "wrong-shape", "kid is a fingerprint", f"kid: {slug}"
    for slug, typ in (
        ("none", "spendto"), ("mime", "application/cwt"), ("upper", "LP1.spendto"), ("blank", " lp1.spendto"),
        ("empty", ""), ("number", 61), ("null", None), ("bytes", b"lp1.spendto"), ("dotless", "lp1"),
    ):  # fmt: skip
        yield f"typ-{slug}", p.headed(_16=typ), "wrong-shape", "names no message", f"typ: {slug}"
    for version in ("lp0.", "lp2.", "lp10.", "lp01."):
        yield (
            f"typ-{version[:-1]}",
            p.headed(_16=f"{version}spendto"),
            "unknown-type",
            "another version",
            f"typ is of version {version[2:-1]}",
        )
    for other in ("cancelspend", "letter", "receipt", "nothing", "", "spendto2", "SPENDTO"):
        what = f"typ is {VERSION}{other}, over a spend's fields"
        yield f"typ-is-{other or 'bare'}", p.headed(_16=VERSION + other), "wrong-shape", "where a spendto belongs", what
    for label in (1, 4, 16):
        yield f"no-{label}", p.headed(**{f"_{label}": ...}), *LABELS, f"label {label} is missing"
    labels: tuple[tuple[int, object, str], ...] = (
        (2, (16,), "crit"),
        (3, 60, "content type"),
        (5, b"1", "IV"),
        (15, {}, "CWT claims"),
        (-1, 0, "label -1"),
        (33, b"", "x5chain"),
    )
    for label, value, what in labels:
        under = {**p.header, label: value}
        raw = cbor.encode(under) if label > 0 and label < 24 else _widely(under)
        yield f"extra-{label}", p.under(raw), *LABELS, f"a fourth header: {what}"
    yield "label-text", p.under(b"\xa4" + p.protected[1:] + b"\x61a\x00"), *LABELS, "a fourth header: a, a text"
    yield (
        "label-true",
        p.under(b"\xa3\x04" + cbor.encode(kid) + b"\x10" + cbor.encode(p.header[16]) + b"\xf5\x27"),
        *LABELS,
        "the label true in place of 1",
    )
    pairs = [bytes([label]) + cbor.encode(p.header[label]) for label in (1, 4, 16)]
    yield "label-twice", p.under(b"\xa4" + pairs[0] + b"".join(pairs)), *DUPLICATE, "alg twice"
    yield "label-order", p.under(b"\xa3" + pairs[1] + pairs[0] + pairs[2]), *NOT_DETERMINISTIC, "kid before alg"
    yield (
        "label-wide",
        p.under(b"\xa3\x18\x01" + pairs[0][1:] + pairs[1] + pairs[2]),
        *NOT_DETERMINISTIC,
        "label 1 in two bytes",
    )
    yield "header-endless", p.under(b"\xbf" + b"".join(pairs) + b"\xff"), *INDEFINITE, "a header of indefinite length"
    yield "header-empty", p.under(b""), *SHORT, "an empty protected header"
    yield "header-empty-map", p.under(b"\xa0"), *LABELS, "an empty map for a protected header"
    yield "header-array", p.under(b"\x80"), *LABELS, "an array for a protected header"
    yield "header-trailing", p.under(p.protected + b"\xf6"), *TRAILING, "a null follows the header"
    yield (
        "header-large",
        p.headed(_16=VERSION + 120 * "x"),
        "over-limit",
        "at most 128",
        "a header of more than 128 bytes",
    )


def _widely(header: dict[object, object]) -> bytes:
    """With labels outside -24 to 23 in RFC 8949's order, which the project's own encoder leaves alone."""
    pairs = sorted((cbor.encode(key), cbor.encode(value)) for key, value in header.items())
    return bytes([0xA0 + len(pairs)]) + b"".join(key + value for key, value in pairs)


def _signatures(p: _Parts) -> Iterator[Cose]:
    head = p.raw[:-64]
    for at in (0, 31, 32, 63):
        flipped = bytearray(p.signature)
        flipped[at] ^= 1
        yield f"flipped-{at}", head + bytes(flipped), *BAD, f"one bit of byte {at} of the signature is flipped"
    r, s = p.signature[:32], p.signature[32:]
    high = (int.from_bytes(s, "little") + ORDER).to_bytes(32, "little")
    yield "s-high", head + r + high, *BAD, "S plus the order of the group"
    yield "s-order", head + r + ORDER.to_bytes(32, "little"), *BAD, "S is the order of the group"
    yield "s-zero", head + r + bytes(32), *BAD, "S is zero"
    yield "zeros", head + bytes(64), *BAD, "64 zeros"
    yield "ones", head + b"\xff" * 64, *BAD, "64 times ff"
    yield "halves", head + s + r, *BAD, "R and S in the wrong order"
    for slug, point, what in POOR_KEYS[:7]:
        yield f"r-{slug}", head + point + s, *BAD, f"R is {what}"
    pro, pay = p.protected, p.payload
    for slug, structure, what in (
        ("payload", pay, "the payload alone is signed"),
        ("no-external", cbor.encode(("Signature1", pro, pay)), "a structure without external data"),
        ("external", cbor.encode(("Signature1", pro, b"x", pay)), "external data, where there is none"),
        ("context", cbor.encode(("Signature", pro, b"", b"", pay)), "the context of COSE_Sign"),
        ("mac", cbor.encode(("MAC0", pro, b"", pay)), "the context of COSE_Mac0"),
        ("header", cbor.encode(("Signature1", b"", b"", pay)), "without its header"),
    ):
        yield f"over-{slug}", head + sign(p.alice, structure), *BAD, f"signed over something else: {what}"
    for size in (0, 1, 32, 63, 65, 96, 128):
        parts = (cbor.encode(pro), b"\xa0", cbor.encode(pay), cbor.encode((p.signature * 2)[:size]))
        yield (
            f"length-{size}",
            p.joined(*parts),
            "wrong-shape",
            f"a signature of {size} bytes",
            f"a signature of {size} bytes",
        )
    yield "other-signer", _by(p.bob, p), *BAD, "signed with Bob's key under Alice's kid"
    kid = cbor.encode({**p.header, 4: bytes(p.bob.fingerprint)})
    says = ("bad-signature", "another key than the one at hand")
    yield "other-kid", sign1(p.alice, kid, p.payload), *says, "signed with Alice's key under Bob's kid"
    yield "bobs", sign1(p.bob, kid, p.payload), *says, "a good message of Bob's, where Alice's belongs"
    for at, value in ((1, 2), (3, 2), (5, 7), (7, "y")):
        changed = cbor.encode((*p.body[:at], value, *p.body[at + 1 :]))
        raw = p.raw.replace(p.payload, changed)
        yield f"changed-{at}", raw, *BAD, f"field {at + 1} changed after it was signed"


def _by(signer: Signer, p: _Parts) -> bytes:
    return sign1(signer, p.protected, p.payload)
