"""The plain ledger of a bank that went on from an old backup (L11): what stands of what it did, what is off by that.

It saw every receipt that the bank ever made, and what was newly done in each. After a loss a party stands where the
backup has it; when it comes, where the receipt stands that it brings: one of those. So each party has a *story*, told
by its own signed orders alone. Stories are held together by *deals*: one spend, cheque or certificate, what came of it
to some and what went for it from others. Where these differ the books are off, by just as much, and that is the truth
that the bank's audit is compared with. Knows neither the bank's books nor why it does anything.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ledgerpost.papers import notice as n
from ledgerpost.papers.instrument import Instrument, check_chain, identity_of_body, read_instrument, read_instruments
from ledgerpost.papers.kinds import Pending
from ledgerpost.papers.notice import Notice
from ledgerpost.sealed import fingerprint, open_message, read
from ledgerpost.terms import Digest, Fingerprint, Moment, Number, PublicKey
from market import debtor
from simulation.ledger import Done, fee_of, must

Deal = tuple[str, Fingerprint, Number]
"""``spend`` or ``cheque``, whose, and its number; a certificate is a spend of its buyer's."""
Row = tuple[Fingerprint | None, Digest, int]


@dataclass(frozen=True, slots=True)
class Node:
    """A receipt that the bank made: what was newly done in it, after which other."""

    party: Fingerprint
    seq: int
    time: Moment
    before: Digest | None
    done: tuple[Done, ...]


@dataclass(frozen=True, slots=True)
class Leg:
    """What one story brings to a deal: so many units ``got``, or gone from it where negative."""

    deal: Deal
    party: Fingerprint
    asset: Digest
    units: int


@dataclass
class Story:
    """One party, by its own orders. ``paid``: instruments that were paid to it; ``letters``: those answered."""

    party: Fingerprint
    seq: int = 0
    balances: Counter[Digest] = field(default_factory=Counter)
    open: dict[Number, Row] = field(default_factory=dict)
    used: set[Number] = field(default_factory=set)
    taken: set[int] = field(default_factory=set)
    fees: Counter[Digest] = field(default_factory=Counter)
    orders: set[tuple[int, int]] = field(default_factory=set)
    legs: list[Leg] = field(default_factory=list)
    paid: set[Digest] = field(default_factory=set)
    letters: set[Digest] = field(default_factory=set)

    def move(self, deal: Deal, order: Any, units: int) -> None:
        """Units come or go for a deal."""
        self.balances[order.asset] += units
        self.legs.append(Leg(deal, self.party, order.asset, units))

    def use(self, number: Number) -> None:
        """A number serves once."""
        must(number not in self.used, f"number {number} was used twice")
        self.used.add(number)

    def once(self, notice: int) -> None:
        """So does a notice."""
        must(notice not in self.taken, f"notice {notice} was taken in twice")
        self.taken.add(notice)

    def close(self, order: Any) -> None:
        """An outstanding spend, just this, is outstanding no more."""
        row = self.open.pop(order.number, None)
        must(row is not None, f"the end of spend {order.number} was taken in, and there is none")
        must(row is not None and row[1:] == (order.asset, order.amount), "taken in as another amount")


class Aftermath:
    """Fills a ``Ledger``'s place. ``nodes``: all receipts by identity; ``notices``: what B5's notices are about."""

    def __init__(self, key: PublicKey, nodes: Mapping[Digest, Node], notices: dict[tuple[Fingerprint, int], Deal]):
        self.key, self.nodes, self.notices = key, nodes, notices
        self.stories: dict[Fingerprint, Story] = {}

    def stand(self, party: Fingerprint, receipt: Digest | None) -> None:
        """From now on the party's newest receipt is this one: everything after it is void, or never was."""
        story, way = Story(party), list[Node]()
        while receipt is not None:
            way.append(self.nodes[receipt])
            receipt = way[-1].before
        for node in reversed(way):
            for each in node.done:
                self._do(story, each)
            story.seq = node.seq
        self.stories[party] = story

    def told(self, notice: Notice) -> None:
        """A notice the bank makes, or takes back: nobody is charged but by its own signature."""
        if notice.kind in (n.RECEIPT, n.WITHDRAWN, n.CLOSED, n.DENIED):
            must(notice.other is not None and notice.key is not None, f"a {notice.kind} that nobody caused")
            sealed = open_message(notice.enclosed or b"", notice.key or b"")
            must(sealed.signer == notice.other, f"a {notice.kind} enclosing another's order")
        elif notice.kind in (n.CLEARED, n.REDEEMED):
            drawn = read(read_instrument(notice.enclosed or b"").body).signer
            must(drawn == (notice.party if notice.kind == n.CLEARED else fingerprint(self.key)), "another's instrument")
        elif notice.kind in (n.RECOVERED, n.LIEN, n.CREDITED):
            one, two = read_instruments(notice.enclosed or b"")
            if notice.kind != n.CREDITED:
                must(debtor(self.key, one, two) == notice.party, "charged for an instrument it did not sign twice")

    def letter(self, party: Fingerprint, seq: int, identity: Digest) -> None:
        """The letters that newly stand beside a receipt follow each other."""
        story = self.stories.setdefault(party, Story(party))
        must(seq == story.seq + 1, f"letter {seq} was answered after letter {story.seq}")
        story.seq = seq
        story.letters.add(identity)

    def done(self, orders: Iterable[Done]) -> None:
        """What one commit did."""
        for each in orders:
            self._do(self.stories.setdefault(each.party, Story(each.party)), each)

    def _do(self, story: Story, done: Done) -> None:
        must((done.seq, done.index) not in story.orders, f"order {done.index} of letter {done.seq} was done twice")
        story.orders.add((done.seq, done.index))
        story.letters.add(done.letter)
        token, fee = fee_of(done)
        if token is not None:
            story.balances[token] -= fee
            story.fees[token] += fee
        if done.order.TYPE in _EFFECTS:
            _EFFECTS[done.order.TYPE](self, story, done.order)

    # --- what a ledger is asked

    @property
    def balances(self) -> dict[Fingerprint, Counter[Digest]]:
        """What each has."""
        return {party: story.balances for party, story in self.stories.items()}

    def outstanding(self, party: Fingerprint) -> dict[Number, Row]:
        """What a statement of the party must list."""
        return self.stories[party].open if party in self.stories else {}

    def waiting(self) -> set[tuple[Fingerprint, Fingerprint, Number]]:
        """Payee, spender and number of each spend that is open at its spender."""
        rows = ((row[0], party, number) for party, story in self.stories.items() for number, row in story.open.items())
        return {(payee, party, number) for payee, party, number in rows if payee is not None}

    def paid(self) -> set[Digest]:
        """Instruments that were paid, as things stand."""
        return set().union(*(story.paid for story in self.stories.values()))

    def deals(self, pending: Iterable[tuple[Fingerprint, Pending]]) -> dict[tuple[Deal, Digest], list[Leg]]:
        """Deals that do not come out even, by asset; ``pending`` is what waits to be taken in, and whose."""
        found: dict[tuple[Deal, Digest], list[Leg]] = {}
        legs = [leg for story in self.stories.values() for leg in story.legs]
        for leg in (*legs, *(leg for party, row in pending for leg in self._waits(party, row))):
            found.setdefault((leg.deal, leg.asset), []).append(leg)
        return {key: row for key, row in found.items() if sum(leg.units for leg in row)}

    def _waits(self, party: Fingerprint, row: Pending) -> Iterator[Leg]:
        if row.kind in (n.CLOSED, n.REDEEMED, n.CLEARED):
            deal = ("cheque" if row.kind == n.CLEARED else "spend", party, row.number)
            yield Leg(deal, party, row.asset, -row.amount)
        elif row.kind in (n.RECOVERED, n.CREDITED):
            units = row.amount if row.kind == n.CREDITED else -row.amount
            yield Leg(self.notices[party, row.notice], party, row.asset, units)


def certificate_of(key: PublicKey, instrument: Instrument) -> Deal:
    """The deal that it is."""
    chain = check_chain(instrument, key, fingerprint(key))
    return "spend", fingerprint(chain.paper.key), chain.paper.number  # type: ignore[union-attr]


# --- each order, in the plainest words


def _open(ledger: Aftermath, me: Story, order: Any) -> None:
    for each in order.waiting:
        me.move(("spend", each.spender, each.number), each, each.amount)


def _spend(ledger: Aftermath, me: Story, order: Any) -> None:
    me.use(order.number)
    me.open[order.number] = (order.payee, order.asset, order.amount)
    me.balances[order.asset] -= order.amount


def _back(ledger: Aftermath, me: Story, order: Any) -> None:
    if hasattr(order, "notice"):
        me.once(order.notice)
    me.close(order)
    me.balances[order.asset] += order.amount


def _accept(ledger: Aftermath, me: Story, order: Any) -> None:
    me.once(order.notice)
    me.move(("spend", order.spender, order.number), order, order.amount)


def _gone(ledger: Aftermath, me: Story, order: Any) -> None:
    me.once(order.notice)
    me.close(order)
    me.legs.append(Leg(("spend", me.party, order.number), me.party, order.asset, -order.amount))


def _deposit(ledger: Aftermath, me: Story, order: Any) -> None:
    chain = check_chain(order.instrument, order.drawer, fingerprint(ledger.key))
    must(chain.signer(len(chain.bodies) - 1) == me.party, "deposited by another than its holder")
    must((chain.paper.asset, chain.paper.amount) == (order.asset, order.amount), "a cheque paid as another amount")
    me.move(("cheque", chain.drawer, chain.paper.number), order, order.amount)
    me.paid.add(identity_of_body(order.signed))


def _redeem(ledger: Aftermath, me: Story, order: Any) -> None:
    chain = check_chain(order.instrument, ledger.key, fingerprint(ledger.key))
    must(chain.signer(len(chain.bodies) - 1) == me.party, "redeemed by another than its holder")
    me.move(certificate_of(ledger.key, order.instrument), order, order.amount)
    me.paid.add(identity_of_body(order.signed))


def _cleared(ledger: Aftermath, me: Story, order: Any) -> None:
    me.once(order.notice)
    me.use(order.number)
    me.move(("cheque", me.party, order.number), order, -order.amount)


def _second(sign: int) -> "Callable[[Aftermath, Story, Any], None]":
    def take(ledger: Aftermath, me: Story, order: Any) -> None:
        me.once(order.notice)
        me.move(ledger.notices[me.party, order.notice], order, sign * order.amount)

    return take


_EFFECTS: Final[dict[str, Callable[[Aftermath, Story, Any], None]]] = {
    "createaccount": _open,
    "spendto": _spend,
    "cancelspend": _back,
    "confirmreceipt": _accept,
    "denyreceipt": lambda ledger, me, order: me.once(order.notice),
    "confirmclosedspend": _gone,
    "confirmclosedcertificate": _gone,
    "confirmdeniedspend": _back,
    "confirmexpiredspend": _back,
    "depositcheque": _deposit,
    "redeemcertificate": _redeem,
    "confirmchequecleared": _cleared,
    "confirmrecoveredcertificate": _second(-1),
    "confirmcreditedcertificate": _second(1),
}
"""Orders that move something; the others must move nothing."""
