"""``judge`` with pictures of codes among the documents: made here, read by the real readers, in the bounded child."""

from hashlib import sha256
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from PIL import Image

import damage
from ledgerpost import envelope
from ledgerpost.cli import laid
from ledgerpost.cli.laid import lay
from ledgerpost.paperkey import to_code
from ledgerpost.pictures import text
from ledgerpost.pictures.animation import apng, gif
from ledgerpost.pictures.code import PAPER_MOST, Level, encode, for_screen
from ledgerpost.pictures.drawing import image, png
from ledgerpost.pictures.many import for_animation
from shell import Shell
from test_cli_judge import Tags, items, judge, plain, quarrel, verdict
from test_cli_paper import Town, built, town
from test_cli_pictures import codes_of
from test_pictures_hostile import BOMBS

__all__ = ["built", "judge", "quarrel", "town"]  # fixtures


def pictures(quarrel: Path) -> Path:
    """The same files, all as pictures: a claim in motion, an answer on pages, in a folder of their own."""
    folder = quarrel.with_name("pictures")
    folder.mkdir()
    (folder / "dina.gif").write_bytes(gif(for_animation((quarrel / "dina.lpe").read_bytes())))
    pages(quarrel / "bo.lpe", folder)
    return folder


def pages(file: Path, folder: Path) -> list[Path]:
    """Each printed code of a file as a picture there: every other by telephone."""
    made = []
    for number, each in enumerate(codes_of(file.read_bytes(), folder / "codes")):
        target = folder / f"{file.stem}-{number:02}{'.jpg' if number % 2 else '.png'}"
        with Image.open(each) as code:
            shown = damage.photographed(code.convert("L"), Random(number)) if number % 2 else code.convert("L")
        shown.save(target)
        made.append(target)
    return made


def row(document: dict[str, Any], path: Path) -> dict[str, Any]:
    (found,) = (each for each in items(document, "file") if each["file"] == str(path))
    return found


def why_of(document: dict[str, Any], path: Path) -> str:
    """The one reason why it counts for nothing."""
    (why,) = row(document, path)["ignored"]
    return str(why)


# --- good ones


def test_pictures_prove_what_the_files_do(judge: Shell, quarrel: Path) -> None:
    folder = pictures(quarrel)
    document = judge.json("judge", folder)
    assert verdict(document) == verdict(judge.json("judge", quarrel))
    assert items(document, "finding")[0]["text"] == "40.00"
    assert [each["file"] for each in items(document, "file") if each["ignored"]] == []
    assert "counts for nothing" not in judge.run("judge", folder).stderr
    moving = row(document, folder / "dina.gif")
    assert moving["sha256"] == sha256((folder / "dina.gif").read_bytes()).hexdigest()
    assert int(moving["documents"]) > 1


def test_a_picture_beside_files_and_a_code_as_text(town: Town, judge: Shell, quarrel: Path) -> None:
    (card,) = envelope.unpack(town.kita.folder.joinpath("dina.lpe").read_bytes()).messages
    folder = quarrel.with_name("cards")
    folder.mkdir()
    (folder / "card.png").write_bytes(png(for_screen(text.spell(card), PAPER_MOST)))
    (folder / "card.txt").write_text(text.spell(card))
    document = judge.json("judge", quarrel, folder)
    for name in ("card.png", "card.txt"):
        assert (row(document, folder / name)["documents"], row(document, folder / name)["ignored"]) == ("1", [])
    assert verdict(document) == verdict(judge.json("judge", quarrel))


def test_two_codes_in_one_picture_one_of_them_nothing(town: Town, judge: Shell, quarrel: Path) -> None:
    (card,) = envelope.unpack(town.kita.folder.joinpath("dina.lpe").read_bytes()).messages
    good, bad = (image(for_screen(text.spell(raw), PAPER_MOST)).convert("L") for raw in (card, b"no document"))
    both = Image.new("L", (good.width + bad.width + 200, good.height), 255)
    both.paste(good, (0, 0))
    both.paste(bad, (good.width + 200, 0))
    both.save(quarrel / "both.png")
    result = judge.run("judge", quarrel)
    assert f"{quarrel / 'both.png'}: something in it counts for nothing: " in result.stderr
    assert row(judge.json("judge", quarrel), quarrel / "both.png")["documents"] == "1"


# --- unfinished and foreign ones


def test_a_page_that_is_missing_is_named(judge: Shell, quarrel: Path) -> None:
    folder = pictures(quarrel)
    (folder / "dina.gif").unlink()
    (quarrel / "bo.lpe").unlink()
    shown = sorted(folder.glob("bo-*"))
    spare = len(shown) - len(shown) * 2 // 3
    kept, gone = shown[:-spare], shown[-spare:]
    for path in gone:
        path.unlink()
    document = judge.json("judge", quarrel, folder, status=3)
    assert items(document, "finding") == []
    for path in kept:
        why = why_of(document, path)
        assert "needed: number" in why
    assert (
        f"{kept[0]}: counts for nothing: {len(kept)} codes of a message in"
        in judge.run("judge", quarrel, folder, status=3).stderr
    )
    page = folder / "verdict.html"
    judge.run("judge", quarrel, *kept, "--page", page, status=3)
    assert "counts for nothing: " + why in plain(Tags(page.read_text()))


def test_frames_of_other_messages_do_not_disturb(judge: Shell, quarrel: Path) -> None:
    folder = pictures(quarrel)
    stranger = gif(for_animation(envelope.pack((Random(1).randbytes(4000),), sender=None, recipient=None, until=0)))
    with Image.open(BytesIO(stranger)) as frames:
        frames.seek(1)
        frames.convert("L").save(folder / "bo-00a.png")
    document = judge.json("judge", folder)
    assert verdict(document) == verdict(judge.json("judge", quarrel))
    why = why_of(document, folder / "bo-00a.png")
    assert why.startswith("1 code of a message in")


# --- bad ones


def test_bad_pictures_are_named_and_the_rest_is_judged(judge: Shell, quarrel: Path) -> None:
    for name, raw in BOMBS.items():
        (quarrel / f"{name}.png").write_bytes(raw)
    whole = png(for_screen(text.spell(b"x" * 60)))
    (quarrel / "torn.png").write_bytes(whole[: len(whole) // 2])
    Image.new("L", (200, 200), 200).save(quarrel / "cow.jpg")
    image(encode("HTTPS://EXAMPLE.ORG/", Level.M)).save(quarrel / "shop.png")
    (quarrel / "scan.pdf").write_bytes(b"%PDF-1.7\n")
    document = judge.json("judge", quarrel)
    assert items(document, "finding")[0]["text"] == "40.00"
    said = {Path(each["file"]).name: each["ignored"] for each in items(document, "file")}
    assert said["dina.lpe"] == said["bo.lpe"] == []
    for name in BOMBS:
        (why,) = said[f"{name}.png"]
        assert "too large a picture" in why or "damaged" in why or "memory or time" in why, (name, why)
    assert "damaged" in said["torn.png"][0]
    assert said["cow.jpg"] == ["no code found in this picture"]
    assert "none of ledgerpost's" in said["shop.png"][0]
    assert "a PDF file" in said["scan.pdf"][0]


def test_a_paper_key_is_not_laid_before_the_judge(judge: Shell, quarrel: Path) -> None:
    secret = image(encode(to_code(bytes(range(32))), Level.M))
    secret.save(quarrel / "key.png")
    result = judge.run("judge", quarrel, status=1)
    assert "owes Dina" in result.stdout
    assert "key.png" in result.stderr
    assert "the secret of a wallet" in result.stderr


def test_pictures_count_among_the_bytes_read(quarrel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moving = quarrel / "a.png"
    moving.write_bytes(apng(for_animation((quarrel / "dina.lpe").read_bytes())))
    monkeypatch.setattr(laid, "MOST_BYTES", moving.stat().st_size)
    first, *others = lay([quarrel]).files
    assert first.documents
    assert all("not read" in each.why for each in others)


def test_a_link_to_a_picture_in_a_folder_is_left_alone(judge: Shell, quarrel: Path) -> None:
    target = quarrel.with_name("elsewhere.png")
    target.write_bytes(png(for_screen(text.spell(b"x" * 60))))
    (quarrel / "link.png").symlink_to(target)
    why = why_of(judge.json("judge", quarrel), quarrel / "link.png")
    assert "a link" in why
