"""24 words there and back, and every slip named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerpost import paperkey
from ledgerpost.errors import Mistyped

# Published with BIP-39 (entropy and words of the English vectors of 256 bits).
VECTORS = {
    "00" * 32: "abandon " * 23 + "art",
    "7f" * 32: "legal winner thank year wave sausage worth useful " * 2
    + "legal winner thank year wave sausage worth title",
    "80" * 32: "letter advice cage absurd amount doctor acoustic avoid " * 2
    + "letter advice cage absurd amount doctor acoustic bless",
    "ff" * 32: "zoo " * 23 + "vote",
}
SEED = bytes(range(32))
seeds = st.binary(min_size=32, max_size=32)


@pytest.mark.parametrize(("seed", "words"), VECTORS.items())
def test_published_words(seed: str, words: str) -> None:
    assert " ".join(paperkey.to_words(bytes.fromhex(seed))) == words
    assert paperkey.from_words(words) == bytes.fromhex(seed)


@given(seeds)
def test_words_and_numbers_read_back(seed: bytes) -> None:
    words, numbers = paperkey.to_words(seed), paperkey.to_numbers(seed)
    assert len(words) == len(numbers) == 24
    assert paperkey.from_words(" ".join(words)) == seed
    assert paperkey.from_words("\n".join(words).upper()) == seed
    assert paperkey.from_words(" ".join(numbers)) == seed
    assert paperkey.from_words(" ".join((*words[:10], *numbers[10:]))) == seed


def test_numbers_count_from_one() -> None:
    assert paperkey.to_numbers(bytes(32))[0] == "0001"
    assert paperkey.to_numbers(b"\xff" * 32)[0] == "2048"


@given(seeds, st.integers(0, 23), st.integers(0, 23))
def test_swapped_words_rarely_pass_and_never_as_the_same_seed(seed: bytes, one: int, other: int) -> None:
    words = list(paperkey.to_words(seed))
    if words[one] == words[other]:
        return
    words[one], words[other] = words[other], words[one]
    try:
        assert paperkey.from_words(" ".join(words)) != seed
    except Mistyped as fault:
        assert "do not fit together" in fault.what


@pytest.mark.parametrize(
    ("typed", "what", "do"),
    [
        ("abandn", 'word 3, "abandn", is not in the list', 'perhaps "abandon"?'),
        ("0000", 'word 3, "0000"', "compare"),
        ("2049", 'word 3, "2049"', "compare"),
        ("12", 'word 3, "12"', "compare"),
        ("\u0661\u0661\u0661\u0661", 'word 3, "…"', "compare"),
        ("x" * 1000, f'word 3, "{"x" * 20}"', "compare"),
        ("\x1b[31m", 'word 3, "…"', "compare"),
    ],
)
def test_an_unknown_word_is_named(typed: str, what: str, do: str) -> None:
    words = list(paperkey.to_words(SEED))
    words[2] = typed
    with pytest.raises(Mistyped) as caught:
        paperkey.from_words(" ".join(words))
    assert what in caught.value.what
    assert do in caught.value.do


@pytest.mark.parametrize("count", [0, 1, 12, 23, 25])
def test_a_wrong_count_is_named(count: int) -> None:
    with pytest.raises(Mistyped, match=f"24 words, and here are {count}"):
        paperkey.from_words("abandon " * count)


def test_words_that_do_not_fit() -> None:
    with pytest.raises(Mistyped, match="do not fit together"):
        paperkey.from_words("abandon " * 24)


def test_only_32_bytes_are_a_seed() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        paperkey.to_words(bytes(16))
