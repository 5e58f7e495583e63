"""The folder carrier among hostile sticks, half copies and dying disks; and the file primitives beneath it."""

import errno
import os
import resource
import signal
import socket
import stat
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from ledgerpost.carriers import durable, faults, files, folder, parts
from ledgerpost.carriers.folder import FolderCarrier
from ledgerpost.carriers.port import Parcel, Unreadable
from ledgerpost.errors import BadBytes, LedgerpostError, NotFound, NotOurs, OverLimit, PlaceError

LIMIT = 5000
SECRET = b"root:x:0:0:root:/root:/bin/sh\n"
is_root = os.geteuid() == 0


@pytest.fixture(autouse=True)
def no_hang() -> Iterator[None]:
    """A FIFO that is opened the wrong way blocks for ever: five seconds here."""

    def ring(signum: int, frame: object) -> None:
        raise AssertionError("blocked")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(5)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    made = tmp_path / "stick"
    made.mkdir()
    return made


@pytest.fixture
def carrier(place: Path) -> FolderCarrier:
    return FolderCarrier(place, LIMIT)


@pytest.fixture
def mailbox(place: Path) -> Path:
    made = place / "ledgerpost" / "anna"
    made.mkdir(parents=True)
    return made


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A file that no carrier has any business with."""
    made = tmp_path / "outside"
    made.mkdir()
    (made / "secret.lpe").write_bytes(SECRET)
    return made


def collected(carrier: FolderCarrier, mailbox: str = "anna") -> dict[str, bytes | LedgerpostError]:
    return {
        item.name.rpartition("/")[2]: item.raw if isinstance(item, Parcel) else item.error
        for item in carrier.collect(mailbox)
    }


def only_bad(carrier: FolderCarrier, name: str) -> LedgerpostError:
    """The error of the one bad thing in anna's mailbox, beside the good mail that it must not hide."""
    carrier.deliver("anna", b"good")
    items = collected(carrier)
    error = items.pop(name)
    assert list(items.values()) == [b"good"]
    assert isinstance(error, LedgerpostError)
    assert error.where == f"{carrier.where}/ledgerpost/anna/{name}"
    assert error.do
    return error


def modes(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def leftovers(place: Path) -> list[Path]:
    return [path for path in place.rglob("*") if path.name.endswith(parts.PART)]


# --- the tree -------------------------------------------------------------------------------------------------


def test_layout(carrier: FolderCarrier, place: Path) -> None:
    name = carrier.deliver("anna", b"mail")
    assert name == f"ledgerpost/anna/{sha256(b'mail').hexdigest()[:32]}.lpe"
    assert (place / name).read_bytes() == b"mail"
    assert sorted(path.name for path in (place / "ledgerpost").iterdir()) == ["README.txt", "anna"]
    assert [path.name for path in (place / "ledgerpost" / "anna").iterdir()] == [name.rpartition("/")[2]]


def test_private_modes_under_a_lax_umask(carrier: FolderCarrier, place: Path) -> None:
    before = os.umask(0)
    try:
        name = carrier.deliver("anna", b"mail")
        aside = carrier.set_aside(carrier.deliver("anna", b"bad"), "bad")
    finally:
        os.umask(before)
    for file in (name, aside, aside + ".txt", "ledgerpost/README.txt"):
        assert modes(place / file) == 0o600, file
    for made in ("ledgerpost", "ledgerpost/anna", "ledgerpost/anna/set-aside"):
        assert modes(place / made) == 0o700, made


def test_a_shared_folder_may_have_other_modes(place: Path) -> None:
    before = os.umask(0o007)
    try:
        name = FolderCarrier(place, LIMIT, mode=0o666).deliver("anna", b"mail")
    finally:
        os.umask(before)
    assert (modes(place / name), modes(place / "ledgerpost" / "anna")) == (0o660, 0o770)


def test_readme_tells_the_finder_and_is_written_once(carrier: FolderCarrier, place: Path) -> None:
    carrier.deliver("anna", b"mail")
    readme = place / "ledgerpost" / "README.txt"
    text = readme.read_bytes()
    assert b"sealed" in text
    assert b"give it back" in text
    assert b"no harm" in text
    text.decode("ascii")
    assert text.count(b"\r\n") == text.count(b"\n")
    readme.write_bytes(b"the owner's own words")
    carrier.deliver("anna", b"more mail")
    assert readme.read_bytes() == b"the owner's own words"


def test_readme_that_is_a_link_is_left_alone(carrier: FolderCarrier, mailbox: Path, outside: Path) -> None:
    (mailbox.parent / "README.txt").symlink_to(outside / "not-yet")
    carrier.deliver("anna", b"mail")
    assert not (outside / "not-yet").exists()


def test_same_bytes_are_not_written_again(carrier: FolderCarrier, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = carrier.deliver("anna", b"mail")
    before = (place / name).stat()

    def no_write(*args: object, **kwargs: object) -> None:
        raise AssertionError("written again")

    monkeypatch.setattr(files, "write_in", no_write)
    assert carrier.deliver("anna", b"mail") == name
    assert (place / name).stat().st_ino == before.st_ino


@pytest.mark.parametrize("damaged", [b"", b"ma", b"mailmail", b"mali"], ids=["empty", "half", "longer", "flipped"])
def test_half_a_copy_is_made_good(carrier: FolderCarrier, place: Path, damaged: bytes) -> None:
    name = carrier.deliver("anna", b"mail")
    (place / name).write_bytes(damaged)
    assert carrier.deliver("anna", b"mail") == name
    assert (place / name).read_bytes() == b"mail"


def test_a_sparse_file_under_its_name_is_replaced_unread(
    carrier: FolderCarrier, mailbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = mailbox / f"{sha256(b'mail').hexdigest()[:32]}.lpe"
    with file.open("wb") as huge:
        huge.truncate(1 << 40)
    sync = durable.sync

    def no_huge_sync(synced: int) -> None:
        assert os.fstat(synced).st_size < 1 << 40
        sync(synced)

    monkeypatch.setattr(durable, "sync", no_huge_sync)
    carrier.deliver("anna", b"mail")
    assert file.read_bytes() == b"mail"


def test_readme_written_by_another_hand_meanwhile(carrier: FolderCarrier, mailbox: Path) -> None:
    readme = mailbox.parent / "README.txt"
    readme.write_bytes(b"the other hand's")
    stat_of = os.stat

    def too_early(path: str, *, dir_fd: int | None = None, follow_symlinks: bool = True) -> os.stat_result:
        if path == "README.txt":
            raise FileNotFoundError(errno.ENOENT, "not yet")
        return stat_of(path, dir_fd=dir_fd, follow_symlinks=follow_symlinks)

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(os, "stat", too_early)
        carrier.deliver("anna", b"mail")
    assert readme.read_bytes() == b"the other hand's"
    assert leftovers(mailbox.parent) == []


def test_a_link_under_its_name_is_replaced_not_followed(carrier: FolderCarrier, mailbox: Path, outside: Path) -> None:
    file = mailbox / f"{sha256(b'mail').hexdigest()[:32]}.lpe"
    copy = outside / "copy"
    copy.write_bytes(b"mail")
    file.symlink_to(copy)
    carrier.deliver("anna", b"mail")
    assert not file.is_symlink()
    assert file.read_bytes() == b"mail"
    file.unlink()
    file.symlink_to(outside / "secret.lpe")
    carrier.deliver("anna", b"mail")
    assert (outside / "secret.lpe").read_bytes() == SECRET


def test_a_fifo_under_its_name_is_replaced(carrier: FolderCarrier, mailbox: Path) -> None:
    file = mailbox / f"{sha256(b'mail').hexdigest()[:32]}.lpe"
    os.mkfifo(file)
    carrier.deliver("anna", b"mail")
    assert file.read_bytes() == b"mail"


def test_a_folder_under_its_name_is_told(carrier: FolderCarrier, mailbox: Path) -> None:
    (mailbox / f"{sha256(b'mail').hexdigest()[:32]}.lpe").mkdir()
    with pytest.raises(PlaceError, match="a folder stands where a file belongs"):
        carrier.deliver("anna", b"mail")
    assert leftovers(mailbox) == []


# --- hostile things in a mailbox --------------------------------------------------------------------------------


def test_link_to_a_file(carrier: FolderCarrier, mailbox: Path, outside: Path) -> None:
    (mailbox / "0.lpe").symlink_to("/etc/passwd")
    assert isinstance(only_bad(carrier, "0.lpe"), NotOurs)
    (mailbox / "0.lpe").unlink()
    (mailbox / "0.lpe").symlink_to(outside / "secret.lpe")
    assert "a link" in only_bad(carrier, "0.lpe").what


def test_link_put_there_after_the_look(carrier: FolderCarrier, mailbox: Path, outside: Path) -> None:
    bad = mailbox / "0.lpe"
    bad.write_bytes(b"innocent")
    looked = os.stat

    def look_and_swap(path: str, *, dir_fd: int | None = None, follow_symlinks: bool = True) -> os.stat_result:
        info = looked(path, dir_fd=dir_fd, follow_symlinks=follow_symlinks)
        if path == "0.lpe":
            bad.unlink()
            bad.symlink_to(outside / "secret.lpe")
        return info

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(os, "stat", look_and_swap)
        item = next(carrier.collect("anna"))
    assert bad.is_symlink()
    assert isinstance(item, Unreadable)


def test_fifo_put_there_after_the_look(carrier: FolderCarrier, mailbox: Path) -> None:
    bad, plain = mailbox / "0.lpe", Path(__file__).stat()
    os.mkfifo(bad)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(os, "stat", lambda *args, **kwargs: plain)
        item = next(carrier.collect("anna"))
    assert isinstance(item, Unreadable)
    assert isinstance(item.error, NotOurs)


def test_fifo_does_not_block(carrier: FolderCarrier, mailbox: Path) -> None:
    os.mkfifo(mailbox / "0.lpe")
    assert "a pipe" in only_bad(carrier, "0.lpe").what


def test_socket(carrier: FolderCarrier, mailbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(mailbox)  # a socket's path is short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("0.lpe")
        assert "a socket" in only_bad(carrier, "0.lpe").what


def test_folder_named_like_a_parcel(carrier: FolderCarrier, mailbox: Path) -> None:
    (mailbox / "x.lpe").mkdir()
    (mailbox / "x.lpe" / "inner.lpe").write_bytes(b"not seen")
    assert "a folder" in only_bad(carrier, "x.lpe").what


def test_device(carrier: FolderCarrier, mailbox: Path) -> None:
    try:
        os.mknod(mailbox / "0.lpe", 0o600 | stat.S_IFCHR, os.makedev(1, 5))  # /dev/zero
    except PermissionError:
        pytest.skip("only root makes devices")
    assert "a device" in only_bad(carrier, "0.lpe").what


def test_sparse_tebibyte_is_refused_unread(
    carrier: FolderCarrier, mailbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (mailbox / "0.lpe").open("wb") as huge:
        huge.truncate(1 << 40)

    def no_read(file: int, size: int) -> bytes:
        raise AssertionError("read")

    monkeypatch.setattr(os, "read", no_read)
    item = next(carrier.collect("anna"))
    assert isinstance(item, Unreadable)
    assert isinstance(item.error, OverLimit)


def test_one_byte_over_the_limit(carrier: FolderCarrier, mailbox: Path) -> None:
    (mailbox / "0.lpe").write_bytes(b"x" * (LIMIT + 1))
    assert isinstance(only_bad(carrier, "0.lpe"), OverLimit)
    (mailbox / "0.lpe").write_bytes(b"x" * LIMIT)
    assert collected(carrier)["0.lpe"] == b"x" * LIMIT


def test_file_that_grows_while_it_is_read(
    carrier: FolderCarrier, mailbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mailbox / "0.lpe").write_bytes(b"x")
    asked = 0
    read = os.read

    def growing(file: int, size: int) -> bytes:
        nonlocal asked
        asked += size
        with (mailbox / "0.lpe").open("ab") as more:
            more.write(b"x" * size)
        return read(file, size)

    monkeypatch.setattr(os, "read", growing)
    item = next(carrier.collect("anna"))
    assert isinstance(item, Unreadable)
    assert isinstance(item.error, OverLimit)
    assert asked == LIMIT + 1


def test_names_that_trouble_windows(carrier: FolderCarrier, mailbox: Path) -> None:
    for name in ("CON.lpe", "nul.lpe", "aux.txt.lpe", "a b.lpe", "-rf.lpe"):
        (mailbox / name).write_bytes(name.encode())
    assert collected(carrier) == {name: name.encode() for name in sorted(os.listdir(mailbox))}
    for item in carrier.collect("anna"):
        carrier.finish(item.name)
    assert os.listdir(mailbox) == []


def test_only_names_with_the_ending_count(carrier: FolderCarrier, mailbox: Path) -> None:
    for name in ("X.LPE", "x.Lpe", "x.lpe.txt", "lpe", ".lpe", ".hidden.lpe", "._x.lpe", "x.lpe~", "x.lpe ", "README"):
        (mailbox / name).write_bytes(b"not mail")
    assert collected(carrier) == {}


def test_a_parcel_that_lost_its_long_name_is_found(carrier: FolderCarrier, mailbox: Path) -> None:
    for name in ("351E75~1.LPE", "351E75~1.TXT", "HOLIDA~1.LPE"):
        (mailbox / name).write_bytes(b"mail")
    assert collected(carrier) == {"351E75~1.LPE": b"mail"}
    carrier.finish("ledgerpost/anna/351E75~1.LPE")
    assert collected(carrier) == {}


@pytest.mark.parametrize(
    ("raw_name", "name"),
    [
        (b"\xff\xfe.lpe", "%FF%FE.lpe"),
        (b"\x1b[2J\n.lpe", "%1B[2J%0A.lpe"),
        ("\u202eevil.lpe".encode(), "%E2%80%AEevil.lpe"),
        (b"%41%2F.lpe", "%2541%252F.lpe"),
        ("brüder.lpe".encode(), "brüder.lpe"),
    ],
    ids=["stray-bytes", "control", "bidi", "percent", "umlaut"],
)
def test_odd_names_print_and_lead_back(carrier: FolderCarrier, mailbox: Path, raw_name: bytes, name: str) -> None:
    path = os.path.join(os.fsencode(mailbox), raw_name)
    for done in (carrier.finish, lambda name: carrier.set_aside(name, "bad")):
        try:
            Path(os.fsdecode(path)).write_bytes(b"odd")
        except OSError:
            pytest.skip("this file system takes no such name")
        (parcel,) = carrier.collect("anna")
        assert parcel == Parcel(f"ledgerpost/anna/{name}", b"odd")
        assert parcel.name.isprintable()
        done(parcel.name)
        assert not os.path.lexists(path)
    aside = os.path.join(os.fsencode(mailbox), b"set-aside", raw_name)
    assert Path(os.fsdecode(aside)).read_bytes() == b"odd"


def test_a_name_that_leads_nowhere_is_told(
    carrier: FolderCarrier, mailbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAT mounted in another encoding lists names that it does not find."""
    (mailbox / "_.lpe").write_bytes(b"listed")
    looked = os.stat

    def lost(path: str, *, dir_fd: int | None = None, follow_symlinks: bool = True) -> os.stat_result:
        if path == "_.lpe":
            raise FileNotFoundError(errno.ENOENT, "No such file or directory")
        return looked(path, dir_fd=dir_fd, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(os, "stat", lost)
    error = only_bad(carrier, "_.lpe")
    assert isinstance(error, PlaceError)
    assert "not found under its name" in error.what


def test_unreadable_odd_name_prints(carrier: FolderCarrier, mailbox: Path) -> None:
    (mailbox / "a\x1b[2J.lpe").mkdir()
    assert str(only_bad(carrier, "a%1B[2J.lpe")).isprintable()


def test_unreadable_file(carrier: FolderCarrier, mailbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read everything, so the system's answer is played."""
    (mailbox / "0.lpe").write_bytes(b"locked")
    opened = os.open

    def refuse(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if path == "0.lpe":
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", refuse)
    error = only_bad(carrier, "0.lpe")
    assert isinstance(error, PlaceError)
    assert "no permission" in error.what


def test_parcels_are_read_one_at_a_time(mailbox: Path, place: Path) -> None:
    size = 1 << 20
    for n in range(12):
        (mailbox / f"{n:02}.lpe").write_bytes(b"x" * size)
    tracemalloc.start()
    try:
        for parcel in FolderCarrier(place, size).collect("anna"):
            assert isinstance(parcel, Parcel)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3.5 * size  # the consumer's last one, the next one, and room to read it


def test_a_crowd_is_taken_in_turns(carrier: FolderCarrier, mailbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "MOST_PARCELS", 7)
    for n in range(20):
        (mailbox / f"{n:02}.lpe").write_bytes(b"%d" % n)
    seen: list[str] = []
    for turn in (7, 7, 6, 0):
        names = [item.name for item in carrier.collect("anna")]
        assert len(names) == turn
        seen += names
        for name in names:
            carrier.finish(name)
    assert seen == [f"ledgerpost/anna/{n:02}.lpe" for n in range(20)]


def test_a_crowd_is_read_slice_by_slice(carrier: FolderCarrier, mailbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each once and in order, though the names are never all in memory and files go while they are read."""
    monkeypatch.setattr(folder, "SLICE", 3)
    monkeypatch.setattr(folder, "MOST_PARCELS", 17)
    for n in range(20):
        (mailbox / f"{n:02}.lpe").write_bytes(b"%d" % n)
    seen: list[str] = []
    for item in carrier.collect("anna"):
        assert isinstance(item, Parcel)
        seen.append(item.name)
        carrier.finish(item.name)
    assert seen == [f"ledgerpost/anna/{n:02}.lpe" for n in range(17)]
    assert [item.name for item in carrier.collect("anna")] == [f"ledgerpost/anna/{n}.lpe" for n in (17, 18, 19)]


# --- hostile folders ------------------------------------------------------------------------------------------


def refuses_the_link(carrier: FolderCarrier, outside: Path) -> None:
    tries: list[Callable[[], object]] = [
        lambda: list(carrier.collect("anna")),
        lambda: carrier.deliver("anna", b"mail"),
        lambda: carrier.finish("ledgerpost/anna/secret.lpe"),
        lambda: carrier.set_aside("ledgerpost/anna/secret.lpe", "bad"),
    ]
    for attempt in tries:
        with pytest.raises(PlaceError, match="a link or a file stands where a folder belongs"):
            attempt()
    assert {path.name: path.is_dir() or path.read_bytes() for path in outside.iterdir()} == {"secret.lpe": SECRET}


def test_link_for_a_mailbox(carrier: FolderCarrier, place: Path, outside: Path) -> None:
    carrier.deliver("bert", b"for bert")
    (place / "ledgerpost" / "anna").symlink_to(outside)
    refuses_the_link(carrier, outside)
    assert collected(carrier, "bert") != {}
    assert list(carrier.mailboxes()) == ["bert"]


def test_link_for_the_tree(carrier: FolderCarrier, place: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "anna").mkdir(parents=True)
    (tree / "anna" / "secret.lpe").write_bytes(SECRET)
    (place / "ledgerpost").symlink_to(tree)
    refuses_the_link(carrier, tree / "anna")
    with pytest.raises(PlaceError):
        list(carrier.mailboxes())


def test_link_for_set_aside(carrier: FolderCarrier, mailbox: Path, outside: Path) -> None:
    (mailbox / "set-aside").symlink_to(outside)
    (mailbox / "bad.lpe").write_bytes(b"bad")
    with pytest.raises(PlaceError, match="a link or a file stands"):
        carrier.set_aside("ledgerpost/anna/bad.lpe", "bad")
    assert os.listdir(outside) == ["secret.lpe"]
    assert (mailbox / "bad.lpe").read_bytes() == b"bad"


def test_the_place_itself_may_be_a_link(place: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(place)
    name = FolderCarrier(tmp_path / "link", LIMIT).deliver("anna", b"mail")
    assert (place / name).read_bytes() == b"mail"


def test_a_mailbox_swapped_while_collecting(carrier: FolderCarrier, mailbox: Path, tmp_path: Path) -> None:
    for n in range(3):
        (mailbox / f"{n}.lpe").write_bytes(b"mail")
    parcels = carrier.collect("anna")
    assert next(parcels) == Parcel("ledgerpost/anna/0.lpe", b"mail")
    mailbox.rename(tmp_path / "away")
    other = tmp_path / "other"
    other.mkdir()
    for n in range(3):
        (other / f"{n}.lpe").write_bytes(SECRET)
    mailbox.symlink_to(other)
    assert [item.raw for item in parcels if isinstance(item, Parcel)] == [b"mail", b"mail"]


def test_what_looks_like_a_mailbox(carrier: FolderCarrier, place: Path) -> None:
    tree = place / "ledgerpost"
    for name in ("anna", "con", "0", "Bert", "a.b", ".hidden", "set-aside", "a" * 65, "ä"):
        (tree / name).mkdir(parents=True)
    (tree / "file").write_bytes(b"")
    assert list(carrier.mailboxes()) == ["0", "anna", "con"]


def test_mailboxes_are_bounded(carrier: FolderCarrier, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "MOST_MAILBOXES", 3)
    for n in range(9):
        (place / "ledgerpost" / f"{n}").mkdir(parents=True)
    assert list(carrier.mailboxes()) == ["0", "1", "2"]


@pytest.mark.parametrize(
    "name",
    [
        "../outside/secret.lpe",
        "ledgerpost/../secret.lpe",
        "ledgerpost/anna/../secret.lpe",
        "ledgerpost/anna/../../../outside/secret.lpe",
        "ledgerpost/anna/%2E%2E%2Fsecret.lpe",
        "ledgerpost/anna%2F..%2Fsecret.lpe",
        "/etc/passwd",
        "/ledgerpost/anna/x.lpe",
        "//anna/x.lpe",
        "ledgerpost/anna",
        "ledgerpost/anna/",
        "ledgerpost/anna/..",
        "ledgerpost/anna/.x.lpe",
        "ledgerpost/anna/x.txt",
        "ledgerpost/ANNA/x.lpe",
        "ledgerpost/anna/set-aside/x.lpe",
        "ledgerpost/README.txt",
        "ledgerpost/anna/x%00.lpe",
        "ledgerpost/anna/\udcff.lpe",
        "other/anna/x.lpe",
        "x.lpe",
        "",
    ],
)
def test_names_with_path_tricks(carrier: FolderCarrier, mailbox: Path, outside: Path, name: str) -> None:
    with pytest.raises(ValueError):
        carrier.finish(name)
    with pytest.raises(ValueError):
        carrier.set_aside(name, "bad")
    assert os.listdir(mailbox) == []
    assert (outside / "secret.lpe").read_bytes() == SECRET


# --- set aside ------------------------------------------------------------------------------------------------


def test_set_aside_keeps_the_file_and_its_reason(carrier: FolderCarrier, place: Path) -> None:
    bad = carrier.deliver("anna", b"bad")
    aside = carrier.set_aside(bad, "torn\x1b[2J in\ntwo \u202e\udcff" + "x" * 10_000)
    assert aside == bad.replace("anna/", "anna/set-aside/")
    assert (place / aside).read_bytes() == b"bad"
    lines = (place / f"{aside}.txt").read_text(encoding="utf-8").split("\n")
    assert lines[0] == bad
    assert lines[1].startswith("torn [2J in two   xxx")
    assert len(lines[1]) == 1000
    assert lines[2:] == [""]
    assert not (place / bad).exists()


def test_set_aside_overwrites_nothing(carrier: FolderCarrier, mailbox: Path) -> None:
    aside = mailbox / "set-aside"
    for n in range(3):
        (mailbox / "bad.lpe").write_bytes(b"%d" % n)
        carrier.set_aside("ledgerpost/anna/bad.lpe", f"reason {n}")
    found = {path.read_bytes(): Path(f"{path}.txt").read_text().split("\n")[1] for path in aside.glob("*.lpe")}
    assert found == {b"0": "reason 0", b"1": "reason 1", b"2": "reason 2"}
    assert len(os.listdir(aside)) == 6


def test_set_aside_does_not_take_a_reason_for_its_own(carrier: FolderCarrier, mailbox: Path) -> None:
    aside = mailbox / "set-aside"
    aside.mkdir()
    (aside / "bad.lpe.txt").write_text("of another")
    (mailbox / "bad.lpe").write_bytes(b"bad")
    carrier.set_aside("ledgerpost/anna/bad.lpe", "my own")
    assert (aside / "bad.lpe.txt").read_text() == "of another"
    assert not (aside / "bad.lpe").exists()
    (moved,) = aside.glob("bad-*.lpe")
    assert moved.read_bytes() == b"bad"


def make_link(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def make_link_to_folder(path: Path) -> None:
    path.symlink_to("/etc")


def make_full_folder(path: Path) -> None:
    path.mkdir()
    (path / "inner").write_bytes(b"inner")


@pytest.mark.parametrize("make", [make_link, make_link_to_folder, os.mkfifo, Path.mkdir, make_full_folder])
@pytest.mark.parametrize("taken", [False, True])
def test_set_aside_moves_the_thing_itself(
    carrier: FolderCarrier, mailbox: Path, make: Callable[[Path], None], taken: bool
) -> None:
    if taken:
        (mailbox / "set-aside").mkdir()
        (mailbox / "set-aside" / "bad.lpe").write_bytes(b"an older one")
    make(mailbox / "bad.lpe")
    kind = stat.S_IFMT((mailbox / "bad.lpe").lstat().st_mode)
    (item,) = carrier.collect("anna")
    aside = carrier.place / carrier.set_aside(item.name, "no parcel")
    assert stat.S_IFMT(aside.lstat().st_mode) == kind
    assert collected(carrier) == {}
    if taken:
        assert (mailbox / "set-aside" / "bad.lpe").read_bytes() == b"an older one"


def test_set_aside_cuts_a_long_name(carrier: FolderCarrier, mailbox: Path) -> None:
    name = "ä" * 120 + "x" * 11 + ".lpe"  # 255 bytes: with ".txt" behind it no file system would take it
    (mailbox / name).write_bytes(b"bad")
    aside = carrier.place / carrier.set_aside(f"ledgerpost/anna/{name}", "bad")
    assert aside.name.startswith("ä" * 40 + "-")
    assert aside.read_bytes() == b"bad"
    assert name in Path(f"{aside}.txt").read_text(encoding="utf-8")


def test_set_aside_that_fails_leaves_all_as_it_was(
    carrier: FolderCarrier, mailbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mailbox / "bad.lpe").write_bytes(b"bad")
    replace = os.replace

    def full(source: str, target: str, **folders: int) -> None:
        if source == "bad.lpe":
            raise OSError(errno.ENOSPC, "No space left on device")
        replace(source, target, **folders)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(PlaceError, match="no space is left"):
        carrier.set_aside("ledgerpost/anna/bad.lpe", "bad")
    assert os.listdir(mailbox / "set-aside") == []
    assert (mailbox / "bad.lpe").read_bytes() == b"bad"


# --- what broken runs leave -------------------------------------------------------------------------------------


def test_leftovers_of_broken_runs(carrier: FolderCarrier, mailbox: Path, outside: Path) -> None:
    """What nobody holds is cleared, however young; what is still written, or looks like it, is not touched."""
    names = {
        "left": f".{'a' * 16}.part",
        "held": f".{'b' * 16}.part",
        "foreign": ".song.mp3.part",
        "folder": f".{'c' * 16}.part",
        "link": f".{'d' * 16}.part",
        "pipe": f".{'e' * 16}.part",
    }
    for kind in ("left", "held", "foreign"):
        (mailbox / names[kind]).write_bytes(b"half")
    (mailbox / names["folder"]).mkdir()
    (mailbox / names["link"]).symlink_to(outside / "secret.lpe")
    os.mkfifo(mailbox / names["pipe"])
    with (mailbox / names["held"]).open("ab") as writing:
        parts.hold(writing.fileno())
        assert collected(carrier) == {}
        assert sorted(os.listdir(mailbox)) == sorted(name for kind, name in names.items() if kind != "left")
    assert (outside / "secret.lpe").exists()
    assert collected(carrier) == {}
    assert not (mailbox / names["held"]).exists()


def test_leftovers_are_cleared_wherever_one_writes(carrier: FolderCarrier, mailbox: Path) -> None:
    aside = mailbox / "set-aside"
    aside.mkdir()
    for place in (mailbox.parent, mailbox, aside):
        (place / f".{'a' * 16}.part").write_bytes(b"half")
    carrier.set_aside(carrier.deliver("anna", b"bad"), "bad")
    assert leftovers(mailbox.parent) == []


def test_a_part_that_another_computer_cleared_is_written_again(
    carrier: FolderCarrier, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync, cleared = durable.sync, 0

    def clearing(file: int) -> None:
        nonlocal cleared
        sync(file)
        for left in leftovers(place)[: 1 - cleared]:
            left.unlink()
            cleared += 1

    monkeypatch.setattr(durable, "sync", clearing)
    name = carrier.deliver("anna", b"mail")
    assert cleared == 1
    assert (place / name).read_bytes() == b"mail"


def test_a_readme_that_was_cut_off_is_made_good(carrier: FolderCarrier, mailbox: Path) -> None:
    readme = mailbox.parent / "README.txt"
    name = carrier.deliver("anna", b"mail")
    whole = readme.read_bytes()
    for cut in (readme.unlink, lambda: readme.write_bytes(b""), lambda: readme.write_bytes(bytes(735))):
        cut()
        assert carrier.deliver("anna", b"mail") == name  # there already: only the word for the finder is missing
        assert readme.read_bytes() == whole


def test_what_is_still_written_is_left_for_later(carrier: FolderCarrier, mailbox: Path) -> None:
    (mailbox / "0.lpe").write_bytes(b"half of it")
    with (mailbox / "0.lpe").open("ab") as writing:
        parts.hold(writing.fileno())
        error = only_bad(carrier, "0.lpe")
    assert isinstance(error, PlaceError)
    assert "still being written" in error.what
    assert collected(carrier)["0.lpe"] == b"half of it"


def test_set_aside_goes_on_where_it_was_cut_off(carrier: FolderCarrier, mailbox: Path) -> None:
    """The reason was written, or only its name; the thing was not moved yet."""
    (mailbox / "bad.lpe").write_bytes(b"bad")
    aside = carrier.place / carrier.set_aside("ledgerpost/anna/bad.lpe", "bad")
    note = Path(f"{aside}.txt")
    reason = note.read_bytes()
    for written in (reason, b"", bytes(len(reason))):
        aside.rename(mailbox / "bad.lpe")
        note.write_bytes(written)
        assert carrier.place / carrier.set_aside("ledgerpost/anna/bad.lpe", "bad") == aside
        assert (aside.read_bytes(), note.read_bytes()) == (b"bad", reason)
        assert sorted(os.listdir(mailbox / "set-aside")) == ["bad.lpe", "bad.lpe.txt"]


def test_set_aside_on_fat_goes_on_where_its_copy_was_cut_off(
    carrier: FolderCarrier, mailbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable, "is_flat", lambda folder: True)
    for cut in (b"bad", b"", b"\0\0\0"):  # all of it, and only the removal was missing; less
        (mailbox / "bad.lpe").write_bytes(b"bad")
        aside = carrier.place / carrier.set_aside("ledgerpost/anna/bad.lpe", "bad")
        assert aside.read_bytes() == b"bad"
        assert sorted(os.listdir(mailbox / "set-aside")) == ["bad.lpe", "bad.lpe.txt"]
        aside.write_bytes(cut)


# --- dying disks ----------------------------------------------------------------------------------------------

FAULTS = [
    (errno.ENOSPC, "no space is left"),
    (errno.EDQUOT, "no space is left"),
    (errno.EROFS, "read-only"),
    (errno.EIO, "failing or pulled out"),
    (errno.ENODEV, "pulled out"),
    (errno.EACCES, "no permission"),
    (errno.EINVAL, "cannot be used"),
]


class Failing:
    """Makes the Nth call that touches the disk fail, whichever it is."""

    CALLS = ("open", "mkdir", "fsync", "replace", "link", "stat", "fstat", "read")

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
def test_every_call_of_deliver_may_fail(tmp_path: Path, number: int, words: str) -> None:
    for nth in range(1, 100):
        place = tmp_path / f"{number}-{nth}"
        place.mkdir()
        carrier = FolderCarrier(place, LIMIT)
        with pytest.MonkeyPatch.context() as monkeypatch:
            failing = Failing(monkeypatch, nth, number)
            try:
                carrier.deliver("anna", b"mail")
            except PlaceError as error:
                assert words in error.what
                assert error.where.startswith(str(place))
                assert error.do
        assert [path.read_bytes() for path in place.rglob("*.lpe")] in ([], [b"mail"])
        assert leftovers(place) == []
        name = carrier.deliver("anna", b"mail")  # the same command again
        assert collected(carrier) == {name.rpartition("/")[2]: b"mail"}
        if failing.left > 0:
            break
    assert 15 < nth < 99  # it did fail that often, and came to an end


@pytest.mark.parametrize(("number", "words"), FAULTS)
def test_every_call_of_set_aside_may_fail(tmp_path: Path, number: int, words: str) -> None:
    for nth in range(1, 100):
        place = tmp_path / f"{number}-{nth}"
        place.mkdir()
        carrier = FolderCarrier(place, LIMIT)
        name = carrier.deliver("anna", b"bad")
        with pytest.MonkeyPatch.context() as monkeypatch:
            failing = Failing(monkeypatch, nth, number)
            try:
                carrier.set_aside(name, "bad")
            except PlaceError as error:
                assert words in error.what
                assert error.where.startswith(str(place))
        bad = [path for path in place.rglob("*.lpe") if path.read_bytes() == b"bad"]
        assert len(bad) == 1  # never lost, never doubled
        assert bad[0].parent.name == "anna" or Path(f"{bad[0]}.txt").exists()
        if failing.left > 0:
            break
    assert 15 < nth < 99


def test_a_file_that_cannot_be_synced_is_no_success(carrier: FolderCarrier, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders that sync nothing are put up with (FUSE, network); files are not."""
    fsync = os.fsync

    def picky(file: int) -> None:
        if stat.S_ISDIR(os.fstat(file).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        fsync(file)

    monkeypatch.setattr(durable, "_FULL_SYNC", None)
    monkeypatch.setattr(os, "fsync", picky)
    carrier.deliver("anna", b"mail")

    def never(file: int) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(os, "fsync", never)
    with pytest.raises(PlaceError):
        carrier.deliver("anna", b"other")


def test_synced_in_order(carrier: FolderCarrier, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    carrier.deliver("anna", b"first")
    log: list[str] = []
    sync, replace, unlink = durable.sync, os.replace, os.unlink

    def logged_sync(file: int) -> None:
        log.append("sync folder" if stat.S_ISDIR(os.fstat(file).st_mode) else "sync file")
        sync(file)

    def logged_replace(source: str, target: str, *, src_dir_fd: int, dst_dir_fd: int) -> None:
        log.append("rename")
        replace(source, target, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)

    def logged_unlink(path: str, *, dir_fd: int | None = None) -> None:
        if not path.endswith(parts.PART):
            log.append("remove")
        unlink(path, dir_fd=dir_fd)

    monkeypatch.setattr(durable, "sync", logged_sync)
    monkeypatch.setattr(os, "replace", logged_replace)
    monkeypatch.setattr(os, "unlink", logged_unlink)
    name = carrier.deliver("anna", b"mail")
    assert log[:3] == ["sync file", "rename", "sync folder"]
    log.clear()
    carrier.deliver("anna", b"mail")  # there already, perhaps only just: durable all the same
    assert log == ["sync file", "sync folder"]
    log.clear()
    carrier.finish(name)
    assert log == ["remove", "sync folder"]


def test_folders_are_synced_when_made_and_when_emptied(
    carrier: FolderCarrier, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log: list[tuple[str, int]] = []
    sync, replace, mkdir = durable.sync, os.replace, os.mkdir

    def logged_sync(file: int) -> None:
        log.append(("sync", os.fstat(file).st_ino))
        sync(file)

    def logged_replace(source: str, target: str, *, src_dir_fd: int, dst_dir_fd: int) -> None:
        log.append(("rename", os.fstat(dst_dir_fd).st_ino))
        replace(source, target, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)

    def logged_mkdir(path: str, mode: int = 0o777, *, dir_fd: int) -> None:
        log.append(("make", os.fstat(dir_fd).st_ino))
        mkdir(path, mode, dir_fd=dir_fd)

    monkeypatch.setattr(durable, "sync", logged_sync)
    monkeypatch.setattr(os, "replace", logged_replace)
    monkeypatch.setattr(os, "mkdir", logged_mkdir)
    name = carrier.deliver("anna", b"mail")
    top, tree, mailbox = (path.stat().st_ino for path in (place, place / "ledgerpost", place / "ledgerpost" / "anna"))
    assert log[:4] == [("make", top), ("sync", top), ("make", tree), ("sync", tree)]
    log.clear()
    carrier.set_aside(name, "bad")
    aside = (place / "ledgerpost" / "anna" / "set-aside").stat().st_ino
    assert log[:2] == [("make", mailbox), ("sync", mailbox)]
    assert log[-3:] == [("rename", aside), ("sync", aside), ("sync", mailbox)]


@pytest.mark.skipif(not hasattr(os, "posix_fadvise"), reason="a cache cannot be dropped here")
def test_the_medium_is_asked_and_not_the_cache(carrier: FolderCarrier, monkeypatch: pytest.MonkeyPatch) -> None:
    log: list[str] = []
    read = os.read

    def logged_read(file: int, size: int) -> bytes:
        log.append("read")
        return read(file, size)

    def logged_drop(file: int, start: int, length: int, advice: int) -> None:
        assert (start, length, advice) == (0, 0, os.POSIX_FADV_DONTNEED)
        log.append("drop")

    monkeypatch.setattr(os, "read", logged_read)
    monkeypatch.setattr(os, "posix_fadvise", logged_drop)
    carrier.deliver("anna", b"mail")
    assert log[:2] == ["drop", "read"]


def test_a_stick_that_keeps_something_else(carrier: FolderCarrier, monkeypatch: pytest.MonkeyPatch) -> None:
    replace = os.replace

    def corrupting(source: str, target: str, *, src_dir_fd: int, dst_dir_fd: int) -> None:
        replace(source, target, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)
        file = os.open(target, os.O_WRONLY, dir_fd=dst_dir_fd)
        os.write(file, b"\0")
        os.close(file)

    monkeypatch.setattr(os, "replace", corrupting)
    with pytest.raises(PlaceError, match="does not give back what was written") as caught:
        carrier.deliver("anna", b"mail")
    assert caught.value.where.endswith(".lpe")


@pytest.fixture
def small_stick(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB. Only root may mount one; others have the played faults above."""
    point = tmp_path / "mounted"
    point.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(point)]
    if not is_root or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a file system cannot be mounted here")
    yield point
    subprocess.run(["umount", str(point)], check=True)


def test_a_stick_that_gets_full(small_stick: Path) -> None:
    carrier = FolderCarrier(small_stick, LIMIT)
    delivered: dict[str, bytes] = {}
    with pytest.raises(PlaceError, match="no space is left") as caught:
        for n in range(100):
            raw = bytes([n]) * LIMIT
            delivered[carrier.deliver("anna", raw)] = raw
    assert caught.value.where.startswith(str(small_stick))
    assert "free some space" in caught.value.do
    assert len(delivered) > 3
    assert {item.name: item.raw for item in carrier.collect("anna") if isinstance(item, Parcel)} == delivered
    assert leftovers(small_stick) == []
    with pytest.raises(OSError, match="No space"), (small_stick / "rest").open("wb", buffering=0) as rest:
        while True:
            rest.write(b"x" * 512)
    with pytest.raises(PlaceError, match="no space is left"):
        carrier.set_aside(min(delivered), "bad")
    assert (small_stick / min(delivered)).read_bytes() == delivered[min(delivered)]
    for name in delivered:
        carrier.finish(name)
    carrier.deliver("anna", b"x" * LIMIT)


def test_a_read_only_stick(small_stick: Path) -> None:
    carrier = FolderCarrier(small_stick, LIMIT)
    name = carrier.deliver("anna", b"mail")
    part = small_stick / "ledgerpost" / "anna" / f".{'a' * 16}.part"
    part.write_bytes(b"half")
    os.utime(part, (0, 0))
    subprocess.run(["mount", "-o", "remount,ro", str(small_stick)], check=True)
    assert list(carrier.collect("anna")) == [Parcel(name, b"mail")]
    assert carrier.deliver("anna", b"mail") == name
    tries: list[Callable[[], object]] = [
        lambda: carrier.deliver("anna", b"other"),
        lambda: carrier.deliver("bert", b"mail"),
        lambda: carrier.finish(name),
        lambda: carrier.set_aside(name, "bad"),
    ]
    for attempt in tries:
        with pytest.raises(PlaceError, match="read-only") as caught:
            attempt()
        assert caught.value.where.startswith(str(small_stick))


AS_NOBODY = """
import os, sys
from pathlib import Path
from ledgerpost.carriers.folder import FolderCarrier
from ledgerpost.errors import PlaceError
if os.geteuid() == 0:
    os.setgid(65534); os.setuid(65534)
carrier = FolderCarrier(Path("."), 5000)  # the working folder, since its parents may be closed
for attempt in (lambda: carrier.deliver("anna", b"other"), lambda: carrier.finish(sys.argv[1])):
    try:
        attempt()
    except PlaceError as error:
        print(error.what, error.where)
print([item.raw for item in carrier.collect("anna")])
"""

LARGEST = """
import resource, sys
from pathlib import Path
from ledgerpost.carriers.folder import FolderCarrier
from ledgerpost.errors import PlaceError
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
carrier = FolderCarrier(Path("."), 5000)
carrier.deliver("anna", b"x" * 100)
try:
    carrier.deliver("anna", b"x" * 4500)
except PlaceError as error:
    print(error.what, error.where)
print([len(item.raw) for item in carrier.collect("anna")])
"""


def in_a_child(program: str, place: Path, *arguments: str) -> str:
    source = Path(files.__file__).parents[2]
    result = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_a_place_of_somebody_else(carrier: FolderCarrier, place: Path) -> None:
    before = os.umask(0o022)
    try:
        name = FolderCarrier(place, LIMIT, mode=0o644).deliver("anna", b"mail")
    finally:
        os.umask(before)
    for path in (place / "ledgerpost", place / "ledgerpost" / "anna"):
        path.chmod(0o555)
    place.chmod(0o755)
    said = in_a_child(AS_NOBODY, place, name).splitlines()
    assert said[0] == f"no permission ledgerpost/anna/{sha256(b'other').hexdigest()[:32]}.lpe"
    assert said[1] == f"no permission {name}"
    assert said[2] == "[b'mail']"
    for path in (place / "ledgerpost", place / "ledgerpost" / "anna"):
        path.chmod(0o755)


def test_a_place_that_takes_no_large_files(place: Path) -> None:
    said = in_a_child(LARGEST, place).splitlines()
    assert said[0].startswith("the place takes no file of this size ledgerpost/anna/")
    assert said[1] == "[100]"
    assert leftovers(place) == []


# --- the primitives, for key files and exports ------------------------------------------------------------------


def test_write_new(tmp_path: Path) -> None:
    path = tmp_path / "key"
    before = os.umask(0)
    try:
        files.write_new(path, b"secret")
        files.write_new(tmp_path / "open", b"picture", 0o644)
    finally:
        os.umask(before)
    assert path.read_bytes() == b"secret"
    assert (modes(path), modes(tmp_path / "open")) == (0o600, 0o644)
    assert path.stat().st_nlink == 1
    assert sorted(os.listdir(tmp_path)) == ["key", "open"]


@pytest.mark.parametrize("links", [True, False], ids=["with hard links", "as on FAT"])
def test_write_new_overwrites_only_when_told(tmp_path: Path, links: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_link(*args: object, **kwargs: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    if not links:
        monkeypatch.setattr(os, "link", no_link)
    path = tmp_path / "key"
    files.write_new(path, b"first")
    with pytest.raises(PlaceError, match="there is one already") as caught:
        files.write_new(path, b"second")
    assert caught.value.where == str(path)
    assert path.read_bytes() == b"first"
    files.write_new(path, b"second", overwrite=True)
    assert path.read_bytes() == b"second"
    assert os.listdir(tmp_path) == ["key"]


def test_write_new_does_not_follow_a_link(tmp_path: Path, outside: Path) -> None:
    link = tmp_path / "key"
    link.symlink_to(outside / "secret.lpe")
    with pytest.raises(PlaceError, match="there is one already"):
        files.write_new(link, b"mine")
    files.write_new(link, b"mine", overwrite=True)
    assert (outside / "secret.lpe").read_bytes() == SECRET
    assert not link.is_symlink()


def test_write_new_without_its_folder(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        files.write_new(tmp_path / "gone" / "key", b"secret")
    assert caught.value.where == str(tmp_path / "gone")


def test_read_limited(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 200_000)
    assert files.read_limited(path, 200_000) == b"x" * 200_000
    with pytest.raises(OverLimit) as caught:
        files.read_limited(path, 199_999)
    assert caught.value.where == str(path)
    with pytest.raises(NotFound) as missing:
        files.read_limited(tmp_path / "gone", 10)
    assert missing.value.where == str(tmp_path / "gone")


def test_read_limited_follows_a_link_only_when_told(tmp_path: Path, outside: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(outside / "secret.lpe")
    with pytest.raises(NotOurs, match="a link"):
        files.read_limited(link, 100)
    assert files.read_limited(link, 100, follow=True) == SECRET
    link.unlink()
    link.symlink_to("/dev/zero")
    with pytest.raises(NotOurs, match="a device"):
        files.read_limited(link, 100, follow=True)


@pytest.mark.parametrize("follow", [False, True])
def test_read_limited_reads_plain_files_only(tmp_path: Path, follow: bool) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, words in ((tmp_path / "pipe", "a pipe"), (tmp_path, "a folder"), (Path("/dev/zero"), "a device")):
        with pytest.raises(BadBytes, match=words) as caught:
            files.read_limited(path, 100, follow=follow)
        assert caught.value.where == str(path)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="no file here that hides its size")
def test_read_limited_of_a_file_that_hides_its_size() -> None:
    path = Path("/proc/self/maps")
    assert path.stat().st_size == 0
    assert len(files.read_limited(path, 10_000_000)) > 100
    with pytest.raises(OverLimit):
        files.read_limited(path, 100)


def test_private_folder_is_made(tmp_path: Path) -> None:
    path = tmp_path / "share" / "ledgerpost"
    before = os.umask(0)
    try:
        files.ensure_private_folder(path)
        files.ensure_private_folder(path)
    finally:
        os.umask(before)
    assert modes(path) == 0o700


def test_private_folder_that_is_there(tmp_path: Path) -> None:
    path = tmp_path / "wallet"
    path.mkdir()
    path.chmod(0o755)
    files.ensure_private_folder(path)  # empty: nobody uses it
    assert modes(path) == 0o700
    (path / "key").write_bytes(b"")
    path.chmod(0o750)
    with pytest.raises(PlaceError, match="not yours alone") as caught:
        files.ensure_private_folder(path)
    assert modes(path) == 0o750
    assert caught.value.where == str(path)
    assert f"chmod 700 {path}" in caught.value.do


@pytest.mark.skipif(not is_root, reason="only root gives files away")
def test_private_folder_of_somebody_else(tmp_path: Path) -> None:
    path = tmp_path / "wallet"
    path.mkdir(0o700)
    os.chown(path, 65534, -1)
    with pytest.raises(PlaceError, match="not yours alone"):
        files.ensure_private_folder(path)


def test_private_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "wallet").write_bytes(b"")
    with pytest.raises(PlaceError, match="a link or a file stands where a folder belongs"):
        files.ensure_private_folder(tmp_path / "wallet")


@pytest.mark.parametrize("name", ["plain", "50%", "a%2Fb", "\x1b[2J", "\udcff\udcfe", "ä\u202e", "\u00a0", "\n"])
def test_shown_leads_back(name: str) -> None:
    assert faults.shown(name).isprintable()
    assert faults.unshown(faults.shown(name)) == name


@pytest.mark.parametrize("text", ["a\0b", "a%00b", "a\udcffb"])
def test_unshown_refuses_what_is_no_file_name(text: str) -> None:
    with pytest.raises(ValueError):
        faults.unshown(text)


def test_errors_print_whatever_the_name(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        files.read_limited(tmp_path / "\x1b[2J", 10)
    assert caught.value.where == f"{tmp_path}/%1B[2J"


def test_no_file_stays_open(carrier: FolderCarrier, mailbox: Path) -> None:
    (mailbox / "0.lpe").mkdir()
    (mailbox / "1.lpe").write_bytes(b"x" * (LIMIT + 1))

    def lowest_free() -> int:
        file = os.open("/dev/null", os.O_RDONLY)
        os.close(file)
        return file

    before = lowest_free()
    for n in range(20):
        name = carrier.deliver("anna", bytes([n]))
        list(carrier.collect("anna"))
        half = carrier.collect("anna")
        next(half)
        half.close()  # type: ignore[attr-defined]
        list(carrier.mailboxes())
        carrier.set_aside(name, "bad")
    assert lowest_free() == before
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > before
