"""What fuzzing asks of the readers of texts: what stands in codes, what is pasted, and what people type.

Inputs are bytes all the same, read as UTF-8 with whatever is wrong in it replaced.
"""

from fuzz_readers import hold, refused
from ledgerpost import paperkey, spelling
from ledgerpost.errors import BadBytes, Mistyped
from ledgerpost.pictures import bbqr, frame, parts, text, ur
from ledgerpost.pictures.collection import Collections
from ledgerpost.pictures.frame import Frame
from ledgerpost.pictures.parts import Part, Whole
from ledgerpost.pictures.text import Kind
from ledgerpost.terms import MAX_INT

NOW = 1_800_000_000
MOST_LINES = 400


def code(raw: bytes) -> bool:
    """The text of one code, in any coding: a message or a part, spelt to what it was and read once more."""
    words = raw.decode(errors="replace")
    try:
        found = parts.read(words)
    except BadBytes as error:
        return refused(error)
    hold(parts.read(words) == found, "read twice, other")
    if isinstance(found, Whole):
        _spelt_again(words, found.raw)
    else:
        _part_again(found)
    return True


def _spelt_again(words: str, raw: bytes) -> None:
    if text.is_ours(words):
        hold(text.read(words) == (Kind.WHOLE, raw), "another kind")
        hold(text.read(text.spell(raw)) == (Kind.WHOLE, raw), "spelt otherwise")
    elif 0 < len(raw) <= text.MAX_TEXT_BYTES:  # more fit no code, and so are not spelt as one
        hold(parts.read(ur.spell(raw)) == Whole(raw), "spelt otherwise as a UR")
        _bbqr_again(raw)


def _bbqr_again(raw: bytes) -> None:
    codes = [bbqr.read(each) for each in bbqr.spell(raw, 4296)]
    hold(bbqr.restore(codes) == raw, "spelt otherwise as a BBQr")


def _part_again(part: Part) -> None:
    hold(parts.read(part.text) == part, "a part of another text")
    hold(part.number >= 0, "a part before the first")
    if isinstance(part.content, Frame):
        raw = frame.pack(part.content)
        hold(frame.unpack(raw) == part.content, "packed otherwise")
        hold(text.spell(raw, Kind.PART) == part.text, "a frame of another text")


def codes(raw: bytes) -> bool:
    """Lines as the texts of codes that a camera saw, one after the other: what becomes whole, and what is kept."""
    seen = Collections()
    whole = []
    for line in raw.decode(errors="replace").splitlines()[:MOST_LINES]:
        try:
            found = parts.read(line)
        except BadBytes as error:
            refused(error)
            continue
        if isinstance(found, Part):
            whole += seen.take([found])
    for progress in seen.progress():
        hold(progress.needed > 0 and progress.seen > 0, "progress that is none")
    kept = seen.spell()
    hold(Collections.read(kept).spell() == kept, "kept otherwise")
    return bool(whole)


def kept(raw: bytes) -> bool:
    """A stored collection."""
    try:
        collections = Collections.read(raw)
    except BadBytes as error:
        return refused(error)
    hold(Collections.read(collections.spell()).progress() == collections.progress(), "read twice, other")
    return True


def typed(raw: bytes) -> bool:
    """What a person types: a paper key, a fingerprint, an amount, an end."""
    words = raw.decode(errors="replace")
    taken = [_paper_key(words), _fingerprint(words), *(_amount(words, decimals) for decimals in (0, 2, 9))]
    spelling.printable(words)
    try:
        hold(spelling.read_until(words, NOW) > NOW, "an end that is past")
        return True
    except Mistyped as error:
        refused(error)
    return any(taken)


def _paper_key(words: str) -> bool:
    try:
        seed = paperkey.from_words(words)
    except Mistyped as error:
        return refused(error)
    for again in (" ".join(paperkey.to_words(seed)), " ".join(paperkey.to_numbers(seed)), paperkey.to_code(seed)):
        hold(paperkey.from_words(again) == seed, "another key")
    return True


def _fingerprint(words: str) -> bool:
    try:
        found = spelling.read_fingerprint(words)
    except Mistyped as error:
        return refused(error)
    hold(spelling.spell_fingerprint(found) == "".join(words.split()).lower(), "spelt otherwise")
    return True


def _amount(words: str, decimals: int) -> bool:
    try:
        units = spelling.read_amount(words, decimals)
    except Mistyped as error:
        return refused(error)
    hold(0 < units <= MAX_INT, "an amount out of bounds")
    hold(spelling.read_amount(spelling.spell_amount(units, decimals), decimals) == units, "spelt otherwise")
    return True
