"""A bank's answers on their way out: sealed, and taken in handfuls that fit in memory. Decides nothing."""

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import TypeVar

from ledgerpost import envelope
from ledgerpost.bank.counter import Reply
from ledgerpost.sealed import Signer
from ledgerpost.terms import Moment, PublicKey

T = TypeVar("T")
HANDFUL = 8 << 20
"""Bytes of answers put out at a time, about."""

REPLY_LIFE = 90 * 86400
"""Seconds after which an answer nobody fetched may be cleared away by whoever carries it."""


def entropy(signer: Signer) -> bytes:
    """The secret that seals are drawn from: the same contents always give the same envelope."""
    return blake2b(b"seal", key=signer.seed, person=b"lp entropy", digest_size=32).digest()


def seal(messages: tuple[bytes, ...], signer: Signer, to: PublicKey, until: Moment) -> list[bytes]:
    """As many envelopes as the messages need."""
    runs = envelope.batches(messages) if messages else ()
    # A day's grain, so that the same answer on the same day is the same file.
    until -= until % 86400
    return [envelope.pack(run, sender=signer.key, recipient=to, until=until, entropy=entropy(signer)) for run in runs]


def handfuls(answered: Iterable[tuple[T, Reply]]) -> Iterator[list[tuple[T, Reply]]]:
    """Answers that are put out together, so that they wait for the disk together: not more than fit in memory."""
    some: list[tuple[T, Reply]] = []
    size = 0
    for found, reply in answered:
        some.append((found, reply))
        size += sum(map(len, reply.messages))
        if size > HANDFUL:
            yield some
            some, size = [], 0
    if some:
        yield some
