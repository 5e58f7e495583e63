"""Every system call of a child that writes, syncs, renames or unlinks, stopped before it is made.

The child installs a seccomp filter whose listed calls wait for a word of this process (seccomp_unotify(2)): let it
pass, fail it, make half of it, or kill. So what is watched does not depend on which library makes the call, or how.
Linux on x86-64 only; ``missing`` says what lacks. Refuses to know what the child is for.
"""

import ctypes
import errno
import fcntl
import os
import platform
import select
import signal
import socket
import struct
import sys
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

WRITES: Final = {1: "write", 18: "pwrite64", 20: "writev", 296: "pwritev", 328: "pwritev2"}
SYNCS: Final = {26: "msync", 74: "fsync", 75: "fdatasync", 162: "sync", 277: "sync_file_range", 306: "syncfs"}
SIZES: Final = {76: "truncate", 77: "ftruncate", 285: "fallocate"}
COPIES: Final = {40: "sendfile", 275: "splice", 326: "copy_file_range"}
PATHS: Final = {
    **{82: "rename", 83: "mkdir", 84: "rmdir", 85: "creat", 86: "link", 87: "unlink", 88: "symlink", 133: "mknod"},
    **{258: "mkdirat", 259: "mknodat", 263: "unlinkat", 264: "renameat", 265: "linkat", 266: "symlinkat"},
    **{90: "chmod", 91: "fchmod", 132: "utime", 235: "utimes", 261: "futimesat", 268: "fchmodat", 280: "utimensat"},
    **{316: "renameat2", 437: "openat2", 452: "fchmodat2"},
}
OPENS: Final = {2: ("open", 1), 257: ("openat", 2)}
"""With the argument that holds the flags: only what may create or empty a file stops."""
MMAP: Final = 9
"""Stops only where a file is mapped to be written to: what is written there makes no call."""
CALLS: Final = {
    **WRITES,
    **SYNCS,
    **SIZES,
    **COPIES,
    **PATHS,
    **{number: name for number, (name, _) in OPENS.items()},
    MMAP: "mmap",
}

_ARCH = 0xC000003E  # AUDIT_ARCH_X86_64
_SECCOMP, _PIDFD_GETFD = 317, 438
_IO_URING = (425, 426, 427)
_ALLOW, _NOTIFY, _REFUSE = 0x7FFF0000, 0x7FC00000, 0x00050000 | errno.ENOSYS
_RECEIVE, _SEND = 0xC0502100, 0xC0182101
_SET_FLAGS, _SYNC_WAKE_UP = 0x40082104, 1
"""Whoever asks and whoever answers take turns: the kernel may run one right after the other."""
_NOTIF = struct.Struct("=QII iIQ 6Q")
_RESPONSE = struct.Struct("=QqiI")
_HERE = -100  # AT_FDCWD
_libc = ctypes.CDLL(None, use_errno=True)


def missing() -> str:
    """What lacks here to watch a child; nothing if it can be watched."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return "system calls are told apart on Linux on x86-64 only"
    action = ctypes.c_uint32(_NOTIFY)
    if _libc.syscall(_SECCOMP, 2, 0, ctypes.byref(action)):
        return "the kernel has no seccomp user notification"
    return ""


# --- what stopped ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Call:
    """One system call, stopped before it is made. The paths are absolute, as of now."""

    pid: int
    number: int
    args: tuple[int, ...]

    @property
    def name(self) -> str:
        """As in the manual."""
        return CALLS[self.number]

    @property
    def paths(self) -> tuple[str, ...]:
        """Files and folders it is about: the file written or synced, the names made or removed."""
        a, name = self.args, self.name
        if self.number in WRITES or self.number in SYNCS or name in ("ftruncate", "fallocate", "fchmod"):
            return () if name == "sync" else (self._open(a[0]),)
        if self.number in COPIES:
            return (self._open(a[{"sendfile": 0, "splice": 2, "copy_file_range": 2}[name]]),)
        if name in ("rename", "link"):
            return self._at(_HERE, a[0]), self._at(_HERE, a[1])
        if name in ("renameat", "renameat2", "linkat"):
            return self._at(a[0], a[1]), self._at(a[2], a[3])
        if name == "symlink":
            return (self._at(_HERE, a[1]),)
        if name == "symlinkat":
            return (self._at(a[1], a[2]),)
        if name == "mmap":
            return (self._open(a[4]),)
        if name.endswith("at") or name.endswith("at2"):
            return (self._at(a[0], a[1]),)
        return (self._at(_HERE, a[0]),)

    @property
    def offset(self) -> int:
        """Where a write begins."""
        if self.name in ("pwrite64", "pwritev", "pwritev2"):
            return self.args[3]
        position, flags = self._state()
        return os.stat(f"/proc/{self.pid}/fd/{self.args[0]}").st_size if flags & os.O_APPEND else position

    @property
    def is_synced(self) -> bool:
        """Whether a write is on the disk when it returns."""
        return bool(self._state()[1] & os.O_DSYNC)

    @property
    def flags(self) -> int:
        """Of an open."""
        return self.args[OPENS[self.number][1]]

    @property
    def mode(self) -> int:
        """Of what is made, or what a mode is changed to."""
        places = {"open": 2, "openat": 3, "mkdir": 1, "mkdirat": 2, "chmod": 1, "fchmod": 1, "fchmodat": 2}
        return self.args[places[self.name]] & 0o7777

    @property
    def umask(self) -> int:
        """What the child lets nobody have."""
        lines = Path(f"/proc/{self.pid}/status").read_text().split("\n")
        return next(int(line.split()[1], 8) for line in lines if line.startswith("Umask:"))

    @property
    def data(self) -> bytes:
        """What a write is about to write."""
        pieces = [(self.args[1], self.args[2])]
        if self.name.endswith(("v", "v2")):
            raw = self._memory(self.args[1], 16 * self.args[2])
            pieces = list(struct.iter_unpack("=QQ", raw))
        return b"".join(self._memory(at, size) for at, size in pieces)

    def write(self, raw: bytes) -> int:
        """Write this instead, through the child's own descriptor, so that its position moves as well."""
        with _pidfd(self.pid) as pidfd:
            file = _libc.syscall(_PIDFD_GETFD, pidfd, self._number(0), 0)
            if file < 0:
                raise OSError(ctypes.get_errno(), "pidfd_getfd")
            try:
                if self.name in ("write", "writev"):
                    return os.write(file, raw)
                return os.pwrite(file, raw, self.offset)
            finally:
                os.close(file)

    def _number(self, place: int) -> int:
        return ctypes.c_int(self.args[place] & 0xFFFFFFFF).value

    def _open(self, descriptor: int) -> str:
        try:
            return os.readlink(f"/proc/{self.pid}/fd/{ctypes.c_int(descriptor & 0xFFFFFFFF).value}")
        except OSError:
            return ""

    def _at(self, folder: int, address: int) -> str:
        folder = ctypes.c_int(folder & 0xFFFFFFFF).value
        name = self._text(address) if address else ""
        base = os.readlink(f"/proc/{self.pid}/cwd") if folder == _HERE else self._open(folder)
        return os.path.normpath(os.path.join(base, name)) if name else base

    def _text(self, address: int) -> str:
        found = b""
        while b"\0" not in found:
            found += self._memory(address + len(found), 4096 - (address + len(found)) % 4096)
        return os.fsdecode(found.partition(b"\0")[0])

    def _memory(self, address: int, size: int) -> bytes:
        memory = os.open(f"/proc/{self.pid}/mem", os.O_RDONLY)
        try:
            return os.pread(memory, size, address)
        finally:
            os.close(memory)

    def _state(self) -> tuple[int, int]:
        lines = Path(f"/proc/{self.pid}/fdinfo/{self._number(0)}").read_text().split("\n")
        return int(lines[0].split()[1]), int(lines[1].split()[1], 8)


@contextmanager
def _pidfd(pid: int) -> Iterator[int]:
    descriptor = os.pidfd_open(pid)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


# --- the words on it ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Word:
    """What becomes of a call: it passes, or it gives ``value``, or it fails with ``error``, or all ends with it."""

    passes: bool = False
    error: int = 0
    value: int = 0
    kills: bool = False


PASS: Final = Word(passes=True)
KILL: Final = Word(kills=True)


def fail(error: int) -> Word:
    """The call is not made, and says so."""
    return Word(error=error)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended. ``said``: what it handed back; empty if it was killed."""

    status: int
    said: bytes

    @property
    def killed(self) -> bool:
        """By us, or by a signal of its own making."""
        return os.WIFSIGNALED(self.status)


def watch(work: Callable[[], bytes], word: Callable[[Call], Word]) -> Ended:
    """Fork; the child does its work, and ``word`` is asked before each of its calls. Waits for its end."""
    ours, theirs = socket.socketpair()
    pid = _fork()
    if pid == 0:
        _be_watched(work, ours, theirs)
    theirs.close()
    with ours:
        _, (listener,), _, _ = socket.recv_fds(ours, 1, 1)
        with suppress(OSError):  # before Linux 6.6: no matter but for the time it takes
            fcntl.ioctl(listener, _SET_FLAGS, struct.pack("=Q", _SYNC_WAKE_UP))
        try:
            _answer(pid, listener, word)
        except BaseException:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            raise
        finally:
            os.close(listener)
        said = b"".join(iter(lambda: ours.recv(1 << 16), b""))
    return Ended(os.waitpid(pid, 0)[1], said)


def run(work: Callable[[], bytes]) -> Ended:
    """Fork; the child does its work, and nobody hears of its calls. Waits for its end."""
    ours, theirs = os.pipe()
    pid = _fork()
    if pid == 0:
        with _ending(), open(theirs, "wb") as out:
            out.write(work())
    os.close(theirs)
    with open(ours, "rb") as said:
        found = said.read()
    return Ended(os.waitpid(pid, 0)[1], found)


def told(work: Iterable[bytes]) -> Iterator[bytes]:
    """Fork; yields what the child yields as it goes through ``work``, until it ends or dies. Each is one line."""
    ours, theirs = os.pipe()
    pid = _fork()
    if pid == 0:
        with _ending(), open(theirs, "wb", buffering=0) as out:
            for line in work:
                out.write(line + b"\n")
    os.close(theirs)
    with open(ours, "rb") as lines:
        for line in lines:
            yield line[:-1]
    os.waitpid(pid, 0)


@contextmanager
def _ending() -> Iterator[None]:
    """A child's whole life: it ends here, whatever happens."""
    code = 70
    try:
        yield
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _fork() -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pytest's own workers have threads; the child starts none
        return os.fork()


def _be_watched(work: Callable[[], bytes], ours: socket.socket, theirs: socket.socket) -> None:
    with _ending():
        ours.close()
        listener = _install()
        socket.send_fds(theirs, [b"!"], [listener])
        os.close(listener)
        theirs.sendall(work())


def _answer(pid: int, listener: int, word: Callable[[Call], Word]) -> None:
    """Until the child and all its own children have ended."""
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    while all(event & select.POLLIN for _, event in poll.poll()):
        raw = bytearray(_NOTIF.size)
        try:
            fcntl.ioctl(listener, _RECEIVE, raw)
            unique, caller, _, number, _, _, *args = _NOTIF.unpack(raw)
            said = word(Call(caller, number, tuple(args)))
            if said.kills:
                os.kill(pid, signal.SIGKILL)
                continue
            answer = _RESPONSE.pack(unique, said.value, -said.error, int(said.passes))
            fcntl.ioctl(listener, _SEND, bytearray(answer))
        except OSError as fault:
            if fault.errno != errno.ENOENT:  # whoever made the call died meanwhile
                raise


class _Program(ctypes.Structure):
    _fields_ = [("size", ctypes.c_ushort), ("code", ctypes.c_void_p)]


def _install() -> int:
    """Filter this process and its children; the descriptor at which stopped calls are heard of."""
    code = _filter()
    program = _Program(len(code) // 8, ctypes.cast(ctypes.create_string_buffer(code, len(code)), ctypes.c_void_p))
    _libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS: without it only root may
    listener: int = _libc.syscall(_SECCOMP, 1, 8, ctypes.byref(program))  # NEW_LISTENER
    if listener < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    return listener


def _filter() -> bytes:
    """Classic BPF over struct seccomp_data: number at 0, architecture at 4, arguments from 16."""
    load, equal, masked, end = 0x20, 0x15, 0x45, 0x06
    line = struct.Struct("=HBBI").pack
    out = [line(load, 0, 0, 4), line(equal, 1, 0, _ARCH), line(end, 0, 0, _ALLOW), line(load, 0, 0, 0)]
    for number in _IO_URING:
        out += [line(equal, 0, 1, number), line(end, 0, 0, _REFUSE)]
    for number in (*WRITES, *SYNCS, *SIZES, *COPIES, *PATHS):
        out += [line(equal, 0, 1, number), line(end, 0, 0, _NOTIFY)]
    for number, (_, place) in OPENS.items():
        flags = [
            line(load, 0, 0, 16 + 8 * place),
            line(masked, 0, 1, os.O_CREAT | os.O_TRUNC),
            line(end, 0, 0, _NOTIFY),
        ]
        out += [line(equal, 0, 4, number), *flags, line(end, 0, 0, _ALLOW)]
    shared = [
        line(load, 0, 0, 16 + 24),
        line(masked, 0, 3, 1),
        line(load, 0, 0, 16 + 32),
        line(equal, 1, 0, 0xFFFFFFFF),
    ]
    out += [line(equal, 0, 8, MMAP), line(load, 0, 0, 16 + 16), line(masked, 0, 5, 2), *shared]
    out += [line(end, 0, 0, _NOTIFY), line(end, 0, 0, _ALLOW), line(end, 0, 0, _ALLOW)]
    return b"".join(out)
