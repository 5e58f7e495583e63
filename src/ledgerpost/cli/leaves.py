"""What a page is told: papers read from files and wallets, with the names and assets known here.

Makes no page itself (``prints``) and writes none (``showing``).
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from ledgerpost.cli.showing import Page
from ledgerpost.cli.words import Book, book_of
from ledgerpost.desk.home import WALLETS, Home
from ledgerpost.desk.purse import Purse, opened
from ledgerpost.envelope import look
from ledgerpost.errors import NotFound, Refusal
from ledgerpost.papers.agreement import retrace
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.instrument import Instrument, claim_of, is_instrument, paper_of
from ledgerpost.papers.order import Order
from ledgerpost.papers.sequence import Sequence
from ledgerpost.papers.takein import TakeIn
from ledgerpost.sealed import fingerprint, is_message, read
from ledgerpost.statement import Spend, is_statement
from ledgerpost.terms import Digest, Fingerprint, Moment
from ledgerpost.wallet.account import Account

if TYPE_CHECKING:
    from ledgerpost.prints.receipt import Fate, Out
    from ledgerpost.prints.views import Money, Party


def book_for_paper(purse: Purse) -> Book:
    """What a wallet knows, with its owner by name: on paper nobody is "you"."""
    book = book_of(purse)
    return replace(book, names={**book.names, **{each.me: each.name for each in purse.accounts()}})


def named_on_paper(book: Book) -> Book:
    """The same for all wallets that are here. Raises StoreBusy and its like: a page that is kept lacks no name."""
    names = dict(book.names)
    for seat in Home.find().seats(WALLETS):
        with opened(seat) as purse:
            names |= {each.me: each.name for each in purse.accounts()}
    return replace(book, names=names)


def party(book: Book, who: Fingerprint) -> "Party":
    """A party as a page is told of it."""
    from ledgerpost.prints.views import Party

    return Party(who, book.names.get(who, ""))


def money(book: Book, asset: Digest, units: int) -> "Money":
    """An amount as a page is told of it."""
    from ledgerpost.prints.views import Money

    known = book.assets.get(asset)
    return Money(asset, units, known and known.head)


# --- instruments and chequebooks ------------------------------------------------------------------------------


def instrument_leaf(book: Book, instrument: Instrument, now: Moment) -> Page:
    """The page of a cheque or certificate, which was checked before."""
    from ledgerpost.prints.instruments import Shown, instrument_page

    paper, signer = paper_of(instrument.body), claim_of(instrument.body).signer
    is_cheque = isinstance(paper, Cheque)
    payee = paper.payee if isinstance(paper, Cheque) else None
    shown = Shown(
        raw=instrument.encode(),
        paper=paper,
        first=party(book, signer if isinstance(paper, Cheque) else fingerprint(paper.key)),
        payee=party(book, payee) if is_cheque and payee else None,
        bank=party(book, paper.bank),
        money=money(book, paper.asset, paper.amount),
        hands=tuple(party(book, fingerprint(raw[:32])) for raw in instrument.endorsements),
        now=now,
    )
    return lambda words: instrument_page(shown, words)


def chequebook_leaf(book: Book, raws: Iterable[bytes]) -> Page:
    """The pages of chequebooks, one each. Raises NotFound if there is none."""
    from ledgerpost.prints.chequebook import Leaf, chequebook_pages

    leaves = [(raw, Sequence.read(read(raw).body)) for raw in raws]
    if not leaves:
        raise NotFound("there is no chequebook yet", do="carry your letter to the bank, then carry its answer back")
    shown = [Leaf(raw, each, party(book, fingerprint(each.key)), party(book, each.bank)) for raw, each in leaves]
    return lambda words: chequebook_pages(shown, words)


# --- receipts -------------------------------------------------------------------------------------------------


def receipt_leaf(book: Book, account: Account, raw: bytes) -> Page:
    """The page of an account's newest receipt. ``raw``: the envelope that its codes hold. Raises NotFound."""
    from ledgerpost.prints.receipt import ReceiptShown, receipt_page

    held = account.held
    if held is None:
        raise NotFound("there is no receipt of this bank yet", do="carry your letter to the bank, then its answer back")
    retraced = retrace(held, account.parts, account.key, account.terms_of)
    statement, base = retraced.statement, retraced.base
    shown = ReceiptShown(
        raw=raw,
        party=party(book, account.me),
        bank=party(book, account.bank.bank),
        seq=statement.seq,
        time=held.time,
        agreed=retraced.agreed,
        before=tuple(money(book, *each) for each in base.balances),
        after=tuple(money(book, *each) for each in statement.balances),
        numbers=tuple((each.first, each.last, each.until) for each in statement.numbers),
        outstanding=tuple(_out(book, each) for each in statement.outstanding),
        fates=tuple(
            _fate(book, written.order, result.code)
            for each in retraced.answered
            for written, result in zip(each.written, each.results, strict=True)
        ),
    )
    return lambda words: receipt_page(shown, words)


def _out(book: Book, spend: Spend) -> "Out":
    from ledgerpost.prints.receipt import Out

    to = None if spend.payee is None else party(book, spend.payee)
    return Out(spend.number, money(book, spend.asset, spend.amount), to, spend.until)


def _fate(book: Book, order: Order | Refusal, code: Refusal) -> "Fate":
    """An order as a page is told of it: its kind, and number and amount if it has them."""
    from ledgerpost.prints.receipt import Fate

    if isinstance(order, Refusal):
        return Fate("", None, None, code)
    kind = "takein" if isinstance(order, TakeIn) else order.TYPE
    asset, amount = getattr(order, "asset", None), getattr(order, "amount", None)
    worth = money(book, asset, amount) if asset is not None and amount is not None else None
    return Fate(kind, getattr(order, "number", None), worth, code)


# --- anything else --------------------------------------------------------------------------------------------


def message_leaf(book: Book, raw: bytes, lines: Iterable[str]) -> Page:
    """The page of any message or envelope. ``lines``: what is in it; none if it is sealed."""
    from ledgerpost.prints.message import MessageShown, message_page

    outside = None if is_message(raw) or is_instrument(raw) or is_statement(raw) else look(raw)
    shown = MessageShown(
        raw=raw,
        recipient=None if outside is None or outside.recipient is None else party(book, outside.recipient),
        until=0 if outside is None else outside.until,
        sealed=outside is not None and outside.kind == "sealed",
        lines=tuple(lines),
    )
    return lambda words: message_page(shown, words)
