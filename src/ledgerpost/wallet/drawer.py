"""A wallet's instruments: drawing cheques, taking and handing on what others gave, all offline (C1, C4, B2, B3).

Pure: the caller stores the returned account durably before an instrument leaves (L7).
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

from ledgerpost.errors import Denied, NotFound
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.instrument import (
    Chain,
    Instrument,
    check_offline,
    endorse,
    in_date,
    paper_of,
    read_instrument,
    same,
)
from ledgerpost.papers.orders import read_orders
from ledgerpost.papers.redeemcertificate import RedeemCertificate
from ledgerpost.papers.sequence import Sequence
from ledgerpost.papers.terms import LONGEST
from ledgerpost.sealed import Signer, fingerprint, trusted
from ledgerpost.terms import Amount, Digest, Fingerprint, Moment, Number, PublicKey
from ledgerpost.wallet.account import GIVEN, HELD, PRESENTED, REFUSED, Account, Item, Wish, drawable


class Draft(NamedTuple):
    """What a cheque is to say; ``payee`` None makes it open."""

    payee: Fingerprint | None
    asset: Digest
    amount: Amount
    start: Moment
    until: Moment
    memo: str = ""


def draw(account: Account, signer: Signer, now: Moment, draft: Draft, credit: Amount = 0) -> tuple[Account, Instrument]:
    """A cheque on the next open number whose chequebook runs long enough, and the account with that number burned.

    ``credit``: what an issuer may still go below zero. Raises WrongShape for a draft that makes no cheque; Denied where
    no number is left, or where the balance does not cover it with all that is under way.
    """
    if account.sure(draft.asset) + credit < draft.amount:
        raise Denied("the balance does not cover this cheque", do="see: ledgerpost status")
    if account.fresh is not None:
        raise Denied("this wallet was restored: it draws nothing before the bank has answered", do="ledgerpost carry")
    number, book = _next_number(account, now, draft.until)
    raw = Cheque.read((account.bank.bank, number, *draft)).sign(signer)
    return replace(account, signed={**account.signed, number: raw}), Instrument(raw, chequebook=book)


def _next_number(account: Account, now: Moment, until: Moment) -> tuple[Number, bytes]:
    books = [(Sequence.read(trusted(raw).body), raw) for raw in account.books]
    for number in drawable(account, account.coming):
        for book, raw in books:
            if book.first <= number <= book.last and max(now, until) <= book.until:
                return number, raw
    raise Denied(
        "no open number is left whose chequebook runs that long",
        do="order numbers (ledgerpost chequebook 20), carry, or let the cheque end sooner (--until)",
    )


@dataclass(frozen=True, slots=True)
class Examined:
    """What can be said offline of an instrument in hand: ``certain`` is proven, ``open`` only the bank can say.

    ``wrong``: why it is worth nothing to this wallet now; empty if it may be taken.
    """

    chain: Chain
    certain: tuple[str, ...]
    open: tuple[str, ...]
    wrong: tuple[str, ...]


def examine(instrument: Instrument, bank: PublicKey, me: Fingerprint, now: Moment) -> Examined:
    """Check an instrument knowing only the bank's key (N4, B2). Raises BadBytes if a signature or the chain fails."""
    chain = check_offline(instrument, bank)
    paper = chain.paper
    kind = "cheque" if isinstance(paper, Cheque) else "certificate"
    certain = [f"the {kind} and every endorsement are signed as they must be"]
    certain.append("its number is one the bank gave its drawer" if kind == "cheque" else "the bank set its value aside")
    wrong = [] if in_date(paper, now) or now < _start(paper) else [f"the {kind} has ended"]
    if now < _start(paper):
        certain.append("it may be presented only from its date on")
    if _mine(chain, me):
        certain.append("it is made out to you" if _named(chain) else "it is open: whoever presents it first is paid")
    else:
        wrong.append(f"the {kind} is made out to another")
    if len(instrument.endorsements) >= _longest(paper):
        wrong.append("its chain of endorsements is full")
    unsure = "whether it is covered" if kind == "cheque" else "whether it was signed over twice"
    return Examined(chain, tuple(certain), ("whether it was presented before", unsure), tuple(wrong))


def _start(paper: Cheque | Certificate) -> Moment:
    return paper.start if isinstance(paper, Cheque) else 0


def _longest(paper: Cheque | Certificate) -> int:
    return paper.longest if isinstance(paper, Certificate) else LONGEST


def _named(chain: Chain) -> bool:
    return chain.holder is not None or (isinstance(chain.paper, Cheque) and chain.paper.payee is not None)


def _mine(chain: Chain, me: Fingerprint) -> bool:
    if chain.holder is not None:
        return fingerprint(chain.holder) == me
    return isinstance(chain.paper, Cheque) and chain.paper.payee in (None, me)


def take(account: Account, raw: bytes, now: Moment) -> tuple[Account, Examined]:
    """Keep an instrument after checking it offline. The same one taken twice is held once.

    Raises BadBytes, or Denied where it is not this wallet's, ended, or was handed on before by this wallet.
    """
    instrument = read_instrument(raw)
    examined = examine(instrument, account.bank.key, account.me, max(now, account.time))
    if examined.wrong:
        raise Denied("; ".join(examined.wrong))
    identity = examined.chain.identity
    had = account.items.get(identity)
    if had is not None and not _comes_back(account, had, examined.chain):
        if had.state != HELD:
            raise Denied(f"this wallet had it before: it was {had.state}", do="see: ledgerpost status")
        if not same(read_instrument(had.instrument), instrument):
            raise Denied("this wallet holds it by another chain: somebody signed it over twice")
        return account, examined
    return _with(account, identity, Item(raw, HELD, examined.chain.paper.until)), examined


def _comes_back(account: Account, had: Item, chain: Chain) -> bool:
    """Whether the chain goes on from the one this wallet had: others handed it round, and back (B2)."""
    if had.state not in (HELD, GIVEN):
        return False
    mine = check_offline(read_instrument(had.instrument), account.bank.key).bodies
    return len(chain.bodies) > len(mine) and chain.bodies[: len(mine)] == mine


def _with(account: Account, identity: Digest, item: Item) -> Account:
    return replace(account, items={**account.items, identity: item})


def hand_on(account: Account, signer: Signer, identity: Digest, to: PublicKey) -> tuple[Account, Instrument]:
    """Endorse a held instrument to the next holder; it counts as given from now on (B3).

    Handing the same one to the same holder again gives the same bytes: no harm is done. Raises Denied, NotFound.
    """
    item = account.items.get(identity)
    if item is None:
        raise NotFound("no such instrument in this wallet", do="see: ledgerpost status")
    instrument = read_instrument(item.instrument)
    if item.state == GIVEN and bytes(to) == instrument.endorsements[-1][:32]:
        return account, instrument
    if item.state != HELD:
        raise Denied(f"this instrument was {item.state} before: signing it over twice is fraud")
    check_unqueued(account, instrument)
    chain = check_offline(instrument, account.bank.key)
    if isinstance(chain.paper, Cheque) and chain.paper.payee is None:
        raise Denied("an open cheque is handed on as it is, without a signature", do="give the same file or code")
    if len(instrument.endorsements) + 1 >= _longest(chain.paper):
        raise Denied("its chain of endorsements is full", do="present it to the bank yourself")
    given = endorse(chain, signer, to)
    return _with(account, identity, replace_item(item, given, GIVEN)), given


def check_unqueued(account: Account, instrument: Instrument) -> None:
    """Raise Denied if it waits to be presented: another copy of this wallet may have signed it to the bank already."""
    wish = next((wish for wish in account.wishes if wish.raw == instrument.body), None)
    if wish is not None:
        raise Denied(
            "it is queued for the bank", do=f"take it out of the queue first: ledgerpost cancel --queued {wish.id}"
        )


def replace_item(item: Item, instrument: Instrument, state: str) -> Item:
    """The item in another state."""
    return item._replace(instrument=instrument.encode(), state=state)


def queue(account: Account, identity: Digest) -> Account:
    """Wish to present a held or refused instrument with the next letter; or one again whose letter is void (L9).

    Raises Denied, NotFound.
    """
    item = account.items.get(identity)
    if item is None:
        raise NotFound("no such instrument in this wallet", do="see: ledgerpost status")
    instrument = read_instrument(item.instrument)
    void = item.state == PRESENTED and instrument.body not in _under_way(account)
    if item.state not in (HELD, REFUSED) and not void:
        raise Denied(f"this instrument was {item.state} before")
    paper = paper_of(instrument.body)
    order = DepositCheque.TYPE if isinstance(paper, Cheque) else RedeemCertificate.TYPE
    if any(wish.raw == instrument.body for wish in account.wishes):
        return account
    return account.wish(
        Wish(0, order, number=paper.number, asset=paper.asset, amount=paper.amount, raw=instrument.body)
    )


def _under_way(account: Account) -> set[bytes]:
    """Cheques and certificates that letters without a receipt present."""
    orders = (each.order for letter in account.written for each in read_orders(letter, account.key))
    return {order.signed for order in orders if isinstance(order, DepositCheque | RedeemCertificate)}
