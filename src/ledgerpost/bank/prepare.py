"""Before anyone's record is read: open an envelope, decode and verify every letter in it.

Needs no store, so it may run beside the rules, in another process; errors are values.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ledgerpost.bank.brought import Brought, read_brought
from ledgerpost.bank.keys import BANK, CLOCK, Key, account_key, asset_key, terms_key
from ledgerpost.envelope import unpack
from ledgerpost.errors import BadBytes, OverLimit, Refusal, UnknownType, WrongShape
from ledgerpost.papers.declaration import Declaration
from ledgerpost.papers.letter import AHEAD, MAX_LETTER, Letter
from ledgerpost.papers.orders import Written, read_orders
from ledgerpost.sealed import Claim, Signer, fingerprint, is_message, read, verify
from ledgerpost.terms import Digest, Fingerprint, PublicKey

MAX_LETTERS: Final = 4 * AHEAD
_DECLARES: Final = f"lp1.{Declaration.TYPE}".encode()
_HEADER: Final = 64
"""Bytes within which a message names its type."""


@dataclass(frozen=True, slots=True)
class Received:
    """A verified letter, its orders read one by one."""

    letter: Letter
    identity: Digest
    raw: bytes
    written: tuple[Written, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """The letters of one envelope, by rising ``seq``; all signed with ``key``.

    ``brought``: what came with them because the bank restores (L11).
    """

    key: PublicKey
    party: Fingerprint
    letters: tuple[Received, ...]
    brought: Brought | None = None


def prepare(blob: bytes, seed: bytes, bank: Fingerprint) -> Prepared | BadBytes:
    """What an envelope to the bank holds, verified; or what is wrong with it. ``seed`` opens the seal."""
    try:
        inside = unpack(blob, seed, bank)
        if inside.sender is None:
            raise WrongShape("letters come from somebody: the envelope names no sender")
        claims, others = _apart(inside.messages)
        if not claims:
            raise WrongShape("the envelope holds no letter")
        if len(claims) > MAX_LETTERS:
            raise OverLimit(f"{len(claims)} letters in one envelope, where at most {MAX_LETTERS} are allowed")
        letters = sorted((_receive(claim, inside.sender, bank) for claim in claims), key=_order)
        by_name = {each.identity: each.raw for each in letters}
        own = Signer.from_seed(seed).key
        brought = read_brought(others, inside.sender, own, by_name) if others else None
    except BadBytes as error:
        return error
    return Prepared(inside.sender, fingerprint(inside.sender), tuple(letters), brought)


def _apart(messages: Sequence[bytes]) -> tuple[list[Claim], list[bytes]]:
    """Letters, and what else there is: only with a declaration (L11). Raises BadBytes."""
    if not any(_DECLARES in raw[:_HEADER] for raw in messages):
        claims = [read(raw, MAX_LETTER) for raw in messages]
        foreign = next((claim.type for claim in claims if claim.type != Letter.TYPE), None)
        if foreign:
            raise UnknownType(f"a {foreign} where the bank expects letters")
        return claims, []
    letters = [raw for raw in messages if is_message(raw) and read(raw).type == Letter.TYPE]
    return [read(raw, MAX_LETTER) for raw in letters], [raw for raw in messages if raw not in set(letters)]


def _receive(claim: Claim, key: PublicKey, bank: Fingerprint) -> Received:
    sealed = verify(claim, key)
    letter = Letter.of(sealed, bank)
    return Received(letter, sealed.identity, sealed.raw, read_orders(letter, key))


def _order(received: Received) -> tuple[int, Digest]:
    return received.letter.seq, received.identity


def touches(batch: Sequence[Prepared]) -> frozenset[Key]:
    """Every record that answering may read for a decision, or write. An account's key stands for all of its party's."""
    return frozenset(key for prepared in batch for key in _keys(prepared))


def _keys(prepared: Prepared) -> Iterator[Key]:
    yield BANK
    yield CLOCK
    yield account_key(prepared.party)
    if prepared.brought is not None:
        yield from map(account_key, prepared.brought.touches())
    for received in prepared.letters:
        yield terms_key(received.letter.terms)
        for each in received.written:
            if not isinstance(each.order, Refusal):
                yield from map(account_key, each.order.parties())
                yield from map(asset_key, each.order.assets())
