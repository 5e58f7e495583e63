"""One letter while it is being written: its orders, what they leave of the statement, what they came from."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.instrument import identity_of_body, read_instrument
from ledgerpost.papers.letter import MAX_LETTER, MAX_ORDERS
from ledgerpost.papers.order import Order
from ledgerpost.papers.orders import done, fee_of, write_order
from ledgerpost.papers.redeemcertificate import RedeemCertificate
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.sealed import Signer
from ledgerpost.statement import Inapplicable, Statement
from ledgerpost.terms import Digest, Moment, Number
from ledgerpost.wallet.account import PRESENTED, Account, Item, Wish

_ROOM: Final = MAX_LETTER - 1024
"""Bytes of orders in one letter; the rest of a letter takes less than the difference."""


@dataclass(frozen=True, slots=True)
class Composer:
    """One letter being written: what it will leave, the orders so far, the wishes they came from."""

    account: Account
    seq: int
    now: Moment
    statement: Statement
    orders: tuple[bytes, ...] = ()
    size: int = 0
    granted: tuple[int, ...] = ()
    signed: tuple[tuple[Number, bytes], ...] = ()
    presented: tuple[tuple[Digest, Item], ...] = ()
    fees: int = 0

    def add(self, order: Order, signer: Signer, wish: Wish | None = None) -> "Composer":
        """With the order, or unchanged if it doesn't fit this letter. Raises Inapplicable."""
        raw = write_order(order, signer)
        if len(self.orders) == MAX_ORDERS or self.size + len(raw) > _ROOM:
            return self
        fee = fee_of(order, self.account.conditions)
        if fee and self._is_promised(fee):
            raise Inapplicable("its fee is promised to a cheque that is out")
        return replace(
            self,
            fees=self.fees + fee,
            statement=done(self.statement, order, self.account.conditions),
            orders=(*self.orders, raw),
            size=self.size + len(raw) + 5,
            granted=(*self.granted, wish.id) if wish else self.granted,
            signed=(*self.signed, (order.number, raw)) if isinstance(order, SpendTo) else self.signed,
            presented=(*self.presented, *_presented(self.account, order)),
        )

    def _is_promised(self, fee: int) -> bool:
        """Whether the fee would leave a cheque uncovered that is out. Below zero only an issuer is, and it may."""
        token = self.account.conditions.token
        if token is None or not self.account.is_drawn_on(token):
            return False
        return 0 <= self.account.sure(token) - self.fees < fee


def _presented(account: Account, order: Order) -> Iterator[tuple[Digest, Item]]:
    """A presented instrument is final, even if the order is refused (B3)."""
    if isinstance(order, DepositCheque | RedeemCertificate):
        identity = identity_of_body(order.signed)
        item = account.items[identity]
        book = read_instrument(item.instrument).chequebook
        yield identity, item._replace(instrument=replace(order.instrument, chequebook=book).encode(), state=PRESENTED)
