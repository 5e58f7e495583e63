"""Liens: what a double signer lacks today is credited to the second redeemer as soon as its funds allow (B5)."""

from ledgerpost.bank.books import Books
from ledgerpost.bank.page import Page
from ledgerpost.papers import notice as n
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.instrument import Instrument, paper_of, read_instrument, read_instruments, same
from ledgerpost.papers.kinds import Pending
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.redeemcertificate import MOST_CHARGES
from ledgerpost.sealed import fingerprint, trusted
from ledgerpost.terms import Fingerprint, Number


def meet_liens(books: Books, page: Page) -> None:
    """Credit second redeemers, first come first, as far as the double signer's funds allow now (B5)."""
    liens = page.liens
    for lien in liens:
        record = books.asset(lien.asset)
        credit = record.limit if record and record.issuer == page.fingerprint else 0
        later = sum(each.amount for each in liens if each.asset == lien.asset and each.notice > lien.notice)
        if page.statement.balance(lien.asset) + credit - page.debits(lien.asset) + later >= 0:
            _meet(books, page, lien)


def _meet(books: Books, page: Page, lien: Pending) -> None:
    """The lien becomes a debit that can be taken in, and its creditor is told of the value.

    Not while the creditor leaves too many such credits lying: they would grow without end (T1).
    """
    if lien.other is None or (creditor := books.page(lien.other)) is None:
        raise AssertionError("a lien for nobody")
    if (
        books.is_missing(creditor.fingerprint)
        or sum(each.kind == n.CREDITED for each in creditor.pending) >= MOST_CHARGES
    ):
        return
    proof = Notice.read(trusted(page.opened(lien.notice)).body)
    page.drop(lien.notice)
    books.notify(page, lien._replace(kind=n.RECOVERED, earlier=lien.notice), proof.enclosed, proof.key)
    books.notify(creditor, lien._replace(kind=n.CREDITED, other=page.fingerprint), proof.enclosed, page.key)
    _paid(books, read_instruments(proof.enclosed or b"")[1], lien.number)


def _paid(books: Books, instrument: Instrument, number: Number) -> None:
    paper = paper_of(instrument.body)
    buyer = fingerprint(paper.key) if isinstance(paper, Certificate) else Fingerprint(b"")
    books.page(buyer)  # whoever writes its instruments holds its account; raises Unheld
    kept = books.kept(buyer, number)
    if kept is not None:
        rows = (
            each._replace(paid=each.paid or same(read_instrument(each.instrument), instrument))
            for each in kept.presented
        )
        books.keep(buyer, number, kept._replace(presented=tuple(rows)))
