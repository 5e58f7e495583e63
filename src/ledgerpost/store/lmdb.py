"""The store on this computer's disk: LMDB, one process at a time, every record checked at every read (T2, T3).

Judging happens between hold and commit, outside any write transaction; a commit is one synchronous write
transaction that first compares the held records. Knows bytes only: no paper, no rule, no clock.
"""

import errno
import os
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import lmdb
from filelock import FileLock, Timeout

from ledgerpost.errors import LedgerpostError, PlaceError, Stale, StoreBusy, StoreDamaged, StoreError
from ledgerpost.store import place
from ledgerpost.store.port import Changes, Key, fit, fit_all, fit_prefix
from ledgerpost.store.seal import Seal, named

MAP_SIZE: Final = 64 * 2**30
"""Bytes of address space for the map: sparse, the file grows as it is written."""

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_DISK: Final = frozenset({errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENODEV, errno.ESTALE})
_BENT: Final = (lmdb.CorruptedError, lmdb.PageNotFoundError, lmdb.InvalidError, lmdb.VersionMismatchError)


class LmdbStore:
    """The port on LMDB, in the folder ``path``; this process holds it until ``close``. May be shared by threads.

    ``check_key``: 16 to 64 bytes, see Seal. ``create``: make the store if there is none; one that is there is
    opened. ``map_size``: bytes; enlarged by itself when full.

    Raises NotFound: no store there. StoreBusy: held already, by another process or by this one.
    StoreDamaged: cut short, bent, a record that fails its check, or sealed under another key.
    PlaceError: a stick, or a disk that is full, read-only or failing.
    """

    def __init__(self, path: Path, check_key: bytes, *, create: bool = False, map_size: int = MAP_SIZE) -> None:
        self._folder = path
        self._seal = Seal(check_key)
        self._spoken = _Spoken(path)
        self._writing = threading.Lock()
        self._open = True
        with self._spoken, ExitStack() as undo:
            place.ready(path, create=create)
            undo.callback(_lock(path).release)
            if create and not os.path.lexists(path / place.DATA):
                _found(path)
            place.check_data(path / place.DATA)
            place.reserve_lock(path / place.LOCK)
            self._env = undo.enter_context(_environment(path, map_size))
            self._env.reader_check()  # a reader that was killed would keep old pages from being used again
            self._check_records()
            self._closing = undo.pop_all()

    @contextmanager
    def hold(self, keys: Collection[Key]) -> Iterator["_Held"]:
        """See the port: optimistic, so of two interleaved holds on one record the later commit gets Stale."""
        wanted = fit_all(keys)
        with self._begin() as txn:
            held = _Held(self, txn, wanted)
            try:
                yield held
            finally:
                held.end()

    @contextmanager
    def snapshot(self) -> Iterator["_Reader"]:
        """See the port. A commit that enlarges the map ends the snapshot: its methods then raise Stale."""
        with self._begin() as txn:
            reader = _Reader(self, txn)
            try:
                yield reader
            finally:
                reader.end()

    def close(self) -> None:
        """See the port."""
        self._open = False
        self._closing.close()

    def _check_records(self) -> None:
        """Read a small store whole: a key that was hit would otherwise look like a record that never was."""
        if (self._folder / place.DATA).stat().st_size > place.WHOLE:
            return
        with self.snapshot() as everything:
            for _ in everything.under(b""):
                pass

    def _begin(self, *, write: bool = False) -> "lmdb.Transaction[bytes]":
        if not self._open:
            raise ValueError("the store is closed")
        with self._spoken:
            try:
                return self._env.begin(write=write)
            except lmdb.MapResizedError:  # another process wrote here in spite of the lock: take its size over
                self._env.set_mapsize(0)
                return self._env.begin(write=write)

    def _write(self, before: Mapping[Key, bytes | None], changes: Changes) -> None:
        """Write one change. A full map spoils the transaction: it is dropped and all is written anew."""
        with self._spoken, self._writing:
            while True:
                try:
                    return self._try(before, changes)
                except lmdb.MapFullError:
                    self._env.set_mapsize(2 * self._env.info()["map_size"])

    def _try(self, before: Mapping[Key, bytes | None], changes: Changes) -> None:
        with self._begin(write=True) as writer:  # commits at its end, and drops all of it at any exception
            for key, sealed in before.items():
                if writer.get(key) != sealed:
                    raise Stale(f"another change of {named(key)} came first; nothing was written")
            for key, value in changes.items():
                if value is None:
                    writer.delete(key)
                else:
                    writer.put(key, self._seal.close(key, value))


class _Reader:
    """What one read transaction sees, each record checked as it is read (T3)."""

    def __init__(self, store: LmdbStore, txn: "lmdb.Transaction[bytes]") -> None:
        self._store = store
        self._txn = txn
        self._ended = False

    def get(self, key: Key) -> bytes | None:
        sealed = self._raw(key)
        return None if sealed is None else self._open(key, sealed)

    def under(self, prefix: Key) -> Iterator[tuple[Key, bytes]]:
        self._live()
        return self._walk(fit_prefix(prefix))

    def end(self) -> None:
        self._ended = True
        self._txn.abort()

    def _walk(self, prefix: Key) -> Iterator[tuple[Key, bytes]]:
        with self._store._spoken, self._txn.cursor() as cursor:
            if not (cursor.set_range(prefix) if prefix else cursor.first()):
                return
            for key, sealed in cursor.iternext():
                if not key.startswith(prefix):
                    return
                yield key, self._open(key, sealed)

    def _raw(self, key: Key) -> bytes | None:
        self._live()
        with self._store._spoken:
            return self._txn.get(fit(key))

    def _open(self, key: Key, sealed: bytes) -> bytes:
        with self._store._spoken:
            return self._store._seal.open(key, sealed)

    def _live(self) -> None:
        if self._ended:
            raise ValueError("this hold or snapshot has ended")


class _Held(_Reader):
    def __init__(self, store: LmdbStore, txn: "lmdb.Transaction[bytes]", keys: tuple[Key, ...]) -> None:
        super().__init__(store, txn)
        self._before = {key: self._raw(key) for key in keys}
        self.values: Mapping[Key, bytes | None] = {
            key: None if sealed is None else self._open(key, sealed) for key, sealed in self._before.items()
        }

    def commit(self, changes: Changes) -> None:
        self._live()
        fit_all(changes)
        self.end()  # before writing, so that the map may grow
        self._store._write(self._before, changes)


def _lock(folder: Path) -> FileLock:
    """The store's lock, taken. The file stays: a lock file that is removed can be held twice."""
    lock = FileLock(folder / "lock", timeout=0, mode=0o600, thread_local=False)
    try:
        lock.acquire()
    except Timeout as fault:
        raise StoreBusy("another command is using this store") from fault
    return lock


def _found(folder: Path) -> None:
    """Make an empty data file under its name only when it is durable, so that an empty one always is a damaged one."""
    new = folder / "data.new"
    new.unlink(missing_ok=True)  # left by a creation that was cut off
    lmdb.open(str(new), subdir=False, lock=False, mode=0o700, lib_version=0).close()
    place.sync_file(new)
    new.replace(folder / place.DATA)
    place.sync_folder(folder)


def _environment(folder: Path, map_size: int) -> lmdb.Environment:
    # writemap would turn a full disk into SIGBUS; 0.9 and 1.0 write files that the other cannot read.
    return lmdb.open(
        str(folder),
        map_size=map_size,
        create=False,
        mode=0o700,  # for files without the execute bits: 0600
        sync=True,
        metasync=True,
        writemap=False,
        max_dbs=0,
        lib_version=0,
    )


class _Spoken:
    """Faults of LMDB and of the operating system become ours, and each names the folder.

    A class, because a generator as context manager costs more than the read inside it; it may be entered again.
    """

    __slots__ = ("_folder",)

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: object) -> None:
        if fault is None:
            return
        if isinstance(fault, LedgerpostError):
            fault.at(str(self._folder))
        elif isinstance(fault, lmdb.Error):
            raise _blame(fault).at(str(self._folder)) from fault
        elif isinstance(fault, OSError):
            raise _blame_disk(fault.errno).at(str(self._folder)) from fault


def _blame(fault: lmdb.Error) -> LedgerpostError:
    number: int = getattr(fault, "code", 0)  # an errno, LMDB's own below zero, or 0
    if number in _FULL or number in _DISK:
        return _blame_disk(number)
    if isinstance(fault, _BENT):
        return StoreDamaged(f"the store's data is damaged: {fault}")
    if number == 0:  # py-lmdb's own word for a transaction that set_mapsize() or close() has ended
        return Stale("the store was enlarged or closed meanwhile", do="run the same command again")
    return StoreError(f"the store fails: {fault}", do="run the same command again")


def _blame_disk(number: int | None) -> PlaceError:
    if number in _FULL:
        return PlaceError("the disk is full: nothing was written")
    if number == errno.EIO:  # what LMDB says, too, where the disk took part of a write and was full then
        return PlaceError("the disk is full or failing: nothing was written")
    return PlaceError(f"the disk refuses: {os.strerror(number or 0)}", do="see to the disk, then run the command again")
