"""A bank over its store: founding, terms, the counter's batches, the audit. Commits before anything leaves (L7)."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from ledgerpost.bank.audit import Audit, audit
from ledgerpost.bank.casefile import gather
from ledgerpost.bank.clock import backed_up, bank_time
from ledgerpost.bank.counter import Outcome, answer
from ledgerpost.bank.founding import declared, found, jumped, new_terms
from ledgerpost.bank.keys import (
    ACCOUNTS,
    ASSETS,
    BACKUP,
    BANK,
    BESIDE,
    CLOCK,
    DUE,
    RESTORE,
    SETTLED,
    account_key,
    beside_key,
    terms_key,
)
from ledgerpost.bank.prepare import Prepared, touches
from ledgerpost.bank.records import (
    AssetRecord,
    BankRecord,
    BesideRecord,
    ClockRecord,
    RestoreRecord,
    SettledRecord,
    TermsRecord,
    Unheld,
    read_record,
    write_record,
)
from ledgerpost.bank.tidy import due, forget
from ledgerpost.desk.cases import keep_proof
from ledgerpost.desk.home import Seat
from ledgerpost.errors import Denied, NotFound, StoreDamaged
from ledgerpost.papers.bankcard import BankCard
from ledgerpost.papers.createaccount import CreateAccount
from ledgerpost.papers.terms import Terms
from ledgerpost.sealed import Signer, trusted
from ledgerpost.spelling import spell_fingerprint, spell_moment
from ledgerpost.store.port import Store
from ledgerpost.terms import Digest, Fingerprint, Moment

_ROWS: Final = 4096
"""Accounts that one commit takes."""


class Office:
    """A bank whose store is open. ``with opened(seat) as office:`` holds the lock meanwhile."""

    def __init__(self, seat: Seat, store: Store) -> None:
        self.seat = seat
        self._store = store

    def found(self, signer: Signer, name: str, now: Moment) -> None:
        """Write the first records."""
        with self._store.hold([BANK]) as held:
            held.commit(found(signer, name, now))

    # --- reading

    def record(self) -> BankRecord:
        """The bank's own record."""
        return read_record(BankRecord, self._get(BANK), BANK)

    def card(self) -> BankCard:
        """The card handed out."""
        return BankCard.read(trusted(self.record().card).body)

    def terms(self) -> Terms:
        """The terms in force."""
        key = terms_key(self.record().terms)
        return Terms.read(trusted(read_record(TermsRecord, self._get(key), key).terms).body)

    def clock(self) -> Moment:
        """The newest time signed."""
        return read_record(ClockRecord, self._get(CLOCK), CLOCK).now

    def contracts(self) -> dict[Digest, bytes]:
        """The assets kept, by their signed contracts."""
        with self._store.snapshot() as snapshot:
            rows = list(snapshot.under(ASSETS))
        return {Digest(key[len(ASSETS) :]): read_record(AssetRecord, raw, key).contract for key, raw in rows}

    def parties(self) -> int:
        """Accounts open."""
        with self._store.snapshot() as snapshot:
            return sum(1 for _ in snapshot.under(ACCOUNTS))

    def names(self) -> Iterator[tuple[Fingerprint, str]]:
        """Every party, and the name under which it opened its account, which is a claim. Reads all of them."""
        with self._store.snapshot() as snapshot:
            for key, raw in snapshot.under(BESIDE):
                card = read_record(BesideRecord, raw, key).card
                yield Fingerprint(key[len(BESIDE) :]), CreateAccount.read(trusted(card).body).name

    def name_of(self, party: Fingerprint) -> str:
        """The name of one. Raises NotFound."""
        key = beside_key(party)
        with self._store.snapshot() as snapshot:
            raw = snapshot.get(key)
        if raw is None:
            raise NotFound("this party has no account here", where=spell_fingerprint(party))
        return CreateAccount.read(trusted(read_record(BesideRecord, raw, key).card).body).name

    def case(self, party: Fingerprint) -> tuple[bytes, ...]:
        """What is held of a party, for a judge. Raises NotFound."""
        with self._store.snapshot() as snapshot:
            return gather(snapshot, party)

    def audit(self) -> Audit:
        """Sum everything and check everything."""
        with self._store.snapshot() as snapshot:
            return audit(snapshot, self.seat.key)

    def _get(self, key: bytes) -> bytes:
        with self._store.snapshot() as snapshot:
            raw = snapshot.get(key)
        if raw is None:
            raise StoreDamaged(f"record {key!r} is missing", where=str(self.seat.folder))
        return raw

    # --- writing

    def set_terms(self, signer: Signer, terms: Terms, now: Moment) -> Terms:
        """Put terms in force; returns them as numbered."""
        record, lost = self.record(), self.restore() is not None
        old = self._get(terms_key(record.terms))
        with self._store.hold([BANK]) as held:
            time = bank_time(held.get, now)
            held.commit(new_terms(signer, write_record(record), old, terms, time, lost=lost))
        return self.terms()

    def check_clock(self, now: Moment, *, accepted: bool = False) -> None:
        """Refuse to sign a time far beyond the last one without the operator's word (O5). Raises Denied."""
        last, jump = self.clock(), self.terms().jump
        if now > last + jump and not accepted:
            raise Denied(
                f"this computer's clock says {spell_moment(now)}; the bank last signed {spell_moment(last)}",
                where=str(self.seat.folder),
                do="if the clock is right, run again with --clock-is-right: what ended in between will expire",
            )

    def check_restored(self) -> None:
        """A bank rebuilt from a backup answers nobody before its operator settled what came after it (L11, T4)."""
        if self.record().restored:
            raise Denied(
                "this bank was rebuilt from a backup: answering again what it answered since would contradict itself",
                where=str(self.seat.folder),
                do="go on all the same: ledgerpost bank rebuild; if nothing was answered after the backup, add "
                "--nothing-since",
            )

    def declare_restore(self, now: Moment) -> RestoreRecord:
        """The operator's word that the store was lost, and that this is what the backup held (L11, T4).

        Cut off in between, the bank still answers nobody, and the same is done again. Raises Denied if it was not
        rebuilt.
        """
        if not self.record().restored:
            raise Denied(f"'{self.seat.name}' was not rebuilt, or goes on already", where=str(self.seat.folder))
        with self._store.snapshot() as snapshot:
            raw = snapshot.get(RESTORE)
            before = None if raw is None else read_record(RestoreRecord, raw, RESTORE)
            rows = list(snapshot.under(ACCOUNTS))
        restore = declared(now, self.clock(), self.terms().grace, before)
        for at in range(0, len(rows), _ROWS):
            self.fill(dict(jumped(rows[at : at + _ROWS], restore.last)))
        with self._store.hold([BANK, CLOCK]) as held:
            record = write_record(self.record()._replace(restored=False))
            clock = write_record(ClockRecord(restore.last + 1))  # what is signed at ``last`` counts as lost
            held.commit({BANK: record, CLOCK: clock, RESTORE: write_record(restore)})
        return restore

    def restore(self) -> RestoreRecord | None:
        """The last restore declared."""
        with self._store.snapshot() as snapshot:
            raw = snapshot.get(RESTORE)
        return None if raw is None else read_record(RestoreRecord, raw, RESTORE)

    def missing(self) -> tuple[Fingerprint, ...]:
        """Parties that did not come since the restore. Reads all of them."""
        restore = self.restore()
        if restore is None:
            return ()
        with self._store.snapshot() as snapshot:
            came = {
                key[len(SETTLED) :]
                for key, raw in snapshot.under(SETTLED)
                if read_record(SettledRecord, raw, key).last == restore.last
            }
            parties = [Fingerprint(key[len(ACCOUNTS) :]) for key, _ in snapshot.under(ACCOUNTS)]
        return tuple(each for each in parties if each not in came)

    def end_restore(self) -> None:
        """The operator's word that whoever did not come will not: the bank goes on from the backup with these (L11).

        Raises Denied if it waits for nobody.
        """
        restore = self.restore()
        if restore is None or restore.over or self.clock() > restore.until:
            raise Denied(f"'{self.seat.name}' waits for nobody", where=str(self.seat.folder))
        with self._store.hold([BANK]) as held:
            held.commit({RESTORE: write_record(restore._replace(over=True))})

    def settle_restored(self) -> None:
        """The operator's word that the backup is the newest state."""
        with self._store.hold([BANK]) as held:
            restored = {BANK: write_record(self.record()._replace(restored=False))}
            held.commit(restored | backed_up(held.get(CLOCK) or b""))

    def judge(self, batch: Sequence[Prepared], signer: Signer, now: Moment) -> Outcome:
        """Hold, answer, commit: all envelopes of the batch or none. Replies may leave when this returns.

        Proofs of cheating are kept before the commit: cut off in between, the next run finds them once more (T2).
        """
        keys = set(touches(batch))
        while True:
            try:
                with self._store.hold(keys) as held:
                    outcome = answer(batch, held, now, signer)
                    card = read_record(BankRecord, held.values[BANK] or b"", BANK).card if outcome.proofs else b""
                    for proof in outcome.proofs:
                        keep_proof(self.seat.folder, proof, (card, *proof.evidence))
                    if outcome.changes:
                        held.commit(outcome.changes)
                return outcome
            except Unheld as more:
                keys.add(more.key)

    def tidy(self) -> int:
        """Forget instruments past their end plus grace (B4); how many."""
        with self._store.snapshot() as snapshot:
            entries = due(snapshot.under(DUE), self.clock() - self.terms().grace)
        if not entries:
            return 0
        with self._store.hold({account_key(each.party) for each in entries}) as held:
            changes = forget(entries, held)
            held.commit(changes)
        return len(changes) // 2

    def snapshot(self) -> Iterator[tuple[bytes, bytes]]:
        """Every record, to compare."""
        with self._store.snapshot() as snapshot:
            yield from snapshot.under(b"")

    @contextmanager
    def backing_up(self) -> Iterator[Callable[[], Iterator[tuple[bytes, bytes]]]]:
        """Every record as it is now, as often as it is asked for, in key order; all but the mark of the last backup.

        Whatever is signed after that bears a later time: by this a restore tells what may be lost (L11).
        """
        with self._store.snapshot() as snapshot:
            self._mark()
            yield lambda: (row for row in snapshot.under(b"") if row[0] != BACKUP)

    def _mark(self) -> None:
        with self._store.hold([BACKUP, CLOCK]) as held:
            held.commit(backed_up(held.values[CLOCK] or b""))

    def fill(self, changes: dict[bytes, bytes | None]) -> None:
        """Write records as they are, in one change: from a backup."""
        with self._store.hold([BANK]) as held:
            held.commit(changes)


@contextmanager
def opened(seat: Seat) -> Iterator[Office]:
    """The bank with its store open and locked. Raises StoreBusy, StoreDamaged."""
    store = seat.store()
    try:
        yield Office(seat, store)
    finally:
        store.close()
