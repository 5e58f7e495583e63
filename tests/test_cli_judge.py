"""``judge`` at the terminal: any files, in any order, rubbish and forgeries among them; in words, values, a page."""

import json
import os
import random
import re
import shutil
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from ledgerpost.cli import laid
from ledgerpost.cli import verdictwords as v
from ledgerpost.cli.exhibits import Exhibits, exhibit
from ledgerpost.cli.laid import Lying, lay
from ledgerpost.cli.verdictpage import page_of
from ledgerpost.cli.words import Book
from ledgerpost.envelope import pack, unpack
from ledgerpost.judge.verdict import Finding, Missing, Need, Settled, Verdict
from ledgerpost.papers.card import Card
from ledgerpost.papers.instrument import is_instrument, read_instrument
from ledgerpost.sealed import Signer, is_message, read
from ledgerpost.spelling import group_fingerprint, spell_fingerprint
from ledgerpost.terms import Digest, Fingerprint
from shell import Shell
from test_cli_paper import Town, fingerprint, numbers
from test_cli_paper import built as built
from test_cli_paper import town as town


@pytest.fixture
def judge(town: Town) -> Shell:
    """Somebody who has no wallet and no bank."""
    shell = town.kita.shell("judge")
    shell.now = town.kita.now
    return shell


@pytest.fixture
def quarrel(town: Town, judge: Shell) -> Path:
    """A folder with both sides' files on a cheque that bounced: dina.lpe claims, bo.lpe decides."""
    _, number = town.bounced()
    folder = town.file("quarrel")
    folder.mkdir()
    town.dina.run("case", number, "-o", folder / "dina.lpe")
    town.bo.run("case", number, "-o", folder / "bo.lpe")
    judge.now = town.kita.now
    return folder


def items(document: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [each for each in document["items"] if each["kind"] == kind]


def verdict(document: dict[str, Any]) -> str:
    """All but the files and their names: what must not depend on how they are brought."""
    kept = [each for each in document["items"] if each["kind"] in ("finding", "undecidable", "settled", "open")]
    text = json.dumps(kept, sort_keys=True)
    return re.sub(r'"file": "[^"]*"', '"file": ""', text)


# --- both ways round


def test_who_owes_and_what_shows_it(town: Town, judge: Shell, quarrel: Path) -> None:
    text = judge.run("judge", quarrel / "dina.lpe", quarrel / "bo.lpe").stdout
    assert text.startswith("Bo (lp1")
    assert re.search(r"^Bo \(lp1\w+…\) owes Dina \(lp1\w+…\) 40\.00 grain\.$", text, re.MULTILINE)
    assert "(rule C2)" in text
    found = items(judge.json("judge", quarrel), "finding")
    (row,) = found
    assert (row["debtor"], row["creditor"]) == (fingerprint(town.bo), fingerprint(town.dina))
    assert (row["text"], row["unit"], row["units"], row["rule"]) == ("40.00", "grain", "4000", "C2")
    assert {each["type"] for each in row["shown"]} >= {"cheque", "letter", "receipt"}
    for each in row["shown"]:
        assert each["digest"] in text
        assert each["file"] in {str(quarrel / name) for name in ("dina.lpe", "bo.lpe")}


def test_the_claim_alone_is_undecidable_and_names_what_decides(town: Town, judge: Shell, quarrel: Path) -> None:
    text = judge.run("judge", quarrel / "dina.lpe", status=3).stdout
    assert "Undecidable: Whether cheque" in text
    assert "so it is claimed, not proven" in text
    document = judge.json("judge", quarrel / "dina.lpe", status=3)
    assert items(document, "finding") == []
    (row,) = items(document, "undecidable")
    assert (row["claim"]["debtor"], row["claim"]["text"]) == (fingerprint(town.bo), "40.00")
    (need,) = row["needs"]
    assert (need["kind"], need["party"]) == ("receipt", fingerprint(town.bo))
    assert f"ask {need['ask']}" in text
    assert "Bo (lp1" in need["ask"]
    assert need["digest"] in text


def test_the_drawers_file_alone_raises_nothing(judge: Shell, quarrel: Path) -> None:
    result = judge.run("judge", quarrel / "bo.lpe", status=3)
    assert "These files prove nothing against anybody." in result.stdout
    assert "Open: " in result.stdout
    document = judge.json("judge", quarrel / "bo.lpe", status=3)
    assert document["ok"] is False
    assert items(document, "open")
    assert {each["kind"] for row in items(document, "open") for each in row["needs"]} >= {"receipt", "notice"}
    assert any(row["text"] == "5.00" for row in items(document, "settled"))


def test_what_is_open_is_not_told_beside_a_conviction(judge: Shell, quarrel: Path) -> None:
    assert "Open: " not in judge.run("judge", quarrel).stdout
    assert items(judge.json("judge", quarrel), "open")


def test_a_release_ends_it(town: Town, judge: Shell, quarrel: Path) -> None:
    (number,) = numbers(town.dina, "refused", "cheque")
    town.dina.run("release", number, "--yes", "-o", quarrel / "release.lpe")
    assert items(judge.json("judge", quarrel, status=3), "finding") == []


# --- however the files are brought


def test_order_doubles_and_rubbish_change_nothing(town: Town, judge: Shell, quarrel: Path) -> None:
    known = verdict(judge.json("judge", quarrel / "dina.lpe", quarrel / "bo.lpe"))
    town.amina.run("case", "account", "-o", quarrel / "stranger.lpe")
    alone = items(judge.json("judge", quarrel / "stranger.lpe", status=3), "finding")
    assert alone == []
    (quarrel / "stranger.lpe").unlink()
    rubbish(quarrel)
    names = sorted(quarrel.iterdir())
    for seed in range(5):
        random.Random(seed).shuffle(names)
        assert verdict(judge.json("judge", *names, *names)) == known
    assert verdict(judge.json("judge", quarrel)) == known


def rubbish(folder: Path) -> None:
    """Files that count for nothing: no documents, cut ones, flipped ones, hostile shapes."""
    good = (folder / "dina.lpe").read_bytes()
    receipt = next(raw for raw in unpack(good).messages if is_message(raw) and read(raw).type == "receipt")
    instrument = next(read_instrument(raw) for raw in unpack(good).messages if is_instrument(raw))
    body = instrument.body[:-1] + bytes([instrument.body[-1] ^ 1])
    (folder / "empty").write_bytes(b"")
    (folder / "text.txt").write_text("Bo owes me a cow")
    (folder / "cut.lpe").write_bytes(good[:-100])
    (folder / "spoilt-signature").write_bytes(receipt[:-1] + bytes([receipt[-1] ^ 1]))
    (folder / "spoilt-cheque").write_bytes(replace(instrument, body=body).encode())
    (folder / "no-message").write_bytes(b"\xd2\x84" + bytes(40))
    (folder / "no-cheque").write_bytes(b"\x84\x58\x20" + bytes(32) + b"\xf6\x80\xf6")
    (folder / "nothing-inside.lpe").write_bytes(pack((), sender=None, recipient=None, until=0))
    key = Signer.from_seed(bytes(32)).key
    sealed = pack((receipt,), sender=None, recipient=key, until=0, entropy=bytes(32))
    (folder / "sealed.lpe").write_bytes(sealed)


def test_each_file_that_counts_for_nothing_is_told_why(judge: Shell, quarrel: Path) -> None:
    rubbish(quarrel)
    result = judge.run("judge", quarrel)
    rows = {Path(each["file"]).name: each for each in items(judge.json("judge", quarrel), "file")}
    assert rows["dina.lpe"]["ignored"] == rows["bo.lpe"]["ignored"] == []
    assert rows["dina.lpe"]["sha256"] == sha256((quarrel / "dina.lpe").read_bytes()).hexdigest()
    for name in set(rows) - {"dina.lpe", "bo.lpe"}:
        (why,) = rows[name]["ignored"]
        assert f"{quarrel / name}: counts for nothing: {why}" in result.stderr
    assert "signature" in rows["spoilt-signature"]["ignored"][0]
    assert "sealed" in rows["sealed.lpe"]["ignored"][0]


def test_part_of_a_file_may_count(town: Town, judge: Shell, quarrel: Path) -> None:
    messages = list(unpack((quarrel / "dina.lpe").read_bytes()).messages)
    nobody = Signer.from_seed(b"n" * 32)
    strange = nobody.sign("receipt", (bytes(20),))
    mixed = pack((*messages, strange), sender=None, recipient=None, until=0)
    (quarrel / "dina.lpe").write_bytes(mixed)
    result = judge.run("judge", quarrel / "dina.lpe", quarrel / "bo.lpe", status=3)
    assert "dina.lpe: something in it counts for nothing: the key of lp1" in result.stderr
    assert "owes Dina" in result.stdout  # and the unknown bank is asked for besides


def test_folders_links_and_what_is_no_file(judge: Shell, quarrel: Path) -> None:
    inner = quarrel / "inner"
    inner.mkdir()
    shutil.move(quarrel / "bo.lpe", inner / "bo.lpe")
    (quarrel / "link").symlink_to(inner / "bo.lpe")
    os.mkfifo(quarrel / "pipe")
    document = judge.json("judge", quarrel, status=3)
    assert items(document, "finding") == []
    rows = {Path(each["file"]).name: each for each in items(document, "file")}
    assert sorted(rows) == ["dina.lpe", "link", "pipe"]
    assert "a link" in rows["link"]["ignored"][0]
    assert "a pipe" in rows["pipe"]["ignored"][0]
    assert items(judge.json("judge", quarrel, quarrel / "link"), "finding")  # a link that was named is followed


def test_a_file_that_is_not_there_is_told_and_the_rest_is_judged(judge: Shell, quarrel: Path) -> None:
    result = judge.run("judge", quarrel, quarrel / "carol.lpe", status=1)
    assert "owes Dina" in result.stdout
    assert "carol.lpe" in result.stderr


def test_too_many_files_and_too_many_bytes(quarrel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(laid, "MOST_FILES", 1)
    found = lay([quarrel])
    assert found.files == ()
    assert "more than 1 files" in found.troubles[0].what
    assert lay([quarrel / "bo.lpe", quarrel / "dina.lpe"]).troubles == ()
    monkeypatch.setattr(laid, "MOST_BYTES", 10)
    first, second = lay([quarrel / "bo.lpe", quarrel / "dina.lpe"]).files
    assert first.documents
    assert second.documents == ()
    assert "not read" in second.why


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    (found,) = lay([tmp_path]).files
    assert found.digest == ""
    assert "larger than" in found.why


def test_it_opens_no_store_and_makes_no_home(judge: Shell, quarrel: Path) -> None:
    judge.run("judge", quarrel)
    assert not judge.home.exists()


def test_wrong_use(judge: Shell) -> None:
    judge.run("judge", status=2)


# --- time


def test_a_clock_that_is_behind_is_told(judge: Shell, quarrel: Path) -> None:
    assert "ahead of this computer's clock" not in judge.run("judge", quarrel).stderr
    judge.now -= 7 * 86400
    assert "ahead of this computer's clock" in judge.run("judge", quarrel).stderr
    (row,) = items(judge.json("judge", quarrel), "judged")
    assert row["time"] == str(judge.now)
    assert int(next(iter(row["banks"].values()))) > judge.now


# --- the page


class Tags(HTMLParser):
    """What a browser would make of it: tags, and the words between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def plain(tags: Tags) -> str:
    """The words as they are read, without the marks that isolate names."""
    return re.sub("[\u2066-\u2069]", "", " ".join(" ".join(tags.words).split()))


ALLOWED = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "b", "i", "section", "ol", "ul", "li"}
ALLOWED |= {"br", "code", "table", "thead", "tr", "th", "td", "div", "bdi"}


def test_the_page_says_it_all(town: Town, judge: Shell, quarrel: Path) -> None:
    rubbish(quarrel)
    page = town.file("verdict.html")
    assert f"Wrote {page}" in judge.run("judge", quarrel, "--page", page).stdout
    text = page.read_text()
    read_ = Tags(text)
    words = plain(read_)
    assert set(read_.tags) <= ALLOWED
    assert not [name for name, _ in read_.attributes if name.startswith("on") or name in ("src", "href")]
    assert "default-src 'none'" in text
    assert "@page { size: A4; margin: 18mm" in text
    for word in ("40.00 grain", "rule C2", "by this computer's clock", "The newest time that", "counts for nothing"):
        assert word in words
    for who in (town.bo, town.dina):
        assert group_fingerprint_of(who) in words
    for name in ("dina.lpe", "bo.lpe", "text.txt"):
        digest = sha256((quarrel / name).read_bytes()).hexdigest()
        assert digest[:32] in words
        assert digest[32:] in words
    for row in items(judge.json("judge", quarrel), "finding")[0]["shown"]:
        assert row["digest"] in words


def group_fingerprint_of(shell: Shell) -> str:
    from ledgerpost.spelling import read_fingerprint

    return group_fingerprint(read_fingerprint(fingerprint(shell)))


def test_the_page_of_what_is_undecidable(town: Town, judge: Shell, quarrel: Path) -> None:
    page = town.file("verdict.html")
    judge.run("judge", quarrel / "dina.lpe", "--page", page, status=3)
    words = plain(Tags(page.read_text()))
    for word in (
        "What cannot be decided yet",
        "Any one of these",
        "Ask Bo",
        "What nobody has raised",
        "Nothing against",
    ):
        assert word in words


def test_a_page_is_not_overwritten(town: Town, judge: Shell, quarrel: Path) -> None:
    page = town.file("verdict.html")
    page.write_text("mine")
    assert "owes" not in judge.run("judge", quarrel, "--page", page, status=7).stdout
    assert page.read_text() == "mine"
    judge.run("judge", quarrel, "--page", town.file("no") / "x.html", status=4)


HOSTILE = "<script>alert(1)</script>\u202egrain&\"'"


def hostile(tmp_path: Path) -> tuple[Exhibits, Fingerprint]:
    """Somebody whose card and whose file try to speak to the browser."""
    signer = Signer.from_seed(b"h" * 32)
    card = Card(Fingerprint(bytes(20)), signer.key, HOSTILE).sign(signer)
    name = tmp_path / "<img src=x onerror=alert(1)>.lpe"
    name.write_bytes(pack((card,), sender=None, recipient=None, until=0))
    return exhibit(lay([tmp_path])), signer.fingerprint


def test_nothing_that_is_brought_speaks_to_the_browser(tmp_path: Path) -> None:
    exhibits, who = hostile(tmp_path)
    found = Finding(who, who, Digest(bytes(32)), 5, "<b>", f"<i>{HOSTILE}", (Digest(bytes(32)),))
    need = Need("<u>", Digest(bytes(32)), who, 7)
    missing = Missing(HOSTILE, (need,), (Digest(bytes(32)),), found)
    text = page_of(Verdict((found,), (missing,), (Settled(HOSTILE, (), who),), ()), exhibits, 0)
    read_ = Tags(text)
    assert set(read_.tags) <= ALLOWED
    assert "\u202e" not in text
    assert "<script>alert(1)</script>" in "".join(read_.words)
    assert "<img src=x onerror=alert(1)>.lpe" in "".join(read_.words)


def test_names_from_right_to_left_do_not_turn_who_owes_whom(tmp_path: Path) -> None:
    signer, other = Signer.from_seed(b"a" * 32), Signer.from_seed(b"b" * 32)
    names = ("أمينة", "בת־שבע")
    cards = [
        Card(Fingerprint(bytes(20)), who.key, name).sign(who) for who, name in zip((signer, other), names, strict=True)
    ]
    (tmp_path / "cards.lpe").write_bytes(pack(tuple(cards), sender=None, recipient=None, until=0))
    found = Finding(signer.fingerprint, other.fingerprint, Digest(bytes(32)), 5, "C2", "it was not covered", ())
    text = page_of(Verdict((found,), (), (), ()), exhibit(lay([tmp_path])), 0)
    assert re.search("<p>\u2068أمينة\u2069 \\(lp1\\w+…\\) owes \u2068בת־שבע\u2069 \\(lp1\\w+…\\) \u2066", text)


# --- words and values


WHO, OTHER = Fingerprint(b"w" * 20), Fingerprint(b"o" * 20)
ASSET, PAPER = Digest(b"a" * 32), Digest(b"p" * 32)
NOBODY = Exhibits((), Book({}, {WHO: "Wa", OTHER: "Ot"}), {}, {}, {}, {})


def finding(**changes: Any) -> Finding:
    fields = {"creditor": OTHER, "asset": ASSET, "amount": 5, **changes}
    return Finding(WHO, rule="N2", words="it was charged twice", shown=(PAPER,), **fields)


def test_sentences() -> None:
    wa, ot = f"Wa ({spell_fingerprint(WHO)[:11]}…)", f"Ot ({spell_fingerprint(OTHER)[:11]}…)"
    amount = NOBODY.book.amount(ASSET, 5)
    assert v.sentence(finding(), NOBODY.book) == f"{wa} owes {ot} {amount}."
    assert v.sentence(finding(creditor=None), NOBODY.book) == f"{wa} owes {amount}."
    assert v.sentence(finding(asset=None), NOBODY.book) == f"{wa} is proven at fault, towards {ot}."
    assert v.sentence(finding(asset=None, creditor=None), NOBODY.book) == f"{wa} is proven at fault."
    assert v.reason(finding(), NOBODY) == "it was charged twice (rule N2)"
    words = f"whether {WHO.hex()[:16]}… signed {bytes(8).hex()}…"
    assert NOBODY.said(words) == f"whether {wa} signed {bytes(8).hex()}…"


@pytest.mark.parametrize(
    ("need", "what"),
    [
        (Need("card", None, WHO), "the card of Wa"),
        (Need("card"), "the card"),
        (Need("bankcard", None, WHO), "the bank card of Wa"),
        (Need("terms", PAPER, WHO), "the terms of Wa"),
        (Need("contract", PAPER), "the signed contract"),
        (Need("receipt", PAPER, WHO, 7), "a receipt for Wa"),
        (Need("receipt", None, WHO, 7), "after letter 7"),
        (Need("receipt"), "a receipt and what stands beside it"),
        (Need("statement", PAPER, WHO), "the statement of Wa"),
        (Need("part", PAPER, WHO), "what stands beside the receipt for Wa"),
        (Need("notice", None, WHO, 3), "notice 3 to Wa"),
        (Need("notice", None, WHO), "a notice to Wa"),
        (Need("letter", PAPER, WHO, 3), "letter 3 of Wa"),
        (Need("sequence", None, WHO, 3), "the chequebook of Wa"),
        (Need("cheque", None, WHO, 3), "a cheque 3 of Wa"),
        (Need("certificate", None, WHO, 3), "a certificate 3 of Wa"),
        (Need("instrument", PAPER), "a cheque or certificate"),
        (Need("release", None, WHO), "a release of Wa"),
        (Need("of another time", None, WHO), "another document of Wa"),
    ],
)
def test_every_document_that_may_be_needed_has_words_and_somebody_to_ask(need: Need, what: str) -> None:
    found = v.wanted(need, NOBODY.book)
    assert what in found.what
    assert found.ask
    assert "{" not in found.what + found.ask
    assert (need.identity is None) == (found.digest == "")
    row = v.missing_row(Missing("whether", (need,), (), None), NOBODY)["needs"][0]
    assert (row["kind"], row["digest"]) == (need.kind, need.identity and need.identity.hex())


def test_rows() -> None:
    row = v.finding_row(finding(), NOBODY)
    assert (row["units"], row["asset"], row["creditor"]) == (5, ASSET.hex(), spell_fingerprint(OTHER))
    assert v.finding_row(finding(asset=None, creditor=None), NOBODY)["units"] is None
    assert row["shown"] == [{"digest": PAPER.hex(), "type": None, "file": None}]
    assert v.settled_row(Settled("paid", (), WHO, ASSET, 3), NOBODY)["units"] == 3
    assert v.settled_row(Settled("paid", (), WHO), NOBODY)["asset"] is None
    assert v.shown_lines((PAPER,), NOBODY)[0].place == "not itself among the files"


def test_nothing_at_all() -> None:
    exhibits = exhibit(Lying((), ()))
    assert (exhibits.by_identity, exhibits.ignored, exhibits.times) == ({}, {}, {})


def test_where_nothing_at_all_could_be_read_there_is_no_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = Shell(tmp_path / "home", monkeypatch).run("judge", tmp_path / "none", tmp_path / "neither", status=4)
    assert "prove nothing" not in result.stdout
    assert "neither" in result.stderr
