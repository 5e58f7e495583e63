"""What a letter proves: against its writer, who contradicts the bank's books, or against a double signer (L10).

The bank answers all the same, as L6 says; what is shown here is for the judge. Pure: whoever calls keeps the proofs.
Only parties with an account can bring any, and only against what the bank signed or verified itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain as joined

from ledgerpost.bank.books import Books
from ledgerpost.bank.page import Page
from ledgerpost.bank.prepare import Received
from ledgerpost.errors import Refusal
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.instrument import Chain, Instrument, check_chain, claim_of, parting, read_instrument
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.receipt import Result
from ledgerpost.papers.redeemcertificate import RedeemCertificate
from ledgerpost.sealed import fingerprint, is_message, read
from ledgerpost.statement import digest_of, seq_of
from ledgerpost.terms import Digest, Fingerprint, Moment, PublicKey


@dataclass(frozen=True, slots=True)
class Proof:
    """``against`` is whoever signed what contradicts; ``matter`` names the contradiction, whenever it comes again."""

    words: str
    against: Fingerprint
    matter: Digest
    evidence: tuple[bytes, ...]


def _matter(*parts: bytes) -> Digest:
    return Digest(sha256(b"".join(len(part).to_bytes(2, "big") + part for part in parts)).digest())


# --- against the letter's writer


def saw_another(books: Books, page: Page, received: Received) -> Iterator[Proof]:
    """``seen`` names a statement that the bank did not sign under that sequence: one side keeps other books.

    To be asked before the letter is carried out. A bank that was set back to an old state learns it here.
    """
    seen = received.letter.seen
    if page.receipt and _signed(page, seen.seq) not in (seen.digest, None):
        words = f"letter {received.letter.seq} has seen another statement {seen.seq} than the bank signed"
        matter = _matter(b"seen", page.fingerprint, seen.seq.to_bytes(8, "big"), seen.digest)
        yield Proof(words, page.fingerprint, matter, _with_books(books, page, received.raw))


def _signed(page: Page, seq: int) -> Digest | None:
    """Digest of the statement that the bank signed under this sequence, if it still knows."""
    if seq == page.statement.seq:
        return digest_of(page.raw)
    return page.base.statement if seq == seq_of(page.base_raw) else None


def _with_books(books: Books, page: Page, letter: bytes) -> tuple[bytes, ...]:
    """The letter, and all that the bank holds of its writer's books: card, receipt, what stands beside it, terms."""
    documents = (page.card, letter, page.receipt, *page.parts.values())
    letters = (read(raw) for raw in documents if is_message(raw))
    named = dict.fromkeys(Letter.read(each.body).terms for each in letters if each.type == Letter.TYPE)
    terms = joined.from_iterable(books.signed_terms(identity) for identity in named)
    return tuple(dict.fromkeys((*documents, *terms)))


# --- against who signed twice


def signed_twice(books: Books, page: Page, received: Received, results: tuple[Result, ...]) -> Iterator[Proof]:
    """Instruments in this letter that part from others at somebody's signature (C3, B5).

    To be asked when the letter is carried out, with what became of its orders.
    """
    for written, result in zip(received.written, results, strict=False):
        order = written.order
        if isinstance(order, RedeemCertificate) and result.code in (Refusal.DONE, Refusal.USED):
            kept = books.kept(fingerprint(order.certificate.key), order.number)
            others = [each.instrument for each in kept.presented] if kept else []
            if len(others) > 1 or result.code:  # one alone is this very chain
                yield from _parted(books, b"", _chain(books, order.instrument, None), others, order.certificate.until)
        elif isinstance(order, DepositCheque) and result.code is Refusal.USED and result.part in page.parts:
            drawer = books.page(fingerprint(order.drawer))
            mine = _chain(books, order.instrument, order.drawer)
            card = drawer.card if drawer else b""
            yield from _parted(books, card, mine, [page.parts[result.part]], order.cheque.until, order.drawer)


def _chain(books: Books, instrument: Instrument, drawer: PublicKey | None) -> Chain:
    """Verified: a certificate is signed by this bank, a cheque by the drawer whose number it is."""
    certificate = claim_of(instrument.body).signer == books.bank
    return check_chain(instrument, books.signer.key if certificate or drawer is None else drawer, books.bank)


def _parted(
    books: Books, card: bytes, mine: Chain, others: list[bytes], until: Moment, drawer: PublicKey | None = None
) -> Iterator[Proof]:
    """A proof for each that parts from ``mine`` at one signer. ``card``: the drawer's, whose key no bare cheque has."""
    for raw in others:
        other = _chain(books, read_instrument(raw), drawer)
        at = parting(mine, other)
        # two presenters of one open cheque part at different signers; and after its end a number is free again (12.8)
        if at is None or not (
            _same_signer(mine, other, at) or (_on_own_number(mine, other, at) and books.now <= until)
        ):
            continue
        number, signer = mine.paper.number, mine.signer(at)
        over = mine.bodies[at - 1] if at else number.to_bytes(8, "big")
        words = f"an instrument, number {number}, was endorsed to two" if at else f"number {number} was signed to two"
        papers = sorted((mine.instrument.encode(), raw))
        evidence = tuple(each for each in (card, *papers) if each)
        yield Proof(words, signer, _matter(b"twice", signer, over), evidence)


def _same_signer(mine: Chain, other: Chain, at: int) -> bool:
    return mine.signer(at) == other.signer(at) != mine.paper.bank


def _on_own_number(mine: Chain, other: Chain, at: int) -> bool:
    """Whether a cheque's drawer bought a certificate on the number of the cheque."""
    return at == 0 and isinstance(other.paper, Certificate) and fingerprint(other.paper.key) == mine.drawer
