"""One letter at the counter: each order is cleared, then settled, then charged for, on its own (L4, O1-O3)."""

from collections.abc import Iterator

from ledgerpost.bank.books import Books
from ledgerpost.bank.deeds import hear_later, is_taken, take_due, tell_collected
from ledgerpost.bank.owed import is_due
from ledgerpost.bank.page import Page
from ledgerpost.bank.prepare import Received
from ledgerpost.bank.records import AssetRecord, WaitingRecord
from ledgerpost.errors import Refusal
from ledgerpost.papers import notice as n
from ledgerpost.papers.beside import identity_of_part
from ledgerpost.papers.cancelspend import CancelSpend
from ledgerpost.papers.contract import open_contract
from ledgerpost.papers.counter import Side
from ledgerpost.papers.createaccount import CreateAccount
from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.kinds import Kept, Paper, Pending, Refused, Waiting
from ledgerpost.papers.order import Order
from ledgerpost.papers.orders import Written, done, fee_of
from ledgerpost.papers.receipt import Result
from ledgerpost.papers.redeemcertificate import RedeemCertificate
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.papers.terms import Terms
from ledgerpost.sealed import identity_of, read, trusted
from ledgerpost.statement import Inapplicable, Statement
from ledgerpost.terms import Digest, Fingerprint, Moment, Number


class Teller:
    """The counter as an order sees it (``papers.kinds.Counter``), for one letter of one party."""

    def __init__(self, books: Books, page: Page, terms: Terms, letter: Digest, *, opening: bool) -> None:
        self.books = books
        self.page = page
        self.terms = terms
        self.letter = letter
        self.now: Moment = books.now
        self.statement: Statement = page.statement
        self.opening = opening

    # --- the letter

    def carry_out(self, received: Received) -> tuple[Result, ...]:
        """A result for each order; the statement is left where the letter takes it.

        A letter whose first order opens no account ends there: nobody may act without one (L6).
        """
        results: list[Result] = []
        for each in received.written:
            results.append(self._one(each))
            if not self.page.card:
                break
        return tuple(results)

    def _one(self, each: Written) -> Result:
        if isinstance(each.order, Refusal):
            self.opening = False
            return Result(each.order)
        again = self._again(each.order, each.raw)
        if again is not None:
            return again
        refused, after = self._judge(each.order)
        if refused is not None:
            self.opening = False
            self.statement = each.order.refused(self.statement, refused.code)
            return self._refusal(self._told(each.order, refused))
        return self._do(each.order, each.raw, after)

    def _again(self, order: Order, raw: bytes) -> Result | None:
        """An order that was done before the bank lost its store has its due, and tells nobody twice (L11)."""
        known = is_due(self.books, self.page, order, raw) or is_taken(self.books, self.page, order)
        if self.opening is not isinstance(order, CreateAccount) or not known or self._has_ended(order):
            return None
        try:
            after = done(self.statement, order, self.terms)
        except Inapplicable:
            return None
        asset = order.asset if isinstance(order, SpendTo) else None
        if not after.fits() or (asset and self._usable(asset, after) < 0):
            return None
        if self._lacks_fee(order, after):
            self.statement = order.refused(self.statement, Refusal.FEE)
            return Result(Refusal.FEE)
        take_due(self.books, self.page, order, raw)
        if self.opening:  # as ever: those of its spenders who know of it are told nothing
            return self._do(order, raw, after)
        self.statement = after
        self._charge(order)
        return Result(Refusal.DONE)

    def _has_ended(self, order: Order) -> bool:
        """Whether a spend that comes back by this order comes back already, its time being over meanwhile."""
        return isinstance(order, CancelSpend) and self.page.find(order.number, None, *n.CLOSING) is not None

    def _judge(self, order: Order) -> tuple[Refused | None, Statement]:
        """Clear: nothing changes. The statement that follows if it is done, its fee charged."""
        refused = order.clear(self)
        if self.opening and not isinstance(order, CreateAccount):
            refused = Refused(Refusal.OPENED)
        if refused is not None:
            return refused, self.statement
        try:
            after = done(self.statement, order, self.terms)
        except Inapplicable:
            return Refused(Refusal.CAP), self.statement
        if not after.fits():
            return Refused(Refusal.CAP), self.statement
        if self._lacks_fee(order, after):
            return Refused(Refusal.FEE), self.statement
        return None, after

    def _lacks_fee(self, order: Order, after: Statement) -> bool:
        token = self.terms.token
        return bool(token and fee_of(order, self.terms) and self._usable(token, after) < 0)

    def _do(self, order: Order, raw: bytes, after: Statement) -> Result:
        if isinstance(order, CreateAccount):
            self.page.card = raw
            self.books.opened(self.page)
        self.opening = False
        self.statement = after
        self._charge(order)
        return Result(Refusal.DONE, order.settle(self, raw))

    def _charge(self, order: Order) -> None:
        fee = fee_of(order, self.terms)
        if fee and self.terms.token:
            self.page.fees[self.terms.token] = self.page.fees.get(self.terms.token, 0) + fee

    def _told(self, order: Order, refused: Refused) -> Refused:
        """What a refusal makes known to others, once it is certain: a bounce, another chain of a certificate."""
        if isinstance(order, DepositCheque) and refused.tell:
            return refused._replace(evidence=order.bounce(self))
        if isinstance(order, RedeemCertificate) and refused.code is Refusal.USED:
            if refused.tell:
                order.lien(self)
            order.remember(self, paid=False)
        return refused

    def _refusal(self, refused: Refused) -> Result:
        part = None
        if refused.evidence is not None:
            part = identity_of_part(refused.evidence)
            self.page.parts[part] = refused.evidence
        return Result(refused.code, part, refused.about, refused.letter)

    def refuse_all(self, received: Received, code: Refusal) -> tuple[Result, ...]:
        """Every order of a letter that is late or under terms that hold no longer; numbers of spends close (L6, L7).

        But what was done before the bank lost its store is not asked about again, nor by when it came (L11).
        """
        results = []
        known = self.books.restore is not None and bool(self.books.signed_terms(received.letter.terms))
        for each in received.written:
            again = self._again(each.order, each.raw) if known and not isinstance(each.order, Refusal) else None
            results.append(again or self._refuse(each.order, code))
            if not self.page.card:
                break
        return tuple(results)

    def _refuse(self, order: Order | Refusal, code: Refusal) -> Result:
        if isinstance(order, Refusal):
            return Result(order)
        given = self._or_pending(order, code)
        self.statement = order.refused(self.statement, given)
        return Result(given)

    def _or_pending(self, order: Order, code: Refusal) -> Refusal:
        waits = isinstance(order, SpendTo) and self.page.find(order.number, None, *n.ON_NUMBERS)
        return Refusal.PENDING if waits else code

    # --- what orders ask

    @property
    def me(self) -> Page:
        """The letter's signer."""
        return self.page

    @property
    def bank(self) -> Fingerprint:
        """The bank's own fingerprint."""
        return self.books.bank

    @property
    def restoring(self) -> bool:
        """Whether parties are still waited for."""
        return self.books.restoring

    def is_missing(self, party: Fingerprint) -> bool:
        """Whether nothing may be decided about this one yet."""
        return self.books.is_missing(party)

    def side(self, party: Fingerprint) -> Page | None:
        """Another party with an account."""
        return self.books.page(party)

    def keeps(self, asset: Digest) -> bool:
        """Whether the bank keeps this asset."""
        return self.books.asset(asset) is not None

    def usable(self, asset: Digest) -> int:
        """Balance, plus what an issuer may still issue, less debits not taken in (O1, O6)."""
        return self._usable(asset, self.statement)

    def _usable(self, asset: Digest, statement: Statement) -> int:
        return statement.balance(asset) + self._credit(asset, self.page) - self.page.debits(asset)

    def usable_of(self, side: Side, asset: Digest) -> int:
        """What another may use now, by its newest statement; the signer's own is the one in hand (O1)."""
        if side.fingerprint == self.page.fingerprint:
            return self.usable(asset)
        page = self._page_of(side)
        return self._credit(asset, page) + page.statement.balance(asset) - page.debits(asset)

    def _credit(self, asset: Digest, page: Page) -> int:
        record = self.books.asset(asset)
        return record.limit if record and record.issuer == page.fingerprint else 0

    def _page_of(self, side: Side) -> Page:
        page = self.books.page(side.fingerprint)
        if page is None:
            raise AssertionError("a party without an account")
        return page

    def kept(self, party: Fingerprint, number: Number) -> Kept | None:
        """Instruments presented under that number of that party."""
        return self.books.kept(party, number)

    def keep(self, party: Fingerprint, number: Number, kept: Kept) -> None:
        """Keep them, until their end plus grace."""
        self.books.keep(party, number, kept)

    def notify(self, to: Side, kind: str, about: Pending, enclosed: bytes | None) -> bytes:
        """A notice to ``to``, caused and signed by this letter's party."""
        page = self._page_of(to)
        about = Pending(0, kind, *about[2:])
        return self.books.notify(page, about, enclosed, self.page.key if enclosed else None)

    def hear_later(self, spender: Fingerprint, number: Number, raw: bytes) -> None:
        """The spender of a spend that it lacks hears of its end if its letter comes again (L11)."""
        hear_later(self.books, self.page, spender, number, raw)

    def room_for(self, payee: Fingerprint) -> bool:
        """Within the payee's cap, and this spender's share of it; withdrawn ones count too (O7)."""
        page = self.books.page(payee)
        if page is not None:
            incoming, mine = page.incoming, page.inbox.sent_by(self.page.fingerprint)
        else:
            waiting = self.books.all_waiting(payee)
            spenders = [spender for spender, _, record in waiting if self.now <= record.until]
            incoming, mine = len(spenders), spenders.count(self.page.fingerprint)
        return incoming < self.terms.most_incoming and mine < self.terms.share

    def leave_waiting(self, payee: Fingerprint, spend: bytes, number: Number) -> None:
        """Keep a spend to a fingerprint without an account (O3)."""
        order = SpendTo.read(trusted(spend).body)
        record = WaitingRecord(spend, self.page.key, order.asset, order.amount, order.until)
        self.books.keep_waiting(payee, self.page.fingerprint, number, record)

    def drop_waiting(self, payee: Fingerprint, number: Number) -> None:
        """Forget such a spend of the signer, which took it back."""
        self.books.drop_waiting(payee, self.page.fingerprint, number)

    def find_waiting(self, named: Waiting) -> Moment | None:
        """The end of the waiting spend just so named, if there is one."""
        record = self.books.waiting(self.page.fingerprint, named.spender, named.number)
        if record is None or (record.asset, record.amount) != (named.asset, named.amount):
            return None
        return record.until

    def collect_waiting(self, named: tuple[Waiting, ...], enclosed: bytes) -> None:
        """The named spends are taken in as notices 1 to n; the others wait as later notices (``Books.opened``)."""
        me = self.page.fingerprint
        for each in named:
            self.books.drop_waiting(me, each.spender, each.number)
            self.page.highest += 1
            tell_collected(self.books, self.page, each, enclosed)
        for spender_of, number, record in self._rest():
            self.books.drop_waiting(me, spender_of, number)
            about = Pending(0, n.RECEIPT, spender_of, number, record.asset, record.amount, record.until)
            self.books.notify(self.page, about, record.spend, record.key)

    def _rest(self) -> Iterator[tuple[Fingerprint, Number, WaitingRecord]]:
        for spender, number, record in list(self.books.all_waiting(self.page.fingerprint)):
            if self.now <= record.until:
                yield spender, number, record
            else:
                self.books.drop_waiting(self.page.fingerprint, spender, number)

    def issue(self, asset: Digest, contract: bytes) -> None:
        """Keep this asset from now on."""
        opened, sealed = open_contract(contract, self.bank)
        self.books.keep_asset(asset, AssetRecord(sealed.signer, opened.head.limit, contract))

    def bring(self, paper: Paper) -> Digest:
        """Sign a paper and let the receipt bring it; its identity."""
        raw = paper.sign(self.books.signer)
        identity = identity_of(read(raw))
        self.page.parts[identity] = raw
        return identity
