"""Faults of what people type: a paper key, a fingerprint, an amount, an end."""

from collections.abc import Iterator

from ledgerpost import paperkey, spelling
from samplemaker.cast import signer_of
from samplemaker.malformed.codes import filled
from samplemaker.malformed.sheet import Group

Row = tuple[str, str, str, str, str]


def typed() -> Iterator[Group]:
    """A group for each."""
    seed = bytes(range(32))
    yield filled("paper-key", "paper-key", " ".join(paperkey.to_words(seed)), _papers(seed))
    spelt = spelling.spell_fingerprint(signer_of("alice").fingerprint)
    yield filled("fingerprint", "fingerprint", spelt, _fingerprints(spelt))
    yield filled("amount", "amount 2", "12.50", _amounts())
    yield filled("end", "end 1800000000", "2027-03-01", _ends())


def _papers(seed: bytes) -> Iterator[Row]:
    words = list(paperkey.to_words(seed))
    typed, numbers = "mistyped", list(paperkey.to_numbers(seed))
    yield "empty", "", typed, "here are 0", "no words"
    yield "fewer", " ".join(words[:-1]), typed, "here are 23", "23 words"
    yield "more", " ".join([*words, words[0]]), typed, "here are 25", "25 words"
    yield "unknown", " ".join(["ledger", *words[1:]]), typed, "is not in the list", "a word that is not in the list"
    yield "misspelt", " ".join([words[0] + "n", *words[1:]]), typed, "is not in the list", "a letter too many"
    yield (
        "swapped",
        " ".join([words[1], words[0], *words[2:]]),
        typed,
        "do not fit together",
        "the first two words swapped",
    )
    other = next(each for each in paperkey.to_words(bytes(32)) if each != words[-1])
    yield "last-other", " ".join([*words[:-1], other]), typed, "do not fit together", "another last word"
    yield "turned", " ".join(words[::-1]), typed, "do not fit together", "the words in the wrong order"
    yield "number-zero", " ".join(["0000", *numbers[1:]]), typed, "is not in the list", "number 0000"
    yield "number-beyond", " ".join(["2049", *numbers[1:]]), typed, "is not in the list", "number 2049"
    yield "number-short", " ".join(["1", *numbers[1:]]), typed, "is not in the list", "a number of one digit"
    code = paperkey.to_code(seed)
    yield "code-short", code[:-4], typed, "", "a code without its last word"
    yield "code-other", code[:7] + "2049" + code[11:], typed, "is not in the list", "a code with number 2049"
    yield (
        "code-check",
        code[:-4] + f"{int(code[-4:]) % 2048 + 1:04}",
        typed,
        "do not fit together",
        "a code with another last word",
    )
    yield "commas", ",".join(words), typed, "is not in the list", "commas between the words"
    yield "latin", " ".join(["\u0430bout", *words[1:]]), typed, "is not in the list", "a Cyrillic letter"


def _fingerprints(good: str) -> Iterator[Row]:
    typed, head = "mistyped", "begins with"
    flipped = "q" if good[-1] != "q" else "p"
    yield "empty", "", typed, head, "nothing"
    yield "prefix", "bc" + good[2:], typed, head, "another prefix"
    yield "hex", signer_of("alice").fingerprint.hex(), typed, head, "hexadecimal digits"
    yield "short", good[:-1], typed, "characters", "the last letter is missing"
    yield "long", good + "q", typed, "characters", "a letter too many"
    yield "last", good[:-1] + flipped, typed, "mistyped", "another last letter"
    yield "swapped", good[:10] + good[11] + good[10] + good[12:], typed, "mistyped", "two letters swapped"
    yield "mixed", good[:10] + good[10:].upper(), typed, "mistyped", "capital and small letters"
    yield "letter-b", good[:10] + "b" + good[11:], typed, "mistyped", "a letter that Bech32 has not"
    yield "letter-o", good[:10] + "o" + good[11:], typed, "mistyped", "the letter o"
    yield "digit-1", good[:10] + "1" + good[11:], typed, "mistyped", "the digit 1"
    yield "blank", good[:10] + "\u00ad" + good[11:], typed, "mistyped", "an invisible hyphen"


def _amounts() -> Iterator[Row]:
    typed = "mistyped"
    for slug, words, says in (
        ("empty", "", "missing"),
        ("blank", " ", "missing"),
        ("zero", "0", "is zero"),
        ("zeros", "0.00", "is zero"),
        ("comma", "12,50", "comma"),
        ("thousands", "1,250.00", "comma"),
        ("minus", "-5", "sign"),
        ("plus", "+5", "sign"),
        ("exponent", "1e3", "no amount"),
        ("hex", "0x10", "no amount"),
        ("point-first", ".50", "no amount"),
        ("point-last", "12.", "no amount"),
        ("points", "1.2.3", "no amount"),
        ("decimals", "12.505", "3 decimals"),
        ("large", "92233720368547758.08", "too large"),
        ("larger", "9" * 40, "too large"),
        ("longest", "9" * 41, "no amount"),
        ("word", "five", "no amount"),
        ("unit", "5 gold", "no amount"),
        ("arabic", "\u0665", "no amount"),
        ("underscore", "1_000", "no amount"),
        ("infinity", "inf", "no amount"),
        ("not-a-number", "nan", "no amount"),
    ):
        yield slug, words, typed, says, f"typed as an amount of an asset with two decimals: {slug}"


def _ends() -> Iterator[Row]:
    typed = "mistyped"
    for slug, words, says in (
        ("empty", "", "no date"),
        ("past", "2027-01-14", "not in the future"),
        ("far", "2027-03-01-", "no date"),
        ("day", "2027-02-29", "no such day"),
        ("month", "2027-13-01", "no such day"),
        ("hour", "2027-03-01T24:00Z", "no such day"),
        ("minute", "2027-03-01T12:60Z", "no such day"),
        ("zone", "2027-03-01T12:00+01:00", "no date"),
        ("no-zone", "2027-03-01T12:00", "no date"),
        ("order", "01-03-2027", "no date"),
        ("slashes", "2027/03/01", "no date"),
        ("short", "27-03-01", "no date"),
        ("unit", "30m", "no date"),
        ("zero", "0d", "not in the future"),
        ("negative", "-1d", "no date"),
        ("word", "tomorrow", "no date"),
        ("year", "10000-01-01", "no date"),
        ("arabic", "\u0663\u0660d", "no date"),
        ("year-zero", "0000-01-01", "no such day"),
    ):
        yield slug, words, typed, says, f"typed as an end, when it is 2027-01-15T08:00Z: {slug}"
