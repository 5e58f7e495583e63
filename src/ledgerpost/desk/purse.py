"""A wallet over its store: accounts at banks, contacts, contracts. Everything is durable before it is used (L7)."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from ledgerpost import cbor
from ledgerpost import fields as f
from ledgerpost.desk.home import Seat
from ledgerpost.errors import Denied, NotFound
from ledgerpost.papers.card import Card, open_card
from ledgerpost.papers.contract import Head, open_contract
from ledgerpost.sealed import Signer, trusted
from ledgerpost.store.port import Store
from ledgerpost.terms import Digest, Fingerprint, Moment
from ledgerpost.wallet import records as r
from ledgerpost.wallet.account import Account
from ledgerpost.wallet.writing import write_letter


class Asset(NamedTuple):
    """An asset this wallet knows by its contract."""

    id: Digest
    head: Head
    issuer: Fingerprint
    bank: Fingerprint


_names = f.listed(f.text(256), 64)


class Purse:
    """A wallet whose store is open. ``with opened(seat) as purse:`` holds the lock meanwhile."""

    def __init__(self, seat: Seat, store: Store) -> None:
        self.seat = seat
        self._store = store

    # --- accounts

    def accounts(self) -> tuple[Account, ...]:
        """One per bank, by the bank's fingerprint."""
        with self._store.snapshot() as snapshot:
            banks = [Fingerprint(key[len(r.ACCOUNTS) :]) for key, _ in snapshot.under(r.ACCOUNTS)]
            return tuple(
                r.from_records(bank, dict(row for prefix in r.prefixes(bank) for row in snapshot.under(prefix)))
                for bank in banks
            )

    def account(self, bank: Fingerprint) -> Account:
        """The account at this bank. Raises NotFound."""
        found = next((each for each in self.accounts() if each.bank.bank == bank), None)
        if found is None:
            raise NotFound("no account at this bank", do="open one: ledgerpost open CARD")
        return found

    def add(self, account: Account) -> None:
        """Keep an account at a bank where there was none. Raises Denied if there is one."""
        if any(each.bank.bank == account.bank.bank for each in self.accounts()):
            raise Denied(f"there is an account at {account.bank.name} already", do="see: ledgerpost status")
        self._commit(account.bank.bank, r.changes(None, account))

    def save(self, before: Account, after: Account, extra: dict[bytes, bytes | None] | None = None) -> Account:
        """Make ``after`` durable in place of ``before``; returns it. Raises Stale if another changed it meanwhile."""
        changes = r.changes(before, after) | (extra or {})
        if changes:
            self._commit(before.bank.bank, changes)
        return after

    def _commit(self, bank: Fingerprint, changes: dict[bytes, bytes | None]) -> None:
        with self._store.hold([r.ACCOUNTS + bank]) as held:
            held.commit(changes)

    def write(self, account: Account, signer: Signer, now: Moment) -> Account:
        """Write and keep one more letter: its ``seq`` and numbers are burned when this returns (L7)."""
        return self.save(account, write_letter(account, signer, now, os.urandom(16)))

    # --- what accounts share

    def assets(self) -> dict[Digest, Asset]:
        """Every asset whose contract is known."""
        with self._store.snapshot() as snapshot:
            raws = [raw for _, raw in snapshot.under(r.ASSETS)]
        return {asset.id: asset for asset in map(asset_of, raws)}

    def contracts(self) -> dict[Digest, bytes]:
        """Their signed contracts."""
        with self._store.snapshot() as snapshot:
            return {Digest(key[len(r.ASSETS) :]): raw for key, raw in snapshot.under(r.ASSETS)}

    def learn(self, *contracts: bytes) -> None:
        """Keep contracts, verified."""
        self._put({r.ASSETS + asset_of(raw).id: raw for raw in contracts})

    def contacts(self) -> dict[Fingerprint, Card]:
        """Parties known by their cards."""
        with self._store.snapshot() as snapshot:
            rows = list(snapshot.under(r.CONTACTS))
        return {Fingerprint(key[len(r.CONTACTS) :]): Card.read(trusted(raw).body) for key, raw in rows}

    def meet(self, card: bytes) -> Card:
        """Keep a contact's card, verified."""
        opened = open_card(card)
        self._put({r.CONTACTS + trusted(card).signer: card})
        return opened

    def forget(self, party: Fingerprint) -> None:
        """Drop a contact."""
        self._put({r.CONTACTS + party: None})

    def _put(self, changes: dict[bytes, bytes | None]) -> None:
        if changes:
            with self._store.hold(list(changes)) as held:
                held.commit(changes)

    # --- envelopes put out, to be cleared away when answered

    def sent(self, bank: Fingerprint) -> tuple[str, ...]:
        """Names of envelopes put out for this bank, newest last."""
        with self._store.snapshot() as snapshot:
            raw = snapshot.get(r.SENT + bank)
        return () if raw is None else _names(cbor.decode(raw))

    def remember_sent(self, bank: Fingerprint, names: tuple[str, ...]) -> None:
        """Keep these names instead."""
        self._put({r.SENT + bank: cbor.encode(names[-64:]) if names else None})

    def snapshot(self) -> Iterator[tuple[bytes, bytes]]:
        """Every record, for a backup."""
        with self._store.snapshot() as snapshot:
            yield from snapshot.under(b"")

    def fill(self, changes: dict[bytes, bytes | None]) -> None:
        """Write records as they are, in one change: from a backup."""
        self._put(changes)


def asset_of(contract: bytes) -> Asset:
    """What a signed contract names. Raises BadBytes."""
    opened, sealed = open_contract(contract)
    return Asset(sealed.identity, opened.head, sealed.signer, opened.bank)


@contextmanager
def opened(seat: Seat) -> Iterator[Purse]:
    """The wallet with its store open and locked. Raises StoreBusy, StoreDamaged."""
    store = seat.store()
    try:
        yield Purse(seat, store)
    finally:
        store.close()
