"""A message in many frames: Q2, Q3 and Q4 of docs/spec.md."""

from dataclasses import replace
from hashlib import sha256
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerpost.envelope import MAX_ENVELOPE
from ledgerpost.errors import BadBytes, CutShort, OverLimit, TrailingBytes, UnknownType, WrongShape
from ledgerpost.pictures.field import Echelon, combination, inverse, product
from ledgerpost.pictures.fountain import Fountain, fountain, restore
from ledgerpost.pictures.frame import HEAD, MAX_MESSAGE, MAX_PARTS, Frame, pack, unpack

MESSAGE = Random(1).randbytes(10_000)


class TestField:
    def test_product_is_that_of_polynomials(self) -> None:
        def slowly(a: int, b: int) -> int:
            total = 0
            for bit in range(8):
                if b >> bit & 1:
                    total ^= a << bit
            for bit in range(15, 7, -1):
                if total >> bit & 1:
                    total ^= 0x11D << bit - 8
            return total

        for a in range(256):
            for b in range(a, 256):
                assert product(a, b) == product(b, a) == slowly(a, b)

    def test_inverse(self) -> None:
        assert all(product(a, inverse(a)) == 1 for a in range(1, 256))
        with pytest.raises(ZeroDivisionError):
            inverse(0)

    @given(st.lists(st.tuples(st.integers(0, 255), st.binary(min_size=5, max_size=5)), max_size=6))
    def test_combination_is_byte_by_byte(self, terms: list[tuple[int, bytes]]) -> None:
        expected = bytearray(5)
        for factor, row in terms:
            for i, value in enumerate(row):
                expected[i] ^= product(factor, value)
        assert combination(terms, 5) == expected

    @given(st.lists(st.binary(min_size=6, max_size=6), max_size=8))
    def test_echelon_keeps_the_space_and_tells_relations(self, rows: list[bytes]) -> None:
        system = Echelon(4)
        for row in rows:
            system.add(row)
        for column, pivot in system.pivots.items():
            assert pivot[column] == 1
            assert all(other == column or pivot[other] == 0 for other in system.pivots)
        assert len(system.pivots) + len(system.rest) == len(rows)
        assert all(row[:4] == bytes(4) for row in system.rest)
        again = Echelon(6)
        for row in [*system.pivots.values(), *system.rest]:
            again.add(row)
        rank = len(again.pivots)
        for row in rows:
            again.add(row)
        assert len(again.pivots) == rank, "every row that went in is a combination of what came out"


class TestFrame:
    @given(length=st.integers(1, 3000), most=st.integers(1, 900), number=st.integers(0, 2**24 - 1), data=st.randoms())
    def test_gives_back_what_was_packed(self, length: int, most: int, number: int, data: Random) -> None:
        parts = -(-length // most)
        if parts > MAX_PARTS:
            return
        frame = Frame(data.randbytes(8), parts, length, number, data.randbytes(-(-length // parts)))
        assert unpack(pack(frame)) == frame

    @given(st.binary(max_size=60))
    def test_any_bytes_are_a_frame_or_an_error(self, raw: bytes) -> None:
        for candidate in (raw, b"\1" + raw):
            try:
                frame = unpack(candidate)
            except BadBytes:
                continue
            assert pack(frame) == candidate

    @pytest.mark.parametrize(
        ("change", "error"),
        [
            (lambda raw: b"", UnknownType),
            (lambda raw: b"\2" + raw[1:], UnknownType),
            (lambda raw: raw[:HEAD], CutShort),
            (lambda raw: raw[:-1], CutShort),
            (lambda raw: raw + b"\0", TrailingBytes),
            (lambda raw: raw[:9] + b"\0\0" + raw[11:], WrongShape),
            (lambda raw: raw[:9] + b"\xff\xff" + raw[11:], OverLimit),
            (lambda raw: raw[:11] + b"\0\0\0" + raw[14:], WrongShape),
            (lambda raw: raw[:11] + b"\xff\xff\xff" + raw[14:], OverLimit),
            (
                lambda raw: raw[:9] + b"\0\4\0\0\5" + raw[14 : HEAD + 2],
                WrongShape,
            ),  # the last of 4 parts would be empty
        ],
    )
    def test_tells_what_is_wrong(self, change: object, error: type[BadBytes]) -> None:
        assert callable(change)
        with pytest.raises(error):
            unpack(change(pack(fountain(MESSAGE, 500).frame(0))))

    def test_a_huge_claim_costs_nothing(self) -> None:
        head = b"\1" + bytes(8) + MAX_PARTS.to_bytes(2, "big") + MAX_MESSAGE.to_bytes(3, "big") + bytes(3)
        with pytest.raises(CutShort):
            unpack(head + b"x")

    def test_carries_the_largest_envelope(self) -> None:
        assert MAX_MESSAGE == MAX_ENVELOPE


def some(source: Fountain, count: int, *, loss: float, seed: int = 0) -> list[Frame]:
    """``count`` frames out of those shown one after the other, of which so many are lost."""
    chance, number, seen = Random(seed), 0, list[Frame]()
    while len(seen) < count:
        if chance.random() >= loss:
            seen.append(source.frame(number))
        number += 1
    return seen


def forged(frame: Frame, error: bytes) -> Frame:
    return replace(frame, data=bytes(a ^ b for a, b in zip(frame.data, error, strict=True)))


class TestFountain:
    def test_frames_never_change(self) -> None:
        # Whoever reads an animation made by another version relies on this very combination (Q3).
        frame = fountain(bytes(range(100)), 30).frame(4)
        assert pack(frame).hex() == (
            "01bce0aff19cf5aa6a00040000640000048c38900cdd7943a918ac0498490693a4d561c95584ebd1ad1c"
        )

    @pytest.mark.parametrize("loss", [0, 0.1, 0.5, 0.9])
    def test_any_frames_restore(self, loss: float) -> None:
        source = fountain(MESSAGE, 300)
        assert restore(some(source, source.parts + 1, loss=loss)) == MESSAGE

    def test_the_plain_frames_are_the_message(self) -> None:
        source = fountain(MESSAGE, 300)
        assert restore(list(source.frames(source.parts))[::-1]) == MESSAGE
        assert b"".join(f.data for f in source.frames(source.parts)).rstrip(b"\0") == MESSAGE.rstrip(b"\0")

    def test_fewer_than_parts_never_restore(self) -> None:
        source = fountain(MESSAGE, 300)
        assert restore(some(source, source.parts - 1, loss=0.5)) is None

    @given(st.binary(min_size=1, max_size=400), st.integers(1, 60), st.integers(0, 2**32), st.floats(0, 0.8))
    def test_gives_back_any_message(self, message: bytes, most: int, seed: int, loss: float) -> None:
        source = fountain(message, most)
        assert restore(some(source, source.parts + 3, loss=loss, seed=seed)) == message

    def test_k_frames_mostly_do(self) -> None:
        source = fountain(MESSAGE[:400], 20)
        done = sum(
            restore([source.frame(source.parts + n) for n in range(s, s + 20)]) is not None for s in range(0, 4000, 20)
        )
        assert done >= 190  # 199.2 of 200 expected

    @pytest.mark.parametrize("length", [0, MAX_MESSAGE + 1])
    def test_refuses_what_is_too_large_or_nothing(self, length: int) -> None:
        with pytest.raises(OverLimit):
            fountain(bytes(length), 2000)

    def test_refuses_too_many_parts(self) -> None:
        with pytest.raises(OverLimit, match="at most 1024 are made"):
            fountain(bytes(MAX_PARTS + 1), 1)
        assert fountain(bytes(MAX_PARTS), 1).parts == MAX_PARTS


class TestForged:
    """Q4: forged frames do not spoil what honest ones restore."""

    source = fountain(MESSAGE, 300)

    @pytest.mark.parametrize("lies", [1, 2, 5, 12])
    @pytest.mark.parametrize("loss", [0, 0.5])
    def test_independent_errors_are_found(self, lies: int, loss: float) -> None:
        for seed in range(5):
            frames = some(self.source, self.source.parts + lies + 3, loss=loss, seed=seed)
            for place in Random(seed).sample(range(len(frames)), lies):
                frames[place] = forged(frames[place], Random(place).randbytes(len(frames[place].data)))
            assert restore(frames) == MESSAGE

    @pytest.mark.parametrize("lies", [2, 3])
    def test_one_error_in_several_frames(self, lies: int) -> None:
        for seed in range(3):
            frames = some(self.source, 2 * self.source.parts, loss=0.3, seed=seed)
            for place in Random(seed).sample(range(len(frames)), lies):
                frames[place] = forged(frames[place], b"\1" + bytes(len(frames[place].data) - 1))
            assert restore(frames) == MESSAGE

    def test_two_frames_with_one_number(self) -> None:
        frames = some(self.source, self.source.parts + 4, loss=0)
        liar = forged(frames[0], b"\7" * len(frames[0].data))
        assert restore([liar, *frames]) == MESSAGE
        assert restore([*frames, liar]) == MESSAGE

    def test_a_forged_frame_and_no_spare_one(self) -> None:
        frames = some(self.source, self.source.parts, loss=0)
        frames[3] = forged(frames[3], b"\7" * len(frames[3].data))
        assert restore(frames) is None

    def test_never_gives_what_has_another_digest(self) -> None:
        digest = sha256(b"another").digest()[:8]
        assert restore([replace(f, digest=digest) for f in self.source.frames(self.source.parts + 5)]) is None
