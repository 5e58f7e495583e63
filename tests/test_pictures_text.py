"""Bytes as digits behind a URI scheme: Q1 of docs/spec.md."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerpost.errors import BadBytes, CutShort, NotDeterministic, NotOurs, OverLimit
from ledgerpost.pictures import text
from ledgerpost.pictures.text import MAX_TEXT_BYTES, Kind

KINDS = pytest.mark.parametrize("kind", Kind)


@KINDS
@given(raw=st.binary(min_size=1, max_size=300))
def test_gives_back_any_bytes(kind: Kind, raw: bytes) -> None:
    assert text.read(text.spell(raw, kind)) == (kind, raw)


@pytest.mark.parametrize("size", [*range(1, 30), MAX_TEXT_BYTES])
@pytest.mark.parametrize("byte", [b"\0", b"\xff"])
def test_gives_back_the_least_and_the_greatest_of_every_length(size: int, byte: bytes) -> None:
    assert text.read(text.spell(byte * size)) == (Kind.WHOLE, byte * size)


def test_digits_are_those_of_fido() -> None:
    # The value that Chromium's and webauthn-rs' tests hold fast: little-endian, eight digits for three bytes.
    assert text.digits(b"ab\xff") == "16736865"
    assert text.digits(bytes(8)) == "0" * 20


def test_a_text_is_a_uri_of_qr_alphanumeric_characters() -> None:
    for kind in Kind:
        assert re.fullmatch(r"[A-Z]+:/(P/)?[0-9]+", text.spell(bytes(range(256)), kind))


@pytest.mark.parametrize(
    "damage",
    [
        str.lower,
        lambda t: t.replace(":", "%3A").replace("/", "%2F"),
        lambda t: t.replace(":", "%3a").replace("/", "%2f"),
        lambda t: t.replace(":/", "://"),
        lambda t: "\r\n".join(t[i : i + 20] for i in range(0, len(t), 20)),
        lambda t: f"  {t}\n",
        lambda t: f"\ufeff\r\n{t}\r\n",
        lambda t: "%20".join(t[i : i + 31] for i in range(0, len(t), 31)),
        lambda t: t[:50] + "\u200b\u00ad\ufeff\u00a0" + t[50:],
    ],
    ids=["small", "percent", "percent-small", "slashes", "lines", "blanks", "mark", "percent-blanks", "invisible"],
)
@KINDS
def test_forgives_pasting(damage: object, kind: Kind) -> None:
    assert callable(damage)
    raw = bytes(range(200))
    assert text.read(damage(text.spell(raw, kind))) == (kind, raw)


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        ("", NotOurs),
        ("hello", NotOurs),
        ("FIDO:/16736865", NotOurs),
        ("16736865", NotOurs),
        ("xLPOST:/16736865", NotOurs),
        ("LPOST:16736865", NotOurs),
        ("LPOST:/Q/16736865", NotOurs),
        ("LPOST:/16736865/", NotOurs),
        ("LPOST:/1673686x", NotOurs),
        ("LPOST:/1673-6865", NotOurs),
        ("LPOST:/１２３", NotOurs),
        ("LPOST:/١٢٣", NotOurs),
        ("LPOST:/+123", NotOurs),
        ("LPOST:/", CutShort),
        ("LPOST:/P/", CutShort),
        ("LPOST:/1", CutShort),
        ("LPOST:/12", CutShort),
        ("LPOST:/1234", CutShort),
        ("LPOST:/123456789012345678", CutShort),
        ("LPOST:/256", NotDeterministic),
        ("LPOST:/999", NotDeterministic),
        ("LPOST:/65536", NotDeterministic),
        ("LPOST:/99999999999999999", NotDeterministic),
        ("LPOST:/" + "0" * 17 * 600, OverLimit),
        ("LPOST:/" + "0" * 10**7, OverLimit),
        ("LPOST:/" + " " * 10**7 + "000", OverLimit),
    ],
)
def test_tells_what_is_wrong(bad: str, error: type[BadBytes]) -> None:
    with pytest.raises(error) as caught:
        text.read(bad)
    assert type(caught.value) is error
    assert caught.value.what


@given(st.text(alphabet="LPOSTlpost:/%3A2F0123456789 \n", max_size=60))
def test_what_reads_is_spelt_the_same_but_for_pasting(typed: str) -> None:
    try:
        kind, raw = text.read(typed)
    except BadBytes:
        return
    bare = re.sub(r"%20|%0[9AD]|\s", "", typed, flags=re.IGNORECASE)
    bare = bare.upper().replace("%3A", ":").replace("%2F", "/").replace("//", "/")
    assert bare == text.spell(raw, kind)


@given(raw=st.binary(min_size=1, max_size=60), data=st.data())
def test_no_two_texts_of_one_kind_are_the_same_bytes(raw: bytes, data: st.DataObject) -> None:
    digits = text.digits(raw)
    at = data.draw(st.integers(0, len(digits) - 1))
    other = digits[:at] + data.draw(st.sampled_from("0123456789")) + digits[at + 1 :]
    try:
        assert (text.undigits(other) == raw) == (other == digits)
    except NotDeterministic:
        assert other != digits


def test_does_not_spell_nothing_or_too_much() -> None:
    with pytest.raises(ValueError, match="no bytes"):
        text.spell(b"")
    with pytest.raises(OverLimit):
        text.spell(bytes(MAX_TEXT_BYTES + 1))
