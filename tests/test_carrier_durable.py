"""Making folders on FAT: the calls and their order, on whatever file system the tests run on.

What comes of them on FAT itself: ``test_carrier_images``.
"""

import errno
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledgerpost.carriers import durable, parts
from ledgerpost.carriers.aside import ASIDE
from ledgerpost.carriers.folder import TREE

MAILBOX = "lp1" + "q" * 56
CALLS = ("open", "mkdir", "rename", "unlink", "fsync")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """An open folder, taken for one on FAT."""
    monkeypatch.setattr(durable, "is_fat", lambda folder: True)
    monkeypatch.setattr(durable, "_FULL_SYNC", None)
    with durable.opened_folder(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("name", [TREE, MAILBOX, ASIDE, "x" * 200])
def test_a_folder_is_made_and_nothing_else(folder: int, tmp_path: Path, name: str) -> None:
    durable.make_folder(folder, name, 0o755)
    (tmp_path / name / "mail").touch()
    durable.make_folder(folder, name, 0o755)  # there already: left as it is
    assert os.listdir(folder) == [name]
    assert os.listdir(tmp_path / name) == ["mail"]
    assert (tmp_path / name).stat().st_mode & 0o700 == 0o700


def test_a_file_in_its_place_stays(folder: int, tmp_path: Path) -> None:
    (tmp_path / TREE).touch()
    durable.make_folder(folder, TREE)
    assert (tmp_path / TREE).is_file()
    assert os.listdir(folder) == [TREE]


def test_its_contents_are_synced_before_its_entry(folder: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log: list[tuple[str, list[str]]] = []
    fsync, here = os.fsync, os.fstat(folder).st_ino

    def logged(file: int) -> None:
        info = os.fstat(file)
        around = "removed" if info.st_nlink == 0 else "around" if info.st_ino == here else "made"
        log.append((around, os.listdir(folder)))
        fsync(file)

    monkeypatch.setattr(os, "fsync", logged)
    durable.make_folder(folder, MAILBOX)
    assert log == [("around", []), ("removed", [MAILBOX]), ("made", [MAILBOX]), ("around", [MAILBOX])]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("nth", [1, 2, 3, 4])
def test_where_it_failed_it_leaves_no_folder_behind(
    folder: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, nth: int
) -> None:
    with monkeypatch.context() as patch:
        failing = _failing(getattr(os, call), nth)
        patch.setattr(os, call, failing)
        try:
            durable.make_folder(folder, MAILBOX)
        except OSError as error:
            assert error.errno == errno.ENOSPC
    assert {name for name in os.listdir(folder) if (tmp_path / name).is_dir()} <= {MAILBOX}
    durable.make_folder(folder, MAILBOX)
    parts.clear_all(folder)
    assert os.listdir(folder) == [MAILBOX]


def _failing(call: Callable[..., object], nth: int) -> Callable[..., object]:
    left = nth

    def failing(*args: object, **kwargs: object) -> object:
        nonlocal left
        left -= 1
        if left == 0:
            raise OSError(errno.ENOSPC, "full")
        return call(*args, **kwargs)

    return failing


@pytest.mark.parametrize("name", [TREE, MAILBOX, ASIDE])
def test_room_is_made_for_both_folders_and_the_file_for_it_is_a_part(
    folder: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    made: list[str] = []
    unlink = os.unlink

    def kept(path: str, *, dir_fd: int) -> None:
        made.append(path)

    monkeypatch.setattr(os, "unlink", kept)
    durable.make_folder(folder, name)
    monkeypatch.setattr(os, "unlink", unlink)
    (room,) = made
    assert _entries(room) >= _entries(name) + _entries(f".{16 * '0'}{durable.NEW}")
    parts.clear_all(folder)  # what a pull left of it
    assert os.listdir(folder) == [name]


def _entries(name: str) -> int:
    """Of FAT, for a long name: thirteen letters each, and one with the short name."""
    return -(-len(name) // 13) + 1


def test_a_folder_that_has_its_short_name_only_is_removed_if_it_is_empty(folder: int, tmp_path: Path) -> None:
    for name in ("LEDGER~1", "ledger~2", "LEDGER~3", "LEDGER~X", "OTHERS~1"):
        (tmp_path / name).mkdir()
    (tmp_path / "LEDGER~3" / "mail").touch()
    (tmp_path / "LEDGER~4").touch()
    durable.make_folder(folder, TREE)
    assert sorted(os.listdir(folder)) == ["LEDGER~3", "LEDGER~4", "LEDGER~X", "OTHERS~1", TREE]


def test_on_exfat_a_folder_has_its_name_when_it_is_whole(
    folder: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable, "is_fat", lambda folder: False)
    monkeypatch.setattr(durable, "is_flat", lambda folder: True)
    seen: list[list[str]] = []
    fsync = os.fsync

    def logged(file: int) -> None:
        seen.append(os.listdir(folder))
        fsync(file)

    monkeypatch.setattr(os, "fsync", logged)
    durable.make_folder(folder, TREE)
    hidden, *others = seen
    assert re.fullmatch(r"\.[0-9a-f]{16}\.new", hidden[0])
    assert others == [[TREE], [TREE]]
