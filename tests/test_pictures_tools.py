"""Other tools' codes, UR and BBQr: Q6 of docs/spec.md. Vectors are those that their authors publish."""

import zlib
from base64 import b16encode, b32encode
from hashlib import sha256
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledgerpost.errors import BadBytes, CutShort, NotOurs, OverLimit, TrailingBytes, WrongShape
from ledgerpost.pictures import bbqr, bytewords, parts, ur
from ledgerpost.pictures.bbqr import BbqrPart
from ledgerpost.pictures.frame import MAX_MESSAGE
from ledgerpost.pictures.parts import Part, Whole
from ledgerpost.pictures.ur import UrPart


def wolf(size: int, seed: bytes = b"Wolf") -> bytes:
    """The bytes that the authors' vectors are made of."""
    random = ur._xoshiro(sha256(seed).digest())
    return bytes(int(next(random) * 256) for _ in range(size))


class TestBytewords:
    def test_published(self) -> None:
        assert bytewords.spell(bytes([0, 1, 2, 128, 255])) == "aeadaolazmjendeoti"
        assert bytewords.read("aeadaolazmjendeoti") == bytes([0, 1, 2, 128, 255])

    @given(st.binary(min_size=1, max_size=300))
    def test_gives_back_any_bytes(self, raw: bytes) -> None:
        assert bytewords.read(bytewords.spell(raw)) == raw

    @pytest.mark.parametrize(
        ("text", "error"),
        [
            ("", CutShort),
            ("wf", CutShort),
            ("aeadaolazmjendeot", CutShort),
            ("aeadaolazmjendeowf", BadBytes),
            ("qqadaolazmjendeoti", NotOurs),
            ("aeadaolazmjendeot1", NotOurs),
        ],
    )
    def test_tells_what_is_wrong(self, text: str, error: type[BadBytes]) -> None:
        with pytest.raises(error):
            bytewords.read(text)


class TestUr:
    def test_published_bytes(self) -> None:
        assert wolf(10).hex() == "916ec65cf77cadf55cd7"
        text = (
            "ur:bytes/hdeymejtswhhylkepmykhhtsytsnoyoyaxaedsuttydmmhhpktpmsrjtgwdpfnsboxgwlbaawzuefywkdplrsrjynbvygabw"
            "jldapfcsdwkbrkch"
        )
        assert ur.read(text) == ur.read(text.upper()) == wolf(50)
        assert ur.spell(wolf(50)) == text.upper()

    def test_published_choice_of_fragments(self) -> None:
        checksum = zlib.crc32(wolf(1024))
        chosen = [sorted(ur._chosen(UrPart("bytes", n, 11, 1024, checksum, b""))) for n in range(1, 31)]
        assert chosen[:11] == [[n] for n in range(11)]
        assert chosen[11:] == [
            *([9], [2, 5, 6, 8, 9, 10], [8], [1, 5], [1], [0, 2, 4, 5, 8, 10], [5], [2], [2]),
            *([0, 1, 3, 4, 5, 7, 9, 10], [0, 1, 2, 3, 5, 6, 8, 9, 10], [0, 2, 4, 5, 7, 8, 9, 10], [3, 5], [4]),
            *(list(range(11)), [0, 1, 3, 4, 5, 6, 7, 9, 10], [6], [5, 6], [7]),
        ]

    def test_published_part(self) -> None:
        text = (
            "ur:bytes/10-9/lpbkascfadaxcywenbpljkhdcahkadaemejtswhhylkepmykhhtsytsnoyoyaxaedsuttydmmhhpktpmsrjtwdkiplzs"
        )
        part = ur.read(text)
        assert isinstance(part, UrPart)
        body = b"\x59\x01\x00" + wolf(256)
        assert (part.number, part.parts, part.length, part.checksum) == (10, 9, 259, zlib.crc32(body))
        fragments = [body[i : i + 29].ljust(29, b"\0") for i in range(0, 259, 29)]
        expected = bytearray(29)
        for index in ur._chosen(part):
            expected = bytearray(a ^ b for a, b in zip(expected, fragments[index], strict=True))
        assert part.data == expected

    @pytest.mark.parametrize("loss", [0.0, 0.3, 0.6])
    def test_parts_restore(self, loss: float) -> None:
        chance, raw = Random(3), b"\xd2" + wolf(1000)
        body, seen = raw[1:], list[UrPart]()
        fragments = [body[i : i + 100] for i in range(0, 1000, 100)]
        for number in range(1, 200):
            part = UrPart("cose-sign1", number, 10, 1000, zlib.crc32(body), b"")
            data = bytes(100)
            for index in ur._chosen(part):
                data = bytes(a ^ b for a, b in zip(data, fragments[index], strict=True))
            if chance.random() >= loss:
                seen.append(UrPart("cose-sign1", number, 10, 1000, zlib.crc32(body), data))
            if seen and ur.restore(seen) == raw:
                break
        assert ur.restore(seen) == raw
        assert len(seen) < 40

    def test_a_signed_message_travels_without_its_tag(self) -> None:
        raw = b"\xd2\x84\x43abc\xa0\x40\x40"
        text = ur.spell(raw)
        assert text.startswith("UR:COSE-SIGN1/")
        assert bytewords.read(text.split("/")[1].lower()) == raw[1:]
        assert ur.read(text) == raw

    @given(st.binary(min_size=1, max_size=700))
    @example(b"\xd2")
    @example(b"\xd2\xd2\x84")
    @example(b"\xd2\x84")
    def test_gives_back_any_bytes(self, raw: bytes) -> None:
        assert parts.read(ur.spell(raw)) == Whole(raw)

    @pytest.mark.parametrize(
        ("text", "error"),
        [
            ("ur:", NotOurs),
            ("ur:crypto-psbt/aeadaolazmjendeoti", NotOurs),
            ("ur:bytes/aeadaolazmjendeoti", WrongShape),
            ("ur:bytes/1-9/aeadaolazmjendeoti", WrongShape),
            ("ur:bytes/" + bytewords.spell(b"\x45abc"), CutShort),
            ("ur:bytes/" + bytewords.spell(b"\x43abcd"), TrailingBytes),
            ("ur:bytes/" + bytewords.spell(b"\x58\x03abc"), WrongShape),
            ("ur:bytes/" + bytewords.spell(b"\x5b\0\0\0\0\0\0\0\3abc"), WrongShape),
            ("ur:bytes/1-2/" + bytewords.spell(b"\x85\x01\x02\x0a\x00\x45abcde" + b"x"), TrailingBytes),
            ("ur:bytes/2-2/" + bytewords.spell(b"\x85\x01\x02\x0a\x00\x45abcde"), WrongShape),
            ("ur:bytes/1-2/" + bytewords.spell(b"\x85\x01\x02\x0b\x00\x45abcde"), WrongShape),
            ("ur:bytes/0-2/" + bytewords.spell(b"\x85\x00\x02\x0a\x00\x45abcde"), WrongShape),
            ("ur:bytes/1-9999/" + bytewords.spell(b"\x85\x01\x19\x27\x0f\x0a\x00\x45abcde"), OverLimit),
        ],
    )
    def test_tells_what_is_wrong(self, text: str, error: type[BadBytes]) -> None:
        with pytest.raises(error) as caught:
            ur.read(text)
        assert type(caught.value) is error

    @given(st.binary(max_size=40))
    def test_any_body_is_a_part_or_an_error(self, raw: bytes) -> None:
        for text in (f"ur:bytes/{bytewords.spell(raw)}", f"ur:bytes/1-2/{bytewords.spell(raw)}"):
            try:
                ur.read(text)
            except BadBytes:
                continue


def three(raw: bytes, encoding: str) -> list[str]:
    """A BBQr in three codes, written down anew after its description."""
    if encoding == "Z":
        packer = zlib.compressobj(wbits=-10)
        raw = packer.compress(raw) + packer.flush()
    size = -(-len(raw) // 15) * 5
    spell = b16encode if encoding == "H" else b32encode
    pieces = [raw[i : i + size] for i in range(0, len(raw), size)]
    return [f"B${encoding}C0{len(pieces)}0{n}" + spell(p).decode().rstrip("=") for n, p in enumerate(pieces)]


class TestBbqr:
    @pytest.mark.parametrize("encoding", ["H", "2", "Z"])
    def test_reads_each_encoding(self, encoding: str) -> None:
        raw = bytes(200) + wolf(301)
        codes = [bbqr.read(text) for text in three(raw, encoding)]
        assert bbqr.restore(codes[::-1]) == raw
        assert bbqr.restore(codes[1:]) is None
        assert bbqr.restore([BbqrPart(encoding, 3, 0, "AAAA"), *codes]) == raw, "the later counts"

    @given(st.binary(min_size=1, max_size=2000), st.integers(16, 600))
    def test_gives_back_any_bytes(self, raw: bytes, most: int) -> None:
        texts = bbqr.spell(raw, most)
        assert max(map(len, texts)) <= most
        assert len({len(text) for text in texts[:-1]} | {len(texts[0])}) == 1
        assert bbqr.restore([bbqr.read(text) for text in texts]) == raw

    def test_deflates_where_it_helps(self) -> None:
        assert bbqr.spell(bytes(500), 100)[0].startswith("B$ZC0100")
        assert bbqr.spell(wolf(50), 100)[0].startswith("B$2C0100")

    def test_one_code_is_a_whole_message(self) -> None:
        assert parts.read(bbqr.spell(b"abc", 100)[0]) == Whole(b"abc")

    @pytest.mark.parametrize(
        ("text", "error"),
        [
            ("B$", NotOurs),
            ("B$HP010041", NotOurs),
            ("B$QC010041", NotOurs),
            ("B$HC010141", WrongShape),
            ("B$HC000041", WrongShape),
            ("B$HC01004", WrongShape),
            ("B$HC0100G1", WrongShape),
            ("B$2C010011", WrongShape),
            ("B$ZC010041", WrongShape),
        ],
    )
    def test_tells_what_is_wrong(self, text: str, error: type[BadBytes]) -> None:
        with pytest.raises(error):
            parts.read(text)

    def test_codes_of_two_messages(self) -> None:
        mixed = [bbqr.read(text) for text in (*three(wolf(300), "2")[:1], *three(wolf(500), "2")[1:])]
        with pytest.raises(WrongShape):
            bbqr.restore(mixed)

    @pytest.mark.parametrize(
        ("size", "cut", "error"), [(MAX_MESSAGE + 1, 0, OverLimit), (30_000_000, 0, OverLimit), (5000, 9, CutShort)]
    )
    def test_what_unpacks_to_too_much_or_not_at_all(self, size: int, cut: int, error: type[BadBytes]) -> None:
        packer = zlib.compressobj(level=1, wbits=-10)
        raw = packer.compress(bytes(size)) + packer.flush()
        data = b32encode(raw[: len(raw) - cut]).decode().rstrip("=")
        with pytest.raises(error):
            bbqr.restore([BbqrPart("Z", 1, 0, data)])

    def test_refuses_too_many_codes(self) -> None:
        with pytest.raises(OverLimit):
            bbqr.spell(wolf(20_000), 16)
        with pytest.raises(OverLimit):
            bbqr.spell(b"abc", 8)


def test_foreign_text_is_told() -> None:
    for text in ("", "https://example.org", "FIDO:/123", "hello"):
        with pytest.raises(NotOurs):
            parts.read(text)


def test_parts_tell_their_message() -> None:
    one, two = (parts.read(text) for text in three(wolf(300), "2")[:2])
    assert isinstance(one, Part)
    assert isinstance(two, Part)
    assert (one.message, one.parts, one.number, two.number) == (two.message, 3, 0, 1)
    assert parts.read(f"\ufeff {one.text.lower()}\n") == one
