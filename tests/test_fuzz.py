"""Fuzzing in the small: every target over its seeds, by chance alone, and for some seconds under atheris.

``scripts/fuzz`` runs the same for longer. What it found is held by the tests at the end.
"""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any

import pytest

import fuzz_readers as readers
import fuzz_seeds as s
from fuzz_readers import Broken
from fuzz_targets import TARGETS
from ledgerpost import cbor
from ledgerpost.errors import BadBytes
from ledgerpost.papers.letter import Letter
from ledgerpost.sealed import read, verify
from ledgerpost.statement import Statement, read_statement

ROOT = Path(__file__).resolve().parent.parent
needs_atheris = pytest.mark.skipif(
    find_spec("atheris") is None, reason="atheris is not here: it has wheels for CPython on Linux x86-64 alone (ADR 18)"
)
SHARES = 4
"""Processes among which the targets are shared out: each loads and instruments all that is read."""

every_target = pytest.mark.parametrize("name", TARGETS)


def walk(name: str, runs: int, seed: int = 1) -> list[bool]:
    """Spoilt copies of the seeds, by chance: which of them the reader took."""
    chance, target = Random(seed), TARGETS[name]
    seeds = target.seeds()
    return [target.check(target.spoil(chance.choice(seeds), chance)) for _ in range(runs)]


@every_target
def test_seeds_are_taken_or_refused(name: str) -> None:
    target = TARGETS[name]
    taken = [target.check(raw) for raw in target.seeds()]
    assert any(taken)


@every_target
def test_spoilt_copies_are_taken_or_refused(name: str) -> None:
    assert not all(walk(name, 100))


@every_target
def test_bytes_that_are_nothing_are_refused(name: str) -> None:
    chance = Random(3)
    starts = (b"\xff", b"\xd2\x84", b"\xd9\xd9\xf7\x85", b"LPOST:/", b"UR:", b"B$")
    for raw in (start + chance.randbytes(40) for start in starts for _ in range(5)):
        assert not TARGETS[name].check(raw)


@needs_atheris
@pytest.mark.parametrize("share", range(SHARES))
def test_a_short_run_finds_nothing(share: int, tmp_path: Path) -> None:
    """The same inputs each time, some seconds of them for every target."""
    runs = {name: min(5000, max(200, 200 * TARGETS[name].share)) for name in [*TARGETS][share::SHARES]}
    what = ",".join(f"{name}={count}" for name, count in runs.items())
    done = python(str(ROOT / "tests/fuzz_run.py"), what, str(tmp_path), "-seed=1")
    assert done.returncode == 0, done.stderr[-4000:]
    for name, count in runs.items():
        assert f"Done {count} runs" in done.stderr
        assert list((tmp_path / name / "corpus").iterdir()), f"no {name} reached new code: is the code instrumented?"
    assert done.stderr.count("Done ") == len(runs)


@needs_atheris
def test_the_script_says_what_it_did(tmp_path: Path) -> None:
    script = str(ROOT / "scripts/fuzz")
    done = python(script, "--runs", "1000", "--json", "--keep", str(tmp_path), "statement", "typed")
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["target"] for each in told] == ["statement", "typed"]
    assert sum(each["runs"] for each in told) == pytest.approx(1000, abs=2)
    assert all(each["cov"] and each["corpus"] and not each["failed"] for each in told)


PLANTED = """
import pathlib, sys, fuzz_run
fuzz_run.SECONDS = 0.05
def slow(raw):
    while True:
        pass
def large(raw):
    return len(bytearray(1 << 30)) > 0
check = fuzz_run.Limited({"slow": slow, "large": large}[sys.argv[1]], pathlib.Path(sys.argv[2]))
fuzz_run.bound_memory()
check(b"")
"""


@needs_atheris
@pytest.mark.parametrize(("fault", "error"), [("slow", "TooSlow"), ("large", "MemoryError")])
def test_what_takes_too_much_is_found(fault: str, error: str, tmp_path: Path) -> None:
    done = python("-c", PLANTED, fault, str(tmp_path / "taken"))
    assert done.returncode == 1
    assert error in done.stderr.splitlines()[-1]


def python(*words: str) -> subprocess.CompletedProcess[str]:
    """Python in a process of its own, with this very ledgerpost and these tests."""
    paths = os.pathsep.join((str(Path(cbor.__file__).parent.parent), str(ROOT / "tests")))
    surroundings = os.environ | {"PYTHONPATH": paths, "PYTHONHASHSEED": "0"}
    return subprocess.run([sys.executable, *words], env=surroundings, capture_output=True, text=True, check=False)


# --- the harness itself: it must find what is there to be found --------------------------------------------------


def test_spoilt_messages_are_signed_by_whom_they_name() -> None:
    """Else nothing behind a signature is ever tried."""
    chance, seeds = Random(1), s.of_form("message")
    good = 0
    for _ in range(300):
        raw = chance.choice(seeds)
        new = s.forge().spoil(raw, chance)
        try:
            claim = read(new)
            good += new != raw and verify(claim, s.key_of(claim.signer)).raw == new
        except (BadBytes, KeyError):
            continue
    assert good > 100


def test_what_is_taken_apart_is_put_together_to_the_same_bytes() -> None:
    forge = s.forge()
    signed = (raw for folder in ("cards", "receipts", "notices", "terms") for raw in s.under(folder))
    for raw in (*signed, *s.of_form("statement", "instrument", "proof")):
        assert forge.fold(forge.unfold(raw)) == raw


def test_a_change_is_followed_by_all_that_name_it() -> None:
    """Else a receipt with a changed letter would always be refused for want of the old one."""
    bundles = [raws for raws in s.receipts() if len(raws) > 4]
    forge, chance = s.forge(), Random(2)
    followed = 0
    for _ in range(100):
        raws = chance.choice(bundles)
        new = forge.spoil_bundle(raws, chance)
        followed += len(new) == len(raws) and sum(a != b for a, b in zip(raws, new, strict=True)) > 1
    assert followed > 20


@pytest.mark.parametrize("name", ["statement", "letter", "case", "backup", "codes"])
def test_chance_is_all_that_decides(name: str) -> None:
    target = TARGETS[name]
    seeds = target.seeds()
    twice = [[target.spoil(raw, Random(7)) for raw in seeds] for _ in range(2)]
    assert twice[0] == twice[1]


def test_a_reader_that_forgives_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """One byte too many is let pass."""

    def lenient(raw: bytes) -> Statement:
        return read_statement(raw[:-1] if raw[-1:] == b"\0" else raw)

    monkeypatch.setattr(readers, "read_statement", lenient)
    with pytest.raises(Broken, match="encoded otherwise"):
        for raw in s.of_form("statement"):
            readers.statement(raw + b"\0")


def test_a_reader_that_falls_over_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """No shape guards a letter's fields: some spoilt letter meets an error that is not ours."""

    def careless(cls: type[Letter], body: Any) -> Letter:
        return Letter(*body)

    monkeypatch.setattr(Letter, "read", classmethod(careless))
    with pytest.raises((TypeError, ValueError, IndexError, AttributeError, Broken)):
        walk("letter", 500)
