"""The audit: every asset sums to zero, and every record is what its signatures say (O6, T3).

Reads a snapshot, changes nothing, and names each difference with the party or record it is in.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple, Protocol

from ledgerpost.bank.inbox import waiting
from ledgerpost.bank.keys import (
    ACCOUNTS,
    ASSETS,
    CLOCK,
    DEEDS,
    RESTORE,
    SENDERS,
    SETTLED,
    WAITING,
    Key,
    account_key,
    asset_key,
    beside_key,
    terms_key,
    waiting_key,
)
from ledgerpost.bank.records import (
    Account,
    AssetRecord,
    BesideRecord,
    ClockRecord,
    NoticeRecord,
    RestoreRecord,
    SettledRecord,
    TermsRecord,
    WaitingRecord,
    read_record,
)
from ledgerpost.bank.recount import miscounted, owed
from ledgerpost.errors import BadBytes, StoreDamaged
from ledgerpost.papers import notice as n
from ledgerpost.papers.agreement import Disagreement, Incomplete, retrace
from ledgerpost.papers.beside import indexed
from ledgerpost.papers.contract import open_contract
from ledgerpost.papers.declaration import Declaration
from ledgerpost.papers.kinds import Pending
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.terms import Terms
from ledgerpost.sealed import fingerprint, open_message, trusted
from ledgerpost.spelling import spell_fingerprint
from ledgerpost.statement import Spend, Statement, read_statement
from ledgerpost.terms import FINGERPRINT_SIZE, Digest, Fingerprint, PublicKey


class Readable(Protocol):
    """A snapshot of a store."""

    def get(self, key: Key) -> bytes | None:
        """One record."""
        ...

    def under(self, prefix: Key) -> Iterator[tuple[Key, bytes]]:
        """Every record whose key starts so, in key order."""
        ...


class Finding(NamedTuple):
    """What is wrong, and where: a party, an asset or a record, in hex or words."""

    where: str
    what: str


@dataclass(slots=True)
class Sheet:
    """One asset's sum, in its units: ``balances`` + ``outstanding`` - ``settled`` + ``fees`` must be 0.

    ``issued`` is minus the issuer's balance; ``settled`` is value that was credited and is still listed as
    outstanding or not yet debited, because a notice waits to be taken in.
    """

    balances: int = 0
    outstanding: int = 0
    settled: int = 0
    fees: int = 0
    issued: int = 0

    @property
    def difference(self) -> int:
        """0, or what the books are off by."""
        return self.balances + self.outstanding - self.settled + self.fees


@dataclass(slots=True)
class Audit:
    """What was found: a sheet per asset, how many parties and notices were read, and every difference.

    ``missing``: after a restore, who did not come yet, and what nobody has brought (L11, T4); ``restoring``: whether
    the bank still waits.
    """

    sheets: dict[Digest, Sheet] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    missing: list[Finding] = field(default_factory=list)
    restoring: bool = False
    parties: int = 0
    notices: int = 0

    @property
    def good(self) -> bool:
        """Nothing is wrong."""
        return not self.findings


class _Auditor:
    def __init__(self, shelf: Readable, bank: PublicKey) -> None:
        self.shelf = shelf
        self.key = bank
        self.bank = fingerprint(bank)
        self.audit = Audit()
        self.issuers: dict[Digest, AssetRecord] = {}
        self.spends: dict[tuple[Fingerprint, int], Spend] = {}
        self.incoming: dict[tuple[Fingerprint, int], Spend] = {}
        self.closed: set[tuple[Fingerprint, int]] = set()

    def run(self) -> Audit:
        for key, raw in self.shelf.under(ASSETS):
            self._guard(_named(key), partial(self._asset, Digest(key[len(ASSETS) :]), raw))
        for key, raw in self.shelf.under(ACCOUNTS):
            self.audit.parties += 1
            self._guard(_named(key), partial(self._account, Fingerprint(key[len(ACCOUNTS) :]), raw))
        for key, raw in self.shelf.under(WAITING):
            self._guard(_named(key), partial(self._waiting, key, raw))
        self._match()
        self._restored()
        for asset, sheet in sorted(self.audit.sheets.items()):
            if sheet.difference:
                self._find(f"asset {asset.hex()}", f"the books are off by {sheet.difference:+} units")
            if sheet.issued < 0:
                self._find(f"asset {asset.hex()}", f"its issuer holds {-sheet.issued} units: units came from nothing")
        return self.audit

    def _restored(self) -> None:
        """Who is waited for, which notices are lost, and what waits for somebody who did not come (L11)."""
        raw = self.shelf.get(RESTORE)
        restore = None if raw is None else read_record(RestoreRecord, raw, RESTORE)
        if restore is None:
            return
        clock = self.shelf.get(CLOCK)
        now = read_record(ClockRecord, clock, CLOCK).now if clock else 0
        self.audit.restoring = not restore.over and now <= restore.until
        for key, _ in self.shelf.under(ACCOUNTS):
            party = Fingerprint(key[len(ACCOUNTS) :])
            self._guard(_named(key), partial(self._came, party, restore))
        deeds = Counter(key[len(DEEDS) : len(DEEDS) + FINGERPRINT_SIZE] for key, _ in self.shelf.under(DEEDS))
        for who, count in sorted(deeds.items()):
            self._miss(Fingerprint(who), f"{count} of others' orders about it wait for it")

    def _came(self, party: Fingerprint, restore: RestoreRecord) -> None:
        raw = self.shelf.get(SETTLED + party)
        settled = None if raw is None else read_record(SettledRecord, raw, SETTLED + party)
        if settled is None or settled.last != restore.last:
            stands = "nothing is decided about it" if self.audit.restoring else "it goes on from the backup"
            self._miss(party, f"it did not come since the restore: {stands}")
            return
        said = Declaration.read(trusted(settled.declaration).body)
        known = {each.notice for each in waiting(self.shelf, party)}
        for number in said.lacking:
            if number not in known:
                self._miss(party, f"notice {number} waited for it, and nobody has brought it")

    def _miss(self, party: Fingerprint, what: str) -> None:
        self.audit.missing.append(Finding(f"party {spell_fingerprint(party)}", what))

    def _guard(self, where: str, check: Callable[[], None]) -> None:
        """A record that does not read is a finding, and the rest is read on."""
        try:
            check()
        except (BadBytes, StoreDamaged, Incomplete) as error:
            self._find(where, error.what)

    def _find(self, where: str, what: str) -> None:
        self.audit.findings.append(Finding(where, what))

    def _sheet(self, asset: Digest) -> Sheet:
        return self.audit.sheets.setdefault(asset, Sheet())

    def _asset(self, asset: Digest, raw: bytes) -> None:
        record = read_record(AssetRecord, raw, asset_key(asset))
        self.issuers[asset] = record
        self._sheet(asset)
        contract, sealed = open_contract(record.contract, self.bank)
        if (sealed.identity, sealed.signer, contract.head.limit) != (asset, record.issuer, record.limit):
            self._find(f"asset {asset.hex()}", "its record is not what its contract says")

    def _account(self, party: Fingerprint, raw: bytes) -> None:
        where = f"party {spell_fingerprint(party)}"
        account = read_record(Account, raw, account_key(party))
        receipt = Receipt.of(open_message(account.receipt, self.key), self.bank)
        statement = read_statement(receipt.statement)
        if not receipt.party == statement.party == party == fingerprint(account.key):
            self._find(where, "its record holds another party's receipt")
        beside = self.shelf.get(beside_key(party))
        parts = () if beside is None else read_record(BesideRecord, beside, beside_key(party)).parts
        try:
            retrace(receipt, indexed(parts), account.key, self._terms)
        except Disagreement as error:
            self._find(where, error.what)
        self._count(party, statement, account)
        waits = list(waiting(self.shelf, party))
        for record in waits:
            self._notice(party, record, where)
        self._sums(statement, account, [record.pending for record in waits], where)

    def _terms(self, identity: Digest) -> Terms | None:
        raw = self.shelf.get(terms_key(identity))
        if raw is None:
            return None
        record = read_record(TermsRecord, raw, terms_key(identity))
        return Terms.of(open_message(record.terms, self.key), self.bank)

    def _count(self, party: Fingerprint, statement: Statement, account: Account) -> None:
        where = f"party {spell_fingerprint(party)}"
        for asset, units in statement.balances:
            self._sheet(asset).balances += units
            issuer = self.issuers.get(asset)
            if issuer and issuer.issuer == party:
                self._sheet(asset).issued -= units
                if -units > issuer.limit:
                    self._find(
                        where, f"has issued {-units} units of {asset.hex()}, and its contract says {issuer.limit}"
                    )
            elif units < 0:
                self._find(where, f"owes {-units} units of {asset.hex()} and is not its issuer")
        for spend in statement.outstanding:
            self._sheet(spend.asset).outstanding += spend.amount
            self.spends[(party, spend.number)] = spend
        for asset, units in account.fees:
            self._sheet(asset).fees += units

    def _sums(self, statement: Statement, account: Account, waits: list[Pending], where: str) -> None:
        for asset, units in owed(waits).items():
            self._covers(statement.party, asset, statement.balance(asset), units)
        for what in miscounted(
            statement, account, waits, {key for key, _ in self.shelf.under(SENDERS + statement.party)}
        ):
            self._find(where, what)

    def _covers(self, party: Fingerprint, asset: Digest, balance: int, owed: int) -> None:
        """Only what a loss brought to light may charge more than there is (R6): that is named."""
        issuer = self.issuers.get(asset)
        limit = issuer.limit if issuer and issuer.issuer == party else 0
        short = owed - max(balance + limit, 0)
        if short > 0:
            where = f"party {spell_fingerprint(party)}"
            self._find(where, f"is charged {short} units of {asset.hex()} beyond its funds")

    def _notice(self, party: Fingerprint, record: NoticeRecord, where: str) -> None:
        self.audit.notices += 1
        pending = record.pending
        notice = Notice.of(open_message(record.raw, self.key), self.bank)
        if notice.party != party or notice.pending() != pending:
            self._find(where, f"notice {pending.notice} is not what its record says")
        if pending.kind in n.MOVED:
            self._sheet(pending.asset).settled += pending.amount
        if pending.kind == n.CREDITED:
            self._sheet(pending.asset).settled -= pending.amount
        if pending.kind in n.CLOSING:
            self.closed.add((party, pending.number))
        if pending.kind == n.RECEIPT and pending.other is not None:
            spend = Spend(pending.number, party, pending.asset, pending.amount, pending.until)
            self.incoming[(pending.other, pending.number)] = spend

    def _waiting(self, key: Key, raw: bytes) -> None:
        rest = key[len(WAITING) :]
        payee, spender = Fingerprint(rest[:FINGERPRINT_SIZE]), Fingerprint(rest[FINGERPRINT_SIZE:-8])
        number = int.from_bytes(rest[-8:], "big")
        record = read_record(WaitingRecord, raw, waiting_key(payee, spender, number))
        self.incoming[(spender, number)] = Spend(number, payee, record.asset, record.amount, record.until)

    def _match(self) -> None:
        """A spend is in one state: whatever waits at a payee is open at its spender, and the other way round (O2)."""
        raw = self.shelf.get(CLOCK)
        now = read_record(ClockRecord, raw, CLOCK).now if raw else 0
        for (spender, number), spend in self.incoming.items():
            if spend.until >= now and self.spends.get((spender, number)) != spend:
                self._differs(spender, f"spend {number} waits at its payee, but is not outstanding here")
        for (spender, number), spend in self.spends.items():
            open_here = (spender, number) not in self.closed and spend.until >= now and spend.payee is not None
            if open_here and (spender, number) not in self.incoming:
                self._differs(spender, f"spend {number} is outstanding, but waits nowhere")
            if (spender, number) in self.closed and (spender, number) in self.incoming and spend.until >= now:
                self._differs(spender, f"spend {number} is closed here, but still waits at its payee")

    def _differs(self, spender: Fingerprint, what: str) -> None:
        """After a restore the other half may be lost, or still to come; else a record contradicts another."""
        if self.shelf.get(RESTORE) is None:
            self._find(f"party {spell_fingerprint(spender)}", what)
        else:
            self._miss(spender, what)


def audit(shelf: Readable, bank: PublicKey) -> Audit:
    """Read everything under the bank's key; never raises for what it finds, except damage the store itself names."""
    return _Auditor(shelf, bank).run()


def _named(key: Key) -> str:
    prefix, _, rest = key.partition(b"/")
    return f"record {prefix.decode()}/{rest.hex()}"
