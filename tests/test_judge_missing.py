"""What the judge says when a document is missing: less, never something else; and it names the one that is missing.

Of every quarrel a smallest set of files is found that proves all that the whole proves; then each is taken away.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache

import pytest

from ledgerpost.errors import BadBytes
from ledgerpost.judge.court import judge
from ledgerpost.judge.verdict import Need, Verdict
from ledgerpost.judge.within import everything, keys_in
from ledgerpost.papers.bankcard import BankCard
from ledgerpost.papers.beside import identity_of_part
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.instrument import claim_of, is_instrument, paper_of, read_instrument
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.sequence import Sequence as Chequebook
from ledgerpost.sealed import Sealed, fingerprint, identity_of, is_message, read, trusted
from ledgerpost.statement import digest_of, read_statement
from ledgerpost.terms import Digest, Fingerprint
from quarrels import CASES, Quarrel, Row, built
from remembered import remembered
from test_judge import CHEATS, rows, whole


@pytest.fixture(scope="module", autouse=True)
def quicker() -> Iterator[None]:
    """The same files are judged again and again; the other tests of the judge remember nothing."""
    with remembered():
        yield


# --- whether a document is the one that is asked for --------------------------------------------------------------


def fits(need: Need, raw: bytes) -> bool:
    """Whether a document, or one within it, is what the judge asks for."""
    return any(_fits(need, each) for each in everything((raw,)))


def _fits(need: Need, raw: bytes) -> bool:
    if need.kind in ("card", "bankcard"):  # any document does that carries the key
        return need.party in keys_in((raw,))
    if need.identity is not None:
        return need.identity in _names(raw)
    return any(_meets(need, kind, party, number) for kind, party, number in _marks(raw))


def _meets(need: Need, kind: str, party: Fingerprint, number: int) -> bool:
    enough = number >= (need.number or 0) if kind == "receipt" else need.number in (None, number)
    return need.kind == kind and need.party in (None, party) and enough


def _names(raw: bytes) -> Iterator[Digest]:
    """Its identity, and that of a statement or of terms which it bears."""
    yield identity_of_part(raw)
    if is_message(raw) and read(raw).type == Receipt.TYPE:
        yield digest_of(Receipt.read(trusted(raw).body).statement)
    if is_message(raw) and read(raw).type == BankCard.TYPE:
        yield identity_of(read(BankCard.read(trusted(raw).body).terms))


def _marks(raw: bytes) -> Iterator[tuple[str, Fingerprint, int]]:
    """Its kind, whose it is, and its number, as a ``Need`` names them."""
    if is_instrument(raw):
        body = read_instrument(raw).body
        paper = paper_of(body)
        owner = fingerprint(paper.key) if isinstance(paper, Certificate) else claim_of(body).signer
        yield "instrument", owner, paper.number
    elif is_message(raw):
        sealed = trusted(raw)
        yield sealed.type, sealed.signer, 0
        with suppress(BadBytes):  # it may be garbled, and be found against for that
            yield from _marks_of(sealed)


def _marks_of(sealed: Sealed) -> Iterator[tuple[str, Fingerprint, int]]:
    if sealed.type == Receipt.TYPE:
        receipt = Receipt.read(sealed.body)
        yield "receipt", receipt.party, read_statement(receipt.statement).seq
    elif sealed.type == Notice.TYPE:
        notice = Notice.read(sealed.body)
        yield "notice", notice.party, notice.notice
    elif sealed.type == Letter.TYPE:
        yield "letter", sealed.signer, Letter.read(sealed.body).seq
    elif sealed.type == Chequebook.TYPE:
        book = Chequebook.read(sealed.body)
        yield from (("sequence", fingerprint(book.key), number) for number in range(book.first, book.last + 1))


# --- less, and never something else -------------------------------------------------------------------------------


def proven(quarrel: Quarrel, files: Sequence[bytes]) -> Counter[Row]:
    return rows(quarrel, judge(files, quarrel.now))


@cache
def least(name: str) -> tuple[bytes, ...]:
    """A smallest set of files that proves what all do: without any one of these something else is proven."""
    quarrel = built(name)
    files, found = list(quarrel.files), rows(quarrel, whole(name))
    size = len(files) // 2
    while size:
        at = 0
        while at < len(files):
            rest = files[:at] + files[at + size :]
            if proven(quarrel, rest) == found:
                files = rest
            else:
                at += size
        size //= 2
    return tuple(files)


def weaker(row: Row, found: Counter[Row]) -> bool:
    """Whether that was proven, or something about the same debtor that says more."""
    return row in found or (row.amount is None and any(row.debtor == each.debtor for each in found))


EXCUSED = (
    "a number given out twice and drawn twice",
    "a number given out twice and one of two paid",
    "the last number of three chequebooks drawn twice",
)
"""Two cheques under one number prove who signed them, unless the bank gave the number out twice: that is the drawer's
excuse, and the drawer's to show. The judge asks for it."""

CARDS = ("card", "bankcard", "terms", "contract", "sequence")
"""Where nothing lies but these, there is no quarrel, and nothing to ask for."""


def asked(verdict: Verdict) -> Iterator[Need]:
    for missing in (*verdict.undecidable, *verdict.open):
        yield from missing.needs


@pytest.mark.parametrize("name", CHEATS)
def test_with_a_file_fewer_less_is_proven_and_it_is_named(name: str) -> None:
    quarrel, files = built(name), least(name)
    found = rows(quarrel, whole(name))
    assert proven(quarrel, files) == found
    for at, raw in enumerate(files):
        rest = (*files[:at], *files[at + 1 :])
        verdict = judge(rest, quarrel.now)
        left = rows(quarrel, verdict)
        assert name in EXCUSED or all(weaker(row, found) for row in left), f"without {_name(raw)}: {left}"
        if left != found and any(_name(each) not in CARDS for each in rest):
            assert any(fits(need, raw) for need in asked(verdict)), (
                f"nobody asks for {_name(raw)}: {sorted(map(_said, asked(verdict)))}"
            )


@pytest.mark.parametrize("name", CASES)
def test_whatever_file_is_held_back_is_named_if_it_says_more(name: str) -> None:
    """Of the whole of it: what an honest side holds back may clear somebody; then it must be asked for."""
    quarrel = built(name)
    found = rows(quarrel, whole(name))
    for at, raw in enumerate(quarrel.files):
        verdict = judge((*quarrel.files[:at], *quarrel.files[at + 1 :]), quarrel.now)
        if rows(quarrel, verdict) - found:
            assert any(fits(need, raw) for need in asked(verdict)), (
                f"nobody asks for {_name(raw)}: {sorted(map(_said, asked(verdict)))}"
            )


def _name(raw: bytes) -> str:
    return read(raw).type if is_message(raw) else "a statement or an instrument"


def _said(need: Need) -> str:
    return f"{need.kind} {need.number}"
