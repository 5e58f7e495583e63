"""What fuzzing asks of every reader of documents: good bytes come back as they were, bad ones meet our own errors.

A *check* takes bytes. It returns whether the reader took them; it raises ``Broken`` where what was taken is not given
back byte for byte or is other at the second reading, and lets every error pass that is not the reader's own.
"""

from collections.abc import Callable
from dataclasses import fields
from io import BytesIO

from fuzz_seeds import BANK, key_of, signers, unbundle
from ledgerpost import cbor, envelope, vault
from ledgerpost.bank.prepare import Prepared, prepare
from ledgerpost.desk.backup import KEY, check
from ledgerpost.desk.delivery import read_word
from ledgerpost.desk.home import BANKS, WALLETS
from ledgerpost.errors import BadBytes, LedgerpostError, OverLimit, Refusal, WrongPassphrase
from ledgerpost.papers.agreement import Disagreement, Incomplete, retrace
from ledgerpost.papers.bankcard import BankCard, open_bank_card
from ledgerpost.papers.beside import indexed
from ledgerpost.papers.card import Card, open_card
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.contract import Contract, open_contract, read_head
from ledgerpost.papers.declaration import Declaration
from ledgerpost.papers.delivered import Delivered
from ledgerpost.papers.instrument import check_chain, check_offline, claim_of, is_instrument, read_instruments
from ledgerpost.papers.instrument import read_instrument as read_one
from ledgerpost.papers.kinds import Paper
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.orders import KINDS, read_orders, write_order
from ledgerpost.papers.proof import brought, check_brought, check_notice
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.release import Release
from ledgerpost.papers.restoring import Restoring
from ledgerpost.papers.sequence import Sequence
from ledgerpost.papers.terms import Terms
from ledgerpost.sealed import Sealed, is_message, read, verify
from ledgerpost.statement import read_statement

Check = Callable[[bytes], bool]

PAPERS: dict[str, type[Paper]] = dict(KINDS) | {
    paper.TYPE: paper
    for paper in (
        *(BankCard, Card, Certificate, Cheque, Contract, Declaration, Letter),
        *(Notice, Receipt, Release, Restoring, Sequence, Terms),
    )
}


class Broken(AssertionError):
    """The oracle says no."""


def hold(good: bool, what: str) -> None:
    """Raise Broken unless it is so. (No ``assert``: it must hold under ``-O`` too.)"""
    if not good:
        raise Broken(what)


def refused(error: LedgerpostError) -> bool:
    """An error of ours says what is wrong and has a code; then the bytes were not taken."""
    hold(bool(error.what.strip()) and bool(error.code), f"{type(error).__name__} says nothing")
    return False


# --- codec, messages


def codec(raw: bytes) -> bool:
    """What is decoded is encoded to the same bytes, and an item more than allowed is refused."""
    try:
        value = cbor.decode(raw)
    except BadBytes as error:
        return refused(error)
    hold(cbor.encode(value) == raw, "encoded otherwise")
    count = _items(value)
    hold(_equal(cbor.decode(raw, items=count), value), "read twice, other")
    try:
        cbor.decode(raw, items=count - 1)
    except OverLimit:
        return True
    raise Broken("more items than allowed")


def _items(value: object) -> int:
    if type(value) is tuple:
        return 1 + sum(map(_items, value))
    if hasattr(value, "items"):
        return 1 + sum(_items(key) + _items(each) for key, each in value.items())
    return 1


def _equal(one: object, other: object) -> bool:
    return one == other or cbor.encode(one) == cbor.encode(other)  # NaN equals nothing, and has bytes all the same


def message(raw: bytes) -> bool:
    """A message of any type: verified, read as its paper, and signed again to the same bytes."""
    try:
        sealed = _verified(raw)
        paper = PAPERS[sealed.type].of(sealed) if sealed.type in PAPERS else None
    except BadBytes as error:
        return refused(error)
    if paper is not None:
        hold(paper.body() == sealed.body, "the paper's body is other")
        hold(paper.sign(signers()[sealed.signer]) == raw, "signed otherwise")
        hold(PAPERS[sealed.type].of(_verified(raw)) == paper, "read twice, other")
    return True


def _verified(raw: bytes) -> Sealed:
    claim = read(raw)
    return verify(claim, key_of(claim.signer) if claim.signer in signers() else BANK.key)


def letter(raw: bytes) -> bool:
    """A letter's orders are read, each on its own, without an error; each one read is written to the same bytes."""
    try:
        sealed = _verified(raw)
        paper = Letter.of(sealed)
    except BadBytes as error:
        return refused(error)
    signer = signers()[sealed.signer]
    for each in read_orders(paper, signer.key):
        if not isinstance(each.order, Refusal):
            hold(write_order(each.order, signer) == each.raw, "an order written otherwise")
    hold(read_orders(paper, signer.key) == read_orders(paper, signer.key), "read twice, other")
    return True


def statement(raw: bytes) -> bool:
    """A statement."""
    try:
        read_ = read_statement(raw)
    except BadBytes as error:
        return refused(error)
    hold(read_.encode() == raw, "encoded otherwise")
    hold(read_statement(raw) == read_, "read twice, other")
    return True


def instrument(raw: bytes) -> bool:
    """An instrument or two; each chain is checked with the bank's key alone, and with its signer's."""
    try:
        pair = (read_one(raw),) if is_instrument(raw) else read_instruments(raw)
    except BadBytes as error:
        return refused(error)
    encoded = tuple(each.encode() for each in pair)
    hold(raw == (encoded[0] if is_instrument(raw) else cbor.encode(encoded)), "encoded otherwise")
    taken = False
    for each in pair:
        try:
            signer = claim_of(each.body).signer
            check_chain(each, key_of(signer) if signer in signers() else BANK.key, BANK.fingerprint)
            chain = check_offline(each, BANK.key)
            hold(chain == check_offline(each, BANK.key), "read twice, other")
            hold(len(chain.bodies) == len(chain.holders) == len(each.endorsements) + 1, "a chain of another length")
            taken = True
        except BadBytes as error:
            refused(error)
    return taken


def receipt(raw: bytes) -> bool:
    """A receipt and what stands beside it: retraced, and what it brings checked."""
    try:
        first, *rest = unbundle(raw)
        sealed = _verified(first)
        paper = Receipt.of(sealed)
        parts = indexed(rest)
        key = key_of(paper.party) if paper.party in signers() else BANK.key
        terms = {name: Terms.read(read(each).body) for name, each in parts.items() if _is(each, Terms.TYPE)}
        retraced = retrace(paper, parts, key, terms.get)
        for each in brought(retraced):
            check_brought(each, key, parts, terms.get(each.letter.terms))
    except ValueError:
        return False
    except (BadBytes, Incomplete, Disagreement) as error:
        return refused(error)
    hold(retraced.statement.encode() == paper.statement, "retraced to another statement")
    hold(retrace(paper, parts, key, terms.get) == retraced, "retraced twice, other")
    return True


def _is(raw: bytes, kind: str) -> bool:
    return is_message(raw) and read(raw).type == kind


def notice(raw: bytes) -> bool:
    """A notice and what it encloses."""
    try:
        paper = Notice.of(_verified(raw))
        check_notice(paper, lambda who: key_of(who) if who in signers() else BANK.key)
    except BadBytes as error:
        return refused(error)
    return True


# --- what travels, and what is kept


def parcel(raw: bytes) -> bool:
    """An envelope, by anybody and as the bank reads its letters."""
    prepared = prepare(raw, BANK.seed, BANK.fingerprint)
    hold(prepared == prepare(raw, BANK.seed, BANK.fingerprint) or isinstance(prepared, BadBytes), "read twice, other")
    try:
        outside = envelope.look(raw)
        inside = envelope.unpack(raw, BANK.seed)
    except BadBytes as error:
        hold(isinstance(prepared, BadBytes), "the bank reads what nobody may open")
        return refused(error)
    row = (envelope.MAGIC, *(getattr(outside, each.name) for each in fields(outside)))
    hold(cbor.SELF_DESCRIBED + cbor.encode(row) == raw, "encoded otherwise")
    if outside.kind == "open":
        hold(cbor.encode((inside.sender, inside.recipient, inside.messages)) == outside.body, "the inside is other")
    if isinstance(prepared, Prepared):
        hold(sorted(each.raw for each in prepared.letters) == sorted(inside.messages), "letters that were not sent")
    return True


def card(raw: bytes) -> bool:
    """A contact's card, a bank's, a contract; or the bare words of one."""
    taken = 0
    for opened in (open_card, open_bank_card, open_contract):
        try:
            paper = opened(raw)
            hold(opened(raw) == paper, "read twice, other")
            taken += 1
        except BadBytes as error:
            refused(error)
    try:
        read_head(raw.decode(errors="replace"))
        taken += 1
    except BadBytes as error:
        refused(error)
    hold(taken <= 1, "one file that is two things")
    return bool(taken)


def key_file(raw: bytes) -> bool:
    """A key file, opened where it needs no passphrase: Argon2id's work is the file's to ask for, within bounds."""
    try:
        public = vault.read_public(raw)
        if vault.needs_passphrase(raw):
            return True
        seed = vault.open_key(raw, None)
    except WrongPassphrase as error:
        return refused(error)
    except BadBytes as error:
        return refused(error)
    match = vault._LAYOUT.fullmatch(raw)
    hold(match is not None, "opened, but of another layout")
    if match is not None:
        hold(vault.seal_key(seed, None, salt=match["salt"], nonce=match["nonce"]) == raw, "sealed otherwise")
        hold(match["public"] == public, "another public key")
    return True


def backup(raw: bytes) -> bool:
    """A wallet's or a bank's backup, read in pieces."""
    taken = 0
    for kind in (WALLETS, BANKS):
        try:
            head, sealed = check(BytesIO(raw), kind)
            hold(head == check(BytesIO(raw), kind)[0], "read twice, other")
            hold(cbor.encode((KEY, sealed)) in raw, "another key file")
            taken += 1
        except BadBytes as error:
            refused(error)
    hold(taken <= 1, "a backup of both kinds")
    return bool(taken)


def delivered(raw: bytes) -> bool:
    """A word of delivery, or a mark."""
    try:
        word = read_word(raw)
        again = read_word(raw)
    except BadBytes as error:
        return refused(error)
    hold(again == word, "read twice, other")
    if word is not None:
        inside = envelope.unpack(raw)
        hold(Delivered.body(word) == read(inside.messages[0]).body, "another body")
    return True
