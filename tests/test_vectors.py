"""Published Ed25519 vectors, put through ``sealed.verify`` as every message is.

The vectors sign plain messages and not Sig_structures, so each becomes a ``Claim`` whose ``to_be_signed`` is the
vector's message and whose signer is the fingerprint of the vector's key: from there on nothing is different from a
message's way. The files lie outside the repository (``--shared``); what they must show is in their README.
"""

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from nacl import bindings

from ledgerpost import sealed
from ledgerpost.errors import BadBytes, BadKey, BadSignature
from ledgerpost.sealed import Claim, checked_key, fingerprint

Vector = dict[str, Any]


def load(shared: Path, name: str) -> Any:
    file = shared / "vectors" / name
    if not file.is_file():
        pytest.skip(f"no file {file}: the published vectors are kept outside the repository")
    return json.loads(file.read_bytes())


def verify(key: bytes, message: bytes, signature: bytes) -> str:
    """What ``sealed.verify`` says: ``good``, or the code of its error."""
    claim = Claim(b"", fingerprint(key), "vector", (), message, signature)
    try:
        sealed.verify(claim, key)
    except BadBytes as error:
        return error.code
    return "good"


def bare(key: bytes, message: bytes, signature: bytes) -> bool:
    """What libsodium alone says, without the key check of S4."""
    try:
        bindings.crypto_sign_open(signature + message, key)
    except Exception:  # BadSignatureError, or ValueError for a length
        return False
    return True


@cache
def good_key(key: bytes) -> bool:
    try:
        checked_key(key)
    except BadKey:
        return False
    return True


# --- Wycheproof --------------------------------------------------------------------------------------------------


def wycheproof(shared: Path) -> list[tuple[bytes, Vector]]:
    groups = load(shared, "wycheproof-ed25519.json")["testGroups"]
    return [(bytes.fromhex(group["publicKey"]["pk"]), vector) for group in groups for vector in group["tests"]]


def test_wycheproof_every_verdict_is_as_given(shared: Path) -> None:
    """No flag is treated apart: the file's verdicts are ``valid`` and ``invalid`` only, and both are kept to.

    Signatures of another length than 64 (SignatureWithGarbage, TruncatedSignature, CompressedSignature) never come
    so far in a message, where ``read`` refuses them; here libsodium must refuse them too.
    """
    vectors = wycheproof(shared)
    assert {vector["result"] for _, vector in vectors} == {"valid", "invalid"}, "an 'acceptable' one needs a decision"
    for key, vector in vectors:
        said = verify(key, bytes.fromhex(vector["msg"]), bytes.fromhex(vector["sig"]))
        assert said == ("good" if vector["result"] == "valid" else "bad-signature"), vector


def test_wycheproof_is_all_there(shared: Path) -> None:
    vectors = wycheproof(shared)
    assert Counter(vector["result"] for _, vector in vectors) == {"valid": 88, "invalid": 63}
    assert all(good_key(key) for key, _ in vectors), "S4 refuses none of its keys"


def test_no_byte_passes_between_signature_and_message(shared: Path) -> None:
    """libsodium is handed both as one string and cannot tell where one ends: the length is checked before it."""
    key, vector = next((key, each) for key, each in wycheproof(shared) if each["result"] == "valid" and each["msg"])
    message, signature = bytes.fromhex(vector["msg"]), bytes.fromhex(vector["sig"])
    assert verify(key, message, signature) == "good"
    assert verify(key, signature[-1:] + message, signature[:-1]) == "bad-signature"
    assert verify(key, message[1:], signature + message[:1]) == "bad-signature"


# --- ed25519-speccheck -------------------------------------------------------------------------------------------

LIBSODIUM_ALONE = {3}
"""Taming the many EdDSAs, table 5: libsodium accepts only case 3 (mixed-order A and R, which cancel out)."""

WITH_KEY_CHECK: frozenset[int] = frozenset()
"""With S4 nothing is left: case 3 has a mixed-order key."""

KEYS_GOOD = frozenset({6, 7})
"""S4 lets the keys of cases 6 and 7 pass; their S is beyond the order of the group, and libsodium refuses it."""


def speccheck(shared: Path) -> list[tuple[bytes, bytes, bytes]]:
    cases = load(shared, "speccheck-ed25519.json")
    names = ("pub_key", "message", "signature")
    return [(bytes.fromhex(c[names[0]]), bytes.fromhex(c[names[1]]), bytes.fromhex(c[names[2]])) for c in cases]


def test_speccheck_libsodium_alone_accepts_only_case_3(shared: Path) -> None:
    assert {number for number, case in enumerate(speccheck(shared)) if bare(*case)} == LIBSODIUM_ALONE


def test_speccheck_with_the_key_check_accepts_none(shared: Path) -> None:
    said = [verify(*case) for case in speccheck(shared)]
    assert {number for number, word in enumerate(said) if word == "good"} == WITH_KEY_CHECK
    assert {number for number, word in enumerate(said) if word != "bad-key"} == KEYS_GOOD


# --- C2SP/CCTV ---------------------------------------------------------------------------------------------------

POOR_KEYS = {"low_order_A", "low_order_component_A", "non_canonical_A"}


def cctv(shared: Path) -> list[tuple[set[str], bytes, bytes, bytes]]:
    vectors = load(shared, "cctv-ed25519.json")
    return [
        (set(each["flags"] or ()), bytes.fromhex(each["key"]), each["msg"].encode(), bytes.fromhex(each["sig"]))
        for each in vectors
    ]


def test_cctv_no_poor_key_is_accepted(shared: Path) -> None:
    """Low-order, mixed-order and non-canonical keys: the key is refused, whatever the signature."""
    poor = [(key, message, signature) for flags, key, message, signature in cctv(shared) if flags & POOR_KEYS]
    assert len(poor) > 700
    assert {verify(*each) for each in poor} == {"bad-key"}


def test_cctv_good_keys_pass_the_check(shared: Path) -> None:
    for flags, key, *_ in cctv(shared):
        assert good_key(key) == (not flags & POOR_KEYS), flags


def test_cctv_a_low_order_point_in_r_does_not_pass_either(shared: Path) -> None:
    """What is left has a good key: accepted is only what has nothing odd about it at all."""
    left = [(flags, verify(key, message, sig)) for flags, key, message, sig in cctv(shared) if not flags & POOR_KEYS]
    assert left
    assert {word for flags, word in left if flags} == {BadSignature.code}
    assert [word for flags, word in left if not flags] == ["good"]


def test_cctv_without_the_key_check_some_would_pass(shared: Path) -> None:
    """Why S4 is there: libsodium alone accepts signatures under mixed-order keys."""
    passing = [flags for flags, *case in cctv(shared) if flags & POOR_KEYS and bare(*case)]
    assert passing
