"""What a hostile stick may hold, each under a parcel's name, and what it costs to refuse it, measured in a process."""

import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from ledgerpost import cbor, envelope
from ledgerpost.carriers import files
from ledgerpost.sealed import Signer

MINE: Final = Signer.from_seed(bytes(32))
MOST_SECONDS: Final = 0.05
MOST_BYTES: Final = 32 << 20


class Cost(NamedTuple):
    """Of looking at one thing, refusing it and setting it aside; ``said``: why."""

    seconds: float
    """Of the processor, so that others' work is not counted."""
    waited: float
    """Seconds of the wall clock, with all syncs."""
    memory: int
    """Bytes by which the process grew at its highest."""
    said: str


def _device(path: Path) -> None:
    os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 5))  # /dev/zero


def _socket(path: Path) -> None:
    before = Path.cwd()
    os.chdir(path.parent)  # a socket's path is short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(before)


def _sparse(path: Path) -> None:
    with path.open("wb") as huge:
        huge.truncate(1 << 40)


def _deep(path: Path) -> None:
    for _ in range(100):
        path /= "d" * 10
    path.mkdir(parents=True)


def _crowded(path: Path) -> None:
    path.mkdir()
    for n in range(10_000):
        (path / f"{n}.lpe").touch()


def _half(path: Path) -> None:
    path.write_bytes(envelope.pack((b"\x80",), sender=None, recipient=None, until=0)[:-3])


def _sealed(path: Path) -> None:
    noise = os.urandom(_REST - 40)
    path.write_bytes(cbor.SELF_DESCRIBED + cbor.encode((envelope.MAGIC, "sealed", MINE.fingerprint, 0, noise)))


def _open(body: bytes) -> bytes:
    return cbor.SELF_DESCRIBED + cbor.encode((envelope.MAGIC, "open", None, 0, body))


def _many(count: int) -> bytes:
    return b"\x9a" + count.to_bytes(4, "big") + bytes(count)


def _twins(path: Path) -> None:
    for name in (path.name.upper(), path.name.lower()):
        (path.parent / name.replace(".LPE", ".lpe")).write_bytes(name.encode())


_START = cbor.SELF_DESCRIBED + b"\x85" + cbor.encode(envelope.MAGIC)
_REST = envelope.MAX_ENVELOPE - len(_START)

THINGS: Final[dict[str, tuple[str, Callable[[Path], object]]]] = {
    "a link to a file": ("0.lpe", lambda path: path.symlink_to("/etc/passwd")),
    "a link to a folder": ("0.lpe", lambda path: path.symlink_to("/")),
    "a link to itself": ("0.lpe", lambda path: path.symlink_to("0.lpe")),
    "a pipe": ("0.lpe", os.mkfifo),
    "a socket": ("0.lpe", _socket),
    "a device": ("0.lpe", _device),
    "a sparse tebibyte": ("0.lpe", _sparse),
    "an empty file": ("0.lpe", Path.touch),
    "half a copy": ("0.lpe", _half),
    "noise, as much as is read": ("0.lpe", lambda path: path.write_bytes(os.urandom(envelope.MAX_ENVELOPE))),
    "nested arrays, as much as is read": ("0.lpe", lambda path: path.write_bytes(b"\x81" * envelope.MAX_ENVELOPE)),
    "nested arrays in an envelope": ("0.lpe", lambda path: path.write_bytes(_START + b"\x81" * _REST)),
    "a million items outside": ("0.lpe", lambda path: path.write_bytes(_START + _many(_REST - 5))),
    "a million items inside": ("0.lpe", lambda path: path.write_bytes(_open(_many(_REST - 40)))),
    "a sealed envelope of noise": ("0.lpe", _sealed),
    "a tree a hundred folders deep": ("0.lpe", _deep),
    "a folder of 10,000 files": ("0.lpe", _crowded),
    "a name of Windows": ("CON.lpe", lambda path: path.write_bytes(b"con")),
    "a name of 255 bytes": ("x" * 251 + ".lpe", lambda path: path.write_bytes(b"long")),
    "a name in no encoding": (os.fsdecode(b"\xff\xfe\x1b[2J\n.lpe"), lambda path: path.write_bytes(b"odd")),
    "a name that differs by case": ("A.lpe", _twins),
}

PROGRAM = """
import json, sys, time
from pathlib import Path
from ledgerpost import envelope
from ledgerpost.bank.prepare import Prepared, prepare
from ledgerpost.carriers.folder import FolderCarrier
from ledgerpost.carriers.port import Parcel
from things import MINE, grown
warm, place = (FolderCarrier(Path(word), envelope.MAX_ENVELOPE) for word in sys.argv[1:])
def refuse(carrier):
    for item in carrier.collect("anna"):
        error = prepare(item.raw, MINE.seed, MINE.fingerprint) if isinstance(item, Parcel) else item.error
        assert not isinstance(error, Prepared)
        carrier.set_aside(item.name, error.what)
        yield error.what
list(refuse(warm))
grown()
begun, clock = time.process_time(), time.perf_counter()
said = list(refuse(place))
print(json.dumps([*((now - then) / len(said) for now, then in (
    (time.process_time(), begun), (time.perf_counter(), clock))), grown(), said[0]]))
"""


def cost_of(thing: str, folder: Path) -> Cost:
    """Make it in a new place and refuse it. Raises ``PermissionError`` where only root makes such a thing."""
    name, make = THINGS[thing]
    for place, file, how in (("warm", "0.lpe", Path.touch), ("place", name, make)):
        mailbox = folder / place / "ledgerpost" / "anna"
        mailbox.mkdir(parents=True)
        how(mailbox / file)
    words = [sys.executable, "-c", PROGRAM, str(folder / "warm"), str(folder / "place")]
    done = subprocess.run(words, env=surroundings(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return Cost(*json.loads(done.stdout))


def surroundings() -> dict[str, str]:
    """The environment for a process that imports the project and this module."""
    paths = (Path(files.__file__).parents[2], Path(__file__).parent)
    return os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths))}


def grown() -> int:
    """By how many bytes this process grew at its highest since the last call of this. Linux; elsewhere 0."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
    highest = int(lines["VmHWM"].split()[0]) * 1024
    Path("/proc/self/clear_refs").write_text("5")  # proc(5): the highest is the present one from here on
    before, _marks["present"] = _marks.get("present", highest), int(lines["VmRSS"].split()[0]) * 1024
    return highest - before


_marks: dict[str, int] = {}
