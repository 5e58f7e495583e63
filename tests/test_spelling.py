"""What people read, and what they may type: every slip is noticed and named."""

import string
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ledgerpost import bech32m, spelling
from ledgerpost.errors import Mistyped
from ledgerpost.terms import MAX_INT

FP = bytes(range(100, 120))
NOW = 1_790_000_000  # 2026-09-21T14:13:20Z
YEAR_10000 = 253_402_300_800

fingerprints = st.binary(min_size=20, max_size=20)


# --- fingerprints ---------------------------------------------------------------------------------------------


@given(fingerprints)
def test_fingerprint_reads_back(fp: bytes) -> None:
    text = spelling.spell_fingerprint(fp)
    assert len(text) == spelling.FINGERPRINT_LENGTH == 41
    assert text.startswith("lp1")
    assert spelling.read_fingerprint(text) == fp
    assert spelling.read_fingerprint(text.upper()) == fp


@given(fingerprints)
def test_groups_read_back(fp: bytes) -> None:
    groups = spelling.group_fingerprint(fp)
    assert [len(group) for group in groups.split()] == [3, *[4] * 9, 2]
    assert groups.replace(" ", "") == spelling.spell_fingerprint(fp)
    assert spelling.read_fingerprint(f"\n {groups.upper()}\t") == fp


@given(fingerprints, st.data())
def test_one_wrong_character_is_refused(fp: bytes, data: st.DataObject) -> None:
    text = spelling.spell_fingerprint(fp)
    place = data.draw(st.integers(0, len(text) - 1))
    wrong = data.draw(st.characters())
    assume(wrong != text[place])
    with pytest.raises(Mistyped):
        spelling.read_fingerprint(text[:place] + wrong + text[place + 1 :])


def test_every_wrong_character_is_refused() -> None:
    text = spelling.spell_fingerprint(FP)
    for place, right in enumerate(text):
        for wrong in set(string.printable) - {right}:
            with pytest.raises(Mistyped):
                spelling.read_fingerprint(text[:place] + wrong + text[place + 1 :])


@given(fingerprints)
def test_swapped_neighbours_are_refused(fp: bytes) -> None:
    text = spelling.spell_fingerprint(fp)
    for i in range(len(text) - 1):
        if text[i] != text[i + 1]:
            with pytest.raises(Mistyped):
                spelling.read_fingerprint(text[:i] + text[i + 1] + text[i] + text[i + 2 :])


@given(fingerprints, st.sets(st.integers(3, 40), min_size=2, max_size=4), st.data())
def test_up_to_four_wrong_letters_are_refused(fp: bytes, places: set[int], data: st.DataObject) -> None:
    letters = list(spelling.spell_fingerprint(fp))
    for place in places:
        letters[place] = data.draw(st.sampled_from(sorted(set(bech32m.ALPHABET) - {letters[place]})))
    with pytest.raises(Mistyped, match="do not fit together"):
        spelling.read_fingerprint("".join(letters))


@given(fingerprints, st.data())
def test_a_lost_or_doubled_character_is_refused(fp: bytes, data: st.DataObject) -> None:
    text = spelling.spell_fingerprint(fp)
    place = data.draw(st.integers(0, len(text) - 1))
    for wrong in (text[:place] + text[place + 1 :], text[:place] + text[place] + text[place:]):
        with pytest.raises(Mistyped):
            spelling.read_fingerprint(wrong)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda t: "bc1" + t[3:], 'begins with "lp1"'),
        (lambda t: "", 'begins with "lp1"'),
        (lambda t: t[:-1], "has 40 characters, and every one has 41"),
        (lambda t: t[:9] + t[9].upper() + t[10:], "capital and small"),
        (lambda t: t[:9] + "1" + t[10:], '"1" stands only in its beginning'),
        (lambda t: t[:9] + "b" + t[10:], '"b" never stands in it'),
        (lambda t: t[:9] + "\u212a" + t[10:], "neither a plain letter"),  # the Kelvin sign is no k
        (lambda t: t[:-1] + ("p" if t[-1] == "q" else "q"), "do not fit together"),
    ],
)
def test_a_mistyped_fingerprint_says_what_and_where(change: Callable[[str], str], what: str) -> None:
    text = change(spelling.spell_fingerprint(FP))
    with pytest.raises(Mistyped, match=what) as caught:
        spelling.read_fingerprint(text)
    assert caught.value.where == text
    assert "type it again" in caught.value.do


def test_only_twenty_bytes_are_a_fingerprint() -> None:
    with pytest.raises(ValueError, match="20 bytes"):
        spelling.spell_fingerprint(bytes(19))


# --- amounts and numbers --------------------------------------------------------------------------------------


@given(st.integers(1, MAX_INT), st.integers(0, 18))
def test_amount_reads_back(units: int, decimals: int) -> None:
    text = spelling.spell_amount(units, decimals)
    assert spelling.read_amount(text, decimals) == units
    assert spelling.read_amount(f" {text}\n", decimals) == units
    assert spelling.spell_amount(-units, decimals) == f"-{text}"


@pytest.mark.parametrize(
    ("units", "decimals", "text"),
    [
        (1250, 2, "12.50"),
        (5, 2, "0.05"),
        (-5, 2, "-0.05"),
        (-1250, 2, "-12.50"),
        (0, 2, "0.00"),
        (0, 0, "0"),
        (7, 0, "7"),
    ],
)
def test_amounts_look_like_this(units: int, decimals: int, text: str) -> None:
    assert spelling.spell_amount(units, decimals) == text


@pytest.mark.parametrize(
    ("text", "decimals", "units"),
    [("12.5", 2, 1250), ("12", 2, 1200), ("012.50", 2, 1250), ("0.01", 2, 1), ("9223372036854775807", 0, MAX_INT)],
)
def test_amounts_may_be_typed_like_this(text: str, decimals: int, units: int) -> None:
    assert spelling.read_amount(text, decimals) == units


@pytest.mark.parametrize(
    ("text", "decimals", "what"),
    [
        ("12.505", 2, "3 decimals, and the asset has 2 decimals at most"),
        ("12.5", 0, "no decimals"),
        ("0.00", 2, "zero"),
        ("0", 0, "zero"),
        ("92233720368547758.08", 2, "too large"),
        ("9" * 40, 18, "too large"),
        ("9" * 10_000, 2, "no amount"),
        ("12,50", 2, "comma"),
        ("1,250.00", 2, "comma"),
        ("-1", 2, "sign"),
        ("+1", 2, "sign"),
        ("1e3", 2, "no amount"),
        ("1_000", 2, "no amount"),
        ("1 000", 2, "no amount"),
        ("1'000", 2, "no amount"),
        (".5", 2, "no amount"),
        ("5.", 2, "no amount"),
        ("1.2.3", 2, "no amount"),
        ("0x10", 2, "no amount"),
        ("\u0661\u0662", 2, "no amount"),
        ("\uff11\uff12", 2, "no amount"),
        ("\u00b2", 2, "no amount"),
        ("inf", 2, "no amount"),
        ("  ", 2, "missing"),
    ],
)
def test_a_mistyped_amount_says_what(text: str, decimals: int, what: str) -> None:
    with pytest.raises(Mistyped, match=what) as caught:
        spelling.read_amount(text, decimals)
    assert caught.value.where == spelling.printable(text, 80)


@given(st.text(), st.integers(0, 18))
def test_any_text_is_an_amount_or_mistyped(text: str, decimals: int) -> None:
    try:
        units = spelling.read_amount(text, decimals)
    except Mistyped:
        return
    assert 1 <= units <= MAX_INT
    assert text.strip().isascii()


def test_number() -> None:
    assert spelling.spell_number(1764921600123456) == "1764921600123456"


# --- moments --------------------------------------------------------------------------------------------------


def test_moments_look_like_this() -> None:
    assert spelling.spell_moment(NOW) == "2026-09-21T14:13Z"
    assert spelling.spell_day(NOW) == "2026-09-21"
    assert spelling.spell_moment(0) == "1970-01-01T00:00Z"
    assert spelling.spell_moment(YEAR_10000 - 1) == "9999-12-31T23:59Z"


@given(st.integers(-(2**63), 2**63 - 1))
def test_any_integer_is_spelt(seconds: int) -> None:
    assert len(spelling.spell_moment(seconds)) <= 17
    assert len(spelling.spell_day(seconds)) <= 11


def test_beyond_the_calendar() -> None:
    assert spelling.spell_moment(YEAR_10000) == spelling.spell_day(MAX_INT) == "after 9999"
    assert spelling.spell_moment(-1) == spelling.spell_day(-1) == "before 1970"


@given(st.integers(NOW + 60, YEAR_10000 - 1))
def test_moments_and_days_read_back(seconds: int) -> None:
    assert spelling.read_until(spelling.spell_moment(seconds), NOW) == seconds - seconds % 60
    end = spelling.read_until(spelling.spell_day(seconds), NOW)
    assert end == seconds - seconds % 86400 + 86399


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("2027-01-19", 1_800_403_199),
        ("2027-01-19T12:00Z", 1_800_360_000),
        ("2028-02-29", 1_835_481_599),
        ("2026-09-21", 1_790_035_199),  # today
        ("12h", NOW + 12 * 3600),
        ("30d", NOW + 30 * 86400),
        (" 8w ", NOW + 56 * 86400),
    ],
)
def test_ends_may_be_typed_like_this(text: str, until: int) -> None:
    assert spelling.read_until(text, NOW) == until


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("2027-02-29", "no such day"),
        ("2027-13-01", "no such day"),
        ("0000-01-01", "no such day"),
        ("2027-01-19T24:00Z", "no such day"),
        ("2026-09-20", "not in the future"),
        ("2026-09-21T14:13Z", "not in the future"),
        ("1969-12-31", "not in the future"),
        ("0d", "not in the future"),
        ("999999w", "too far off"),
        ("2027-1-19", "no date"),
        ("19.1.2027", "no date"),
        ("2027-01-19T12:00", "no date"),
        ("2027-01-19T12:00+01:00", "no date"),
        ("2027-01-19 12:00Z", "no date"),
        ("\u0662\u0660\u0662\u0667-01-19", "no date"),
        ("30", "no date"),
        ("30m", "no date"),
        ("-30d", "no date"),
        ("9" * 10_000 + "d", "no date"),
        ("", "no date"),
    ],
)
def test_a_mistyped_end_says_what(text: str, what: str) -> None:
    with pytest.raises(Mistyped, match=what) as caught:
        spelling.read_until(text, NOW)
    assert caught.value.where == spelling.printable(text, 80)
    assert caught.value.do


# --- other people's words -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Amina Diallo", "Amina Diallo"),
        ("  Amina \r\n\t Diallo ", "Amina Diallo"),
        ("Amina\u2028Diallo\u0085", "Amina Diallo"),
        ("\x1b[31mBo\x1b[0m\x07", "[31mBo[0m"),
        ("\x9b2JBo", "2JBo"),
        ("\u202eoB\u202c \u2066x\u2069\u200e\u061c", "oB x"),
        ("B\u200bo\ufeff\u00ad\u2060", "Bo"),
        ("\u3164\u2800\u115f", ""),
        ("\U000e0041tag", "tag"),
        ("\ud800\ue000\U000effff", "\ufffd\ufffd\ufffd"),
        ("アミナ 🌾 Ámina नमस्ते", "アミナ 🌾 Ámina नमस्ते"),
    ],
)
def test_words_of_others_are_made_harmless(text: str, shown: str) -> None:
    assert spelling.printable(text) == shown


def test_long_words_are_cut() -> None:
    assert spelling.printable("x" * 200) == "x" * 200
    assert spelling.printable("x" * 201) == "x" * 199 + "…"
    assert spelling.printable("abc defgh", 5) == "abc…"


@given(st.text(st.characters(exclude_categories=())), st.integers(1, 50))
def test_printable_is_one_short_harmless_line(text: str, limit: int) -> None:
    shown = spelling.printable(text, limit)
    assert len(shown) <= limit
    assert not {unicodedata.category(c) for c in shown} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert spelling.printable(shown, limit) == shown
    shown.encode()
