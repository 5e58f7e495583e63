"""The keyed digest that stands before each stored value, and its check at every read (T3).

LMDB keeps no checksums: of 120 files with one flipped bit it opened 117 in silence. The digest covers the key
as well, so a record found under another record's key fails too. It cannot tell an older state of the
same record, nor that a record is gone. Knows no engine and no file.
"""

import hashlib
from typing import Final

from ledgerpost.errors import StoreDamaged
from ledgerpost.store.port import Key

SEAL_SIZE: Final = 16
"""Bytes of digest before the value."""


class Seal:
    """Seals and opens records under one key.

    ``check_key``: 16 to 64 bytes, derived from the bank's or the wallet's key. Another length is a bug: ValueError.
    """

    def __init__(self, check_key: bytes) -> None:
        if not 16 <= len(check_key) <= hashlib.blake2b.MAX_KEY_SIZE:
            raise ValueError(f"a check key has 16 to 64 bytes, this one has {len(check_key)}")
        self._keyed = hashlib.blake2b(digest_size=SEAL_SIZE, key=check_key)

    def close(self, key: Key, value: bytes) -> bytes:
        """What is stored: keyed BLAKE2b (16 bytes) over length of key (2, big-endian), key, value; then the value."""
        return self._digest(key, value) + value

    def open(self, key: Key, sealed: bytes) -> bytes:
        """The value. Raises StoreDamaged naming the record if the digest is not that of key and value (T3)."""
        value = sealed[SEAL_SIZE:]
        if sealed[:SEAL_SIZE] != self._digest(key, value):
            raise StoreDamaged(f"the record {named(key)} is not what was stored")
        return value

    def _digest(self, key: Key, value: bytes) -> bytes:
        # The length keeps (b"ab", b"c") and (b"a", b"bc") apart.
        digest = self._keyed.copy()
        digest.update(len(key).to_bytes(2, "big") + key)
        digest.update(value)
        return digest.digest()


def named(key: Key) -> str:
    """A key for people: its text if it is printable ASCII, else hex."""
    text = key.decode("ascii", "replace")
    return text if text.isascii() and text.isprintable() else key.hex()
