"""A camera, or a film that somebody took of codes, read moment by moment: the same ``Sight`` as a picture gives.

The program ffmpeg, where it is installed, opens cameras and films and hands over gray pixels; it runs with bounds on
memory, without leave to write files, and opens nothing but the one file or device. The pixels are read in the child of
``Reader``, like any picture. Without ffmpeg everything else works. Refuses to know what the codes say.
"""

import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ledgerpost.carriers.faults import shown
from ledgerpost.errors import BadPicture, Lacking, NotFound
from ledgerpost.pictures.reading import Reader, Sight

WIDTH, HEIGHT = 1280, 720
"""Pixels that every moment is brought to, whatever the camera gives."""

RATE: Final = 10
"""Moments a second, at most."""

PATIENCE: Final = 15.0
"""Seconds until a camera that gives no picture is given up."""

_FILMS: Final = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi"  # formats that name no other files, as playlists do
_MEMORY: Final = 2 << 30
_BOOT: Final = (
    "import os, resource, sys; "
    f"resource.setrlimit(resource.RLIMIT_AS, ({_MEMORY}, {_MEMORY})); "
    "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)


def watch(reader: Reader, film: Path | None = None) -> Iterator[Sight]:
    """What is seen, moment by moment, from the first camera there is, or in a film till it ends.

    Close the iterator, or let it go, to let go of the camera.

    Raises:
        Lacking: no ffmpeg, no camera, or one that gives no picture.
        NotFound: no such film.
        BadPicture: a film that cannot be read.
    """
    command = _command(film)
    end, quiet = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(command, stdin=quiet, stdout=end, stderr=quiet) as ffmpeg:  # noqa: S603
        try:
            seen = False
            for pixels in _moments(ffmpeg):
                seen = True
                yield reader.read_gray(pixels, WIDTH, HEIGHT)
        finally:
            ffmpeg.kill()
    if not seen:
        raise _nothing(film)


def _command(film: Path | None) -> list[str]:
    program = shutil.which("ffmpeg")
    if program is None:
        raise Lacking(
            "cameras and films are read with the program ffmpeg, which is not installed",
            do="install it (Debian, Ubuntu: apt-get install ffmpeg; macOS: brew install ffmpeg), or take pictures",
        )
    size = f"{WIDTH}:{HEIGHT}"
    fit = f"fps={RATE},scale={size}:force_original_aspect_ratio=decrease,pad={size}:-1:-1:white"
    source = _camera() if film is None else _film(film)
    options = ["-nostdin", "-v", "quiet", *source, "-an", "-sn", "-dn", "-vf", fit]
    boot = [sys.executable, "-I", "-c", _BOOT]
    return [*boot, program, *options, "-pix_fmt", "gray", "-f", "rawvideo", "pipe:1"]


def _camera() -> list[str]:
    if sys.platform == "darwin":
        return ["-f", "avfoundation", "-framerate", "30", "-i", "0"]
    device = Path("/dev/video0")
    if not device.exists():
        raise Lacking("no camera was found", where=str(device), do="plug one in, or give a picture's file")
    return ["-f", "v4l2", "-i", str(device)]


def _film(film: Path) -> list[str]:
    if not film.is_file():
        raise NotFound("no such film", where=shown(film), do="check the name")
    return ["-protocol_whitelist", "file", "-format_whitelist", _FILMS, "-i", f"file:{film.resolve()}"]


def _moments(ffmpeg: subprocess.Popen[bytes]) -> Iterator[bytes]:
    """Gray pixels, one whole moment after the other, until ffmpeg ends or gives nothing for too long."""
    assert ffmpeg.stdout is not None  # noqa: S101  # for the type checker: it was asked to be a pipe
    pipe, moment, until = ffmpeg.stdout.fileno(), bytearray(), time.monotonic() + PATIENCE
    while select.select([pipe], [], [], max(0.0, until - time.monotonic()))[0]:
        piece = os.read(pipe, WIDTH * HEIGHT - len(moment))
        if not piece:
            return
        moment += piece
        if len(moment) == WIDTH * HEIGHT:
            yield bytes(moment)
            moment.clear()
            until = time.monotonic() + PATIENCE


def _nothing(film: Path | None) -> Lacking | BadPicture:
    if film is None:
        return Lacking("the camera gives no picture", do="close other programs that use it, or give a picture's file")
    return BadPicture("this film cannot be read", where=shown(film), do="save it as MP4, or take pictures of the codes")
