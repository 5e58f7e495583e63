"""What a wallet keeps, under which keys: an ``Account`` as records and back (T1).

Shared by all accounts are contracts and contacts; they are single records the desk reads and writes as they are.
"""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, Final, NamedTuple

from ledgerpost import cbor
from ledgerpost import fields as f
from ledgerpost.errors import BadBytes, StoreDamaged, WrongShape
from ledgerpost.papers.beside import indexed
from ledgerpost.papers.contract import MAX_CONTRACT
from ledgerpost.papers.instrument import MAX_BODY, MAX_INSTRUMENT
from ledgerpost.papers.letter import AHEAD
from ledgerpost.papers.notice import MAX_ENCLOSED
from ledgerpost.papers.receipt import MAX_RECEIPT
from ledgerpost.papers.terms import MAX_TERMS, MOST
from ledgerpost.terms import Digest, Fingerprint
from ledgerpost.wallet.account import STATES, Account, Item, Said, Wish

Key = bytes
ACCOUNTS: Key = b"account/"
NOTICES: Key = b"notice/"
WISHES: Key = b"wish/"
SIGNED: Key = b"signed/"
ASSETS: Key = b"asset/"
CONTACTS: Key = b"contact/"
ITEMS: Key = b"item/"
KEPT: Key = b"kept/"
PROOFS: Key = b"proof/"
SENT: Key = b"sent/"
SAID: Key = b"said/"

RECORD_LIMIT = 1 << 23

_raws = f.listed(f.octets(MAX_RECEIPT), 16384)
_main = f.row(
    lambda *row: row,
    f.public_key,
    f.text(64),
    f.octets(4 * MAX_TERMS),
    f.listed(f.octets(MAX_TERMS), 64),
    f.digest,
    f.maybe(f.octets(MAX_RECEIPT)),
    _raws,
    f.listed(f.octets(MAX_RECEIPT), 2 * AHEAD),
    f.maybe(f.listed(f.digest, 1024)),
    f.whole,
    f.whole,
    f.listed(f.octets(MAX_BODY), MOST),
    f.maybe(f.octets(MAX_RECEIPT)),
    f.maybe(f.octets(2 * MAX_RECEIPT)),
)
_said = f.row(Said, f.whole, f.octets(MAX_ENCLOSED))
_item = f.row(Item, f.octets(MAX_INSTRUMENT), f.one_of(*STATES), f.whole, f.listed(f.digest, 64))
_wish = f.row(
    Wish,
    f.positive,
    f.text(32),
    f.maybe(f.fingerprint),
    f.whole,
    f.maybe(f.digest),
    f.whole,
    f.whole,
    f.text(256),
    f.maybe(f.octets(MAX_CONTRACT + 512)),
)


class _Kind(NamedTuple):
    """Records of one kind: where they stand, which values of an account they hold, and how name and value are written.

    ``spell`` gives the end of the key, after the bank's fingerprint.
    """

    prefix: Key
    values: Callable[[Account], Mapping[Any, Any]]
    spell: Callable[[Any], bytes]
    write: Callable[[Any], bytes]


def to_records(account: Account) -> dict[Key, bytes]:
    """Every record of the account."""
    return {key: raw for key, raw in changes(None, account).items() if raw is not None}


def changes(before: Account | None, after: Account) -> dict[Key, bytes | None]:
    """What to write so that ``after`` stands where ``before`` stood. Only values that are others are encoded."""
    if before is after:
        return {}
    bank, changed = after.bank.bank, dict[Key, bytes | None]()
    for kind in _KINDS:
        start = kind.prefix + bank
        old, new = {} if before is None else kind.values(before), kind.values(after)
        if old is not new:
            changed |= {start + kind.spell(name): kind.write(new[name]) for name in new if old.get(name) != new[name]}
            changed |= {start + kind.spell(name): None for name in old if name not in new}
    return changed


def from_records(bank: Fingerprint, records: Mapping[Key, bytes]) -> Account:
    """The account, from its records. Raises StoreDamaged naming the record that does not read (T3)."""
    key, rows = ACCOUNTS + bank, sorted(records.items())
    try:
        row = _main(cbor.decode(records[key], RECORD_LIMIT))
        wishes = tuple(map(_read_wish, _under(rows, WISHES, bank).values()))
        proofs = _under(rows, PROOFS, bank)
        items = {Digest(name): _proven(_read_item(raw), proofs) for name, raw in _under(rows, ITEMS, bank).items()}
        said = {Digest(name): _read_said(raw) for name, raw in _under(rows, SAID, bank).items()}
        numbered = (_numbered(_under(rows, prefix, bank)) for prefix in (NOTICES, SIGNED, KEPT))
        return _account(row, wishes, items, said, *numbered)
    except BadBytes as error:
        raise StoreDamaged(f"the account at {bank.hex()} does not read: {error.what}") from error


def _name(raw: bytes) -> bytes:
    return sha256(raw).digest()


def _item_row(item: Item) -> tuple[Any, ...]:
    """What proves many refusals is kept once: a receipt and its letters may be half a megabyte."""
    return (*item[:3], tuple(map(_name, item.proof)))


def _read_wish(raw: bytes) -> Wish:
    return _wish(cbor.decode(raw))


def _read_said(raw: bytes) -> Said:
    return _said(cbor.decode(raw))


def _read_item(raw: bytes) -> Item:
    """Its proof are names yet."""
    return _item(cbor.decode(raw))


def _proven(item: Item, proofs: Mapping[bytes, bytes]) -> Item:
    try:
        return item._replace(proof=tuple(proofs[name] for name in item.proof)) if item.proof else item
    except KeyError:
        raise WrongShape("the proof of a refusal is missing") from None


def prefixes(bank: Fingerprint) -> tuple[Key, ...]:
    """Where an account's records stand."""
    return tuple(kind.prefix + bank for kind in _KINDS)


def _row(account: Account) -> tuple[Any, ...]:
    return (
        account.key,
        account.name,
        account.card,
        tuple(account.terms.values()),
        account.current,
        account.receipt,
        tuple(account.parts.values()),
        account.letters,
        None if account.fresh is None else tuple(sorted(account.fresh)),
        account.barred,
        account.time,
        account.books,
        account.asked,
        account.declared,
    )


def _account(
    row: Any,
    wishes: tuple[Wish, ...],
    items: dict[Digest, Item],
    said: dict[Digest, Said],
    notices: dict[int, bytes],
    signed: dict[int, bytes],
    kept: dict[int, bytes],
) -> Account:
    key, name, card, terms, current, receipt, parts, letters, fresh, barred, time, books, asked, declared = row
    return Account(
        key,
        name,
        card,
        indexed(terms),
        current,
        receipt,
        indexed(parts),
        letters,
        notices,
        wishes,
        None if fresh is None else frozenset(fresh),
        barred,
        time,
        signed,
        books,
        items,
        kept,
        said,
        asked,
        declared,
    )


def _wish_row(wish: Wish) -> tuple[Any, ...]:
    return tuple(getattr(wish, name) for name in Wish.__slots__)


def _number(number: int) -> bytes:
    return number.to_bytes(8, "big")


def _proofs(account: Account) -> dict[bytes, bytes]:
    """By themselves: each is hashed for its name only when it is written."""
    return {raw: raw for item in account.items.values() for raw in item.proof}


def _wishes(account: Account) -> dict[int, Wish]:
    return {wish.id: wish for wish in account.wishes}


_KINDS: Final = (
    _Kind(ACCOUNTS, lambda account: {b"": _row(account)}, bytes, cbor.encode),
    _Kind(NOTICES, lambda account: account.notices, _number, bytes),
    _Kind(SIGNED, lambda account: account.signed, _number, bytes),
    _Kind(KEPT, lambda account: account.kept, _number, bytes),
    _Kind(ITEMS, lambda account: account.items, bytes, lambda item: cbor.encode(_item_row(item))),
    _Kind(PROOFS, _proofs, _name, bytes),
    _Kind(SAID, lambda account: account.said, bytes, cbor.encode),
    _Kind(WISHES, _wishes, _number, lambda wish: cbor.encode(_wish_row(wish))),
)


def _under(rows: list[tuple[Key, bytes]], prefix: Key, bank: Fingerprint) -> dict[bytes, bytes]:
    """By the ends of their keys."""
    start = prefix + bank
    return {key[len(start) :]: raw for key, raw in rows if key.startswith(start)}


def _numbered(rows: dict[bytes, bytes]) -> dict[int, bytes]:
    return {int.from_bytes(name, "big"): raw for name, raw in rows.items()}
