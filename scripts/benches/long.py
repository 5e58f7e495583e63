"""Memory of a long run of the desk, beside one of a tenth of the mail; answers put out together; start of the command.

The long run's envelopes are mostly repeats: each party's eight letters in many different envelopes, as wallets put them
out that hear no answer. A repeat is opened, verified and answered like any other.
"""

import os
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from starts import BARE, MOST, costs, ratios

from benches.rows import Row, middle
from benches.towns import CORES, found_world, make_desk
from ledgerpost import envelope
from ledgerpost.carriers.folder import FolderCarrier
from town import Party, seed_of

LETTERS = 8
PEOPLE = 100


def memory(root: Path, envelopes: int) -> Iterator[Row]:
    """Most memory of the desk's own process over a tenth of the mail and over all of it."""
    world = found_world()
    people = world.join([f"p{at}" for at in range(PEOPLE)], 1000)
    for at, payer in enumerate(people):
        for _ in range(LETTERS):
            payer.pay(people[(at + 1) % PEOPLE], world.grain, 1)
            payer.write()
    few, many = make_desk(root / "tenth", world.bank), make_desk(root / "all", world.bank)
    few.put(islice(_variants(people), envelopes // 10))
    many.put(islice(_variants(people), envelopes))
    small, large = few.run(CORES), many.run(CORES)
    yield Row(f"memory of the desk over {envelopes // 10:,} envelopes", small.peak, "MiB")
    yield Row(f"  over {envelopes:,}", large.peak, "MiB", 300)
    yield Row("  beside the former", large.peak / small.peak, "times", 1.2)


def _variants(people: Sequence[Party]) -> Iterator[bytes]:
    """The same letters with another end, for as long as one likes."""
    until = 0
    while True:
        until += 1
        for each in people:
            some = each.account.letters[: 1 + until % LETTERS]
            bank = each.bank.signer.key
            entropy = seed_of(each.name)
            yield envelope.pack(some, sender=each.signer.key, recipient=bank, until=until, entropy=entropy)


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
