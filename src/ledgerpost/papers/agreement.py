"""Retracing a receipt: from the agreed base, letter by letter, to the statement it signs (L3, L5).

The one proof that wallet, audit and judge share: whatever a bank says a balance is must follow from what the
party itself signed. Needs the receipt, what stands beside it, the party's key and the terms; nothing older.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ledgerpost.errors import BadBytes, LedgerpostError
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.notice import ON_NUMBERS
from ledgerpost.papers.orders import Written, carried_out, read_orders
from ledgerpost.papers.receipt import Receipt, Result
from ledgerpost.papers.terms import Terms
from ledgerpost.sealed import open_message
from ledgerpost.statement import Inapplicable, Statement, digest_of, read_statement
from ledgerpost.terms import Digest, PublicKey


class Disagreement(LedgerpostError):
    """The receipt contradicts what stands beside it: its signer signed what does not follow."""

    code = "disagreement"
    exit_status = 8


class Incomplete(LedgerpostError):
    """Something that stands beside the receipt is not at hand, so it proves nothing yet.

    ``part`` is its identity, where that is known.
    """

    code = "incomplete"
    exit_status = 3
    advice = "let the next letter go to the bank: its answer brings everything"

    def __init__(self, what: str, *, part: Digest | None = None) -> None:
        super().__init__(what)
        self.part = part


@dataclass(frozen=True, slots=True)
class Answered:
    """A letter the receipt answers, verified, with what became of its orders."""

    letter: Letter
    identity: Digest
    raw: bytes
    written: tuple[Written, ...]
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class Retraced:
    """What a receipt proves: the agreed base, each letter answered, and the statement after each ``seq``."""

    base: Statement
    answered: tuple[Answered, ...]
    states: Mapping[int, Statement]
    statement: Statement

    @property
    def agreed(self) -> bool:
        """Whether the new statement itself is agreed (L3)."""
        return self.base == self.statement


def retrace(
    receipt: Receipt, parts: Mapping[Digest, bytes], key: PublicKey, terms_of: Callable[[Digest], Terms | None]
) -> Retraced:
    """Follow the receipt from its base to its statement. ``key`` is the party's; every letter must be signed with it.

    Raises Incomplete naming what is missing, Disagreement if the statement does not follow, BadBytes if a part
    is not what its identity says.
    """
    statement = _read(receipt.statement, "statement")
    base = _base(receipt, parts, key, statement)
    first = statement.seq - len(receipt.answers) + 1
    if first < 1 or first > base.seq + 1:
        raise Disagreement("the receipt leaves out letters between its base and its statement")
    answered = tuple(_answered(receipt, parts, key, at, first + at) for at in range(len(receipt.answers)))
    states = _states(receipt, base, answered, terms_of)
    for waits in receipt.pending:
        if waits.kind in ON_NUMBERS and statement.block_of(waits.number) is None:
            raise Disagreement(f"the receipt lists a debit on number {waits.number}, which its own statement lacks")
    if states[statement.seq] != statement:
        raise Disagreement("the statement does not follow from the base and the letters answered")
    return Retraced(base, answered, states, statement)


def _read(raw: bytes, name: str) -> Statement:
    try:
        return read_statement(raw)
    except BadBytes as error:
        raise Disagreement(f"the {name} in the receipt does not read: {error.what}") from error


def _part(parts: Mapping[Digest, bytes], identity: Digest, name: str) -> bytes:
    try:
        return parts[identity]
    except KeyError:
        words = f"the {name} {identity.hex()[:16]}… does not stand beside the receipt"
        raise Incomplete(words, part=identity) from None


def _base(receipt: Receipt, parts: Mapping[Digest, bytes], key: PublicKey, statement: Statement) -> Statement:
    nothing = Statement(receipt.bank, receipt.party)
    if (statement.bank, statement.party) != (receipt.bank, receipt.party):
        raise Disagreement("the statement is another party's or bank's")
    if receipt.base.letter is None:
        if receipt.base.statement != digest_of(nothing.encode()):
            raise Disagreement("the base was agreed by no letter")
        return nothing
    if receipt.base.statement == digest_of(receipt.statement):
        base = statement
    else:
        base = _read(_part(parts, receipt.base.statement, "base statement"), "base statement")
    letter = Letter.of(open_message(_part(parts, receipt.base.letter, "base letter"), key), receipt.bank)
    beforehand = letter.seq == base.seq and letter.expect == receipt.base.statement
    afterwards = letter.seq > base.seq and letter.seen == (base.seq, receipt.base.statement)
    if (base.bank, base.party) != (receipt.bank, receipt.party) or not (beforehand or afterwards):
        raise Disagreement("the letter named for it does not agree to the base")
    if base.seq > statement.seq:
        raise Disagreement("the base is newer than the statement")
    return base


def _answered(receipt: Receipt, parts: Mapping[Digest, bytes], key: PublicKey, at: int, seq: int) -> Answered:
    identity, results = receipt.answers[at]
    sealed = open_message(_part(parts, identity, "letter"), key)
    letter = Letter.of(sealed, receipt.bank)
    if letter.seq != seq or (at and letter.prev != receipt.answers[at - 1].letter):
        raise Disagreement("the letters answered do not follow one another")
    written = read_orders(letter, key)
    if len(written) != len(results):
        raise Disagreement(f"letter {seq} has {len(written)} orders and {len(results)} results")
    return Answered(letter, identity, sealed.raw, written, results)


def _states(
    receipt: Receipt,
    base: Statement,
    answered: tuple[Answered, ...],
    terms_of: Callable[[Digest], Terms | None],
) -> dict[int, Statement]:
    states = {base.seq: base}
    for each in answered:
        seq = each.letter.seq
        if seq <= base.seq:
            continue
        terms = terms_of(each.letter.terms)
        if terms is None and any(not result.code for result in each.results):
            words = f"the terms {each.letter.terms.hex()[:16]}… that letter {seq} was written under"
            raise Incomplete(words, part=each.letter.terms)
        try:
            states[seq] = carried_out(states[seq - 1], each.written, each.results, terms, each.letter)
        except Inapplicable as error:
            raise Disagreement(f"letter {seq} cannot have been carried out so: {error.what}") from error
    return states
