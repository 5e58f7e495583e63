"""A town for tests: one bank and its parties over the real core, with the post in the test's own hands.

Everything is real but time and randomness, which are drawn from a seed: keys, signatures, sealed envelopes, records
in a store. Letters and answers are returned as envelopes, to be delivered, lost, doubled or overtaken.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any

from ledgerpost import cbor, envelope
from ledgerpost.bank.audit import Audit, audit
from ledgerpost.bank.clock import backed_up
from ledgerpost.bank.counter import Outcome, Reply, answer
from ledgerpost.bank.founding import found, new_terms
from ledgerpost.bank.keys import BANK, CLOCK, DUE, RESTORE, account_key, terms_key
from ledgerpost.bank.prepare import Prepared, prepare, touches
from ledgerpost.bank.records import BankRecord, ClockRecord, Unheld, read_record
from ledgerpost.bank.tidy import due, forget
from ledgerpost.errors import BadBytes, Refusal
from ledgerpost.papers.bankcard import BankCard
from ledgerpost.papers.contract import FIRST_LINE, Contract
from ledgerpost.papers.instrument import Instrument, identity_of_body, read_instrument
from ledgerpost.papers.letter import Letter, Seen
from ledgerpost.papers.order import Order
from ledgerpost.papers.orders import write_order
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.terms import DAY, Terms
from ledgerpost.sealed import Signer, identity_of, read, trusted
from ledgerpost.statement import Statement, digest_of, read_statement
from ledgerpost.store.memory import MemoryStore
from ledgerpost.store.port import Store
from ledgerpost.terms import Digest, Fingerprint
from ledgerpost.wallet.account import REFUSED, Account, Wish, open_at
from ledgerpost.wallet.drawer import Draft, Examined, draw, hand_on, queue, take
from ledgerpost.wallet.mail import sort_mail
from ledgerpost.wallet.reading import News, take_in
from ledgerpost.wallet.writing import has_something_to_say, may_write, write_letter
from pages import Kept, kept

START = 1_800_000_000
"""A moment in January 2027."""


def seed_of(name: str) -> bytes:
    """32 bytes that follow from a name."""
    return blake2b(name.encode(), digest_size=32, person=b"test town").digest()


def contract_text(name: str, *, unit: str = "", decimals: int = 2, limit: int = 10**12) -> str:
    """A small contract."""
    head = f"{FIRST_LINE}\nname: {name}\nunit: {unit or name}\ndecimals: {decimals}\nlimit: {limit}\n"
    return f"{head}\nThe issuer hands out {name} against this contract.\n"


def receipt_in(raw: bytes) -> Receipt:
    """A receipt's contents, unverified."""
    return Receipt.read(trusted(raw).body)


@dataclass
class Bank:
    """The bank's counter over a store, and the clock on its wall."""

    name: str = "bank"
    store: Store = field(default_factory=MemoryStore)
    now: int = START
    watched: bool = True

    def __post_init__(self) -> None:
        self.signer = Signer.from_seed(seed_of(self.name))
        with self.store.hold([BANK]) as held:
            if held.values[BANK] is None:
                held.commit(found(self.signer, self.name, self.now))

    @property
    def record(self) -> BankRecord:
        with self.store.snapshot() as snapshot:
            raw = snapshot.get(BANK)
        assert raw is not None
        return read_record(BankRecord, raw, BANK)

    @property
    def card(self) -> bytes:
        return self.record.card

    def set_terms(self, **changes: object) -> Digest:
        """New terms; what is not named is as by default."""
        with self.store.hold([BANK]) as held:
            raw = held.values[BANK]
            assert raw is not None
            key = terms_key(read_record(BankRecord, raw, BANK).terms)
            old = held.get(key)
            assert old is not None
            terms = Terms(self.signer.fingerprint, 1, self.now, **changes)  # type: ignore[arg-type]
            held.commit(new_terms(self.signer, raw, old, terms, self.now, lost=held.get(RESTORE) is not None))
        return self.record.terms

    def read(self, raw: bytes) -> Prepared | BadBytes:
        return prepare(raw, self.signer.seed, self.signer.fingerprint)

    def judge(self, *raws: bytes) -> Outcome:
        """Answer the good envelopes of a batch and commit; the books must sum to zero after every one of them (O6)."""
        batch = [each for each in map(self.read, raws) if isinstance(each, Prepared)]
        keys = set(touches(batch))
        while True:
            try:
                with self.store.hold(keys) as held:
                    outcome = answer(batch, held, self.now, self.signer)
                    if outcome.changes:
                        held.commit(outcome.changes)
                break
            except Unheld as more:
                keys.add(more.key)
        if self.watched and outcome.changes:
            assert self.audit().findings == []
        return outcome

    def post(self, *raws: bytes) -> list[tuple[Fingerprint, bytes]]:
        """Answer envelopes: each answer as a sealed envelope for its party."""
        return [
            (reply.party, raw) for reply in self.judge(*raws).replies for raw in self.seal(reply.to, reply.messages)
        ]

    def seal(self, to: bytes, messages: tuple[bytes, ...]) -> list[bytes]:
        entropy = blake2b(b"seal", key=self.signer.seed, digest_size=32).digest()
        runs = envelope.batches(messages) if messages else ()
        return [
            envelope.pack(run, sender=self.signer.key, recipient=to, until=0, entropy=entropy)  # type: ignore[arg-type]
            for run in runs
        ]

    def tidy(self) -> int:
        """Forget instruments past their end plus grace; how many."""
        with self.store.snapshot() as snapshot:
            raw = snapshot.get(CLOCK)
            assert raw is not None
            clock = read_record(ClockRecord, raw, CLOCK).now
            entries = due(snapshot.under(DUE), clock - self.terms.grace)
        with self.store.hold({account_key(each.party) for each in entries}) as held:
            changes = forget(entries, held)
            held.commit(changes)
        return len(changes) // 2

    @property
    def terms(self) -> Terms:
        """The terms in force."""
        return Terms.read(trusted(BankCard.read(trusted(self.card).body).terms).body)

    @property
    def records(self) -> dict[bytes, bytes]:
        """Everything in the store."""
        with self.store.snapshot() as snapshot:
            return dict(snapshot.under(b""))

    def backed_up(self) -> dict[bytes, bytes]:
        """Everything in the store; what is signed after that bears a later time."""
        records = self.records
        with self.store.hold([CLOCK]) as held:
            held.commit(backed_up(records[CLOCK]))
        return records

    def page(self, party: Fingerprint) -> Kept:
        """What the bank keeps of a party."""
        with self.store.snapshot() as snapshot:
            return kept(snapshot, party)

    def statement(self, party: Fingerprint) -> Statement:
        """The newest statement the bank signed for a party."""
        return read_statement(receipt_in(self.page(party).receipt).statement)

    def answer_to(self, raw: bytes) -> Reply:
        """Judge one envelope, commit, and give the one reply."""
        (reply,) = self.judge(raw).replies
        return reply

    def audit(self) -> Audit:
        with self.store.snapshot() as snapshot:
            return audit(snapshot, self.signer.key)


@dataclass
class Party:
    """A wallet with one account, and its owner's will."""

    name: str
    bank: Bank
    account: Account = field(init=False)
    letters: int = 0

    def __post_init__(self) -> None:
        self.signer = Signer.from_seed(seed_of(self.name))
        self.account = open_at(self.bank.card, self.signer.key, self.name)
        self.contracts: dict[Digest, bytes] = {}

    @property
    def me(self) -> Fingerprint:
        return self.signer.fingerprint

    @property
    def now(self) -> int:
        """What the owner's clock says: here, as the bank's."""
        return self.bank.now

    def wish(self, order: str, **details: object) -> None:
        self.account = self.account.wish(Wish(0, order, **details))  # type: ignore[arg-type]

    def open(self, *waiting: tuple[bytes, int, bytes, int]) -> None:
        self.wish("createaccount", raw=cbor.encode(waiting) if waiting else None)

    def pay(self, payee: "Party", asset: Digest, amount: int, *, days: int = 30, text: str = "") -> None:
        until = self.now + days * DAY
        self.wish("spendto", party=payee.me, asset=asset, amount=amount, until=until, text=text)

    def issue(self, name: str, **head: object) -> Digest:
        """Wish to issue an asset; its name-giving digest."""
        text = contract_text(name, **head)  # type: ignore[arg-type]
        raw = Contract(self.bank.signer.fingerprint, self.signer.key, text).sign(self.signer)
        self.wish("issueasset", raw=raw)
        asset = identity_of(read(raw))
        self.contracts[asset] = raw
        return asset

    def accept_all(self) -> None:
        for notice in self.account.waiting:
            if notice.kind == "receipt":
                self.wish("confirmreceipt", number=notice.notice)

    def deny_all(self) -> None:
        for notice in self.account.waiting:
            if notice.kind == "receipt":
                self.wish("denyreceipt", number=notice.notice, text="not mine")

    def draw(self, payee: "Party | None", asset: Digest, amount: int, *, days: int = 30, start: int = 0) -> Instrument:
        """A cheque, good from ``start`` (now, if 0) until in so many days."""
        draft = Draft(payee.me if payee else None, asset, amount, start, self.now + days * DAY)
        self.account, instrument = draw(self.account, self.signer, self.now, draft)
        return instrument

    def take(self, instrument: Instrument) -> Examined:
        """Check what another hands over, and keep it."""
        self.account, examined = take(self.account, instrument.encode(), self.now)
        return examined

    def hand_on(self, instrument: Instrument, to: "Party") -> Instrument:
        """Endorse what this wallet holds; ``instrument`` in any state names it."""
        identity = identity_of_body(instrument.body)
        self.account, given = hand_on(self.account, self.signer, identity, to.signer.key)
        return given

    def queue(self, instrument: Instrument) -> None:
        """Wish to present it with the next letter."""
        self.account = queue(self.account, identity_of_body(instrument.body))

    def deposit(self, *instruments: Instrument) -> list[Refusal]:
        """Take, queue and present in one round trip; what became of each."""
        for each in instruments:
            if self.state(each) != REFUSED:
                self.take(each)
            self.queue(each)
        codes = [result.code for news in self.trip() for each in news.answered for result in each.results]
        return codes[-len(instruments) :]

    def state(self, instrument: Instrument) -> str:
        """What this wallet has it as; empty if it never had it."""
        item = self.account.items.get(identity_of_body(instrument.body))
        return item.state if item else ""

    def buy(self, asset: Digest, amount: int, *, days: int = 30) -> Instrument:
        """A bearer certificate, bought in one round trip."""
        before = set(self.account.items)
        self.wish("spendto", asset=asset, amount=amount, until=self.now + days * DAY)
        self.trip()
        [identity] = set(self.account.items) - before
        return read_instrument(self.account.items[identity].instrument)

    def ask(self) -> None:
        """A round trip that asks for news, and one more to take in what it brought."""
        self.wish("getq")
        self.trip()
        self.trip()

    def write(self) -> None:
        """One more letter, whatever there is to say."""
        self.letters += 1
        nonce = blake2b(f"{self.name} {self.letters}".encode(), digest_size=16).digest()
        self.account = write_letter(self.account, self.signer, self.now, nonce)

    def send(self) -> bytes:
        """Every letter without a receipt, in one sealed envelope; a new one first if there is something to say."""
        if may_write(self.account) and has_something_to_say(self.account):
            self.write()
        return self.seal(self.account.letters)

    def by_hand(self, *orders: Order | bytes, **fields: Any) -> bytes:
        """A signed letter of any contents; what is not named is as in an honest next letter without foresight."""
        account, held = self.account, self.account.held
        before = identity_of(read(account.letters[-1])) if account.letters else held and held.answers[-1].letter
        honest = {
            "bank": self.bank.signer.fingerprint,
            "seq": account.statement.seq + len(account.letters) + 1,
            "prev": before,
            "seen": Seen(account.statement.seq, digest_of(account.statement.encode())),
            "terms": account.current,
            "not_after": self.now + 30 * DAY,
            "nonce": bytes(16),
            "expect": Digest(bytes(32)),
            "orders": tuple(each if isinstance(each, bytes) else write_order(each, self.signer) for each in orders),
        }
        return Letter(**honest | fields).sign(self.signer)  # type: ignore[arg-type]

    def hand_in(self, *orders: Order | bytes, **fields: Any) -> list[Refusal]:
        """Write such a letter, let the bank answer it and take the answer in; what became of each order."""
        raw = self.by_hand(*orders, **fields)
        self.account = replace(self.account, letters=(*self.account.letters, raw))
        reply = self.bank.answer_to(self.seal(self.account.letters))
        self.take_mail(reply.messages)
        return [result.code for result in reply.results]

    def take_mail(self, messages: Sequence[bytes]) -> News:
        """Take in messages of the bank as they are."""
        self.account, news = take_in(self.account, sort_mail(self.account, tuple(messages)))
        return news

    def seal(self, letters: tuple[bytes, ...]) -> bytes:
        entropy = blake2b(b"seal", key=self.signer.seed, digest_size=32).digest()
        bank = self.bank.signer.key
        return envelope.pack(letters, sender=self.signer.key, recipient=bank, until=0, entropy=entropy)

    def receive(self, raw: bytes) -> News:
        inside = envelope.unpack(raw, self.signer.seed, self.me)
        assert inside.sender == self.bank.signer.key
        self.account, news = take_in(self.account, sort_mail(self.account, inside.messages))
        self.contracts.update(news.contracts)
        return news

    def trip(self) -> list[News]:
        """A round trip without mishap."""
        return [self.receive(raw) for party, raw in self.bank.post(self.send()) if party == self.me]

    def has(self, asset: Digest) -> int:
        return self.account.statement.balance(asset)
