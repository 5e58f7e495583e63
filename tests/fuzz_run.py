"""One target under atheris, in a process of its own: ``python tests/fuzz_run.py TARGET FOLDER [LIBFUZZER-OPTION ...]``.

Several, as ``TARGET=RUNS,TARGET=RUNS``, one after the other, each in its own folder within ``FOLDER``: what they share
is loaded and instrumented once, which takes longer than a few thousand runs.

``FOLDER/seeds`` is written anew from the target's seeds; what is found to reach new code goes to ``FOLDER/corpus``, an
input that fails to ``FOLDER/crash-...``. libFuzzer ends the process itself, so ``scripts/fuzz`` starts one for each
target. An input is spoilt on purpose, so that it is signed, three times of four, and by libFuzzer's own ways else.
"""

import os
import resource
import signal
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from random import Random
from types import FrameType

import atheris

with atheris.instrument_imports(include=["ledgerpost"], enable_loader_override=False):
    from fuzz_targets import TARGETS, Target

SECONDS = 2.0
"""Of the processor, for one input: a hundred times what the slowest seed takes."""

MEMORY = 256 << 20
"""Bytes beyond what the process has when all is loaded. Past it Python raises MemoryError, which no reader catches."""


EACH = 500
"""Runs between two notes of how many inputs were taken."""


class TooSlow(AssertionError):
    """An input took more than its time."""


def stop(number: int, frame: FrameType | None) -> None:
    """The time of an input is over: the processor's own, since a busy or sleeping machine makes any input wait."""
    raise TooSlow(f"more than {SECONDS} s")


class Limited:
    """A check within its time, and how many inputs its reader took, now and then written to a file.

    (libFuzzer ends the process without a word to Python, so there is no writing it at the end.)
    """

    def __init__(self, check: Callable[[bytes], bool], file: Path) -> None:
        self._check, self._file = check, file
        self._runs = self._taken = 0
        signal.signal(signal.SIGPROF, stop)

    def __call__(self, raw: bytes) -> None:
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            self._taken += self._check(raw)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        self._runs += 1
        if self._runs % EACH == 0:
            self._file.write_text(f"{self._taken} of {self._runs}\n")


def mutator(target: Target) -> Callable[[bytes, int, int], bytes]:
    """libFuzzer's custom mutator; the same seed gives the same bytes."""

    def mutate(raw: bytes, most: int, seed: int) -> bytes:
        chance = Random(seed)
        new = target.spoil(raw, chance) if chance.random() < 0.75 else raw
        return new if new != raw and len(new) <= most else bytes(atheris.Mutate(raw, most))

    return mutate


def put_seeds(target: Target, folder: Path) -> None:
    """Each seed as a file named by its contents."""
    folder.mkdir(parents=True, exist_ok=True)
    for raw in target.seeds():
        if len(raw) <= target.most:
            (folder / sha256(raw).hexdigest()[:16]).write_bytes(raw)


def bound_memory() -> None:
    """No more than ``MEMORY`` from here on (Linux: what the process has now is read from /proc)."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def main(name: str, place: str, *options: str) -> None:
    """Run until libFuzzer has enough. Exit status as libFuzzer's: 0 if nothing failed."""
    target, folder = TARGETS[name], Path(place)
    put_seeds(target, folder / "seeds")
    (folder / "corpus").mkdir(exist_ok=True)
    for raw in target.seeds():
        target.check(raw)  # what is loaded or built once is there before memory is bounded
    settings = (
        f"-max_len={target.most}",
        "-timeout=60",
        "-rss_limit_mb=0",  # its measure begins with the highest of the process that started this one; see bound_memory
        "-mutate_depth=2",
        f"-artifact_prefix={folder}/",
        "-print_final_stats=1",
    )
    words = [sys.argv[0], *settings, *options, str(folder / "corpus"), str(folder / "seeds")]
    atheris.Setup(words, Limited(target.check, folder / "taken"), custom_mutator=mutator(target))
    bound_memory()
    atheris.Fuzz()


def several(what: str, place: str, *options: str) -> None:
    """Each in a fork of this process, until one fails."""
    for name, _, runs in (each.partition("=") for each in what.split(",")):
        child = os.fork()
        if child == 0:
            folder = Path(place) / name
            folder.mkdir(parents=True)
            main(name, str(folder), *options, f"-runs={runs}")
        _, status = os.waitpid(child, 0)
        if status:
            sys.exit(f"{name}: exit status {os.waitstatus_to_exitcode(status)}")


if __name__ == "__main__":
    (several if "=" in sys.argv[1] else main)(*sys.argv[1:])
