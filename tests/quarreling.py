"""What quarrels are made of: cases and findings by name, markets to copy, and a bank that cheats with its own signer.

Everything is signed by the real bank and real wallets. A cheating bank lets its counter answer, alters what the counter
signed and signs that instead; its victim's wallet really reads it, and each tool says whether it was believed.
"""

import os
import pickle
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from ledgerpost.errors import BadBytes, Cheating, Refusal
from ledgerpost.papers.card import Card
from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.instrument import (
    Instrument,
    check_chain,
    endorse,
    identity_of_body,
    is_instrument,
    paper_of,
)
from ledgerpost.papers.kinds import About
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.order import Order
from ledgerpost.papers.orders import carried_out, read_orders
from ledgerpost.papers.receipt import Answer, Base, Receipt, Result
from ledgerpost.papers.terms import DAY
from ledgerpost.sealed import trusted
from ledgerpost.statement import Statement, digest_of, read_statement
from ledgerpost.store.memory import MemoryStore
from ledgerpost.terms import Digest
from market import Market, endorsed, lead, market
from test_cheques import cheque
from town import Bank, Party

ONES = Digest(b"\1" * 32)
NOTHING = Digest(bytes(32))
"""Digests of no document."""

NAMES = ("alice", "bob", "carol", "dora")
GRACE = 60 * DAY


class Row(NamedTuple):
    """A finding by names: who owes whom how much of what, by which rule; without amount, who is at fault."""

    debtor: str
    creditor: str | None
    amount: int | None
    rule: str
    asset: str | None


class Case(NamedTuple):
    """Files (cards aside), every finding, and of every undecidable question the kinds of documents that would decide.

    ``now``: when it is judged; 0 means the bank's time. ``cards``: whether everybody's cards lie there too.
    """

    files: tuple[bytes, ...]
    findings: tuple[Row, ...] = ()
    missing: tuple[str, ...] = ()
    now: int = 0
    cards: bool = True


class Quarrel(NamedTuple):
    """A case that was built; ``grain`` is the asset that it is about."""

    grain: Digest
    files: tuple[bytes, ...]
    findings: tuple[Row, ...]
    missing: tuple[str, ...]
    now: int


Builder = Callable[[Market], Case]
CASES: dict[str, Builder] = {}


def case(function: Builder) -> Builder:
    """Put it in, under its name."""
    CASES[function.__name__.replace("_", " ")] = function
    return function


def owes(debtor: str, creditor: str, amount: int, rule: str, asset: str = "grain") -> Row:
    return Row(debtor, creditor, amount, rule, asset)


def fault(debtor: str, creditor: str | None, rule: str) -> Row:
    return Row(debtor, creditor, None, rule, None)


ALICE_WRONGED = fault("bank", "alice", "L5")
FALSE = fault("bank", "alice", "L2")
AT_FAULT = fault("bank", "alice", "S6")


BOB_FROM_BANK = owes("bank", "bob", 100, "S6")


KEPT = os.environ.get("LEDGERPOST_QUARRELS")
"""A file of built quarrels, for who judges the same ones thousands of times (scripts/mutate-judge)."""


@cache
def _kept() -> dict[str, Quarrel]:
    kept: dict[str, Quarrel] = pickle.loads(Path(KEPT or "").read_bytes())
    return kept


def keep(path: Path) -> None:
    """Build all and write them to that file."""
    path.write_bytes(pickle.dumps({name: built(name) for name in CASES}))


@cache
def built(name: str) -> Quarrel:
    """The case of that name, in a market of its own."""
    if KEPT is not None:
        return _kept()[name]
    m = fair()
    made = CASES[name](m)
    files = dict.fromkeys((*(cards(m) if made.cards else ()), *made.files))
    return Quarrel(m.grain, tuple(files), made.findings, made.missing, made.now or m.bank.now)


# --- markets ----------------------------------------------------------------------------------------------------------


@cache
def _fair() -> Market:
    return market(*NAMES)


def fair() -> Market:
    """A market of its own, as ``market`` makes it."""
    return copied(_fair())


def copied(m: Market) -> Market:
    """The same people at a bank with the same records; what happens there changes nothing here."""
    store = MemoryStore()
    with store.hold(()) as held:
        held.commit(m.bank.records)
    bank = Bank(store=store, now=m.bank.now)
    people = {name: _moved(party, bank) for name, party in m.people.items()}
    return Market(bank, _moved(m.treasurer, bank), people, m.grain)


def _moved(party: Party, bank: Bank) -> Party:
    other = Party(party.name, bank)
    other.account, other.letters, other.contracts = party.account, party.letters, dict(party.contracts)
    return other


def cards(m: Market) -> tuple[bytes, ...]:
    """Of the bank and everybody, and the contracts."""
    people = (m.treasurer, *m.people.values())
    return (m.bank.card, *(card(party) for party in people), *m.treasurer.contracts.values())


def card(party: Party) -> bytes:
    return Card(party.bank.signer.fingerprint, party.signer.key, party.name).sign(party.signer)


def oats(m: Market, *names: str) -> Digest:
    """A second asset, of which everybody named has a hundred."""
    asset = m.treasurer.issue("oats")
    m.treasurer.trip()
    for name in names:
        Market(m.bank, m.treasurer, m.people, asset).fund(m[name], 100)
    return asset


# --- what people have in hand -----------------------------------------------------------------------------------------


def hand(party: Party) -> tuple[bytes, ...]:
    """Everything that a wallet keeps and its owner may show."""
    account = party.account
    found: list[bytes] = [account.receipt] if account.receipt else []
    found += [*account.parts.values(), *account.notices.values(), *account.kept.values(), *account.terms.values()]
    found += [*account.letters, *account.books]
    for item in account.items.values():
        found += [item.instrument, *item.proof]
    return tuple(dict.fromkeys(found))


def kinds(m: Market, name: str) -> dict[str, bytes]:
    """The notices that wait for somebody, by kind."""
    return {Notice.read(trusted(raw).body).kind: raw for raw in m[name].account.notices.values()}


def hear(m: Market, *names: str) -> None:
    """A round trip that brings notices and takes none in."""
    for name in names:
        m[name].wish("getq")
        m[name].trip()


def proof(m: Market, name: str, instrument: Instrument) -> tuple[bytes, ...]:
    """What a wallet keeps of an instrument that was refused."""
    item = m[name].account.items[identity_of_body(instrument.body)]
    assert item.state == "refused"
    return (item.instrument, *item.proof)


def cash(m: Market, name: str, instrument: Instrument, code: Refusal) -> tuple[bytes, ...]:
    """Take and present what is refused with that code; what the presenter keeps of it."""
    m[name].take(instrument)
    m[name].queue(instrument)
    [news] = m[name].trip()
    assert [each.code for each in news.answered[0].results] == [code]
    return proof(m, name, instrument)


def handed_in(instrument: Instrument, m: Market, *path: str) -> Instrument:
    """Led along the path, and by its last one to the bank."""
    whole = lead(instrument, *(m[name] for name in path))
    return endorsed(whole, m[path[-1]], m.bank.signer.key)


# --- a bank that cheats -----------------------------------------------------------------------------------------------


def believes(party: Party, *messages: bytes) -> bool:
    """Whether the wallet takes in what its bank sends."""
    try:
        party.take_mail(messages)
    except (Cheating, BadBytes):
        return False
    return True


class Answered(NamedTuple):
    """What the counter made of the next letter, before anybody altered it; the letter is not carried out for good."""

    letters: tuple[bytes, ...]
    receipt: Receipt
    messages: tuple[bytes, ...]


def answered(m: Market, name: str) -> Answered:
    """Let the real counter answer somebody's letters, in a copy of its books."""
    party = m[name]
    raw = party.send()
    messages = copied(m).bank.answer_to(raw).messages
    return Answered(party.account.letters, Receipt.read(trusted(messages[0]).body), messages[1:])


def crooked(
    m: Market, name: str, change: Callable[[Receipt], Receipt], *beside: bytes, believed: bool = False
) -> tuple[bytes, ...]:
    """Somebody's next receipt as the bank would like it, on the base before; and what the wallet holds besides."""
    party = m[name]
    old = party.account.held
    assert old is not None
    if not party.account.wishes:
        party.wish("getq")
    honest = answered(m, name)
    false = change(replace(honest.receipt, base=old.base)).sign(m.bank.signer)
    before = (*hand(party), old.statement)
    assert believes(party, false, old.statement, *honest.messages, *beside) is believed
    return (false, *before, *honest.letters, *honest.messages, *beside)


def restated(change: Callable[[Statement], Statement]) -> Callable[[Receipt], Receipt]:
    """A change of the statement in a receipt."""
    return lambda receipt: replace(receipt, statement=change(read_statement(receipt.statement)).encode())


def lie(
    m: Market, name: str, *false: Result, beside: tuple[bytes, ...] = (), believed: bool = True, **fields: Any
) -> tuple[bytes, ...]:
    """The bank refuses, or does, what somebody's next letter asks as it likes; the statement follows from that.

    Notices that waited wait on, unless taken in. No wallet can tell: it adopts the receipt. Returns what it holds then.
    """
    party, before = m[name], m[name].account
    honest = answered(m, name)
    [raw] = honest.letters
    letter = Letter.read(trusted(raw).body)
    written = read_orders(letter, before.key)
    state = carried_out(before.statement, written, false, before.terms_of(letter.terms), letter)
    identity = trusted(raw).identity
    base = Base(digest_of(before.statement.encode()), identity)
    waited = {waits.notice: waits for waits in (*(before.held.pending if before.held else ()), *honest.receipt.pending)}
    pending = tuple(waits for number, waits in sorted(waited.items()) if not state.has_taken(number))
    changes: dict[str, Any] = {"statement": state.encode(), "base": base, "pending": pending}
    receipt = replace(honest.receipt, answers=(Answer(identity, false),), **changes | fields)
    left = (raw for raw in honest.messages if not is_instrument(raw) and not _to_another(raw, party))
    messages = (receipt.sign(m.bank.signer), before.statement.encode(), *left, *beside)
    assert believes(party, *messages) is believed
    return (*dict.fromkeys((*messages, *hand(party), raw)),)


def _to_another(raw: bytes, party: Party) -> bool:
    """Whether it is the notice to another that an honest refusal would have shown."""
    return is_notice(raw) and Notice.read(trusted(raw).body).party != party.me


def about(m: Market, name: str = "alice", **fields: Any) -> About:
    """Somebody's standing, as a refusal names it (S6)."""
    statement, held = m[name].account.statement, m[name].account.held
    assert held is not None
    return About(m[name].me, statement.seq, digest_of(statement.encode()), held.highest)._replace(**fields)


def told(m: Market, kind: str, instrument: Instrument, by: str, *, to: str = "alice", **said: Any) -> bytes:
    """The bank's notice about an instrument."""
    paper = paper_of(instrument.body)
    fields: dict[str, Any] = {"number": paper.number, "asset": paper.asset, "amount": paper.amount}
    fields |= {"until": paper.until, "enclosed": instrument.bare().encode()}
    return notified(m, kind, to, by, **fields | said)


def notified(m: Market, kind: str, to: str, by: str | None, enclosed: bytes | None = None, **said: Any) -> bytes:
    """The bank's notice, with whatever it likes in it; the next one if ``notice`` says nothing else."""
    standing = about(m, to)
    fields: dict[str, Any] = {
        "bank": m.bank.signer.fingerprint,
        "party": m[to].me,
        "notice": standing.highest + 1,
        "time": m.bank.now,
        "kind": kind,
        "seq": standing.seq,
        "digest": standing.digest,
        "other": m[by].me if by else None,
        "key": m[by].signer.key if by else None,
        "number": 1,
        "asset": m.grain,
        "amount": 100,
        "until": m.bank.now + 30 * DAY,
        "earlier": 0,
        "enclosed": enclosed,
    }
    return Notice(**fields | said).sign(m.bank.signer)


def altered(m: Market, raw: bytes, **fields: Any) -> bytes:
    """A real notice, altered and signed again by the bank."""
    return replace(Notice.read(trusted(raw).body), **fields).sign(m.bank.signer)


def against(m: Market, *false: bytes, name: str = "alice", believed: bool = False) -> tuple[bytes, ...]:
    """False notices, what their party holds, and whether its wallet takes them in."""
    before = hand(m[name])
    assert believes(m[name], *false) is believed
    return (*false, *before)


def ended(m: Market, amount: int = 100, *, at: Bank | None = None, **fields: Any) -> Instrument:
    """Alice's cheque to Bob, signed over to the bank by him; past all wallets, whatever its chequebook says."""
    bank = (at or m.bank).signer
    drawn = cheque(m["alice"], m["bob"], m, amount, bank=bank.fingerprint, **fields).bare()
    return endorse(check_chain(drawn, m["alice"].signer.key, bank.fingerprint), m["bob"].signer, bank.key)


def paying(m: Market, spender: str, payee: str, amount: int = 100, **how: Any) -> None:
    """A spend, of which the payee has heard."""
    m[spender].pay(m[payee], m.grain, amount, **how)
    m[spender].trip()
    hear(m, payee)


def signed_by(m: Market, name: str, order: Order) -> bytes:
    return order.sign(m[name].signer)


def depositing(m: Market, presented: Instrument, drawer: str = "alice") -> DepositCheque:
    """The order that presents a cheque which ends at the bank."""
    paper, first = paper_of(presented.body), presented.first
    assert first is not None
    said = (paper.number, paper.asset, paper.amount)
    return DepositCheque(presented.body, m[drawer].signer.key, first, presented.endorsements, *said)


def writing(m: Market, name: str, *orders: Order) -> None:
    """A letter of just these orders, past the wallet."""
    party = m[name]
    party.account = replace(party.account, letters=(party.by_hand(*orders),))


def is_notice(raw: bytes) -> bool:
    return raw[:1] == b"\xd2" and trusted(raw).type == Notice.TYPE


def refuse(
    m: Market, result: Result, *, drawn: Instrument | None = None, beside: tuple[bytes, ...] = (), **fields: Any
) -> tuple[bytes, ...]:
    """Bob presents a good cheque of Alice's, which the bank refuses as it likes; what Bob holds then."""
    drawn = drawn or m["alice"].draw(m["bob"], m.grain, 100)
    if not m["bob"].state(drawn):
        m["bob"].take(drawn)
    m["bob"].queue(drawn)
    return lie(m, "bob", result, beside=beside, **fields)


def denied(m: Market) -> None:
    paying(m, "alice", "bob")
    m["bob"].deny_all()
    m["bob"].trip()
