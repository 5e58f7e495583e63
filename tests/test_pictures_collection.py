"""What was seen of messages in many codes, over pictures and commands: Q4 of docs/spec.md."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledgerpost.errors import BadBytes, OverLimit
from ledgerpost.pictures import collection as module
from ledgerpost.pictures import parts, text
from ledgerpost.pictures.bbqr import spell as bbqr
from ledgerpost.pictures.collection import MAX_COLLECTIONS, Collections
from ledgerpost.pictures.fountain import Fountain, fountain
from ledgerpost.pictures.frame import Frame, pack
from ledgerpost.pictures.parts import Part
from ledgerpost.pictures.text import Kind

FIRST, SECOND = (fountain(Random(seed).randbytes(2000), 100) for seed in (1, 2))
MESSAGE, OTHER = (Random(seed).randbytes(2000) for seed in (1, 2))


def part(frame: Frame) -> Part:
    it = parts.read(text.spell(pack(frame), Kind.PART))
    assert isinstance(it, Part)
    return it


def shown(source: Fountain, first: int, last: int) -> list[Part]:
    return [part(source.frame(number)) for number in range(first, last)]


def lies(source: Fountain, first: int, last: int, seed: int = 0) -> list[Part]:
    chance = Random(f"lie {seed}")
    frames = (source.frame(number) for number in range(first, last))
    return [part(Frame(f.digest, f.parts, f.length, f.number, chance.randbytes(len(f.data)))) for f in frames]


def test_restores_over_several_pictures_and_says_what_is_missing() -> None:
    seen = Collections()
    assert seen.take(shown(FIRST, 0, 5)) == []
    assert seen.take(shown(FIRST, 7, 12)) == []
    (progress,) = seen.progress()
    assert (progress.parts, progress.seen, progress.needed, progress.doubtful) == (20, 10, 10, False)
    assert progress.missing == (5, 6, 12, 13, 14, 15, 16, 17, 18, 19)
    assert seen.take(shown(FIRST, 12, 22)) == [MESSAGE]
    assert seen.progress() == []


def test_gives_a_message_once() -> None:
    seen = Collections()
    assert seen.take(shown(FIRST, 0, 20)) == [MESSAGE]
    assert seen.take(shown(FIRST, 0, 40)) == []
    assert seen.progress() == []


def test_resumes_after_it_was_stored() -> None:
    seen = Collections()
    seen.take(shown(FIRST, 0, 15))
    seen.take(shown(SECOND, 0, 3))
    again = Collections.read(seen.spell())
    assert again.progress() == seen.progress()
    assert again.spell() == seen.spell()
    assert again.take(shown(FIRST, 30, 36)) == [MESSAGE]


def test_keeps_messages_apart() -> None:
    seen = Collections()
    mixed = [it for pair in zip(shown(FIRST, 0, 20), shown(SECOND, 0, 20), strict=True) for it in pair]
    assert seen.take(mixed[:20]) == []
    assert len(seen.progress()) == 2
    assert seen.take(mixed[20:]) == [MESSAGE, OTHER]


def test_what_one_picture_holds_is_restored_whatever_came_before() -> None:
    seen = Collections()
    seen.take(lies(FIRST, 0, 60))
    assert seen.progress()[0].doubtful
    assert seen.take(shown(FIRST, 0, 21)) == [MESSAGE]


def test_forged_parts_cost_a_few_more() -> None:
    seen = Collections()
    seen.take(lies(FIRST, 3, 5))
    assert seen.take(shown(FIRST, 5, 15)) == []
    assert seen.take(shown(FIRST, 15, 25) + shown(FIRST, 40, 46)) == [MESSAGE]


def test_good_parts_get_through_after_any_number_of_forged_ones() -> None:
    seen = Collections()
    for seed in range(10):
        seen.take(lies(FIRST, 0, 40, seed))
    got = [message for n in range(0, 120, 5) for message in seen.take(shown(FIRST, n, n + 5))]
    assert got == [MESSAGE]


def test_a_stranger_with_the_same_digest_is_another_message() -> None:
    seen = Collections()
    seen.take(shown(FIRST, 0, 15))
    frame = FIRST.frame(0)
    seen.take([part(Frame(frame.digest, 10, 1000, n, bytes(100))) for n in range(10)])
    assert seen.take(shown(FIRST, 15, 20)) == [MESSAGE]


def test_the_smallest_gives_way() -> None:
    seen = Collections()
    seen.take(shown(FIRST, 0, 2))
    for seed in range(3 * MAX_COLLECTIONS):
        seen.take(shown(fountain(Random(seed).randbytes(500), 100), 0, 1))
    assert len(seen.progress()) == MAX_COLLECTIONS
    assert seen.take(shown(FIRST, 2, 20)) == [MESSAGE]


def test_keeps_no_more_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 20_000)
    seen = Collections()
    for seed in range(20):
        seen.take(lies(fountain(Random(seed).randbytes(2000), 100), 0, 15))
        assert len(seen.spell()) <= 21_000
    assert seen.progress()
    with pytest.raises(OverLimit):
        Collections.read(bytes(40_001))


def test_an_old_part_gives_way_to_a_new_one() -> None:
    seen = Collections()
    for first in range(0, 200, 10):
        seen.take(lies(FIRST, first, first + 10))
    assert seen.progress()[0].seen == 2 * FIRST.parts + 64


def test_forgets() -> None:
    seen = Collections()
    seen.take(shown(FIRST, 0, 2))
    seen.forget(seen.progress()[0].message)
    seen.forget("nothing")
    assert seen.progress() == []


def test_bbqr_over_two_pictures_and_again() -> None:
    seen = Collections()
    for raw in (MESSAGE, OTHER):
        codes = [it for it in map(parts.read, bbqr(raw, 600)) if isinstance(it, Part)]
        assert seen.take(codes[:2]) == []
        assert seen.progress()[0].missing == tuple(range(2, len(codes)))
        assert seen.take(codes[2:]) == [raw]


@pytest.mark.parametrize("raw", [b"x", b"\xff\n", b"LPOST:/P/000\n", text.spell(b"whole").encode()])
def test_a_damaged_store_is_told(raw: bytes) -> None:
    with pytest.raises(BadBytes, match="line 1 is"):
        Collections.read(raw)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.sampled_from([FIRST, SECOND]), st.integers(0, 60), st.booleans()), max_size=80))
def test_never_gives_what_was_not_sent(seen_one_by_one: list[tuple[Fountain, int, bool]]) -> None:
    seen = Collections()
    for source, number, forged in seen_one_by_one:
        shown_now = (lies if forged else shown)(source, number, number + 1)
        assert set(seen.take(shown_now)) <= {MESSAGE, OTHER}
