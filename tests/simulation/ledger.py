"""A plain ledger beside a bank: what was done, once each, in dicts and integers.

It sees what the bank committed, and believes none of it: an order counts only as its owner signed it, a debit only by
the debtor's own signature. It knows neither the bank's rules nor its books, and predicts no refusal; what the bank did
must be what this ledger makes of the orders done. ``Broken`` says what is not.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from ledgerpost.errors import Refusal
from ledgerpost.papers import notice as n
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.instrument import check_chain, identity_of_body, paper_of, read_instrument, read_instruments
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.order import Order
from ledgerpost.papers.redeemcertificate import RedeemCertificate
from ledgerpost.papers.terms import Terms
from ledgerpost.sealed import fingerprint, open_message
from ledgerpost.terms import Digest, Fingerprint, Number, PublicKey
from market import debtor


class Broken(AssertionError):
    """Something that must hold does not."""


def must(holds: object, words: str) -> None:
    """Raise ``Broken`` unless it holds."""
    if not holds:
        raise Broken(words)


OPEN: Final = "open"
_Key = tuple[Fingerprint, Number]


@dataclass(slots=True)
class Spent:
    """A spend or certificate's life. ``settled``: its spender has taken in how it ended."""

    payee: Fingerprint | None
    asset: Digest
    amount: int
    state: str = OPEN
    settled: bool = False


@dataclass(slots=True)
class Done:
    """An order that the bank did: whose, in which of its letters, under which terms."""

    party: Fingerprint
    seq: int
    letter: Digest
    index: int
    order: Any
    terms: Terms


def fee_of(done: Done) -> tuple[Digest | None, int]:
    """What the order cost its owner, in which asset; None if nothing (O3)."""
    name = done.order.fee_name
    fee = 0 if done.order.FREE else next((fee.amount for fee in done.terms.fees if fee.order == name), 0)
    return (done.terms.token, fee) if fee else (None, 0)


@dataclass
class Ledger:
    """One bank's parties: balances, spends by number, what was paid on paper. ``key``: the bank's."""

    key: PublicKey
    balances: dict[Fingerprint, Counter[Digest]] = field(default_factory=dict)
    fees: Counter[Digest] = field(default_factory=Counter)
    spends: dict[_Key, Spent] = field(default_factory=dict)
    charged: dict[_Key, int] = field(default_factory=dict)
    taken: set[tuple[Fingerprint, int]] = field(default_factory=set)
    paid: Counter[Digest] = field(default_factory=Counter)
    recovered: Counter[Digest] = field(default_factory=Counter)
    credits: dict[tuple[Fingerprint, int], Digest] = field(default_factory=dict)
    answered: dict[tuple[Fingerprint, int], Digest] = field(default_factory=dict)
    orders: set[tuple[Fingerprint, int, int]] = field(default_factory=set)

    # --- what the bank told others

    def told(self, notice: Notice) -> None:
        """A notice the bank made: nobody is charged but by its own signature."""
        if notice.kind in (n.RECEIPT, n.WITHDRAWN, n.CLOSED, n.DENIED):
            must(notice.other is not None and notice.key is not None, f"a {notice.kind} that nobody caused")
            sealed = open_message(notice.enclosed or b"", notice.key or b"")
            must(sealed.signer == notice.other, f"a {notice.kind} enclosing another's order")
        elif notice.kind in (n.RECOVERED, n.LIEN, n.CREDITED):
            self._second(notice)

    def _second(self, notice: Notice) -> None:
        one, two = read_instruments(notice.enclosed or b"")
        name = identity_of_body(two.body)
        if notice.kind == n.CREDITED:
            self.credits[notice.party, notice.notice] = name
        else:
            must(debtor(self.key, one, two) == notice.party, "charged for an instrument it did not sign twice")
            self.recovered[name] += notice.kind == n.RECOVERED

    # --- what the bank did

    def letter(self, party: Fingerprint, seq: int, identity: Digest) -> None:
        """Each ``seq`` is one letter's for ever."""
        must(self.answered.setdefault((party, seq), identity) == identity, f"two letters were answered under seq {seq}")

    def done(self, orders: list[Done]) -> None:
        """What one commit did, of all parties: spends first, then what ended them, then what was taken in."""
        for each in sorted(orders, key=lambda each: _PHASE.get(each.order.TYPE, 1)):
            key = each.party, each.seq, each.index
            must(key not in self.orders, f"order {each.index} of letter {each.seq} was carried out twice")
            self.orders.add(key)
            self._charge_fee(each)
            if each.order.TYPE in _EFFECTS:
                _EFFECTS[each.order.TYPE](self, each.party, each.order)

    def _charge_fee(self, done: Done) -> None:
        token, fee = fee_of(done)
        if token is not None:
            self.move(done.party, token, -fee)
            self.fees[token] += fee

    def move(self, party: Fingerprint, asset: Digest, units: int) -> None:
        """So many units more."""
        self.balances.setdefault(party, Counter())[asset] += units

    def outstanding(self, party: Fingerprint) -> dict[Number, tuple[Fingerprint | None, Digest, int]]:
        """What a statement of the party must list."""
        rows = ((number, each) for (owner, number), each in self.spends.items() if owner == party and not each.settled)
        return {number: (each.payee, each.asset, each.amount) for number, each in rows}

    def waiting(self) -> set[tuple[Fingerprint, Fingerprint, Number]]:
        """Payee, spender and number of each spend that is open at its spender."""
        rows = ((each.payee, *key) for key, each in self.spends.items() if not each.settled)
        return {(payee, party, number) for payee, party, number in rows if payee is not None}

    def end(self, spender: Fingerprint, order: Any, state: str, payee: Fingerprint | None) -> Spent:
        """An open spend, just this one, comes to its end: once (O2)."""
        spent = self.spends.get((spender, order.number))
        must(spent is not None, f"spend {order.number} was {state} and never made")
        assert spent is not None
        same = (spent.payee, spent.asset, spent.amount) == (payee, order.asset, order.amount)
        must(same, f"spend {order.number} was {state} as another than it is")
        must(spent.state == OPEN, f"spend {order.number} was {spent.state}, and then {state}")
        spent.state = state
        return spent

    def settle(self, spender: Fingerprint, order: Any, state: str) -> Spent:
        """Its spender takes in how it ended: once."""
        spent = self.spends.get((spender, order.number))
        must(spent is not None, f"the end of spend {order.number} was taken in, and there is none")
        assert spent is not None
        if state == "expired" and spent.state == OPEN:
            spent.state = state
        must(spent.state == state, f"spend {order.number} was {spent.state}, and was taken in as {state}")
        must(not spent.settled, f"the end of spend {order.number} was taken in twice")
        must((spent.asset, spent.amount) == (order.asset, order.amount), "taken in as another amount")
        spent.settled = True
        return spent

    def pay(self, party: Fingerprint, order: Any, name: Digest) -> None:
        """An instrument is paid: once, and once more for each time its double signer made it good (B5)."""
        self.paid[name] += 1
        must(self.paid[name] <= 1 + self.recovered[name], f"number {order.number} was paid twice, at nobody's cost")
        self.move(party, order.asset, order.amount)

    def once(self, party: Fingerprint, notice: int) -> None:
        """A notice is taken in once."""
        must((party, notice) not in self.taken, f"notice {notice} was taken in twice")
        self.taken.add((party, notice))


# --- each order, in the plainest words


def _open(ledger: Ledger, me: Fingerprint, order: Any) -> None:
    for each in order.waiting:
        ledger.end(each.spender, each, "accepted", me)
        ledger.move(me, each.asset, each.amount)


def _spend(ledger: Ledger, me: Fingerprint, order: Any) -> None:
    key = me, order.number
    must(key not in ledger.spends and key not in ledger.charged, f"number {order.number} was used twice")
    ledger.spends[key] = Spent(order.payee, order.asset, order.amount)
    ledger.move(me, order.asset, -order.amount)


def _cancel(ledger: Ledger, me: Fingerprint, order: Any) -> None:
    ledger.end(me, order, "withdrawn", order.payee).settled = True
    ledger.move(me, order.asset, order.amount)


def _accept(ledger: Ledger, me: Fingerprint, order: Any) -> None:
    ledger.once(me, order.notice)
    ledger.end(order.spender, order, "accepted", me)
    ledger.move(me, order.asset, order.amount)


def _deny(ledger: Ledger, me: Fingerprint, order: Any) -> None:
    ledger.once(me, order.notice)
    ledger.end(order.spender, order, "denied", me)


def _settled(state: str, *, back: bool) -> "Callable[[Ledger, Fingerprint, Any], None]":
    def take(ledger: Ledger, me: Fingerprint, order: Any) -> None:
        ledger.once(me, order.notice)
        ledger.settle(me, order, state)
        if back:
            ledger.move(me, order.asset, order.amount)

    return take


def _deposit(ledger: Ledger, me: Fingerprint, order: DepositCheque) -> None:
    chain = check_chain(order.instrument, order.drawer, fingerprint(ledger.key))
    must(isinstance(chain.paper, Cheque), "what was deposited is no cheque")
    must(fingerprint(order.endorsements[-1][:32]) == fingerprint(ledger.key), "deposited, and not endorsed to the bank")
    must(chain.signer(len(chain.bodies) - 1) == me, "deposited by another than its holder")
    key = chain.drawer, chain.paper.number
    must(key not in ledger.spends and key not in ledger.charged, f"cheque {chain.paper.number} was charged twice")
    ledger.charged[key] = chain.paper.amount
    must((chain.paper.asset, chain.paper.amount) == (order.asset, order.amount), "a cheque paid as another amount")
    ledger.pay(me, order, chain.identity)


def _redeem(ledger: Ledger, me: Fingerprint, order: RedeemCertificate) -> None:
    chain = check_chain(order.instrument, ledger.key, fingerprint(ledger.key))
    must(chain.signer(len(chain.bodies) - 1) == me, "redeemed by another than its holder")
    if not ledger.paid[chain.identity]:
        ledger.end(fingerprint(order.certificate.key), order, "redeemed", None)
    ledger.pay(me, order, chain.identity)


def _cleared(ledger: Ledger, me: Fingerprint, order: Any) -> None:
    ledger.once(me, order.notice)
    must(ledger.charged.get((me, order.number)) == order.amount, f"debited for cheque {order.number}, which none paid")
    ledger.charged[me, order.number] = 0
    ledger.move(me, order.asset, -order.amount)


def _recovered(ledger: Ledger, me: Fingerprint, order: Any) -> None:
    ledger.once(me, order.notice)
    ledger.move(me, order.asset, -order.amount)


def _credited(ledger: Ledger, me: Fingerprint, order: Any) -> None:
    ledger.once(me, order.notice)
    ledger.pay(me, order, ledger.credits[me, order.notice])


_EFFECTS: Final[dict[str, Callable[[Ledger, Fingerprint, Any], None]]] = {
    "createaccount": _open,
    "spendto": _spend,
    "cancelspend": _cancel,
    "confirmreceipt": _accept,
    "denyreceipt": _deny,
    "confirmclosedspend": _settled("accepted", back=False),
    "confirmdeniedspend": _settled("denied", back=True),
    "confirmexpiredspend": _settled("expired", back=True),
    "confirmclosedcertificate": _settled("redeemed", back=False),
    "depositcheque": _deposit,
    "redeemcertificate": _redeem,
    "confirmchequecleared": _cleared,
    "confirmrecoveredcertificate": _recovered,
    "confirmcreditedcertificate": _credited,
}
"""Orders that move something; the others must move nothing."""

_PHASE: Final = {
    "spendto": 0,
    **{each: 2 for each in _EFFECTS if each.startswith("confirm") and each != "confirmreceipt"},
}


def is_done(code: Refusal, order: object) -> bool:
    """Whether it was done, and is an order at all."""
    return code is Refusal.DONE and isinstance(order, Order)


__all__ = ["Broken", "Done", "Ledger", "is_done", "must", "paper_of", "read_instrument"]
