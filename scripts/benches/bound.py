"""The bound: libsodium alone, on the same cores, over messages of the same sizes as the batch must verify and sign.

What it leaves out on purpose: files, store, decoding, rules, and the seals of envelopes. No program that keeps the
protocol can be faster than this, so a share of it is what a batch is held against. A bound with the seals besides does
also what the curve asks of every envelope: the sender's key looked at, the seal opened, the answer's seal made.
"""

import os
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import NamedTuple

from nacl import bindings

from ledgerpost.sealed import Signer


@dataclass
class Work:
    """How many messages of which size (bytes of what is signed) are verified and signed.

    With the seals also: how many of which size (bytes of what is in them) are opened and made, and keys looked at (S4).
    """

    verified: Counter[int] = field(default_factory=Counter)
    signed: Counter[int] = field(default_factory=Counter)
    opened: Counter[int] = field(default_factory=Counter)
    sealed: Counter[int] = field(default_factory=Counter)
    keys: Counter[int] = field(default_factory=Counter)

    def share(self, part: int, parts: int) -> "Work":
        """One of ``parts`` equal ones."""

        def cut(sizes: Counter[int]) -> Counter[int]:
            return Counter(sorted(sizes.elements())[part::parts])

        return Work(*map(cut, (self.verified, self.signed, self.opened, self.sealed, self.keys)))

    @property
    def signatures(self) -> "Work":
        """Without the seals."""
        return Work(self.verified, self.signed)


class Took(NamedTuple):
    """Seconds by the clock, from the first to start to the last to end; seconds of processor of all."""

    wall: float
    cpu: float


def bound(work: Work, cores: Sequence[int]) -> Took:
    """Do the work on these cores, one process each, and say what it took. Starting the processes is not counted."""
    shares = [work.share(at, len(cores)) for at in range(len(cores))]
    with ProcessPoolExecutor(len(cores), get_context("fork")) as crew:
        list(crew.map(_ready, cores))
        ran = list(crew.map(_toil, shares, cores))
    began, ended, used = zip(*ran, strict=True)
    return Took(max(ended) - min(began), sum(used))


def _ready(core: int) -> None:
    time.sleep(0.05)  # long enough that each process gets one of these


def _toil(work: Work, core: int) -> tuple[float, float, float]:
    os.sched_setaffinity(0, [core])
    signer = Signer.from_seed(bytes(32))
    key, secret = bindings.crypto_box_seed_keypair(signer.seed)
    once = bytes(bindings.crypto_box_NONCEBYTES)
    ready = [(bindings.crypto_sign(bytes(size), signer.secret), times) for size, times in work.verified.items()]
    closed = [(bindings.crypto_box_seal(bytes(size), key), times) for size, times in work.opened.items()]
    began, used = time.monotonic(), time.process_time()
    for signed, times in ready:
        for _ in range(times):
            bindings.crypto_sign_open(signed, signer.key)
    for size, times in work.signed.items():
        for _ in range(times):
            bindings.crypto_sign(bytes(size), signer.secret)
    for raw, times in closed:
        for _ in range(times):
            bindings.crypto_box_seal_open(raw, key, secret)
    for size, times in work.sealed.items():
        for _ in range(times):
            bindings.crypto_box(bytes(size), once, key, bindings.crypto_box_seed_keypair(signer.seed)[1])
    for _ in range(work.keys.total()):
        bindings.crypto_core_ed25519_is_valid_point(signer.key)
    return began, time.monotonic(), time.process_time() - used
