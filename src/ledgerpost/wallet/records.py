"""What a wallet keeps, under which keys: an ``Account`` as records and back (T1).

Shared by all accounts are contracts and contacts; they are single records the desk reads and writes as they are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

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
from ledgerpost.sealed import identity_of, read
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


def to_records(account: Account) -> dict[Key, bytes]:
    """Every record of the account."""
    bank = account.bank.bank
    records = {ACCOUNTS + bank: cbor.encode(_row(account))}
    records |= {_numbered(NOTICES, bank, number): raw for number, raw in account.notices.items()}
    records |= {_numbered(SIGNED, bank, number): raw for number, raw in account.signed.items()}
    records |= {_numbered(KEPT, bank, number): raw for number, raw in account.kept.items()}
    records |= {ITEMS + bank + identity: cbor.encode(_item_row(item)) for identity, item in account.items.items()}
    proofs = {id(raw): raw for item in account.items.values() for raw in item.proof}
    records |= {PROOFS + bank + _name(raw): raw for raw in proofs.values()}
    records |= {SAID + bank + identity: cbor.encode(each) for identity, each in account.said.items()}
    records |= {_numbered(WISHES, bank, wish.id): cbor.encode(_wish_row(wish)) for wish in account.wishes}
    return records


def changes(before: Account | None, after: Account) -> dict[Key, bytes | None]:
    """What to write so that ``after`` stands where ``before`` stood."""
    old = {} if before is None else to_records(before)
    new = to_records(after)
    changed: dict[Key, bytes | None] = {key: raw for key, raw in new.items() if old.get(key) != raw}
    return changed | {key: None for key in old if key not in new}


def from_records(bank: Fingerprint, records: Mapping[Key, bytes]) -> Account:
    """The account, from its records. Raises StoreDamaged naming the record that does not read (T3)."""
    key = ACCOUNTS + bank
    try:
        row = _main(cbor.decode(records[key], RECORD_LIMIT))
        wishes = tuple(_wish(cbor.decode(raw)) for raw in _under(records, WISHES, bank).values())
        items = {
            Digest(key[len(ITEMS + bank) :]): _proven(_item(cbor.decode(raw)), bank, records)
            for key, raw in records.items()
            if key.startswith(ITEMS + bank)
        }
        said = {
            Digest(key[len(SAID + bank) :]): _said(cbor.decode(raw))
            for key, raw in records.items()
            if key.startswith(SAID + bank)
        }
        numbered = (_under(records, prefix, bank) for prefix in (NOTICES, SIGNED, KEPT))
        return replace(_account(row, wishes, items, *numbered), said=said)
    except BadBytes as error:
        raise StoreDamaged(f"the account at {bank.hex()} does not read: {error.what}") from error


def _name(raw: bytes) -> bytes:
    return sha256(raw).digest()


def _item_row(item: Item) -> tuple[Any, ...]:
    """What proves many refusals is kept once: a receipt and its letters may be half a megabyte."""
    return (*item[:3], tuple(map(_name, item.proof)))


def _proven(item: Any, bank: Fingerprint, records: Mapping[Key, bytes]) -> Item:
    try:
        proof = tuple(records[PROOFS + bank + name] for name in item.proof)
    except KeyError:
        raise WrongShape("the proof of a refusal is missing") from None
    return Item(item.instrument, item.state, item.until, proof)


def prefixes(bank: Fingerprint) -> tuple[Key, ...]:
    """Where an account's records stand."""
    return tuple(prefix + bank for prefix in (ACCOUNTS, NOTICES, WISHES, SIGNED, KEPT, ITEMS, PROOFS, SAID))


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
    notices: dict[int, bytes],
    signed: dict[int, bytes],
    kept: dict[int, bytes],
) -> Account:
    key, name, card, terms, current, receipt, parts, letters, fresh, barred, time, books, asked, declared = row
    return Account(
        key,
        name,
        card,
        {identity_of(read(raw)): raw for raw in terms},
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
        asked=asked,
        declared=declared,
    )


def _wish_row(wish: Wish) -> tuple[Any, ...]:
    return tuple(getattr(wish, name) for name in Wish.__slots__)


def _numbered(prefix: Key, bank: Fingerprint, number: int) -> Key:
    return prefix + bank + number.to_bytes(8, "big")


def _under(records: Mapping[Key, bytes], prefix: Key, bank: Fingerprint) -> dict[int, bytes]:
    start = prefix + bank
    found: Iterable[Key] = sorted(key for key in records if key.startswith(start))
    return {int.from_bytes(key[len(start) :], "big"): records[key] for key in found}
