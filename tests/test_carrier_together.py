"""Many parcels put out at once: what is waited for and in which order, and that nothing fails unheard."""

import errno
import os
import stat
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from ledgerpost.carriers import durable, files, parts, together
from ledgerpost.carriers.folder import FolderCarrier
from ledgerpost.carriers.port import Parcel
from ledgerpost.errors import NotFound, PlaceError

LIMIT = 5000
MANY = [(f"box{n % 5}", b"%d" % n * 100) for n in range(12)]
"""Twelve parcels in five mailboxes."""

Sync = Callable[[int], int]


def no_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system, or a file system, that has no one wait for all."""
    monkeypatch.setattr(durable, "_sync_whole", lambda folder: False)


@pytest.fixture(params=["one wait", "a wait each"], autouse=True)
def waits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "a wait each":
        no_whole(monkeypatch)
    return str(request.param)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    made = tmp_path / "stick"
    made.mkdir()
    return made


@pytest.fixture
def carrier(place: Path) -> FolderCarrier:
    return FolderCarrier(place, LIMIT)


def name_of(mailbox: str, raw: bytes) -> str:
    return f"ledgerpost/{mailbox}/{sha256(raw).hexdigest()[:32]}.lpe"


def leftovers(place: Path) -> list[Path]:
    return [path for path in place.rglob("*") if path.name.endswith(parts.PART)]


def lying(place: Path) -> dict[str, bytes]:
    return {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*.lpe")}


def put_out(carrier: FolderCarrier, place: Path) -> None:
    assert carrier.deliver_all(MANY) == [name_of(*each) for each in MANY]
    assert lying(place) == {name_of(*each): each[1] for each in MANY}
    assert leftovers(place) == []


def test_the_same_files_with_the_same_modes_as_one_by_one(carrier: FolderCarrier, place: Path, tmp_path: Path) -> None:
    (tmp_path / "singly").mkdir()
    singly = FolderCarrier(tmp_path / "singly", LIMIT)
    before = os.umask(0)
    try:
        put_out(carrier, place)
        for each in MANY:
            singly.deliver(*each)
    finally:
        os.umask(before)

    def seen(root: Path) -> dict[str, tuple[int, bytes]]:
        return {
            str(path.relative_to(root)): (path.lstat().st_mode, path.read_bytes() if path.is_file() else b"")
            for path in root.rglob("*")
        }

    assert seen(place) == seen(tmp_path / "singly")


def test_more_than_are_held_open_at_once(carrier: FolderCarrier, place: Path) -> None:
    many = [(f"box{n}", b"%d" % n) for n in range(2 * together.MOST + 1)]
    held: list[int] = []
    put_all = together.put_all

    def counting(around: int, things: list[together.Thing], mode: int) -> None:
        held.append(len(things))
        put_all(around, things, mode)

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(together, "put_all", counting)
        carrier.deliver_all(many)
    assert held == [together.MOST, together.MOST, 1]
    assert lying(place) == {name_of(*each): each[1] for each in many}


def test_a_name_is_given_when_the_bytes_are_waited_for_and_all_ends_with_a_wait_for_names(
    carrier: FolderCarrier, place: Path, monkeypatch: pytest.MonkeyPatch, waits: str
) -> None:
    carrier.deliver("box0", b"makes the README")
    log: list[str] = []
    sync, replace, read, whole = durable.sync, os.replace, os.read, durable._sync_whole

    def logged_sync(file: int) -> None:
        log.append("sync folder" if stat.S_ISDIR(os.fstat(file).st_mode) else "sync file")
        sync(file)

    def logged_whole(folder: int) -> bool:
        done = whole(folder)
        log.extend(["all"] if done else [])
        return done

    def logged_replace(source: str, target: str, *, src_dir_fd: int, dst_dir_fd: int) -> None:
        log.append("rename")
        replace(source, target, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)

    def logged_read(file: int, size: int) -> bytes:
        log.append("read")
        return read(file, size)

    monkeypatch.setattr(durable, "sync", logged_sync)
    monkeypatch.setattr(durable, "_sync_whole", logged_whole)
    monkeypatch.setattr(os, "replace", logged_replace)
    monkeypatch.setattr(os, "read", logged_read)
    carrier.deliver_all(MANY)
    bytes_kept, names_kept = (["all"], ["all"]) if "all" in log else (12 * ["sync file"], 5 * ["sync folder"])
    if waits == "a wait each":
        assert "all" not in log
    begun = log.index("rename")
    assert sorted(log[: len(bytes_kept)]) == bytes_kept
    assert log[len(bytes_kept)] == "sync folder"
    assert set(log[len(bytes_kept) + 1 : begun]) == {"read"}
    assert log[begun : begun + 12] == 12 * ["rename"]
    after = log[begun + 12 :]
    assert after[: len(names_kept) + 1] == [*names_kept, "sync folder"]


def test_what_is_there_is_left_and_dated_anew(carrier: FolderCarrier, place: Path) -> None:
    put_out(carrier, place)
    before = {name: (place / name).stat().st_ino for name in lying(place)}
    for name in before:
        os.utime(place / name, (0, 0))
    put_out(carrier, place)
    assert {name: (place / name).stat().st_ino for name in before} == before
    assert all((place / name).stat().st_mtime > 0 for name in before)


@pytest.mark.parametrize("damaged", [b"", b"0", b"0" * 101, b"1" * 100], ids=["empty", "half", "longer", "flipped"])
def test_half_a_copy_is_made_good(carrier: FolderCarrier, place: Path, damaged: bytes) -> None:
    put_out(carrier, place)
    (place / name_of(*MANY[0])).write_bytes(damaged)
    put_out(carrier, place)


def test_links_and_pipes_under_their_names_are_replaced_not_followed(
    carrier: FolderCarrier, place: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    for each in MANY[:5]:
        (place / name_of(*each)).parent.mkdir(parents=True, exist_ok=True)
    (place / name_of(*MANY[0])).symlink_to(tmp_path / "secret")
    os.mkfifo(place / name_of(*MANY[1]))
    put_out(carrier, place)
    assert (tmp_path / "secret").read_bytes() == b"secret"


def test_a_link_for_a_mailbox_is_told_and_nothing_is_written_through_it(
    carrier: FolderCarrier, place: Path, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (place / "ledgerpost").mkdir()
    (place / "ledgerpost" / "box3").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PlaceError, match="a link or a file stands where a folder belongs") as caught:
        carrier.deliver_all(MANY)
    assert caught.value.where == f"{place}/ledgerpost/box3"
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert leftovers(place) == []


def test_leftovers_are_cleared_and_what_is_held_is_not(carrier: FolderCarrier, place: Path) -> None:
    put_out(carrier, place)
    broken, held = (place / "ledgerpost" / "box0" / f".{digit * 16}.part" for digit in "ab")
    for each in (broken, held):
        each.write_bytes(b"half")
    with held.open("ab") as writing:
        parts.hold(writing.fileno())
        FolderCarrier(place, LIMIT).deliver_all(MANY)
        assert leftovers(place) == [held]


def test_what_is_still_written_is_held_against_others(
    carrier: FolderCarrier, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync_all, looked = durable.sync_all, 0

    def looking(folder: int, each: list[int]) -> None:
        nonlocal looked
        before = leftovers(place)
        looked = max(looked, len(before))
        for number in range(5):
            list(FolderCarrier(place, LIMIT).collect(f"box{number}"))
        assert leftovers(place) == before
        sync_all(folder, each)

    monkeypatch.setattr(durable, "sync_all", looking)
    put_out(carrier, place)
    assert looked == len(MANY)


def test_a_part_that_another_computer_cleared_is_written_again(
    carrier: FolderCarrier, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync_all, cleared = durable.sync_all, 0

    def clearing(folder: int, each: list[int]) -> None:
        nonlocal cleared
        sync_all(folder, each)
        for left in leftovers(place)[: 3 - cleared]:
            left.unlink()
            cleared += 1

    monkeypatch.setattr(durable, "sync_all", clearing)
    put_out(carrier, place)
    assert cleared == 3


def test_other_bytes_than_were_written_get_no_name(
    carrier: FolderCarrier, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync_all = durable.sync_all

    def corrupting(folder: int, each: list[int]) -> None:
        sync_all(folder, each)
        for left in leftovers(place)[:1]:
            left.write_bytes(left.read_bytes()[:-1] + b"?")

    monkeypatch.setattr(durable, "sync_all", corrupting)
    with pytest.raises(PlaceError, match="does not give back what was written") as caught:
        carrier.deliver_all(MANY)
    assert caught.value.where.endswith(".lpe")
    assert lying(place) == {}
    assert leftovers(place) == []


@pytest.mark.skipif(not hasattr(os, "posix_fadvise"), reason="a cache cannot be dropped here")
def test_the_medium_is_asked_and_not_the_cache(carrier: FolderCarrier, monkeypatch: pytest.MonkeyPatch) -> None:
    log: list[str] = []
    back, advise = files.gives_back, os.posix_fadvise

    def logged_back(file: int, raw: bytes) -> bool:
        log.append("read")
        return back(file, raw)

    def logged_advise(file: int, start: int, length: int, advice: int) -> None:
        log.append("drop" if advice == os.POSIX_FADV_DONTNEED else "ask")
        advise(file, start, length, advice)

    monkeypatch.setattr(files, "gives_back", logged_back)
    monkeypatch.setattr(os, "posix_fadvise", logged_advise)
    carrier.deliver_all(MANY)
    assert log[:36] == 12 * ["drop"] + 12 * ["ask"] + 12 * ["read"]


# --- faults

FAULTS = [
    (errno.ENOSPC, "no space is left"),
    (errno.EIO, "failing or pulled out"),
]


class Failing:
    """Makes the Nth call that touches the disk fail, whichever it is."""

    CALLS = ("open", "mkdir", "fsync", "replace", "stat", "fstat", "read", "write", "lseek", "posix_fadvise")

    def __init__(self, monkeypatch: pytest.MonkeyPatch, nth: int, number: int) -> None:
        self.left = nth
        self.error = OSError(number, os.strerror(number))
        for name in self.CALLS:
            monkeypatch.setattr(os, name, self.wrap(getattr(os, name)))

    def wrap(self, call: Callable[..., object]) -> Callable[..., object]:
        def failing(*args: object, **kwargs: object) -> object:
            self.left -= 1
            if self.left == 0:
                raise self.error
            return call(*args, **kwargs)

        return failing


@pytest.mark.parametrize(("number", "words"), FAULTS)
def test_every_call_may_fail(tmp_path: Path, number: int, words: str) -> None:
    some = MANY[:3]
    for nth in range(1, 300):
        place = tmp_path / f"{number}-{nth}"
        place.mkdir()
        carrier = FolderCarrier(place, LIMIT)
        with pytest.MonkeyPatch.context() as monkeypatch:
            failing = Failing(monkeypatch, nth, number)
            try:
                carrier.deliver_all(some)
            except PlaceError as error:
                assert words in error.what
                assert error.where.startswith(str(place))
                assert error.do
        assert {name_of(*each): each[1] for each in some}.items() >= lying(place).items()
        assert leftovers(place) == []
        carrier.deliver_all(some)  # the same command again
        assert lying(place) == {name_of(*each): each[1] for each in some}
        if failing.left > 0:
            break
    assert 40 < nth < 299  # it did fail that often, and came to an end


def test_where_the_one_wait_fails_each_file_is_asked_by_itself(
    carrier: FolderCarrier, place: Path, monkeypatch: pytest.MonkeyPatch, waits: str
) -> None:
    """What it finds amiss may be another program's; a file of ours that is not kept is told by its own ``fsync``."""
    if waits == "a wait each":
        pytest.skip("there is no one wait")
    asked: list[bool] = []
    sync = durable.sync

    def logged(file: int) -> None:
        asked.append(stat.S_ISDIR(os.fstat(file).st_mode))
        sync(file)

    monkeypatch.setattr(durable, "_syncfs", lambda: lambda folder: -1)
    monkeypatch.setattr(durable, "sync", logged)
    put_out(carrier, place)
    assert asked.count(False) >= len(MANY)

    def failing(file: int) -> None:
        raise OSError(errno.EIO, "gone")

    monkeypatch.setattr(durable, "sync", failing)
    with pytest.raises(PlaceError, match="failing or pulled out"):
        carrier.deliver_all([("new", b"1"), ("new", b"2")])
    assert not lying(place).keys() & {name_of("new", b"1"), name_of("new", b"2")}


@pytest.mark.parametrize(
    ("system", "release", "one"),
    [
        ("Linux", "6.18.44-fc-v595", True),
        ("Linux", "5.8", True),
        ("Linux", "5.10.0-9-amd64", True),
        ("Linux", "5.7.19", False),
        ("Linux", "4.19.0", False),
        ("Darwin", "23.1.0", False),
    ],
)
def test_one_wait_only_where_it_tells_errors(
    monkeypatch: pytest.MonkeyPatch, system: str, release: str, one: bool
) -> None:
    names = os.uname_result((system, "host", release, "version", "machine"))
    monkeypatch.setattr(os, "uname", lambda: names)
    durable._syncfs.cache_clear()
    try:
        assert (durable._syncfs() is not None) == (one and os.path.exists("/proc/self"))
    finally:
        durable._syncfs.cache_clear()


@pytest.mark.parametrize(
    ("kind", "one"), [("ext4", True), ("xfs", True), ("vfat", False), ("fuseblk", False), ("nfs4", False), ("", False)]
)
def test_one_wait_only_on_file_systems_that_are_known_for_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, one: bool, waits: str
) -> None:
    if waits == "a wait each":
        pytest.skip("there is no one wait")
    called: list[int] = []

    def call(folder: int) -> int:
        called.append(folder)
        return 0

    monkeypatch.setattr(durable, "_kind", lambda folder: kind)
    monkeypatch.setattr(durable, "_syncfs", lambda: call)
    with durable.opened_folder(tmp_path) as folder:
        durable.sync_all(folder, [folder, folder])
        assert called == ([folder] if one else [])


def test_what_lies_on_another_file_system_is_waited_for_by_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, waits: str
) -> None:
    """As where another one is mounted on a mailbox."""
    other = Path("/dev/shm")
    if waits == "a wait each" or not other.is_dir() or other.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no one wait, or no other file system")
    synced: list[int] = []
    monkeypatch.setattr(durable, "sync", synced.append)
    with durable.opened_folder(tmp_path) as folder, durable.opened_folder(other) as elsewhere:
        durable.sync_all(folder, [folder, elsewhere])
        assert synced == [folder, elsewhere, folder]


def test_on_fat_they_go_one_by_one(carrier: FolderCarrier, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable, "is_flat", lambda folder: True)
    monkeypatch.setattr(durable, "sync_all", lambda folder, each: pytest.fail("several at once on FAT"))
    put_out(carrier, place)


def test_a_mailbox_that_another_hand_removes_meanwhile_is_told(
    carrier: FolderCarrier, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = durable.begin_folder

    def removing(folder: int, name: str, mode: int) -> bool:
        made = begin(folder, name, mode)
        if name == "box2":
            os.rmdir(name, dir_fd=folder)
        return made

    with monkeypatch.context() as patch:
        patch.setattr(durable, "begin_folder", removing)
        with pytest.raises(PlaceError, match="removed while it was made") as caught:
            carrier.deliver_all(MANY)
    assert caught.value.where == f"{place}/ledgerpost/box2"
    assert leftovers(place) == []
    put_out(carrier, place)


def test_without_ctypes_each_file_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ctypes", None)
    durable._syncfs.cache_clear()
    try:
        assert durable._syncfs() is None
    finally:
        durable._syncfs.cache_clear()


def test_a_place_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        FolderCarrier(tmp_path / "pulled", LIMIT).deliver_all(MANY)
    assert caught.value.where == str(tmp_path / "pulled")


def test_no_file_stays_open(carrier: FolderCarrier, place: Path) -> None:
    def lowest_free() -> int:
        file = os.open("/dev/null", os.O_RDONLY)
        os.close(file)
        return file

    before = lowest_free()
    put_out(carrier, place)
    put_out(carrier, place)
    assert lowest_free() == before
    assert all(isinstance(each, Parcel) for each in carrier.collect("box0"))
