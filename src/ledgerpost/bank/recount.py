"""What an account says of the notices that wait for it, counted again from these (ADR 23). Pure, for the audit."""

from collections.abc import Collection, Iterable, Iterator

from ledgerpost.bank.inbox import INCOMING
from ledgerpost.bank.keys import Key, sender_key
from ledgerpost.bank.records import Account
from ledgerpost.papers import notice as n
from ledgerpost.papers.kinds import Pending
from ledgerpost.statement import Statement
from ledgerpost.terms import Digest


def owed(waits: Iterable[Pending]) -> dict[Digest, int]:
    """What debits among them come to, liens aside, per asset (O1)."""
    sums: dict[Digest, int] = {}
    for each in waits:
        if each.kind in n.DEBITS and each.kind != n.LIEN:
            sums[each.asset] = sums.get(each.asset, 0) + each.amount
    return sums


def miscounted(
    statement: Statement, account: Account, waits: Collection[Pending], senders: Collection[Key]
) -> Iterator[str]:
    """Every difference, in words. ``senders``: the party's records under ``SENDERS`` (O7)."""
    incoming = [each for each in waits if each.kind in INCOMING]
    named = {sender_key(statement.party, each.other, each.notice) for each in incoming if each.other is not None}
    liens = tuple(sorted(each for each in waits if each.kind == n.LIEN))
    if account.waiting != len(waits):
        lost = ", ".join(_lost(statement, {each.notice for each in waits}, account.highest)) or "of unknown number"
        yield f"notice {lost} waits and has no record"
    if (account.incoming, senders) != (len(incoming), named):
        yield "other spends are counted than wait for it"
    if (dict(account.owed), account.liens) != (owed(waits), liens):
        yield "other debits are counted than wait for it"


def _lost(statement: Statement, waits: set[int], highest: int) -> Iterator[str]:
    """The first notice numbers that neither wait nor were taken in, as ranges."""
    edges = sorted([*((each, each) for each in waits), *statement.taken, (highest + 1, highest + 1)])
    at = 1
    for first, last in edges:
        if at < first:
            yield str(at) if at == first - 1 else f"{at} to {first - 1}"
        at = max(at, last + 1)
