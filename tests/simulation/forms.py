"""What a simulated town is made of: memory, or a disk with LMDB stores and folders. The same ports, the same town."""

from hashlib import blake2b
from pathlib import Path
from typing import Protocol

from ledgerpost import envelope
from ledgerpost.carriers.folder import FolderCarrier
from ledgerpost.carriers.port import Carrier
from ledgerpost.store import open_store
from ledgerpost.store.memory import MemoryStore
from ledgerpost.store.port import Store
from simulation.mortal import Hand
from simulation.post import MemoryPlace


class Form(Protocol):
    """Makes the stores and places of one town under one folder."""

    root: Path

    def store(self, name: str) -> Store:
        """A new, empty store."""
        ...

    def place(self, name: str) -> Carrier:
        """A new place where mail lies."""
        ...

    def reopened(self, store: Store, name: str) -> Store:
        """The same records, after the process died."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...


class Memory:
    """Nothing outlives the process, and nothing waits for a disk."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def store(self, name: str) -> Store:
        del name
        return MemoryStore()

    def place(self, name: str) -> Carrier:
        return MemoryPlace(name, envelope.MAX_ENVELOPE)

    def reopened(self, store: Store, name: str) -> Store:
        del name
        return store

    def close(self) -> None:
        pass


class PulledFolder(FolderCarrier):
    """A folder on a stick that a hand may pull out between two writes."""

    hand: Hand

    def deliver(self, mailbox: str, raw: bytes) -> str:
        self.hand.before("place")
        name = super().deliver(mailbox, raw)
        self.hand.after("place")
        return name

    def finish(self, name: str) -> None:
        self.hand.before("place")
        super().finish(name)
        self.hand.after("place")


class Disk:
    """Real LMDB stores and real folders, synced as they always are."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._stores: dict[str, Store] = {}

    def store(self, name: str) -> Store:
        store = open_store(self.root / "stores" / name, _check_key(name), create=True)
        self._stores[name] = store
        return store

    def place(self, name: str) -> Carrier:
        folder = self.root / "places" / name
        folder.mkdir(parents=True)
        place = PulledFolder(folder, envelope.MAX_ENVELOPE)
        object.__setattr__(place, "hand", Hand())
        return place

    def reopened(self, store: Store, name: str) -> Store:
        store.close()
        self._stores[name] = open_store(self.root / "stores" / name, _check_key(name))
        return self._stores[name]

    def close(self) -> None:
        for each in self._stores.values():
            each.close()


def _check_key(name: str) -> bytes:
    return blake2b(name.encode(), digest_size=32).digest()
