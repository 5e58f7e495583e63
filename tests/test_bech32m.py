"""BIP-350's published strings, valid and not, and the inverse pairs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerpost import bech32m
from ledgerpost.errors import Mistyped

# BIP-350, "Test vectors for Bech32m".
VALID = [
    "A1LQFN3A",
    "a1lqfn3a",
    "an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11sg7hg6",
    "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
    "11" + "l" * 83 + "udsr8",
    "split1checkupstagehandshakeupstreamerranterredcaperredlc445v",
    "?1v759aa",
]
INVALID = {
    "\x201xj0phk": "neither a plain letter",
    "\x7f1g6xzxy": "neither a plain letter",
    "\x801vctc34": "neither a plain letter",
    "an84characterslonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11d6pts4": "90 are the most",
    "qyrz8wqd2c9m": "beginning or its end is missing",
    "1qyrz8wqd2c9m": "beginning or its end is missing",
    "y1b0jsk6g": '"b" never',
    "lt1igcx5c0": '"i" never',
    "in1muywd": "beginning or its end is missing",
    "mm1crxm3i": '"i" never',
    "au1s5cgom": '"o" never',
    "M1VUXWEZ": "do not fit together",
    "16plkw9": "beginning or its end is missing",
    "1p2gdwpf": "beginning or its end is missing",
}
# BIP-350, version 1 and later addresses: the first symbol is the version, the rest the program in bytes.
PROGRAMS = {
    "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y": (
        "751e76e8199196d454941c45d1b3a323f1433bd6751e76e8199196d454941c45d1b3a323f1433bd6"
    ),
    "BC1SW50QGDZ25J": "751e",
    "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs": "751e76e8199196d454941c45d1b3a323",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0": (
        "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
    ),
}
# BIP-350: Bech32 where Bech32m belongs, mixed case, and padding of more than four bits or not of zeros.
NOT_BECH32M = [
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
    "tb1z0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqglt7rf",
    "BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL",
    "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4",
    "tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq47Zagq",
]
NOT_WHOLE_BYTES = [
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf",
    "tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vpggkg4j",
]


@pytest.mark.parametrize("text", VALID)
def test_valid_strings_read_and_spell_back(text: str) -> None:
    prefix, symbols = bech32m.decode(text)
    assert bech32m.encode(prefix, symbols) == text.lower()


@pytest.mark.parametrize(("text", "reason"), INVALID.items())
def test_invalid_strings_say_why(text: str, reason: str) -> None:
    with pytest.raises(Mistyped, match=reason):
        bech32m.decode(text)


@pytest.mark.parametrize(("text", "program"), PROGRAMS.items())
def test_programs(text: str, program: str) -> None:
    prefix, (version, *symbols) = bech32m.decode(text)
    assert bech32m.to_bytes(symbols).hex() == program
    assert bech32m.encode(prefix, (version, *bech32m.to_symbols(bytes.fromhex(program)))) == text.lower()


@pytest.mark.parametrize("text", NOT_BECH32M)
def test_bech32_and_other_strings_are_refused(text: str) -> None:
    with pytest.raises(Mistyped):
        bech32m.decode(text)


@pytest.mark.parametrize("text", NOT_WHOLE_BYTES)
def test_padding_is_short_and_zero(text: str) -> None:
    _, symbols = bech32m.decode(text)
    with pytest.raises(Mistyped, match="whole bytes"):
        bech32m.to_bytes(symbols[1:])


def test_too_many_symbols_are_the_callers_fault() -> None:
    assert len(bech32m.encode("lp", [0] * 81)) == bech32m.MAX_LENGTH
    with pytest.raises(ValueError, match="too many"):
        bech32m.encode("lp", [0] * 82)


@given(st.binary(max_size=50))
def test_bytes_and_symbols_are_inverse(data: bytes) -> None:
    assert bech32m.to_bytes(bech32m.to_symbols(data)) == data


@given(st.lists(st.integers(0, 31), max_size=80))
def test_symbols_make_bytes_in_one_way_only(symbols: list[int]) -> None:
    try:
        data = bech32m.to_bytes(symbols)
    except Mistyped:
        return
    assert bech32m.to_symbols(data) == tuple(symbols)


@given(st.lists(st.integers(0, 31), max_size=70))
def test_strings_read_back(symbols: list[int]) -> None:
    assert bech32m.decode(bech32m.encode("test", symbols)) == ("test", tuple(symbols))
