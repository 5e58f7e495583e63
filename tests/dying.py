"""A command fails or dies at one of its writes and is run again: the world must be as if it had not (T2).

Each errand is carried out once undisturbed, then from the same state again and again with one of its calls hit
(``HITS``), and each time the same words are typed once more. What a call is about is a path under the world's folder;
what the command says to a terminal or a pipe is not hit. By induction over the errands the story ends in the same state
whichever call of whichever commands is hit, if each is run again before the next.
"""

import errno
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from errands import HOMES, Errand, State, World, shape
from ledgerpost.carriers.parts import PART
from ledgerpost.desk.delivery import COURIERS
from syscalls import KILL, PASS, WRITES, Call, Ended, Word, fail

GROWS: Final = frozenset(
    {*WRITES.values(), "open", "openat", "creat", "mkdir", "mkdirat", "link", "linkat", "symlink", "symlinkat"}
    | {"rename", "renameat", "renameat2", "ftruncate", "fallocate"}
)
"""Calls that may want room on the disk."""

HITS: Final = {
    "error": "this call fails with EIO, those after it do not",
    "no room": "this call fails with ENOSPC, those after it do not",
    "gone": "this call and all after it fail with EIO, as where a disk is gone",
    "full": "half of this write is made, and nothing that wants room after it, as where a disk is full",
    "late": "this write is made, and said to have failed with EIO",
    "kill": "the process is killed before this call",
    "torn": "half of this write is made, and the process is killed",
}
REFUSED: Final = 7
"""Exit status where a file of that name is there already."""

_NOT_REMOVED: Final = frozenset({"error", "no room"})
"""What the disk refuses to remove stays, under a name nobody takes for mail, until the next write in that folder."""
_OF_WRITES: Final = frozenset({"full", "late", "torn"})


@dataclass
class Hit:
    """Hears of each call of a child, counts those about the world, and hits the one chosen, which has this name."""

    root: str
    at: int = -1
    how: str = ""
    name: str = ""
    calls: list[Call] = field(default_factory=list)

    def __call__(self, call: Call) -> Word:
        if call.name == "mmap" or not any(path.startswith(self.root) for path in call.paths):
            return PASS
        self.calls.append(call)
        if len(self.calls) - 1 == self.at:
            return self._hit(call)
        if len(self.calls) - 1 > self.at >= 0 and self.how == "gone":
            return fail(errno.EIO)
        if len(self.calls) - 1 > self.at >= 0 and self.how == "full" and call.name in GROWS:
            return fail(errno.ENOSPC)
        return PASS

    def _hit(self, call: Call) -> Word:
        if call.name != self.name:
            raise AssertionError(f"call {self.at} is {call.name} this time, and was {self.name}")
        match self.how:
            case "no room":
                return fail(errno.ENOSPC)
            case "kill":
                return KILL
            case "late":
                call.write(call.data)
                return fail(errno.EIO)
            case "full":
                half = call.data[: len(call.data) // 2]
                return Word(value=call.write(half)) if half else fail(errno.ENOSPC)
            case "torn":
                call.write(call.data[: len(call.data) // 2])
                return KILL
            case _:
                return fail(errno.EIO)


@dataclass(frozen=True, slots=True)
class Case:
    """One call of an errand hit, and what came of it.

    ``fault``: what is wrong, or "". ``end``: how the same words ended then: ``same``; ``done before`` where they were
    refused because all was done; ``twice`` where they were carried out twice, as if typed twice; ``refused`` where what
    burns a number finds the file of its first run: pictures and pages of it may lack, which ``show`` makes; ``no word``
    where all is the same or twice, but for the word that a recipient leaves couriers when all else is done.
    """

    errand: Errand
    at: int
    call: str
    how: str
    end: str
    fault: str = ""


@dataclass
class Trial:
    """An errand at its place in the story, with room to keep the world in."""

    world: World
    errand: Errand
    place: Path
    number: int

    calls: tuple[tuple[str, bool], ...] = ()
    """Of the undisturbed run, and whether they write."""
    wanted: State = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.before, self.after = self.place / "before", self.place / "after"

    def run(self, hear: Callable[[Call], Word] = lambda call: PASS) -> "Trial":
        """Carry the errand out undisturbed, and learn what it must come to. ``hear`` hears of each call."""
        self.world.keep(self.errand.who, self.before)
        hit = Hit(str(self.world.root))
        ended, code, said = self._perform(self.errand, lambda call: (hear(call), hit(call))[1])
        if code != self.errand.status:
            raise AssertionError(f"{self.errand.who}: {self.errand.words} ended with {code}: {said}{ended}")
        self.calls = tuple((call.name, call.number in WRITES) for call in hit.calls)
        self.wanted = self._state()
        self.world.keep(self.errand.who, self.after)
        return self

    def cases(self, wish: Callable[[int, str], bool] = lambda at, how: True) -> Iterator[Case]:
        """Hit each call in each way that ``wish`` lets through. Leaves the world as the errand made it."""
        chosen = [
            (at, name, how)
            for at, (name, writes) in enumerate(self.calls)
            for how in HITS
            if (writes or how not in _OF_WRITES) and wish(at, how)
        ]
        at_end = wish(len(self.calls), "kill")
        if not chosen and not at_end:
            return
        twice = self.twice()
        for at, name, how in chosen:
            yield self._case(at, name, how, twice)
        if at_end:
            yield self._ended(twice)
        self.world.bring_back(self.errand.who, self.after)

    def _case(self, at: int, name: str, how: str, twice: tuple[State, ...]) -> Case:
        self.world.bring_back(self.errand.who, self.before)
        ended, code, said = self._perform(self.errand, Hit(str(self.world.root), at, how, name))
        first = self._state() if code in (-1, self.errand.status) else None
        complete = first is not None and without_parts(first) == self.wanted
        fault = _first_fault(ended, code, said, how, complete=complete, errand=self.errand)
        return self.again(Case(self.errand, at, name, how, "", fault), twice)

    def _ended(self, twice: tuple[State, ...]) -> Case:
        """Killed when all was done and nothing said: the same words once more."""
        self.world.bring_back(self.errand.who, self.after)
        return self.again(Case(self.errand, len(self.calls), "its end", "kill", ""), twice)

    def again(self, case: Case, twice: tuple[State, ...]) -> Case:
        """Type the same words once more, and see what came of it."""
        _, code, said = self._perform(self.errand, again=True)
        return self.judged(case, code, said, twice)

    def judged(self, case: Case, code: int, said: str, twice: tuple[State, ...]) -> Case:
        """What came of typing the same words once more."""
        state = self._state()
        if code == REFUSED or (case.call.startswith("unlink") and case.how in _NOT_REMOVED):
            state = without_parts(state)
        if self._is(state, self.wanted):
            done = code == self.errand.status
            return replace(case, end="same" if done else "done before")
        if any(self._is(state, each) for each in twice):
            return replace(case, end="twice")
        if self.errand.twice and code == REFUSED and self._is_begun(state):
            return replace(case, end="refused")
        if any(without_words(state) == without_words(each) for each in (self.wanted, *twice)):
            return replace(case, end="no word")
        return replace(case, end="other", fault=f"{case.fault} run again ({code}): {said} {self._differs(state)}")

    def twice(self) -> tuple[State, ...]:
        """What comes of it where the same was done before and nobody heard of it, if that may be."""
        errand = self.errand
        if errand.twice is None:
            return ()
        self.world.bring_back(errand.who, self.before)
        self._perform(replace(errand, words=f"{errand.words} {errand.twice}"))
        if errand.twice:
            self.world.bring_back(errand.who, self.before, but_home=True)
        self._perform(errand, again=True)
        return (self._state(),)

    def _perform(
        self, errand: Errand, word: Callable[[Call], Word] | None = None, *, again: bool = False
    ) -> tuple[Ended, int, str]:
        return self.world.perform(errand, self.dice(again=again), word)

    def dice(self, *, again: bool) -> str:
        """What randomness follows from: the same again, but where another run would make another key."""
        return f"{self.number}{' again' if again and self.errand.chance else ''}"

    def _state(self) -> State:
        return self.world.state(self.errand.who)

    def _is(self, state: State, wanted: State) -> bool:
        return state == wanted or (self.errand.chance and shape(state) == shape(wanted))

    def _is_begun(self, state: State) -> bool:
        """Whether all that is there is as it should be, and nothing but files that can be had again lacks."""
        home = f"{HOMES}/{self.errand.who}"
        lacks = self.wanted.keys() - state.keys()
        return all(self.wanted.get(path) == seen for path, seen in state.items()) and not any(
            path.startswith(home) for path in lacks
        )

    def _differs(self, state: State) -> str:
        one, other = (shape(state), shape(self.wanted)) if self.errand.chance else (state, self.wanted)
        return str(sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path)))


def without_parts(state: State) -> State:
    """A state without what is still being written, or was when somebody died over it."""
    return {path: seen for path, seen in state.items() if not path.endswith(PART)}


def without_words(state: State) -> State:
    """A state without the words of delivery that lie at a place: where one lacks, couriers carry in vain (D2)."""
    return {path: seen for path, seen in state.items() if path.startswith(HOMES) or f"/{COURIERS}" not in path}


def _first_fault(ended: Ended, code: int, said: str, how: str, *, complete: bool, errand: Errand) -> str:
    """What a command that was hit may not do: end by a signal or as a bug, or say that it is done when it is not."""
    if code == -1 and how not in ("kill", "torn"):
        return f"ended with wait status {ended.status};"
    if code == 70:
        return f"took it for a bug: {said};"
    if code == errand.status and not complete:
        return f"said it was done: {said};"
    return ""
