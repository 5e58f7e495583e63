"""Founding a bank, its card, new terms: what the operator decides."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from ledgerpost import cbor
from ledgerpost.bank.keys import BANK, CLOCK, Key, terms_key
from ledgerpost.bank.records import (
    Account,
    BankRecord,
    ClockRecord,
    RestoreRecord,
    TermsRecord,
    read_record,
    write_record,
)
from ledgerpost.papers.bankcard import BankCard
from ledgerpost.papers.terms import Terms
from ledgerpost.sealed import Sealed, Signer, identity_of, read, trusted
from ledgerpost.terms import MAX_INT, Digest, Moment

_A_SECOND: Final = 1 << 20
"""Numbers of notices, and of terms, that belong to a second: more than a bank makes of them for anybody."""

_FURTHER: Final = 1 << 32
"""How far a number jumps that is beyond those of its time already: the clock was set back."""


def beyond(number: int, time: Moment) -> int:
    """A number beyond all that followed ``number`` in times that the bank may have lost, up to ``time`` (L11).

    The same from its own result, for whoever was cut off. By the time, and not by a step from ``number``: after a later
    loss the step would start there again.
    """
    start = min(time * _A_SECOND, MAX_INT >> 1)
    return start if number <= start else number + _FURTHER


def found(signer: Signer, name: str, now: Moment) -> dict[Key, bytes | None]:
    """The first records of a bank: free terms, its card, its clock."""
    terms = Terms(signer.fingerprint, 1, now)
    changes = _in_force(signer, name, terms)
    changes[CLOCK] = write_record(ClockRecord(now))
    return changes


def new_terms(
    signer: Signer, record: bytes, old: bytes, terms: Terms, now: Moment, *, lost: bool = False
) -> dict[Key, bytes | None]:
    """Put terms in force; those before hold on for their grace (O3).

    ``record`` and ``old`` are the bank's record and that of the terms in force; ``terms`` are numbered here, and
    where a store was ``lost`` beyond any that were signed meanwhile: no wallet may take those for as new (L11).
    """
    bank = read_record(BankRecord, record, BANK)
    before = read_record(TermsRecord, old, terms_key(bank.terms))
    serial = Terms.read(trusted(before.terms).body).serial
    serial = max(serial + 1, beyond(serial, now) if lost else 0)
    name = BankCard.read(trusted(bank.card).body).name
    changes = _in_force(signer, name, replace(terms, serial=serial, time=now), restored=bank.restored)
    changes[terms_key(bank.terms)] = write_record(TermsRecord(before.terms, max(now, 1)))
    return changes


def _in_force(signer: Signer, name: str, terms: Terms, *, restored: bool = False) -> dict[Key, bytes | None]:
    raw = Terms.read(cbor.decode(cbor.encode(terms.body()))).sign(signer)
    identity: Digest = identity_of(read(raw))
    card = BankCard(signer.fingerprint, signer.key, name, terms.time, raw).sign(signer)
    return {
        BANK: write_record(BankRecord(card, identity, restored)),
        terms_key(identity): write_record(TermsRecord(raw, 0)),
    }


def terms_back(
    signer: Signer, bank: BankRecord, newer: Sealed, now: Moment, before: bytes
) -> Iterator[tuple[Key, bytes]]:
    """Put newer terms in force that the bank signed and lost (L11); those ``before`` hold on for their grace."""
    old, terms = BankCard.read(trusted(bank.card).body), Terms.read(newer.body)
    card = BankCard(signer.fingerprint, signer.key, old.name, terms.time, newer.raw).sign(signer)
    yield BANK, write_record(bank._replace(card=card, terms=newer.identity))
    yield terms_key(bank.terms), write_record(TermsRecord(before, max(now, 1)))
    yield terms_key(newer.identity), write_record(TermsRecord(newer.raw, 0))


def declared(now: Moment, clock: Moment, grace: int, before: RestoreRecord | None) -> RestoreRecord:
    """A restore at ``now`` of a store whose newest time is ``clock`` (L11).

    A restore that was not over when the backup was made reaches back to its own beginning.
    """
    still = before is not None and not before.over and clock <= before.until
    first = before.first if still and before is not None else clock
    last = max(now, clock + 1)
    return RestoreRecord(first, last, last + grace, False)


def jumped(rows: Iterable[tuple[Key, bytes]], last: Moment) -> Iterator[tuple[Key, bytes | None]]:
    """Every account in ``rows`` counts its notices from beyond all that can have been made up to ``last`` (L11)."""
    for key, raw in rows:
        account = read_record(Account, raw, key)
        yield key, write_record(account._replace(highest=beyond(account.highest, last)))
