"""Who owes what it has not, after a bank lost its store: what R4 and R6 of spec 6.1 charge, and no more.

A cheque that was paid in the lost time is charged though its drawer, who was not told, has spent the same again; and
a debit that its party brings waits before the letter is answered again that paid for it. Whatever is charged so is
counted; nobody may be further below zero than that.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from ledgerpost.bank.keys import ASSETS
from ledgerpost.bank.records import AssetRecord, read_record
from ledgerpost.papers import notice as n
from ledgerpost.papers.notice import Notice
from ledgerpost.sealed import fingerprint
from ledgerpost.spelling import spell_fingerprint
from ledgerpost.statement import Statement
from ledgerpost.store.port import Snapshot
from ledgerpost.terms import Digest, Fingerprint
from pages import Kept
from simulation.ledger import Done, must

Owed = Counter[tuple[Fingerprint, Digest]]
"""Units by party and asset."""
_CHARGES: Final = (n.CLEARED, n.RECOVERED)


def limits(store: Snapshot) -> dict[tuple[Fingerprint, Digest], int]:
    """How far below zero each issuer may be."""
    records = ((key, read_record(AssetRecord, raw, key)) for key, raw in store.under(ASSETS))
    return {(each.issuer, Digest(key[len(ASSETS) :])): each.limit for key, each in records}


def made_good(charges: Iterable[Notice], done: Iterable[Done]) -> Owed:
    """What these debits of one commit charge that no deposit in it caused; nobody is paid its own cheque."""
    paid = {(fingerprint(each.order.drawer), each.order.number) for each in done if each.order.TYPE == "depositcheque"}
    owed: Owed = Counter()
    for notice in charges:
        lost = (notice.party, notice.number) not in paid and notice.other != notice.party
        if notice.kind == n.RECOVERED or lost:
            owed[notice.party, notice.asset] += notice.amount
    return owed


def check(party: Fingerprint, statement: Statement, store: Snapshot, charged: Owed) -> None:
    """Below zero is an issuer, up to its limit, or whoever was charged so much for lost cheques."""
    may = limits(store)
    for asset, units in statement.balances:
        owes = -units - may.get((party, asset), 0)
        must(owes <= charged[party, asset], f"somebody owes {owes} units, and was charged for no cheque that was lost")


def short(
    pages: Iterable[Kept], balances: Mapping[Fingerprint, Mapping[Digest, int]], store: Snapshot, charged: Owed
) -> Iterator[tuple[str, str]]:
    """What the audit must say of debts: by the ``balances`` of everybody's own orders, and the debits that wait."""
    may = limits(store)
    issuers = {(party, asset) for party, asset in may}
    for page in pages:
        party, where = page.party, f"party {spell_fingerprint(page.party)}"
        waits: Counter[Digest] = Counter()
        for row in page.pending:
            waits[row.asset] += row.amount if row.kind in _CHARGES else 0
        for asset, units in balances[party].items():
            if units < 0 and (party, asset) not in issuers:
                yield where, f"owes {-units} units of {asset.hex()} and is not its issuer"
            limit = may.get((party, asset), 0)
            if (party, asset) in issuers and -units > limit:
                yield where, f"has issued {-units} units of {asset.hex()}, and its contract says {limit}"
        for asset, units in waits.items():
            rest = units - max(balances[party].get(asset, 0) + may.get((party, asset), 0), 0)
            if rest > 0:
                must(charged[party, asset] > 0, "charged beyond its funds, and for no cheque that was lost")
                yield where, f"is charged {rest} units of {asset.hex()} beyond its funds"
