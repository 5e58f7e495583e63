"""The malformed samples: each is refused for just the fault it names, and its original is taken."""

from collections import Counter

import pytest

from ledgerpost.errors import LedgerpostError
from malformed import FOLDER, READERS, Sample, read_as, refusal, samples

AT_LEAST = 1000
"""design/goals.md: malformed files, each with the exact error expected."""

GOOD = {file: each for file, each in samples().items() if each.error == "none"}
BAD = {file: each for file, each in samples().items() if each.error != "none"}


def outcome(sample: Sample) -> tuple[str, str]:
    """The code and the words of the error, or of the refusal; ``none`` if the bytes were taken."""
    try:
        answer = read_as(sample.reader, sample.raw)
    except LedgerpostError as error:
        return error.code, error.what
    return refusal(answer) or "none", ""


@pytest.mark.parametrize("file", GOOD)
def test_an_original_is_taken(file: str) -> None:
    assert read_as(GOOD[file].reader, GOOD[file].raw) is not None
    assert outcome(GOOD[file]) == ("none", "")


@pytest.mark.parametrize("group", sorted({file.split("/")[0] for file in BAD}))
def test_each_is_refused_with_its_own_error(group: str) -> None:
    wrong = []
    for file, sample in BAD.items():
        if file.startswith(f"{group}/"):
            code, words = outcome(sample)
            if code != sample.error or sample.says not in words:
                wrong.append(f"{file}: {sample.fault}: {code}, {words!r}; told {sample.error}, {sample.says!r}")
    assert not wrong, "\n".join(wrong)


def test_there_are_as_many_as_promised() -> None:
    assert len(BAD) >= AT_LEAST
    assert len({(each.reader, each.raw) for each in samples().values()}) == len(samples()), "two are alike"


def test_each_is_one_fault_away_from_its_original() -> None:
    for file, sample in BAD.items():
        assert sample.good == f"{file.split('/')[0]}/good.txt"
        assert GOOD[sample.good].reader == sample.reader
        assert sample.raw != GOOD[sample.good].raw


def test_all_readers_are_met() -> None:
    assert {each.reader.split()[0] for each in BAD.values()} == set(READERS)


def test_the_readme_counts_right() -> None:
    told = (FOLDER / "README.md").read_text()
    assert f"\n{len(BAD):,} files with one fault each" in told
    for error, count in Counter(each.error for each in BAD.values()).items():
        assert f"| {error} | {count} |" in told
    for name in READERS:
        assert f"`{name}" in told
