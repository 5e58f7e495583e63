"""A market day: a bank, an issuer of grain, and people with an account and a little of it each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from ledgerpost import cbor
from ledgerpost.errors import Refusal
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.instrument import (
    Instrument,
    _structure,
    check_chain,
    check_offline,
    endorse,
    paper_of,
    parting,
    read_instrument,
    read_instruments,
)
from ledgerpost.papers.letter import Letter, Seen
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.order import Order
from ledgerpost.papers.orders import done, write_order
from ledgerpost.papers.receipt import Result
from ledgerpost.papers.redeemcertificate import RedeemCertificate
from ledgerpost.papers.sequence import Sequence as Chequebook
from ledgerpost.sealed import fingerprint, open_message, trusted
from ledgerpost.statement import Inapplicable, digest_of
from ledgerpost.terms import Digest, Fingerprint, PublicKey
from town import Bank, Party


@dataclass
class Market:
    """Who is there, and the grain they trade in."""

    bank: Bank
    treasurer: Party
    people: dict[str, Party]
    grain: Digest

    def __getitem__(self, name: str) -> Party:
        return self.people[name]

    def has(self, *names: str) -> list[int]:
        """What each owns by its newest statement."""
        return [self.people[name].has(self.grain) for name in names]

    def fund(self, party: Party, amount: int) -> None:
        """The treasurer pays; the party accepts."""
        self.treasurer.pay(party, self.grain, amount)
        self.treasurer.trip()
        party.ask()
        party.accept_all()
        party.trip()
        self.treasurer.ask()

    def settle(self) -> None:
        """Everybody takes in whatever waits, and the books are right."""
        for _ in range(2):
            for party in (self.treasurer, *self.people.values()):
                party.ask()
        self.check()

    def check(self) -> None:
        """Every asset sums to zero and every record is what its signatures say."""
        assert self.bank.audit().findings == []


def market(*names: str, funds: int = 1000, **terms: object) -> Market:
    """Everybody named has an account, twenty numbers and ``funds`` grain."""
    bank = Bank()
    if terms:
        bank.set_terms(**terms)
    treasurer = Party("treasurer", bank)
    treasurer.open()
    grain = treasurer.issue("grain")
    treasurer.trip()
    people = {name: Party(name, bank) for name in names}
    made = Market(bank, treasurer, people, grain)
    for party in people.values():
        party.open()
        party.trip()
        if funds:
            made.fund(party, funds)
    return made


# --- cheats: what no honest wallet does ---------------------------------------------------------------------------


def endorsed(instrument: Instrument, by: Party, to: PublicKey) -> Instrument:
    """One more endorsement, whatever ``by``'s wallet remembers."""
    bank = by.bank.signer.key
    return endorse(check_offline(instrument, bank), by.signer, to)


def forged(instrument: Instrument, by: Party, to: PublicKey) -> Instrument:
    """One more endorsement by somebody who does not hold it."""
    chain = check_offline(instrument, by.bank.signer.key)
    signed = _structure(by.me, by.bank.signer.fingerprint, chain.bodies[-1], to)
    raw = bytes(to) + by.signer.sign_bytes(signed)
    first = by.signer.key if isinstance(chain.paper, Cheque) else None
    return replace(instrument, first=instrument.first or first, endorsements=(*instrument.endorsements, raw))


def presentation(instrument: Instrument) -> Order:
    """The order that presents an instrument which ends at the bank already."""
    paper = paper_of(instrument.body)
    value = (paper.number, paper.asset, paper.amount)
    if instrument.chequebook is None:
        return RedeemCertificate(instrument.body, instrument.endorsements, *value)
    book = Chequebook.read(trusted(instrument.chequebook).body)
    first = instrument.first
    assert first is not None
    return DepositCheque(instrument.body, book.key, first, instrument.endorsements, *value)


class Said(NamedTuple):
    """What the bank's receipt says of one order, and the evidence beside it."""

    code: Refusal
    result: Result
    evidence: bytes | None


def send(party: Party, *orders: Order) -> list[Said]:
    """A letter of just these orders, written past the wallet; its answer is adopted all the same."""
    account = party.account
    assert not account.letters
    party.letters += 1
    nonce = party.letters.to_bytes(16, "big")
    statement, raws = account.statement, []
    for order in orders:
        raws.append(write_order(order, party.signer))
        try:
            statement = done(statement, order, account.conditions)
        except Inapplicable:
            continue
    held = account.held
    seq = account.statement.seq + 1
    expect = digest_of(replace(statement, seq=seq, salt=nonce).encode())
    letter = Letter(
        party.bank.signer.fingerprint,
        seq,
        held.answers[-1].letter if held else None,
        Seen(account.statement.seq, digest_of(account.statement.encode())),
        account.current,
        party.bank.now + account.conditions.letter_life,
        nonce,
        expect,
        tuple(raws),
    )
    party.account = replace(account, letters=(letter.sign(party.signer),))
    [news] = party.trip()
    [answered] = news.answered
    parts = party.account.parts
    return [Said(each.code, each, parts[each.part] if each.part else None) for each in answered.results]


def present(instrument: Instrument, by: Party, *, ended: bool = False) -> Said:
    """Endorse to the bank (unless ``ended``) and present, past the wallet."""
    whole = instrument if ended else endorsed(instrument, by, by.bank.signer.key)
    [said] = send(by, presentation(whole))
    return said


def lead(instrument: Instrument, *path: Party) -> Instrument:
    """Hand it along: the first of the path endorses to the second, and so on."""
    for giver, taker in pairwise(path):
        instrument = endorsed(instrument, giver, taker.signer.key)
    return instrument


# --- a small judge, independent of bank and wallet ----------------------------------------------------------------


def debtor(bank: PublicKey, one: Instrument, other: Instrument) -> Fingerprint | None:
    """Who signed two different bodies on the same one before, by signatures alone; None if nobody did.

    Two presenters of one open cheque part at bodies of different signers: nobody signed twice (C2).
    """
    chains = []
    for each in (one, other):
        key = bank
        if each.chequebook is not None:
            key = Chequebook.of(open_message(each.chequebook, bank), fingerprint(bank)).key
        chains.append(check_chain(each, key, fingerprint(bank)))
    at = parting(*chains)
    signers = set() if at is None else {chain.signer(at) for chain in chains}
    return signers.pop() if len(signers) == 1 else None


def evidence_of(raw: bytes) -> Sequence[Instrument]:
    """Instruments in a part, in a notice or in a proof of two."""
    if raw[:1] == b"\xd2":
        raw = Notice.read(trusted(raw).body).enclosed or b""
    if cbor.decode(raw)[0].__class__ is bytes and raw[:1] == b"\x82":
        return read_instruments(raw)
    return (read_instrument(raw),)
