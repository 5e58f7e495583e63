"""A stick's medium for tests: an image file that counts and orders every write, and can be pulled out at any of them.

The medium is a file system of one file (FUSE), served by this module run as a program. A loop device stands on that
file and a real file system on the device, so that the kernel's own block writes and flushes pass here, in its own
order. It knows nothing of file systems. Needs root, ``/dev/fuse`` and a loop device; ``missing`` says what lacks.
"""

import ctypes
import errno
import mmap
import os
import random
import shutil
import stat
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

NEVER: Final = (1 << 64) - 1
SECTOR: Final = 512
KEEP, TEAR, LOSE = range(3)
MODES: Final = ("keep", "tear", "lose")
"""What a pull does to what was written last: all of it stays; the last write is torn between two sectors; a drive's
cache is lost: of all writes since the last flush a random half stays."""


# --- the server ------------------------------------------------------------------------------------------------

_FORGETS = frozenset({2, 36, 42})  # FORGET, INTERRUPT, BATCH_FORGET: nobody waits for an answer
_DIRECT = 1  # FOPEN_DIRECT_IO: no cache between the device and here
_PIECE = 1 << 20


@dataclass(slots=True)
class Drive:
    """The image, and what a drive does with it. ``cached``: what was written since the last flush, old and new."""

    image: int
    control: "Control"
    cached: list[tuple[int, bytes, bytes]] = field(default_factory=list)
    pulled: bool = False

    def read(self, at: int, size: int) -> bytes:
        """As a plugged drive does; ``OSError`` when pulled."""
        self._look()
        return os.pread(self.image, size, at)

    def write(self, at: int, raw: bytes) -> None:
        """Take a write, unless it is the one at which the stick is pulled."""
        self._look()
        if self.control.writes == self.control.limit:
            self._pull(at, raw)
        self.cached.append((at, os.pread(self.image, len(raw), at), raw))
        os.pwrite(self.image, raw, at)
        self.control.writes += 1

    def flush(self) -> None:
        """What was written so far is kept, whatever happens."""
        self._look()
        self.cached.clear()

    def _look(self) -> None:
        if self.control.now and not self.pulled:
            self._pull(0, b"")
        if self.pulled:
            raise OSError(errno.EIO, "pulled")

    def _pull(self, at: int, raw: bytes) -> None:
        self.pulled = True
        dice = random.Random(self.control.writes)
        if self.control.mode == TEAR and len(raw) > SECTOR:
            os.pwrite(self.image, raw[: SECTOR * dice.randrange(1, len(raw) // SECTOR)], at)
        if self.control.mode == LOSE:
            for start, old, _ in reversed(self.cached):
                os.pwrite(self.image, old, start)
            for start, _, new in self.cached:
                if dice.random() < 0.5:
                    os.pwrite(self.image, new, start)
        raise OSError(errno.EIO, "pulled")


@dataclass(slots=True)
class Control:
    """Eight-byte numbers in memory that server and test share."""

    memory: mmap.mmap

    def _get(self, place: int) -> int:
        number: int = struct.unpack_from("<Q", self.memory, 8 * place)[0]
        return number

    def _set(self, place: int, number: int) -> None:
        struct.pack_into("<Q", self.memory, 8 * place, number)

    @property
    def writes(self) -> int:
        """Writes taken so far."""
        return self._get(0)

    @writes.setter
    def writes(self, number: int) -> None:
        self._set(0, number)

    @property
    def limit(self) -> int:
        """The number of the write at which the stick is pulled."""
        return self._get(1)

    @limit.setter
    def limit(self, number: int) -> None:
        self._set(1, number)

    @property
    def mode(self) -> int:
        """What is kept then."""
        return self._get(2)

    @mode.setter
    def mode(self, number: int) -> None:
        self._set(2, number)

    @property
    def now(self) -> int:
        """Set to 1, the stick is pulled at once."""
        return self._get(3)

    @now.setter
    def now(self, number: int) -> None:
        self._set(3, number)


def serve(image: Path, point: Path, control: Control) -> None:
    """Answer the kernel until the medium is unmounted."""
    device = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={device},rootmode={stat.S_IFREG:o},user_id=0,group_id=0,max_read={_PIECE}"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"medium", os.fsencode(point), b"fuse", 0, options.encode()):
        raise OSError(ctypes.get_errno(), "mount")
    print("ready", flush=True)
    with image.open("r+b", buffering=0) as file:
        drive = Drive(file.fileno(), control)
        with suppress(OSError):  # ENODEV: unmounted
            while True:
                _answer(device, drive, os.read(device, _PIECE + 4096))


def _answer(device: int, drive: Drive, request: bytes) -> None:
    _, opcode, unique = struct.unpack_from("<IIQ", request)
    if opcode in _FORGETS:
        return
    try:
        error, body = 0, _reply(drive, opcode, request[40:])
    except OSError as fault:
        error, body = fault.errno or errno.EIO, b""
    os.write(device, struct.pack("<IiQ", 16 + len(body), -error, unique) + body)


def _reply(drive: Drive, opcode: int, body: bytes) -> bytes:
    match opcode:
        case 26:  # INIT
            return struct.pack("<IIIIHHIIHHI", 7, 31, 1 << 17, 1 << 5, 16, 12, 1 << 17, 1, 32, 0, 0).ljust(64, b"\0")
        case 3 | 4:  # GETATTR, SETATTR
            size = os.fstat(drive.image).st_size
            return struct.pack(
                "<QII6Q10I", 0, 0, 0, 1, size, size >> 9, 0, 0, 0, 0, 0, 0, stat.S_IFREG | 0o600, 1, *[0] * 5
            )
        case 14:  # OPEN
            return struct.pack("<QII", 0, _DIRECT, 0)
        case 15:  # READ
            _, at, size = struct.unpack_from("<QQI", body)
            return drive.read(at, size)
        case 16:  # WRITE
            _, at, size = struct.unpack_from("<QQI", body)
            drive.write(at, body[40 : 40 + size])
            return struct.pack("<II", size, 0)
        case 20:  # FSYNC
            drive.flush()
            return b""
        case 18 | 25:  # RELEASE, FLUSH: of the handle, not of the drive
            return b""
        case _:
            raise OSError(errno.ENOSYS, "not served")


# --- the stick ---------------------------------------------------------------------------------------------------

MAKERS: Final = {
    "ext4": ("mkfs.ext4", "-q", "-F"),
    "vfat": ("mkfs.vfat",),
    "exfat": ("mkfs.exfat",),
}
CHECKERS: Final = {
    "ext4": ("e2fsck", "-f", "-n"),
    "vfat": ("fsck.vfat", "-n"),
    "exfat": ("fsck.exfat", "-n"),
}
_FUSE_EXFAT = "mount.exfat-fuse"


def missing(kind: str) -> str:
    """What lacks here for a stick of this kind; nothing if it can be made and pulled."""
    if os.geteuid() != 0:
        return "only root mounts images"
    lacking = [name for name in ("/dev/fuse", "/dev/loop-control") if not Path(name).exists()]
    lacking += [name for name in (MAKERS[kind][0], "losetup") if _tool(name) is None]
    if lacking:
        return f"there is no {', no '.join(lacking)}"
    known = Path("/proc/filesystems").read_text().split()
    if kind not in known and not (kind == "exfat" and _tool(_FUSE_EXFAT)):
        return f"the kernel has no {kind}"
    return ""


def _tool(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def _run(*words: str | Path) -> str:
    tool = _tool(str(words[0])) or str(words[0])
    done = subprocess.run([tool, *map(str, words[1:])], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(done.returncode, f"{' '.join(map(str, words))}: {done.stderr or done.stdout}")
    return done.stdout.strip()


@dataclass(frozen=True, slots=True)
class Stick:
    """An image with a file system of this kind, and the folder where it is seen while plugged in."""

    kind: str
    image: Path
    folder: Path

    def format(self, size: int) -> None:
        """Make it new and empty."""
        self.image.unlink(missing_ok=True)
        with self.image.open("wb") as image:
            image.truncate(size)
        _run(*MAKERS[self.kind], self.image)
        self.folder.mkdir(exist_ok=True)

    def damage(self) -> str:
        """What the file system's own checker finds, changing nothing; empty if all is well."""
        tool = _tool(CHECKERS[self.kind][0]) or "-"
        words = [tool, *CHECKERS[self.kind][1:], str(self.image)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        return done.stdout if done.returncode else ""

    @contextmanager
    def plugged(self, *, limit: int = NEVER, mode: int = KEEP, options: str = "") -> Iterator[Control]:
        """Mounted on its folder. At write number ``limit`` the medium is gone; ``mode`` tells what it kept."""
        with _served(self.image, limit, mode) as (device, control):
            self._mount(device, options)
            try:
                yield control
            finally:
                _patiently("umount", self.folder)

    def _mount(self, device: str, options: str) -> None:
        if self.kind == "exfat" and "exfat" not in Path("/proc/filesystems").read_text().split():
            _run(_FUSE_EXFAT, *(("-o", options) if options else ()), device, self.folder)
        else:
            _run("mount", "-t", self.kind, "-o", options or "rw", device, self.folder)


@contextmanager
def _served(image: Path, limit: int, mode: int) -> Iterator[tuple[str, Control]]:
    point, shared = image.with_suffix(".medium"), image.with_suffix(".control")
    point.touch()
    shared.write_bytes(bytes(mmap.PAGESIZE))
    with shared.open("r+b") as file:
        control = Control(mmap.mmap(file.fileno(), mmap.PAGESIZE))
    control.limit, control.mode = limit, mode
    words = [sys.executable, __file__, str(image), str(point), str(shared)]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        if server.stdout.readline() != b"ready\n":
            raise OSError(errno.EIO, "the medium cannot be served")
        try:
            device = _run("losetup", "--find", "--show", point)
            try:
                yield device, control
            finally:
                _run("losetup", "--detach", device)
        finally:
            _patiently("umount", point)


def _patiently(*words: str | Path) -> None:
    """A device that was just let go of may be busy for a moment."""
    for wait in (0.01, 0.05, 0.2, 1, 3):
        try:
            _run(*words)
        except OSError:
            time.sleep(wait)
        else:
            return
    _run(*words)


if __name__ == "__main__":
    with Path(sys.argv[3]).open("r+b") as shared_file:
        serve(Path(sys.argv[1]), Path(sys.argv[2]), Control(mmap.mmap(shared_file.fileno(), mmap.PAGESIZE)))
