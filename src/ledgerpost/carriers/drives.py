"""Which removable drives hold mail. Looks at what is mounted, and nowhere else; mounts nothing, and reads no mail."""

import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from ledgerpost.carriers.faults import naming
from ledgerpost.carriers.folder import TREE

STICKS: Final = frozenset({"vfat", "exfat", "msdos", "ntfs", "ntfs3", "fuseblk", "hfsplus", "udf"})
"""File systems that sticks and cards come with."""

FOLDERS: Final = (Path("/media"), Path("/run/media"), Path("/mnt"), Path("/Volumes"))
"""Where systems put what is plugged in, whatever its file system."""


class Mount(NamedTuple):
    """A mounted file system: where, and of which kind."""

    place: Path
    kind: str


def mounted() -> list[Mount]:
    """What is mounted on this computer from real devices. Raises PlaceError if the system does not tell."""
    import psutil  # noqa: PLC0415  # 15 ms, and only who names no place needs it

    with naming("the list of mounted drives"):
        return [Mount(Path(each.mountpoint), each.fstype) for each in psutil.disk_partitions(all=False)]


def with_mail(mounts: Iterable[Mount]) -> list[Path]:
    """Places of removable drives that hold ``ledgerpost/`` as a folder and no link, sorted, each once."""
    return sorted({each.place for each in mounts if _is_removable(each) and _holds_mail(each.place)})


def _is_removable(mount: Mount) -> bool:
    return mount.kind.lower() in STICKS or any(folder in mount.place.parents for folder in FOLDERS)


def _holds_mail(place: Path) -> bool:
    try:
        return stat.S_ISDIR(os.stat(place / TREE, follow_symlinks=False).st_mode)
    except OSError:  # nothing there, or a drive that was just pulled: nothing to carry to
        return False
