"""The table of orders, how one is read, and what a letter's orders make of a statement (L1, L4, O3).

Wallet, bank and judge all compute the new statement with ``carried_out``: one function, one result.
"""

from dataclasses import replace
from typing import Final, NamedTuple

from ledgerpost import cbor
from ledgerpost.errors import BadBytes, Refusal
from ledgerpost.papers.cancelspend import CancelSpend
from ledgerpost.papers.confirmreceipt import ConfirmReceipt
from ledgerpost.papers.createaccount import CreateAccount
from ledgerpost.papers.denyreceipt import DenyReceipt
from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.dropnotices import DropNotices
from ledgerpost.papers.getsequence import GetSequence
from ledgerpost.papers.issueasset import IssueAsset
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.order import Order
from ledgerpost.papers.questions import GetConfirmedBalance, GetConfirmedOutstandingSpends, GetQ
from ledgerpost.papers.receipt import Result
from ledgerpost.papers.redeemcertificate import RedeemCertificate
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.papers.stopcheque import StopCheque
from ledgerpost.papers.takein import (
    ConfirmChequeBounced,
    ConfirmChequeCleared,
    ConfirmClosedCertificate,
    ConfirmClosedSpend,
    ConfirmCreditedCertificate,
    ConfirmDeniedSpend,
    ConfirmExpiredSpend,
    ConfirmRecoveredCertificate,
    ConfirmWithdrawn,
)
from ledgerpost.papers.terms import Terms
from ledgerpost.sealed import Signer, is_message, read, verify
from ledgerpost.statement import Statement
from ledgerpost.terms import PublicKey

KINDS: Final[dict[str, type[Order]]] = {
    kind.TYPE: kind
    for kind in (
        CreateAccount,
        GetSequence,
        SpendTo,
        CancelSpend,
        ConfirmReceipt,
        DenyReceipt,
        ConfirmClosedSpend,
        ConfirmDeniedSpend,
        ConfirmExpiredSpend,
        ConfirmWithdrawn,
        DropNotices,
        StopCheque,
        DepositCheque,
        RedeemCertificate,
        ConfirmChequeCleared,
        ConfirmChequeBounced,
        ConfirmClosedCertificate,
        ConfirmRecoveredCertificate,
        ConfirmCreditedCertificate,
        IssueAsset,
        GetQ,
        GetConfirmedBalance,
        GetConfirmedOutstandingSpends,
    )
}
"""Every order by the seed's name for it. A new one is one file and one line here."""


class Written(NamedTuple):
    """An order as it stands in a letter: read, or the refusal it meets for not being readable."""

    raw: bytes
    order: Order | Refusal


def write_order(order: Order, signer: Signer) -> bytes:
    """The order's byte string: signed on its own where it travels to others (L7)."""
    if order.SIGNED:
        return order.sign(signer)
    return cbor.encode((order.TYPE, *order.body()))


def read_order(raw: bytes, letter: Letter, key: PublicKey) -> Order | Refusal:
    """The order, or why it can't be one: UNKNOWN_ORDER, MALFORMED or MISADDRESSED. Never raises for bad bytes."""
    try:
        if is_message(raw):
            return _signed(raw, letter, key)
        value = cbor.decode(raw)
        if type(value) is not tuple or not value or type(value[0]) is not str:
            return Refusal.MALFORMED
        kind = KINDS.get(value[0])
        if kind is None:
            return Refusal.UNKNOWN_ORDER
        if kind.SIGNED:
            return Refusal.MALFORMED
        return kind.read(value[1:]).proven(letter, key)
    except BadBytes:
        return Refusal.MALFORMED


def _signed(raw: bytes, letter: Letter, key: PublicKey) -> Order | Refusal:
    claim = read(raw)
    kind = KINDS.get(claim.type)
    if kind is None:
        return Refusal.UNKNOWN_ORDER
    if not kind.SIGNED:
        return Refusal.MALFORMED
    try:
        sealed = verify(claim, key)
    except BadBytes:
        return Refusal.MISADDRESSED
    if sealed.body[:2] != (letter.bank, letter.seq):
        return Refusal.MISADDRESSED
    return kind.read(sealed.body)


def read_orders(letter: Letter, key: PublicKey) -> tuple[Written, ...]:
    """Each order of the letter, each on its own (L4)."""
    return tuple(Written(raw, read_order(raw, letter, key)) for raw in letter.orders)


def fee_of(order: Order, terms: Terms) -> int:
    """Tokens this order costs under these terms if it is done (O3)."""
    return 0 if order.FREE else terms.fee(order.fee_name)


def done(statement: Statement, order: Order, terms: Terms) -> Statement:
    """The statement after the order was done and its fee charged. Raises Inapplicable."""
    after = order.effect(statement)
    fee = fee_of(order, terms)
    return after.moved(terms.token, -fee) if fee and terms.token else after


def carried_out(
    statement: Statement,
    written: tuple[Written, ...],
    results: tuple[Result, ...],
    terms: Terms | None,
    letter: Letter,
) -> Statement:
    """The statement that the letter led to, given what became of each order.

    ``terms`` may be None where nothing was done. Raises Inapplicable where results and statement cannot be.
    """
    for each, result in zip(written, results, strict=True):
        if isinstance(each.order, Refusal):
            continue
        if result.code is not Refusal.DONE:
            statement = each.order.refused(statement, result.code)
        elif terms is not None:
            statement = done(statement, each.order, terms)
    return replace(statement, seq=letter.seq, salt=letter.nonce)
