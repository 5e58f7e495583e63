"""What a notice, or what a receipt brings, must prove by itself. Wallet and judge hold the same against a bank (L10).

Each function raises ``BadBytes`` saying why the bank's word does not stand. Keys come from ``key_of``, which may raise
what it likes for a party it does not know. Refuses to know who is asking, and what else lies before it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from ledgerpost.errors import Refusal, WrongShape
from ledgerpost.papers import notice as n
from ledgerpost.papers.agreement import Disagreement, Incomplete, Retraced
from ledgerpost.papers.cancelspend import CancelSpend
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.confirmreceipt import ConfirmReceipt
from ledgerpost.papers.createaccount import CreateAccount
from ledgerpost.papers.denyreceipt import DenyReceipt
from ledgerpost.papers.depositcheque import ends_here
from ledgerpost.papers.getsequence import GetSequence
from ledgerpost.papers.instrument import (
    Chain,
    Instrument,
    check_chain,
    claim_of,
    in_date,
    parting,
    read_instrument,
    read_instruments,
    same,
)
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.order import Order
from ledgerpost.papers.receipt import Receipt, Result
from ledgerpost.papers.sequence import Sequence
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.papers.terms import Terms
from ledgerpost.sealed import Sealed, fingerprint, open_message, trusted
from ledgerpost.statement import Spend, Statement
from ledgerpost.terms import Digest, Fingerprint, Number, PublicKey

KeyOf = Callable[[Fingerprint], PublicKey]

ENCLOSES: Mapping[str, tuple[type[Order], ...]] = {
    n.RECEIPT: (SpendTo,),
    n.WITHDRAWN: (CancelSpend,),
    n.CLOSED: (ConfirmReceipt, CreateAccount),
    n.DENIED: (DenyReceipt,),
}
"""The other party's signed order that a notice of that kind must hold (L2)."""

PRESENTED = (n.CLEARED, n.BOUNCED, n.REDEEMED)
"""Notices that hold one instrument, as it was presented."""

PROOFS = (n.RECOVERED, n.LIEN, n.CREDITED)
"""Notices that hold two chains of a certificate, which part at who signed twice (B5)."""


def check_notice(notice: Notice, key_of: KeyOf) -> None:
    """Whether what it holds is signed by whom it says, and says what it says (L2, N2, B5). Raises BadBytes."""
    if notice.kind in ENCLOSES:
        order_in(notice)
    elif notice.kind in PRESENTED:
        presented_in(notice, key_of)
    elif notice.kind in PROOFS:
        proof_in(notice, key_of)
    elif notice.time <= notice.until:
        raise WrongShape("the spend had not ended yet")


def order_in(notice: Notice) -> Order:
    """The other party's signed order, which must say what the notice says. Raises BadBytes."""
    kinds = ENCLOSES[notice.kind]
    if notice.key is None or notice.enclosed is None:
        raise WrongShape("nothing signed by the other is enclosed")
    sealed = open_message(notice.enclosed, notice.key, *(kind.TYPE for kind in kinds))
    order = next(kind for kind in kinds if sealed.type == kind.TYPE).of(sealed, notice.bank)
    if sealed.signer != notice.other or not _says(order, notice):
        raise WrongShape("it says other than the message in it")
    return order


def _says(order: Order, notice: Notice) -> bool:
    spend = (notice.number, notice.asset, notice.amount)
    if isinstance(order, CreateAccount):
        return (notice.party, *spend) in order.waiting
    if isinstance(order, SpendTo):
        said = (order.payee, order.until, order.number, order.asset, order.amount)
        return said == (notice.party, notice.until, *spend)
    if isinstance(order, CancelSpend):
        return (order.payee, order.number, order.asset, order.amount) == (notice.party, *spend)
    if isinstance(order, ConfirmReceipt | DenyReceipt):
        return (order.spender, order.number, order.asset, order.amount) == (notice.party, *spend)
    return False


def presented_in(notice: Notice, key_of: KeyOf) -> Chain:
    """The instrument that was presented: the party's own cheque, or a certificate it bought. Raises BadBytes."""
    certificate = notice.kind == n.REDEEMED
    chain = _chain(read_instrument(notice.enclosed or b""), notice.bank, key_of)
    paper = chain.paper
    if isinstance(paper, Certificate) != certificate:
        raise WrongShape("it is about another kind of instrument")
    owner = fingerprint(paper.key) if isinstance(paper, Certificate) else chain.drawer
    if owner != notice.party:
        raise WrongShape("another signed or bought what is in it")
    _check_same(chain, notice)
    _check_presenter(chain, notice)
    if notice.kind == n.CLEARED and not in_date(paper, notice.time):
        raise WrongShape("the cheque was charged before its start or after its end")
    return chain


def proof_in(notice: Notice, key_of: KeyOf) -> tuple[Chain, Chain]:
    """The two chains of a certificate: they part at the debtor's signature, the second is what is charged (B5).

    Raises BadBytes.
    """
    chains = [_chain(each, notice.bank, key_of) for each in read_instruments(notice.enclosed or b"")]
    if len(chains) != 2 or not all(isinstance(chain.paper, Certificate) for chain in chains):
        raise WrongShape("two chains of a certificate belong in it")
    one, other = chains
    credit = notice.kind == n.CREDITED
    at = parting(one, other)
    if at is None or {one.signer(at), other.signer(at)} != {notice.other if credit else notice.party}:
        raise WrongShape("the two chains in it do not part at the debtor's signature")
    _check_same(other, notice)
    # a credit names the debtor as its cause; who presented is the party itself
    presenter = replace(notice, other=notice.party, key=key_of(notice.party)) if credit else notice
    _check_presenter(other, presenter)
    return one, other


def _chain(instrument: Instrument, bank: Fingerprint, key_of: KeyOf) -> Chain:
    return check_chain(instrument, key_of(claim_of(instrument.body).signer), bank)


def _check_same(chain: Chain, notice: Notice) -> None:
    paper = chain.paper
    if (paper.number, paper.asset, paper.amount) != (notice.number, notice.asset, notice.amount):
        raise WrongShape("it is about another cheque or certificate than the one in it")


def _check_presenter(chain: Chain, notice: Notice) -> None:
    """The holder must have signed it over to the bank: else the bank takes for itself what nobody presented."""
    if notice.key is None or fingerprint(notice.key) != notice.other:
        raise WrongShape("it names no presenter")
    if not ends_here(chain, notice.bank, notice.key):
        raise WrongShape("nobody handed the instrument in it to the bank")


# --- between notices, and between a notice and what the party signed itself


def check_closing(notice: Notice, spend: Spend | None) -> None:
    """A closing must be of just the spend that is outstanding under its number, if one is. Raises BadBytes.

    Else a bank could close a large spend with an acceptance of a small one by anybody.
    """
    if spend is None or notice.kind not in n.CLOSING:
        return
    if notice.kind == n.REDEEMED and spend.payee is not None:
        raise WrongShape("it closes a spend as if it were a certificate")
    said = (spend.payee if notice.kind == n.REDEEMED else notice.other, notice.asset, notice.amount)
    if said != (spend.payee, spend.asset, spend.amount):
        raise WrongShape("it closes another spend than the one outstanding")


def check_withdrawal(notice: Notice, earlier: Notice) -> None:
    """A ``withdrawn`` must be of the spend that the notice it names brought. Raises BadBytes."""
    said = (n.RECEIPT, notice.other, notice.number, notice.asset, notice.amount)
    if (earlier.kind, earlier.other, earlier.number, earlier.asset, earlier.amount) != said:
        raise WrongShape("it withdraws another spend than the notice it names brought")


def charge_the_same(one: Notice, other: Notice) -> bool:
    """Whether two notices charge, or close, the same. Raises BadBytes.

    Nothing tells two charges under one number apart; but second redemptions have each its chain.
    """
    if (one.kind, one.number) != (other.kind, other.number) or one.kind not in (n.CLEARED, n.REDEEMED, n.RECOVERED):
        return False
    if one.kind != n.RECOVERED:
        return True
    proofs = [read_instruments(each.enclosed or b"") for each in (one, other)]
    return same(proofs[0][1], proofs[1][1])


def forgotten(receipt: Receipt, statement: Statement, notice: Notice) -> bool:
    """Whether a receipt made after the notice lists it neither as pending nor as taken in, though it can't be over.

    Else a bank lets value that it owes vanish, and a wallet would sign it away as a notice that is over.
    """
    if notice.kind in n.ENDING or notice.notice > receipt.highest or statement.has_taken(notice.notice):
        return False
    return all(waits.notice != notice.notice for waits in receipt.pending)


def _vanished(receipt: Receipt, statement: Statement, notice: Notice) -> bool:
    """Whether a spend to the party is gone before its end, with no ``withdrawn`` in its place (O4)."""
    if notice.kind != n.RECEIPT or receipt.time > notice.until or notice.notice > receipt.highest:
        return False
    listed = any(
        waits.notice == notice.notice or (waits.kind, waits.number) == (n.WITHDRAWN, notice.number)
        for waits in receipt.pending
    )
    return not listed and not statement.has_taken(notice.notice)


def is_lost(receipt: Receipt, statement: Statement, notice: Notice) -> bool:
    """Whether nothing is left of the notice by a later receipt, nor can it be over."""
    return forgotten(receipt, statement, notice) or _vanished(receipt, statement, notice)


def can_be_taken(statement: Statement, notice: Notice) -> bool:
    """Whether the party has what the notice ends or charges: the number open, just that spend outstanding."""
    if notice.kind in n.ON_NUMBERS:
        return statement.block_of(notice.number) is not None
    payee = None if notice.kind == n.REDEEMED else notice.other
    ends = notice.kind in n.CLOSING
    return not ends or statement.spend_to(payee, notice.number, notice.asset, notice.amount) is not None


# --- what done orders bring


class Brought(NamedTuple):
    """A done order that brings a chequebook, whose last number is ``last``, or a certificate."""

    letter: Letter
    order: GetSequence | SpendTo
    result: Result
    last: Number


def brought(retraced: Retraced) -> Iterator[Brought]:
    """Every order of the letters answered that brings something, the newest first."""
    last = retraced.statement.highest
    for each in reversed(retraced.answered):
        for written, result in reversed(tuple(zip(each.written, each.results, strict=True))):
            order = written.order
            if result.code is Refusal.DONE and isinstance(order, GetSequence):
                yield Brought(each.letter, order, result, last)
                last -= order.count
            elif result.code is Refusal.DONE and isinstance(order, SpendTo) and order.payee is None:
                yield Brought(each.letter, order, result, last)


def check_brought(each: Brought, key: PublicKey, parts: Mapping[Digest, bytes], terms: Terms | None) -> None:
    """It must be what was ordered. Raises Disagreement, BadBytes; Incomplete where it is not at hand.

    Else cheques run longer than their numbers, or value leaves for a certificate that says otherwise.
    """
    sealed = _part(each.result, parts)
    if isinstance(each.order, GetSequence):
        book, first = Sequence.of(sealed, each.letter.bank), each.last - each.order.count + 1
        if (book.key, book.first, book.last, book.until) != (key, first, each.last, each.order.until):
            raise Disagreement("the chequebook brought is not the one ordered")
    else:
        _check_certificate(Certificate.of(sealed, each.letter.bank), each.order, key, terms)


def _check_certificate(paper: Certificate, order: SpendTo, key: PublicKey, terms: Terms | None) -> None:
    said = (paper.number, paper.asset, paper.amount, paper.until, paper.key)
    if said != (order.number, order.asset, order.amount, order.until, key):
        raise Disagreement("the certificate brought is not the one bought")
    if terms is not None and paper.longest != terms.longest:
        raise Disagreement("the certificate brought allows another chain than the terms said")


def _part(result: Result, parts: Mapping[Digest, bytes]) -> Sealed:
    if result.part is None:
        raise Disagreement("an order was done, and what it brings is not named")
    if result.part not in parts:
        words = f"what an order brings ({result.part.hex()[:16]}…) does not stand beside the receipt"
        raise Incomplete(words, part=result.part)
    return trusted(parts[result.part])
