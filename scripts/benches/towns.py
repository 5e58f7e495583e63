"""Towns to be measured: people with money and letters by the real wallet, a bank and its mail on the disk.

Accounts, chequebooks and money are made by the real core over a store in memory, and its records are then written into
a bank's store as the program makes it; what is measured is ``ledgerpost bank desk --once`` on files, a process of its
own over LMDB with sync.
"""

import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from ledgerpost.carriers.folder import SUFFIX, TREE, FolderCarrier
from ledgerpost.carriers.port import Parcel
from ledgerpost.desk.home import BANKS, Cost, Home, Seat
from ledgerpost.desk.office import Office
from ledgerpost.envelope import MAX_ENVELOPE
from ledgerpost.papers.terms import DAY
from ledgerpost.spelling import spell_fingerprint
from ledgerpost.store.port import Store
from ledgerpost.terms import Digest, Fingerprint
from ledgerpost.wallet.writing import has_something_to_say
from town import START, Bank, Party, seed_of

CORES = sorted(os.sched_getaffinity(0))
FEW = 100
"""Spends in one letter."""


class Failed(Exception):
    """What was measured is not what it should have been."""


@dataclass
class World:
    """A bank over a store in memory, who issues grain, and people who have some."""

    bank: Bank
    treasurer: Party
    grain: Digest
    people: list[Party] = field(default_factory=list)

    def settle(self, parties: Iterable[Party]) -> None:
        """These send what they have to say, the bank answers all of it, they take in their answers."""
        talking = {each.me: each for each in parties if each.account.letters or has_something_to_say(each.account)}
        for party, raw in self.bank.post(*(each.send() for each in talking.values())):
            talking[party].receive(raw)

    def join(self, names: Sequence[str], funds: int, numbers: int = 0) -> list[Party]:
        """People with an account, ``funds`` grain and as many more open numbers."""
        made = [Party(name, self.bank) for name in names]
        for each in made:
            each.open()
        self.settle(made)
        for first in range(0, len(made), FEW):
            self._fund(made[first : first + FEW], funds, numbers)
        self.people += made
        return made

    def _fund(self, some: Sequence[Party], funds: int, numbers: int) -> None:
        until = self.bank.now + 60 * DAY
        self.treasurer.wish("getsequence", amount=FEW + 10, until=until)
        self.settle([self.treasurer])
        for each in some:
            self.treasurer.pay(each, self.grain, funds)
            each.wish("getq")
            if numbers:
                each.wish("getsequence", amount=numbers, until=until)
        self.settle([self.treasurer])
        self.settle(some)
        for each in some:
            each.accept_all()
        self.settle(some)
        self.treasurer.wish("getq")
        self.settle([self.treasurer])
        self.settle([self.treasurer])


def found_world(bank: Bank | None = None) -> World:
    """A bank and its treasurer; over a store in memory if no bank is given."""
    bank = bank or Bank(watched=False)
    treasurer = Party("treasurer", bank)
    treasurer.open()
    grain = treasurer.issue("grain")
    world = World(bank, treasurer, grain)
    world.settle([treasurer])
    return world


class Ran(NamedTuple):
    """One run of the desk: its exit status, seconds, seconds of processor (children too), MiB at most, and words.

    ``own``: MiB at most without what the system counts of files, so without the store's; 0 if nobody looked.
    """

    status: int
    wall: float
    cpu: float
    peak: float
    said: str
    own: float = 0.0


@dataclass
class Desk:
    """A bank's home and a stick under one folder."""

    root: Path

    @property
    def seat(self) -> Seat:
        return Home(self.root / "home").seat(BANKS, "kita")

    @property
    def stick(self) -> Path:
        return self.root / "stick"

    @property
    def mailbox(self) -> Path:
        return self.stick / TREE / spell_fingerprint(self.seat.fingerprint)

    def put(self, envelopes: Iterable[bytes], *, stick: Path | None = None) -> None:
        """Mail for the bank, as any carrier would leave it; on a further stick under names that keep its order."""
        mailbox = (stick or self.stick) / self.mailbox.relative_to(self.stick)
        mailbox.mkdir(parents=True, exist_ok=True)
        for at, raw in enumerate(envelopes):
            name = f"{at:08}" if stick else sha256(raw).hexdigest()[:32]
            (mailbox / (name + SUFFIX)).write_bytes(raw)

    def waiting(self) -> int:
        return sum(1 for _ in self.mailbox.glob("*" + SUFFIX))

    def answers(self, who: Fingerprint) -> Iterator[bytes]:
        """What lies there for a party."""
        for found in FolderCarrier(self.stick, MAX_ENVELOPE).collect(spell_fingerprint(who)):
            if not isinstance(found, Parcel):
                raise Failed(f"{found.name}: {found.error.what}")
            yield found.raw

    def copy(self, to: Path) -> "Desk":
        """Another one just like it; written to the disk, so that this is not paid for by what is measured."""
        shutil.copytree(self.root, to)
        os.sync()
        return Desk(to)

    def run(self, cores: Sequence[int] = CORES) -> Ran:
        """``ledgerpost bank desk --once`` on these cores. Raises Failed if it does not answer everything."""
        return self._ran(["--once", "--no-input"], cores, {}, lambda process: 0.0)

    def run_sticks(self, sticks: Sequence[Path]) -> Ran:
        """``ledgerpost bank desk``, to which a clerk brings one stick after the other; its memory is looked at."""
        lead, follow = os.openpty()
        try:
            return self._ran(
                [], CORES, {"CLERKS_TTY": os.ttyname(follow)}, lambda process: self._attend(process, lead, sticks)
            )
        finally:
            os.close(lead)
            os.close(follow)

    def _ran(
        self, options: list[str], cores: Sequence[int], more: dict[str, str], attend: Callable[[int], float]
    ) -> Ran:
        words = ["bank", "desk", str(self.stick), "--now", str(START), *options]
        more = {"LEDGERPOST_HOME": str(self.root / "home"), "STATUS": str(self.root / "status"), **more}
        with tempfile.TemporaryFile("w+") as out:
            began = time.monotonic()
            process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, *words], env=os.environ | more, stdout=out, stderr=out
            )
            os.sched_setaffinity(process.pid, cores)
            own = attend(process.pid)
            _, status, used = os.wait4(process.pid, 0)
            wall = time.monotonic() - began
            process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            said = out.read()
        if process.returncode or self.waiting():
            raise Failed(f"the desk ended with {process.returncode}, {self.waiting()} envelopes left: {said}")
        peak = _sizes((self.root / "status").read_text())["VmHWM"]
        return Ran(process.returncode, wall, used.ru_utime + used.ru_stime, peak, said, own)

    def _attend(self, process: int, terminal: int, sticks: Sequence[Path]) -> float:
        """Put in the next stick whenever the desk asks for one. MiB of memory that is no file's, at most."""
        most, asked, left = 0.0, b"", list(sticks)
        while os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            most = max(most, _sizes(Path(f"/proc/{process}/status").read_text()).get("RssAnon", 0.0))
            if not select.select([terminal], [], [], 0.1)[0]:
                continue
            asked += os.read(terminal, 4096)
            if asked.endswith(b"(q ends): "):
                answer, asked = b"\n" if left else b"q\n", b""
                if left:
                    self._swap(left.pop(0))
                os.write(terminal, answer)
        return most

    def _swap(self, stick: Path) -> None:
        if self.waiting():
            raise Failed(f"{self.waiting()} envelopes were left")
        self.stick.rename(self.root / f"before {stick.name}")
        stick.rename(self.stick)


PROGRAM = """\
import os
if "CLERKS_TTY" in os.environ:
    os.setsid()
    os.close(os.open(os.environ["CLERKS_TTY"], os.O_RDWR))
from ledgerpost.cli.main import main
try:
    main()
finally:
    with open("/proc/self/status") as status, open(os.environ["STATUS"], "w") as out:
        out.write(status.read())
"""
"""The command, at a terminal of its own if it is told of one, which says at its end what the system knows of it. Linux.

The most memory that wait4 tells is no good: for a child it begins with the most that its parent ever had.
"""


def _sizes(status: str) -> dict[str, float]:
    """What /proc/PID/status gives in kB, in MiB."""
    lines = (line.split() for line in status.splitlines())
    return {words[0].rstrip(":"): int(words[1]) / 1024 for words in lines if words[-1:] == ["kB"]}


def make_desk(root: Path, bank: Bank) -> Desk:
    """The bank of a world as the program keeps it."""

    def fill(store: Store) -> None:
        records: dict[bytes, bytes | None] = {**bank.records}
        Office(Seat(BANKS, "kita", root / "home" / BANKS / "kita"), store).fill(records)

    (root / "stick").mkdir(parents=True)
    Home(root / "home").create(BANKS, "kita", seed_of(bank.name), None, Cost(1, 8192), fill)
    return Desk(root)


@contextmanager
def bank_on_disk(root: Path) -> Iterator[tuple[Office, Bank]]:
    """A new bank over LMDB with sync, as the program opens it, and the counter of the tests over the same store."""
    seat = make_desk(root, Bank(watched=False)).seat
    with closing(seat.store()) as store:
        yield Office(seat, store), Bank(store=store, watched=False)
