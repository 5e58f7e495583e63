"""Backups of a wallet or a bank: one signed file with every record and the sealed key file in it (T3, T4).

The file is a CBOR sequence (RFC 8742), self-described (RFC 8949 3.4.6): a signed head (``papers.backup``), then one
array ``[key, value]`` per record, by rising key. The first record is the key file as it lies on the disk, so that this
file and the passphrase are all it takes. It is written and read in pieces, however many records there are. The key in
it is as well sealed as on the disk; the records are readable by whoever has the file.
Refuses to know what the records mean; ``desk.restore`` puts them back.
"""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final

from ledgerpost import cbor, vault
from ledgerpost.bank.records import RECORD_LIMIT
from ledgerpost.carriers import durable, files, parts
from ledgerpost.carriers.faults import naming
from ledgerpost.desk.home import BANKS, WALLETS, Seat
from ledgerpost.errors import (
    BadBytes,
    BadSignature,
    CutShort,
    NotDeterministic,
    NotOurs,
    OverLimit,
    Stale,
    TrailingBytes,
    WrongShape,
)
from ledgerpost.papers import backup as paper
from ledgerpost.papers.backup import Backup, open_head
from ledgerpost.sealed import COSE_SIGN1, Signer, read, verify
from ledgerpost.store.port import MAX_KEY
from ledgerpost.terms import Digest, Moment

Record = tuple[bytes, bytes]
Progress = Callable[[int], None]
KEY: Final = b"!key"
"""Where the key file stands: before every key of a store."""

SUFFIX: Final = ".lpbackup"
_KINDS: Final = {WALLETS: paper.WALLET, BANKS: paper.BANK}
_START: Final = cbor.SELF_DESCRIBED + COSE_SIGN1 + b"\x84"
_COPY: Final = "take another copy of this backup, or an older one"


class WrongKind(BadBytes):
    """A good backup, of a bank where a wallet's belongs or the other way round."""

    code = "wrong-kind"


class Altered(BadSignature):
    """What follows the head is not what was signed."""

    code = "altered"
    advice = _COPY


@dataclass(frozen=True, slots=True)
class Checked(Seat):
    """A backup that was read whole and is good, as a seat whose key can be unlocked before it has a place."""

    head: Backup
    raw: bytes

    def key_file(self) -> bytes:
        """The sealed key in it."""
        return self.raw


def silent(count: int) -> None:
    """Tell nobody."""
    del count


# --- writing


def write_backup(
    path: Path,
    seat: Seat,
    signer: Signer,
    records: Callable[[], Iterator[Record]],
    now: Moment,
    progress: Progress = silent,
) -> Backup:
    """Write the backup, wait until it is on the disk, read it back and check it.

    ``records`` gives every record in key order, the same at each call: ``Office.backing_up``, ``Purse.snapshot``.
    Raises PlaceError if there is such a file; Stale if the records change meanwhile.
    """
    count, digest = _digest(_items(seat, records))
    head = Backup(seat.fingerprint, _KINDS[seat.kind], now, count, digest)
    start = cbor.SELF_DESCRIBED + head.sign(signer)
    with naming(path), durable.opened_folder(path.parent, follow=True) as folder:
        parts.clear_all(folder)
        if os.path.lexists(path):
            raise FileExistsError(17, "", str(path))
        with files.part_in(folder, path.name) as out:
            out.write(start)
            written = _digest(_written(out, _items(seat, records), progress))
            if written != (count, digest):
                raise Stale("the records changed while they were written", do="run the same command again")
        durable.sync(folder)
    check_backup(path, seat.kind)
    return head


def _items(seat: Seat, records: Callable[[], Iterator[Record]]) -> Iterator[bytes]:
    yield cbor.encode((KEY, seat.key_file()))
    yield from map(cbor.encode, records())


def _written(out: BinaryIO, items: Iterator[bytes], progress: Progress) -> Iterator[bytes]:
    for count, item in enumerate(items, 1):
        out.write(item)
        progress(count)
        yield item


def _digest(items: Iterator[bytes]) -> tuple[int, Digest]:
    count, digest = 0, sha256()
    for item in items:
        count += 1
        digest.update(item)
    return count, Digest(digest.digest())


# --- reading


class Reader:
    """Takes items off a file, one piece of bounded size after the other, and digests what follows the head."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = sha256()

    def head(self) -> bytes:
        """The signed head's bytes. Raises NotOurs, CutShort or WrongShape."""
        start = self._file.read(len(_START))
        if start != _START:
            short = bool(start) and _START.startswith(start)
            raise CutShort("the backup ends in its head", do=_COPY) if short else NotOurs("no backup of ledgerpost")
        protected = self._string(128)
        middle = self._take(1)
        raw = start[len(cbor.SELF_DESCRIBED) :] + protected + middle + self._string(256) + self._string(64)
        self.digest = sha256()
        return raw

    def records(self, progress: Progress = silent) -> Iterator[Record]:
        """Every record, strictly decoded and by rising key, to the end of the file."""
        last, count = b"", 0
        while start := self._file.read(1):
            self.digest.update(start)
            record = self._record(start)
            if record[0] <= last:
                raise NotDeterministic(f"record {count + 1} is not in its place", do=_COPY)
            last, count = record[0], count + 1
            progress(count)
            yield record

    def _record(self, start: bytes) -> Record:
        if start != b"\x82":
            raise WrongShape("a record is an array of key and value", do=_COPY)
        raw = start + self._string(MAX_KEY) + self._string(RECORD_LIMIT)
        key, value = cbor.decode(raw, MAX_KEY + RECORD_LIMIT + 16)
        return key, value

    def _string(self, limit: int) -> bytes:
        """A byte string with its length before it, neither of them judged but for size: ``cbor.decode`` does that."""
        first = self._take(1)
        extra = {24: 1, 25: 2, 26: 4}.get(first[0] & 31, 0)
        if first[0] >> 5 != 2 or (first[0] & 31) > 26:
            raise WrongShape("a string of bytes belongs here", do=_COPY)
        more = self._take(extra)
        size = int.from_bytes(more, "big") if extra else first[0] & 31
        if size > limit:
            raise OverLimit(f"{size:,} bytes where at most {limit:,} are allowed", do=_COPY)
        return first + more + self._take(size)

    def _take(self, size: int) -> bytes:
        raw = self._file.read(size)
        if len(raw) < size:
            raise CutShort("the backup ends before what it announces", do=_COPY)
        self.digest.update(raw)
        return raw


def check_backup(path: Path, kind: str, progress: Progress = silent) -> Checked:
    """Read a backup whole. ``kind`` is WALLETS or BANKS; no passphrase is needed.

    Raises NotOurs, WrongKind, CutShort, BadSignature, Altered or another BadBytes, each with the file.
    """
    with opened(path) as file:
        head, key_file = check(file, kind, progress)
    return Checked(kind, path.name, path, head, key_file)


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The file, for as long as it is read; its errors name it. Raises NotFound, NotOurs, PlaceError."""
    with naming(path):
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise NotOurs("no plain file, and so no backup")
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            yield file


def check(file: BinaryIO, kind: str, progress: Progress = silent) -> tuple[Backup, bytes]:
    """The head and the sealed key, from an open file; errors as ``check_backup``."""
    reader = Reader(file)
    claim = read(reader.head())
    if claim.type != Backup.TYPE:
        raise NotOurs(f"a {claim.type}, and no backup of ledgerpost")
    records = reader.records(progress)
    key, key_file = next(records, (b"", b""))
    if key != KEY:
        raise CutShort("the backup holds no key file", do=_COPY)
    head = open_head(verify(claim, vault.read_public(key_file)))
    count = 1 + sum(1 for _ in records)
    compare(head, count, reader.digest.digest())
    if head.kind != _KINDS[kind]:
        raise WrongKind(
            f"this is the backup of a {head.kind}", do=f"restore it with: ledgerpost {_COMMANDS[head.kind]}"
        )
    return head, key_file


_COMMANDS = {paper.WALLET: "wallet restore FILE", paper.BANK: "bank rebuild FILE"}


def compare(head: Backup, count: int, digest: bytes) -> None:
    """Whether what followed the head is what was signed. Raises CutShort, TrailingBytes or Altered."""
    if count < head.records:
        raise CutShort(f"the backup holds {count:,} of its {head.records:,} records", do=_COPY)
    if count > head.records:
        raise TrailingBytes(f"the backup holds {count:,} records where {head.records:,} were signed", do=_COPY)
    if digest != head.digest:
        raise Altered("the records are not the ones that were signed")
