"""Scribes: parties whose letters are written as fast as they are signed, where a wallet would be what one waits for.

A scribe keeps what the next letter needs: its statement as its own orders leave it, by the ``done`` of wallet, bank and
judge, and the letter before. All that it sends is what a wallet would send. Nothing that the bank refuses goes unseen:
``told`` raises if anything was not done, and ``agree`` if the bank's statement is not the one foreseen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

from benches.towns import Failed
from ledgerpost import envelope
from ledgerpost.bank.counter import Outcome
from ledgerpost.errors import Refusal
from ledgerpost.papers import notice as n
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.confirmreceipt import ConfirmReceipt
from ledgerpost.papers.createaccount import CreateAccount
from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.getsequence import GetSequence
from ledgerpost.papers.instrument import Instrument, check_chain, endorse
from ledgerpost.papers.kinds import Pending
from ledgerpost.papers.letter import Letter, Seen
from ledgerpost.papers.order import Order
from ledgerpost.papers.orders import done, write_order
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.papers.takein import ConfirmChequeCleared, ConfirmClosedSpend
from ledgerpost.papers.terms import DAY, Terms
from ledgerpost.sealed import Signer, identity_of, read
from ledgerpost.statement import Statement, digest_of
from ledgerpost.terms import Digest, Fingerprint, Number
from town import Bank, Party, seed_of


@dataclass
class Scribe:
    """One party. ``named`` and ``terms`` are the bank's terms in force."""

    name: str
    bank: Bank
    signer: Signer
    statement: Statement
    last: Digest | None
    seen: Seen
    named: Digest
    terms: Terms

    @classmethod
    def of(cls, party: Party) -> "Scribe":
        """One who goes on where a wallet stopped that has heard everything."""
        account = party.account
        if account.letters or account.held is None:
            raise Failed("a scribe goes on from a receipt")
        statement = account.statement
        seen = Seen(statement.seq, digest_of(statement.encode()))
        last = account.held.answers[-1].letter
        bank = party.bank
        return cls(party.name, bank, party.signer, statement, last, seen, bank.record.terms, bank.terms)

    @classmethod
    def new(cls, name: str, bank: Bank, like: "Scribe | None" = None) -> "Scribe":
        """One without an account. ``like``: another of this bank, whose reading of the terms is taken over."""
        signer = Signer.from_seed(seed_of(name))
        statement = Statement(bank.signer.fingerprint, signer.fingerprint)
        named, terms = (like.named, like.terms) if like else (bank.record.terms, bank.terms)
        return cls(name, bank, signer, statement, None, Seen(0, digest_of(statement.encode())), named, terms)

    @property
    def me(self) -> Fingerprint:
        return self.signer.fingerprint

    @property
    def at(self) -> Fingerprint:
        """The bank."""
        return self.statement.bank

    @property
    def seq(self) -> int:
        """Of the letter that is written next."""
        return self.statement.seq + 1

    def write(self, *orders: Order) -> bytes:
        """The next letter, which foresees that all is done."""
        nonce = blake2b(f"{self.name} {self.seq}".encode(), digest_size=16).digest()
        after = self.statement
        for each in orders:
            after = done(after, each, self.terms)
        after = replace(after, seq=self.seq, salt=nonce)
        written = tuple(write_order(each, self.signer) for each in orders)
        until, expect = self.bank.now + self.terms.letter_life, digest_of(after.encode())
        raw = Letter(self.at, self.seq, self.last, self.seen, self.named, until, nonce, expect, written).sign(
            self.signer
        )
        self.statement, self.last = after, identity_of(read(raw))
        return raw

    def seal(self, *letters: bytes) -> bytes:
        """In one envelope."""
        entropy = blake2b(b"seal", key=self.signer.seed, digest_size=32).digest()
        return envelope.pack(letters, sender=self.signer.key, recipient=self.bank.signer.key, until=0, entropy=entropy)

    def send(self, *orders: Order) -> bytes:
        """One letter in an envelope."""
        return self.seal(self.write(*orders))

    def heard(self) -> None:
        """The answer to all that was written has come."""
        self.seen = Seen(self.statement.seq, digest_of(self.statement.encode()))

    # --- orders

    def opening(self) -> CreateAccount:
        """To open the account."""
        return CreateAccount(self.at, self.seq, self.signer.key, self.name)

    def numbers(self, count: int) -> GetSequence:
        """For so many numbers."""
        return GetSequence(count, self.bank.now + 60 * DAY)

    def pay(self, payee: "Scribe", asset: Digest, number: Number | None = None) -> SpendTo:
        """One unit, under the first open number or the one given."""
        number = number or self.statement.numbers[0].first
        return SpendTo(self.at, self.seq, payee.me, number, asset, 1, self.bank.now + 30 * DAY, "")

    def draw(self, payee: "Scribe", asset: Digest, number: Number) -> DepositCheque:
        """The payee's deposit of a cheque of one unit that ends tomorrow, drawn and endorsed."""
        now = self.bank.now
        raw = Cheque(self.at, number, payee.me, asset, 1, now, now + DAY, "").sign(self.signer)
        chain = check_chain(Instrument(raw), self.signer.key, self.at)
        drawn = endorse(chain, payee.signer, self.bank.signer.key)
        if drawn.first is None:
            raise Failed("an endorsed cheque has a first holder")
        return DepositCheque(raw, self.signer.key, drawn.first, drawn.endorsements, number, asset, 1)

    def take_in(self) -> list[Order]:
        """Orders that take in all that waits here, as the bank lists it."""
        return [_taking(self, each) for each in self.bank.page(self.me).pending]


def _taking(scribe: Scribe, waits: Pending) -> Order:
    facts = (waits.number, waits.asset, waits.amount)
    if waits.kind == n.RECEIPT and waits.other is not None:
        return ConfirmReceipt(scribe.at, scribe.seq, waits.other, *facts, waits.notice)
    return {n.CLOSED: ConfirmClosedSpend, n.CLEARED: ConfirmChequeCleared}[waits.kind](waits.notice, *facts)


def told(outcome: Outcome, letters: int) -> None:
    """Raise Failed unless so many letters were answered, and every order of theirs was done."""
    answered = sum(reply.answered for reply in outcome.replies)
    codes = {result.code for reply in outcome.replies for result in reply.results}
    if answered != letters or codes - {Refusal.DONE}:
        raise Failed(f"{answered} of {letters} letters were answered, with {[code.name for code in codes]}")


def post(bank: Bank, wanted: Sequence[tuple[Scribe, Sequence[Order]]]) -> None:
    """A letter of these orders from each; the bank answers, and they hear it."""
    told(bank.judge(*(scribe.send(*orders) for scribe, orders in wanted)), len(wanted))
    for scribe, _ in wanted:
        scribe.heard()


def agree(scribe: Scribe) -> None:
    """Raise Failed unless the bank's statement is the one foreseen."""
    if scribe.bank.statement(scribe.me) != scribe.statement:
        raise Failed(f"bank and {scribe.name} have different statements")


def trade(one: Scribe, other: Scribe, asset: Digest, spends: int, cheques: int) -> None:
    """Each pays the other so many spends and cheques of one unit, and all of it is taken in: four letters of each."""
    bank, pair = one.bank, ((one, other), (other, one))
    count = spends + cheques
    post(bank, [(each, [each.numbers(count)]) for each, _ in pair])
    first = {each.name: each.statement.highest - count + 1 for each, _ in pair}
    post(bank, [(each, [each.pay(to, asset, first[each.name] + at) for at in range(spends)]) for each, to in pair])
    drawn = {
        to.name: [each.draw(to, asset, first[each.name] + spends + at) for at in range(cheques)] for each, to in pair
    }
    post(bank, [(each, [*each.take_in(), *drawn[each.name]]) for each, _ in pair])
    post(bank, [(each, each.take_in()) for each, _ in pair])
