"""Spoilt copies: one fault each, and the code of the error that must come of it.

Where a signature can still be right it is, so that the fault named is the only one.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from typing import Final

from nacl import bindings

from ledgerpost import cbor, envelope
from ledgerpost.papers.card import Card
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.contract import FIRST_LINE, Contract
from ledgerpost.papers.instrument import check_chain, endorse, read_instrument
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.release import Release
from ledgerpost.papers.sequence import Sequence
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.papers.terms import DAY
from ledgerpost.sealed import VERSION, Signer, fingerprint, open_message, read
from ledgerpost.statement import Balance, Block, Span, Spend, Statement
from ledgerpost.terms import Digest, Fingerprint, PublicKey
from samplemaker.cast import START, entropy_of, signer_of
from samplemaker.folder import Folder

ORDER: Final = 2**252 + 27742317777372353535851937790883648493
"""Of the prime-order group (RFC 8032 5.1)."""

IDENTITY: Final = b"\x01" + bytes(31)
NONCANONICAL: Final = b"\xee" + b"\xff" * 30 + b"\x7f"
"""The same point, with y = p + 1."""

EIGHTH: Final = bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")
"""A point of order 8 (C2SP/CCTV, ed25519)."""

Header = dict[int, object]


def sign1(signer: Signer, protected: bytes, payload: bytes, unprotected: bytes = b"\xa0") -> bytes:
    """A COSE_Sign1 of just these pieces, its signature right over them."""
    return _join(protected, unprotected, payload, sign(signer, _structure(protected, payload)))


def sign(signer: Signer, message: bytes) -> bytes:
    return bindings.crypto_sign(message, signer.secret)[:64]


def _structure(protected: bytes, payload: bytes) -> bytes:
    return cbor.encode(("Signature1", protected, b"", payload))


def _join(protected: bytes, unprotected: bytes, payload: bytes, signature: bytes) -> bytes:
    return b"\xd2\x84" + cbor.encode(protected) + unprotected + cbor.encode(payload) + cbor.encode(signature)


class Spoiler:
    """Puts the bad files into the folder. Most are spoilt copies of one spend, an order signed by Alice."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.alice, self.bank = signer_of("alice"), signer_of("bank")
        self.paper = SpendTo(
            self.bank.fingerprint,
            1,
            signer_of("bob").fingerprint,
            1,
            Digest(sha256(b"ledgerpost sample asset").digest()),
            250,
            START + 30 * DAY,
            "good",
        )
        self.raw = self.paper.sign(self.alice)
        self.header: Header = {1: -8, 4: bytes(self.alice.fingerprint), 16: VERSION + SpendTo.TYPE}
        self.protected = cbor.encode(self.header)
        self.payload = cbor.encode(self.paper.body())

    def spoil(self) -> None:
        """Everything."""
        for name, raw, code, what in (*self.forms(), *self.headers(), *self.fields(), *self.signatures()):
            made = {"signer": "alice", "seeds": {"alice": self.folder.seeds["alice"]}}
            reads = {"expect_type": VERSION + SpendTo.TYPE, "expect_bank": self.bank.fingerprint.hex()}
            self.folder.bad(f"{name}.cose", raw, "message", code, what, "S1 S3", **made, **reads)
        for name, raw, code, what in self.cards():
            self.folder.bad(f"{name}.cose", raw, "card", code, what, "S4 S5")
        made = {"signer": "bob", "seeds": {"bob": self.folder.seeds["bob"]}}
        reads = {"expect_type": VERSION + Release.TYPE, "expect_bank": self.bank.fingerprint.hex()}
        for name, raw, code, what in self.releases():
            self.folder.bad(f"{name}.cose", raw, "message", code, what, "C2", **made, **reads)
        for name, raw, code, what in self.statements():
            self.folder.bad(f"{name}.cbor", raw, "statement", code, what, "S3 L2")
        for name, raw, code, what in self.contracts():
            self.folder.bad(f"{name}.cose", raw, "contract", code, what, "O6")
        made = {"seeds": {"alice": self.folder.seeds["alice"]}}
        for name, raw, code, what in (*self.cheques(), *self.certificates()):
            self.folder.bad(f"{name}.cbor", raw, "instrument", code, what, "B2 C1 C4 N4", **made)
        for name, raw, code, what in self.envelopes():
            seeds = {"bank": self.folder.seeds["bank"]}
            self.folder.bad(f"{name}.lpe", raw, "post-to-bank", code, what, "S3 L8", opened_by="bank", seeds=seeds)

    # --- the bytes of a message

    def forms(self) -> Iterator[tuple[str, bytes, str, str]]:
        """Strict decoding: what is well-formed, deterministic and within limits (S3)."""
        raw, protected, payload = self.raw, self.protected, self.payload
        body = self.paper.body()

        def with_payload(new: bytes) -> bytes:
            return sign1(self.alice, protected, new)

        def patched(old: object, new: bytes) -> bytes:
            wanted = cbor.encode(old)
            assert payload.count(wanted) == 1
            return with_payload(payload.replace(wanted, new))

        yield "empty", b"", "unexpected-tag", "no bytes at all"
        yield "cut-short", raw[:-10], "cut-short", "the last ten bytes are missing"
        yield "cut-to-one-byte", raw[:1], "cut-short", "nothing but the tag"
        yield "cut-short-inside", with_payload(payload[:-1]), "cut-short", "the payload ends early"
        yield "trailing-bytes", raw + b"\x00", "trailing-bytes", "a byte follows the end"
        yield (
            "trailing-bytes-inside",
            with_payload(payload + b"\x00"),
            "trailing-bytes",
            "a byte follows in the payload",
        )
        yield "no-tag", raw[1:], "unexpected-tag", "COSE_Sign1 without its tag 18"
        yield "other-tag", b"\xd1" + raw[1:], "unexpected-tag", "tag 17 (COSE_Mac0) where 18 belongs"
        yield "long-tag", b"\xd8\x12" + raw[1:], "unexpected-tag", "tag 18 in two bytes"
        yield "tag-twice", b"\xd2" + raw, "unexpected-tag", "tag 18 twice"
        yield "tag-within", patched(body[6], b"\xc1" + cbor.encode(body[6])), "unexpected-tag", "tag 1 at a moment"
        bignum = patched(250, bytes.fromhex("c249010000000000000000"))
        yield "bignum", bignum, "unexpected-tag", "an amount of 2^64 as a bignum, which is a tag"
        yield "indefinite-array", b"\xd2\x9f" + raw[2:] + b"\xff", "indefinite-length", "the outer array has no length"
        yield (
            "indefinite-payload",
            with_payload(b"\x9f" + payload[1:] + b"\xff"),
            "indefinite-length",
            "so has the body",
        )
        yield "indefinite-text", patched("good", b"\x7f\x64good\xff"), "indefinite-length", "a text in chunks"
        yield "long-integer", patched(250, b"\x19\x00\xfa"), "not-deterministic", "250 in three bytes instead of two"
        yield "long-length", patched("good", b"\x78\x04good"), "not-deterministic", "a length of 4 in two bytes"
        nested = b"\x81" * 9 + b"\x80"
        yield (
            "too-deep",
            with_payload(nested),
            "over-limit",
            "ten arrays, each within the one before, where nine may be",
        )
        huge = with_payload(b"\x9b\x10\x00\x00\x00\x00\x00\x00\x00")
        yield "huge-announcement", huge, "cut-short", "an array that announces 2^60 items and holds none"
        yield "no-utf-8", patched("good", b"\x64g\xc3\x28d"), "wrong-shape", "a text that is no UTF-8"
        yield "reserved", patched("good", b"\x1c"), "wrong-shape", "a reserved initial byte (RFC 8949 3)"

    def headers(self) -> Iterator[tuple[str, bytes, str, str]]:
        """What stands in the headers (S1)."""
        kid, typ = self.header[4], self.header[16]

        def with_header(header: object) -> bytes:
            return sign1(self.alice, header if isinstance(header, bytes) else cbor.encode(header), self.payload)

        def pairs(*pairs: tuple[int, object]) -> bytes:
            inside = b"".join(cbor.encode(key) + cbor.encode(value) for key, value in pairs)
            return with_header(bytes([0xA0 + len(pairs)]) + inside)

        twice = pairs((1, -8), (1, -8), (4, kid), (16, typ))
        yield "duplicate-key", twice, "duplicate-key", "the protected header names alg twice"
        yield "unsorted", pairs((4, kid), (1, -8), (16, typ)), "not-deterministic", "the header's keys are not in order"
        yield "protected-extra", with_header({**self.header, 3: 60}), "wrong-shape", "a fourth header: content type"
        yield "protected-crit", with_header({**self.header, 2: (16,)}), "wrong-shape", "a fourth header: crit"
        yield "protected-empty", with_header(b""), "cut-short", "an empty byte string for a protected header"
        yield "no-kid", with_header({1: -8, 16: typ}), "wrong-shape", "no kid"
        yield "long-kid", with_header({**self.header, 4: bytes(self.alice.key)}), "wrong-shape", "kid of 32 bytes"
        yield "text-kid", with_header({**self.header, 4: "alice"}), "wrong-shape", "kid is a text"
        yield "other-alg", with_header({**self.header, 1: -7}), "wrong-shape", "alg is ES256"
        yield "other-alg-ed25519", with_header({**self.header, 1: -19}), "wrong-shape", "alg is -19 (RFC 9864)"
        yield "alg-true", with_header({**self.header, 1: True}), "wrong-shape", "alg is true"
        yield "big-header", with_header({**self.header, 16: VERSION + 120 * "x"}), "over-limit", "a header of 150 bytes"
        wrong = with_header({**self.header, 16: "lp2." + SpendTo.TYPE})
        yield "wrong-version", wrong, "unknown-type", "typ is of version 2 of the protocol"
        yield "wrong-type", with_header({**self.header, 16: VERSION + "cancelspend"}), "wrong-shape", "another typ"
        filled = sign1(self.alice, self.protected, self.payload, cbor.encode({3: 60}))
        yield "unprotected-header", filled, "wrong-shape", "something stands in the unprotected header"
        yield "unprotected-null", sign1(self.alice, self.protected, self.payload, b"\xf6"), "wrong-shape", "it is null"

    def fields(self) -> Iterator[tuple[str, bytes, str, str]]:
        """What stands in the payload; every one of these is signed as it should be."""
        body = self.paper.body()

        def with_field(at: int, value: object) -> bytes:
            new = (*body[:at], value, *body[at + 1 :])
            return sign1(self.alice, self.protected, cbor.encode(new))

        other = signer_of("other-bank").fingerprint
        yield "wrong-bank", with_field(0, bytes(other)), "wrong-bank", "a good message, for another bank"
        yield "true-for-1", with_field(3, True), "wrong-shape", "number is true"
        yield "float-for-1", with_field(3, 1.0), "wrong-shape", "number is 1.0"
        yield "zero-amount", with_field(5, 0), "wrong-shape", "amount is 0"
        yield "negative-amount", with_field(5, -250), "wrong-shape", "amount is -250"
        yield "amount-too-large", with_field(5, 2**63), "wrong-shape", "amount is 2^63"
        yield "text-for-bytes", with_field(4, "a" * 32), "wrong-shape", "asset is a text"
        yield "bytes-for-text", with_field(7, b"good"), "wrong-shape", "comment is a byte string"
        yield "long-text", with_field(7, 86 * "€"), "over-limit", "comment is 86 letters and 258 bytes, where 256 fit"
        yield "null-amount", with_field(5, None), "wrong-shape", "amount is null"
        short = sign1(self.alice, self.protected, cbor.encode(body[:-1]))
        yield "field-missing", short, "wrong-shape", "the last field is missing"
        more = sign1(self.alice, self.protected, cbor.encode((*body, None)))
        yield "field-more", more, "wrong-shape", "a field too many, null"
        yield (
            "payload-map",
            sign1(self.alice, self.protected, cbor.encode({1: 1})),
            "wrong-shape",
            "the payload is a map",
        )
        three = b"\xd2\x83" + cbor.encode(self.protected) + b"\xa0" + cbor.encode(self.payload)
        yield "three-parts", three, "wrong-shape", "no signature: three parts"
        nothing = _join(self.protected, b"\xa0", b"", bytes(64)).replace(b"\xa0\x40", b"\xa0\xf6")
        yield "detached-payload", nothing, "wrong-shape", "the payload is null"

    def signatures(self) -> Iterator[tuple[str, bytes, str, str]]:
        """Well-formed, and not signed by whom it says."""
        raw = self.raw
        signature = raw[-64:]
        flipped = bytes([signature[0] ^ 1]) + signature[1:]
        yield "flipped-bit-signature", raw[:-64] + flipped, "bad-signature", "one bit of R is flipped"
        good = cbor.encode("good")
        assert raw.count(good) == 1
        yield "flipped-bit-payload", raw.replace(good, cbor.encode("gooe")), "bad-signature", "one bit of the payload"
        mallory = sign1(signer_of("mallory"), self.protected, self.payload)
        yield "other-signer", mallory, "bad-signature", "signed with another key than kid names"
        s = int.from_bytes(signature[32:], "little") + ORDER
        high = raw[:-32] + s.to_bytes(32, "little")
        yield "high-s", high, "bad-signature", "S plus the order of the group: a second form of the same signature"
        empty = sign(self.alice, cbor.encode(("Signature1", self.protected, b"x", self.payload)))
        yield "external-data", raw[:-64] + empty, "bad-signature", "signed with external data, where there is none"
        other = sign(self.alice, cbor.encode(("Signature", self.protected, b"", self.payload)))
        yield "other-context", raw[:-64] + other, "bad-signature", "signed under the context of COSE_Sign"
        short = _join(self.protected, b"\xa0", self.payload, signature[:-1])
        yield "short-signature", short, "wrong-shape", "a signature of 63 bytes"
        long = _join(self.protected, b"\xa0", self.payload, signature + b"\x00")
        yield "long-signature", long, "wrong-shape", "a signature of 65 bytes"
        hers = Card(self.bank.fingerprint, self.alice.key, "Alice").sign(signer_of("bob"))
        yield (
            "wrong-signer",
            hers,
            "wrong-shape",
            "another kind of message, by another signer: the kind is looked at first",
        )

    # --- other papers

    def cards(self) -> Iterator[tuple[str, bytes, str, str]]:
        """A card brings its own key: its fingerprint must be the signer's, and it must be a point of the group."""

        def card(key: bytes, signature: bytes | None = None, kid: bytes | None = None) -> bytes:
            header = {1: -8, 4: kid or bytes(fingerprint(key)), 16: VERSION + Card.TYPE}
            payload = cbor.encode((self.bank.fingerprint, key, "Alice"))
            protected = cbor.encode(header)
            message = _structure(protected, payload)
            return _join(protected, b"\xa0", payload, signature or sign(self.alice, message))

        forged = IDENTITY + bytes(32)
        yield "small-order-key", card(IDENTITY, forged), "bad-key", "its key is the identity; S = 0 fits any message"
        yield "small-order-key-8", card(EIGHTH, forged), "bad-key", "its key is a point of order 8"
        yield "non-canonical-key", card(NONCANONICAL, forged), "bad-key", "its key is the identity, with y = p + 1"
        mixed, raw = self._mixed(card)
        assert mixed != self.alice.key
        yield "mixed-order-key", raw, "bad-key", "its key is Alice's plus a point of order 8; the signature fits"
        off = next(bytes([n]) + bytes(31) for n in range(2, 40) if not _on_curve(bytes([n]) + bytes(31)))
        yield "no-point-key", card(off), "bad-key", "its key is no point of the curve"
        kid = bytes(self.alice.fingerprint)
        yield "short-key", card(bytes(self.alice.key)[:-1], kid=kid), "bad-key", "a key of 31 bytes"
        yield "long-key", card(bytes(self.alice.key) + b"\x00", kid=kid), "bad-key", "a key of 33 bytes"
        bobs = bytes(signer_of("bob").key)
        yield "other-key", card(bobs, kid=kid), "bad-signature", "its key is Bob's, its kid and signature Alice's"

    def _mixed(self, card: Callable[..., bytes]) -> tuple[PublicKey, bytes]:
        """A key with a part of order 8, and a card whose signature verifies even without cofactor."""
        hashed = bytearray(bindings.crypto_hash(self.alice.seed)[:32])
        hashed[0] &= 248
        hashed[31] = hashed[31] & 127 | 64
        secret = int.from_bytes(hashed, "little")
        key = _add(_times_base(secret), EIGHTH)
        for tried in range(1, 1000):
            r = int.from_bytes(sha256(b"mixed %d" % tried).digest(), "little") % ORDER
            point = _times_base(r)
            message = read(card(key, bytes(64))).to_be_signed
            k = int.from_bytes(bindings.crypto_hash(point + key + message), "little") % ORDER
            if k % 8 == 0:
                s = (r + k * secret) % ORDER
                return PublicKey(key), card(key, point + s.to_bytes(32, "little"))
        raise AssertionError("no nonce fits")

    def statements(self) -> Iterator[tuple[str, bytes, str, str]]:
        """Statements have one form only, or digests would differ for equal ones."""
        low, high = Digest(bytes(32)), Digest(b"\x01" * 32)
        good = Statement(
            self.bank.fingerprint,
            self.alice.fingerprint,
            3,
            bytes(16),
            20,
            (Balance(low, 5), Balance(high, 7)),
            (Block(2, 4, START), Block(6, 9, START)),
            (Spend(1, None, low, 3, START), Spend(5, None, low, 3, START)),
            (Span(1, 2), Span(5, 5)),
        )
        turned = replace(good, balances=good.balances[::-1])
        yield "statement-unsorted", turned.encode(), "wrong-shape", "balances are not in order"
        yield "statement-zero", replace(good, balances=(Balance(low, 0),)).encode(), "wrong-shape", "a balance of zero"
        double = replace(good, outstanding=(good.outstanding[0], good.outstanding[0]))
        yield "statement-double", double.encode(), "wrong-shape", "one spend twice"
        split = replace(good, numbers=(Block(2, 4, START), Block(5, 9, START)))
        yield "statement-split", split.encode(), "wrong-shape", "two ranges that should be one"
        overlap = replace(good, taken=(Span(1, 3), Span(3, 5)))
        yield "statement-overlap", overlap.encode(), "wrong-shape", "ranges that overlap"
        beyond = replace(good, highest=8)
        yield "statement-beyond", beyond.encode(), "wrong-shape", "an open number above the highest given out"
        turned = replace(good, numbers=(Block(9, 6, START),))
        yield "statement-backwards", turned.encode(), "wrong-shape", "a range that runs backwards"
        body = cbor.decode(good.encode())
        unsalted = cbor.encode((*body[:4], *body[5:]))
        yield "statement-unsalted", unsalted, "wrong-shape", "without its salt"
        yield "statement-trailing", good.encode() + b"\xf6", "trailing-bytes", "a null follows the end"
        kind = good.encode().replace(b"lp1.", b"lp2.")
        yield "statement-version", kind, "wrong-shape", "of version 2 of the protocol"

    def contracts(self) -> Iterator[tuple[str, bytes, str, str]]:
        """Contracts whose head does not read."""
        issuer = signer_of("issuer")
        good = f"{FIRST_LINE}\nname: Gold\nunit: g\ndecimals: 3\nlimit: 5000000\n\nOne unit is a milligramme.\n"
        for name, old, new, what in (
            ("first-line", FIRST_LINE, "ledgerpost contract 2", "another first line"),
            ("decimals", "decimals: 3", "decimals: 03", "a number with a leading zero"),
            ("order", "name: Gold\nunit: g\n", "unit: g\nname: Gold\n", "head lines in another order"),
            ("crlf", "\n", "\r\n", "lines that end in CR LF"),
            ("empty", "One unit is a milligramme.\n", "", "no words after the head"),
        ):
            raw = Contract(self.bank.fingerprint, issuer.key, good.replace(old, new)).sign(issuer)
            yield f"contract-{name}", raw, "wrong-shape", what

    # --- what goes from hand to hand

    def cheques(self) -> Iterator[tuple[str, bytes, str, str]]:
        """Cheques that a payee must not take, though it knows nothing but the bank's key."""
        held = {n: self.folder.files[f"instruments/{n}.cbor"] for n in ("cheque-22-to-bob", "cheque-26-bob-carol")}
        good, passed = (read_instrument(raw) for raw in held.values())
        bob, carol, mallory = signer_of("bob"), signer_of("carol"), signer_of("mallory")
        raw = good.body.replace(cbor.encode("the rent"), cbor.encode("the Rent"))
        yield "cheque-altered", replace(good, body=raw).encode(), "bad-signature", "one letter of the memo is another"
        yield "cheque-no-chequebook", good.bare().encode(), "wrong-shape", "it brings no chequebook"
        bobs = self.folder.files["chequebooks/bob-1-5.cose"]
        other = replace(good, chequebook=bobs).encode()
        yield "cheque-others-chequebook", other, "bad-signature", "it brings the chequebook of another party"
        early = replace(good, chequebook=self.folder.files["chequebooks/alice-1-20.cose"]).encode()
        yield "cheque-not-covered", early, "wrong-shape", "its number is not in the chequebook it brings"
        assert good.chequebook is not None
        book = Sequence.read(read(good.chequebook).body)
        own = replace(good, chequebook=book.sign(self.alice)).encode()
        yield "cheque-own-chequebook", own, "bad-signature", "its chequebook is signed by the drawer, not by the bank"
        paper = Cheque.read(read(good.body).body)

        def drawn(**other: object) -> bytes:
            body = replace(paper, **other).sign(self.alice)  # type: ignore[arg-type]
            return replace(good, body=body).encode()

        yield "cheque-too-long", drawn(until=book.until + 1), "wrong-shape", "it runs longer than its chequebook"
        yield "cheque-backwards", drawn(until=paper.start - 1), "wrong-shape", "it ends before it starts"
        yield "cheque-memo", drawn(memo=33 * "é"), "over-limit", "a memo of 66 bytes, where 48 fit"
        elsewhere = drawn(bank=signer_of("other-bank").fingerprint)
        yield "cheque-other-bank", elsewhere, "wrong-bank", "drawn on another bank"
        yield "cheque-no-first", replace(passed, first=None).encode(), "wrong-shape", "no key of its first endorser"
        extra = replace(good, first=bob.key).encode()
        yield "cheque-first-alone", extra, "wrong-shape", "a key of a first endorser, and no endorsement"
        mine = endorse(check_chain(good, self.alice.key, self.bank.fingerprint), bob, carol.key)
        yield (
            "cheque-not-payee",
            replace(mine, first=mallory.key).encode(),
            "wrong-shape",
            "endorsed by another than its payee",
        )
        moved = replace(good, first=bob.key, endorsements=passed.endorsements).encode()
        yield "cheque-moved-endorsement", moved, "bad-signature", "an endorsement taken from another cheque"
        anybody = read_instrument(self.folder.files["instruments/cheque-23-to-anybody.cbor"])
        once = endorse(check_chain(anybody, self.alice.key, self.bank.fingerprint), bob, carol.key)
        yield "cheque-open-passed", once.encode(), "wrong-shape", "an open cheque endorsed to another than the bank"

    def releases(self) -> Iterator[tuple[str, bytes, str, str]]:
        """Papers that end no claim: Bob's, spoilt."""
        bob = signer_of("bob")
        good = open_message(self.folder.files["releases/bob-25.cose"], bob.key)
        bank, paper, debtor, asset, amount, comment = good.body

        def signed(*body: object) -> bytes:
            return bob.sign(Release.TYPE, body)

        forged = Release.of(good).sign(signer_of("alice"))
        yield "release-by-debtor", forged, "bad-signature", "signed by the debtor, who is not the claimant"
        other = signer_of("other-bank").fingerprint
        yield "release-wrong-bank", signed(other, *good.body[1:]), "wrong-bank", "made for another bank"
        all_ = signed(bank, paper, None, asset, amount, comment)
        yield "release-of-everybody", all_, "wrong-shape", "null where the debtor belongs"
        any_ = signed(bank, None, debtor, asset, amount, comment)
        yield "release-of-everything", any_, "wrong-shape", "null where the paper belongs"
        yield "release-of-nothing", signed(bank, paper, debtor, asset, 0, comment), "wrong-shape", "an amount of 0"
        long = signed(bank, paper, debtor, asset, amount, 129 * "é")
        yield "release-long-comment", long, "over-limit", "a comment of 258 bytes, where 256 fit"
        as_denial = bob.sign("denyreceipt", good.body)
        yield "release-other-type", as_denial, "wrong-shape", "the same fields, signed as another type"

    def certificates(self) -> Iterator[tuple[str, bytes, str, str]]:
        """Chains that are no chains."""
        file = "instruments/certificate-29-alice-bob-carol.cbor"
        good = read_instrument(self.folder.files[file])
        first, second = good.endorsements
        bob, carol, mallory = signer_of("bob"), signer_of("carol"), signer_of("mallory")

        def chained(*endorsements: bytes) -> bytes:
            return replace(good, endorsements=endorsements).encode()

        yield "chain-altered", chained(first, second[:-1] + bytes([second[-1] ^ 1])), "bad-signature", "one bit flipped"
        to = bytes(mallory.key)
        yield "chain-diverted", chained(first, to + second[32:]), "bad-signature", "its last holder is another"
        yield "chain-shortened", chained(second), "bad-signature", "the first endorsement is left out"
        yield "chain-reordered", chained(second, first), "bad-signature", "two endorsements in the wrong order"
        yield "chain-repeated", chained(first, second, second), "bad-signature", "the last endorsement twice"
        other = read_instrument(self.folder.files["instruments/certificate-28-alice-bob.cbor"])
        yield (
            "chain-spliced",
            chained(*other.endorsements, second),
            "bad-signature",
            "its start is of another certificate",
        )
        yield "chain-short-endorsement", chained(first, second[:-1]), "wrong-shape", "an endorsement of 95 bytes"
        yield (
            "chain-no-point",
            chained(first, IDENTITY + second[32:]),
            "bad-key",
            "its last holder's key is the identity",
        )
        long = good
        for by, following in ((carol, bob), (bob, carol), (carol, bob)):
            long = endorse(check_chain(long, self.bank.key, self.bank.fingerprint), by, following.key)
        yield "chain-too-long", long.encode(), "wrong-shape", "five endorsements, where its bank allows four"
        yield "chain-far-too-long", chained(*17 * (first,)), "over-limit", "17 endorsements, where 16 may be"
        paper = Certificate.read(read(good.body).body)
        forged = replace(good, body=replace(paper, amount=300_000).sign(mallory), endorsements=()).encode()
        yield "certificate-not-the-banks", forged, "bad-signature", "signed by another than the bank it names"
        keyed = replace(good, first=self.alice.key).encode()
        yield "certificate-first", keyed, "wrong-shape", "it names a first endorser besides its first holder"
        letter = replace(good, body=self.folder.files["cards/alice.cose"], endorsements=()).encode()
        yield "instrument-of-a-card", letter, "wrong-shape", "a card where a cheque or certificate belongs"
        yield "instrument-trailing", good.encode() + b"\xf6", "trailing-bytes", "a null follows the end"
        yield "instrument-three", cbor.encode(cbor.decode(good.encode())[:3]), "wrong-shape", "three fields of four"

    # --- what travels

    def envelopes(self) -> Iterator[tuple[str, bytes, str, str]]:
        """Post for the bank that it must not answer."""
        files, bank, alice, mallory = self.folder.files, self.bank, self.alice, signer_of("mallory")
        letter = files["letters/alice-1.cose"]
        until = START + 60 * DAY
        entropy = entropy_of("alice")

        def sealed(*messages: bytes, sender: PublicKey | None = alice.key, to: PublicKey = bank.key) -> bytes:
            return envelope.pack(messages, sender=sender, recipient=to, until=until, entropy=entropy)

        def outside(kind: str, to: Fingerprint | None, body: bytes, magic: str = envelope.MAGIC) -> bytes:
            return cbor.SELF_DESCRIBED + cbor.encode((magic, kind, to, until, body))

        good = sealed(letter)
        body = envelope.look(good).body
        yield "not-ours-empty", b"", "not-ledgerpost", "no bytes at all"
        yield "not-ours", b"\x89PNG\r\n\x1a\n" + bytes(24), "not-ledgerpost", "the start of a picture"
        yield "not-ours-bare-letter", letter, "not-ledgerpost", "a letter without an envelope"
        other = outside("sealed", bank.fingerprint, body, "ledgerpost/2")
        yield "envelope-version", other, "unknown-type", "an envelope of version 2"
        yield "envelope-cut-short", good[:-1], "cut-short", "the last byte is missing"
        yield "envelope-trailing", good + b"\n", "trailing-bytes", "a line end follows"
        kind = outside("closed", bank.fingerprint, body)
        yield "envelope-kind", kind, "wrong-shape", "neither sealed nor open"
        yield (
            "envelope-flipped-bit",
            good[:-1] + bytes([good[-1] ^ 1]),
            "undecipherable",
            "one bit of the seal is flipped",
        )
        bobs = signer_of("bob")
        yield "wrong-recipient", sealed(letter, to=bobs.key), "wrong-recipient", "sealed to Bob"
        other = outside("sealed", bank.fingerprint, envelope.look(sealed(letter, to=bobs.key)).body)
        yield "sealed-to-another", other, "undecipherable", "says it is for the bank, and is sealed to Bob"
        inner = cbor.encode((alice.key, bobs.fingerprint, (letter,)))
        yield "inside-for-another", outside("open", bank.fingerprint, inner), "wrong-recipient", "inside, it is for Bob"
        inner = cbor.encode((IDENTITY, bank.fingerprint, (letter,)))
        yield (
            "small-order-sender",
            outside("open", bank.fingerprint, inner),
            "bad-key",
            "the sender's key is the identity",
        )
        yield (
            "wrong-sender-key",
            sealed(letter, sender=mallory.key),
            "bad-signature",
            "sent by Mallory, signed by Alice",
        )
        yield "no-sender", sealed(letter, sender=None), "wrong-shape", "it names no sender"
        yield "no-letter", sealed(), "wrong-shape", "nothing inside, where 1 to 32 letters belong"
        opened = Letter.of(open_message(letter, alice.key))
        elsewhere = replace(opened, bank=signer_of("other-bank").fingerprint).sign(alice)
        yield "letter-for-another-bank", sealed(elsewhere), "wrong-bank", "a letter for another bank"
        yield (
            "unknown-type",
            sealed(files["cards/alice.cose"]),
            "unknown-type",
            "a card, where the bank expects letters",
        )
        unheard = alice.sign("greeting", (bank.fingerprint, "hello"))
        yield "unheard-of-type", sealed(unheard), "unknown-type", "a message of a type that does not exist"
        tiny = replace(opened, orders=()).sign(alice)
        yield "too-many-letters", sealed(*33 * [tiny]), "over-limit", "33 letters, where 32 are allowed"
        many = replace(opened, orders=129 * (b"\x80",)).sign(alice)
        yield "too-many-orders", sealed(many), "over-limit", "129 orders in a letter, where 128 are allowed"
        yield "one-good-one-bad", sealed(letter, letter[:-1]), "cut-short", "a good letter and one cut short"


def _on_curve(point: bytes) -> bool:
    try:
        bindings.crypto_core_ed25519_add(point, point)
    except Exception:  # whatever the binding raises, it is no point
        return False
    return True


def _add(a: bytes, b: bytes) -> bytes:
    return bindings.crypto_core_ed25519_add(a, b)


def _times_base(scalar: int) -> bytes:
    return bindings.crypto_scalarmult_ed25519_base_noclamp((scalar % ORDER).to_bytes(32, "little"))
