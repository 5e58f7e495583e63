"""What 100 kB over animated codes cost: frames shown until they are whole, beside the least that could have done.

Frames come from the real fountain and are lost by chance; what is read of a picture is scripts/qr-damage's question.
The least possible is counted in the same run: how many frames were shown until as many as the message has parts had
arrived. No way of coding does with fewer.
"""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from random import Random
from statistics import mean
from time import perf_counter
from typing import NamedTuple

from benches.rows import Row
from ledgerpost.pictures.code import Level, frame_room
from ledgerpost.pictures.fountain import Fountain, fountain, restore
from ledgerpost.pictures.frame import Frame

SIZE, DENSITY = 100_000, 20
"""Bytes of a message; version of its codes, at level L."""


class Run(NamedTuple):
    """Frames shown by parts until the message was whole, and until as many as parts had arrived; then the cost."""

    shown: float
    least: float
    seconds: float


def source(message: bytes) -> Fountain:
    """What gives the frames of a message."""
    return fountain(message, frame_room(DENSITY, Level.L))


def shown_until_whole(loss: float, run: int, rounds: bool) -> Run:
    """One run. ``rounds``: frames go round after twice as many as parts, as in a file; else they never end."""
    chance = Random(f"{loss} {run}")
    message = chance.randbytes(SIZE)
    frames = source(message)
    seen: dict[int, Frame] = {}
    number = arrived = least = 0
    while True:
        frame = frames.frame(number % (2 * frames.parts) if rounds else number)
        number += 1
        if chance.random() < loss:
            continue
        arrived += 1
        least = number if arrived == frames.parts else least
        seen[frame.number] = frame
        if len(seen) >= frames.parts:
            began = perf_counter()
            if restore(list(seen.values())) == message:
                return Run(number / frames.parts, least / frames.parts, perf_counter() - began)


def rows(runs: int) -> Iterator[Row]:
    """Frames shown beside the least possible where three of ten are lost: mean of all runs by mean of all runs."""
    with ProcessPoolExecutor() as pool:
        for rounds, how in ((False, "100 kB over codes, 30 % lost"), (True, "  in a file of 2K frames, over and over")):
            told = list(pool.map(shown_until_whole, [0.3] * runs, range(runs), [rounds] * runs))
            ratio = mean(run.shown for run in told) / mean(run.least for run in told)
            yield Row(f"{how}: frames beside the least possible", ratio, "times", 1.05)
