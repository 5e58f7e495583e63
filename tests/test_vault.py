"""The key file opens with its passphrase, and a file that anything happened to does not."""

import hashlib
from typing import Any

import cbor2
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from nacl import exceptions as nacl_exceptions
from nacl.pwhash import argon2id
from nacl.signing import SigningKey

from ledgerpost import vault
from ledgerpost.errors import (
    BadBytes,
    BadKey,
    CutShort,
    LedgerpostError,
    NotOurs,
    OverLimit,
    Undecipherable,
    WrongPassphrase,
    WrongShape,
)

SEED, SALT, NONCE = bytes(range(32)), bytes(16), bytes(24)
PUBLIC = SigningKey(SEED).verify_key.encode()
WORD = b"correct horse"

seeds = st.binary(min_size=32, max_size=32)
salts = st.binary(min_size=16, max_size=16)
nonces = st.binary(min_size=24, max_size=24)


def seal(seed: bytes = SEED, passphrase: bytes | None = WORD, salt: bytes = SALT, nonce: bytes = NONCE) -> bytes:
    """Seal as cheaply as the library allows: a few milliseconds."""
    return vault.seal_key(seed, passphrase, salt=salt, nonce=nonce, ops=vault.MIN_OPS, mem=vault.MIN_MEM)


SEALED, OPEN = seal(), seal(passphrase=None)


def fields_of(raw: bytes) -> list[Any]:
    """The fields of a key file, read by another decoder than the vault's."""
    name, public, cost, *rest = cbor2.loads(raw)
    return [name, public, cost and list(cost), *rest]


def rewrite(raw: bytes, place: int, value: object) -> bytes:
    """Put another field into a key file and make its check right: an attacker's work, not a bad disk's."""
    fields = fields_of(raw)[:-1]
    fields[place] = value
    check = hashlib.blake2b(cbor2.dumps(fields), digest_size=8, person=b"ledgerpost-key/1").digest()
    return cbor2.dumps(cbor2.CBORTag(55799, [*fields, check]))


# --- there and back -------------------------------------------------------------------------------------------


@given(seeds, st.none() | st.binary(min_size=1, max_size=100), salts, nonces)
def test_a_key_opens_again(seed: bytes, passphrase: bytes | None, salt: bytes, nonce: bytes) -> None:
    raw = seal(seed, passphrase, salt, nonce)
    assert len(raw) <= 170
    assert vault.open_key(raw, passphrase) == seed
    assert vault.needs_passphrase(raw) == (passphrase is not None)
    assert vault.read_public(raw) == SigningKey(seed).verify_key.encode()


def test_the_layout_is_this() -> None:
    assert SEALED.startswith(b"\xd9\xd9\xf7")
    name, public, cost, salt, nonce, box, check = fields_of(SEALED)
    assert (name, public, cost, salt, nonce) == ("ledgerpost-key/1", PUBLIC, [1, 8192], SALT, NONCE)
    assert (len(box), len(check)) == (48, 8)
    assert fields_of(OPEN)[2] is None


def test_the_same_arguments_make_the_same_file() -> None:
    assert seal() == SEALED
    assert SEED not in SEALED


def test_the_default_cost_is_moderate() -> None:
    raw = vault.seal_key(SEED, WORD, salt=SALT, nonce=NONCE)
    assert fields_of(raw)[2] == [3, 256 << 20]


def test_a_passphrase_that_nobody_asked_for_is_not_looked_at() -> None:
    assert vault.open_key(OPEN, b"anything") == SEED


# --- the passphrase -------------------------------------------------------------------------------------------


@given(st.binary(max_size=100))
def test_any_other_passphrase_is_wrong(other: bytes) -> None:
    assume(other != WORD)
    with pytest.raises(WrongPassphrase, match="does not open"):
        vault.open_key(SEALED, other)


def test_a_missing_passphrase_is_asked_for() -> None:
    with pytest.raises(WrongPassphrase, match="no passphrase was given"):
        vault.open_key(SEALED, None)


def test_an_empty_passphrase_is_none() -> None:
    with pytest.raises(WrongPassphrase, match="empty"):
        seal(passphrase=b"")


# --- damage ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("raw", [SEALED, OPEN], ids=["sealed", "open"])
def test_every_damaged_byte_is_noticed(raw: bytes) -> None:
    for place in range(len(raw)):
        for flip in (1, 2, 4, 8, 16, 32, 64, 128, 255):
            bad = raw[:place] + bytes([raw[place] ^ flip]) + raw[place + 1 :]
            with pytest.raises(BadBytes):
                vault.open_key(bad, WORD)


@pytest.mark.parametrize("raw", [SEALED, OPEN], ids=["sealed", "open"])
def test_every_cut_is_noticed(raw: bytes) -> None:
    for size in range(len(raw)):
        with pytest.raises(CutShort if size < len(OPEN) else WrongShape):
            vault.needs_passphrase(raw[:size])


@given(st.binary(min_size=1, max_size=30))
def test_bytes_after_the_end_are_noticed(more: bytes) -> None:
    with pytest.raises(BadBytes):
        vault.open_key(SEALED + more, WORD)


@given(st.binary(max_size=1100))
def test_any_bytes_are_refused(raw: bytes) -> None:
    with pytest.raises(BadBytes) as caught:
        vault.open_key(raw, WORD)
    assert "paper key" in caught.value.do  # never "remove it": it may be the only copy


def test_other_files_are_told_apart() -> None:
    with pytest.raises(NotOurs):
        vault.needs_passphrase(b"-----BEGIN OPENSSH PRIVATE KEY-----")
    with pytest.raises(OverLimit):
        vault.needs_passphrase(SEALED + bytes(1024))


def test_a_longer_form_of_the_same_numbers_is_refused() -> None:
    longer = SEALED.replace(b"\x82\x01\x19\x20\x00", b"\x82\x18\x01\x19\x20\x00")
    assert len(longer) == len(SEALED) + 1
    with pytest.raises(WrongShape):
        vault.needs_passphrase(longer)


# --- alteration -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "value"),
    [(1, SigningKey(bytes(32)).verify_key.encode()), (2, [2, 8192]), (2, [1, 9216]), (3, b"s" * 16), (4, b"n" * 24)],
)
def test_an_altered_header_opens_nothing(place: int, value: object) -> None:
    with pytest.raises(WrongPassphrase):
        vault.open_key(rewrite(SEALED, place, value), WORD)
    if place != 2:
        with pytest.raises(Undecipherable):
            vault.open_key(rewrite(OPEN, place, value), None)


@pytest.mark.parametrize(
    "cost", [[0, 8192], [11, 8192], [2**32 - 1, 8192], [2**64 - 1, 8192], [1, 8191], [1, 2**30 + 1]]
)
def test_a_cost_out_of_bounds_is_refused_before_it_is_paid(cost: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(argon2id, "kdf", None)
    with pytest.raises(OverLimit, match="cost out of bounds"):
        vault.open_key(rewrite(SEALED, 2, cost), WORD)
    with pytest.raises(ValueError, match="out of bounds"):
        vault.seal_key(SEED, WORD, salt=SALT, nonce=NONCE, ops=cost[0], mem=cost[1])


@pytest.mark.parametrize("cost", [[True, 8192], [1.0, 8192], ["1", 8192], [1], [1, 8192, 1], [-1, 8192], {}, False])
def test_a_cost_of_another_type_is_refused(cost: object) -> None:
    with pytest.raises(WrongShape):
        vault.needs_passphrase(rewrite(SEALED, 2, cost))


def test_a_key_that_is_not_the_one_named_is_refused() -> None:
    other = SigningKey(bytes(32)).verify_key.encode()
    header = vault._Header(other, None, SALT, NONCE)
    raw = header.file(header.box(b"").encrypt(SEED, NONCE).ciphertext)
    with pytest.raises(BadKey, match="not the one it names"):
        vault.open_key(raw, None)


def test_a_public_key_that_is_no_point_is_refused() -> None:
    with pytest.raises(BadKey, match="no valid key"):
        vault.read_public(rewrite(OPEN, 1, bytes(32)))


# --- the computer and the caller ------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [MemoryError, nacl_exceptions.RuntimeError])
def test_too_little_memory_is_said_so(fault: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    def kdf(*args: object, **options: object) -> bytes:
        raise fault

    monkeypatch.setattr(argon2id, "kdf", kdf)
    with pytest.raises(LedgerpostError, match="too little memory") as caught:
        vault.open_key(SEALED, WORD)
    assert not isinstance(caught.value, BadBytes | WrongPassphrase)


@pytest.mark.parametrize(("seed", "salt", "nonce"), [(31, 16, 24), (32, 15, 24), (32, 16, 25)])
def test_wrong_sizes_are_the_callers_fault(seed: int, salt: int, nonce: int) -> None:
    with pytest.raises(ValueError, match="32, 16 and 24"):
        seal(bytes(seed), WORD, bytes(salt), bytes(nonce))
