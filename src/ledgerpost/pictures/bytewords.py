"""Bytewords, minimal style (BCR-2020-012): two letters a byte, four bytes of CRC-32 behind. What UR is written in.

Knows bytes and letters, and nothing of what they hold.
"""

from typing import Final
from zlib import crc32

from ledgerpost.errors import BadBytes, CutShort, NotOurs

# The first and the last letter of each of the 256 words, from word 0 on.
_PAIRS: Final = (
    "aeadaoaxaaahamatayasbkbdbnbtbabsbebybgbwbbbzcmchcscfcycwcecackctcxclcpcndkdadsdidedtdrdndwdpdmdldyeheyeo"
    "eeecenemetesftfrfnfsfmfhfzfpfwfxfyfefgflfdgagegrgsgtglgwgdgygmgughgohfhghdhkhthphhhlhyhehnhsidiaieihiyio"
    "isinimjejzjnjtjljojsjpjkjykpkoktkskkknkgkekikblblalylflslrlplnltloldlelulklgmnmymhmemomumwmdmtmsmknlnynd"
    "nsntnnnenboyoeotoxonolospdptpkpypspmplpepfpaprqdqzrerprlrorhrdrkrfryrnrsrtsesasrssskswstspsosgsbsfsntotk"
    "titttdtetytltbtstptatnuyuoutueurvtvyvovlvevwvavdvswlwdwmwpwewywswtwnwzwfwkykynylyaytzszoztzczezm"
)
_WORDS: Final = tuple(_PAIRS[i : i + 2] for i in range(0, 512, 2))
_BYTES: Final = {word: value for value, word in enumerate(_WORDS)}


def spell(raw: bytes) -> str:
    """Small letters for bytes and their CRC-32."""
    return "".join(_WORDS[value] for value in raw + crc32(raw).to_bytes(4, "big"))


def read(text: str) -> bytes:
    """The bytes that small letters stand for.

    Raises:
        NotOurs: letters that are no bytewords.
        CutShort: too few letters, or half a word.
        BadBytes: the CRC-32 is another.
    """
    if len(text) % 2 or len(text) < 10:
        raise CutShort("letters are missing in this text", do="copy it again, to the last letter")
    try:
        raw = bytes(_BYTES[text[i : i + 2]] for i in range(0, len(text), 2))
    except KeyError:
        raise NotOurs("letters in this text are no bytewords", do="copy it again") from None
    if crc32(raw[:-4]).to_bytes(4, "big") != raw[-4:]:
        raise BadBytes("letters in this text are wrong: its check does not match", do="copy it again")
    return raw[:-4]
