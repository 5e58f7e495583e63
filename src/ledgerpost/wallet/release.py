"""Giving up a claim on a refused instrument: who owes for it, as far as its refusal tells, and the signed release (C2).

Pure: the caller stores the returned account durably before the release leaves. Whether a claim stands, the judge says.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from ledgerpost.errors import BadBytes, Denied, NotFound, Refusal
from ledgerpost.papers.beside import indexed
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.instrument import (
    Chain,
    Instrument,
    check_chain,
    identity_of_body,
    paper_of,
    parting,
    read_instrument,
)
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.orders import read_orders
from ledgerpost.papers.receipt import Receipt, Result
from ledgerpost.papers.redeemcertificate import RedeemCertificate
from ledgerpost.papers.release import Release
from ledgerpost.sealed import Signer, fingerprint, is_message, read, trusted
from ledgerpost.terms import Digest, Fingerprint, Moment, Number
from ledgerpost.wallet.account import REFUSED, RELEASED, Account, Item

MOST: Final = 8
"""Debtors that may be released for one instrument: there are never more than two who might owe."""


def release(
    account: Account, signer: Signer, identity: Digest, debtor: Fingerprint, comment: str = ""
) -> tuple[Account, bytes]:
    """Sign a release of ``debtor`` for a refused instrument; one signed before is given again, as it was.

    The instrument counts as released, and is not presented any more, once who owes by its refusal is released.
    Raises NotFound; Denied where there is nothing to give up, or too much was; OverLimit for a long comment.
    """
    item = account.items.get(identity)
    if item is None:
        raise NotFound("no such instrument in this wallet", do="see: ledgerpost status")
    kept = released(item).get(debtor)
    if kept is not None:
        return account, kept
    check_releasable(account, item, debtor)
    paper = paper_of(read_instrument(item.instrument).body)
    raw = Release.read((paper.bank, identity, debtor, paper.asset, paper.amount, comment)).sign(signer)
    state = RELEASED if owes(account, identity) in (debtor, None) else item.state
    after = item._replace(state=state, proof=(*item.proof, raw))
    return replace(account, items={**account.items, identity: after}), raw


def check_refused(item: Item) -> None:
    """Whether there may be a claim at all: of what was not refused yet none is given up beforehand. Raises Denied."""
    if item.state not in (REFUSED, RELEASED):
        raise Denied("the bank has not refused it: there is no claim to give up", do="see: ledgerpost status")


def check_releasable(account: Account, item: Item, debtor: Fingerprint) -> None:
    """Whether a release of this debtor may be signed. Raises Denied."""
    check_refused(item)
    if debtor == account.me:
        raise Denied("nobody owes anything to oneself", do="check whom you mean")
    if len(released(item)) >= MOST:
        raise Denied(f"{MOST} were released for it before", do="check whom you mean")
    wish = next((each for each in account.wishes if each.raw == read_instrument(item.instrument).body), None)
    if wish is not None:
        do = f"take it out of the queue first: ledgerpost cancel --queued {wish.id}"
        raise Denied("it is queued for the bank", do=do)


def released(item: Item) -> Mapping[Fingerprint, bytes]:
    """Releases signed for this instrument, by debtor."""
    claims = (read(raw) for raw in item.proof if is_message(raw))
    return {Release.read(claim.body).debtor: claim.raw for claim in claims if claim.type == Release.TYPE}


# --- who owes


class _Presented(NamedTuple):
    """A presentation and what became of it, as the proof in the wallet has it; ``part`` is the evidence."""

    order: DepositCheque | RedeemCertificate
    result: Result
    part: bytes | None
    time: Moment


def owes(account: Account, identity: Digest) -> Fingerprint | None:
    """Whom the bank's refusal of an instrument points to (docs/spec.md 12.8); None where nobody owes by it.

    Only the judge, who sees papers of others, can tell that the bank owes instead.
    """
    answers = _presented(account, identity)
    if not answers:
        return None
    last = answers[-1]
    order, result = last.order, last.result
    chain = _chain(account, order.instrument, order)
    if result.code is Refusal.USED:
        return _signed_twice(account, last, chain)
    if result.code in (Refusal.NUMBER, Refusal.FUNDS) and result.about and result.about.party == chain.drawer:
        return chain.drawer
    return None


def _presented(account: Account, identity: Digest) -> list[_Presented]:
    """What the receipt that the wallet keeps as proof says of it, the newest last."""
    item = account.items.get(identity)
    if item is None or not item.proof:
        return []
    receipt, parts = Receipt.read(trusted(item.proof[0]).body), indexed(item.proof)
    found = []
    for answer in receipt.answers:
        letter = Letter.read(trusted(parts[answer.letter]).body)
        for written, result in zip(read_orders(letter, account.key), answer.results, strict=True):
            order = written.order
            if isinstance(order, DepositCheque | RedeemCertificate) and identity_of_body(order.signed) == identity:
                part = parts.get(result.part) if result.part else None
                found.append(_Presented(order, result, part, receipt.time))
    return found


def _signed_twice(account: Account, refused: _Presented, chain: Chain) -> Fingerprint | None:
    """Who signed where the two chains part. A certificate on a cheque's number counts up to the cheque's end only."""
    winner = _winner(account, refused)
    if winner is None or _number(winner) != _number(chain):
        return None
    at = parting(chain, winner)
    if at == 0:
        other_use = isinstance(chain.paper, Cheque) and isinstance(winner.paper, Certificate)
        return None if other_use and refused.time > chain.paper.until else chain.drawer
    return chain.signer(at) if at and chain.signer(at) == winner.signer(at) else None


def _number(chain: Chain) -> tuple[Fingerprint, Number]:
    """Whose number, and which: the drawer's, or the buyer's."""
    paper = chain.paper
    return (fingerprint(paper.key) if isinstance(paper, Certificate) else chain.drawer), paper.number


def _winner(account: Account, refused: _Presented) -> Chain | None:
    """The instrument that was paid, if it is one that such a refusal may show."""
    try:
        return None if refused.part is None else _chain(account, read_instrument(refused.part), refused.order)
    except BadBytes:
        return None


def _chain(account: Account, instrument: Instrument, order: DepositCheque | RedeemCertificate) -> Chain:
    """Verified: a cheque as the drawer's of the one refused, a certificate as the bank's. Raises BadBytes."""
    key = account.bank.key
    if isinstance(order, DepositCheque) and isinstance(paper_of(instrument.body), Cheque):
        key = order.drawer
    return check_chain(instrument, key, account.bank.bank)
