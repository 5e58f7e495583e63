"""Memory of a long run of the desk beside a short one; answers put out together; start of the command.

Every letter is another one. Both runs are of the same parties, who open their accounts in it and then write for news,
eight letters in each envelope: those that follow are written as whoever has heard the answer to those before, which
can be foreseen. The envelopes lie there in the order in which they were written, and in memory if there is room under
/dev/shm: what is asked is how much the program takes, and on a disk most of such a run is waiting for it. It takes
100,000 envelopes from one stick; more come on further sticks, to the same process.
"""

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from starts import BARE, MOST, costs, ratios

from benches.rows import Row, middle
from benches.scribe import Scribe
from benches.towns import Failed, Ran, make_desk
from ledgerpost import envelope
from ledgerpost.carriers.folder import MOST_PARCELS, FolderCarrier
from ledgerpost.papers.letter import AHEAD
from ledgerpost.papers.questions import GetQ
from town import Bank

PEOPLE = 250

MEMORY = Path("/dev/shm")


def memory(root: Path, letters: int, beside: int) -> Iterator[Row]:
    """Most memory of the desk's own process over few letters and over many of the same parties."""
    with tempfile.TemporaryDirectory(prefix="ledgerpost-bench-", dir=MEMORY if MEMORY.is_dir() else root) as folder:
        few, many = _watched(Path(folder, "few"), beside), _watched(Path(folder, "many"), letters)
    yield Row(f"memory of the desk over {beside:,} letters of {PEOPLE:,} parties", few.peak, "MiB", 300)
    yield Row(f"  over {letters:,} letters", many.peak, "MiB", 300)
    yield Row("  beside the former", many.peak / few.peak, "times", 1.2)
    yield Row(f"  its own over {beside:,}, without the pages of the store's file", few.own, "MiB")
    yield Row(f"  its own over {letters:,}", many.own, "MiB")
    yield Row("  beside the former", many.own / few.own, "times", 1.2)


def _watched(root: Path, letters: int) -> Ran:
    bank = Bank(watched=False)
    desk = make_desk(root, bank)
    mail, sticks = _mail(bank, letters // AHEAD), []
    for first in range(0, letters // AHEAD, MOST_PARCELS):
        sticks.append(root / f"stick from {first}")
        desk.put(islice(mail, MOST_PARCELS), stick=sticks[-1])
    os.sync()
    ran = desk.run_sticks(sticks)
    done = sum(int(each.replace(",", "")) for each in re.findall(r"orders: ([\d,]+) done", ran.said))
    if done != letters:
        raise Failed(f"{done:,} orders of {letters:,} letters were done: {ran.said}")
    shutil.rmtree(root)
    return ran


def _mail(bank: Bank, envelopes: int) -> Iterator[bytes]:
    """Eight letters of each, and then over again."""
    first = Scribe.new("m0", bank)
    people = [first, *(Scribe.new(f"m{at}", bank, like=first) for at in range(1, PEOPLE))]
    for at in range(envelopes):
        each = people[at % PEOPLE]
        opening = (each.write(each.opening()),) if each.last is None else ()
        yield each.seal(*opening, *(each.write(GetQ()) for _ in range(AHEAD - len(opening))))
        each.heard()


def putting_out(root: Path, samples: int) -> Iterator[Row]:
    """64 answers of 5 kB to as many mailboxes: together beside one by one, by the clock, both with sync."""
    times = []
    for at in range(samples):
        parcels = [(f"box{n}", os.urandom(5000)) for n in range(64)]
        together, singly = root / f"together{at}", root / f"singly{at}"
        together.mkdir()
        singly.mkdir()
        began = time.monotonic()
        FolderCarrier(together, envelope.MAX_ENVELOPE).deliver_all(parcels)
        between = time.monotonic()
        for parcel in parcels:
            FolderCarrier(singly, envelope.MAX_ENVELOPE).deliver(*parcel)
        times.append((time.monotonic() - between) / (between - began))
    yield middle("putting out 64 answers one by one beside together", times, "times")


def start(samples: int) -> Iterator[Row]:
    """Processor time of ``--version``, ``--help`` and no arguments beside a Python that does nothing."""
    for command, times in ratios(costs(samples)).items():
        if command != BARE:
            yield middle(f"start of the command, {command}, beside bare Python", times, "times", most=MOST)
