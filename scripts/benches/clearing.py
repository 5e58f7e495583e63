"""The bank's batch beside libsodium alone: letters of 50 deposits, letters of one order, on all cores and on one.

Each sample is the bound, the whole command on a fresh copy, and the bound once more, so that what others do on this
machine hits both. Shares are told by the clock, and by processor time of all processes together, which others disturb
less and which says what one core more would bring. The command's start is counted; the share less that of a run without
mail is told too. Where a letter has one order its envelope weighs as much as its signatures: there the share of a bound
that opens and makes the seals as well has a row of its own, which no goal is held against.

Nothing is deleted between samples: ext4 without a journal looks past every inode that was given back in the last
seconds, and a file would take many times as long to make.
"""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from nacl import bindings

from benches.bound import Took, Work, bound
from benches.mail import acceptances, deposits, hear_of_spends, spends
from benches.rows import Row, middle
from benches.towns import CORES, Desk, Ran, World, found_world, make_desk
from ledgerpost.carriers.folder import FolderCarrier
from ledgerpost.desk.carry import carry_bank
from ledgerpost.desk.office import opened
from ledgerpost.envelope import MAX_ENVELOPE
from ledgerpost.sealed import checked_key
from town import START


@dataclass(frozen=True)
class Size:
    """How much is measured: people, deposits in a letter, people with one letter of one order, samples of each kind."""

    people: int
    deposits: int
    singles: int
    samples: int


QUICK, LONG = Size(60, 50, 1000, 3), Size(400, 50, 2000, 5)


@dataclass(frozen=True)
class Sample:
    """One run of the command between two of the bound."""

    ran: Ran
    before: Took
    after: Took
    start: Ran
    sealing: float = 0
    """Seconds of processor of the bound that opens and makes the seals too; of both cores."""

    @property
    def share(self) -> float:
        """Of the bound, by the clock."""
        return mean((self.before.wall, self.after.wall)) / self.ran.wall

    @property
    def by_processor(self) -> float:
        """Of the bound, by processor time."""
        return mean((self.before.cpu, self.after.cpu)) / self.ran.cpu

    @property
    def less_start(self) -> float:
        """Of the bound, by processor time without that of a command that finds no mail."""
        return mean((self.before.cpu, self.after.cpu)) / max(self.ran.cpu - self.start.cpu, 1e-9)

    @property
    def with_seals(self) -> float:
        """Of the bound that opens and makes the seals too, by processor time without that of the start."""
        return self.sealing / max(self.ran.cpu - self.start.cpu, 1e-9)


def _singles(root: Path, world: World, size: Size) -> Iterator[tuple[str, Desk, float]]:
    """Each pays the next one; then each takes in what it was paid."""
    people = world.join([f"q{at}" for at in range(size.singles)], 1000)
    desk = make_desk(root / "spends", world.bank)
    desk.put(spends(world, people))
    yield f"letters of one spend, {len(people)} payers", desk, 0.65
    hear_of_spends(world, people)
    desk = make_desk(root / "acceptances", world.bank)
    desk.put(acceptances(people))
    yield f"letters of one acceptance, {len(people)} payees", desk, 0.65


def work_of(desk: Desk, root: Path) -> Work:
    """What the batch has verified and signed, noted while it is answered once in this process."""
    work = Work()
    noted = {
        "crypto_sign_open": (work.verified, bindings.crypto_sign_BYTES),
        "crypto_sign": (work.signed, 0),
        "crypto_box_seal_open": (work.opened, bindings.crypto_box_SEALBYTES),
        "crypto_box": (work.sealed, 0),
        "crypto_core_ed25519_is_valid_point": (work.keys, 0),
    }
    checked_key.cache_clear()  # the wallets that wrote the letters ran in this process, too
    copy = _fresh(desk, root)
    with opened(copy.seat) as office, ExitStack() as stack:
        for name, (sizes, less) in noted.items():
            stack.callback(setattr, bindings, name, getattr(bindings, name))
            setattr(bindings, name, _noting(getattr(bindings, name), sizes, less))
        carry_bank(office, copy.seat.unlock(None), FolderCarrier(copy.stick, MAX_ENVELOPE), START)
    return work


def _noting(call: Callable[..., object], sizes: Counter[int], less: int) -> Callable[..., object]:
    """The call, which counts the sizes of what it is given."""

    def noting(given: bytes, *more: bytes) -> object:
        sizes[len(given) - less] += 1
        return call(given, *more)

    return noting


def _fresh(desk: Desk, root: Path) -> Desk:
    return desk.copy(Path(tempfile.mkdtemp(dir=root)) / "copy")


def sample(desk: Desk, work: Work, root: Path, cores: Sequence[int]) -> Sample:
    """One."""
    copy = _fresh(desk, root)
    before = bound(work.signatures, cores)
    ran = copy.run(cores)
    after = bound(work.signatures, cores)
    sealing = bound(work, cores)
    start = copy.run(cores)
    return Sample(ran, before, after, start, sealing.cpu)


def cheques(root: Path, size: Size) -> Iterator[Row]:
    """Letters of many deposits, on all cores; and on one core beside two."""
    world = found_world()
    people = world.join([f"p{at}" for at in range(size.people)], 1000, size.deposits + 20)
    desk = make_desk(root / "cheques", world.bank)
    desk.put(deposits(world, people, size.deposits))
    work = work_of(desk, root)
    yield from _batch(root, (f"letters of {size.deposits} deposits, {size.people} payees", desk, 0.75), work, size)
    if len(CORES) > 1:
        yield from _cores(desk, work, root, size)


def singles(root: Path, size: Size) -> Iterator[Row]:
    """Letters of one spend, and of one acceptance."""
    for each in _singles(root, found_world(), size):
        yield from _batch(root, each, work_of(each[1], root), size, sealing=True)


def _batch(
    root: Path, batch: tuple[str, Desk, float], work: Work, size: Size, *, sealing: bool = False
) -> Iterator[Row]:
    what, desk, goal = batch
    taken = [sample(desk, work, root, CORES) for _ in range(size.samples)]
    yield middle(f"{what}: share of the bound, {len(CORES)} cores", [s.share for s in taken], "ratio", least=goal)
    yield middle("  the same by processor time", [s.by_processor for s in taken], "ratio")
    yield middle("  the same by processor time, less the start", [s.less_start for s in taken], "ratio")
    if sealing:
        yield middle("  … and beside the bound with the seals", [s.with_seals for s in taken], "ratio")
    yield middle("  verifications a second, by the clock", [_rate(work, s) for s in taken], "1/s")
    yield middle("  memory of the desk's own process", [s.ran.peak for s in taken], "MiB", most=300)


def _rate(work: Work, taken: Sample) -> float:
    return work.verified.total() / taken.ran.wall


def _cores(desk: Desk, work: Work, root: Path, size: Size) -> Iterator[Row]:
    """One core beside two, in turns."""
    gains, alone, ideal = [], [], []
    for _ in range(size.samples):
        one = sample(desk, work, root, CORES[:1])
        two = sample(desk, work, root, CORES[:2])
        gains.append(one.ran.wall / two.ran.wall)
        ideal.append((one.before.wall + one.after.wall) / (two.before.wall + two.after.wall))
        alone.append(one.by_processor)
    yield middle("the same batch on 2 cores beside 1, by the clock", gains, "times", least=1.9)
    yield middle("  the bound on 2 cores beside 1", ideal, "times")
    yield middle("  share of the bound on 1 core, by processor time", alone, "ratio")
