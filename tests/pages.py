"""What a bank keeps of one party, put together from its records; and changed, as somebody would who has the keys."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ledgerpost.bank.inbox import waiting
from ledgerpost.bank.keys import Key, account_key, beside_key
from ledgerpost.bank.records import Account, BesideRecord, read_record, write_record
from ledgerpost.papers.kinds import Pending
from ledgerpost.statement import Balance
from ledgerpost.terms import Fingerprint, PublicKey


class Readable(Protocol):
    def get(self, key: Key) -> bytes | None: ...

    def under(self, prefix: Key) -> Iterator[tuple[Key, bytes]]: ...


@dataclass(frozen=True)
class Records:
    """Records in a dictionary, to be read like a snapshot."""

    records: Mapping[Key, bytes]

    def get(self, key: Key) -> bytes | None:
        return self.records.get(key)

    def under(self, prefix: Key) -> Iterator[tuple[Key, bytes]]:
        return ((key, self.records[key]) for key in sorted(self.records) if key.startswith(prefix))


@dataclass(frozen=True)
class Kept:
    """A party's records."""

    party: Fingerprint
    account: Account
    beside: BesideRecord
    pending: tuple[Pending, ...]

    @property
    def receipt(self) -> bytes:
        return self.account.receipt

    @property
    def key(self) -> PublicKey:
        return self.account.key

    @property
    def card(self) -> bytes:
        return self.beside.card

    @property
    def highest(self) -> int:
        return self.account.highest

    @property
    def fees(self) -> tuple[Balance, ...]:
        return self.account.fees

    @property
    def parts(self) -> tuple[bytes, ...]:
        return self.beside.parts

    def changed(self, **fields: Any) -> dict[Key, bytes | None]:
        """The records with other fields: ``parts`` and ``card`` stand beside, the rest in the account."""
        beside = {name: fields.pop(name) for name in ("card", "parts") if name in fields}
        page = replace(self, account=self.account._replace(**fields), beside=self.beside._replace(**beside))
        return {
            account_key(self.party): write_record(page.account),
            beside_key(self.party): write_record(page.beside),
        }


def kept(records: Readable, party: Fingerprint) -> Kept:
    """As the records have it."""
    account, beside = records.get(account_key(party)), records.get(beside_key(party))
    assert account is not None and beside is not None
    return Kept(
        party,
        read_record(Account, account, account_key(party)),
        read_record(BesideRecord, beside, beside_key(party)),
        tuple(sorted(each.pending for each in waiting(records, party))),
    )
