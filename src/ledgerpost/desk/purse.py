"""A wallet over its store: accounts at banks, contacts, contracts. Everything is durable before it is used (L7)."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from ledgerpost import cbor
from ledgerpost import fields as f
from ledgerpost.desk.home import Seat
from ledgerpost.errors import Denied, NotFound
from ledgerpost.papers.agreement import Answered, retrace
from ledgerpost.papers.card import Card, open_card
from ledgerpost.papers.confirmreceipt import ConfirmReceipt
from ledgerpost.papers.contract import Head, open_contract
from ledgerpost.papers.questions import GetQ
from ledgerpost.sealed import Signer, trusted
from ledgerpost.statement import digest_of
from ledgerpost.store.port import Snapshot, Store
from ledgerpost.terms import Digest, Fingerprint, Moment
from ledgerpost.wallet import records as r
from ledgerpost.wallet.account import Account, Wish
from ledgerpost.wallet.writing import has_something_to_say, write_letter


class Asset(NamedTuple):
    """An asset this wallet knows by its contract."""

    id: Digest
    head: Head
    issuer: Fingerprint
    bank: Fingerprint


_names = f.listed(f.text(256), 64)
_called = f.text(64)

NAMES: r.Key = b"name/"
"""What the owner calls a party, whatever that party calls itself."""
CARDS: r.Key = b"mycard/"
"""The owner's own card at each bank, signed when the account was opened."""


class Purse:
    """A wallet whose store is open. ``with opened(seat) as purse:`` holds the lock meanwhile."""

    def __init__(self, seat: Seat, store: Store) -> None:
        self.seat = seat
        self._store = store
        self._read: dict[Fingerprint, tuple[dict[bytes, bytes], Account]] = {}

    # --- accounts

    def accounts(self) -> tuple[Account, ...]:
        """One per bank, by the bank's fingerprint."""
        with self._store.snapshot() as snapshot:
            banks = [Fingerprint(key[len(r.ACCOUNTS) :]) for key, _ in snapshot.under(r.ACCOUNTS)]
            return tuple(self._account(bank, snapshot) for bank in banks)

    def account(self, bank: Fingerprint) -> Account:
        """The account at this bank. Raises NotFound."""
        with self._store.snapshot() as snapshot:
            if snapshot.get(r.ACCOUNTS + bank) is None:
                raise NotFound("no account at this bank", do="open one: ledgerpost open CARD")
            return self._account(bank, snapshot)

    def _account(self, bank: Fingerprint, snapshot: Snapshot) -> Account:
        """As it stands in the store; the same value as before while its records are the same."""
        rows = {key: raw for prefix in r.prefixes(bank) for key, raw in snapshot.under(prefix)}
        known = self._read.get(bank)
        if known is None or known[0] != rows:
            known = self._read[bank] = rows, r.from_records(bank, rows)
        return known[1]

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

    def wish(self, account: Account, wish: Wish) -> Account:
        """Queue something the owner asks for; durable when this returns."""
        return self.save(account, account.wish(wish))

    def ask_what_waits(self) -> None:
        """Queue the question at every open account that has nothing else to say: banks answer letters only (L8)."""
        for account in self.accounts():
            if account.receipt is not None and not account.letters and not has_something_to_say(account):
                self.wish(account, Wish(0, GetQ.TYPE))

    def credit(self, account: Account, asset: Digest) -> int:
        """What an issuer may go below zero: the limit in its own contract; 0 for everybody else."""
        known = self.assets().get(asset)
        return known.head.limit if known is not None and known.issuer == account.me else 0

    def spendable(self, account: Account, asset: Digest) -> int | None:
        """What may be spent of the asset, with what is about to be accepted; None for its issuer: no limit here.

        While a cheque is out, no credit counts that the bank has not signed: were it refused, the cheque would bounce.
        """
        known = self.assets().get(asset)
        if known is not None and known.issuer == account.me:
            return None
        if any(cheque.asset == asset and account.coming.block_of(cheque.number) for cheque in account.drawn):
            return account.sure(asset)
        accepted = {wish.number for wish in account.wishes if wish.order == ConfirmReceipt.TYPE}
        coming = sum(each.amount for each in account.waiting if each.notice in accepted and each.asset == asset)
        return account.usable(asset) + coming

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

    def cards(self) -> dict[Fingerprint, bytes]:
        """The signed cards of contacts."""
        with self._store.snapshot() as snapshot:
            return {Fingerprint(key[len(r.CONTACTS) :]): raw for key, raw in snapshot.under(r.CONTACTS)}

    def meet(self, card: bytes) -> Card:
        """Keep a contact's card, verified."""
        opened = open_card(card)
        self._put({r.CONTACTS + trusted(card).signer: card})
        return opened

    def forget(self, party: Fingerprint) -> None:
        """Drop a contact, and what the owner called it."""
        self._put({r.CONTACTS + party: None, NAMES + party: None})

    def names(self) -> dict[Fingerprint, str]:
        """What the owner calls parties."""
        with self._store.snapshot() as snapshot:
            rows = list(snapshot.under(NAMES))
        return {Fingerprint(key[len(NAMES) :]): _called(cbor.decode(raw)) for key, raw in rows}

    def call(self, party: Fingerprint, name: str) -> None:
        """Call a party so from now on."""
        self._put({NAMES + party: cbor.encode(name)})

    def own_card(self, bank: Fingerprint) -> bytes | None:
        """The owner's card at this bank, if one was signed."""
        with self._store.snapshot() as snapshot:
            return snapshot.get(CARDS + bank)

    def keep_own_card(self, bank: Fingerprint, card: bytes) -> None:
        """Keep it, to be given away without the passphrase."""
        self._put({CARDS + bank: card})

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


def is_agreed(account: Account) -> bool:
    """Whether both have signed the newest statement held (L3)."""
    held = account.held
    return held is not None and held.base.statement == digest_of(held.statement)


def last_answers(account: Account) -> tuple[Answered, ...]:
    """The letters that the newest receipt answers, with what became of each order."""
    held = account.held
    return () if held is None else retrace(held, account.parts, account.key, account.terms_of).answered


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
