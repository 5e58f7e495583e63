"""Papers as pages: what stands on them, what cannot break out of them, and that their codes hold what they say."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from itertools import combinations, pairwise
from random import Random

import pytest

import specimens as s
from ledgerpost.errors import OverLimit, Refusal
from ledgerpost.paperkey import from_words, to_code, to_numbers, to_words
from ledgerpost.papers.orders import KINDS
from ledgerpost.papers.takein import TakeIn
from ledgerpost.pictures import parts, text
from ledgerpost.pictures.code import Level, encode
from ledgerpost.prints.amounts import in_words
from ledgerpost.prints.chequebook import Leaf, chequebook_pages
from ledgerpost.prints.instruments import instrument_page
from ledgerpost.prints.key import key_page
from ledgerpost.prints.message import MessageShown, message_page
from ledgerpost.prints.receipt import receipt_page
from ledgerpost.prints.tongue import TABLE, Tongue, tongue, usual
from ledgerpost.prints.views import Money, Party
from ledgerpost.spelling import group_fingerprint, printable
from ledgerpost.terms import MAX_INT
from town import START, seed_of

EN, FR = tongue("en"), tongue("fr")
Paper = Callable[[str, Tongue], str]
"""A page in which every field that others fill says the same."""


def _cheque(name: str, words: Tongue) -> str:
    memo = name.encode("utf-8", "ignore")[: s.MAX_MEMO].decode("utf-8", "ignore")
    what = s.Extremes(memo=memo)
    shown = s.shown(s.cheque(what, *s.HANDS), (name, name, name))
    return instrument_page(shown, words)


def _certificate(name: str, words: Tongue) -> str:
    return instrument_page(s.shown(s.certificate(s.USUAL, *s.HANDS), (name, name, name)), words)


def _chequebook(name: str, words: Tongue) -> str:
    book = s.chequebook(20)
    leaf = Leaf(book.sign(s.BANK), book, Party(s.DRAWER.fingerprint, name), Party(s.BANK.fingerprint, name))
    return chequebook_pages([leaf, leaf], words)


def _receipt(name: str, words: Tongue) -> str:
    return receipt_page(s.receipt(name), words)


def _key(name: str, words: Tongue) -> str:
    return key_page(seed_of("amina"), Party(s.DRAWER.fingerprint, name), words)


def _message(name: str, words: Tongue) -> str:
    shown = MessageShown(bytes(range(200)), Party(s.BANK.fingerprint, name), START, False, (name, f"  {name}"))
    return message_page(shown, words)


PAPERS: dict[str, Paper] = {
    "cheque": _cheque,
    "certificate": _certificate,
    "chequebook": _chequebook,
    "receipt": _receipt,
    "key": _key,
    "message": _message,
}


def codes_on(page: str) -> list[str]:
    """What zbar reads in each of a page's pictures."""
    return list(s.texts_on(page))


class Outline(HTMLParser):
    """The elements of a page with their attributes, and its words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, ...]] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kept = (f"{name}={_sizeless(value or '')}" for name, value in attrs if tag not in ("svg", "path"))
        self.tags.append((tag, *kept))

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}",))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def _sizeless(value: str) -> str:
    """Without the classes that only choose a size of letters."""
    return " ".join(each for each in value.split(" ") if each not in ("small", "long"))


# --- nothing breaks out


@pytest.mark.parametrize("hostile", s.HOSTILE, ids=range(len(s.HOSTILE)))
@pytest.mark.parametrize("paper", PAPERS)
def test_no_name_changes_a_page(paper: str, hostile: str) -> None:
    page = PAPERS[paper](hostile, EN)
    assert _outline(page) == _plain(paper)
    page.encode()
    assert not re.search(r"[\u202a-\u202e\u2066-\u2069\u200e\u200f\x00-\x09\x0b-\x1f]", page)
    outline = Outline(page)
    assert printable(hostile, 64) in outline.words or printable(hostile, 200) in outline.words


@cache
def _plain(paper: str) -> list[tuple[str, ...]]:
    return _outline(PAPERS[paper]("Bo", EN))


def _outline(page: str) -> list[tuple[str, ...]]:
    """Elements of a page; codes differ where memo or names are in them, and so may their number of pages."""
    return [each for each in Outline(page).tags if each[0] not in ("path", "/path", "svg", "/svg")]


@pytest.mark.parametrize("language", TABLE)
@pytest.mark.parametrize("paper", PAPERS)
def test_a_page_loads_and_runs_nothing(paper: str, language: str) -> None:
    page = PAPERS[paper]("Bo", tongue(language))
    assert "default-src 'none'; style-src 'unsafe-inline'" in page
    assert not re.search(r"<(script|img|iframe|link|object|embed|form|a)\b|\bon\w+=|javascript:|url\(|@import", page)
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")
    assert f'<html lang="{language}" dir="ltr">' in page
    assert re.search(r"@page\{size:\d+mm \d+mm;margin:0\}", page)


@pytest.mark.parametrize("script", s.NAMES)
def test_names_of_every_script_stand_apart(script: str) -> None:
    names = s.NAMES[script]
    page = instrument_page(s.shown(s.cheque(), names), EN)
    for name in names:
        assert f"<bdi>{name}</bdi>" in page


# --- what they say


def test_a_cheque_says_everything_in_words() -> None:
    page = instrument_page(s.shown(s.cheque()), EN)
    words = Outline(page).words
    for said in ("Cheque", "No. 1764921600", "Bo Kamara", "Amina Diallo", "Village Bank of Kita", "for rice"):
        assert said in words
    assert "12.50 grain" in "".join(words)
    assert "Twelve and 50/100 grain" in "".join(words)
    for who in (s.BANK, s.DRAWER, s.PAYEE):
        assert group_fingerprint(who.fingerprint) in words
    assert "2027-03-16" in words
    assert EN.only_code in words
    assert "Not before" not in page
    assert "size:210mm 99mm" in page


def test_open_and_post_dated_and_unknown() -> None:
    shown = s.shown(s.cheque(payee=None), now=START - 86400)
    assert EN.anyone in instrument_page(shown, EN)
    assert "Not before 2027-01-15" in instrument_page(shown, EN)
    nameless = s.shown(s.cheque(), ("", "", ""))
    assert instrument_page(nameless, EN).count(EN.nameless) == 3


def test_an_unknown_asset_is_named_by_its_digest() -> None:
    shown = replace(s.shown(s.certificate()), money=Money(s.GRAIN, 1250))
    page = instrument_page(shown, EN)
    assert "1250" in page
    assert f"units of the asset {s.GRAIN.hex()[:16]}…" in page
    assert "12.50" not in page


def test_a_certificate_names_its_last_hands() -> None:
    shown = s.shown(s.certificate(s.USUAL, *s.HANDS, *s.HANDS[:2]))
    page = instrument_page(shown, EN)
    assert page.count(f">{EN.handed}<") == 3
    assert "after 2 others" in page
    assert [each.who for each in shown.hands][-1] == s.HANDS[1].fingerprint
    assert group_fingerprint(s.HANDS[1].fingerprint) in page


def test_a_receipt_tells_what_changed() -> None:
    words = "".join(Outline(receipt_page(s.receipt(fates=20), EN)).words)
    assert "50.00 → 37.50 grain" in words
    assert "payment 1, 1.00 grain: done" in words
    assert "and 13 more, all in the codes" in words
    few = "".join(Outline(receipt_page(s.receipt(), FR)).words)
    assert f"chèque présenté 9, 0.05 grain: refusé ({int(Refusal.FUNDS)})" in few
    assert FR.reasons[Refusal.FUNDS] in few
    assert Refusal.FUNDS.sentence not in few
    assert "N° 4  2.00 grain → le porteur du certificat" in few


def test_every_refusal_has_its_reason_in_every_language() -> None:
    for words in (EN, FR):
        assert set(words.reasons) == set(Refusal)
    assert all(FR.reasons[code] != code.sentence for code in Refusal)


def test_a_key_in_words_and_numbers() -> None:
    seed = seed_of("amina")
    words = Outline(_key("Amina", EN)).words
    assert [each for each in words if each in to_words(seed)] == list(to_words(seed))
    assert [each for each in words if re.fullmatch(r"\d{4}", each)] == list(to_numbers(seed))
    assert group_fingerprint(s.DRAWER.fingerprint) in words
    assert "size:105mm 148mm" in _key("Amina", EN)


# --- what their codes hold


@pytest.mark.parametrize("language", TABLE)
def test_the_code_is_the_instrument(language: str) -> None:
    for instrument in (s.cheque(), s.cheque(s.LARGEST), s.certificate(), s.certificate(s.LARGEST, *s.HANDS)):
        page = instrument_page(s.shown(instrument), tongue(language))
        assert codes_on(page) == [text.spell(instrument.encode())]


def test_what_one_code_does_not_hold_stands_on_pages_that_follow() -> None:
    instrument = s.certificate(s.LARGEST, *s.HANDS, *s.HANDS, *s.HANDS[:2])
    page = instrument_page(s.shown(instrument), EN)
    frames = [each for code in codes_on(page) if isinstance(each := parts.read(code), parts.Part)]
    need = frames[0].parts
    assert len(frames) == need + -(-need // 4)
    assert f"Any {need} of these {len(frames)} codes" in page
    assert EN.follow in page
    assert EN.only_code in page
    for some in combinations(frames, need):
        assert parts.restore(some) in (instrument.encode(), None)
    assert parts.restore(frames[1:]) == instrument.encode()


def test_a_long_receipt_and_one_too_long() -> None:
    shown = s.receipt(size=4000)
    page = receipt_page(shown, EN)
    frames = [each for code in codes_on(page) if isinstance(each := parts.read(code), parts.Part)]
    assert parts.restore(Random(3).sample(frames, len(frames) - 2)) == shown.raw
    assert page.count("<section") == 1 + -(-len(frames) // 2)
    with pytest.raises(OverLimit, match="pages"):
        receipt_page(s.receipt(size=60_000), EN)


def test_codes_of_keys_chequebooks_and_messages() -> None:
    seed = seed_of("amina")
    (code,) = codes_on(_key("Amina", EN))
    assert code == to_code(seed)
    assert from_words(code) == seed
    raw = s.chequebook(20).sign(s.BANK)
    assert codes_on(_chequebook("Bo", FR)) == [text.spell(raw)] * 2
    assert codes_on(_message("Bo", EN)) == [text.spell(bytes(range(200)))]
    assert codes_on(receipt_page(s.receipt(size=300), EN)) == [text.spell(s.receipt(size=300).raw)]


def test_sizes_of_instruments() -> None:
    """A cheque in version 17 at M, a certificate handed on three times in version 22, whatever is in them."""
    for what in (s.USUAL, s.LARGEST):
        assert encode(text.spell(s.cheque(what).encode()), Level.M).version <= 17
        assert encode(text.spell(s.certificate(what, *s.HANDS).encode()), Level.M).version <= 22
    assert len(s.cheque().encode()) < 450
    sizes = [len(s.certificate(s.USUAL, *s.HANDS[:hands]).encode()) for hands in range(4)]
    assert sizes[0] < 240
    assert max(more - less for less, more in pairwise(sizes)) <= 100


# --- words


@pytest.mark.parametrize(
    ("units", "decimals", "english", "french"),
    [
        (1, 0, "One", "Un"),
        (1250, 2, "Twelve and 50/100", "Douze et 50/100"),
        (7, 2, "Zero and 07/100", "Zéro et 07/100"),
        (8000, 2, "Eighty and 00/100", "Quatre-vingts et 00/100"),
        (8100, 2, "Eighty-one and 00/100", "Quatre-vingt-un et 00/100"),
        (1_500_000_000, 9, "One and 5/10", "Un et 5/10"),
        (2_000_000_000, 9, "Two and 0/10", "Deux et 0/10"),
        (200_000_000, 0, "Two hundred million", "Deux cents millions"),
    ],
)
def test_amounts_in_words(units: int, decimals: int, english: str, french: str) -> None:
    assert in_words(units, decimals, "en", EN.joint) == english
    assert in_words(units, decimals, "fr", FR.joint) == french


@pytest.mark.parametrize("language", TABLE)
def test_the_largest_amount_has_words(language: str) -> None:
    words = in_words(MAX_INT, 0, language, "")
    assert len(words) > 100
    assert words.rsplit(maxsplit=1)[-1] in ("seven", "sept")


def test_languages() -> None:
    locales = {"": "en", "C.UTF-8": "en", "fr_ML.UTF-8": "fr", "fr": "fr", "en_GB": "en", "frr_DE": "en", "de": "en"}
    assert {locale: usual(locale) for locale in locales} == locales
    orders = {"takein" if issubclass(kind, TakeIn) else name for name, kind in KINDS.items()}
    for words in (EN, FR):
        assert orders <= set(words.orders)
        commands = re.findall(r"`(ledgerpost [^`]*)`", "".join(v for v in _fields(words)))
        assert len(commands) == len(re.findall(r"`(ledgerpost [^`]*)`", "".join(_fields(EN))))


def _fields(words: Tongue) -> Iterator[str]:
    for name in Tongue.__slots__:
        value = getattr(words, name)
        if isinstance(value, str):
            yield value
