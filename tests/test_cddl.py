"""docs/ledgerpost.cddl against real bytes: what the town writes fits, what is bent does not, and the code agrees."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pycddl  # type: ignore[import-untyped]
import pytest

import cddl
from ledgerpost import cbor, envelope
from ledgerpost.errors import BadBytes
from ledgerpost.papers.backup import WALLET, Backup
from ledgerpost.papers.bankcard import BankCard
from ledgerpost.papers.card import Card
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.contract import Contract
from ledgerpost.papers.declaration import Declaration
from ledgerpost.papers.delivered import Delivered
from ledgerpost.papers.instrument import (
    ENDORSEMENT,
    Instrument,
    check_chain,
    identity_of_body,
    is_instrument,
    read_instrument,
    read_instruments,
)
from ledgerpost.papers.kinds import Paper
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.notice import KINDS as NOTICES
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.orders import KINDS
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.release import Release
from ledgerpost.papers.restoring import Restoring
from ledgerpost.papers.sequence import Sequence
from ledgerpost.papers.terms import DAY, Terms
from ledgerpost.sealed import Signer, fingerprint, is_message, read, signable
from ledgerpost.statement import is_statement, read_statement
from ledgerpost.terms import MAX_INT, Digest, Fingerprint
from ledgerpost.wallet.release import release
from ledgerpost.wallet.writing import has_something_to_say
from market import endorsed, presentation, send
from town import Bank, Party, seed_of

FILE = Path(__file__).resolve().parent.parent / "docs" / "ledgerpost.cddl"
TEXT = FILE.read_text(encoding="utf-8")
SCHEMA = cddl.Schema(TEXT)
MESSAGES: tuple[type[Paper], ...] = (
    Letter,
    Receipt,
    Notice,
    Sequence,
    Terms,
    BankCard,
    Card,
    Contract,
    Cheque,
    Certificate,
    Release,
    Backup,
    Delivered,
    Restoring,
    Declaration,
)
PAPERS: dict[str, type[Paper]] = {paper.TYPE: paper for paper in MESSAGES} | dict(KINDS)


class Piece(NamedTuple):
    """Bytes and the rule they must fit; ``type`` names the paper they hold, "" for what is none."""

    rule: str
    raw: bytes
    type: str = ""


# --- a story in which every message is written ----------------------------------------------------------------


class Post(Bank):
    """A bank, and a carrier who keeps what went through his hands."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.envelopes: list[tuple[bytes, bytes]] = []
        self.messages: list[bytes] = [self.card]
        names = ("treasurer", "alice", "bob", "carol")
        self.seeds = {Signer.from_seed(seed_of(name)).fingerprint: seed_of(name) for name in names}

    def post(self, *raws: bytes) -> list[tuple[Fingerprint, bytes]]:
        answers = super().post(*raws)
        for raw in raws:
            self.note(raw, self.signer.seed)
        for party, raw in answers:
            self.note(raw, self.seeds[party])
        return answers

    def trip(self, party: Party) -> None:
        if not has_something_to_say(party.account):
            party.wish("getq")
        party.trip()

    def note(self, raw: bytes, seed: bytes) -> None:
        self.envelopes.append((raw, seed))
        self.messages += envelope.unpack(raw, seed).messages

    def handed(self, *instruments: Instrument) -> None:
        """From hand to hand, in nobody's envelope."""
        self.messages += [each.encode() for each in instruments]


def _story() -> Post:
    bank = post = Post()
    treasurer, alice, bob, carol = (Party(name, bank) for name in ("treasurer", "alice", "bob", "carol"))
    treasurer.open()
    grain = treasurer.issue("grain")
    post.trip(treasurer)
    treasurer.pay(alice, grain, 10_000, text="for the harvest")
    post.trip(treasurer)
    paid = treasurer.account.statement.outstanding
    alice.open(*[(treasurer.me, each.number, each.asset, each.amount) for each in paid])
    bob.open()
    carol.open()
    for party in (alice, bob, carol, treasurer):
        post.trip(party)
    bank.set_terms(token=grain, fees=(("spendto", 1),), share=3, second="lien")
    for asked in (True, False):
        alice.pay(bob, grain, 300)
        post.trip(alice)
        bob.wish("getq")
        post.trip(bob)
        bob.accept_all() if asked else bob.deny_all()
        post.trip(bob)
        alice.wish("getconfirmedbalance", asset=grain)
        alice.wish("getconfirmedoutstandingspends")
        alice.wish("getq")
        post.trip(alice)
    _troubles(post, alice, bob, grain)
    for party in (alice, bob):
        party.ask()
    _cheques(post, alice, bob, treasurer, grain)
    _certificates(post, (alice, bob, carol, treasurer), grain)
    return post


def _troubles(post: Post, alice: Party, bob: Party, grain: bytes) -> None:
    """Withdrawn, expired, refused, stopped."""
    for days in (1, 2, 30, 30):
        alice.pay(bob, grain, 5, days=days)  # type: ignore[arg-type]
    post.trip(alice)  # the fourth is refused: INBOX
    alice.wish("cancelspend", number=alice.account.statement.outstanding[-1].number)
    post.trip(alice)
    bob.wish("getq")
    post.trip(bob)
    post.trip(bob)
    bob.accept_all()
    held = bob.account.wishes
    post.now += 10 * DAY
    alice.wish("stopcheque", number=alice.account.statement.numbers[0].first, amount=2)
    post.trip(alice)
    post.trip(alice)
    assert held
    post.trip(bob)
    post.trip(bob)
    bob.account = bob.account.wish(held[0])
    bob.write()
    post.trip(bob)
    post.messages.append(Card(post.signer.fingerprint, bob.signer.key, "bob").sign(bob.signer))


def _cheques(post: Post, alice: Party, bob: Party, treasurer: Party, grain: Digest) -> None:
    """Cleared, bounced and given up, paid before, open and presented by two."""
    first, open_ = alice.draw(bob, grain, 100), alice.draw(None, grain, 20)
    large = alice.draw(bob, grain, alice.account.usable(grain) - 50)
    post.handed(first, open_, large)
    alice.pay(treasurer, grain, 1_000)
    alice.trip()
    bob.deposit(first, large, open_)
    post.messages.append(release(bob.account, bob.signer, identity_of_body(large.body), alice.me, "in oats")[1])
    send(bob, presentation(read_instrument(bob.account.items[identity_of_body(first.body)].instrument)))
    treasurer.ask()
    send(treasurer, presentation(endorsed(open_, treasurer, post.signer.key)))
    alice.ask()


def _certificates(post: Post, people: tuple[Party, ...], grain: Digest) -> None:
    """Redeemed; signed over twice, by one who has the funds and by one who has not."""
    alice, bob, carol, treasurer = people
    small, large = alice.buy(grain, 50), alice.buy(grain, 4_000)
    ways = [endorsed(small, alice, each.signer.key) for each in (bob, treasurer)]
    held = endorsed(large, alice, bob.signer.key)
    more = [endorsed(held, bob, each.signer.key) for each in (carol, treasurer)]
    post.handed(small, *ways, *more)
    for party, instrument in zip((bob, treasurer, carol, treasurer), ways + more, strict=True):
        party.deposit(instrument)
    for party in (alice, bob):
        party.ask()
    treasurer.pay(bob, grain, 9_000)
    treasurer.trip()
    bob.ask()
    bob.accept_all()
    bob.trip()
    for party in (bob, treasurer):
        party.ask()
    post.messages.append(Backup(bob.me, WALLET, post.now, 3, Digest(bytes(32))).sign(bob.signer))
    asked = Restoring(post.signer.fingerprint, bob.me, 1, 2).sign(post.signer)
    signed = Declaration(post.signer.fingerprint, asked, 3, Digest(bytes(32)), 4, (Digest(bytes(32)),), (3,))
    post.messages += [asked, signed.sign(bob.signer)]
    post.messages.append(Delivered(bob.me, post.now, (Digest(bytes(32)), Digest(b"\1" * 32))).sign(bob.signer))


def _pieces(post: Post) -> Iterator[Piece]:
    for raw, seed in post.envelopes:
        outside = envelope.look(raw)
        yield Piece("envelope", raw)
        yield Piece("inside", _inner(raw, seed))
        yield Piece("outside", cbor.encode((envelope.MAGIC, *_row(outside))))
    for raw in dict.fromkeys(post.messages):
        if is_statement(raw):
            yield Piece("statement", raw)
        elif is_instrument(raw):
            yield from _instrument(raw)
        else:
            yield from _message(raw)


def _inner(raw: bytes, seed: bytes) -> bytes:
    inside = envelope.unpack(raw, seed)
    return cbor.encode((inside.sender, inside.recipient, inside.messages))


def _row(outside: envelope.Outside) -> tuple[Any, ...]:
    return outside.kind, outside.recipient, outside.until, outside.body


def _message(raw: bytes) -> Iterator[Piece]:
    protected, _, payload, _ = cbor.decode(raw[1:])
    type_ = read(raw).type
    yield Piece(f"{type_}-message", raw)
    yield Piece(f"{type_}-header", protected)
    yield Piece(type_, payload, type_)
    yield Piece("sig-structure", read(raw).to_be_signed)
    if type_ == "letter":
        for order in Letter.read(read(raw).body).orders:
            yield from _message(order) if is_message(order) else _plain(order)
    elif type_ == "receipt":
        yield Piece("statement", Receipt.read(read(raw).body).statement)
    elif type_ == "notice" and (enclosed := Notice.read(read(raw).body).enclosed):
        yield from _enclosed(enclosed)
    elif type_ == "bankcard":
        yield from _message(BankCard.read(read(raw).body).terms)


def _enclosed(raw: bytes) -> Iterator[Piece]:
    if is_message(raw):
        yield from _message(raw)
    elif is_instrument(raw):
        yield from _instrument(raw)
    else:
        yield Piece("proof", raw)
        for each in read_instruments(raw):
            yield from _instrument(each.encode())


def _instrument(raw: bytes) -> Iterator[Piece]:
    instrument = read_instrument(raw)
    yield Piece("instrument", raw)
    yield from _message(instrument.body)
    if instrument.chequebook is not None:
        yield from _message(instrument.chequebook)
    if read(instrument.body).type == Certificate.TYPE:
        yield from _endorsements(instrument)


def _endorsements(instrument: Instrument) -> Iterator[Piece]:
    """What is signed follows from what it endorses, and is nowhere in the file."""
    bank = Signer.from_seed(seed_of("bank"))
    chain = check_chain(instrument, bank.key, bank.fingerprint)
    for at, raw in enumerate(instrument.endorsements):
        holder = chain.holders[at]
        assert holder is not None
        signed = signable(fingerprint(holder), ENDORSEMENT, cbor.encode((bank.fingerprint, chain.bodies[at], raw[:32])))
        _, protected, _, payload = cbor.decode(signed)
        yield Piece("endorsement", cbor.encode(raw))
        yield Piece("endorsement-header", protected)
        yield Piece("endorsement-payload", payload)
        yield Piece("sig-structure", signed)


def _plain(order: bytes) -> Iterator[Piece]:
    name: str = cbor.decode(order)[0]
    yield Piece(f"{name}-order", order, name)
    yield Piece("plain-order", order)
    if name == "issueasset":
        yield from _message(cbor.decode(order)[1])


PIECES = tuple(dict.fromkeys(_pieces(_story())))
FIRST = {piece.rule: piece for piece in PIECES}
RULES = sorted(FIRST)
TYPED = sorted(piece.rule for piece in FIRST.values() if piece.type)


# --- the file ---------------------------------------------------------------------------------------------------


def test_a_validator_of_others_reads_the_file() -> None:
    pycddl.Schema(TEXT)


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        ("fingerprint", b"x" * 20, b"x" * 21),
        ("digest", b"x" * 32, b"x" * 31),
        ("order-bytes", b"x", b""),
        ("positive", MAX_INT, 0),
        ("whole", 0, MAX_INT + 1),
        ("comment", "é" * 128, "é" * 129),
        ("span", (1, 2), (1, 2, 3)),
        ("balance", (b"x" * 32, 1), (b"x" * 32, 0)),
        ("letter-header", {1: -8, 4: b"x" * 20, 16: "lp1.letter"}, {1: -8, 4: b"x" * 20, 16: "lp1.receipt"}),
    ],
)
def test_both_validators_judge_small_rules_alike(rule: str, good: object, bad: object) -> None:
    text = f"start = {rule}\n{TEXT}"
    ours, theirs = cddl.Schema(text), pycddl.Schema(text)
    ours.validate("start", cbor.encode(good))
    assert not ours.fits("start", cbor.encode(bad))
    if rule != "balance":  # pycddl knows no negative ranges
        theirs.validate_cbor(cbor.encode(good))
        with pytest.raises(pycddl.ValidationError):
            theirs.validate_cbor(cbor.encode(bad))


def test_every_rule_is_used_or_stands_alone() -> None:
    rules = re.sub(r";.*", "", TEXT)
    used = {rule for rule in SCHEMA.rules if len(re.findall(rf"(?<![\w\"-]){rule}(?![\w\":-])", rules)) > 1}
    alone = {"message", "order", "envelope", "sig-structure", "instrument", "proof"}
    assert set(SCHEMA.rules) - used == alone | {"endorsement-header", "endorsement-payload"}


def test_every_message_order_and_envelope_is_in_the_story() -> None:
    wanted = {rule for rule in SCHEMA.rules if rule.endswith(("-message", "-header", "-order"))} - {"signed-order"}
    wanted |= {"instrument", "proof", "endorsement", "endorsement-payload"}
    assert not wanted - set(RULES), "the story lacks what the file describes"
    assert set(PAPERS) <= {piece.type for piece in PIECES}, "the story lacks a paper of the code"


def test_the_story_has_every_kind_of_notice_and_every_form_of_result() -> None:
    notices = [Notice.read(read(piece.raw).body) for piece in PIECES if piece.rule == "notice-message"]
    receipts = [Receipt.read(read(piece.raw).body) for piece in PIECES if piece.rule == "receipt-message"]
    results = [result for receipt in receipts for answer in receipt.answers for result in answer.results]
    assert {notice.kind for notice in notices} == set(NOTICES)
    forms = {(bool(each.part), bool(each.about), bool(each.letter)) for each in results}
    short = {(False, False, False), (True, False, False), (False, True, False)}
    assert forms == short | {(True, True, False), (False, False, True)}


@pytest.mark.parametrize("rule", RULES)
def test_what_the_town_wrote_fits(rule: str) -> None:
    for piece in PIECES:
        if piece.rule == rule:
            SCHEMA.validate(rule, piece.raw)
            if piece.rule.endswith("-message"):
                SCHEMA.validate("message", piece.raw)
            if piece.rule.endswith("-order"):
                SCHEMA.validate("order", piece.raw)


def test_no_message_fits_the_rule_of_another_type() -> None:
    rules = [rule for rule in RULES if rule.endswith("-message")]
    for rule in rules:
        assert [each for each in rules if SCHEMA.fits(each, FIRST[rule].raw)] == [rule]


# --- what is bent -------------------------------------------------------------------------------------------------

STRANGE: tuple[Any, ...] = (None, True, 1.5, -1, 0, MAX_INT + 1, "x" * 40, b"", b"x" * 19, b"x" * 33, (), (b"x",), {})
"""Stands in for every field in turn; some fit some fields."""


def bent(value: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """The array with one field replaced, at any depth."""
    for place, held in enumerate(value):
        for other in STRANGE:
            if (type(other), other) != (type(held), held):
                yield (*value[:place], other, *value[place + 1 :])
        if type(held) is tuple:
            for inner in (*bent(held), (*held, 1.5)):
                yield (*value[:place], inner, *value[place + 1 :])


@pytest.mark.parametrize("rule", [*TYPED, "statement", "inside", "outside", "instrument", "endorsement-payload"])
def test_a_field_more_or_less_does_not_fit(rule: str) -> None:
    value = cbor.decode(FIRST[rule].raw)
    for other in ((*value, 1), (*value, None), value[:-1], value[1:], ()):
        assert not SCHEMA.fits(rule, cbor.encode(other))


def reads(type_: str, body: tuple[Any, ...]) -> bool:
    try:
        PAPERS[type_].read(body)
    except BadBytes:
        return False
    return True


@pytest.mark.parametrize("rule", TYPED)
def test_the_code_refuses_what_does_not_fit_and_reads_what_does(rule: str) -> None:
    richest = max((piece for piece in PIECES if piece.rule == rule), key=lambda piece: len(piece.raw))
    plain = rule.endswith("-order")
    checked = PAPERS[richest.type].check is not Paper.check
    value = cbor.decode(richest.raw)
    bad = 0
    for other in bent(value):
        raw = cbor.encode(other)
        fits = SCHEMA.fits(rule, raw)
        bad += not fits
        if plain and other[:1] != value[:1]:
            assert not fits
            continue
        body = cbor.decode(raw)[plain:]
        if rule == "receipt" and not fits and body[3] != value[3]:
            continue  # the code reads the statement within as a step of its own: the next test
        assert reads(richest.type, body) <= fits, f"the code reads what the file forbids: {other}"
        assert checked or reads(richest.type, body) >= fits, f"the file allows what the code does not read: {other}"
    assert bad > 2 or len(value) == 1


def test_the_code_reads_no_statement_that_does_not_fit() -> None:
    richest = max((piece for piece in PIECES if piece.rule == "statement"), key=lambda piece: len(piece.raw))
    for other in bent(cbor.decode(richest.raw)):
        raw = cbor.encode(other)
        if not SCHEMA.fits("statement", raw):
            with pytest.raises(BadBytes):
                read_statement(raw)


@pytest.mark.parametrize("longest", [False, True])
def test_the_code_reads_just_the_instruments_that_fit(longest: bool) -> None:
    pick = max if longest else min
    value = cbor.decode(pick((each.raw for each in PIECES if each.rule == "instrument"), key=len))
    for other in (value, *bent(value)):
        raw = cbor.encode(other)
        try:
            read_instrument(raw)
        except BadBytes:
            assert not SCHEMA.fits("instrument", raw)
        else:
            SCHEMA.validate("instrument", raw)


@pytest.mark.parametrize("rule", ["letter-message", "receipt-message", "spendto-message", "cheque-message"])
def test_a_message_with_another_header_tag_or_part_does_not_fit(rule: str) -> None:
    raw = FIRST[rule].raw
    protected, unprotected, payload, signature = cbor.decode(raw[1:])
    header = dict(cbor.decode(protected))
    wrong = (
        (cbor.encode(header | {1: -7}), unprotected, payload, signature),
        (cbor.encode(header | {16: "lp2.letter"}), unprotected, payload, signature),
        (cbor.encode(header | {3: 0}), unprotected, payload, signature),
        (protected, {4: b"x"}, payload, signature),
        (protected, unprotected, payload + b"\x00", signature),
        (protected, unprotected, payload, signature[:-1]),
        (protected, unprotected, payload),
    )
    for parts in wrong:
        assert not SCHEMA.fits(rule, b"\xd2" + cbor.encode(parts))
        with pytest.raises(BadBytes):
            read(b"\xd2" + cbor.encode(parts))
    assert not SCHEMA.fits(rule, raw[1:])
    assert not SCHEMA.fits(rule, b"\xd1" + raw[1:])


def test_an_open_envelope_fits_and_a_bent_one_does_not() -> None:
    bank = FIRST["bankcard-message"].raw
    raw = envelope.pack((bank,), sender=None, recipient=None, until=0)
    SCHEMA.validate("envelope", raw)
    value = cbor.decode(raw[3:])
    for place in range(5):
        other = (*value[:place], 1.5, *value[place + 1 :])
        assert not SCHEMA.fits("envelope", cbor.SELF_DESCRIBED + cbor.encode(other))
    assert not SCHEMA.fits("envelope", raw[3:])
