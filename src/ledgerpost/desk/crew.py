"""A crew: processes that open, decode and verify envelopes while the desk judges those before.

Nothing that the crew says is taken for granted but what ``prepare`` would say here, and whatever a crew cannot do is
done here. Refuses to know the store, the carriers and the rules.
"""

import os
import pickle
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from ledgerpost.carriers.port import Parcel, Unreadable
from ledgerpost.desk.worker import Ready, enter, ready, work
from ledgerpost.sealed import Signer

Found = Parcel | Unreadable

CHUNK: Final = 16
"""Envelopes that go to a process at a time: as one byte string each way, which every executor carries at once."""

AHEAD: Final = 2
"""Batches handed to the crew before the one that is judged: they bound the memory that mail in hand takes."""


WORTH: Final = 1 << 20
"""Bytes of mail from which on a crew saves more time than it takes to start."""

MOST_HANDS: Final = 8
"""Processes of a crew: long before that the desk is what one waits for."""


PATIENCE: Final = 0.2
"""Seconds from one look for Ctrl-C to the next, while a chunk is awaited."""


@dataclass(slots=True)
class Crew:
    """Who prepares beside the desk: any executor whose workers have ``enter``-ed with this bank's key.

    ``trouble`` says why it was let go, once that has happened; from then on the desk works alone.
    """

    executor: Executor | None
    trouble: str = ""

    def submit(self, parcels: Sequence[Found]) -> Future[bytes] | None:
        """Hand over a chunk; None if the crew is gone."""
        if self.trouble or self.executor is None:
            return None
        raws = [found.raw for found in parcels if isinstance(found, Parcel)]
        try:
            with undisturbed():
                return self.executor.submit(work, pickle.dumps(raws))
        except RuntimeError as error:  # a broken pool is one
            self.let_go(error)
            return None

    def result(self, future: Future[bytes] | None) -> list[Ready] | None:
        """What came of a chunk; None if it is to be done here."""
        if future is None or self.trouble:
            return None
        try:
            done: list[Ready] = pickle.loads(_awaited(future))  # noqa: S301  # from our own processes
        except Exception as error:  # whatever another engine's executor raises: the desk can do without it
            self.let_go(error)
            return None
        return done

    def let_go(self, error: Exception) -> None:
        """Work on without it."""
        self.trouble = f"{type(error).__name__}: {error}"


def made_ready(
    batches: Iterable[list[Found]], signer: Signer, crew: Crew | None
) -> Iterator[list[tuple[Found, Ready]]]:
    """Each batch with what came of each envelope, in order; the crew is some batches ahead of who takes them."""
    waiting: deque[list[tuple[list[Found], Future[bytes] | None]]] = deque()
    ahead = AHEAD if crew else 0
    for batch in batches:
        chunks = [batch[at : at + CHUNK] for at in range(0, len(batch), CHUNK)]
        waiting.append([(chunk, crew.submit(chunk) if crew else None) for chunk in chunks])
        if len(waiting) > ahead:
            yield _batch(waiting.popleft(), signer, crew)
    while waiting:
        yield _batch(waiting.popleft(), signer, crew)


def _batch(
    chunks: list[tuple[list[Found], Future[bytes] | None]], signer: Signer, crew: Crew | None
) -> list[tuple[Found, Ready]]:
    return [row for chunk, future in chunks for row in _chunk(chunk, future, signer, crew)]


def _chunk(
    chunk: list[Found], future: Future[bytes] | None, signer: Signer, crew: Crew | None
) -> Iterator[tuple[Found, Ready]]:
    done = crew.result(future) if crew else None
    results = None if done is None else iter(done)
    for found in chunk:
        if isinstance(found, Unreadable):
            yield found, found.error
        else:
            yield found, next(results) if results else ready(found.raw, signer.seed, signer.fingerprint)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ctrl-C waits until the block is over.

    An executor shares locks with its own thread. If KeyboardInterrupt came up just after one was taken, that thread
    would wait for ever, and whoever shuts the executor down would wait for the thread. It comes up in the main thread
    only, whichever thread the system tells: to keep the signal from one of them would not be enough.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if heard:
            signal.raise_signal(signal.SIGINT)


def _awaited(future: Future[bytes]) -> bytes:
    """What came of it. Ctrl-C is heard while a worker takes its time, between two looks."""
    while True:
        with undisturbed(), suppress(TimeoutError):
            return future.result(PATIENCE)
        if future.done():  # the TimeoutError was the worker's own
            return future.result()


# --- hiring


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def hired_for(size: int, signer: Signer) -> Iterator[Crew | None]:
    """A crew for ``size`` bytes of mail, if there is more than one processor and it pays."""
    hands = min(cores(), MOST_HANDS)
    if hands < 2 or size < WORTH:
        yield None
        return
    with hired(signer, hands) as crew:
        yield crew


@contextmanager
def hired(signer: Signer, hands: int) -> Iterator[Crew]:
    """A crew of so many processes of this computer, gone at the end of the block, whatever ends it.

    If they can't be started, a crew that was let go.
    """
    from ledgerpost.desk.pool import Pool  # noqa: PLC0415  # 10 ms, and most runs have little mail

    try:
        with undisturbed():
            pool = Pool(hands, enter, signer.seed, signer.fingerprint)
    except OSError as error:
        crew = Crew(None)
        crew.let_go(error)
        yield crew
        return
    try:
        yield Crew(pool)
    finally:
        with undisturbed():
            pool.shutdown(cancel_futures=True)
