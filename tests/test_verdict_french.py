"""The verdict page in French: everything that the judge and the page can say has words in it, and says the same."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from inspect import getsource
from pathlib import Path
from string import Formatter

import pytest

from ledgerpost.cli import exhibits as exhibits_
from ledgerpost.cli import judge as judge_
from ledgerpost.cli import verdictpage, verdictwords, words
from ledgerpost.cli.exhibits import exhibit
from ledgerpost.cli.laid import Laid, Lying
from ledgerpost.cli.verdictpage import page_of
from ledgerpost.desk.pickup import progress_text
from ledgerpost.judge.court import judge as decide
from ledgerpost.judge.verdict import Verdict
from ledgerpost.pictures.collection import Progress
from ledgerpost.prints.said import Said, said_in
from ledgerpost.prints.tongue import TABLE
from quarrels import CASES
from quarrels import built as brought
from shell import Shell
from test_cli_judge import ALLOWED, HOSTILE, Tags, hostile, judge, plain, quarrel, rubbish
from test_cli_paper import Town, built, town

__all__ = ["built", "judge", "quarrel", "town"]  # fixtures

FRENCH = said_in("fr")
_HEX = re.compile("[0-9a-f]{16}…")


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@cache
def verdicts() -> dict[str, Verdict]:
    """Of every quarrel."""
    return {name: decide(brought(name).files, brought(name).now) for name in CASES}


@cache
def sentences() -> frozenset[str]:
    """All that the judge says of any."""
    found: set[str] = set()
    for verdict in verdicts().values():
        claims = [each.claim for each in (*verdict.undecidable, *verdict.open) if each.claim is not None]
        found |= {each.words for each in (*verdict.findings, *claims)}
        found |= {each.words for each in (*verdict.undecidable, *verdict.open)}
        found |= {each.words for each in verdict.settled}
    return frozenset(found)


def literals(source: str) -> Iterator[str]:
    """The templates that stand in a call of ``say``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "say":
            for each in ast.walk(node.args[0]):
                if isinstance(each, ast.Constant) and isinstance(each.value, str):
                    yield each.value


# --- nothing is missing


def test_every_sentence_of_every_quarrel() -> None:
    unknown = {said for said in sentences() if FRENCH.said(said) is None}
    assert not unknown
    for said in sentences():
        french = FRENCH.said(said) or ""
        assert sorted(_HEX.findall(french)) == sorted(_HEX.findall(said))
        assert sorted(re.findall(r"\d+", french)) == sorted(re.findall(r"\d+", said)), (said, french)


def test_every_template_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those in the source, and those that the pages of all quarrels ask for."""
    asked = {each for module in (exhibits_, verdictpage, verdictwords) for each in literals(getsource(module))}
    asked |= set(literals("class Book" + getsource(words).split("class Book")[1].split("def book_of")[0]))

    def say(_: Said, template: str) -> str:
        asked.add(template)
        return FRENCH.templates.get(template, "")

    monkeypatch.setattr(Said, "say", say)
    for name in CASES:
        raws = brought(name).files
        lying = Lying((Laid("file", "00" * 32, tuple(raws)),), ())
        page_of(verdicts()[name], exhibit(lying), brought(name).now, "fr")
    assert asked - FRENCH.templates.keys() == set()
    for kind in verdictwords._NEEDED.values():
        assert FRENCH.templates.keys() >= set(kind)


@pytest.mark.parametrize("table", ["templates", "sentences"])
def test_each_has_the_fields_of_the_english(table: str) -> None:
    for english, french in getattr(FRENCH, table).items():
        assert fields(english) == fields(french), english
        assert french.strip()


def test_a_pattern_takes_no_sentence_of_another() -> None:
    """Whatever stands first in the table: where two patterns fit, they must be those of a head and of its reason."""
    for said in sentences():
        fitting = [template for pattern, template in FRENCH._patterns if pattern.fullmatch(said)]
        assert len([each for each in fitting if "{why}" not in each]) <= 1, (said, fitting)


@pytest.mark.parametrize(
    ("seen", "missing", "doubtful"),
    [(1, (2,), False), (1, (1, 2), False), (2, (2,), False), (2, (1, 2, 4), False), (5, (), True)],
)
def test_what_is_missing_of_pages(seen: int, missing: tuple[int, ...], doubtful: bool) -> None:
    parts = seen if doubtful else seen + len(missing)
    said = progress_text(Progress("00", parts, seen, missing, doubtful))
    french = FRENCH.said(said)
    assert french is not None, said
    assert re.findall(r"\d+", french) == re.findall(r"\d+", said)


def test_each_language_of_pages_is_one_of_verdicts() -> None:
    for code in TABLE:
        assert said_in(code).code == code


# --- the page


def test_the_page_in_french(town: Town, judge: Shell, quarrel: Path) -> None:
    rubbish(quarrel)
    page = town.file("verdict.html")
    english = judge.run("judge", quarrel).stdout
    assert english in judge.run("judge", quarrel, "--page", page, "--language", "fr").stdout
    text = page.read_text()
    tags = Tags(text)
    said = plain(tags)
    assert '<html lang="fr">' in text
    assert set(tags.tags) <= ALLOWED | {"span"}
    assert not [name for name, _ in tags.attributes if name.startswith("on") or name in ("src", "href")]
    for word in ("doit à Dina", "40.00 grain", "règle C2", "n’était pas provisionné", "Ce que les fichiers prouvent"):
        assert word in said
    for word in ("owes", "Shown", "signed by", "letter", "receipt", "cheque 2", "Files judged", "counts for"):
        assert word not in re.sub(r'<span lang="en">.*?</span>', "", text.split("<h1>")[1]), word
    assert '<span lang="en">' in text, "reasons that are not translated are marked as English"


def test_the_page_of_a_question_in_french(town: Town, judge: Shell, quarrel: Path) -> None:
    page = town.file("verdict.html")
    judge.run("judge", quarrel / "dina.lpe", "--page", page, "--language", "fr", status=3)
    said = plain(Tags(page.read_text()))
    for word in ("Ce qui ne peut pas encore être tranché", "À demander à : Bo", "c’est affirmé, pas prouvé", "Si "):
        assert word in said
    assert "Because" not in said


def test_the_language_is_that_of_the_computer(
    town: Town, judge: Shell, quarrel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "fr_ML.UTF-8")
    judge.run("judge", quarrel, "--page", town.file("verdict.html"))
    assert '<html lang="fr">' in town.file("verdict.html").read_text()


def test_nothing_that_is_brought_speaks_to_the_browser_in_french(tmp_path: Path) -> None:
    exhibits, _ = hostile(tmp_path)
    text = page_of(Verdict((), (), (), ()), exhibits, 0, "fr")
    assert set(Tags(text).tags) <= ALLOWED | {"span"}
    assert HOSTILE not in text


def test_a_name_cannot_pass_for_words(tmp_path: Path) -> None:
    """Names with braces and with words of the program stay as they are."""
    for name in ("{who} owes {whom}", "Verdict", "cheque 7, signed by the bank"):
        assert words.Book({}, {}).say("the card of {who}", who=name) == f"the card of {name}"
        assert FRENCH.say("the card of {who}").format(who=name) == f"la carte de {name}"


def test_the_command_names_the_option() -> None:
    assert "--language" in {name for each in judge_.judge.params for name in each.opts}
