"""What runs in a process of the crew: it opens, decodes and verifies chunks of envelopes, and touches no file.

``pool`` starts it. Imports nothing but what ``prepare`` needs: every process pays for it.
"""

import os
import pickle
import signal
import sys
from typing import Final, NoReturn

from ledgerpost.bank.prepare import Prepared, prepare
from ledgerpost.errors import Bug, LedgerpostError
from ledgerpost.terms import Fingerprint

Ready = Prepared | LedgerpostError
"""An envelope prepared; or what is wrong with it, or with this program."""

NICENESS: Final = 5
"""The desk is whom all wait for: where there are fewer processors than processes, it comes first."""

_bank: Final[list[tuple[bytes, Fingerprint]]] = []


def enter(seed: bytes, bank: Fingerprint) -> None:
    """What every process of a crew does first. ``seed`` opens the seals of envelopes; it is kept in memory only.

    Ctrl-C is for the desk, which sees to it that its crew goes.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICENESS)
    _bank[:] = [(seed, bank)]


def work(chunk: bytes) -> bytes:
    """Prepare a chunk: a list of envelopes in, a list of what came of each out, both pickled."""
    [(seed, bank)] = _bank
    raws: list[bytes] = pickle.loads(chunk)  # noqa: S301  # from our own desk
    return pickle.dumps([ready(raw, seed, bank) for raw in raws], pickle.HIGHEST_PROTOCOL)


def ready(raw: bytes, seed: bytes, bank: Fingerprint) -> Ready:
    """One envelope prepared. A fault of this program hits the one that it stumbles over, and no other."""
    try:
        return prepare(raw, seed, bank)
    except Exception as fault:
        return Bug.of(fault)


def main() -> NoReturn:
    """Do the calls that come on standard input, pickled; the first has no answer. Ends without a word with its desk.

    A call that raises ends it, in a traceback.
    """
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library may print is no answer
    _next()
    while True:
        answer = pickle.dumps(_next(), pickle.HIGHEST_PROTOCOL)
        try:
            answers.write(answer)
            answers.flush()
        except BrokenPipeError:
            os._exit(0)  # nobody is left to read it


def _next() -> object:
    """What comes of the next call."""
    try:
        call, given, named = pickle.load(sys.stdin.buffer)  # noqa: S301  # from our own desk
    except (EOFError, pickle.UnpicklingError):
        os._exit(0)  # the desk is gone, perhaps in the middle of a word
    return call(*given, **named)
