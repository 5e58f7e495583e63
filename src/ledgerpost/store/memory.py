"""A store in memory: for tests, rehearsals and simulated towns. Knows no disk, so nothing in it outlives it.

Each commit puts a new dict in place of the old one and leaves that as it was: holding and taking a snapshot
is keeping the dict that stands.
"""

import threading
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Self

from ledgerpost.errors import Stale
from ledgerpost.store.port import MAX_KEY, Changes, Key, fit, fit_all, fit_prefix

_LAST: Final = bytes([255]) * (MAX_KEY + 1)
"""What no key under a prefix goes on with."""


class MemoryStore:
    """The port on a dict. Starts empty; may be shared by threads."""

    def __init__(self) -> None:
        self._rows = _Rows({})
        self._writing = threading.Lock()
        self._open = True

    def hold(self, keys: Collection[Key]) -> "_Held":
        """See the port: optimistic, so whoever commits first wins and the other gets Stale."""
        return _Held(self, self._standing(), fit_all(keys))

    def snapshot(self) -> "_View":
        """See the port."""
        return _View(self._standing())

    def close(self) -> None:
        """See the port. The records are gone."""
        self._rows, self._open = _Rows({}), False

    def _standing(self) -> "_Rows":
        if not self._open:
            raise ValueError("the store is closed")
        return self._rows

    def _write(self, before: Mapping[Key, bytes | None], changes: Changes) -> None:
        with self._writing:
            standing = self._standing()
            records = dict(standing.records)
            if any(records.get(key) != value for key, value in before.items()):
                raise Stale("another change came first; nothing was written", where="memory")
            for key, value in changes.items():
                if value is None:
                    records.pop(key, None)
                else:
                    records[key] = bytes(value)
            same = records.keys() == standing.records.keys()
            self._rows = _Rows(records, standing.keys if same else ())


class _Rows:
    """Records that nobody changes any more. ``keys``: theirs in order, if they are known already."""

    def __init__(self, records: dict[Key, bytes], keys: Sequence[Key] = ()) -> None:
        self.records, self.keys = records, keys

    def under(self, prefix: Key) -> Iterator[tuple[Key, bytes]]:
        """Rows whose key starts with the prefix, in order."""
        if len(self.keys) != len(self.records):
            self.keys = sorted(self.records)
        first = bisect_left(self.keys, prefix)
        end = bisect_left(self.keys, prefix + _LAST, first)
        return ((key, self.records[key]) for key in self.keys[first:end])


class _View:
    """The records as they were when this view was taken."""

    def __init__(self, rows: _Rows) -> None:
        self._seen: _Rows | None = rows

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.end()

    def get(self, key: Key) -> bytes | None:
        return self._standing().records.get(fit(key))

    def under(self, prefix: Key) -> Iterator[tuple[Key, bytes]]:
        return self._standing().under(fit_prefix(prefix))

    def end(self) -> None:
        self._seen = None

    def _standing(self) -> _Rows:
        if self._seen is None:
            raise ValueError("this hold or snapshot has ended")
        return self._seen


class _Held(_View):
    def __init__(self, store: MemoryStore, rows: _Rows, keys: tuple[Key, ...]) -> None:
        super().__init__(rows)
        self._store = store
        self._before = {key: rows.records.get(key) for key in keys}
        self.values: Mapping[Key, bytes | None] = dict(self._before)

    def commit(self, changes: Changes) -> None:
        self._standing()  # raises if this hold has ended
        fit_all(changes)
        self.end()
        self._store._write(self._before, changes)


def fresh(path: Path, check_key: bytes, *, create: bool) -> MemoryStore:
    """An empty store, whatever the folder and the key: the opener for the table of stores."""
    del path, check_key, create
    return MemoryStore()
