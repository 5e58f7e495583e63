"""Who signed twice: two cheques under one number, one holder's two endorsements of one paper (C3, B5).

The signatures alone prove it; no bank is asked.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

from ledgerpost.judge.evidence import Evidence
from ledgerpost.judge.verdict import Finding, Missing, Need
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.instrument import Chain, parting
from ledgerpost.sealed import fingerprint
from ledgerpost.terms import Digest, Fingerprint, Number


class Again(NamedTuple):
    """Two chequebooks with one number. ``need``: a receipt that is not here, and that tells whether one of them is void
    by its party's own word (L11); None where neither is.
    """

    books: tuple[Digest, Digest]
    need: Need | None


def twice(evidence: Evidence) -> Iterator[Finding | Missing]:
    """Whoever signed two bodies that part."""
    rows: dict[tuple[Fingerprint, Fingerprint, int, bool], list[Chain]] = defaultdict(list)
    for _, chain in sorted(evidence.chains.items()):
        rows[_row(chain)].append(chain)
    for chains in rows.values():
        for one, other in combinations(chains, 2):
            at = parting(one, other)
            # two presenters of one open cheque part at different signers: neither signed twice
            if at is not None and one.signer(at) == other.signer(at):
                again = None if at else _given_again(evidence, one)
                yield _signed_twice(one, other, at) if again is None else _gave_twice(one, again)


def _given_again(evidence: Evidence, chain: Chain) -> Again | None:
    """Two chequebooks with a cheque's number: its drawer may have lost a wallet between them, and drawn each once."""
    if not isinstance(chain.paper, Cheque):
        return None
    return given_twice(evidence, chain.paper.bank, chain.drawer, chain.paper.number)


def given_twice(evidence: Evidence, bank: Fingerprint, party: Fingerprint, number: Number) -> Again | None:
    """Two chequebooks of one party with one number, if there are such: the bank gave it out again (N1).

    Not those of receipts that the party has declared not to hold: their numbers are given out again (L11).
    """
    declared, given = evidence.declared, evidence.given(bank, party)
    books = sorted(
        (identity, book) for book, identity in evidence.chequebooks(bank, party) if book.first <= number <= book.last
    )
    pairs: list[Again] = []
    for (one, first), (other, second) in combinations(books, 2):
        if not declared.lost_both(bank, party, first.time, second.time):
            seq = declared.unknown_of_book(first, given) or declared.unknown_of_book(second, given)
            pairs.append(Again((one, other), Need("receipt", None, party, seq) if seq else None))
    return min(pairs, key=lambda each: each.need is not None, default=None)


def _gave_twice(chain: Chain, again: Again) -> Finding | Missing:
    words = f"gave out number {chain.paper.number} twice"
    found = Finding(chain.paper.bank, chain.drawer, None, 0, "N1", words, again.books)
    if again.need is None:
        return found
    return Missing(f"whether the bank {words}, or its drawer signed it to two", (again.need,), again.books, found)


def _row(chain: Chain) -> tuple[Fingerprint, Fingerprint, int, bool]:
    """Bank, owner and number; two buyers may each have a number of this value."""
    paper, cheque = chain.paper, isinstance(chain.paper, Cheque)
    owner = fingerprint(paper.key) if isinstance(paper, Certificate) else chain.drawer
    return paper.bank, owner, paper.number, cheque


def _signed_twice(one: Chain, other: Chain, at: int) -> Finding:
    signer = one.signer(at)
    drawn = isinstance(one.paper, Cheque)
    shown = tuple(sorted((one.bodies[at], other.bodies[at])))
    if at:
        return Finding(signer, None, None, 0, "B5", "endorsed one instrument to two", shown)
    rule, words = ("C3", "signed one number to two") if drawn else ("B5", "signed two certificates on one number")
    return Finding(signer, None, None, 0, rule, words, shown)
