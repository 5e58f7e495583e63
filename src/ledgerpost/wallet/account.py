"""What a wallet keeps about its account at one bank (T1), as one frozen value.

Every step of writing and reading takes an ``Account`` and returns the next; the desk stores the difference.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from types import MappingProxyType
from typing import Final, NamedTuple

from ledgerpost.errors import Refusal
from ledgerpost.papers.bankcard import BankCard, open_bank_card
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.notice import CLEARED, DEBITS, LIEN, Notice
from ledgerpost.papers.order import Order
from ledgerpost.papers.orders import done, read_orders
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.terms import Terms
from ledgerpost.sealed import fingerprint, identity_of, read, trusted
from ledgerpost.statement import Inapplicable, Statement, read_statement
from ledgerpost.terms import Amount, Digest, Fingerprint, Moment, Number, PublicKey

NOTHING: Mapping[Digest, bytes] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Wish:
    """Something the owner asked for, waiting to become an order in the next letter.

    ``order`` is the seed's name; the other fields mean what the order's do, unused ones are empty. ``until`` is a
    moment; for ``getsequence``, ``amount`` is the count. ``raw`` is a contract, for ``issueasset``.
    """

    id: int
    order: str
    party: Fingerprint | None = None
    number: Number = 0
    asset: Digest | None = None
    amount: Amount = 0
    until: Moment = 0
    text: str = ""
    raw: bytes | None = None


HELD: Final = "held"
GIVEN: Final = "given"
PRESENTED: Final = "presented"
REFUSED: Final = "refused"
PAID: Final = "paid"
RELEASED: Final = "released"
PRESENTABLE: Final = (HELD, PRESENTED, REFUSED)
STATES: Final = (HELD, GIVEN, PRESENTED, REFUSED, PAID, RELEASED)


class Item(NamedTuple):
    """An instrument that is or was in this wallet, remembered until its end (B3).

    ``proof``: for a refused one, the bank's receipt and what stood beside it; then the releases signed for it (C2).
    """

    instrument: bytes
    state: str
    until: Moment
    proof: tuple[bytes, ...] = ()


class Said(NamedTuple):
    """A signed order that was done to another's account, kept until ``until`` plus grace: a bank may lose it (L11)."""

    until: Moment
    raw: bytes


@dataclass(frozen=True)
class Account:
    """One party at one bank. What follows from the fields is made out once, when it is first asked for.

    ``letters`` have no receipt yet; ``terms`` are all that a letter at hand names, ``current`` the newest;
    ``notices`` wait to be taken in. After a restore, ``fresh`` holds the identities of letters written since
    (None: not restored, or over), and numbers up to ``barred`` are never drawn (L9). ``time`` is the newest time the
    bank signed, the floor of this wallet's clock (O5). ``signed``: spends and cheques signed here, by number, kept
    until their end. ``books``: chequebooks that have not ended. ``items``: instruments by the identity of their cheque
    or certificate. ``kept``: notices of cleared and bounced cheques that were taken in, kept as long as a claim on
    them may come (B4). ``asked`` and ``declared``: the bank's newest ``restoring``, and what this wallet declared to
    it; ``said``: what it did to others and would tell such a bank again (L11).
    """

    key: PublicKey
    name: str
    card: bytes
    terms: Mapping[Digest, bytes]
    current: Digest
    receipt: bytes | None = None
    parts: Mapping[Digest, bytes] = field(default_factory=lambda: NOTHING)
    letters: tuple[bytes, ...] = ()
    notices: Mapping[int, bytes] = field(default_factory=dict)
    wishes: tuple[Wish, ...] = ()
    fresh: frozenset[Digest] | None = None
    barred: Number = 0
    time: Moment = 0
    signed: Mapping[Number, bytes] = field(default_factory=dict)
    books: tuple[bytes, ...] = ()
    items: Mapping[Digest, Item] = field(default_factory=dict)
    kept: Mapping[int, bytes] = field(default_factory=dict)
    said: Mapping[Digest, Said] = field(default_factory=dict)
    asked: bytes | None = None
    declared: bytes | None = None

    @property
    def me(self) -> Fingerprint:
        """The owner's fingerprint."""
        return fingerprint(self.key)

    @cached_property
    def bank(self) -> BankCard:
        """The bank's card, verified when it was taken in."""
        return BankCard.read(trusted(self.card).body)

    def terms_of(self, identity: Digest) -> Terms | None:
        """Terms known by identity."""
        raw = self.terms.get(identity)
        return None if raw is None else Terms.read(trusted(raw).body)

    @cached_property
    def conditions(self) -> Terms:
        """The newest terms known."""
        terms = self.terms_of(self.current)
        if terms is None:
            raise AssertionError("the current terms are not kept")
        return terms

    @cached_property
    def held(self) -> Receipt | None:
        """The newest receipt adopted."""
        return None if self.receipt is None else Receipt.read(trusted(self.receipt).body)

    @cached_property
    def statement(self) -> Statement:
        """The newest statement of the bank's that was adopted."""
        held = self.held
        return Statement(self.bank.bank, self.me) if held is None else read_statement(held.statement)

    @cached_property
    def written(self) -> tuple[Letter, ...]:
        """Letters without a receipt."""
        return tuple(Letter.read(trusted(raw).body) for raw in self.letters)

    @cached_property
    def coming(self) -> Statement:
        """The statement to expect once every letter without a receipt is carried out (L2)."""
        return self._steps[-1]

    @cached_property
    def _steps(self) -> tuple[Statement, ...]:
        """The newest statement, and what each order of a letter without a receipt will make of it."""
        return foreseen(self.statement, self.key, tuple((each, self.terms_of(each.terms)) for each in self.written))

    @cached_property
    def waiting(self) -> tuple[Notice, ...]:
        """Notices not taken in, by number."""
        return tuple(Notice.read(trusted(raw).body) for _, raw in sorted(self.notices.items()))

    def usable(self, asset: Digest) -> int:
        """What may be spent of the asset now: all letters and wishes counted as done, debits too (O1)."""
        coming = self.coming
        wished = sum(wish.amount for wish in self.wishes if wish.asset == asset and wish.order == "spendto")
        debits = [each for each in self._debits(coming) if each.asset == asset]
        cleared = {each.number for each in debits if each.kind == CLEARED}
        drawn = [each for each in self.drawn if each.asset == asset and coming.block_of(each.number)]
        open_ = sum(each.amount for each in drawn if each.number not in cleared)
        return coming.balance(asset) - sum(each.amount for each in debits) - wished - open_

    def sure(self, asset: Digest) -> int:
        """What a cheque drawn now may rest on: as ``usable``, but no credit counts that the bank has not signed yet.

        Its payee may be at the bank before this wallet's letters are.
        """
        units = [statement.balance(asset) for statement in self._steps]
        return self.usable(asset) - sum(max(after - before, 0) for before, after in pairwise(units))

    def is_drawn_on(self, asset: Digest) -> bool:
        """Whether a cheque in the asset is out, and its number open."""
        coming = self.coming
        return any(each.asset == asset and coming.block_of(each.number) for each in self.drawn)

    def _debits(self, coming: Statement) -> Iterator[Notice]:
        """Debits that no letter has taken in; a lien that was met or has ended counts no more."""
        waiting = [each for each in self.waiting if each.kind in DEBITS and not coming.has_taken(each.notice)]
        met = {each.earlier for each in waiting}
        for each in waiting:
            if each.kind != LIEN or (each.notice not in met and self.time <= each.until):
                yield each

    @cached_property
    def drawn(self) -> tuple[Cheque, ...]:
        """Cheques drawn here that have not ended, cleared or not."""
        papers = (trusted(raw) for raw in self.signed.values())
        return tuple(Cheque.read(sealed.body) for sealed in papers if sealed.type == Cheque.TYPE)

    def wish(self, wish: Wish) -> "Account":
        """With one more wish; its id is set here."""
        number = 1 + max((each.id for each in self.wishes), default=0)
        return replace(self, wishes=(*self.wishes, replace(wish, id=number)))

    def without_wish(self, number: int) -> "Account":
        """With the wish dropped: nothing of it had left."""
        return replace(self, wishes=tuple(each for each in self.wishes if each.id != number))


def drawable(account: Account, statement: Statement) -> Iterator[Number]:
    """Open numbers this wallet may use: none that it drew on, none from before a restore, none that ended (L9, N2)."""
    for block in statement.numbers:
        if block.until > account.time:
            for number in range(max(block.first, account.barred + 1), block.last + 1):
                if number not in account.signed:
                    yield number


def foreseen(
    statement: Statement, key: PublicKey, written: tuple[tuple[Letter, Terms | None], ...]
) -> tuple[Statement, ...]:
    """The statement, and what each order of these letters will make of it; each letter with the terms it names."""
    steps = [statement]
    for letter, terms in written:
        for each in read_orders(letter, key):
            if not isinstance(each.order, Refusal) and terms is not None:
                steps.append(_hoped(steps[-1], each.order, terms))
        steps.append(replace(steps[-1], seq=letter.seq, salt=letter.nonce))
    return tuple(steps)


def _hoped(statement: Statement, order: Order, terms: Terms) -> Statement:
    """The order done, if it still can be: what a receipt refused meanwhile stays refused."""
    try:
        return done(statement, order, terms)
    except Inapplicable:
        return statement


def open_at(card: bytes, key: PublicKey, name: str, *, restored: bool = False) -> Account:
    """An account to be opened with the bank whose card this is. Raises BadBytes if the card is not good.

    ``restored``: this key may have had an account there before (L9).
    """
    opened, _ = open_bank_card(card)
    identity = identity_of(read(opened.terms))
    fresh: frozenset[Digest] | None = frozenset() if restored else None
    return Account(key, name, card, {identity: opened.terms}, identity, time=opened.time, fresh=fresh)


def named(terms: Iterable[bytes]) -> dict[Digest, bytes]:
    """Messages by identity."""
    return {identity_of(read(raw)): raw for raw in terms}
