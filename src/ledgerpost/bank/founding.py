"""Founding a bank, its card, new terms: what the operator decides."""

from dataclasses import replace

from ledgerpost import cbor
from ledgerpost.bank.records import (
    BANK,
    CLOCK,
    BankRecord,
    ClockRecord,
    Key,
    TermsRecord,
    read_record,
    terms_key,
    write_record,
)
from ledgerpost.papers.bankcard import BankCard
from ledgerpost.papers.terms import Terms
from ledgerpost.sealed import Signer, identity_of, read, trusted
from ledgerpost.terms import Digest, Moment


def found(signer: Signer, name: str, now: Moment) -> dict[Key, bytes | None]:
    """The first records of a bank: free terms, its card, its clock."""
    terms = Terms(signer.fingerprint, 1, now)
    changes = _in_force(signer, name, terms)
    changes[CLOCK] = write_record(ClockRecord(now))
    return changes


def new_terms(signer: Signer, record: bytes, old: bytes, terms: Terms, now: Moment) -> dict[Key, bytes | None]:
    """Put terms in force; those before hold on for their grace (O3).

    ``record`` and ``old`` are the bank's record and that of the terms in force; ``terms`` are numbered here.
    """
    bank = read_record(BankRecord, record, BANK)
    before = read_record(TermsRecord, old, terms_key(bank.terms))
    serial = Terms.read(trusted(before.terms).body).serial + 1
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
