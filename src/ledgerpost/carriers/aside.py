"""Setting aside: a bad thing is moved out of the way, with its reason in a text file beside it.

Nothing stands there without a reason, so the reason is written first, and whose reason ``NAME.txt`` is, his is
``NAME``. A run cut off in between finds its own reason again. Refuses to know why a thing is bad.
"""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from ledgerpost.carriers import durable, files
from ledgerpost.errors import PlaceError

ASIDE: Final = "set-aside"

_MOST_NAME = 200
"""Bytes of a name kept when a thing is set aside: file systems take 255, and an ending is put behind it."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """A mailbox and the folder in it where things are set aside, both open; ``mode`` of the notes written.

    ``limit``: bytes up to which a file is copied where it cannot be moved safely.
    """

    mailbox: int
    aside: int
    mode: int
    limit: int

    def take(self, file: str, note: bytes) -> str:
        """Move a thing here under a free name, which is returned. Durable on return."""
        copied = self._copied(file)
        for target in _targets(file, note):
            if copied is not None and self._is_done(target, note, copied):
                durable.remove(self.mailbox, file)
                return target
            if copied is not None and self._is_cut(target, note):
                durable.remove(self.aside, target)
            with suppress(FileExistsError), ExitStack() as undo:
                if self._note(target, note):
                    undo.callback(os.unlink, target + ".txt", dir_fd=self.aside)
                self._move(file, target, copied)
                undo.pop_all()
                self._settle(file, copied)
                return target
        raise PlaceError("no free name to set it aside under", do=f'empty the folder "{ASIDE}" beside it')

    def _copied(self, file: str) -> bytes | None:
        """What is to be copied instead of moved: on FAT a move that is half done leaves two names for one file."""
        info = os.stat(file, dir_fd=self.mailbox, follow_symlinks=False)
        if not stat.S_ISREG(info.st_mode) or info.st_size > self.limit or not durable.is_flat(self.mailbox):
            return None
        return files.read_in(self.mailbox, file, self.limit)

    def _is_done(self, target: str, note: bytes, copied: bytes) -> bool:
        """Whether a run that was cut off has copied it already."""
        return files.is_kept(self.aside, target + ".txt", note) and files.is_kept(self.aside, target, copied)

    def _is_cut(self, target: str, note: bytes) -> bool:
        """Whether a run that was cut off has begun to copy it: nothing is lost with a blank file."""
        return files.is_kept(self.aside, target + ".txt", note) and files.is_blank(self.aside, target)

    def _note(self, target: str, note: bytes) -> bool:
        """Write the reason; False if a run that was cut off has written it. ``FileExistsError`` if a name is taken."""
        if files.exists(self.aside, target):
            raise FileExistsError
        name = target + ".txt"
        if files.is_kept(self.aside, name, note):
            return False
        if files.is_blank(self.aside, name):
            files.renew_in(self.aside, name, note, self.mode)
        else:
            files.write_in(self.aside, name, note, self.mode)
        return True

    def _move(self, file: str, target: str, copied: bytes | None) -> None:
        if copied is None:
            os.replace(file, target, src_dir_fd=self.mailbox, dst_dir_fd=self.aside)
        else:
            files.write_in(self.aside, target, copied, self.mode)

    def _settle(self, file: str, copied: bytes | None) -> None:
        if copied is None:
            durable.sync(self.aside)
            durable.sync(self.mailbox)
        else:
            durable.remove(self.mailbox, file)


def _targets(file: str, note: bytes) -> Iterator[str]:
    """Its own name if it is not too long; else names that a second run finds again; at last random ones."""
    if len(os.fsencode(file)) <= _MOST_NAME:
        yield file
    stem, _, ending = file.rpartition(".")
    for attempt in range(8):
        yield f"{stem[:40]}-{sha256(b'%d' % attempt + note).hexdigest()[:8]}.{ending}"
    for _ in range(8):
        yield f"{stem[:40]}-{secrets.token_hex(4)}.{ending}"
