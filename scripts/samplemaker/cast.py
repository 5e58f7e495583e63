"""The cast: a bank and its parties, with seeds that follow from their names. Test keys, all of them."""

from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Final

from ledgerpost import envelope
from ledgerpost.bank.counter import Reply, answer
from ledgerpost.bank.founding import found, new_terms
from ledgerpost.bank.keys import BANK, Key, terms_key
from ledgerpost.bank.prepare import Prepared, prepare, touches
from ledgerpost.bank.records import BankRecord, TermsRecord, Unheld, read_record
from ledgerpost.papers.beside import identity_of_part
from ledgerpost.papers.instrument import is_instrument
from ledgerpost.papers.letter import Letter, Seen
from ledgerpost.papers.order import Order
from ledgerpost.papers.orders import done, write_order
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.terms import DAY, Terms
from ledgerpost.sealed import Signer, identity_of, open_message, read
from ledgerpost.statement import Inapplicable, Statement, digest_of, is_statement, read_statement
from ledgerpost.store.memory import MemoryStore
from ledgerpost.terms import Digest, Fingerprint

START: Final = 1_800_000_000
"""2027-01-15T08:00:00Z, when the bank was founded."""

HOUR: Final = 3600
CAST: Final = ("bank", "other-bank", "issuer", "alice", "bob", "carol", "mallory")


def seed_of(name: str) -> bytes:
    """SHA-256 of ``ledgerpost sample NAME``."""
    return sha256(f"ledgerpost sample {name}".encode()).digest()


def signer_of(name: str) -> Signer:
    return Signer.from_seed(seed_of(name))


def entropy_of(name: str) -> bytes:
    """What the seals of this sender are drawn from."""
    return sha256(f"ledgerpost sample seal {name}".encode()).digest()


class Bank:
    """The bank's counter over a store in memory; ``now`` is the clock on its wall."""

    def __init__(self) -> None:
        self.name = "bank"
        self.signer = signer_of(self.name)
        self.store = MemoryStore()
        self.now = START
        with self.store.hold([BANK]) as held:
            held.commit(found(self.signer, "Bank of Samples", self.now))

    @property
    def me(self) -> Fingerprint:
        return self.signer.fingerprint

    @property
    def record(self) -> BankRecord:
        return read_record(BankRecord, self._get(BANK), BANK)

    @property
    def terms(self) -> bytes:
        """The terms in force, as signed."""
        key = terms_key(self.record.terms)
        return read_record(TermsRecord, self._get(key), key).terms

    def _get(self, key: Key) -> bytes:
        with self.store.snapshot() as snapshot:
            raw = snapshot.get(key)
        assert raw is not None
        return raw

    def put_in_force(self, terms: Terms) -> None:
        with self.store.hold([BANK]) as held:
            bank, old = self._get(BANK), self._get(terms_key(self.record.terms))
            held.commit(new_terms(self.signer, bank, old, terms, self.now))

    def answer(self, raw: bytes) -> Reply:
        """Take one envelope in, commit, and answer."""
        prepared = prepare(raw, self.signer.seed, self.me)
        assert isinstance(prepared, Prepared), prepared
        keys = set(touches([prepared]))
        while True:
            try:
                with self.store.hold(keys) as held:
                    outcome = answer([prepared], held, self.now, self.signer)
                    held.commit(outcome.changes)
                return outcome.replies[0]
            except Unheld as more:
                keys.add(more.key)


@dataclass
class Player:
    """A party that writes just the letters the story wants, and reads what comes back."""

    name: str
    bank: Bank
    terms: bytes
    statement: Statement = field(init=False)
    seq: int = 0
    prev: Digest | None = None
    known: dict[Digest, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.signer = signer_of(self.name)
        self.statement = Statement(self.bank.me, self.me)
        self.seen = Seen(0, digest_of(self.statement.encode()))
        self.coming = self.statement
        self.keep(self.statement.encode())

    @property
    def me(self) -> Fingerprint:
        return self.signer.fingerprint

    @property
    def next(self) -> int:
        """The ``seq`` of the next letter; orders signed on their own name it."""
        return self.seq + 1

    def keep(self, raw: bytes) -> Digest:
        identity = identity_of_part(raw)
        self.known[identity] = raw
        return identity

    def write(self, *orders: Order | bytes, end: int = 60 * DAY) -> bytes:
        """The next letter. Bytes go in as they are; they, and orders that can't be done, are not expected."""
        self.seq += 1
        terms = Terms.of(open_message(self.terms, self.bank.signer.key), self.bank.me)
        for order in orders:
            if isinstance(order, Order):
                self.coming = _hoped(self.coming, order, terms)
        nonce = sha256(f"ledgerpost sample nonce {self.name} {self.seq}".encode()).digest()[:16]
        self.coming = replace(self.coming, seq=self.seq, salt=nonce)
        letter = Letter(
            self.bank.me,
            self.seq,
            self.prev,
            self.seen,
            identity_of(read(self.terms)),
            self.bank.now + end,
            nonce,
            digest_of(self.coming.encode()),
            tuple(order if isinstance(order, bytes) else write_order(order, self.signer) for order in orders),
        )
        raw = letter.sign(self.signer)
        self.prev = self.keep(raw)
        return raw

    def seal(self, *letters: bytes) -> bytes:
        return envelope.pack(
            letters,
            sender=self.signer.key,
            recipient=self.bank.signer.key,
            until=self.bank.now + 60 * DAY,
            entropy=entropy_of(self.name),
        )

    def take(self, messages: tuple[bytes, ...]) -> Receipt:
        """Learn from the bank's answer; its receipt."""
        for raw in messages:
            self.keep(raw)
            if is_signed(raw) and read(raw).type == "terms":
                self.terms = raw
        receipt = Receipt.of(open_message(messages[0], self.bank.signer.key), self.bank.me)
        self.statement = self.coming = read_statement(receipt.statement)
        self.seen = Seen(self.statement.seq, self.keep(receipt.statement))
        return receipt


def is_signed(raw: bytes) -> bool:
    """A signed message, and neither a statement nor an instrument."""
    return not is_statement(raw) and not is_instrument(raw)


def _hoped(statement: Statement, order: Order, terms: Terms) -> Statement:
    try:
        return done(statement, order, terms)
    except Inapplicable:
        return statement
