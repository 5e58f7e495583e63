"""What documents hold inside them: other messages, instruments, and the keys of those who signed.

Nothing here is verified: a key is worth what its fingerprint is worth, and a message within another verifies by itself.
"""

from collections.abc import Iterable, Iterator, Mapping

from ledgerpost import cbor
from ledgerpost.errors import BadBytes
from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.instrument import Instrument, is_instrument, read_instrument, read_instruments
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.redeemcertificate import RedeemCertificate
from ledgerpost.sealed import Claim, checked_key, fingerprint, is_message, read
from ledgerpost.terms import Fingerprint, PublicKey

KEY_INSIDE: Mapping[str, int] = {
    "card": 1,
    "bankcard": 1,
    "contract": 1,
    "sequence": 1,
    "createaccount": 2,
    "certificate": 5,
    "notice": 8,
}
"""Where a message of that type carries somebody's key."""


def claim_in(raw: bytes) -> Claim | None:
    """The message, unverified, if it reads as one."""
    try:
        return read(raw) if is_message(raw) else None
    except BadBytes:
        return None


def instrument_in(raw: bytes) -> Instrument | None:
    """The instrument, unverified, if it reads as one."""
    try:
        return read_instrument(raw) if is_instrument(raw) else None
    except BadBytes:
        return None


def everything(raws: Iterable[bytes]) -> list[bytes]:
    """The documents and whatever messages and instruments they hold, each once, in a fixed order."""
    found: dict[bytes, None] = {}
    waiting = list(raws)
    while waiting:
        raw = waiting.pop(0)
        if raw not in found:
            found[raw] = None
            waiting += _within(raw)
    return list(found)


def _within(raw: bytes) -> Iterator[bytes]:
    instrument = instrument_in(raw)
    if instrument is not None:
        yield from (each for each in (instrument.body, instrument.chequebook) if each)
        return
    claim = claim_in(raw)
    if claim is None:
        return
    for order in _orders(claim):
        if is_message(order):
            yield order
        elif (presented := _presentation(order)) is not None:
            yield presented.instrument.encode()
    yield from _enclosed(claim)


def _orders(claim: Claim) -> tuple[bytes, ...]:
    try:
        return Letter.read(claim.body).orders if claim.type == Letter.TYPE else ()
    except BadBytes:
        return ()


def _presentation(raw: bytes) -> DepositCheque | RedeemCertificate | None:
    try:
        value = cbor.decode(raw)
        for kind in (DepositCheque, RedeemCertificate):
            if type(value) is tuple and value[:1] == (kind.TYPE,):
                return kind.read(value[1:])
    except BadBytes:
        pass
    return None


def _enclosed(claim: Claim) -> tuple[bytes, ...]:
    try:
        enclosed = Notice.read(claim.body).enclosed if claim.type == Notice.TYPE else None
        if enclosed is None:
            return ()
        if is_message(enclosed) or is_instrument(enclosed):
            return (enclosed,)
        return tuple(each.encode() for each in read_instruments(enclosed))
    except BadBytes:
        return ()


def keys_in(raws: Iterable[bytes]) -> dict[Fingerprint, PublicKey]:
    """Every valid key that these documents carry, by fingerprint (S4, S5)."""
    found: dict[Fingerprint, PublicKey] = {}
    for raw in raws:
        for key in _keys(raw):
            try:
                found[fingerprint(key)] = checked_key(key)
            except BadBytes:
                continue
    return found


def _keys(raw: bytes) -> Iterator[bytes]:
    instrument = instrument_in(raw)
    if instrument is not None:
        if instrument.first:
            yield instrument.first
        yield from (each[:32] for each in instrument.endorsements)
        return
    claim = claim_in(raw)
    if claim is None:
        return
    place = KEY_INSIDE.get(claim.type, -1)
    if 0 <= place < len(claim.body) and type(claim.body[place]) is bytes:
        yield claim.body[place]
    presented = (_presentation(order) for order in _orders(claim) if not is_message(order))
    yield from (each.drawer for each in presented if isinstance(each, DepositCheque))
