"""Signed messages: what a checked key signed, under its own type, bank and version, and nothing that resembles it."""

from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl import bindings

from ledgerpost import cbor, sealed
from ledgerpost.errors import (
    BadBytes,
    BadKey,
    BadSignature,
    CutShort,
    IndefiniteLength,
    NotDeterministic,
    OverLimit,
    Refusal,
    TrailingBytes,
    UnexpectedTag,
    UnknownType,
    WrongBank,
    WrongShape,
)
from ledgerpost.papers.bankcard import BankCard, open_bank_card
from ledgerpost.papers.beside import identity_of_part
from ledgerpost.papers.card import Card, open_card
from ledgerpost.papers.contract import Contract, open_contract, read_head
from ledgerpost.papers.kinds import Paper
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.order import Order
from ledgerpost.papers.orders import KINDS
from ledgerpost.papers.questions import GetConfirmedBalance, GetQ
from ledgerpost.papers.receipt import Base, Receipt, Waits
from ledgerpost.papers.stopcheque import StopCheque
from ledgerpost.papers.terms import LONGEST, MOST, Fee, Terms
from ledgerpost.sealed import Signer, checked_key, fingerprint, identity_of, open_message, read, trusted, verify
from ledgerpost.statement import Span, Statement, digest_of
from ledgerpost.terms import Digest
from town import Bank, Party, contract_text, seed_of

ME, OTHER = Signer.from_seed(bytes(range(32))), Signer.from_seed(b"o" * 32)
RAW = ME.sign("getq", (ME.fingerprint, 1))
L = 2**252 + 27742317777372353535851937790883648493

# The eight points of small order, as published with RFC 7748's security considerations and in libsodium's tests.
SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
]


def flipped(raw: bytes, at: int, by: int = 1) -> bytes:
    changed = bytearray(raw)
    changed[at] ^= by
    return bytes(changed)


def cose(header: Any, payload: Any = b"\x81\x01", signer: Signer = ME, unprotected: Any = None, **parts: Any) -> bytes:
    """A COSE_Sign1 of whatever parts, truly signed."""
    protected = header if isinstance(header, bytes) else cbor.encode(header)
    signed = bindings.crypto_sign(cbor.encode(("Signature1", protected, b"", payload)), signer.secret)[:64]
    four = (protected, unprotected or {}, payload, parts.get("signature", signed))
    return b"\xd2" + cbor.encode(four)


HEADER = {1: -8, 4: bytes(ME.fingerprint), 16: "lp1.getq"}


# --- there and back -------------------------------------------------------------------------------------------------


def test_a_message_signed_reads_and_verifies() -> None:
    claim = read(RAW)
    assert (claim.signer, claim.type, claim.body, claim.raw) == (ME.fingerprint, "getq", (ME.fingerprint, 1), RAW)
    message = verify(claim, ME.key)
    assert (message.signer, message.type, message.body, message.raw) == (claim.signer, claim.type, claim.body, RAW)
    assert message.identity == identity_of(claim) == identity_of_part(RAW) == sha256(claim.to_be_signed).digest()
    assert trusted(RAW) == message == open_message(RAW, ME.key) == open_message(RAW, ME.key, "spendto", "getq")
    assert sealed.is_message(RAW)
    assert not sealed.is_message(RAW[1:])
    assert cose(HEADER, cbor.encode((ME.fingerprint, 1))) == RAW, "as RFC 9052 lays it out"


def test_the_identity_is_of_what_was_signed_and_never_of_the_signature() -> None:
    other_signature = cose(HEADER, cbor.encode((ME.fingerprint, 1)), signature=bytes(64))
    assert identity_of(read(other_signature)) == identity_of(read(RAW))
    with pytest.raises(BadSignature):
        open_message(other_signature, ME.key)


@settings(max_examples=300)
@given(st.integers(0, len(RAW) - 1), st.integers(1, 255))
def test_no_byte_can_change(at: int, by: int) -> None:
    with pytest.raises(BadBytes):
        open_message(flipped(RAW, at, by), ME.key)


def test_no_end_can_be_cut_and_nothing_can_follow() -> None:
    for length in range(len(RAW)):
        with pytest.raises(CutShort if length else UnexpectedTag):
            read(RAW[:length])
    with pytest.raises(BadBytes):
        read(RAW + b"\x00")


def test_a_signature_that_differs_by_the_group_order_is_refused() -> None:
    """The classic malleability: s + L verifies in careless libraries."""
    signature = read(RAW).signature
    s = int.from_bytes(signature[32:], "little") + L
    twin = RAW[:-64] + signature[:32] + s.to_bytes(32, "little")
    with pytest.raises(BadSignature):
        open_message(twin, ME.key)


# --- keys -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", SMALL_ORDER)
def test_small_order_keys_are_refused(key: str) -> None:
    with pytest.raises(BadKey, match="prime-order"):
        checked_key(bytes.fromhex(key))


def add(a: bytes, b: bytes) -> bytes:
    return bindings.crypto_core_ed25519_add(a, b)


@pytest.mark.parametrize("small", [1, 4, 5, 6, 7])
def test_mixed_order_keys_are_refused(small: int) -> None:
    mixed = add(ME.key, bytes.fromhex(SMALL_ORDER[small]))
    assert mixed != ME.key
    with pytest.raises(BadKey, match="prime-order"):
        checked_key(mixed)


@pytest.mark.parametrize("length", [0, 1, 31, 33, 64])
def test_keys_of_another_length_are_refused(length: int) -> None:
    with pytest.raises(BadKey, match=f"of {length} bytes"):
        checked_key(bytes(length))


def test_keys_in_another_than_their_one_form_and_no_points_are_refused() -> None:
    p = 2**255 - 19
    for number in (p, p + 1, p + 3, 2**255 - 1, 2):
        with pytest.raises(BadKey):
            checked_key(number.to_bytes(32, "little"))
    assert checked_key(ME.key) == ME.key


def test_a_key_must_have_the_fingerprint_claimed() -> None:
    with pytest.raises(BadSignature, match="another key"):
        verify(read(RAW), OTHER.key)
    forged = cose({1: -8, 4: bytes(OTHER.fingerprint), 16: "lp1.getq"}, signer=ME)
    with pytest.raises(BadSignature, match="does not verify"):
        open_message(forged, OTHER.key)
    with pytest.raises(BadKey):
        verify(read(RAW), bytes(32))


def test_the_fingerprint_is_the_cose_thumbprint_cut() -> None:
    thumb = sha256(bytes.fromhex("a3010120062158 20".replace(" ", "")) + ME.key).digest()
    assert fingerprint(ME.key) == thumb[:20] == ME.fingerprint
    assert str(ME) == repr(ME) == f"Signer({thumb[:20].hex()})"
    assert ME.seed.hex() not in repr(ME)


# --- headers --------------------------------------------------------------------------------------------------------

KID = bytes(ME.fingerprint)
HEADERS: list[tuple[str, Any, type[BadBytes]]] = [
    ("no typ", {1: -8, 4: KID}, WrongShape),
    ("more", {1: -8, 4: KID, 5: 0, 16: "lp1.getq"}, WrongShape),
    ("another label", {1: -8, 4: KID, 17: "lp1.getq"}, WrongShape),
    ("label True", {4: KID, 16: "lp1.getq", True: -8}, WrongShape),
    ("label 1.0", {4: KID, 16: "lp1.getq", 1.0: -8}, WrongShape),
    ("no map", (1, 2), WrongShape),
    ("another algorithm", {1: -7, 4: KID, 16: "lp1.getq"}, WrongShape),
    ("algorithm by name", {1: "EdDSA", 4: KID, 16: "lp1.getq"}, WrongShape),
    ("algorithm as float", {1: -8.0, 4: KID, 16: "lp1.getq"}, WrongShape),
    ("short kid", {1: -8, 4: KID[:19], 16: "lp1.getq"}, WrongShape),
    ("kid as text", {1: -8, 4: "x" * 20, 16: "lp1.getq"}, WrongShape),
    ("another version", {1: -8, 4: KID, 16: "lp2.getq"}, UnknownType),
    ("no version", {1: -8, 4: KID, 16: "getq"}, WrongShape),
    ("a foreign type", {1: -8, 4: KID, 16: "application/json"}, WrongShape),
    ("typ as bytes", {1: -8, 4: KID, 16: b"lp1.getq"}, WrongShape),
    ("typ as number", {1: -8, 4: KID, 16: 1}, WrongShape),
    ("too long", {1: -8, 4: KID, 16: "lp1." + "x" * 128}, OverLimit),
    ("no CBOR", b"\xff", WrongShape),
    ("unsorted", bytes.fromhex("a3" + "04" + "54" + KID.hex() + "0127" + "10" + "68") + b"lp1.getq", NotDeterministic),
]


@pytest.mark.parametrize(("header", "error"), [case[1:] for case in HEADERS], ids=[case[0] for case in HEADERS])
def test_headers_that_are_refused(header: Any, error: type[BadBytes]) -> None:
    with pytest.raises(error):
        read(cose(header))


def test_parts_that_are_refused() -> None:
    good = cbor.decode(RAW[1:])
    for at, bad in ((0, "x"), (2, "x"), (3, "x"), (3, bytes(63)), (3, bytes(65)), (1, {1: 2}), (1, ()), (1, None)):
        parts = (*good[:at], bad, *good[at + 1 :])
        with pytest.raises(WrongShape):
            read(b"\xd2" + cbor.encode(parts))
    for whole in ((), good[:3], (*good, 1), 7, {1: 2}):
        with pytest.raises(WrongShape, match="four parts"):
            read(b"\xd2" + cbor.encode(whole))
    for payload in ({1: 2}, 7, b"", None):
        with pytest.raises(WrongShape, match="no array"):
            read(cose(HEADER, cbor.encode(payload)))
    for start in (b"\xd1", b"\xd9\xd9\xf7", b"\x84", b""):
        with pytest.raises(UnexpectedTag, match="tag 18"):
            read(start + RAW[1:])
    with pytest.raises(OverLimit):
        read(RAW, len(RAW) - 2)
    assert read(RAW, len(RAW) - 1).body


@pytest.mark.parametrize("size", [0, 1, 20, 21, 22, 252, 253, 254, 65531, 65532, 65533, 65536])
def test_message_and_sig_structure_are_as_the_codec_writes_them(size: int) -> None:
    """Around the sizes at which the length of the payload, or of the string in it, takes one byte more."""
    raw = ME.sign("getq", (bytes(size),))
    protected, unprotected, payload, signature = cbor.decode(raw[1:])
    assert raw == b"\xd2" + cbor.encode((protected, {}, payload, signature))
    claim = read(raw)
    assert (claim.signature, claim.body, unprotected) == (signature, (bytes(size),), {})
    assert claim.to_be_signed == cbor.encode(("Signature1", protected, b"", payload))
    assert claim.to_be_signed == sealed.signable(ME.fingerprint, "getq", cbor.encode((bytes(size),)))


PROTECTED, _, PAYLOAD, SIGNATURE = cbor.decode(RAW[1:])
PIECES = tuple(map(cbor.encode, (PROTECTED, {}, PAYLOAD, SIGNATURE)))
LONGER = [b"\x5b" + len(part).to_bytes(8, "big") + part for part in (PROTECTED, b"", PAYLOAD, SIGNATURE)]
LONGER[1] = b"\xb8\0"
ENDLESS = tuple(b"\x5f" + piece + b"\xff" if piece[0] != 0xA0 else b"\xbf\xff" for piece in PIECES)


@pytest.mark.parametrize("at", range(4))
@pytest.mark.parametrize("shape", [b"", b"\0"], ids=["four parts", "a fifth"])
def test_the_form_of_every_part_is_judged_and_before_the_shape(at: int, shape: bytes) -> None:
    head = bytes([0x84 + len(shape)])
    whole = b"\xd2" + head + b"".join(PIECES) + shape
    for other, error in ((LONGER[at], NotDeterministic), (ENDLESS[at], IndefiniteLength)):
        raw = b"\xd2" + head + b"".join((*PIECES[:at], other, *PIECES[at + 1 :])) + shape
        with pytest.raises(NotDeterministic) as caught:
            read(raw)
        assert type(caught.value) is error
    with pytest.raises(NotDeterministic):
        read(b"\xd2\x98" + bytes([4 + len(shape)]) + whole[2:])
    with pytest.raises(TrailingBytes, match="2 bytes follow"):
        read(whole + b"\0\0")
    if shape:
        with pytest.raises(WrongShape, match="four parts"):
            read(whole)
    else:
        assert whole == RAW


def test_another_type_is_another_message() -> None:
    """The type is signed: no message can be read as another type."""
    with pytest.raises(WrongShape, match="a getq where a spendto or letter belongs"):
        open_message(RAW, ME.key, "spendto", "letter")
    for kind in KINDS.values():
        if kind is not GetQ:
            with pytest.raises(WrongShape):
                kind.of(open_message(RAW, ME.key))
    retyped = RAW.replace(b"lp1.getq", b"lp1.getr")
    with pytest.raises(BadSignature):
        open_message(retyped, ME.key)


def test_another_banks_message_is_refused() -> None:
    raw = StopCheque(OTHER.fingerprint, 1, ()).sign(ME)
    with pytest.raises(WrongBank, match="another bank"):
        StopCheque.of(open_message(raw, ME.key), ME.fingerprint)
    assert StopCheque.of(open_message(raw, ME.key), OTHER.fingerprint).seq == 1
    with pytest.raises(WrongBank):
        GetQ.of(open_message(ME.sign("getq", ()), ME.key), ME.fingerprint)


# --- papers ---------------------------------------------------------------------------------------------------------


def test_papers_have_just_their_fields() -> None:
    for body in ((), (1, 2)):
        with pytest.raises(WrongShape, match="fields instead of 1"):
            GetConfirmedBalance.read(body)
    assert GetConfirmedBalance.read((bytes(32),)).body() == (bytes(32),)


def test_an_order_that_is_nothing_special_changes_nothing() -> None:
    order, nothing = Order(), Statement(ME.fingerprint, ME.fingerprint)
    assert (order.effect(nothing), order.refused(nothing, Refusal.LATE)) == (nothing, nothing)
    assert (tuple(order.parties()), tuple(order.assets()), order.clear(None), order.settle(None, b"")) == (  # type: ignore[arg-type]
        (),
        (),
        None,
        None,
    )
    assert Paper.read(()).body() == ()


def a_receipt(**fields: Any) -> tuple[Any, ...]:
    nothing = Statement(ME.fingerprint, OTHER.fingerprint).encode()
    values: dict[str, Any] = {
        "bank": ME.fingerprint,
        "party": OTHER.fingerprint,
        "time": 1,
        "statement": nothing,
        "base": (digest_of(nothing), None),
        "answers": ((bytes(32), ((0,), (30, None, (bytes(20), 1, bytes(32), 1)), (21, bytes(32)))),),
        "highest": 3,
        "pending": ((1, "receipt", 1), (2, "receipt", 1)),
        "restoring": False,
    }
    return tuple((values | fields).values())


def test_receipts_are_written_as_they_are_read() -> None:
    receipt = Receipt.read(a_receipt())
    assert receipt.body() == a_receipt()
    assert receipt.parts() == (bytes(32),)
    apart = Receipt.read(a_receipt(base=(b"b" * 32, b"l" * 32)))
    assert apart.parts() == (b"b" * 32, b"l" * 32, bytes(32))
    assert (receipt.base, receipt.pending[0]) == (Base(digest_of(receipt.statement), None), Waits(1, "receipt", 1))


@pytest.mark.parametrize(
    "result",
    [
        (),
        (0, None),
        (0, bytes(32), None),
        (0, bytes(32), None, None),
        (0, None, None, bytes(32), bytes(32)),
        (True,),
        (0.0,),
        (99,),
        (-1,),
        0,
        None,
        ("0",),
        (0, b""),
    ],
)
def test_results_have_one_form(result: Any) -> None:
    with pytest.raises(WrongShape):
        Receipt.read(a_receipt(answers=((bytes(32), (result,)),)))


def test_receipts_answer_something_and_list_notices_in_order() -> None:
    for fields in ({"answers": ()}, {"pending": ((2, "a", 1), (1, "a", 1))}, {"pending": ((1, "a", 1), (1, "a", 2))}):
        with pytest.raises(WrongShape):
            Receipt.read(a_receipt(**fields))
    with pytest.raises(OverLimit):
        Receipt.read(a_receipt(answers=((bytes(32), ()),) * 9))


def test_terms_keep_caps_and_fees_in_bounds() -> None:
    good: dict[str, Any] = {"bank": ME.fingerprint, "serial": 1, "time": 1}
    Terms(**good, most_numbers=MOST, most_outstanding=MOST // 8, most_incoming=MOST // 8, longest=LONGEST).check()
    bad: list[dict[str, Any]] = [
        {"most_numbers": MOST + 1},
        {"most_outstanding": MOST // 8 + 1},
        {"most_incoming": MOST // 8 + 1},
        {"longest": LONGEST + 1},
        {"fees": (Fee("a", 1),)},
        {"token": Digest(bytes(32)), "fees": (Fee("b", 1), Fee("a", 1))},
        {"token": Digest(bytes(32)), "fees": (Fee("a", 1), Fee("a", 2))},
    ]
    for fields in bad:
        with pytest.raises(WrongShape):
            Terms(**good | fields).check()
    terms = Terms(**good, token=Digest(bytes(32)), fees=(Fee("a", 1), Fee("b", 2)))
    assert (terms.fee("a"), terms.fee("b"), terms.fee("c")) == (1, 2, 0)


def test_a_bank_can_be_given_terms_as_values() -> None:
    """Found here: fees as the typed values that ``Terms`` asks for were refused."""
    bank = Bank()
    grain = Digest(b"g" * 32)
    bank.set_terms(token=grain, fees=(Fee("getsequence", 1), Fee("spendto", 2)))
    card, terms = open_bank_card(bank.card)
    assert (card.name, terms.serial, terms.fee("spendto"), terms.token) == ("bank", 2, 2, grain)


def test_bank_cards_are_signed_by_the_key_they_carry() -> None:
    bank = Bank()
    card, terms = open_bank_card(bank.card)
    assert (card.key, card.bank, terms.bank) == (bank.signer.key, bank.signer.fingerprint, bank.signer.fingerprint)
    forged = BankCard(bank.signer.fingerprint, OTHER.key, "bank", 1, card.terms).sign(OTHER)
    with pytest.raises(WrongBank):
        open_bank_card(forged)
    not_its_terms = BankCard(OTHER.fingerprint, OTHER.key, "bank", 1, card.terms).sign(OTHER)
    with pytest.raises(BadSignature):
        open_bank_card(not_its_terms)
    with pytest.raises(WrongShape):
        open_card(bank.card)


def test_a_card_of_another_type_is_refused() -> None:
    alice = Party("alice", Bank())
    card = Card(alice.account.bank.bank, alice.signer.key, "alice")
    assert open_card(card.sign(alice.signer)) == card
    with pytest.raises(WrongShape):
        open_card(alice.signer.sign("getq", card.body()))


def test_parts_are_known_by_statement_digest_or_identity() -> None:
    raw = Statement(ME.fingerprint, OTHER.fingerprint).encode()
    assert identity_of_part(raw) == digest_of(raw) == sha256(raw).digest()
    assert identity_of_part(RAW) == identity_of(read(RAW))


# --- contracts ------------------------------------------------------------------------------------------------------


def test_contracts_are_verified_with_the_key_they_carry() -> None:
    raw = Contract(ME.fingerprint, OTHER.key, contract_text("grain", unit="kg")).sign(OTHER)
    contract, message = open_contract(raw, ME.fingerprint)
    assert (contract.head.name, contract.head.unit, contract.head.decimals, contract.head.limit) == (
        "grain",
        "kg",
        2,
        10**12,
    )
    assert message.signer == OTHER.fingerprint
    with pytest.raises(WrongBank):
        open_contract(raw, OTHER.fingerprint)
    with pytest.raises(WrongShape):
        open_contract(Contract(ME.fingerprint, OTHER.key, "no head").sign(OTHER))


GOOD = contract_text("grain", unit="kg")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ledgerpost contract 1", "ledgerpost contract 2"),
        ("ledgerpost contract 1", " ledgerpost contract 1"),
        ("name: grain", "name: "),
        ("name: grain", "name:grain"),
        ("name: grain", "name:  grain"),
        ("name: grain", "name: grain "),
        ("name: grain", "name: gr\u202eain"),
        ("name: grain\n", ""),
        ("unit: kg", "unit: k g"),
        ("unit: kg", "unit: " + "k" * 13),
        ("unit: kg", "unit: k-g"),
        ("decimals: 2", "decimals: 10"),
        ("decimals: 2", "decimals: 02"),
        ("decimals: 2", "decimals: -1"),
        ("decimals: 2", "decimals: ٢"),
        ("decimals: 2", "decimals: two"),
        ("limit: 1000000000000", f"limit: {2**63}"),
        ("limit: 1000000000000", "limit: 1e9"),
        ("limit: 1000000000000\n", "limit: 1\nmore: 2\n"),
        ("\n\nThe issuer hands out grain against this contract.\n", "\n\n \n\n"),
        ("\n\nThe issuer hands out grain against this contract.\n", "\n"),
        ("\n\nThe issuer hands out grain against this contract.\n", ""),
    ],
)
def test_contracts_whose_head_does_not_read(old: str, new: str) -> None:
    assert old in GOOD
    with pytest.raises(WrongShape):
        read_head(GOOD.replace(old, new))


def test_heads_at_their_bounds() -> None:
    text = GOOD.replace("decimals: 2", "decimals: 9").replace("10" + "0" * 11, str(2**63 - 1))
    assert read_head(text).decimals == 9
    assert read_head(GOOD.replace("1000000000000", "0")).limit == 0
    assert read_head(GOOD.replace("unit: kg", "unit: " + "k" * 12)).unit == "k" * 12


def test_a_notice_of_an_unknown_kind_is_refused() -> None:
    body = (ME.fingerprint, OTHER.fingerprint, 1, 1, "gift", 0, bytes(32), None, None, 1, bytes(32), 1, 1, 0, None)
    with pytest.raises(WrongShape):
        Notice.read(body)
    assert Notice.read((*body[:4], "expiredspend", *body[5:])).pending().kind == "expiredspend"


def test_ranges_in_orders_rise_and_do_not_touch() -> None:
    for spans in (((2, 1),), ((1, 2), (2, 3)), ((1, 2), (3, 4)), ((5, 6), (1, 2)), ((0, 1),)):
        with pytest.raises(WrongShape):
            StopCheque.read((ME.fingerprint, 1, spans))
    assert StopCheque.read((ME.fingerprint, 1, ((1, 2), (4, 4)))).spans == (Span(1, 2), Span(4, 4))


def test_seeds_of_the_town_give_other_keys() -> None:
    assert Signer.from_seed(seed_of("a")).key != Signer.from_seed(seed_of("b")).key
