"""What only the LMDB store must do: hold its folder, find damage, outlive kill and full disk (T2, T3).

Where the fault to be shown would end the process (SIGBUS, SIGKILL, a limit), a child process meets it.
"""

import errno
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import lmdb
import pytest

from ledgerpost.errors import LedgerpostError, NotFound, PlaceError, Stale, StoreBusy, StoreDamaged, StoreError
from ledgerpost.store import lmdb as ours
from ledgerpost.store import place
from ledgerpost.store.lmdb import LmdbStore
from ledgerpost.store.seal import Seal, named

CHECK_KEY = bytes(range(32))
HEAD = """
import sys
from pathlib import Path
from ledgerpost.errors import LedgerpostError
from ledgerpost.store.lmdb import LmdbStore
folder, check_key = Path(sys.argv[1]), bytes(range(32))
def put(store, changes):
    with store.hold(()) as held:
        held.commit(changes)
"""
OPEN = (
    HEAD
    + """
try:
    store = LmdbStore(folder, check_key)
except LedgerpostError as error:
    print(type(error).__name__, error)
    sys.exit(error.exit_status)
with store.snapshot() as seen:
    print(len(list(seen.under(b""))))
"""
)


def child(script: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", script, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


@contextmanager
def made(folder: Path, changes: dict[bytes, bytes | None] | None = None, **how: int) -> Iterator[LmdbStore]:
    with closing(LmdbStore(folder, CHECK_KEY, create=True, **how)) as store:
        put(store, changes or {})
        yield store


def put(store: LmdbStore, changes: dict[bytes, bytes | None]) -> None:
    with store.hold(()) as held:
        held.commit(changes)


def read(folder: Path) -> dict[bytes, bytes]:
    with closing(LmdbStore(folder, CHECK_KEY)) as store, store.snapshot() as seen:
        return dict(seen.under(b""))


def flip(data: Path, at: int) -> None:
    whole = bytearray(data.read_bytes())
    whole[at] ^= 1
    data.write_bytes(whole)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


# --- the place -------------------------------------------------------------------------------------------------


def test_opens_again_with_all_it_had(folder: Path) -> None:
    with made(folder, {b"k": b"v", b"empty": b""}):
        pass
    assert read(folder) == {b"k": b"v", b"empty": b""}
    with made(folder, {b"more": b"1"}):  # create opens what is there
        pass
    assert read(folder) == {b"k": b"v", b"empty": b"", b"more": b"1"}


def test_no_store_is_not_made_by_chance(folder: Path) -> None:
    with pytest.raises(NotFound) as caught:
        LmdbStore(folder, CHECK_KEY)
    assert not folder.exists()
    assert caught.value.where == str(folder)


def test_only_the_owner_reads(folder: Path) -> None:
    before = os.umask(0)
    try:
        with made(folder):
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    finally:
        os.umask(before)
    assert modes == {"data.mdb": 0o600, "lock.mdb": 0o600, "lock": 0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_map_is_huge_and_the_file_is_not(folder: Path) -> None:
    with made(folder) as store:
        assert store._env.info()["map_size"] == 64 * 2**30
        assert store._env.flags()["sync"]
        assert store._env.flags()["metasync"]
        assert not store._env.flags()["writemap"]
        assert store._env.lib_version()[0] == 0
    assert (folder / "data.mdb").stat().st_size < 2**20


def test_a_second_process_is_refused_while_the_store_is_held(folder: Path) -> None:
    with made(folder, {b"k": b"v"}):
        refused = child(OPEN, folder)
    assert refused.returncode == StoreBusy.exit_status == 6
    assert refused.stdout.startswith("StoreBusy another command is using this store")
    assert str(folder) in refused.stdout
    assert child(OPEN, folder).stdout == "1\n"


def test_the_same_process_is_refused_too_and_the_first_keeps_its_lock(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(folder)
    with made(folder, {b"k": b"v"}) as store:
        for path in (folder, tmp_path / "alias"):
            with pytest.raises(StoreBusy) as caught:
                LmdbStore(path, CHECK_KEY)
            assert "wait" in caught.value.do
        assert child(OPEN, folder).returncode == 6
        put(store, {b"k": b"w"})
    assert read(folder) == {b"k": b"w"}


def test_a_failed_opening_lets_the_lock_go(folder: Path) -> None:
    with made(folder, {b"k": b"v"}):
        pass
    with pytest.raises(StoreDamaged):
        LmdbStore(folder, b"another key, 16+")
    assert read(folder) == {b"k": b"v"}


def test_a_stick_is_refused(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/vda / ext4 rw 0 0\n/dev/sdb1 {tmp_path} vfat rw 0 0\n")
    monkeypatch.setattr(place, "MOUNTS", mounts)
    with pytest.raises(PlaceError, match="stick") as caught:
        LmdbStore(folder, CHECK_KEY, create=True)
    assert caught.value.exit_status == 7
    assert not folder.exists()
    mounts.write_text(mounts.read_text().replace("vfat", "ext4"))
    with made(folder):
        pass


def test_the_file_system_is_that_of_the_innermost_and_last_mount() -> None:
    mounts = "x / ext4 rw 0 0\nx /media/my\\040stick vfat rw 0 0\nx /home exfat rw 0 0\nx /home xfs rw 0 0\n"
    assert place.filesystem(Path("/media/my stick/store"), mounts) == "vfat"
    assert place.filesystem(Path("/media/my stick2"), mounts) == "ext4"
    assert place.filesystem(Path("/home/a"), mounts) == "xfs"
    assert place.filesystem(Path("/home/a"), "") == ""


def test_a_folder_that_cannot_be_is_a_place_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(PlaceError):
        LmdbStore(tmp_path / "file", CHECK_KEY, create=True)


def test_a_creation_that_was_cut_off_is_done_again(folder: Path) -> None:
    folder.mkdir()
    (folder / "data.new").write_bytes(b"half")
    with made(folder, {b"k": b"v"}):
        assert sorted(path.name for path in folder.iterdir()) == ["data.mdb", "lock", "lock.mdb"]
    assert read(folder) == {b"k": b"v"}


@pytest.mark.parametrize("name", ["lock", "lock.mdb"])
def test_a_lock_file_that_is_a_link_is_refused(folder: Path, tmp_path: Path, name: str) -> None:
    with made(folder):
        pass
    (folder / name).rename(tmp_path / "elsewhere")
    (folder / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PlaceError):
        LmdbStore(folder, CHECK_KEY)


# --- damage ----------------------------------------------------------------------------------------------------


@pytest.fixture(params=["checked whole", "too large to be"])
def either_size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small store is checked at opening, a large one as it is read: both must find the same."""
    if request.param != "checked whole":
        monkeypatch.setattr(place, "WHOLE", 0)


@pytest.mark.usefixtures("either_size")
@pytest.mark.parametrize("size", [40, 200, 30000])
def test_a_flipped_bit_in_a_value_is_found_and_the_record_named(folder: Path, size: int) -> None:
    value = os.urandom(size)
    with made(folder, {b"party/7": value, b"party/8": b"whole"}):
        pass
    flip(folder / "data.mdb", (folder / "data.mdb").read_bytes().index(value) + size - 1)
    with pytest.raises(StoreDamaged, match="party/7") as caught:
        read(folder)
    assert str(folder) in str(caught.value)


def test_a_damaged_record_is_found_by_get_and_by_hold_and_leaves_the_others(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "WHOLE", 0)
    with made(folder, {b"\x01bad": b"forty-two", b"good": b"whole"}):
        pass
    flip(folder / "data.mdb", (folder / "data.mdb").read_bytes().index(b"forty-two") - 1)  # in the digest
    with closing(LmdbStore(folder, CHECK_KEY)) as store:
        with store.snapshot() as seen:
            assert seen.get(b"good") == b"whole"
            with pytest.raises(StoreDamaged, match="01626164"):
                seen.get(b"\x01bad")
        with pytest.raises(StoreDamaged, match="01626164"), store.hold([b"good", b"\x01bad"]):
            pass


@pytest.mark.usefixtures("either_size")
def test_a_flipped_bit_in_a_key_is_found(folder: Path) -> None:
    with made(folder, {b"party/70": b"value", b"party/80": b"value"}):
        pass
    flip(folder / "data.mdb", (folder / "data.mdb").read_bytes().index(b"party/70") + 7)
    with pytest.raises(StoreDamaged, match="party/71"):
        read(folder)


def test_two_records_that_changed_places_are_found() -> None:
    seal = Seal(CHECK_KEY)
    assert seal.open(b"a", seal.close(b"a", b"value")) == b"value"
    slid = seal.close(b"a", b"bvalue")[:16] + b"value"
    for key, sealed in [(b"b", seal.close(b"a", b"value")), (b"ab", slid), (b"a", b"short"), (b"a", b"")]:
        with pytest.raises(StoreDamaged):
            seal.open(key, sealed)
    with pytest.raises(StoreDamaged):
        Seal(b"another key of 16").open(b"a", seal.close(b"a", b"value"))


def test_a_record_is_named_in_text_or_in_hex() -> None:
    assert named(b"party/7") == "party/7"
    assert named(b"p\x00") == "7000"
    assert named(b"\xc3\xa4") == "c3a4"


@pytest.mark.parametrize("key", [b"", b"k" * 15, b"k" * 65])
def test_a_check_key_has_16_to_64_bytes(folder: Path, key: bytes) -> None:
    with pytest.raises(ValueError, match="16 to 64"):
        LmdbStore(folder, key, create=True)


@pytest.mark.parametrize("kept", [0, 100, 4096, 5000, 8192, 40000, 200000])
def test_a_truncated_file_is_refused_and_kills_nobody(folder: Path, kept: int) -> None:
    with made(folder, {b"%04d" % number: bytes(1500) for number in range(400)}):
        pass
    assert (folder / "data.mdb").stat().st_size > 400000
    os.truncate(folder / "data.mdb", kept)
    for script in (OPEN, OPEN.replace("try:", "from ledgerpost.store import place\nplace.WHOLE = 0\ntry:", 1)):
        ended = child(script, folder)
        assert (ended.returncode, ended.stderr) == (6, "")
        assert ended.stdout.startswith("StoreDamaged the store's data is ")
    assert (folder / "data.mdb").stat().st_size == kept


@pytest.mark.parametrize(
    ("page_type", "at", "bytes_there"),
    [
        (2, 10, b"\x01\x00"),  # leaves that say they are branches: liblmdb would abort
        (8, 94, b"\x60\xea"),  # a tree 60,000 deep: liblmdb would overrun its stack
        (1, 10, b"\x04\x00"),  # a branch that says it is a large value
    ],
)
def test_a_bent_tree_is_refused_and_kills_nobody(folder: Path, page_type: int, at: int, bytes_there: bytes) -> None:
    with made(folder, {b"%04d" % number: bytes(1500) for number in range(40)}):
        pass
    data = bytearray((folder / "data.mdb").read_bytes())
    for page in range(0, len(data), os.sysconf("SC_PAGESIZE")):
        if data[page + 10] & page_type:
            data[page + at : page + at + 2] = bytes_there
    (folder / "data.mdb").write_bytes(data)
    ended = child(OPEN, folder)
    assert (ended.returncode, ended.stderr) == (6, "")
    assert ended.stdout.startswith("StoreDamaged the store's data is damaged")


@pytest.mark.usefixtures("either_size")
def test_a_healthy_file_that_ends_early_is_opened(folder: Path) -> None:
    """liblmdb need not write a last page that was taken and freed in one transaction: no damage."""
    with made(folder, {b"old": bytes(9000)}) as store:
        put(store, {b"old": None})
    with lmdb.open(str(folder), map_size=2**30, lib_version=0) as raw:
        for _ in range(2):
            with raw.begin(write=True) as txn:
                txn.put(b"kept", Seal(CHECK_KEY).close(b"kept", b"value"))
                txn.put(b"new", bytes(90000))
                txn.delete(b"new")
    assert (folder / "data.mdb").stat().st_size < place.announced(folder / "data.mdb")
    assert read(folder) == {b"kept": b"value"}


def test_data_that_is_no_plain_file_is_refused(folder: Path, tmp_path: Path) -> None:
    with made(folder, {b"k": b"v"}):
        pass
    (folder / "data.mdb").rename(tmp_path / "away")
    (folder / "data.mdb").symlink_to(tmp_path / "away")
    with pytest.raises(StoreDamaged, match="no plain file"):
        LmdbStore(folder, CHECK_KEY)
    (folder / "data.mdb").unlink()
    os.mkfifo(folder / "data.mdb")
    with pytest.raises(StoreDamaged, match="no plain file"):
        LmdbStore(folder, CHECK_KEY, create=True)


@pytest.mark.parametrize("create", [False, True])
def test_data_that_is_gone_is_damage_and_not_a_new_store(folder: Path, create: bool) -> None:
    with made(folder, {b"k": b"v"}):
        pass
    (folder / "data.mdb").unlink()
    with pytest.raises(StoreDamaged, match="gone"):
        LmdbStore(folder, CHECK_KEY, create=create)
    assert not (folder / "data.mdb").exists()


def test_a_store_closed_inside_a_hold_is_told(folder: Path) -> None:
    with made(folder, {b"k": b"v"}) as store, store.hold([b"k"]) as held:
        store.close()
        with pytest.raises(Stale, match="closed"):
            held.get(b"k")
        with pytest.raises(ValueError, match="closed"):
            held.commit({b"k": b"w"})
    assert read(folder) == {b"k": b"v"}


@pytest.mark.usefixtures("either_size")
def test_a_file_that_is_no_store_is_refused(folder: Path) -> None:
    folder.mkdir()
    (folder / "data.mdb").write_bytes(b"dear bank, " * 5000)
    with pytest.raises(StoreDamaged, match="no store"):
        LmdbStore(folder, CHECK_KEY)


# --- full maps, full disks, kills ------------------------------------------------------------------------------


def test_a_full_map_is_enlarged_and_the_whole_change_written(folder: Path) -> None:
    changes: dict[bytes, bytes | None] = {b"%04d" % number: os.urandom(5000) for number in range(200)}
    with made(folder, {b"old": b"1"}, map_size=2**16) as store:
        with store.hold([b"old"]) as held:
            held.commit({**changes, b"old": None})
        assert store._env.info()["map_size"] >= 2**20
        with store.snapshot() as seen:
            assert dict(seen.under(b"")) == changes
    assert read(folder) == changes


def test_whoever_reads_while_the_map_grows_is_told_and_a_hold_still_commits(folder: Path) -> None:
    with made(folder, {b"k": b"v"}, map_size=2**16) as store, store.snapshot() as seen, store.hold([b"k"]) as held:
        half_read = seen.under(b"")
        put(store, {b"large": bytes(2**20)})
        with pytest.raises(Stale, match="enlarged"):
            seen.get(b"k")
        with pytest.raises(Stale, match="enlarged"):
            next(half_read)
        with pytest.raises(Stale, match="enlarged"):
            held.get(b"k")
        held.commit({b"k": b"w"})
    assert read(folder)[b"k"] == b"w"


def test_a_map_that_another_process_enlarged_is_taken_over(folder: Path) -> None:
    grow = "import lmdb, sys\nwith lmdb.open(sys.argv[1], map_size=2**24, lib_version=0) as raw:\n"
    grow += "    with raw.begin(write=True) as txn: txn.put(b'raw', bytes(2**20))\n"
    with made(folder, {b"k": b"v"}, map_size=2**16) as store:
        assert child(grow, folder).returncode == 0
        with store.snapshot() as seen:
            assert seen.get(b"k") == b"v"
        assert child(grow.replace("2**20", "2**23"), folder).returncode == 0
        put(store, {b"k": b"w", b"raw": None})
    assert read(folder) == {b"k": b"w"}


FULL = (
    HEAD
    + """
import resource
store = LmdbStore(folder, check_key)
resource.setrlimit(resource.RLIMIT_FSIZE, ((folder / "data.mdb").stat().st_size + 30000, resource.RLIM_INFINITY))
for _ in range(2):
    try:
        put(store, {b"large": bytes(10**6), b"k": b"lost"})
    except LedgerpostError as error:
        print(error.exit_status, error)
with store.snapshot() as seen:
    print(list(seen.under(b"")))
put(store, {b"small": b"fits"})
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
put(store, {b"later": bytes(10**6)})
"""
)


def test_a_full_disk_writes_nothing_and_the_store_goes_on(folder: Path) -> None:
    with made(folder, {b"k": b"kept"}):
        pass
    ended = child(FULL, folder)
    assert ended.stderr == ""
    said = f"7 the disk is full or failing: nothing was written ({folder})\n"
    assert ended.stdout == 2 * said + "[(b'k', b'kept')]\n"
    assert read(folder) == {b"k": b"kept", b"small": b"fits", b"later": bytes(10**6)}


def test_a_disk_too_full_for_a_new_store_says_so_and_it_is_made_later(folder: Path) -> None:
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (5000, resource.RLIM_INFINITY))\n"
    ended = child(limit + OPEN.replace("check_key)", "check_key, create=True)"), folder)
    assert (ended.returncode, ended.stderr) == (7, "")
    with made(folder, {b"k": b"v"}):
        pass
    assert read(folder) == {b"k": b"v"}


SMALL_DISK = """mount -t tmpfs -o size=200k none "$1" && exec "$2" -c "$3" "$1"/store"""
FILLED = (
    HEAD
    + """
import errno
def fill(left):
    (folder / "data.new").unlink(missing_ok=True)
    with (folder.parent / "rest").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError as full:
            assert full.errno == errno.ENOSPC
        file.truncate(max(0, file.tell() - left))
def attempt(what, *given, **how):
    try:
        return what(*given, **how)
    except LedgerpostError as error:
        print(error.exit_status, end=" ")
for left in range(0, 60000, 4096):
    fill(left)
    store = attempt(LmdbStore, folder, check_key, create=True)
    if store:
        break
attempt(put, store, {b"large": bytes(10**5), b"k": b"lost"})
(folder.parent / "rest").unlink()
put(store, {b"k": b"kept"})
fill(0)
store.close()
store = LmdbStore(folder, check_key)
attempt(put, store, {b"large": bytes(10**5), b"k": b"lost"})
with store.snapshot() as seen:
    print(list(seen.under(b"")))
"""
)


def test_a_really_full_disk_kills_nobody_at_any_step_of_creation_and_opening(tmp_path: Path) -> None:
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", SMALL_DISK, "sh", str(tmp_path), sys.executable]
    if subprocess.run([*command, "print()"], capture_output=True, check=False).returncode:
        pytest.skip("no disk of its own to fill: unshare or mount is not allowed here")
    ended = subprocess.run([*command, FILLED], capture_output=True, text=True, timeout=30, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    said = ended.stdout.split(" ", ended.stdout.count("7 "))
    assert said[-1] == "[(b'k', b'kept')]\n"
    assert set(said[:-1]) == {"7"}
    assert len(said) > 4


@pytest.mark.parametrize(
    ("fault", "number", "kind", "said"),
    [
        (lmdb.DiskError, errno.ENOSPC, PlaceError, "is full: nothing was written"),
        (lmdb.Error, errno.EDQUOT, PlaceError, "is full: nothing was written"),
        (lmdb.Error, errno.EIO, PlaceError, "full or failing"),
        (lmdb.ReadonlyError, errno.EACCES, PlaceError, "Permission denied"),
        (lmdb.CorruptedError, -30796, StoreDamaged, "damaged"),
        (lmdb.PanicError, -30795, StoreError, "fails"),
        (lmdb.MemoryError, errno.ENOMEM, StoreError, "fails"),
    ],
)
def test_faults_are_named_by_what_is_at_fault(
    fault: type[lmdb.Error], number: int, kind: type[LedgerpostError], said: str
) -> None:
    raised = fault("mdb_any")
    vars(raised)["code"] = number
    blamed = ours._blame(raised)
    assert type(blamed) is kind
    assert said in blamed.what
    assert blamed.do


ENDLESS = (
    HEAD
    + """
store = LmdbStore(folder, check_key)
for number in range(10**9):
    put(store, {b"newest": b"%d" % number, b"all/%09d" % number: bytes(3000)})
    print(number, flush=True)
"""
)


@pytest.mark.parametrize("after", [1, 40, 150])
def test_a_kill_loses_nothing_acknowledged_and_halves_nothing(folder: Path, after: int) -> None:
    with made(folder):
        pass
    command = [sys.executable, "-c", ENDLESS, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(after):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        acknowledged = after + len(process.stdout.readlines())
    records = read(folder)  # the dead hold no lock
    newest = int(records[b"newest"])
    assert newest + 1 >= acknowledged >= after
    assert sorted(records) == [b"all/%09d" % number for number in range(newest + 1)] + [b"newest"]
