"""A store in memory: for tests, rehearsals and simulated towns. Knows no disk, so nothing in it outlives it.

Each commit puts a new dict in place of the old one and leaves that as it was: holding and taking a snapshot
is keeping the dict that stands.
"""

import threading
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice, takewhile
from pathlib import Path

from ledgerpost.errors import Stale
from ledgerpost.store.port import Changes, Key, fit, fit_all, fit_prefix


class MemoryStore:
    """The port on a dict. Starts empty; may be shared by threads."""

    def __init__(self) -> None:
        self._records: dict[Key, bytes] = {}
        self._writing = threading.Lock()
        self._open = True

    @contextmanager
    def hold(self, keys: Collection[Key]) -> Iterator["_Held"]:
        """See the port: optimistic, so whoever commits first wins and the other gets Stale."""
        wanted = fit_all(keys)
        held = _Held(self, self._standing(), wanted)
        try:
            yield held
        finally:
            held.end()

    @contextmanager
    def snapshot(self) -> Iterator["_View"]:
        """See the port."""
        view = _View(self._standing())
        try:
            yield view
        finally:
            view.end()

    def close(self) -> None:
        """See the port. The records are gone."""
        self._records, self._open = {}, False

    def _standing(self) -> dict[Key, bytes]:
        if not self._open:
            raise ValueError("the store is closed")
        return self._records

    def _write(self, before: Mapping[Key, bytes | None], changes: Changes) -> None:
        with self._writing:
            records = dict(self._standing())
            if any(records.get(key) != value for key, value in before.items()):
                raise Stale("another change came first; nothing was written", where="memory")
            for key, value in changes.items():
                if value is None:
                    records.pop(key, None)
                else:
                    records[key] = bytes(value)
            self._records = records


class _View:
    """The records as they were when this view was taken."""

    def __init__(self, records: dict[Key, bytes]) -> None:
        self._seen: dict[Key, bytes] | None = records
        self._keys: list[Key] | None = None

    def get(self, key: Key) -> bytes | None:
        return self._records().get(fit(key))

    def under(self, prefix: Key) -> Iterator[tuple[Key, bytes]]:
        records = self._records()
        fit_prefix(prefix)
        if self._keys is None:
            self._keys = sorted(records)
        found = islice(self._keys, bisect_left(self._keys, prefix), None)
        return ((key, records[key]) for key in takewhile(lambda key: key.startswith(prefix), found))

    def end(self) -> None:
        self._seen = None

    def _records(self) -> dict[Key, bytes]:
        if self._seen is None:
            raise ValueError("this hold or snapshot has ended")
        return self._seen


class _Held(_View):
    def __init__(self, store: MemoryStore, records: dict[Key, bytes], keys: tuple[Key, ...]) -> None:
        super().__init__(records)
        self._store = store
        self._before = {key: records.get(key) for key in keys}
        self.values: Mapping[Key, bytes | None] = dict(self._before)

    def commit(self, changes: Changes) -> None:
        self._records()  # raises if this hold has ended
        fit_all(changes)
        self.end()
        self._store._write(self._before, changes)


def fresh(path: Path, check_key: bytes, *, create: bool) -> MemoryStore:
    """An empty store, whatever the folder and the key: the opener for the table of stores."""
    del path, check_key, create
    return MemoryStore()
