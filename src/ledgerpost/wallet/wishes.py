"""How each wish of the owner becomes an order in the letter being written (L1)."""

from collections.abc import Callable
from typing import TypeVar

from ledgerpost import cbor
from ledgerpost import fields as f
from ledgerpost.papers.cancelspend import CancelSpend
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.confirmreceipt import ConfirmReceipt
from ledgerpost.papers.createaccount import MAX_WAITING, CreateAccount
from ledgerpost.papers.denyreceipt import DenyReceipt
from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.getsequence import GetSequence
from ledgerpost.papers.instrument import check_offline, endorse, identity_of_body, paper_of, read_instrument
from ledgerpost.papers.issueasset import IssueAsset
from ledgerpost.papers.kinds import Waiting
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.order import Order
from ledgerpost.papers.questions import GetConfirmedBalance, GetConfirmedOutstandingSpends, GetQ
from ledgerpost.papers.redeemcertificate import RedeemCertificate
from ledgerpost.papers.sequence import Sequence
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.papers.stopcheque import StopCheque
from ledgerpost.sealed import Signer, trusted
from ledgerpost.statement import Inapplicable, Span
from ledgerpost.wallet.account import HELD, PRESENTABLE, Wish, drawable
from ledgerpost.wallet.composer import Composer

T = TypeVar("T")


def build(composer: Composer, wish: Wish, signer: Signer) -> Order:
    """The order a wish becomes in this letter. Raises Inapplicable if it can't be one now."""
    try:
        return _BUILDERS[wish.order](composer, wish, signer)
    except StopIteration:
        raise Inapplicable("no open number is left") from None


def _open(composer: Composer, wish: Wish, signer: Signer) -> Order:
    account = composer.account
    return CreateAccount(account.bank.bank, composer.seq, account.key, account.name, waiting_rows(wish))


_rows = f.listed(f.row(Waiting, f.fingerprint, f.positive, f.digest, f.positive), MAX_WAITING)


def waiting_rows(wish: Wish) -> tuple[Waiting, ...]:
    """The waiting spends an opening names: CBOR rows in the wish's ``raw``."""
    return _rows(cbor.decode(wish.raw)) if wish.raw else ()


def _spend(composer: Composer, wish: Wish, signer: Signer) -> Order:
    number = next(drawable(composer.account, composer.statement))
    until = min(wish.until, composer.now + composer.account.conditions.spend_life)
    asset = _given(wish.asset)
    return SpendTo(composer.account.bank.bank, composer.seq, wish.party, number, asset, wish.amount, until, wish.text)


def _cancel(composer: Composer, wish: Wish, signer: Signer) -> Order:
    spend = composer.statement.spend(wish.number)
    if spend is None or spend.payee is None:
        raise Inapplicable(f"spend {wish.number} is not outstanding")
    return CancelSpend(composer.account.bank.bank, composer.seq, spend.payee, spend.number, spend.asset, spend.amount)


def _incoming(composer: Composer, wish: Wish) -> Notice:
    raw = composer.account.notices.get(wish.number)
    if raw is None or composer.statement.has_taken(wish.number):
        raise Inapplicable(f"notice {wish.number} does not wait")
    return Notice.read(trusted(raw).body)


def _accept(composer: Composer, wish: Wish, signer: Signer) -> Order:
    each = _incoming(composer, wish)
    spender = _given(each.other)
    return ConfirmReceipt(each.bank, composer.seq, spender, each.number, each.asset, each.amount, each.notice)


def _deny(composer: Composer, wish: Wish, signer: Signer) -> Order:
    each = _incoming(composer, wish)
    spender = _given(each.other)
    return DenyReceipt(each.bank, composer.seq, spender, each.number, each.asset, each.amount, each.notice, wish.text)


def _stop(composer: Composer, wish: Wish, signer: Signer) -> Order:
    return StopCheque(composer.account.bank.bank, composer.seq, (Span(wish.number, wish.number + wish.amount - 1),))


def _present(composer: Composer, wish: Wish, signer: Signer) -> Order:
    """Endorse a held instrument to the bank; one presented before goes as it went then (B3, C2)."""
    account = composer.account
    item = account.items.get(identity_of_body(_given(wish.raw)))
    if item is None or item.state not in PRESENTABLE:
        raise Inapplicable("the instrument is not held")
    instrument = read_instrument(item.instrument)
    if item.state == HELD:
        instrument = endorse(check_offline(instrument, account.bank.key), signer, account.bank.key)
    paper = paper_of(instrument.body)
    value = (paper.number, paper.asset, paper.amount)
    if isinstance(paper, Certificate):
        return RedeemCertificate(instrument.body, instrument.endorsements, *value)
    book = Sequence.read(trusted(_given(instrument.chequebook)).body)
    return DepositCheque(instrument.body, book.key, _given(instrument.first), instrument.endorsements, *value)


_BUILDERS: dict[str, Callable[[Composer, Wish, Signer], Order]] = {
    CreateAccount.TYPE: _open,
    SpendTo.TYPE: _spend,
    CancelSpend.TYPE: _cancel,
    ConfirmReceipt.TYPE: _accept,
    DenyReceipt.TYPE: _deny,
    StopCheque.TYPE: _stop,
    DepositCheque.TYPE: _present,
    RedeemCertificate.TYPE: _present,
    GetSequence.TYPE: lambda composer, wish, signer: GetSequence(wish.amount, wish.until),
    IssueAsset.TYPE: lambda composer, wish, signer: IssueAsset(_given(wish.raw)),
    GetQ.TYPE: lambda composer, wish, signer: GetQ(),
    GetConfirmedBalance.TYPE: lambda composer, wish, signer: GetConfirmedBalance(_given(wish.asset)),
    GetConfirmedOutstandingSpends.TYPE: lambda composer, wish, signer: GetConfirmedOutstandingSpends(),
}
"""Every wish an owner may have, by the seed's name of the order it becomes."""


def _given(value: T | None) -> T:
    if value is None:
        raise AssertionError("a wish lacks what its order needs")
    return value
