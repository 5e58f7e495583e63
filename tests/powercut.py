"""A disk that loses power: what it may hold then, after each call of a command, and whether the command makes it good.

The calls of a command are recorded as it makes them (``Recorder``), on inodes and names of a model disk (``Disk``). A
cut after any call leaves a state: what was synced is there; of what was not, each sector of 512 bytes and each change
of a name may be there or not, in any order. The model is that of ALICE (Pillai et al., OSDI 2014) at its weakest:

- a sector is written whole or not at all, and nothing else is: a write may be torn between any two of its sectors;
- writes, and the growth of a file, are kept only by ``fsync``, ``fdatasync`` or ``O_DSYNC`` of that file; before that
  any sectors of any of them may be there, whichever came first; a file may have grown over zeros never written;
- names made, renamed or removed are kept only by ``fsync`` of their folder, whatever was synced of the file; before
  that any of them may be there, whichever came first; each by itself is there or not, a rename in both places at once;
- ``syncfs`` keeps bytes, sizes and names alike, of one file system: each folder at the top is one of its own, since a
  stick is another than the disk that a home lies on.

Modes and times are kept at once: nothing here rests on them. What is written through a map makes no call: only
``lock.mdb`` is (the recorder says so if another is), and after a cut it holds anything. CrashMonkey (Mohan et al., OSDI
2018) cuts at syncs alone; here every call is cut at. Knows no paper and no rule.
"""

import os
import random
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from syscalls import PASS, SYNCS, WRITES, Call, Word

SECTOR: Final = 512
ROOT: Final = 0
MAPPED: Final = "lock.mdb"
"""The only file that may be written through a map."""


# --- what was done -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Put:
    """Bytes of a file; ``kept`` if they are on the disk before the next call."""

    inode: int
    at: int
    raw: bytes
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Resize:
    """A file's new length."""

    inode: int
    size: int


@dataclass(frozen=True, slots=True)
class Names:
    """Entries of folders changed at once: (folder, name, inode or None). Two for a rename, else one."""

    entries: tuple[tuple[int, str, int | None], ...]


@dataclass(frozen=True, slots=True)
class Sync:
    """A file or folder is on the disk as it is."""

    inode: int


@dataclass(frozen=True, slots=True)
class SyncAll:
    """Everything of a file system is on the disk as it is; the inodes are those that it has now or had before."""

    inodes: frozenset[int]


Act = Put | Resize | Names | Sync | SyncAll


# --- the disk ----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Disk:
    """Files and folders by inode: bytes, or names; ``modes`` of both."""

    files: dict[int, bytes] = field(default_factory=dict)
    folders: dict[int, dict[str, int]] = field(default_factory=lambda: {ROOT: {}})
    modes: dict[int, int] = field(default_factory=dict)

    def copy(self) -> "Disk":
        """One that can be changed."""
        return Disk(dict(self.files), {inode: dict(names) for inode, names in self.folders.items()}, dict(self.modes))

    def paths(self, inode: int = ROOT, before: str = "") -> Iterator[tuple[str, int]]:
        """Everything that a name leads to."""
        for name, child in sorted(self.folders[inode].items()):
            yield before + name, child
            if child in self.folders:
                yield from self.paths(child, f"{before}{name}/")

    def find(self, path: str) -> int | None:
        """The inode of a path."""
        inode: int | None = ROOT
        for name in path.split("/") if path else ():
            inode = self.folders.get(inode, {}).get(name) if inode is not None else None
        return inode

    def looks(self) -> frozenset[tuple[str, int | bytes]]:
        """All that can be seen of it, in short: files by the hash of their bytes, which Python keeps with them."""
        return frozenset(
            (path, hash(self.files[inode]) if inode in self.files else b"") for path, inode in self.paths()
        )

    def write(self, root: Path, dice: random.Random) -> None:
        """Make it so below a folder; what could be written through a map holds anything."""
        for path, inode in self.paths():
            place = root / path
            if inode in self.folders:
                place.mkdir(exist_ok=True)
            else:
                noise = place.name == MAPPED and dice.random() < 0.5
                place.write_bytes(dice.randbytes(len(self.files[inode])) if noise else self.files[inode])
            place.chmod(self.modes[inode])


def read_disk(root: Path, skip: Collection[Path] = ()) -> Disk:
    """What lies below a folder, all of it durable, but for folders to be skipped."""
    disk, folders = Disk(), {root: ROOT}
    for folder, below, names in os.walk(root):
        below[:] = [name for name in below if Path(folder) / name not in skip]
        for name in (*below, *names):
            path, inode = Path(folder) / name, len(disk.modes) + 1
            disk.folders[folders[Path(folder)]][name] = inode
            disk.modes[inode] = path.stat().st_mode & 0o7777
            if name in below:
                disk.folders[inode] = {}
                folders[path] = inode
            else:
                disk.files[inode] = path.read_bytes()
    return disk


# --- the recorder ------------------------------------------------------------------------------------------------


class Recorder:
    """Hears of each call of a child and notes what it does to a disk, as if it were made: for ``syscalls.watch``."""

    def __init__(self, root: Path, skip: Collection[Path] = ()) -> None:
        self.start = read_disk(root, skip)
        self.acts: list[Act] = []
        self._root, self._now = f"{root}/", self.start.copy()
        self._known: dict[int, int] = {}
        self._next = max(self.start.modes, default=0) + 1

    def __call__(self, call: Call) -> Word:
        """Note it, and let it pass."""
        if any(f"{path}/".startswith(self._root) for path in call.paths):
            self._note(call)
        return PASS

    def missed(self, root: Path, skip: Collection[Path] = ()) -> list[str]:
        """Paths at which the disk is not what the calls noted make of it: a call that was not heard of."""
        real = read_disk(root, skip)
        return sorted({path for path, _ in self._now.looks() ^ real.looks() if not path.endswith(MAPPED)})

    def _note(self, call: Call) -> None:
        name = call.name
        if name == "mmap":
            if os.path.basename(call.paths[0]) != MAPPED:
                raise AssertionError(f"{call.paths[0]} is written through a map")
        elif call.number in WRITES:
            self._add(Put(self._file(call), call.offset, call.data, call.is_synced))
        elif name == "syncfs":
            self._add(SyncAll(self._system(self._below(call.paths[0]))))
        elif call.number in SYNCS:
            self._add(Sync(self._file(call)))
        elif name in ("open", "openat"):
            self._open(call)
        elif name == "ftruncate":
            self._add(Resize(self._file(call), call.args[1]))
        elif name in ("mkdir", "mkdirat"):
            self._make(call.paths[0], call.mode & ~call.umask, folder=True)
        elif name in ("unlink", "unlinkat", "rmdir"):
            self._name((call.paths[0], None))
        elif name in ("rename", "renameat", "renameat2"):
            self._rename(*call.paths)
        elif name in ("link", "linkat"):
            self._link(*call.paths)
        elif name in ("chmod", "fchmod", "fchmodat"):
            self._chmod(call)
        elif not name.startswith(("utime", "futime")):
            raise AssertionError(f"the model knows no {name}")

    def _file(self, call: Call) -> int:
        """The inode of an open file, which may have lost its name."""
        real = os.stat(f"/proc/{call.pid}/fd/{call.args[0]}").st_ino
        found = self._now.find(self._below(call.paths[0]))
        if found is not None:
            self._known[real] = found
        return self._known[real]

    def _system(self, path: str) -> frozenset[int]:
        """Everything below the folder at the top that a path leads into. What has lost its name is nowhere."""
        top = self._now.find(path.partition("/")[0])
        if top in (None, ROOT):
            raise AssertionError("all file systems at once: the model knows one at a time")
        return frozenset([top, *(inode for _, inode in self._now.paths(top))])

    def _open(self, call: Call) -> None:
        path = call.paths[0]
        inode = self._now.find(self._below(path))
        if inode is None and call.flags & os.O_CREAT:
            self._make(path, call.mode & ~call.umask)
        elif inode is not None and call.flags & os.O_TRUNC and not call.flags & os.O_EXCL:
            self._add(Resize(inode, 0))

    def _make(self, path: str, mode: int, *, folder: bool = False) -> None:
        if self._now.find(self._below(path)) is None:
            inode, self._next = self._next, self._next + 1
            for disk in (self.start, self._now):  # an inode without a name is nowhere
                disk.modes[inode] = mode
                if folder:
                    disk.folders[inode] = {}
                else:
                    disk.files[inode] = b""
            self._name((path, inode))

    def _chmod(self, call: Call) -> None:
        inode = self._file(call) if call.name == "fchmod" else self._now.find(self._below(call.paths[0]))
        if inode is not None:
            for disk in (self.start, self._now):
                disk.modes[inode] = call.mode

    def _rename(self, old: str, new: str) -> None:
        inode = self._now.find(self._below(old))
        if inode is not None:
            self._name((old, None), (new, inode))

    def _link(self, old: str, new: str) -> None:
        inode = self._now.find(self._below(old))
        if inode is not None and self._now.find(self._below(new)) is None:
            self._name((new, inode))

    def _name(self, *changes: tuple[str, int | None]) -> None:
        entries = []
        for path, inode in changes:
            folder, _, name = self._below(path).rpartition("/")
            parent = self._now.find(folder)
            if parent is not None and self._now.folders[parent].get(name) != inode:
                entries.append((parent, name, inode))
        if entries:
            self._add(Names(tuple(entries)))

    def _below(self, path: str) -> str:
        return path.removeprefix(self._root) if path.startswith(self._root) else ""

    def _add(self, act: Act) -> None:
        self.acts.append(act)
        apply(self._now, (act,))


# --- the cut -----------------------------------------------------------------------------------------------------


def apply(disk: Disk, acts: Sequence[Act]) -> None:
    """Do all of them."""
    for act in acts:
        match act:
            case Put(inode, at, raw):
                old = disk.files[inode].ljust(at, b"\0")
                disk.files[inode] = old[:at] + raw + old[at + len(raw) :]
            case Resize(inode, size):
                disk.files[inode] = disk.files[inode][:size].ljust(size, b"\0")
            case Names(entries):
                for folder, name, child in entries:
                    if child is None:
                        disk.folders[folder].pop(name, None)
                    else:
                        disk.folders[folder][name] = child


def pending(acts: Sequence[Act]) -> list[bool]:
    """Of each whether it may still be lost when the last of them has returned."""
    lost = [not isinstance(act, Sync | SyncAll) for act in acts]
    for at, act in enumerate(acts):
        if isinstance(act, Put) and act.kept:
            lost[at] = False
        if isinstance(act, Sync | SyncAll):
            kept = act.inodes if isinstance(act, SyncAll) else {act.inode}
            for before in range(at):
                lost[before] = lost[before] and not _keeps(kept, acts[before])
    return lost


def _keeps(synced: Collection[int], act: Act) -> bool:
    """A rename is kept with either of its folders: it is there in both or in none."""
    match act:
        case Put(inode) | Resize(inode):
            return inode in synced
        case Names(entries):
            return any(folder in synced for folder, _, _ in entries)
    return False


HOWS: Final = ("nothing", "all", "first", "some", "torn", "bytes", "names")
"""What is kept of what may be lost: nothing; all; the first so many; any of it; any sectors of any of it; all names
and no bytes, with the files as long as they had become or not; all bytes and no names."""
_CHANCE: Final = ("first", "some", "torn", "names")


def cut(start: Disk, acts: Sequence[Act], how: str, dice: random.Random) -> Disk:
    """The disk when the power failed after the last of ``acts``."""
    disk, lost = start.copy(), pending(acts)
    first = dice.randrange(len(acts) + 1)
    for at, act in enumerate(acts):
        if not lost[at]:
            apply(disk, (act,))
        elif how == "torn" and isinstance(act, Put):
            _tear(disk, act, dice)
        elif how == "names" and isinstance(act, Put):
            _grow(disk, act, dice)
        elif (
            how == "all"
            or (how == "first" and at < first)
            or (how in ("some", "torn") and dice.random() < 0.5)
            or (how == "names" and isinstance(act, Names))
            or (how == "bytes" and not isinstance(act, Names))
        ):
            apply(disk, (act,))
    return disk


def _tear(disk: Disk, act: Put, dice: random.Random) -> None:
    """Any sectors of a write."""
    ends = range((act.at // SECTOR + 1) * SECTOR, act.at + len(act.raw) + SECTOR, SECTOR)
    begin = act.at
    for end in ends:
        piece = act.raw[begin - act.at : end - act.at]
        if piece and dice.random() < 0.5:
            apply(disk, (Put(act.inode, begin, piece),))
        begin = end


def _grow(disk: Disk, act: Put, dice: random.Random) -> None:
    """The length of a write without its bytes."""
    end = act.at + len(act.raw)
    if end > len(disk.files[act.inode]) and dice.random() < 0.5:
        apply(disk, (Resize(act.inode, end),))


@dataclass(frozen=True, slots=True)
class Cut:
    """A state to be tried: the power failed after ``after`` of the calls. ``ended``: the command had."""

    after: int
    how: str
    seed: int
    ended: bool
    disk: Disk


def cuts(recorder: Recorder, rounds: int, seed: int = 0) -> Iterator[Cut]:
    """After each call in each way, and where anything may be lost so many times with other dice.

    The call at which the power fails may be half done: what it would have kept is among what the cut before it may
    keep or lose, but for a write that is synced by itself, which is torn by ``half``.
    """
    for number in range(rounds):
        for after in range(len(recorder.acts) + 1):
            done = _half(recorder.acts, after)
            for how in HOWS if not number else _CHANCE if any(pending(done)) else ():
                disk = cut(recorder.start, done, how, random.Random(f"{seed} {number} {after} {how}"))
                yield Cut(after, how, number, after == len(recorder.acts), disk)


def distinct(cuts: Iterable[Cut], tried: Counter[str]) -> Iterator[Cut]:
    """Those that leave other bytes than any before; counts the ways of all in ``tried``."""
    seen = set()
    for each in cuts:
        tried[each.how] += 1
        looks = (each.ended, each.disk.looks())
        if looks not in seen:
            seen.add(looks)
            yield each


def _half(acts: Sequence[Act], after: int) -> list[Act]:
    """The acts before the cut, and the one it falls into as one that may be lost."""
    done = list(acts[:after])
    if after < len(acts) and isinstance(acts[after], Put):
        act = acts[after]
        assert isinstance(act, Put)
        done.append(Put(act.inode, act.at, act.raw))
    return done
