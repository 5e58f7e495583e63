"""Where records are kept: the port, and one file per store. Knows no paper and no rule.

A new store is one new file and one line in ``STORES``. The table names its openers by text, so that who needs
the memory store only does not load LMDB.
"""

from collections.abc import Callable
from pathlib import Path
from pkgutil import resolve_name
from typing import Final

from ledgerpost.store.port import Changes, Held, Key, Snapshot, Store

__all__ = ["STORES", "Changes", "Held", "Key", "Snapshot", "Store", "open_store"]

STORES: Final = {
    "lmdb": "ledgerpost.store.lmdb:LmdbStore",
    "memory": "ledgerpost.store.memory:fresh",
}
"""Kind of store, and what opens it: ``(path, check_key, *, create) -> Store``."""


def open_store(path: Path, check_key: bytes, *, kind: str = "lmdb", create: bool = False) -> Store:
    """Open the store of this kind in the folder ``path``.

    ``check_key`` keys the digest beside each record (T3), 16 to 64 bytes. Raises what the store's opener raises;
    KeyError: no such kind.
    """
    opener: Callable[..., Store] = resolve_name(STORES[kind])
    return opener(path, check_key, create=create)
