"""Every command fails or dies at its writes and is run again. ``scripts/die-at-every-write``: all; here a sample."""

import os
from itertools import count
from pathlib import Path

import pytest

from dying import HITS, Case, Hit, Trial
from errands import EXCUSED, STORY, Errand, World, command_of, commands, small_map, tell
from syscalls import KILL, PASS, WRITES, Call, Word, fail, missing, watch

needs_watching = pytest.mark.skipif(bool(missing()), reason=missing())
KEPT = 41
"""Of so many cases one is tried: a prime, so that every call and every way has its turn somewhere in the story."""


def test_every_command_is_told_or_excused() -> None:
    told = {command_of(each) for each in STORY if isinstance(each, Errand)}
    assert told | EXCUSED.keys() == set(commands())
    assert not told & EXCUSED.keys()


def tried(world: World, place: Path, every: int, upto: int | None = None) -> list[Case]:
    """Every so manyth case of the story."""
    counter, cases = count(), list[Case]()

    def do(number: int, errand: Errand) -> None:
        trial = Trial(world, errand, place, number).run()
        cases.extend(trial.cases(lambda at, how: next(counter) % every == 0))

    tell(world, do, upto)
    return cases


@needs_watching
@pytest.mark.slow
def test_a_command_that_fails_or_dies_at_a_write_is_made_good_by_running_it_again(tmp_path: Path) -> None:
    cases = tried(World(tmp_path / "world"), tmp_path / "kept", KEPT)
    assert [case for case in cases if case.fault] == []
    assert len(cases) > 150
    assert {case.how for case in cases} == HITS.keys()
    assert {"same", "done before", "twice"} <= {case.end for case in cases}


@needs_watching
def test_a_full_map_is_enlarged_and_dies_as_well(tmp_path: Path) -> None:
    usual, small = ({}, {})  # type: dict[int, int], dict[int, int]
    for calls, fault in ((usual, None), (small, small_map)):
        world = World(tmp_path / ("small" if fault else "usual"))
        world.fault = fault or world.fault

        def do(number: int, errand: Errand, world: World = world, calls: dict[int, int] = calls) -> None:
            calls[number] = len(Trial(world, errand, tmp_path / "kept", number).run().calls)

        tell(world, do, 12)
    assert usual == small  # a commit that was dropped for want of room wrote nothing
    world = World(tmp_path / "hit")
    world.fault = small_map
    assert [case for case in tried(world, tmp_path / "kept", KEPT, 12) if case.fault] == []


# --- the watch itself


@needs_watching
def test_each_call_is_stopped_before_it_is_made(tmp_path: Path) -> None:
    heard: list[tuple[str, str]] = []

    def work() -> bytes:
        (tmp_path / "folder").mkdir()
        with (tmp_path / "one").open("wb", buffering=0) as file:
            file.write(b"12345678")
            os.pwrite(file.fileno(), b"ab", 2)
            os.writev(file.fileno(), [b"x", b"y"])
            file.truncate(9)
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), 0o600)
        os.link(tmp_path / "one", tmp_path / "two")
        (tmp_path / "one").rename(tmp_path / "three")
        (tmp_path / "two").unlink()
        (tmp_path / "folder").rmdir()
        return (tmp_path / "three").read_bytes()

    def word(call: Call) -> Word:
        path = Path(call.paths[-1])
        if tmp_path in path.parents:
            heard.append((call.name.removesuffix("at"), path.name))
            made = call.name in ("mkdir", "link", "rename") or (call.name == "openat" and path.name == "one")
            assert not (made and path.exists())
        return PASS

    ended = watch(work, word)
    assert (ended.status, ended.said) == (0, b"12ab5678x")
    names = [name for name, _ in heard]
    assert names[:8] == ["mkdir", "open", "write", "pwrite64", "writev", "ftruncate", "fsync", "fchmod"]
    assert [(name.removesuffix("2"), path) for name, path in heard[8:]] == [
        ("link", "two"),
        ("rename", "three"),
        ("unlink", "two"),
        ("rmdir", "folder"),
    ]


@needs_watching
def test_a_call_is_failed_halved_or_deadly(tmp_path: Path) -> None:
    file = tmp_path / "file"

    def work() -> bytes:
        try:
            with file.open("wb", buffering=0) as out:
                return b"%d" % out.write(b"whole")
        except OSError as error:
            return str(error.strerror).encode()

    def half(call: Call) -> Word:
        return Word(value=call.write(call.data[:2])) if is_write(call) else PASS

    def is_write(call: Call) -> bool:
        return call.number in WRITES and call.paths == (str(file),)

    assert watch(work, lambda call: fail(28) if is_write(call) else PASS).said == b"No space left on device"
    assert file.read_bytes() == b""
    assert watch(work, half).said == b"2"
    assert file.read_bytes() == b"wh"
    ended = watch(work, lambda call: KILL if is_write(call) else PASS)
    assert (ended.killed, ended.said, file.read_bytes()) == (True, b"", b"")


@needs_watching
def test_a_call_that_is_another_one_this_time_is_no_case(tmp_path: Path) -> None:
    def work() -> bytes:
        (tmp_path / "file").write_bytes(b"x")
        return b""

    with pytest.raises(AssertionError, match="call 1 is write this time"):
        watch(work, Hit(str(tmp_path), 1, "error", "fsync"))
