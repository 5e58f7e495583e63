"""Pictures at the terminal: cheques drawn, photographed and taken; mail across a gap by codes; papers of everything."""

import fcntl
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from random import Random

import pytest
from PIL import Image

import damage
from ledgerpost.cli.items import instruments_in
from ledgerpost.desk.home import WALLETS, Home
from ledgerpost.envelope import pack
from ledgerpost.paperkey import to_code, to_words
from ledgerpost.pictures import text
from ledgerpost.pictures.animation import gif
from ledgerpost.pictures.code import Level, encode
from ledgerpost.pictures.drawing import image
from ledgerpost.pictures.many import for_animation, for_pages
from ledgerpost.pictures.reading import Reader
from test_cli_paper import Town, balance, built, numbers, queued, town

__all__ = ["built", "town"]  # fixtures

BLOCKS = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as reader:
        yield reader


def seen(reader: Reader, picture: Image.Image) -> tuple[str, ...]:
    """What a real reader sees in a picture."""
    out = BytesIO()
    picture.convert("L").save(out, "PNG")
    return reader.read(out.getvalue(), thorough=True).texts


def from_terminal(said: str) -> list[Image.Image]:
    """The codes that were painted on a terminal, as pictures."""
    screens = []
    for block in re.split(r"\x1b\[H\x1b\[2J", said):
        lines = re.findall(r"\x1b\[38;5;16;48;5;231m([ ▀▄█]+)\x1b\[0m", block)
        if lines:
            screens.append(painted(lines))
    return screens


def painted(lines: list[str]) -> Image.Image:
    rows = [bytes(255 * (1 - BLOCKS[c][half]) for c in line) for line in lines for half in (0, 1)]
    picture = Image.frombytes("L", (len(rows[0]), len(rows)), b"".join(rows))
    return picture.resize((picture.width * 4, picture.height * 4), Image.Resampling.NEAREST)


def photograph(path: Path, seed: int = 1) -> Path:
    """The code in a PNG file, by telephone."""
    with Image.open(path) as picture:
        photo = damage.photographed(picture.convert("L"), Random(seed))
    target = path.with_suffix(".jpg")
    photo.save(target, quality=80)
    return target


def drawn(town: Town, *more: str | Path, payee: str = "Dina", amount: str = "12.50") -> Path:
    """Bo's cheque, as a picture."""
    town.bo.run("draw", payee, amount, "grain", "--yes", "--png", town.file("cheque.png"), *more)
    return town.file("cheque.png")


# --- cheques


def test_a_cheque_crosses_the_counter_as_a_photograph(town: Town) -> None:
    photo = photograph(drawn(town))
    result = town.dina.run("take", photo)
    assert "12.50 grain from Bo" in result.stdout
    assert "good     it is made out to you" in result.stdout
    assert queued(town.dina) == [f"present cheque {numbers(town.bo, 'drawn', 'cheque')[0]} of 12.50 grain"]
    town.trip(town.dina)
    assert balance(town.dina) == "12.50"


def test_the_picture_holds_what_the_file_does(town: Town, reader: Reader) -> None:
    path = drawn(town, "-o", town.file("cheque.lpe"))
    (code,) = reader.read_file(path).texts
    kind, raw = text.read(code)
    assert (kind, (raw,)) == (text.Kind.WHOLE, instruments_in(town.file("cheque.lpe").read_bytes()))


@pytest.mark.parametrize("ending", ["png", "gif", "svg", "html"])
def test_forms_of_a_picture(town: Town, reader: Reader, ending: str) -> None:
    path = town.file(f"cheque.{ending}")
    town.bo.run("draw", "Dina", "1", "grain", "--yes", "--png", path)
    raw = path.read_bytes()
    if ending in ("png", "gif"):
        assert len(reader.read(raw).texts) == 1
    else:
        assert b"<script" not in raw
        assert raw.startswith(b"<?xml" if ending == "svg" else b"<!DOCTYPE html>")


def test_no_number_is_burned_for_a_picture_that_cannot_be_written(town: Town) -> None:
    town.file("there.png").write_bytes(b"mine")
    town.bo.run("draw", "Dina", "1", "grain", "--yes", "--png", town.file("there.png"), status=7)
    town.bo.run("draw", "Dina", "1", "grain", "--yes", "--print", town.file("no") / "where.html", status=4)
    assert "ending" in town.bo.run("draw", "Dina", "1", "grain", "--yes", "--png", "cheque.bmp", status=2).stderr
    assert numbers(town.bo, "drawn", "cheque") == []
    assert town.file("there.png").read_bytes() == b"mine"


def test_json_names_the_files(town: Town) -> None:
    (item,) = town.bo.items("draw", "Dina", "1", "grain", "--yes", "--png", "a.png", "--print", "a.html")
    assert (item["picture"], item["page"]) == ("a.png", "a.html")
    assert Path("a.png").is_file()
    assert Path("a.html").is_file()


def test_endorsed_by_picture(town: Town) -> None:
    number = town.bought()
    town.amina.run("endorse", number, "Bo", "--yes", "--png", town.file("hand.png"), "--print", town.file("hand.html"))
    town.bo.run("take", "--hold", town.file("hand.png"))
    town.bo.run("endorse", number, "Dina", "--yes", "--png", town.file("hand-2.gif"))
    town.dina.run("take", town.file("hand-2.gif"))
    town.trip(town.dina)
    assert balance(town.dina) == "5.00"
    assert "Bearer certificate" in town.file("hand.html").read_text()


# --- on the terminal


def test_a_code_on_the_terminal(town: Town, reader: Reader) -> None:
    result = town.bo.run("draw", "Dina", "1", "grain", "--yes", "--terminal")
    (screen,) = from_terminal(result.stdout)
    (code,) = seen(reader, screen)
    town.dina.run("take", code)
    assert len(queued(town.dina)) == 1
    assert not from_terminal(town.bo.run("draw", "Dina", "1", "grain", "--yes").stdout), "nobody sits there"


def test_what_takes_several_codes_needs_a_real_terminal(town: Town) -> None:
    error = town.bo.run("show", town.kita.card, "--qr", "--density", "5", status=2).stderr
    assert "--png" in error


def in_terminal(town: Town, columns: int, lines: int, *words: str | Path) -> str:
    """What a real process writes to a real terminal until Enter is pressed after three seconds."""
    lead, follow = pty.openpty()
    fcntl.ioctl(follow, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    env = {**os.environ, "LEDGERPOST_HOME": str(town.bo.home), "TERM": "xterm", "PYTHONPATH": os.pathsep.join(sys.path)}
    env.pop("COLUMNS", None)
    env.pop("LINES", None)
    command = [sys.executable, "-c", "from ledgerpost.cli.main import main; main()", *map(str, words)]
    with subprocess.Popen(command, stdin=follow, stdout=follow, stderr=follow, env=env) as process:
        os.close(follow)
        said, began = b"", time.monotonic()
        while True:
            try:
                piece = os.read(lead, 1 << 16)
            except OSError:  # it ended
                break
            said += piece
            if began and time.monotonic() - began > 5:
                os.write(lead, b"\n")
                began = 0.0
    os.close(lead)
    assert process.returncode == 0, said.decode()
    return said.decode(errors="replace")  # the terminal echoes Enter into the midst of it


def test_turning_codes_on_a_small_terminal(town: Town, reader: Reader) -> None:
    town.bo.run("draw", "Dina", "1", "grain", "--yes", "-o", town.file("a.lpe"))
    said = in_terminal(town, 80, 24, "show", town.file("a.lpe"), "--qr", "--speed", "20", "--now", str(town.bo.now))
    screens = from_terminal(said)
    assert len(screens) > 5
    assert max(screen.width for screen in screens) <= 80 * 4
    texts = {each for screen in screens[:40] for each in seen(reader, screen)}
    town.file("pasted.txt").write_text("\n".join(texts))
    town.dina.run("take", town.file("pasted.txt"))
    assert len(queued(town.dina)) == 1


def test_one_code_on_a_large_terminal(town: Town, reader: Reader) -> None:
    town.bo.run("draw", "Dina", "1", "grain", "--yes", "-o", town.file("a.lpe"))
    words = ("show", town.file("a.lpe"), "--qr", "--now", str(town.bo.now))
    (screen,) = from_terminal(in_terminal(town, 120, 60, *words))
    assert len(seen(reader, screen)) == 1


# --- many codes


@pytest.fixture
def mail(town: Town) -> bytes:
    """An envelope too large for one code, with a cheque in it."""
    town.bo.run("draw", "Dina", "2", "grain", "--yes", "-o", town.file("cheque.lpe"))
    instruments = instruments_in(town.file("cheque.lpe").read_bytes())
    return pack((*instruments, Random(1).randbytes(3000)), sender=None, recipient=None, until=0)


def codes_of(raw: bytes, folder: Path) -> list[Path]:
    """A picture for each of the printed codes."""
    folder.mkdir()
    paths = []
    for number, code in enumerate(for_pages(raw).codes):
        image(code, 4).save(folder / f"{number:02}.png")
        paths.append(folder / f"{number:02}.png")
    return paths


def test_a_collection_goes_on_with_the_next_command(town: Town, mail: bytes) -> None:
    paths = codes_of(mail, town.file("codes"))
    parts = for_pages(mail).parts
    document = town.dina.json("take", *paths[: parts - 2], status=1)
    (item,) = document["items"]
    assert (item["seen"], item["parts"], item["missing"]) == (str(parts - 2), str(parts), [str(parts - 1), str(parts)])
    listed = town.dina.run("take").stdout
    assert (
        f"{parts - 2} codes of a message in {parts} are here; 2 more are needed: number {parts - 1}, {parts}" in listed
    )
    assert not queued(town.dina)
    town.dina.run("take", paths[-1], status=1)
    assert "Queued for the bank" in town.dina.run("take", paths[-2]).stdout
    assert len(queued(town.dina)) == 1
    assert "nothing is unfinished" in town.dina.run("take", status=4).stderr


def test_collections_stay_apart_and_can_be_dropped(town: Town, mail: bytes) -> None:
    ones = codes_of(mail, town.file("one"))
    others = codes_of(pack((Random(2).randbytes(2000),), sender=None, recipient=None, until=0), town.file("other"))
    town.dina.run("take", ones[0], others[0], ones[1], status=1)
    assert sorted(item["seen"] for item in town.dina.items("take")) == ["1", "2"]
    assert "2 unfinished" in town.dina.run("take", "--forget").stdout
    town.dina.run("take", status=4)


def test_a_folder_of_pictures_and_one_bad_among_them(town: Town, mail: bytes) -> None:
    folder = town.file("codes")
    codes_of(mail, folder)
    (folder / "05a.png").write_bytes(b"\x89PNG\r\n\x1a\nno picture")
    (folder / "notes.txt").write_text("none")
    Image.new("L", (300, 300), 255).save(folder / "05b.png")
    result = town.dina.run("take", folder, status=1)
    assert "damaged" in result.stderr
    assert "no code found in this picture" in result.stderr
    assert len(queued(town.dina)) == 1


def test_many_codes_in_one_picture_and_an_animation(town: Town, mail: bytes) -> None:
    many = for_pages(mail)
    page = Image.new("L", (1900, 3300), 255)
    for number, code in enumerate(many.codes):
        page.paste(image(code, 6).convert("L"), (30 + number % 3 * 600, 30 + number // 3 * 640))
    page.rotate(1.5, Image.Resampling.BICUBIC, fillcolor=255).save(town.file("page.png"))
    town.dina.run("take", town.file("page.png"))
    town.file("moving.gif").write_bytes(gif(for_animation(mail)))
    town.dina.run("take", town.file("moving.gif"))
    assert len(queued(town.dina)) == 1


# --- for other tools


@pytest.mark.parametrize(("coding", "start"), [("ur", "UR:BYTES/"), ("bbqr", "B$")])
def test_codes_for_other_tools_on_request(town: Town, reader: Reader, coding: str, start: str) -> None:
    path = drawn(town, "--coding", coding)
    (code,) = reader.read_file(path).texts
    assert code.startswith(start)
    assert "12.50 grain from Bo" in town.dina.run("take", path).stdout


def test_a_bbqr_in_many_codes_and_a_ur_in_one_only(town: Town, reader: Reader, mail: bytes) -> None:
    town.file("mail.lpe").write_bytes(mail)
    town.bo.run("show", town.file("mail.lpe"), "--png", town.file("mail.png"), "--coding", "bbqr", status=3)
    codes = reader.read_file(town.file("mail.png")).texts
    assert len(codes) > 1
    assert all(re.match(r"B\$[2Z]C", code) for code in codes)
    town.dina.run("take", town.file("mail.png"))
    assert len(queued(town.dina)) == 1
    result = town.bo.run("show", town.file("mail.lpe"), "--png", town.file("no.png"), "--coding", "ur", status=2)
    assert "a UR is written in one" in result.stderr
    assert not town.file("no.png").exists()


# --- plain files


@pytest.mark.parametrize("command", [("take",), ("show",), ("judge",), ("contact", "add"), ("take", "--into", ".")])
def test_a_plain_file_loads_no_library_of_pictures(town: Town, command: tuple[str, ...]) -> None:
    """Heard from the program itself: what it has loaded when it is done."""
    town.bo.run("draw", "Dina", "2", "grain", "--yes", "-o", town.file("cheque.lpe"))
    file = town.kita.folder / "amina.lpe" if "contact" in command else town.file("cheque.lpe")
    words = [*command, str(file), "--now", str(town.bo.now)]
    program = f"""
import sys
from ledgerpost.cli.main import cli
try:
    cli.main({words!r})
finally:
    heavy = ("PIL", "qrcode", "pyzbar", "zxingcpp", "ledgerpost.pictures.child", "ledgerpost.pictures.drawing")
    print("loaded", [name for name in heavy if name in sys.modules])
"""
    env = os.environ | {"LEDGERPOST_HOME": str(town.dina.home)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=env, check=False)
    assert "unexpected" not in done.stderr
    assert done.stdout.splitlines()[-1] == "loaded []", done.stderr
    assert len(done.stdout.splitlines()) > 1, "it did its work"


# --- envelopes across a gap


def test_letters_cross_an_air_gap_both_ways(town: Town) -> None:
    """No stick: whatever lies in one folder goes to the other as an animation on a screen."""
    town.draw("Dina", "3", "cheque.lpe")
    town.dina.run("take", town.file("cheque.lpe"))
    hers, banks = town.file("hers"), town.file("banks")
    hers.mkdir()
    banks.mkdir()
    town.dina.run("carry", hers)
    sent = across(town, hers, banks)
    assert sent
    town.kita.bank.now = town.kita.now = town.kita.now + 3600
    town.kita.bank.run("carry", banks)
    for file in sent:
        (hers / file).unlink()
    answered = across(town, banks, hers)
    assert answered
    town.dina.now = town.kita.now
    town.dina.run("carry", hers)
    assert balance(town.dina) == "3.00"


def across(town: Town, one: Path, other: Path) -> list[Path]:
    """Every envelope: shown as an animation here, taken there; bit for bit the same."""
    files = [path.relative_to(one) for path in one.rglob("*.lpe")]
    for number, file in enumerate(files):
        film = town.file(f"{one.name}-{number}.png")
        town.bo.run("show", one / file, "--png", film, "--density", "12")
        assert "put down" in town.kita.bank.run("take", film, "--into", other).stdout
        assert (other / file).read_bytes() == (one / file).read_bytes()
    return files


def test_what_is_addressed_to_nobody_is_put_down_beside(town: Town) -> None:
    drawn(town, "-o", town.file("cheque.lpe"))
    place = town.file("place")
    assert town.kita.bank.run("take", town.file("cheque.png"), "--into", place, status=4).stderr
    place.mkdir()
    for _ in range(2):
        (item,) = town.kita.bank.items("take", town.file("cheque.png"), "--into", place)
    town.dina.run("take", item["file"])
    assert len(list(place.iterdir())) == 1


def test_cards_and_contacts_by_picture(town: Town) -> None:
    for name in ("amina", "dina"):
        town.bo.run("contact", "forget", name)
    town.dina.run("card", "--png", town.file("card.png"))
    town.bo.run("contact", "add", town.file("card.png"))
    town.bo.run("draw", "Dina", "1", "grain", "--yes")
    town.bo.run("show", town.kita.card, "--png", town.file("bank.png"))
    town.kita.shell("eve").run("open", town.file("bank.png"), "--name", "Eve", "--no-passphrase", "--yes")


# --- papers


def test_papers_of_a_wallet(town: Town) -> None:
    town.draw("Dina", "3", "cheque.lpe")
    number = town.bought()
    for words, says in (
        (("show", town.file("cheque.lpe")), "Cheque"),
        (("statement",), "Receipt of a bank"),
        (("chequebook",), "Chequebook"),
        (("card",), "A message"),
    ):
        page = town.file("page.html")
        town.bo.run(*words, "--print", page)
        assert f"<h1>{says}</h1>" in page.read_text()
        assert "<svg" in page.read_text()
        page.unlink()
    town.amina.run("show", number, "--print", town.file("certificate.html"), "--language", "fr")
    assert "Certificat au porteur" in town.file("certificate.html").read_text()


def test_the_language_of_the_computer(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "fr_ML.UTF-8")
    town.bo.run("draw", "Dina", "12.50", "grain", "--yes", "--print", town.file("page.html"))
    page = town.file("page.html").read_text()
    assert "<h1>Chèque</h1>" in page
    assert "Douze et 50/100" in page
    assert '<html lang="fr"' in page


def test_a_receipt_on_paper_proves_itself_to_anybody(town: Town, reader: Reader) -> None:
    """All its codes but those to spare, shown to somebody who knows neither bank nor party."""
    town.bo.run("statement", "--png", town.file("receipt.gif"))
    nobody = town.kita.shell("nobody")
    shown = nobody.run("show", town.file("receipt.gif")).stdout
    assert "a bank's receipt" in shown
    assert "the statement follows from the letters beside it" in shown
    assert "balance      5000 units" in shown


def test_a_key_goes_on_paper_and_comes_back(town: Town) -> None:
    town.bo.run("wallet", "paper", "--print", town.file("key.html"))
    assert town.file("key.html").stat().st_mode & 0o777 == 0o600
    page = town.file("key.html").read_text()
    (seat,) = Home(town.bo.home).seats(WALLETS)
    seed = seat.unlock(None).seed
    assert all(word in page for word in to_words(seed))
    image(encode(to_code(seed), Level.Q)).save(town.file("key.png"))
    lost = town.kita.shell("lost")
    lost.run("wallet", "restore", "--words-file", town.file("key.png"), "--no-passphrase", "--yes")
    assert Home(lost.home).seats(WALLETS)[0].unlock(None).seed == seed
    drawn(town)
    assert (
        "no code of a paper key"
        in lost.run("wallet", "restore", "--words-file", town.file("cheque.png"), status=4).stderr
    )
    assert "secret of a wallet" in town.dina.run("take", town.file("key.png"), status=3).stderr


# --- what is no code of ours


def test_pictures_that_cannot_be_taken(town: Town) -> None:
    image(encode("HTTPS://EXAMPLE.ORG/", Level.M)).save(town.file("foreign.png"))
    image(encode("LPOST:/12", Level.M)).save(town.file("bad.png"))
    Image.new("L", (200, 200), 255).save(town.file("white.png"))
    town.file("page.pdf").write_bytes(b"%PDF-1.7\n")
    for name, status, says in (
        ("foreign.png", 1, "none of ledgerpost's"),
        ("bad.png", 1, "digits are missing"),
        ("white.png", 4, "no code found"),
        ("page.pdf", 1, "a PDF file"),
    ):
        result = town.dina.run("take", town.file(name), status=status)
        assert says in result.stderr
        assert name in result.stderr
    assert not queued(town.dina)


@pytest.mark.parametrize("start", ["LPOST:", "lpost%3A%2F", "UR:", "B$"])
def test_pasted_texts_of_any_length(town: Town, start: str) -> None:
    """No file can have such a name; none is looked for."""
    for length in (0, 300, 100_000):
        for command in ("take", "show"):
            result = town.dina.run(command, start + "7" * length, status=1 if command == "take" else 3)
            assert "unexpected" not in result.stderr
            assert "the text given" in result.stderr or "file:" in result.stderr


def test_a_bad_code_beside_a_good_one_stops_nothing(town: Town) -> None:
    with Image.open(drawn(town)) as cheque:
        page = Image.new("L", (cheque.width + 400, cheque.height), 255)
        page.paste(cheque, (0, 0))
    page.paste(image(encode("HTTPS://EXAMPLE.ORG/", Level.M)).convert("L"), (cheque.width, 50))
    page.save(town.file("both.png"))
    town.dina.run("take", town.file("both.png"))
    assert len(queued(town.dina)) == 1


def test_kept_codes_that_were_damaged_are_begun_anew(town: Town, mail: bytes) -> None:
    paths = codes_of(mail, town.file("codes"))
    town.dina.run("take", paths[0], status=1)
    (town.dina.home / "unfinished-codes").write_bytes(b"\xff\x00")
    town.dina.run("take", *paths)
    assert len(queued(town.dina)) == 1


def test_the_first_key_as_a_page(town: Town) -> None:
    eve, page = town.kita.shell("eve"), town.file("eve.html")
    eve.run(
        "open",
        town.kita.card,
        "--name",
        "Eve",
        "--no-passphrase",
        "--yes",
        "--paper",
        page,
        "--language",
        "en",
        status=2,
    )
    eve.run("open", town.kita.card, "--name", "Eve", "--no-passphrase", "--yes", "--paper", page)
    seed = Home(eve.home).seats(WALLETS)[0].unlock(None).seed
    assert all(word in page.read_text() for word in to_words(seed))
    assert page.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="films are read with ffmpeg")
def test_a_film_of_codes(town: Town, mail: bytes) -> None:
    town.file("moving.gif").write_bytes(gif(for_animation(mail), 5))
    options = ["-pix_fmt", "yuv420p", "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2"]
    source, film = str(town.file("moving.gif")), str(town.file("film.mp4"))
    subprocess.run(["ffmpeg", "-v", "error", "-i", source, *options, film], check=True)
    town.dina.run("take", town.file("film.mp4"))
    assert len(queued(town.dina)) == 1
    town.file("none.mp4").write_bytes(b"\0\0\0\x18ftypmp42 no film")
    assert "film" in town.dina.run("take", town.file("none.mp4"), status=1).stderr


def test_no_camera_here(town: Town) -> None:
    if Path("/dev/video0").exists():
        pytest.skip("there is one")
    assert "--camera" not in town.dina.run("take", "--camera", status=4).stderr
