"""Films of codes, made and read by ffmpeg: what a camera gives, without a camera."""

import shutil
import subprocess
from pathlib import Path
from random import Random

import pytest

from damage import SCENE, blurred, noisy, scene
from ledgerpost.errors import BadPicture, Lacking, NotFound
from ledgerpost.pictures import camera, drawing, many, parts
from ledgerpost.pictures.collection import Collections
from ledgerpost.pictures.parts import Part
from ledgerpost.pictures.reading import Reader

MESSAGE = Random(5).randbytes(700)


def film(path: Path) -> many.Many:
    """Codes shown five a second, a little out of focus and grainy, as a film of ten pictures a second."""
    codes, chance = many.for_animation(MESSAGE, version=9, spare=2), Random(6)
    size = "x".join(map(str, SCENE))
    raw = ["-f", "rawvideo", "-pix_fmt", "gray", "-s", size, "-r", "10", "-i", "pipe:0"]
    command = ["ffmpeg", "-v", "error", *raw, "-pix_fmt", "yuv420p", "-crf", "30", str(path)]
    shots = (noisy(blurred(scene(drawing.image(code).convert("L")), 1), 8, chance) for code in codes.codes)
    subprocess.run(command, input=b"".join(2 * shot.tobytes() for shot in shots), check=True)
    return codes


needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="no ffmpeg here")


@needs_ffmpeg
def test_a_film_gives_its_message_and_is_let_go(tmp_path: Path) -> None:
    codes = film(tmp_path / "a film.mp4")
    seen, moments, got = Collections(), 0, list[bytes]()
    with Reader() as reader:
        for sight in camera.watch(reader, tmp_path / "a film.mp4"):
            moments += 1
            read = (parts.read(words) for words in sight.texts)
            got += seen.take(part for part in read if isinstance(part, Part))
            if got:
                break
    assert got == [MESSAGE]
    assert moments <= 2 * len(codes.codes)


@needs_ffmpeg
def test_what_is_no_film(tmp_path: Path) -> None:
    secret = tmp_path / "secret.mp4"
    film(secret)
    (tmp_path / "list.m3u8").write_text(f"#EXTM3U\n#EXTINF:1\n{secret}\n#EXT-X-ENDLIST\n")
    (tmp_path / "noise.mp4").write_bytes(Random(1).randbytes(5000))
    (tmp_path / "empty.mp4").write_bytes(b"")
    with Reader() as reader:
        for name in ("list.m3u8", "noise.mp4", "empty.mp4"):
            with pytest.raises(BadPicture, match="film cannot be read"):
                list(camera.watch(reader, tmp_path / name))
        with pytest.raises(NotFound):
            list(camera.watch(reader, tmp_path / "gone.mp4"))


def test_without_ffmpeg_or_camera_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with Reader() as reader:
        if not Path("/dev/video0").exists():
            with pytest.raises(Lacking):
                list(camera.watch(reader))
        monkeypatch.setenv("PATH", "/nowhere")
        with pytest.raises(Lacking, match="ffmpeg") as caught:
            list(camera.watch(reader))
        assert "install" in caught.value.do
