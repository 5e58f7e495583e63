"""The port every store fills: hold records, judge outside, commit all or nothing (T2).

Records are bytes under keys of bytes. The port knows nothing of what they mean, of files or of engines; the
contract is written once more, as tests, in tests/test_store_contract.py.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Final, Protocol

Key = bytes
"""1 to 511 bytes; keys are ordered bytewise."""

Changes = Mapping[Key, bytes | None]
"""What to write; None deletes, and deleting what is not there is no error."""

MAX_KEY: Final = 511
"""Bytes: the longest key that LMDB takes, and so the longest of any store."""


class Held(Protocol):
    """Records that nobody else changes between hold and commit, and a view of the rest as it was then.

    To be used inside its ``with`` and before its commit: after that only ``values`` remains, and the methods
    raise ValueError.
    """

    values: Mapping[Key, bytes | None]
    """The held keys; None where there is no record."""

    def get(self, key: Key) -> bytes | None:
        """One record by its key, held or not. Raises StoreDamaged if it fails its check (T3)."""
        ...

    def under(self, prefix: Key) -> Iterator[tuple[Key, bytes]]:
        """Every record whose key starts with ``prefix``, in key order; all of them for ``b""``."""
        ...

    def commit(self, changes: Changes) -> None:
        """Write all the changes, durable on return, or raise with nothing written (T2). At most once.

        The keys need not be held: a record that another one governs is guarded by holding that one.

        Raises Stale: a held record is no longer as it was held. PlaceError: no room on the disk.
        StoreError: the store fails. ValueError: a key of no or more than 511 bytes, or a second commit.
        """
        ...


class Snapshot(Protocol):
    """All records as they were at one moment, whatever is committed meanwhile. Used inside its ``with``."""

    def get(self, key: Key) -> bytes | None:
        """One record by its key. Raises StoreDamaged if it fails its check (T3)."""
        ...

    def under(self, prefix: Key) -> Iterator[tuple[Key, bytes]]:
        """Every record whose key starts with ``prefix``, in key order; all of them for ``b""``."""
        ...


class Store(Protocol):
    """A place for records. Once closed it raises ValueError."""

    def hold(self, keys: Collection[Key]) -> AbstractContextManager[Held]:
        """Hold these records for one change. Leaving without a commit changes nothing."""
        ...

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Read only, for audit and backup."""
        ...

    def close(self) -> None:
        """Let go of the place. Closing twice is no error."""
        ...


def fit(key: Key) -> Key:
    """The key, or ValueError where no store could take it: that is a bug of the caller."""
    if not 1 <= len(key) <= MAX_KEY:
        raise ValueError(f"a key has 1 to {MAX_KEY} bytes, this one has {len(key)}")
    return key


def fit_all(keys: Iterable[Key]) -> tuple[Key, ...]:
    """The keys without repeats, or ValueError."""
    return tuple(dict.fromkeys(map(fit, keys)))


def fit_prefix(prefix: Key) -> Key:
    """The prefix, which may be empty, or ValueError."""
    return fit(prefix) if prefix else prefix
