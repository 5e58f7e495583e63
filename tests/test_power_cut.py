"""The power fails in the midst of every command. ``scripts/cut-power``: tens of thousands of states; here a sample.

And the model of the disk on its own: what it keeps, what it may lose, and that it tears between sectors only.
"""

import ctypes
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from blackout import CONTROLS, Blackout, Tried
from dying import Trial
from errands import Errand, World, tell
from ledgerpost.carriers import durable
from powercut import (
    HOWS,
    ROOT,
    SECTOR,
    Act,
    Disk,
    Names,
    Put,
    Recorder,
    Resize,
    Sync,
    SyncAll,
    cut,
    cuts,
    distinct,
    pending,
)
from syscalls import missing, watch

needs_watching = pytest.mark.skipif(bool(missing()), reason=missing())
FILE, FOLDER = 1, 2


def states(world: World, place: Path, rounds: int, most: int, upto: int | None = None) -> list[Tried]:
    """So many states of each errand."""
    found: list[Tried] = []

    def do(number: int, errand: Errand) -> None:
        blackout = Blackout(Trial(world, errand, place, number)).record()
        for act in blackout.recorder.acts:
            assert not (isinstance(act, Put) and act.kept and crosses(act))
        found.extend(blackout.tried(rounds, most))

    tell(world, do, upto)
    return found


def crosses(act: Put) -> bool:
    """Whether a write may be torn: liblmdb's commits rest on one sector that is not."""
    return act.at // SECTOR != (act.at + len(act.raw) - 1) // SECTOR


@needs_watching
@pytest.mark.slow
def test_whatever_the_disk_holds_the_same_command_makes_it_good(tmp_path: Path) -> None:
    tried = states(World(tmp_path / "world"), tmp_path / "kept", 1, 4)
    assert [each for each in tried if each.fault] == []
    assert len(tried) > 300
    assert {each.cut.how for each in tried} == set(HOWS)


@needs_watching
@pytest.mark.parametrize("control", CONTROLS)
def test_a_program_that_leaves_syncs_out_is_found_out(
    tmp_path: Path, control: str, capfd: pytest.CaptureFixture[str]
) -> None:
    world = World(tmp_path / "world", fault=CONTROLS[control])
    tried = states(world, tmp_path / "kept", 6, 40, 3)
    assert sum(bool(each.fault) for each in tried) > 3
    capfd.readouterr()  # what children said as they died of it


# --- the model


def disk() -> Disk:
    """A file of two sectors and an empty folder."""
    start = Disk({FILE: b"a" * 2 * SECTOR}, modes={FILE: 0o600, FOLDER: 0o700})
    start.folders[ROOT], start.folders[FOLDER] = {"file": FILE, "folder": FOLDER}, {}
    return start


def outcomes(acts: Sequence[Act]) -> set[tuple[tuple[str, bytes], ...]]:
    """All that a cut after the last may leave, by many throws of the dice."""
    found = set()
    for how in HOWS:
        for seed in range(64):
            left = cut(disk(), acts, how, random.Random(seed))
            found.add(tuple((path, left.files.get(inode, b"/")) for path, inode in left.paths()))
    return found


def files(acts: Sequence[Act]) -> set[bytes]:
    """What may be in the file."""
    return {dict(each).get("file", b"-") for each in outcomes(acts)}


A, B = b"a" * SECTOR, b"b" * SECTOR


def test_a_write_is_torn_between_sectors_until_it_is_synced() -> None:
    put = Put(FILE, 0, B + B)
    assert files([put]) == {A + A, A + B, B + A, B + B}
    assert files([put, Sync(FILE)]) == {B + B}
    assert files([put, Sync(FOLDER)]) == files([put])
    assert files([Put(FILE, 0, B + B, kept=True)]) == {B + B}
    assert files([Put(FILE, SECTOR - 2, b"bbbb")]) == {
        A + A,
        A[2:] + b"bb" + A,
        A + b"bb" + A[2:],
        A[2:] + b"bbbb" + A[2:],
    }


def test_a_later_write_may_be_there_without_an_earlier_one() -> None:
    assert files([Put(FILE, 0, B), Put(FILE, SECTOR, B)]) == {A + A, A + B, B + A, B + B}
    assert files([Put(FILE, 0, B), Sync(FILE), Put(FILE, SECTOR, B)]) == {B + A, B + B}


def test_a_file_grows_over_zeros() -> None:
    grown = Put(FILE, 3 * SECTOR, B)
    zeros = bytes(SECTOR)
    assert files([grown]) == {A + A, A + A + zeros + B, A + A + zeros + zeros}
    assert files([grown, Sync(FILE)]) == {A + A + zeros + B}
    assert files([Resize(FILE, SECTOR)]) == {A, A + A}


def test_a_name_is_kept_by_its_folder_alone() -> None:
    made = Names(((FOLDER, "new", FILE),))
    with_it, without = [dict(each).get("folder/new") for each in sorted(outcomes([made]), key=len, reverse=True)]
    assert (with_it, without) == (A + A, None)
    assert len(outcomes([made, Sync(FILE)])) == 2
    assert len(outcomes([made, Sync(FOLDER)])) == 1


def test_a_rename_is_there_in_both_places_or_in_none() -> None:
    moved = Names(((ROOT, "file", None), (FOLDER, "moved", FILE)))
    names = {tuple(path for path, _ in each) for each in outcomes([moved])}
    assert names == {("file", "folder"), ("folder", "folder/moved")}
    for sync in (Sync(ROOT), Sync(FOLDER)):
        assert pending([moved, sync]) == [False, False]


def test_one_wait_keeps_bytes_sizes_and_names_of_its_file_system_and_no_others() -> None:
    acts: list[Act] = [Put(FILE, 0, B + B), Resize(FILE, SECTOR), Names(((FOLDER, "new", FILE),))]
    assert pending([*acts, SyncAll(frozenset({FILE, FOLDER}))]) == [False] * 4
    assert pending([*acts, SyncAll(frozenset({ROOT}))]) == [True, True, True, False]
    assert pending([SyncAll(frozenset({FILE, FOLDER})), *acts]) == [False, True, True, True]
    moved = Names(((ROOT, "file", None), (FOLDER, "moved", FILE)))
    assert pending([moved, SyncAll(frozenset({FOLDER}))]) == [False, False]


@needs_watching
def test_the_recorder_tells_the_file_system_that_is_waited_for(tmp_path: Path) -> None:
    for name in ("stick", "home"):
        (tmp_path / name / "below").mkdir(parents=True)

    def work() -> bytes:
        for name in ("stick", "home"):
            (tmp_path / name / "below" / "file").write_bytes(name.encode())
        with durable.opened_folder(tmp_path / "stick" / "below") as folder:
            ctypes.CDLL(None).syncfs(folder)
        return b""

    recorder = Recorder(tmp_path)
    assert watch(work, recorder).status == 0
    assert [type(act) for act in recorder.acts] == [Names, Put, Names, Put, SyncAll]
    assert pending(recorder.acts) == [False, False, True, True, False]


@needs_watching
def test_the_recorder_knows_what_became_of_the_disk(tmp_path: Path) -> None:
    (tmp_path / "old").write_bytes(b"old")

    def work() -> bytes:
        (tmp_path / "folder").mkdir()
        with (tmp_path / "folder" / "new").open("wb") as file:
            file.write(b"12345")
        with (tmp_path / "old").open("ab") as file:
            file.write(b" and more")
        (tmp_path / "folder" / "new").rename(tmp_path / "moved")
        (tmp_path / "second").hardlink_to(tmp_path / "moved")
        (tmp_path / "old").chmod(0o640)
        return b""

    recorder = Recorder(tmp_path)
    assert watch(work, recorder).status == 0
    assert recorder.missed(tmp_path) == []
    (tmp_path / "moved").write_bytes(b"unheard of")
    assert recorder.missed(tmp_path) == ["moved", "second"]


@needs_watching
def test_states_are_counted_once(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    watch(lambda: bytes((tmp_path / "file").write_bytes(b"12345")), recorder)
    made: Counter[str] = Counter()
    # No name; the name alone; with its bytes; with as many zeros; and each of them when it had ended.
    assert len(list(distinct(cuts(recorder, 20), made))) > 4
    assert made.total() > 100
