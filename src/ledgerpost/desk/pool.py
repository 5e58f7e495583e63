"""Processes of this computer as an executor: each of its threads hands a call to a process that is idle, and waits.

A pair of pipes for each process and nothing shared between them, so the end of one is seen at once, and hinders no
other (ADR 24). Knows nothing of what is called. POSIX.
"""

import pickle
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue
from typing import IO, Any, Final, ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")
_Process = subprocess.Popen[bytes]

_BOOT: Final = "import sys; sys.path[:] = sys.argv[1:]; from ledgerpost.desk.worker import main; main()"

_PATIENCE: Final = 5
"""Seconds that a process gets to end after it closed its pipe."""


class ProcessLost(RuntimeError):
    """A process ended before it gave an answer."""


class Pool(ThreadPoolExecutor):
    """As ``concurrent.futures.ProcessPoolExecutor``: calls, what they take and what comes of them are pickled.

    ``enter(*given)`` is called first in each of the ``count`` processes. Raises OSError if they can't be started. What
    comes of a call is ProcessLost if its process ended before it was done.
    """

    def __init__(self, count: int, enter: Callable[..., object], *given: object) -> None:
        super().__init__(count)
        self._processes: list[_Process] = []
        self._idle: SimpleQueue[_Process] = SimpleQueue()
        try:
            for _ in range(count):
                self._processes.append(_start())
                _tell(self._processes[-1], _call(enter, *given))
                self._idle.put(self._processes[-1])
        except OSError:
            self.shutdown(cancel_futures=True)
            raise

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """Have it called in a process."""
        return super().submit(self._hand_over, _call(fn, *args, **kwargs))

    def _hand_over(self, call: bytes) -> Any:
        process = self._idle.get()  # there are as many as threads
        try:
            return _ask(process, call)
        finally:
            self._idle.put(process)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End all processes, which is waited for in any case.

        With ``cancel_futures`` what is under way is given up too: they are killed, for they hold no file and no lock.
        """
        if cancel_futures:
            for each in self._processes:
                each.kill()
        super().shutdown(cancel_futures=cancel_futures)
        for each in self._processes:
            _end(each)


def command() -> list[str]:
    """A Python that imports just what this one can: nothing from the folder it stands in, which may be a stick's."""
    return [sys.executable, "-P", "-c", _BOOT, *filter(None, sys.path)]


def _start() -> _Process:
    """In a group of its own: Ctrl-C at the terminal is not for it."""
    pipe = subprocess.PIPE
    return subprocess.Popen(command(), stdin=pipe, stdout=pipe, process_group=0)  # noqa: S603


def _call(call: Callable[..., object], *given: object, **named: object) -> bytes:
    return pickle.dumps((call, given, named), pickle.HIGHEST_PROTOCOL)


def _ask(process: _Process, call: bytes) -> Any:
    try:
        _tell(process, call)
        return pickle.load(_pipe(process.stdout))  # noqa: S301  # from our own process
    except (OSError, EOFError, pickle.UnpicklingError) as error:
        with suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE)  # how it ended is told; one that does not is of no use any more
        process.kill()
        raise ProcessLost(f"a process ended with {process.wait()}") from error


def _tell(process: _Process, call: bytes) -> None:
    pipe = _pipe(process.stdin)
    pipe.write(call)
    pipe.flush()


def _end(process: _Process) -> None:
    for pipe in (process.stdin, process.stdout):
        with suppress(BrokenPipeError):  # a call may be left in it
            _pipe(pipe).close()
    process.wait()


def _pipe(end: IO[bytes] | None) -> IO[bytes]:
    assert end is not None  # noqa: S101  # for the type checker: it was asked to be a pipe
    return end
