"""What an instrument is worth, hand by hand, as far as the keys here can tell."""

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import NamedTuple

from ledgerpost.cli.items import instrument_text
from ledgerpost.cli.words import Book, groups
from ledgerpost.errors import BadBytes
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.instrument import (
    Chain,
    Instrument,
    check_chain,
    check_chequebook,
    claim_of,
    paper_of,
    parting,
    read_instrument,
)
from ledgerpost.papers.sequence import Sequence
from ledgerpost.sealed import fingerprint, read
from ledgerpost.spelling import spell_day
from ledgerpost.terms import Fingerprint, PublicKey


class Verdict(NamedTuple):
    """``good``: every signature verifies (None: a key is not at hand); ``why`` says why not."""

    kind: str
    lines: tuple[str, ...]
    good: bool | None
    why: str
    signer: Fingerprint | None


def examine(raw: bytes, keys: Mapping[Fingerprint, PublicKey], book: Book) -> Verdict:
    """An instrument, its chain and its chequebook. Raises BadBytes if it does not even read."""
    instrument = read_instrument(raw)
    paper, signer = paper_of(instrument.body), claim_of(instrument.body).signer
    kind = "certificate" if isinstance(paper, Certificate) else "cheque"
    head = instrument_text(book, instrument)
    key = keys.get(signer) or key_in_chequebook(instrument)
    if key is None:
        return Verdict(kind, (head,), None, "the key of its drawer or bank is not at hand", signer)
    try:
        chain = check_chain(instrument, key, paper.bank)
        lines = (head, *_hands(chain, book), *_numbers(chain, keys))
        return Verdict(kind, lines, True, "", signer)
    except BadBytes as error:
        return Verdict(kind, (head,), False, error.what, signer)


def parted(raws: Iterable[bytes], keys: Mapping[Fingerprint, PublicKey], book: Book) -> list[str]:
    """Who signed twice, where two instruments at hand show it (C3, B5)."""
    chains = [chain for raw in raws if (chain := _chain(raw, keys)) is not None]
    found = []
    for one, other in combinations(chains, 2):
        at = parting(one, other)
        same = (one.drawer, one.paper.number) == (other.drawer, other.paper.number)
        certificates = isinstance(one.paper, Certificate) and isinstance(other.paper, Certificate)
        if at is None or not same or one.signer(at) != other.signer(at) or (at == 0 and certificates):
            continue
        who, verb = book.party(one.signer(at)), "signed" if at == 0 else "endorsed"
        found.append(f"{who} {verb} number {one.paper.number} to two: these files alone prove it")
    return list(dict.fromkeys(found))


def _chain(raw: bytes, keys: Mapping[Fingerprint, PublicKey]) -> Chain | None:
    try:
        instrument = read_instrument(raw)
        paper = paper_of(instrument.body)
        key = keys.get(claim_of(instrument.body).signer) or key_in_chequebook(instrument)
        return None if key is None else check_chain(instrument, key, paper.bank)
    except BadBytes:
        return None


def key_in_chequebook(instrument: Instrument) -> PublicKey | None:
    """The drawer's key that came along; a key is worth what its fingerprint is worth."""
    if instrument.chequebook is None:
        return None
    body = read(instrument.chequebook).body
    return Sequence.read(body).key


def _hands(chain: Chain, book: Book) -> list[str]:
    return [
        f"  endorsed by {book.party(chain.signer(at))} to {book.party(fingerprint(holder))}"
        for at, holder in enumerate(chain.holders[1:], 1)
        if holder is not None
    ]


def _numbers(chain: Chain, keys: Mapping[Fingerprint, PublicKey]) -> list[str]:
    """Whether the bank gave out the cheque's number to its drawer (N4)."""
    if isinstance(chain.paper, Certificate):
        return ["the bank set its value aside; whether it was redeemed, only the bank can say"]
    unsure = "whether it is covered, or was presented before, only the bank can say"
    bank = keys.get(chain.paper.bank)
    if bank is None or chain.instrument.chequebook is None:
        return [f"at the bank {groups(chain.paper.bank)}", "its number can't be checked here", unsure]
    book = check_chequebook(chain, bank)
    return [f"the bank gave its number to the drawer, good until {spell_day(book.until)}", unsure]
