"""The desk dies between any two of its steps, or its stick is lost: run again, the world is as if it had not (T2)."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ledgerpost import envelope
from ledgerpost.carriers.folder import FolderCarrier
from ledgerpost.spelling import spell_fingerprint
from ledgerpost.store.lmdb import LmdbStore
from village import (
    BANK,
    CARRIES,
    DAY,
    NAMES,
    Village,
    grain_of,
    open_accounts,
    seed_of,
    signer_of,
    without_randomness,
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Village:
    village = Village(tmp_path_factory.mktemp("village"))
    with pytest.MonkeyPatch.context() as monkeypatch:
        without_randomness(monkeypatch)
        open_accounts(village)
    return village


@pytest.fixture
def village(told: Village, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Village:
    without_randomness(monkeypatch)
    shutil.copytree(told.root, tmp_path / "village")
    return Village(tmp_path / "village")


# --- twice is as once ---


def test_carrying_twice_is_the_same_as_once(village: Village) -> None:
    village.pay("amina", "bo", grain_of(village), 300)
    for name in ("amina", BANK, "amina"):
        village.carry(name)
        once = world(village)
        village.carry(name)
        assert world(village) == once


def test_a_lost_stick_is_sent_again_and_answered_alike(village: Village) -> None:
    """The answer was lost: the same letters bring the same bytes, and nothing is paid twice."""
    village.pay("amina", "bo", grain_of(village), 300)
    village.carry("amina")
    village.carry(BANK)
    before = contents(village.mailbox("amina"))
    shutil.rmtree(village.stick)
    village.stick.mkdir()
    village.carry("amina")
    trip = village.carry(BANK)
    assert trip.count("repeated") == 1
    assert contents(village.mailbox("amina")) == before
    village.carry("amina")
    assert village.has("amina", grain_of(village)) == 4700


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.lpe")}


def world(village: Village) -> dict[str, object]:
    """All records of all stores, and every file on the stick."""
    names = [each.name for each in village.root.iterdir() if each.name != "stick"]
    return {name: village.records(name) for name in names} | {"stick": contents(village.stick)}


# --- death between any two steps ---


class Killed(BaseException):
    """What no code of ours catches, as little as a kill."""


@dataclass
class Reaper:
    """Counts what leaves a trace, and kills before or after the one chosen."""

    at: int = -1
    after: bool = False
    count: int = 0

    @contextmanager
    def step(self) -> Iterator[None]:
        self.count += 1
        mine = self.count == self.at  # one step may take others
        if mine and not self.after:
            raise Killed
        yield
        if mine and self.after:
            raise Killed

    def watch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def mortal(kind: type, name: str) -> None:
            real = getattr(kind, name)

            def step(*args: Any, **more: Any) -> Any:
                with self.step():
                    return real(*args, **more)

            monkeypatch.setattr(kind, name, step)

        mortal(LmdbStore, "_write")
        for name in ("deliver", "deliver_all", "finish", "finish_all", "set_aside"):
            mortal(FolderCarrier, name)


def story(village: Village) -> Iterator[tuple[str, str]]:
    """Two days: wishes are made, then the one named carries. Yields (who, what) before each carry."""
    grain = grain_of(village)
    village.pay("amina", "bo", grain, 300)
    village.pay("amina", "bo", grain, 200)
    village.pay("amina", "issuer", grain, 50)
    village.join("late")
    yield "amina", "puts out three spends"
    yield "late", "asks to open an account"
    (village.mailbox(BANK) / "junk.lpe").write_bytes(b"junk")
    yield BANK, "answers, and sets junk aside"
    yield "amina", "has her receipt"
    yield "late", "has an account"
    village.ask("bo", "issuer")
    yield "bo", "asks"
    yield "issuer", "asks"
    yield BANK, "brings notices"
    yield "bo", "has two spends waiting"
    yield "issuer", "has one waiting"
    village.now += DAY
    first, second = (each for each in village.account("bo").waiting if each.kind == "receipt")
    village.wish("bo", "confirmreceipt", number=first.notice)
    village.wish("bo", "denyreceipt", number=second.notice, text="no")
    village.wish("amina", "cancelspend", number=village.account("amina").statement.outstanding[-1].number)
    village.decide("late")
    yield "bo", "accepts one, denies one"
    yield "amina", "cancels one"
    yield "late", "takes in what was waiting for her"
    yield BANK, "answers all"
    for name in ("bo", "amina", "late"):
        yield name, "has the receipt"
    village.ask("amina", "issuer")
    for name in ("amina", "issuer", BANK, "amina", "issuer", BANK, "amina", "issuer"):
        yield name, "closes"


def deaths(village: Village, who: str) -> int:
    """How many steps this carry has, found by doing it on a copy."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        reaper = Reaper()
        reaper.watch(monkeypatch)
        village.carry(who)
    return reaper.count


def test_death_between_any_two_steps_changes_nothing(village: Village, tmp_path: Path) -> None:
    """Each carry of two days dies before and after each of its steps; run again, the world is as if it had not.

    By induction so is the end of the story, whichever step dies.
    """
    total = 0
    for at, (who, what) in enumerate(story(village)):
        before = tmp_path / f"{at}"
        shutil.copytree(village.root, before)
        steps = deaths(village, who)
        wanted = world(village)
        for step in range(1, steps + 1):
            for after in (False, True):
                total += 1
                copy = Village(tmp_path / "copy", village.now)
                shutil.copytree(before, copy.root)
                die(copy, who, Reaper(step, after))
                copy.carry(who)
                assert_same(copy, wanted, f"{who} {what}: died {'after' if after else 'before'} step {step}")
                shutil.rmtree(copy.root)
        shutil.rmtree(before)
    grain = grain_of(village)
    assert {name: village.has(name, grain) for name in ("amina", "bo", "late", "issuer")} == {
        "amina": 4700,
        "bo": 300,
        "late": 100,
        "issuer": -5100,
    }
    assert village.audit().good
    assert total > 100


def assert_same(village: Village, wanted: dict[str, Any], when: str) -> None:
    """All records and files are the same, but that an answer may bring more notices than it would have.

    A receipt given again is the same to the byte; the notices beside it are those that wait now.
    """
    found = world(village)
    mail, wanted_mail = found.pop("stick"), wanted["stick"]
    assert found == {name: records for name, records in wanted.items() if name != "stick"}, when
    assert letters(village, mail) == letters(village, wanted_mail), when
    for party in village.root.iterdir():
        if party.name not in ("stick", BANK):
            now, then = answers(party.name, mail), answers(party.name, wanted_mail)
            assert now.keys() == then.keys(), when
            assert all(now[receipt] >= then[receipt] for receipt in then), when


def letters(village: Village, mail: Any) -> dict[str, bytes]:
    """What lies there for the bank, and all that was set aside."""
    own = village.mailbox(BANK).name
    return {name: raw for name, raw in mail.items() if own in name or "set-aside" in name}


def answers(name: str, mail: Any) -> dict[bytes, set[bytes]]:
    """By receipt, what else its envelope brings this party."""
    own = spell_fingerprint(signer_of(name).fingerprint)
    opened = [envelope.unpack(raw, seed_of(name)).messages for path, raw in mail.items() if own in path]
    return {messages[0]: set(messages[1:]) for messages in opened}


@pytest.mark.parametrize("at", [2, 7, 13, 19])
def test_death_after_a_commit_leads_to_the_same_end(told: Village, village: Village, tmp_path: Path, at: int) -> None:
    """The whole story, with the bank dying between its commit and its answers."""
    ends = []
    for deadly in (False, True):
        copy = Village(tmp_path / str(deadly))
        shutil.copytree(told.root, copy.root)
        for number, (who, _) in enumerate(story(copy)):
            if deadly and number == at:
                assert who == BANK
                die(copy, who, Reaper(1, after=True))
            copy.carry(who)
        statements = [copy.account(name).statement for name in (*NAMES, "late")]
        ends.append([(each.balances, each.numbers, each.outstanding, each.taken) for each in statements])
        assert copy.audit().good
    assert ends[0] == ends[1]


def test_death_after_a_commit_leaves_the_same_answers_to_the_byte(village: Village, tmp_path: Path) -> None:
    grain = grain_of(village)
    for name, payee in (("amina", "bo"), ("issuer", "amina")):
        village.pay(name, payee, grain, 300)
    village.ask("bo")
    for name in NAMES:
        village.carry(name)
    copy = Village(tmp_path / "copy")
    shutil.copytree(village.root, copy.root)
    village.carry(BANK)
    die(copy, BANK, Reaper(1, after=True))
    copy.carry(BANK)
    assert world(copy) == world(village)


def die(village: Village, who: str, reaper: Reaper) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        reaper.watch(monkeypatch)
        with pytest.raises(Killed):
            village.carry(who)


def test_kill_9_at_random_points_changes_nothing(village: Village, tmp_path: Path) -> None:
    grain = grain_of(village)
    for payee in ("bo", "issuer"):
        village.pay("amina", payee, grain, 300)
    village.ask("bo", "issuer")
    names = ("amina", "bo", "issuer", BANK, "amina", "bo", "issuer")
    whole = Village(tmp_path / "whole", village.now)
    shutil.copytree(village.root, whole.root)
    words = [sys.executable, "-c", CARRIES]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent)}
    begun = time.monotonic()
    subprocess.run([*words, str(whole.root), str(village.now), *names], check=True, env=environment)
    length = time.monotonic() - begun
    dice = random.Random(5)
    for _ in range(4):
        copy = Village(tmp_path / "copy", village.now)
        shutil.copytree(village.root, copy.root)
        command = [*words, str(copy.root), str(village.now), *names]
        killed = 0
        while True:
            process = subprocess.Popen(command, env=environment)
            try:
                process.wait(length * dice.uniform(0.5, 1.1) if killed < 3 else 60)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                killed += 1
                continue
            break
        assert process.returncode == 0
        assert settled(copy) == settled(whole)
        shutil.rmtree(copy.root)


def settled(village: Village) -> dict[str, object]:
    """What must be the same whatever was sent twice: the bank's records, the statements, the receipts' bytes."""
    village.carry(BANK)
    for name in NAMES:
        village.carry(name)
    assert village.audit().good
    accounts = {name: village.account(name) for name in NAMES}
    held = {name: (each.receipt, each.statement, each.letters, each.wishes) for name, each in accounts.items()}
    return {**held, "bank": village.records(BANK)}
