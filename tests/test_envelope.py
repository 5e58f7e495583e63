"""Envelopes: what a courier may read, what only the recipient may, and what nobody can change unnoticed."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl import bindings
from nacl.public import PrivateKey, SealedBox
from nacl.signing import SigningKey

from ledgerpost import cbor, envelope
from ledgerpost.envelope import MAGIC, MAX_ENVELOPE, MAX_MESSAGES, batches, look, pack, unpack
from ledgerpost.errors import (
    BadBytes,
    BadKey,
    CutShort,
    NotDeterministic,
    NotOurs,
    OverLimit,
    TrailingBytes,
    Undecipherable,
    UnknownType,
    WrongRecipient,
    WrongShape,
)
from ledgerpost.sealed import Signer
from ledgerpost.terms import PublicKey

ME, YOU, OTHER = (Signer.from_seed(bytes([at]) * 32) for at in (1, 2, 3))
SECRET = b"e" * 32
MESSAGES = (b"one", b"two" * 50)
messages = st.lists(st.binary(min_size=1, max_size=200), max_size=6).map(tuple)


def sealed(*contents: bytes, until: int = 0, entropy: bytes = SECRET) -> bytes:
    return pack(contents, sender=ME.key, recipient=YOU.key, until=until, entropy=entropy)


def by_hand(*outside: Any) -> bytes:
    return cbor.SELF_DESCRIBED + cbor.encode((MAGIC, *outside))


# --- there and back -------------------------------------------------------------------------------------------------


@given(messages, st.integers(0, 2**63 - 1))
def test_what_is_sealed_opens_for_its_recipient(contents: tuple[bytes, ...], until: int) -> None:
    raw = sealed(*contents, until=until)
    outside = look(raw)
    assert (outside.kind, outside.recipient, outside.until) == ("sealed", YOU.fingerprint, until)
    inside = unpack(raw, YOU.seed, YOU.fingerprint)
    assert (inside.sender, inside.recipient, inside.messages) == (ME.key, YOU.fingerprint, contents)


@given(st.binary(min_size=32, max_size=32))
def test_the_key_that_is_sealed_to_is_the_one_that_libsodium_makes_of_it(seed: bytes) -> None:
    key = Signer.from_seed(seed).key
    assert envelope._sealing_key(key) == bindings.crypto_sign_ed25519_pk_to_curve25519(key)


@pytest.mark.parametrize("y", [0, 1, -1, 2, 2**255 - 20, 2**255 - 19, 2**255 - 1])
def test_nothing_is_sealed_to_what_is_no_key(y: int) -> None:
    """Also not where the form would divide by nothing."""
    with pytest.raises(BadKey):
        pack(MESSAGES, sender=None, recipient=PublicKey((y % 2**256).to_bytes(32, "little")), until=0, entropy=SECRET)


@given(messages, st.booleans(), st.booleans())
def test_an_open_one_opens_for_anybody(contents: tuple[bytes, ...], named: bool, signed: bool) -> None:
    sender, recipient = ME.key if signed else None, YOU.key if named else None
    raw = pack(contents, sender=sender, recipient=recipient, until=5)
    to = YOU.fingerprint if named else None
    assert (look(raw).kind, look(raw).recipient) == ("open", to)
    inside = unpack(raw)
    assert (inside.sender, inside.recipient, inside.messages) == (sender, to, contents)
    assert raw == pack(contents, sender=sender, recipient=recipient, until=5)


def test_an_open_one_for_whoever_holds_it_is_for_me_too() -> None:
    raw = pack(MESSAGES, sender=None, recipient=None, until=0, entropy=SECRET)
    assert look(raw).kind == "open", "there is nobody to seal it to"
    assert unpack(raw, ME.seed, ME.fingerprint).messages == MESSAGES


def test_libsodiums_own_sealed_box_opens_it() -> None:
    """The box is crypto_box_seal's; only its one-time key is drawn otherwise."""
    private = SigningKey(YOU.seed).to_curve25519_private_key()
    assert isinstance(private, PrivateKey)
    inner = SealedBox(private).decrypt(look(sealed(*MESSAGES)).body)
    assert cbor.decode(inner) == (ME.key, YOU.fingerprint, MESSAGES)
    foreign = SealedBox(private.public_key).encrypt(inner)
    assert unpack(by_hand("sealed", YOU.fingerprint, 0, foreign), YOU.seed).messages == MESSAGES


def test_the_same_answer_is_the_same_file_and_another_one_shares_no_key() -> None:
    assert sealed(*MESSAGES) == sealed(*MESSAGES)
    bodies = [
        look(raw).body
        for raw in (
            sealed(*MESSAGES),
            sealed(*MESSAGES, b"more"),
            sealed(*MESSAGES, entropy=b"f" * 32),
            pack(MESSAGES, sender=ME.key, recipient=OTHER.key, until=0, entropy=SECRET),
        )
    ]
    assert len({body[:32] for body in bodies}) == 4
    assert look(sealed(*MESSAGES, until=9)).body == bodies[0]


def test_nothing_inside_is_seen_from_outside() -> None:
    raw = sealed(b"a very secret letter")
    assert b"secret" not in raw
    assert bytes(ME.key) not in raw
    assert bytes(ME.fingerprint) not in raw


# --- what is refused --------------------------------------------------------------------------------------------------


def test_only_the_recipient_opens_it() -> None:
    raw = sealed(*MESSAGES)
    with pytest.raises(WrongRecipient, match="another"):
        unpack(raw, OTHER.seed, OTHER.fingerprint)
    with pytest.raises(Undecipherable):
        unpack(raw, OTHER.seed)
    with pytest.raises(WrongShape, match="only its recipient"):
        unpack(raw)


def test_an_open_one_for_another_is_not_mine() -> None:
    raw = pack(MESSAGES, sender=ME.key, recipient=YOU.key, until=0)
    with pytest.raises(WrongRecipient):
        unpack(raw, None, OTHER.fingerprint)
    assert unpack(raw, None, YOU.fingerprint).messages == MESSAGES


def test_the_outside_cannot_name_another_than_the_inside() -> None:
    inner = cbor.encode((ME.key, YOU.fingerprint, MESSAGES))
    for to in (OTHER.fingerprint, None):
        with pytest.raises(WrongRecipient, match="outside names another"):
            unpack(by_hand("open", to, 0, inner))
    readdressed = by_hand("sealed", OTHER.fingerprint, 0, look(sealed(*MESSAGES)).body)
    with pytest.raises(Undecipherable):
        unpack(readdressed, OTHER.seed, OTHER.fingerprint)
    with pytest.raises(WrongRecipient):
        unpack(readdressed, YOU.seed)


@settings(max_examples=300)
@given(st.data())
def test_no_byte_of_the_contents_can_change(data: st.DataObject) -> None:
    raw = bytearray(sealed(*MESSAGES, until=1000))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        inside = unpack(bytes(raw), YOU.seed)
    except BadBytes:
        return
    assert look(bytes(raw)).until != 1000, "the last day is a hint and binds nobody; all else is held"
    assert inside.messages == MESSAGES


def test_every_cut_is_cut_short() -> None:
    raw = sealed(*MESSAGES)
    for length in range(len(raw)):
        with pytest.raises(CutShort if length else NotOurs):
            look(raw[:length])
    with pytest.raises(TrailingBytes):
        look(raw + b"\x00")


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b"", NotOurs),
        (b"%PDF-1.7", NotOurs),
        (b"\x00", NotOurs),
        (cbor.SELF_DESCRIBED + b"\x80", NotOurs),
        (cbor.SELF_DESCRIBED + cbor.encode(("ledgerpost-key/1", None)), NotOurs),
        (cbor.SELF_DESCRIBED + cbor.encode(("ledgerpost/2", "open", None, 0, b"x")), UnknownType),
        (cbor.SELF_DESCRIBED + cbor.encode(("ledgerpost/1", "open", None, 0)), BadBytes),
        (cbor.encode((MAGIC, "open", None, 0, b"x")), NotOurs),
        (by_hand("sealed", None, 0, b"x" * 99), WrongShape),
        (by_hand("closed", None, 0, b"x"), WrongShape),
        (by_hand("open", b"x" * 19, 0, b"x"), WrongShape),
        (by_hand("open", None, -1, b"x"), WrongShape),
        (by_hand("open", None, True, b"x"), WrongShape),
        (by_hand("open", None, 0, b""), WrongShape),
        (by_hand("open", None, 0, "x"), WrongShape),
        (by_hand("open", None, 0), BadBytes),
        (by_hand("open", None, 0, b"x", 1), BadBytes),
        (b"\xd9\xd9\xf7\x85\x6cledgerpost/1\x64open\xf6\x18\x00\x41x", NotDeterministic),
        (b"\x00" * (MAX_ENVELOPE + 1), OverLimit),
    ],
)
def test_foreign_and_bad_outsides(raw: bytes, error: type[BadBytes]) -> None:
    with pytest.raises(error):
        look(raw)


@pytest.mark.parametrize(
    ("inner", "error"),
    [
        (b"\xff", WrongShape),
        (cbor.encode((ME.key, None)), WrongShape),
        (cbor.encode((ME.key, None, (), 1)), WrongShape),
        (cbor.encode((bytes(32), None, ())), BadKey),
        (cbor.encode((ME.key[:31], None, ())), BadKey),
        (cbor.encode((ME.key, b"x", ())), WrongShape),
        (cbor.encode((ME.key, None, (b"",))), WrongShape),
        (cbor.encode((ME.key, None, ("x",))), WrongShape),
        (cbor.encode((ME.key, None, (b"x",) * (MAX_MESSAGES + 1))), OverLimit),
        (cbor.encode((ME.key, None, ())) + b"\x00", TrailingBytes),
    ],
)
def test_bad_insides(inner: bytes, error: type[BadBytes]) -> None:
    with pytest.raises(error):
        unpack(by_hand("open", None, 0, inner))


def test_bad_boxes() -> None:
    for body in (b"x", b"x" * 47, b"x" * 48, b"x" * 100, bytes(100)):
        with pytest.raises(Undecipherable):
            unpack(by_hand("sealed", YOU.fingerprint, 0, body), YOU.seed)


def test_a_recipient_without_a_good_key_cannot_be_sealed_to() -> None:
    with pytest.raises(BadKey):
        pack(MESSAGES, sender=ME.key, recipient=bytes(32), until=0, entropy=SECRET)  # type: ignore[arg-type]


# --- sizes --------------------------------------------------------------------------------------------------------


def test_too_large_a_message_fits_no_envelope() -> None:
    with pytest.raises(OverLimit, match="at most 2,097,152"):
        sealed(b"x" * MAX_ENVELOPE)


@settings(max_examples=60)
@given(st.lists(st.integers(1, 900_000), max_size=9), st.booleans(), st.integers(0, 2**63 - 1))
def test_batches_keep_every_message_in_order_and_each_run_fits(sizes: list[int], seal: bool, until: int) -> None:
    contents = tuple(bytes([at]) * size for at, size in enumerate(sizes))
    runs = batches(contents)
    assert tuple(message for run in runs for message in run) == contents
    assert all(runs) or runs == ((),)
    for run in runs:
        raw = pack(run, sender=ME.key, recipient=YOU.key, until=until, entropy=SECRET if seal else None)
        assert unpack(raw, YOU.seed).messages == run
    for run, following in pairwise(runs):
        assert sum(map(len, (*run, following[0]))) + 300 + 5 * len(run) > MAX_ENVELOPE, "as few as fit"


def test_batches_at_their_bounds() -> None:
    most = MAX_ENVELOPE - 256 - 5
    assert len(batches((b"x" * most,))) == 1
    assert len(sealed(b"x" * most, until=2**63 - 1)) <= MAX_ENVELOPE
    assert [len(run) for run in batches((b"x" * most, b"y"))] == [1, 1]
    assert [len(run) for run in batches((b"y", b"x" * (most - 6)))] == [2]
    assert [len(run) for run in batches((b"y", b"x" * (most - 5)))] == [1, 1]
    assert [len(run) for run in batches((b"x" * (MAX_ENVELOPE + 9), b"y"))] == [1, 1]
    assert [len(run) for run in batches((b"x",) * (2 * MAX_MESSAGES + 1))] == [MAX_MESSAGES, MAX_MESSAGES, 1]
    assert len(sealed(*[b"x"] * MAX_MESSAGES)) < MAX_ENVELOPE
    assert batches(()) == ((),)
    assert envelope.SUFFIX == ".lpe"


def test_items_are_counted_before_anything_is_built() -> None:
    """A million small items cost a fifth of a second to build."""
    many = b"\x9a" + (1 << 20).to_bytes(4, "big") + bytes(1 << 20)
    outside = cbor.SELF_DESCRIBED + b"\x85" + cbor.encode(MAGIC) + many
    inside = cbor.SELF_DESCRIBED + cbor.encode((MAGIC, "open", None, 0, many))
    with pytest.raises(OverLimit, match="more than 64 items"):
        unpack(outside)
    with pytest.raises(OverLimit, match="more than 4,160 items"):
        unpack(inside)
    most = tuple(b"%d" % n for n in range(MAX_MESSAGES))
    assert unpack(pack(most, sender=None, recipient=None, until=0)).messages == most
