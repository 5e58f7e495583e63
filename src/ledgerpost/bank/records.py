"""What the bank keeps (T1). Bytes per party do not grow with its transactions.

Knows the records' shapes and nothing of the store that holds them or the rules that change them.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from ledgerpost import cbor
from ledgerpost import fields as f
from ledgerpost.bank.keys import Key
from ledgerpost.errors import BadBytes, StoreDamaged
from ledgerpost.papers.contract import MAX_CONTRACT
from ledgerpost.papers.instrument import MAX_INSTRUMENT
from ledgerpost.papers.kinds import Kept, Pending, Presented
from ledgerpost.papers.notice import KINDS, MAX_ENCLOSED
from ledgerpost.papers.receipt import MAX_PENDING, MAX_RECEIPT
from ledgerpost.papers.terms import MAX_TERMS
from ledgerpost.statement import MAX_ASSETS, Balance
from ledgerpost.terms import DIGEST_SIZE, FINGERPRINT_SIZE, MAX_INT, Digest, Fingerprint, Moment, PublicKey

T = TypeVar("T")


class Unheld(Exception):
    """A record must be held that ``touches`` could not foresee (a lien's creditor): hold ``key`` too, answer again."""

    def __init__(self, key: Key) -> None:
        super().__init__(key)
        self.key = key


class Shelf(Protocol):
    """Held records, as any store hands them out. ``get`` reads one that is never rewritten, held or not."""

    @property
    def values(self) -> Mapping[Key, bytes | None]:
        """The held records; None where there is none."""
        ...

    def get(self, key: Key) -> bytes | None:
        """One record, held or not."""
        ...

    def under(self, prefix: Key) -> Iterator[tuple[Key, bytes]]:
        """Every record whose key starts so, in key order."""
        ...


class Account(NamedTuple):
    """What of a party others' letters touch, and its latest receipt. Small, whatever waits and whatever it wrote.

    ``seen``: the highest receipt any answered letter had seen; ``highest``: the highest notice made; ``waiting`` and
    ``incoming``: how many notices wait, and how many of these count against the caps of O7; ``owed``: what debits among
    them come to, liens aside, which stand in ``liens`` (O1); ``fees``: what it has paid in all, per token (the fee
    account of O6 is their sum, so that no record is hot).
    """

    key: PublicKey
    receipt: bytes
    seen: int
    highest: int
    waiting: int
    incoming: int
    owed: tuple[Balance, ...]
    liens: tuple[Pending, ...]
    fees: tuple[Balance, ...]


class BesideRecord(NamedTuple):
    """A party's card (``createaccount`` as signed), and all that stands beside its latest receipt."""

    card: bytes
    parts: tuple[bytes, ...]


class NoticeRecord(NamedTuple):
    """A notice that waits, and its bytes: what the bank must know of it stands before them, so that none is opened."""

    pending: Pending
    raw: bytes

    @property
    def notice(self) -> int:
        """Its number among the party's notices."""
        return self.pending.notice


class AssetRecord(NamedTuple):
    """Issuer and limit stand beside the contract so that no letter has to open it."""

    issuer: Fingerprint
    limit: int
    contract: bytes


class TermsRecord(NamedTuple):
    """Signed terms, and since when newer ones stand in their place (0: in force)."""

    terms: bytes
    superseded: Moment


class WaitingRecord(NamedTuple):
    """A spend as signed, with its spender's key, and what a claim on it must match."""

    spend: bytes
    key: PublicKey
    asset: Digest
    amount: int
    until: Moment


class KeptRecord(NamedTuple):
    """``papers.kinds.Kept`` as a record."""

    until: Moment
    presented: tuple[Presented, ...]
    bounced: bytes | None

    def kept(self) -> Kept:
        """As orders see it."""
        return Kept(*self)


class BankRecord(NamedTuple):
    """The card handed out, the terms in force, and whether the store came from a backup that may be old (T4)."""

    card: bytes
    terms: Digest
    restored: bool


class RestoreRecord(NamedTuple):
    """The last restore (L11): what was signed after ``first`` and up to ``last`` may be lost; the bank waits for those
    who held it until ``until``, or until its operator says that it is ``over``.
    """

    first: Moment
    last: Moment
    until: Moment
    over: bool


MAX_EARLIER: Final = 15
"""Earlier declarations of a party that are kept, and of these what has room."""

MAX_EARLIER_SIZE: Final = 4 << 20
"""Bytes."""


class SettledRecord(NamedTuple):
    """A party that came after the restore of ``last``: its declaration, and the time of the receipt it goes on from.

    ``earlier``: its declarations for earlier restores, the newest first: each still tells what counts of its own time.
    """

    last: Moment
    time: Moment
    declaration: bytes
    earlier: tuple[bytes, ...]

    @property
    def words(self) -> tuple[bytes, ...]:
        """All that it declared, the newest first."""
        return (self.declaration, *self.earlier)


class DeedRecord(NamedTuple):
    """What ``party`` did to another in the lost time, by its own signature or the bank's, until that other is settled.

    ``raw`` is a signed order, an instrument as it was paid, or a notice of the bank's for that other.
    """

    party: Fingerprint
    key: PublicKey
    raw: bytes


class OwedRecord(NamedTuple):
    """By a notice of the bank's, a party's order was done at ``time``: its letter is still to have its due.

    At time 0 it had it: letters beside the receipt that the party goes on from show so.
    """

    time: Moment


class ClockRecord(NamedTuple):
    """The bank's newest signed time (O5)."""

    now: Moment


_big = f.octets(MAX_RECEIPT)
_pending_row = f.row(
    Pending,
    f.positive,
    f.one_of(*KINDS),
    f.maybe(f.fingerprint),
    f.positive,
    f.digest,
    f.positive,
    f.whole,
    f.whole,
)
_KINDS = frozenset(KINDS)


def _pending(value: object) -> Pending:
    """The row, all at once if it is as it should be: busy parties have many. Else the shapes name the fault."""
    if type(value) is tuple and [type(each) for each in value] == _PENDING:
        notice, kind, other, number, asset, amount, until, earlier = value
        if (
            kind in _KINDS
            and len(other) == FINGERPRINT_SIZE
            and len(asset) == DIGEST_SIZE
            and min(notice, number, amount) > 0
            and min(until, earlier) >= 0
            and max(notice, number, amount, until, earlier) <= MAX_INT
        ):
            return Pending(*value)
    return _pending_row(value)


_PENDING = [int, str, bytes, int, bytes, int, int, int]
_SHAPES: dict[type[Any], f.Field[Any]] = {
    Account: f.row(
        Account,
        f.public_key,
        _big,
        f.whole,
        f.whole,
        f.whole,
        f.whole,
        f.listed(f.row(Balance, f.digest, f.positive), MAX_ASSETS),
        f.listed(_pending, MAX_PENDING),
        f.listed(f.row(Balance, f.digest, f.positive), 64),
    ),
    BesideRecord: f.row(BesideRecord, _big, f.listed(_big, 16384)),
    NoticeRecord: f.row(NoticeRecord, _pending, f.octets(3 * MAX_ENCLOSED)),
    AssetRecord: f.row(AssetRecord, f.fingerprint, f.whole, f.octets(MAX_CONTRACT + 512)),
    TermsRecord: f.row(TermsRecord, f.octets(MAX_TERMS), f.whole),
    WaitingRecord: f.row(WaitingRecord, f.octets(MAX_ENCLOSED), f.public_key, f.digest, f.positive, f.whole),
    KeptRecord: f.row(
        KeptRecord,
        f.whole,
        f.listed(f.row(Presented, f.octets(MAX_INSTRUMENT), f.digest, f.fingerprint, f.flag), 64),
        f.maybe(f.octets(2 * MAX_ENCLOSED)),
    ),
    BankRecord: f.row(BankRecord, f.octets(3 * MAX_TERMS), f.digest, f.flag),
    ClockRecord: f.row(ClockRecord, f.whole),
    RestoreRecord: f.row(RestoreRecord, f.whole, f.whole, f.whole, f.flag),
    SettledRecord: f.row(
        SettledRecord, f.whole, f.whole, f.octets(MAX_RECEIPT), f.listed(f.octets(MAX_RECEIPT), MAX_EARLIER)
    ),
    DeedRecord: f.row(DeedRecord, f.fingerprint, f.public_key, f.octets(2 * MAX_ENCLOSED)),
    OwedRecord: f.row(OwedRecord, f.whole),
}
RECORD_LIMIT = 1 << 23


def write_record(record: tuple[Any, ...]) -> bytes:
    """The record's bytes."""
    return cbor.encode(record)


def read_record(kind: type[T], raw: bytes, key: Key) -> T:
    """The record in ``raw``. Raises StoreDamaged naming the key (T3)."""
    try:
        record: T = _SHAPES[kind](cbor.decode(raw, RECORD_LIMIT))
    except BadBytes as error:
        raise StoreDamaged(f"record {key!r} does not read: {error.what}") from error
    return record
